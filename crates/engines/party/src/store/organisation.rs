//! Regions, organisations, posts and who holds them.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use time::Date;
use uuid::Uuid;
use zhengtong_base::Paging;
use zhengtong_db::{Ctx, Keyring};

use super::{ADMINISTRATORS, HOLDERS, SERVING, name, text, word};
use crate::error::Result;
use crate::limits::LIMITS;
use crate::model::{
    Holder, Holding, Organisation, OrganisationKind, OwnPost, Post, Region, Serving,
};
use crate::new::{NewOrganisation, NewPost};

pub(crate) async fn region(conn: &mut PgConnection, code: &str) -> Result<Option<Region>> {
    let row = sqlx::query("SELECT code, name, parent, level FROM party.region WHERE code = $1")
        .bind(code)
        .fetch_optional(conn)
        .await?;
    row.map(|row| region_of(&row)).transpose()
}

pub(crate) async fn regions_below(
    conn: &mut PgConnection,
    parent: Option<&str>,
) -> Result<Vec<Region>> {
    let rows = sqlx::query(
        "SELECT code, name, parent, level FROM party.region
         WHERE parent IS NOT DISTINCT FROM $1 ORDER BY code LIMIT $2",
    )
    .bind(parent)
    .bind(LIMITS.list_rows)
    .fetch_all(conn)
    .await?;
    rows.iter().map(region_of).collect()
}

pub(crate) async fn find(conn: &mut PgConnection, id: Uuid) -> Result<Option<Organisation>> {
    let row = sqlx::query("SELECT * FROM party.organisation WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.map(|row| organisation(&row)).transpose()
}

pub(crate) async fn by_short(conn: &mut PgConnection, short: &str) -> Result<Option<Organisation>> {
    let row = sqlx::query("SELECT * FROM party.organisation WHERE short = $1")
        .bind(short)
        .fetch_optional(conn)
        .await?;
    row.map(|row| organisation(&row)).transpose()
}

pub(crate) async fn by_code(conn: &mut PgConnection, code: &str) -> Result<Option<Organisation>> {
    let row = sqlx::query("SELECT * FROM party.organisation WHERE credit_code = $1")
        .bind(code)
        .fetch_optional(conn)
        .await?;
    row.map(|row| organisation(&row)).transpose()
}

pub(crate) async fn below(
    conn: &mut PgConnection,
    parent: Option<Uuid>,
    paging: Paging,
) -> Result<(Vec<Organisation>, i64)> {
    let total = sqlx::query_scalar(
        "SELECT count(*) FROM party.organisation WHERE parent IS NOT DISTINCT FROM $1",
    )
    .bind(parent)
    .fetch_one(&mut *conn)
    .await?;
    let rows = sqlx::query(
        "SELECT * FROM party.organisation WHERE parent IS NOT DISTINCT FROM $1
         ORDER BY name_zh, id LIMIT $2 OFFSET $3",
    )
    .bind(parent)
    .bind(paging.limit())
    .bind(paging.offset())
    .fetch_all(conn)
    .await?;
    Ok((rows.iter().map(organisation).collect::<Result<_>>()?, total))
}

/// Governments and departments that are open, of one region or of all.
pub(crate) async fn departments(
    conn: &mut PgConnection,
    region: Option<&str>,
    today: Date,
) -> Result<Vec<Organisation>> {
    let rows = sqlx::query(
        "SELECT * FROM party.organisation
         WHERE kind IN ('government', 'department') AND ($1::text IS NULL OR region = $1)
           AND (closed IS NULL OR closed > $2)
         ORDER BY kind DESC, name_zh, id LIMIT $3",
    )
    .bind(region)
    .bind(today)
    .bind(LIMITS.list_rows)
    .fetch_all(conn)
    .await?;
    rows.iter().map(organisation).collect()
}

/// Creates an organisation; `false` when its short name or its credit code is taken.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    new: &NewOrganisation,
) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO party.organisation
            (id, parent, region, kind, name_zh, name_en, short, credit_code, representative)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(new.parent)
    .bind(&new.region)
    .bind(new.kind.word())
    .bind(&new.name.zh)
    .bind(&new.name.en)
    .bind(&new.short)
    .bind(&new.credit_code)
    .bind(new.representative)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn insert_post(conn: &mut PgConnection, id: Uuid, new: &NewPost) -> Result<()> {
    sqlx::query(
        "INSERT INTO party.post (id, organisation, title_zh, title_en, roles) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(new.organisation)
    .bind(&new.title.zh)
    .bind(&new.title.en)
    .bind(&new.roles)
    .execute(conn)
    .await?;
    Ok(())
}

pub(crate) async fn post(conn: &mut PgConnection, id: Uuid) -> Result<Option<Post>> {
    let row =
        sqlx::query("SELECT * FROM party.post WHERE id = $1").bind(id).fetch_optional(conn).await?;
    row.map(|row| post_of(&row)).transpose()
}

pub(crate) async fn posts(conn: &mut PgConnection, organisation: Uuid) -> Result<Vec<Post>> {
    let rows = sqlx::query(
        "SELECT * FROM party.post WHERE organisation = $1 ORDER BY title_zh, id LIMIT $2",
    )
    .bind(organisation)
    .bind(LIMITS.list_rows)
    .fetch_all(conn)
    .await?;
    rows.iter().map(post_of).collect()
}

/// Present and future holdings of an organisation's posts.
pub(crate) async fn holdings(
    ctx: &mut Ctx,
    organisation: Uuid,
    today: Date,
) -> Result<Vec<Holding>> {
    let rows = sqlx::query(
        "SELECT holding.*, person.name FROM party.holding
         JOIN party.post ON post.id = holding.post
         JOIN party.person ON person.id = holding.person
         WHERE post.organisation = $1 AND (holding.ends IS NULL OR holding.ends > $2)
         ORDER BY holding.id LIMIT $3",
    )
    .bind(organisation)
    .bind(today)
    .bind(LIMITS.list_rows)
    .fetch_all(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    let holdings: Result<Vec<Holding>> = rows.iter().map(|row| holding_of(&ring, row)).collect();
    let mut holdings = holdings?;
    holdings.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    Ok(holdings)
}

pub(crate) async fn holding(ctx: &mut Ctx, id: Uuid) -> Result<Option<Holding>> {
    let row = sqlx::query(
        "SELECT holding.*, person.name FROM party.holding
         JOIN party.person ON person.id = holding.person WHERE holding.id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let ring = ctx.keyring()?;
    row.map(|row| holding_of(&ring, &row)).transpose()
}

/// The roles that a person holds at some time between two days; the person is locked, so that two
/// holdings given at once see each other.
pub(crate) async fn roles_between(
    conn: &mut PgConnection,
    person: Uuid,
    starts: Date,
    ends: Option<Date>,
) -> Result<Vec<String>> {
    sqlx::query("SELECT FROM party.person WHERE id = $1 FOR UPDATE")
        .bind(person)
        .execute(&mut *conn)
        .await?;
    Ok(sqlx::query_scalar(
        "SELECT DISTINCT role
         FROM (SELECT post, starts, ends FROM party.holding WHERE person = $1
               UNION ALL
               SELECT post, starts, ends FROM party.substitution WHERE person = $1) AS held
         JOIN party.post ON post.id = held.post CROSS JOIN unnest(post.roles) AS role
         WHERE held.starts < coalesce($3, 'infinity'::date)
           AND coalesce(held.ends, 'infinity') > $2
         ORDER BY role LIMIT 500",
    )
    .bind(person)
    .bind(starts)
    .bind(ends)
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn insert_holding(conn: &mut PgConnection, holding: &Holding) -> Result<()> {
    sqlx::query(
        "INSERT INTO party.holding (id, post, person, starts, ends) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(holding.id)
    .bind(holding.post)
    .bind(holding.person)
    .bind(holding.starts)
    .bind(holding.ends)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a holding on a day; one that has not begun ends on its first day.
pub(crate) async fn end_holding(conn: &mut PgConnection, id: Uuid, on: Date) -> Result<()> {
    sqlx::query("UPDATE party.holding SET ends = greatest(starts, $2), told = true WHERE id = $1")
        .bind(id)
        .bind(on)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many people other than one hold an administrator's role; `ready`, only those with a password.
pub(crate) async fn administrators(
    conn: &mut PgConnection,
    role: &str,
    but: Option<Uuid>,
    ready: bool,
    today: Date,
) -> Result<i64> {
    Ok(sqlx::query_scalar(ADMINISTRATORS)
        .bind(role)
        .bind(but)
        .bind(today)
        .bind(ready)
        .fetch_one(conn)
        .await?)
}

pub(crate) async fn holders(
    ctx: &mut Ctx,
    organisation: Uuid,
    role: &str,
    today: Date,
) -> Result<Vec<Holder>> {
    let rows = sqlx::query(HOLDERS)
        .bind(organisation)
        .bind(role)
        .bind(today)
        .fetch_all(ctx.conn())
        .await?;
    let ring = ctx.keyring()?;
    let holder = |row: &PgRow| -> Result<Holder> {
        let person = row.try_get("person")?;
        Ok(Holder {
            post: row.try_get("post")?,
            title: text(row, "title")?,
            person,
            name: name(&ring, row, "name", person)?,
        })
    };
    let mut holders: Vec<Holder> = rows.iter().map(holder).collect::<Result<_>>()?;
    holders.sort_by(|one, other| (&one.name, one.post).cmp(&(&other.name, other.post)));
    Ok(holders)
}

/// Who holds a post today, substitutes left out.
pub(crate) async fn holders_of(
    conn: &mut PgConnection,
    post: Uuid,
    today: Date,
) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar(
        "SELECT DISTINCT person FROM party.holding
         WHERE post = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2) ORDER BY person LIMIT 200",
    )
    .bind(post)
    .bind(today)
    .fetch_all(conn)
    .await?)
}

/// Who can do the tasks of a role in an organisation on a day, by a holding or as a substitute, with an
/// account in use.
pub(crate) async fn serving(
    conn: &mut PgConnection,
    organisation: Uuid,
    role: &str,
    today: Date,
) -> Result<Vec<Serving>> {
    let rows =
        sqlx::query(SERVING).bind(organisation).bind(role).bind(today).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            Ok(Serving {
                person: row.try_get("person")?,
                account: row.try_get("account")?,
                holding: row.try_get("holding")?,
            })
        })
        .collect()
}

/// The posts that a person holds today or stands in for.
pub(crate) async fn held_by(
    conn: &mut PgConnection,
    person: Uuid,
    chosen: Option<Uuid>,
    today: Date,
) -> Result<Vec<OwnPost>> {
    let rows = sqlx::query(
        "SELECT * FROM (
            SELECT DISTINCT ON (post.id) post.*, organisation.name_zh, organisation.name_en,
                   held.starts, held.id AS held, held.standing_in, held.until
            FROM (SELECT id, post, starts, false AS standing_in, ends AS until FROM party.holding
                  WHERE person = $1 AND starts <= $2 AND (ends IS NULL OR ends > $2)
                  UNION ALL
                  SELECT id, post, starts, true, ends FROM party.substitution
                  WHERE person = $1 AND starts <= $2 AND ends > $2) AS held
            JOIN party.post ON post.id = held.post
            JOIN party.organisation ON organisation.id = post.organisation
            WHERE organisation.closed IS NULL OR organisation.closed > $2
            ORDER BY post.id, held.standing_in, held.starts, held.id) AS mine
         ORDER BY standing_in, starts, held LIMIT 50",
    )
    .bind(person)
    .bind(today)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let post = post_of(row)?;
            let is_chosen = chosen == Some(post.id);
            Ok(OwnPost {
                post,
                organisation: text(row, "name")?,
                chosen: is_chosen,
                standing_in: row.try_get("standing_in")?,
                until: row.try_get("until")?,
            })
        })
        .collect()
}

fn region_of(row: &PgRow) -> Result<Region> {
    Ok(Region {
        code: row.try_get("code")?,
        name: row.try_get("name")?,
        parent: row.try_get("parent")?,
        level: row.try_get("level")?,
    })
}

fn organisation(row: &PgRow) -> Result<Organisation> {
    let kind: String = row.try_get("kind")?;
    Ok(Organisation {
        id: row.try_get("id")?,
        parent: row.try_get("parent")?,
        region: row.try_get("region")?,
        kind: word(&kind, OrganisationKind::from_word)?,
        name: text(row, "name")?,
        short: row.try_get("short")?,
        credit_code: row.try_get("credit_code")?,
        closed: row.try_get("closed")?,
    })
}

fn post_of(row: &PgRow) -> Result<Post> {
    Ok(Post {
        id: row.try_get("id")?,
        organisation: row.try_get("organisation")?,
        title: text(row, "title")?,
        roles: row.try_get("roles")?,
    })
}

fn holding_of(ring: &Keyring, row: &PgRow) -> Result<Holding> {
    let person = row.try_get("person")?;
    Ok(Holding {
        id: row.try_get("id")?,
        post: row.try_get("post")?,
        person,
        name: name(ring, row, "name", person)?,
        starts: row.try_get("starts")?,
        ends: row.try_get("ends")?,
    })
}
