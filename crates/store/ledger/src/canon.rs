//! The one form in which an entry is hashed. It never changes; a new form would get a new version byte.
//!
//! The version byte 0x01, then every field in the order of the table: one byte 0x00 for an absent value,
//! or 0x01, the length in four bytes (big-endian) and the value. Numbers are eight bytes, big-endian; the
//! moment counts microseconds from 1970; identifiers are their 16 bytes; texts are UTF-8. `behalf` is its
//! three parts, all absent or all there.

use zhengtong_crypto::{Digest, merkle};

use crate::model::Entry;

/// The first byte of every form.
const VERSION: u8 = 0x01;

/// The hash of the leaf of an entry, computed from all its fields.
pub fn leaf_hash(entry: &Entry) -> Digest {
    merkle::leaf_hash(&encode(entry))
}

/// The moment in microseconds from 1970-01-01T00:00:00Z.
pub(crate) fn micros(at: time::OffsetDateTime) -> i64 {
    let micros = at.unix_timestamp_nanos().div_euclid(1_000);
    // The calendar of the type ends at the year 9999, far inside the range.
    i64::try_from(micros).unwrap_or(i64::MAX)
}

/// The moment of so many microseconds; none beyond the calendar.
pub(crate) fn moment(micros: i64) -> Option<time::OffsetDateTime> {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
}

fn encode(entry: &Entry) -> Vec<u8> {
    let act = &entry.act;
    let mut form = Form(vec![VERSION]);
    form.put(&entry.id.0.to_be_bytes());
    form.put(&micros(act.at).to_be_bytes());
    form.put_some(act.account.as_ref().map(|id| id.as_bytes().as_slice()));
    form.put_some(act.person.as_ref().map(|id| id.as_bytes().as_slice()));
    form.put(act.name.as_bytes());
    form.put_some(act.organisation.as_ref().map(|id| id.as_bytes().as_slice()));
    form.put_some(act.post.as_ref().map(|id| id.as_bytes().as_slice()));
    let behalf = act.behalf.as_ref();
    form.put_some(behalf.map(|behalf| behalf.organisation.as_bytes().as_slice()));
    form.put_some(behalf.map(|behalf| behalf.credit_code.as_bytes()));
    form.put_some(behalf.map(|behalf| behalf.name.as_bytes()));
    form.put(act.verb.as_bytes());
    form.put(act.thing_kind.as_bytes());
    form.put(act.thing.as_bytes());
    form.put_some(act.subject.as_ref().map(|id| id.as_bytes().as_slice()));
    form.put_some(act.before.as_deref().map(str::as_bytes));
    form.put_some(act.after.as_deref().map(str::as_bytes));
    form.put_some(act.reason.as_deref().map(str::as_bytes));
    form.put(act.request.as_bytes());
    form.put(&entry.txid.to_be_bytes());
    form.0
}

struct Form(Vec<u8>);

impl Form {
    fn put(&mut self, value: &[u8]) {
        self.0.push(0x01);
        // No column holds 4 GiB: the database ends at one.
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    fn put_some(&mut self, value: Option<&[u8]>) {
        match value {
            Some(value) => self.put(value),
            None => self.0.push(0x00),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use time::macros::datetime;
    use uuid::Uuid;
    use zhengtong_base::{Act, Behalf};

    use super::*;
    use crate::model::EntryId;

    /// An entry with every field filled.
    pub(crate) fn full() -> Entry {
        Entry {
            id: EntryId(7),
            act: Act {
                at: datetime!(2026-03-02 09:00:00.123456 +8),
                account: Some(Uuid::from_u128(1)),
                person: Some(Uuid::from_u128(2)),
                name: "示例𠮷".to_owned(),
                organisation: Some(Uuid::from_u128(3)),
                post: Some(Uuid::from_u128(4)),
                behalf: Some(Behalf {
                    organisation: Uuid::from_u128(5),
                    credit_code: "91330100MA00000001".to_owned(),
                    name: "示例餐饮有限公司".to_owned(),
                }),
                verb: "casework.accept".to_owned(),
                thing_kind: "case".to_owned(),
                thing: "330100-7".to_owned(),
                subject: Some(Uuid::from_u128(6)),
                before: Some(Digest::of(b"before").to_string()),
                after: Some(Digest::of(b"after").to_string()),
                reason: Some("材料齐全".to_owned()),
                request: "r-1".to_owned(),
                veil: zhengtong_base::Veil::default(),
            },
            txid: 900,
        }
    }

    /// The name of a field and a change of it.
    type Change = (&'static str, fn(&mut Entry));

    /// Changes one field at a time.
    pub(crate) fn changes() -> Vec<Change> {
        vec![
            ("id", |entry| entry.id.0 += 1),
            ("at", |entry| entry.act.at += time::Duration::MICROSECOND),
            ("account", |entry| entry.act.account = None),
            ("person", |entry| entry.act.person = entry.act.account),
            ("name", |entry| entry.act.name.push(' ')),
            ("organisation", |entry| entry.act.organisation = None),
            ("post", |entry| entry.act.post = Some(Uuid::nil())),
            ("behalf", |entry| entry.act.behalf = None),
            ("behalf.name", |entry| {
                entry.act.behalf.as_mut().unwrap().name.clear();
            }),
            ("verb", |entry| entry.act.verb = "casework.refuse".to_owned()),
            ("thing_kind", |entry| entry.act.thing_kind.clear()),
            ("thing", |entry| entry.act.thing.push('0')),
            ("subject", |entry| entry.act.subject = None),
            ("before", |entry| entry.act.before = None),
            ("after", |entry| entry.act.after = entry.act.before.clone()),
            ("reason", |entry| entry.act.reason = Some(String::new())),
            ("request", |entry| entry.act.request.push('1')),
            ("txid", |entry| entry.txid -= 1),
        ]
    }

    #[test]
    fn every_field_counts() {
        let sealed = full().leaf_hash();
        for (field, change) in changes() {
            let mut entry = full();
            change(&mut entry);
            assert_ne!(entry.leaf_hash(), sealed, "{field}");
        }
    }

    #[test]
    fn a_value_cannot_move_to_the_next_field() {
        let mut entry = full();
        let sealed = entry.leaf_hash();
        entry.act.before = None;
        entry.act.subject = None;
        let moved = entry.leaf_hash();
        entry.act.verb.push_str("case");
        entry.act.thing_kind.clear();
        assert_ne!(moved, sealed);
        assert_ne!(entry.leaf_hash(), moved);
    }

    /// This hash stands for every record that was ever sealed: it must never change.
    #[test]
    fn the_form_is_frozen() {
        assert_eq!(
            full().leaf_hash().to_string(),
            "96789ca79211660771f5b35b3502a9fa375622d2183d39fdac00e4b0bcfa30f7"
        );
    }

    #[test]
    fn what_is_below_a_microsecond_does_not_count() {
        let mut entry = full();
        entry.act.at += time::Duration::nanoseconds(999);
        assert_eq!(entry.leaf_hash(), full().leaf_hash());
        assert_eq!(moment(micros(entry.act.at)), Some(full().act.at));
        assert_eq!(moment(i64::MAX), None);
    }
}
