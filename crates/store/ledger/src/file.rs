//! The exported record: one JSON object on each line, each in exactly one form, and its verification
//! without any database.
//!
//! The lines are: one `header`; every `key`; every `leaf` with its entry in the order of the tree, each
//! `checkpoint` right after its last leaf; one `end` with the SM3 digest of all bytes before it.

use std::io::{BufRead, Read as _, Write};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zhengtong_base::{Act, Behalf};
use zhengtong_crypto::digest::Hasher;
use zhengtong_crypto::{Digest, SignedCheckpoint, VerifyingKey};

use crate::ORIGIN;
use crate::canon::{micros, moment};
use crate::error::Result;
use crate::model::{Entry, EntryId, Fault, FaultKind, Report, Trust};
use crate::verify::{Verifier, malformed};

/// The version of the file.
const VERSION: u32 = 1;

/// Most bytes of one line; a longer one is no line of this file.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Header { format: String, version: u32 },
    Key { id: String, public: String },
    Leaf { index: u64, hash: String, entry: Box<EntryLine> },
    Checkpoint { text: String },
    End { leaves: u64, checkpoints: u64, digest: String },
}

/// An entry as the file writes it: every field, also the absent ones.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryLine {
    id: EntryId,
    at_us: i64,
    at: String,
    account: Option<Uuid>,
    person: Option<Uuid>,
    name: String,
    organisation: Option<Uuid>,
    post: Option<Uuid>,
    behalf: Option<Behalf>,
    verb: String,
    thing_kind: String,
    thing: String,
    subject: Option<Uuid>,
    before: Option<String>,
    after: Option<String>,
    reason: Option<String>,
    request: String,
    txid: u64,
}

/// Writes the file line by line.
pub(crate) struct Export<'w> {
    writer: &'w mut (dyn Write + Send),
    hasher: Hasher,
    leaves: u64,
    checkpoints: u64,
}

/// Verifies an exported file from its first byte to its last. What it cannot read is a fault; an error
/// is only what the reader itself reports.
pub fn verify_file(reader: impl BufRead, trust: &Trust) -> Result<Report> {
    let mut verifier = Verifier::new(trust);
    let outcome = read_file(reader, &mut verifier)?;
    Ok(verifier.finish(outcome))
}

impl<'w> Export<'w> {
    /// Begins a file.
    pub(crate) fn begin(writer: &'w mut (dyn Write + Send)) -> Result<Self> {
        let mut export = Self { writer, hasher: Hasher::new(), leaves: 0, checkpoints: 0 };
        export.line(&Line::Header { format: ORIGIN.to_owned(), version: VERSION })?;
        Ok(export)
    }

    /// Writes a public key.
    pub(crate) fn key(&mut self, key: &VerifyingKey) -> Result<()> {
        self.line(&Line::Key { id: key.id().to_string(), public: key.to_string() })
    }

    /// Writes a leaf and its entry.
    pub(crate) fn leaf(&mut self, index: u64, hash: Digest, entry: Entry) -> Result<()> {
        self.leaves += 1;
        let entry = Box::new(EntryLine::from(entry));
        self.line(&Line::Leaf { index, hash: hash.to_string(), entry })
    }

    /// Writes a checkpoint.
    pub(crate) fn checkpoint(&mut self, signed: &SignedCheckpoint) -> Result<()> {
        self.checkpoints += 1;
        self.line(&Line::Checkpoint { text: signed.to_string() })
    }

    /// Ends the file.
    pub(crate) fn end(mut self) -> Result<()> {
        let digest = self.hasher.clone().finish().to_string();
        let (leaves, checkpoints) = (self.leaves, self.checkpoints);
        self.line(&Line::End { leaves, checkpoints, digest })?;
        self.writer.flush()?;
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        self.hasher.update(text.as_bytes());
        self.writer.write_all(text.as_bytes())?;
        Ok(())
    }
}

impl From<Entry> for EntryLine {
    fn from(entry: Entry) -> Self {
        let Entry { id, act, txid } = entry;
        let at_us = micros(act.at);
        Self {
            id,
            at_us,
            at: readable(at_us),
            account: act.account,
            person: act.person,
            name: act.name,
            organisation: act.organisation,
            post: act.post,
            behalf: act.behalf,
            verb: act.verb,
            thing_kind: act.thing_kind,
            thing: act.thing,
            subject: act.subject,
            before: act.before,
            after: act.after,
            reason: act.reason,
            request: act.request,
            txid,
        }
    }
}

impl EntryLine {
    /// The entry; none when its two moments differ or are beyond the calendar.
    fn entry(self) -> Option<Entry> {
        let at = moment(self.at_us).filter(|_| readable(self.at_us) == self.at)?;
        let act = Act {
            at,
            account: self.account,
            person: self.person,
            name: self.name,
            organisation: self.organisation,
            post: self.post,
            behalf: self.behalf,
            verb: self.verb,
            thing_kind: self.thing_kind,
            thing: self.thing,
            subject: self.subject,
            before: self.before,
            after: self.after,
            reason: self.reason,
            request: self.request,
            veil: zhengtong_base::Veil::default(),
        };
        Some(Entry { id: self.id, act, txid: self.txid })
    }
}

/// The moment for human readers.
fn readable(micros: i64) -> String {
    moment(micros)
        .and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_default()
}

fn read_file(
    mut reader: impl BufRead,
    verifier: &mut Verifier<'_>,
) -> Result<std::result::Result<(), Fault>> {
    let mut hasher = Hasher::new();
    let mut counts = (0, 0);
    let mut number = 0_u64;
    loop {
        number += 1;
        let place = format!("line {number}");
        let before = hasher.clone();
        let mut bytes = Vec::new();
        (&mut reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
        hasher.update(&bytes);
        if bytes.is_empty() {
            return Ok(Err(Fault::new(FaultKind::Truncated, place)));
        }
        let Some(line) = parse(&bytes) else {
            return Ok(Err(Fault::new(FaultKind::Line, place)));
        };
        let outcome = match line {
            Line::End { leaves, checkpoints, digest } => {
                let ends = reader.fill_buf()?.is_empty();
                let holds =
                    (leaves, checkpoints) == counts && digest == before.finish().to_string();
                return Ok(if ends && holds {
                    Ok(())
                } else {
                    Err(Fault::new(FaultKind::Truncated, place).field("end"))
                });
            }
            line => take(line, number, &mut counts, verifier, &place),
        };
        if outcome.is_err() {
            return Ok(outcome);
        }
    }
}

fn take(
    line: Line,
    number: u64,
    counts: &mut (u64, u64),
    verifier: &mut Verifier<'_>,
    place: &str,
) -> std::result::Result<(), Fault> {
    let out_of_order = || Fault::new(FaultKind::Line, place);
    match line {
        Line::Header { format, version } => {
            if number == 1 && format == ORIGIN && version == VERSION {
                Ok(())
            } else {
                Err(out_of_order().field("format, version"))
            }
        }
        _ if number == 1 => Err(out_of_order().field("kind")),
        Line::Key { .. } if *counts != (0, 0) => Err(out_of_order().field("kind")),
        Line::Key { id, public } => {
            let bytes =
                hex::decode(&public).ok().ok_or_else(|| malformed(None, place, "public"))?;
            verifier.key(&id, &bytes, place)
        }
        Line::Leaf { index, hash, entry } => {
            counts.0 += 1;
            let id = entry.id;
            let stored = hash.parse().ok().ok_or_else(|| malformed(Some(id), place, "hash"))?;
            let entry = entry.entry().ok_or_else(|| malformed(Some(id), place, "at"))?;
            verifier.leaf(index, stored, &entry, |_, _| {})
        }
        Line::Checkpoint { text } => {
            counts.1 += 1;
            let signed = text.parse().ok().ok_or_else(|| malformed(None, place, "text"))?;
            verifier.checkpoint(&signed, place)
        }
        Line::End { .. } => Err(out_of_order()),
    }
}

/// Reads a line that is written exactly as this program writes it.
fn parse(bytes: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(bytes.strip_suffix(b"\n")?).ok()?;
    let line: Line = serde_json::from_str(text).ok()?;
    let again = serde_json::to_string(&line).ok()?;
    (again == text).then_some(line)
}

#[cfg(test)]
mod tests {
    use zhengtong_crypto::{Checkpoint, Frontier, SigningKey};

    use super::*;
    use crate::canon::tests::{changes, full};

    fn key() -> SigningKey {
        SigningKey::from_seed([9; 32])
    }

    fn entries() -> Vec<Entry> {
        (1..=5)
            .map(|id| {
                let mut entry = full();
                entry.id = EntryId(id);
                if id % 2 == 0 {
                    entry.act.account = None;
                    entry.act.behalf = None;
                    entry.act.reason = None;
                }
                entry
            })
            .collect()
    }

    /// A record with a checkpoint after the third and after the last entry.
    fn export(entries: &[Entry], hashes: &[Digest]) -> (Vec<u8>, Vec<SignedCheckpoint>) {
        let mut bytes = Vec::new();
        let mut signed = Vec::new();
        let mut export = Export::begin(&mut bytes).unwrap();
        export.key(&key().verifying_key()).unwrap();
        let mut frontier = Frontier::new();
        for (index, (entry, hash)) in entries.iter().zip(hashes).enumerate() {
            export.leaf(index as u64, *hash, entry.clone()).unwrap();
            frontier.append(*hash);
            if index == 2 || index + 1 == entries.len() {
                let checkpoint = Checkpoint {
                    origin: ORIGIN.to_owned(),
                    size: frontier.size(),
                    root: frontier.root(),
                    time_us: 1_767_225_600_000_000,
                };
                let checkpoint = checkpoint.sign(&key()).unwrap();
                export.checkpoint(&checkpoint).unwrap();
                signed.push(checkpoint);
            }
        }
        export.end().unwrap();
        (bytes, signed)
    }

    fn sound() -> (Vec<u8>, Vec<SignedCheckpoint>) {
        let entries = entries();
        let hashes: Vec<Digest> = entries.iter().map(Entry::leaf_hash).collect();
        export(&entries, &hashes)
    }

    fn verify(bytes: &[u8], trust: &Trust) -> Report {
        verify_file(bytes, trust).unwrap()
    }

    /// The file with some lines changed and its last line made to fit again, as a forger would do it.
    fn forge(bytes: &[u8], change: impl FnOnce(&mut Vec<String>)) -> Vec<u8> {
        let text = std::str::from_utf8(bytes).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.pop();
        change(&mut lines);
        let count = |kind: &str| lines.iter().filter(|line| line.contains(kind)).count() as u64;
        let (leaves, checkpoints) = (count("\"kind\":\"leaf\""), count("\"kind\":\"checkpoint\""));
        let mut text = lines.join("\n") + "\n";
        let digest = Digest::of(text.as_bytes()).to_string();
        text.push_str(&serde_json::to_string(&Line::End { leaves, checkpoints, digest }).unwrap());
        text.push('\n');
        text.into_bytes()
    }

    #[test]
    fn a_sound_file_holds() {
        let (bytes, signed) = sound();
        let report = verify(&bytes, &Trust::default());
        assert_eq!(report.fault, None);
        assert_eq!((report.entries, report.checkpoints), (5, 2));
        assert_eq!(report.last.as_ref(), signed.last());
        assert_eq!(report.keys, [key().verifying_key().id()]);
        let trust = Trust { keys: vec![key().verifying_key()], witnessed: signed };
        assert!(verify(&bytes, &trust).is_sound());
        assert!(verify(&forge(&bytes, |_| {}), &trust).is_sound());
    }

    #[test]
    fn every_flipped_byte_is_found() {
        let (bytes, _) = sound();
        for position in 0..bytes.len() {
            for bit in [0, 5] {
                let mut flipped = bytes.clone();
                flipped[position] ^= 1 << bit;
                let report = verify(&flipped, &Trust::default());
                assert!(!report.is_sound(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn every_shorter_or_longer_file_is_found() {
        let (bytes, _) = sound();
        for length in 0..bytes.len() {
            assert!(!verify(&bytes[..length], &Trust::default()).is_sound(), "length {length}");
        }
        let longer = [bytes.as_slice(), b"\n"].concat();
        assert!(!verify(&longer, &Trust::default()).is_sound());
    }

    #[test]
    fn a_forged_field_is_found_with_its_entry() {
        for (field, change) in changes() {
            let mut entries = entries();
            let hashes: Vec<Digest> = entries.iter().map(Entry::leaf_hash).collect();
            change(&mut entries[2]);
            let id = entries[2].id;
            let (bytes, _) = export(&entries, &hashes);
            let fault = verify(&bytes, &Trust::default()).fault.unwrap();
            assert_eq!((fault.kind, fault.entry), (FaultKind::EntryAltered, Some(id)), "{field}");
        }
    }

    #[test]
    fn a_forged_record_is_found() {
        let (bytes, signed) = sound();
        let fault = |change: fn(&mut Vec<String>)| {
            verify(&forge(&bytes, change), &Trust::default()).fault.map(|fault| fault.kind)
        };
        assert_eq!(fault(|lines| drop(lines.remove(3))), Some(FaultKind::LeafMissing));
        assert_eq!(fault(|lines| lines.swap(3, 4)), Some(FaultKind::LeafMissing));
        assert_eq!(fault(|lines| drop(lines.remove(1))), Some(FaultKind::KeyMissing));
        assert_eq!(fault(|lines| drop(lines.pop())), Some(FaultKind::CheckpointMissing));
        assert_eq!(fault(|lines| lines.insert(5, lines[4].clone())), Some(FaultKind::LeafMissing));
        assert_eq!(fault(|lines| lines.push(lines[8].clone())), Some(FaultKind::CheckpointOrder));

        // Both the entry and its leaf are forged: only the signed root tells.
        let mut forged = entries();
        forged[1].act.verb = "casework.refuse".to_owned();
        let hashes: Vec<Digest> = forged.iter().map(Entry::leaf_hash).collect();
        let (other, _) = export(&forged, &hashes);
        let text = String::from_utf8(other).unwrap();
        let line = text.lines().nth(3).unwrap().to_owned();
        let mixed = forge(&bytes, |lines| lines[3] = line);
        let fault = verify(&mixed, &Trust::default()).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::RootMismatch);

        // The whole record is signed again: only a witness or a trusted key tells.
        assert!(verify(text.as_bytes(), &Trust::default()).is_sound());
        let trust = Trust { keys: Vec::new(), witnessed: signed.clone() };
        let fault = verify(text.as_bytes(), &trust).fault.unwrap();
        assert_eq!(fault.kind, FaultKind::WitnessMismatch);
        let other = SigningKey::from_seed([1; 32]).verifying_key();
        let trust = Trust { keys: vec![other], witnessed: Vec::new() };
        assert_eq!(verify(&bytes, &trust).fault.unwrap().kind, FaultKind::KeyUntrusted);

        // The end is cut off with its checkpoint: only a witness tells.
        let cut = forge(&bytes, |lines| lines.truncate(6));
        assert!(verify(&cut, &Trust::default()).is_sound());
        let trust = Trust { keys: Vec::new(), witnessed: signed };
        assert_eq!(verify(&cut, &trust).fault.unwrap().kind, FaultKind::WitnessMismatch);
    }
}
