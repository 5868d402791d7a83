//! Owners, systems, keys, services, rights.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Text;

use super::stored;
use crate::error::Result;
use crate::model::{
    Access, AccessRow, Endpoint, Keep, Key, Member, NewAccess, Service, State, System, What,
};
use crate::sign::{Algorithm, PublicKey};

const SYSTEMS: &str = "SELECT s.id, s.code, s.name_zh, s.name_en, s.state, s.proposed_by,
        m.id AS member_id, m.instance, m.class, m.code AS member_code,
        m.name_zh AS member_zh, m.name_en AS member_en, m.organisation
    FROM exchange.system s JOIN exchange.member m ON m.id = s.member
    WHERE ($1::uuid IS NULL OR s.id = $1)
    ORDER BY m.class, m.name_zh, s.code LIMIT 1000";
const SERVICES: &str =
    "SELECT id, system, code, title_zh, title_en, url, keep, endpoints, openapi, state, proposed_by
    FROM exchange.service
    WHERE ($1::uuid IS NULL OR id = $1) AND ($2::uuid IS NULL OR system = $2)
    ORDER BY title_zh, id LIMIT 1000";
const ACCESS: &str = "SELECT a.id, a.client, a.service, a.method, a.path, a.purpose, a.basis, a.valid_to, a.revoked_at,
        c.name_zh AS client_zh, c.name_en AS client_en, v.title_zh AS service_zh, v.title_en AS service_en
    FROM exchange.access a
    JOIN exchange.system c ON c.id = a.client
    JOIN exchange.service v ON v.id = a.service
    WHERE a.client = $1 OR v.system = $1
    ORDER BY a.revoked_at IS NOT NULL, v.title_zh, c.name_zh, a.id LIMIT 500";

#[derive(FromRow)]
struct SystemRow {
    id: Uuid,
    code: String,
    name_zh: String,
    name_en: String,
    state: String,
    proposed_by: Option<Uuid>,
    member_id: Uuid,
    instance: String,
    class: String,
    member_code: String,
    member_zh: String,
    member_en: String,
    organisation: Option<Uuid>,
}

impl From<SystemRow> for System {
    fn from(row: SystemRow) -> Self {
        Self {
            id: row.id,
            member: Member {
                id: row.member_id,
                instance: row.instance,
                class: row.class,
                code: row.member_code,
                name: Text::new(row.member_zh, row.member_en),
                organisation: row.organisation,
            },
            code: row.code,
            name: Text::new(row.name_zh, row.name_en),
            state: State::from_word(&row.state).unwrap_or(State::Disabled),
            proposed_by: row.proposed_by,
        }
    }
}

pub(crate) async fn systems(conn: &mut PgConnection) -> Result<Vec<System>> {
    let rows: Vec<SystemRow> =
        sqlx::query_as(SYSTEMS).bind(None::<Uuid>).fetch_all(conn).await.map_err(stored)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn system(conn: &mut PgConnection, id: Uuid) -> Result<Option<System>> {
    let row: Option<SystemRow> =
        sqlx::query_as(SYSTEMS).bind(id).fetch_optional(conn).await.map_err(stored)?;
    Ok(row.map(Into::into))
}

pub(crate) async fn member(
    conn: &mut PgConnection,
    instance: &str,
    class: &str,
    code: &str,
) -> Result<Option<Uuid>> {
    sqlx::query_scalar(
        "SELECT id FROM exchange.member WHERE instance = $1 AND class = $2 AND code = $3",
    )
    .bind(instance)
    .bind(class)
    .bind(code)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

pub(crate) async fn insert_member(
    conn: &mut PgConnection,
    member: &Member,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO exchange.member (id, instance, class, code, name_zh, name_en, organisation, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(member.id)
    .bind(&member.instance)
    .bind(&member.class)
    .bind(&member.code)
    .bind(&member.name.zh)
    .bind(&member.name.en)
    .bind(member.organisation)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn insert_system(
    conn: &mut PgConnection,
    (id, member): (Uuid, Uuid),
    (code, name): (&str, &Text),
    by: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO exchange.system (id, member, code, name_zh, name_en, state, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7) ON CONFLICT (member, code) DO NOTHING",
    )
    .bind(id)
    .bind(member)
    .bind(code)
    .bind(name.zh.trim())
    .bind(name.en.trim())
    .bind(by)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn set_state(
    conn: &mut PgConnection,
    (what, id): (What, Uuid),
    state: State,
    now: OffsetDateTime,
) -> Result<()> {
    let query = match what {
        What::System => {
            sqlx::query("UPDATE exchange.system SET state = $2, decided_at = $3 WHERE id = $1")
                .bind(id)
                .bind(state.word())
                .bind(now)
        }
        What::Service => sqlx::query("UPDATE exchange.service SET state = $2 WHERE id = $1")
            .bind(id)
            .bind(state.word()),
    };
    query.execute(conn).await.map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct KeyRow {
    id: String,
    system: Uuid,
    algorithm: String,
    public: Vec<u8>,
    valid_from: OffsetDateTime,
    valid_to: OffsetDateTime,
    revoked_at: Option<OffsetDateTime>,
}

impl KeyRow {
    fn key(self) -> Option<Key> {
        let algorithm = Algorithm::from_word(&self.algorithm)?;
        Some(Key {
            id: self.id,
            system: self.system,
            public: PublicKey { algorithm, bytes: self.public },
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            revoked_at: self.revoked_at,
        })
    }
}

pub(crate) async fn keys(conn: &mut PgConnection, system: Uuid) -> Result<Vec<Key>> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "SELECT id, system, algorithm, public, valid_from, valid_to, revoked_at
         FROM exchange.key WHERE system = $1 ORDER BY valid_to DESC, id LIMIT 100",
    )
    .bind(system)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().filter_map(KeyRow::key).collect())
}

pub(crate) async fn key(conn: &mut PgConnection, id: &str) -> Result<Option<Key>> {
    let row: Option<KeyRow> = sqlx::query_as(
        "SELECT id, system, algorithm, public, valid_from, valid_to, revoked_at
         FROM exchange.key WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    Ok(row.and_then(KeyRow::key))
}

pub(crate) async fn insert_key(
    conn: &mut PgConnection,
    key: &Key,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO exchange.key (id, system, algorithm, public, valid_from, valid_to, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&key.id)
    .bind(key.system)
    .bind(key.public.algorithm.word())
    .bind(&key.public.bytes)
    .bind(key.valid_from)
    .bind(key.valid_to)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn revoke_key(
    conn: &mut PgConnection,
    system: Uuid,
    key: &str,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE exchange.key SET revoked_at = $3
         WHERE system = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(system)
    .bind(key)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

#[derive(FromRow)]
struct ServiceRow {
    id: Uuid,
    system: Uuid,
    code: String,
    title_zh: String,
    title_en: String,
    url: String,
    keep: String,
    endpoints: serde_json::Value,
    openapi: Option<String>,
    state: String,
    proposed_by: Option<Uuid>,
}

impl From<ServiceRow> for Service {
    fn from(row: ServiceRow) -> Self {
        Self {
            id: row.id,
            system: row.system,
            code: row.code,
            title: Text::new(row.title_zh, row.title_en),
            url: row.url,
            keep: Keep::from_word(&row.keep).unwrap_or(Keep::None),
            endpoints: serde_json::from_value(row.endpoints).unwrap_or_default(),
            openapi: row.openapi,
            state: State::from_word(&row.state).unwrap_or(State::Disabled),
            proposed_by: row.proposed_by,
        }
    }
}

pub(crate) async fn services(
    conn: &mut PgConnection,
    system: Option<Uuid>,
) -> Result<Vec<Service>> {
    let rows: Vec<ServiceRow> = sqlx::query_as(SERVICES)
        .bind(None::<Uuid>)
        .bind(system)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn service(conn: &mut PgConnection, id: Uuid) -> Result<Option<Service>> {
    let row: Option<ServiceRow> = sqlx::query_as(SERVICES)
        .bind(id)
        .bind(None::<Uuid>)
        .fetch_optional(conn)
        .await
        .map_err(stored)?;
    Ok(row.map(Into::into))
}

pub(crate) async fn insert_service(
    conn: &mut PgConnection,
    service: &Service,
    now: OffsetDateTime,
) -> Result<bool> {
    let endpoints = serde_json::to_value(&service.endpoints).map_err(zhengtong_db::Error::from)?;
    let done = sqlx::query(
        "INSERT INTO exchange.service
             (id, system, code, title_zh, title_en, url, keep, endpoints, openapi, state, proposed_by, proposed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (system, code) DO NOTHING",
    )
    .bind(service.id)
    .bind(service.system)
    .bind(&service.code)
    .bind(service.title.zh.trim())
    .bind(service.title.en.trim())
    .bind(&service.url)
    .bind(service.keep.word())
    .bind(endpoints)
    .bind(&service.openapi)
    .bind(service.state.word())
    .bind(service.proposed_by)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}

/// A service stands elsewhere now.
pub(crate) async fn move_service(conn: &mut PgConnection, id: Uuid, url: &str) -> Result<()> {
    sqlx::query("UPDATE exchange.service SET url = $2 WHERE id = $1")
        .bind(id)
        .bind(url)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

pub(crate) async fn set_proposed(
    conn: &mut PgConnection,
    id: Uuid,
    by: Uuid,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "UPDATE exchange.service SET state = 'proposed', proposed_by = $2, proposed_at = $3 WHERE id = $1",
    )
    .bind(id)
    .bind(by)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct AccessTable {
    id: Uuid,
    client: Uuid,
    service: Uuid,
    method: String,
    path: String,
    purpose: String,
    basis: String,
    valid_to: OffsetDateTime,
    revoked_at: Option<OffsetDateTime>,
    client_zh: String,
    client_en: String,
    service_zh: String,
    service_en: String,
}

pub(crate) async fn access(conn: &mut PgConnection, system: Uuid) -> Result<Vec<AccessRow>> {
    let rows: Vec<AccessTable> =
        sqlx::query_as(ACCESS).bind(system).fetch_all(conn).await.map_err(stored)?;
    let rows = rows.into_iter().map(|row| AccessRow {
        access: Access {
            id: row.id,
            client: row.client,
            service: row.service,
            endpoint: Endpoint { method: row.method, path: row.path },
            purpose: row.purpose,
            basis: row.basis,
            valid_to: row.valid_to,
            revoked_at: row.revoked_at,
        },
        client: Text::new(row.client_zh, row.client_en),
        service: Text::new(row.service_zh, row.service_en),
    });
    Ok(rows.collect())
}

pub(crate) async fn insert_access(
    conn: &mut PgConnection,
    id: Uuid,
    new: &NewAccess,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO exchange.access (id, client, service, method, path, purpose, basis, valid_to, granted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(new.client)
    .bind(new.service)
    .bind(&new.endpoint.method)
    .bind(&new.endpoint.path)
    .bind(new.purpose.trim())
    .bind(new.basis.trim())
    .bind(new.valid_to)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn revoke_access(
    conn: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE exchange.access SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(done.rows_affected() == 1)
}
