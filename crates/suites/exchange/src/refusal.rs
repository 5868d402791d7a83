//! How a call fails in the words of the protocol: a type, a sentence, and what it can be found by.

use serde_json::json;

/// Whose part failed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The address, a header or the body is not as the protocol says.
    BadRequest,
    /// The body is larger than the limit.
    TooLarge,
    /// There is no signature, or it does not fit.
    Signature,
    /// The same signed message came before.
    Duplicate,
    /// No such client takes part, or it is not approved.
    UnknownMember,
    /// As many calls as may be are under way.
    Busy,
    /// Something of ours failed before the message was sent on.
    Internal,
    /// There is no such service.
    UnknownService,
    /// The client has no right to it.
    AccessDenied,
    /// The service or its system is disabled.
    ServiceDisabled,
    /// The provider cannot be reached.
    Network,
    /// The provider did not answer in time, or with something that cannot be passed on.
    ServiceFailed,
    /// The record could not be written.
    Database,
}

impl Fault {
    /// Every fault, for tests and the guide.
    pub const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::TooLarge,
        Self::Signature,
        Self::Duplicate,
        Self::UnknownMember,
        Self::Busy,
        Self::Internal,
        Self::UnknownService,
        Self::AccessDenied,
        Self::ServiceDisabled,
        Self::Network,
        Self::ServiceFailed,
        Self::Database,
    ];

    /// The type as it is sent.
    pub fn word(self) -> &'static str {
        match self {
            Self::BadRequest => "Client.BadRequest",
            Self::TooLarge => "Client.MessageTooLarge",
            Self::Signature => "Client.InvalidSignatureValue",
            Self::Duplicate => "Client.DuplicateMessage",
            Self::UnknownMember => "Server.ClientProxy.UnknownMember",
            Self::Busy => "Server.ClientProxy.Busy",
            Self::Internal => "Server.ClientProxy.InternalError",
            Self::UnknownService => "Server.ServerProxy.UnknownService",
            Self::AccessDenied => "Server.ServerProxy.AccessDenied",
            Self::ServiceDisabled => "Server.ServerProxy.ServiceDisabled",
            Self::Network => "Server.ServerProxy.NetworkError",
            Self::ServiceFailed => "Server.ServerProxy.ServiceFailed",
            Self::Database => "Server.ServerProxy.DatabaseError",
        }
    }

    /// The status: what the client can mend is 400, all else 500.
    pub fn status(self) -> u16 {
        if self.word().starts_with("Client.") { 400 } else { 500 }
    }
}

/// A call that came to nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind.
    pub fault: Fault,
    /// A sentence for the developer of the client.
    pub message: String,
    /// The number under which it stands in our log.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), detail: String::new() }
    }

    /// Names the request.
    #[must_use]
    pub fn of(mut self, request: &str) -> Self {
        request.clone_into(&mut self.detail);
        self
    }

    /// The body in the form that the client accepts, with its content type.
    pub fn body(&self, accept: &str) -> (&'static str, String) {
        let (kind, message, detail) = (self.fault.word(), &self.message, &self.detail);
        let xml = ["text/xml", "application/xml"];
        let wants = |one: &&str| accept.contains(*one) && !accept.contains("json");
        match xml.into_iter().find(wants) {
            Some("text/xml") => ("text/xml; charset=utf-8", as_xml(kind, message, detail)),
            Some(_) => ("application/xml; charset=utf-8", as_xml(kind, message, detail)),
            None => (
                "application/json; charset=utf-8",
                json!({ "type": kind, "message": message, "detail": detail }).to_string(),
            ),
        }
    }
}

fn as_xml(kind: &str, message: &str, detail: &str) -> String {
    let safe = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error><type>{kind}</type><message>{}</message><detail>{}</detail></error>",
        safe(message),
        safe(detail)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_can_mend_is_400_and_all_else_500() {
        let mut words: Vec<&str> = Fault::ALL.iter().map(|fault| fault.word()).collect();
        for fault in Fault::ALL {
            let mends = fault.word().starts_with("Client.");
            assert_eq!(fault.status(), if mends { 400 } else { 500 });
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Fault::ALL.len());
    }

    #[test]
    fn a_client_that_wants_xml_gets_it_with_nothing_of_its_own_unescaped() {
        let refusal = Refusal::new(Fault::BadRequest, "<a> & \"b\"").of("7");
        let (kind, body) = refusal.body("application/xml");
        assert_eq!(kind, "application/xml; charset=utf-8");
        assert!(body.contains("&lt;a&gt; &amp; &quot;b&quot;"), "{body}");
        let (kind, body) = refusal.body("*/*");
        assert_eq!(kind, "application/json; charset=utf-8");
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["type"], "Client.BadRequest");
        assert_eq!(read["detail"], "7");
    }
}
