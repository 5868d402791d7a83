//! GB/T 36904: the identifier of an electronic licence. It is the root 1.2.156.3005.2, the type of the
//! licence, the issuer, a serial number, a version of three digits and a check character (ISO 7064
//! MOD 37,36 over all four parts), with full stops between.

use std::fmt;

use super::check;
use super::error::{CodeError, CodeKind};
use super::spelling::compact;

/// The object identifier under which all electronic licences stand.
const ROOT: &str = "1.2.156.3005.2";
/// No part of an identifier is longer than this.
const PART_CHARS: usize = 32;

/// The identifier of an electronic licence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LicenceNumber {
    text: String,
    version: u16,
}

/// The parts of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenceParts<'a> {
    /// The code of the type: the credit code of who defines it and three digits.
    pub kind: &'a str,
    /// The issuer: a unified social credit code; region codes occur in the wild.
    pub issuer: &'a str,
    /// The serial number that the issuer gave.
    pub serial: &'a str,
    /// The version, 1 to 999: a licence that is changed gets the next one.
    pub version: u16,
}

impl LicenceNumber {
    /// Reads an identifier.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Licence;
        let text = compact(text);
        if text.is_empty() {
            return Err(CodeError::Empty(code));
        }
        let shape = CodeError::Shape(code);
        let rest = text.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('.'));
        let parts: Vec<&str> = rest.ok_or_else(|| shape.clone())?.split('.').collect();
        let [kind, issuer, serial, version, check] = parts.as_slice() else {
            return Err(shape);
        };
        let version_digits = version.len() == 3 && version.chars().all(|c| c.is_ascii_digit());
        if !version_digits
            || check.len() != 1
            || ![kind, issuer, serial].into_iter().all(|part| is_part(part))
        {
            return Err(shape);
        }
        let sum = check::mod_37_36(&format!("{kind}{issuer}{serial}{version}"));
        if check.chars().next() != sum {
            return Err(CodeError::Check { code, place: text.chars().count() });
        }
        let version = version.parse().ok().ok_or(shape)?;
        Ok(Self { text, version })
    }

    /// Builds an identifier of its parts, with the check character.
    pub fn compose(parts: LicenceParts<'_>) -> Result<Self, CodeError> {
        let LicenceParts { kind, issuer, serial, version } = parts;
        let body = format!("{kind}{issuer}{serial}{version:03}");
        let check = check::mod_37_36(&body).ok_or(CodeError::Shape(CodeKind::Licence))?;
        Self::parse(&format!("{ROOT}.{kind}.{issuer}.{serial}.{version:03}.{check}"))
    }

    /// The whole identifier.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts.
    pub fn parts(&self) -> LicenceParts<'_> {
        let mut parts = self.text.get(ROOT.len() + 1..).unwrap_or_default().split('.');
        let mut next = || parts.next().unwrap_or_default();
        LicenceParts { kind: next(), issuer: next(), serial: next(), version: self.version }
    }
}

impl fmt::Display for LicenceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl AsRef<str> for LicenceNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

fn is_part(part: &str) -> bool {
    (1..=PART_CHARS).contains(&part.len()) && part.chars().all(|c| check::value_36(c).is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIRST: &str = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";
    const SECOND: &str = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9";

    #[test]
    fn vectors() {
        let parts = LicenceParts {
            kind: "11100000000013338W011",
            issuer: "11430000006122244L",
            serial: "20230000403",
            version: 1,
        };
        let first = LicenceNumber::parse(FIRST).unwrap();
        assert_eq!(first.parts(), parts);
        assert_eq!(LicenceNumber::compose(parts).unwrap(), first);
        assert_eq!(LicenceNumber::parse(SECOND).unwrap().parts().issuer, "340100");
    }

    #[test]
    fn refuses_what_is_wrong() {
        let code = CodeKind::Licence;
        let changed = FIRST.replace("403.001", "404.001");
        let place = FIRST.len();
        assert_eq!(LicenceNumber::parse(&changed), Err(CodeError::Check { code, place }));
        assert_eq!(LicenceNumber::parse(""), Err(CodeError::Empty(code)));
        for bad in [
            "1.2.156.3005.3.A.B.C.001.U",
            "1.2.156.3005.2.A.B.C.01.U",
            "1.2.156.3005.2.A.B..001.U",
            "1.2.156.3005.2.A.B.C.001.UU",
            "1.2.156.3005.2.A.B.C.001.中",
            "1.2.156.3005.2",
            "1.2.156.3005.2.A.B.C.D.001.U",
        ] {
            assert_eq!(LicenceNumber::parse(bad), Err(CodeError::Shape(code)), "{bad}");
        }
        let parts = LicenceParts { kind: "A", issuer: "B", serial: "C", version: 1000 };
        assert!(LicenceNumber::compose(parts).is_err());
    }

    proptest! {
        #[test]
        fn composed_is_read_back(
            kind in "[0-9A-Z]{21}", issuer in "[0-9A-Z]{18}", serial in "[0-9A-Z]{1,32}",
            version in 0_u16..1000,
        ) {
            let parts = LicenceParts { kind: &kind, issuer: &issuer, serial: &serial, version };
            let number = LicenceNumber::compose(parts).unwrap();
            prop_assert_eq!(number.parts(), parts);
        }

        #[test]
        fn no_input_breaks_it(text in any::<String>()) {
            drop(LicenceNumber::parse(&text));
        }
    }
}
