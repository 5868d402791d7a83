//! The public directory: search with facets, one resource with its versions and where its data comes from.

use std::collections::BTreeMap;

use zhengtong_base::{Limits, Text};
use zhengtong_db::{Ctx, Thing};
use zhengtong_registry::Catalog;

use crate::error::{Error, Result};
use crate::kinds::State;
use crate::model::{Facet, Found, Line, Lineage, Linked, Shown, Tie, Wanted};
use crate::part::Directory;
use crate::store::{self, Asked, Tier, Way};
use crate::words;

/// Lines on one page.
pub const LINES: usize = 20;
/// Up to how many finds are counted.
pub const COUNTED_MAX: i64 = 10_000;
/// From how many finds on it is likely that the newest hold a page.
const WALKED_MIN: i64 = 1_000;
/// So many of the newest are looked at for that.
const WALKED: i64 = 2_000;
/// Ties of one resource that are shown.
const TIES_MAX: i64 = 200;

/// What is found, a page of it, with how many there are of each choice.
pub async fn search(ctx: &mut Ctx, wanted: &Wanted) -> Result<Found> {
    ctx.allow("catalog.read", &Thing::new("directory", "all"))?;
    let most = Limits::default().query_chars;
    if wanted.words.chars().count() > most {
        return Err(Error::field(
            "q",
            format!("最多 {most} 字"),
            format!("at most {most} characters"),
        ));
    }
    let begin = begin(wanted)?;
    // Signs alone ask for nothing: everything is shown.
    let asked = Asked::new(wanted, words::query(&wanted.words));
    if asked.has_words() {
        store::walk(ctx.conn(), false).await?;
    }
    let rows = store::facets(ctx.conn(), &asked, COUNTED_MAX + 1).await?;
    let mut found = Found { lines: Vec::new(), next: None, total: 0, facets: BTreeMap::new() };
    for (facet, value, count) in rows {
        let facet = match facet {
            0 => {
                found.total = count;
                continue;
            }
            1 => Facet::Provider,
            2 => Facet::Class,
            3 => Facet::Sharing,
            4 => Facet::Openness,
            5 => Facet::Cycle,
            _ => Facet::Format,
        };
        found.facets.entry(facet).or_default().push((value, count));
    }
    if found.total > 0 {
        (found.lines, found.next) = page(ctx, &asked, (begin, found.total)).await?;
    }
    if asked.has_words() {
        store::walk(ctx.conn(), true).await?;
    }
    Ok(found)
}

/// Where a page begins: in which tier, and after which place there.
fn begin(wanted: &Wanted) -> Result<(char, i64)> {
    let Some(mark) = wanted.after.as_deref() else { return Ok(('t', i64::MAX)) };
    mark.split_at_checked(1)
        .filter(|(_, place)| place.bytes().all(|sign| sign.is_ascii_digit()))
        .and_then(|(tier, place)| Some((tier.chars().next()?, place.parse().ok()?)))
        .filter(|(tier, _)| ['t', 'e'].contains(tier))
        .ok_or_else(|| Error::field("after", "这一页找不到了", "there is no such page"))
}

/// A page and where the next begins. Titles that fit come before what fits elsewhere; a mark says in which of both the
/// page before ended.
async fn page(
    ctx: &mut Ctx,
    asked: &Asked<'_>,
    ((first, after), total): ((char, i64), i64),
) -> Result<(Vec<Line>, Option<String>)> {
    let rows_max = i64::try_from(LINES).unwrap_or(i64::MAX) + 1;
    let tiers: &[(char, Tier)] = match (asked.has_words(), first) {
        (false, _) => &[('t', Tier::All)],
        (true, 't') => &[('t', Tier::Title), ('e', Tier::Elsewhere)],
        (true, _) => &[('e', Tier::Elsewhere)],
    };
    let (mut lines, mut marks) = (Vec::new(), Vec::new());
    let mut from = after;
    for (mark, tier) in tiers {
        let missing = rows_max - i64::try_from(lines.len()).unwrap_or(rows_max);
        if missing == 0 {
            break;
        }
        let some = lines_of(ctx, asked, *tier, (from, missing, total)).await?;
        for (place, line) in some {
            lines.push(line);
            marks.push(format!("{mark}{place}"));
        }
        from = i64::MAX;
    }
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let next = more.then(|| marks.into_iter().nth(LINES - 1)).flatten();
    Ok((lines, next))
}

/// Lines of a tier after a place. Where much is found, the newest are likely to hold enough of them; where they do not,
/// there are few, and the index puts these together.
async fn lines_of(
    ctx: &mut Ctx,
    asked: &Asked<'_>,
    tier: Tier,
    (from, missing, total): (i64, i64, i64),
) -> Result<Vec<(i64, Line)>> {
    if asked.has_words() && total >= WALKED_MIN {
        store::walk(ctx.conn(), true).await?;
        let newest = Way::Newest(WALKED);
        let some = store::lines(ctx.conn(), asked, (tier, newest), (from, missing)).await?;
        store::walk(ctx.conn(), false).await?;
        if i64::try_from(some.len()).is_ok_and(|found| found == missing) {
            return Ok(some);
        }
    }
    store::lines(ctx.conn(), asked, (tier, Way::Free), (from, missing)).await
}

/// A resource by its code or the code in addresses: the version in force, or one that is asked for. What was never
/// published is not there.
pub async fn resource(ctx: &mut Ctx, code: &str, number: Option<i32>) -> Result<Shown> {
    ctx.allow("catalog.read", &Thing::new("directory", code))?;
    let absent = || zhengtong_db::Error::absent("resource", code);
    let id = store::by_code(ctx.conn(), code).await?.ok_or_else(absent)?;
    let mut resource = store::resource(ctx.conn(), id, false).await?.ok_or_else(absent)?;
    let public = [State::Published, State::Replaced, State::Withdrawn];
    resource.versions.retain(|version| public.contains(&version.state));
    let version = match number {
        Some(number) => resource.versions.iter().find(|version| version.number == number),
        None => resource.versions.first(),
    };
    let version = version.cloned().ok_or_else(absent)?;
    let provider = zhengtong_party::organisation(ctx, resource.provider).await?;
    let (directory, registry) = (ctx.defs::<Directory>()?, ctx.defs::<Catalog>()?);
    let named = resource.code.clone().unwrap_or_default();
    let links = store::ties(ctx.conn(), id, &named, TIES_MAX).await?;
    let links = links.into_iter().map(|(kind, code, slug, zh, en)| Linked {
        tie: match kind.as_str() {
            "source" => Tie::Source,
            "product" => Tie::Product,
            _ => Tie::Related,
        },
        title: zh.zip(en).map_or_else(|| Text::same(code.clone()), |(zh, en)| Text::new(zh, en)),
        code,
        slug,
    });
    let links = links.collect();
    let lineage = version.body.dataset.as_deref().and_then(|name| lineage(&registry, name));
    let arrival = store::arrival(ctx.conn(), id).await?;
    let scores = match &lineage {
        Some(lineage) => zhengtong_registry::scores(ctx, &lineage.dataset).await?,
        None => None,
    };
    Ok(Shown {
        classes: directory.path(&version.body.class),
        provider: provider.name,
        provider_code: provider.credit_code,
        resource,
        version,
        links,
        lineage,
        arrival,
        scores,
    })
}

/// Where the data of a dataset comes from, field by field.
pub(crate) fn lineage(registry: &Catalog, name: &str) -> Option<Lineage> {
    let dataset = registry.dataset(name)?;
    let title = |name: &str| {
        registry.dataset(name).map_or_else(|| Text::same(name), |found| found.title.clone())
    };
    let (mut references, mut authorities) = (Vec::new(), Vec::new());
    for field in &dataset.fields {
        if let Some(other) = &field.references {
            references.push((field.title.clone(), other.clone(), title(other)));
        }
        let authority = registry.element(&field.element).and_then(|one| one.authority.clone());
        if let Some(other) = authority.filter(|other| other != name) {
            let of = title(&other);
            authorities.push((field.title.clone(), other, of));
        }
    }
    Some(Lineage {
        dataset: name.to_owned(),
        title: dataset.title.clone(),
        references,
        authorities,
    })
}
