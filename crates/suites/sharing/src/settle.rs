//! Settling an objection: the unit that answers for the source corrects the record or says why not, the mark goes, and every
//! unit that used the record in the last year is told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Lang, Limits, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_notice::{To, Vars};
use zhengtong_registry::{Catalog, Dataset, Origin, Purpose, Record};

use crate::ask::{actor_name, as_platform, dataset, tell, written};
use crate::course::{self, Mark};
use crate::error::{Error, Result};
use crate::model::{Objection, ObjectionSeen, ObjectionState, StepKind};
use crate::object::USED_DAYS;
use crate::reading::whose;
use crate::store;
use crate::using::users;

/// Corrects the record through the register, under the number of the objection.
pub async fn correct(ctx: &mut Ctx, no: &str, value: &str, words: &str) -> Result<()> {
    let objection = for_change(ctx, no).await?;
    let words = written("words", words)?;
    let catalog = ctx.defs::<Catalog>()?;
    let source = dataset(&catalog, &objection.dataset)?;
    let value = value_of(ctx, source, &objection.field, value)?;
    let (key, _) = store::secrets(ctx, no).await?;
    let mut record: BTreeMap<String, Value> =
        serde_json::from_str(&key).map_err(zhengtong_db::Error::from)?;
    record.insert(objection.field.clone(), value);
    let origin = Origin { person: objection.person, ..Origin::new(&source.authority) }.in_case(no);
    // The right was asked for above: the unit that answers for the dataset, in this objection.
    as_platform(ctx, async |ctx| {
        Ok(zhengtong_registry::put(ctx, &objection.dataset, &record, &origin).await?)
    })
    .await?;
    mark_step(ctx, "sharing.settle", &objection, (StepKind::Corrected, &words)).await?;
    spread(ctx, &objection, "corrected").await
}

/// Keeps the record as it is, with the reason.
pub async fn keep(ctx: &mut Ctx, no: &str, reason: &str) -> Result<()> {
    let objection = for_change(ctx, no).await?;
    let reason = written("reason", reason)?;
    mark_step(ctx, "sharing.settle", &objection, (StepKind::Kept, &reason)).await?;
    spread(ctx, &objection, "kept").await
}

/// Takes more time, once, with the reason.
pub async fn extend(ctx: &mut Ctx, no: &str, reason: &str) -> Result<()> {
    let objection = for_change(ctx, no).await?;
    if store::steps(ctx, no).await?.iter().any(|step| step.kind == StepKind::Extended) {
        return Err(Error::state("只能延长一次", "the time is extended once only"));
    }
    let reason = written("reason", reason)?;
    mark_step(ctx, "sharing.settle", &objection, (StepKind::Extended, &reason)).await
}

/// Objections that the own unit settles or raised, or all for the data authority.
pub async fn objections(ctx: &mut Ctx, is_open: bool, page: u32) -> Result<Page<Objection>> {
    let all = Thing::new("objection", "all");
    let unit = if ctx.may("sharing.objections", &all) { None } else { whose(ctx)? };
    let paging = Paging::new(page, Limits::default().page_rows);
    let (rows, total) = store::objections(ctx.conn(), unit, is_open, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// One objection, for who settles it, who raised it, and the data authority. What the record says is shown to the first two.
pub async fn objection(ctx: &mut Ctx, no: &str) -> Result<ObjectionSeen> {
    let found = store::objection(ctx.conn(), no, false).await?;
    let objection = found.ok_or_else(|| zhengtong_db::Error::absent("objection", no))?;
    let thing = thing(&objection);
    ctx.allow_or_absent("sharing.objection", &thing)?;
    let open = objection.state == ObjectionState::Open;
    let settles = ctx.may("sharing.settle", &thing);
    let own = objection.person.is_some() && objection.person == ctx.actor.person;
    let steps = store::steps(ctx, no).await?;
    let (key, claimed) = store::secrets(ctx, no).await?;
    let held = if settles || own { held(ctx, &objection, &key).await? } else { None };
    if !own {
        let why = format!("处理数据异议 {no}");
        let act =
            ctx.act("sharing.objection", "objection", no).about(objection.person).because(why);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(ObjectionSeen {
        may_settle: open && settles,
        may_extend: open && settles && steps.iter().all(|step| step.kind != StepKind::Extended),
        claimed: if settles || own { claimed } else { String::new() },
        held,
        steps,
        objection,
    })
}

/// The fields of records of a dataset that somebody objects to, for whoever reads the records.
pub async fn marks(
    ctx: &mut Ctx,
    dataset: &str,
    records: &[Uuid],
) -> Result<BTreeMap<Uuid, BTreeSet<String>>> {
    ctx.allow("sharing.marks", &Thing::new("dataset", dataset))?;
    let mut marks: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
    for (record, field) in store::marks(ctx.conn(), dataset, records).await? {
        marks.entry(record).or_default().insert(field);
    }
    Ok(marks)
}

async fn held(ctx: &mut Ctx, objection: &Objection, key: &str) -> Result<Option<Text>> {
    let catalog = ctx.defs::<Catalog>()?;
    let source = dataset(&catalog, &objection.dataset)?;
    let key: BTreeMap<String, Value> =
        serde_json::from_str(key).map_err(zhengtong_db::Error::from)?;
    let words: Vec<(&str, String)> = key
        .iter()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.as_str(), text)
        })
        .collect();
    let key: Vec<(&str, &str)> =
        words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let why = Purpose::new(format!("数据异议 {}", objection.no));
    let found: Option<Record> = as_platform(ctx, async |ctx| {
        Ok(zhengtong_registry::lookup(ctx, &source.id, &key, &why).await?)
    })
    .await?;
    let today = china_date(ctx.now);
    let field = source.field(&objection.field);
    let element = field.and_then(|field| catalog.element(&field.element));
    let (Some(record), Some(element)) = (found, element) else { return Ok(None) };
    let value = record.values.get(&objection.field).unwrap_or(&Value::Null);
    let say = |lang| zhengtong_registry::display(&catalog, element, value, lang, today);
    Ok(Some(Text::new(say(Lang::Zh), say(Lang::En))))
}

/// What was typed as a value of a field. A code may be typed by its name.
pub(crate) fn value_of(ctx: &Ctx, source: &Dataset, field: &str, typed: &str) -> Result<Value> {
    let catalog = ctx.defs::<Catalog>()?;
    let today = china_date(ctx.now);
    let element = source.field(field).and_then(|field| catalog.element(&field.element));
    let none = || Error::Definition(format!("{} has no field {field}", source.id));
    let element = element.ok_or_else(none)?;
    let typed = typed.trim();
    let named = catalog
        .options(element, today)
        .into_iter()
        .find(|entry| entry.name.zh == typed || entry.name.en.eq_ignore_ascii_case(typed));
    let typed = named.map_or(typed, |entry| entry.code.as_str());
    zhengtong_registry::validate(&catalog, element, typed, today)
        .map_err(|text| Error::field("claimed", text.zh, text.en))
}

/// Does a step of an objection: rows, then one entry in the record.
pub(crate) async fn mark_step(
    ctx: &mut Ctx,
    verb: &str,
    objection: &Objection,
    (kind, words): (StepKind, &str),
) -> Result<()> {
    let no = &objection.no;
    let actor = actor_name(ctx);
    store::add_step(ctx, no, kind, (&actor, words)).await?;
    let steps = store::steps(ctx, no).await?;
    let marks: Vec<Mark> = steps.iter().map(|step| (step.kind, step.at)).collect();
    let limits = crate::limits(ctx, china_date(objection.raised_at))?;
    let law = zhengtong_casework::law(ctx).await?;
    let course = course::objection(&marks, &limits, law.china())?;
    store::write_objection(ctx.conn(), no, course).await?;
    let act = ctx
        .act(verb, "objection", no)
        .about(objection.person)
        .because(format!("{}：{words}", kind.title().zh));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Tells whoever raised it, and every unit that used the record in the last year.
async fn spread(ctx: &mut Ctx, objection: &Objection, message: &str) -> Result<()> {
    let no = &objection.no;
    if let Some(person) = objection.person {
        let vars = Vars::default().same("no", no.clone());
        let (template, link) = (format!("sharing:{message}"), format!("/my/data/objections/{no}"));
        as_platform(ctx, async |ctx| {
            zhengtong_notice::send(ctx, To::Person(person), &template, &vars, Some(&link)).await?;
            Ok(())
        })
        .await?;
    }
    let since = ctx.now - Duration::days(USED_DAYS);
    let mut units: BTreeSet<Uuid> =
        users(ctx, objection.record, since).await?.into_iter().collect();
    units.extend(objection.unit);
    units.remove(&objection.source);
    for unit in &units {
        let payload = serde_json::json!({
            "unit": unit, "dataset": objection.dataset, "record": objection.record,
            "field": objection.field, "outcome": message,
        });
        ctx.emit("sharing.settled", no, &payload).await?;
        tell(ctx, *unit, &format!("used-{message}"), no, "/desk/sharing/grants").await?;
    }
    let told = i32::try_from(units.len()).unwrap_or(i32::MAX);
    store::write_told(ctx.conn(), no, told).await?;
    if told > 0 {
        let actor = actor_name(ctx);
        store::add_step(ctx, no, StepKind::Told, (&actor, &told.to_string())).await?;
    }
    Ok(())
}

/// An objection as policies see it.
fn thing(objection: &Objection) -> Thing {
    let unit = objection.unit.map(|unit| unit.to_string()).unwrap_or_default();
    Thing::new("objection", &objection.no)
        .owned_by(objection.person)
        .handled_by(Some(objection.source))
        .with("asked_by", Attr::Text(unit))
}

/// An open objection that the actor may settle, locked.
async fn for_change(ctx: &mut Ctx, no: &str) -> Result<Objection> {
    let found = store::objection(ctx.conn(), no, true).await?;
    let objection = found.ok_or_else(|| zhengtong_db::Error::absent("objection", no))?;
    ctx.allow_or_absent("sharing.settle", &thing(&objection))?;
    if objection.state == ObjectionState::Open {
        return Ok(objection);
    }
    Err(Error::state("这件异议已经办结", "this objection is settled"))
}
