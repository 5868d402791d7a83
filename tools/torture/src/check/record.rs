//! I5, second part: the exported record read without any code of the platform's stores: every leaf recomputed from
//! its entry, every root from the leaves, every signature with the key, inclusion proofs for a sample.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use zhengtong_crypto::{Digest, Frontier, SignedCheckpoint, VerifyingKey, merkle};
use zhengtong_walk::dice::Dice;

use super::{Broken, broken, number, text};

/// What an export held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) leaves: u64,
    pub(crate) checkpoints: u64,
    pub(crate) proofs: u64,
}

/// Reads an export and says what does not hold.
pub(crate) fn record(path: &Path, dice: &mut Dice) -> Result<(Vec<Broken>, Count)> {
    let bytes = fs::read_to_string(path).context("the exported record")?;
    let mut found = Vec::new();
    let mut count = Count::default();
    let mut leaves: Vec<Digest> = Vec::new();
    let mut keys: BTreeMap<String, VerifyingKey> = BTreeMap::new();
    let mut frontier = Frontier::new();
    let mut last_root = None;
    let mut ended = false;
    for line in bytes.lines() {
        let line: Value = serde_json::from_str(line).context("a line of the record")?;
        match text(&line, "kind") {
            "key" => {
                let key = key(text(&line, "public"))?;
                keys.insert(key.id().to_string(), key);
            }
            "leaf" => {
                let entry = line.get("entry").context("a leaf without an entry")?;
                let hash = merkle::leaf_hash(&canonical(entry)?);
                if hash.to_string() != text(&line, "hash") {
                    let what = format!("leaf {} is not its entry", number(&line, "index"));
                    found.push(broken("I5", what));
                }
                frontier.append(hash);
                leaves.push(hash);
                count.leaves += 1;
            }
            "checkpoint" => {
                let signed: SignedCheckpoint =
                    text(&line, "text").parse().context("a checkpoint")?;
                found.extend(checkpoint(&signed, &frontier, &keys));
                last_root = Some(signed.checkpoint.root);
                count.checkpoints += 1;
            }
            "end" => ended = true,
            _ => {}
        }
    }
    ensure!(ended, "the record has no end");
    let Some(root) = last_root else { return Ok((found, count)) };
    for _ in 0..leaves.len().min(40) {
        let index = dice.below(count.leaves);
        let leaf = usize::try_from(index).ok().and_then(|index| leaves.get(index).copied());
        let path = merkle::inclusion(&leaves, index);
        let holds = leaf.zip(path).is_some_and(|(leaf, path)| {
            merkle::verify_inclusion(leaf, index, count.leaves, &path, root)
        });
        if !holds {
            found.push(broken("I5", format!("leaf {index} cannot be proved")));
        }
        count.proofs += 1;
    }
    Ok((found, count))
}

fn checkpoint(
    signed: &SignedCheckpoint,
    frontier: &Frontier,
    keys: &BTreeMap<String, VerifyingKey>,
) -> Vec<Broken> {
    let size = signed.checkpoint.size;
    let mut found = Vec::new();
    if size != frontier.size() || signed.checkpoint.root != frontier.root() {
        found.push(broken("I5", format!("checkpoint {size} is not the root of its leaves")));
    }
    let verified = keys.get(&signed.key.to_string()).is_some_and(|key| signed.verify(key).is_ok());
    if !verified {
        found.push(broken("I5", format!("checkpoint {size} is not signed by a known key")));
    }
    found
}

fn key(public: &str) -> Result<VerifyingKey> {
    let digits: Vec<u8> = public.bytes().collect();
    let mut bytes = [0; 32];
    ensure!(digits.len() == 64, "a public key has 64 digits");
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair)?, 16)?;
    }
    Ok(VerifyingKey::from_bytes(bytes)?)
}

/// The bytes of an entry that are hashed: a version, then each field with its length, or a zero where it is absent.
fn canonical(entry: &Value) -> Result<Vec<u8>> {
    let mut bytes = vec![1];
    put(&mut bytes, Some(&number(entry, "id").to_be_bytes()));
    put(&mut bytes, Some(&number(entry, "at_us").to_be_bytes()));
    put_id(&mut bytes, entry.get("account"))?;
    put_id(&mut bytes, entry.get("person"))?;
    put_text(&mut bytes, entry.get("name"));
    put_id(&mut bytes, entry.get("organisation"))?;
    put_id(&mut bytes, entry.get("post"))?;
    let behalf = entry.get("behalf").filter(|behalf| !behalf.is_null());
    put_id(&mut bytes, behalf.and_then(|behalf| behalf.get("organisation")))?;
    put_text(&mut bytes, behalf.and_then(|behalf| behalf.get("credit_code")));
    put_text(&mut bytes, behalf.and_then(|behalf| behalf.get("name")));
    for field in ["verb", "thing_kind", "thing"] {
        put_text(&mut bytes, entry.get(field));
    }
    put_id(&mut bytes, entry.get("subject"))?;
    for field in ["before", "after", "reason", "request"] {
        put_text(&mut bytes, entry.get(field));
    }
    let txid = entry.get("txid").and_then(Value::as_u64).context("an entry without a txid")?;
    put(&mut bytes, Some(&txid.to_be_bytes()));
    Ok(bytes)
}

fn put(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
    let Some(value) = value else {
        bytes.push(0);
        return;
    };
    bytes.push(1);
    bytes.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(value);
}

fn put_text(bytes: &mut Vec<u8>, value: Option<&Value>) {
    put(bytes, value.and_then(Value::as_str).map(str::as_bytes));
}

fn put_id(bytes: &mut Vec<u8>, value: Option<&Value>) -> Result<()> {
    let Some(id) = value.and_then(Value::as_str) else {
        put(bytes, None);
        return Ok(());
    };
    let digits = id.replace('-', "");
    let number = u128::from_str_radix(&digits, 16).with_context(|| format!("{id} is no id"))?;
    put(bytes, Some(&number.to_be_bytes()));
    Ok(())
}
