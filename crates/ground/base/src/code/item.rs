//! The implementation code of a service item: the credit code of the unit that carries it out and 13
//! more characters, 31 in all. What the 13 mean differs between provinces.

use std::fmt;

use super::check::value_36;
use super::credit::CreditCode;
use super::error::{CodeError, CodeKind};
use super::spelling::compact;

/// The implementation code of a service item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemCode {
    text: String,
    unit: CreditCode,
}

impl ItemCode {
    /// Reads a code of 31 characters; the credit code inside must pass its own check.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Item;
        let text = compact(text);
        let found = text.chars().count();
        if found == 0 {
            return Err(CodeError::Empty(code));
        }
        if found != 31 {
            return Err(CodeError::Length { code, expected: &[31], found });
        }
        let wrong = |(_, letter): &(usize, char)| value_36(*letter).is_none();
        if let Some((at, found)) = text.chars().enumerate().find(wrong) {
            return Err(CodeError::Character { code, place: at + 1, found });
        }
        let unit = CreditCode::parse(text.get(..18).unwrap_or_default())?;
        Ok(Self { text, unit })
    }

    /// Builds a code of a unit and the 13 characters after it.
    pub fn compose(unit: &CreditCode, rest: &str) -> Result<Self, CodeError> {
        Self::parse(&format!("{}{rest}", unit.as_str()))
    }

    /// The 31 characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The unit that carries the item out.
    pub fn unit(&self) -> &CreditCode {
        &self.unit
    }
}

impl fmt::Display for ItemCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl AsRef<str> for ItemCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        let item = ItemCode::parse("11370800MB285591843370117002011").unwrap();
        assert_eq!(item.unit().as_str(), "11370800MB28559184");
        assert_eq!(ItemCode::compose(item.unit(), "3370117002011").unwrap(), item);
        let credit = CodeError::Check { code: CodeKind::Credit, place: 18 };
        assert_eq!(ItemCode::parse("11370800MB285591853370117002011"), Err(credit));
        assert!(ItemCode::parse("11370800MB28559184337011700201").is_err());
        assert!(ItemCode::parse("11370800MB28559184337011700201中").is_err());
        assert!(ItemCode::parse("").is_err());
    }
}
