//! What a column seems to hold, from a sample of its rows.

use std::collections::BTreeSet;

use time::Date;
use zhengtong_base::code::{parse_date, validator};

use crate::model::Record;

/// Different values that a column of codes has at most.
const CODES_MAX: usize = 50;
/// Check rules that are tried, the narrowest first.
const CHECKS: [&str; 4] = ["gb11643", "gb32100", "mobile", "gb2260"];

/// What a column seems to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Nothing was there.
    Empty,
    /// Whole numbers.
    Integer,
    /// Numbers with places.
    Decimal,
    /// Yes and no.
    Boolean,
    /// Days.
    Date,
    /// Numbers of persons, organisations and the like: the name of the check rule that all pass.
    Checked(&'static str),
    /// A few short words that come again and again.
    Code,
    /// Anything else.
    Text,
}

/// What is known of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// What it seems to hold.
    pub guess: Guess,
    /// How many fields are empty.
    pub empty: usize,
    /// How many different values there are, counted up to a limit.
    pub distinct: usize,
    /// The longest value, in characters.
    pub chars_max: usize,
}

/// Says of each column what it seems to hold. `today` is the day on which check rules are asked.
pub fn infer(rows: &[Record], columns: usize, today: Date) -> Vec<Inferred> {
    (0..columns).map(|column| one(rows, column, today)).collect()
}

fn one(rows: &[Record], column: usize, today: Date) -> Inferred {
    let fields = || rows.iter().map(|row| row.get(column).unwrap_or("").trim());
    let filled: Vec<&str> = fields().filter(|field| !field.is_empty()).collect();
    let mut distinct: BTreeSet<&str> = BTreeSet::new();
    for field in &filled {
        if distinct.len() > CODES_MAX {
            break;
        }
        distinct.insert(field);
    }
    let chars_max = filled.iter().map(|field| field.chars().count()).max().unwrap_or(0);
    Inferred {
        guess: guess(&filled, &distinct, chars_max, today),
        empty: rows.len() - filled.len(),
        distinct: distinct.len(),
        chars_max,
    }
}

fn guess(filled: &[&str], distinct: &BTreeSet<&str>, chars_max: usize, today: Date) -> Guess {
    if filled.is_empty() {
        return Guess::Empty;
    }
    let all = |test: &dyn Fn(&str) -> bool| filled.iter().all(|field| test(field));
    for name in CHECKS {
        // Short numbers pass short rules by chance.
        let Some(check) = validator(name).filter(|_| chars_max > 5) else { continue };
        if (name != "gb2260" || distinct.len() > 1) && all(&|field| check(field, today).is_ok()) {
            return Guess::Checked(name);
        }
    }
    let yes = ["true", "false", "yes", "no", "y", "n", "是", "否", "有", "无"];
    if all(&|field| yes.contains(&field.to_lowercase().as_str())) {
        return Guess::Boolean;
    }
    if all(&|field| parse_date(field).is_ok()) {
        return Guess::Date;
    }
    // A number that begins with 0 is a name made of digits.
    let padded =
        all(&|field| field.len() == 1 || !field.starts_with('0') || field.starts_with("0."));
    if padded && all(&is_integer) {
        return Guess::Integer;
    }
    if padded && all(&is_decimal) {
        return Guess::Decimal;
    }
    let repeated = distinct.len() <= CODES_MAX && distinct.len() * 4 <= filled.len();
    if repeated && chars_max <= 20 { Guess::Code } else { Guess::Text }
}

fn is_integer(field: &str) -> bool {
    let digits = field.strip_prefix(['-', '+']).unwrap_or(field);
    (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(field: &str) -> bool {
    let plain = field.replace(',', "");
    let (whole, part) = plain.split_once('.').unwrap_or((plain.as_str(), "0"));
    is_integer(whole) && !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
