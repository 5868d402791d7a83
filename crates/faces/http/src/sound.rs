//! What every request must be before anything else is asked: readable, and from our own pages if it changes something.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, Uri, Version, header};
use zhengtong_base::Kind;

use crate::enter::text;
use crate::fault::Fault;

/// An address and a host that can be read at all: one host (RFC 9112, 3.2), no NUL, which no database takes.
pub(crate) fn readable(request: &Request, wants_json: bool) -> Result<(), Fault> {
    let uri = request.uri();
    let asks_nul = uri.query().is_some_and(|query| query.contains("%00"));
    if asks_nul && wants_json {
        return Err(Fault::new(
            Kind::Invalid,
            "参数里有看不见的符号",
            "the parameters hold a sign that cannot be read",
        ));
    }
    if asks_nul || uri.path().contains("%00") {
        return Err(Fault::absent());
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let sound = host.is_some_and(|host| host.parse::<axum::http::uri::Authority>().is_ok());
    if request.version() <= Version::HTTP_11 && (!sound || hosts.next().is_some()) {
        return Err(Fault::new(
            Kind::Invalid,
            "请求里的主机名不对，请从本站页面进入",
            "the host of the request cannot be read; please use our own pages",
        ));
    }
    Ok(())
}

/// What changes something must come from our own pages: by Sec-Fetch-Site, or else by Origin.
pub(crate) fn same_site(method: &Method, headers: &HeaderMap) -> Result<(), Fault> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let refused = || {
        Fault::new(
            Kind::Denied,
            "这次提交来自别的网站，没有执行。请从本站页面操作",
            "this was sent from another site and was not carried out; please use our own pages",
        )
    };
    let site = text(headers, HeaderName::from_static("sec-fetch-site"));
    if !site.is_empty() {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(refused()) };
    }
    let origin = text(headers, header::ORIGIN);
    if origin.is_empty() {
        return Ok(());
    }
    let host = text(headers, header::HOST);
    let same = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string));
    if same.as_deref() == Some(host) { Ok(()) } else { Err(refused()) }
}
