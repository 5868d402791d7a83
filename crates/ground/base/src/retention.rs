//! How long something is kept after its last change, as packs write it: `90 days`, `6 months`, `5 years`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time for which something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Retention {
    days: u32,
}

impl Retention {
    /// A time of whole days.
    pub fn of_days(days: u32) -> Self {
        Self { days }
    }

    /// Reads `90 days`, `6 months` or `5 years`; months count 31 days and years 366, so that nothing is
    /// taken away too early.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.trim().split_once(' ')?;
        let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
        let days = match unit.trim() {
            "day" | "days" => 1,
            "month" | "months" => 31,
            "year" | "years" => 366,
            _ => return None,
        };
        number.checked_mul(days).filter(|days| *days <= 366 * 200).map(Self::of_days)
    }

    /// The days.
    pub fn days(self) -> u32 {
        self.days
    }
}

impl<'de> Deserialize<'de> for Retention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "“{text}”不是保存期限，请写成 90 days、6 months 或 5 years / not a time: write 90 days, 6 months or 5 years"
            ))
        })
    }
}

impl Serialize for Retention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{} days", self.days))
    }
}

impl JsonSchema for Retention {
    fn schema_name() -> Cow<'static, str> {
        "Retention".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "How long something is kept after its last change: `90 days`, `6 months`, `5 years`.",
            "pattern": "^[1-9][0-9]* (days?|months?|years?)$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, days) in [("1 day", 1), ("90 days", 90), ("6 months", 186), ("5 years", 1_830)] {
            assert_eq!(Retention::parse(text).map(Retention::days), Some(days), "{text}");
        }
        for text in ["", "5", "0 days", "-1 days", "5 weeks", "P5Y", "5years", "1000 years"] {
            assert_eq!(Retention::parse(text), None, "{text}");
        }
    }
}
