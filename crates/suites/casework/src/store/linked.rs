//! The rows of cases that go together.

use sqlx::PgConnection;
use time::OffsetDateTime;
use zhengtong_db::Ctx;

use super::{RelatedRow, related_line, stored};
use crate::error::Result;
use crate::model::Case;
use crate::related::Related;
use crate::voucher::{hide, show};

/// A case that follows another.
pub(crate) const MERGE: &str = "merge";
/// A case that was taken out of another.
pub(crate) const SPLIT: &str = "split";

fn place(child: &str, kind: &str) -> String {
    format!("{child}/link/{kind}")
}

/// Ties a case to another.
pub(crate) async fn add_link(
    ctx: &mut Ctx,
    (child, parent): (&str, &str),
    kind: &str,
    reason: &str,
    at: OffsetDateTime,
) -> Result<()> {
    let reason = hide(ctx, &place(child, kind), reason)?;
    let by = ctx.actor.name.clone();
    sqlx::query(
        "INSERT INTO casework.link (child, parent, kind, reason, ordered_by, at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(child)
    .bind(parent)
    .bind(kind)
    .bind(reason)
    .bind(by)
    .bind(at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// The case that one follows, or out of which it was taken.
pub(crate) async fn parent_of(
    conn: &mut PgConnection,
    child: &str,
    kind: &str,
) -> Result<Option<String>> {
    sqlx::query_scalar("SELECT parent FROM casework.link WHERE child = $1 AND kind = $2")
        .bind(child)
        .bind(kind)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}

/// The cases that follow one, or were taken out of it, in the order of their numbers.
pub(crate) async fn children_of(
    conn: &mut PgConnection,
    parent: &str,
    kind: &str,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT child FROM casework.link WHERE parent = $1 AND kind = $2 ORDER BY child LIMIT 100",
    )
    .bind(parent)
    .bind(kind)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The open cases of the applicant and the matter of a case that are tied to no other, the oldest first.
pub(crate) async fn mergeable(conn: &mut PgConnection, case: &Case) -> Result<Vec<Related>> {
    let organisation = case.organisation.as_ref().map(|organisation| organisation.id);
    let rows: Vec<RelatedRow> = sqlx::query_as(
        r#"SELECT no, title_zh, title_en, state, decision, submitted_at FROM casework."case" c
           WHERE department = $1 AND no <> $2 AND kind = $5 AND item = $6
             AND (organisation = $4 OR ($4::uuid IS NULL AND person = $3 AND organisation IS NULL))
             AND (state = 'submitted' OR (state = 'accepted' AND $7))
             AND NOT EXISTS (SELECT FROM casework.link l WHERE l.kind = 'merge' AND (l.child = c.no OR l.parent = c.no))
           ORDER BY submitted_at, no LIMIT 20"#,
    )
    .bind(case.department)
    .bind(&case.no)
    .bind(case.person)
    .bind(organisation)
    .bind(&case.kind)
    .bind(&case.item)
    .bind(case.state == crate::model::State::Accepted)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(related_line).collect())
}

/// The answers of a case as they stand in the table: sealed ones as tokens.
pub(crate) async fn raw_answers(conn: &mut PgConnection, no: &str) -> Result<serde_json::Value> {
    sqlx::query_scalar(r#"SELECT answers FROM casework."case" WHERE no = $1"#)
        .bind(no)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

/// A case that was taken out of another was handed in with it, and its clocks run since those of the other.
pub(crate) async fn run_since(conn: &mut PgConnection, child: &str, parent: &str) -> Result<()> {
    for statement in [
        r#"UPDATE casework."case" c SET submitted_at = p.submitted_at, accepted_at =
             CASE WHEN c.accepted_at IS NULL THEN NULL ELSE p.accepted_at END
           FROM casework."case" p WHERE c.no = $1 AND p.no = $2"#,
        r#"UPDATE casework.clock c SET started_at = p.started_at, born = p.born
           FROM (SELECT DISTINCT ON (name) name, started_at, born FROM casework.clock
                 WHERE "case" = $2 AND todo IS NULL ORDER BY name, seq DESC) p
           WHERE c."case" = $1 AND c.name = p.name AND c.todo IS NULL"#,
    ] {
        sqlx::query(statement)
            .bind(child)
            .bind(parent)
            .execute(&mut *conn)
            .await
            .map_err(stored)?;
    }
    Ok(())
}

/// Seals the reasons of the links of a case again.
pub(crate) async fn reseal_links(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT kind, reason FROM casework.link WHERE child = $1")
            .bind(no)
            .fetch_all(ctx.conn())
            .await
            .map_err(stored)?;
    for (kind, reason) in rows {
        let place = place(no, &kind);
        let again = show(ctx, &place, reason)?;
        let again = hide(ctx, &place, &again)?;
        sqlx::query("UPDATE casework.link SET reason = $3 WHERE child = $1 AND kind = $2")
            .bind(no)
            .bind(&kind)
            .bind(again)
            .execute(ctx.conn())
            .await
            .map_err(stored)?;
    }
    Ok(())
}
