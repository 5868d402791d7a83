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

/// What a search asks of the database.
pub(crate) struct Asked<'a> {
    wanted: &'a Wanted,
    words: Option<InWords>,
}

/// A search in words of the index.
struct InWords {
    /// What titles must hold.
    title: String,
    /// What may stand anywhere.
    any: String,
    /// Every narrowing that is a word of the index too, each with the sign before it that joins it.
    narrow: String,
}

/// Lengths of the beginnings of a class that are words of the index.
const CLASS_WIDTHS: [usize; 3] = [1, 3, 6];

impl<'a> Asked<'a> {
    /// A search with the words for titles and those for anything, when there are words.
    pub(crate) fn new(wanted: &'a Wanted, words: Option<(String, String)>) -> Self {
        let words = words.map(|(title, any)| InWords { title, any, narrow: narrow(wanted) });
        Self { wanted, words }
    }

    pub(crate) fn has_words(&self) -> bool {
        self.words.is_some()
    }

    /// What the index is asked for the lines of a tier.
    fn query(&self, tier: Tier) -> Option<String> {
        let InWords { title, any, narrow } = self.words.as_ref()?;
        Some(match tier {
            Tier::Title => format!("({title}){narrow}"),
            Tier::Elsewhere => format!("({any}){narrow} & !({title})"),
            Tier::All => format!("({any}){narrow}"),
        })
    }

    /// The conditions as text with `$1` to `$7`; every statement binds all seven. Where there are words, one look into
    /// their index answers for the narrowing too: two looks would each bring all that fits the one or the other.
    fn conditions(&self) -> String {
        let (wanted, words) = (self.wanted, self.words.is_some());
        let mut all = Vec::new();
        let mut add = |there: bool, condition: &'static str| {
            if there {
                all.push(condition);
            }
        };
        add(words, "finds @@ $1::tsquery");
        add(wanted.provider.is_some() && !words, "provider = $2");
        let class = wanted.class.as_deref();
        let in_words = words && class.is_some_and(|class| class_word(class) == Some(class));
        add(class.is_some() && !in_words, "class LIKE $3 || '%'");
        add(wanted.sharing.is_some() && !words, "sharing = $4");
        add(wanted.openness.is_some() && !words, "openness = $5");
        add(wanted.cycle.is_some() && !words, "cycle = $6");
        add(wanted.format.is_some() && !words, "format = $7");
        // Parameters that no condition names still have a type.
        let types = "($1::text, $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text) IS NOT NULL IS NOT NULL";
        all.push(types);
        all.join(" AND ")
    }
}

/// The longest beginning of a class that is a word of the index; none where it has signs that no code has.
fn class_word(class: &str) -> Option<&str> {
    let width = CLASS_WIDTHS.iter().rev().find(|width| **width <= class.len())?;
    class.get(..*width).filter(|word| word.bytes().all(|sign| sign.is_ascii_alphanumeric()))
}

/// The narrowing in words of the index, as its column `finds` makes them. Nothing in it needs quoting.
fn narrow(wanted: &Wanted) -> String {
    let mut words = Vec::new();
    words.extend(wanted.provider.map(|one| format!("p{one}")));
    words.extend(wanted.class.as_deref().and_then(class_word).map(|class| format!("c{class}")));
    words.extend(wanted.sharing.map(|one| format!("s{}", one.word())));
    words.extend(wanted.openness.map(|one| format!("o{}", one.word())));
    words.extend(wanted.cycle.map(|one| format!("y{}", one.word())));
    words.extend(wanted.format.map(|one| format!("f{}", one.word())));
    words.iter().fold(String::new(), |narrow, word| narrow + " & '#" + word + "'")
}

macro_rules! bound {
    ($query:expr, $asked:expr, $tier:expr) => {
        $query
            .bind($asked.query($tier))
            .bind($asked.wanted.provider)
            .bind($asked.wanted.class.as_deref())
            .bind($asked.wanted.sharing.map(|one| one.word()))
            .bind($asked.wanted.openness.map(|one| one.word()))
            .bind($asked.wanted.cycle.map(|one| one.word()))
            .bind($asked.wanted.format.map(|one| one.word()))
            .persistent(false)
    };
}

/// Which lines: those whose title fits, those that fit elsewhere, or all that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Title,
    Elsewhere,
    All,
}

/// How lines are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the database sees fit.
    Free,
    /// Among so many of the newest only, which is quick where much fits.
    Newest(i64),
}

/// Whether the database may walk along an index or the table until enough rows fit, or puts together first which rows
/// fit. It cannot know how often words meet, and walks past everything when they never do.
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
    asked: &Asked<'_>,
    (tier, way): (Tier, Way),
    (after, rows_max): (i64, i64),
) -> Result<Vec<(i64, Line)>> {
    let from = match way {
        Way::Free => "catalog.shown".to_owned(),
        Way::Newest(rows) => format!(
            "(SELECT * FROM catalog.shown WHERE place < $8 ORDER BY place DESC LIMIT {rows}) AS newest_"
        ),
    };
    let statement = format!(
        "SELECT place, code, slug, title_zh, title_en, summary_zh, summary_en, provider, class, sharing, openness,
           cycle, format, published_on
         FROM {from} WHERE place < $8 AND {} ORDER BY place DESC LIMIT $9",
        asked.conditions()
    );
    let query = sqlx::query_as::<_, LineRow>(trusted(statement));
    let rows = bound!(query, asked, tier)
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
    asked: &Asked<'_>,
    counted_max: i64,
) -> Result<Vec<(i32, String, i64)>> {
    let statement = format!(
        "WITH hit AS MATERIALIZED (
           SELECT provider::text AS provider, left(class, $9) AS class, sharing, openness, cycle, format
           FROM catalog.shown WHERE {} LIMIT $8)
         SELECT CASE WHEN grouping(provider) = 0 THEN 1 WHEN grouping(class) = 0 THEN 2
                  WHEN grouping(sharing) = 0 THEN 3 WHEN grouping(openness) = 0 THEN 4
                  WHEN grouping(cycle) = 0 THEN 5 WHEN grouping(format) = 0 THEN 6 ELSE 0 END,
           coalesce(provider, class, sharing, openness, cycle, format, ''), count(*)
         FROM hit GROUP BY GROUPING SETS ((provider), (class), (sharing), (openness), (cycle), (format), ())
         ORDER BY 1, 3 DESC, 2",
        asked.conditions()
    );
    let width = match asked.wanted.class.as_deref().map_or(0, str::len) {
        0 => 1,
        1 => 3,
        3 => 6,
        longer => i32::try_from(longer).unwrap_or(i32::MAX),
    };
    let query = sqlx::query_as::<_, (i32, String, i64)>(trusted(statement));
    let query = bound!(query, asked, Tier::All).bind(counted_max).bind(width);
    query.fetch_all(conn).await.map_err(stored)
}
