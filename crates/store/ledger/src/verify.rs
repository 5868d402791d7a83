//! The one judge of a record, fed by the database or by a file: keys first, then leaves in their order,
//! each checkpoint when its leaves are complete.

use std::collections::BTreeMap;

use zhengtong_crypto::{Digest, Frontier, KeyId, NodeId, SignedCheckpoint, VerifyingKey};

use crate::ORIGIN;
use crate::model::{Entry, EntryId, Fault, FaultKind, Report, Trust};

/// What holds so far.
pub(crate) struct Verifier<'t> {
    trust: &'t Trust,
    keys: BTreeMap<KeyId, VerifyingKey>,
    witnessed: BTreeMap<u64, Vec<Digest>>,
    frontier: Frontier,
    suspect: Option<Fault>,
    report: Report,
}

impl<'t> Verifier<'t> {
    pub(crate) fn new(trust: &'t Trust) -> Self {
        let mut witnessed: BTreeMap<u64, Vec<Digest>> = BTreeMap::new();
        for seen in &trust.witnessed {
            witnessed.entry(seen.checkpoint.size).or_default().push(seen.checkpoint.root);
        }
        Self {
            trust,
            keys: BTreeMap::new(),
            witnessed,
            frontier: Frontier::new(),
            suspect: None,
            report: Report::default(),
        }
    }

    /// How many leaves were taken.
    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Takes a key under the name it is stored with.
    pub(crate) fn key(&mut self, name: &str, public: &[u8], place: &str) -> Result<(), Fault> {
        let fault = || Fault::new(FaultKind::KeyAltered, place);
        let bytes = <[u8; 32]>::try_from(public).ok().ok_or_else(|| fault().field("public"))?;
        let key = VerifyingKey::from_bytes(bytes).ok().ok_or_else(|| fault().field("public"))?;
        let id = key.id();
        if id.to_string() != name {
            return Err(fault().field("id, public"));
        }
        if !self.trust.keys.is_empty() && !self.trust.keys.contains(&key) {
            return Err(Fault::new(FaultKind::KeyUntrusted, place));
        }
        self.keys.insert(id, key);
        self.report.keys.push(id);
        Ok(())
    }

    /// Takes the next leaf and the entry it was made of.
    pub(crate) fn leaf(
        &mut self,
        index: u64,
        stored: Digest,
        entry: &Entry,
        completed: impl FnMut(NodeId, Digest),
    ) -> Result<(), Fault> {
        let place = || format!("leaf {index}");
        if index != self.frontier.size() {
            return Err(self.first(Fault::new(FaultKind::LeafMissing, place()).of(entry.id)));
        }
        if entry.leaf_hash() != stored && self.suspect.is_none() {
            // The next checkpoint tells which of the two was altered.
            self.suspect = Some(Fault::new(FaultKind::EntryAltered, place()).of(entry.id));
        }
        self.frontier.append_with(stored, completed);
        self.report.entries += 1;
        self.meet_witnesses()
    }

    /// Takes a checkpoint; all its leaves were taken before.
    pub(crate) fn checkpoint(
        &mut self,
        signed: &SignedCheckpoint,
        place: &str,
    ) -> Result<(), Fault> {
        let tree = &signed.checkpoint;
        let before = self.report.last.as_ref().map_or(0, |last| last.checkpoint.size);
        if tree.size <= before || tree.size != self.frontier.size() {
            return Err(self.first(Fault::new(FaultKind::CheckpointOrder, place).field("size")));
        }
        let key = self
            .keys
            .get(&signed.key)
            .ok_or_else(|| Fault::new(FaultKind::KeyMissing, place).field("key"))?;
        if tree.origin != ORIGIN || signed.verify(key).is_err() {
            let fault = Fault::new(FaultKind::Signature, place);
            return Err(fault.field("size, origin, root, at, key, signature"));
        }
        let holds = tree.root == self.frontier.root();
        if let Some(mut fault) = self.suspect.take() {
            if !holds {
                fault.kind = FaultKind::LeafAltered;
            }
            let hint =
                if holds { "the fields of the entry" } else { "index, entry, hash of the leaf" };
            return Err(fault.field(hint));
        }
        if !holds {
            let range = format!("leaves {before} to {}", tree.size - 1);
            return Err(Fault::new(FaultKind::RootMismatch, place).field(range));
        }
        self.report.checkpoints += 1;
        self.report.last = Some(signed.clone());
        Ok(())
    }

    /// The fault to report when `other` ends the verification: an altered entry that was met earlier
    /// comes first.
    pub(crate) fn first(&mut self, other: Fault) -> Fault {
        self.suspect.take().unwrap_or(other)
    }

    /// The report of a verification that ended with a fault, or with the end of the record.
    pub(crate) fn finish(mut self, outcome: Result<(), Fault>) -> Report {
        let outcome = outcome.and_then(|()| self.end());
        self.report.fault = outcome.err().map(|fault| self.first(fault));
        self.report
    }

    /// Notes how many entries stand under no checkpoint.
    pub(crate) fn unsealed(&mut self, unsealed: u64) {
        self.report.unsealed = unsealed;
    }

    fn end(&mut self) -> Result<(), Fault> {
        let sealed = self.report.last.as_ref().map_or(0, |last| last.checkpoint.size);
        if self.frontier.size() != sealed {
            return Err(Fault::new(FaultKind::CheckpointMissing, format!("leaf {sealed}")));
        }
        self.meet_witnesses()?;
        match self.witnessed.keys().next() {
            Some(size) => Err(Fault::new(
                FaultKind::WitnessMismatch,
                format!("the record ends at {sealed}, a witness saw {size}"),
            )),
            None => Ok(()),
        }
    }

    fn meet_witnesses(&mut self) -> Result<(), Fault> {
        let size = self.frontier.size();
        let Some(roots) = self.witnessed.remove(&size) else { return Ok(()) };
        let root = self.frontier.root();
        if roots.iter().all(|seen| *seen == root) {
            return Ok(());
        }
        let fault = Fault::new(FaultKind::WitnessMismatch, format!("tree of {size}"));
        Err(self.first(fault))
    }
}

/// The fault of an entry whose field is not as the platform writes it.
pub(crate) fn malformed(entry: Option<EntryId>, place: &str, field: &str) -> Fault {
    let fault = Fault::new(FaultKind::Malformed, place).field(field);
    match entry {
        Some(entry) => fault.of(entry),
        None => fault,
    }
}
