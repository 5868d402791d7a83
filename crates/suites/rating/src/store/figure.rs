//! What ratings come to, counted by the database; and the rows from which it can be counted again.

use sqlx::{FromRow, PgConnection};
use time::Date;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::figures::{Counted, Counts};

pub(crate) const FIGURES: &str = include_str!("../../sql/figures.sql");

#[derive(FromRow)]
struct FigureRow {
    department: Uuid,
    item: String,
    contacts: i64,
    rated: i64,
    one: i64,
    two: i64,
    three: i64,
    four: i64,
    five: i64,
    excluded: i64,
    bad: i64,
    rectified: i64,
    answered: i64,
    called_back: i64,
    judged: i64,
    in_time: i64,
}

pub(crate) async fn figures(
    conn: &mut PgConnection,
    (from, to): (Date, Date),
) -> Result<Vec<Counted>> {
    let rows: Vec<FigureRow> =
        sqlx::query_as(FIGURES).bind(from).bind(to).fetch_all(conn).await.map_err(stored)?;
    let rows = rows.into_iter().map(|row| Counted {
        department: row.department,
        item: Some(row.item).filter(|item| !item.is_empty()),
        counts: Counts {
            contacts: row.contacts,
            rated: row.rated,
            levels: [row.one, row.two, row.three, row.four, row.five],
            excluded: row.excluded,
            bad: row.bad,
            rectified: row.rectified,
            answered: row.answered,
            called_back: row.called_back,
            judged: row.judged,
            in_time: row.in_time,
        },
    });
    Ok(rows.collect())
}

/// A contact as the recount reads it: department, item, day, and the rating with its day and level.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct RecountRow {
    pub(crate) subject: String,
    pub(crate) contact: String,
    pub(crate) department: Uuid,
    pub(crate) item: Option<String>,
    pub(crate) day: Date,
    pub(crate) rating: Option<Uuid>,
    pub(crate) rated_day: Option<Date>,
    pub(crate) level: Option<i16>,
}

pub(crate) async fn recount(
    conn: &mut PgConnection,
    after: (&str, &str),
    rows_max: i64,
) -> Result<Vec<RecountRow>> {
    sqlx::query_as(
        "SELECT c.subject, c.contact, c.department, c.item, c.day, c.rating, r.day AS rated_day, r.level
         FROM rating.contact c LEFT JOIN rating.rating r ON r.id = c.rating
         WHERE (c.subject, c.contact) > ($1, $2) ORDER BY c.subject, c.contact LIMIT $3",
    )
    .bind(after.0)
    .bind(after.1)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
