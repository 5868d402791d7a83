//! The units of time limits, and how much of each is sense.

use serde::{Deserialize, Serialize};

use crate::error::CalendarError;

/// Most days of a limit.
const DAYS_MAX: u32 = 1_000;
/// Most hours of a limit.
const HOURS_MAX: u32 = 8_760;

/// What a time limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Working days, 工作日.
    WorkingDay,
    /// All days, 自然日.
    NaturalDay,
    /// All days, but a last day on which nobody works moves to the next working day, as the Civil
    /// Code has it for the periods of laws (article 203).
    StatutoryDay,
    /// Hours in which the office is open, 工作时.
    WorkingHour,
    /// Hours by the clock on the wall, day and night, 紧急工时.
    UrgentHour,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 5] = [
        Self::WorkingDay,
        Self::NaturalDay,
        Self::StatutoryDay,
        Self::WorkingHour,
        Self::UrgentHour,
    ];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::WorkingDay => "working_day",
            Self::NaturalDay => "natural_day",
            Self::StatutoryDay => "statutory_day",
            Self::WorkingHour => "working_hour",
            Self::UrgentHour => "urgent_hour",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.word() == word)
    }

    /// What people call it, in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::WorkingDay => "个工作日",
            Self::NaturalDay => "个自然日",
            Self::StatutoryDay => "日",
            Self::WorkingHour => "个工作时",
            Self::UrgentHour => "小时",
        }
    }

    /// What people call it, in English.
    pub fn en(self) -> &'static str {
        match self {
            Self::WorkingDay => "working days",
            Self::NaturalDay => "natural days",
            Self::StatutoryDay => "days",
            Self::WorkingHour => "office hours",
            Self::UrgentHour => "hours",
        }
    }

    /// Whether it counts hours.
    pub fn is_hours(self) -> bool {
        matches!(self, Self::WorkingHour | Self::UrgentHour)
    }

    /// Refuses a limit of nothing, and one that nobody can mean.
    pub fn check(self, amount: u32) -> Result<(), CalendarError> {
        let max = if self.is_hours() { HOURS_MAX } else { DAYS_MAX };
        if (1..=max).contains(&amount) {
            Ok(())
        } else {
            Err(CalendarError::Budget { amount, max })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_sensible() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(unit.word()), Some(unit));
            assert!(unit.check(0).is_err() && unit.check(10_000).is_err() && unit.check(1).is_ok());
        }
        assert!(Unit::WorkingDay.check(1_000).is_ok() && Unit::WorkingDay.check(1_001).is_err());
        let error = Unit::WorkingDay.check(10_000).unwrap_err();
        assert!(error.zh().contains("10000") && error.to_string().contains("1000"));
        assert_eq!(Unit::parse("week"), None);
    }
}
