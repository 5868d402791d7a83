//! Words that wait for a named official, and those the public reads.

use sqlx::{FromRow, PgConnection};
use time::Date;
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::{hide, open, stored};
use crate::error::Result;
use crate::model::{Comment, Unread};

type UnreadRow = (Uuid, Option<String>, Uuid, i16, String, Option<String>);

/// Words that nobody has read yet, the oldest day first. Those of a bad rating wait until its department has replied.
pub(crate) async fn unread(ctx: &mut Ctx, rows_max: i64) -> Result<Vec<Unread>> {
    let rows: Vec<UnreadRow> = sqlx::query_as(
        "SELECT r.id, r.item, r.department, r.level, r.words, m.no
         FROM rating.rating r LEFT JOIN rating.matter m ON m.rating = r.id
         WHERE r.reviewed IS NULL AND r.words <> '' AND NOT r.excluded AND (m.no IS NULL OR m.answered)
         ORDER BY r.day, r.id LIMIT $1",
    )
    .bind(rows_max)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    let mut unread = Vec::new();
    for (rating, item, department, level, words, no) in rows {
        let words = open(&ring, &rating.to_string(), words)?;
        let reply = match no {
            Some(no) => last_reply(ctx, &no).await?,
            None => None,
        };
        let level = u8::try_from(level).unwrap_or(3);
        unread.push(Unread { rating, item, department, level, words, reply });
    }
    Ok(unread)
}

async fn last_reply(ctx: &mut Ctx, no: &str) -> Result<Option<String>> {
    let row: Option<(i32, String)> = sqlx::query_as(
        "SELECT seq, words FROM rating.step WHERE matter = $1 AND kind = 'replied' ORDER BY seq DESC LIMIT 1",
    )
    .bind(no)
    .fetch_optional(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    row.map(|(seq, words)| open(&ring, &format!("{no}/{seq}"), words)).transpose()
}

/// Keeps what an official made of the words. Whether they were still unread.
pub(crate) async fn review(
    conn: &mut PgConnection,
    rating: Uuid,
    shown: Option<&str>,
    day: Date,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE rating.rating SET reviewed = $2, shown_words = $3, shown_day = $4
         WHERE id = $1 AND reviewed IS NULL",
    )
    .bind(rating)
    .bind(if shown.is_some() { "shown" } else { "held" })
    .bind(shown)
    .bind(day)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn publish_reply(
    conn: &mut PgConnection,
    rating: Uuid,
    words: &str,
    day: Date,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO rating.answer (rating, words, day) VALUES ($1, $2, $3)
         ON CONFLICT (rating) DO UPDATE SET words = excluded.words, day = excluded.day",
    )
    .bind(rating)
    .bind(words)
    .bind(day)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct CommentRow {
    item: Option<String>,
    department: Uuid,
    level: i16,
    words: String,
    reply: Option<String>,
    day: Date,
}

/// The latest words that the public reads, of an item or of all; of items with enough ratings only.
pub(crate) async fn comments(
    conn: &mut PgConnection,
    item: Option<&str>,
    shown_min: i64,
    rows_max: i64,
) -> Result<Vec<Comment>> {
    let rows: Vec<CommentRow> = sqlx::query_as(
        "SELECT CASE WHEN many.times >= $2 THEN r.item END AS item, r.department, r.level,
           r.shown_words AS words, a.words AS reply, r.shown_day AS day
         FROM rating.rating r LEFT JOIN rating.answer a ON a.rating = r.id,
           LATERAL (SELECT count(*) AS times FROM rating.rating o WHERE o.item = r.item) many
         WHERE r.reviewed = 'shown' AND NOT r.excluded
           AND ($1::text IS NULL OR (r.item = $1 AND many.times >= $2))
         ORDER BY r.shown_day DESC, r.id LIMIT $3",
    )
    .bind(item)
    .bind(shown_min)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let comments = rows.into_iter().map(|row| Comment {
        item: row.item,
        department: row.department,
        level: u8::try_from(row.level).unwrap_or(3),
        words: row.words,
        reply: row.reply,
        day: row.day,
    });
    Ok(comments.collect())
}

/// A rating does not count after its appeal was right, and its words are not shown.
pub(crate) async fn exclude(conn: &mut PgConnection, rating: Uuid) -> Result<()> {
    sqlx::query("UPDATE rating.rating SET excluded = true WHERE id = $1")
        .bind(rating)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

/// Seals the words of some ratings and of their steps again; where the next begin.
pub(crate) async fn reseal(ctx: &mut Ctx, after: Uuid, rows_max: i64) -> Result<Option<Uuid>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "SELECT id, words FROM rating.rating WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE",
    )
    .bind(after)
    .bind(rows_max)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    let last = rows.last().map(|(id, _)| *id);
    for (id, words) in rows {
        let place = id.to_string();
        let words = hide(&ring, &place, &open(&ring, &place, words)?)?;
        sqlx::query("UPDATE rating.rating SET words = $2 WHERE id = $1")
            .bind(id)
            .bind(words)
            .execute(ctx.conn())
            .await
            .map_err(stored)?;
        let steps: Vec<(String, i32, String)> = sqlx::query_as(
            "SELECT s.matter, s.seq, s.words FROM rating.step s JOIN rating.matter m ON m.no = s.matter
             WHERE m.rating = $1 LIMIT 500",
        )
        .bind(id)
        .fetch_all(ctx.conn())
        .await
        .map_err(stored)?;
        for (no, seq, words) in steps {
            let place = format!("{no}/{seq}");
            let words = hide(&ring, &place, &open(&ring, &place, words)?)?;
            sqlx::query("UPDATE rating.step SET words = $3 WHERE matter = $1 AND seq = $2")
                .bind(no)
                .bind(seq)
                .bind(words)
                .execute(ctx.conn())
                .await
                .map_err(stored)?;
        }
    }
    Ok(last)
}
