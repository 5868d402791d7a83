//! Using what was granted: by the whole key of one record, exactly the granted fields, as often a day as was granted. The
//! row of the grant is held while it is used, so that whoever ends it waits, and nothing is used after it.

use std::collections::BTreeSet;

use serde_json::Value;
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_registry::{Catalog, Dataset, Purpose, Record};

use crate::ask::{as_platform, dataset, shows, tell, written};
use crate::error::{Error, Result};
use crate::model::{Given, Grant, Shared, SharedValue, Way};
use crate::store;

/// A grant as policies see it.
pub(crate) fn thing(grant: &Grant) -> Thing {
    Thing::new("grant", &grant.no)
        .handled_by(Some(grant.provider))
        .with("asked_by", Attr::Text(grant.unit.to_string()))
}

/// The granted fields of one record by its whole key. `fields` narrows them and never widens them.
pub async fn records(
    ctx: &mut Ctx,
    no: &str,
    key: &[(&str, &str)],
    fields: &[&str],
) -> Result<Option<Shared>> {
    let grant = usable(ctx, no, Way::Query).await?;
    let given: BTreeSet<&str> = grant.fields.iter().map(String::as_str).collect();
    if let Some(other) = fields.iter().find(|name| !given.contains(*name)) {
        return Err(Error::beyond(
            format!("没有授权信息项“{other}”"),
            format!("the field {other} was not granted"),
        ));
    }
    let left = spend(ctx, &grant).await?;
    let found = look(ctx, &grant, key).await?;
    note(ctx, &grant, found.as_ref()).await?;
    let Some(record) = found else { return Ok(None) };
    let catalog = ctx.defs::<Catalog>()?;
    let source = dataset(&catalog, &grant.dataset)?;
    let disputed = store::marks(ctx.conn(), &grant.dataset, &[record.id]).await?;
    let wanted =
        grant.fields.iter().filter(|name| fields.is_empty() || fields.contains(&name.as_str()));
    let today = china_date(ctx.now);
    let values = wanted.filter_map(|name| {
        let is_disputed = disputed.iter().any(|(_, field)| field == name);
        let masked = grant.masked.contains(name);
        shown(&catalog, source, &record, (name, masked, is_disputed), today)
    });
    Ok(Some(Shared { values: values.collect(), updated: record.updated, left }))
}

/// Whether a granted field of one record holds a value: yes or no, and nothing else.
pub async fn verify(
    ctx: &mut Ctx,
    no: &str,
    key: &[(&str, &str)],
    (field, value): (&str, &str),
) -> Result<bool> {
    let grant = usable(ctx, no, Way::Verify).await?;
    if !grant.fields.iter().any(|given| given == field) {
        return Err(Error::beyond(
            format!("没有授权信息项“{field}”"),
            format!("the field {field} was not granted"),
        ));
    }
    spend(ctx, &grant).await?;
    let found = look(ctx, &grant, key).await?;
    note(ctx, &grant, found.as_ref()).await?;
    let why = Purpose::new(grant.purpose.clone());
    as_platform(ctx, async |ctx| {
        let held = zhengtong_registry::verify(ctx, &grant.dataset, key, (field, value), &why).await;
        Ok(held?)
    })
    .await
}

/// Ends a grant at once, with a reason: the provider, the data authority, or the unit that needs it no more.
pub async fn end(ctx: &mut Ctx, no: &str, reason: &str) -> Result<()> {
    let found = store::grant_for_change(ctx.conn(), no).await?;
    let grant = found.ok_or_else(|| zhengtong_db::Error::absent("grant", no))?;
    ctx.allow_or_absent("sharing.end", &thing(&grant))?;
    if matches!(grant.on(china_date(ctx.now)), Given::Ended | Given::Expired) {
        return Err(Error::state("这份授权已经结束", "this grant is over"));
    }
    let reason = written("reason", reason)?;
    let (now, name) = (ctx.now, ctx.actor.name.clone());
    store::end_grant(ctx.conn(), no, (now, &name, &reason)).await?;
    let act = ctx.act("sharing.end", "grant", no).because(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("sharing.ended", no, &grant.request).await?;
    tell(ctx, grant.unit, "ended", no, &format!("/desk/sharing/grants/{no}")).await
}

/// A grant that the actor may use today, held until the transaction ends.
async fn usable(ctx: &mut Ctx, no: &str, way: Way) -> Result<Grant> {
    let found = store::grant_in_use(ctx.conn(), no).await?;
    let grant = found.ok_or_else(|| zhengtong_db::Error::absent("grant", no))?;
    ctx.allow_or_absent("sharing.use", &thing(&grant))?;
    match grant.on(china_date(ctx.now)) {
        Given::InForce => {}
        Given::Waiting => {
            let first = grant.first;
            return Err(Error::beyond(
                format!("授权从 {first} 起才能用"),
                format!("this grant is in force from {first}"),
            ));
        }
        Given::Expired => {
            let last = grant.last;
            return Err(Error::beyond(
                format!("授权已于 {last} 到期，需要的请重新申请"),
                format!("this grant ran out on {last}; ask again"),
            ));
        }
        Given::Ended => {
            return Err(Error::beyond("授权已经收回", "this grant was ended"));
        }
    }
    if shows(grant.way) != shows(way) {
        let title = grant.way.title();
        return Err(Error::beyond(
            format!("授权的方式是“{}”", title.zh),
            format!("what was granted is: {}", title.en.to_lowercase()),
        ));
    }
    Ok(grant)
}

/// Takes one use of today's quota; gives how many are left.
async fn spend(ctx: &mut Ctx, grant: &Grant) -> Result<i32> {
    let day = china_date(ctx.now);
    let used = store::spend(ctx.conn(), &grant.no, day, grant.quota).await?;
    used.map(|used| grant.quota - used).ok_or(Error::Spent(grant.quota))
}

async fn look(ctx: &mut Ctx, grant: &Grant, key: &[(&str, &str)]) -> Result<Option<Record>> {
    // The platform reads; who it reads for, and what for, stands in the record of the use.
    let why = Purpose::new(format!("共享授权 {}", grant.no));
    as_platform(ctx, async |ctx| {
        Ok(zhengtong_registry::lookup(ctx, &grant.dataset, key, &why).await?)
    })
    .await
}

/// Writes the use down: for the unit, for the provider, and for the person it is about.
async fn note(ctx: &mut Ctx, grant: &Grant, found: Option<&Record>) -> Result<()> {
    let catalog = ctx.defs::<Catalog>()?;
    let source = dataset(&catalog, &grant.dataset)?;
    let number = found.and_then(|record| number_of(source, record));
    let subject = match number {
        Some(number) => Some(store::subject(&*ctx.keyring()?, &number)?),
        None => None,
    };
    let record = found.map(|record| record.id);
    let (id, now, officer) = (ctx.id(), ctx.now, ctx.actor.person);
    store::insert_use(ctx.conn(), (id, now, officer), grant, (record, subject)).await?;
    let act = ctx.act("sharing.use", "grant", &grant.no).because(format!(
        "{}：{}",
        grant.purpose,
        grant.fields.join("、")
    ));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// The number of the person or organisation that a record is about.
pub(crate) fn number_of(source: &Dataset, record: &Record) -> Option<String> {
    let field = source.subject_field()?;
    record.values.get(&field.name)?.as_str().map(str::to_owned)
}

fn shown(
    catalog: &Catalog,
    source: &Dataset,
    record: &Record,
    (name, masked, disputed): (&str, bool, bool),
    today: time::Date,
) -> Option<SharedValue> {
    let field = source.field(name)?;
    let element = catalog.element(&field.element)?;
    let value = record.values.get(name).unwrap_or(&Value::Null);
    let say = |lang: Lang| match masked {
        true if element.sensitivity.is_masked() => {
            zhengtong_registry::mask(catalog, element, value, lang, today)
        }
        true if value.is_null() => String::new(),
        true => "***".to_owned(),
        false => zhengtong_registry::display(catalog, element, value, lang, today),
    };
    let words = Text::new(say(Lang::Zh), say(Lang::En));
    let value = if masked { Value::String(words.zh.clone()) } else { value.clone() };
    Some(SharedValue {
        field: name.to_owned(),
        title: field.title.clone(),
        value,
        words,
        masked,
        disputed,
    })
}

/// Units that used a record since a moment, other than one.
pub(crate) async fn users(
    ctx: &mut Ctx,
    record: Uuid,
    since: time::OffsetDateTime,
) -> Result<Vec<Uuid>> {
    store::users(ctx.conn(), record, since).await
}
