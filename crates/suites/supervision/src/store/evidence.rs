//! The rows of files that came with findings and steps.

use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::stored;
use crate::error::Result;
use crate::evidence::{Evidence, Place};
use crate::sealed;

/// A file that is kept already.
#[derive(Clone, Debug)]
pub(crate) struct NewEvidence {
    pub(crate) name: String,
    pub(crate) digest: String,
    pub(crate) size: i64,
    pub(crate) mime: &'static str,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    step: Option<i32>,
    name: String,
    digest: String,
    size: i64,
    mime: String,
    at: OffsetDateTime,
}

fn name_place(id: Uuid) -> String {
    format!("evidence/{id}/name")
}

/// Names files as those of a finding or of a step.
pub(crate) async fn add_evidence(ctx: &mut Ctx, of: &Place, files: &[NewEvidence]) -> Result<()> {
    let ring = ctx.keyring()?;
    let now = ctx.now;
    let (finding, card, step) = match of {
        Place::Finding(id) => (Some(*id), None, None),
        Place::Step(card, step) => (None, Some(*card), Some(*step)),
    };
    for (place, file) in (1_i32..).zip(files) {
        let id = ctx.id();
        let name = sealed::hide(&ring, &name_place(id), &file.name)?;
        sqlx::query(
            "INSERT INTO supervision.evidence (id, finding, card, step, place, name, digest, size, mime, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(id)
        .bind(finding)
        .bind(card)
        .bind(step)
        .bind(place)
        .bind(name)
        .bind(&file.digest)
        .bind(file.size)
        .bind(file.mime)
        .bind(now)
        .execute(ctx.conn())
        .await
        .map_err(stored)?;
    }
    Ok(())
}

/// The files of a finding, or of all steps of a card, in order.
pub(crate) async fn evidence_of(ctx: &mut Ctx, of: &Place) -> Result<Vec<Evidence>> {
    let (finding, card) = match of {
        Place::Finding(id) => (Some(*id), None),
        Place::Step(card, _) => (None, Some(*card)),
    };
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, step, name, digest, size, mime, at FROM supervision.evidence
         WHERE ($1::uuid IS NOT NULL AND finding = $1) OR ($2::uuid IS NOT NULL AND card = $2)
         ORDER BY step, at, place LIMIT 200",
    )
    .bind(finding)
    .bind(card)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            Ok(Evidence {
                name: sealed::read(&ring, &name_place(row.id), row.name)?,
                id: row.id,
                step: row.step,
                digest: row.digest,
                size: row.size,
                mime: row.mime,
                at: row.at,
            })
        })
        .collect()
}
