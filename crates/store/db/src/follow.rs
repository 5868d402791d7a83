//! Keeping what a node holds in memory true: read again whenever a change is told, and now and then in any case.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;

use crate::pool::Db;

/// How long at most a change can go unseen when its telling was lost, in seconds.
const READ_AGAIN_SECONDS: u64 = 30;
/// How long to wait for a database that is away, in seconds.
const AWAY_SECONDS: u64 = 1;

/// Calls `read` at once, whenever something is told on `channel`, and now and then in any case, until `stop`.
pub async fn follow<R: Future<Output = ()>>(
    db: Db,
    channel: &'static str,
    mut read: impl FnMut() -> R,
    mut stop: watch::Receiver<bool>,
) {
    let mut ears = None;
    while !*stop.borrow() {
        // Listening begins before reading, so that nothing is told in between.
        if ears.is_none() {
            ears = listen(&db, channel).await;
        }
        read().await;
        let told = async {
            let Some(ears) = &mut ears else {
                tokio::time::sleep(Duration::from_secs(AWAY_SECONDS)).await;
                return false;
            };
            tokio::select! {
                // None: the line was cut, and what was told meanwhile was lost.
                told = ears.try_recv() => matches!(told, Ok(Some(_))),
                () = tokio::time::sleep(Duration::from_secs(READ_AGAIN_SECONDS)) => true,
            }
        };
        let heard = tokio::select! {
            heard = told => heard,
            _ = stop.changed() => return,
        };
        if !heard {
            ears = None;
        }
    }
}

/// A connection that hears what is told; none while the database is away.
async fn listen(db: &Db, channel: &str) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(db.pool()).await.ok()?;
    listener.listen(channel).await.ok()?;
    Some(listener)
}
