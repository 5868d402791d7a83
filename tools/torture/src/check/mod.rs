//! The checkers: each reads the city back after a fault has healed and says what does not hold.
//!
//! They recompute with other code than the platform's: psql instead of the stores, a small automaton instead of the
//! process engine, an encoder of its own for the record.

pub(crate) mod cases;
pub(crate) mod clock;
pub(crate) mod files;
pub(crate) mod log;
pub(crate) mod record;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use serde_json::Value;
use zhengtong_walk::city::City;

/// What kind of thing it is that does not hold: the two that are promised never to happen are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An acknowledged act is not there.
    Lost,
    /// An act is there more often than it was asked for.
    Doubled,
    /// Anything else.
    Other,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Which invariant, such as `I1`.
    pub(crate) invariant: &'static str,
    /// What kind of thing.
    pub(crate) kind: Kind,
    /// What was found.
    pub(crate) what: String,
}

/// The rows of the city that histories speak of.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) cases: Vec<Value>,
    pub(crate) drafts: Vec<Value>,
    pub(crate) events: Vec<Value>,
    pub(crate) notes: Vec<Value>,
    pub(crate) entries: Vec<Value>,
    /// Numbers that lie ready for the next case, by series.
    pub(crate) ready: BTreeMap<String, Vec<u64>>,
    /// The cases whose events, notes and entries were read; none when all were.
    pub(crate) scope: Option<BTreeSet<String>>,
}

/// Something that does not hold.
pub(crate) fn broken(invariant: &'static str, what: impl Into<String>) -> Broken {
    Broken { invariant, kind: Kind::Other, what: what.into() }
}

/// An act that should be there so many times, and is there so many times.
pub(crate) fn miscounted(there: u64, most: u64, what: impl Into<String>) -> Broken {
    let kind = if there > most { Kind::Doubled } else { Kind::Lost };
    Broken { invariant: "I1", kind, what: what.into() }
}

/// A text of a row.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A number of a row.
pub(crate) fn number(row: &Value, name: &str) -> i64 {
    row.get(name).and_then(Value::as_i64).unwrap_or_default()
}

impl Rows {
    /// Reads them past the server, in one statement. With `about` only these cases, and those that something happened
    /// to since `since_us`, are read whole: what a round cannot have touched is read every now and then.
    pub(crate) async fn read(city: &City, about: Option<(&[String], u64)>) -> Result<Self> {
        let scope = match about {
            None => "SELECT no FROM casework.case".to_owned(),
            Some((numbers, since_us)) => {
                ensure!(numbers.iter().all(|no| plain(no)), "a number that is none: {numbers:?}");
                format!(
                    "SELECT no FROM casework.case WHERE no = ANY('{{{}}}') UNION \
                     SELECT \"case\" FROM casework.event WHERE at >= to_timestamp({since_us} / 1000000.0)",
                    numbers.join(",")
                )
            }
        };
        let statement = ROWS.replace("{scope}", &scope);
        let mut all: Value = serde_json::from_str(&city.psql(&statement).await?)?;
        let mut take = |name: &str| match all.get_mut(name).map(Value::take) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        let scope = take("scope");
        let mut ready: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for row in take("ready") {
            let name = text(&row, "series").trim_start_matches("casework/");
            let name = name.trim_end_matches("-*").to_owned();
            ready.entry(name).or_default().push(number(&row, "number").unsigned_abs());
        }
        Ok(Self {
            cases: take("cases"),
            drafts: take("drafts"),
            events: take("events"),
            notes: take("notes"),
            entries: take("entries"),
            ready,
            scope: about
                .map(|_| scope.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        })
    }

    /// Whether everything about this case was read.
    pub(crate) fn whole(&self, no: &str) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.contains(no))
    }
}

/// Whether it can stand in an array of SQL as it is.
fn plain(no: &str) -> bool {
    !no.is_empty() && no.chars().all(|sign| sign.is_alphanumeric() || sign == '-')
}

/// Everything in one answer: a program is started once, and all rows are of one instant.
const ROWS: &str = r#"
WITH scope AS MATERIALIZED ({scope})
SELECT json_build_object(
  'scope', (SELECT coalesce(json_agg(no), '[]') FROM scope),
  'cases', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT no, state, decision, promised_days, statutory_days, person, version, answers IS NOT NULL AS whole
    FROM casework.case ORDER BY no) AS q),
  'drafts', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT id, submitted_case AS no FROM form.draft) AS q),
  'events', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT "case" AS no, seq, kind, coalesce(node, '') AS node, EXISTS (
        SELECT FROM casework.event AS other WHERE other."case" = event."case" AND other.at = event.at
          AND other.kind IN ('grant', 'refuse', 'withdraw')) AS with_the_end,
      (extract(epoch FROM at) * 1000000)::bigint AS at_us
    FROM casework.event WHERE "case" IN (SELECT no FROM scope) ORDER BY "case", seq) AS q),
  'notes', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT "case" AS no FROM casework.note WHERE "case" IN (SELECT no FROM scope)) AS q),
  'entries', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT id, verb, thing, request FROM ledger.entry
    WHERE thing_kind = 'case' AND verb NOT LIKE '%.read' AND thing IN (SELECT no FROM scope)) AS q),
  'ready', (SELECT coalesce(json_agg(q), '[]') FROM (
    SELECT series, number FROM db.number WHERE series LIKE 'casework/%') AS q))
"#;
