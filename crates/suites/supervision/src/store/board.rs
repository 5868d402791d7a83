//! The numbers of the board and the rows behind them.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};

use super::stored;
use crate::board::LastAudit;
use crate::error::Result;
use crate::model::{Behind, Counts, DepartmentRow, State};

pub(crate) const FIGURES: &str = include_str!("../../sql/figures.sql");
pub(crate) const BEHIND: &str = include_str!("../../sql/behind.sql");
pub(crate) const CARD_SUMS: &str = include_str!("../../sql/card_sums.sql");

#[derive(FromRow)]
struct FigureRow {
    department: Uuid,
    department_name: String,
    accepted: i64,
    open: i64,
    decided: i64,
    on_time: i64,
    overdue: i64,
    notice: i64,
    yellow: i64,
    red: i64,
}

/// The numbers of every department, from one moment until before another, as of now.
pub(crate) async fn figures(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    to: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Vec<DepartmentRow>> {
    let rows: Vec<FigureRow> = sqlx::query_as(FIGURES)
        .bind(from)
        .bind(to)
        .bind(now)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    let rows = rows.into_iter().map(|row| DepartmentRow {
        id: row.department,
        name: row.department_name,
        counts: Counts {
            accepted: row.accepted,
            open: row.open,
            decided: row.decided,
            on_time: row.on_time,
            overdue: row.overdue,
            notice: row.notice,
            yellow: row.yellow,
            red: row.red,
        },
    });
    Ok(rows.collect())
}

#[derive(FromRow)]
struct BehindRow {
    case: String,
    card: Option<String>,
    at: OffsetDateTime,
    department_name: String,
    title_zh: Option<String>,
    title_en: Option<String>,
    state: Option<String>,
    accepted_at: Option<OffsetDateTime>,
    due_day: Option<Date>,
    decided_at: Option<OffsetDateTime>,
    card_state: Option<String>,
    rule_title_zh: Option<String>,
    rule_title_en: Option<String>,
    card_title_zh: Option<String>,
    card_title_en: Option<String>,
    total: i64,
}

/// The rows behind a number, and how many there are.
pub(crate) async fn behind(
    conn: &mut PgConnection,
    (what, department): (&str, Option<Uuid>),
    (from, to, now): (OffsetDateTime, OffsetDateTime, OffsetDateTime),
    paging: Paging,
) -> Result<(Vec<Behind>, i64)> {
    let rows: Vec<BehindRow> = sqlx::query_as(BEHIND)
        .bind(what)
        .bind(department)
        .bind(from)
        .bind(to)
        .bind(now)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    let total = rows.first().map_or(0, |row| row.total);
    let pair =
        |zh: Option<String>, en: Option<String>| zh.zip(en).map(|(zh, en)| Text::new(zh, en));
    let rows = rows.into_iter().map(|row| Behind {
        title: pair(row.title_zh, row.title_en)
            .or_else(|| pair(row.card_title_zh, row.card_title_en))
            .unwrap_or_else(|| Text::same("—")),
        rule_title: pair(row.rule_title_zh, row.rule_title_en),
        state: row.state.as_deref().and_then(zhengtong_casework::State::parse),
        card_state: row.card_state.as_deref().and_then(State::parse),
        case: row.case,
        card: row.card,
        at: row.at,
        department_name: row.department_name,
        accepted_at: row.accepted_at,
        due_day: row.due_day,
        decided_at: row.decided_at,
    });
    Ok((rows.collect(), total))
}

/// How many cards wait for a supervisor.
pub(crate) async fn waiting(conn: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM supervision.card
         WHERE state IN ('raised', 'answered', 'appealed', 'upheld')
            OR (state = 'notified' AND urges > 0 AND answer_due IS NULL AND level <> 'notice')",
    )
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// What grading counts of a department's cards.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct CardSums {
    pub(crate) department: Uuid,
    pub(crate) department_name: String,
    pub(crate) yellow: i64,
    pub(crate) red: i64,
    pub(crate) urged: i64,
    pub(crate) proposals: i64,
}

/// What grading counts, from one moment until before another, as of now.
pub(crate) async fn card_sums(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    to: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Vec<CardSums>> {
    sqlx::query_as(CARD_SUMS).bind(from).bind(to).bind(now).fetch_all(conn).await.map_err(stored)
}

#[derive(FromRow)]
struct AuditRow {
    at: OffsetDateTime,
    cases: i32,
    cards: i32,
    differ: i32,
    first: Option<String>,
}

/// The last look whether the numbers equal the record.
pub(crate) async fn last_audit(conn: &mut PgConnection) -> Result<Option<LastAudit>> {
    let row: Option<AuditRow> = sqlx::query_as(
        "SELECT at, cases, cards, differ, first FROM supervision.audit ORDER BY at DESC, id DESC LIMIT 1",
    )
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.map(|row| LastAudit {
        at: row.at,
        cases: row.cases,
        cards: row.cards,
        differ: row.differ,
        first: row.first,
    }))
}

/// Keeps a look whether the numbers equal the record.
pub(crate) async fn add_audit(conn: &mut PgConnection, id: Uuid, audit: &LastAudit) -> Result<()> {
    sqlx::query(
        "INSERT INTO supervision.audit (id, at, cases, cards, differ, first) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(audit.at)
    .bind(audit.cases)
    .bind(audit.cards)
    .bind(audit.differ)
    .bind(&audit.first)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}
