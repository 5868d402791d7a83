//! Passkeys, and ceremonies that wait for their answer.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::PasskeyCard;

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CeremonyKind {
    Register,
    Enter,
    Outside,
}

impl CeremonyKind {
    fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Enter => "enter",
            Self::Outside => "outside",
        }
    }
}

/// A passkey as it is stored.
#[derive(Debug)]
pub(crate) struct PasskeyRow {
    pub(crate) id: Uuid,
    pub(crate) account: Uuid,
    pub(crate) passkey: Value,
}

pub(crate) async fn put_ceremony(
    conn: &mut PgConnection,
    (hash, kind): (&[u8], CeremonyKind),
    account: Option<Uuid>,
    state: &Value,
    expires: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.ceremony (hash, kind, account, state, expires) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(kind.word())
    .bind(account)
    .bind(state)
    .bind(expires)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a ceremony for its one answer: the account that began it, and its state.
pub(crate) async fn take_ceremony(
    conn: &mut PgConnection,
    hash: &[u8],
    kind: CeremonyKind,
    now: OffsetDateTime,
) -> Result<Option<(Option<Uuid>, Value)>> {
    let row: Option<(Option<Uuid>, Value, OffsetDateTime)> = sqlx::query_as(
        "DELETE FROM signon.ceremony WHERE hash = $1 AND kind = $2 RETURNING account, state, expires",
    )
    .bind(hash)
    .bind(kind.word())
    .fetch_optional(conn)
    .await?;
    Ok(row.filter(|(_, _, expires)| *expires > now).map(|(account, state, _)| (account, state)))
}

pub(crate) async fn cards(conn: &mut PgConnection, account: Uuid) -> Result<Vec<PasskeyCard>> {
    let rows: Vec<(Uuid, String, OffsetDateTime, Option<OffsetDateTime>)> = sqlx::query_as(
        "SELECT id, name, created, last_used FROM signon.passkey WHERE account = $1
         ORDER BY created, id LIMIT $2",
    )
    .bind(account)
    .bind(i64::try_from(LIMITS.passkeys).unwrap_or(i64::MAX))
    .fetch_all(conn)
    .await?;
    let card = |(id, name, created, last_used)| PasskeyCard { id, name, created, last_used };
    Ok(rows.into_iter().map(card).collect())
}

/// The passkeys of an account, none of which is registered twice. Their rows are held until the end.
pub(crate) async fn all(conn: &mut PgConnection, account: Uuid) -> Result<Vec<Value>> {
    Ok(sqlx::query_scalar(
        "SELECT passkey FROM signon.passkey WHERE account = $1 ORDER BY created FOR UPDATE",
    )
    .bind(account)
    .fetch_all(conn)
    .await?)
}

/// Keeps a passkey. Returns whether it was new to everybody.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    row: &PasskeyRow,
    (credential, name): (&[u8], &str),
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO signon.passkey (id, credential, account, name, passkey, created)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential) DO NOTHING",
    )
    .bind(row.id)
    .bind(credential)
    .bind(row.account)
    .bind(name)
    .bind(&row.passkey)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The passkey of a credential; its row is held, so that a counter cannot be used twice at the same time.
pub(crate) async fn by_credential(
    conn: &mut PgConnection,
    credential: &[u8],
) -> Result<Option<PasskeyRow>> {
    let row: Option<(Uuid, Uuid, Value)> = sqlx::query_as(
        "SELECT id, account, passkey FROM signon.passkey WHERE credential = $1 FOR UPDATE",
    )
    .bind(credential)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(id, account, passkey)| PasskeyRow { id, account, passkey }))
}

pub(crate) async fn used(
    conn: &mut PgConnection,
    row: &PasskeyRow,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE signon.passkey SET passkey = $2, last_used = $3 WHERE id = $1")
        .bind(row.id)
        .bind(&row.passkey)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes a passkey of an account. Returns whether it was there.
pub(crate) async fn remove(conn: &mut PgConnection, account: Uuid, id: Uuid) -> Result<bool> {
    let done = sqlx::query("DELETE FROM signon.passkey WHERE id = $2 AND account = $1")
        .bind(account)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes all passkeys of an account. Returns how many.
pub(crate) async fn remove_all(conn: &mut PgConnection, account: Uuid) -> Result<u64> {
    let done = sqlx::query("DELETE FROM signon.passkey WHERE account = $1")
        .bind(account)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// How many passkeys an account has.
pub(crate) async fn count(conn: &mut PgConnection, account: Uuid) -> Result<i32> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM signon.passkey WHERE account = $1")
        .bind(account)
        .fetch_one(conn)
        .await?;
    Ok(i32::try_from(count).unwrap_or(i32::MAX))
}
