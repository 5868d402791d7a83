//! A run: what was recorded in a period becomes rows, rows are checked, what changed goes into files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;
use uuid::Uuid;
use zhengtong_base::Limits;
use zhengtong_calendar::{china_date, china_midnight};
use zhengtong_casework::Way;
use zhengtong_crypto::{Digest, SigningKey};
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Ctx, Thing};
use zhengtong_party::Organisation;

use crate::case::{self, Around, moment};
use crate::error::{Error, Result};
use crate::item;
use crate::model::{Fault, Items, Order, Package, RatingFacts, Run, TableCount};
use crate::package::{self, MANIFEST, Row, SIGNATURE};
use crate::store;
use crate::table::tables;

/// The job that makes a run that an administrator ordered.
pub const JOB: &str = "reporting.up";
/// Fewest characters of a reason.
const REASON_CHARS_MIN: usize = 4;
/// Longest period of one run.
const DAYS_MAX: i64 = 366;
/// Cases read at once.
const CASES: u32 = 200;
/// Runs on the page.
const RUNS: i64 = 50;
/// Faults on the page.
const FAULTS: i64 = 1_000;

/// What an administrator asks for; the job is told no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: String,
}

/// Asks for a run. The platform makes it and lays it where it is fetched; whoever asks sees counts and faults, no row.
pub async fn order(ctx: &mut Ctx, from: Date, to: Date, reason: &str) -> Result<()> {
    ctx.allow("reporting.order", &Thing::new("report", "run"))?;
    sensible(ctx, (from, to), reason)?;
    let (reason, by) = (reason.trim().to_owned(), ctx.actor.name.clone());
    let why = format!("{from} – {to}: {reason}");
    let act = ctx.act("reporting.order", "report", "run").because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let wanted = Wanted { from, to, reason, by };
    let payload = serde_json::to_value(&wanted).map_err(zhengtong_db::Error::from)?;
    let now = ctx.now;
    ctx.enqueue(NewJob::now(JOB, &payload, now)).await?;
    Ok(())
}

/// The latest runs.
pub async fn runs(ctx: &mut Ctx) -> Result<Vec<Run>> {
    ctx.allow("reporting.read", &Thing::new("report", "run"))?;
    store::runs(ctx.conn(), RUNS).await
}

/// What a run has left out.
pub async fn faults(ctx: &mut Ctx, run: Uuid) -> Result<Vec<Fault>> {
    ctx.allow("reporting.read", &Thing::new("report", "run"))?;
    store::faults(ctx.conn(), run, FAULTS).await
}

/// Makes a run; for the platform alone. The files are the caller's to lay down before the transaction ends, so that
/// what counts as sent is there.
pub async fn up(ctx: &mut Ctx, order: &Order, by: &str, key: &SigningKey) -> Result<Package> {
    ctx.allow("reporting.export", &Thing::new("platform", "report"))?;
    sensible(ctx, (order.from, order.to), &order.reason)?;
    let why = format!("{} – {}: {} ({by})", order.from, order.to, order.reason);
    let act = ctx.act("reporting.export", "report", "run").because(why);
    let entry = zhengtong_ledger::append(ctx.conn(), &act).await?;
    let compact = format_description!("[year][month][day]");
    let day = china_date(ctx.now).format(compact).unwrap_or_default();
    let batch = format!("ZT{day}-{}", entry.0);
    let rows = collect(ctx, order).await?;
    let id = ctx.id();
    let mut run = Run {
        id,
        batch: batch.clone(),
        from: order.from,
        to: order.to,
        by: by.to_owned(),
        at: ctx.now,
        tables: Vec::new(),
        manifest: String::new(),
        left_out: 0,
    };
    store::insert_run(ctx.conn(), &run, &order.reason).await?;
    let (files, faults) = send(ctx, &mut run, rows).await?;
    let stamp = moment(ctx.now);
    let left_out = usize::try_from(run.left_out).unwrap_or(0);
    let manifest = package::manifest(&batch, order, (&stamp, left_out), &run.tables);
    run.manifest = Digest::of(&manifest).to_string();
    store::finish_run(ctx.conn(), &run).await?;
    let mut files = files;
    files.push((SIGNATURE.to_owned(), package::signature(&manifest, key)));
    files.push((MANIFEST.to_owned(), manifest));
    Ok(Package { run, files, faults })
}

type Files = Vec<(String, Vec<u8>)>;

/// Checks rows and keeps what is sent; the files and what was left out.
async fn send(ctx: &mut Ctx, run: &mut Run, rows: Vec<Row>) -> Result<(Files, Vec<Fault>)> {
    let mut by_table: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for row in rows {
        by_table.entry(row.table).or_default().push(row);
    }
    let stamp = moment(ctx.now);
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for table in tables() {
        let Some(rows) = by_table.remove(table.name) else { continue };
        let before = store::sent(ctx.conn(), table.name, &guids(&rows)).await?;
        let (mut sent, mut same, mut left_out) = (Vec::new(), 0, 0);
        for mut row in rows {
            let digest = row.digest();
            let known = before.get(&row.guid);
            if known == Some(&digest) {
                same += 1;
                continue;
            }
            row.stamp(if known.is_some() { "U" } else { "I" }, &stamp, &run.batch);
            let broken = row.broken(table);
            if broken.is_empty() {
                store::keep(ctx.conn(), run.id, &row, &digest).await?;
                sent.push(row);
                continue;
            }
            left_out += 1;
            for one in broken {
                let fault = Fault {
                    table: table.name.to_owned(),
                    guid: row.guid.clone(),
                    subject: row.subject.clone(),
                    field: one.field,
                    title: one.title,
                    rule: one.rule.word().to_owned(),
                    mend: one.mend,
                };
                store::insert_fault(ctx.conn(), run.id, &fault).await?;
                faults.push(fault);
            }
        }
        run.left_out += i64::try_from(left_out).unwrap_or(i64::MAX);
        let [csv, json] = package::files(table, &sent.iter().collect::<Vec<_>>());
        run.tables.push(TableCount {
            table: table.name.to_owned(),
            sent: sent.len(),
            same,
            left_out,
            csv: Digest::of(&csv.1).to_string(),
            json: Digest::of(&json.1).to_string(),
        });
        files.extend([csv, json]);
    }
    Ok((files, faults))
}

fn guids(rows: &[Row]) -> Vec<String> {
    rows.iter().map(|row| row.guid.clone()).collect()
}

/// All rows of the period: every item in force, and every case of which something was recorded or that was rated.
async fn collect(ctx: &mut Ctx, order: &Order) -> Result<Vec<Row>> {
    let items = ctx.defs::<Items>()?;
    let mut departments: BTreeMap<Uuid, Organisation> = BTreeMap::new();
    let mut rows = Vec::new();
    for one in &items.0 {
        let found = zhengtong_party::organisation_by_short(ctx, &one.department).await?;
        let Some(department) = found else { continue };
        rows.extend(item::rows(one, &department, &order.site));
        departments.insert(department.id, department);
    }
    let mut ratings: BTreeMap<&str, Vec<&RatingFacts>> = BTreeMap::new();
    for rating in &order.ratings {
        ratings.entry(rating.case.as_str()).or_default().push(rating);
    }
    for no in cases(ctx, order).await? {
        let view = zhengtong_casework::view(ctx, &no).await?;
        let handles = view.case.department;
        if let Entry::Vacant(free) = departments.entry(handles) {
            free.insert(zhengtong_party::organisation(ctx, handles).await?);
        }
        let Some(department) = departments.get(&handles) else { continue };
        let found = items.0.iter().find(|one| one.id == view.case.item);
        let sent = zhengtong_casework::deliveries(ctx, &no).await?;
        // A case whose pack is gone has no names for its procedures.
        let known = ctx.defs::<zhengtong_casework::Catalog>()?.get(&view.case.kind).is_some();
        let procedures =
            if known { zhengtong_casework::procedures(ctx, &no).await? } else { Vec::new() };
        let around = Around {
            item: found.map(AsRef::as_ref),
            department,
            ratings: ratings.get(no.as_str()).cloned().unwrap_or_default(),
            procedures,
            by_express: sent.iter().any(|one| one.way == Way::Express),
        };
        let applicant = match view.case.accepted_at {
            Some(_) => Some(case::applicant(ctx, &view).await?),
            None => None,
        };
        rows.extend(case::rows(&view, &around, applicant.as_ref()));
    }
    Ok(rows)
}

/// The cases of the period, in order.
async fn cases(ctx: &mut Ctx, order: &Order) -> Result<Vec<String>> {
    let first = china_midnight(order.from);
    let end = china_midnight(order.to.next_day().unwrap_or(order.to));
    let mut all: std::collections::BTreeSet<String> =
        order.ratings.iter().map(|rating| rating.case.clone()).collect();
    let mut after = String::new();
    loop {
        let some = zhengtong_casework::changed(ctx, (first, end), &after, CASES).await?;
        let Some(last) = some.last() else { break };
        after.clone_from(last);
        all.extend(some);
    }
    Ok(all.into_iter().collect())
}

fn sensible(ctx: &Ctx, (from, to): (Date, Date), reason: &str) -> Result<()> {
    if from > to || to > china_date(ctx.now) {
        return Err(Error::field(
            "to",
            "最后一天要在第一天之后，不能晚于今天",
            "the last day is after the first and not after today",
        ));
    }
    if (to - from).whole_days() >= DAYS_MAX {
        return Err(Error::field(
            "from",
            "一次最多报送一年，请分几次",
            "at most a year at once; do it in parts",
        ));
    }
    let chars = reason.trim().chars().count();
    if !(REASON_CHARS_MIN..=Limits::default().line_chars).contains(&chars) {
        return Err(Error::field(
            "reason",
            "写明为什么报送，至少四个字",
            "say why it is exported, in four characters or more",
        ));
    }
    Ok(())
}
