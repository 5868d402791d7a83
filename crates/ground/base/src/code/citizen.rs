//! GB 11643: the citizen number of 18 characters. The area inside it is that of the day it was given
//! out, so it is never compared with the regions of today.

use std::fmt;

use time::{Date, Month};

use super::check;
use super::error::{CodeError, CodeKind};
use super::spelling::{compact, cover};

/// Numbers were first given out in the twentieth century; nobody alive was born before this year.
const FIRST_YEAR: i32 = 1800;

/// A citizen number that keeps all rules. Its debug form is masked, and it has no display form, so
/// that it cannot slip into a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CitizenNumber {
    text: String,
    birth: Date,
}

/// The sex that a citizen number tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female; the 17th digit is even.
    Female,
    /// Male; the 17th digit is odd.
    Male,
}

impl Sex {
    /// The value of GB/T 2261.1: 1 male, 2 female.
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "1",
            Self::Female => "2",
        }
    }
}

impl CitizenNumber {
    /// Reads a number of 18 characters. `today` is the civil date on which it is read.
    pub fn parse(text: &str, today: Date) -> Result<Self, CodeError> {
        let text = compact(text);
        check_letters(&text)?;
        let birth = birth_in(&text)?;
        if birth > today {
            return Err(CodeError::BirthInFuture);
        }
        if text.chars().last() != text.get(..17).and_then(check::mod_11_2) {
            return Err(CodeError::Check { code: CodeKind::Citizen, place: 18 });
        }
        Ok(Self { text, birth })
    }

    /// Turns a number of the old form of 15 digits into one of 18: the century 19 goes in, the check
    /// character goes on. Forms do not take old numbers; old registers hold them.
    pub fn upgrade(text: &str, today: Date) -> Result<Self, CodeError> {
        let text = compact(text);
        let wrong = |found| CodeError::Length { code: CodeKind::Citizen, expected: &[15], found };
        match (text.get(..6), text.get(6..)) {
            (Some(area), Some(rest)) if text.len() == 15 => {
                let body = format!("{area}19{rest}");
                let check = Self::check_char(&body)?;
                Self::parse(&format!("{body}{check}"), today)
            }
            _ => Err(wrong(text.chars().count())),
        }
    }

    /// Builds the number of an area, a birth date and a sequence number of at most three digits.
    pub fn compose(area: &str, birth: Date, sequence: u16) -> Result<Self, CodeError> {
        let (year, month, day) = birth.to_calendar_date();
        let body = format!("{area}{year:04}{:02}{day:02}{sequence:03}", u8::from(month));
        let check = Self::check_char(&body)?;
        Self::parse(&format!("{body}{check}"), birth)
    }

    /// The check character of the first 17 digits.
    pub fn check_char(first_17: &str) -> Result<char, CodeError> {
        if first_17.len() != 17 {
            let found = first_17.chars().count();
            return Err(CodeError::Length { code: CodeKind::Citizen, expected: &[17], found });
        }
        check::mod_11_2(first_17).ok_or(CodeError::Shape(CodeKind::Citizen))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The region in which the number was given out, as it was called then.
    pub fn area(&self) -> &str {
        self.text.get(..6).unwrap_or_default()
    }

    /// The date of birth.
    pub fn birth_date(&self) -> Date {
        self.birth
    }

    /// The sex.
    pub fn sex(&self) -> Sex {
        match self.text.chars().nth(16).and_then(|digit| digit.to_digit(10)) {
            Some(digit) if digit % 2 == 1 => Sex::Male,
            _ => Sex::Female,
        }
    }

    /// The first four and the last four characters, stars between.
    pub fn masked(&self) -> String {
        cover(&self.text, 4, 4)
    }
}

impl fmt::Debug for CitizenNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CitizenNumber({})", self.masked())
    }
}

impl AsRef<str> for CitizenNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

fn check_letters(text: &str) -> Result<(), CodeError> {
    let code = CodeKind::Citizen;
    let length = text.chars().count();
    if length == 0 {
        return Err(CodeError::Empty(code));
    }
    if length != 18 {
        return Err(CodeError::Length { code, expected: &[18], found: length });
    }
    let wrong =
        |(at, letter): &(usize, char)| !(letter.is_ascii_digit() || (*at == 17 && *letter == 'X'));
    match text.chars().enumerate().find(wrong) {
        Some((at, found)) => Err(CodeError::Character { code, place: at + 1, found }),
        None => Ok(()),
    }
}

fn birth_in(text: &str) -> Result<Date, CodeError> {
    let year = part::<i32>(text, 6, 10)?;
    let month = Month::try_from(part::<u8>(text, 10, 12)?);
    let (Ok(month), day) = (month, part::<u8>(text, 12, 14)?) else {
        return Err(CodeError::BirthDate);
    };
    match Date::from_calendar_date(year, month, day) {
        Ok(birth) if year >= FIRST_YEAR => Ok(birth),
        _ => Err(CodeError::BirthDate),
    }
}

fn part<T: std::str::FromStr>(text: &str, from: usize, to: usize) -> Result<T, CodeError> {
    let digits = text.get(from..to).and_then(|digits| digits.parse().ok());
    digits.ok_or(CodeError::BirthDate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 21);

    fn check(text: &str, expected: &Result<(&str, Date, Sex), CodeError>) {
        let found = CitizenNumber::parse(text, TODAY);
        let found = found.as_ref().map(|n| (n.as_str(), n.birth_date(), n.sex()));
        assert_eq!(found.map_err(Clone::clone), *expected, "{text}");
    }

    #[test]
    fn vectors() {
        check(
            "11010519491231002X",
            &Ok(("11010519491231002X", date!(1949 - 12 - 31), Sex::Female)),
        );
        check(
            "11010519491231002x",
            &Ok(("11010519491231002X", date!(1949 - 12 - 31), Sex::Female)),
        );
        check("440524188001010014", &Ok(("440524188001010014", date!(1880 - 01 - 01), Sex::Male)));
        check("34052419800101001X", &Ok(("34052419800101001X", date!(1980 - 01 - 01), Sex::Male)));
        check("110105194912310021", &Err(CodeError::Check { code: CodeKind::Citizen, place: 18 }));
        check("", &Err(CodeError::Empty(CodeKind::Citizen)));
        check("110105194912310029", &Err(CodeError::Check { code: CodeKind::Citizen, place: 18 }));
        check("110105194902300026", &Err(CodeError::BirthDate));
        check("110105194913310026", &Err(CodeError::BirthDate));
        check("110105000012310026", &Err(CodeError::BirthDate));
        check("110105202712310026", &Err(CodeError::BirthInFuture));
        let letter = |place, found| CodeError::Character { code: CodeKind::Citizen, place, found };
        check("1101051949123100XX", &Err(letter(17, 'X')));
        check("一10105194912310026", &Err(letter(1, '一')));
        check("😀10105194912310026", &Err(letter(1, '😀')));
        let length = |found| CodeError::Length { code: CodeKind::Citizen, expected: &[18], found };
        check("110105491231002", &Err(length(15)));
        check("11010519491231002XX", &Err(length(19)));
    }

    #[test]
    fn born_today_is_not_in_the_future() {
        let number = CitizenNumber::compose("990101", TODAY, 2).unwrap();
        assert!(CitizenNumber::parse(number.as_str(), TODAY).is_ok());
        let yesterday = TODAY.previous_day().unwrap();
        let found = CitizenNumber::parse(number.as_str(), yesterday);
        assert_eq!(found, Err(CodeError::BirthInFuture));
    }

    #[test]
    fn old_numbers_are_upgraded() {
        let number = CitizenNumber::upgrade("110105491231002", TODAY).unwrap();
        assert_eq!(number.as_str(), "11010519491231002X");
        assert!(CitizenNumber::upgrade("11010549123100", TODAY).is_err());
        assert!(CitizenNumber::upgrade("11010549123100中", TODAY).is_err());
        assert!(CitizenNumber::upgrade("中国人民共", TODAY).is_err());
    }

    #[test]
    fn is_never_shown_whole_by_accident() {
        let number = CitizenNumber::parse("11010519491231002X", TODAY).unwrap();
        assert_eq!(number.masked(), "1101**********002X");
        assert_eq!(format!("{number:?}"), "CitizenNumber(1101**********002X)");
        assert_eq!((number.area(), number.sex().code()), ("110105", "2"));
    }

    #[test]
    fn compose_refuses_what_does_not_fit() {
        assert!(CitizenNumber::compose("99010", TODAY, 1).is_err());
        assert!(CitizenNumber::compose("99010A", TODAY, 1).is_err());
        assert!(CitizenNumber::compose("990101", TODAY, 1000).is_err());
    }

    proptest! {
        #[test]
        fn every_composed_number_passes_and_no_changed_one(
            area in "[1-9][0-9]{5}", day in 0_i64..54_000, sequence in 0_u16..1000,
            at in 0_usize..18, other in 0_u32..11,
        ) {
            let birth = date!(1880 - 01 - 01) + time::Duration::days(day.min(53_650));
            let number = CitizenNumber::compose(&area, birth, sequence).unwrap();
            prop_assert_eq!(&CitizenNumber::parse(number.as_str(), TODAY).unwrap(), &number);
            prop_assert_eq!(number.birth_date(), birth);
            let other = char::from_digit(other, 10).unwrap_or('X');
            let mut letters: Vec<char> = number.as_str().chars().collect();
            prop_assume!(letters[at] != other);
            letters[at] = other;
            let changed: String = letters.into_iter().collect();
            prop_assert!(CitizenNumber::parse(&changed, TODAY).is_err());
        }

        #[test]
        fn no_input_breaks_it(text in any::<String>()) {
            drop(CitizenNumber::parse(&text, TODAY));
            drop(CitizenNumber::upgrade(&text, TODAY));
        }
    }
}
