//! Functions over numbers. `round` rounds half away from zero, as money and laws do (四舍五入); `decimal` rounds half to even.

#![expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]

use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

use super::Call;
use crate::eval::Outcome;
use crate::temporal::Span;
use crate::value::Value;

/// The largest scale of rounding.
const SCALE_MAX: i64 = 6_176;

pub(super) fn number(call: &mut Call<'_, '_>) -> Outcome {
    if let (Some(number), 1) = (call.number(0), call.arguments.len()) {
        return Ok(Value::Number(number));
    }
    let sign = |position, allowed: &[&str]| match call.given(position) {
        None | Some(Value::Null) => true,
        Some(Value::Text(sign)) => allowed.contains(&sign.as_ref()),
        Some(_) => false,
    };
    let twice = call.text(1).is_some() && call.text(1) == call.text(2);
    if twice || !sign(1, &[" ", ",", "."]) || !sign(2, &[",", "."]) {
        return Ok(Value::Null);
    }
    let Some(text) = call.text(0).filter(|text| text.len() <= 64) else { return Ok(Value::Null) };
    let mut text = text.trim().to_owned();
    if let Some(grouping) = call.text(1).filter(|sign| !sign.is_empty()) {
        text = text.replace(grouping.as_ref(), "");
    }
    if let Some(point) = call.text(2).filter(|sign| !sign.is_empty()) {
        text = text.replace(point.as_ref(), ".");
    }
    let plain = text.strip_prefix('-').unwrap_or(&text);
    let well_formed = plain.starts_with(|c: char| c.is_ascii_digit())
        && plain.ends_with(|c: char| c.is_ascii_digit())
        && plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Ok(Value::option(if well_formed { Decimal::from_str(&text).ok() } else { None }))
}

pub(super) fn abs(call: &mut Call<'_, '_>) -> Outcome {
    if let Some(Value::Duration(span)) = call.given(0) {
        let backwards = matches!(span, Span::Months(..0) | Span::Nanos(..0));
        return Ok(Value::option(if backwards { span.negated() } else { Some(*span) }));
    }
    Ok(Value::option(call.number(0).map(|number| number.abs())))
}

pub(super) fn floor(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::ToNegativeInfinity))
}

pub(super) fn ceiling(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::ToPositiveInfinity))
}

pub(super) fn round(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::MidpointAwayFromZero))
}

pub(super) fn round_half_down(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::MidpointTowardZero))
}

pub(super) fn round_up(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::AwayFromZero))
}

pub(super) fn round_down(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::ToZero))
}

pub(super) fn sqrt(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.number(0).and_then(|number| number.sqrt())))
}

pub(super) fn log(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.number(0).and_then(|number| number.checked_ln())))
}

pub(super) fn exp(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.number(0).and_then(|number| number.checked_exp())))
}

pub(super) fn decimal(call: &mut Call<'_, '_>) -> Outcome {
    Ok(rounded(call, RoundingStrategy::MidpointNearestEven))
}

pub(super) fn modulo(call: &mut Call<'_, '_>) -> Outcome {
    let (Some(dividend), Some(divisor)) = (call.number(0), call.number(1)) else {
        return Ok(Value::Null);
    };
    let rest = dividend.checked_rem(divisor);
    // The sign follows the divisor, as the standard has it.
    let wrapped = rest.and_then(|rest| {
        if rest.is_zero() || rest.is_sign_negative() == divisor.is_sign_negative() {
            Some(rest)
        } else {
            rest.checked_add(divisor)
        }
    });
    Ok(Value::option(wrapped))
}

pub(super) fn even(call: &mut Call<'_, '_>) -> Outcome {
    Ok(parity(call, 0))
}

pub(super) fn odd(call: &mut Call<'_, '_>) -> Outcome {
    Ok(parity(call, 1))
}

pub(super) fn sum(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(numbers(call)?.and_then(|all| total(&all))))
}

pub(super) fn product(call: &mut Call<'_, '_>) -> Outcome {
    let product = |all: Vec<Decimal>| {
        all.iter().try_fold(Decimal::ONE, |product, next| product.checked_mul(*next))
    };
    Ok(Value::option(numbers(call)?.and_then(product)))
}

pub(super) fn mean(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(
        numbers(call)?.and_then(|all| total(&all)?.checked_div(Decimal::from(all.len()))),
    ))
}

pub(super) fn median(call: &mut Call<'_, '_>) -> Outcome {
    let Some(mut all) = numbers(call)? else { return Ok(Value::Null) };
    all.sort_unstable();
    let upper = all.get(all.len() / 2).copied();
    let lower = all.get((all.len() - 1) / 2).copied();
    let middle = lower
        .zip(upper)
        .and_then(|(lower, upper)| lower.checked_add(upper)?.checked_div(Decimal::TWO));
    Ok(Value::option(middle))
}

/// The standard deviation of a sample.
pub(super) fn stddev(call: &mut Call<'_, '_>) -> Outcome {
    let deviation = |all: Vec<Decimal>| {
        let mean = total(&all)?.checked_div(Decimal::from(all.len()))?;
        let squares = all.iter().try_fold(Decimal::ZERO, |sum, next| {
            let off = next.checked_sub(mean)?;
            sum.checked_add(off.checked_mul(off)?)
        })?;
        squares.checked_div(Decimal::from(all.len().checked_sub(1)?))?.sqrt()
    };
    Ok(Value::option(numbers(call)?.and_then(deviation)))
}

/// The numbers that appear most often, in their order.
pub(super) fn mode(call: &mut Call<'_, '_>) -> Outcome {
    let all = call.elements()?;
    let Some(all) = all else { return Ok(Value::Null) };
    let Some(mut numbers) = all.iter().map(Value::as_number).collect::<Option<Vec<_>>>() else {
        return Ok(Value::Null);
    };
    numbers.sort_unstable();
    let runs: Vec<&[Decimal]> = numbers.chunk_by(|left, right| left == right).collect();
    let most = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    let modes = runs.iter().filter(|run| run.len() == most).filter_map(|run| run.first());
    Ok(Value::list(modes.map(|number| Value::Number(*number)).collect()))
}

/// The elements as numbers: `None` if there are none or one is something else.
fn numbers(call: &mut Call<'_, '_>) -> Result<Option<Vec<Decimal>>, crate::FeelError> {
    let all = call.elements()?;
    Ok(all.and_then(|all| {
        let numbers: Option<Vec<Decimal>> = all.iter().map(Value::as_number).collect();
        numbers.filter(|numbers| !numbers.is_empty())
    }))
}

fn total(all: &[Decimal]) -> Option<Decimal> {
    all.iter().try_fold(Decimal::ZERO, |sum, next| sum.checked_add(*next))
}

fn rounded(call: &mut Call<'_, '_>, strategy: RoundingStrategy) -> Value {
    let scale = match call.given(1) {
        None => Some(0),
        Some(scale) => {
            super::truncated(scale).filter(|scale| (-SCALE_MAX..=SCALE_MAX).contains(scale))
        }
    };
    let (Some(number), Some(scale)) = (call.number(0), scale) else { return Value::Null };
    if let Ok(places) = u32::try_from(scale) {
        return Value::Number(number.round_dp_with_strategy(places.min(28), strategy));
    }
    // A negative scale rounds to tens, hundreds and so on.
    let Ok(zeros) = u32::try_from(scale.unsigned_abs()) else { return Value::Null };
    let unit =
        10_i128.checked_pow(zeros).and_then(|unit| Decimal::try_from_i128_with_scale(unit, 0).ok());
    Value::option(unit.and_then(|unit| {
        number.checked_div(unit)?.round_dp_with_strategy(0, strategy).checked_mul(unit)
    }))
}

fn parity(call: &mut Call<'_, '_>, wanted: u32) -> Value {
    let rest = call.number(0).filter(Decimal::is_integer).and_then(|n| n.checked_rem(Decimal::TWO));
    Value::option(rest.and_then(|rest| rest.abs().to_u32()).map(|rest| rest == wanted))
}
