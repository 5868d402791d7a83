//! Equality, order and arithmetic of values. What has no meaning is `None`, which becomes `null`.

use std::cmp::Ordering;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps};

use crate::ast::{Arithmetic, Comparison};
use crate::error::FeelError;
use crate::eval::Run;
use crate::limits::LIMITS;
use crate::temporal::{DateTime, Span};
use crate::value::{Range, Value};

/// Powers beyond this are `null`: they would not fit in 28 digits but for 0, 1 and -1.
const EXPONENT_MAX: i64 = 1_000;

impl Run<'_> {
    /// Whether two values are equal; `None` if their types differ and neither is `null`.
    pub(crate) fn equal(
        &mut self,
        left: &Value,
        right: &Value,
        at: usize,
    ) -> Result<Option<bool>, FeelError> {
        self.equal_at(left, right, at, 0)
    }

    fn equal_at(
        &mut self,
        left: &Value,
        right: &Value,
        at: usize,
        nesting: usize,
    ) -> Result<Option<bool>, FeelError> {
        if nesting > LIMITS.nesting {
            return self.error(at, format!("too deep a value: at most {} levels", LIMITS.nesting));
        }
        self.charge(1, at)?;
        Ok(match (left, right) {
            (Value::Null, Value::Null) => Some(true),
            (Value::Null, _) | (_, Value::Null) => Some(false),
            (Value::Text(left), Value::Text(right)) => {
                self.charge(left.len().min(right.len()) / 64, at)?;
                Some(left == right)
            }
            (Value::List(left), Value::List(right)) => {
                if left.len() != right.len() {
                    return Ok(Some(false));
                }
                for (left, right) in left.iter().zip(right.iter()) {
                    if self.equal_at(left, right, at, nesting + 1)? != Some(true) {
                        return Ok(Some(false));
                    }
                }
                Some(true)
            }
            (Value::Context(left), Value::Context(right)) => {
                if !left.keys().eq(right.keys()) {
                    return Ok(Some(false));
                }
                for (left, right) in left.values().zip(right.values()) {
                    if self.equal_at(left, right, at, nesting + 1)? != Some(true) {
                        return Ok(Some(false));
                    }
                }
                Some(true)
            }
            (Value::Bool(left), Value::Bool(right)) => Some(left == right),
            (Value::Function(left), Value::Function(right)) => Some(left == right),
            (Value::Range(left), Value::Range(right)) => {
                let low = self.equal_at(&left.low, &right.low, at, nesting + 1)?;
                let high = self.equal_at(&left.high, &right.high, at, nesting + 1)?;
                let closed =
                    left.low_closed == right.low_closed && left.high_closed == right.high_closed;
                Some(closed && low == Some(true) && high == Some(true))
            }
            _ => order(left, right).map(Ordering::is_eq),
        })
    }

    /// Whether a value lies in a range.
    pub(crate) fn within(
        &mut self,
        range: &Range,
        value: &Value,
        at: usize,
    ) -> Result<Option<bool>, FeelError> {
        if value.is_null() {
            return Ok(None);
        }
        let above = if range.low_closed { Comparison::GreaterOrEqual } else { Comparison::Greater };
        let below = if range.high_closed { Comparison::LessOrEqual } else { Comparison::Less };
        let above = match &range.low {
            Value::Null => Some(true),
            low => self.compare(above, value, low, at)?,
        };
        let below = match &range.high {
            Value::Null => Some(true),
            high => self.compare(below, value, high, at)?,
        };
        Ok(both(above, below))
    }
}

/// A range, if its ends go together. An absent end is open; an end that is `null` makes no range.
pub(crate) fn range(
    low: Option<Value>,
    high: Option<Value>,
    low_closed: bool,
    high_closed: bool,
) -> Option<Range> {
    let unordered = |end: &Value| order(end, end).is_none();
    if low.iter().chain(&high).any(unordered) {
        return None;
    }
    if let (Some(low), Some(high)) = (&low, &high)
        && order(low, high)? == Ordering::Greater
    {
        return None;
    }
    let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
    Some(Range { low, high, low_closed, high_closed })
}

/// Which comes first; `None` if they cannot be ordered.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => left.compare(*right),
        (Value::DateTime(left), Value::DateTime(right)) => left.compare(*right),
        (Value::Duration(left), Value::Duration(right)) => left.compare(*right),
        _ => None,
    }
}

/// Three-valued `and`.
pub(crate) fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Three-valued `or`.
pub(crate) fn either(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Arithmetic on numbers, dates and durations.
pub(crate) fn arithmetic(operator: Arithmetic, left: &Value, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => numbers(operator, *left, *right),
        (Value::Date(date), Value::Duration(span)) => {
            Some(Value::Date(date.plus(signed(operator, *span)?)?))
        }
        (Value::Time(time), Value::Duration(span)) => {
            Some(Value::Time(time.plus(signed(operator, *span)?)?))
        }
        (Value::DateTime(moment), Value::Duration(span)) => {
            Some(Value::DateTime(moment.plus(signed(operator, *span)?)?))
        }
        (Value::Duration(_), Value::Date(_) | Value::Time(_) | Value::DateTime(_))
            if operator == Arithmetic::Add =>
        {
            arithmetic(operator, right, left)
        }
        (Value::Date(_) | Value::DateTime(_), Value::Date(_) | Value::DateTime(_))
            if operator == Arithmetic::Subtract =>
        {
            let both_days = matches!((left, right), (Value::Date(_), Value::Date(_)));
            let midnight =
                if both_days { DateTime::midnight } else { DateTime::universal_midnight };
            let moment = |value: &Value| match value {
                Value::Date(date) => Some(midnight(*date)),
                Value::DateTime(moment) => Some(*moment),
                _ => None,
            };
            Some(Value::Duration(moment(right)?.until(moment(left)?)?))
        }
        (Value::Time(left), Value::Time(right)) if operator == Arithmetic::Subtract => {
            Some(Value::Duration(right.until(*left)?))
        }
        (Value::Duration(left), Value::Duration(right)) => durations(operator, *left, *right),
        (Value::Duration(span), Value::Number(number)) => scaled(operator, *span, *number),
        (Value::Number(number), Value::Duration(span)) if operator == Arithmetic::Multiply => {
            scaled(operator, *span, *number)
        }
        _ => None,
    }
}

fn numbers(operator: Arithmetic, left: Decimal, right: Decimal) -> Option<Value> {
    let number = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Power => power(left, right),
    };
    number.map(Value::Number)
}

fn power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    if !exponent.is_integer() {
        return if base.is_sign_positive() { base.checked_powd(exponent) } else { None };
    }
    let exponent = exponent.to_i64().filter(|exponent| exponent.abs() <= EXPONENT_MAX)?;
    let (mut made, mut square, mut left) = (Decimal::ONE, base, exponent.unsigned_abs());
    loop {
        if left & 1 == 1 {
            made = made.checked_mul(square)?;
        }
        left >>= 1;
        if left == 0 {
            break;
        }
        square = square.checked_mul(square)?;
    }
    if exponent < 0 { Decimal::ONE.checked_div(made) } else { Some(made) }
}

fn signed(operator: Arithmetic, span: Span) -> Option<Span> {
    match operator {
        Arithmetic::Add => Some(span),
        Arithmetic::Subtract => span.negated(),
        _ => None,
    }
}

fn durations(operator: Arithmetic, left: Span, right: Span) -> Option<Value> {
    let made = match (operator, left, right) {
        (Arithmetic::Add, Span::Months(left), Span::Months(right)) => {
            Span::Months(left.checked_add(right)?)
        }
        (Arithmetic::Add, Span::Nanos(left), Span::Nanos(right)) => {
            Span::Nanos(left.checked_add(right)?)
        }
        (Arithmetic::Subtract, left, right) => {
            return durations(Arithmetic::Add, left, right.negated()?);
        }
        (Arithmetic::Divide, Span::Months(left), Span::Months(right)) => {
            return numbers(operator, left.into(), right.into());
        }
        (Arithmetic::Divide, Span::Nanos(left), Span::Nanos(right)) => {
            let (left, right) = (
                Decimal::try_from_i128_with_scale(left, 0),
                Decimal::try_from_i128_with_scale(right, 0),
            );
            return numbers(operator, left.ok()?, right.ok()?);
        }
        _ => return None,
    };
    Some(Value::Duration(made))
}

fn scaled(operator: Arithmetic, span: Span, by: Decimal) -> Option<Value> {
    let scale = |count: Decimal| match operator {
        Arithmetic::Multiply => count.checked_mul(by),
        Arithmetic::Divide => count.checked_div(by),
        _ => None,
    };
    Some(Value::Duration(match span {
        Span::Months(months) => Span::Months(scale(months.into())?.trunc().to_i64()?),
        Span::Nanos(nanos) => {
            let nanos = Decimal::try_from_i128_with_scale(nanos, 0).ok()?;
            Span::Nanos(scale(nanos)?.trunc().to_i128()?)
        }
    }))
}
