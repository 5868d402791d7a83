//! Parts of values by name: entries of contexts, components of dates, times, durations and ranges.

use crate::temporal::{Date, DateTime, SECOND, Span, Time, Zone};
use crate::value::{Range, Value};

/// The part of a value that is not a list; `null` if it has none of that name.
pub(crate) fn part(value: &Value, name: &str) -> Value {
    match value {
        Value::Context(parts) => parts.get(name).cloned().unwrap_or_default(),
        Value::Date(date) => of_date(*date, name),
        Value::Time(time) => of_time(*time, offset(time.zone), name),
        Value::DateTime(moment) => of_moment(*moment, name),
        Value::Duration(span) => of_span(*span, name),
        Value::Range(range) => of_range(range, name),
        _ => Value::Null,
    }
}

fn of_date(date: Date, name: &str) -> Value {
    match name {
        "year" => i64::from(date.year()).into(),
        "month" => i64::from(date.month()).into(),
        "day" => i64::from(date.day()).into(),
        "weekday" => date.weekday().into(),
        _ => Value::Null,
    }
}

fn of_moment(moment: DateTime, name: &str) -> Value {
    match name {
        "date" => Value::Date(moment.date),
        "time" => Value::Time(moment.time),
        "year" | "month" | "day" | "weekday" => of_date(moment.date, name),
        _ => of_time(moment.time, moment.offset(), name),
    }
}

fn of_time(time: Time, offset: Option<i32>, name: &str) -> Value {
    match name {
        "hour" => i64::from(time.hour()).into(),
        "minute" => i64::from(time.minute()).into(),
        "second" => i64::from(time.second()).into(),
        "time offset" => {
            Value::option(offset.map(|seconds| Value::from(Span::seconds(i64::from(seconds)))))
        }
        "timezone" => match time.zone {
            Zone::Place(name) => name.into(),
            Zone::Offset(_) | Zone::Unknown => Value::Null,
        },
        _ => Value::Null,
    }
}

fn offset(zone: Zone) -> Option<i32> {
    match zone {
        Zone::Offset(seconds) => Some(seconds),
        Zone::Unknown | Zone::Place(_) => None,
    }
}

fn of_span(span: Span, name: &str) -> Value {
    let whole = |nanos: i128| i64::try_from(nanos).map_or(Value::Null, Value::from);
    match (span, name) {
        (Span::Months(months), "years") => (months / 12).into(),
        (Span::Months(months), "months") => (months % 12).into(),
        (Span::Nanos(nanos), "days") => whole(nanos / SECOND / 86_400),
        (Span::Nanos(nanos), "hours") => whole(nanos / SECOND % 86_400 / 3_600),
        (Span::Nanos(nanos), "minutes") => whole(nanos / SECOND % 3_600 / 60),
        (Span::Nanos(nanos), "seconds") => whole(nanos / SECOND % 60),
        _ => Value::Null,
    }
}

fn of_range(range: &Range, name: &str) -> Value {
    match name {
        "start" => range.low.clone(),
        "end" => range.high.clone(),
        "start included" => range.low_closed.into(),
        "end included" => range.high_closed.into(),
        _ => Value::Null,
    }
}
