//! News that goes upward: written in the verb's transaction, handed to jobs of the subscribers after it.

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;
use crate::jobs;
use crate::pool::Db;

/// Events taken in one round.
const BATCH: i64 = 200;

/// Who wants to hear of a topic: the topic and the kind of job that is queued for each event.
#[derive(Clone, Copy, Debug)]
pub struct Subscription {
    /// The topic, such as `casework.decided`.
    pub topic: &'static str,
    /// The payload, where only events with this word are wanted.
    pub payload: Option<&'static str>,
    /// The kind of job.
    pub job: &'static str,
}

impl Subscription {
    fn wants(&self, topic: &str, payload: &Value) -> bool {
        self.topic == topic && self.payload.is_none_or(|word| payload.as_str() == Some(word))
    }
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
    .execute(conn)
    .await?;
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
    let mut made = Vec::new();
    for (id, topic, thing, payload) in &events {
        for (place, subscription) in
            subscriptions.iter().filter(|one| one.wants(topic, payload)).enumerate()
        {
            let body = json!({ "event": id, "topic": topic, "thing": thing, "payload": payload });
            made.push((subscription.job, body, format!("{id}/{place}")));
        }
    }
    jobs::put_all(&mut tx, &made, now).await?;
    tx.commit().await?;
    Ok(events.len())
}
