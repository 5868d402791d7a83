//! The business registration number of 15 digits that came before the unified social credit code;
//! its last digit is ISO 7064 MOD 11,10. Old registers and contracts still name it.

use std::fmt;

use super::check;
use super::error::{CodeError, CodeKind};
use super::spelling::{compact, digits};

/// A business registration number of 15 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistrationNumber(String);

impl RegistrationNumber {
    /// Reads a number of 15 digits.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = compact(text);
        digits(&text, CodeKind::Registration, &[15])?;
        if text.chars().last() != text.get(..14).and_then(check::mod_11_10) {
            return Err(CodeError::Check { code: CodeKind::Registration, place: 15 });
        }
        Ok(Self(text))
    }

    /// Builds a number of its first 14 digits.
    pub fn compose(first_14: &str) -> Result<Self, CodeError> {
        digits(first_14, CodeKind::Registration, &[14])?;
        let check = check::mod_11_10(first_14).ok_or(CodeError::Shape(CodeKind::Registration))?;
        Self::parse(&format!("{first_14}{check}"))
    }

    /// The 15 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistrationNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for RegistrationNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let number = RegistrationNumber::compose("11010800000001").unwrap();
        assert_eq!(number.as_str(), "110108000000016");
        assert!(RegistrationNumber::parse("110108000000016").is_ok());
        let check = CodeError::Check { code: CodeKind::Registration, place: 15 };
        assert_eq!(RegistrationNumber::parse("110108000000017"), Err(check));
        assert!(RegistrationNumber::parse("11010800000001X").is_err());
        assert!(RegistrationNumber::parse("11010800000001").is_err());
    }
}
