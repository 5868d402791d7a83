//! The code of a paper: 26 characters that nobody can guess, in an alphabet that people read aloud safely.

use zhengtong_base::code::{heard, is_spoken, spoken};

use crate::error::{Error, Result};

/// Characters of a code: 130 random bits.
pub(crate) const CHARS: usize = 26;

/// A new code.
pub(crate) fn fresh() -> Result<String> {
    let mut bytes = [0_u8; CHARS];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no random bytes for the code of a paper");
        Error::Random
    })?;
    Ok(spoken(&bytes))
}

/// Reads a code as people type it: small letters, groups, an O for a nought. Nothing when it is no code.
pub(crate) fn read(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(CHARS);
    for letter in typed.chars().filter(|letter| !matches!(letter, ' ' | '-' | '\u{3000}')) {
        let letter = heard(letter);
        if !is_spoken(letter) || code.len() == CHARS {
            return None;
        }
        code.push(letter);
    }
    (code.len() == CHARS).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_codes_are_read_back_and_differ() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, other);
        assert_eq!(read(&one), Some(one.clone()));
        assert_eq!(read(&one.to_lowercase()), Some(one));
    }

    #[test]
    fn typed_codes_are_forgiven_and_others_refused() {
        let code = "0123456789ABCDEFGHJKMNPQRS";
        for typed in ["0123-4567-89AB-CDEF-GHJK-MNPQ-RS", "oi23456789abcdefghjkmnpqrs"] {
            assert_eq!(read(typed).as_deref(), Some(code));
        }
        for typed in ["", "0123", "0123456789ABCDEFGHJKMNPQRU", "0123456789ABCDEFGHJKMNPQRSS", "中"]
        {
            assert_eq!(read(typed), None, "{typed}");
        }
    }
}
