//! News that goes upward: written in the verb's transaction, handed to jobs of the subscribers after it.

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;
use crate::jobs::{self, NewJob};
use crate::pool::Db;

/// Events taken in one round.
const BATCH: i64 = 200;

/// Who wants to hear of a topic: the topic and the kind of job that is queued for each event.
#[derive(Clone, Copy, Debug)]
pub struct Subscription {
    /// The topic, such as `casework.decided`.
    pub topic: &'static str,
    /// The kind of job.
    pub job: &'static str,
}

pub(crate) async fn put(
    conn: &mut PgConnection,
    id: Uuid,
    topic: &str,
    thing: &str,
    payload: &Value,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO db.outbox (id, topic, thing, payload, at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(topic)
    .bind(thing)
    .bind(payload)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("SELECT pg_notify('zhengtong_outbox', '')").execute(conn).await?;
    Ok(())
}

/// Turns waiting events into jobs, one per subscriber, in one transaction. Returns how many events.
pub async fn dispatch(db: &Db, subscriptions: &[Subscription]) -> Result<usize> {
    let mut tx = db.begin_raw().await?;
    let now = db.clock().now();
    let events: Vec<(Uuid, String, String, Value)> = sqlx::query_as(
        "DELETE FROM db.outbox WHERE id IN (
            SELECT id FROM db.outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING id, topic, thing, payload",
    )
    .bind(BATCH)
    .fetch_all(&mut *tx)
    .await?;
    for (id, topic, thing, payload) in &events {
        for (place, subscription) in
            subscriptions.iter().filter(|subscription| subscription.topic == topic).enumerate()
        {
            let body = json!({ "event": id, "topic": topic, "thing": thing, "payload": payload });
            let key = format!("{id}/{place}");
            let job = NewJob::now(subscription.job, &body, now).unique(&key);
            jobs::put(&mut tx, Uuid::now_v7(), job, now).await?;
        }
    }
    tx.commit().await?;
    Ok(events.len())
}
