//! Names of persons. Every Chinese character that the state's registers hold must pass, also those
//! outside the basic plane (CJK extensions A to I and later), and names of other scripts.

use std::fmt;

use super::error::{CodeError, CodeKind};
use super::spelling::{cover, gentle};

/// The longest name of a person, as GB/T 39046 holds it.
const NAME_CHARS: usize = 50;

/// The name of a person. Its debug form is masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name. All the dots that keyboards offer become the middle dot `·`.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::PersonName;
        let text: String = gentle(text).chars().map(one_mark).collect();
        let found = text.chars().count();
        if found == 0 {
            return Err(CodeError::Empty(code));
        }
        if found > NAME_CHARS {
            return Err(CodeError::TooLong { code, most: NAME_CHARS, found });
        }
        let mut before = None;
        for (at, letter) in text.chars().enumerate() {
            if !fits_after(before, letter) {
                return Err(CodeError::Character { code, place: at + 1, found: letter });
            }
            before = Some(letter);
        }
        match before {
            Some('·' | '-' | '\'') => Err(CodeError::Shape(code)),
            _ => Ok(Self(text)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first character, a star for each other one.
    pub fn masked(&self) -> String {
        cover(&self.0, 1, 0)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PersonName({})", self.masked())
    }
}

impl AsRef<str> for PersonName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

fn one_mark(letter: char) -> char {
    match letter {
        '\u{2022}' | '\u{2027}' | '\u{22c5}' | '\u{30fb}' | '\u{ff65}' | '\u{b7}' => '·',
        '\u{2019}' | '\u{2bc}' => '\'',
        _ => letter,
    }
}

/// A letter may stand anywhere; an accent and a mark only after a letter, a space also after a full
/// stop, as in `J. Smith`.
fn fits_after(before: Option<char>, letter: char) -> bool {
    let after_letter = before.is_some_and(|before| is_letter(before) || is_accent(before));
    match letter {
        '·' | '\'' | '-' | '.' => after_letter,
        ' ' => after_letter || before == Some('.'),
        _ => is_letter(letter) || (is_accent(letter) && after_letter),
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_alphabetic() && !is_ornament(letter)
}

fn is_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// Characters that Unicode counts as letters and no name holds: circled and squared letters (some
/// are emoji), letters of mathematics, Roman numerals, fillers that cannot be seen.
fn is_ornament(letter: char) -> bool {
    matches!(letter,
        '\u{2160}'..='\u{2188}'
        | '\u{24b6}'..='\u{24e9}'
        | '\u{1d400}'..='\u{1d7ff}'
        | '\u{1f100}'..='\u{1f1ff}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_pass() {
        for good in [
            "李明",
            "\u{2ebf0}\u{20bb7}\u{30edd}",
            "\u{3400}\u{20000}\u{2a700}\u{2b740}\u{2b820}\u{2ceb0}\u{30000}\u{31350}\u{2ebf0}",
            "买买提·吐尔逊",
            "巴音·〇",
            "John O'Neill",
            "Jean-Luc Müller",
            "J. Smith",
            "Nguye\u{302}\u{303}n",
            "ئەلى",
            "བསྟན་འཛིན".split('\u{f0b}').next().unwrap(),
            "山田 太郎",
            "김철수",
        ] {
            assert_eq!(PersonName::parse(good).map(|n| n.as_str().to_owned()), Ok(good.to_owned()));
        }
        assert_eq!(PersonName::parse(" 买买提•吐尔逊\u{3000}").unwrap().as_str(), "买买提·吐尔逊");
        assert_eq!(PersonName::parse("ＬＩ Ｍｉｎｇ").unwrap().as_str(), "LI Ming");
        assert!(PersonName::parse(&"赵".repeat(50)).is_ok());
    }

    #[test]
    fn names_that_do_not() {
        let letter =
            |place, found| CodeError::Character { code: CodeKind::PersonName, place, found };
        for (bad, error) in [
            ("李明2", letter(3, '2')),
            ("李明２", letter(3, '2')),
            ("李😀", letter(2, '😀')),
            ("🅰李", letter(1, '🅰')),
            ("李\u{7}明", letter(2, '\u{7}')),
            ("李\n明", letter(2, '\n')),
            ("李\u{0}", letter(2, '\u{0}')),
            ("李\u{200d}明", letter(2, '\u{200d}')),
            ("\u{3164}", letter(1, '\u{3164}')),
            ("·李", letter(1, '·')),
            ("李··明", letter(3, '·')),
            ("\u{301}李", letter(1, '\u{301}')),
            ("<b>李", letter(1, '<')),
            ("李\u{e000}", letter(2, '\u{e000}')),
            ("李Ⅱ", letter(2, 'Ⅱ')),
            ("", CodeError::Empty(CodeKind::PersonName)),
            (" \u{3000}\u{200b}", CodeError::Empty(CodeKind::PersonName)),
            ("李·", CodeError::Shape(CodeKind::PersonName)),
        ] {
            assert_eq!(PersonName::parse(bad), Err(error), "{bad:?}");
        }
        let long = CodeError::TooLong { code: CodeKind::PersonName, most: 50, found: 51 };
        assert_eq!(PersonName::parse(&"\u{20bb7}".repeat(51)), Err(long));
    }

    #[test]
    fn is_masked() {
        let name = PersonName::parse("\u{20bb7}山水").unwrap();
        assert_eq!(format!("{name:?}"), "PersonName(\u{20bb7}**)");
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(text in any::<String>()) {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
