//! GB 12904: the product code of 13 digits that is printed as a bar code.

use std::fmt;

use super::check;
use super::error::{CodeError, CodeKind};
use super::spelling::{compact, digits};

/// A product code of 13 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProductCode(String);

impl ProductCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = compact(text);
        digits(&text, CodeKind::Product, &[13])?;
        if text.chars().last() != text.get(..12).and_then(check::product) {
            return Err(CodeError::Check { code: CodeKind::Product, place: 13 });
        }
        Ok(Self(text))
    }

    /// Builds a code of its first 12 digits.
    pub fn compose(first_12: &str) -> Result<Self, CodeError> {
        digits(first_12, CodeKind::Product, &[12])?;
        let check = check::product(first_12).ok_or(CodeError::Shape(CodeKind::Product))?;
        Self::parse(&format!("{first_12}{check}"))
    }

    /// The 13 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for ProductCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        assert_eq!(ProductCode::compose("690123456789").unwrap().as_str(), "6901234567892");
        assert!(ProductCode::parse("6901234567892").is_ok());
        let check = CodeError::Check { code: CodeKind::Product, place: 13 };
        assert_eq!(ProductCode::parse("6901234567893"), Err(check));
        assert!(ProductCode::parse("690123456789").is_err());
        assert!(ProductCode::parse("690123456789X").is_err());
    }
}
