//! The checkers: each reads the city back after a fault has healed and says what does not hold.
//!
//! They recompute with other code than the platform's: psql instead of the stores, a small automaton instead of the
//! process engine, an encoder of its own for the record.

pub(crate) mod cases;
pub(crate) mod clock;
pub(crate) mod files;
pub(crate) mod log;
pub(crate) mod record;

use anyhow::Result;
use serde_json::Value;
use zhengtong_walk::city::City;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Which invariant, such as `I1`.
    pub(crate) invariant: &'static str,
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
}

/// Something that does not hold.
pub(crate) fn broken(invariant: &'static str, what: impl Into<String>) -> Broken {
    Broken { invariant, what: what.into() }
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
    /// Reads them past the server.
    pub(crate) async fn read(city: &City) -> Result<Self> {
        Ok(Self {
            cases: city
                .rows(
                    "SELECT no, state, decision, promised_days, statutory_days, person, version, \
                     answers IS NOT NULL AS whole FROM casework.case ORDER BY no",
                )
                .await?,
            drafts: city.rows("SELECT id, submitted_case AS no FROM form.draft").await?,
            events: city
                .rows(
                    "SELECT \"case\" AS no, seq, kind, coalesce(node, '') AS node, \
                     (extract(epoch FROM at) * 1000000)::bigint AS at_us FROM casework.event ORDER BY \"case\", seq",
                )
                .await?,
            notes: city.rows("SELECT \"case\" AS no, text FROM casework.note").await?,
            entries: city
                .rows(
                    "SELECT id, verb, thing, request FROM ledger.entry \
                     WHERE thing_kind = 'case' AND verb NOT LIKE '%.read'",
                )
                .await?,
        })
    }
}
