//! Records in two times. A version holds from a day on, and is known since a moment: what held on one day, as the
//! platform knew it at one moment, can always be said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_base::code::parse_date;
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Field, Purpose, Record};
use crate::open::is_on_show;
use crate::reading::{cells, key_of, named, note_record, thing};
use crate::sealed::Sealing;
use crate::store::{self, Condition, Stored};
use crate::table::{Showing, TableRow, is_steward, on_record_of, seen, tables};

/// Versions of a record that are given at most.
const PAST_MAX: i64 = 100;

/// A day, and the moment whose knowledge counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The day on which something held.
    pub valid_on: Date,
    /// The moment at which it was known.
    pub known_at: OffsetDateTime,
}

/// A version of a record that does not stand in its dataset, or no more.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its row.
    pub(crate) id: Uuid,
    /// The values by field.
    pub values: BTreeMap<String, Value>,
    /// Who had brought it.
    pub source: String,
    /// The case in which it had been made or changed.
    pub by_case: Option<String>,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Since when it is known.
    pub since: OffsetDateTime,
    /// When another took its place; none for what came late and was not corrected.
    pub until: Option<OffsetDateTime>,
    /// Whether the record ended, so that nothing holds from the day on.
    pub ended: bool,
    /// When it was struck out.
    pub struck: Option<OffsetDateTime>,
    /// Why.
    pub why_struck: Option<String>,
}

/// A version of a record as lists show it, with masked words for what is personal.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its number, in the order in which the versions became known, from 1.
    pub number: usize,
    /// The values by field, typed, or masked words.
    pub values: BTreeMap<String, Value>,
    /// The words by field.
    pub cells: BTreeMap<String, Text>,
    /// Who brought it.
    pub source: String,
    /// The case in which it was made or changed.
    pub by_case: Option<String>,
    /// The first day on which it holds; absent where that day is personal.
    pub valid_from: Option<Date>,
    /// The last day on which it holds, as far as is known today; absent where that day is personal.
    pub valid_to: Option<Date>,
    /// Since when it is known.
    pub since: OffsetDateTime,
    /// When another version for the same day took its place.
    pub corrected: Option<OffsetDateTime>,
    /// Whether it stands in the dataset today.
    pub current: bool,
    /// Whether it came late: what holds from a later day was known before.
    pub late: bool,
    /// Whether it says that the record ended.
    pub ended: bool,
    /// When it was struck out: from then on it counts no more.
    pub struck: Option<OffsetDateTime>,
    /// Why.
    pub why_struck: Option<String>,
    /// The fields that differ from what held before.
    pub changed: Vec<String>,
}

/// All that is known of a record, what holds from the latest day first.
#[derive(Clone, Debug)]
pub struct RecordHistory {
    /// The identifier of the record.
    pub record: Uuid,
    /// The dataset.
    pub dataset: String,
    /// The fields, in the order of the declaration.
    pub fields: Vec<Field>,
    /// The field that says from which day a version holds; without one it is the day on which it became known.
    pub valid_from: Option<String>,
    /// The versions.
    pub versions: Vec<Version>,
    /// Whether there are more than are given.
    pub cut: bool,
    /// Whether the reader may strike one out.
    pub may_strike: bool,
}

/// A record as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordOn {
    /// The row, with typed values, or masked words for what is personal.
    pub row: TableRow,
    /// The words by field.
    pub cells: BTreeMap<String, Text>,
}

/// The versions of a record, what holds from the latest day first, each with whether it stands in the table.
pub(crate) struct InOrder {
    pub(crate) versions: Vec<(bool, Past)>,
    /// The record as it stands in the table.
    pub(crate) current: Option<Stored>,
    /// Whether there are more.
    pub(crate) cut: bool,
}

impl Past {
    /// Whether it was told again when it was its turn to count: then a later row says the same.
    fn is_told_again(&self) -> bool {
        self.struck.is_some() && self.why_struck.is_none()
    }

    /// The version as a record of the table.
    pub(crate) fn into_stored(self, id: Uuid) -> Stored {
        let Self { values, source, by_case, since, .. } = self;
        Stored { id, values, source, by_case, updated: since }
    }
}

impl Dataset {
    /// From which day a version holds.
    pub(crate) fn holds_from(
        &self,
        values: &BTreeMap<String, Value>,
        since: OffsetDateTime,
    ) -> Date {
        day_of(self.valid_from.as_ref(), values).unwrap_or_else(|| china_date(since))
    }

    /// Whether a version still holds on a day, as it says itself.
    fn holds_on(&self, values: &BTreeMap<String, Value>, on: Date) -> bool {
        day_of(self.valid_to.as_ref(), values).is_none_or(|last| on <= last)
    }
}

fn day_of(field: Option<&String>, values: &BTreeMap<String, Value>) -> Option<Date> {
    values.get(field?)?.as_str().and_then(|text| parse_date(text).ok())
}

/// The dataset, for questions about what its records said before: everybody only where it says so, since what was taken
/// back or mended may be public no more.
pub(crate) fn seen_in_past<'a>(
    ctx: &Ctx,
    catalog: &'a Arc<Catalog>,
    id: &str,
) -> Result<&'a Dataset> {
    let dataset = seen(ctx, catalog, id)?;
    let thing = thing(catalog, dataset, &Purpose::new("past"));
    if dataset.open_past || ctx.may("registry.search", &thing) {
        return Ok(dataset);
    }
    Err(Error::PastClosed(dataset.id.clone()))
}

/// The datasets whose records may be looked for by their key, with their past: for stewards.
pub fn tables_in_past(ctx: &Ctx) -> Result<Vec<Dataset>> {
    ctx.allow("registry.search", &Thing::new("dataset", "all"))?;
    tables(ctx)
}

/// What a record said before, what it was told late, and when it ended: what holds from the latest day first. What it says
/// today is not among it.
pub async fn history(
    ctx: &mut Ctx,
    dataset: &str,
    key: &[(&str, &str)],
    purpose: &Purpose,
) -> Result<Vec<Past>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let record = read_by_key(ctx, (&sealing, dataset), key, purpose).await?;
    let Some(record) = record else { return Ok(Vec::new()) };
    let found = in_order(ctx, (&sealing, dataset), record).await?;
    let past = found.versions.into_iter().filter(|(current, _)| !current);
    Ok(past.map(|(_, past)| past).collect())
}

/// What held of a record on a day, as the platform knew it at a moment, with values in full. The reading is on record.
pub async fn as_of(
    ctx: &mut Ctx,
    dataset: &str,
    key: &[(&str, &str)],
    as_of: AsOf,
    purpose: &Purpose,
) -> Result<Option<Record>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let record = read_by_key(ctx, (&sealing, dataset), key, purpose).await?;
    let Some(record) = record else { return Ok(None) };
    let found = held_on(ctx, &sealing, dataset, record, as_of).await?;
    Ok(found.map(|(stored, _)| crate::reading::record(dataset, stored)))
}

/// The identifier of the record with a key, also of one that ended, for stewards. The question is on record.
pub async fn named_record(
    ctx: &mut Ctx,
    dataset: &str,
    key: &[(&str, &str)],
) -> Result<Option<Uuid>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = seen_in_past(ctx, &catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let conditions = key_of(ctx, &sealing, dataset, key)?;
    let record = record_of(ctx, &sealing, dataset, &conditions).await?;
    on_record_of(ctx, &catalog, dataset, record, "record by key").await?;
    Ok(record)
}

/// All versions of a record, masked as lists are: for everybody where the dataset opens its past, otherwise for stewards;
/// what is not public is looked at on record.
pub async fn record_history(ctx: &mut Ctx, dataset: &str, record: Uuid) -> Result<RecordHistory> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = seen_in_past(ctx, &catalog, dataset)?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let found = in_order(ctx, (&sealing, dataset), record).await?;
    if found.versions.is_empty() {
        return Err(Error::NoRecord(dataset.id.clone()));
    }
    on_record_of(ctx, &catalog, dataset, Some(record), "history").await?;
    let versions = versions(ctx, &catalog, dataset, &found.versions);
    let thing = thing(&catalog, dataset, &Purpose::new("strike"));
    Ok(RecordHistory {
        record,
        dataset: dataset.id.clone(),
        fields: dataset.fields.clone(),
        valid_from: dataset.valid_from.clone(),
        versions,
        cut: found.cut,
        may_strike: dataset.valid_from.is_some() && ctx.may("registry.strike", &thing),
    })
}

/// A record as a row, masked as lists are: as it stands today, or as it held on a day and was known at a moment.
pub async fn record_on(
    ctx: &mut Ctx,
    dataset: &str,
    record: Uuid,
    as_of: Option<AsOf>,
) -> Result<RecordOn> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = match as_of {
        Some(_) => seen_in_past(ctx, &catalog, dataset)?,
        None => seen(ctx, &catalog, dataset)?,
    };
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let found = match as_of {
        Some(as_of) => held_on(ctx, &sealing, dataset, record, as_of).await?,
        None => current(ctx, &sealing, dataset, record).await?.map(|stored| {
            let from = dataset.holds_from(&stored.values, stored.updated);
            (stored, from)
        }),
    };
    on_record_of(ctx, &catalog, dataset, Some(record), "record").await?;
    let today = china_date(ctx.now);
    let shown = |(stored, _): &(Stored, Date)| {
        is_on_show(dataset, &stored.values, today) || is_steward(ctx, &catalog, dataset)
    };
    let found = found.filter(shown);
    let (stored, from) = found.ok_or_else(|| Error::NoRecord(dataset.id.clone()))?;
    let cells = cells(ctx, &catalog, dataset, &stored.values);
    let mut values = stored.values;
    Showing::new(&catalog, dataset, china_date(ctx.now)).show(&mut values);
    let row = TableRow {
        id: record,
        values,
        source: stored.source,
        updated: stored.updated,
        valid_from: shows_days(&catalog, dataset).then_some(from),
    };
    Ok(RecordOn { row, cells })
}

/// Whether the day from which a version holds may be shown: it is a field like others, and may be personal.
pub(crate) fn shows_days(catalog: &Catalog, dataset: &Dataset) -> bool {
    let field = dataset.valid_from.as_ref().and_then(|name| dataset.field(name));
    let element = field.and_then(|field| catalog.element(&field.element));
    element.is_none_or(|element| !element.sensitivity.is_masked())
}

/// The record that a reader names by its key. The reading is on record.
async fn read_by_key(
    ctx: &mut Ctx,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    key: &[(&str, &str)],
    purpose: &Purpose,
) -> Result<Option<Uuid>> {
    ctx.allow("registry.read", &thing(sealing.catalog, dataset, purpose))?;
    let conditions = key_of(ctx, sealing, dataset, key)?;
    let record = record_of(ctx, sealing, dataset, &conditions).await?;
    note_record(ctx, "registry.read", dataset, record, purpose).await?;
    Ok(record)
}

/// The record that has a key, or had it when it ended.
pub(crate) async fn record_of(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    conditions: &[Condition],
) -> Result<Option<Uuid>> {
    if let Some(stored) = store::find(ctx.conn(), sealing, dataset, conditions).await? {
        return Ok(Some(stored.id));
    }
    let key = store::key_of_conditions(sealing.catalog, dataset, conditions);
    Ok(store::ended(ctx.conn(), dataset, &[key]).await?.into_values().next())
}

async fn current(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    record: Uuid,
) -> Result<Option<Stored>> {
    let found = store::records_named(ctx.conn(), (sealing, dataset), &[record]).await?;
    Ok(found.into_iter().next())
}

/// What held of a record on a day, as was known at a moment, with the day from which it holds. Of versions that are known
/// and begin by that day, the one that begins last counts; of those that begin on the same day, the one known last.
async fn held_on(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    record: Uuid,
    as_of: AsOf,
) -> Result<Option<(Stored, Date)>> {
    let wanted = [(record, as_of.valid_on)];
    let target = (sealing, dataset);
    let mut past = store::past_on(ctx.conn(), target, &wanted, as_of.known_at).await?;
    let past = past.remove(&record);
    let now = current(ctx, sealing, dataset, record).await?.map(|stored| {
        let from = dataset.holds_from(&stored.values, stored.updated);
        (stored, from)
    });
    let now = now
        .filter(|(stored, from)| stored.updated <= as_of.known_at && *from <= as_of.valid_on)
        .filter(|(stored, from)| {
            past.as_ref()
                .is_none_or(|past| (*from, stored.updated) >= (past.valid_from, past.since))
        });
    let found = now.or_else(|| {
        let past = past?;
        let from = past.valid_from;
        Some((past.into_stored(record), from))
    });
    Ok(found.filter(|(stored, _)| dataset.holds_on(&stored.values, as_of.valid_on)))
}

/// All versions of a record that are kept, with what it says today.
pub(crate) async fn in_order(
    ctx: &mut Ctx,
    (sealing, dataset): (&Sealing<'_>, &Dataset),
    record: Uuid,
) -> Result<InOrder> {
    let current = current(ctx, sealing, dataset, record).await?;
    let mut past = store::past(ctx.conn(), sealing, dataset, record, PAST_MAX + 1).await?;
    let full = usize::try_from(PAST_MAX).unwrap_or(usize::MAX);
    let cut = past.len() > full;
    past.truncate(full);
    let now = current.clone().map(|stored| Past {
        id: stored.id,
        valid_from: dataset.holds_from(&stored.values, stored.updated),
        values: stored.values,
        source: stored.source,
        by_case: stored.by_case,
        since: stored.updated,
        until: None,
        ended: false,
        struck: None,
        why_struck: None,
    });
    let mut versions: Vec<(bool, Past)> = Vec::with_capacity(past.len() + 1);
    versions.extend(now.map(|now| (true, now)));
    versions.extend(past.into_iter().map(|past| (false, past)));
    let mut versions = told_once(versions);
    versions.sort_by(|(left_now, left), (right_now, right)| {
        (right.valid_from, right.since, right_now).cmp(&(left.valid_from, left.since, left_now))
    });
    Ok(InOrder { versions, current, cut })
}

/// What was told again when another version was struck out is one version, known since it was told first.
fn told_once(versions: Vec<(bool, Past)>) -> Vec<(bool, Past)> {
    let (mut again, mut once): (Vec<_>, Vec<_>) =
        versions.into_iter().partition(|(_, one)| one.is_told_again());
    again.sort_by_key(|(_, one)| std::cmp::Reverse(one.since));
    for (_, one) in &mut once {
        for (_, before) in &again {
            let same = before.valid_from == one.valid_from && before.values == one.values;
            if same && before.struck == Some(one.since) {
                one.since = before.since;
            }
        }
    }
    once
}

/// Puts the versions of a record side by side: which came late, which was corrected, how long each holds, what changed. Those
/// that were struck out count for none of the others.
fn versions(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset, all: &[(bool, Past)]) -> Vec<Version> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.reverse();
    order.sort_by_key(|place| all.get(*place).map(|(_, one)| one.since));
    let shown = shows_days(catalog, dataset);
    let showing = Showing::new(catalog, dataset, china_date(ctx.now));
    let version = |(place, (current, one)): (usize, &(bool, Past))| {
        let counts = |(_, other): &&(bool, Past)| other.struck.is_none();
        let stands = one.struck.is_none();
        let after: Vec<_> = all.iter().take(place).filter(counts).collect();
        let before = all.iter().skip(place + 1).find(counts);
        // What begins on the same day and stands just before it became known after it.
        let corrected =
            after.last().filter(|(_, other)| stands && other.valid_from == one.valid_from);
        let next = after.iter().rev().find(|(_, other)| other.valid_from > one.valid_from);
        let last = next.and_then(|(_, next)| next.valid_from.previous_day());
        let said = day_of(dataset.valid_to.as_ref(), &one.values);
        let last = [last, said].into_iter().flatten().min();
        let number = order.iter().position(|known| *known == place).unwrap_or(place) + 1;
        Version {
            number,
            values: {
                let mut values = one.values.clone();
                showing.show(&mut values);
                values
            },
            cells: cells(ctx, catalog, dataset, &one.values),
            source: one.source.clone(),
            by_case: one.by_case.clone(),
            valid_from: shown.then_some(one.valid_from),
            valid_to: last.filter(|_| shown && stands && corrected.is_none() && !one.ended),
            since: one.since,
            corrected: corrected.map(|(_, other)| other.since),
            current: *current,
            late: !current
                && stands
                && !one.ended
                && after
                    .iter()
                    .any(|(_, other)| other.since < one.since && other.valid_from > one.valid_from),
            ended: one.ended,
            struck: one.struck,
            why_struck: one.why_struck.clone(),
            changed: before.map(|(_, old)| differing(&old.values, &one.values)).unwrap_or_default(),
        }
    };
    all.iter().enumerate().map(version).collect()
}

/// The fields that two versions do not say alike.
fn differing(old: &BTreeMap<String, Value>, new: &BTreeMap<String, Value>) -> Vec<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    names.into_iter().filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}
