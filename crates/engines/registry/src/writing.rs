//! The verbs that write: put one record with all its checks, end one, and load many at once.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::china_date;
use zhengtong_crypto::Digest;
use zhengtong_db::Ctx;
use zhengtong_feel::{Expr, Scope, Value as FeelValue};

use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, ElementKind, Field, Origin, Purpose, Put};
use crate::reading::{key_of, named, record_name, thing, unknown_field};
use crate::sealed::Sealing;
use crate::store::{self, Stored};
use crate::value::{iso, raw, validate_held};

/// A record was made or changed.
#[derive(Serialize)]
struct Happened<'a> {
    dataset: &'a str,
    record: String,
    created: bool,
    case: Option<&'a str>,
}

/// A record ended.
#[derive(Serialize)]
struct Ended<'a> {
    dataset: &'a str,
    record: String,
    case: Option<&'a str>,
}

/// Makes a record, or changes the one with the same key: fields that are named get their value, `null`
/// empties one, and the others stay. What the record said before is kept. What holds from a day before the one
/// from which the record of today holds goes into history and leaves the record as it is; its other fields are
/// those that held on that day.
pub async fn put(
    ctx: &mut Ctx,
    dataset: &str,
    record: &BTreeMap<String, Value>,
    origin: &Origin,
) -> Result<Put> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    let purpose = Purpose { why: String::new(), person: origin.person, organisation: None };
    ctx.allow("registry.put", &thing(&catalog, dataset, &purpose))?;
    let today = china_date(ctx.now);
    let given = read_values(&catalog, dataset, record, today)?;
    let key = key_values(dataset, &given)?;
    let key: Vec<(&str, &str)> = key.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let conditions = key_of(ctx, &sealing, dataset, &key)?;
    store::lock(ctx.conn(), dataset, &key).await?;
    let current = store::find(ctx.conn(), &sealing, dataset, &conditions).await?;
    let now = ctx.now;
    let late = current.as_ref().and_then(|current| late_from(dataset, current, &given, now));
    let mut before = current.clone();
    if let (Some(current), Some(from)) = (&current, late) {
        let wanted = [(current.id, from)];
        let mut held = store::past_on(ctx.conn(), (&sealing, dataset), &wanted, now).await?;
        before = held.remove(&current.id).map(|past| past.into_stored(current.id));
    }
    let merged = merge(before.as_ref(), given);
    check(ctx, &sealing, dataset, &merged).await?;

    let id = if let Some(current) = &current {
        current.id
    } else {
        let key = store::key_of_conditions(&catalog, dataset, &conditions);
        let ended = store::ended(ctx.conn(), dataset, &[key]).await?;
        ended.into_values().next().unwrap_or_else(|| ctx.id())
    };
    let after = Stored {
        id,
        values: merged,
        source: origin.source.clone(),
        by_case: origin.case.clone(),
        updated: now,
    };
    // What says the same is known already, and stays known since then.
    let same = before.as_ref().is_some_and(|before| before.values == after.values);
    match (late, &before) {
        (Some(from), _) if !same => {
            let past = ctx.id();
            store::keep(ctx.conn(), past, (&sealing, dataset), &after, (from, None)).await?;
        }
        (None, Some(before)) if !same => {
            let (past, from) = (ctx.id(), dataset.holds_from(&before.values, before.updated));
            let times = (from, Some(now));
            store::keep(ctx.conn(), past, (&sealing, dataset), before, times).await?;
            store::write(ctx.conn(), &sealing, dataset, &after).await?;
        }
        (None, None) => store::write(ctx.conn(), &sealing, dataset, &after).await?,
        _ => {}
    }

    let act = ctx
        .act("registry.put", "record", record_name(dataset, id))
        .about(origin.person)
        .because(reason(origin, late))
        .change(before.as_ref().map(digest).transpose()?, Some(digest(&after)?));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let created = current.is_none();
    let case = origin.case.as_deref();
    let happened = Happened { dataset: &dataset.id, record: id.to_string(), created, case };
    ctx.emit("registry.put", &record_name(dataset, id), &happened).await?;
    Ok(Put { id, created, late: late.is_some() })
}

/// Ends the record with a key: nothing holds from today on, and what it said is kept. Whether there was one.
pub async fn end(
    ctx: &mut Ctx,
    dataset: &str,
    key: &BTreeMap<String, Value>,
    origin: &Origin,
) -> Result<bool> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    let purpose = Purpose { why: String::new(), person: origin.person, organisation: None };
    ctx.allow("registry.end", &thing(&catalog, dataset, &purpose))?;
    let given = read_values(&catalog, dataset, key, china_date(ctx.now))?;
    let key = key_values(dataset, &given)?;
    let key: Vec<(&str, &str)> = key.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let conditions = key_of(ctx, &sealing, dataset, &key)?;
    store::lock(ctx.conn(), dataset, &key).await?;
    let Some(current) = store::find(ctx.conn(), &sealing, dataset, &conditions).await? else {
        return Ok(false);
    };
    let (past, gone, now) = (ctx.id(), ctx.id(), ctx.now);
    let from = dataset.holds_from(&current.values, current.updated);
    store::keep(ctx.conn(), past, (&sealing, dataset), &current, (from, Some(now))).await?;
    let key = store::key_of_conditions(&catalog, dataset, &conditions);
    store::end(ctx.conn(), dataset, (gone, current.id), &key, (origin, now)).await?;
    let name = record_name(dataset, current.id);
    let act = ctx
        .act("registry.end", "record", name.clone())
        .about(origin.person)
        .because(reason(origin, None))
        .change(Some(digest(&current)?), None);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let (record, case) = (current.id.to_string(), origin.case.as_deref());
    ctx.emit("registry.end", &name, &Ended { dataset: &dataset.id, record, case }).await?;
    Ok(true)
}

/// The day from which something holds that comes late: before the day of the record of today.
fn late_from(
    dataset: &Dataset,
    current: &Stored,
    given: &BTreeMap<String, Value>,
    now: OffsetDateTime,
) -> Option<Date> {
    let name = dataset.valid_from.as_ref()?;
    given.get(name).filter(|value| !value.is_null())?;
    let from = dataset.holds_from(given, now);
    (from < dataset.holds_from(&current.values, current.updated)).then_some(from)
}

/// Loads rows whose values are already in the spelling that is kept (what [`crate::validate`] gives), as
/// fast as the database takes them. Types and keys hold; code lists, rules and references are not looked
/// at, so this is for registers that come from a source that has checked them. Several codes are one text
/// with commas. A key that is there already refuses the whole load.
pub async fn copy_in(
    ctx: &mut Ctx,
    dataset: &str,
    columns: &[&str],
    rows: &mut (dyn Iterator<Item = Vec<Option<String>>> + Send),
    origin: &Origin,
) -> Result<u64> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.load", &thing(&catalog, dataset, &Purpose::new("load")))?;
    let mut fields = Vec::with_capacity(columns.len());
    for name in columns {
        fields.push(dataset.field(name).ok_or_else(|| unknown_field(name))?);
    }
    let (now, ring) = (ctx.now, ctx.keyring()?);
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let target = (&sealing, dataset);
    let loaded = store::copy(ctx.conn(), target, &fields, (&origin.source, now), rows).await?;
    let act = ctx
        .act("registry.load", "dataset", dataset.id.clone())
        .because(format!("{}: {loaded} records", origin.source));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(loaded)
}

fn read_values(
    catalog: &Catalog,
    dataset: &Dataset,
    record: &BTreeMap<String, Value>,
    today: Date,
) -> Result<BTreeMap<String, Value>> {
    let mut values = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, value) in record {
        let element = dataset.field(name).and_then(|field| catalog.element(&field.element));
        let Some(element) = element else { return Err(unknown_field(name)) };
        let typed = raw(value).filter(|typed| !typed.trim().is_empty());
        match typed.map(|typed| validate_held(catalog, element, &typed, today)) {
            None => {
                values.insert(name.clone(), Value::Null);
            }
            Some(Ok(value)) => {
                values.insert(name.clone(), value);
            }
            Some(Err(text)) => wrong.push(FieldError { field: name.clone(), text }),
        }
    }
    if wrong.is_empty() { Ok(values) } else { Err(Error::Invalid(wrong)) }
}

fn key_values(dataset: &Dataset, given: &BTreeMap<String, Value>) -> Result<Vec<(String, String)>> {
    dataset
        .key
        .iter()
        .map(|name| {
            let value = given.get(name).and_then(raw).ok_or_else(|| missing(dataset, name))?;
            Ok((name.clone(), value))
        })
        .collect()
}

fn missing(dataset: &Dataset, name: &str) -> Error {
    Error::field(name, missing_text(dataset, name))
}

pub(crate) fn missing_text(dataset: &Dataset, name: &str) -> Text {
    let title = dataset.field(name).map_or_else(|| Text::same(name), |field| field.title.clone());
    Text::new(
        format!("缺少{}，请补上", title.zh),
        format!("{} is missing; give it", title.en.to_lowercase()),
    )
}

fn merge(before: Option<&Stored>, given: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let mut merged = before.map(|stored| stored.values.clone()).unwrap_or_default();
    merged.extend(given);
    merged.retain(|_, value| !value.is_null());
    merged
}

async fn check(
    ctx: &mut Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    values: &BTreeMap<String, Value>,
) -> Result<()> {
    let catalog = sealing.catalog;
    let mut wrong = Vec::new();
    for field in dataset.fields.iter().filter(|field| field.required) {
        if !values.contains_key(&field.name) {
            let text = missing_text(dataset, &field.name);
            wrong.push(FieldError { field: field.name.clone(), text });
        }
    }
    for field in &dataset.fields {
        let target = field.references.as_ref().and_then(|id| catalog.dataset(id));
        let (Some(target), Some(value)) = (target, values.get(&field.name)) else { continue };
        if !store::has(ctx.conn(), sealing, target, value).await? {
            let text = absent_text(target, field);
            wrong.push(FieldError { field: field.name.clone(), text });
        }
    }
    let judged = (china_date(ctx.now), &ruled(dataset));
    wrong.extend(broken_rules(catalog, dataset, values, judged));
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

pub(crate) fn absent_text(target: &Dataset, field: &Field) -> Text {
    Text::new(
        format!("“{}”里没有这条记录，请核对{}", target.title.zh, field.title.zh),
        format!("“{}” holds no such record; check it", target.title.en),
    )
}

/// The rules of fields that a record breaks.
pub(crate) fn broken_rules(
    catalog: &Catalog,
    dataset: &Dataset,
    values: &BTreeMap<String, Value>,
    (today, named): (Date, &BTreeSet<String>),
) -> Vec<FieldError> {
    let scope = scope_of(catalog, dataset, values, (today, named));
    dataset
        .fields
        .iter()
        .filter(|field| field.rule.as_ref().is_some_and(|expr| breaks(expr, &scope)))
        .map(|field| {
            let rule = field.rule.as_ref().map_or("", |rule| rule.source());
            FieldError::new(
                &field.name,
                format!("{}不符合规则：{rule}。请核对", field.title.zh),
                format!("{} breaks the rule {rule}; check it", field.title.en.to_lowercase()),
            )
        })
        .collect()
}

/// Whether a record breaks one rule.
pub(crate) fn is_broken(
    catalog: &Catalog,
    dataset: &Dataset,
    values: &BTreeMap<String, Value>,
    today: Date,
    expr: &Expr,
) -> bool {
    breaks(expr, &scope_of(catalog, dataset, values, (today, &names_of(expr))))
}

/// The fields that a rule may name.
fn names_of(expr: &Expr) -> BTreeSet<String> {
    let mut names = expr.names();
    names.append(&mut expr.filter_names());
    names
}

/// The fields that the rules of the fields may name.
pub(crate) fn ruled(dataset: &Dataset) -> BTreeSet<String> {
    dataset.fields.iter().filter_map(|field| field.rule.as_ref()).flat_map(names_of).collect()
}

/// A rule is broken when it is false; where something is not known, it is neither.
fn breaks(expr: &Expr, scope: &Scope) -> bool {
    !matches!(expr.eval(scope), Ok(FeelValue::Bool(true) | FeelValue::Null))
}

/// The fields of a record that are named, and the day.
fn scope_of(
    catalog: &Catalog,
    dataset: &Dataset,
    values: &BTreeMap<String, Value>,
    (today, named): (Date, &BTreeSet<String>),
) -> Scope {
    let mut scope = Scope::new();
    scope.set("today", FeelValue::from(today));
    for field in dataset.fields.iter().filter(|field| named.contains(&field.name)) {
        let value = values.get(&field.name).unwrap_or(&Value::Null);
        let kind = catalog.element(&field.element).map(|element| element.kind);
        let day = match (kind, value) {
            (Some(ElementKind::Date), Value::String(text)) => parse_date(text).ok(),
            _ => None,
        };
        scope.set(&field.name, day.map_or_else(|| FeelValue::from(value), FeelValue::from));
    }
    scope
}

fn reason(origin: &Origin, late: Option<Date>) -> String {
    let reason = match &origin.case {
        Some(case) => format!("{} ({case})", origin.source),
        None => origin.source.clone(),
    };
    match late.map(iso) {
        Some(from) => format!("{reason}，补记，{from} 起有效 / late, valid from {from}"),
        None => reason,
    }
}

/// The digest of a record: the SM3 of its values as JSON with sorted names.
pub(crate) fn digest(stored: &Stored) -> Result<String> {
    let bytes = serde_json::to_vec(&stored.values).map_err(zhengtong_db::Error::from)?;
    Ok(Digest::of(&bytes).to_string())
}
