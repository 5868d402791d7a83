//! The key of a backup follows from a passphrase that is kept elsewhere: a backup whose key lies beside it
//! is not sealed, and a key that burned with the city opens nothing.

use std::fs;
use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use zhengtong_crypto::StreamKey;

use crate::error::{Error, Result};
use crate::manifest::{FORM, Header, Kdf};

/// Memory of the derivation, in KiB.
const MEMORY_KIB: u32 = 64 * 1024;
/// Passes of the derivation.
const PASSES: u32 = 3;
/// A header may not ask for more: it is read before anything is verified.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 20;
/// Shorter passphrases are refused.
const BYTES_MIN: usize = 16;

/// A passphrase; it is never shown.
#[derive(Clone)]
pub struct Passphrase(String);

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Passphrase")
    }
}

impl Passphrase {
    /// A passphrase of at least 16 bytes.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim_end_matches(['\r', '\n']);
        if text.len() < BYTES_MIN {
            let what = format!("the passphrase needs at least {BYTES_MIN} bytes");
            return Err(Error::io(what)(std::io::ErrorKind::InvalidInput.into()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The first line of a file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .map_err(Error::io(format!("the passphrase file {}", path.display())))?;
        Self::new(text.lines().next().unwrap_or_default())
    }

    /// A new header with a salt of its own, and its key.
    pub(crate) fn begin(&self) -> Result<(Header, StreamKey)> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random)
            .map_err(|error| Error::io("random bytes")(std::io::Error::other(error)))?;
        let (id, salt) = random.split_at(16);
        let kdf = Kdf {
            name: "argon2id".to_owned(),
            memory: MEMORY_KIB,
            passes: PASSES,
            salt: hex::encode(salt),
        };
        let key = self.derive(&kdf)?;
        let header = Header {
            form: FORM,
            id: hex::encode(id),
            cipher: "lz4 sm4-gcm".to_owned(),
            kdf,
            check: hex::encode(key.check()),
        };
        Ok((header, key))
    }

    /// The key of a header, if this is its passphrase.
    pub(crate) fn open(&self, header: &Header) -> Result<StreamKey> {
        let key = self.derive(&header.kdf)?;
        if hex::encode(key.check()) == header.check { Ok(key) } else { Err(Error::Passphrase) }
    }

    fn derive(&self, kdf: &Kdf) -> Result<StreamKey> {
        let salt = hex::decode(&kdf.salt).ok().ok_or(Error::Passphrase)?;
        let dear = kdf.memory > MEMORY_KIB_MAX || kdf.passes > PASSES_MAX;
        if kdf.name != "argon2id" || dear {
            return Err(Error::Passphrase);
        }
        let params = Params::new(kdf.memory, kdf.passes, 1, Some(32)).ok();
        let params = params.ok_or(Error::Passphrase)?;
        let mut secret = [0_u8; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), &salt, &mut secret)
            .ok()
            .ok_or(Error::Passphrase)?;
        Ok(StreamKey::new(&secret))
    }
}
