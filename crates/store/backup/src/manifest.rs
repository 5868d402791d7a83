//! What a backup says of itself: signed, readable without a passphrase, with the digests of every piece.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The form of the file.
pub(crate) const FORM: u32 = 1;

/// The first part of a backup: how its pieces are sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The form of the file.
    pub form: u32,
    /// A name of its own, 32 hexadecimal digits.
    pub id: String,
    /// How the pieces are sealed.
    pub cipher: String,
    /// How the key follows from the passphrase.
    pub kdf: Kdf,
    /// Tells a wrong passphrase from an altered backup.
    pub check: String,
}

/// Argon2id with its costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kdf {
    /// Always `argon2id`.
    pub name: String,
    /// Memory in KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
    /// The salt in hexadecimal.
    pub salt: String,
}

/// How the database was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The whole private cluster with its log.
    Cluster,
    /// A dump of one database elsewhere.
    Dump,
}

/// One piece of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// `database`, `files`, `index` or `keys`.
    pub name: String,
    /// Where it begins in the file.
    pub offset: u64,
    /// Its bytes in the file.
    pub bytes: u64,
    /// Its bytes before they were compressed and sealed.
    pub plain_bytes: u64,
    /// How many chunks it has.
    pub chunks: u32,
    /// The SM3 digest of its bytes in the file.
    pub sm3: String,
    /// The SHA-256 digest of the same bytes.
    pub sha256: String,
}

/// The last part of a backup but the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The name of the backup, as in the header.
    pub id: String,
    /// When the copy began.
    #[serde(with = "time::serde::rfc3339")]
    pub began: OffsetDateTime,
    /// The instant of the backup: what was acknowledged before `began` is in it; the copy ended then.
    #[serde(with = "time::serde::rfc3339")]
    pub ended: OffsetDateTime,
    /// The version of the program.
    pub program: String,
    /// How the database was copied.
    pub database: Form,
    /// The system identifier of the cluster.
    pub system: String,
    /// The version of PostgreSQL.
    pub postgres: String,
    /// The epoch of the primary.
    pub epoch: u64,
    /// The last step of each schema.
    pub schemas: BTreeMap<String, i64>,
    /// The signed checkpoint of the record when the copy began; the restored record must hold it. None
    /// while nothing was sealed.
    pub checkpoint: Option<String>,
    /// Entries of the record when the copy began.
    pub entries: i64,
    /// How many files by digest the city has.
    pub files: u64,
    /// How many of them are in this backup itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_files: Option<u64>,
    /// The ids of the backups beside it that hold the others; none of a whole backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<String>,
    /// The names of the small files beside the database: `master.key` is among them unless the machine
    /// keeps it elsewhere.
    pub keys: Vec<String>,
    /// Files whose bytes no longer fit their digest when they were copied.
    pub damaged: Vec<String>,
    /// The SM3 digest of the header.
    pub header_sm3: String,
    /// All pieces, in order.
    pub pieces: Vec<Piece>,
}

/// Who signed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    /// The public key.
    pub(crate) key: String,
    /// The signature over the bytes of the manifest.
    pub(crate) signature: String,
}

impl Manifest {
    /// A piece by name.
    pub fn piece(&self, name: &str) -> Option<(u32, &Piece)> {
        let found = self.pieces.iter().enumerate().find(|(_, piece)| piece.name == name);
        found.and_then(|(index, piece)| Some((u32::try_from(index).ok()?, piece)))
    }

    /// Bytes of all pieces before they were compressed.
    pub fn plain_bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.plain_bytes).sum()
    }
}
