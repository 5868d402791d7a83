//! The keys of fields in memory. A field is a name such as `party.person.id_number`; it has a secret for
//! sealing in any number of versions, of which the newest seals, and one secret for its blind index. All of
//! them are random and are kept wrapped under the master key; whoever destroys one destroys the data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::mac::{Macer, derive};
use crate::seal::{SealError, Sealer, version_of};

/// Thirty-two secret bytes.
pub type Secret = [u8; 32];

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// To seal and open.
    Data,
    /// To find what is equal without opening it.
    Index,
    /// A secret of the platform itself, such as the key that signs the record.
    Secret,
}

/// The keys of all fields, and the master key that wraps them. Clones share one ring.
#[derive(Clone)]
pub struct Keyring {
    master: Arc<RwLock<Arc<Sealer>>>,
    ring: Arc<RwLock<Ring>>,
    /// For tests only: keys that are missing follow from this secret.
    seed: Option<Secret>,
}

#[derive(Default)]
struct Ring {
    data: BTreeMap<String, BTreeMap<u32, Arc<Sealer>>>,
    index: BTreeMap<String, Arc<Macer>>,
    /// Keys that open already and do not seal yet, so that no node meets a key it has not read.
    waiting: BTreeSet<(String, u32)>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keyring")
    }
}

impl KeyKind {
    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Index => "index",
            Self::Secret => "secret",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Data, Self::Index, Self::Secret].into_iter().find(|kind| kind.word() == word)
    }
}

impl Keyring {
    /// An empty ring under a master key.
    pub fn new(master: &Secret) -> Self {
        Self {
            master: Arc::new(RwLock::new(Arc::new(master_sealer(master)))),
            ring: Arc::default(),
            seed: None,
        }
    }

    /// A ring for tests: every field has a key, and always the same one.
    pub fn for_tests() -> Self {
        let seed = [0x54; 32];
        Self { seed: Some(seed), ..Self::new(&seed) }
    }

    /// Wraps a secret for the table of keys.
    pub fn wrap(
        &self,
        (field, kind, version): (&str, KeyKind, u32),
        secret: &Secret,
    ) -> Result<Vec<u8>, SealError> {
        self.master().seal(&place(field, kind, version), secret)
    }

    /// Unwraps a secret of the table of keys.
    pub fn unwrap(
        &self,
        (field, kind, version): (&str, KeyKind, u32),
        wrapped: &[u8],
    ) -> Result<Secret, SealError> {
        let wrong = || SealError::WrongMaster(field.to_owned());
        let plain = self.master().open(&place(field, kind, version), wrapped);
        plain.ok().and_then(|plain| plain.try_into().ok()).ok_or_else(wrong)
    }

    /// Another master key takes the place of the one that is there; the keys of fields stay.
    pub fn set_master(&self, master: &Secret) {
        let mut place = self.master.write().unwrap_or_else(PoisonError::into_inner);
        *place = Arc::new(master_sealer(master));
    }

    /// Takes a key into the ring.
    pub fn insert(&self, (field, kind, version): (&str, KeyKind, u32), secret: &Secret) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        match kind {
            KeyKind::Data => {
                let sealer = Arc::new(Sealer::new(field, version, secret));
                ring.data.entry(field.to_owned()).or_default().insert(version, sealer);
            }
            KeyKind::Index => {
                ring.index.insert(field.to_owned(), Arc::new(index_macer(secret)));
            }
            KeyKind::Secret => {}
        }
    }

    /// Forgets all keys of a field.
    pub fn forget(&self, field: &str) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.data.remove(field);
        ring.index.remove(field);
    }

    /// Forgets one version of the key of a field.
    pub fn forget_version(&self, field: &str, version: u32) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(versions) = ring.data.get_mut(field) {
            versions.remove(&version);
        }
    }

    /// Names the versions that open already and do not seal yet.
    pub fn set_waiting(&self, waiting: BTreeSet<(String, u32)>) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).waiting = waiting;
    }

    /// Whether a version waits to be used.
    pub fn is_waiting(&self) -> bool {
        !self.ring.read().unwrap_or_else(PoisonError::into_inner).waiting.is_empty()
    }

    /// The fields of which there is a key.
    pub fn fields(&self) -> Vec<String> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.data.keys().cloned().collect()
    }

    /// Whether the ring has this version of the key of a field.
    pub fn has(&self, field: &str, version: u32) -> bool {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.data.get(field).is_some_and(|versions| versions.contains_key(&version))
    }

    /// The newest key of a field, for many values at once.
    pub fn sealer(&self, field: &str) -> Result<Arc<Sealer>, SealError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let newest = ring.data.get(field).and_then(|versions| {
            let waits = |version: u32| ring.waiting.contains(&(field.to_owned(), version));
            versions.iter().rev().find(|(version, _)| ring.waiting.is_empty() || !waits(**version))
        });
        if let Some((_, sealer)) = newest {
            return Ok(Arc::clone(sealer));
        }
        drop(ring);
        let seed = self.seed.ok_or_else(|| SealError::NoKey(field.to_owned()))?;
        self.insert((field, KeyKind::Data, 1), &derive(&seed, field));
        self.sealer(field)
    }

    /// Seals a value of a field for a place, such as the row that holds it.
    pub fn seal(&self, field: &str, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.sealer(field)?.seal(place, plain)
    }

    /// Opens a value of a field that was sealed for this place.
    pub fn open(&self, field: &str, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let version = version_of(sealed)?;
        if self.seed.is_some() {
            self.sealer(field)?;
        }
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let found = ring.data.get(field).and_then(|versions| versions.get(&version));
        let sealer = found.map(Arc::clone);
        drop(ring);
        let missing = || SealError::NoVersion { field: field.to_owned(), version };
        sealer.ok_or_else(missing)?.open(place, sealed)
    }

    /// Opens a text.
    pub fn open_text(&self, field: &str, place: &str, sealed: &[u8]) -> Result<String, SealError> {
        let plain = self.open(field, place, sealed)?;
        String::from_utf8(plain).ok().ok_or_else(|| SealError::Altered(field.to_owned()))
    }

    /// The blind index of a value: equal values of one field have the same, and nothing else can be told
    /// from it without the key. The value must stand in its one spelling.
    pub fn index(&self, field: &str, value: &str) -> Result<[u8; 16], SealError> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let found = ring.index.get(field).map(Arc::clone);
        drop(ring);
        let macer = match (found, self.seed) {
            (Some(macer), _) => macer,
            (None, Some(seed)) => Arc::new(index_macer(&derive(&seed, field))),
            (None, None) => return Err(SealError::NoKey(field.to_owned())),
        };
        let code = macer.over(&[field.as_bytes(), value.as_bytes()]);
        let mut index = [0_u8; 16];
        for (to, from) in index.iter_mut().zip(code) {
            *to = from;
        }
        Ok(index)
    }

    fn master(&self) -> Arc<Sealer> {
        Arc::clone(&self.master.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn master_sealer(master: &Secret) -> Sealer {
    Sealer::new("vault.master", 1, &derive(master, "zhengtong/vault/wrap"))
}

fn index_macer(secret: &Secret) -> Macer {
    Macer::new(&derive(secret, "zhengtong/vault/index"))
}

fn place(field: &str, kind: KeyKind, version: u32) -> String {
    format!("{}/{version}/{field}", kind.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "party.person.phone";

    fn ring() -> Keyring {
        let ring = Keyring::new(&[1; 32]);
        ring.insert((FIELD, KeyKind::Data, 1), &[2; 32]);
        ring.insert((FIELD, KeyKind::Index, 1), &[3; 32]);
        ring
    }

    #[test]
    fn older_versions_open_and_the_newest_seals() {
        let ring = ring();
        let old = ring.seal(FIELD, "a", b"x").unwrap();
        ring.insert((FIELD, KeyKind::Data, 2), &[4; 32]);
        let new = ring.seal(FIELD, "a", b"x").unwrap();
        assert_eq!((version_of(&old), version_of(&new)), (Ok(1), Ok(2)));
        assert_eq!(ring.open(FIELD, "a", &old).unwrap(), b"x");
        assert_eq!(ring.open_text(FIELD, "a", &new).unwrap(), "x");
        ring.insert((FIELD, KeyKind::Data, 3), &[5; 32]);
        ring.set_waiting(BTreeSet::from([(FIELD.to_owned(), 3)]));
        assert_eq!(ring.sealer(FIELD).unwrap().version(), 2);
        ring.set_waiting(BTreeSet::new());
        assert_eq!(ring.sealer(FIELD).unwrap().version(), 3);
        ring.forget_version(FIELD, 1);
        let gone = SealError::NoVersion { field: FIELD.to_owned(), version: 1 };
        assert_eq!(ring.open(FIELD, "a", &old), Err(gone));
        ring.forget(FIELD);
        assert_eq!(ring.seal(FIELD, "a", b"x"), Err(SealError::NoKey(FIELD.to_owned())));
        assert_eq!(ring.index(FIELD, "x"), Err(SealError::NoKey(FIELD.to_owned())));
    }

    #[test]
    fn an_index_is_equal_for_equal_values_of_one_field_only() {
        let ring = ring();
        ring.insert(("other", KeyKind::Index, 1), &[3; 32]);
        assert_eq!(ring.index(FIELD, "x"), ring.clone().index(FIELD, "x"));
        assert_ne!(ring.index(FIELD, "x"), ring.index(FIELD, "y"));
        assert_ne!(ring.index(FIELD, "x"), ring.index("other", "x"));
    }

    #[test]
    fn secrets_are_wrapped_under_the_master_key() {
        let ring = ring();
        let wrapped = ring.wrap((FIELD, KeyKind::Data, 1), &[2; 32]).unwrap();
        assert_eq!(ring.unwrap((FIELD, KeyKind::Data, 1), &wrapped), Ok([2; 32]));
        let wrong = Err(SealError::WrongMaster(FIELD.to_owned()));
        assert_eq!(ring.unwrap((FIELD, KeyKind::Data, 2), &wrapped), wrong);
        assert_eq!(ring.unwrap((FIELD, KeyKind::Index, 1), &wrapped), wrong);
        ring.set_master(&[9; 32]);
        assert_eq!(ring.unwrap((FIELD, KeyKind::Data, 1), &wrapped), wrong);
    }

    #[test]
    fn words_of_kinds_are_read_back() {
        for kind in [KeyKind::Data, KeyKind::Index, KeyKind::Secret] {
            assert_eq!(KeyKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(KeyKind::from_word("other"), None);
    }

    #[test]
    fn a_ring_for_tests_has_every_key() {
        let (one, two) = (Keyring::for_tests(), Keyring::for_tests());
        let sealed = one.seal("any", "a", b"x").unwrap();
        assert_eq!(two.open("any", "a", &sealed).unwrap(), b"x");
        assert_eq!(one.index("any", "x"), two.index("any", "x"));
    }
}
