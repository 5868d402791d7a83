//! How to reach a person: mobile number, postal code, address for e-mail.

use std::fmt;

use super::error::{CodeError, CodeKind};
use super::spelling::{compact, cover, digits, gentle};

/// RFC 5321: the longest address, and the longest part before the @ sign.
const EMAIL_CHARS: usize = 254;
const LOCAL_CHARS: usize = 64;

/// A mobile number of China: eleven digits that begin with 1. Which ranges are given out changes
/// from year to year and is no rule. Its debug form is masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MobileNumber(String);

/// A postal code of China: six digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Postcode(String);

/// An address for e-mail. Its debug form is masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl MobileNumber {
    /// Reads a number; the country code +86 may stand before it.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = compact(text);
        let national = text.strip_prefix("+86").or_else(|| text.strip_prefix("0086"));
        let text = national.unwrap_or(&text).to_owned();
        digits(&text, CodeKind::Mobile, &[11])?;
        match text.chars().next() {
            Some('1') => Ok(Self(text)),
            _ => Err(CodeError::Shape(CodeKind::Mobile)),
        }
    }

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first three and the last four digits.
    pub fn masked(&self) -> String {
        cover(&self.0, 3, 4)
    }
}

impl fmt::Debug for MobileNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MobileNumber({})", self.masked())
    }
}

impl AsRef<str> for MobileNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Postcode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = compact(text);
        digits(&text, CodeKind::Postcode, &[6])?;
        Ok(Self(text))
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Postcode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl EmailAddress {
    /// Reads an address. Chinese letters are taken on both sides; the domain becomes lower case.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Email;
        let text = gentle(text);
        let found = text.chars().count();
        if found == 0 {
            return Err(CodeError::Empty(code));
        }
        if found > EMAIL_CHARS {
            return Err(CodeError::TooLong { code, most: EMAIL_CHARS, found });
        }
        match text.split_once('@') {
            Some((local, domain)) if is_local(local) && is_domain(domain) => {
                Ok(Self(format!("{local}@{}", domain.to_lowercase())))
            }
            _ => Err(CodeError::Shape(code)),
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first letter and the domain.
    pub fn masked(&self) -> String {
        mask_email(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EmailAddress({})", self.masked())
    }
}

impl AsRef<str> for EmailAddress {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// The first letter and the domain of whatever stands there.
pub(super) fn mask_email(text: &str) -> String {
    match text.split_once('@') {
        Some((local, domain)) => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        None => cover(text, 1, 0),
    }
}

fn is_local(local: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    local.chars().count() <= LOCAL_CHARS
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(fits))
}

fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let last_is_name = labels.last().is_some_and(|last| last.chars().any(char::is_alphabetic));
    labels.len() >= 2 && last_is_name && labels.into_iter().all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.chars().count())
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers() {
        let number = MobileNumber::parse("+86 138-1234-5678").unwrap();
        assert_eq!(number.as_str(), "13812345678");
        assert_eq!(format!("{number:?}"), "MobileNumber(138****5678)");
        assert!(MobileNumber::parse("１３８１２３４５６７８").is_ok());
        for bad in ["", "1381234567", "23812345678", "138123456789", "1381234567a"] {
            assert!(MobileNumber::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn postcodes() {
        assert_eq!(Postcode::parse(" 310000 ").unwrap().as_str(), "310000");
        assert!(Postcode::parse("31000").is_err());
        assert!(Postcode::parse("31000a").is_err());
    }

    #[test]
    fn addresses() {
        for (good, kept) in [
            ("Ming.Li+city@Example.CN", "Ming.Li+city@example.cn"),
            ("李明@例子.中国", "李明@例子.中国"),
            (" a@b.c1x ", "a@b.c1x"),
        ] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), kept);
        }
        let long = format!("{}@example.cn", "a".repeat(65));
        for bad in [
            "",
            "a",
            "a@",
            "@b.cn",
            "a@b",
            "a@@b.cn",
            "a@b..cn",
            ".a@b.cn",
            "a.@b.cn",
            "a b@c.cn",
            "a@-b.cn",
            "a@1.2.3.4",
            "a@b.cn\r\nBcc: c@d.cn",
            "a😀@b.cn",
            &long,
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
        let huge = format!("a@{}cn", "b.".repeat(200));
        assert!(matches!(EmailAddress::parse(&huge), Err(CodeError::TooLong { .. })));
        let address = EmailAddress::parse("ming@example.cn").unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(m***@example.cn)");
    }
}
