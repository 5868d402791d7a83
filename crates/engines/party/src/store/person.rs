//! Persons, alone and in lists with their accounts. Their numbers stand sealed and are opened here.

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::{Ctx, Keyring};

use super::{PEOPLE, word};
use crate::error::Result;
use crate::model::{AccountCard, AccountKind, IdKind, PersonPlain};
use crate::sealed::{self, SealedPerson};

pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<PersonPlain>> {
    let ring = ctx.keyring()?;
    let row = sqlx::query("SELECT * FROM party.person WHERE id = $1")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    row.map(|row| person(&ring, &row)).transpose()
}

/// The person with this number, if the name is right too.
pub(crate) async fn by_number(ctx: &mut Ctx, id_number: &str, name: &str) -> Result<Option<Uuid>> {
    let index = sealed::index(&*ctx.keyring()?, id_number)?;
    let found: Option<(Uuid, String)> =
        sqlx::query_as("SELECT id, name FROM party.person WHERE id_number_index = $1")
            .bind(index)
            .fetch_optional(ctx.conn())
            .await?;
    let Some((id, stored)) = found else { return Ok(None) };
    let known = sealed::open_name(&*ctx.keyring()?, id, stored)?;
    Ok((known == name).then_some(id))
}

/// Creates a person; `false` when the number is taken.
pub(crate) async fn insert(ctx: &mut Ctx, person: &PersonPlain) -> Result<bool> {
    let numbers = SealedPerson::of(&*ctx.keyring()?, person)?;
    let done = sqlx::query(
        "INSERT INTO party.person (id, name, id_kind, id_number_sealed, id_number_index,
                                   phone_sealed, region, level, name_index)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind(person.id)
    .bind(numbers.name)
    .bind(person.id_kind.word())
    .bind(numbers.id_number)
    .bind(numbers.index)
    .bind(numbers.phone)
    .bind(&person.region)
    .bind(person.level)
    .bind(numbers.name_index)
    .execute(ctx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// People by whole name or beginning of a login; without a query, those with a staff account.
pub(crate) async fn list(
    ctx: &mut Ctx,
    name: Option<&str>,
    login_pattern: Option<&str>,
    paging: Paging,
) -> Result<(Vec<(PersonPlain, Option<AccountCard>)>, i64)> {
    let ring = ctx.keyring()?;
    let index = name.map(|name| sealed::name_index(&ring, name)).transpose()?;
    let rows = sqlx::query(PEOPLE)
        .bind(index)
        .bind(login_pattern)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(ctx.conn())
        .await?;
    let total = rows.first().map_or(Ok(0), |row| row.try_get("total"))?;
    let people = rows.iter().map(|row| Ok((person(&ring, row)?, account(row)?)));
    Ok((people.collect::<Result<_>>()?, total))
}

/// The next persons of whom something still stands plain, from before there were keys.
pub(crate) async fn plain(ctx: &mut Ctx, rows_max: i64) -> Result<Vec<PersonPlain>> {
    let rows = sqlx::query(
        "SELECT * FROM party.person
         WHERE id_number IS NOT NULL OR phone IS NOT NULL OR name NOT LIKE 'sealed:5a01%'
         ORDER BY id LIMIT $1 FOR UPDATE",
    )
    .bind(rows_max)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    let plain = |row: &PgRow| -> Result<PersonPlain> {
        // Some of it may be sealed already, from an earlier version.
        let mut known = person(&ring, row)?;
        known.id_number = row.try_get::<Option<_>, _>("id_number")?.or(known.id_number);
        known.phone = row.try_get::<Option<_>, _>("phone")?.or(known.phone);
        Ok(known)
    };
    rows.iter().map(plain).collect()
}

/// All persons after one, in the order of their identifiers.
pub(crate) async fn after(ctx: &mut Ctx, id: Uuid, rows_max: i64) -> Result<Vec<PersonPlain>> {
    let ring = ctx.keyring()?;
    let rows =
        sqlx::query("SELECT * FROM party.person WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE")
            .bind(id)
            .bind(rows_max)
            .fetch_all(ctx.conn())
            .await?;
    rows.iter().map(|row| person(&ring, row)).collect()
}

/// Writes the name and the numbers of a person sealed under the newest key, and empties the plain columns.
pub(crate) async fn seal(ctx: &mut Ctx, person: &PersonPlain) -> Result<()> {
    let numbers = SealedPerson::of(&*ctx.keyring()?, person)?;
    sqlx::query(
        "UPDATE party.person SET id_number_sealed = $2, id_number_index = $3, phone_sealed = $4,
                id_number = NULL, phone = NULL, name = $5, name_index = $6 WHERE id = $1",
    )
    .bind(person.id)
    .bind(numbers.id_number)
    .bind(numbers.index)
    .bind(numbers.phone)
    .bind(numbers.name)
    .bind(numbers.name_index)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

fn person(ring: &Keyring, row: &PgRow) -> Result<PersonPlain> {
    let id_kind: String = row.try_get("id_kind")?;
    let id: Uuid = row.try_get("id")?;
    let number: Option<Vec<u8>> = row.try_get("id_number_sealed")?;
    let phone: Option<Vec<u8>> = row.try_get("phone_sealed")?;
    Ok(PersonPlain {
        id,
        name: sealed::open_name(ring, id, row.try_get("name")?)?,
        id_kind: word(&id_kind, IdKind::from_word)?,
        id_number: sealed::open(ring, sealed::ID_NUMBER, id, number.as_deref())?,
        phone: sealed::open(ring, sealed::PHONE, id, phone.as_deref())?,
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
