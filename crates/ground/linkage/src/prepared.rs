//! A value made ready for comparison once, because it will be compared often.

use serde::{Deserialize, Serialize};

use crate::chinese::{clean, fold, loose, sound};
use crate::compare::Comparer;
use crate::{dates, id};

/// Most other values that are looked at.
const OTHERS_MAX: usize = 8;

/// A value as a register gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Given {
    /// The value; empty when it is not known.
    pub text: String,
    /// What it was before: former names, earlier numbers.
    pub others: Vec<String>,
}

/// A value ready for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Prepared {
    /// What is compared first.
    pub(crate) text: Box<str>,
    /// With variants folded.
    pub(crate) folded: Box<str>,
    /// As it sounds; of days, month and day in order of size.
    pub(crate) sound: Box<str>,
    /// As it may be heard.
    pub(crate) loose: Box<str>,
    /// Pairs of neighbouring characters, in order.
    pub(crate) grams: Box<[u64]>,
    /// Other values, folded.
    pub(crate) others: Box<[Box<str>]>,
    /// The value proves itself by a check character.
    pub(crate) proven: bool,
    /// The value was brought to its present form from an old one.
    pub(crate) old: bool,
}

impl From<&str> for Given {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), others: Vec::new() }
    }
}

impl Prepared {
    /// Whether there is anything to compare.
    pub fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}

/// Makes a value ready.
pub fn prepare(comparer: Comparer, given: &Given) -> Prepared {
    let plain = |text: &str| plain(comparer, text);
    let text = plain(&given.text);
    if text.is_empty() {
        return Prepared::default();
    }
    let others =
        given.others.iter().take(OTHERS_MAX).map(|other| fold(&plain(other)).into_boxed_str());
    let mut prepared = Prepared {
        others: others.filter(|other| !other.is_empty()).collect(),
        ..Prepared::default()
    };
    match comparer {
        Comparer::Name => {
            let folded = fold(&text);
            let heard = sound(&folded);
            prepared.loose = loose(&heard).into();
            prepared.sound = heard.into();
            prepared.folded = folded.into();
        }
        Comparer::Address => {
            let folded = fold(&text);
            prepared.grams = grams(&folded);
            prepared.folded = folded.into();
        }
        Comparer::Day => prepared.sound = dates::unordered(&text).into(),
        Comparer::Latin => prepared.sound = in_order(&given.text).into(),
        Comparer::Citizen => {
            let number = id::number(&given.text);
            prepared.proven = number.proven;
            prepared.old = number.old;
        }
        Comparer::Text => prepared.folded = fold(&text).into(),
        Comparer::Phone | Comparer::Code | Comparer::Number => {}
    }
    prepared.text = text.into();
    prepared
}

fn plain(comparer: Comparer, text: &str) -> String {
    match comparer {
        Comparer::Citizen => id::number(text).text,
        Comparer::Day => dates::day(text),
        Comparer::Phone => phone(text),
        Comparer::Name
        | Comparer::Latin
        | Comparer::Address
        | Comparer::Code
        | Comparer::Text
        | Comparer::Number => clean(text),
    }
}

fn phone(text: &str) -> String {
    let digits: String = clean(text).chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("86").filter(|rest| rest.len() == 11) {
        Some(rest) => rest.to_owned(),
        None => digits,
    }
}

/// The words of a name in the order of the alphabet.
fn in_order(text: &str) -> String {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(clean)
        .filter(|word| !word.is_empty())
        .collect();
    words.sort_unstable();
    words.concat()
}

fn grams(text: &str) -> Box<[u64]> {
    let letters: Vec<char> = text.chars().collect();
    let mut grams: Vec<u64> = letters
        .windows(2)
        .filter_map(|pair| {
            Some(u64::from(u32::from(*pair.first()?)) << 32 | u64::from(u32::from(*pair.last()?)))
        })
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams.into_boxed_slice()
}
