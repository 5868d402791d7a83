//! The rows of charges: they only grow.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use zhengtong_base::Text;

use super::stored;
use crate::charge::Charge;
use crate::error::Result;

/// A charge to be noted.
#[derive(Clone, Debug)]
pub(crate) struct NewCharge {
    pub(crate) item: Option<String>,
    pub(crate) title: Text,
    pub(crate) basis: Option<Text>,
    pub(crate) amount: i64,
    pub(crate) listed: Option<i64>,
    pub(crate) receipt: String,
    pub(crate) on: Date,
}

#[derive(FromRow)]
struct Row {
    seq: i32,
    item: Option<String>,
    title_zh: String,
    title_en: String,
    basis_zh: Option<String>,
    basis_en: Option<String>,
    amount: i64,
    listed: Option<i64>,
    receipt: String,
    charged_on: Date,
    recorded_by: String,
    recorded_at: OffsetDateTime,
}

/// Notes a charge; gives its place, and nothing where the receipt is there already. The case must be locked.
pub(crate) async fn add_charge(
    conn: &mut PgConnection,
    no: &str,
    new: &NewCharge,
    (by, at): (&str, OffsetDateTime),
) -> Result<Option<i32>> {
    sqlx::query_scalar(
        r#"INSERT INTO casework.charge ("case", seq, item, title_zh, title_en, basis_zh, basis_en,
             amount, listed, receipt, charged_on, recorded_by, recorded_at)
           SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
           FROM casework.charge WHERE "case" = $1
           ON CONFLICT DO NOTHING RETURNING seq"#,
    )
    .bind(no)
    .bind(&new.item)
    .bind(&new.title.zh)
    .bind(&new.title.en)
    .bind(new.basis.as_ref().map(|basis| &basis.zh))
    .bind(new.basis.as_ref().map(|basis| &basis.en))
    .bind(new.amount)
    .bind(new.listed)
    .bind(&new.receipt)
    .bind(new.on)
    .bind(by)
    .bind(at)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// The charges of a case, oldest first.
pub(crate) async fn charges(conn: &mut PgConnection, no: &str) -> Result<Vec<Charge>> {
    let rows: Vec<Row> = sqlx::query_as(
        r#"SELECT seq, item, title_zh, title_en, basis_zh, basis_en, amount, listed, receipt,
             charged_on, recorded_by, recorded_at
           FROM casework.charge WHERE "case" = $1 ORDER BY seq LIMIT 100"#,
    )
    .bind(no)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().map(charge).collect())
}

fn charge(row: Row) -> Charge {
    Charge {
        seq: row.seq,
        item: row.item,
        title: Text::new(row.title_zh, row.title_en),
        basis: row.basis_zh.zip(row.basis_en).map(|(zh, en)| Text::new(zh, en)),
        amount: row.amount,
        listed: row.listed,
        receipt: row.receipt,
        on: row.charged_on,
        by: row.recorded_by,
        at: row.recorded_at,
    }
}
