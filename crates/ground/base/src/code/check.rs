//! The check-character systems that the codes share: ISO 7064 and the modulus-31 sum of GB 32100.
//! Every function answers nothing when a character is outside its alphabet.

/// Letters and digits of GB 32100, in the order of their values; I, O, S, V and Z are left out.
pub(super) const ALPHABET_31: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// ISO 7064 MOD 11-2 over digits; the value 10 is written X.
pub(super) fn mod_11_2(digits: &str) -> Option<char> {
    let mut sum = 0;
    for digit in digits.chars() {
        sum = (sum + digit.to_digit(10)?) * 2 % 11;
    }
    Some(eleven((12 - sum) % 11))
}

/// ISO 7064 MOD 11,10 over digits.
pub(super) fn mod_11_10(digits: &str) -> Option<char> {
    hybrid(digits, 10)
}

/// ISO 7064 MOD 37,36 over digits and capital letters.
pub(super) fn mod_37_36(text: &str) -> Option<char> {
    hybrid(text, 36)
}

/// The sum of GB 32100: the character at place i weighs 3 to the power i, modulo 31.
pub(super) fn mod_31(text: &str) -> Option<char> {
    let mut sum = 0;
    let mut weight = 1;
    for letter in text.chars() {
        let value = ALPHABET_31.chars().position(|known| known == letter)?;
        sum = (sum + value * weight) % 31;
        weight = weight * 3 % 31;
    }
    ALPHABET_31.chars().nth((31 - sum) % 31)
}

/// The sum of GB 11714 over eight digits and capital letters; the value 10 is written X.
pub(super) fn organisation(body: &str) -> Option<char> {
    let mut sum = 0;
    for (letter, weight) in body.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]) {
        sum += value_36(letter)? * weight;
    }
    Some(eleven((11 - sum % 11) % 11))
}

/// The sum of GB 12904: from the right, every other digit weighs three, the nearest one first.
pub(super) fn product(digits: &str) -> Option<char> {
    let mut sum = 0;
    for (digit, weight) in digits.chars().rev().zip([3, 1].into_iter().cycle()) {
        sum += digit.to_digit(10)? * weight;
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The value of a digit or a capital letter, 0 to 35.
pub(super) fn value_36(letter: char) -> Option<u32> {
    if letter.is_ascii_lowercase() { None } else { letter.to_digit(36) }
}

fn hybrid(text: &str, radix: u32) -> Option<char> {
    let mut product = radix;
    for letter in text.chars() {
        let value = value_36(letter).filter(|value| *value < radix)?;
        let sum = (product + value) % radix;
        product = if sum == 0 { radix } else { sum } * 2 % (radix + 1);
    }
    char::from_digit((radix + 1 - product) % radix, radix).map(|letter| letter.to_ascii_uppercase())
}

fn eleven(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('X')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_agree_with_the_published_vectors() {
        assert_eq!(mod_11_2("11010519491231002"), Some('X'));
        assert_eq!(mod_11_2("44052418800101001"), Some('4'));
        assert_eq!(mod_11_10("11010800000001"), Some('6'));
        assert_eq!(mod_31("91350100M000100Y4"), Some('3'));
        assert_eq!(organisation("D2143569"), Some('X'));
        assert_eq!(product("690123456789"), Some('2'));
    }

    #[test]
    fn a_character_outside_the_alphabet_has_no_sum() {
        assert_eq!(mod_11_2("1a"), None);
        assert_eq!(mod_11_10("1A"), None);
        assert_eq!(mod_37_36("a"), None);
        assert_eq!(mod_31("I"), None);
        assert_eq!(organisation("D214356中"), None);
    }
}
