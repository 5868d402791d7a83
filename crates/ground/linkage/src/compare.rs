//! How far two values agree: a few levels per kind of field, from nothing in common to the same.

use serde::{Deserialize, Serialize};

use crate::dates::same_parts;
use crate::prepared::Prepared;

/// The level of a pair of which one value is not known: it says nothing.
pub const MISSING: u8 = 0;

/// What kind of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparer {
    /// A name in Chinese characters.
    Name,
    /// A name in letters.
    Latin,
    /// A citizen number of 15 or 18 places.
    Citizen,
    /// A day.
    Day,
    /// An address.
    Address,
    /// A telephone number.
    Phone,
    /// A code of a few: sex, district.
    Code,
    /// A number made of digits.
    Number,
    /// Any other words.
    Text,
}

impl Comparer {
    /// The levels above [`MISSING`], from the farthest to the nearest.
    pub fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Name => {
                &["other", "one-character", "near-sound", "same-sound", "former", "variant", "same"]
            }
            Self::Latin => &["other", "alike", "close", "very-close", "reordered", "same"],
            Self::Citizen => &["contrary", "other", "slip", "upgraded", "same"],
            Self::Day => &["other", "two-parts", "slip", "swapped", "same"],
            Self::Address => &["other", "alike", "close", "former", "same"],
            Self::Phone => &["other", "slip", "former", "same"],
            Self::Code => &["other", "same"],
            Self::Number => &["other", "two-slips", "slip", "same"],
            Self::Text => &["other", "alike", "close", "very-close", "same"],
        }
    }

    /// The level of two values that are the same.
    pub fn same(self) -> u8 {
        u8::try_from(self.levels().len()).unwrap_or(u8::MAX)
    }
}

/// The level on which two values agree; 0 when one is missing, else a place in [`Comparer::levels`] from 1.
pub fn compare(comparer: Comparer, left: &Prepared, right: &Prepared) -> u8 {
    if left.is_missing() || right.is_missing() {
        return MISSING;
    }
    match comparer {
        Comparer::Name => name(left, right),
        Comparer::Latin => latin(left, right),
        Comparer::Citizen => citizen(left, right),
        Comparer::Day => day(left, right),
        Comparer::Address => address(left, right),
        Comparer::Phone => phone(left, right),
        Comparer::Code => {
            if left.text == right.text {
                2
            } else {
                1
            }
        }
        Comparer::Number => match () {
            () if left.text == right.text => 4,
            () if within(&left.text, &right.text, 1) => 3,
            () if within(&left.text, &right.text, 2) => 2,
            () => 1,
        },
        Comparer::Text => words(&left.folded, &right.folded),
    }
}

fn name(left: &Prepared, right: &Prepared) -> u8 {
    if left.text == right.text {
        7
    } else if left.folded == right.folded {
        6
    } else if former(left, right) {
        5
    } else if left.sound == right.sound {
        4
    } else if left.loose == right.loose {
        3
    } else if left.folded.chars().count().max(right.folded.chars().count()) >= 3
        && within(&left.folded, &right.folded, 1)
    {
        2
    } else {
        1
    }
}

fn latin(left: &Prepared, right: &Prepared) -> u8 {
    if left.text == right.text {
        return 6;
    }
    if left.sound == right.sound || former(left, right) {
        return 5;
    }
    likeness(&left.text, &right.text)
}

fn words(left: &str, right: &str) -> u8 {
    if left == right { 5 } else { likeness(left, right) }
}

/// Four levels by Jaro and Winkler.
fn likeness(left: &str, right: &str) -> u8 {
    let likeness = strsim::jaro_winkler(left, right);
    if likeness >= 0.93 {
        4
    } else if likeness >= 0.88 {
        3
    } else if likeness >= 0.78 {
        2
    } else {
        1
    }
}

fn citizen(left: &Prepared, right: &Prepared) -> u8 {
    if left.text == right.text {
        return if left.old == right.old { 5 } else { 4 };
    }
    // Two numbers that both prove themselves are two persons, however near they are: twins are born one after
    // the other.
    if left.proven && right.proven {
        return 1;
    }
    if slipped(left, right) { 3 } else { 2 }
}

/// Whether one number may be the other one with a slip of the pen. Old numbers have no check; those that differ in
/// the running number of a day are two persons.
fn slipped(left: &Prepared, right: &Prepared) -> bool {
    if left.old || right.old {
        let (Some((day, running)), Some((other_day, other_running))) =
            (split(&left.text), split(&right.text))
        else {
            return false;
        };
        return running == other_running && within(day, other_day, 1);
    }
    within(&left.text, &right.text, 2)
}

/// Area and day of birth, and the running number.
fn split(number: &str) -> Option<(&str, &str)> {
    Some((number.get(..14)?, number.get(14..17)?))
}

fn day(left: &Prepared, right: &Prepared) -> u8 {
    if left.text == right.text {
        5
    } else if left.sound == right.sound {
        4
    } else if within(&left.text, &right.text, 1) {
        3
    } else if same_parts(&left.text, &right.text) == 2 {
        2
    } else {
        1
    }
}

fn address(left: &Prepared, right: &Prepared) -> u8 {
    if left.folded == right.folded {
        return 5;
    }
    if former(left, right) {
        return 4;
    }
    let (both, all) = overlap(&left.grams, &right.grams);
    // Two thirds and two fifths, without fractions.
    if both * 3 >= all * 2 && all > 0 {
        3
    } else if both * 5 >= all * 2 && all > 0 {
        2
    } else {
        1
    }
}

fn phone(left: &Prepared, right: &Prepared) -> u8 {
    if left.text == right.text {
        4
    } else if former(left, right) {
        3
    } else if within(&left.text, &right.text, 1) {
        2
    } else {
        1
    }
}

/// Whether what one is now the other was before, or both were the same.
fn former(left: &Prepared, right: &Prepared) -> bool {
    if left.others.is_empty() && right.others.is_empty() {
        return false;
    }
    let now = |value: &Prepared| {
        if value.folded.is_empty() { value.text.clone() } else { value.folded.clone() }
    };
    let (left_now, right_now) = (now(left), now(right));
    left.others.iter().any(|other| *other == right_now || right.others.contains(other))
        || right.others.contains(&left_now)
}

/// Whether two texts are at most so many changes apart: a letter put in, left out, replaced, or swapped with the next.
fn within(left: &str, right: &str, most: usize) -> bool {
    left.len().abs_diff(right.len()) <= most * 4 && strsim::osa_distance(left, right) <= most
}

/// How many numbers stand in both ordered lists, and how many in either.
fn overlap(left: &[u64], right: &[u64]) -> (usize, usize) {
    let (mut a, mut b) = (left.iter().peekable(), right.iter().peekable());
    let mut both = 0;
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                both += 1;
                a.next();
                b.next();
            }
        }
    }
    (both, left.len() + right.len() - both)
}
