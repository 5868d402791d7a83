//! Messages: who may send, what was sent, what was answered.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::stored;
use crate::error::Result;
use crate::model::{Asked, Endpoint, Keep, Key, MessageRow, State};
use crate::name::{ServiceName, SystemName};
use crate::sign::{Algorithm, PublicKey};

pub(crate) const ADMIT: &str = include_str!("../../sql/admit.sql");
pub(crate) const INSERT: &str = include_str!("../../sql/message_insert.sql");
pub(crate) const LIST: &str = include_str!("../../sql/message_list.sql");

#[derive(FromRow)]
struct AdmitRow {
    client: Uuid,
    client_state: String,
    algorithm: Option<String>,
    public: Option<Vec<u8>>,
    valid_from: Option<OffsetDateTime>,
    valid_to: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    provider: Option<Uuid>,
    provider_state: Option<String>,
    service: Option<Uuid>,
    service_state: Option<String>,
    url: Option<String>,
    keep: Option<String>,
    rights: serde_json::Value,
}

/// What is known of a client and of what it calls.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) client: Uuid,
    pub(crate) client_state: State,
    pub(crate) key: Option<Key>,
    pub(crate) provider: Option<(Uuid, State)>,
    pub(crate) service: Option<KnownService>,
    pub(crate) rights: Vec<Endpoint>,
}

/// What is known of a service.
#[derive(Clone, Debug)]
pub(crate) struct KnownService {
    pub(crate) id: Uuid,
    pub(crate) state: State,
    pub(crate) url: String,
    pub(crate) keep: Keep,
}

fn state(word: Option<&str>) -> State {
    word.and_then(State::from_word).unwrap_or(State::Disabled)
}

pub(crate) async fn admit(
    conn: &mut PgConnection,
    client: &SystemName,
    service: &ServiceName,
    key: &str,
    now: OffsetDateTime,
) -> Result<Option<Known>> {
    let provider = &service.system;
    let row: Option<AdmitRow> = sqlx::query_as(ADMIT)
        .bind(&client.instance)
        .bind(&client.class)
        .bind(&client.member)
        .bind(&client.system)
        .bind(&provider.instance)
        .bind(&provider.class)
        .bind(&provider.member)
        .bind(&provider.system)
        .bind(&service.service)
        .bind(key)
        .bind(now)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(|row| known(row, key)))
}

fn known(row: AdmitRow, key: &str) -> Known {
    let public = row.algorithm.as_deref().and_then(Algorithm::from_word).zip(row.public);
    let times = row.valid_from.zip(row.valid_to);
    let key = public.zip(times).map(|((algorithm, bytes), (valid_from, valid_to))| Key {
        id: key.to_owned(),
        system: row.client,
        public: PublicKey { algorithm, bytes },
        valid_from,
        valid_to,
        revoked_at: row.revoked_at,
    });
    let service = row.service.map(|id| KnownService {
        id,
        state: state(row.service_state.as_deref()),
        url: row.url.unwrap_or_default(),
        keep: row.keep.as_deref().and_then(Keep::from_word).unwrap_or(Keep::None),
    });
    Known {
        client: row.client,
        client_state: state(Some(&row.client_state)),
        key,
        provider: row.provider.map(|id| (id, state(row.provider_state.as_deref()))),
        service,
        rights: serde_json::from_value(row.rights).unwrap_or_default(),
    }
}

/// A message as it is entered before it is sent on.
#[derive(Debug)]
pub(crate) struct NewMessage<'a> {
    pub(crate) id: Uuid,
    pub(crate) at: OffsetDateTime,
    pub(crate) message_id: &'a str,
    pub(crate) client: Uuid,
    pub(crate) client_text: String,
    pub(crate) provider: Option<Uuid>,
    pub(crate) service: Option<Uuid>,
    pub(crate) service_text: String,
    pub(crate) method: &'a str,
    pub(crate) issue: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) signature: &'a [u8],
    pub(crate) replay: [u8; 32],
    pub(crate) hash: [u8; 64],
    pub(crate) digest: &'a str,
    pub(crate) bytes: i64,
    pub(crate) sealed: Option<Vec<u8>>,
}

/// Enters a message; false when the same signed message was there already.
pub(crate) async fn insert(conn: &mut PgConnection, new: NewMessage<'_>) -> Result<bool> {
    let done = sqlx::query(INSERT)
        .bind(new.id)
        .bind(new.at)
        .bind(new.message_id)
        .bind(new.client)
        .bind(new.client_text)
        .bind(new.provider)
        .bind(new.service)
        .bind(new.service_text)
        .bind(new.method)
        .bind(new.issue)
        .bind(new.key)
        .bind(new.signature)
        .bind(new.replay.as_slice())
        .bind(new.hash.as_slice())
        .bind(new.digest)
        .bind(new.bytes)
        .bind(new.sealed)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

/// How a message ended.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) id: Uuid,
    pub(crate) status: i32,
    pub(crate) error: Option<&'a str>,
    pub(crate) digest: &'a str,
    pub(crate) bytes: i64,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) key: &'a str,
    pub(crate) signature: &'a [u8],
    pub(crate) took_us: i64,
    pub(crate) entry: i64,
}

pub(crate) async fn end(conn: &mut PgConnection, ended: Ended<'_>) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE exchange.message SET status = $2, error = $3, response_digest = $4, response_bytes = $5,
             response_sealed = $6, gateway_key = $7, gateway_signature = $8, took_us = $9, entry = $10
         WHERE id = $1 AND entry IS NULL",
    )
    .bind(ended.id)
    .bind(ended.status)
    .bind(ended.error)
    .bind(ended.digest)
    .bind(ended.bytes)
    .bind(ended.sealed)
    .bind(ended.key)
    .bind(ended.signature)
    .bind(ended.took_us)
    .bind(ended.entry)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

/// Messages that never got an answer.
pub(crate) async fn lost(
    conn: &mut PgConnection,
    before: OffsetDateTime,
    rows_max: i64,
) -> Result<Vec<(Uuid, String)>> {
    sqlx::query_as(
        "SELECT id, request_digest FROM exchange.message
         WHERE entry IS NULL AND at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED",
    )
    .bind(before)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn close(
    conn: &mut PgConnection,
    id: Uuid,
    error: &str,
    entry: i64,
) -> Result<()> {
    sqlx::query(
        "UPDATE exchange.message SET error = $2, entry = $3 WHERE id = $1 AND entry IS NULL",
    )
    .bind(id)
    .bind(error)
    .bind(entry)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    at: OffsetDateTime,
    message_id: String,
    client_text: String,
    service_text: String,
    method: String,
    issue: Option<String>,
    status: Option<i32>,
    error: Option<String>,
    took_us: Option<i64>,
    entry: Option<i64>,
}

impl From<Row> for MessageRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            message_id: row.message_id,
            client: row.client_text,
            service: row.service_text,
            method: row.method,
            issue: row.issue,
            status: row.status,
            error: row.error,
            took_us: row.took_us,
            entry: row.entry,
        }
    }
}

pub(crate) async fn list(
    conn: &mut PgConnection,
    asked: &Asked,
    organisation: Option<Uuid>,
    (rows, skip): (i64, i64),
) -> Result<Vec<MessageRow>> {
    let rows: Vec<Row> = sqlx::query_as(LIST)
        .bind(&asked.system)
        .bind(&asked.service)
        .bind(&asked.issue)
        .bind(asked.from)
        .bind(asked.to)
        .bind(asked.failed)
        .bind(organisation)
        .bind(rows)
        .bind(skip)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// A message with everything that proves it.
#[derive(FromRow)]
pub(crate) struct Whole {
    pub(crate) id: Uuid,
    pub(crate) at: OffsetDateTime,
    pub(crate) message_id: String,
    pub(crate) client_text: String,
    pub(crate) service_text: String,
    pub(crate) method: String,
    pub(crate) issue: Option<String>,
    pub(crate) key: String,
    pub(crate) signature: Vec<u8>,
    pub(crate) request_hash: Vec<u8>,
    pub(crate) request_digest: String,
    pub(crate) request_bytes: i64,
    pub(crate) request_sealed: Option<Vec<u8>>,
    pub(crate) status: Option<i32>,
    pub(crate) error: Option<String>,
    pub(crate) response_digest: Option<String>,
    pub(crate) response_bytes: Option<i64>,
    pub(crate) response_sealed: Option<Vec<u8>>,
    pub(crate) gateway_key: Option<String>,
    pub(crate) gateway_signature: Option<Vec<u8>>,
    pub(crate) took_us: Option<i64>,
    pub(crate) entry: Option<i64>,
    pub(crate) client_organisation: Option<Uuid>,
    pub(crate) provider_organisation: Option<Uuid>,
}

pub(crate) async fn whole(conn: &mut PgConnection, id: Uuid) -> Result<Option<Whole>> {
    sqlx::query_as(
        "SELECT m.id, m.at, m.message_id, m.client_text, m.service_text, m.method, m.issue, m.key, m.signature,
             m.request_hash, m.request_digest, m.request_bytes, m.request_sealed, m.status, m.error,
             m.response_digest, m.response_bytes, m.response_sealed, m.gateway_key, m.gateway_signature, m.took_us, m.entry,
             cm.organisation AS client_organisation, pm.organisation AS provider_organisation
         FROM exchange.message m
         JOIN exchange.system c ON c.id = m.client JOIN exchange.member cm ON cm.id = c.member
         LEFT JOIN exchange.system p ON p.id = m.provider LEFT JOIN exchange.member pm ON pm.id = p.member
         WHERE m.id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

#[derive(FromRow)]
struct OfferRow {
    code: String,
    openapi: bool,
    endpoints: serde_json::Value,
    rights: serde_json::Value,
}

/// A service with what a client may call of it.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) code: String,
    pub(crate) openapi: bool,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) rights: Vec<Endpoint>,
}

pub(crate) async fn offers(
    conn: &mut PgConnection,
    provider: Uuid,
    client: Uuid,
    now: OffsetDateTime,
) -> Result<Vec<Offer>> {
    let rows: Vec<OfferRow> = sqlx::query_as(
        "SELECT v.code, v.openapi IS NOT NULL AS openapi, v.endpoints,
             coalesce((SELECT jsonb_agg(jsonb_build_object('method', a.method, 'path', a.path) ORDER BY a.path, a.method)
                       FROM exchange.access a
                       WHERE a.client = $2 AND a.service = v.id AND a.revoked_at IS NULL AND a.valid_to > $3),
                      '[]'::jsonb) AS rights
         FROM exchange.service v WHERE v.system = $1 AND v.state = 'approved' ORDER BY v.code LIMIT 500",
    )
    .bind(provider)
    .bind(client)
    .bind(now)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let offers = rows.into_iter().map(|row| Offer {
        code: row.code,
        openapi: row.openapi,
        endpoints: serde_json::from_value(row.endpoints).unwrap_or_default(),
        rights: serde_json::from_value(row.rights).unwrap_or_default(),
    });
    Ok(offers.collect())
}

pub(crate) async fn openapi(
    conn: &mut PgConnection,
    provider: Uuid,
    code: &str,
) -> Result<Option<Option<String>>> {
    sqlx::query_scalar(
        "SELECT openapi FROM exchange.service WHERE system = $1 AND code = $2 AND state = 'approved'",
    )
    .bind(provider)
    .bind(code)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}
