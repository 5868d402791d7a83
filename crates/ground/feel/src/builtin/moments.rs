//! Functions over times of day and moments, and identity of values.

#![expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Call, whole};
use crate::eval::Outcome;
use crate::temporal::{Date, DateTime, SECOND, Span, Time, Zone};
use crate::value::Value;

/// Whether two values are the same element of the same domain: also the zone of a time must be the same.
pub(super) fn is(call: &mut Call<'_, '_>) -> Outcome {
    if call.arguments.len() < 2 {
        return Ok(Value::Null);
    }
    let (left, right) = (call.argument(0), call.argument(1));
    let same = match (&left, &right) {
        (Value::Time(left), Value::Time(right)) => {
            left == right || (left.nanos() == right.nanos() && same_place(left.zone, right.zone))
        }
        (Value::DateTime(left), Value::DateTime(right)) => {
            left == right
                || (left.date == right.date
                    && left.time.nanos() == right.time.nanos()
                    && same_place(left.time.zone, right.time.zone))
        }
        _ => {
            let equal = call.run.equal(&left, &right, call.at)?;
            equal == Some(true)
        }
    };
    Ok(same.into())
}

fn same_place(left: Zone, right: Zone) -> bool {
    let fixed = |zone: Zone| match zone {
        Zone::Offset(seconds) => Some(seconds),
        Zone::Place("Etc/UTC" | "UTC") => Some(0),
        _ => None,
    };
    left == right || (fixed(left).is_some() && fixed(left) == fixed(right))
}

pub(super) fn now(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.run.scope.now()))
}

pub(super) fn today(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.run.scope.now().map(|moment| moment.date)))
}

pub(super) fn time(call: &mut Call<'_, '_>) -> Outcome {
    if call.arguments.len() == 1 {
        return Ok(match call.given(0) {
            Some(Value::Time(time)) => Value::Time(*time),
            Some(Value::DateTime(moment)) => Value::Time(moment.time),
            Some(Value::Date(_)) => Value::Time(Time::UNIVERSAL_MIDNIGHT),
            Some(Value::Text(text)) => Value::option(Time::parse(text)),
            _ => Value::Null,
        });
    }
    let zone = match call.given(3) {
        None | Some(Value::Null) => Some(Zone::Unknown),
        Some(Value::Duration(span)) => zone_of(*span),
        _ => None,
    };
    Ok(Value::option(zone.and_then(|zone| clock(call, 0, zone))))
}

pub(super) fn date_and_time(call: &mut Call<'_, '_>) -> Outcome {
    let made = match call.arguments.len() {
        1 => match call.given(0) {
            Some(Value::DateTime(moment)) => Some(*moment),
            Some(Value::Date(date)) => Some(DateTime::universal_midnight(*date)),
            Some(Value::Text(text)) => {
                DateTime::parse(text).or_else(|| Date::parse(text).map(DateTime::midnight))
            }
            _ => None,
        },
        2 => match (call.given(0), call.given(1)) {
            (Some(Value::Date(date)), Some(Value::Time(time))) => {
                Some(DateTime { date: *date, time: *time })
            }
            (Some(Value::DateTime(moment)), Some(Value::Time(time))) => {
                Some(DateTime { date: moment.date, time: *time })
            }
            _ => None,
        },
        _ => from_parts(call),
    };
    Ok(Value::option(made))
}

fn from_parts(call: &Call<'_, '_>) -> Option<DateTime> {
    let part = |position| call.given(position).and_then(whole);
    let date = Date::new(
        i32::try_from(part(0)?).ok()?,
        u8::try_from(part(1)?).ok()?,
        u8::try_from(part(2)?).ok()?,
    )?;
    let zone = match call.given(6) {
        None | Some(Value::Null) => Zone::Unknown,
        Some(Value::Duration(span)) => zone_of(*span)?,
        Some(Value::Text(name)) => Zone::parse(&format!("@{name}"))?,
        _ => return None,
    };
    Some(DateTime { date, time: clock(call, 3, zone)? })
}

/// Hour, minute and second, which may have a fraction, from three arguments.
fn clock(call: &Call<'_, '_>, from: usize, zone: Zone) -> Option<Time> {
    let part = |position| call.given(position).and_then(whole);
    let second = call.number(from + 2)?;
    let nanos = (second.fract() * Decimal::from(i64::try_from(SECOND).ok()?)).trunc().to_u32()?;
    Time::new(part(from)?, part(from + 1)?, second.trunc().to_i64()?, nanos, zone)
}

fn zone_of(offset: Span) -> Option<Zone> {
    let Span::Nanos(nanos) = offset else { return None };
    let seconds = i32::try_from(nanos / SECOND).ok()?;
    Zone::parse(&Zone::Offset(seconds).to_string())
}
