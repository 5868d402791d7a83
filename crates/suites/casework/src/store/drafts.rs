//! The rows of half-written reasons; their words are sealed.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::stored;
use crate::drafts::Draft;
use crate::error::Result;
use crate::sealed::{self, WORDS};

pub(crate) async fn put_draft(ctx: &mut Ctx, no: &str, account: Uuid, draft: &Draft) -> Result<()> {
    let place = draft_place(no, draft.todo, account, &draft.outcome);
    let words = sealed::hide(&*ctx.keyring()?, WORDS, &place, &draft.words)?;
    sqlx::query(
        r#"INSERT INTO casework.draft (todo, account, outcome, "case", words, at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (todo, account, outcome) DO UPDATE SET words = $5, at = $6"#,
    )
    .bind(draft.todo)
    .bind(account)
    .bind(&draft.outcome)
    .bind(no)
    .bind(words)
    .bind(draft.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn drop_draft(
    conn: &mut PgConnection,
    todo: Uuid,
    account: Uuid,
    outcome: &str,
) -> Result<()> {
    sqlx::query("DELETE FROM casework.draft WHERE todo = $1 AND account = $2 AND outcome = $3")
        .bind(todo)
        .bind(account)
        .bind(outcome)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn drafts(ctx: &mut Ctx, no: &str, account: Uuid) -> Result<Vec<Draft>> {
    let rows: Vec<(Uuid, String, String, OffsetDateTime)> = sqlx::query_as(
        r#"SELECT d.todo, d.outcome, d.words, d.at FROM casework.draft d
           JOIN casework.todo t ON t.id = d.todo AND t.closed_at IS NULL
           WHERE d."case" = $1 AND d.account = $2 ORDER BY d.at DESC LIMIT 50"#,
    )
    .bind(no)
    .bind(account)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|(todo, outcome, words, at)| {
            let place = draft_place(no, todo, account, &outcome);
            Ok(Draft { words: sealed::read(&ring, WORDS, &place, words)?, todo, outcome, at })
        })
        .collect()
}

/// Seals what is half-written at a case again.
pub(super) async fn reseal_drafts(ctx: &mut Ctx, no: &str) -> Result<()> {
    let rows: Vec<(Uuid, Uuid, String, String)> = sqlx::query_as(
        r#"SELECT todo, account, outcome, words FROM casework.draft WHERE "case" = $1 LIMIT 1000"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    for (todo, account, outcome, words) in rows {
        let place = draft_place(no, todo, account, &outcome);
        let words = sealed::read(&ring, WORDS, &place, words)?;
        let words = sealed::hide(&ring, WORDS, &place, &words)?;
        sqlx::query(
            "UPDATE casework.draft SET words = $4 WHERE todo = $1 AND account = $2 AND outcome = $3",
        )
        .bind(todo)
        .bind(account)
        .bind(&outcome)
        .bind(words)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}

fn draft_place(no: &str, todo: Uuid, account: Uuid, outcome: &str) -> String {
    format!("{no}/draft/{todo}/{account}/{outcome}")
}
