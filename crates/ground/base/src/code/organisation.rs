//! GB 11714: the organisation code of nine characters, today a part of the unified social credit code.

use std::fmt;

use super::check;
use super::error::{CodeError, CodeKind};
use super::spelling::compact;

/// An organisation code with its check character, without hyphen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// Reads a code, with or without the hyphen before its check character.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Organisation;
        let text = compact(text);
        let length = text.chars().count();
        if length == 0 {
            return Err(CodeError::Empty(code));
        }
        if length != 9 {
            return Err(CodeError::Length { code, expected: &[9], found: length });
        }
        let wrong = |(at, letter): &(usize, char)| match at {
            8 => !(letter.is_ascii_digit() || *letter == 'X'),
            _ => check::value_36(*letter).is_none(),
        };
        if let Some((at, found)) = text.chars().enumerate().find(wrong) {
            return Err(CodeError::Character { code, place: at + 1, found });
        }
        if text.chars().last() != text.get(..8).and_then(check::organisation) {
            return Err(CodeError::Check { code, place: 9 });
        }
        Ok(Self(text))
    }

    /// Builds a code of its first eight characters.
    pub fn compose(first_8: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Organisation;
        if first_8.len() != 8 {
            let found = first_8.chars().count();
            return Err(CodeError::Length { code, expected: &[8], found });
        }
        let check = check::organisation(first_8).ok_or(CodeError::Shape(code))?;
        Self::parse(&format!("{first_8}{check}"))
    }

    /// The nine characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// With the hyphen, as it was printed on certificates.
impl fmt::Display for OrganisationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_at_checked(8) {
            Some((body, check)) => write!(formatter, "{body}-{check}"),
            None => formatter.write_str(&self.0),
        }
    }
}

impl AsRef<str> for OrganisationCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        for good in ["D2143569X", "M000100Y4", "799655058", "d2143569-x"] {
            assert!(OrganisationCode::parse(good).is_ok(), "{good}");
        }
        let code = OrganisationCode::parse("D2143569-X").unwrap();
        assert_eq!((code.as_str(), code.to_string().as_str()), ("D2143569X", "D2143569-X"));
        let check = CodeError::Check { code: CodeKind::Organisation, place: 9 };
        assert_eq!(OrganisationCode::parse("D21435691"), Err(check));
        let letter = CodeError::Character { code: CodeKind::Organisation, place: 9, found: 'A' };
        assert_eq!(OrganisationCode::parse("D2143569A"), Err(letter));
        assert!(OrganisationCode::parse("D2143569").is_err());
        assert!(OrganisationCode::parse("").is_err());
        assert_eq!(OrganisationCode::compose("79965505").unwrap().as_str(), "799655058");
        assert!(OrganisationCode::compose("7996550中").is_err());
    }
}
