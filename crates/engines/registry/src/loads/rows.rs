//! From rows of a file to rows of the dataset: compared with the records that are there, and checked as a whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_base::code::parse_date;
use zhengtong_db::Ctx;

use super::plan::{Bad, Checked, Plan, raw_of};
use crate::error::Result;
use crate::history::Past;
use crate::model::{Dataset, ElementKind};
use crate::sealed::{bytes_text, value_of};
use crate::store::{self, Doing, Staged, Stored};
use crate::value::raw;
use crate::writing::{absent_text, broken_rules, missing_text};

/// What a batch of rows came to.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) staged: Vec<Staged>,
    pub(super) bad: Vec<Bad>,
    pub(super) same: i64,
}

/// Sorts rows into new, changed, the same and bad ones. `alone` says that the dataset had never held
/// anything when it was looked at.
pub(super) async fn sort(
    ctx: &mut Ctx,
    plan: &Plan,
    rows: Vec<Checked>,
    bad: &[Bad],
    alone: bool,
) -> Result<Sorted> {
    let mut sorted = Sorted::default();
    let mut records = if alone { HashMap::new() } else { there(ctx, plan, &rows, bad).await? };
    let late = late(ctx, plan, &rows, &records).await?;
    let ended = if alone { HashMap::new() } else { ended(ctx, plan, &rows, &records).await? };
    let absent = absent(ctx, plan, &rows).await?;
    let has_rules = plan.dataset.fields.iter().any(|field| field.rule.is_some());
    for mut row in rows {
        let key = plan.key_of(&row.values).unwrap_or_default();
        let before = records.remove(&key);
        let late = before.as_ref().and_then(|before| late.get(&before.id));
        // What the file does not fill stays as it was on the day from which the row holds.
        let base = match late {
            Some(late) => late.held.as_ref().map(|held| &held.values),
            None => before.as_ref().map(|before| &before.values),
        };
        let base = base.map(|values| texts(&plan.dataset, values));
        let values = merged(plan, &mut row, base.as_deref());
        let wrong = wrong(plan, &values, &absent, has_rules);
        if !wrong.is_empty() {
            if let Some(before) = before {
                sorted.staged.push(stays(&before, row.name));
            }
            let (line, raw) = (row.record.line, raw_of(&row.record));
            sorted.bad.push(Bad { line, raw, wrong, key: Some(key) });
            continue;
        }
        match before {
            Some(before) if base.as_ref() == Some(&values) => {
                sorted.same += 1;
                sorted.staged.push(stays(&before, row.name));
            }
            Some(before) => sorted.staged.push(Staged {
                doing: if late.is_some() { Doing::Late } else { Doing::Change },
                id: before.id,
                before: Some(before.updated),
                name: row.name,
                values,
            }),
            None => sorted.staged.push(Staged {
                doing: Doing::Create,
                id: ended.get(&key).copied().unwrap_or_else(|| ctx.id()),
                before: None,
                name: row.name,
                values,
            }),
        }
    }
    // Faulty rows of records that are there leave these as they are: they are in the file after all.
    for key in bad.iter().filter_map(|bad| bad.key.as_ref()) {
        if let Some(before) = records.remove(key) {
            sorted.staged.push(stays(&before, Uuid::now_v7().as_u128()));
        }
    }
    Ok(sorted)
}

fn stays(before: &Stored, name: u128) -> Staged {
    let at = Some(before.updated);
    Staged { doing: Doing::Stay, id: before.id, before: at, name, values: Vec::new() }
}

/// What held on the day from which a row holds that comes late.
struct Late {
    held: Option<Past>,
}

/// The records for which a row holds from a day before the one of today.
async fn late(
    ctx: &mut Ctx,
    plan: &Plan,
    rows: &[Checked],
    records: &HashMap<Vec<String>, Stored>,
) -> Result<HashMap<Uuid, Late>> {
    let name = plan.dataset.valid_from.as_ref();
    let place = name.and_then(|name| plan.dataset.fields.iter().position(|f| f.name == *name));
    let Some(place) = place else { return Ok(HashMap::new()) };
    let mut wanted = Vec::new();
    for row in rows {
        let from = row.values.get(place).and_then(Option::as_deref);
        let from = from.and_then(|text| parse_date(text).ok());
        let key = plan.key_of(&row.values).unwrap_or_default();
        let (Some(from), Some(before)) = (from, records.get(&key)) else { continue };
        if from < plan.dataset.holds_from(&before.values, before.updated) {
            wanted.push((before.id, from));
        }
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let (now, sealing) = (ctx.now, plan.sealing());
    let target = (&sealing, &plan.dataset);
    let mut held = store::past_on(ctx.conn(), target, &wanted, now).await?;
    Ok(wanted.into_iter().map(|(id, _)| (id, Late { held: held.remove(&id) })).collect())
}

/// Of rows whose records are not there, the records that ended: they go on under their identifiers.
async fn ended(
    ctx: &mut Ctx,
    plan: &Plan,
    rows: &[Checked],
    records: &HashMap<Vec<String>, Stored>,
) -> Result<HashMap<Vec<String>, Uuid>> {
    let mut keys = HashMap::new();
    for key in rows.iter().filter_map(|row| plan.key_of(&row.values)) {
        if !records.contains_key(&key) {
            keys.insert(store::key_text(&compared(plan, key.clone())?), key);
        }
    }
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<String> = keys.keys().cloned().collect();
    let found = store::ended(ctx.conn(), &plan.dataset, &names).await?;
    Ok(found.into_iter().filter_map(|(name, id)| Some((keys.remove(&name)?, id))).collect())
}

/// The records that are there already, by the texts of their keys.
async fn there(
    ctx: &mut Ctx,
    plan: &Plan,
    rows: &[Checked],
    bad: &[Bad],
) -> Result<HashMap<Vec<String>, Stored>> {
    let sealing = plan.sealing();
    let mut keys = Vec::with_capacity(rows.len());
    let good = rows.iter().filter_map(|row| plan.key_of(&row.values));
    for key in good.chain(bad.iter().filter_map(|bad| bad.key.clone())) {
        keys.push(compared(plan, key)?);
    }
    let found = store::existing(ctx.conn(), &sealing, &plan.dataset, &keys).await?;
    let by_key = found.into_iter().map(|stored| {
        let texts = texts(&plan.dataset, &stored.values);
        (plan.key_of(&texts).unwrap_or_default(), stored)
    });
    Ok(by_key.collect())
}

/// A key as the table compares it: sealed fields by their index.
fn compared(plan: &Plan, key: Vec<String>) -> Result<Vec<String>> {
    let sealing = plan.sealing();
    let mut compared = Vec::with_capacity(key.len());
    for (text, place) in key.into_iter().zip(&plan.key) {
        let field = plan.dataset.fields.get(*place);
        compared.push(match field.filter(|field| plan.catalog.is_sealed(field)) {
            Some(field) => bytes_text(&sealing.index(&plan.dataset, field, &text)?),
            None => text,
        });
    }
    Ok(compared)
}

/// For each field that refers to another dataset, the values that are not there.
async fn absent(
    ctx: &mut Ctx,
    plan: &Plan,
    rows: &[Checked],
) -> Result<BTreeMap<usize, BTreeSet<String>>> {
    let sealing = plan.sealing();
    let mut absent = BTreeMap::new();
    for (place, field) in plan.dataset.fields.iter().enumerate() {
        let target = field.references.as_ref().and_then(|id| plan.catalog.dataset(id));
        // A file may bring both ends of a reference to its own dataset; the quality rules look at those.
        let Some(target) = target.filter(|target| target.id != plan.dataset.id) else { continue };
        let Some(key) = target.key.first().and_then(|key| target.field(key)) else { continue };
        let values: BTreeSet<&String> =
            rows.iter().filter_map(|row| row.values.get(place)?.as_ref()).collect();
        if values.is_empty() || target.key.len() > 1 {
            continue;
        }
        let mut wanted = Vec::with_capacity(values.len());
        let mut plain = HashMap::new();
        for value in values {
            let shown = if plan.catalog.is_sealed(key) {
                bytes_text(&sealing.index(target, key, value)?)
            } else {
                value.clone()
            };
            plain.insert(shown.clone(), value.clone());
            wanted.push(shown);
        }
        let missing = store::absent(ctx.conn(), &sealing, target, &wanted).await?;
        let missing = missing.into_iter().filter_map(|shown| plain.remove(&shown));
        absent.insert(place, missing.collect());
    }
    Ok(absent)
}

/// Fields that the file does not fill stay as they are.
fn merged(plan: &Plan, row: &mut Checked, base: Option<&[Option<String>]>) -> Vec<Option<String>> {
    let news = std::mem::take(&mut row.values);
    let Some(old) = base else { return news };
    let parts = news.into_iter().zip(&plan.columns).zip(old);
    parts.map(|((new, column), old)| if column.is_some() { new } else { old.clone() }).collect()
}

fn texts(dataset: &Dataset, values: &BTreeMap<String, Value>) -> Vec<Option<String>> {
    dataset.fields.iter().map(|field| values.get(&field.name).and_then(raw)).collect()
}

fn wrong(
    plan: &Plan,
    values: &[Option<String>],
    absent: &BTreeMap<usize, BTreeSet<String>>,
    has_rules: bool,
) -> Vec<(Option<String>, Text)> {
    let mut wrong = Vec::new();
    for (place, (field, value)) in plan.dataset.fields.iter().zip(values).enumerate() {
        if field.required && value.is_none() {
            wrong.push((Some(field.name.clone()), missing_text(&plan.dataset, &field.name)));
        }
        let Some(value) = value else { continue };
        if absent.get(&place).is_some_and(|absent| absent.contains(value)) {
            let target = field.references.as_ref().and_then(|id| plan.catalog.dataset(id));
            let text = target.map(|target| absent_text(target, field)).unwrap_or_default();
            wrong.push((Some(field.name.clone()), text));
        }
    }
    if has_rules {
        let known = known(plan, values);
        let judged = (plan.today, &plan.ruled);
        let broken = broken_rules(&plan.catalog, &plan.dataset, &known, judged);
        wrong.extend(broken.into_iter().map(|error| (Some(error.field), error.text)));
    }
    wrong
}

/// The values that rules name, as these see them.
fn known(plan: &Plan, values: &[Option<String>]) -> BTreeMap<String, Value> {
    let mut known = BTreeMap::new();
    let fields = plan.dataset.fields.iter().zip(values);
    for (field, text) in fields.filter(|(field, _)| plan.ruled.contains(&field.name)) {
        let Some(text) = text else { continue };
        let kind = plan.catalog.element(&field.element).map(|element| element.kind);
        known.insert(field.name.clone(), value_of(kind.unwrap_or(ElementKind::Text), text.clone()));
    }
    known
}
