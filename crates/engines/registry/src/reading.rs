//! The verbs that read: by key with a reason, for prefilling, as yes or no, and masked lists for stewards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use time::Date;
use uuid::Uuid;
use zhengtong_base::{Lang, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{
    Catalog, Counted, Dataset, Element, ElementKind, Field, Known, ORGANISATION_ID, Purpose,
    Record, Row, Subject,
};
use crate::sealed::Sealing;
use crate::store::{self, Condition, Match, Stored};
use crate::value::{mask, raw, validate, validate_held};

/// Rows on one page of a search at most.
const ROWS_MAX: u32 = 100;
/// Elements that one prefill may ask for.
const WANTED_MAX: usize = 500;

/// One record by its key, with values in full. The reading is on record with its reason, where the person
/// it is about can see it.
pub async fn lookup(
    ctx: &mut Ctx,
    dataset: &str,
    key: &[(&str, &str)],
    purpose: &Purpose,
) -> Result<Option<Record>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.read", &thing(&catalog, dataset, purpose))?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let conditions = key_of(ctx, &sealing, dataset, key)?;
    let found = store::find(ctx.conn(), &sealing, dataset, &conditions).await?;
    note(ctx, "registry.read", dataset, found.as_ref(), purpose).await?;
    Ok(found.map(|stored| record(dataset, stored)))
}

/// The records of a dataset in which a field names the one who asks about themselves, the newest first: their licences,
/// by the number of the holder.
pub async fn held(
    ctx: &mut Ctx,
    dataset: &str,
    (field, number): (&str, &str),
    purpose: &Purpose,
) -> Result<Vec<Record>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.read", &thing(&catalog, dataset, purpose))?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let field = dataset.field(field).ok_or_else(|| unknown_field(field))?;
    let Some(condition) = exact(ctx, &sealing, (dataset, field), number)? else {
        return Ok(Vec::new());
    };
    let paging = Paging::new(1, ROWS_MAX);
    let (found, _) =
        store::page(ctx.conn(), &sealing, dataset, &[condition], (None, paging)).await?;
    note(ctx, "registry.read", dataset, found.first(), purpose).await?;
    Ok(found.into_iter().map(|stored| record(dataset, stored)).collect())
}

/// What the city knows already of a person and an organisation: for each wanted element, the value in the
/// dataset that is its source. Datasets that policy closes are passed over; if it closes all, it refuses.
pub async fn prefill(
    ctx: &mut Ctx,
    wanted: &[&str],
    subject: &Subject,
    why: &str,
) -> Result<BTreeMap<String, Known>> {
    let catalog = ctx.defs::<Catalog>()?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let mut known = BTreeMap::new();
    let mut refusal = None;
    let mut permitted = false;
    for (dataset, elements) in sources(&catalog, wanted) {
        let Some((field, number, purpose)) = about(dataset, subject, why) else { continue };
        if let Err(error) = ctx.allow("registry.read", &thing(&catalog, dataset, &purpose)) {
            refusal = refusal.or(Some(error));
            continue;
        }
        permitted = true;
        let Some(condition) = exact(ctx, &sealing, (dataset, field), number)? else { continue };
        let found = store::find(ctx.conn(), &sealing, dataset, &[condition]).await?;
        note(ctx, "registry.prefill", dataset, found.as_ref(), &purpose).await?;
        let Some(stored) = found else { continue };
        for (element, field) in elements {
            if let Some(value) = stored.values.get(&field.name) {
                let value = Known {
                    value: value.clone(),
                    dataset: dataset.id.clone(),
                    source: dataset.title.clone(),
                    updated: stored.updated,
                };
                known.insert(element.to_owned(), value);
            }
        }
    }
    match refusal {
        Some(error) if !permitted => Err(error.into()),
        _ => Ok(known),
    }
}

/// Whether a record holds a value: the answer is yes or no, and nothing else leaves the register.
pub async fn verify(
    ctx: &mut Ctx,
    dataset: &str,
    key: &[(&str, &str)],
    (field, value): (&str, &str),
    purpose: &Purpose,
) -> Result<bool> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    ctx.allow("registry.verify", &thing(&catalog, dataset, purpose))?;
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog: &catalog, ring: &ring };
    let conditions = key_of(ctx, &sealing, dataset, key)?;
    let field = dataset.field(field).ok_or_else(|| unknown_field(field))?;
    let asked = match catalog.element(&field.element) {
        Some(element) => validate(&catalog, element, value, china_date(ctx.now)).ok(),
        None => None,
    };
    let found = store::find(ctx.conn(), &sealing, dataset, &conditions).await?;
    note(ctx, "registry.verify", dataset, found.as_ref(), purpose).await?;
    let held = found.as_ref().and_then(|stored| stored.values.get(&field.name));
    Ok(asked.is_some() && held.and_then(raw) == asked.as_ref().and_then(raw))
}

/// One page of a dataset for its steward: personal fields masked, newest first. Filters are field and
/// value; open texts are found by a part of them, everything else only as a whole.
pub async fn search(
    ctx: &mut Ctx,
    dataset: &str,
    filters: &[(&str, &str)],
    paging: Paging,
) -> Result<Page<Row>> {
    let catalog = ctx.defs::<Catalog>()?;
    let dataset = named(&catalog, dataset)?;
    let purpose = Purpose::new(reason_of(filters));
    ctx.allow("registry.search", &thing(&catalog, dataset, &purpose))?;
    let page = listed(ctx, &catalog, dataset, (filters, Vec::new()), (None, paging)).await?;
    note(ctx, "registry.search", dataset, None, &purpose).await?;
    Ok(page.map(|stored| masked(ctx, &catalog, dataset, stored)))
}

/// One page of a dataset, newest first or in the order of a field, and how many records there are in all.
pub(crate) async fn listed(
    ctx: &mut Ctx,
    catalog: &Catalog,
    dataset: &Dataset,
    (given, also): (&[(&str, &str)], Vec<Condition>),
    (order, paging): (Option<(&str, bool)>, Paging),
) -> Result<Page<Stored>> {
    let ring = ctx.keyring()?;
    let sealing = Sealing { catalog, ring: &ring };
    let mut conditions = filters(ctx, &sealing, dataset, given)?;
    conditions.extend(also);
    let paging = Paging::new(paging.page, paging.rows.min(ROWS_MAX));
    let (stored, total) =
        store::page(ctx.conn(), &sealing, dataset, &conditions, (order, paging)).await?;
    Ok(Page::new(stored, total, paging))
}

/// Conditions of fields and values; those that are empty do not count.
pub(crate) fn filters(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    given: &[(&str, &str)],
) -> Result<Vec<Condition>> {
    let given = given.iter().filter(|(_, value)| !value.trim().is_empty());
    let condition = |(name, value): &(&str, &str)| {
        let field = dataset.field(name).ok_or_else(|| unknown_field(name))?;
        filter(ctx, sealing, (dataset, field), value)
    };
    given.map(condition).collect()
}

/// How much each dataset holds.
pub async fn count(ctx: &mut Ctx) -> Result<Vec<Counted>> {
    ctx.allow("registry.count", &Thing::new("dataset", "all"))?;
    let catalog = ctx.defs::<Catalog>()?;
    let arrived = store::arrived(ctx.conn(), None).await?;
    let mut counted = Vec::with_capacity(catalog.datasets.len());
    for dataset in catalog.datasets.values() {
        let (rows, updated) = store::count(ctx.conn(), dataset).await?;
        counted.push(Counted {
            dataset: dataset.id.clone(),
            title: dataset.title.clone(),
            rows,
            updated,
            arrived: updated.max(arrived.get(&dataset.id).copied()),
        });
    }
    Ok(counted)
}

/// A dataset as policies see it.
pub(crate) fn thing(catalog: &Catalog, dataset: &Dataset, purpose: &Purpose) -> Thing {
    Thing::new("dataset", &dataset.id)
        .owned_by(purpose.person)
        .of_organisation(purpose.organisation)
        .with("authority", Attr::Text(dataset.authority.clone()))
        .with("sharing", Attr::Text(dataset.sharing.word().to_owned()))
        .with("open", Attr::Flag(dataset.open))
        .with("personal", Attr::Flag(catalog.is_personal(dataset)))
}

/// A dataset by its name.
pub(crate) fn named<'a>(catalog: &'a Arc<Catalog>, id: &str) -> Result<&'a Dataset> {
    catalog.dataset(id).ok_or_else(|| Error::NoDataset(id.to_owned()))
}

/// The conditions that name one record: all key fields and no others.
pub(crate) fn key_of(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    key: &[(&str, &str)],
) -> Result<Vec<Condition>> {
    let given: BTreeSet<&str> = key.iter().map(|(name, _)| *name).collect();
    let wanted: BTreeSet<&str> = dataset.key.iter().map(String::as_str).collect();
    if given != wanted || key.len() != wanted.len() {
        return Err(Error::Key { dataset: dataset.id.clone(), key: dataset.key.join(", ") });
    }
    let mut conditions = Vec::with_capacity(key.len());
    for (name, value) in key {
        let field = dataset.field(name).ok_or_else(|| unknown_field(name))?;
        let Some(element) = sealing.catalog.element(&field.element) else {
            return Err(unknown_field(name));
        };
        let value = validate_held(sealing.catalog, element, value, china_date(ctx.now))
            .map_err(|text| Error::field(name, text))?;
        conditions.push(Condition::of(sealing, dataset, field, element.kind, &value)?);
    }
    Ok(conditions)
}

pub(crate) fn unknown_field(name: &str) -> Error {
    Error::field(
        name,
        Text::new(format!("数据集里没有字段 {name}"), format!("the dataset has no field {name}")),
    )
}

pub(crate) fn record(dataset: &Dataset, stored: Stored) -> Record {
    Record {
        id: stored.id,
        dataset: dataset.id.clone(),
        title: dataset.title.clone(),
        values: stored.values,
        source: stored.source,
        by_case: stored.by_case,
        updated: stored.updated,
    }
}

/// A record as lists show it.
pub(crate) fn masked(ctx: &Ctx, catalog: &Catalog, dataset: &Dataset, stored: Stored) -> Row {
    let cells = cells(ctx, catalog, dataset, &stored.values);
    let geometry = catalog.shown_geometry(dataset);
    let geometry = geometry.and_then(|field| stored.values.get(&field.name)).and_then(raw);
    let (source, updated) = (stored.source, stored.updated);
    Row { id: stored.id, cells, geometry, source, updated }
}

/// Values as lists show them.
pub(crate) fn cells(
    ctx: &Ctx,
    catalog: &Catalog,
    dataset: &Dataset,
    values: &BTreeMap<String, Value>,
) -> BTreeMap<String, Text> {
    let today = china_date(ctx.now);
    let mut cells = BTreeMap::new();
    for field in &dataset.fields {
        let value = values.get(&field.name).unwrap_or(&Value::Null);
        if let Some(element) = catalog.element(&field.element) {
            let words = |lang| mask(catalog, element, value, lang, today);
            cells.insert(field.name.clone(), Text::new(words(Lang::Zh), words(Lang::En)));
        }
    }
    cells
}

/// Appends the reading to the record of acts.
pub(crate) async fn note(
    ctx: &mut Ctx,
    verb: &str,
    dataset: &Dataset,
    found: Option<&Stored>,
    purpose: &Purpose,
) -> Result<()> {
    note_record(ctx, verb, dataset, found.map(|stored| stored.id), purpose).await
}

/// The same, for a record that need not stand in the table any more.
pub(crate) async fn note_record(
    ctx: &mut Ctx,
    verb: &str,
    dataset: &Dataset,
    record: Option<Uuid>,
    purpose: &Purpose,
) -> Result<()> {
    let act = match record {
        Some(record) => ctx.act(verb, "record", record_name(dataset, record)),
        None => ctx.act(verb, "dataset", dataset.id.clone()),
    };
    let act = act.about(purpose.person).because(purpose.why.clone());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// The name of a record in the record of acts.
pub(crate) fn record_name(dataset: &Dataset, id: Uuid) -> String {
    format!("{}/{id}", dataset.id)
}

/// The datasets that are sources of wanted elements, with the fields that hold them.
fn sources<'a>(
    catalog: &'a Catalog,
    wanted: &[&'a str],
) -> Vec<(&'a Dataset, Vec<(&'a str, &'a Field)>)> {
    let mut by_dataset: BTreeMap<&str, Vec<(&str, &Field)>> = BTreeMap::new();
    let unique: BTreeSet<&str> = wanted.iter().copied().take(WANTED_MAX).collect();
    for id in unique {
        let source = catalog
            .element(id)
            .and_then(|element| element.authority.as_deref())
            .and_then(|authority| catalog.dataset(authority));
        let Some(dataset) = source else { continue };
        if let Some(field) = dataset.field_of(id) {
            by_dataset.entry(&dataset.id).or_default().push((id, field));
        }
    }
    by_dataset
        .into_iter()
        .filter_map(|(id, fields)| catalog.dataset(id).map(|dataset| (dataset, fields)))
        .collect()
}

/// By which number the subject's record is found, and whose record it is.
fn about<'a>(
    dataset: &'a Dataset,
    subject: &'a Subject,
    why: &str,
) -> Option<(&'a Field, &'a str, Purpose)> {
    let field = dataset.subject_field()?;
    if field.element == ORGANISATION_ID {
        let (id, code) = subject.organisation.as_ref()?;
        return Some((field, code, Purpose::new(why).about_organisation(*id)));
    }
    let (id, number) = subject.person.as_ref()?;
    Some((field, number, Purpose::new(why).about(*id)))
}

/// A condition of equality; none when the value cannot be right, so that no record can hold it.
fn exact(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    (dataset, field): (&Dataset, &Field),
    given: &str,
) -> Result<Option<Condition>> {
    let catalog = sealing.catalog;
    let element = catalog.element(&field.element).ok_or_else(|| unknown_field(&field.name))?;
    validate_held(catalog, element, given, china_date(ctx.now))
        .ok()
        .map(|value| Condition::of(sealing, dataset, field, element.kind, &value))
        .transpose()
}

/// The condition that a person typed: open texts are found by a part of them, everything else as a whole.
pub(crate) fn filter(
    ctx: &Ctx,
    sealing: &Sealing<'_>,
    (dataset, field): (&Dataset, &Field),
    given: &str,
) -> Result<Condition> {
    let catalog = sealing.catalog;
    let element = catalog.element(&field.element).ok_or_else(|| unknown_field(&field.name))?;
    let open_text = element.kind.is_text() && element.check.is_none();
    if open_text && !element.sensitivity.is_masked() {
        let part = given.trim().to_owned();
        return Ok(Condition {
            column: field.name.clone(),
            kind: element.kind,
            value: part,
            how: Match::Contains,
        });
    }
    if element.is_sealed() && !catalog.is_indexed(dataset, field) {
        return Err(Error::field(
            &field.name,
            Text::new(
                format!("{}加密保存，不能按它查找。请按证件号码等主键查找", field.title.zh),
                format!(
                    "{} is kept sealed and cannot be searched; search by a number that names the record",
                    field.title.en.to_lowercase()
                ),
            ),
        ));
    }
    let today = china_date(ctx.now);
    // People know the name of a code and not the code.
    let code = code_of(catalog, element, given, today);
    let value = validate(catalog, element, code.unwrap_or(given), today)
        .map_err(|text| Error::field(&field.name, text))?;
    let mut condition = Condition::of(sealing, dataset, field, element.kind, &value)?;
    if element.kind == ElementKind::Codes && !element.is_sealed() {
        condition.how = Match::Member;
        condition.value = raw(&value).unwrap_or_default();
    }
    Ok(condition)
}

/// A field that is not personal: the others have no order and are not counted by.
pub(crate) fn plain<'a>(
    catalog: &'a Catalog,
    dataset: &'a Dataset,
    name: &str,
) -> Result<(&'a Field, &'a Element)> {
    let field = dataset.field(name).ok_or_else(|| unknown_field(name))?;
    let element = catalog.element(&field.element).ok_or_else(|| unknown_field(name))?;
    if element.sensitivity.is_masked() {
        let text = Text::new(
            format!("{}是个人信息，只能按完整的值查找", field.title.zh),
            format!(
                "{} is personal and can only be found by its whole value",
                field.title.en.to_lowercase()
            ),
        );
        return Err(Error::field(name, text));
    }
    Ok((field, element))
}

/// A field that has an order.
pub(crate) fn ordered<'a>(
    catalog: &'a Catalog,
    dataset: &'a Dataset,
    name: &str,
) -> Result<(&'a Field, &'a Element)> {
    let (field, element) = plain(catalog, dataset, name)?;
    if element.kind.has_order() {
        return Ok((field, element));
    }
    Err(Error::field(name, no_order(element.kind)))
}

/// A field whose numbers can be added up.
pub(crate) fn summed<'a>(
    catalog: &'a Catalog,
    dataset: &'a Dataset,
    name: &str,
) -> Result<&'a Field> {
    let (field, element) = plain(catalog, dataset, name)?;
    if element.kind.is_number() {
        return Ok(field);
    }
    Err(Error::field(name, Text::new("只有数能相加", "only numbers can be added up")))
}

fn no_order(kind: ElementKind) -> Text {
    if kind == ElementKind::Geometry {
        return Text::new(
            "几何字段不能排序和汇总，可以用 bbox 或 near 按范围找",
            "a geometry has no order and no totals; it is found by bbox or near",
        );
    }
    Text::new(
        "这个字段有多个代码，不能排序和汇总",
        "the field holds several codes: no order, no totals",
    )
}

/// The code that has this name today.
fn code_of<'a>(
    catalog: &'a Catalog,
    element: &Element,
    name: &str,
    today: Date,
) -> Option<&'a str> {
    let list = catalog.lists.get(element.codes.as_ref()?)?;
    list.named(name.trim(), today)
}

fn reason_of(filters: &[(&str, &str)]) -> String {
    let names: Vec<&str> = filters.iter().map(|(name, _)| *name).collect();
    if names.is_empty() { "list".to_owned() } else { format!("search by {}", names.join(", ")) }
}
