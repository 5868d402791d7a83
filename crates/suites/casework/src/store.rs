//! The rows of cases. Only this file and its two parts name sqlx.

use serde_json::Value;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Paging, Text};

use crate::error::Result;
use crate::model::{Applicant, Case, FactSection, Opening, State};

mod hand;
mod record;
mod todo;

pub(crate) use hand::*;
pub(crate) use record::*;
pub(crate) use todo::*;

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

/// The next number of a scope, from 1. Numbers have gaps only where a transaction was undone.
pub(crate) async fn next_number(conn: &mut PgConnection, scope: &str) -> Result<i64> {
    sqlx::query_scalar(
        "INSERT INTO casework.counter (scope, last) VALUES ($1, 1)
         ON CONFLICT (scope) DO UPDATE SET last = casework.counter.last + 1 RETURNING last",
    )
    .bind(scope)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn insert_case(
    conn: &mut PgConnection,
    no: &str,
    instance: Uuid,
    opening: &Opening,
    now: OffsetDateTime,
) -> Result<()> {
    let organisation = opening.organisation.as_ref();
    sqlx::query(
        r#"INSERT INTO casework."case" (no, kind, item, item_version, title_zh, title_en, person,
             person_name, organisation, organisation_name, credit_code, department, department_name,
             region, state, instance, answers, facts, promised_days, statutory_days, submitted_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'submitted', $15, $16,
             $17, $18, $19, $20)"#,
    )
    .bind(no)
    .bind(&opening.kind)
    .bind(&opening.item)
    .bind(&opening.item_version)
    .bind(&opening.title.zh)
    .bind(&opening.title.en)
    .bind(opening.person)
    .bind(&opening.person_name)
    .bind(organisation.map(|organisation| organisation.id))
    .bind(organisation.map(|organisation| &organisation.name))
    .bind(organisation.map(|organisation| &organisation.credit_code))
    .bind(opening.department)
    .bind(&opening.department_name)
    .bind(&opening.region)
    .bind(instance)
    .bind(Value::Object(opening.answers.clone()))
    .bind(Json(&opening.facts))
    .bind(i32::try_from(opening.promised_days).unwrap_or(i32::MAX))
    .bind(i32::try_from(opening.statutory_days).unwrap_or(i32::MAX))
    .bind(now)
    .execute(&mut *conn)
    .await
    .map_err(stored)?;
    for (place, paper) in opening.materials.iter().enumerate() {
        let seq = i32::try_from(place + 1).unwrap_or(i32::MAX);
        insert_material(conn, no, seq, paper, now).await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct CaseRow {
    no: String,
    kind: String,
    item: String,
    item_version: String,
    title_zh: String,
    title_en: String,
    person: Uuid,
    person_name: String,
    organisation: Option<Uuid>,
    organisation_name: Option<String>,
    credit_code: Option<String>,
    department: Uuid,
    department_name: String,
    region: String,
    state: String,
    decision: Option<String>,
    instance: Uuid,
    answers: Value,
    facts: Json<Vec<FactSection>>,
    promised_days: i32,
    statutory_days: i32,
    submitted_at: OffsetDateTime,
    accepted_at: Option<OffsetDateTime>,
    decided_at: Option<OffsetDateTime>,
    closed_at: Option<OffsetDateTime>,
    document: Option<Uuid>,
    version: i64,
}

impl From<CaseRow> for Case {
    fn from(row: CaseRow) -> Self {
        Self {
            no: row.no,
            kind: row.kind,
            item: row.item,
            item_version: row.item_version,
            title: Text::new(row.title_zh, row.title_en),
            person: row.person,
            person_name: row.person_name,
            organisation: row.organisation.map(|id| Applicant {
                id,
                name: row.organisation_name.unwrap_or_default(),
                credit_code: row.credit_code.unwrap_or_default(),
            }),
            department: row.department,
            department_name: row.department_name,
            region: row.region,
            state: State::parse(&row.state).unwrap_or(State::Submitted),
            decision: row.decision,
            instance: row.instance,
            answers: row.answers.as_object().cloned().unwrap_or_default(),
            facts: row.facts.0,
            promised_days: u32::try_from(row.promised_days).unwrap_or(0),
            statutory_days: u32::try_from(row.statutory_days).unwrap_or(0),
            submitted_at: row.submitted_at,
            accepted_at: row.accepted_at,
            decided_at: row.decided_at,
            closed_at: row.closed_at,
            document: row.document,
            version: row.version,
        }
    }
}

pub(crate) async fn case(conn: &mut PgConnection, no: &str) -> Result<Option<Case>> {
    let row: Option<CaseRow> = sqlx::query_as(r#"SELECT * FROM casework."case" WHERE no = $1"#)
        .bind(no)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(Case::from))
}

/// The case, locked until the transaction ends, so that two officers act one after the other.
pub(crate) async fn case_for_change(conn: &mut PgConnection, no: &str) -> Result<Option<Case>> {
    let row: Option<CaseRow> =
        sqlx::query_as(r#"SELECT * FROM casework."case" WHERE no = $1 FOR UPDATE"#)
            .bind(no)
            .fetch_optional(conn)
            .await
            .map_err(stored)?;
    Ok(row.map(Case::from))
}

/// Cases of a person, or of the organisation they act for, the latest first.
pub(crate) async fn cases_of(
    conn: &mut PgConnection,
    person: Uuid,
    organisation: Option<Uuid>,
    paging: Paging,
) -> Result<(Vec<Case>, i64)> {
    let total = sqlx::query_scalar(
        r#"SELECT count(*) FROM casework."case"
           WHERE CASE WHEN $2::uuid IS NULL THEN person = $1 AND organisation IS NULL
                      ELSE organisation = $2 END"#,
    )
    .bind(person)
    .bind(organisation)
    .fetch_one(&mut *conn)
    .await
    .map_err(stored)?;
    let rows: Vec<CaseRow> = sqlx::query_as(
        r#"SELECT * FROM casework."case"
           WHERE CASE WHEN $2::uuid IS NULL THEN person = $1 AND organisation IS NULL
                      ELSE organisation = $2 END
           ORDER BY submitted_at DESC, no DESC LIMIT $3 OFFSET $4"#,
    )
    .bind(person)
    .bind(organisation)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok((rows.into_iter().map(Case::from).collect(), total))
}

/// Writes back what a verb may change and counts the version up.
pub(crate) async fn update_case(conn: &mut PgConnection, case: &Case) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework."case" SET state = $2, decision = $3, accepted_at = $4, decided_at = $5,
             closed_at = $6, document = $7, version = version + 1 WHERE no = $1"#,
    )
    .bind(&case.no)
    .bind(case.state.word())
    .bind(&case.decision)
    .bind(case.accepted_at)
    .bind(case.decided_at)
    .bind(case.closed_at)
    .bind(case.document)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// Cases of a kind that ended before a moment and still hold what they were told.
pub(crate) async fn retirable(
    conn: &mut PgConnection,
    kind: &str,
    before: OffsetDateTime,
    rows_max: i64,
) -> Result<Vec<(String, Uuid)>> {
    sqlx::query_as(
        r#"SELECT no, instance FROM casework."case"
           WHERE kind = $1 AND closed_at < $2 AND retired_at IS NULL ORDER BY closed_at LIMIT $3"#,
    )
    .bind(kind)
    .bind(before)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Takes away what a case holds about people.
pub(crate) async fn retire(conn: &mut PgConnection, no: &str, now: OffsetDateTime) -> Result<()> {
    for statement in [
        r#"UPDATE casework."case" SET answers = '{}', facts = '[]', person_name = '', retired_at = $2,
             version = version + 1 WHERE no = $1"#,
        r#"UPDATE casework.material SET source_note = NULL, digest = NULL, file_name = NULL, size = NULL,
             mime = NULL WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"UPDATE casework.event SET reason = NULL, actor = '' WHERE "case" = $1
             AND $2::timestamptz IS NOT NULL"#,
        r#"DELETE FROM casework.note WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
    ] {
        sqlx::query(statement).bind(no).bind(now).execute(&mut *conn).await.map_err(stored)?;
    }
    Ok(())
}

/// Answers of cases after one, in the order of their numbers; each is locked.
pub(crate) async fn answers_after(
    conn: &mut PgConnection,
    no: &str,
    rows_max: i64,
) -> Result<Vec<(String, Value)>> {
    sqlx::query_as(
        r#"SELECT no, answers FROM casework."case" WHERE no > $1 ORDER BY no LIMIT $2 FOR UPDATE"#,
    )
    .bind(no)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn set_answers(conn: &mut PgConnection, no: &str, answers: &Value) -> Result<()> {
    sqlx::query(r#"UPDATE casework."case" SET answers = $2 WHERE no = $1"#)
        .bind(no)
        .bind(answers)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}
