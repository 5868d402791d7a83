//! Who stands in for whom, and what has ended by its day.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::{Ctx, Keyring};

use super::name;
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::Substitution;
use crate::sealed;

/// A holding or a substitution that has ended: its id, post, person and organisation.
pub(crate) type Ended = (Uuid, Uuid, Uuid, Uuid);

pub(crate) async fn insert(
    ctx: &mut Ctx,
    named: &Substitution,
    by: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    let reason = sealed::seal_words(ctx, "substitution", named.id, &named.reason)?;
    sqlx::query(
        "INSERT INTO party.substitution (id, post, person, starts, ends, named_by, named, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(named.id)
    .bind(named.post)
    .bind(named.person)
    .bind(named.starts)
    .bind(named.ends)
    .bind(by)
    .bind(now)
    .bind(reason)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Substitution>> {
    let row = sqlx::query(
        "SELECT substitution.*, person.name FROM party.substitution
         JOIN party.person ON person.id = substitution.person WHERE substitution.id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| substitution(&ring, &row)).transpose()
}

pub(crate) async fn of_organisation(
    ctx: &mut Ctx,
    organisation: Uuid,
    today: Date,
) -> Result<Vec<Substitution>> {
    let rows = sqlx::query(
        "SELECT substitution.*, person.name FROM party.substitution
         JOIN party.post ON post.id = substitution.post
         JOIN party.person ON person.id = substitution.person
         WHERE post.organisation = $1 AND substitution.ends > $2
         ORDER BY substitution.starts, substitution.id LIMIT $3",
    )
    .bind(organisation)
    .bind(today)
    .bind(LIMITS.list_rows)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.iter().map(|row| substitution(&ring, row)).collect()
}

/// Ends a substitution on a day; one that has not begun ends on its first day.
pub(crate) async fn end(conn: &mut PgConnection, id: Uuid, on: Date) -> Result<()> {
    sqlx::query(
        "UPDATE party.substitution SET ends = greatest(starts, $2), told = true WHERE id = $1",
    )
    .bind(id)
    .bind(on)
    .execute(conn)
    .await?;
    Ok(())
}

/// Substitutions that have ended by their day; each is returned once.
pub(crate) async fn ended(conn: &mut PgConnection, today: Date, limit: i64) -> Result<Vec<Ended>> {
    Ok(sqlx::query_as(
        "UPDATE party.substitution SET told = true FROM party.post
         WHERE post.id = substitution.post AND substitution.id IN
            (SELECT id FROM party.substitution WHERE NOT told AND ends <= $1 LIMIT $2)
         RETURNING substitution.id, substitution.post, substitution.person, post.organisation",
    )
    .bind(today)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Holdings that have ended by their day; each is returned once.
pub(crate) async fn holdings_ended(
    conn: &mut PgConnection,
    today: Date,
    limit: i64,
) -> Result<Vec<Ended>> {
    Ok(sqlx::query_as(
        "UPDATE party.holding SET told = true FROM party.post
         WHERE post.id = holding.post AND holding.id IN
            (SELECT id FROM party.holding WHERE NOT told AND ends <= $1 LIMIT $2)
         RETURNING holding.id, holding.post, holding.person, post.organisation",
    )
    .bind(today)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

fn substitution(ring: &Keyring, row: &PgRow) -> Result<Substitution> {
    let (id, person) = (row.try_get("id")?, row.try_get("person")?);
    Ok(Substitution {
        id,
        post: row.try_get("post")?,
        person,
        name: name(ring, row, "name", person)?,
        starts: row.try_get("starts")?,
        ends: row.try_get("ends")?,
        reason: sealed::open_words(ring, "substitution", id, row.try_get("reason")?)?,
    })
}

/// Seals the reasons again under the newest key.
pub(crate) async fn reseal(ctx: &mut Ctx) -> Result<()> {
    let rows: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT id, reason FROM party.substitution ORDER BY id LIMIT 100000")
            .fetch_all(ctx.conn())
            .await?;
    let ring = ctx.keyring()?;
    for (id, reason) in rows {
        let reason = sealed::open_words(&ring, "substitution", id, reason)?;
        sqlx::query("UPDATE party.substitution SET reason = $2 WHERE id = $1")
            .bind(id)
            .bind(sealed::seal_words(ctx, "substitution", id, &reason)?)
            .execute(ctx.conn())
            .await?;
    }
    Ok(())
}
