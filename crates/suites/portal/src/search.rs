//! The language in which datasets are searched: the part of the filter queries of CKAN that harvesters use. Pure.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{Error, Result};
use crate::model::Package;

/// Datasets on one page at most.
pub(crate) const ROWS_MAX: i64 = 1_000;
/// Choices of one kind that are counted at most.
pub(crate) const FACET_MAX: i64 = 200;
/// Parts of one filter, and of all.
const TERMS_MAX: usize = 100;

/// By what a search is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Changed last, first.
    #[default]
    Newest,
    /// Changed last, last.
    Oldest,
    /// By name.
    Name,
    /// By name, backwards.
    NameDown,
    /// By title.
    Title,
    /// By title, backwards.
    TitleDown,
    /// By identifier.
    Id,
    /// Made last, first.
    Made,
}

impl Sort {
    /// Reads the words of CKAN, such as `metadata_modified desc`; what comes after the first counts for ties only, and ties are
    /// broken by identifier here.
    pub fn parse(text: &str) -> Result<Self> {
        let first = text.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut words = first.split_whitespace();
        let (field, way) = (words.next().unwrap_or_default(), words.next().unwrap_or("asc"));
        match (field, way) {
            ("" | "score" | "relevance", _) | ("metadata_modified" | "last_modified", "desc") => {
                Ok(Self::Newest)
            }
            ("metadata_modified" | "last_modified", "asc") => Ok(Self::Oldest),
            ("name", "asc") => Ok(Self::Name),
            ("name", "desc") => Ok(Self::NameDown),
            ("title" | "title_string", "asc") => Ok(Self::Title),
            ("title" | "title_string", "desc") => Ok(Self::TitleDown),
            ("id", "asc") => Ok(Self::Id),
            ("metadata_created", "desc") => Ok(Self::Made),
            _ => Err(Error::Query(text.to_owned())),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
            Self::NameDown => "name-down",
            Self::Title => "title",
            Self::TitleDown => "title-down",
            Self::Id => "id",
            Self::Made => "made",
        }
    }
}

/// What a dataset must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// All of these terms.
    pub all: Vec<String>,
    /// None of these.
    pub none: Vec<String>,
    /// One of each of these, two such groups at most.
    pub any: Vec<Vec<String>>,
    /// Changed then or later.
    pub since: Option<OffsetDateTime>,
    /// Changed then or before.
    pub until: Option<OffsetDateTime>,
}

/// A search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that must all be there.
    pub words: Vec<String>,
    /// What it must be.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
    /// Datasets that are left out at the beginning.
    pub start: i64,
    /// Datasets that are given.
    pub rows: i64,
    /// What is counted, such as `tags`.
    pub facets: Vec<String>,
    /// Whether one's own private ones are given too.
    pub private: bool,
}

/// How many datasets there are of each choice, by what was counted.
pub type Facets = BTreeMap<String, Vec<(String, i64)>>;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// How many there are.
    pub count: i64,
    /// Those of this page.
    pub packages: Vec<Package>,
    /// What was counted.
    pub facets: Facets,
}

/// The fields that can be filtered by.
pub(crate) const FIELDS: &[&str] = &[
    "organization",
    "owner_org",
    "groups",
    "tags",
    "res_format",
    "license_id",
    "name",
    "id",
    "state",
    "type",
    "dataset_type",
    "private",
    "code",
    "source",
];

impl Query {
    /// Takes the words people type. `*:*` is everything; a word such as `tags:水质` is a filter.
    pub fn read_words(&mut self, text: &str) -> Result<()> {
        for word in split(text)? {
            if word == "*:*" || word.is_empty() {
                continue;
            }
            match word.split_once(':') {
                Some((field, _)) if FIELDS.contains(&field.trim_start_matches(['-', '+'])) => {
                    self.filter.read(&word)?;
                }
                _ => self.words.push(word.trim_matches('"').to_lowercase()),
            }
        }
        if self.words.len() > TERMS_MAX {
            Err(Error::Query("too many words".to_owned()))
        } else {
            Ok(())
        }
    }
}

impl Filter {
    /// Adds what a filter query says.
    pub fn read(&mut self, text: &str) -> Result<()> {
        let words = split(text)?;
        let mut words = words.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            if matches!(word, "AND" | "*:*") {
                continue;
            }
            let (negative, one) = clause(word)?;
            let mut group = one;
            let mut joined = false;
            while words.peek() == Some(&"OR") {
                words.next();
                let next = words.next().ok_or_else(|| Error::Query(text.to_owned()))?;
                let (next_negative, mut more) = clause(next)?;
                if negative || next_negative {
                    return Err(Error::Query(text.to_owned()));
                }
                if let (Clause::Terms(terms), Clause::Terms(more)) = (&mut group, &mut more) {
                    terms.append(more);
                } else {
                    return Err(Error::Query(text.to_owned()));
                }
                joined = true;
            }
            self.take(negative, group, joined, text)?;
        }
        let count = self.all.len() + self.none.len() + self.any.iter().map(Vec::len).sum::<usize>();
        if count > TERMS_MAX { Err(Error::Query("too many terms".to_owned())) } else { Ok(()) }
    }

    fn take(&mut self, negative: bool, clause: Clause, joined: bool, text: &str) -> Result<()> {
        match clause {
            Clause::Range(..) if negative => return Err(Error::Query(text.to_owned())),
            Clause::Range(since, until) => {
                self.since = since.or(self.since);
                self.until = until.or(self.until);
            }
            Clause::Terms(mut terms) if negative => self.none.append(&mut terms),
            Clause::Terms(mut terms) if terms.len() == 1 && !joined => self.all.append(&mut terms),
            Clause::Terms(terms) if self.any.len() < 2 => self.any.push(terms),
            Clause::Terms(_) => return Err(Error::Query(text.to_owned())),
        }
        Ok(())
    }
}

enum Clause {
    Terms(Vec<String>),
    Range(Option<OffsetDateTime>, Option<OffsetDateTime>),
}

/// `field:value`, `field:"a value"`, `field:(a OR b)`, `metadata_modified:[… TO …]`, with `-` or `+` before it.
fn clause(word: &str) -> Result<(bool, Clause)> {
    let bad = || Error::Query(word.to_owned());
    let negative = word.starts_with('-');
    let word = word.trim_start_matches(['-', '+']);
    let word = word.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(word);
    let (field, value) = word.split_once(':').ok_or_else(bad)?;
    if field == "metadata_modified" {
        let inner =
            value.strip_prefix('[').and_then(|value| value.strip_suffix(']')).ok_or_else(bad)?;
        let (from, to) = inner.split_once(" TO ").ok_or_else(bad)?;
        return Ok((negative, Clause::Range(moment(from)?, moment(to)?)));
    }
    if !FIELDS.contains(&field) {
        return Err(bad());
    }
    let values: Vec<String> =
        match value.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => split(inner)?.into_iter().filter(|word| word != "OR").collect(),
            None => vec![value.to_owned()],
        };
    let terms: Vec<String> =
        values.iter().map(|value| term(field, value.trim_matches('"'))).collect();
    if terms.is_empty() { Err(bad()) } else { Ok((negative, Clause::Terms(terms))) }
}

/// The term under which a dataset stands for a value of a field.
pub(crate) fn term(field: &str, value: &str) -> String {
    match field {
        "res_format" => format!("res_format:{}", value.to_uppercase()),
        "dataset_type" | "type" => format!("type:{value}"),
        field => format!("{field}:{value}"),
    }
}

fn moment(text: &str) -> Result<Option<OffsetDateTime>> {
    let text = text.trim();
    let bad = || Error::Query(text.to_owned());
    if text == "*" {
        return Ok(None);
    }
    // A moment without a zone is one of the world's clock, as in CKAN; a day is its first moment.
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ if text.ends_with('Z') || text.contains('+') => text.to_owned(),
        _ => format!("{text}Z"),
    };
    OffsetDateTime::parse(&whole, &Rfc3339).map(Some).map_err(|_shape| bad())
}

/// Words at spaces, but not within quotes and brackets.
fn split(text: &str) -> Result<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut deep) = (false, 0_usize);
    for sign in text.chars() {
        match sign {
            '"' => quoted = !quoted,
            '(' | '[' if !quoted => deep += 1,
            ')' | ']' if !quoted => {
                deep = deep.checked_sub(1).ok_or_else(|| Error::Query(text.to_owned()))?;
            }
            _ => {}
        }
        if sign.is_whitespace() && !quoted && deep == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(sign);
        }
    }
    if quoted || deep > 0 {
        return Err(Error::Query(text.to_owned()));
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn read(text: &str) -> Option<Filter> {
        let mut filter = Filter::default();
        filter.read(text).ok().map(|()| filter)
    }

    #[test]
    fn what_harvesters_ask_is_understood() {
        let terms =
            |all: &[&str]| -> Vec<String> { all.iter().map(|one| (*one).to_owned()).collect() };
        let rows = [
            (
                "organization:health",
                Filter { all: terms(&["organization:health"]), ..Filter::default() },
            ),
            (
                "-organization:health +groups:a",
                Filter {
                    all: terms(&["groups:a"]),
                    none: terms(&["organization:health"]),
                    ..Filter::default()
                },
            ),
            (
                "organization:a OR organization:b",
                Filter {
                    any: vec![terms(&["organization:a", "organization:b"])],
                    ..Filter::default()
                },
            ),
            (
                "organization:(a OR b) AND res_format:csv",
                Filter {
                    all: terms(&["res_format:CSV"]),
                    any: vec![terms(&["organization:a", "organization:b"])],
                    ..Filter::default()
                },
            ),
            (
                "tags:\"water quality\"",
                Filter { all: terms(&["tags:water quality"]), ..Filter::default() },
            ),
            (
                "metadata_modified:[2026-01-02T03:04:05Z TO *]",
                Filter { since: Some(datetime!(2026-01-02 3:04:05 UTC)), ..Filter::default() },
            ),
            (
                "metadata_modified:[* TO 2026-01-02]",
                Filter { until: Some(datetime!(2026-01-02 0:00 UTC)), ..Filter::default() },
            ),
            ("dataset_type:dataset", Filter { all: terms(&["type:dataset"]), ..Filter::default() }),
            ("*:*", Filter::default()),
            ("", Filter::default()),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "colour:red",
            "organization",
            "tags:\"open",
            "organization:(a OR b",
            "metadata_modified:[x TO *]",
            "a:1)",
            "organization:a OR",
            "-organization:a OR organization:b",
            "metadata_modified:2026",
            "organization:()",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        let long = "tags:a ".repeat(101);
        assert_eq!(read(&long), None);
    }

    #[test]
    fn words_are_told_from_filters() {
        let mut query = Query::default();
        query.read_words("水质 Report tags:河 \"two words\" *:* a:b").unwrap();
        assert_eq!(query.words, ["水质", "report", "two words", "a:b"]);
        assert_eq!(query.filter.all, ["tags:河"]);
    }

    #[test]
    fn orders_are_known() {
        assert_eq!(Sort::parse("score desc, metadata_modified desc").unwrap(), Sort::Newest);
        assert_eq!(Sort::parse("id asc").unwrap(), Sort::Id);
        assert!(Sort::parse("1; drop table x").is_err());
    }
}
