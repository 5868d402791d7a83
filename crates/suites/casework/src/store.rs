//! The rows of cases. Only this file and its two parts name sqlx.

use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_db::{Ctx, Keyring};

use crate::error::Result;
use crate::model::{Applicant, Case, FactSection, Opening, State};
use crate::sealed::{self, NAME};

mod archive;
mod bulk;
mod charge;
mod clock;
mod course;
mod delivery;
mod drafts;
mod figure;
mod filters;
mod hand;
mod inbox;
mod linked;
mod outline;
mod phrases;
mod presence;
mod procedure;
mod record;
mod related;
mod reseal;
mod stop;
mod todo;
mod urge;
mod used;
mod voucher;
mod watch;

pub(crate) use archive::*;
pub(crate) use bulk::*;
pub(crate) use charge::*;
pub(crate) use clock::*;
pub(crate) use course::*;
pub(crate) use delivery::*;
pub(crate) use drafts::*;
pub(crate) use figure::*;
pub(crate) use filters::*;
pub(crate) use hand::*;
pub(crate) use inbox::*;
pub(crate) use linked::*;
pub(crate) use outline::*;
pub(crate) use phrases::*;
pub(crate) use presence::*;
pub(crate) use procedure::*;
pub(crate) use record::*;
pub(crate) use related::*;
pub(crate) use reseal::*;
pub(crate) use stop::*;
pub(crate) use todo::*;
pub(crate) use urge::*;
pub(crate) use used::*;
pub(crate) use voucher::*;
pub(crate) use watch::*;

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) async fn insert_case(
    ctx: &mut Ctx,
    no: &str,
    instance: Uuid,
    opening: &Opening,
    now: OffsetDateTime,
) -> Result<()> {
    let organisation = opening.organisation.as_ref();
    let ring = ctx.keyring()?;
    let name = sealed::hide(&ring, NAME, no, &opening.person_name)?;
    let facts = sealed::hide_facts(&ring, no, &opening.facts)?;
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
    .bind(name)
    .bind(organisation.map(|organisation| organisation.id))
    .bind(organisation.map(|organisation| &organisation.name))
    .bind(organisation.map(|organisation| &organisation.credit_code))
    .bind(opening.department)
    .bind(&opening.department_name)
    .bind(&opening.region)
    .bind(instance)
    .bind(Value::Object(opening.answers.clone()))
    .bind(facts)
    .bind(i32::try_from(opening.promised_days).unwrap_or(i32::MAX))
    .bind(i32::try_from(opening.statutory_days).unwrap_or(i32::MAX))
    .bind(now)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    for (place, paper) in opening.materials.iter().enumerate() {
        let seq = i32::try_from(place + 1).unwrap_or(i32::MAX);
        insert_material(ctx, no, seq, (paper, None), now).await?;
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
    assisting: Vec<Uuid>,
    region: String,
    state: String,
    decision: Option<String>,
    instance: Uuid,
    answers: Value,
    facts: Value,
    promised_days: i32,
    statutory_days: i32,
    submitted_at: OffsetDateTime,
    accepted_at: Option<OffsetDateTime>,
    decided_at: Option<OffsetDateTime>,
    closed_at: Option<OffsetDateTime>,
    document: Option<Uuid>,
    version: i64,
}

impl CaseRow {
    /// The case with what is in it: what is kept sealed as a secret stays sealed.
    fn whole(mut self, ring: &Keyring) -> Result<Case> {
        let answers = self.answers.take().as_object().cloned().unwrap_or_default();
        let answers = sealed::read_typed(ring, &self.no, answers)?;
        let facts = sealed::read_facts(ring, &self.no, self.facts.take())?;
        self.case(ring, answers, facts)
    }

    /// The case as a list shows it, without answers: of each row one value is opened.
    fn line(self, ring: &Keyring) -> Result<Case> {
        self.case(ring, Map::new(), Vec::new())
    }

    fn case(
        self,
        ring: &Keyring,
        answers: Map<String, Value>,
        facts: Vec<FactSection>,
    ) -> Result<Case> {
        let row = self;
        let person_name = sealed::read(ring, NAME, &row.no, row.person_name)?;
        Ok(Case {
            no: row.no,
            kind: row.kind,
            item: row.item,
            item_version: row.item_version,
            title: Text::new(row.title_zh, row.title_en),
            person: row.person,
            person_name,
            organisation: row.organisation.map(|id| Applicant {
                id,
                name: row.organisation_name.unwrap_or_default(),
                credit_code: row.credit_code.unwrap_or_default(),
            }),
            department: row.department,
            department_name: row.department_name,
            assisting: row.assisting,
            region: row.region,
            state: State::parse(&row.state).unwrap_or(State::Submitted),
            decision: row.decision,
            instance: row.instance,
            answers,
            facts,
            promised_days: u32::try_from(row.promised_days).unwrap_or(0),
            statutory_days: u32::try_from(row.statutory_days).unwrap_or(0),
            submitted_at: row.submitted_at,
            accepted_at: row.accepted_at,
            decided_at: row.decided_at,
            closed_at: row.closed_at,
            document: row.document,
            version: row.version,
        })
    }
}

pub(crate) async fn case(ctx: &mut Ctx, no: &str) -> Result<Option<Case>> {
    let row: Option<CaseRow> = sqlx::query_as(r#"SELECT * FROM casework."case" WHERE no = $1"#)
        .bind(no)
        .fetch_optional(ctx.conn())
        .await
        .map_err(stored)?;
    let ring = ctx.keyring()?;
    row.map(|row| row.whole(&ring)).transpose()
}

/// The case, locked until the transaction ends, so that two officers act one after the other.
pub(crate) async fn case_for_change(ctx: &mut Ctx, no: &str) -> Result<Option<Case>> {
    let row: Option<CaseRow> =
        sqlx::query_as(r#"SELECT * FROM casework."case" WHERE no = $1 FOR UPDATE"#)
            .bind(no)
            .fetch_optional(ctx.conn())
            .await
            .map_err(stored)?;
    let ring = ctx.keyring()?;
    row.map(|row| row.whole(&ring)).transpose()
}

/// Cases of a person, or of the organisation they act for, the latest first, without their answers.
pub(crate) async fn cases_of(
    ctx: &mut Ctx,
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
    .fetch_one(ctx.conn())
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
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    let lines: Result<Vec<Case>> = rows.into_iter().map(|row| row.line(&ring)).collect();
    Ok((lines?, total))
}

/// Writes back what a verb may change and counts the version up.
pub(crate) async fn update_case(conn: &mut PgConnection, case: &Case) -> Result<()> {
    sqlx::query(
        r#"UPDATE casework."case" SET state = $2, decision = $3, accepted_at = $4, decided_at = $5,
             closed_at = $6, document = $7, assisting = $8, version = version + 1 WHERE no = $1"#,
    )
    .bind(&case.no)
    .bind(case.state.word())
    .bind(&case.decision)
    .bind(case.accepted_at)
    .bind(case.decided_at)
    .bind(case.closed_at)
    .bind(case.document)
    .bind(&case.assisting)
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
             mime = NULL, added_by = CASE WHEN added_by IS NOT NULL THEN '' END
             WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"UPDATE casework.event SET reason = NULL, actor = '' WHERE "case" = $1
             AND $2::timestamptz IS NOT NULL"#,
        r#"DELETE FROM casework.note WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"UPDATE casework.procedure SET reason = '', content = NULL, approval = NULL, result = NULL, opinion = NULL,
             requested_by = '' WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"UPDATE casework.undertaking SET signed_by = '' WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
        r#"DELETE FROM casework.draft WHERE "case" = $1 AND $2::timestamptz IS NOT NULL"#,
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
