//! GB 16735: the vehicle identification number; its ninth character checks the others.

use std::fmt;

use super::error::{CodeError, CodeKind};
use super::spelling::compact;

/// The weight of each place; the check character itself weighs nothing.
const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// A vehicle identification number of 17 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VehicleNumber(String);

impl VehicleNumber {
    /// Reads a number.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let code = CodeKind::Vehicle;
        let text = compact(text);
        let length = text.chars().count();
        if length == 0 {
            return Err(CodeError::Empty(code));
        }
        if length != 17 {
            return Err(CodeError::Length { code, expected: &[17], found: length });
        }
        let mut sum = 0;
        for ((at, letter), weight) in text.chars().enumerate().zip(WEIGHTS) {
            let wrong = CodeError::Character { code, place: at + 1, found: letter };
            sum += value(letter).ok_or(wrong)? * weight;
        }
        let check = char::from_digit(sum % 11, 10).unwrap_or('X');
        if text.chars().nth(8) != Some(check) {
            return Err(CodeError::Check { code, place: 9 });
        }
        Ok(Self(text))
    }

    /// The 17 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VehicleNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for VehicleNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

fn value(letter: char) -> Option<u32> {
    match letter {
        '0'..='9' => letter.to_digit(10),
        'A' | 'J' => Some(1),
        'B' | 'K' | 'S' => Some(2),
        'C' | 'L' | 'T' => Some(3),
        'D' | 'M' | 'U' => Some(4),
        'E' | 'N' | 'V' => Some(5),
        'F' | 'W' => Some(6),
        'G' | 'P' | 'X' => Some(7),
        'H' | 'Y' => Some(8),
        'R' | 'Z' => Some(9),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors() {
        assert!(VehicleNumber::parse("1M8GDM9AXKP042788").is_ok());
        assert!(VehicleNumber::parse("1m8gdm9axkp042788").is_ok());
        assert!(VehicleNumber::parse("11111111111111111").is_ok());
        let check = CodeError::Check { code: CodeKind::Vehicle, place: 9 };
        assert_eq!(VehicleNumber::parse("1M8GDM9A1KP042788"), Err(check));
        let letter = CodeError::Character { code: CodeKind::Vehicle, place: 2, found: 'O' };
        assert_eq!(VehicleNumber::parse("1O8GDM9AXKP042788"), Err(letter));
        assert!(VehicleNumber::parse("1M8GDM9AXKP04278").is_err());
        assert!(VehicleNumber::parse("").is_err());
    }
}
