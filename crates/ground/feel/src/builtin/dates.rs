//! Functions over dates. Where a date is wanted, a text that reads as one is taken too: data that came as JSON has its dates so.

#![expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]

use super::{Call, whole};
use crate::eval::Outcome;
use crate::temporal::{Date, DateTime, Span};
use crate::value::Value;

pub(super) fn date(call: &mut Call<'_, '_>) -> Outcome {
    if call.arguments.len() == 1 {
        return Ok(Value::option(call.given(0).and_then(as_date)));
    }
    let part = |position| call.given(position).and_then(whole);
    let made = part(0).zip(part(1)).zip(part(2)).and_then(|((year, month), day)| {
        Date::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    });
    Ok(Value::option(made))
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
    Ok(Value::option(two(call).map(|(from, to)| to.number() - from.number())))
}

pub(super) fn day_of_year(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.given(0).and_then(day).map(Date::day_of_year)))
}

pub(super) fn day_of_week(call: &mut Call<'_, '_>) -> Outcome {
    const NAMES: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let name = |date: Date| NAMES.get(usize::try_from(date.weekday() - 1).ok()?).copied();
    Ok(Value::option(call.given(0).and_then(day).and_then(name)))
}

pub(super) fn month_of_year(call: &mut Call<'_, '_>) -> Outcome {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let name = |date: Date| NAMES.get(usize::from(date.month()) - 1).copied();
    Ok(Value::option(call.given(0).and_then(day).and_then(name)))
}

pub(super) fn week_of_year(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.given(0).and_then(day).map(Date::week_of_year)))
}

/// A day, or the day of a moment; no text.
fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(moment) => Some(moment.date),
        _ => None,
    }
}

fn months(from: Date, to: Date) -> i64 {
    from.months_until(to)
}

fn two(call: &Call<'_, '_>) -> Option<(Date, Date)> {
    call.given(0).and_then(as_date).zip(call.given(1).and_then(as_date))
}

pub(super) fn as_date(value: &Value) -> Option<Date> {
    match value {
        Value::Text(text) => {
            Date::parse(text).or_else(|| DateTime::parse(text).map(|moment| moment.date))
        }
        other => day(other),
    }
}
