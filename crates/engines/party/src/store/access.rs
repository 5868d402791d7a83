//! Delegations and for whom a person may act.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::{Ctx, Keyring};

use super::{BEHALFS, name, text};
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{BehalfCard, Delegation};

/// The organisations that a person may act for.
pub(crate) async fn behalfs(
    conn: &mut PgConnection,
    person: Uuid,
    now: OffsetDateTime,
    today: Date,
) -> Result<Vec<BehalfCard>> {
    let rows = sqlx::query(BEHALFS).bind(person).bind(now).bind(today).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(BehalfCard {
                organisation: row.try_get("id")?,
                name: text(row, "name")?,
                credit_code: row.try_get("credit_code")?,
                scope: row.try_get("scope")?,
                expires: row.try_get("expires")?,
                chosen: false,
            })
        })
        .collect()
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    delegation: &Delegation,
    granted_by: Option<Uuid>,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO party.delegation (id, organisation, person, scope, granted, expires, granted_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(delegation.id)
    .bind(delegation.organisation)
    .bind(delegation.person)
    .bind(&delegation.scope)
    .bind(delegation.granted)
    .bind(delegation.expires)
    .bind(granted_by)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Delegation>> {
    let row = sqlx::query(
        "SELECT delegation.*, person.name FROM party.delegation
         JOIN party.person ON person.id = delegation.person
         WHERE delegation.id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| delegation(&ring, &row)).transpose()
}

/// The delegations of an organisation, the newest first, ended ones too.
pub(crate) async fn of_organisation(ctx: &mut Ctx, organisation: Uuid) -> Result<Vec<Delegation>> {
    let rows = sqlx::query(
        "SELECT delegation.*, person.name FROM party.delegation
         JOIN party.person ON person.id = delegation.person
         WHERE delegation.organisation = $1 ORDER BY granted DESC, delegation.id LIMIT $2",
    )
    .bind(organisation)
    .bind(LIMITS.list_rows)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.iter().map(|row| delegation(&ring, row)).collect()
}

/// The leaves of a person that still hold, the one that ends first before the others.
pub(crate) async fn of_person(
    ctx: &mut Ctx,
    person: Uuid,
    now: OffsetDateTime,
) -> Result<Vec<(Delegation, Text)>> {
    let rows = sqlx::query(
        "SELECT delegation.*, person.name, organisation.name_zh, organisation.name_en
         FROM party.delegation
         JOIN party.person ON person.id = delegation.person
         JOIN party.organisation ON organisation.id = delegation.organisation
         WHERE delegation.person = $1 AND revoked_at IS NULL AND expires > $2
         ORDER BY expires, delegation.id LIMIT $3",
    )
    .bind(person)
    .bind(now)
    .bind(LIMITS.list_rows)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.iter().map(|row| Ok((delegation(&ring, row)?, text(row, "name")?))).collect()
}

pub(crate) async fn revoke(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    sqlx::query("UPDATE party.delegation SET revoked_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

fn delegation(ring: &Keyring, row: &PgRow) -> Result<Delegation> {
    let person = row.try_get("person")?;
    Ok(Delegation {
        id: row.try_get("id")?,
        organisation: row.try_get("organisation")?,
        person,
        name: name(ring, row, "name", person)?,
        scope: row.try_get("scope")?,
        granted: row.try_get("granted")?,
        expires: row.try_get("expires")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
