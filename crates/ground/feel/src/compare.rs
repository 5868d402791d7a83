//! Equality, order and arithmetic of values. What has no meaning is `None`, which becomes `null`.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::ast::Arithmetic;
use crate::error::FeelError;
use crate::eval::Run;
use crate::limits::LIMITS;
use crate::temporal::{DateTime, Span, date_plus};
use crate::value::Value;

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
            _ => order(left, right).map(Ordering::is_eq),
        })
    }
}

/// Which comes first; `None` if they cannot be ordered.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Some(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => left.compare(*right),
        (Value::Duration(left), Value::Duration(right)) => match (left, right) {
            (Span::Months(left), Span::Months(right))
            | (Span::Seconds(left), Span::Seconds(right)) => Some(left.cmp(right)),
            _ => None,
        },
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
            Some(Value::Date(date_plus(*date, signed(operator, *span)?)?))
        }
        (Value::DateTime(moment), Value::Duration(span)) => {
            Some(Value::DateTime(moment.plus(signed(operator, *span)?)?))
        }
        (Value::Duration(_), Value::Date(_) | Value::DateTime(_))
            if operator == Arithmetic::Add =>
        {
            arithmetic(operator, right, left)
        }
        (Value::Date(_) | Value::DateTime(_), Value::Date(_) | Value::DateTime(_))
            if operator == Arithmetic::Subtract =>
        {
            let seconds = moment(right)?.seconds_until(moment(left)?)?;
            Some(Value::Duration(Span::Seconds(seconds)))
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
    let exponent = exponent.is_integer().then(|| exponent.to_i64()).flatten()?;
    if exponent.abs() > EXPONENT_MAX {
        return None;
    }
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

fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(DateTime::midnight(*date)),
        Value::DateTime(moment) => Some(*moment),
        _ => None,
    }
}

fn durations(operator: Arithmetic, left: Span, right: Span) -> Option<Value> {
    let (left, right, make): (i64, i64, fn(i64) -> Span) = match (left, right) {
        (Span::Months(left), Span::Months(right)) => (left, right, Span::Months),
        (Span::Seconds(left), Span::Seconds(right)) => (left, right, Span::Seconds),
        _ => return None,
    };
    match operator {
        Arithmetic::Add => left.checked_add(right).map(|sum| Value::Duration(make(sum))),
        Arithmetic::Subtract => left.checked_sub(right).map(|rest| Value::Duration(make(rest))),
        Arithmetic::Divide => numbers(operator, left.into(), right.into()),
        _ => None,
    }
}

fn scaled(operator: Arithmetic, span: Span, by: Decimal) -> Option<Value> {
    let scale = |count: i64| -> Option<i64> {
        let count = Decimal::from(count);
        let made = match operator {
            Arithmetic::Multiply => count.checked_mul(by)?,
            Arithmetic::Divide => count.checked_div(by)?,
            _ => return None,
        };
        made.trunc().to_i64()
    };
    Some(Value::Duration(match span {
        Span::Months(months) => Span::Months(scale(months)?),
        Span::Seconds(seconds) => Span::Seconds(scale(seconds)?),
    }))
}
