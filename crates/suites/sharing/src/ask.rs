//! What the unit that wants data does: asks, talks, asks for a ruling, takes it back.

use std::collections::BTreeSet;

use time::{Date, Duration};
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_notice::{To, Vars};
use zhengtong_registry::{Catalog, Dataset, Sharing};

use crate::course;
use crate::error::{Error, Result};
use crate::model::{NewRequest, Request, State, StepKind, Way};
use crate::store;

/// Fewest characters of what somebody writes to give a reason.
const WORDS_MIN: usize = 4;
/// Fields of one request.
const FIELDS_MAX: usize = 100;
/// Who does what follows by rule.
const PLATFORM: &str = "政通";

/// Asks for data; gives the number of the request.
pub async fn ask(ctx: &mut Ctx, new: NewRequest) -> Result<String> {
    let Some(unit) = ctx.actor.organisation else {
        return Err(zhengtong_db::Error::Denied { verb: "sharing.ask".to_owned() }.into());
    };
    let thing = Thing::new("sharing", "new").with("asked_by", Attr::Text(unit.to_string()));
    ctx.allow("sharing.ask", &thing)?;
    let body = format!("{new:?}");
    if let Some(before) = ctx.once("sharing.ask", &body).await? {
        return Ok(serde_json::from_value(before).map_err(zhengtong_db::Error::from)?);
    }
    let catalog = ctx.defs::<Catalog>()?;
    let day = china_date(ctx.now);
    let limits = crate::limits(ctx, day)?;
    let errors = faults(&catalog, &new, day, &limits.file);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let dataset = dataset(&catalog, &new.dataset)?;
    let provider = provider(ctx, dataset).await?;
    if provider == unit {
        return Err(Error::field(
            "dataset",
            "这是本单位的数据，不用申请",
            "this is data of the own unit; nothing is to be asked for",
        ));
    }
    let no = numbered(ctx, "GX").await?;
    let request = Request {
        no: no.clone(),
        unit,
        asker: ctx.actor.person,
        asker_name: ctx.actor.name.clone(),
        provider,
        conditional: dataset.sharing == Sharing::Conditional,
        new,
        asked_at: ctx.now,
        state: State::Asked,
        due: None,
        late: false,
    };
    store::insert_request(ctx.conn(), &request).await?;
    step(ctx, "sharing.ask", &request, (StepKind::Asked, &request.new.purpose)).await?;
    ctx.answered(&no).await?;
    Ok(no)
}

/// Talks with the provider after a no: says why the data is needed all the same.
pub async fn negotiate(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let request = for_change(ctx, "sharing.ask", no).await?;
    in_state(&request, State::Refused)?;
    if has(ctx, no, StepKind::Negotiated).await? {
        return Err(Error::state("已经协商过，可以提请裁决", "there was a talk; ask for a ruling"));
    }
    let words = written("words", words)?;
    step(ctx, "sharing.ask", &request, (StepKind::Negotiated, &words)).await?;
    tell(ctx, request.provider, "to-reply", &request.no, &format!("/desk/sharing/{no}")).await
}

/// Asks the data authority to rule, after a talk that came to nothing.
pub async fn appeal(ctx: &mut Ctx, no: &str, words: &str) -> Result<()> {
    let request = for_change(ctx, "sharing.ask", no).await?;
    in_state(&request, State::Refused)?;
    if !has(ctx, no, StepKind::Negotiated).await? {
        return Err(Error::state(
            "先和提供单位协商，协商不成再提请裁决",
            "talk with the provider first",
        ));
    }
    let words = written("words", words)?;
    step(ctx, "sharing.ask", &request, (StepKind::Appealed, &words)).await
}

/// Takes a request back.
pub async fn withdraw(ctx: &mut Ctx, no: &str) -> Result<()> {
    let request = for_change(ctx, "sharing.ask", no).await?;
    if request.state.over() {
        return Err(Error::state("这件申请已经办结", "this request is over"));
    }
    step(ctx, "sharing.ask", &request, (StepKind::Withdrawn, "")).await
}

fn faults(
    catalog: &Catalog,
    new: &NewRequest,
    today: Date,
    limits: &crate::part::LimitsFile,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (name, words) in [("purpose", &new.purpose), ("basis", &new.basis), ("serves", &new.serves)]
    {
        if let Err(Error::Invalid(mut found)) = written(name, words) {
            errors.append(&mut found);
        }
    }
    match catalog.dataset(&new.dataset) {
        None => errors.push(FieldError::new("dataset", "请选一个数据集", "choose a dataset")),
        Some(dataset) if dataset.sharing == Sharing::None => errors.push(FieldError::new(
            "dataset",
            "这个数据集依法不予共享",
            "by law this dataset is not shared",
        )),
        Some(dataset) => {
            let known = new.fields.iter().all(|name| dataset.field(name).is_some());
            let different: BTreeSet<&String> = new.fields.iter().collect();
            if new.fields.is_empty() || new.fields.len() > FIELDS_MAX {
                errors.push(FieldError::new(
                    "fields",
                    "请勾选要用的信息项",
                    "choose the fields you need",
                ));
            } else if !known || different.len() != new.fields.len() {
                errors.push(FieldError::new(
                    "fields",
                    "有的信息项不在这个数据集里，或者写了两次",
                    "some fields are not of this dataset, or stand twice",
                ));
            }
        }
    }
    let longest = Duration::days(i64::from(limits.period_days_max));
    if new.first < today {
        errors.push(FieldError::new(
            "first",
            "开始日期不能早于今天",
            "it begins today at the earliest",
        ));
    }
    if new.last < new.first || new.last - new.first > longest {
        let most = limits.period_days_max;
        errors.push(FieldError::new(
            "last",
            format!("结束日期不早于开始日期，最长 {most} 天"),
            format!("it ends after it begins, within {most} days"),
        ));
    }
    let most = i32::try_from(limits.quota_max).unwrap_or(i32::MAX);
    if !(1..=most).contains(&new.quota) {
        errors.push(FieldError::new(
            "quota",
            format!("每天次数写 1 到 {most}"),
            format!("uses a day are 1 to {most}"),
        ));
    }
    errors
}

/// A dataset by its name.
pub(crate) fn dataset<'a>(catalog: &'a Catalog, id: &str) -> Result<&'a Dataset> {
    let gone = || zhengtong_registry::Error::NoDataset(id.to_owned());
    Ok(catalog.dataset(id).ok_or_else(gone)?)
}

/// The unit that answers for a dataset.
pub(crate) async fn provider(ctx: &mut Ctx, dataset: &Dataset) -> Result<uuid::Uuid> {
    let found = zhengtong_party::organisation_by_short(ctx, &dataset.authority).await?;
    let none = || {
        let unit = &dataset.authority;
        Error::field(
            "dataset",
            format!("负责这个数据集的单位 {unit} 还没有登记，请系统管理员先登记这个单位"),
            format!(
                "{unit}, which answers for this dataset, is not registered; the system administrator enters it first"
            ),
        )
    };
    Ok(found.ok_or_else(none)?.id)
}

/// The next number of a kind in this year.
pub(crate) async fn numbered(ctx: &mut Ctx, kind: &str) -> Result<String> {
    let year = china_date(ctx.now).year();
    let next = ctx.number(&format!("sharing.{kind}.{year}")).await?;
    Ok(format!("{kind}{year}{next:06}"))
}

/// A request as policies see it.
pub(crate) fn thing(request: &Request) -> Thing {
    Thing::new("sharing", &request.no)
        .handled_by(Some(request.provider))
        .with("asked_by", Attr::Text(request.unit.to_string()))
}

/// A request that the actor may do the verb with, locked.
pub(crate) async fn for_change(ctx: &mut Ctx, verb: &str, no: &str) -> Result<Request> {
    let found = store::request(ctx.conn(), no, true).await?;
    let request = found.ok_or_else(|| zhengtong_db::Error::absent("request", no))?;
    ctx.allow_or_absent(verb, &thing(&request))?;
    Ok(request)
}

pub(crate) fn in_state(request: &Request, state: State) -> Result<()> {
    if request.state == state {
        return Ok(());
    }
    Err(Error::State(Text::new(
        format!("这件申请现在是“{}”，不能这样办", request.state.title().zh),
        format!("this request is now: {}", request.state.title().en.to_lowercase()),
    )))
}

/// Whether a step was taken already.
pub(crate) async fn has(ctx: &mut Ctx, no: &str, kind: StepKind) -> Result<bool> {
    Ok(store::steps(ctx, no).await?.iter().any(|step| step.kind == kind))
}

/// Words that must be there.
pub(crate) fn written(name: &str, words: &str) -> Result<String> {
    let words = words.trim();
    let (count, most) = (words.chars().count(), zhengtong_base::Limits::default().text_chars);
    if count < WORDS_MIN {
        return Err(Error::field(
            name,
            format!("请写清楚，至少 {WORDS_MIN} 个字"),
            format!("say it in at least {WORDS_MIN} characters"),
        ));
    }
    if count > most {
        let (zh, en) = (format!("最多 {most} 字"), format!("at most {most} characters"));
        return Err(Error::field(name, zh, en));
    }
    Ok(words.to_owned())
}

/// Does a step of a request: rows, then one entry in the record.
pub(crate) async fn step(
    ctx: &mut Ctx,
    verb: &str,
    request: &Request,
    (kind, words): (StepKind, &str),
) -> Result<()> {
    let actor = actor_name(ctx);
    store::add_step(ctx, &request.no, kind, (&actor, words)).await?;
    let marks: Vec<course::Mark> =
        store::steps(ctx, &request.no).await?.iter().map(|step| (step.kind, step.at)).collect();
    let limits = crate::limits(ctx, china_date(request.asked_at))?;
    let law = zhengtong_casework::law(ctx).await?;
    let course = course::request(&marks, &limits, law.china())?;
    store::write_course(ctx.conn(), &request.no, course).await?;
    let mut act = ctx.act(verb, "sharing", &request.no);
    act.reason = Some(match words {
        "" => kind.title().zh,
        words => format!("{}：{words}", kind.title().zh),
    });
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let news = serde_json::json!({
        "step": kind.word(), "unit": request.unit, "provider": request.provider,
        "dataset": request.new.dataset,
    });
    ctx.emit("sharing.moved", &request.no, &news).await?;
    Ok(())
}

pub(crate) fn actor_name(ctx: &Ctx) -> String {
    if ctx.actor.kind == zhengtong_db::ActorKind::System {
        PLATFORM.to_owned()
    } else {
        ctx.actor.name.clone()
    }
}

/// Does something as the platform.
pub(crate) async fn as_platform<T>(
    ctx: &mut Ctx,
    work: impl AsyncFnOnce(&mut Ctx) -> Result<T>,
) -> Result<T> {
    let actor = std::mem::replace(&mut ctx.actor, zhengtong_db::Actor::system("sharing"));
    let outcome = work(ctx).await;
    ctx.actor = actor;
    outcome
}

/// A message to those who answer for a unit's data, about a matter with a number.
pub(crate) async fn tell(
    ctx: &mut Ctx,
    unit: uuid::Uuid,
    message: &str,
    no: &str,
    link: &str,
) -> Result<()> {
    tell_with(ctx, unit, message, &Vars::default().same("no", no.to_owned()), link).await
}

/// A message to those who answer for a unit's data: its heads and its stewards.
pub(crate) async fn tell_with(
    ctx: &mut Ctx,
    unit: uuid::Uuid,
    message: &str,
    vars: &Vars,
    link: &str,
) -> Result<()> {
    let template = format!("sharing:{message}");
    as_platform(ctx, async |ctx| {
        let mut people = BTreeSet::new();
        for role in ["head", "steward"] {
            let serving = zhengtong_party::serving(ctx, unit, role).await?;
            people.extend(serving.into_iter().map(|one| one.person));
        }
        for person in people {
            zhengtong_notice::send(ctx, To::Person(person), &template, vars, Some(link)).await?;
        }
        Ok(())
    })
    .await
}

/// Whether a way shows values at all.
pub(crate) fn shows(way: Way) -> bool {
    way == Way::Query
}
