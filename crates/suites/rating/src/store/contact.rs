//! Contacts and who had them, ratings, visits. What is read for a department never comes from here.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::Ctx;

use super::{hide, open, stored};
use crate::error::Result;
use crate::model::{Channel, Contact, ContactKind, Place, Rating};

/// A contact that may be rated, with who may.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    pub(crate) subject: String,
    pub(crate) contact: String,
    pub(crate) kind: ContactKind,
    pub(crate) place: Place,
    pub(crate) item: Option<String>,
    pub(crate) department: Uuid,
    pub(crate) region: String,
    pub(crate) day: Date,
    pub(crate) person: Option<Uuid>,
    pub(crate) organisation: Option<Uuid>,
}

/// Writes a contact down; one that is there stays.
pub(crate) async fn offer(conn: &mut PgConnection, new: &Offered) -> Result<()> {
    sqlx::query(
        "INSERT INTO rating.contact (subject, contact, kind, place, item, department, region, day, person,
           organisation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (subject, contact) DO NOTHING",
    )
    .bind(&new.subject)
    .bind(&new.contact)
    .bind(new.kind.word())
    .bind(new.place.word())
    .bind(&new.item)
    .bind(new.department)
    .bind(&new.region)
    .bind(new.day)
    .bind(new.person)
    .bind(new.organisation)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// The contacts of a subject that were rated.
pub(crate) async fn rated(
    conn: &mut PgConnection,
    subject: &str,
) -> Result<BTreeMap<String, Uuid>> {
    let rows: Vec<(String, Uuid)> = sqlx::query_as(
        "SELECT contact, rating FROM rating.contact WHERE subject = $1 AND rating IS NOT NULL LIMIT 1000",
    )
    .bind(subject)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    Ok(rows.into_iter().collect())
}

/// Keeps a rating and ties it to its contact. Whether it was the first of the contact.
pub(crate) async fn insert_rating(
    ctx: &mut Ctx,
    rating: &Rating,
    region: &str,
    of: (&str, &str),
) -> Result<bool> {
    let words = hide(&*ctx.keyring()?, &rating.id.to_string(), &rating.words)?;
    sqlx::query(
        "INSERT INTO rating.rating (id, item, department, region, kind, place, channel, level, indicators, words,
           rules, day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(rating.id)
    .bind(&rating.item)
    .bind(rating.department)
    .bind(region)
    .bind(rating.kind.word())
    .bind(rating.place.word())
    .bind(rating.channel.word())
    .bind(i16::from(rating.level))
    .bind(serde_json::to_value(&rating.indicators).map_err(zhengtong_db::Error::from)?)
    .bind(words)
    .bind(&rating.rules)
    .bind(rating.day)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    let tied = sqlx::query(
        "UPDATE rating.contact SET rating = $3 WHERE subject = $1 AND contact = $2 AND rating IS NULL",
    )
    .bind(of.0)
    .bind(of.1)
    .bind(rating.id)
    .execute(ctx.conn())
    .await
    .map_err(stored)?;
    Ok(tied.rows_affected() == 1)
}

#[derive(FromRow)]
struct RatingRow {
    id: Uuid,
    item: Option<String>,
    department: Uuid,
    kind: String,
    place: String,
    channel: String,
    level: i16,
    indicators: Value,
    words: String,
    rules: String,
    day: Date,
    excluded: bool,
}

impl RatingRow {
    fn whole(self, ctx: &Ctx) -> Result<Rating> {
        let words = open(&*ctx.keyring()?, &self.id.to_string(), self.words)?;
        Ok(Rating {
            id: self.id,
            item: self.item,
            department: self.department,
            kind: ContactKind::parse(&self.kind).unwrap_or(ContactKind::Result),
            place: Place::parse(&self.place).unwrap_or(Place::Online),
            channel: Channel::parse(&self.channel).unwrap_or(Channel::Pc),
            level: u8::try_from(self.level).unwrap_or(3),
            indicators: serde_json::from_value(self.indicators).unwrap_or_default(),
            words,
            rules: self.rules,
            day: self.day,
            excluded: self.excluded,
        })
    }
}

pub(crate) async fn rating(ctx: &mut Ctx, id: Uuid) -> Result<Option<Rating>> {
    let row: Option<RatingRow> = sqlx::query_as(
        "SELECT id, item, department, kind, place, channel, level, indicators, words, rules, day, excluded
         FROM rating.rating WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await
    .map_err(stored)?;
    row.map(|row| row.whole(ctx)).transpose()
}

/// A contact with who had it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Rater {
    pub(crate) subject: String,
    pub(crate) person: Option<Uuid>,
    pub(crate) organisation: Option<Uuid>,
}

/// Who rated; asked for by those alone whose right to know was checked.
pub(crate) async fn rater(conn: &mut PgConnection, rating: Uuid) -> Result<Option<Rater>> {
    sqlx::query_as("SELECT subject, person, organisation FROM rating.contact WHERE rating = $1")
        .bind(rating)
        .fetch_optional(conn)
        .await
        .map_err(stored)
}

/// What somebody rated, the latest first: the rating, the case, the contact, the number of the matter.
pub(crate) async fn rated_by(
    conn: &mut PgConnection,
    person: Uuid,
    organisation: Option<Uuid>,
    rows_max: i64,
) -> Result<Vec<(Uuid, String, Contact, Option<String>)>> {
    let rows: Vec<(Uuid, String, String, String, Option<String>)> = sqlx::query_as(
        "SELECT c.rating, c.subject, c.contact, c.kind, m.no
         FROM rating.contact c LEFT JOIN rating.matter m ON m.rating = c.rating
         WHERE c.rating IS NOT NULL
           AND CASE WHEN $2::uuid IS NULL THEN c.person = $1 AND c.organisation IS NULL
                    ELSE c.organisation = $2 END
         ORDER BY c.day DESC, c.subject DESC, c.contact LIMIT $3",
    )
    .bind(person)
    .bind(organisation)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)?;
    let rows = rows.into_iter().map(|(rating, subject, contact, kind, no)| {
        let kind = ContactKind::parse(&kind).unwrap_or(ContactKind::Result);
        (rating, subject, Contact { contact, kind, rating: Some(rating) }, no)
    });
    Ok(rows.collect())
}

/// A visit that its code stands for.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Visited {
    pub(crate) digest: String,
    pub(crate) subject: String,
    pub(crate) item: Option<String>,
    pub(crate) department: Uuid,
    pub(crate) region: String,
    pub(crate) expires_at: OffsetDateTime,
}

pub(crate) async fn insert_visit(conn: &mut PgConnection, new: &Visited) -> Result<()> {
    sqlx::query(
        "INSERT INTO rating.visit (digest, subject, item, department, region, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&new.digest)
    .bind(&new.subject)
    .bind(&new.item)
    .bind(new.department)
    .bind(&new.region)
    .bind(new.expires_at)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn visit(conn: &mut PgConnection, digest: &str) -> Result<Option<Visited>> {
    sqlx::query_as(
        "SELECT digest, subject, item, department, region, expires_at FROM rating.visit WHERE digest = $1",
    )
    .bind(digest)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// How many cases of an item were over in the days up to one: the crowd in which somebody is hidden.
pub(crate) async fn crowd(
    conn: &mut PgConnection,
    item: &str,
    (from, to): (Date, Date),
) -> Result<i64> {
    sqlx::query_scalar(
        "SELECT count(DISTINCT subject) FROM rating.contact WHERE item = $1 AND day BETWEEN $2 AND $3",
    )
    .bind(item)
    .bind(from)
    .bind(to)
    .fetch_one(conn)
    .await
    .map_err(stored)
}

/// What the levels above are told of a case: the contact, the rating, the day.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ReportedRow {
    pub(crate) subject: String,
    pub(crate) contact: String,
    pub(crate) channel: String,
    pub(crate) level: i16,
    pub(crate) day: Date,
    pub(crate) region: String,
    pub(crate) nth: i64,
}

pub(crate) async fn reported(
    conn: &mut PgConnection,
    (from, to): (Date, Date),
    after: (&str, &str),
    rows_max: i64,
) -> Result<Vec<ReportedRow>> {
    sqlx::query_as(
        "SELECT c.subject, c.contact, r.channel, r.level, r.day, r.region,
           (SELECT count(*) FROM rating.contact o WHERE o.subject = c.subject AND o.rating IS NOT NULL
              AND (o.day, o.contact) <= (c.day, c.contact)) AS nth
         FROM rating.contact c JOIN rating.rating r ON r.id = c.rating
         WHERE r.day BETWEEN $1 AND $2 AND NOT r.excluded AND c.kind IN ('application', 'supply', 'result')
           AND (c.subject, c.contact) > ($3, $4)
         ORDER BY c.subject, c.contact LIMIT $5",
    )
    .bind(from)
    .bind(to)
    .bind(after.0)
    .bind(after.1)
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}
