//! Texts that stand sealed in a column of texts: the sealed bytes in hexadecimal behind a mark. A text without the
//! mark was written before there were keys, and is read as it is, so that a column changes over row by row.

use crate::digest::{from_hex, to_hex};
use crate::keyring::Keyring;
use crate::seal::SealError;

/// How a sealed text begins: the mark, then the head of sealed bytes. Nobody types it by chance, and what is typed
/// stands inside the seal.
const MARK: &str = "sealed:5a01";
/// The part of it that is not of the bytes.
const PREFIX: &str = "sealed:";

/// Whether a stored text is sealed.
pub fn is_sealed_text(stored: &str) -> bool {
    stored.starts_with(MARK)
}

impl Keyring {
    /// Seals a text so that it can stand in a column of texts. An empty text says nothing and stays.
    pub fn seal_text(&self, field: &str, place: &str, plain: &str) -> Result<String, SealError> {
        if plain.is_empty() {
            return Ok(String::new());
        }
        let sealed = self.seal(field, place, plain.as_bytes())?;
        Ok(format!("{PREFIX}{}", to_hex(&sealed)))
    }

    /// Opens a text of a column; one that is not sealed comes back as it is.
    pub fn read_text(&self, field: &str, place: &str, stored: String) -> Result<String, SealError> {
        if !is_sealed_text(&stored) {
            return Ok(stored);
        }
        let bytes = stored.strip_prefix(PREFIX).and_then(from_hex).ok_or(SealError::NotSealed)?;
        self.open_text(field, place, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "casework.words";

    #[test]
    fn a_text_opens_in_its_place_and_an_older_one_is_read_as_it_is() {
        let ring = Keyring::for_tests();
        let sealed = ring.seal_text(FIELD, "1/reason", "材料齐全").unwrap();
        assert!(is_sealed_text(&sealed) && !sealed.contains("材料"));
        let read = |place: &str, stored: &str| ring.read_text(FIELD, place, stored.to_owned());
        assert_eq!(read("1/reason", &sealed).unwrap(), "材料齐全");
        assert_eq!(read("2/reason", &sealed), Err(SealError::Altered(FIELD.to_owned())));
        assert_eq!(read("1/reason", "材料齐全").unwrap(), "材料齐全");
        assert_eq!(ring.seal_text(FIELD, "1/reason", "").unwrap(), "");
        assert_eq!(read("1/reason", "sealed:5a01zz"), Err(SealError::NotSealed));
    }

    #[test]
    fn what_looks_sealed_and_was_typed_is_sealed_too() {
        let ring = Keyring::for_tests();
        let typed = "sealed:5a01 is what somebody typed";
        let sealed = ring.seal_text(FIELD, "p", typed).unwrap();
        assert_eq!(ring.read_text(FIELD, "p", sealed).unwrap(), typed);
    }
}
