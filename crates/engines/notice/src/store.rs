//! The only file of this engine that names SQL.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Paging, Text};
use zhengtong_crypto::is_sealed_text;
use zhengtong_db::{Ctx, Error, Keyring, Result};

use crate::UNREAD_MAX;
use crate::model::{Message, To};

mod channel;

pub(crate) use channel::*;

const INSERT: &str = include_str!("../sql/insert.sql");
const INBOX: &str = include_str!("../sql/inbox.sql");
const UNREAD: &str = include_str!("../sql/unread.sql");

/// The long statements, for the test that prepares them.
pub(crate) const STATEMENTS: &[(&str, &str)] =
    &[("insert.sql", INSERT), ("inbox.sql", INBOX), ("unread.sql", UNREAD)];

/// The field of the words of messages.
const WORDS: &str = "notice.words";
/// The fields of this engine that need keys.
pub const SEALED: &[&str] = &[WORDS, ADDRESS];
/// Messages that one step seals.
const SEAL_ROWS: i64 = 1_000;

/// Those whose messages are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inbox {
    pub(crate) person: Option<Uuid>,
    pub(crate) organisation: Option<Uuid>,
    pub(crate) post: Option<Uuid>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    person: Option<Uuid>,
    organisation: Option<Uuid>,
    post: Option<Uuid>,
    template: String,
    title_zh: String,
    title_en: String,
    body_zh: String,
    body_en: String,
    link: Option<String>,
    created: OffsetDateTime,
    read_at: Option<OffsetDateTime>,
    read_by: Option<Uuid>,
}

#[derive(FromRow)]
struct CountedRow {
    #[sqlx(flatten)]
    row: Row,
    total: i64,
}

/// Puts a message in. Returns whether it is new.
pub(crate) async fn insert(ctx: &mut Ctx, message: &Message, once: Option<&str>) -> Result<bool> {
    let words = hide(&*ctx.keyring()?, message.id, &message.title, &message.body)?;
    let done = sqlx::query(INSERT)
        .bind(message.id)
        .bind(message.to.person())
        .bind(message.to.organisation())
        .bind(message.to.post())
        .bind(&message.template)
        .bind("")
        .bind("")
        .bind(words)
        .bind("")
        .bind(&message.link)
        .bind(message.created)
        .bind(once)
        .execute(ctx.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The message that an event sent to a recipient.
pub(crate) async fn by_once(
    ctx: &mut Ctx,
    once: &str,
    template: &str,
    to: To,
) -> Result<Option<Message>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM notice.message
         WHERE once = $1 AND template = $2 AND coalesce(person, organisation, post) = $3",
    )
    .bind(once)
    .bind(template)
    .bind(to.id())
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// A message by its identifier.
pub(crate) async fn find(ctx: &mut Ctx, id: Uuid) -> Result<Option<Message>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM notice.message WHERE id = $1")
        .bind(id)
        .fetch_optional(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    row.map(|row| row.read(&ring)).transpose()
}

/// Messages, the latest first, and how many there are.
pub(crate) async fn inbox(
    ctx: &mut Ctx,
    whose: Inbox,
    paging: Paging,
) -> Result<(Vec<Message>, i64)> {
    let rows: Vec<CountedRow> = sqlx::query_as(INBOX)
        .bind(whose.person)
        .bind(whose.organisation)
        .bind(whose.post)
        .bind(paging.limit())
        .bind(paging.offset())
        .fetch_all(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    let total = rows.first().map_or(0, |first| first.total);
    let read: Result<Vec<Message>> =
        rows.into_iter().map(|counted| counted.row.read(&ring)).collect();
    Ok((read?, total))
}

/// How many messages are unread, at most [`UNREAD_MAX`].
pub(crate) async fn unread(conn: &mut PgConnection, whose: Inbox) -> Result<i64> {
    Ok(sqlx::query_scalar(UNREAD).bind(whose.ids()).bind(UNREAD_MAX).fetch_one(conn).await?)
}

/// Notes the first reading. Returns whether it was this one.
pub(crate) async fn set_read(
    conn: &mut PgConnection,
    id: Uuid,
    at: OffsetDateTime,
    by: Option<Uuid>,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE notice.message SET read_at = $2, read_by = $3 WHERE id = $1 AND read_at IS NULL",
    )
    .bind(id)
    .bind(at)
    .bind(by)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the first reading of all that are unread. Returns how many there were.
pub(crate) async fn set_all_read(
    conn: &mut PgConnection,
    whose: Inbox,
    at: OffsetDateTime,
    by: Option<Uuid>,
) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE notice.message SET read_at = $2, read_by = $3
         WHERE coalesce(person, organisation, post) = ANY ($1) AND read_at IS NULL",
    )
    .bind(whose.ids())
    .bind(at)
    .bind(by)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

impl Inbox {
    fn ids(self) -> Vec<Uuid> {
        [self.person, self.organisation, self.post].into_iter().flatten().collect()
    }
}

impl Row {
    fn read(self, ring: &Keyring) -> Result<Message> {
        let to = match (self.person, self.organisation, self.post) {
            (Some(person), _, _) => To::Person(person),
            (_, Some(organisation), _) => To::Organisation(organisation),
            (_, _, Some(post)) => To::Post(post),
            _ => return Err(Error::Broken(format!("message {} has no recipient", self.id))),
        };
        let stored = [self.title_zh, self.title_en, self.body_zh, self.body_en];
        let [title_zh, title_en, body_zh, body_en] = reveal(ring, self.id, stored)?;
        Ok(Message {
            id: self.id,
            to,
            template: self.template,
            title: Text::new(title_zh, title_en),
            body: Text::new(body_zh, body_en),
            link: self.link,
            created: self.created,
            read_at: self.read_at,
            read_by: self.read_by,
            carried: Vec::new(),
        })
    }
}

/// The words of a message, sealed as one: a list opens one value of each row.
fn hide(ring: &Keyring, id: Uuid, title: &Text, body: &Text) -> Result<String> {
    let words = serde_json::to_string(&[&title.zh, &title.en, &body.zh, &body.en])?;
    Ok(ring.seal_text(WORDS, &id.to_string(), &words)?)
}

/// The words of a message: those of a sealed one stand together where the body in Chinese stood.
fn reveal(ring: &Keyring, id: Uuid, stored: [String; 4]) -> Result<[String; 4]> {
    let [_, _, body, _] = &stored;
    if !is_sealed_text(body) {
        return Ok(stored);
    }
    let words = ring.read_text(WORDS, &id.to_string(), body.clone())?;
    Ok(serde_json::from_str(&words)?)
}

/// Seals messages after one again, or those that stand plain; gives the last of them.
pub(crate) async fn protect(ctx: &mut Ctx, after: Uuid, plain_only: bool) -> Result<Option<Uuid>> {
    let statement = if plain_only {
        "SELECT * FROM notice.message WHERE id > $1 AND body_zh NOT LIKE 'sealed:5a01%'
         ORDER BY id LIMIT $2 FOR UPDATE"
    } else {
        "SELECT * FROM notice.message WHERE id > $1 ORDER BY id LIMIT $2 FOR UPDATE"
    };
    let rows: Vec<Row> =
        sqlx::query_as(statement).bind(after).bind(SEAL_ROWS).fetch_all(ctx.conn()).await?;
    let ring = ctx.keyring()?;
    let mut last = None;
    for row in rows {
        let message = row.read(&ring)?;
        sqlx::query(
            "UPDATE notice.message SET title_zh = '', title_en = '', body_zh = $2, body_en = ''
             WHERE id = $1",
        )
        .bind(message.id)
        .bind(hide(&ring, message.id, &message.title, &message.body)?)
        .execute(ctx.conn())
        .await?;
        last = Some(message.id);
    }
    Ok(last)
}
