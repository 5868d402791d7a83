//! Functions over contexts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Call;
use crate::eval::Outcome;
use crate::value::Value;

type Parts = BTreeMap<String, Value>;

#[expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]
pub(super) fn get_value(call: &mut Call<'_, '_>) -> Outcome {
    let Some(Value::Context(parts)) = call.given(0) else { return Ok(Value::Null) };
    match call.given(1) {
        Some(Value::Text(key)) => Ok(parts.get(key.as_ref()).cloned().unwrap_or_default()),
        Some(Value::List(path)) => Ok(deep(parts, path).unwrap_or_default()),
        _ => Ok(Value::Null),
    }
}

fn deep(parts: &Parts, path: &[Value]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let inner = parts.get(first.as_text()?)?;
    match (rest, inner) {
        ([], _) => Some(inner.clone()),
        (_, Value::Context(parts)) => deep(parts, rest),
        _ => None,
    }
}

pub(super) fn get_entries(call: &mut Call<'_, '_>) -> Outcome {
    let Some(Value::Context(parts)) = call.given(0) else { return Ok(Value::Null) };
    let entry = |(key, value): (&String, &Value)| {
        let pair = [("key", Value::from(key.as_str())), ("value", value.clone())];
        let named: Parts = pair.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Value::Context(Arc::new(named))
    };
    let entries = parts.iter().map(entry).collect();
    call.run.made_list(entries, call.at)
}

/// A context of entries with `key` and `value`; a key given twice makes none.
pub(super) fn context(call: &mut Call<'_, '_>) -> Outcome {
    let Some(entries) = call.list(0) else { return Ok(Value::Null) };
    let mut made = Parts::new();
    for entry in entries.iter() {
        call.run.charge(1, call.at)?;
        let Value::Context(entry) = entry else { return Ok(Value::Null) };
        let (Some(Value::Text(key)), Some(value)) = (entry.get("key"), entry.get("value")) else {
            return Ok(Value::Null);
        };
        if made.insert(key.as_ref().to_owned(), value.clone()).is_some() {
            return Ok(Value::Null);
        }
    }
    Ok(Value::Context(Arc::new(made)))
}

/// A context with another value of a key, or at the end of a path of keys.
pub(super) fn put(call: &mut Call<'_, '_>) -> Outcome {
    let Some(Value::Context(parts)) = call.given(0) else { return Ok(Value::Null) };
    let value = call.argument(2);
    let changed = match call.given(1) {
        Some(Value::Text(key)) => {
            let mut changed = Parts::clone(parts);
            changed.insert(key.as_ref().to_owned(), value);
            Some(changed)
        }
        Some(Value::List(path)) => put_deep(parts, path, value),
        _ => None,
    };
    call.run.charge(changed.as_ref().map_or(0, Parts::len), call.at)?;
    Ok(changed.map_or(Value::Null, |changed| Value::Context(Arc::new(changed))))
}

fn put_deep(parts: &Parts, path: &[Value], value: Value) -> Option<Parts> {
    let (first, rest) = path.split_first()?;
    let key = first.as_text()?;
    let mut changed = parts.clone();
    if rest.is_empty() {
        changed.insert(key.to_owned(), value);
        return Some(changed);
    }
    let Some(Value::Context(inner)) = parts.get(key) else { return None };
    let inner = put_deep(inner, rest, value)?;
    changed.insert(key.to_owned(), Value::Context(Arc::new(inner)));
    Some(changed)
}

/// All entries of several contexts; of a key given twice the later value.
pub(super) fn merge(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let mut merged = Parts::new();
    for one in all.iter() {
        let Value::Context(parts) = one else { return Ok(Value::Null) };
        call.run.charge(parts.len(), call.at)?;
        merged.extend(parts.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(Value::Context(Arc::new(merged)))
}
