//! Quality: how complete, consistent and fresh a dataset is. What SQL can see is looked at in one scan; values that stand
//! sealed, check digits and FEEL are looked at by the program, page by page, and each result says which of the two it was.

mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_base::code::canonical;
use zhengtong_calendar::china_date;
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Ctx, Db, Thing};

use crate::error::Result;
use crate::model::{Catalog, Dataset, Purpose, Record, Row};
use crate::reading::{self, masked, named, thing};
use crate::sealed::{Sealing, bytes_text};
use crate::store::{self, Stored};
use crate::value::raw;
use crate::writing::is_broken;

pub(crate) use rules::Test;
pub use rules::{Aspect, Rule};

/// The job that looks at all datasets.
const JOB: &str = "registry.quality";
/// Records that the program looks at in one page.
const PAGE: i64 = 5_000;
/// Looks that the trend shows.
const TREND: i64 = 30;
/// Failing records of one page.
const FOUND_MAX: i64 = 100;

/// What a rule came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleResult {
    /// The rule.
    pub rule: String,
    /// What people call it, in Chinese and English.
    pub title: Text,
    /// How many records break it; for rules about the dataset as a whole 1 or 0.
    pub broken: i64,
    /// Who looked: `sql` in the one scan, or `program` record by record.
    pub by: String,
    /// Whether it is about the dataset as a whole, so that no record breaks it.
    #[serde(default)]
    pub whole: bool,
}

/// One look at a dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct QualityRun {
    /// The identifier.
    pub id: Uuid,
    /// The dataset.
    pub dataset: String,
    /// How many records there were.
    pub records: i64,
    /// The share of what must be there that is there.
    pub completeness: f64,
    /// The share of records by rules that fit.
    pub consistency: f64,
    /// The share of the rules of freshness that hold.
    pub timeliness: f64,
    /// What each rule came to.
    pub results: Vec<RuleResult>,
    /// When it was.
    pub at: OffsetDateTime,
}

/// The three scores of a dataset at its last look. They say nothing of any record, so everybody may read them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// The share of what must be there that is there.
    pub completeness: f64,
    /// The share of records by rules that fit.
    pub consistency: f64,
    /// The share of the rules of freshness that hold.
    pub timeliness: f64,
    /// When it was looked at.
    pub at: OffsetDateTime,
}

/// Looks at a dataset: counts what breaks its rules and keeps every such record.
pub async fn check_quality(ctx: &mut Ctx, dataset: &str) -> Result<QualityRun> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.check", &thing(&catalog, dataset, &Purpose::new("quality")))?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let (rules, today) = (rules::rules(&catalog, dataset), china_date(ctx.now));
    let asked: Vec<(&Rule, String)> = rules
        .iter()
        .filter_map(|rule| Some((rule, store::condition(&catalog, dataset, rule, today)?)))
        .collect();
    let conditions: Vec<String> = asked.iter().map(|(_, condition)| condition.clone()).collect();
    let scanned = store::scan(ctx.conn(), dataset, &conditions).await?;
    let arrived = store::arrived(ctx.conn(), Some(&dataset.id)).await?;
    let newest = scanned.newest.max(arrived.get(&dataset.id).copied());
    let id = ctx.id();
    let mut broken: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for ((rule, _), count) in asked.iter().zip(&scanned.broken) {
        broken.insert(&rule.id, (*count, "sql"));
    }
    let mut found: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    let left: Vec<&Rule> =
        rules.iter().filter(|rule| !broken.contains_key(rule.id.as_str())).collect();
    for rule in &left {
        let whole = whole(rule, scanned.records, newest, ctx.now);
        match whole {
            Some(fails) => broken.insert(&rule.id, (i64::from(fails), "sql")),
            None => broken.insert(&rule.id, (0, "program")),
        };
    }
    let left: Vec<&Rule> = left
        .into_iter()
        .filter(|rule| broken.get(rule.id.as_str()).is_some_and(|(_, by)| *by == "program"))
        .collect();
    if !left.is_empty() {
        walk(ctx, &sealing, dataset, &left, &mut found).await?;
    }
    for (rule, records) in &found {
        let count = i64::try_from(records.len()).unwrap_or(i64::MAX);
        broken.insert(rule, (count, "program"));
    }
    let run = run_of(&rules, &broken, (id, dataset, scanned.records, ctx.now));
    store::keep_run(ctx.conn(), &run).await?;
    let failing: Vec<(String, String)> = asked
        .iter()
        .zip(&scanned.broken)
        .filter(|(_, count)| **count > 0)
        .map(|((rule, condition), _)| (rule.id.clone(), condition.clone()))
        .collect();
    if !failing.is_empty() {
        store::keep_broken(ctx.conn(), dataset, id, &failing).await?;
    }
    for (rule, records) in &found {
        store::keep_found(ctx.conn(), id, rule, records).await?;
    }
    let act = ctx
        .act("registry.check", "dataset", dataset.id.clone())
        .because(format!("质量检查 {} 条记录 / quality of {} records", run.records, run.records));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(run)
}

/// The newest look at each dataset.
pub async fn quality(ctx: &mut Ctx) -> Result<Vec<QualityRun>> {
    ctx.allow("registry.quality", &Thing::new("dataset", "all"))?;
    store::runs(ctx.conn(), None, 0).await
}

/// The last looks at a dataset, the newest first.
pub async fn quality_of(ctx: &mut Ctx, dataset: &str) -> Result<Vec<QualityRun>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.quality", &thing(&catalog, dataset, &Purpose::new("quality")))?;
    store::runs(ctx.conn(), Some(&dataset.id), TREND).await
}

/// The scores of a dataset, once it was looked at.
pub async fn scores(ctx: &mut Ctx, dataset: &str) -> Result<Option<Scores>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.scores", &thing(&catalog, dataset, &Purpose::new("quality")))?;
    let newest = store::runs(ctx.conn(), Some(&dataset.id), 1).await?;
    Ok(newest.first().map(|run| Scores {
        completeness: run.completeness,
        consistency: run.consistency,
        timeliness: run.timeliness,
        at: run.at,
    }))
}

/// Records that broke a rule at the newest look, masked, after one of them.
pub async fn quality_faults(
    ctx: &mut Ctx,
    dataset: &str,
    rule: &str,
    after: Uuid,
) -> Result<Vec<Row>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.quality", &thing(&catalog, dataset, &Purpose::new("quality")))?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let newest = store::runs(ctx.conn(), Some(&dataset.id), 1).await?;
    let Some(run) = newest.first() else { return Ok(Vec::new()) };
    let ids = store::found(ctx.conn(), run.id, rule, (after, FOUND_MAX)).await?;
    let stored = store::records_of(ctx.conn(), &sealing, dataset, &ids).await?;
    let act = ctx.act("registry.quality", "dataset", dataset.id.clone()).because(format!(
        "{} 条违反规则 {rule} 的记录 / {} records that break {rule}",
        stored.len(),
        stored.len()
    ));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(stored.into_iter().map(|stored| masked(ctx, &catalog, dataset, stored)).collect())
}

/// A record that broke a rule at the newest look, with the rule, for whoever sends it back to its source.
pub async fn quality_fault(
    ctx: &mut Ctx,
    dataset: &str,
    rule: &str,
    record: Uuid,
) -> Result<Option<(Rule, Record)>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.quality", &thing(&catalog, dataset, &Purpose::new("quality")))?;
    let rule = rules::rules(&catalog, dataset).into_iter().find(|one| one.id == rule);
    let newest = store::runs(ctx.conn(), Some(&dataset.id), 1).await?;
    let (Some(rule), Some(run)) = (rule, newest.first()) else { return Ok(None) };
    // Identifiers are kept in order: the one that comes next after the one before it is this one, or it is not there.
    let before = Uuid::from_u128(record.as_u128().saturating_sub(1));
    let next = store::found(ctx.conn(), run.id, &rule.id, (before, 1)).await?;
    if !next.contains(&record) {
        return Ok(None);
    }
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let stored = store::records_of(ctx.conn(), &sealing, dataset, &[record]).await?;
    let Some(stored) = stored.into_iter().next() else { return Ok(None) };
    let purpose = Purpose::new(format!("违反规则 {0} / breaks {0}", rule.id));
    reading::note(ctx, "registry.quality", dataset, Some(&stored), &purpose).await?;
    Ok(Some((rule, reading::record(dataset, stored))))
}

/// Rules about the dataset as a whole; none for rules about records.
fn whole(
    rule: &Rule,
    records: i64,
    newest: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Option<bool> {
    match rule.test {
        Test::Freshness(days) => {
            Some(newest.is_none_or(|newest| now - newest > time::Duration::days(i64::from(days))))
        }
        Test::RowCount(min, max) => {
            Some(min.is_some_and(|min| records < min) || max.is_some_and(|max| records > max))
        }
        _ => None,
    }
}

/// Looks at each record in turn, for the rules that SQL cannot see.
async fn walk<'a>(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    rules: &[&'a Rule],
    found: &mut BTreeMap<&'a str, Vec<Uuid>>,
) -> Result<()> {
    let today = china_date(ctx.now);
    let mut after = Uuid::nil();
    let mut seen: BTreeMap<&str, BTreeMap<String, Uuid>> = BTreeMap::new();
    loop {
        let page = store::records_from(ctx.conn(), sealing, dataset, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id;
        for rule in rules {
            let broken: Vec<Uuid> = match &rule.test {
                Test::Reference(target) => absent(ctx, sealing, rule, target, &page).await?,
                Test::Unique => doubles(rule, &page, seen.entry(&rule.id).or_default()),
                _ => page
                    .iter()
                    .filter(|stored| breaks(sealing.catalog, dataset, rule, stored, today))
                    .map(|stored| stored.id)
                    .collect(),
            };
            if !broken.is_empty() {
                found.entry(&rule.id).or_default().extend(broken);
            }
        }
    }
}

fn text_of(rule: &Rule, stored: &Stored) -> Option<String> {
    stored.values.get(rule.field.as_deref()?).and_then(raw)
}

fn breaks(catalog: &Catalog, dataset: &Dataset, rule: &Rule, stored: &Stored, today: Date) -> bool {
    if let Test::Feel(expr) = &rule.test {
        return is_broken(catalog, dataset, &stored.values, today, expr);
    }
    let Some(text) = text_of(rule, stored) else { return false };
    match &rule.test {
        Test::Check(name) => {
            canonical(name).is_some_and(|check| check(&text, today).ok().as_ref() != Some(&text))
        }
        Test::Geometry => zhengtong_geometry::Geometry::read(&text).is_err(),
        Test::Code(codes) => !text.split(',').all(|code| codes.iter().any(|known| known == code)),
        Test::Pattern(pattern) => {
            regex_lite::Regex::new(pattern).is_ok_and(|pattern| !pattern.is_match(&text))
        }
        Test::Range(min, max) => stored
            .values
            .get(rule.field.as_deref().unwrap_or_default())
            .and_then(Value::as_f64)
            .is_some_and(|number| outside(number, *min, *max)),
        _ => false,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bounds of packs are far below the digits of a float"
)]
fn outside(number: f64, min: Option<i64>, max: Option<i64>) -> bool {
    min.is_some_and(|min| number < min as f64) || max.is_some_and(|max| number > max as f64)
}

fn doubles(rule: &Rule, page: &[Stored], seen: &mut BTreeMap<String, Uuid>) -> Vec<Uuid> {
    let mut broken = Vec::new();
    for stored in page {
        let Some(text) = text_of(rule, stored) else { continue };
        if let Some(first) = seen.insert(text, stored.id) {
            broken.push(first);
            broken.push(stored.id);
        }
    }
    broken.sort_unstable();
    broken.dedup();
    broken
}

async fn absent(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    rule: &Rule,
    target: &str,
    page: &[Stored],
) -> Result<Vec<Uuid>> {
    let Some(target) = sealing.catalog.dataset(target) else { return Ok(Vec::new()) };
    let key = target.key.first().and_then(|key| target.field(key));
    let Some(key) = key.filter(|_| target.key.len() == 1) else { return Ok(Vec::new()) };
    let mut by_shown: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for stored in page {
        let Some(text) = text_of(rule, stored) else { continue };
        let shown = if sealing.catalog.is_sealed(key) {
            bytes_text(&sealing.index(target, key, &text)?)
        } else {
            text
        };
        by_shown.entry(shown).or_default().push(stored.id);
    }
    let wanted: Vec<String> = by_shown.keys().cloned().collect();
    let missing = store::absent(ctx.conn(), sealing, target, &wanted).await?;
    Ok(missing.into_iter().filter_map(|shown| by_shown.remove(&shown)).flatten().collect())
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than a float has")]
fn run_of(
    rules: &[Rule],
    broken: &BTreeMap<&str, (i64, &str)>,
    (id, dataset, records, at): (Uuid, &Dataset, i64, OffsetDateTime),
) -> QualityRun {
    let share = |aspect: Aspect| {
        let (mut bad, mut all) = (0.0, 0.0);
        for rule in rules.iter().filter(|rule| rule.aspect == aspect) {
            let weight = if rule.is_whole() { 1.0 } else { records.max(1) as f64 };
            let count = broken.get(rule.id.as_str()).map_or(0, |(count, _)| *count) as f64;
            // Each rule weighs the same, however many records there are.
            bad += (count / weight).min(1.0);
            all += 1.0;
        }
        if all > 0.0 { 1.0 - bad / all } else { 1.0 }
    };
    let result = |rule: &Rule| {
        let (count, by) = broken.get(rule.id.as_str()).copied().unwrap_or((0, "sql"));
        RuleResult {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            broken: count,
            by: by.to_owned(),
            whole: rule.is_whole(),
        }
    };
    QualityRun {
        id,
        dataset: dataset.id.clone(),
        records,
        completeness: share(Aspect::Completeness),
        consistency: share(Aspect::Consistency),
        timeliness: share(Aspect::Timeliness),
        results: rules.iter().map(result).collect(),
        at,
    }
}

/// The nightly look at all datasets.
#[must_use]
pub(crate) fn attach(work: Work) -> Work {
    work.on(JOB, |db, _job| async move { nightly(&db).await.map_err(|error| error.to_string()) })
        .at(CronEntry { name: JOB, pattern: "30 4 * * *", job: JOB })
}

async fn nightly(db: &Db) -> Result<()> {
    let catalog = db.defs::<Catalog>()?;
    for id in catalog.datasets.keys() {
        let mut ctx = db.begin_system("registry.quality").await?;
        check_quality(&mut ctx, id).await?;
        ctx.commit().await?;
    }
    Ok(())
}
