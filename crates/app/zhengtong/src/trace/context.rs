//! The name of a trace as it goes from one system to the next: `traceparent` of the W3C.

use axum::http::HeaderMap;

/// Which trace, which span in it, and whose child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    trace: [u8; 16],
    span: [u8; 8],
    parent: Option<[u8; 8]>,
    /// Whether the caller wants it to be kept.
    pub(crate) sampled: bool,
}

impl Context {
    /// The context of a request: a child of the caller's span, or a trace of its own.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all("traceparent").iter();
        let only = values.next().filter(|_| values.next().is_none());
        let named = only.and_then(|value| value.to_str().ok()).and_then(parse);
        let span = random();
        match named {
            Some((trace, parent, sampled)) => Self { trace, span, parent: Some(parent), sampled },
            None => Self { trace: random(), span, parent: None, sampled: true },
        }
    }

    pub(crate) fn trace(&self) -> String {
        hex::encode(self.trace)
    }

    pub(crate) fn span(&self) -> String {
        hex::encode(self.span)
    }

    /// The caller's span; empty if there is none.
    pub(crate) fn parent(&self) -> String {
        self.parent.map(hex::encode).unwrap_or_default()
    }

    /// As it is told to others.
    pub(crate) fn header(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace(), self.span(), u8::from(self.sampled))
    }
}

/// A new name; all zeros are no name.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() || bytes.iter().all(|byte| *byte == 0) {
        bytes = [1; N];
    }
    bytes
}

type Named = ([u8; 16], [u8; 8], bool);

fn parse(text: &str) -> Option<Named> {
    let mut parts = text.split('-');
    let version = bytes::<1>(parts.next()?)?;
    let (trace, parent) = (bytes::<16>(parts.next()?)?, bytes::<8>(parts.next()?)?);
    let flags = bytes::<1>(parts.next()?)?;
    // Version 00 has four parts; a later one may have more, version ff is none.
    let whole = parts.next().is_none() || version != [0];
    let named = trace.iter().any(|byte| *byte != 0) && parent.iter().any(|byte| *byte != 0);
    (version != [0xff] && whole && named).then_some((trace, parent, flags[0] & 1 == 1))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let bytes = hex::decode(text).ok().filter(|_| lower)?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Context {
        Context::of(&HeaderMap::from_iter([(
            "traceparent".parse().unwrap(),
            text.parse().unwrap(),
        )]))
    }

    #[test]
    fn the_trace_of_the_caller_goes_on() {
        let context = of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assert_eq!(context.trace(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.parent(), "00f067aa0ba902b7");
        assert_ne!(context.span(), context.parent());
        assert!(context.sampled);
        let on = context.header();
        assert_eq!(of(&on).trace(), context.trace());
        assert_eq!(of(&on).parent(), context.span());
        assert!(!of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").sampled);
        assert_eq!(
            of("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what").parent(),
            "00f067aa0ba902b7"
        );
    }

    #[test]
    fn what_is_no_name_begins_a_new_trace() {
        for wrong in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-zz",
        ] {
            let context = of(wrong);
            assert_eq!(context.parent(), "", "{wrong}");
            assert!(context.sampled);
        }
    }
}
