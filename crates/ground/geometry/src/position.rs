//! A place in whole numbers: ten-millionths of a degree, so that what is equal is equal and nothing is lost by counting.

use std::fmt;

use crate::fault::{PlaceFault, Result, shown};

/// Decimals of a degree that are kept.
const PLACES: i32 = 7;
/// One degree.
const DEGREE: i64 = 10_000_000;
/// Digits of a number that are read at most.
const DIGITS_MAX: usize = 40;
/// The range in which China lies, in degrees: from west to east and from south to north.
const CHINA: (i64, i64, i64, i64) = (73, 136, 3, 54);

/// A place on the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub(crate) lon: i64,
    pub(crate) lat: i64,
}

impl Position {
    /// A place by its longitude and latitude, as decimal numbers.
    pub fn read(lon: &str, lat: &str) -> Result<Self> {
        let number = |text: &str| degrees(text).ok_or_else(|| PlaceFault::Number(shown(text)));
        let (lon, lat) = (number(lon)?, number(lat)?);
        let place = Self { lon, lat };
        let swapped = Self { lon: lat, lat: lon };
        if !place.is_in_china() && swapped.is_in_china() {
            return Err(PlaceFault::Swapped(place).into());
        }
        if place.is_on_earth() {
            return Ok(place);
        }
        let metres = lon.abs() > 1_000 * DEGREE || lat.abs() > 1_000 * DEGREE;
        Err(if metres { PlaceFault::Projected } else { PlaceFault::Range(place) }.into())
    }

    /// The longitude, as a decimal number.
    pub fn longitude(self) -> String {
        decimal(self.lon)
    }

    /// The latitude, as a decimal number.
    pub fn latitude(self) -> String {
        decimal(self.lat)
    }

    /// Longitude and latitude as numbers to draw by.
    #[expect(clippy::cast_precision_loss, reason = "what is on the earth has ten digits")]
    pub fn degrees(self) -> (f64, f64) {
        (self.lon as f64 / 1e7, self.lat as f64 / 1e7)
    }

    fn is_on_earth(self) -> bool {
        self.lon.abs() <= 180 * DEGREE && self.lat.abs() <= 90 * DEGREE
    }

    fn is_in_china(self) -> bool {
        let (west, east, south, north) = CHINA;
        (west * DEGREE..=east * DEGREE).contains(&self.lon)
            && (south * DEGREE..=north * DEGREE).contains(&self.lat)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", decimal(self.lon), decimal(self.lat))
    }
}

/// A decimal number of degrees as ten-millionths, rounded.
pub(crate) fn degrees(text: &str) -> Option<i64> {
    let (down, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match rest.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all: Vec<u8> = whole.bytes().chain(part.bytes()).collect();
    let sound = !all.is_empty() && all.len() <= DIGITS_MAX && all.iter().all(u8::is_ascii_digit);
    if !sound || exponent.abs() > PLACES * 4 {
        return None;
    }
    // How many of the digits stand before the point once the number is counted in ten-millionths.
    let count = i32::try_from(whole.len()).ok()? + exponent + PLACES;
    let count = usize::try_from(count.max(-1) + 1).ok()?;
    let digit = |place: usize| all.get(place).map_or(0, |byte| i64::from(byte - b'0'));
    let mut value: i64 = 0;
    for place in 0..count.saturating_sub(1) {
        value = value.checked_mul(10)?.checked_add(digit(place))?;
    }
    if count > 0 && digit(count - 1) >= 5 {
        value = value.checked_add(1)?;
    }
    Some(if down { -value } else { value })
}

/// Ten-millionths of a degree as a decimal number, without zeros at the end.
pub(crate) fn decimal(value: i64) -> String {
    let (whole, part) = (value.abs() / DEGREE, value.abs() % DEGREE);
    let sign = if value < 0 { "-" } else { "" };
    let written = format!("{sign}{whole}.{part:07}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_and_rounded_once() {
        let rows = [
            ("120.155", Some(1_201_550_000)),
            ("+30.2740000", Some(302_740_000)),
            ("-0.00000004", Some(0)),
            ("0.00000005", Some(1)),
            ("1.20155e2", Some(1_201_550_000)),
            ("1e-7", Some(1)),
            ("5e-8", Some(1)),
            ("4e-8", Some(0)),
            ("1e-20", Some(0)),
            (".5", Some(5_000_000)),
            ("5.", Some(50_000_000)),
            ("", None),
            (".", None),
            ("-", None),
            ("NaN", None),
            ("inf", None),
            ("1,5", None),
            ("0x10", None),
            ("1e", None),
            ("1e99999", None),
            ("99999999999999999999", None),
        ];
        for (text, value) in rows {
            assert_eq!(degrees(text), value, "{text}");
        }
        for (value, text) in
            [(1_201_550_000, "120.155"), (-1, "-0.0000001"), (0, "0"), (-1_800_000_000, "-180")]
        {
            assert_eq!(decimal(value), text);
        }
    }
}
