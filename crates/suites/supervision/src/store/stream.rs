//! What was seen, and where every case stands.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_casework::State;

use super::stored;
use crate::error::Result;
use crate::model::{Seen, Standing};
use crate::occasion::Occasion;

/// Rows of one case that are read at most.
const ROWS_MAX: i64 = 5_000;

/// Lets one look at a case at a time.
pub(crate) async fn lock_case(conn: &mut PgConnection, no: &str) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('supervision/' || $1, 0))")
        .bind(no)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Where the occasions that were seen came from.
pub(crate) async fn sources(conn: &mut PgConnection, no: &str) -> Result<BTreeSet<String>> {
    let rows: Vec<String> = sqlx::query_scalar(
        r#"SELECT source FROM supervision.event WHERE "case" = $1 ORDER BY source LIMIT $2"#,
    )
    .bind(no)
    .bind(ROWS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().collect())
}

/// Puts down what was seen; none when it stands there already.
pub(crate) async fn add_event(
    conn: &mut PgConnection,
    (case, department): (&str, Uuid),
    occasion: &Occasion,
    now: OffsetDateTime,
) -> Result<Option<i64>> {
    sqlx::query_scalar(
        r#"INSERT INTO supervision.event ("case", source, kind, word, title_zh, title_en, department, at, seen_at,
             facts)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT ("case", source) DO NOTHING RETURNING id"#,
    )
    .bind(case)
    .bind(&occasion.source)
    .bind(occasion.kind)
    .bind(&occasion.word)
    .bind(&occasion.title.zh)
    .bind(&occasion.title.en)
    .bind(department)
    .bind(occasion.at)
    .bind(now)
    .bind(Value::Object(occasion.own.clone()))
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

#[derive(FromRow)]
struct SeenRow {
    source: String,
    kind: String,
    word: String,
    title_zh: String,
    title_en: String,
    at: OffsetDateTime,
    seen_at: OffsetDateTime,
}

/// What was seen of a case, in order.
pub(crate) async fn seen(conn: &mut PgConnection, no: &str) -> Result<Vec<Seen>> {
    let rows: Vec<SeenRow> = sqlx::query_as(
        r#"SELECT source, kind, word, title_zh, title_en, at, seen_at FROM supervision.event
           WHERE "case" = $1 ORDER BY at, id LIMIT $2"#,
    )
    .bind(no)
    .bind(ROWS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let seen = rows.into_iter().map(|row| Seen {
        source: row.source,
        kind: row.kind,
        word: row.word,
        title: Text::new(row.title_zh, row.title_en),
        at: row.at,
        seen_at: row.seen_at,
    });
    Ok(seen.collect())
}

/// Findings and news about a case, to judge them again: source, kind, word, when, facts.
pub(crate) async fn given(
    conn: &mut PgConnection,
    no: &str,
) -> Result<Vec<(String, String, String, OffsetDateTime, Map<String, Value>)>> {
    let rows: Vec<(String, String, String, OffsetDateTime, Value)> = sqlx::query_as(
        r#"SELECT source, kind, word, at, facts FROM supervision.event
           WHERE "case" = $1 AND kind IN ('finding', 'news') ORDER BY id LIMIT $2"#,
    )
    .bind(no)
    .bind(ROWS_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let given = rows.into_iter().map(|(source, kind, word, at, facts)| {
        (source, kind, word, at, facts.as_object().cloned().unwrap_or_default())
    });
    Ok(given.collect())
}

/// Keeps where a case stands.
pub(crate) async fn put_standing(conn: &mut PgConnection, standing: &Standing) -> Result<()> {
    sqlx::query(
        r#"INSERT INTO supervision."case" AS kept (no, kind, item, title_zh, title_en, department,
             department_name, state, submitted_at, accepted_at, decided_at, closed_at, due_day, over_from)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
           ON CONFLICT (no) DO UPDATE SET department = $6, department_name = $7, state = $8, accepted_at = $10,
             decided_at = $11, closed_at = $12, due_day = $13, over_from = $14"#,
    )
    .bind(&standing.no)
    .bind(&standing.kind)
    .bind(&standing.item)
    .bind(&standing.title.zh)
    .bind(&standing.title.en)
    .bind(standing.department)
    .bind(&standing.department_name)
    .bind(standing.state.word())
    .bind(standing.submitted_at)
    .bind(standing.accepted_at)
    .bind(standing.decided_at)
    .bind(standing.closed_at)
    .bind(standing.due_day)
    .bind(standing.over_from)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct StandingRow {
    no: String,
    kind: String,
    item: String,
    title_zh: String,
    title_en: String,
    department: Uuid,
    department_name: String,
    state: String,
    submitted_at: OffsetDateTime,
    accepted_at: Option<OffsetDateTime>,
    decided_at: Option<OffsetDateTime>,
    closed_at: Option<OffsetDateTime>,
    due_day: Option<Date>,
    over_from: Option<OffsetDateTime>,
}

/// Where a case stands.
pub(crate) async fn standing(conn: &mut PgConnection, no: &str) -> Result<Option<Standing>> {
    let row: Option<StandingRow> =
        sqlx::query_as(r#"SELECT * FROM supervision."case" WHERE no = $1"#)
            .bind(no)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(row.map(|row| Standing {
        no: row.no,
        kind: row.kind,
        item: row.item,
        title: Text::new(row.title_zh, row.title_en),
        department: row.department,
        department_name: row.department_name,
        state: State::parse(&row.state).unwrap_or(State::Submitted),
        submitted_at: row.submitted_at,
        accepted_at: row.accepted_at,
        decided_at: row.decided_at,
        closed_at: row.closed_at,
        due_day: row.due_day,
        over_from: row.over_from,
    }))
}

/// Numbers of cases that are not over, in order after one.
pub(crate) async fn open_after(
    conn: &mut PgConnection,
    after: &str,
    most: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        r#"SELECT no FROM supervision."case" WHERE closed_at IS NULL AND no > $1 ORDER BY no LIMIT $2"#,
    )
    .bind(after)
    .bind(most)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
