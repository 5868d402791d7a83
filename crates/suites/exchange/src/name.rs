//! Names in the protocol: `instance/class/member/system` and, of a service, one part more. Each part is percent-encoded
//! for itself.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::limits::LIMITS;

/// What may stand in a part without being encoded.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A name that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identifier cannot be read")]
pub struct BadName;

/// A system: the division whose platform it belongs to, the class and the code of its owner, its own code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SystemName {
    /// The code of the division, such as `330100`.
    pub instance: String,
    /// `GOV`, `PUB` or `COM`.
    pub class: String,
    /// The unified social credit code of the owner.
    pub member: String,
    /// The code of the system.
    pub system: String,
}

/// A service of a system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceName {
    /// The system.
    pub system: SystemName,
    /// The code of the service.
    pub service: String,
}

impl SystemName {
    pub(crate) fn of_parts(parts: &[&str]) -> Result<Self, BadName> {
        let [instance, class, member, system] = parts else { return Err(BadName) };
        Ok(Self {
            instance: part(instance)?,
            class: part(class)?,
            member: part(member)?,
            system: part(system)?,
        })
    }
}

impl ServiceName {
    pub(crate) fn of_parts(parts: &[&str]) -> Result<Self, BadName> {
        let (service, system) = parts.split_last().ok_or(BadName)?;
        Ok(Self { system: SystemName::of_parts(system)?, service: part(service)? })
    }
}

impl FromStr for SystemName {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        Self::of_parts(&text.split('/').collect::<Vec<_>>())
    }
}

impl fmt::Display for SystemName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.instance, &self.class, &self.member, &self.system];
        formatter.write_str(&parts.map(|one| encoded(one)).join("/"))
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.system, encoded(&self.service))
    }
}

/// A part as it stands in an address.
pub(crate) fn encoded(part: &str) -> String {
    utf8_percent_encode(part, PART).to_string()
}

/// Reads one part. Only the characters that the protocol allows in identifiers are taken, so nothing in a name can be
/// mistaken for a separator, a control or a path.
pub(crate) fn part(text: &str) -> Result<String, BadName> {
    let plain = percent_decode_str(text).decode_utf8().map_err(|_no_text| BadName)?;
    if is_identifier(&plain) { Ok(plain.into_owned()) } else { Err(BadName) }
}

/// Whether a text may be an identifier.
pub(crate) fn is_identifier(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+,-.=?".contains(&byte);
    !text.is_empty()
        && text.len() <= LIMITS.identifier_bytes
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let found = text.parse::<SystemName>().ok().map(|name| name.to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn parts_are_decoded_each_for_itself() {
        check("330100/GOV/1133/oa", Some("330100/GOV/1133/oa"));
        check("330100/GOV/1133/o%61", Some("330100/GOV/1133/oa"));
        check("330100/GOV/1133/a%3Db", Some("330100/GOV/1133/a=b"));
        check("330100/GOV/1133/a?b", Some("330100/GOV/1133/a%3Fb"));
        for wrong in [
            "330100/GOV/1133",
            "330100/GOV/1133/oa/x",
            "330100%2FGOV%2F1133%2Foa",
            "330100/GOV/1133/",
            "330100/GOV/1133/a%2Fb",
            "330100/GOV/1133/..",
            "330100/GOV/1133/a%00b",
            "330100/GOV/1133/a b",
            "330100/GOV/1133/%FF",
            "330100/GOV/1133/系统",
            "330100/GOV/1133/a;b",
        ] {
            check(wrong, None);
        }
    }
}
