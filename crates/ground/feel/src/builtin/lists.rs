//! Functions over lists and contexts.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Call, index, whole};
use crate::compare::order;
use crate::error::FeelError;
use crate::eval::Outcome;
use crate::limits::LIMITS;
use crate::value::Value;

#[expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]
pub(super) fn count(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.list(0).map(|all| all.len())))
}

pub(super) fn min(call: &mut Call<'_, '_>) -> Outcome {
    extreme(call, Ordering::Less)
}

pub(super) fn max(call: &mut Call<'_, '_>) -> Outcome {
    extreme(call, Ordering::Greater)
}

pub(super) fn all(call: &mut Call<'_, '_>) -> Outcome {
    quantified(call, false)
}

pub(super) fn any(call: &mut Call<'_, '_>) -> Outcome {
    quantified(call, true)
}

pub(super) fn contains(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let wanted = call.argument(1);
    for element in all.iter() {
        if call.run.equal(element, &wanted, call.at)? == Some(true) {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

pub(super) fn index_of(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let wanted = call.argument(1);
    let mut found = Vec::new();
    for (position, element) in all.iter().enumerate() {
        if call.run.equal(element, &wanted, call.at)? == Some(true) {
            found.push(Value::from(position + 1));
        }
    }
    call.run.made_list(found, call.at)
}

pub(super) fn sublist(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let Some(start) = call.given(1).and_then(|position| index(position, all.len())) else {
        return Ok(Value::Null);
    };
    let wanted = match call.given(2) {
        None | Some(Value::Null) => usize::MAX,
        Some(wanted) => match whole(wanted).and_then(|wanted| usize::try_from(wanted).ok()) {
            Some(wanted) => wanted,
            None => return Ok(Value::Null),
        },
    };
    let part = all.iter().skip(start).take(wanted).cloned().collect();
    call.run.made_list(part, call.at)
}

pub(super) fn flatten(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let mut flat = Vec::new();
    flatten_into(call, &all, &mut flat, 0)?;
    call.run.made_list(flat, call.at)
}

pub(super) fn distinct(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let kept = distinct_of(call, &all)?;
    call.run.made_list(kept, call.at)
}

pub(super) fn append(call: &mut Call<'_, '_>) -> Outcome {
    let mut all = call.list(0).map_or_else(Vec::new, |all| Vec::clone(&all));
    all.extend(call.arguments.iter().skip(1).map(|one| one.clone().unwrap_or_default()));
    call.run.made_list(all, call.at)
}

pub(super) fn concatenate(call: &mut Call<'_, '_>) -> Outcome {
    let all = joined(call)?;
    call.run.made_list(all, call.at)
}

pub(super) fn union(call: &mut Call<'_, '_>) -> Outcome {
    let all = joined(call)?;
    let kept = distinct_of(call, &all)?;
    call.run.made_list(kept, call.at)
}

fn extreme(call: &mut Call<'_, '_>, wanted: Ordering) -> Outcome {
    let Some(all) = call.elements()? else { return Ok(Value::Null) };
    let Some((first, rest)) = all.split_first() else { return Ok(Value::Null) };
    // The first must be of a kind that has an order at all.
    if order(first, first).is_none() {
        return Ok(Value::Null);
    }
    let mut best = first;
    for next in rest {
        match order(next, best) {
            None => return Ok(Value::Null),
            Some(found) if found == wanted => best = next,
            Some(_) => {}
        }
    }
    Ok(best.clone())
}

/// Three-valued: the deciding value wins over `null`; of no elements all are true and none is.
fn quantified(call: &mut Call<'_, '_>, deciding: bool) -> Outcome {
    let Some(all) = call.elements()? else { return Ok(Value::Null) };
    let mut unknown = false;
    for element in all.iter() {
        match element.as_bool() {
            Some(found) if found == deciding => return Ok(deciding.into()),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!deciding) })
}

fn flatten_into(
    call: &mut Call<'_, '_>,
    all: &[Value],
    flat: &mut Vec<Value>,
    nesting: usize,
) -> Result<(), FeelError> {
    if nesting > LIMITS.nesting {
        return call.run.error(call.at, "too deep a list to flatten");
    }
    for element in all {
        call.run.charge(1, call.at)?;
        match element {
            Value::List(inner) => flatten_into(call, inner, flat, nesting + 1)?,
            other => flat.push(other.clone()),
        }
    }
    Ok(())
}

fn joined(call: &mut Call<'_, '_>) -> Result<Vec<Value>, FeelError> {
    let mut joined = Vec::new();
    for position in 0..call.arguments.len() {
        let Some(part) = call.list(position) else { continue };
        call.run.charge(part.len(), call.at)?;
        joined.extend(part.iter().cloned());
    }
    Ok(joined)
}

/// Each value once, in the order of first appearance.
fn distinct_of(call: &mut Call<'_, '_>, all: &[Value]) -> Result<Vec<Value>, FeelError> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for element in all {
        call.run.measure(element, call.at)?;
        if seen.insert(canonical(element)) {
            kept.push(element.clone());
        }
    }
    Ok(kept)
}

/// A text that two values share exactly when they are equal.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("t{}:{text}", text.len()),
        Value::Number(number) => format!("n{}", number.normalize()),
        Value::Function(function) => format!("f{:p}", std::sync::Arc::as_ptr(function)),
        Value::List(all) => {
            let inner: Vec<String> = all.iter().map(canonical).collect();
            format!("l{}:{}", all.len(), inner.join(","))
        }
        Value::Context(all) => {
            let inner: Vec<String> = all
                .iter()
                .map(|(name, value)| format!("{}:{name}={}", name.len(), canonical(value)))
                .collect();
            format!("c{}:{}", all.len(), inner.join(","))
        }
        other => format!("o{other}"),
    }
}
