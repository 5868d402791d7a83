//! How it went with the places that files come from.

use sqlx::PgConnection;
use sqlx::Row as _;
use zhengtong_base::Text;
use zhengtong_db::Error as DbError;

use crate::error::Result;
use crate::feeds::FeedState;

pub(crate) const FEED_LIST: &str = include_str!("../../sql/feed_list.sql");
pub(crate) const FEED_KEEP: &str = include_str!("../../sql/feed_keep.sql");

/// How it went with all of them that were looked at.
pub(crate) async fn feed_states(conn: &mut PgConnection) -> Result<Vec<FeedState>> {
    let rows = sqlx::query(FEED_LIST).fetch_all(conn).await.map_err(DbError::from)?;
    let mut states = Vec::with_capacity(rows.len());
    for row in &rows {
        let error: (Option<String>, Option<String>) = (
            row.try_get("error_zh").map_err(DbError::from)?,
            row.try_get("error_en").map_err(DbError::from)?,
        );
        states.push(FeedState {
            id: row.try_get("id").map_err(DbError::from)?,
            looked: row.try_get("looked").map_err(DbError::from)?,
            tag: row.try_get("tag").map_err(DbError::from)?,
            load: row.try_get("load").map_err(DbError::from)?,
            error: error.0.zip(error.1).map(|(zh, en)| Text::new(zh, en)),
            failing_since: row.try_get("failing_since").map_err(DbError::from)?,
        });
    }
    Ok(states)
}

/// Keeps how it went with one; since when it fails follows from the rows before.
pub(crate) async fn keep_feed(conn: &mut PgConnection, state: &FeedState) -> Result<()> {
    sqlx::query(FEED_KEEP)
        .bind(&state.id)
        .bind(state.looked)
        .bind(&state.tag)
        .bind(state.load)
        .bind(state.error.as_ref().map(|text| text.zh.as_str()))
        .bind(state.error.as_ref().map(|text| text.en.as_str()))
        .execute(conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}
