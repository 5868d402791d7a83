//! The functions of the language: one table of names and parameters, one file for each kind of value.

mod change;
mod contexts;
mod dates;
mod lists;
mod moments;
mod numbers;
mod ranges;
mod texts;

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use crate::eval::{Outcome, Run};
use crate::function::{Body, Function};
use crate::kind::Kind;
use crate::value::Value;

/// A function: how it is called, and what it does.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    /// The lists of parameters it may be called with.
    pub(crate) signatures: &'static [&'static [&'static str]],
    /// How many of the parameters must be given.
    pub(crate) required: usize,
    /// Whether the last parameter may repeat.
    pub(crate) variadic: bool,
    act: Act,
}

impl Builtin {
    /// The parameters, for messages.
    pub(crate) fn wanted(&self) -> String {
        let all: Vec<String> = self.signatures.iter().map(|one| one.join(", ")).collect();
        all.join(", or ")
    }
}

type Act = fn(&mut Call<'_, '_>) -> Outcome;

/// One call: the evaluation it is part of, and its arguments.
pub(crate) struct Call<'r, 'a> {
    pub(crate) run: &'r mut Run<'a>,
    pub(crate) arguments: &'r [Option<Value>],
    pub(crate) at: usize,
}

/// The function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|builtin| builtin.name == name)
}

/// A function of the language as a value.
pub(crate) fn value(builtin: &'static Builtin) -> Value {
    Value::Function(Arc::new(Function {
        parameters: Vec::new(),
        result: Kind::Any,
        body: Body::Given(builtin),
    }))
}

/// Calls a function.
pub(crate) fn call(
    run: &mut Run<'_>,
    function: &Builtin,
    arguments: &[Option<Value>],
    at: usize,
) -> Outcome {
    (function.act)(&mut Call { run, arguments, at })
}

/// A whole number, if the value is one.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    value.as_number().filter(rust_decimal::Decimal::is_integer)?.to_i64()
}

/// A number without what stands behind its point.
pub(crate) fn truncated(value: &Value) -> Option<i64> {
    value.as_number()?.trunc().to_i64()
}

/// Position counted from 1, or from the end if negative, as an index.
pub(crate) fn index(position: &Value, length: usize) -> Option<usize> {
    let position = whole(position)?;
    let length = i64::try_from(length).ok()?;
    let index = if position > 0 { position - 1 } else { length.checked_add(position)? };
    if position == 0 || index < 0 || index >= length {
        return None;
    }
    usize::try_from(index).ok()
}

impl Call<'_, '_> {
    /// An argument; absent is `null`.
    pub(crate) fn argument(&self, position: usize) -> Value {
        self.given(position).cloned().unwrap_or_default()
    }

    /// An argument, if it was given.
    pub(crate) fn given(&self, position: usize) -> Option<&Value> {
        self.arguments.get(position).and_then(Option::as_ref)
    }

    /// A text argument.
    pub(crate) fn text(&self, position: usize) -> Option<Arc<str>> {
        match self.single(position)? {
            Value::Text(text) => Some(Arc::clone(text)),
            _ => None,
        }
    }

    /// A number argument.
    pub(crate) fn number(&self, position: usize) -> Option<rust_decimal::Decimal> {
        self.single(position)?.as_number()
    }

    /// An argument; of a list of one, the one.
    fn single(&self, position: usize) -> Option<&Value> {
        let given = self.given(position)?;
        match given {
            Value::List(all) => match all.as_slice() {
                [one] => Some(one),
                _ => Some(given),
            },
            _ => Some(given),
        }
    }

    /// A list argument; one value that is not a list stands for a list of it.
    pub(crate) fn list(&self, position: usize) -> Option<Arc<Vec<Value>>> {
        match self.given(position)? {
            Value::Null => None,
            Value::List(all) => Some(Arc::clone(all)),
            single => Some(Arc::new(vec![single.clone()])),
        }
    }

    /// `f(list)` or `f(a, b, c)`: the elements either way.
    pub(crate) fn elements(&mut self) -> Result<Option<Arc<Vec<Value>>>, crate::FeelError> {
        let all = if self.arguments.len() > 1 {
            let all = self.arguments.iter().map(|one| one.clone().unwrap_or_default()).collect();
            Some(Arc::new(all))
        } else {
            self.list(0)
        };
        let count = all.as_ref().map_or(0, |all| all.len());
        self.run.charge(count, self.at)?;
        Ok(all)
    }
}

const fn function(
    name: &'static str,
    signatures: &'static [&'static [&'static str]],
    required: usize,
    act: Act,
) -> Builtin {
    Builtin { name, signatures, required, variadic: false, act }
}

const fn over_list(name: &'static str, act: Act) -> Builtin {
    Builtin { name, signatures: &[&["list"]], required: 1, variadic: true, act }
}

const fn repeating(
    name: &'static str,
    signatures: &'static [&'static [&'static str]],
    act: Act,
) -> Builtin {
    Builtin { name, signatures, required: 1, variadic: true, act }
}

type Signatures = &'static [&'static [&'static str]];

const STRING: Signatures = &[&["string"]];
const STRING_MATCH: Signatures = &[&["string", "match"]];
const LIST: Signatures = &[&["list"]];
const NUMBER: Signatures = &[&["number"]];
const FROM: Signatures = &[&["from"]];
const FROM_TO: Signatures = &[&["from", "to"]];
const SCALED: Signatures = &[&["n", "scale"]];
const DATE: Signatures = &[&["date"]];
const TWO_RANGES: Signatures = &[&["range1", "range2"]];
const POINT_RANGE: Signatures =
    &[&["range1", "range2"], &["point", "range"], &["range", "point"], &["point1", "point2"]];

static TABLE: &[Builtin] = &[
    function("not", &[&["negand"]], 1, not),
    function("is defined", &[&["value"]], 1, not),
    function("is", &[&["value1", "value2"]], 0, moments::is),
    // texts
    function("string", FROM, 1, texts::string),
    function("string length", STRING, 1, texts::length),
    function("substring", &[&["string", "start position", "length"]], 2, texts::substring),
    function("substring before", STRING_MATCH, 2, texts::before),
    function("substring after", STRING_MATCH, 2, texts::after),
    function("upper case", STRING, 1, texts::upper),
    function("lower case", STRING, 1, texts::lower),
    function("trim", STRING, 1, texts::trim),
    function("contains", STRING_MATCH, 2, texts::contains),
    function("starts with", STRING_MATCH, 2, texts::starts_with),
    function("ends with", STRING_MATCH, 2, texts::ends_with),
    function("matches", &[&["input", "pattern", "flags"]], 2, texts::matches),
    function("replace", &[&["input", "pattern", "replacement", "flags"]], 3, texts::replace),
    function("split", &[&["string", "delimiter"]], 2, texts::split),
    function("string join", &[&["list", "delimiter"]], 1, texts::join),
    // numbers
    function("number", &[&["from", "grouping separator", "decimal separator"]], 1, numbers::number),
    function("abs", &[&["n"]], 1, numbers::abs),
    function("floor", SCALED, 1, numbers::floor),
    function("ceiling", SCALED, 1, numbers::ceiling),
    function("round", SCALED, 1, numbers::round),
    function("round up", SCALED, 2, numbers::round_up),
    function("round down", SCALED, 2, numbers::round_down),
    function("round half up", SCALED, 2, numbers::round),
    function("round half down", SCALED, 2, numbers::round_half_down),
    function("decimal", SCALED, 2, numbers::decimal),
    function("modulo", &[&["dividend", "divisor"]], 2, numbers::modulo),
    function("sqrt", NUMBER, 1, numbers::sqrt),
    function("log", NUMBER, 1, numbers::log),
    function("exp", NUMBER, 1, numbers::exp),
    function("even", NUMBER, 1, numbers::even),
    function("odd", NUMBER, 1, numbers::odd),
    over_list("sum", numbers::sum),
    over_list("product", numbers::product),
    over_list("mean", numbers::mean),
    over_list("median", numbers::median),
    over_list("stddev", numbers::stddev),
    over_list("mode", numbers::mode),
    // lists and contexts
    function("count", LIST, 1, lists::count),
    over_list("min", lists::min),
    over_list("max", lists::max),
    over_list("all", lists::all),
    over_list("any", lists::any),
    function("list contains", &[&["list", "element"]], 2, lists::contains),
    function("index of", &[&["list", "match"]], 2, lists::index_of),
    function("sublist", &[&["list", "start position", "length"]], 2, lists::sublist),
    function("remove", &[&["list", "position"]], 2, change::remove),
    function("insert before", &[&["list", "position", "newItem"]], 3, change::insert),
    function(
        "list replace",
        &[&["list", "position", "newItem"], &["list", "match", "newItem"]],
        3,
        change::replace,
    ),
    function("reverse", LIST, 1, change::reverse),
    function("sort", &[&["list", "precedes"]], 1, change::sort),
    function("flatten", LIST, 1, lists::flatten),
    function("distinct values", LIST, 1, lists::distinct),
    repeating("append", &[&["list", "item"]], lists::append),
    repeating("concatenate", LIST, lists::concatenate),
    repeating("union", LIST, lists::union),
    function("get value", &[&["m", "key"], &["context", "key"]], 2, contexts::get_value),
    function("get entries", &[&["m"], &["context"]], 1, contexts::get_entries),
    function("context", &[&["entries"]], 1, contexts::context),
    function(
        "context put",
        &[&["context", "key", "value"], &["context", "keys", "value"]],
        3,
        contexts::put,
    ),
    function("context merge", &[&["contexts"]], 1, contexts::merge),
    // dates
    function("date", &[&["from"], &["year", "month", "day"]], 1, dates::date),
    function("time", &[&["from"], &["hour", "minute", "second", "offset"]], 1, moments::time),
    function(
        "date and time",
        &[
            &["from"],
            &["date", "time"],
            &["year", "month", "day", "hour", "minute", "second", "offset"],
            &["year", "month", "day", "hour", "minute", "second", "timezone"],
        ],
        1,
        moments::date_and_time,
    ),
    function("now", &[&[]], 0, moments::now),
    function("today", &[&[]], 0, moments::today),
    function("duration", FROM, 1, dates::duration),
    function("years and months duration", FROM_TO, 2, dates::years_and_months),
    function("years between", FROM_TO, 2, dates::years_between),
    function("months between", FROM_TO, 2, dates::months_between),
    function("days between", FROM_TO, 2, dates::days_between),
    function("day of year", DATE, 1, dates::day_of_year),
    function("day of week", DATE, 1, dates::day_of_week),
    function("month of year", DATE, 1, dates::month_of_year),
    function("week of year", DATE, 1, dates::week_of_year),
    // ranges
    function("range", FROM, 1, ranges::range),
    function("before", POINT_RANGE, 2, ranges::before),
    function("after", POINT_RANGE, 2, ranges::after),
    function("meets", TWO_RANGES, 2, ranges::meets),
    function("met by", TWO_RANGES, 2, ranges::met_by),
    function("overlaps", TWO_RANGES, 2, ranges::overlaps),
    function("overlaps before", TWO_RANGES, 2, ranges::overlaps_before),
    function("overlaps after", TWO_RANGES, 2, ranges::overlaps_after),
    function("finishes", POINT_RANGE, 2, ranges::finishes),
    function("finished by", POINT_RANGE, 2, ranges::finished_by),
    function("includes", POINT_RANGE, 2, ranges::includes),
    function("during", POINT_RANGE, 2, ranges::during),
    function("starts", POINT_RANGE, 2, ranges::starts),
    function("started by", POINT_RANGE, 2, ranges::started_by),
    function("coincides", POINT_RANGE, 2, ranges::coincides),
];

/// `not`. `is defined` needs the expression, not its value, and is answered before it comes here.
#[expect(clippy::unnecessary_wraps, reason = "every function of the table has one signature")]
fn not(call: &mut Call<'_, '_>) -> Outcome {
    Ok(Value::option(call.argument(0).as_bool().map(|yes| !yes)))
}

#[cfg(test)]
mod tests {
    use super::{TABLE, find};

    #[test]
    fn table_is_sound() {
        for builtin in TABLE {
            assert!(std::ptr::eq(find(builtin.name).unwrap(), builtin), "{} twice", builtin.name);
            let most = builtin.signatures.iter().map(|one| one.len()).max().unwrap();
            assert!(builtin.required <= most, "{}", builtin.name);
            assert!(builtin.name.split(' ').count() <= 5);
        }
    }
}
