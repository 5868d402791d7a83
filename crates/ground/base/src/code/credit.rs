//! GB 32100-2015: the unified social credit code of organisations, 18 characters.

use std::fmt;

use super::check::{self, ALPHABET_31};
use super::error::{CodeError, CodeKind};
use super::organisation::OrganisationCode;
use super::spelling::{compact, cover, in_fours};

/// A unified social credit code whose characters, region and check character keep the rules.
/// The organisation code inside is not tested again: old codes were carried over as they were.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode(String);

/// The parts from which a generator builds a code.
#[derive(Clone, Copy, Debug)]
pub struct CreditParts<'a> {
    /// The department that registers, such as 9 for market regulation and 1 for posts of the state.
    pub department: char,
    /// The kind of organisation within the department, such as 1 for a company.
    pub kind: char,
    /// The region of registration, six digits.
    pub region: &'a str,
    /// The first eight characters of the organisation code.
    pub organisation: &'a str,
}

impl CreditCode {
    /// Reads a code of 18 characters.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Credit;
        let text = compact(text);
        let length = text.chars().count();
        if length == 0 {
            return Err(CodeError::Empty(code));
        }
        if length != 18 {
            return Err(CodeError::Length { code, expected: &[18], found: length });
        }
        let wrong = |(at, letter): &(usize, char)| {
            let digit_only = (2..8).contains(at);
            !ALPHABET_31.contains(*letter) || (digit_only && !letter.is_ascii_digit())
        };
        if let Some((at, found)) = text.chars().enumerate().find(wrong) {
            return Err(CodeError::Character { code, place: at + 1, found });
        }
        if text.chars().last() != text.get(..17).and_then(check::mod_31) {
            return Err(CodeError::Check { code, place: 18 });
        }
        Ok(Self(text))
    }

    /// Builds a code of its parts, with both check characters.
    pub fn compose(parts: CreditParts<'_>) -> Result<Self, CodeError> {
        let CreditParts { department, kind, region, organisation } = parts;
        let organisation = OrganisationCode::compose(organisation)?;
        let body = format!("{department}{kind}{region}{}", organisation.as_str());
        let check = Self::check_char(&body)?;
        Self::parse(&format!("{body}{check}"))
    }

    /// The check character of the first 17 characters.
    pub fn check_char(first_17: &str) -> Result<char, CodeError> {
        if first_17.len() != 17 {
            let found = first_17.chars().count();
            return Err(CodeError::Length { code: CodeKind::Credit, expected: &[17], found });
        }
        check::mod_31(first_17).ok_or(CodeError::Shape(CodeKind::Credit))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region of registration, six digits.
    pub fn region(&self) -> &str {
        self.0.get(2..8).unwrap_or_default()
    }

    /// The organisation code inside, when it keeps its own rule.
    pub fn organisation(&self) -> Option<OrganisationCode> {
        OrganisationCode::parse(self.0.get(8..17)?).ok()
    }

    /// In groups of four, as it is printed.
    pub fn grouped(&self) -> String {
        in_fours(&self.0)
    }

    /// In groups of four, only the first six and the last two characters shown.
    pub fn masked(&self) -> String {
        in_fours(&cover(&self.0, 6, 2))
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for CreditCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &Result<&str, CodeError>) {
        let found = CreditCode::parse(text);
        assert_eq!(
            found.as_ref().map(CreditCode::as_str).map_err(Clone::clone),
            *expected,
            "{text}"
        );
    }

    #[test]
    fn vectors() {
        for good in [
            "91350100M000100Y43",
            "91330100799655058B",
            "11100000000013338W",
            "11330105002500287C",
            "11430000006122244L",
            "11370800MB28559184",
        ] {
            check(good, &Ok(good));
        }
        let letter = |place, found| CodeError::Character { code: CodeKind::Credit, place, found };
        check("91350100M000100Y4Z", &Err(letter(18, 'Z')));
        check("9135O100M000100Y43", &Err(letter(5, 'O')));
        check("91A50100M000100Y43", &Err(letter(3, 'A')));
        check("91350100M000100Y44", &Err(CodeError::Check { code: CodeKind::Credit, place: 18 }));
        check("", &Err(CodeError::Empty(CodeKind::Credit)));
        let length = |found| CodeError::Length { code: CodeKind::Credit, expected: &[18], found };
        check("91350100M000100Y4", &Err(length(17)));
        check("91350100m000 100y43", &Ok("91350100M000100Y43"));
    }

    #[test]
    fn shows_its_parts() {
        let code = CreditCode::parse("91350100M000100Y43").unwrap();
        assert_eq!(code.region(), "350100");
        assert_eq!(code.organisation().unwrap().as_str(), "M000100Y4");
        assert_eq!(code.grouped(), "9135 0100 M000 100Y 43");
        assert_eq!(code.masked(), "9135 01** **** **** 43");
    }

    fn changed_code(code: &CreditCode, at: usize, other: usize) -> Option<String> {
        let other = ALPHABET_31.chars().nth(other)?;
        let mut letters: Vec<char> = code.as_str().chars().collect();
        if letters[at] == other {
            return None;
        }
        letters[at] = other;
        Some(letters.into_iter().collect())
    }

    proptest! {
        #[test]
        fn every_composed_code_passes_and_no_changed_one(
            kind in "[1-9]", region in "[0-9]{6}", organisation in "[0-9A-HJ-NP-RT-UW-Y]{8}",
            at in 0_usize..18, other in 0_usize..31,
        ) {
            let kind = kind.chars().next().unwrap();
            let parts = CreditParts { department: '9', kind, region: &region, organisation: &organisation };
            let code = CreditCode::compose(parts).unwrap();
            prop_assert!(code.organisation().is_some());
            if let Some(changed) = changed_code(&code, at, other) {
                prop_assert!(CreditCode::parse(&changed).is_err());
            }
        }

        #[test]
        fn no_input_breaks_it(text in any::<String>()) {
            drop(CreditCode::parse(&text));
        }
    }
}
