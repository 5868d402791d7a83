//! Requests to other systems. What may be called is what was registered: the address of a client, which the security
//! administrator entered, or of a provider, which stands in the configuration. Redirects are not followed.

use std::time::Duration;

use url::Url;
use zhengtong_egress::{Egress, Request, Response, Settings};

use crate::error::{Error, Result};
use crate::limits::LIMITS;

/// Sends a form to a registered address.
pub(crate) async fn post_form(uri: &str, fields: &[(&str, &str)]) -> Result<Response> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(uri, "application/x-www-form-urlencoded", body.into_bytes());
    send(uri, &request).await
}

/// Makes a call to a registered address. Departments' systems lie in the private ranges of the city's network, so these
/// are allowed for it; without TLS only this machine is reached, as the register and the configuration see to it.
pub(crate) async fn send(registered: &str, request: &Request) -> Result<Response> {
    let failed = |error: &dyn std::fmt::Display| Error::Outside(error.to_string());
    let host = host_and_port(registered).ok_or_else(|| failed(&"the address cannot be read"))?;
    let whole = Duration::from_secs(LIMITS.outside_seconds);
    let settings = Settings {
        private: vec![host],
        attempt: whole,
        whole,
        answer_bytes: LIMITS.outside_bytes,
        attempts: 1,
        ..Settings::default()
    };
    let egress = Egress::new(settings).map_err(|error| failed(&error))?;
    egress.send(request).await.map_err(|error| failed(&error))
}

fn host_and_port(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_with_its_port() {
        let rows = [
            ("https://oa.example/x", Some("oa.example:443")),
            ("http://127.0.0.1:3000/x", Some("127.0.0.1:3000")),
            ("http://[::1]/x", Some("[::1]:80")),
            ("x", None),
        ];
        for (address, expected) in rows {
            assert_eq!(host_and_port(address).as_deref(), expected, "{address}");
        }
    }
}
