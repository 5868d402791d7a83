//! Functions over dates. Where a date is wanted, a text that reads as one is taken too: data that came as JSON has its dates so.

#![expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]

use time::Date;

use super::{Call, whole};
use crate::eval::Outcome;
use crate::temporal::{DateTime, Span, date_from_parts, date_from_text};
use crate::value::Value;

pub(super) fn date(call: &mut Call<'_, '_>) -> Outcome {
    if call.arguments.len() == 1 {
        return Ok(Value::option(call.given(0).and_then(as_date)));
    }
    let part = |position| call.given(position).and_then(whole);
    let made = part(0).zip(part(1)).zip(part(2)).and_then(|((year, month), day)| {
        date_from_parts(
            i32::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )
    });
    Ok(Value::option(made))
}

pub(super) fn date_and_time(call: &mut Call<'_, '_>) -> Outcome {
    Ok(match call.given(0) {
        Some(Value::DateTime(moment)) => Value::DateTime(*moment),
        Some(Value::Date(date)) => Value::DateTime(DateTime::midnight(*date)),
        Some(Value::Text(text)) => Value::option(
            DateTime::parse(text).or_else(|| date_from_text(text).map(DateTime::midnight)),
        ),
        _ => Value::Null,
    })
}

pub(super) fn duration(call: &mut Call<'_, '_>) -> Outcome {
    Ok(match call.given(0) {
        Some(Value::Duration(span)) => Value::Duration(*span),
        Some(Value::Text(text)) => Value::option(Span::parse(text)),
        _ => Value::Null,
    })
}

pub(super) fn years_and_months(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(two(call).map(|(from, to)| Span::Months(months(from, to)))))
}

pub(super) fn years_between(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(two(call).map(|(from, to)| months(from, to) / 12)))
}

pub(super) fn months_between(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(two(call).map(|(from, to)| months(from, to))))
}

pub(super) fn days_between(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(two(call).map(|(from, to)| (to - from).whole_days())))
}

fn months(from: Date, to: Date) -> i64 {
    crate::temporal::months_between(from, to)
}

fn two(call: &Call<'_, '_>) -> Option<(Date, Date)> {
    call.given(0).and_then(as_date).zip(call.given(1).and_then(as_date))
}

fn as_date(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(moment) => Some(moment.local.date()),
        Value::Text(text) => {
            date_from_text(text).or_else(|| DateTime::parse(text).map(|moment| moment.local.date()))
        }
        _ => None,
    }
}
