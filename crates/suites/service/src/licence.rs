//! Items about a licence that was given before: which of the applicant's licences may be meant, and what the form
//! takes over from its record.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Date;
use zhengtong_base::code::parse_date;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::{Calendar, Unit, china_date};
use zhengtong_casework::Limit;
use zhengtong_db::Ctx;
use zhengtong_form::{Finished, Known};
use zhengtong_pack::{File, Pack, Packs, Report};
use zhengtong_registry::{Purpose, Record};

use crate::error::{Error, Result};
use crate::part::{Item, Listed, Object};

/// The status of a licence in force, in the national list of codes.
const IN_FORCE: &str = "1";

/// The register of the licences that an item is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceRule {
    /// The dataset, as `name` or `pack:name`.
    pub dataset: String,
    /// Its field with the number of the licence.
    pub number: String,
    /// Its field with the unified social credit code of the holder.
    pub holder: String,
    /// Its field with the last day.
    pub valid_to: String,
    /// Its field with the status, by the list of statuses of licences; a record without one is in force.
    pub status: String,
    /// How long before the last day one may apply at the earliest, such as `90 working days`; always where nothing is
    /// written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// What the form takes over: the key of the answer, and the field of the record.
    pub fill: BTreeMap<String, String>,
}

/// A licence of the applicant that an item may be about.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its number.
    pub number: String,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// Why it cannot be meant now; none when it can.
    pub barred: Option<Text>,
    record: Record,
}

/// The licences in force of the one for whom an actor acts, that this item is about.
pub async fn licences(ctx: &mut Ctx, listed: &Listed) -> Result<Vec<Held>> {
    let Some(rule) = &listed.item.licence else { return Ok(Vec::new()) };
    let Some(behalf) = ctx.actor.behalf.clone() else { return Ok(Vec::new()) };
    let why = format!("办理“{}”时查找要办的证照", listed.item.name.zh);
    let purpose = Purpose::new(&why).about_organisation(behalf.organisation);
    let dataset = rule.dataset_of(&listed.pack);
    let asked = (rule.holder.as_str(), behalf.credit_code.as_str());
    let found = zhengtong_registry::held(ctx, &dataset, asked, &purpose).await?;
    let today = china_date(ctx.now);
    let law = zhengtong_casework::law(ctx).await?;
    Ok(found.into_iter().filter_map(|record| rule.held(record, law.china(), today)).collect())
}

/// The licence that an application is about: the one that was named, or the only one there is.
pub(crate) async fn chosen(ctx: &mut Ctx, listed: &Listed, named: &str) -> Result<Option<Held>> {
    if listed.item.licence.is_none() {
        return Ok(None);
    }
    let mut held = licences(ctx, listed).await?;
    if !named.is_empty() {
        held.retain(|one| one.number == named);
    } else if held.iter().any(|one| one.barred.is_none()) {
        held.retain(|one| one.barred.is_none());
    }
    let one = match (held.pop(), held.is_empty()) {
        (Some(one), true) => one,
        (Some(_), false) => {
            return Err(Error::State(Text::new(
                "您有几张这样的证，请先选是哪一张",
                "you hold several such licences; choose the one you mean",
            )));
        }
        (None, _) => return Err(Error::State(none_there())),
    };
    match one.barred {
        Some(why) => Err(Error::State(why)),
        None => Ok(Some(one)),
    }
}

/// Whether the licence that an application is about may still be meant when it is handed in, and is the one of which the
/// form took its facts: what the register says of it is not typed over.
pub(crate) async fn still(ctx: &mut Ctx, listed: &Listed, finished: &Finished) -> Result<()> {
    let Some(rule) = &listed.item.licence else { return Ok(()) };
    let known = &finished.known;
    let altered = |key: &&String| {
        let typed = finished.answers.values.get(*key).filter(|value| !value.is_null());
        let held = known.get(*key).map(|known| &known.value);
        typed.is_some() && held.is_some() && typed != held
    };
    let altered = rule.fill.keys().filter(altered).map(|key| {
        FieldError::new(
            key,
            "这一项取自许可证库，不能在这里改；要改请办变更",
            "this comes from the register of licences and is not changed here; apply for a change",
        )
    });
    let altered: Vec<FieldError> = altered.collect();
    if !altered.is_empty() {
        return Err(Error::Invalid(altered));
    }
    let key = rule.fill.iter().find(|(_, field)| **field == rule.number).map(|(key, _)| key);
    let number = key.and_then(|key| known.get(key)).and_then(|known| known.value.as_str());
    let Some(number) = number.map(str::to_owned) else { return Err(Error::State(none_there())) };
    chosen(ctx, listed, &number).await.map(drop)
}

fn none_there() -> Text {
    Text::new(
        "登记库里没有您可以办这件事的证：还没有证，或者已经注销、过期",
        "the register holds no licence of yours for this: there is none, or it was given up or has expired",
    )
}

impl LicenceRule {
    fn dataset_of(&self, pack: &str) -> String {
        let (owner, name) = Packs::resolve(pack, &self.dataset);
        format!("{owner}:{name}")
    }

    /// A record as a licence in force; nothing when it is not.
    fn held(&self, record: Record, calendar: &Calendar, today: Date) -> Option<Held> {
        let said = |field: &str| record.values.get(field).and_then(Value::as_str);
        let number = said(&self.number)?.to_owned();
        let valid_to = said(&self.valid_to).and_then(|said| parse_date(said).ok());
        let ended = said(&self.status).is_some_and(|status| status != IN_FORCE);
        if ended || valid_to.is_some_and(|last| last < today) {
            return None;
        }
        let barred = valid_to.and_then(|last| self.too_early(last, calendar, today));
        Some(Held { number, valid_to, barred, record })
    }

    /// Why it is too early: the last day is further away than the law lets one apply before.
    fn too_early(&self, last: Date, calendar: &Calendar, today: Date) -> Option<Text> {
        let limit = Limit::parse(self.opens.as_deref()?)?;
        let reach = match limit.unit {
            Unit::WorkingDay => calendar.estimate_working_days(today, limit.days).ok()?.date,
            _ => today.checked_add(time::Duration::days(i64::from(limit.days)))?,
        };
        let (days, zh, en) = (limit.days, limit.unit.zh(), limit.unit.en());
        (last > reach).then(|| {
            Text::new(
                format!("还没到时候：有效期到 {last}，届满前 {days} {zh}内才能办"),
                format!("too early: it is valid until {last}; apply within the last {days} {en}"),
            )
        })
    }

    /// What the form takes over from the record.
    pub(crate) fn known(&self, held: &Held) -> BTreeMap<String, Known> {
        let taken = self.fill.iter().filter_map(|(key, field)| {
            let value = held.record.values.get(field)?.clone();
            let known = Known {
                value,
                source: held.record.title.clone(),
                dataset: held.record.dataset.clone(),
                updated: held.record.updated,
            };
            Some((key.clone(), known))
        });
        taken.collect()
    }
}

/// Reports what does not fit between an item and the register that it names.
pub(crate) fn check(file: &File<'_>, item: &Item, pack: &Pack, packs: &Packs, report: &mut Report) {
    let Some(rule) = &item.licence else { return };
    let mut wrong = |needle: &str, zh: &str, en: &str| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    let (owner, name) = Packs::resolve(pack.id(), &rule.dataset);
    let there = packs
        .get(owner)
        .is_some_and(|owner| owner.bytes(&format!("registry/{name}.toml")).is_some());
    if !there || !packs.may_refer(pack.id(), owner) {
        wrong(
            &format!("\"{}\"", rule.dataset),
            "没有这个数据集，或 pack.toml 的 needs 里没有它的包",
            "there is no such dataset, or pack.toml does not need its pack",
        );
    }
    if !rule.fill.values().any(|field| *field == rule.number) {
        wrong(
            "[licence.fill]",
            "表单里要有证照编号：请把编号字段写进 [licence.fill]",
            "the form must hold the number of the licence: name its field in [licence.fill]",
        );
    }
    if rule.opens.as_ref().is_some_and(|opens| Limit::parse(opens).is_none()) {
        wrong("opens", "期限写成 90 working days 这样", "write a limit like `90 working days`");
    }
    if item.object.iter().any(|object| *object != Object::Legal) {
        wrong(
            "object",
            "办已有证照的事项现在只给单位用：object 写 [\"legal\"]",
            "an item about a licence is for organisations: write object = [\"legal\"]",
        );
    }
}
