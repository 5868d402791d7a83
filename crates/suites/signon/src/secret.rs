//! Random texts that are given out once, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;
use zhengtong_crypto::sm3;

use crate::error::{Error, Result};
use crate::model::Secret;

/// Random bytes of the operating system: the one place of this suite that asks for them.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Key(error.to_string()))?;
    Ok(bytes)
}

impl Secret {
    /// A new one of 256 bits.
    pub(crate) fn random() -> Result<Self> {
        Ok(Self(encode(&random::<32>()?)))
    }

    /// What is stored of it. It is random and long, so a plain hash cannot be turned back.
    pub(crate) fn hash(&self) -> Vec<u8> {
        sm3(self.0.as_bytes()).to_vec()
    }
}

/// Base 64 for addresses, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The other way.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The name of something at one client: nobody without that client's salt can tell that two names are one.
/// Salt and identifier have fixed lengths, so nothing can be moved from one to the other.
pub(crate) fn pairwise(salt: &[u8], word: &str, id: Uuid) -> String {
    let mut bytes = salt.to_vec();
    bytes.extend_from_slice(id.as_bytes());
    bytes.extend_from_slice(word.as_bytes());
    encode(&sm3(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_client_and_by_what_they_name() {
        let id = Uuid::from_u128(7);
        let names = [
            pairwise(&[1; 32], "sub", id),
            pairwise(&[2; 32], "sub", id),
            pairwise(&[1; 32], "sid", id),
            pairwise(&[1; 32], "sub", Uuid::from_u128(8)),
        ];
        for (place, name) in names.iter().enumerate() {
            assert_eq!(name.len(), 43);
            assert!(!names.iter().skip(place + 1).any(|other| other == name));
        }
        assert_eq!(names.first(), Some(&pairwise(&[1; 32], "sub", id)));
    }

    #[test]
    fn a_secret_hides_and_differs() {
        let (one, two) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(format!("{one:?}"), "Secret(…)");
        assert_eq!(one.hash(), Secret::from_text(one.as_str()).hash());
    }
}
