//! Citizen numbers as two registers hold them: of 15 or 18 digits, with or without a slip of the pen.

/// A citizen number as it is compared: 18 places when it can be brought to that, and whether its check holds.
pub(crate) struct Number {
    pub(crate) text: String,
    /// It had 18 places and its check character is right.
    pub(crate) proven: bool,
    /// It had 15 places.
    pub(crate) old: bool,
}

pub(crate) fn number(text: &str) -> Number {
    let clean: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let clean = clean.to_ascii_uppercase();
    match clean.len() {
        15 if clean.bytes().all(|b| b.is_ascii_digit()) => {
            Number { text: upgraded(&clean), proven: false, old: true }
        }
        18 => Number { proven: is_right(&clean), text: clean, old: false },
        _ => Number { text: clean, proven: false, old: false },
    }
}

fn upgraded(old: &str) -> String {
    let (area, rest) = old.split_at(6);
    let mut text = format!("{area}19{rest}");
    text.push(check(&text));
    text
}

fn is_right(text: &str) -> bool {
    let (first, last) = text.split_at(17);
    first.bytes().all(|b| b.is_ascii_digit()) && last.starts_with(check(first))
}

/// ISO 7064 MOD 11-2 over 17 digits.
fn check(digits: &str) -> char {
    let sum = digits
        .bytes()
        .fold(0_u32, |sum, digit| (sum + u32::from(digit.wrapping_sub(b'0'))) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('X'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_brought_to_18_places() {
        let old = number("110105491231002");
        assert_eq!((old.text.as_str(), old.proven, old.old), ("11010519491231002X", false, true));
        let new = number("11010519491231002x");
        assert_eq!((new.text.as_str(), new.proven, new.old), ("11010519491231002X", true, false));
        assert!(!number("110105194912310021").proven);
        assert!(number("34052419800101001X").proven);
        assert_eq!(number("护照G123").text, "G123");
    }
}
