//! Names and words of supervisors and of those who answer them stand sealed in the tables.

use zhengtong_db::Keyring;

use crate::error::Result;

/// The field of names and words.
const WORDS: &str = "supervision.words";
/// The fields of this suite that need keys. What was written is never written again, so older keys stay.
pub const SEALED: &[&str] = &[WORDS];

/// Seals a text for the place it stands in.
pub(crate) fn hide(ring: &Keyring, place: &str, plain: &str) -> Result<String> {
    Ok(ring.seal_text(WORDS, place, plain).map_err(zhengtong_db::Error::from)?)
}

/// Opens a text of a place.
pub(crate) fn read(ring: &Keyring, place: &str, stored: String) -> Result<String> {
    Ok(ring.read_text(WORDS, place, stored).map_err(zhengtong_db::Error::from)?)
}
