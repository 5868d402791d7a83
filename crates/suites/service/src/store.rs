//! The rows of ratings and of searches without a hit. The only file of this suite that names sqlx.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::error::Result;
use crate::model::{Rating, Standing};

pub(crate) const STANDING: &str = include_str!("../sql/standing.sql");

fn stored(error: sqlx::Error) -> crate::error::Error {
    zhengtong_db::Error::from(error).into()
}

pub(crate) struct NewRating<'a> {
    pub(crate) case: &'a str,
    pub(crate) item: &'a str,
    pub(crate) department: Uuid,
    pub(crate) person: Uuid,
    pub(crate) score: i16,
    pub(crate) words: &'a str,
    pub(crate) at: OffsetDateTime,
}

/// Keeps a rating. Returns whether it was the first of its case.
pub(crate) async fn insert_rating(conn: &mut PgConnection, new: &NewRating<'_>) -> Result<bool> {
    let inserted = sqlx::query(
        r#"INSERT INTO service.rating ("case", item, department, person, score, words, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT ("case") DO NOTHING"#,
    )
    .bind(new.case)
    .bind(new.item)
    .bind(new.department)
    .bind(new.person)
    .bind(new.score)
    .bind(new.words)
    .bind(new.at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(inserted.rows_affected() == 1)
}

pub(crate) async fn rated(conn: &mut PgConnection, no: &str) -> Result<bool> {
    sqlx::query_scalar(r#"SELECT EXISTS (SELECT FROM service.rating WHERE "case" = $1)"#)
        .bind(no)
        .fetch_one(conn)
        .await
        .map_err(stored)
}

pub(crate) async fn ratings(
    conn: &mut PgConnection,
    item: &str,
    latest_max: i64,
) -> Result<Standing> {
    let (count, tenths): (i64, Option<i64>) =
        sqlx::query_as(STANDING).bind(item).fetch_one(&mut *conn).await.map_err(stored)?;
    let rows: Vec<(i16, String, OffsetDateTime)> = sqlx::query_as(
        "SELECT score, words, at FROM service.rating WHERE item = $1 AND words <> ''
         ORDER BY at DESC LIMIT $2",
    )
    .bind(item)
    .bind(latest_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let latest = rows
        .into_iter()
        .map(|(score, words, at)| Rating { score: u8::try_from(score).unwrap_or(0), words, at })
        .collect();
    Ok(Standing { count, mean_tenths: tenths.unwrap_or(0), latest })
}

pub(crate) async fn miss(conn: &mut PgConnection, day: Date, query: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO service.miss (day, query) VALUES ($1, $2)
         ON CONFLICT (day, query) DO UPDATE SET times = service.miss.times + 1",
    )
    .bind(day)
    .bind(query)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}
