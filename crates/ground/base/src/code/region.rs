//! GB/T 2260 and GB/T 10114: codes of administrative regions. Six digits down to the county, nine down
//! to the street or town, twelve down to the community or village. Only the form is a rule here;
//! which regions there are, and since when, is data.

use std::fmt;

use super::error::{CodeError, CodeKind};
use super::spelling::{compact, digits};

/// The code of a region in its shortest form of 6, 9 or 12 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionCode(String);

/// The level of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegionLevel {
    /// Province, autonomous region or municipality.
    Province,
    /// City at prefecture level.
    City,
    /// County, district or city at county level.
    County,
    /// Street, town or township.
    Township,
    /// Community or village.
    Village,
}

/// What a region of the township level is, as its three digits tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TownshipKind {
    /// 001 to 099: street.
    Street,
    /// 100 to 199: town.
    Town,
    /// 200 to 399: township.
    Township,
    /// 400 to 599: a unit in which government and enterprise are one.
    Enterprise,
}

impl RegionCode {
    /// Reads a code. Twelve or nine digits that end in zeros are shortened.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut text = compact(text);
        digits(&text, CodeKind::Region, &[6, 9, 12])?;
        while text.len() > 6 && text.ends_with("000") {
            text.truncate(text.len() - 3);
        }
        let part = |from, to| text.get(from..to).unwrap_or_default();
        let province_missing = part(0, 1) == "0" || part(1, 2) == "0";
        let city_missing = part(2, 4) == "00" && (part(4, 6) != "00" || text.len() > 6);
        let township_missing = text.len() == 12 && part(6, 9) == "000";
        if province_missing || city_missing || township_missing {
            return Err(CodeError::Shape(CodeKind::Region));
        }
        Ok(Self(text))
    }

    /// The digits, 6, 9 or 12.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The level.
    pub fn level(&self) -> RegionLevel {
        match self.0.len() {
            12 => RegionLevel::Village,
            9 => RegionLevel::Township,
            _ if self.0.ends_with("0000") => RegionLevel::Province,
            _ if self.0.ends_with("00") => RegionLevel::City,
            _ => RegionLevel::County,
        }
    }

    /// The region above; a province has none. A town that belongs to a city at prefecture level
    /// directly, as in Dongguan, has that city above it.
    pub fn parent(&self) -> Option<Self> {
        let cut = |length: usize, zeros: &str| {
            self.0.get(..length).map(|head| Self(format!("{head}{zeros}")))
        };
        match self.level() {
            RegionLevel::Province => None,
            RegionLevel::City => cut(2, "0000"),
            RegionLevel::County => cut(4, "00"),
            RegionLevel::Township => cut(6, ""),
            RegionLevel::Village => cut(9, ""),
        }
    }

    /// Whether the other region is this one or lies in it.
    pub fn contains(&self, other: &Self) -> bool {
        let length = match self.level() {
            RegionLevel::Province => 2,
            RegionLevel::City => 4,
            _ => self.0.len(),
        };
        self.0.get(..length).is_some_and(|head| other.0.starts_with(head))
    }

    /// What a region of the township level is; nothing for other levels and for digits from 600 on.
    pub fn township_kind(&self) -> Option<TownshipKind> {
        if self.level() != RegionLevel::Township {
            return None;
        }
        match self.0.get(6..9)?.parse::<u16>().ok()? {
            1..=99 => Some(TownshipKind::Street),
            100..=199 => Some(TownshipKind::Town),
            200..=399 => Some(TownshipKind::Township),
            400..=599 => Some(TownshipKind::Enterprise),
            _ => None,
        }
    }

    /// The twelve digits of statistics, filled with zeros.
    pub fn twelve(&self) -> String {
        format!("{:0<12}", self.0)
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for RegionCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, RegionLevel, Option<&str>)>) {
        let found = RegionCode::parse(text).ok();
        let parent = found.as_ref().and_then(RegionCode::parent);
        let found = found.as_ref().map(|region| {
            (region.as_str(), region.level(), parent.as_ref().map(RegionCode::as_str))
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn levels_and_parents() {
        check("330000", Some(("330000", RegionLevel::Province, None)));
        check("330100", Some(("330100", RegionLevel::City, Some("330000"))));
        check("330106", Some(("330106", RegionLevel::County, Some("330100"))));
        check("330106002", Some(("330106002", RegionLevel::Township, Some("330106"))));
        check("330106002001", Some(("330106002001", RegionLevel::Village, Some("330106002"))));
        check("330106000000", Some(("330106", RegionLevel::County, Some("330100"))));
        check("330106002000", Some(("330106002", RegionLevel::Township, Some("330106"))));
        check("441900003", Some(("441900003", RegionLevel::Township, Some("441900"))));
        check("990100", Some(("990100", RegionLevel::City, Some("990000"))));
        for bad in ["", "33", "3301", "330006", "330000001", "003301", "303301", "330106000001"] {
            check(bad, None);
        }
        check("33010A", None);
    }

    #[test]
    fn kinds_and_containment() {
        let region = |text| RegionCode::parse(text).unwrap();
        assert_eq!(region("330106002").township_kind(), Some(TownshipKind::Street));
        assert_eq!(region("330122100").township_kind(), Some(TownshipKind::Town));
        assert_eq!(region("330122200").township_kind(), Some(TownshipKind::Township));
        assert_eq!(region("330122400").township_kind(), Some(TownshipKind::Enterprise));
        assert_eq!(region("330122600").township_kind(), None);
        assert_eq!(region("330122").township_kind(), None);
        assert!(region("330000").contains(&region("330106002001")));
        assert!(region("330106").contains(&region("330106")));
        assert!(!region("330106002").contains(&region("330106")));
        assert!(!region("330100").contains(&region("330200")));
        assert_eq!(region("330100").twelve(), "330100000000");
    }
}
