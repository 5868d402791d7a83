//! The only file of this engine that names SQL.

use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::Result;

use crate::model::{Change, Value};
use crate::pack::{Installed, NewPack};

const IN_FORCE: &str = include_str!("../sql/in_force.sql");
const PACKS: &str = include_str!("../sql/packs.sql");
const HISTORY: &str = include_str!("../sql/history.sql");
/// The channel on which a change is told to all nodes.
pub(crate) const CHANNEL: &str = "zhengtong_setting";

/// The long statements, for the test that prepares them.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("in_force.sql", IN_FORCE), ("history.sql", HISTORY), ("packs.sql", PACKS)];

#[derive(FromRow)]
struct Row {
    number: i64,
    key: String,
    value: Option<Json<Value>>,
    reason: String,
    name: String,
    at: OffsetDateTime,
    reverts: Option<i64>,
}

#[derive(FromRow)]
struct CountedRow {
    #[sqlx(flatten)]
    row: Row,
    total: i64,
}

/// A change that is to be kept.
pub(crate) struct NewChange<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: Option<&'a Value>,
    pub(crate) reason: &'a str,
    pub(crate) account: Option<Uuid>,
    pub(crate) name: &'a str,
    pub(crate) at: OffsetDateTime,
    pub(crate) reverts: Option<i64>,
}

impl Row {
    fn split(self) -> (String, Change) {
        let change = Change {
            number: self.number,
            value: self.value.map(|Json(value)| value),
            reason: self.reason,
            name: self.name,
            at: self.at,
            reverts: self.reverts,
        };
        (self.key, change)
    }
}

/// The last change of each key.
pub(crate) async fn in_force(
    conn: &mut PgConnection,
    keys: &[String],
) -> Result<Vec<(String, Change)>> {
    let rows: Vec<Row> = sqlx::query_as(IN_FORCE).bind(keys).fetch_all(conn).await?;
    Ok(rows.into_iter().map(Row::split).collect())
}

/// The changes of a key, the latest first, and how many there are.
pub(crate) async fn history(
    conn: &mut PgConnection,
    key: &str,
    paging: Paging,
) -> Result<(Vec<Change>, i64)> {
    let rows: Vec<CountedRow> = sqlx::query_as(HISTORY)
        .bind(key)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(conn)
        .await?;
    let total = rows.first().map_or(0, |first| first.total);
    Ok((rows.into_iter().map(|counted| counted.row.split().1).collect(), total))
}

/// The change of a number and the one before it; none if the number is not of this key.
pub(crate) async fn with_before(
    conn: &mut PgConnection,
    key: &str,
    number: i64,
) -> Result<Option<Vec<Change>>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT number, key, value, reason, name, at, reverts FROM setting.change
         WHERE key = $1 AND number <= $2 ORDER BY number DESC LIMIT 2",
    )
    .bind(key)
    .bind(number)
    .fetch_all(conn)
    .await?;
    let changes: Vec<Change> = rows.into_iter().map(|row| row.split().1).collect();
    Ok(changes.first().is_some_and(|first| first.number == number).then_some(changes))
}

/// One change of a key at a time.
pub(crate) async fn lock(conn: &mut PgConnection, key: &str) -> Result<()> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('setting'), hashtext($1))")
        .bind(key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps a change and tells all nodes once it is committed. Returns its number.
pub(crate) async fn put(conn: &mut PgConnection, new: &NewChange<'_>) -> Result<i64> {
    let number = sqlx::query_scalar(
        "INSERT INTO setting.change (key, value, reason, account, name, at, reverts)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING number",
    )
    .bind(new.key)
    .bind(new.value.map(Json))
    .bind(new.reason)
    .bind(new.account)
    .bind(new.name)
    .bind(new.at)
    .bind(new.reverts)
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(new.key).execute(conn).await?;
    Ok(number)
}

#[derive(FromRow)]
struct PackRow {
    number: i64,
    pack: String,
    digest: String,
    reason: String,
    name: String,
    at: OffsetDateTime,
    path: String,
    bytes: Vec<u8>,
}

/// The packs in force that were put in, with their files.
pub(crate) async fn packs(conn: &mut PgConnection) -> Result<Vec<Installed>> {
    let rows: Vec<PackRow> = sqlx::query_as(PACKS).fetch_all(conn).await?;
    let mut packs: Vec<Installed> = Vec::new();
    for PackRow { number, pack, digest, reason, name, at, path, bytes } in rows {
        if let Some(last) = packs.last_mut().filter(|last| last.pack == pack) {
            last.files.insert(path, bytes);
            continue;
        }
        let files = [(path, bytes)].into();
        packs.push(Installed { number, pack, digest, reason, name, at, files });
    }
    Ok(packs)
}

/// The digest of the pack in force; none if it was not put in, or was taken out.
pub(crate) async fn pack_in_force(conn: &mut PgConnection, pack: &str) -> Result<Option<String>> {
    let last: Option<(bool, String)> = sqlx::query_as(
        "SELECT removed, digest FROM setting.pack_change
         WHERE pack = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(pack)
    .fetch_optional(conn)
    .await?;
    Ok(last.filter(|(removed, _)| !removed).map(|(_, digest)| digest))
}

/// The number of the last change of any pack; 0 if there never was one.
pub(crate) async fn packs_number(conn: &mut PgConnection) -> Result<i64> {
    let number = sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM setting.pack_change");
    Ok(number.fetch_one(conn).await?)
}

/// Keeps a change of a pack and tells all nodes once it is committed. Returns its number.
pub(crate) async fn put_pack(
    conn: &mut PgConnection,
    new: &NewPack<'_>,
    (account, name, at): (Option<Uuid>, &str, OffsetDateTime),
) -> Result<i64> {
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO setting.pack_change (pack, removed, digest, reason, account, name, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING number",
    )
    .bind(new.pack)
    .bind(new.files.is_none())
    .bind(new.digest)
    .bind(new.reason)
    .bind(account)
    .bind(name)
    .bind(at)
    .fetch_one(&mut *conn)
    .await?;
    for (path, bytes) in new.files.into_iter().flatten() {
        sqlx::query("INSERT INTO setting.pack_file (number, path, bytes) VALUES ($1, $2, $3)")
            .bind(number)
            .bind(path)
            .bind(bytes)
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(new.pack).execute(conn).await?;
    Ok(number)
}
