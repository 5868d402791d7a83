//! Requests to other systems, through the one way out. What may be called is what was registered: the address of a client,
//! which the security administrator entered, or of a provider, which stands in the configuration.

use zhengtong_egress::{Egress, Request, Response};

use crate::error::{Error, Result};
use crate::limits::LIMITS;

/// Sends a form to a registered address.
pub(crate) async fn post_form(
    way: &Egress,
    uri: &str,
    fields: &[(&str, &str)],
) -> Result<Response> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(uri, "application/x-www-form-urlencoded", body.into_bytes());
    send(way, uri, &request).await
}

/// Makes a call to the host of a registered address.
pub(crate) async fn send(way: &Egress, registered: &str, request: &Request) -> Result<Response> {
    let answered = way.send_registered(registered, request).await;
    let answered = answered.map_err(|error| Error::Outside(error.to_string()))?;
    if answered.body.len() > LIMITS.outside_bytes {
        return Err(Error::Outside("the answer is too large".to_owned()));
    }
    Ok(answered)
}
