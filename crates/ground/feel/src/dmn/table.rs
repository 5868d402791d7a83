//! Decision tables: which rows fit, and what follows by the hit policy.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::index;
use super::model::{Aggregation, Output, Policy, Rule, Table};
use crate::compare::order;
use crate::error::FeelError;
use crate::eval::{Meter, Outcome};
use crate::scope::Scope;
use crate::value::Value;

/// The result of a table. Inputs outside the allowed values, and rows that contradict each other, give `null`.
pub(super) fn decide(table: &Table, scope: &Scope, meter: &mut Meter) -> Outcome {
    let mut inputs = Vec::with_capacity(table.inputs.len());
    for column in &table.inputs {
        let found = match &column.expression {
            Some(expression) => expression.eval_metered(scope, meter)?,
            None => Value::Null,
        };
        let found = column.kind.fit(found, scope.kinds());
        if let Some(allowed) = &column.allowed
            && !found.is_null()
            && !allowed.matches_metered(&found, scope, meter)?
        {
            return Ok(Value::Null);
        }
        inputs.push(found);
    }
    let mut hits = Vec::new();
    let rows = index::candidates(&table.indexes, &inputs);
    let rows = rows.unwrap_or_else(|| (0..table.rules.len()).collect());
    for rule in rows.iter().filter_map(|row| table.rules.get(*row)) {
        if fits(rule, &inputs, scope, meter)? {
            hits.push(rule);
            if table.policy == Policy::First {
                break;
            }
        }
    }
    if hits.is_empty() {
        return otherwise(table, scope, meter);
    }
    let mut results = Vec::with_capacity(hits.len());
    for rule in hits {
        match result(table, rule, scope, meter)? {
            Some(found) => results.push(found),
            None => return Ok(Value::Null),
        }
    }
    follow(table, results, scope, meter)
}

fn fits(
    rule: &Rule,
    inputs: &[Value],
    scope: &Scope,
    meter: &mut Meter,
) -> Result<bool, FeelError> {
    for (condition, input) in rule.conditions.iter().zip(inputs) {
        match condition {
            Some(tests) if tests.matches_metered(input, scope, meter)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// The default outputs; of a table that collects, no results.
fn otherwise(table: &Table, scope: &Scope, meter: &mut Meter) -> Outcome {
    if table.outputs.iter().all(|output| output.default.is_none()) {
        return Ok(match table.policy {
            Policy::Collect(Some(Aggregation::Count)) => 0_i64.into(),
            _ => Value::Null,
        });
    }
    let mut cells = Vec::with_capacity(table.outputs.len());
    for output in &table.outputs {
        let found = match &output.default {
            Some(default) => default.eval_metered(scope, meter)?,
            None => Value::Null,
        };
        cells.push(output.kind.fit(found, scope.kinds()));
    }
    Ok(joined(&table.outputs, cells))
}

/// The cells of a row; `None` if one is outside the allowed values.
fn result(
    table: &Table,
    rule: &Rule,
    scope: &Scope,
    meter: &mut Meter,
) -> Result<Option<Vec<Value>>, FeelError> {
    let mut cells = Vec::with_capacity(table.outputs.len());
    for (place, output) in table.outputs.iter().enumerate() {
        let found = match rule.results.get(place).and_then(Option::as_ref) {
            Some(expression) => expression.eval_metered(scope, meter)?,
            None => Value::Null,
        };
        let found = output.kind.fit(found, scope.kinds());
        if let Some((_, allowed)) = &output.allowed
            && !found.is_null()
            && !allowed.matches_metered(&found, scope, meter)?
        {
            return Ok(None);
        }
        cells.push(found);
    }
    Ok(Some(cells))
}

fn follow(
    table: &Table,
    mut results: Vec<Vec<Value>>,
    scope: &Scope,
    meter: &mut Meter,
) -> Outcome {
    let outputs = &table.outputs;
    let first = |mut results: Vec<Vec<Value>>| {
        if results.is_empty() { Value::Null } else { joined(outputs, results.swap_remove(0)) }
    };
    Ok(match table.policy {
        Policy::Unique if results.len() > 1 => Value::Null,
        Policy::Any if results.iter().any(|other| Some(other) != results.first()) => Value::Null,
        Policy::First | Policy::Unique | Policy::Any => first(results),
        Policy::Priority => {
            by_priority(outputs, &mut results, scope, meter)?;
            first(results)
        }
        Policy::OutputOrder => {
            by_priority(outputs, &mut results, scope, meter)?;
            all(outputs, results)
        }
        Policy::RuleOrder | Policy::Collect(None) => all(outputs, results),
        Policy::Collect(Some(aggregation)) => {
            let values: Vec<Value> =
                results.into_iter().map(|cells| joined(outputs, cells)).collect();
            aggregated(aggregation, &values)
        }
    })
}

fn all(outputs: &[Output], results: Vec<Vec<Value>>) -> Value {
    Value::list(results.into_iter().map(|cells| joined(outputs, cells)).collect())
}

/// One cell is the value itself; several are a context.
fn joined(outputs: &[Output], mut cells: Vec<Value>) -> Value {
    if cells.len() == 1 {
        return cells.pop().unwrap_or_default();
    }
    let parts: BTreeMap<String, Value> =
        outputs.iter().map(|output| output.name.clone()).zip(cells).collect();
    Value::Context(Arc::new(parts))
}

/// Sorts by the place of each output among the values of its column, the first column before the second.
fn by_priority(
    outputs: &[Output],
    results: &mut Vec<Vec<Value>>,
    scope: &Scope,
    meter: &mut Meter,
) -> Result<(), FeelError> {
    let mut ranked = Vec::with_capacity(results.len());
    for cells in results.drain(..) {
        let mut ranks = Vec::with_capacity(cells.len());
        for (output, cell) in outputs.iter().zip(&cells) {
            let mut rank = usize::MAX;
            if let Some((listed, _)) = &output.allowed {
                for (place, value) in listed.iter().enumerate() {
                    if value.eval_metered(scope, meter)? == *cell {
                        rank = place;
                        break;
                    }
                }
            }
            ranks.push(rank);
        }
        ranked.push((ranks, cells));
    }
    ranked.sort_by(|(left, _), (right, _)| left.cmp(right));
    results.extend(ranked.into_iter().map(|(_, cells)| cells));
    Ok(())
}

fn aggregated(aggregation: Aggregation, values: &[Value]) -> Value {
    let extreme = |wanted: Ordering| {
        let mut best: Option<&Value> = None;
        for value in values {
            match best {
                None => best = order(value, value).map(|_| value),
                Some(known) if order(value, known)? == wanted => best = Some(value),
                Some(_) => {}
            }
        }
        best.cloned()
    };
    let made = match aggregation {
        Aggregation::Count => Some(Value::from(values.len())),
        Aggregation::Sum => values
            .iter()
            .try_fold(rust_decimal::Decimal::ZERO, |sum, value| sum.checked_add(value.as_number()?))
            .map(Value::Number),
        Aggregation::Min => extreme(Ordering::Less),
        Aggregation::Max => extreme(Ordering::Greater),
    };
    made.unwrap_or_default()
}
