//! GB/T 4754: codes of industries. A section is a letter from A to T; below it a division has two
//! digits, a group three, a class four, and each begins with the digits of the one above.
//! Which codes there are is data; only the form is a rule.

use std::fmt;

use super::error::{CodeError, CodeKind};
use super::spelling::compact;

/// The code of an industry: a section letter, two to four digits, or both.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndustryCode(String);

impl IndustryCode {
    /// Reads a code such as `H`, `62`, `621` or `H6210`.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Industry;
        let text = compact(text);
        if text.is_empty() {
            return Err(CodeError::Empty(code));
        }
        let digits = text.trim_start_matches(|letter: char| matches!(letter, 'A'..='T'));
        let letters = text.len() - digits.len();
        let fits = match letters {
            0 => (2..=4).contains(&digits.len()),
            1 => digits.is_empty() || (2..=4).contains(&digits.len()),
            _ => false,
        };
        let division_exists = digits.is_empty() || !digits.starts_with("00");
        if fits && division_exists && digits.chars().all(|digit| digit.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(CodeError::Shape(code))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The section letter, when the code names it.
    pub fn section(&self) -> Option<char> {
        self.0.chars().next().filter(char::is_ascii_alphabetic)
    }

    /// The digits, none for a section.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches(|letter: char| letter.is_ascii_alphabetic())
    }

    /// The code above, whose digits must exist as well. Nothing stands above a section, or above a
    /// division that does not name its section.
    pub fn parent(&self) -> Option<Self> {
        match (self.digits().len(), self.section()) {
            (0, _) | (2, None) => None,
            (2, Some(section)) => Some(Self(section.to_string())),
            _ => self.0.get(..self.0.len() - 1).map(|head| Self(head.to_owned())),
        }
    }
}

impl fmt::Display for IndustryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for IndustryCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(Option<char>, &str, Option<&str>)>) {
        let found = IndustryCode::parse(text).ok();
        let parent = found.as_ref().and_then(IndustryCode::parent);
        let found = found
            .as_ref()
            .map(|code| (code.section(), code.digits(), parent.as_ref().map(IndustryCode::as_str)));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn forms_and_parents() {
        check("H", Some((Some('H'), "", None)));
        check("h62", Some((Some('H'), "62", Some("H"))));
        check("62", Some((None, "62", None)));
        check("621", Some((None, "621", Some("62"))));
        check("H6210", Some((Some('H'), "6210", Some("H621"))));
        for bad in ["", "U", "6", "H6", "62101", "HH62", "00", "A00", "6H", "六二"] {
            check(bad, None);
        }
    }
}
