//! Cards and what was done with them. Words and names stand sealed.

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_db::{Ctx, Keyring};

use super::stored;
use crate::error::Result;
use crate::model::{Card, Level, State, Step};
use crate::sealed;

#[derive(FromRow)]
struct CardRow {
    id: Uuid,
    no: String,
    rule: String,
    level: String,
    case: String,
    occasion: String,
    item: String,
    title_zh: String,
    title_en: String,
    department: Uuid,
    department_name: String,
    handlers: Vec<Uuid>,
    rule_title_zh: String,
    rule_title_en: String,
    basis_zh: String,
    basis_en: String,
    why_zh: String,
    why_en: String,
    facts: Value,
    occurred_at: OffsetDateTime,
    raised_at: OffsetDateTime,
    state: String,
    answer_due: Option<Date>,
    urges: i32,
    proposal: Option<Uuid>,
}

impl From<CardRow> for Card {
    fn from(row: CardRow) -> Self {
        Self {
            id: row.id,
            no: row.no,
            rule: row.rule,
            level: Level::parse(&row.level).unwrap_or(Level::Red),
            case: row.case,
            occasion: row.occasion,
            item: row.item,
            title: Text::new(row.title_zh, row.title_en),
            department: row.department,
            department_name: row.department_name,
            handlers: row.handlers,
            rule_title: Text::new(row.rule_title_zh, row.rule_title_en),
            basis: Text::new(row.basis_zh, row.basis_en),
            why: Text::new(row.why_zh, row.why_en),
            facts: row.facts,
            occurred_at: row.occurred_at,
            raised_at: row.raised_at,
            state: State::parse(&row.state).unwrap_or(State::Raised),
            answer_due: row.answer_due,
            urges: row.urges,
            proposal: row.proposal,
        }
    }
}

/// Keeps a new card; false when there is one for the same rule, case and occasion.
pub(crate) async fn insert_card(conn: &mut PgConnection, card: &Card, event: i64) -> Result<bool> {
    let inserted = sqlx::query(
        r#"INSERT INTO supervision.card (id, no, rule, level, "case", occasion, event, item, title_zh, title_en,
             department, department_name, handlers, rule_title_zh, rule_title_en, basis_zh, basis_en, why_zh,
             why_en, facts, occurred_at, raised_at, state, answer_due)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23, $24) ON CONFLICT (rule, "case", occasion) DO NOTHING"#,
    )
    .bind(card.id)
    .bind(&card.no)
    .bind(&card.rule)
    .bind(card.level.word())
    .bind(&card.case)
    .bind(&card.occasion)
    .bind(event)
    .bind(&card.item)
    .bind(&card.title.zh)
    .bind(&card.title.en)
    .bind(card.department)
    .bind(&card.department_name)
    .bind(&card.handlers)
    .bind(&card.rule_title.zh)
    .bind(&card.rule_title.en)
    .bind(&card.basis.zh)
    .bind(&card.basis.en)
    .bind(&card.why.zh)
    .bind(&card.why.en)
    .bind(&card.facts)
    .bind(card.occurred_at)
    .bind(card.raised_at)
    .bind(card.state.word())
    .bind(card.answer_due)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(inserted.rows_affected() == 1)
}

/// Whether there is a card of a rule for a case and an occasion.
pub(crate) async fn has_card(
    conn: &mut PgConnection,
    rule: &str,
    case: &str,
    occasion: &str,
) -> Result<bool> {
    sqlx::query_scalar(
        r#"SELECT EXISTS (SELECT FROM supervision.card WHERE rule = $1 AND "case" = $2 AND occasion = $3)"#,
    )
    .bind(rule)
    .bind(case)
    .bind(occasion)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// A card by its number.
pub(crate) async fn card(conn: &mut PgConnection, no: &str) -> Result<Option<Card>> {
    let row: Option<CardRow> = sqlx::query_as("SELECT * FROM supervision.card WHERE no = $1")
        .bind(no)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(Card::from))
}

/// The same, locked for a change.
pub(crate) async fn card_for_change(conn: &mut PgConnection, no: &str) -> Result<Option<Card>> {
    let row: Option<CardRow> =
        sqlx::query_as("SELECT * FROM supervision.card WHERE no = $1 FOR UPDATE")
            .bind(no)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(row.map(Card::from))
}

/// The cards of a case, in order.
pub(crate) async fn cards_of_case(conn: &mut PgConnection, no: &str) -> Result<Vec<Card>> {
    let rows: Vec<CardRow> = sqlx::query_as(
        r#"SELECT * FROM supervision.card WHERE "case" = $1 ORDER BY occurred_at, no LIMIT 500"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(Card::from).collect())
}

/// Which cards a list shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CardQuery<'a> {
    /// Of one department, or of all.
    pub(crate) department: Option<Uuid>,
    /// In one of these states; empty for all.
    pub(crate) states: &'a [String],
    /// Of one level.
    pub(crate) level: Option<&'a str>,
}

/// Cards, the latest first, and how many there are.
pub(crate) async fn cards(
    conn: &mut PgConnection,
    query: CardQuery<'_>,
    paging: Paging,
) -> Result<(Vec<Card>, i64)> {
    let total: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM supervision.card
         WHERE ($1::uuid IS NULL OR department = $1) AND (cardinality($2) = 0 OR state = ANY ($2))
           AND ($3::text IS NULL OR level = $3)",
    )
    .bind(query.department)
    .bind(query.states)
    .bind(query.level)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<CardRow> = sqlx::query_as(
        "SELECT * FROM supervision.card
         WHERE ($1::uuid IS NULL OR department = $1) AND (cardinality($2) = 0 OR state = ANY ($2))
           AND ($3::text IS NULL OR level = $3)
         ORDER BY raised_at DESC, no DESC LIMIT $4 OFFSET $5",
    )
    .bind(query.department)
    .bind(query.states)
    .bind(query.level)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows.into_iter().map(Card::from).collect(), total))
}

/// Sets where a card stands.
pub(crate) async fn set_state(conn: &mut PgConnection, card: &Card) -> Result<()> {
    sqlx::query(
        "UPDATE supervision.card SET state = $2, answer_due = $3, urges = $4, proposal = $5 WHERE id = $1",
    )
    .bind(card.id)
    .bind(card.state.word())
    .bind(card.answer_due)
    .bind(card.urges)
    .bind(card.proposal)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Numbers of cards whose answer is late.
pub(crate) async fn late(conn: &mut PgConnection, today: Date, most: i64) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT no FROM supervision.card WHERE state = 'notified' AND answer_due < $1
         ORDER BY answer_due, no LIMIT $2 FOR UPDATE SKIP LOCKED",
    )
    .bind(today)
    .bind(most)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Appends what was done with a card, which is locked or new.
pub(crate) async fn add_step(
    ctx: &mut Ctx,
    card: Uuid,
    kind: &str,
    words: Option<&str>,
    due: Option<Date>,
) -> Result<i32> {
    let ring = ctx.keyring()?;
    let seq: i32 = sqlx::query_scalar(
        "SELECT coalesce(max(seq), 0) + 1 FROM supervision.step WHERE card = $1",
    )
    .bind(card)
    .fetch_one(ctx.conn())
    .await
    .map_err(stored)?;
    let place = |what: &str| format!("{card}/{seq}/{what}");
    let name = sealed::hide(&ring, &place("name"), &ctx.actor.name)?;
    let words = words.map(|words| sealed::hide(&ring, &place("words"), words)).transpose()?;
    let (now, person) = (ctx.now, ctx.actor.person);
    sqlx::query(
        "INSERT INTO supervision.step (card, seq, kind, at, person, name, words, due)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(card)
    .bind(seq)
    .bind(kind)
    .bind(now)
    .bind(person)
    .bind(name)
    .bind(words)
    .bind(due)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(seq)
}

#[derive(FromRow)]
struct StepRow {
    seq: i32,
    kind: String,
    at: OffsetDateTime,
    person: Option<Uuid>,
    name: String,
    words: Option<String>,
    due: Option<Date>,
}

/// What was done with a card, in order.
pub(crate) async fn steps(ctx: &mut Ctx, card: Uuid) -> Result<Vec<Step>> {
    let rows: Vec<StepRow> = sqlx::query_as(
        "SELECT seq, kind, at, person, name, words, due FROM supervision.step WHERE card = $1
         ORDER BY seq LIMIT 500",
    )
    .bind(card)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter().map(|row| step(&ring, card, row)).collect()
}

fn step(ring: &Keyring, card: Uuid, row: StepRow) -> Result<Step> {
    let read = |what: &str, stored: String| {
        sealed::read(ring, &format!("{card}/{}/{what}", row.seq), stored)
    };
    Ok(Step {
        seq: row.seq,
        at: row.at,
        person: row.person,
        name: read("name", row.name)?,
        words: row.words.map(|words| read("words", words)).transpose()?,
        due: row.due,
        kind: row.kind,
    })
}

/// A row of the export.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Exported {
    pub(crate) no: String,
    pub(crate) rule: String,
    pub(crate) level: String,
    pub(crate) case: String,
    pub(crate) item: String,
    pub(crate) department_name: String,
    pub(crate) why_zh: String,
    pub(crate) rule_title_zh: String,
    pub(crate) state: String,
    pub(crate) occurred_at: OffsetDateTime,
    pub(crate) issued_at: Option<OffsetDateTime>,
}

pub(crate) const EXPORTED: &str = include_str!("../../sql/exported.sql");

/// Cards of a time, in the order of their numbers.
pub(crate) async fn exported(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    to: OffsetDateTime,
    most: i64,
) -> Result<Vec<Exported>> {
    sqlx::query_as(EXPORTED).bind(from).bind(to).bind(most).fetch_all(conn).await.map_err(stored)
}

/// Cards that are about no case: department, level, how many stand.
pub(crate) async fn caseless_cards(conn: &mut PgConnection) -> Result<Vec<(Uuid, String, i64)>> {
    sqlx::query_as(
        r#"SELECT department, level, count(*) FROM supervision.card
           WHERE "case" = '' AND state <> 'revoked' GROUP BY department, level LIMIT 5000"#,
    )
    .fetch_all(conn)
    .await
    .map_err(stored)
}
