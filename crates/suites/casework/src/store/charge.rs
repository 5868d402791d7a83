//! The rows of charges: they only grow. One that was struck out stays as it was, with why, by whom and when.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use super::stored;
use crate::charge::{Charge, Struck};
use crate::error::Result;
use crate::voucher::{hide, show};

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
    struck_reason: Option<String>,
    struck_by: Option<String>,
    struck_at: Option<OffsetDateTime>,
}

/// Where the words of a charge that was struck out stand: they open only there.
fn place(no: &str, seq: i32) -> String {
    format!("{no}/charge/{seq}/struck")
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

/// Strikes a charge out, once. The case must be locked.
pub(crate) async fn strike_charge(
    ctx: &mut Ctx,
    no: &str,
    seq: i32,
    struck: &Struck,
) -> Result<()> {
    let reason = hide(ctx, &place(no, seq), &struck.reason)?;
    sqlx::query(
        r#"UPDATE casework.charge SET struck_reason = $3, struck_by = $4, struck_at = $5
           WHERE "case" = $1 AND seq = $2 AND struck_at IS NULL"#,
    )
    .bind(no)
    .bind(seq)
    .bind(reason)
    .bind(&struck.by)
    .bind(struck.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// The charges of a case, oldest first, also those that were struck out.
pub(crate) async fn charges(ctx: &mut Ctx, no: &str) -> Result<Vec<Charge>> {
    let rows: Vec<Row> = sqlx::query_as(
        r#"SELECT seq, item, title_zh, title_en, basis_zh, basis_en, amount, listed, receipt,
             charged_on, recorded_by, recorded_at, struck_reason, struck_by, struck_at
           FROM casework.charge WHERE "case" = $1 ORDER BY seq LIMIT 100"#,
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    rows.into_iter().map(|row| charge(ctx, no, row)).collect()
}

fn charge(ctx: &Ctx, no: &str, row: Row) -> Result<Charge> {
    let reason = row.struck_reason.map(|reason| show(ctx, &place(no, row.seq), reason));
    let struck = reason.transpose()?.zip(row.struck_by).zip(row.struck_at);
    Ok(Charge {
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
        struck: struck.map(|((reason, by), at)| Struck { reason, by, at }),
    })
}

/// Seals the words of the charges of a case again.
pub(crate) async fn reseal_charges(ctx: &mut Ctx, no: &str) -> Result<()> {
    for charge in charges(ctx, no).await? {
        let Some(struck) = charge.struck else { continue };
        let reason = hide(ctx, &place(no, charge.seq), &struck.reason)?;
        sqlx::query(
            r#"UPDATE casework.charge SET struck_reason = $3 WHERE "case" = $1 AND seq = $2"#,
        )
        .bind(no)
        .bind(charge.seq)
        .bind(reason)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}
