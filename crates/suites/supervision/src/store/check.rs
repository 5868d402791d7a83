//! What supervisors put down: findings, spot checks, the record of the officer on duty.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::stored;
use crate::error::Result;
use crate::finding::NewFinding;
use crate::model::Duty;
use crate::sample::{Check, Drawn, Sample};
use crate::sealed;

/// Cases from which a sample is drawn at most.
pub(crate) const POPULATION_MAX: i64 = 200_000;

/// Keeps a finding.
pub(crate) async fn add_finding(
    ctx: &mut Ctx,
    id: Uuid,
    new: &NewFinding,
    happened_on: Date,
    (case, department): (&str, Uuid),
) -> Result<()> {
    let ring = ctx.keyring()?;
    let evidence = sealed::hide(&ring, &format!("{id}/evidence"), new.evidence.trim())?;
    let name = sealed::hide(&ring, &format!("{id}/name"), &ctx.actor.name)?;
    let (now, person) = (ctx.now, ctx.actor.person.unwrap_or_default());
    sqlx::query(
        r#"INSERT INTO supervision.finding (id, kind, "case", department, happened_on, charged, listed, evidence,
             person, name, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"#,
    )
    .bind(id)
    .bind(&new.kind)
    .bind(case)
    .bind(department)
    .bind(happened_on)
    .bind(new.charged)
    .bind(new.listed)
    .bind(evidence)
    .bind(person)
    .bind(name)
    .bind(now)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

/// The evidence of a finding.
pub(crate) async fn evidence(ctx: &mut Ctx, id: Uuid) -> Result<Option<(String, String)>> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT evidence, name FROM supervision.finding WHERE id = $1")
            .bind(id)
            .fetch_optional(ctx.conn())
            .await
            .map_err(stored)?;
    let Some((evidence, name)) = row else { return Ok(None) };
    let ring = ctx.keyring()?;
    let evidence = sealed::read(&ring, &format!("{id}/evidence"), evidence)?;
    Ok(Some((evidence, sealed::read(&ring, &format!("{id}/name"), name)?)))
}

/// Adds a line to the record of the officer on duty.
pub(crate) async fn add_duty(
    ctx: &mut Ctx,
    kind: &str,
    card: Option<&str>,
    words: &str,
) -> Result<()> {
    let (id, now, person) = (ctx.id(), ctx.now, ctx.actor.person.unwrap_or_default());
    let ring = ctx.keyring()?;
    let words = sealed::hide(&ring, &format!("{id}/words"), words)?;
    let name = sealed::hide(&ring, &format!("{id}/name"), &ctx.actor.name)?;
    sqlx::query(
        "INSERT INTO supervision.duty (id, at, kind, card, words, person, name)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(now)
    .bind(kind)
    .bind(card)
    .bind(words)
    .bind(person)
    .bind(name)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct DutyRow {
    id: Uuid,
    at: OffsetDateTime,
    kind: String,
    card: Option<String>,
    words: String,
    name: String,
}

/// The record of the officer on duty, the latest first.
pub(crate) async fn duties(ctx: &mut Ctx, most: i64) -> Result<Vec<Duty>> {
    let rows: Vec<DutyRow> = sqlx::query_as(
        "SELECT id, at, kind, card, words, name FROM supervision.duty ORDER BY at DESC, id DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            Ok(Duty {
                at: row.at,
                kind: row.kind,
                card: row.card,
                words: sealed::read(&ring, &format!("{}/words", row.id), row.words)?,
                name: sealed::read(&ring, &format!("{}/name", row.id), row.name)?,
            })
        })
        .collect()
}

/// Cases that were decided in a time, from which a sample is drawn.
pub(crate) async fn population(
    conn: &mut PgConnection,
    department: Option<Uuid>,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        r#"SELECT no FROM supervision."case"
           WHERE decided_at >= $1 AND decided_at < $2 AND ($3::uuid IS NULL OR department = $3)
           ORDER BY no LIMIT $4"#,
    )
    .bind(from)
    .bind(to)
    .bind(department)
    .bind(POPULATION_MAX)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// Keeps a sample and what was drawn.
pub(crate) async fn add_sample(ctx: &mut Ctx, sample: &Sample, drawn: &[String]) -> Result<()> {
    let name = sealed::hide(&*ctx.keyring()?, &format!("{}/name", sample.id), &ctx.actor.name)?;
    let person = ctx.actor.person.unwrap_or_default();
    sqlx::query(
        "INSERT INTO supervision.sample (id, no, seed, size, department, from_day, to_day, population, digest,
           person, name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(sample.id)
    .bind(&sample.no)
    .bind(&sample.seed)
    .bind(sample.size)
    .bind(sample.department)
    .bind(sample.from)
    .bind(sample.to)
    .bind(sample.population)
    .bind(&sample.digest)
    .bind(person)
    .bind(name)
    .bind(sample.at)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    sqlx::query(
        r#"INSERT INTO supervision.drawn (sample, place, "case")
           SELECT $1, place, no FROM unnest($2::text[]) WITH ORDINALITY AS d (no, place)"#,
    )
    .bind(sample.id)
    .bind(drawn)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct SampleRow {
    id: Uuid,
    no: String,
    seed: String,
    size: i32,
    department: Option<Uuid>,
    from_day: Date,
    to_day: Date,
    population: i32,
    digest: String,
    name: String,
    at: OffsetDateTime,
}

/// Samples, the latest first; one when its number is given.
pub(crate) async fn samples(ctx: &mut Ctx, no: Option<&str>) -> Result<Vec<Sample>> {
    let rows: Vec<SampleRow> = sqlx::query_as(
        "SELECT id, no, seed, size, department, from_day, to_day, population, digest, name, at
         FROM supervision.sample WHERE $1::text IS NULL OR no = $1 ORDER BY at DESC, no DESC LIMIT 100",
    )
    .bind(no)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            Ok(Sample {
                name: sealed::read(&ring, &format!("{}/name", row.id), row.name)?,
                id: row.id,
                no: row.no,
                seed: row.seed,
                size: row.size,
                department: row.department,
                from: row.from_day,
                to: row.to_day,
                population: row.population,
                digest: row.digest,
                at: row.at,
            })
        })
        .collect()
}

#[derive(FromRow)]
struct DrawnRow {
    place: i32,
    case: String,
    outcome: Option<String>,
    words: Option<String>,
    name: Option<String>,
    at: Option<OffsetDateTime>,
}

/// What was drawn, with what came of it.
pub(crate) async fn drawn(ctx: &mut Ctx, sample: Uuid) -> Result<Vec<Drawn>> {
    let rows: Vec<DrawnRow> = sqlx::query_as(
        r#"SELECT d.place, d."case", c.outcome, c.words, c.name, c.at FROM supervision.drawn d
           LEFT JOIN supervision.checked c USING (sample, place)
           WHERE d.sample = $1 ORDER BY d.place LIMIT 1000"#,
    )
    .bind(sample)
    .fetch_all(ctx.conn())
    .await
    .map_err(stored)?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            let place = |what: &str| format!("{sample}/{}/{what}", row.place);
            let check = match (row.outcome, row.words, row.name, row.at) {
                (Some(outcome), Some(words), Some(name), Some(at)) => Some(Check {
                    sound: outcome == "sound",
                    words: sealed::read(&ring, &place("words"), words)?,
                    name: sealed::read(&ring, &place("name"), name)?,
                    at,
                }),
                _ => None,
            };
            Ok(Drawn { place: row.place, case: row.case, check })
        })
        .collect()
}

/// Keeps what came of a case that was drawn; false when it was checked before.
pub(crate) async fn add_check(
    ctx: &mut Ctx,
    sample: Uuid,
    place: i32,
    outcome: &str,
    words: &str,
) -> Result<bool> {
    let ring = ctx.keyring()?;
    let at = |what: &str| format!("{sample}/{place}/{what}");
    let words = sealed::hide(&ring, &at("words"), words)?;
    let name = sealed::hide(&ring, &at("name"), &ctx.actor.name)?;
    let (now, person) = (ctx.now, ctx.actor.person.unwrap_or_default());
    let added = sqlx::query(
        "INSERT INTO supervision.checked (sample, place, outcome, words, person, name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (sample, place) DO NOTHING",
    )
    .bind(sample)
    .bind(place)
    .bind(outcome)
    .bind(words)
    .bind(person)
    .bind(name)
    .bind(now)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(added.rows_affected() == 1)
}

/// Flawed cases of spot checks by department, from one moment until before another.
pub(crate) async fn flawed(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> Result<Vec<(Uuid, i64)>> {
    sqlx::query_as(
        r#"SELECT c.department, count(*) FROM supervision.checked k
           JOIN supervision.drawn d USING (sample, place) JOIN supervision."case" c ON c.no = d."case"
           WHERE k.outcome = 'flawed' AND k.at >= $1 AND k.at < $2 GROUP BY c.department LIMIT 1000"#,
    )
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
