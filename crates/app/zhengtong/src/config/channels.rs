//! The ways on which people hear of their messages besides the inbox: mail and text messages.

use serde::{Deserialize, Serialize};

/// The mail server through which people hear of their messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Mail {
    /// `tls://smtp.example.cn:465` or `starttls://smtp.example.cn:587`, its host in `[egress]`; `simulator` keeps mails
    /// inside; empty: no mail.
    pub(crate) url: String,
    /// The name to log in with; empty: none.
    pub(crate) user: String,
    /// Its password.
    pub(crate) password: String,
    /// From whom, such as `示例市政务服务 <no-reply@example.cn>`.
    pub(crate) from: String,
}

/// The gateway of text messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sms {
    /// Where requests go, its host in `[egress]`; `simulator` keeps texts inside; empty: no texts.
    pub(crate) url: String,
    /// The key of the signature: 64 hexadecimal digits.
    pub(crate) key: String,
    /// The name before each text.
    pub(crate) sign: String,
    /// The body as JSON, with names such as `{phone}` and `{text}`; empty: the usual one.
    pub(crate) body: String,
    /// Where the answer says that it was taken, such as `/code=0`; empty: any answer of 2xx.
    pub(crate) taken: String,
}

impl Default for Sms {
    fn default() -> Self {
        let empty = String::new;
        Self {
            url: empty(), key: empty(), sign: "政通".to_owned(), body: empty(), taken: empty()
        }
    }
}
