//! Texts as components take them, and the escaping of an address inside an address.

use std::borrow::Cow;

use maud::{Markup, html};

/// A text a component shows: borrowed where it stands in the code, owned where it was put together.
pub type Words<'a> = Cow<'a, str>;

/// Percent-encodes a value for the query of an address, leaving only unreserved characters as they are.
pub fn encode(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
            }
        }
    }
    out
}

/// Words as they were kept, whatever the language of the page: marked as Chinese where they are.
pub fn kept(words: &str) -> Markup {
    let chinese = words.chars().any(|letter| ('\u{2e80}'..='\u{9fff}').contains(&letter));
    html! { @if chinese { span lang="zh-CN" { (words) } } @else { (words) } }
}

/// Groups the digits of a whole number by three with no-break spaces: `41 206`.
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    if value < 0 {
        out.push('\u{2212}');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// A count that somebody stopped at: `999+`.
pub fn counted(value: i64, most: Option<i64>) -> String {
    match most {
        Some(most) if value >= most => format!("{}+", number(most - 1)),
        _ => number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_what_would_end_a_query_value() {
        assert_eq!(encode("/hall?q=上&page=2"), "/hall%3Fq%3D%E4%B8%8A%26page%3D2");
        assert_eq!(encode("/my/a-b_c.d~e"), "/my/a-b_c.d~e");
    }

    #[test]
    fn groups_digits_by_three() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(41_206), "41\u{a0}206");
        assert_eq!(number(-1_234_567), "\u{2212}1\u{a0}234\u{a0}567");
    }
}
