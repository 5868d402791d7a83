//! The rows of channels, and of what was carried outside.

use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_db::{Ctx, Error, Keyring, Result};

use super::WORDS;
use crate::carrier::Way;
use crate::model::{Carried, Channel, Delivery, DeliveryState, To};

/// The field of addresses.
pub(crate) const ADDRESS: &str = "notice.address";

/// A channel as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) channel: Channel,
    pub(crate) to: To,
    pub(crate) address: String,
    pub(crate) code: Option<String>,
    pub(crate) code_until: Option<OffsetDateTime>,
    pub(crate) tries: i32,
    pub(crate) codes: i32,
    pub(crate) codes_day: Date,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    person: Option<Uuid>,
    organisation: Option<Uuid>,
    way: String,
    address: String,
    lang: String,
    confirmed_at: Option<OffsetDateTime>,
    code: Option<String>,
    code_until: Option<OffsetDateTime>,
    tries: i32,
    codes: i32,
    codes_day: Date,
}

impl Row {
    fn read(self, ring: &Keyring) -> Result<Kept> {
        let broken = || Error::Broken(format!("channel {} is broken", self.id));
        let to = match (self.person, self.organisation) {
            (Some(person), _) => To::Person(person),
            (_, Some(organisation)) => To::Organisation(organisation),
            _ => return Err(broken()),
        };
        let way = Way::parse(&self.way).ok_or_else(broken)?;
        let address = ring.read_text(ADDRESS, &self.id.to_string(), self.address)?;
        let shown = way.address(&address).map_or_else(String::new, |(_, shown)| shown);
        let lang = if self.lang == "en" { Lang::En } else { Lang::Zh };
        Ok(Kept {
            channel: Channel { id: self.id, way, shown, lang, confirmed_at: self.confirmed_at },
            to,
            address,
            code: self.code,
            code_until: self.code_until,
            tries: self.tries,
            codes: self.codes,
            codes_day: self.codes_day,
        })
    }
}

/// The channels of somebody.
pub(crate) async fn channels(ctx: &mut Ctx, to: To) -> Result<Vec<Kept>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM notice.channel WHERE coalesce(person, organisation) = $1 ORDER BY way",
    )
    .bind(to.id())
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    rows.into_iter().map(|row| row.read(&ring)).collect()
}

/// A channel, locked.
pub(crate) async fn channel(ctx: &mut Ctx, id: Uuid) -> Result<Option<Kept>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM notice.channel WHERE id = $1 FOR UPDATE")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// Puts a channel in the place of the one that was there.
pub(crate) async fn put_channel(ctx: &mut Ctx, kept: &Kept, added: OffsetDateTime) -> Result<()> {
    let channel = &kept.channel;
    let address = ctx.keyring()?.seal_text(ADDRESS, &channel.id.to_string(), &kept.address)?;
    drop_channel(ctx.conn(), kept.to, channel.way).await?;
    sqlx::query(
        "INSERT INTO notice.channel (id, person, organisation, way, address, lang, added, confirmed_at,
             code, code_until, tries, codes, codes_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(channel.id)
    .bind(kept.to.person())
    .bind(kept.to.organisation())
    .bind(channel.way.word())
    .bind(address)
    .bind(if channel.lang == Lang::En { "en" } else { "zh" })
    .bind(added)
    .bind(channel.confirmed_at)
    .bind(&kept.code)
    .bind(kept.code_until)
    .bind(kept.tries)
    .bind(kept.codes)
    .bind(kept.codes_day)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// Takes a channel away. Whether it was there.
pub(crate) async fn drop_channel(conn: &mut PgConnection, to: To, way: Way) -> Result<bool> {
    let done = sqlx::query(
        "DELETE FROM notice.channel WHERE coalesce(person, organisation) = $1 AND way = $2",
    )
    .bind(to.id())
    .bind(way.word())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A wrong code was typed.
pub(crate) async fn tried(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query("UPDATE notice.channel SET tries = tries + 1 WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// The address is proven.
pub(crate) async fn confirm(conn: &mut PgConnection, id: Uuid, at: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "UPDATE notice.channel SET confirmed_at = $2, code = NULL, code_until = NULL WHERE id = $1",
    )
    .bind(id)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// What is to be carried outside.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub(crate) id: Uuid,
    pub(crate) message: Option<Uuid>,
    pub(crate) way: Way,
    pub(crate) shown: String,
    pub(crate) address: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) state: DeliveryState,
}

#[derive(FromRow)]
struct LoadRow {
    id: Uuid,
    message: Option<Uuid>,
    way: String,
    shown: String,
    address: String,
    words: String,
    state: String,
    attempts: i32,
    reason: Option<String>,
    inside: bool,
    queued: OffsetDateTime,
    done: Option<OffsetDateTime>,
}

pub(crate) async fn insert_load(ctx: &mut Ctx, load: &Load, queued: OffsetDateTime) -> Result<()> {
    let ring = ctx.keyring()?;
    let place = load.id.to_string();
    let words = serde_json::to_string(&[&load.subject, &load.text])?;
    sqlx::query(
        "INSERT INTO notice.delivery (id, message, way, shown, address, words, state, queued)
         VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7)",
    )
    .bind(load.id)
    .bind(load.message)
    .bind(load.way.word())
    .bind(&load.shown)
    .bind(ring.seal_text(ADDRESS, &place, &load.address)?)
    .bind(ring.seal_text(WORDS, &place, &words)?)
    .bind(queued)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// What is to be carried, locked; nothing when it is gone.
pub(crate) async fn load(ctx: &mut Ctx, id: Uuid) -> Result<Option<Load>> {
    let row: Option<LoadRow> = sqlx::query_as("SELECT * FROM notice.delivery WHERE id = $1")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    row.map(|row| read_load(&ring, row)).transpose()
}

fn words(ring: &Keyring, row: &LoadRow) -> Result<[String; 2]> {
    if row.words.is_empty() {
        return Ok([String::new(), String::new()]);
    }
    let words = ring.read_text(WORDS, &row.id.to_string(), row.words.clone())?;
    Ok(serde_json::from_str(&words)?)
}

fn read_load(ring: &Keyring, row: LoadRow) -> Result<Load> {
    let broken = || Error::Broken(format!("delivery {} is broken", row.id));
    let [subject, text] = words(ring, &row)?;
    Ok(Load {
        way: Way::parse(&row.way).ok_or_else(broken)?,
        state: DeliveryState::parse(&row.state).ok_or_else(broken)?,
        address: ring.read_text(ADDRESS, &row.id.to_string(), row.address)?,
        id: row.id,
        message: row.message,
        shown: row.shown,
        subject,
        text,
    })
}

/// What came of an attempt. When it is done, the address goes, and the words too unless they were kept inside.
pub(crate) async fn attempted(
    conn: &mut PgConnection,
    id: Uuid,
    (state, attempts, reason): (DeliveryState, i32, Option<&str>),
    inside: bool,
    now: OffsetDateTime,
) -> Result<()> {
    let done = (state != DeliveryState::Queued).then_some(now);
    sqlx::query(
        "UPDATE notice.delivery SET state = $2, attempts = $3, reason = $4, inside = $5, done = $6,
             address = CASE WHEN $2 = 'sent' THEN '' ELSE address END,
             words = CASE WHEN $2 = 'sent' AND NOT $5 THEN '' ELSE words END
         WHERE id = $1",
    )
    .bind(id)
    .bind(state.word())
    .bind(attempts)
    .bind(reason)
    .bind(inside)
    .bind(done)
    .execute(conn)
    .await?;
    Ok(())
}

/// The last things that were carried, with the words of those that were kept inside.
pub(crate) async fn deliveries(ctx: &mut Ctx, rows_max: i64) -> Result<Vec<Delivery>> {
    let rows: Vec<LoadRow> =
        sqlx::query_as("SELECT * FROM notice.delivery ORDER BY queued DESC, id DESC LIMIT $1")
            .bind(rows_max)
            .fetch_all(ctx.conn())
            .await?;
    let ring = ctx.keyring()?;
    rows.into_iter()
        .map(|row| {
            let broken = || Error::Broken(format!("delivery {} is broken", row.id));
            let text = if row.inside { Some(words(&ring, &row)?) } else { None };
            Ok(Delivery {
                id: row.id,
                way: Way::parse(&row.way).ok_or_else(broken)?,
                shown: row.shown.clone(),
                state: DeliveryState::parse(&row.state).ok_or_else(broken)?,
                attempts: row.attempts,
                reason: row.reason.clone(),
                queued: row.queued,
                done: row.done,
                text: text.map(|[subject, text]| format!("{subject}\n{text}").trim().to_owned()),
            })
        })
        .collect()
}

/// How many stand in each state since a moment.
pub(crate) async fn counts(
    conn: &mut PgConnection,
    way: Way,
    since: OffsetDateTime,
) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(
        "SELECT state, count(*) FROM notice.delivery WHERE way = $1 AND queued >= $2
         GROUP BY state ORDER BY state",
    )
    .bind(way.word())
    .bind(since)
    .fetch_all(conn)
    .await?)
}

/// How messages were carried, by message.
pub(crate) async fn carried(
    conn: &mut PgConnection,
    messages: &[Uuid],
) -> Result<Vec<(Uuid, Carried)>> {
    let rows: Vec<(Uuid, String, String, String)> = sqlx::query_as(
        "SELECT message, way, shown, state FROM notice.delivery WHERE message = ANY ($1)
         ORDER BY queued LIMIT 1000",
    )
    .bind(messages)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(message, way, shown, state)| {
            let broken = || Error::Broken(format!("a delivery of {message} is broken"));
            let way = Way::parse(&way).ok_or_else(broken)?;
            let state = DeliveryState::parse(&state).ok_or_else(broken)?;
            Ok((message, Carried { way, shown, state }))
        })
        .collect()
}

/// Seals addresses and waiting words again under the newest keys.
pub(crate) async fn reseal(ctx: &mut Ctx) -> Result<()> {
    let ring = ctx.keyring()?;
    let channels: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT id, address FROM notice.channel FOR UPDATE")
            .fetch_all(ctx.conn())
            .await?;
    for (id, address) in channels {
        let place = id.to_string();
        let address = ring.read_text(ADDRESS, &place, address)?;
        sqlx::query("UPDATE notice.channel SET address = $2 WHERE id = $1")
            .bind(id)
            .bind(ring.seal_text(ADDRESS, &place, &address)?)
            .execute(ctx.conn())
            .await?;
    }
    let loads: Vec<(Uuid, String, String)> = sqlx::query_as(
        "SELECT id, address, words FROM notice.delivery WHERE address <> '' OR words <> '' FOR UPDATE",
    )
    .fetch_all(ctx.conn())
    .await?;
    for (id, address, words) in loads {
        let place = id.to_string();
        let again = |field: &str, stored: String| -> Result<String> {
            if stored.is_empty() {
                return Ok(stored);
            }
            Ok(ring.seal_text(field, &place, &ring.read_text(field, &place, stored)?)?)
        };
        let (address, words) = (again(ADDRESS, address)?, again(WORDS, words)?);
        sqlx::query("UPDATE notice.delivery SET address = $2, words = $3 WHERE id = $1")
            .bind(id)
            .bind(address)
            .bind(words)
            .execute(ctx.conn())
            .await?;
    }
    Ok(())
}
