//! Codes on paper, and recoveries in person.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Ctx, Keyring};

use super::{name, word};
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{AccountKind, Recovery, RecoveryCodes};
use crate::sealed;

/// A code as it is kept.
pub(crate) struct PaperCode {
    pub(crate) place: i16,
    pub(crate) salt: Vec<u8>,
    pub(crate) code_hash: Vec<u8>,
}

/// Puts new codes in place of all older ones.
pub(crate) async fn put_codes(
    conn: &mut PgConnection,
    account: Uuid,
    codes: &[PaperCode],
    now: OffsetDateTime,
) -> Result<()> {
    forget_codes(conn, account).await?;
    for code in codes {
        sqlx::query(
            "INSERT INTO party.recovery_code (account, place, salt, code_hash, created)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(account)
        .bind(code.place)
        .bind(&code.salt)
        .bind(&code.code_hash)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

pub(crate) async fn forget_codes(conn: &mut PgConnection, account: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM party.recovery_code WHERE account = $1")
        .bind(account)
        .execute(conn)
        .await?;
    Ok(())
}

/// The codes that were not used; their rows are locked.
pub(crate) async fn open_codes(conn: &mut PgConnection, account: Uuid) -> Result<Vec<PaperCode>> {
    let rows = sqlx::query(
        "SELECT place, salt, code_hash FROM party.recovery_code
         WHERE account = $1 AND used_at IS NULL ORDER BY place FOR UPDATE",
    )
    .bind(account)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(PaperCode {
                place: row.try_get("place")?,
                salt: row.try_get("salt")?,
                code_hash: row.try_get("code_hash")?,
            })
        })
        .collect()
}

pub(crate) async fn use_up(
    conn: &mut PgConnection,
    account: Uuid,
    place: i16,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE party.recovery_code SET used_at = $3 WHERE account = $1 AND place = $2")
        .bind(account)
        .bind(place)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn codes_left(conn: &mut PgConnection, account: Uuid) -> Result<RecoveryCodes> {
    let row = sqlx::query(
        "SELECT count(*) FILTER (WHERE used_at IS NULL) AS left, max(created) AS made
         FROM party.recovery_code WHERE account = $1",
    )
    .bind(account)
    .fetch_one(conn)
    .await?;
    Ok(RecoveryCodes { left: row.try_get("left")?, made: row.try_get("made")? })
}

/// Begins a recovery; `false` when the account has one that goes on.
pub(crate) async fn insert(ctx: &mut Ctx, recovery: &Recovery, by: Option<Uuid>) -> Result<bool> {
    let reason = sealed::seal_words(ctx, "recovery", recovery.id, &recovery.reason)?;
    let done = sqlx::query(
        "INSERT INTO party.recovery (id, account, factor, reason, document, started, started_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(recovery.id)
    .bind(recovery.account)
    .bind(recovery.factor)
    .bind(reason)
    .bind(&recovery.document)
    .bind(recovery.started)
    .bind(by)
    .execute(ctx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A recovery.
pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Recovery>> {
    let row = sqlx::query(
        "SELECT recovery.*, account.login, account.kind, account.person, person.name,
                starter.name AS started_name, confirmer.name AS confirmed_name,
                confirmer.id AS confirmer
         FROM party.recovery
         JOIN party.account ON account.id = recovery.account
         JOIN party.person ON person.id = account.person
         JOIN party.person AS starter ON starter.id = recovery.started_by
         LEFT JOIN party.person AS confirmer ON confirmer.id = recovery.confirmed_by
         WHERE recovery.id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| recovery(&ring, &row)).transpose()
}

/// Locks a recovery until the transaction ends, so that two officials act one after the other.
pub(crate) async fn lock(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query("SELECT FROM party.recovery WHERE id = $1 FOR UPDATE")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Recoveries that go on, the oldest first; of one account or of all.
pub(crate) async fn going_on(
    ctx: &mut Ctx,
    account: Option<Uuid>,
    since: OffsetDateTime,
) -> Result<Vec<Recovery>> {
    let rows = sqlx::query(
        "SELECT recovery.*, account.login, account.kind, account.person, person.name,
                starter.name AS started_name, confirmer.name AS confirmed_name,
                confirmer.id AS confirmer
         FROM party.recovery
         JOIN party.account ON account.id = recovery.account
         JOIN party.person ON person.id = account.person
         JOIN party.person AS starter ON starter.id = recovery.started_by
         LEFT JOIN party.person AS confirmer ON confirmer.id = recovery.confirmed_by
         WHERE recovery.released IS NULL AND recovery.stopped IS NULL AND recovery.started > $2
           AND ($1::uuid IS NULL OR recovery.account = $1)
         ORDER BY recovery.started, recovery.id LIMIT $3",
    )
    .bind(account)
    .bind(since)
    .bind(LIMITS.list_rows)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.iter().map(|row| recovery(&ring, row)).collect()
}

pub(crate) async fn confirm(
    conn: &mut PgConnection,
    id: Uuid,
    by: Option<Uuid>,
    now: OffsetDateTime,
    ready: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE party.recovery SET confirmed = $2, confirmed_by = $3, ready = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(now)
    .bind(by)
    .bind(ready)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn release(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<()> {
    sqlx::query("UPDATE party.recovery SET released = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stops the recoveries of an account that go on, also those that were never brought to their end.
pub(crate) async fn stop(
    ctx: &mut Ctx,
    account: Uuid,
    why: &str,
    now: OffsetDateTime,
) -> Result<Vec<Uuid>> {
    let why = sealed::seal_words(ctx, "stopped", account, why)?;
    Ok(sqlx::query_scalar(
        "UPDATE party.recovery SET stopped = $2, stopped_why = $3
         WHERE account = $1 AND released IS NULL AND stopped IS NULL RETURNING id",
    )
    .bind(account)
    .bind(now)
    .bind(why)
    .fetch_all(ctx.conn())
    .await?)
}

fn recovery(ring: &Keyring, row: &PgRow) -> Result<Recovery> {
    let (id, person, started_by) =
        (row.try_get("id")?, row.try_get("person")?, row.try_get("started_by")?);
    let confirmer: Option<Uuid> = row.try_get("confirmer")?;
    let kind: String = row.try_get("kind")?;
    Ok(Recovery {
        id,
        account: row.try_get("account")?,
        login: row.try_get("login")?,
        kind: word(&kind, AccountKind::from_word)?,
        person,
        name: name(ring, row, "name", person)?,
        factor: row.try_get("factor")?,
        reason: sealed::open_words(ring, "recovery", id, row.try_get("reason")?)?,
        document: row.try_get("document")?,
        started: row.try_get("started")?,
        started_by,
        started_name: name(ring, row, "started_name", started_by)?,
        confirmed: row.try_get("confirmed")?,
        confirmed_name: confirmer
            .map(|confirmer| name(ring, row, "confirmed_name", confirmer))
            .transpose()?,
        ready: row.try_get("ready")?,
    })
}

/// Seals the reasons again under the newest key.
pub(crate) async fn reseal(ctx: &mut Ctx) -> Result<()> {
    let rows: Vec<(Uuid, Uuid, String, Option<String>)> = sqlx::query_as(
        "SELECT id, account, reason, stopped_why FROM party.recovery ORDER BY id LIMIT 100000",
    )
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    for (id, account, reason, why) in rows {
        let reason = sealed::open_words(&ring, "recovery", id, reason)?;
        let reason = sealed::seal_words(ctx, "recovery", id, &reason)?;
        let why = why.map(|why| {
            let why = sealed::open_words(&ring, "stopped", account, why)?;
            sealed::seal_words(ctx, "stopped", account, &why)
        });
        sqlx::query("UPDATE party.recovery SET reason = $2, stopped_why = $3 WHERE id = $1")
            .bind(id)
            .bind(reason)
            .bind(why.transpose()?)
            .execute(ctx.conn())
            .await?;
    }
    Ok(())
}
