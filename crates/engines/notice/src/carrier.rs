//! How messages leave the platform: by mail and by text message, as the configuration names them. Without one, messages
//! stay in the inbox, which they do in any case.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zhengtong_base::Text;
use zhengtong_base::code::{EmailAddress, MobileNumber};
use zhengtong_egress::Egress;

/// The word in the place of an address that keeps what would be sent inside.
pub const SIMULATOR: &str = "simulator";

/// A way outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Electronic mail.
    Mail,
    /// A text message to a telephone.
    Sms,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Mail, Self::Sms];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Mail => Text::new("邮件", "E-mail"),
            Self::Sms => Text::new("短信", "Text message"),
        }
    }

    /// The address as it is used; none for one that cannot be.
    pub fn read(self, typed: &str) -> Option<String> {
        self.address(typed).map(|(address, _)| address)
    }

    /// The address as it is used, and as others see it; none for one that cannot be.
    pub(crate) fn address(self, typed: &str) -> Option<(String, String)> {
        match self {
            Self::Mail => {
                let address = EmailAddress::parse(typed.trim()).ok()?;
                address.as_str().parse::<lettre::Address>().ok()?;
                Some((address.as_str().to_owned(), address.masked()))
            }
            Self::Sms => {
                let number = MobileNumber::parse(typed.trim()).ok()?;
                Some((number.as_str().to_owned(), number.masked()))
            }
        }
    }
}

/// The mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// `tls://host:465`, `starttls://host:587`, `tcp://host:25` for a private one, or `simulator`.
    pub url: String,
    /// The name to log in with; empty: none.
    pub user: String,
    /// Its password.
    pub password: String,
    /// From whom, such as `示例市政务服务 <no-reply@example.gov.cn>`.
    pub from: String,
}

/// The gateway of text messages.
#[derive(Clone, PartialEq)]
pub struct Sms {
    /// Where the request goes, with `{phone}`, `{time}` and the other names of the body; or `simulator`.
    pub url: String,
    /// The key of the signature: 32 bytes.
    pub key: [u8; 32],
    /// The name of the sender before each text, such as `示例市政务`.
    pub sign: String,
    /// The body: JSON whose texts name `{id}`, `{phone}`, `{text}`, `{sign}`, `{time}`, `{nonce}`, `{signature}`.
    pub body: Value,
    /// Where the answer says that it was taken, and which value means so, such as `/code` and `0`.
    pub taken: Option<(String, String)>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mail").field("url", &self.url).finish_non_exhaustive()
    }
}

impl fmt::Debug for Sms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sms").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The body that a gateway gets where nothing else is configured.
pub fn usual_body() -> Value {
    serde_json::json!({
        "id": "{id}", "phone": "{phone}", "text": "{text}", "sign": "{sign}", "time": "{time}",
        "nonce": "{nonce}", "signature": "{signature}",
    })
}

/// What carries messages outside. It lies on the shelf.
#[derive(Clone, Debug)]
pub struct Carriers {
    pub(crate) mail: Option<Arc<Mail>>,
    pub(crate) sms: Option<Arc<Sms>>,
    pub(crate) egress: Egress,
    pub(crate) public_url: String,
    pub(crate) city: Text,
}

impl Carriers {
    /// The carriers of a city that the public reaches at an address.
    pub fn new(
        mail: Option<Mail>,
        sms: Option<Sms>,
        egress: Egress,
        public_url: &str,
        city: Text,
    ) -> Self {
        Self {
            mail: mail.map(Arc::new),
            sms: sms.map(Arc::new),
            egress,
            public_url: public_url.trim_end_matches('/').to_owned(),
            city,
        }
    }

    /// Whether a way is there.
    pub fn has(&self, way: Way) -> bool {
        match way {
            Way::Mail => self.mail.is_some(),
            Way::Sms => self.sms.is_some(),
        }
    }

    /// Whether what is sent this way is kept inside.
    pub fn is_simulated(&self, way: Way) -> bool {
        self.url(way) == Some(SIMULATOR)
    }

    /// Where it goes, without anything secret.
    pub fn place(&self, way: Way) -> Option<&str> {
        let url = self.url(way)?;
        Some(url.split(['?', '{']).next().unwrap_or(url))
    }

    /// The sender as people see it.
    pub fn sender(&self, way: Way) -> Option<&str> {
        match way {
            Way::Mail => self.mail.as_ref().map(|mail| mail.from.as_str()),
            Way::Sms => self.sms.as_ref().map(|sms| sms.sign.as_str()),
        }
    }

    fn url(&self, way: Way) -> Option<&str> {
        match way {
            Way::Mail => self.mail.as_ref().map(|mail| mail.url.as_str()),
            Way::Sms => self.sms.as_ref().map(|sms| sms.url.as_str()),
        }
    }
}

/// What came of a sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken.
    Sent,
    /// It may work later; why, without anything about the person.
    Later(String),
    /// It never will.
    Never(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_masked() {
        let rows = [
            (Way::Sms, " 13800001234 ", Some("138****1234")),
            (Way::Sms, "1380000123", None),
            (Way::Sms, "a@b.cn", None),
            (Way::Mail, "zhang@example.cn", Some("z****@example.cn")),
            (Way::Mail, "zhang@example.cn\r\nBcc: x@y.cn", None),
            (Way::Mail, "zhang", None),
        ];
        for (way, typed, expected) in rows {
            let shown = way.address(typed).map(|(_, shown)| shown);
            assert_eq!(shown.is_some(), expected.is_some(), "{typed:?} {shown:?}");
            if way == Way::Sms {
                assert_eq!(shown.as_deref(), expected);
            }
        }
    }
}
