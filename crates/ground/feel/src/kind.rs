//! The types of values: what `instance of` asks, and how a value is fitted to what is wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expr::UnaryTests;
use crate::function::{Body, Function};
use crate::scope::Scope;
use crate::temporal::{DateTime, Span};
use crate::value::Value;

/// A type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Kind {
    /// Any value.
    #[default]
    Any,
    /// Only `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day and a time.
    DateTime,
    /// Days and time.
    DaysDuration,
    /// Years and months.
    MonthsDuration,
    /// Values of one type in order.
    List(Box<Kind>),
    /// Values by name, of the types given; others may be there too.
    Context(BTreeMap<String, Kind>),
    /// Values between two ends of one type.
    Range(Box<Kind>),
    /// What takes values of these types and gives one.
    Function(Vec<Kind>, Box<Kind>),
    /// A type of a decision model, by its name.
    Named(String),
    /// Values of a type that also pass a test.
    Limited(Box<Kind>, Arc<UnaryTests>),
}

/// Types of a decision model by name, each with the test its values must pass.
pub(crate) type Kinds = BTreeMap<String, Kind>;

/// Named types inside each other: more is a circle.
const NAMES_MAX: usize = 32;

/// A question whether a value is of a type.
#[derive(Clone, Copy)]
struct Asked<'k> {
    kinds: &'k Kinds,
    /// Names that may still stand for each other.
    left: usize,
    /// Whether the tests of limited types count.
    limits: bool,
}

impl Kind {
    /// The type of a name of the language, such as `date and time`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Any" => Self::Any,
            "Null" => Self::Null,
            "boolean" => Self::Boolean,
            "number" => Self::Number,
            "string" => Self::Text,
            "date" => Self::Date,
            "time" => Self::Time,
            "date and time" | "dateTime" => Self::DateTime,
            "days and time duration" | "dayTimeDuration" => Self::DaysDuration,
            "years and months duration" | "yearMonthDuration" => Self::MonthsDuration,
            "list" => Self::List(Box::new(Self::Any)),
            "context" => Self::Context(BTreeMap::new()),
            _ => return None,
        })
    }

    /// Whether a value is of this type. `null` is of type `Null` only.
    pub(crate) fn holds(&self, value: &Value, kinds: &Kinds) -> bool {
        self.holds_within(value, &Asked { kinds, left: NAMES_MAX, limits: true })
    }

    /// As [`Kind::holds`], but without the tests of limited types: what `instance of` asks.
    pub(crate) fn names(&self, value: &Value, kinds: &Kinds) -> bool {
        self.holds_within(value, &Asked { kinds, left: NAMES_MAX, limits: false })
    }

    fn holds_within(&self, value: &Value, asked: &Asked<'_>) -> bool {
        match (self, value) {
            (Self::Named(name), value) => {
                match (asked.kinds.get(name), asked.left.checked_sub(1)) {
                    (Some(kind), Some(left)) => kind.holds_within(value, &Asked { left, ..*asked }),
                    _ => false,
                }
            }
            (Self::Null, Value::Null) => true,
            (Self::Limited(kind, tests), value) => {
                kind.holds_within(value, asked)
                    && (!asked.limits || tests.matches(value, &Scope::new()).unwrap_or(false))
            }
            (_, Value::Null) => false,
            (Self::Any, _)
            | (Self::Boolean, Value::Bool(_))
            | (Self::Number, Value::Number(_))
            | (Self::Text, Value::Text(_))
            | (Self::Date, Value::Date(_))
            | (Self::Time, Value::Time(_))
            | (Self::DateTime, Value::DateTime(_))
            | (Self::DaysDuration, Value::Duration(Span::Nanos(_)))
            | (Self::MonthsDuration, Value::Duration(Span::Months(_))) => true,
            (Self::List(inner), Value::List(all)) => {
                all.iter().all(|one| one.is_null() || inner.holds_within(one, asked))
            }
            (Self::Context(parts), Value::Context(all)) => parts.iter().all(|(name, kind)| {
                all.get(name).is_some_and(|part| part.is_null() || kind.holds_within(part, asked))
            }),
            (Self::Range(inner), Value::Range(range)) => [&range.low, &range.high]
                .iter()
                .all(|end| end.is_null() || inner.holds_within(end, asked)),
            (Self::Function(takes, gives), Value::Function(function)) => {
                function_fits(function, takes, gives, asked.kinds)
            }
            _ => false,
        }
    }

    /// The value as this type wants it, as chapter 10.3.2.9.4 says: a list of one for one, one for a list of one, midnight for
    /// a day; `null` for what does not fit.
    pub(crate) fn fit(&self, value: Value, kinds: &Kinds) -> Value {
        if value.is_null() || self.holds(&value, kinds) {
            return value;
        }
        let resolved = self.resolved(kinds);
        if let (Self::DateTime, Value::Date(date)) = (resolved, &value) {
            return Value::DateTime(DateTime::universal_midnight(*date));
        }
        if let Value::List(all) = &value
            && let [single] = all.as_slice()
            && self.holds(single, kinds)
        {
            return single.clone();
        }
        if let Self::List(inner) = resolved
            && inner.holds(&value, kinds)
        {
            return Value::List(Arc::new(vec![value]));
        }
        Value::Null
    }

    /// The type a name stands for.
    pub(crate) fn resolved<'k>(&'k self, kinds: &'k Kinds) -> &'k Self {
        let mut kind = self;
        for _ in 0..NAMES_MAX {
            match kind {
                Self::Named(name) => match kinds.get(name) {
                    Some(next) => kind = next,
                    None => return kind,
                },
                Self::Limited(inner, _) => kind = inner,
                _ => return kind,
            }
        }
        kind
    }

    /// Whether every value of the other type is one of this.
    fn covers(&self, other: &Self, kinds: &Kinds) -> bool {
        match (self.resolved(kinds), other.resolved(kinds)) {
            (Self::Any, _) | (_, Self::Null) => true,
            (Self::List(wide), Self::List(narrow)) | (Self::Range(wide), Self::Range(narrow)) => {
                wide.covers(narrow, kinds)
            }
            (Self::Context(wide), Self::Context(narrow)) => wide.iter().all(|(name, kind)| {
                narrow.get(name).is_some_and(|inner| kind.covers(inner, kinds))
            }),
            (Self::Function(takes, gives), Self::Function(other_takes, other_gives)) => {
                takes.len() == other_takes.len()
                    && takes.iter().zip(other_takes).all(|(one, two)| two.covers(one, kinds))
                    && gives.covers(other_gives, kinds)
            }
            (one, two) => one == two,
        }
    }
}

fn function_fits(function: &Function, takes: &[Kind], gives: &Kind, kinds: &Kinds) -> bool {
    if let Body::Given(builtin) = &function.body {
        let most = builtin.signatures.iter().map(|one| one.len()).max().unwrap_or(0);
        return builtin.variadic || (builtin.required..=most).contains(&takes.len());
    }
    function.parameters.len() == takes.len()
        && function
            .parameters
            .iter()
            .zip(takes)
            .all(|(parameter, given)| parameter.kind.covers(given, kinds))
        && (function.result == Kind::Any || gives.covers(&function.result, kinds))
}
