//! The values of the language, and their way from and to JSON. Texts, lists and contexts are shared, so that copying one is cheap.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::function::Function;
use crate::temporal::{Date, DateTime, Span, Time};

/// A value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing, or nothing known.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// An exact decimal number of at most 28 digits.
    Number(Decimal),
    /// A text.
    Text(Arc<str>),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day and a time of it.
    DateTime(DateTime),
    /// A length of time.
    Duration(Span),
    /// Values in order.
    List(Arc<Vec<Value>>),
    /// Values by name.
    Context(Arc<BTreeMap<String, Value>>),
    /// All values between two ends.
    Range(Arc<Range>),
    /// What can be called.
    Function(Arc<Function>),
}

/// All values between two ends. An end that is `null` is open without end.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The lower end.
    pub low: Value,
    /// The upper end.
    pub high: Value,
    /// Whether the lower end belongs to it.
    pub low_closed: bool,
    /// Whether the upper end belongs to it.
    pub high_closed: bool,
}

impl Value {
    /// Whether this is exactly `true`: `null` and everything else is not.
    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The yes or no, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<Decimal> {
        if let Self::Number(value) = self { Some(*value) } else { None }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(value) = self { Some(value) } else { None }
    }

    /// The elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(value) = self { Some(value) } else { None }
    }

    /// The JSON of this value: dates and durations become texts, a number beyond the reach of JSON's whole numbers is as near as
    /// a float can be.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => number_to_json(*value),
            Self::Text(value) => value.as_ref().into(),
            Self::Date(_)
            | Self::Time(_)
            | Self::DateTime(_)
            | Self::Duration(_)
            | Self::Range(_)
            | Self::Function(_) => self.to_string().into(),
            Self::List(all) => all.iter().map(Self::to_json).collect(),
            Self::Context(all) => serde_json::Value::Object(
                all.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
            ),
        }
    }

    pub(crate) fn text(value: impl Into<Arc<str>>) -> Self {
        Self::Text(value.into())
    }

    pub(crate) fn list(all: Vec<Self>) -> Self {
        Self::List(Arc::new(all))
    }

    pub(crate) fn option<T: Into<Self>>(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A text shows as itself; inside a list or context it is quoted.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{}", value.normalize()),
            Self::Text(value) => f.write_str(value),
            Self::Date(value) => write!(f, "{value}"),
            Self::Time(value) => write!(f, "{value}"),
            Self::DateTime(value) => write!(f, "{value}"),
            Self::Duration(value) => write!(f, "{value}"),
            Self::List(all) => {
                f.write_char('[')?;
                for (index, value) in all.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    quoted(f, value)?;
                }
                f.write_char(']')
            }
            Self::Context(all) => {
                f.write_char('{')?;
                for (index, (name, value)) in all.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    if name.is_empty() || name.contains(['{', '}', ':', ',', '"', '\\']) {
                        quoted(f, &Self::text(name.as_str()))?;
                    } else {
                        f.write_str(name)?;
                    }
                    f.write_str(": ")?;
                    quoted(f, value)?;
                }
                f.write_char('}')
            }
            Self::Range(range) => write!(f, "{range}"),
            Self::Function(function) => write!(f, "{function}"),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.low, &self.high) {
            (Value::Null, high) => {
                f.write_str(if self.high_closed { "<=" } else { "<" })?;
                quoted(f, high)
            }
            (low, Value::Null) => {
                f.write_str(if self.low_closed { ">=" } else { ">" })?;
                quoted(f, low)
            }
            (low, high) => {
                f.write_char(if self.low_closed { '[' } else { '(' })?;
                quoted(f, low)?;
                f.write_str("..")?;
                quoted(f, high)?;
                f.write_char(if self.high_closed { ']' } else { ')' })
            }
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Text(text) => {
            write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
        }
        other => write!(f, "{other}"),
    }
}

fn number_to_json(value: Decimal) -> serde_json::Value {
    if value.is_integer() {
        if let Some(whole) = value.to_i64() {
            return whole.into();
        }
        if let Some(whole) = value.to_u64() {
            return whole.into();
        }
    }
    f64::from_str(&value.normalize().to_string()).map_or(serde_json::Value::Null, Into::into)
}

impl From<&serde_json::Value> for Value {
    /// A number of more than 28 digits before the point is `null`: it cannot be kept exactly.
    fn from(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(value) => {
                let text = value.to_string();
                let exact = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
                exact.map_or(Self::Null, Self::Number)
            }
            serde_json::Value::String(value) => Self::text(value.as_str()),
            serde_json::Value::Array(all) => Self::list(all.iter().map(Self::from).collect()),
            serde_json::Value::Object(all) => Self::Context(Arc::new(
                all.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect(),
            )),
        }
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        Self::from(&json)
    }
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        value.to_json()
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Number(value.into())
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Number(value.into())
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

impl From<Date> for Value {
    fn from(value: Date) -> Self {
        Self::Date(value)
    }
}

impl From<time::Date> for Value {
    fn from(value: time::Date) -> Self {
        Self::Date(value.into())
    }
}

impl From<Time> for Value {
    fn from(value: Time) -> Self {
        Self::Time(value)
    }
}

impl From<DateTime> for Value {
    fn from(value: DateTime) -> Self {
        Self::DateTime(value)
    }
}

impl From<Span> for Value {
    fn from(value: Span) -> Self {
        Self::Duration(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Self::list(value)
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn json_there_and_back() {
        let json = serde_json::json!({
            "甲": [1, -2, 2.5, "x", null, true, {"深": []}], "big": 9_007_199_254_740_993_i64,
            "huge": u64::MAX
        });
        assert_eq!(Value::from(&json).to_json(), json);
        assert_eq!(Value::from(serde_json::json!(1e300)), Value::Null);
        assert_eq!(Value::from(serde_json::json!(1e-7)).to_string(), "0.0000001");
        assert_eq!(Value::from(serde_json::json!(1.0)).to_json(), serde_json::json!(1));
    }

    #[test]
    fn shows() {
        let value = Value::from(serde_json::json!({"a": ["甲\"", 1.50, null]}));
        assert_eq!(value.to_string(), "{a: [\"甲\\\"\", 1.5, null]}");
    }
}
