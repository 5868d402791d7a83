//! Bulk statements of the demo city: arrays of columns, thousands of rows at a time.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::Keyring;

use crate::error::Result;
use crate::model::{PersonPlain, Post};
use crate::sealed::SealedPerson;
use crate::seed::{ReadyAccount, SeedDelegation, SeedHolding, SeedOrganisation, SeedRegion};

/// Rows of one statement.
const BATCH: usize = 5_000;

pub(crate) async fn regions(conn: &mut PgConnection, rows: &[SeedRegion]) -> Result<u64> {
    let mut done = 0;
    for rows in rows.chunks(BATCH) {
        let column = |of: fn(&SeedRegion) -> &str| rows.iter().map(of).collect::<Vec<_>>();
        done += sqlx::query(
            "INSERT INTO party.region (code, name, parent, level, boundary)
             SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::jsonb[])
             ON CONFLICT DO NOTHING",
        )
        .bind(column(|row| &row.region.code))
        .bind(column(|row| &row.region.name))
        .bind(rows.iter().map(|row| row.region.parent.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.region.level).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.boundary.clone()).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    }
    Ok(done)
}

pub(crate) async fn persons(
    conn: &mut PgConnection,
    ring: &Keyring,
    rows: &[PersonPlain],
) -> Result<u64> {
    let mut done = 0;
    for rows in rows.chunks(BATCH) {
        let numbers: Vec<SealedPerson> =
            rows.iter().map(|row| SealedPerson::of(ring, row)).collect::<Result<_>>()?;
        done += sqlx::query(
            "INSERT INTO party.person (id, name, id_kind, id_number_sealed, id_number_index,
                                       phone_sealed, region, level, name_index)
             SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[],
                                  $6::bytea[], $7::text[], $8::smallint[], $9::bytea[])
             ON CONFLICT DO NOTHING",
        )
        .bind(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .bind(numbers.iter().map(|row| row.name.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.id_kind.word()).collect::<Vec<_>>())
        .bind(numbers.iter().map(|row| row.id_number.as_deref()).collect::<Vec<_>>())
        .bind(numbers.iter().map(|row| row.index.as_deref()).collect::<Vec<_>>())
        .bind(numbers.iter().map(|row| row.phone.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.region.as_deref()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.level).collect::<Vec<_>>())
        .bind(numbers.iter().map(|row| row.name_index.as_slice()).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    }
    Ok(done)
}

pub(crate) async fn organisations(
    conn: &mut PgConnection,
    rows: &[SeedOrganisation],
) -> Result<u64> {
    let mut done = 0;
    for rows in rows.chunks(BATCH) {
        let of = || rows.iter().map(|row| &row.organisation);
        done += sqlx::query(
            "INSERT INTO party.organisation
                (id, parent, region, kind, name_zh, name_en, short, credit_code, representative)
             SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
                                  $6::text[], $7::text[], $8::text[], $9::uuid[])
             ON CONFLICT DO NOTHING",
        )
        .bind(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .bind(of().map(|row| row.parent).collect::<Vec<_>>())
        .bind(of().map(|row| row.region.as_deref()).collect::<Vec<_>>())
        .bind(of().map(|row| row.kind.word()).collect::<Vec<_>>())
        .bind(of().map(|row| row.name.zh.as_str()).collect::<Vec<_>>())
        .bind(of().map(|row| row.name.en.as_str()).collect::<Vec<_>>())
        .bind(of().map(|row| row.short.as_deref()).collect::<Vec<_>>())
        .bind(of().map(|row| row.credit_code.as_deref()).collect::<Vec<_>>())
        .bind(of().map(|row| row.representative).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    }
    Ok(done)
}

/// Arrays within arrays cannot differ in length, so the roles travel as one text.
pub(crate) async fn posts(conn: &mut PgConnection, rows: &[Post]) -> Result<u64> {
    let mut done = 0;
    for rows in rows.chunks(BATCH) {
        done += sqlx::query(
            "INSERT INTO party.post (id, organisation, title_zh, title_en, roles)
             SELECT id, organisation, title_zh, title_en, string_to_array(roles, ' ')
             FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
                  AS row (id, organisation, title_zh, title_en, roles)
             ON CONFLICT DO NOTHING",
        )
        .bind(rows.iter().map(|row| row.id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.organisation).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.title.zh.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.title.en.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.roles.join(" ")).collect::<Vec<_>>())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    }
    Ok(done)
}

/// One holding, unless the person holds the post already.
pub(crate) async fn holding(conn: &mut PgConnection, id: Uuid, row: SeedHolding) -> Result<u64> {
    Ok(sqlx::query(
        "INSERT INTO party.holding (id, post, person, starts)
         SELECT $1, $2, $3, $4 WHERE NOT EXISTS (
            SELECT FROM party.holding WHERE post = $2 AND person = $3)",
    )
    .bind(id)
    .bind(row.post)
    .bind(row.person)
    .bind(row.starts)
    .execute(conn)
    .await?
    .rows_affected())
}

pub(crate) async fn accounts(
    conn: &mut PgConnection,
    rows: &[ReadyAccount<'_>],
    now: OffsetDateTime,
) -> Result<u64> {
    let mut done = 0;
    for rows in rows.chunks(BATCH) {
        done += sqlx::query(
            "INSERT INTO party.account
                (id, login, login_key, kind, person, password_hash, totp_secret, created)
             SELECT row.*, $8 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[],
                                          $6::text[], $7::bytea[]) AS row
             ON CONFLICT DO NOTHING",
        )
        .bind(rows.iter().map(|row| row.account.id).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.account.login.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.login_key.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.account.kind.word()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.account.person).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.password_hash.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.totp_secret.as_deref()).collect::<Vec<_>>())
        .bind(now)
        .execute(&mut *conn)
        .await?
        .rows_affected();
    }
    Ok(done)
}

/// One delegation, unless the person has one for the organisation that is not taken back.
pub(crate) async fn delegation(
    conn: &mut PgConnection,
    id: Uuid,
    row: &SeedDelegation,
    now: OffsetDateTime,
) -> Result<u64> {
    Ok(sqlx::query(
        "INSERT INTO party.delegation (id, organisation, person, scope, granted, expires, granted_by)
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (
            SELECT FROM party.delegation
            WHERE organisation = $2 AND person = $3 AND revoked_at IS NULL)",
    )
    .bind(id)
    .bind(row.organisation)
    .bind(row.person)
    .bind(&row.scope)
    .bind(now)
    .bind(row.expires)
    .bind(row.granted_by)
    .execute(conn)
    .await?
    .rows_affected())
}
