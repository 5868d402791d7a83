//! How typed text becomes the one spelling that is kept: people paste full-width digits, spaces,
//! hyphens and marks that cannot be seen.

use super::error::{CodeError, CodeKind};

/// Half-width, capitals, without spaces, hyphens and invisible marks: for numbers and codes.
pub(super) fn compact(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|letter| !letter.is_whitespace() && *letter != '-' && !is_invisible(*letter))
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

/// Half-width, without outer spaces and invisible marks, inner runs of spaces as one: for names.
pub(super) fn gentle(text: &str) -> String {
    let plain: String = text.chars().map(half_width).filter(|c| !is_mark(*c)).collect();
    let mut words = String::with_capacity(plain.len());
    for word in plain.split(' ').filter(|word| !word.is_empty()) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// The text with everything but its first and last characters covered, one star a character.
pub(super) fn cover(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    let (head, tail) = if head + tail < length { (head, tail) } else { (0, 0) };
    let covers =
        |(place, letter)| if place < head || place >= length - tail { letter } else { '*' };
    text.chars().enumerate().map(covers).collect()
}

/// The text in groups of four, as people read long codes aloud.
pub(super) fn in_fours(text: &str) -> String {
    let mut grouped = String::with_capacity(text.len() + text.len() / 4);
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(letter);
    }
    grouped
}

/// Refuses everything but ASCII digits in one of the given lengths.
pub(super) fn digits(
    text: &str,
    code: CodeKind,
    expected: &'static [usize],
) -> Result<(), CodeError> {
    let found = text.chars().count();
    if found == 0 {
        return Err(CodeError::Empty(code));
    }
    if !expected.contains(&found) {
        return Err(CodeError::Length { code, expected, found });
    }
    match text.chars().enumerate().find(|(_, letter)| !letter.is_ascii_digit()) {
        Some((at, found)) => Err(CodeError::Character { code, place: at + 1, found }),
        None => Ok(()),
    }
}

/// What Chinese input methods write wide, and the dashes that stand for a minus, as the keys of a keyboard write them.
pub fn half_width(letter: char) -> char {
    match letter {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xff01 + 0x21).unwrap_or(letter)
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => letter,
    }
}

/// Marks that a copy and paste brings along and nobody sees.
fn is_invisible(letter: char) -> bool {
    is_mark(letter) || letter.is_control()
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_text_gets_one_spelling() {
        assert_eq!(compact(" １１０１０５ 1949-1231\u{200b}００２ｘ\n"), "11010519491231002X");
        assert_eq!(gentle("\u{3000}ＬＩ  Ming\u{feff} "), "LI Ming");
        assert_eq!(gentle("a\tb"), "a\tb");
    }

    #[test]
    fn covers_and_groups() {
        assert_eq!(cover("13812345678", 3, 4), "138****5678");
        assert_eq!(cover("1234", 3, 4), "****");
        assert_eq!(cover("", 1, 0), "");
        assert_eq!(in_fours("919901000000000003"), "9199 0100 0000 0000 03");
    }
}
