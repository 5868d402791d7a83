//! The functions of the language: one table of names and parameters, one file for each kind of value.

mod dates;
mod lists;
mod numbers;
mod texts;

use rust_decimal::prelude::ToPrimitive;

use crate::eval::{Outcome, Run};
use crate::value::Value;

/// A function: how it is called, and what it does.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [&'static str],
    /// How many of the parameters must be given.
    pub(crate) required: usize,
    /// Whether the last parameter may repeat.
    pub(crate) variadic: bool,
    act: Act,
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
    pub(crate) fn text(&self, position: usize) -> Option<std::sync::Arc<str>> {
        if let Some(Value::Text(text)) = self.given(position) {
            return Some(std::sync::Arc::clone(text));
        }
        None
    }

    /// A number argument.
    pub(crate) fn number(&self, position: usize) -> Option<rust_decimal::Decimal> {
        self.given(position)?.as_number()
    }

    /// A list argument; one value that is not a list stands for a list of it.
    pub(crate) fn list(&self, position: usize) -> Option<std::sync::Arc<Vec<Value>>> {
        match self.given(position)? {
            Value::Null => None,
            Value::List(all) => Some(std::sync::Arc::clone(all)),
            single => Some(std::sync::Arc::new(vec![single.clone()])),
        }
    }

    /// `f(list)` or `f(a, b, c)`: the elements either way.
    pub(crate) fn elements(
        &mut self,
    ) -> Result<Option<std::sync::Arc<Vec<Value>>>, crate::FeelError> {
        let all = if self.arguments.len() > 1 {
            let all = self.arguments.iter().map(|one| one.clone().unwrap_or_default()).collect();
            Some(std::sync::Arc::new(all))
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
    parameters: &'static [&'static str],
    required: usize,
    act: Act,
) -> Builtin {
    Builtin { name, parameters, required, variadic: false, act }
}

const fn over_list(name: &'static str, act: Act) -> Builtin {
    Builtin { name, parameters: &["list"], required: 1, variadic: true, act }
}

const fn repeating(name: &'static str, parameters: &'static [&'static str], act: Act) -> Builtin {
    Builtin { name, parameters, required: 1, variadic: true, act }
}

const STRING_MATCH: &[&str] = &["string", "match"];
const FROM_TO: &[&str] = &["from", "to"];
const SCALED: &[&str] = &["n", "scale"];

static TABLE: &[Builtin] = &[
    function("not", &["negand"], 1, not),
    function("is defined", &["value"], 1, not),
    // texts
    function("string", &["from"], 1, texts::string),
    function("string length", &["string"], 1, texts::length),
    function("substring", &["string", "start position", "length"], 2, texts::substring),
    function("substring before", STRING_MATCH, 2, texts::before),
    function("substring after", STRING_MATCH, 2, texts::after),
    function("upper case", &["string"], 1, texts::upper),
    function("lower case", &["string"], 1, texts::lower),
    function("trim", &["string"], 1, texts::trim),
    function("contains", STRING_MATCH, 2, texts::contains),
    function("starts with", STRING_MATCH, 2, texts::starts_with),
    function("ends with", STRING_MATCH, 2, texts::ends_with),
    function("matches", &["input", "pattern", "flags"], 2, texts::matches),
    function("replace", &["input", "pattern", "replacement", "flags"], 3, texts::replace),
    function("split", &["string", "delimiter"], 2, texts::split),
    function("string join", &["list", "delimiter"], 1, texts::join),
    // numbers
    function("number", &["from", "grouping separator", "decimal separator"], 1, numbers::number),
    function("abs", &["n"], 1, numbers::abs),
    function("floor", SCALED, 1, numbers::floor),
    function("ceiling", SCALED, 1, numbers::ceiling),
    function("round", SCALED, 1, numbers::round),
    function("decimal", SCALED, 2, numbers::decimal),
    function("modulo", &["dividend", "divisor"], 2, numbers::modulo),
    function("even", &["number"], 1, numbers::even),
    function("odd", &["number"], 1, numbers::odd),
    over_list("sum", numbers::sum),
    over_list("product", numbers::product),
    over_list("mean", numbers::mean),
    over_list("median", numbers::median),
    // lists and contexts
    function("count", &["list"], 1, lists::count),
    over_list("min", lists::min),
    over_list("max", lists::max),
    over_list("all", lists::all),
    over_list("any", lists::any),
    function("list contains", &["list", "element"], 2, lists::contains),
    function("index of", &["list", "match"], 2, lists::index_of),
    function("sublist", &["list", "start position", "length"], 2, lists::sublist),
    function("remove", &["list", "position"], 2, lists::remove),
    function("reverse", &["list"], 1, lists::reverse),
    function("flatten", &["list"], 1, lists::flatten),
    function("distinct values", &["list"], 1, lists::distinct),
    repeating("append", &["list", "item"], lists::append),
    repeating("concatenate", &["list"], lists::concatenate),
    repeating("union", &["list"], lists::union),
    function("get value", &["m", "key"], 2, lists::get_value),
    function("get entries", &["m"], 1, lists::get_entries),
    // dates
    function("date", &["from", "month", "day"], 1, dates::date),
    function("date and time", &["from"], 1, dates::date_and_time),
    function("duration", &["from"], 1, dates::duration),
    function("years and months duration", FROM_TO, 2, dates::years_and_months),
    function("years between", FROM_TO, 2, dates::years_between),
    function("months between", FROM_TO, 2, dates::months_between),
    function("days between", FROM_TO, 2, dates::days_between),
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
            assert!(builtin.required <= builtin.parameters.len(), "{}", builtin.name);
            assert!(builtin.name.split(' ').count() <= 5);
        }
    }
}
