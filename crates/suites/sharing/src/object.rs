//! Objecting: a person finds what the city holds of them and says what is wrong; an officer does so from a case. It goes to
//! the dataset that is the source of the element, wherever it was seen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_registry::{
    Catalog, Dataset, ORGANISATION_ID, PERSON_ID, Purpose, Record, Sensitivity,
};

use crate::ask::{as_platform, dataset, numbered, provider, tell, written};
use crate::error::{Error, Result};
use crate::model::{Held, HeldValue, NewObjection, Objection, ObjectionState, StepKind};
use crate::settle::{mark_step, value_of};
use crate::store;
use crate::using::{number_of, users};

/// For how long a use counts.
pub(crate) const USED_DAYS: i64 = 365;

/// Whom the actor's own data is about: themselves, or the organisation they act for.
pub(crate) struct Myself {
    pub(crate) person: Uuid,
    pub(crate) number: String,
    element: &'static str,
    purpose: Purpose,
}

/// What came of raising it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// It is written down under this number.
    New(String),
    /// There is one already; what was said was added to it.
    Joined(String),
}

impl Raised {
    /// The number.
    pub fn no(&self) -> &str {
        match self {
            Self::New(no) | Self::Joined(no) => no,
        }
    }
}

/// Whose data it is, when the number is known.
pub(crate) async fn myself(ctx: &mut Ctx, verb: &str, kind: &str) -> Result<Option<Myself>> {
    let thing = Thing::new(kind, "mine").owned_by(ctx.actor.person);
    ctx.allow(verb, &thing)?;
    let identity = zhengtong_party::my_identity(ctx).await?;
    let person = ctx.actor.person.unwrap_or_default();
    let why = "本人查看登记的内容";
    if let Some(behalf) = identity.behalf {
        let purpose = Purpose::new(why).about_organisation(behalf.organisation);
        let (number, element) = (behalf.credit_code, ORGANISATION_ID);
        return Ok(Some(Myself { person, number, element, purpose }));
    }
    let purpose = Purpose::new(why).about(person);
    let number = identity.person.id_number;
    Ok(number.map(|number| Myself { person, number, element: PERSON_ID, purpose }))
}

/// What the city holds of the actor, dataset by dataset, with the unit that answers for each.
pub async fn held_of_me(ctx: &mut Ctx) -> Result<Vec<Held>> {
    let Some(myself) = myself(ctx, "sharing.mine", "person").await? else { return Ok(Vec::new()) };
    let catalog = ctx.defs::<Catalog>()?;
    let mut held = Vec::new();
    for dataset in catalog.datasets.values() {
        let Some(field) = dataset.subject_field().filter(|field| field.element == myself.element)
        else {
            continue;
        };
        let by = (field.name.as_str(), myself.number.as_str());
        let records = zhengtong_registry::held(ctx, &dataset.id, by, &myself.purpose).await?;
        if records.is_empty() {
            continue;
        }
        let unit = zhengtong_party::organisation_by_short(ctx, &dataset.authority).await?;
        let unit = unit.map_or_else(|| Text::same(dataset.authority.clone()), |unit| unit.name);
        let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        let marks = store::marks(ctx.conn(), &dataset.id, &ids).await?;
        for record in &records {
            held.push(one(&catalog, dataset, (&unit, &marks), record, china_date(ctx.now)));
        }
    }
    Ok(held)
}

fn one(
    catalog: &Catalog,
    dataset: &Dataset,
    (unit, marks): (&Text, &[(Uuid, String)]),
    record: &Record,
    today: time::Date,
) -> Held {
    // The number by which a record is found is not a value of it that could be wrong: the record would be another's.
    let by = dataset.subject_field().map(|field| field.name.as_str());
    let mut values = Vec::new();
    for field in &dataset.fields {
        let Some(value) = record.values.get(&field.name).filter(|value| !value.is_null()) else {
            continue;
        };
        let Some(element) = catalog.element(&field.element) else { continue };
        let say = |lang| {
            // Numbers and the like stay masked: whoever looks over the shoulder learns nothing.
            if element.sensitivity == Sensitivity::Sensitive {
                return zhengtong_registry::mask(catalog, element, value, lang, today);
            }
            zhengtong_registry::display(catalog, element, value, lang, today)
        };
        values.push(HeldValue {
            field: field.name.clone(),
            title: field.title.clone(),
            words: Text::new(say(Lang::Zh), say(Lang::En)),
            disputed: marks.iter().any(|(id, name)| *id == record.id && *name == field.name),
            may_object: !dataset.key.contains(&field.name) && Some(field.name.as_str()) != by,
        });
    }
    Held {
        dataset: dataset.id.clone(),
        title: dataset.title.clone(),
        unit: unit.clone(),
        record: record.id,
        values,
        updated: record.updated,
    }
}

/// Says that a value held of oneself is wrong.
pub async fn object(ctx: &mut Ctx, new: NewObjection) -> Result<Raised> {
    let absent = || zhengtong_db::Error::absent("record", new.record);
    let myself = myself(ctx, "sharing.object", "objection").await?.ok_or_else(absent)?;
    let catalog = ctx.defs::<Catalog>()?;
    let seen = dataset(&catalog, &new.dataset)?;
    let field = seen.subject_field().filter(|field| field.element == myself.element);
    let field = field.ok_or_else(absent)?;
    let by = (field.name.as_str(), myself.number.as_str());
    let records = zhengtong_registry::held(ctx, &seen.id, by, &myself.purpose).await?;
    let record = records.into_iter().find(|record| record.id == new.record).ok_or_else(absent)?;
    said(&new)?;
    raise(ctx, (seen, record), &new, Some(myself.person), None).await
}

/// Says, as an officer in a case, that a value is wrong that the own unit may read or has used. It names the record by its
/// whole key.
pub async fn object_by_key(
    ctx: &mut Ctx,
    id: &str,
    key: &[(&str, &str)],
    (field, claimed, why): (&str, &str, &str),
    case: Option<&str>,
) -> Result<Raised> {
    let unit = ctx.actor.organisation;
    let asked_by = Attr::Text(unit.map(|unit| unit.to_string()).unwrap_or_default());
    ctx.allow("sharing.object", &Thing::new("objection", "new").with("asked_by", asked_by))?;
    let catalog = ctx.defs::<Catalog>()?;
    let seen = dataset(&catalog, id)?;
    let purpose = Purpose::new(format!("数据异议：{}", case.unwrap_or("–")));
    let absent = || zhengtong_db::Error::absent("record", id);
    let found = match zhengtong_registry::lookup(ctx, id, key, &purpose).await {
        Err(error) if error.kind() == Kind::Denied => {
            let found = as_platform(ctx, async |ctx| {
                Ok(zhengtong_registry::lookup(ctx, id, key, &purpose).await?)
            });
            let record = found.await?.ok_or_else(absent)?;
            let since = ctx.now - Duration::days(USED_DAYS);
            let users = users(ctx, record.id, since).await?;
            // Whoever never had the record does not learn here whether there is one.
            Some(record).filter(|_| unit.is_some_and(|unit| users.contains(&unit)))
        }
        other => other?,
    };
    let record = found.ok_or_else(absent)?;
    let new = NewObjection {
        dataset: id.to_owned(),
        record: record.id,
        field: field.to_owned(),
        claimed: claimed.to_owned(),
        why: why.to_owned(),
    };
    said(&new)?;
    raise(ctx, (seen, record), &new, None, case).await
}

/// Sends a record that breaks a rule of quality back to the unit that answers for the source. What is right is for that unit
/// to find out.
pub async fn send_back(ctx: &mut Ctx, id: &str, rule: &str, record: Uuid) -> Result<Raised> {
    let unit = ctx.actor.organisation;
    let asked_by = Attr::Text(unit.map(|unit| unit.to_string()).unwrap_or_default());
    ctx.allow("sharing.object", &Thing::new("objection", "new").with("asked_by", asked_by))?;
    let catalog = ctx.defs::<Catalog>()?;
    let seen = dataset(&catalog, id)?;
    let found = zhengtong_registry::quality_fault(ctx, id, rule, record).await?;
    let (rule, record) = found.ok_or_else(|| zhengtong_db::Error::absent("record", record))?;
    let new = NewObjection {
        dataset: id.to_owned(),
        record: record.id,
        field: rule.field.unwrap_or_default(),
        claimed: String::new(),
        why: format!("质量检查不符合规则：{}", rule.title.zh),
    };
    raise(ctx, (seen, record), &new, None, None).await
}

/// Objections that the actor raised.
pub async fn my_objections(ctx: &mut Ctx) -> Result<Vec<Objection>> {
    let person = ctx.actor.person;
    ctx.allow("sharing.mine", &Thing::new("person", "mine").owned_by(person))?;
    store::objections_of(ctx.conn(), person.unwrap_or_default()).await
}

/// Elements of which somebody objects to what the city holds of the actor: forms that prefill say so.
pub async fn my_marks(ctx: &mut Ctx) -> Result<BTreeSet<String>> {
    let Some(myself) = myself(ctx, "sharing.mine", "person").await? else {
        return Ok(BTreeSet::new());
    };
    let subject = store::subject(&*ctx.keyring()?, &myself.number)?;
    let marks = store::marks_of(ctx.conn(), &subject).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let elements = marks
        .iter()
        .filter_map(|(id, name)| Some(catalog.dataset(id)?.field(name)?.element.clone()));
    Ok(elements.collect())
}

/// Whoever says that a value is wrong says what is right.
fn said(new: &NewObjection) -> Result<()> {
    if new.claimed.trim().is_empty() {
        return Err(Error::field("claimed", "请写正确的内容", "say what it should be"));
    }
    Ok(())
}

async fn raise(
    ctx: &mut Ctx,
    (seen, record): (&Dataset, Record),
    new: &NewObjection,
    person: Option<Uuid>,
    case: Option<&str>,
) -> Result<Raised> {
    let (claimed, why) = (new.claimed.trim(), written("why", &new.why)?);
    if seen.field(&new.field).is_none() || seen.key.contains(&new.field) {
        return Err(Error::field(
            "field",
            "这一项不能提异议，请选别的",
            "this field cannot be objected to",
        ));
    }
    let number = number_of(seen, &record);
    let (source, at, field) = traced(ctx, seen, record, &new.field, number.as_deref()).await?;
    if !claimed.is_empty() {
        value_of(ctx, &source, &field, claimed)?;
    }
    let subject = match &number {
        Some(number) => Some(store::subject(&*ctx.keyring()?, number)?),
        None => None,
    };
    let objection = Objection {
        no: numbered(ctx, "YY").await?,
        dataset: source.id.clone(),
        record: at.id,
        field,
        seen_in: seen.id.clone(),
        source: provider(ctx, &source).await?,
        person,
        unit: ctx.actor.organisation.filter(|_| person.is_none()),
        case: case.map(str::to_owned),
        raised_at: ctx.now,
        state: ObjectionState::Open,
        due: None,
        late: false,
        told: 0,
    };
    let place = (objection.dataset.as_str(), objection.record, objection.field.as_str());
    let key: BTreeMap<&String, &Value> =
        source.key.iter().filter_map(|name| Some((name, at.values.get(name)?))).collect();
    let key = serde_json::to_string(&key).map_err(zhengtong_db::Error::from)?;
    if !store::insert_objection(ctx, &objection, (&key, claimed), subject).await? {
        let open = store::open_objection(ctx.conn(), place).await?;
        let no = open.ok_or_else(|| Error::state("请再试一次", "try again"))?;
        let act = ctx.act("sharing.object", "objection", &no).about(person).because(why);
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        return Ok(Raised::Joined(no));
    }
    mark_step(ctx, "sharing.object", &objection, (StepKind::Raised, &why)).await?;
    ctx.emit("sharing.disputed", &objection.no, &objection.dataset).await?;
    let link = format!("/desk/sharing/objections/{}", objection.no);
    tell(ctx, objection.source, "objection", &objection.no, &link).await?;
    Ok(Raised::New(objection.no))
}

/// The dataset that is the source of what stands in a field, with the record there: one element has one source.
async fn traced(
    ctx: &mut Ctx,
    seen: &Dataset,
    record: Record,
    field: &str,
    number: Option<&str>,
) -> Result<(Dataset, Record, String)> {
    let catalog = ctx.defs::<Catalog>()?;
    let here = (seen.clone(), record, field.to_owned());
    let element = seen.field(field).and_then(|field| catalog.element(&field.element));
    let authority = element.and_then(|element| element.authority.as_deref());
    let (Some(element), Some(number)) = (element, number) else { return Ok(here) };
    let Some(source) = authority.filter(|id| *id != seen.id).and_then(|id| catalog.dataset(id))
    else {
        return Ok(here);
    };
    let (Some(there), Some(by)) = (source.field_of(&element.id), source.subject_field()) else {
        return Ok(here);
    };
    if seen.subject_field().map(|field| &field.element) != Some(&by.element)
        || source.key.contains(&there.name)
    {
        return Ok(here);
    }
    let why = Purpose::new("数据异议溯源");
    let found = as_platform(ctx, async |ctx| {
        Ok(zhengtong_registry::held(ctx, &source.id, (&by.name, number), &why).await?)
    });
    Ok(match found.await?.into_iter().next() {
        Some(record) => (source.clone(), record, there.name.clone()),
        None => here,
    })
}
