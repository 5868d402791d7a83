//! How points and ranges lie to each other (DMN 1.5, table 78), and ranges read from texts.

#![expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]

use std::cmp::Ordering;
use std::sync::Arc;

use super::Call;
use crate::ast::{Ast, Node};
use crate::compare::{self, order};
use crate::eval::Outcome;
use crate::known::Known;
use crate::value::{Range, Value};

/// Reads `"[1..5]"`; the ends must be literals.
pub(super) fn range(call: &mut Call<'_, '_>) -> Outcome {
    let Some(text) = call.text(0) else { return Ok(Value::Null) };
    let Ok(ast) = crate::parser::expression(&text, &Known::default()) else {
        return Ok(Value::Null);
    };
    let Node::Range(ends) = &ast.node else { return Ok(Value::Null) };
    let literal = |end: &Option<Ast>| match end {
        Some(Ast { node: Node::Literal(value), .. }) => Some(Some(value.clone())),
        Some(Ast { node: Node::Negate(inner), .. }) => match &inner.node {
            Node::Literal(Value::Number(number)) => Some(Some(Value::Number(-*number))),
            _ => None,
        },
        Some(Ast { node: Node::Call(function, arguments), .. })
            if CONVERSIONS.contains(&function.name) =>
        {
            let texts = arguments
                .iter()
                .flatten()
                .all(|argument| matches!(argument.node, Node::Literal(_)));
            let end = end.as_ref().filter(|_| texts)?;
            call.run.eval(end).ok().map(Some)
        }
        None => Some(None),
        Some(_) => None,
    };
    let mut literal = literal;
    let (Some(low), Some(high)) = (literal(&ends.low), literal(&ends.high)) else {
        return Ok(Value::Null);
    };
    let made = compare::range(low, high, ends.low_closed, ends.high_closed);
    Ok(made.map_or(Value::Null, |range| Value::Range(Arc::new(range))))
}

/// Functions that may make an end of a range that is read from a text.
const CONVERSIONS: [&str; 5] =
    ["date", "time", "date and time", "duration", "years and months duration"];

/// A point or a range.
enum Place<'v> {
    Point(&'v Value),
    Range(&'v Range),
}

use Place::{Point, Range as Span};

type Lies = fn(&Place<'_>, &Place<'_>) -> Option<bool>;

fn lies(call: &Call<'_, '_>, lies: Lies) -> Value {
    let (one, two) = (call.argument(0), call.argument(1));
    let place = |value| match value {
        &Value::Null => None,
        Value::Range(range) => Some(Span(range)),
        point => Some(Point(point)),
    };
    let (Some(one), Some(two)) = (place(&one), place(&two)) else { return Value::Null };
    Value::option(lies(&one, &two))
}

pub(super) fn before(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_before))
}

pub(super) fn after(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_before(two, one)))
}

pub(super) fn meets(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_meeting))
}

pub(super) fn met_by(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_meeting(two, one)))
}

pub(super) fn overlaps(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| {
        let (Span(one), Span(two)) = (one, two) else { return None };
        Some(reaches(one, two)? && reaches(two, one)?)
    }))
}

pub(super) fn overlaps_before(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_overlapping_before))
}

pub(super) fn overlaps_after(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_overlapping_before(two, one)))
}

pub(super) fn finishes(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_finishing))
}

pub(super) fn finished_by(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_finishing(two, one)))
}

pub(super) fn includes(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_including))
}

pub(super) fn during(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_including(two, one)))
}

pub(super) fn starts(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, is_starting))
}

pub(super) fn started_by(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| is_starting(two, one)))
}

pub(super) fn coincides(call: &mut Call<'_, '_>) -> Outcome {
    Ok(lies(call, |one, two| match (one, two) {
        (Point(one), Point(two)) => order(one, two).map(Ordering::is_eq),
        (Span(one), Span(two)) => Some(same_low(one, two)? && same_high(one, two)?),
        _ => None,
    }))
}

fn is_before(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    match (one, two) {
        (Point(one), Point(two)) => order(one, two).map(Ordering::is_lt),
        (Point(point), Span(range)) => {
            let found = order(point, &range.low)?;
            Some(found.is_lt() || (found.is_eq() && !range.low_closed))
        }
        (Span(range), Point(point)) => {
            let found = order(&range.high, point)?;
            Some(found.is_lt() || (found.is_eq() && !range.high_closed))
        }
        (Span(one), Span(two)) => {
            let found = order(&one.high, &two.low)?;
            Some(found.is_lt() || (found.is_eq() && !(one.high_closed && two.low_closed)))
        }
    }
}

fn is_meeting(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    let (Span(one), Span(two)) = (one, two) else { return None };
    Some(order(&one.high, &two.low)?.is_eq() && one.high_closed && two.low_closed)
}

/// Whether the first does not begin behind the end of the second.
fn reaches(one: &Range, two: &Range) -> Option<bool> {
    let found = order(&one.low, &two.high)?;
    Some(found.is_lt() || (found.is_eq() && one.low_closed && two.high_closed))
}

fn is_overlapping_before(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    let (Span(one), Span(two)) = (one, two) else { return None };
    let low = order(&one.low, &two.low)?;
    let begins_first = low.is_lt() || (low.is_eq() && one.low_closed && !two.low_closed);
    let high = order(&one.high, &two.high)?;
    let ends_first = high.is_lt() || (high.is_eq() && (!one.high_closed || two.high_closed));
    Some(begins_first && reaches(two, one)? && ends_first)
}

fn is_finishing(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    match (one, two) {
        (Point(point), Span(range)) => {
            Some(range.high_closed && order(point, &range.high)?.is_eq())
        }
        (Span(one), Span(two)) => {
            let low = order(&one.low, &two.low)?;
            let inside = low.is_gt() || (low.is_eq() && (!one.low_closed || two.low_closed));
            Some(same_high(one, two)? && inside)
        }
        _ => None,
    }
}

fn is_starting(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    match (one, two) {
        (Point(point), Span(range)) => Some(range.low_closed && order(point, &range.low)?.is_eq()),
        (Span(one), Span(two)) => {
            let high = order(&one.high, &two.high)?;
            let inside = high.is_lt() || (high.is_eq() && (!one.high_closed || two.high_closed));
            Some(same_low(one, two)? && inside)
        }
        _ => None,
    }
}

fn is_including(one: &Place<'_>, two: &Place<'_>) -> Option<bool> {
    match (one, two) {
        (Span(range), Point(point)) => {
            let (low, high) = (order(&range.low, point)?, order(point, &range.high)?);
            let above = low.is_lt() || (low.is_eq() && range.low_closed);
            Some(above && (high.is_lt() || (high.is_eq() && range.high_closed)))
        }
        (Span(one), Span(two)) => {
            let (low, high) = (order(&one.low, &two.low)?, order(&two.high, &one.high)?);
            let above = low.is_lt() || (low.is_eq() && (one.low_closed || !two.low_closed));
            Some(above && (high.is_lt() || (high.is_eq() && (one.high_closed || !two.high_closed))))
        }
        _ => None,
    }
}

fn same_low(one: &Range, two: &Range) -> Option<bool> {
    Some(order(&one.low, &two.low)?.is_eq() && one.low_closed == two.low_closed)
}

fn same_high(one: &Range, two: &Range) -> Option<bool> {
    Some(order(&one.high, &two.high)?.is_eq() && one.high_closed == two.high_closed)
}
