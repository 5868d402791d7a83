//! Functions over texts. Positions count characters from 1, or from the end if negative.

use std::sync::Arc;

use regex_lite::{Regex, RegexBuilder};

use super::{Call, whole};
use crate::error::FeelError;
use crate::eval::Outcome;
use crate::limits::LIMITS;
use crate::value::Value;

/// Memory one compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 64 * 1024;

pub(super) fn string(call: &mut Call<'_, '_>) -> Outcome {
    let value = call.argument(0);
    if value.is_null() {
        return Ok(Value::Null);
    }
    call.run.measure(&value, call.at)?;
    call.run.made_text(value.to_string(), call.at)
}

pub(super) fn length(call: &mut Call<'_, '_>) -> Outcome {
    one(call, |text| text.chars().count().into())
}

pub(super) fn substring(call: &mut Call<'_, '_>) -> Outcome {
    let (Some(text), Some(start)) = (text(call, 0)?, call.given(1).and_then(whole)) else {
        return Ok(Value::Null);
    };
    let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let skip = if start > 0 { start - 1 } else { count.saturating_add(start) };
    let wanted = match call.given(2) {
        None | Some(Value::Null) => i64::MAX,
        Some(wanted) => match whole(wanted) {
            Some(wanted) if wanted >= 1 => wanted,
            _ => return Ok(Value::Null),
        },
    };
    if start == 0 || skip < 0 {
        return Ok(Value::Null);
    }
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    call.run.made_text(text.chars().skip(skip).take(wanted).collect::<String>(), call.at)
}

pub(super) fn before(call: &mut Call<'_, '_>) -> Outcome {
    two(call, |text, wanted| text.split_once(wanted).map_or("", |(before, _)| before).into())
}

pub(super) fn after(call: &mut Call<'_, '_>) -> Outcome {
    two(call, |text, wanted| text.split_once(wanted).map_or("", |(_, after)| after).into())
}

pub(super) fn upper(call: &mut Call<'_, '_>) -> Outcome {
    one(call, |text| text.to_uppercase().into())
}

pub(super) fn lower(call: &mut Call<'_, '_>) -> Outcome {
    one(call, |text| text.to_lowercase().into())
}

pub(super) fn trim(call: &mut Call<'_, '_>) -> Outcome {
    one(call, |text| text.trim().into())
}

pub(super) fn contains(call: &mut Call<'_, '_>) -> Outcome {
    two(call, |text, wanted| text.contains(wanted).into())
}

pub(super) fn starts_with(call: &mut Call<'_, '_>) -> Outcome {
    two(call, |text, wanted| text.starts_with(wanted).into())
}

pub(super) fn ends_with(call: &mut Call<'_, '_>) -> Outcome {
    two(call, |text, wanted| text.ends_with(wanted).into())
}

pub(super) fn matches(call: &mut Call<'_, '_>) -> Outcome {
    let (Some(text), Some(pattern)) = (text(call, 0)?, call.text(1)) else {
        return Ok(Value::Null);
    };
    Ok(match regex(call, &text, &pattern, 2)? {
        Some(regex) => regex.is_match(&text).into(),
        None => Value::Null,
    })
}

pub(super) fn replace(call: &mut Call<'_, '_>) -> Outcome {
    let (Some(text), Some(pattern), Some(replacement)) =
        (text(call, 0)?, call.text(1), call.text(2))
    else {
        return Ok(Value::Null);
    };
    let Some(regex) = regex(call, &text, &pattern, 3)? else { return Ok(Value::Null) };
    let hits = regex.find_iter(&text).count();
    let longest = hits.saturating_mul(replacement.len() + text.len());
    if replacement.contains('$') && longest > LIMITS.text.saturating_mul(16) {
        return call.run.error(call.at, "this replacement becomes too long");
    }
    if hits.saturating_mul(replacement.len()) > LIMITS.text {
        return call.run.error(call.at, "this replacement becomes too long");
    }
    call.run.made_text(regex.replace_all(&text, replacement.as_ref()).into_owned(), call.at)
}

pub(super) fn split(call: &mut Call<'_, '_>) -> Outcome {
    let (Some(text), Some(delimiter)) = (text(call, 0)?, call.text(1)) else {
        return Ok(Value::Null);
    };
    if delimiter.is_empty() {
        return Ok(Value::Null);
    }
    let Some(pattern) = regex(call, &text, &delimiter, 2)? else { return Ok(Value::Null) };
    let parts: Vec<Value> = pattern.split(&text).take(LIMITS.list + 1).map(Value::from).collect();
    call.run.made_list(parts, call.at)
}

pub(super) fn join(call: &mut Call<'_, '_>) -> Outcome {
    let Some(all) = call.list(0) else { return Ok(Value::Null) };
    let delimiter = call.text(1).unwrap_or_default();
    let mut joined = String::new();
    let mut first = true;
    for element in all.iter() {
        call.run.charge(1, call.at)?;
        match element {
            Value::Null => continue,
            Value::Text(text) => {
                if !first {
                    joined.push_str(&delimiter);
                }
                joined.push_str(text);
                first = false;
            }
            _ => return Ok(Value::Null),
        }
        if joined.len() > LIMITS.text {
            break;
        }
    }
    call.run.made_text(joined, call.at)
}

/// A text argument; reading it costs steps in proportion to its length.
fn text(call: &mut Call<'_, '_>, position: usize) -> Result<Option<Arc<str>>, FeelError> {
    let text = call.text(position);
    let length = text.as_ref().map_or(0, |text| text.len());
    call.run.charge(length / 64, call.at)?;
    Ok(text)
}

fn one(call: &mut Call<'_, '_>, act: impl FnOnce(&str) -> Value) -> Outcome {
    Ok(text(call, 0)?.map_or(Value::Null, |text| act(&text)))
}

fn two(call: &mut Call<'_, '_>, act: impl FnOnce(&str, &str) -> Value) -> Outcome {
    let (Some(text), Some(wanted)) = (text(call, 0)?, call.text(1)) else {
        return Ok(Value::Null);
    };
    Ok(act(&text, &wanted))
}

/// A pattern ready to use, within the bounds; a broken one is `None`.
fn regex(
    call: &mut Call<'_, '_>,
    text: &str,
    pattern: &str,
    flags: usize,
) -> Result<Option<Regex>, FeelError> {
    if pattern.len() > LIMITS.pattern {
        return call
            .run
            .error(call.at, format!("too long a pattern: at most {} bytes", LIMITS.pattern));
    }
    if text.len() > LIMITS.searched {
        let message = format!("too long a text for a pattern: at most {} bytes", LIMITS.searched);
        return call.run.error(call.at, message);
    }
    call.run.charge(100 + pattern.len() * text.len() / 64, call.at)?;
    let flags = call.text(flags).unwrap_or_default();
    let built = RegexBuilder::new(pattern)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(PATTERN_BYTES_MAX)
        .build();
    Ok(built.ok())
}
