//! The master key: 32 bytes in a file of their own, plain or under a passphrase, or a credential of the
//! service manager. Never in the database.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use zhengtong_crypto::{KeyKind, Keyring};

use crate::error::{Error, Result};

/// The name of the file in the data folder, and of the credential.
pub(crate) const FILE: &str = "master.key";
/// The first line of a file that is wrapped under a passphrase.
const WRAPPED: &str = "zhengtong master key v1 argon2id m=65536 t=3 p=1";

/// Where the master key is looked for.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The data folder.
    pub folder: PathBuf,
    /// The folder of credentials that the service manager gives.
    pub credentials: Option<PathBuf>,
    /// The passphrase under which the file is wrapped.
    pub passphrase: Option<String>,
}

/// The master key.
#[derive(Clone, PartialEq, Eq)]
pub struct Master(pub(crate) [u8; 32]);

impl std::fmt::Debug for Master {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Master")
    }
}

impl Places {
    /// The file where the master key is, or would be made.
    pub fn path(&self) -> PathBuf {
        match &self.credentials {
            Some(folder) if folder.join(FILE).exists() => folder.join(FILE),
            _ => self.folder.join(FILE),
        }
    }

    /// Whether the master key may be replaced here.
    pub(crate) fn is_ours(&self) -> bool {
        self.path().starts_with(&self.folder)
    }

    /// Where a new master key waits until the database has taken it.
    pub(crate) fn waiting(&self) -> PathBuf {
        self.folder.join(format!("{FILE}.new"))
    }
}

impl Master {
    /// A new master key.
    pub fn draw() -> Result<Self> {
        Ok(Self(random()?))
    }

    /// The master key of a file; none when there is no file.
    pub fn read(path: &Path, passphrase: Option<&str>) -> Result<Option<Self>> {
        let fault = |what: String| Error::File { path: path.to_owned(), what };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fault(error.to_string())),
        };
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default().trim();
        if first != WRAPPED {
            return bytes(first).map(|key| Some(Self(key))).ok_or_else(|| {
                fault("要 64 位十六进制 / 64 hexadecimal digits wanted".to_owned())
            });
        }
        let (salt, wrapped) = (lines.next().and_then(unhex), lines.next().and_then(unhex));
        let (Some(salt), Some(wrapped)) = (salt, wrapped) else {
            return Err(fault("文件不完整 / the file is not complete".to_owned()));
        };
        let wrong = || Error::Passphrase(path.to_owned());
        let ring = Keyring::new(&stretch(passphrase.ok_or_else(wrong)?, &salt)?);
        let key = ring.unwrap((FILE, KeyKind::Secret, 1), &wrapped).ok().ok_or_else(wrong)?;
        Ok(Some(Self(key)))
    }

    /// Writes the key to a file of its own, whole or not at all, for its owner's eyes only.
    pub fn write(&self, path: &Path, passphrase: Option<&str>) -> Result<()> {
        let text = match passphrase {
            None => format!("{}\n", hex::encode(self.0)),
            Some(passphrase) => {
                let salt: [u8; 32] = random()?;
                let ring = Keyring::new(&stretch(passphrase, &salt)?);
                let wrapped = ring.wrap((FILE, KeyKind::Secret, 1), &self.0)?;
                format!("{WRAPPED}\n{}\n{}\n", hex::encode(salt), hex::encode(wrapped))
            }
        };
        let fault =
            |error: std::io::Error| Error::File { path: path.to_owned(), what: error.to_string() };
        let draft = path.with_extension("draft");
        if draft.exists() {
            fs::remove_file(&draft).map_err(fault)?;
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)
            .map_err(fault)?;
        file.write_all(text.as_bytes()).map_err(fault)?;
        file.sync_all().map_err(fault)?;
        replace(&draft, path)
    }
}

/// Puts a file in the place of another, and waits until the folder knows it.
pub(crate) fn replace(from: &Path, to: &Path) -> Result<()> {
    let done = fs::rename(from, to).and_then(|()| match to.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    });
    done.map_err(|error| Error::File { path: to.to_owned(), what: error.to_string() })
}

pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok().ok_or(Error::Chance)?;
    Ok(bytes)
}

fn stretch(passphrase: &str, salt: &[u8]) -> Result<[u8; 32]> {
    let params = Params::new(65_536, 3, 1, Some(32)).ok().ok_or(Error::Chance)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .ok()
        .ok_or(Error::Chance)?;
    Ok(key)
}

fn unhex(line: &str) -> Option<Vec<u8>> {
    hex::decode(line.trim()).ok()
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    unhex(text)?.try_into().ok()
}
