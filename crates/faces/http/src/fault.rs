//! A failure on its way to the one who asked.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// What a handler returns.
pub type Answer = Result<Response, Fault>;

/// A failure, reduced to what may be shown. It travels in the response's extensions until `enter` draws it.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind.
    pub kind: Kind,
    /// What happened and what to do.
    pub text: Text,
    /// The fields that are wrong.
    pub fields: Vec<FieldError>,
    /// What a person typed that was not carried out: shown again, to be sent once more.
    pub typed: Vec<(String, String)>,
}

impl Fault {
    /// A fault of a kind with its words.
    pub fn new(kind: Kind, zh: &str, en: &str) -> Self {
        Self { kind, text: Text::new(zh, en), fields: Vec::new(), typed: Vec::new() }
    }

    /// Something that is not there.
    pub fn absent() -> Self {
        Self::new(
            Kind::NotFound,
            "没有找到这一页。可能是地址抄错了",
            "this page is not there; the address may be mistyped",
        )
    }

    /// The status of a kind (RFC 9110).
    pub fn status(&self) -> StatusCode {
        match self.kind {
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Denied => StatusCode::FORBIDDEN,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl<E: Failure> From<E> for Fault {
    fn from(error: E) -> Self {
        let kind = error.kind();
        if kind == Kind::Internal {
            let mut causes = vec![error.to_string()];
            let mut cause = error.source();
            while let Some(inner) = cause {
                causes.push(inner.to_string());
                cause = inner.source();
            }
            tracing::error!(error = %causes.join(": "), "a request failed");
        }
        Self { kind, text: error.text(), fields: error.fields(), typed: Vec::new() }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
