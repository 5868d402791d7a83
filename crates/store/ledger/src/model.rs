//! What the record is made of and what is said about it: entries, proofs, trust, reports and faults.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Act, Text};
use zhengtong_crypto::merkle::{verify_consistency, verify_inclusion};
use zhengtong_crypto::{Digest, KeyId, SignedCheckpoint, VerifyingKey};

use crate::canon::leaf_hash;

/// The number of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub i64);

/// An act as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number.
    pub id: EntryId,
    /// The act; its moment is exact to the microsecond.
    pub act: Act,
    /// The transaction of the database in which it was recorded.
    pub txid: u64,
}

/// Which entries are asked for; what is none does not narrow the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Not before this moment.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub to: Option<OffsetDateTime>,
    /// The account that acted.
    pub account: Option<Uuid>,
    /// The person who acted.
    pub person: Option<Uuid>,
    /// The organisation whose post the actor held.
    pub organisation: Option<Uuid>,
    /// The person whose data was touched.
    pub subject: Option<Uuid>,
    /// How the verb begins, such as `casework.`.
    pub verb: Option<String>,
    /// The kind of thing.
    pub thing_kind: Option<String>,
    /// The identifier of the thing.
    pub thing: Option<String>,
    /// The request.
    pub request: Option<String>,
}

/// The proof that an entry stands in the tree of a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The entry.
    pub entry: EntryId,
    /// The position of its leaf, from 0.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf: Digest,
    /// The audit path.
    pub path: Vec<Digest>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// The proof that an older tree is the beginning of a newer one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Leaves of the older tree.
    pub old: u64,
    /// Leaves of the newer tree.
    pub new: u64,
    /// The path.
    pub path: Vec<Digest>,
}

/// What the one who verifies knows from elsewhere. Without any of it the record can only be found
/// to agree with itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// The keys that may sign; when empty, the keys that the record itself carries.
    pub keys: Vec<VerifyingKey>,
    /// Checkpoints that were seen before, such as printed or kept by a witness; the record must still hold them.
    pub witnessed: Vec<SignedCheckpoint>,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sealed entries that were read.
    pub entries: u64,
    /// Checkpoints that were read.
    pub checkpoints: u64,
    /// Entries that stand under no checkpoint yet; only the database knows them.
    pub unsealed: u64,
    /// The keys that the record carries.
    pub keys: Vec<KeyId>,
    /// The last checkpoint that held.
    pub last: Option<SignedCheckpoint>,
    /// The first fault; none when the whole record holds.
    pub fault: Option<Fault>,
}

/// Where the record does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The entry, when it is known.
    pub entry: Option<EntryId>,
    /// The table and row, or the line of the file.
    pub place: String,
    /// The field, when it can be told, or the fields among which it is.
    pub field: Option<String>,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The fields of an entry are not those that were sealed.
    EntryAltered,
    /// The hash of a leaf is not the one that was sealed.
    LeafAltered,
    /// An entry that was sealed is gone.
    EntryMissing,
    /// A leaf is gone or stands elsewhere.
    LeafMissing,
    /// An entry was put where the sealer never comes.
    EntrySkipped,
    /// A field has a form that the platform never writes.
    Malformed,
    /// The leaves do not make the root that was signed.
    RootMismatch,
    /// Leaves stand after the last checkpoint.
    CheckpointMissing,
    /// Checkpoints do not grow.
    CheckpointOrder,
    /// The signature does not fit the checkpoint.
    Signature,
    /// The key of a checkpoint is not there.
    KeyMissing,
    /// A key is not the one its name says.
    KeyAltered,
    /// A key is not among those that are trusted.
    KeyUntrusted,
    /// A stored inner node is not what its leaves make.
    NodeAltered,
    /// A checkpoint that was seen before no longer belongs to the record.
    WitnessMismatch,
    /// A line of the file is not readable or not in its one form.
    Line,
    /// The file does not end where its last line says.
    Truncated,
}

impl fmt::Display for EntryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Entry {
    /// The hash of the entry's leaf, computed from all its fields.
    pub fn leaf_hash(&self) -> Digest {
        leaf_hash(self)
    }
}

impl InclusionProof {
    /// Whether the proof shows that exactly this entry stands under a checkpoint signed with this key.
    pub fn verify(&self, entry: &Entry, key: &VerifyingKey) -> bool {
        let tree = &self.checkpoint.checkpoint;
        entry.id == self.entry
            && entry.leaf_hash() == self.leaf
            && self.checkpoint.verify(key).is_ok()
            && verify_inclusion(self.leaf, self.index, tree.size, &self.path, tree.root)
    }
}

impl ConsistencyProof {
    /// Whether the proof shows that the tree of `old` is the beginning of the tree of `new`.
    pub fn verify(&self, old: &SignedCheckpoint, new: &SignedCheckpoint) -> bool {
        let (old, new) = (&old.checkpoint, &new.checkpoint);
        old.size == self.old
            && new.size == self.new
            && verify_consistency(self.old, self.new, &self.path, old.root, new.root)
    }
}

impl Report {
    /// Whether the whole record holds.
    pub fn is_sound(&self) -> bool {
        self.fault.is_none()
    }
}

impl Fault {
    /// A fault of a kind at a place.
    pub(crate) fn new(kind: FaultKind, place: impl Into<String>) -> Self {
        Self { kind, entry: None, place: place.into(), field: None }
    }

    /// Names the entry.
    #[must_use]
    pub(crate) fn of(mut self, entry: EntryId) -> Self {
        self.entry = Some(entry);
        self
    }

    /// Names the field.
    #[must_use]
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.kind.text().en)?;
        if let Some(entry) = self.entry {
            write!(formatter, ", entry {entry}")?;
        }
        if let Some(field) = &self.field {
            write!(formatter, ", look at {field}")?;
        }
        Ok(())
    }
}

impl FaultKind {
    /// The fault in words.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Self::EntryAltered => ("记录内容与封存时不同", "the entry is not as it was sealed"),
            Self::LeafAltered => ("叶节点摘要与封存时不同", "the leaf is not as it was sealed"),
            Self::EntryMissing => ("已封存的记录不见了", "a sealed entry is gone"),
            Self::LeafMissing => ("叶节点缺失或错位", "a leaf is gone or stands elsewhere"),
            Self::EntrySkipped => {
                ("记录被插在封存位置之前", "an entry was put before what is sealed")
            }
            Self::Malformed => ("字段形式异常", "a field has a form that is never written"),
            Self::RootMismatch => ("树根与签名的不符", "the leaves do not make the signed root"),
            Self::CheckpointMissing => {
                ("封存点之后还有叶节点", "leaves stand after the last checkpoint")
            }
            Self::CheckpointOrder => ("封存点次序错误", "the checkpoints are out of order"),
            Self::Signature => ("封存点签名不符", "the signature of a checkpoint does not fit"),
            Self::KeyMissing => ("封存点的公钥不见了", "the public key of a checkpoint is gone"),
            Self::KeyAltered => ("公钥与编号不符", "a public key does not fit its name"),
            Self::KeyUntrusted => {
                ("签名公钥不受信任", "a checkpoint was signed with a key that is not trusted")
            }
            Self::NodeAltered => ("中间节点与叶节点不符", "an inner node does not fit its leaves"),
            Self::WitnessMismatch => {
                ("与见证的封存点不符", "the record does not hold a witnessed checkpoint")
            }
            Self::Line => ("文件这一行被改动或无法读取", "the line is altered or unreadable"),
            Self::Truncated => ("文件不完整", "the file is not complete"),
        };
        Text::new(zh, en)
    }
}
