//! Logins at clients, with the codes and tokens that were given out for them.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::client::{scopes_of, words_of};
use super::{OPEN_CODE, SWEEP};
use crate::error::Result;
use crate::model::Scope;

/// One login of one account at one client.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) id: Uuid,
    pub(crate) client: String,
    pub(crate) account: Uuid,
    pub(crate) person: Uuid,
    pub(crate) staff: bool,
    pub(crate) session: Uuid,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: OffsetDateTime,
    pub(crate) amr: Vec<String>,
    pub(crate) acr: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) expires: OffsetDateTime,
    pub(crate) ended_at: Option<OffsetDateTime>,
}

/// A code that was taken for its one use.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) visit: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires: OffsetDateTime,
    pub(crate) again: bool,
}

/// A token that was found.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) visit: Uuid,
    pub(crate) created: OffsetDateTime,
    pub(crate) expires: OffsetDateTime,
    pub(crate) used: bool,
}

/// Which token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Access,
    Refresh,
}

impl TokenKind {
    fn word(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }
}

fn visit_of(row: &PgRow) -> Result<Visit> {
    let kind: String = row.try_get("kind")?;
    Ok(Visit {
        id: row.try_get("id")?,
        client: row.try_get("client")?,
        account: row.try_get("account")?,
        person: row.try_get("person")?,
        staff: kind == "staff",
        session: row.try_get("session")?,
        scopes: scopes_of(row)?,
        nonce: row.try_get("nonce")?,
        auth_time: row.try_get("auth_time")?,
        amr: row.try_get("amr")?,
        acr: row.try_get("acr")?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        ended_at: row.try_get("ended_at")?,
    })
}

pub(crate) async fn insert(conn: &mut PgConnection, visit: &Visit) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.visit (id, client, account, person, kind, session, scopes, nonce, auth_time,
             amr, acr, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(visit.id)
    .bind(&visit.client)
    .bind(visit.account)
    .bind(visit.person)
    .bind(if visit.staff { "staff" } else { "citizen" })
    .bind(visit.session)
    .bind(words_of(&visit.scopes))
    .bind(&visit.nonce)
    .bind(visit.auth_time)
    .bind(&visit.amr)
    .bind(&visit.acr)
    .bind(visit.created)
    .bind(visit.expires)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Visit>> {
    let row = sqlx::query(
        "SELECT id, client, account, person, kind, session, scopes, nonce, auth_time, amr, acr, created,
             expires, ended_at
         FROM signon.visit WHERE id = $1 FOR UPDATE",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(visit_of).transpose()
}

pub(crate) async fn put_code(conn: &mut PgConnection, hash: &[u8], code: &Code) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.code (hash, visit, redirect_uri, challenge, expires) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(code.visit)
    .bind(&code.redirect_uri)
    .bind(&code.challenge)
    .bind(code.expires)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a code for its one use.
pub(crate) async fn open_code(
    conn: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<Option<Code>> {
    let row = sqlx::query(OPEN_CODE).bind(hash).bind(now).fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Code {
        visit: row.try_get("visit")?,
        redirect_uri: row.try_get("redirect_uri")?,
        challenge: row.try_get("challenge")?,
        expires: row.try_get("expires")?,
        again: row.try_get("again")?,
    }))
}

pub(crate) async fn put_token(
    conn: &mut PgConnection,
    hash: &[u8],
    kind: TokenKind,
    visit: Uuid,
    (created, expires): (OffsetDateTime, OffsetDateTime),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.token (hash, visit, kind, created, expires) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(visit)
    .bind(kind.word())
    .bind(created)
    .bind(expires)
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds a token and holds its row until the end of the transaction.
pub(crate) async fn token(
    conn: &mut PgConnection,
    hash: &[u8],
    kind: TokenKind,
) -> Result<Option<Token>> {
    let row: Option<(Uuid, OffsetDateTime, OffsetDateTime, bool)> = sqlx::query_as(
        "SELECT visit, created, expires, used_at IS NOT NULL FROM signon.token
         WHERE hash = $1 AND kind = $2 FOR UPDATE",
    )
    .bind(hash)
    .bind(kind.word())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(visit, created, expires, used)| Token { visit, created, expires, used }))
}

pub(crate) async fn use_token(
    conn: &mut PgConnection,
    hash: &[u8],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query("UPDATE signon.token SET used_at = $2 WHERE hash = $1")
        .bind(hash)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes back one access token.
pub(crate) async fn drop_token(conn: &mut PgConnection, hash: &[u8]) -> Result<()> {
    sqlx::query("DELETE FROM signon.token WHERE hash = $1").bind(hash).execute(conn).await?;
    Ok(())
}

/// Ends a login, and with it every token that was given out for it.
pub(crate) async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    why: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE signon.visit SET ended_at = $3, ended_why = $2 WHERE id = $1 AND ended_at IS NULL",
    )
    .bind(id)
    .bind(why)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends all logins of an account at a client. Returns how many.
pub(crate) async fn end_at_client(
    conn: &mut PgConnection,
    (account, client): (Option<Uuid>, &str),
    why: &str,
    now: OffsetDateTime,
) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE signon.visit SET ended_at = $4, ended_why = $3
         WHERE client = $2 AND ($1::uuid IS NULL OR account = $1) AND ended_at IS NULL",
    )
    .bind(account)
    .bind(client)
    .bind(why)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Ends the logins of a session, but those that may go on without the person. Returns the clients and the
/// accounts that are to hear of it.
pub(crate) async fn end_session(
    conn: &mut PgConnection,
    session: Uuid,
    now: OffsetDateTime,
) -> Result<Vec<(String, Uuid)>> {
    let told: Vec<(String, Uuid)> = sqlx::query_as(
        "SELECT DISTINCT visit.client, visit.account FROM signon.visit
         JOIN signon.client ON client.id = visit.client AND client.backchannel_uri IS NOT NULL
         WHERE visit.session = $1 AND client.disabled_at IS NULL
           AND EXISTS (SELECT FROM signon.code WHERE code.visit = visit.id AND code.used_at IS NOT NULL)
         ORDER BY 1, 2",
    )
    .bind(session)
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE signon.visit SET ended_at = $2, ended_why = 'the session ended'
         WHERE session = $1 AND ended_at IS NULL AND NOT 'offline_access' = ANY (scopes)",
    )
    .bind(session)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(told)
}

/// Removes what has ended long ago.
pub(crate) async fn sweep(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    before: OffsetDateTime,
) -> Result<i64> {
    Ok(sqlx::query_scalar(SWEEP).bind(now).bind(before).fetch_one(conn).await?)
}
