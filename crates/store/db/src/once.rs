//! Idempotency: one key, one act, one answer.

use serde_json::Value;

use crate::ctx::Ctx;
use crate::error::{Error, Result};

pub(crate) async fn take(ctx: &mut Ctx, verb: &str, body: &str) -> Result<Option<Value>> {
    let Some(key) = ctx.key.clone() else { return Ok(None) };
    let (actor, now) = (ctx.actor.who().id, ctx.now);
    let taken = sqlx::query(
        "INSERT INTO db.answer (actor, key, verb, body, at) VALUES ($1, $2, $3, md5($4), $5)
         ON CONFLICT (actor, key) DO NOTHING",
    )
    .bind(&actor)
    .bind(&key)
    .bind(verb)
    .bind(body)
    .bind(now)
    .execute(ctx.conn())
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let (first_verb, same_body, answer): (String, bool, Option<Value>) = sqlx::query_as(
        "SELECT verb, body = md5($3), answer FROM db.answer WHERE actor = $1 AND key = $2",
    )
    .bind(&actor)
    .bind(&key)
    .bind(body)
    .fetch_one(ctx.conn())
    .await?;
    if first_verb != verb || !same_body {
        return Err(Error::KeyReused);
    }
    Ok(Some(answer.unwrap_or(Value::Null)))
}

pub(crate) async fn keep(ctx: &mut Ctx, answer: Value) -> Result<()> {
    let Some(key) = ctx.key.clone() else { return Ok(()) };
    let actor = ctx.actor.who().id;
    sqlx::query("UPDATE db.answer SET answer = $3 WHERE actor = $1 AND key = $2")
        .bind(actor)
        .bind(key)
        .bind(answer)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Forgets answers that are older than `age`: a request is not repeated after that.
pub async fn forget_answers(db: &crate::pool::Db, age: time::Duration) -> Result<()> {
    let before = db.clock().now() - age;
    sqlx::query("DELETE FROM db.answer WHERE at < $1").bind(before).execute(db.pool()).await?;
    Ok(())
}
