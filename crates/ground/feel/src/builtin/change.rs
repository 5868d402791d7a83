//! Functions that make another list of a list: with an element more or less, another, or in another order.

use super::{Call, index};
use crate::error::FeelError;
use crate::eval::Outcome;
use crate::function::Function;
use crate::value::Value;

pub(super) fn remove(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let Some(gone) = call.given(1).and_then(|position| index(position, all.len())) else {
        return Ok(Value::Null);
    };
    let mut rest = Vec::clone(&all);
    rest.remove(gone);
    call.run.made_list(rest, call.at)
}

pub(super) fn insert(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let Some(place) = call.given(1).and_then(|position| index(position, all.len())) else {
        return Ok(Value::Null);
    };
    let mut more = Vec::clone(&all);
    more.insert(place, call.argument(2));
    call.run.made_list(more, call.at)
}

/// Another element at a position, or for all that a function of (element, new element) picks.
pub(super) fn replace(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let new = call.argument(2);
    let mut changed = Vec::clone(&all);
    match call.argument(1) {
        Value::Function(function) => {
            for element in &mut changed {
                match call.run.apply(&function, vec![element.clone(), new.clone()], call.at)? {
                    Value::Bool(true) => *element = new.clone(),
                    Value::Bool(false) => {}
                    _ => return Ok(Value::Null),
                }
            }
        }
        position => {
            let position = super::truncated(&position).map_or(Value::Null, Value::from);
            let place = index(&position, changed.len());
            let Some(slot) = place.and_then(|place| changed.get_mut(place)) else {
                return Ok(Value::Null);
            };
            *slot = new;
        }
    }
    call.run.made_list(changed, call.at)
}

pub(super) fn reverse(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    call.run.made_list(all.iter().rev().cloned().collect(), call.at)
}

/// In the order of a function of two elements that says whether the first comes before the second; without one, in their own.
pub(super) fn sort(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let precedes = match call.given(1) {
        None => None,
        Some(Value::Function(function)) => Some(std::sync::Arc::clone(function)),
        Some(_) => return Ok(Value::Null),
    };
    // Merged by hand: the order comes from an expression, which may fail or contradict itself.
    let mut runs: Vec<Vec<Value>> = all.iter().map(|one| vec![one.clone()]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut waiting = runs.into_iter();
        while let Some(left) = waiting.next() {
            merged.push(match waiting.next() {
                Some(right) => merge(call, precedes.as_deref(), left, right)?,
                None => left,
            });
        }
        runs = merged;
    }
    call.run.made_list(runs.pop().unwrap_or_default(), call.at)
}

fn merge(
    call: &mut Call<'_, '_>,
    precedes: Option<&Function>,
    left: Vec<Value>,
    right: Vec<Value>,
) -> Result<Vec<Value>, FeelError> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(one), Some(two)) = (left.peek(), right.peek()) {
        call.run.charge(1, call.at)?;
        let second_first = match precedes {
            Some(function) => {
                call.run.apply(function, vec![two.clone(), one.clone()], call.at)?.is_true()
            }
            None => crate::compare::order(two, one) == Some(std::cmp::Ordering::Less),
        };
        merged.extend(if second_first { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
