//! Accounts, failures of logging in, proofs between password and code, one-time links.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_db::{Ctx, Keyring};

use super::{name, word};
use crate::error::Result;
use crate::model::{AccountCard, AccountKind, AccountOf};

/// An account with its secrets, for the verbs that prove who somebody is.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) login: String,
    pub(crate) login_key: String,
    pub(crate) kind: AccountKind,
    pub(crate) person: Uuid,
    pub(crate) name: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) totp_secret: Option<Vec<u8>>,
    pub(crate) totp_pending: Option<Vec<u8>>,
    pub(crate) disabled_at: Option<OffsetDateTime>,
    pub(crate) keys: i32,
}

impl Account {
    pub(crate) fn card(&self) -> AccountCard {
        AccountCard {
            id: self.id,
            login: self.login.clone(),
            kind: self.kind,
            disabled_at: self.disabled_at,
            activated: self.password_hash.is_some(),
            second_factor: self.has_factor(),
        }
    }

    /// Whether the account has a second factor of any kind.
    pub(crate) fn has_factor(&self) -> bool {
        self.totp_secret.is_some() || self.keys > 0
    }

    pub(crate) fn known(&self) -> AccountOf {
        AccountOf {
            account: self.id,
            person: self.person,
            name: self.name.clone(),
            login: self.login.clone(),
            kind: self.kind,
            disabled: self.disabled_at.is_some(),
            second_factor: self.has_factor(),
        }
    }
}

/// Where a login came from.
pub(crate) struct Proof {
    pub(crate) account: Uuid,
    pub(crate) ip: String,
    pub(crate) agent: String,
    pub(crate) means: String,
    pub(crate) expires: OffsetDateTime,
}

pub(crate) async fn by_login(ctx: &mut Ctx, login_key: &str) -> Result<Option<Account>> {
    let row = sqlx::query(
        "SELECT account.*, person.name FROM party.account
         JOIN party.person ON person.id = account.person WHERE login_key = $1",
    )
    .bind(login_key)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| account(&ring, &row)).transpose()
}

pub(crate) async fn by_id(ctx: &mut Ctx, id: Uuid) -> Result<Option<Account>> {
    let row = sqlx::query(
        "SELECT account.*, person.name FROM party.account
         JOIN party.person ON person.id = account.person WHERE account.id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| account(&ring, &row)).transpose()
}

pub(crate) async fn by_person(
    ctx: &mut Ctx,
    person: Uuid,
    kind: AccountKind,
) -> Result<Option<Account>> {
    let row = sqlx::query(
        "SELECT account.*, person.name FROM party.account
         JOIN party.person ON person.id = account.person
         WHERE account.person = $1 AND account.kind = $2",
    )
    .bind(person)
    .bind(kind.word())
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| account(&ring, &row)).transpose()
}

/// The accounts of a person.
pub(crate) async fn all_of(ctx: &mut Ctx, person: Uuid) -> Result<Vec<Account>> {
    let rows = sqlx::query(
        "SELECT account.*, person.name FROM party.account
         JOIN party.person ON person.id = account.person
         WHERE account.person = $1 ORDER BY account.kind LIMIT 2",
    )
    .bind(person)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.iter().map(|row| account(&ring, row)).collect()
}

pub(crate) async fn set_level(conn: &mut PgConnection, person: Uuid, level: i16) -> Result<()> {
    sqlx::query("UPDATE party.person SET level = greatest(level, $2) WHERE id = $1")
        .bind(person)
        .bind(level)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_keys(conn: &mut PgConnection, id: Uuid, keys: i32) -> Result<()> {
    sqlx::query("UPDATE party.account SET keys = $2 WHERE id = $1")
        .bind(id)
        .bind(keys)
        .execute(conn)
        .await?;
    Ok(())
}

/// Creates an account; `false` when the login or the person has one already.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    account: &Account,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO party.account (id, login, login_key, kind, person, created)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(account.id)
    .bind(&account.login)
    .bind(&account.login_key)
    .bind(account.kind.word())
    .bind(account.person)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn set_password(conn: &mut PgConnection, id: Uuid, hash: &str) -> Result<()> {
    sqlx::query("UPDATE party.account SET password_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_disabled(
    conn: &mut PgConnection,
    id: Uuid,
    at: Option<OffsetDateTime>,
) -> Result<()> {
    sqlx::query("UPDATE party.account SET disabled_at = $2 WHERE id = $1")
        .bind(id)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_pending(conn: &mut PgConnection, id: Uuid, secret: &[u8]) -> Result<()> {
    sqlx::query("UPDATE party.account SET totp_pending = $2 WHERE id = $1")
        .bind(id)
        .bind(secret)
        .execute(conn)
        .await?;
    Ok(())
}

type Secrets = (Uuid, Option<Vec<u8>>, Option<Vec<u8>>);

/// Accounts whose secrets stand plain, from before there were keys: what is sealed is longer.
pub(crate) async fn plain_totp(conn: &mut PgConnection) -> Result<Vec<Secrets>> {
    Ok(sqlx::query_as(
        "SELECT id, totp_secret, totp_pending FROM party.account
         WHERE length(totp_secret) < 50 OR length(totp_pending) < 50 FOR UPDATE LIMIT 100000",
    )
    .fetch_all(conn)
    .await?)
}

/// Accounts with a secret.
pub(crate) async fn sealed_totp(conn: &mut PgConnection) -> Result<Vec<Secrets>> {
    Ok(sqlx::query_as(
        "SELECT id, totp_secret, totp_pending FROM party.account
         WHERE totp_secret IS NOT NULL OR totp_pending IS NOT NULL FOR UPDATE LIMIT 100000",
    )
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn set_totp(
    conn: &mut PgConnection,
    id: Uuid,
    secret: Option<Vec<u8>>,
    pending: Option<Vec<u8>>,
) -> Result<()> {
    sqlx::query("UPDATE party.account SET totp_secret = $2, totp_pending = $3 WHERE id = $1")
        .bind(id)
        .bind(secret)
        .bind(pending)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts the pending secret in force. What was used of the secret before says nothing of the new one.
pub(crate) async fn confirm(conn: &mut PgConnection, id: Uuid, step: i64) -> Result<()> {
    sqlx::query(
        "UPDATE party.account SET totp_secret = totp_pending, totp_pending = NULL WHERE id = $1",
    )
    .bind(id)
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM party.used_step WHERE account = $1")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    use_step(conn, id, step).await?;
    Ok(())
}

/// The last step that was used, among those that a clock like ours can have seen: up to `newest`.
pub(crate) async fn last_step(
    conn: &mut PgConnection,
    id: Uuid,
    newest: i64,
) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT max(step) FROM (
             SELECT step FROM party.used_step WHERE account = $1 AND step <= $2
             UNION ALL
             SELECT totp_last_step FROM party.account WHERE id = $1 AND totp_last_step <= $2) AS used",
    )
    .bind(id)
    .bind(newest)
    .fetch_one(conn)
    .await?)
}

pub(crate) async fn clear_totp(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query(
        "UPDATE party.account SET totp_secret = NULL, totp_pending = NULL, totp_last_step = NULL,
                keys = 0 WHERE id = $1",
    )
    .bind(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses up a step; `false` when another request was faster.
pub(crate) async fn use_step(conn: &mut PgConnection, id: Uuid, step: i64) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO party.used_step (account, step) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(step)
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE party.account SET totp_last_step = $2 WHERE id = $1")
        .bind(id)
        .bind(step)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The first staff account that was ever made, and whether any staff account has a password.
pub(crate) async fn first_staff(conn: &mut PgConnection) -> Result<(Option<Uuid>, bool)> {
    // Two servers that start at once must not both make a first administrator.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('party.first_admin'))")
        .execute(&mut *conn)
        .await?;
    let first: Option<Uuid> = sqlx::query_scalar(
        "SELECT id FROM party.account WHERE kind = 'staff' ORDER BY created, id LIMIT 1",
    )
    .fetch_optional(&mut *conn)
    .await?;
    let active: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM party.account WHERE kind = 'staff' AND password_hash IS NOT NULL)",
    )
    .fetch_one(conn)
    .await?;
    Ok((first, active))
}

pub(crate) async fn put_proof(
    conn: &mut PgConnection,
    token_hash: &[u8],
    proof: &Proof,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO party.proof (token_hash, account, ip, agent, means, expires)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token_hash)
    .bind(proof.account)
    .bind(&proof.ip)
    .bind(&proof.agent)
    .bind(&proof.means)
    .bind(proof.expires)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn proof(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Proof>> {
    let row = sqlx::query(
        "SELECT account, ip, agent, means, expires FROM party.proof
         WHERE token_hash = $1 AND expires > $2 FOR UPDATE",
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Proof {
            account: row.try_get("account")?,
            ip: row.try_get("ip")?,
            agent: row.try_get("agent")?,
            means: row.try_get("means")?,
            expires: row.try_get("expires")?,
        })
    })
    .transpose()
}

pub(crate) async fn forget_proof(conn: &mut PgConnection, token_hash: &[u8]) -> Result<()> {
    sqlx::query("DELETE FROM party.proof WHERE token_hash = $1")
        .bind(token_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives out a one-time link; older ones of the account stop working.
pub(crate) async fn put_invite(
    conn: &mut PgConnection,
    token_hash: &[u8],
    account: Uuid,
    expires: OffsetDateTime,
    factor: bool,
) -> Result<()> {
    sqlx::query("DELETE FROM party.invite WHERE account = $1 AND used_at IS NULL")
        .bind(account)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO party.invite (token_hash, account, expires, factor) VALUES ($1, $2, $3, $4)",
    )
    .bind(token_hash)
    .bind(account)
    .bind(expires)
    .bind(factor)
    .execute(conn)
    .await?;
    Ok(())
}

/// The account of a link that still works, and whether it takes the second factor away; the row is locked.
pub(crate) async fn invited(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<(Uuid, bool)>> {
    Ok(sqlx::query_as(
        "SELECT account, factor FROM party.invite
         WHERE token_hash = $1 AND used_at IS NULL AND expires > $2 FOR UPDATE",
    )
    .bind(token_hash)
    .bind(now)
    .fetch_optional(conn)
    .await?)
}

pub(crate) async fn use_invite(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE party.invite SET used_at = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Removes what has ended long ago; at most `limit` rows of each table.
pub(crate) async fn sweep(conn: &mut PgConnection, now: OffsetDateTime, limit: i64) -> Result<u64> {
    let statements = [
        "DELETE FROM party.session WHERE id IN
            (SELECT id FROM party.session WHERE expires < $1 - interval '90 days' LIMIT $2)",
        "DELETE FROM party.proof WHERE token_hash IN
            (SELECT token_hash FROM party.proof WHERE expires < $1 LIMIT $2)",
        "DELETE FROM party.invite WHERE token_hash IN
            (SELECT token_hash FROM party.invite WHERE expires < $1 LIMIT $2)",
        // Kept far longer than a code lives, for the day on which a clock is set back.
        "DELETE FROM party.used_step WHERE (account, step) IN
            (SELECT account, step FROM party.used_step
             WHERE step < extract(epoch FROM $1 - interval '62 days') / 30 LIMIT $2)",
    ];
    let mut gone = 0;
    for statement in statements {
        gone +=
            sqlx::query(statement).bind(now).bind(limit).execute(&mut *conn).await?.rows_affected();
    }
    Ok(gone)
}

fn account(ring: &Keyring, row: &PgRow) -> Result<Account> {
    let kind: String = row.try_get("kind")?;
    let person: Uuid = row.try_get("person")?;
    Ok(Account {
        id: row.try_get("id")?,
        login: row.try_get("login")?,
        login_key: row.try_get("login_key")?,
        kind: word(&kind, AccountKind::from_word)?,
        person,
        name: name(ring, row, "name", person)?,
        password_hash: row.try_get("password_hash")?,
        totp_secret: row.try_get("totp_secret")?,
        totp_pending: row.try_get("totp_pending")?,
        disabled_at: row.try_get("disabled_at")?,
        keys: row.try_get("keys")?,
    })
}
