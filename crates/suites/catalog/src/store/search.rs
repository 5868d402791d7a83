//! What the public finds. Statements are put together from constant parts: each narrowing is a condition only when it is
//! asked for, so that the database plans each search for what it is.

use sqlx::{FromRow, PgConnection};
use time::Date;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::sql::trusted;

use super::{stored, unknown};
use crate::error::Result;
use crate::kinds::{Cycle, Format, Openness, parse_sharing};
use crate::model::{Body, Line, Wanted};

/// What is kept of a resource for the search.
pub(crate) struct Row<'a> {
    pub(crate) resource: Uuid,
    pub(crate) code: &'a str,
    pub(crate) slug: &'a str,
    pub(crate) provider: Uuid,
    pub(crate) published: Date,
    pub(crate) words: Vec<String>,
}

/// Puts a resource in front of the directory, or takes it out.
pub(crate) async fn show(conn: &mut PgConnection, row: &Row<'_>, body: &Body) -> Result<()> {
    hide(conn, row.resource).await?;
    sqlx::query(
        "INSERT INTO catalog.shown (resource, code, slug, title_zh, title_en, summary_zh, summary_en, provider, class,
           sharing, openness, cycle, format, published_on, words)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, array_to_tsvector($15))",
    )
    .bind(row.resource)
    .bind(row.code)
    .bind(row.slug)
    .bind(&body.title.zh)
    .bind(&body.title.en)
    .bind(&body.summary.zh)
    .bind(&body.summary.en)
    .bind(row.provider)
    .bind(&body.class)
    .bind(body.sharing.kind.word())
    .bind(body.openness.kind.word())
    .bind(body.cycle.word())
    .bind(body.format.word())
    .bind(row.published)
    .bind(&row.words)
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

pub(crate) async fn hide(conn: &mut PgConnection, resource: Uuid) -> Result<()> {
    sqlx::query("DELETE FROM catalog.shown WHERE resource = $1")
        .bind(resource)
        .execute(conn)
        .await
        .map_err(stored)?;
    Ok(())
}

#[derive(FromRow)]
struct LineRow {
    place: i64,
    code: String,
    slug: String,
    title_zh: String,
    title_en: String,
    summary_zh: String,
    summary_en: String,
    provider: Uuid,
    class: String,
    sharing: String,
    openness: String,
    cycle: String,
    format: String,
    published_on: Date,
}

impl LineRow {
    fn whole(self) -> Result<(i64, Line)> {
        let line = Line {
            code: self.code,
            slug: self.slug,
            title: Text::new(self.title_zh, self.title_en),
            summary: Text::new(self.summary_zh, self.summary_en),
            provider: self.provider,
            class: self.class,
            sharing: parse_sharing(&self.sharing).ok_or_else(|| unknown(&self.sharing))?,
            openness: Openness::parse(&self.openness).ok_or_else(|| unknown(&self.openness))?,
            cycle: Cycle::parse(&self.cycle).ok_or_else(|| unknown(&self.cycle))?,
            format: Format::parse(&self.format).ok_or_else(|| unknown(&self.format))?,
            published: self.published_on,
        };
        Ok((self.place, line))
    }
}

/// The conditions of a search as text with `$1` to `$8`; every statement binds all eight.
fn conditions(wanted: &Wanted, words: &[&str]) -> String {
    let mut all: Vec<&str> = words.to_vec();
    let mut add = |there: bool, condition: &'static str| {
        if there {
            all.push(condition);
        }
    };
    add(wanted.provider.is_some(), "provider = $3");
    add(wanted.class.is_some(), "class LIKE $4 || '%'");
    add(wanted.sharing.is_some(), "sharing = $5");
    add(wanted.openness.is_some(), "openness = $6");
    add(wanted.cycle.is_some(), "cycle = $7");
    add(wanted.format.is_some(), "format = $8");
    // Parameters that no condition names still have a type.
    let types = "($1::text, $2::text, $3::uuid, $4::text, $5::text, $6::text, $7::text, $8::text) IS NOT NULL IS NOT NULL";
    all.push(types);
    all.join(" AND ")
}

/// What a search binds: the words for titles, the words for anything.
pub(crate) type Words = Option<(String, String)>;

macro_rules! bound {
    ($query:expr, $words:expr, $wanted:expr) => {
        $query
            .bind($words.as_ref().map(|(title, _)| title.as_str()))
            .bind($words.as_ref().map(|(_, any)| any.as_str()))
            .bind($wanted.provider)
            .bind($wanted.class.as_deref())
            .bind($wanted.sharing.map(|one| one.word()))
            .bind($wanted.openness.map(|one| one.word()))
            .bind($wanted.cycle.map(|one| one.word()))
            .bind($wanted.format.map(|one| one.word()))
            .persistent(false)
    };
}

/// Which lines: those whose title fits, those that fit elsewhere, or all when there are no words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Title,
    Elsewhere,
    All,
}

/// Whether the database may walk along an index until enough rows fit, or puts together first which rows fit. It cannot
/// know how often a word occurs within a class, and walks past everything when the two never meet.
pub(crate) async fn walk(conn: &mut PgConnection, may: bool) -> Result<()> {
    let statement = if may {
        "SET LOCAL enable_indexscan TO DEFAULT; SET LOCAL enable_seqscan TO DEFAULT"
    } else {
        "SET LOCAL enable_indexscan = off; SET LOCAL enable_seqscan = off"
    };
    sqlx::raw_sql(statement).execute(conn).await.map_err(stored)?;
    Ok(())
}

/// Lines of a tier that stand after a place, the newest first.
pub(crate) async fn lines(
    conn: &mut PgConnection,
    (wanted, words): (&Wanted, &Words),
    tier: Tier,
    (after, rows_max): (i64, i64),
) -> Result<Vec<(i64, Line)>> {
    let fits: &[&str] = match tier {
        Tier::Title => &["words @@ $1::tsquery"],
        Tier::Elsewhere => &["words @@ $2::tsquery", "NOT words @@ $1::tsquery"],
        Tier::All => &[],
    };
    let statement = format!(
        "SELECT place, code, slug, title_zh, title_en, summary_zh, summary_en, provider, class, sharing, openness,
           cycle, format, published_on
         FROM catalog.shown WHERE place < $9 AND {} ORDER BY place DESC LIMIT $10",
        conditions(wanted, fits)
    );
    let query = sqlx::query_as::<_, LineRow>(trusted(statement));
    let rows = bound!(query, words, wanted)
        .bind(after)
        .bind(rows_max)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    rows.into_iter().map(LineRow::whole).collect()
}

/// How many lines there are of each choice, among at most so many: which facet by its place in the list, the value, the
/// count. The first row of facet 0 is how many there are in all.
pub(crate) async fn facets(
    conn: &mut PgConnection,
    (wanted, words): (&Wanted, &Words),
    counted_max: i64,
) -> Result<Vec<(i32, String, i64)>> {
    let fits: &[&str] = if words.is_some() { &["words @@ $2::tsquery"] } else { &[] };
    let statement = format!(
        "WITH hit AS MATERIALIZED (
           SELECT provider::text AS provider, left(class, $10) AS class, sharing, openness, cycle, format
           FROM catalog.shown WHERE {} LIMIT $9)
         SELECT CASE WHEN grouping(provider) = 0 THEN 1 WHEN grouping(class) = 0 THEN 2
                  WHEN grouping(sharing) = 0 THEN 3 WHEN grouping(openness) = 0 THEN 4
                  WHEN grouping(cycle) = 0 THEN 5 WHEN grouping(format) = 0 THEN 6 ELSE 0 END,
           coalesce(provider, class, sharing, openness, cycle, format, ''), count(*)
         FROM hit GROUP BY GROUPING SETS ((provider), (class), (sharing), (openness), (cycle), (format), ())
         ORDER BY 1, 3 DESC, 2",
        conditions(wanted, fits)
    );
    let width = match wanted.class.as_deref().map_or(0, str::len) {
        0 => 1,
        1 => 3,
        3 => 6,
        longer => i32::try_from(longer).unwrap_or(i32::MAX),
    };
    let query = sqlx::query_as::<_, (i32, String, i64)>(trusted(statement));
    bound!(query, words, wanted).bind(counted_max).bind(width).fetch_all(conn).await.map_err(stored)
}
