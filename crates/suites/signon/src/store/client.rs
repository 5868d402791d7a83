//! Clients, and what people have agreed to.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::{AGREED, text, word};
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{Alg, Client, Device, Scope};

const COLUMNS: &str = "id, name_zh, name_en, organisation, secret_hash IS NOT NULL AS confidential, \
     redirect_uris, post_logout_uris, backchannel_uri, scopes, kinds, alg, kind, post, device_scopes, \
     expires, public_key, created, disabled_at";

fn client_of(row: &PgRow) -> Result<Client> {
    let kinds: Vec<String> = row.try_get("kinds")?;
    let alg: String = row.try_get("alg")?;
    Ok(Client {
        id: row.try_get("id")?,
        name: text(row, "name")?,
        organisation: row.try_get("organisation")?,
        confidential: row.try_get("confidential")?,
        redirect_uris: row.try_get("redirect_uris")?,
        post_logout_uris: row.try_get("post_logout_uris")?,
        backchannel_uri: row.try_get("backchannel_uri")?,
        scopes: scopes_of(row)?,
        citizens: kinds.iter().any(|kind| kind == "citizen"),
        staff: kinds.iter().any(|kind| kind == "staff"),
        alg: word(&alg, Alg::from_word)?,
        device: device_of(row)?,
        created: row.try_get("created")?,
        disabled_at: row.try_get("disabled_at")?,
    })
}

fn device_of(row: &PgRow) -> Result<Option<Device>> {
    let kind: String = row.try_get("kind")?;
    if kind != "device" {
        return Ok(None);
    }
    Ok(Some(Device {
        post: row.try_get("post")?,
        scopes: row.try_get("device_scopes")?,
        expires: row.try_get("expires")?,
        key: row.try_get("public_key")?,
    }))
}

pub(super) fn scopes_of(row: &PgRow) -> Result<Vec<Scope>> {
    let words: Vec<String> = row.try_get("scopes")?;
    words.iter().map(|scope| word(scope, Scope::from_word)).collect()
}

pub(super) fn words_of(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.word()).collect()
}

fn kinds_of(client: &Client) -> Vec<&'static str> {
    [(client.citizens, "citizen"), (client.staff, "staff")]
        .into_iter()
        .filter(|(open, _)| *open)
        .map(|(_, word)| word)
        .collect()
}

pub(crate) async fn find(conn: &mut PgConnection, id: &str) -> Result<Option<Client>> {
    let statement = format!("SELECT {COLUMNS} FROM signon.client WHERE id = $1");
    let row =
        sqlx::query(zhengtong_db::sql::trusted(statement)).bind(id).fetch_optional(conn).await?;
    row.as_ref().map(client_of).transpose()
}

pub(crate) async fn all(conn: &mut PgConnection) -> Result<Vec<Client>> {
    let statement = format!(
        "SELECT {COLUMNS} FROM signon.client ORDER BY disabled_at IS NOT NULL, id LIMIT $1"
    );
    let rows = sqlx::query(zhengtong_db::sql::trusted(statement))
        .bind(LIMITS.clients)
        .fetch_all(conn)
        .await?;
    rows.iter().map(client_of).collect()
}

/// The salt of a client's names for people.
pub(crate) async fn salt(conn: &mut PgConnection, id: &str) -> Result<Vec<u8>> {
    Ok(sqlx::query_scalar("SELECT salt FROM signon.client WHERE id = $1")
        .bind(id)
        .fetch_one(conn)
        .await?)
}

/// Whether this is the secret of the client, by its hash; a client without a secret takes none.
pub(crate) async fn proves(conn: &mut PgConnection, id: &str, hash: Option<&[u8]>) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM signon.client
                        WHERE id = $1 AND disabled_at IS NULL AND secret_hash IS NOT DISTINCT FROM $2)",
    )
    .bind(id)
    .bind(hash)
    .fetch_one(conn)
    .await?)
}

/// Keeps a new client. Returns whether its name was free.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    client: &Client,
    secret_hash: Option<&[u8]>,
    salt: &[u8],
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO signon.client (id, name_zh, name_en, organisation, secret_hash, redirect_uris,
             post_logout_uris, backchannel_uri, scopes, kinds, alg, salt, created, kind, post,
             device_scopes, expires, public_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(&client.id)
    .bind(&client.name.zh)
    .bind(&client.name.en)
    .bind(client.organisation)
    .bind(secret_hash)
    .bind(&client.redirect_uris)
    .bind(&client.post_logout_uris)
    .bind(&client.backchannel_uri)
    .bind(words_of(&client.scopes))
    .bind(kinds_of(client))
    .bind(client.alg.word())
    .bind(salt)
    .bind(client.created)
    .bind(if client.device.is_some() { "device" } else { "login" })
    .bind(client.device.as_ref().map(|device| device.post))
    .bind(client.device.as_ref().map_or(&[][..], |device| device.scopes.as_slice()))
    .bind(client.device.as_ref().map(|device| device.expires))
    .bind(client.device.as_ref().and_then(|device| device.key.as_ref()))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Changes all but the name, the secret and the salt.
pub(crate) async fn update(conn: &mut PgConnection, client: &Client) -> Result<()> {
    sqlx::query(
        "UPDATE signon.client SET name_zh = $2, name_en = $3, organisation = $4, redirect_uris = $5,
             post_logout_uris = $6, backchannel_uri = $7, scopes = $8, kinds = $9, alg = $10,
             post = $11, device_scopes = $12, expires = $13, public_key = $14
         WHERE id = $1",
    )
    .bind(&client.id)
    .bind(&client.name.zh)
    .bind(&client.name.en)
    .bind(client.organisation)
    .bind(&client.redirect_uris)
    .bind(&client.post_logout_uris)
    .bind(&client.backchannel_uri)
    .bind(words_of(&client.scopes))
    .bind(kinds_of(client))
    .bind(client.alg.word())
    .bind(client.device.as_ref().map(|device| device.post))
    .bind(client.device.as_ref().map_or(&[][..], |device| device.scopes.as_slice()))
    .bind(client.device.as_ref().map(|device| device.expires))
    .bind(client.device.as_ref().and_then(|device| device.key.as_ref()))
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn set_secret(conn: &mut PgConnection, id: &str, hash: &[u8]) -> Result<()> {
    sqlx::query("UPDATE signon.client SET secret_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(())
}

pub(crate) async fn set_disabled(
    conn: &mut PgConnection,
    id: &str,
    at: Option<OffsetDateTime>,
) -> Result<()> {
    sqlx::query("UPDATE signon.client SET disabled_at = $2 WHERE id = $1")
        .bind(id)
        .bind(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// What an account has agreed to at a client.
pub(crate) async fn consent(
    conn: &mut PgConnection,
    account: Uuid,
    client: &str,
) -> Result<Vec<Scope>> {
    let row = sqlx::query("SELECT scopes FROM signon.consent WHERE account = $1 AND client = $2")
        .bind(account)
        .bind(client)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map_or_else(|| Ok(Vec::new()), scopes_of)
}

pub(crate) async fn put_consent(
    conn: &mut PgConnection,
    account: Uuid,
    client: &str,
    scopes: &[Scope],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO signon.consent (account, client, scopes, granted) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, client) DO UPDATE SET scopes = $3, granted = $4",
    )
    .bind(account)
    .bind(client)
    .bind(words_of(scopes))
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what was agreed. Returns whether there was anything.
pub(crate) async fn forget_consent(
    conn: &mut PgConnection,
    account: Uuid,
    client: &str,
) -> Result<bool> {
    let done = sqlx::query("DELETE FROM signon.consent WHERE account = $1 AND client = $2")
        .bind(account)
        .bind(client)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A system that was agreed to, with the organisation still as an identifier.
pub(crate) struct AgreedRow {
    pub(crate) client: String,
    pub(crate) name: Text,
    pub(crate) organisation: Uuid,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) granted: OffsetDateTime,
    pub(crate) last: Option<OffsetDateTime>,
}

pub(crate) async fn agreed(conn: &mut PgConnection, account: Uuid) -> Result<Vec<AgreedRow>> {
    let rows = sqlx::query(AGREED).bind(account).bind(LIMITS.clients).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(AgreedRow {
                client: row.try_get("client")?,
                name: text(row, "name")?,
                organisation: row.try_get("organisation")?,
                scopes: scopes_of(row)?,
                granted: row.try_get("granted")?,
                last: row.try_get("last")?,
            })
        })
        .collect()
}
