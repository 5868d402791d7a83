//! Letters of codes that people read aloud and type: Crockford's base 32, which has no I, L, O and U.

/// The letters, one for each five bits.
const LETTERS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J',
    'K', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z',
];

/// One letter for the low five bits of each byte.
pub fn spoken(bytes: &[u8]) -> String {
    bytes.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 31))).collect()
}

/// A letter as it was meant: capital, a nought for an O, a one for an I or an L.
pub fn heard(letter: char) -> char {
    match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// Whether a letter as it was meant stands in such codes.
pub fn is_spoken(letter: char) -> bool {
    LETTERS.contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_heard_as_it_was_meant() {
        let all: Vec<u8> = (0..=255).collect();
        let code = spoken(&all);
        assert_eq!(code.len(), 256);
        assert!(code.chars().all(|letter| is_spoken(letter) && heard(letter) == letter));
        assert_eq!("oOiIlLz".chars().map(heard).collect::<String>(), "001111Z");
        assert!(!"IiLlOoUu-中".chars().any(is_spoken));
    }
}
