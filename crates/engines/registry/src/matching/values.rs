//! What a record says of the fields that are compared.

use zhengtong_linkage::{Given, Prepared, keys, prepare};

use super::KEY;
use super::model::{MatchGroup, MatchMember};
use crate::error::Result;
use crate::sealed::Sealing;
use crate::store::Stored;
use crate::value::raw;

/// Parts of a text with several earlier values.
const BETWEEN: [char; 6] = [',', '，', '、', ';', '；', '/'];

/// The values of a record, in the order of the plan.
pub(super) fn given(member: &MatchMember, stored: &Stored) -> Vec<Given> {
    let text = |field: &Option<String>| -> String {
        let value = field.as_ref().and_then(|field| stored.values.get(field));
        value.and_then(raw).unwrap_or_default()
    };
    let pairs = member.fields.iter().zip(&member.former);
    pairs
        .map(|(field, former)| {
            let others = text(former);
            let others = others.split(BETWEEN).map(str::trim).filter(|other| !other.is_empty());
            Given { text: text(field), others: others.map(str::to_owned).collect() }
        })
        .collect()
}

/// The values made ready for comparison.
pub(super) fn prepared(group: &MatchGroup, values: &[Given]) -> Vec<Prepared> {
    let fields = group.plan.fields.iter().zip(values);
    fields.map(|(field, value)| prepare(field.comparer, value)).collect()
}

/// The blind indexes of the keys of a record, with the numbers of their passes.
pub(super) fn indexes(
    sealing: &Sealing<'_>,
    group: &MatchGroup,
    values: &[Given],
) -> Result<Vec<(i16, [u8; 16])>> {
    let mut all = Vec::with_capacity(group.plan.passes.len());
    for (pass, key) in (0_i16..).zip(keys(&group.plan, values)) {
        let Some(key) = key else { continue };
        let text = format!("{}\u{1f}{pass}\u{1f}{key}", group.id);
        all.push((pass, sealing.ring.index(KEY, &text).map_err(zhengtong_db::Error::from)?));
    }
    Ok(all)
}
