//! Persons, alone and in lists with their accounts.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;
use zhengtong_base::Paging;

use super::{PEOPLE, word};
use crate::error::Result;
use crate::model::{AccountCard, AccountKind, IdKind, PersonPlain};

pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<PersonPlain>> {
    let row = sqlx::query("SELECT * FROM party.person WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.map(|row| person(&row)).transpose()
}

/// The person with this number, if the name is right too.
pub(crate) async fn by_number(
    conn: &mut PgConnection,
    id_number: &str,
    name: &str,
) -> Result<Option<Uuid>> {
    Ok(sqlx::query_scalar("SELECT id FROM party.person WHERE id_number = $1 AND name = $2")
        .bind(id_number)
        .bind(name)
        .fetch_optional(conn)
        .await?)
}

/// Creates a person; `false` when the number is taken.
pub(crate) async fn insert(conn: &mut PgConnection, person: &PersonPlain) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO party.person (id, name, id_kind, id_number, phone, region, level)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(person.id)
    .bind(&person.name)
    .bind(person.id_kind.word())
    .bind(&person.id_number)
    .bind(&person.phone)
    .bind(&person.region)
    .bind(person.level)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// People by whole name or beginning of a login; without a query, those with a staff account.
pub(crate) async fn list(
    conn: &mut PgConnection,
    name: Option<&str>,
    login_pattern: Option<&str>,
    paging: Paging,
) -> Result<(Vec<(PersonPlain, Option<AccountCard>)>, i64)> {
    let rows = sqlx::query(PEOPLE)
        .bind(name)
        .bind(login_pattern)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    let people = rows.iter().map(|row| Ok((person(row)?, account(row)?)));
    Ok((people.collect::<Result<_>>()?, total))
}

fn person(row: &PgRow) -> Result<PersonPlain> {
    let id_kind: String = row.try_get("id_kind")?;
    Ok(PersonPlain {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        id_kind: word(&id_kind, IdKind::from_word)?,
        id_number: row.try_get("id_number")?,
        phone: row.try_get("phone")?,
        region: row.try_get("region")?,
        level: row.try_get("level")?,
    })
}

fn account(row: &PgRow) -> Result<Option<AccountCard>> {
    let Some(id) = row.try_get::<Option<Uuid>, _>("account")? else { return Ok(None) };
    let kind: String = row.try_get("kind")?;
    Ok(Some(AccountCard {
        id,
        login: row.try_get("login")?,
        kind: word(&kind, AccountKind::from_word)?,
        disabled_at: row.try_get("disabled_at")?,
        activated: row.try_get("activated")?,
        second_factor: row.try_get("second_factor")?,
    }))
}
