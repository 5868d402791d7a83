//! Finds the rows of a wide table that may fit, without trying each: by the numbers and texts that stand in its cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::model::Rule;
use crate::ast::{Ast, Comparison, Node, Test};
use crate::expr::UnaryTests;
use crate::value::Value;

/// Tables with fewer rows are tried row by row.
const ROWS_MIN: usize = 16;
/// Entries of one index; a table whose rows overlap more than this is tried row by row.
const ENTRIES_MAX: usize = 1_000_000;

/// The index of one column.
#[derive(Debug)]
pub(super) struct Index {
    /// Rows whose cell holds more than numbers and texts: they may always fit.
    open: Vec<usize>,
    texts: BTreeMap<Arc<str>, Vec<usize>>,
    /// Numbers at which the rows that fit change, in order.
    cuts: Vec<Decimal>,
    /// Rows that fit between the cuts and at them: before the first, at the first, between the first and second, and so on.
    steps: Vec<Vec<usize>>,
}

/// One test of a cell that needs nothing but the value.
enum Fixed {
    Text(Arc<str>),
    /// The ends, and whether each belongs to it.
    Numbers(Option<(Decimal, bool)>, Option<(Decimal, bool)>),
}

/// An index for each column for which one is worth its place.
pub(super) fn of(rules: &[Rule], columns: usize) -> Vec<Option<Index>> {
    if rules.len() < ROWS_MIN {
        return Vec::new();
    }
    (0..columns).map(|column| column_index(rules, column)).collect()
}

/// The rows that may fit, in their order; `None` for all.
pub(super) fn candidates(indexes: &[Option<Index>], inputs: &[Value]) -> Option<Vec<usize>> {
    let found = indexes.iter().zip(inputs).filter_map(|(index, input)| {
        let index = index.as_ref()?;
        Some((index, index.rows(input)?))
    });
    let (index, rows) = found.min_by_key(|(index, rows)| index.open.len() + rows.len())?;
    let mut all: Vec<usize> = index.open.iter().chain(rows).copied().collect();
    all.sort_unstable();
    all.dedup();
    Some(all)
}

impl Index {
    fn rows(&self, input: &Value) -> Option<&[usize]> {
        match input {
            Value::Text(text) => Some(self.texts.get(text).map_or(&[], Vec::as_slice)),
            Value::Number(number) => {
                let step = match self.cuts.binary_search(number) {
                    Ok(at) => at * 2 + 1,
                    Err(before) => before * 2,
                };
                Some(self.steps.get(step).map_or(&[], Vec::as_slice))
            }
            _ => None,
        }
    }
}

fn column_index(rules: &[Rule], column: usize) -> Option<Index> {
    let mut open = Vec::new();
    let mut texts: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    let mut spans = Vec::new();
    for (row, rule) in rules.iter().enumerate() {
        // A cell that could not be read fits nothing.
        let Some(Some(tests)) = rule.conditions.get(column) else { continue };
        let Some(fixed) = fixed(tests) else {
            open.push(row);
            continue;
        };
        for one in fixed {
            match one {
                Fixed::Text(text) => texts.entry(text).or_default().push(row),
                Fixed::Numbers(low, high) => spans.push((row, low, high)),
            }
        }
    }
    if open.len() * 2 > rules.len() {
        return None;
    }
    let mut cuts: Vec<Decimal> = spans
        .iter()
        .flat_map(|(_, low, high)| [low, high])
        .filter_map(|end| end.map(|(number, _)| number))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut steps = vec![Vec::new(); cuts.len() * 2 + 1];
    let mut entries = 0;
    for (row, low, high) in spans {
        let place = |number: Decimal| cuts.binary_search(&number).map_or(0, |at| at * 2 + 1);
        let first = low.map_or(0, |(number, closed)| place(number) + usize::from(!closed));
        let last =
            high.map_or(cuts.len() * 2, |(number, closed)| place(number) - usize::from(!closed));
        entries += last.saturating_sub(first);
        if entries > ENTRIES_MAX {
            return None;
        }
        for step in steps.iter_mut().take(last + 1).skip(first) {
            step.push(row);
        }
    }
    Some(Index { open, texts, cuts, steps })
}

/// The tests of a cell, if all of them are fixed.
fn fixed(tests: &UnaryTests) -> Option<Vec<Fixed>> {
    let tests = tests.plain()?;
    tests.iter().map(fixed_test).collect()
}

fn fixed_test(test: &Test) -> Option<Fixed> {
    match test {
        Test::Compare(operator, end) => {
            let number = literal(end)?.as_number()?;
            Some(match operator {
                Comparison::Equal => Fixed::Numbers(Some((number, true)), Some((number, true))),
                Comparison::Less => Fixed::Numbers(None, Some((number, false))),
                Comparison::LessOrEqual => Fixed::Numbers(None, Some((number, true))),
                Comparison::Greater => Fixed::Numbers(Some((number, false)), None),
                Comparison::GreaterOrEqual => Fixed::Numbers(Some((number, true)), None),
                Comparison::NotEqual => return None,
            })
        }
        Test::Expression(Ast { node: Node::Range(ends), .. }) => {
            let low = literal(ends.low.as_ref()?)?.as_number()?;
            let high = literal(ends.high.as_ref()?)?.as_number()?;
            if low > high {
                return None;
            }
            Some(Fixed::Numbers(Some((low, ends.low_closed)), Some((high, ends.high_closed))))
        }
        Test::Expression(ast) => match literal(ast)? {
            Value::Text(text) => Some(Fixed::Text(text)),
            Value::Number(number) => {
                Some(Fixed::Numbers(Some((number, true)), Some((number, true))))
            }
            _ => None,
        },
    }
}

/// The value of a literal, also of a negative number.
fn literal(ast: &Ast) -> Option<Value> {
    match &ast.node {
        Node::Literal(value) => Some(value.clone()),
        Node::Negate(inner) => match &inner.node {
            Node::Literal(Value::Number(number)) => Some(Value::Number(-*number)),
            _ => None,
        },
        _ => None,
    }
}
