//! Sessions: opened, found by token, turned to another post or organisation, revoked.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Behalf;
use zhengtong_db::{Actor, ActorKind, Db, Keyring};

use super::{ACTOR, name, word};
use crate::error::Result;
use crate::limits::Limits;
use crate::model::{AGENT, AccountKind, HALF_WAY, STANDING_IN, SessionCard, SessionOf};

/// A session to be opened.
pub(crate) struct NewSession<'a> {
    pub(crate) id: Uuid,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) account: Uuid,
    pub(crate) post: Option<Uuid>,
    pub(crate) expires: OffsetDateTime,
    pub(crate) ip: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) means: &'a str,
    pub(crate) strong: bool,
}

/// The actor behind a token, and whether its last use should be written down.
pub(crate) async fn actor(
    db: &Db,
    token_hash: &[u8],
    now: OffsetDateTime,
    today: Date,
    limits: &Limits,
) -> Result<Option<Actor>> {
    let mut conn = db.pool().acquire().await?;
    let row = sqlx::query(ACTOR)
        .bind(token_hash)
        .bind(now)
        .bind(now - limits.idle())
        .bind(today)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let ring = db.defs::<Keyring>()?;
    let Some(actor) = actor_of(&ring, &row)? else { return Ok(None) };
    let last_seen: OffsetDateTime = row.try_get("last_seen")?;
    if (now - last_seen).whole_seconds() >= limits.touch_seconds {
        sqlx::query("UPDATE party.session SET last_seen = greatest(last_seen, $2) WHERE id = $1")
            .bind(actor.session)
            .bind(now)
            .execute(&mut *conn)
            .await?;
    }
    Ok(Some(actor))
}

/// Opens a session; the oldest give way to it when there are too many, and are returned.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    session: &NewSession<'_>,
    now: OffsetDateTime,
    limits: &Limits,
) -> Result<Vec<Uuid>> {
    let gone = sqlx::query_scalar(
        "UPDATE party.session SET revoked_at = $2 WHERE id IN (
            SELECT id FROM party.session
            WHERE account = $1 AND revoked_at IS NULL AND expires > $2 AND last_seen > $3
            ORDER BY last_seen DESC, id OFFSET $4)
         RETURNING id",
    )
    .bind(session.account)
    .bind(now)
    .bind(now - limits.idle())
    .bind(limits.sessions - 1)
    .fetch_all(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO party.session
            (id, token_hash, account, post, created, last_seen, expires, ip, agent, means, strong)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)",
    )
    .bind(session.id)
    .bind(&session.token_hash)
    .bind(session.account)
    .bind(session.post)
    .bind(now)
    .bind(session.expires)
    .bind(session.ip)
    .bind(session.agent)
    .bind(session.means)
    .bind(session.strong)
    .execute(conn)
    .await?;
    Ok(gone)
}

/// The open sessions of an account.
pub(crate) async fn open(
    conn: &mut PgConnection,
    account: Uuid,
    current: Option<Uuid>,
    now: OffsetDateTime,
    limits: &Limits,
) -> Result<Vec<SessionCard>> {
    let rows = sqlx::query(
        "SELECT id, created, last_seen, expires, ip, agent FROM party.session
         WHERE account = $1 AND revoked_at IS NULL AND expires > $2 AND last_seen > $3
         ORDER BY last_seen DESC, id LIMIT $4",
    )
    .bind(account)
    .bind(now)
    .bind(now - limits.idle())
    .bind(limits.sessions)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let id = row.try_get("id")?;
            Ok(SessionCard {
                id,
                created: row.try_get("created")?,
                last_seen: row.try_get("last_seen")?,
                expires: row.try_get("expires")?,
                ip: row.try_get("ip")?,
                agent: row.try_get("agent")?,
                current: current == Some(id),
            })
        })
        .collect()
}

/// The account and the person of a session that is not revoked.
pub(crate) async fn owner(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Uuid, Uuid)>> {
    Ok(sqlx::query_as(
        "SELECT account.id, account.person FROM party.session
         JOIN party.account ON account.id = session.account
         WHERE session.id = $1 AND session.revoked_at IS NULL",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?)
}

/// What is known of a session, also of one that has ended.
pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<SessionOf>> {
    let row = sqlx::query(
        "SELECT session.*, account.person FROM party.session
         JOIN party.account ON account.id = session.account WHERE session.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(SessionOf {
            id,
            account: row.try_get("account")?,
            person: row.try_get("person")?,
            created: row.try_get("created")?,
            means: row.try_get("means")?,
            strong: row.try_get("strong")?,
            revoked_at: row.try_get("revoked_at")?,
        })
    })
    .transpose()
}

/// Marks that a second factor was proven in a session.
pub(crate) async fn strengthen(conn: &mut PgConnection, id: Uuid, means: &str) -> Result<()> {
    sqlx::query(
        "UPDATE party.session SET strong = true,
                means = CASE WHEN strong THEN means ELSE means || '+' || $2 END WHERE id = $1",
    )
    .bind(id)
    .bind(means)
    .execute(conn)
    .await?;
    Ok(())
}

/// Revokes the sessions of a person under the leave to act for an organisation: session and account.
pub(crate) async fn revoke_behalf(
    conn: &mut PgConnection,
    person: Uuid,
    organisation: Uuid,
    now: OffsetDateTime,
) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(sqlx::query_as(
        "UPDATE party.session SET revoked_at = $3 FROM party.account
         WHERE account.id = session.account AND account.person = $1 AND session.behalf = $2
           AND session.revoked_at IS NULL AND session.expires > $3
         RETURNING session.id, session.account",
    )
    .bind(person)
    .bind(organisation)
    .bind(now)
    .fetch_all(conn)
    .await?)
}

/// Revokes a session; `false` when it had been revoked before.
pub(crate) async fn revoke(conn: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE party.session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes all sessions of an account but one. Returns those that were not over.
pub(crate) async fn revoke_all(
    conn: &mut PgConnection,
    account: Uuid,
    but: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar(
        "UPDATE party.session SET revoked_at = $3
         WHERE account = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL AND expires > $3
         RETURNING id",
    )
    .bind(account)
    .bind(but)
    .bind(now)
    .fetch_all(conn)
    .await?)
}

/// Gives the session a new token: the old one stops working at once.
pub(crate) async fn rotate(conn: &mut PgConnection, id: Uuid, token_hash: &[u8]) -> Result<()> {
    sqlx::query("UPDATE party.session SET token_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(token_hash)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_behalf(
    conn: &mut PgConnection,
    id: Uuid,
    behalf: Option<Uuid>,
) -> Result<()> {
    sqlx::query("UPDATE party.session SET behalf = $2 WHERE id = $1")
        .bind(id)
        .bind(behalf)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_post(conn: &mut PgConnection, id: Uuid, post: Uuid) -> Result<()> {
    sqlx::query("UPDATE party.session SET post = $2 WHERE id = $1")
        .bind(id)
        .bind(post)
        .execute(conn)
        .await?;
    Ok(())
}

/// None when the leave, under which the session acts for somebody, has ended: then so has the session.
fn actor_of(ring: &Keyring, row: &PgRow) -> Result<Option<Actor>> {
    let person = row.try_get("person")?;
    let kind: String = row.try_get("kind")?;
    let kind = word(&kind, AccountKind::from_word)?;
    let mut actor = Actor {
        kind: match kind {
            AccountKind::Citizen => ActorKind::Citizen,
            AccountKind::Staff => ActorKind::Staff,
        },
        account: row.try_get("account")?,
        session: row.try_get("session")?,
        person: Some(person),
        name: name(ring, row, "name", person)?,
        organisation: None,
        unit: None,
        post: None,
        region: None,
        roles: Vec::new(),
        behalf: None,
    };
    // Staff who have not proven a second factor may set one up, and nothing else.
    let strong: bool = row.try_get("strong")?;
    if kind == AccountKind::Staff && strong {
        actor.post = row.try_get("post")?;
        actor.organisation = row.try_get("organisation")?;
        actor.unit = row.try_get("unit")?;
        actor.region = row.try_get("region")?;
        if row.try_get::<Option<bool>, _>("standing_in")? == Some(true) {
            actor.name.push_str(STANDING_IN);
        }
        actor.roles = row.try_get::<Option<_>, _>("roles")?.unwrap_or_default();
    } else if kind == AccountKind::Staff {
        actor.roles.push(HALF_WAY.to_owned());
    }
    if let Some(organisation) = row.try_get::<Option<Uuid>, _>("wanted_behalf")? {
        let Some(scope) = row.try_get::<Option<Vec<String>>, _>("scope")? else { return Ok(None) };
        actor.roles = scope.iter().map(|word| format!("{AGENT}:{word}")).collect();
        actor.roles.insert(0, AGENT.to_owned());
        actor.behalf = Some(Behalf {
            organisation,
            credit_code: row.try_get::<Option<_>, _>("behalf_credit_code")?.unwrap_or_default(),
            name: row.try_get("behalf_name")?,
        });
    }
    Ok(Some(actor))
}
