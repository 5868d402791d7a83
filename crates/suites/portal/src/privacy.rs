//! The check before anything is opened: values that name a person, groups so small that they point at one, cells of counts
//! so small that they do. Pure: a table comes in, a report goes out.

use std::collections::BTreeMap;

use time::Date;
use zhengtong_base::Text;
use zhengtong_base::code::validator;

/// What is looked for, and from where on it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The smallest group of people with the same attributes that may be told apart.
    pub k: usize,
    /// The smallest count that may be told, other than nought.
    pub cell_min: u64,
    /// How many values of a column in a hundred must look like identifiers before it counts as one.
    pub share_percent: usize,
    /// The columns by which people could be told apart when taken together, such as region, birth and sex.
    pub attributes: Vec<String>,
    /// The columns that hold counts of people.
    pub counts: Vec<String>,
    /// Today, against which numbers of persons are checked.
    pub today: Date,
}

impl Rules {
    /// The usual rules of a day: groups of five, counts of five, one value in a hundred.
    pub fn usual(today: Date) -> Self {
        Self {
            k: 5,
            cell_min: 5,
            share_percent: 1,
            attributes: Vec::new(),
            counts: Vec::new(),
            today,
        }
    }
}

/// What kind of concern it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The values are numbers, telephones or cards of persons.
    Identifier,
    /// A group is smaller than `k`.
    Group,
    /// A count is smaller than the smallest that may be told.
    Cell,
}

/// One thing that speaks against opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// What kind.
    pub kind: Kind,
    /// The column, or the columns joined by `+`.
    pub column: String,
    /// How many rows it is about.
    pub rows: usize,
    /// In words.
    pub text: Text,
}

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows that were looked at.
    pub rows: usize,
    /// The size of the smallest group; none without attributes or rows.
    pub k: Option<usize>,
    /// What speaks against opening.
    pub concerns: Vec<Concern>,
}

impl Report {
    /// Whether the table may be opened.
    pub fn passes(&self) -> bool {
        self.concerns.is_empty()
    }
}

/// The identifiers that are looked for: the rule of the code, and its name.
const IDENTIFIERS: &[(&str, &str, &str)] = &[
    ("gb11643", "居民身份证号", "citizen numbers"),
    ("mobile", "手机号", "mobile numbers"),
    ("bank-card", "银行卡号", "bank card numbers"),
    ("email", "电子邮箱", "e-mail addresses"),
];

/// Looks at a table: the names of its columns, and its rows in the same order.
pub fn check<R: AsRef<[String]>>(columns: &[String], rows: &[R], rules: &Rules) -> Report {
    let mut concerns = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let values =
            || rows.iter().filter_map(move |row| row.as_ref().get(at)).map(|value| value.trim());
        concerns.extend(identifiers(column, values, rules));
        if rules.counts.contains(column) {
            concerns.extend(cells(column, values(), rules));
        }
    }
    let places: Vec<usize> = rules
        .attributes
        .iter()
        .filter_map(|name| columns.iter().position(|one| one == name))
        .collect();
    let k = smallest(&places, rows, rules, &mut concerns);
    Report { rows: rows.len(), k, concerns }
}

fn identifiers<'a, V: Iterator<Item = &'a str>>(
    column: &str,
    values: impl Fn() -> V,
    rules: &Rules,
) -> Option<Concern> {
    let filled = values().filter(|value| !value.is_empty()).count();
    IDENTIFIERS.iter().find_map(|(rule, zh, en)| {
        let hits =
            values().filter(|value| !value.is_empty() && fits(rule, value, rules.today)).count();
        let many = hits > 0 && hits * 100 >= filled * rules.share_percent;
        many.then(|| Concern {
            kind: Kind::Identifier,
            column: column.to_owned(),
            rows: hits,
            text: Text::new(
                format!("“{column}”里有 {hits} 个{zh}，不能开放"),
                format!("`{column}` holds {hits} {en} and cannot be opened"),
            ),
        })
    })
}

/// Whether a value is an identifier of a kind, as written by people.
fn fits(rule: &str, value: &str, today: Date) -> bool {
    match rule {
        "email" => {
            let mut parts = value.split('@');
            let (name, host) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            parts.next().is_none()
                && !name.is_empty()
                && host.contains('.')
                && !value.contains(char::is_whitespace)
        }
        "bank-card" => {
            let digits: String = value.chars().filter(|sign| !matches!(sign, ' ' | '-')).collect();
            (16..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && luhn(&digits)
                // A card of a Chinese bank begins with 62, those of the great card companies with 4 or 5.
                && matches!(digits.as_bytes(), [b'6', b'2', ..] | [b'4' | b'5', ..])
        }
        "mobile" => {
            let digits: String =
                value.trim_start_matches("+86").chars().filter(char::is_ascii_digit).collect();
            // No mobile number of the country begins with 10, 11 or 12.
            digits.len() == 11
                && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..])
                && validator(rule).is_some_and(|valid| valid(&digits, today).is_ok())
        }
        rule => validator(rule).is_some_and(|valid| valid(value, today).is_ok()),
    }
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn cells<'a>(
    column: &str,
    values: impl Iterator<Item = &'a str>,
    rules: &Rules,
) -> Option<Concern> {
    let small = values
        .filter_map(|value| value.parse::<u64>().ok())
        .filter(|count| *count > 0 && *count < rules.cell_min)
        .count();
    let least = rules.cell_min;
    (small > 0).then(|| Concern {
        kind: Kind::Cell,
        column: column.to_owned(),
        rows: small,
        text: Text::new(
            format!("“{column}”里有 {small} 个数小于 {least}，可能认出个人，请合并或隐去"),
            format!("`{column}` holds {small} counts below {least} that may point at a person; join or hide them"),
        ),
    })
}

fn smallest<R: AsRef<[String]>>(
    places: &[usize],
    rows: &[R],
    rules: &Rules,
    concerns: &mut Vec<Concern>,
) -> Option<usize> {
    if places.is_empty() {
        return None;
    }
    let mut groups: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    for row in rows {
        let group = places.iter().map(|at| row.as_ref().get(*at).map_or("", |value| value.trim()));
        *groups.entry(group.collect()).or_default() += 1;
    }
    let k = groups.values().min().copied()?;
    let small: usize = groups.values().filter(|size| **size < rules.k).sum();
    if small > 0 {
        let (column, least) = (rules.attributes.join("+"), rules.k);
        concerns.push(Concern {
            kind: Kind::Group,
            text: Text::new(
                format!("按“{column}”分，有 {small} 行所在的组不足 {least} 行，可能认出个人。把这几列放粗（如年龄改成年龄段），或先不公开，凑够了再公开"),
                format!("by `{column}`, {small} rows stand in groups of fewer than {least} and may point at a person; make the columns coarser, such as ranges of ages, or keep the dataset private until there are more"),
            ),
            column,
            rows: small,
        });
    }
    Some(k)
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use zhengtong_base::code::CitizenNumber;

    use super::*;

    fn table<const N: usize>(rows: &[[&str; N]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn numbers_of_persons_are_found_whatever_the_column_is_called() {
        let number = CitizenNumber::compose("110101", date!(1990 - 03 - 07), 1).unwrap();
        let rules = Rules::usual(date!(2026 - 11 - 22));
        let refused = ["13800138000", "+86 138 0013 8000", number.as_str(), "a.b@city.example"];
        // The digit that makes it a number of a card.
        let card = (0..10)
            .map(|digit| format!("622202123456789012{digit}"))
            .find(|card| luhn(card))
            .unwrap();
        for value in refused.iter().copied().chain([card.as_str()]) {
            let report = check(&columns(&["x"]), &table(&[["普通"], [value]]), &rules);
            assert!(!report.passes(), "{value}");
            assert_eq!(report.concerns[0].kind, Kind::Identifier);
        }
        for value in [
            "110101",
            "2026-11-22",
            "0571-88880000",
            "330100-0001",
            "12345678901",
            "91350100M000100Y43",
        ] {
            let report = check(&columns(&["x"]), &table(&[[value]]), &rules);
            assert!(report.passes(), "{value}: {:?}", report.concerns);
        }
    }

    #[test]
    fn small_groups_and_small_cells_are_found() {
        let mut rules = Rules::usual(date!(2026 - 11 - 22));
        rules.attributes = columns(&["district", "age"]);
        rules.counts = columns(&["cases"]);
        let names = columns(&["district", "age", "cases"]);
        let five = table(&[["east", "30-39", "12"]; 5]);
        let report = check(&names, &five, &rules);
        assert!(report.passes() && report.k == Some(5), "{report:?}");
        let mut six = five.clone();
        six.extend(table(&[["west", "90+", "2"]]));
        let report = check(&names, &six, &rules);
        let kinds: Vec<Kind> = report.concerns.iter().map(|concern| concern.kind).collect();
        assert_eq!((report.k, kinds), (Some(1), vec![Kind::Cell, Kind::Group]));
        let nought = table(&[["east", "30-39", "0"]; 5]);
        assert!(check(&names, &nought, &rules).passes());
    }

    #[test]
    fn an_empty_table_passes() {
        let rules = Rules { attributes: columns(&["a"]), ..Rules::usual(date!(2026 - 11 - 22)) };
        let report = check::<Vec<String>>(&columns(&["a"]), &[], &rules);
        assert_eq!((report.passes(), report.k), (true, None));
    }
}
