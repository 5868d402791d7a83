//! What the directory's office does: review, publish, withdraw. Nobody reviews or publishes what they compiled.

use time::Date;
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits};
use zhengtong_calendar::{Calendar, LegalClock, china_date};
use zhengtong_db::Ctx;
use zhengtong_party::Organisation;

use crate::arrival;
use crate::compile::{digest, fulfil, in_hand, known, news, note};
use crate::error::{Error, Result};
use crate::grammar::{Parts, slug};
use crate::kinds::State;
use crate::model::{Body, Resource, Version};
use crate::part::{Directory, InForce};
use crate::store;
use crate::words;

/// Fewest characters of a reason.
const REASON_MIN: usize = 4;
/// Numbers that are passed over because an import has given their codes, in one act.
const PASSED_MAX: usize = 1_000;
/// The region in codes of a city whose units have none.
const REGION_NONE: &str = "000000";

/// Reviews a resource: it fulfils everything, or goes back with a reason.
pub async fn review(ctx: &mut Ctx, id: Uuid, refusal: Option<&str>) -> Result<()> {
    let (resource, mut version) = in_hand(ctx, "catalog.review", id, State::Submitted).await?;
    let (topic, reason) = if let Some(reason) = refusal {
        let reason = given(reason)?;
        version.state = State::Draft;
        version.refusal = Some(reason.clone());
        ("catalog.refused", Some(reason))
    } else {
        fulfil(ctx, &resource, &version.body).await?;
        version.state = State::Reviewed;
        ("catalog.reviewed", None)
    };
    version.reviewed = Some((ctx.now, ctx.actor.name.clone()));
    store::write_version(ctx.conn(), resource.id, &version).await?;
    let mut act = ctx.act("catalog.review", "resource", id.to_string());
    act.after = Some(digest(&version)?);
    if let Some(reason) = reason {
        act = act.because(reason);
    }
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    news(ctx, topic, &resource, version.number).await
}

/// Publishes a resource: it gets its code, unless it has one, and everybody finds it. The version before it stays readable.
pub async fn publish(ctx: &mut Ctx, id: Uuid) -> Result<String> {
    let (mut resource, mut version) = in_hand(ctx, "catalog.publish", id, State::Reviewed).await?;
    // One after another: of two that lead to each other the second sees what the first is made from.
    store::hold_ties(ctx.conn()).await?;
    fulfil(ctx, &resource, &version.body).await?;
    let provider = zhengtong_party::organisation(ctx, resource.provider).await?;
    if resource.code.is_none() {
        give_code(ctx, &mut resource, &version.body, &provider).await?;
    }
    if let Some(before) = resource.in_force().cloned() {
        let ended = Some(ctx.now);
        let before = Version { state: State::Replaced, ended, ..before };
        store::write_version(ctx.conn(), resource.id, &before).await?;
    }
    version.state = State::Published;
    version.published = Some((ctx.now, ctx.actor.name.clone()));
    store::write_version(ctx.conn(), resource.id, &version).await?;
    show(ctx, &resource, &version, &provider).await?;
    note(ctx, "catalog.publish", id, None, Some(digest(&version)?)).await?;
    news(ctx, "catalog.published", &resource, version.number).await?;
    Ok(resource.code.unwrap_or_default())
}

/// Takes a resource out of the directory, with a reason. Its code is never given again, and its versions stay readable.
pub async fn withdraw(ctx: &mut Ctx, id: Uuid, reason: &str) -> Result<()> {
    let resource = known(ctx, "catalog.withdraw", id, true).await?;
    let reason = given(reason)?;
    let Some(in_force) = resource.in_force().cloned() else {
        return Err(Error::state(
            "这个资源没有在用的版本",
            "no version of this resource is in force",
        ));
    };
    if resource.open().is_some() {
        return Err(Error::state(
            "这个资源正在修改，请单位先放弃修改",
            "a change of this resource is under way; its unit drops it first",
        ));
    }
    let ended = Some(ctx.now);
    let end_reason = Some(reason.clone());
    let version = Version { state: State::Withdrawn, ended, end_reason, ..in_force };
    store::write_version(ctx.conn(), resource.id, &version).await?;
    store::hide(ctx.conn(), resource.id).await?;
    store::write_ties(ctx.conn(), resource.id, None).await?;
    store::watch(ctx.conn(), resource.id, None).await?;
    let act = ctx.act("catalog.withdraw", "resource", id.to_string()).because(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    news(ctx, "catalog.withdrawn", &resource, version.number).await
}

/// The last day of a review that began at a moment.
pub(crate) fn due(
    limits: &InForce,
    calendar: &Calendar,
    submitted: time::OffsetDateTime,
) -> Result<Option<Date>> {
    let review = limits.review;
    let clock =
        LegalClock { budget: review.days, unit: review.unit, started: submitted, acts: Vec::new() };
    Ok(clock.deadline(calendar)?.map(|deadline| deadline.day))
}

/// Gives the resource the next code of its class. Codes that an import brought are passed over.
async fn give_code(
    ctx: &mut Ctx,
    resource: &mut Resource,
    body: &Body,
    provider: &Organisation,
) -> Result<()> {
    let (directory, day) = (ctx.defs::<Directory>()?, china_date(ctx.now));
    let none = || Error::Definition(format!("no grammar of codes is in force on {day}"));
    let grammar = directory.grammar(day).ok_or_else(none)?;
    let unit = provider.credit_code.as_deref().unwrap_or_default();
    let region = provider.region.as_deref().unwrap_or(REGION_NONE);
    let parts = Parts { class: &body.class, region, unit };
    let prefix = grammar.prefix(parts).ok_or_else(|| {
        Error::field(
            "class",
            "按编码规则，这一类编不出代码",
            "the grammar of codes gives no code for this class",
        )
    })?;
    let series = format!("catalog:{}:{prefix}", grammar.id);
    let now = ctx.now;
    for _ in 0..PASSED_MAX {
        let number = ctx.number(&series).await?;
        let code = grammar.code(&prefix, number).ok_or_else(|| {
            Error::state("这一类的顺序号用完了", "the running numbers of this class are used up")
        })?;
        let slug = slug(&code);
        let new = (code.as_str(), slug.as_str(), grammar.id.as_str());
        if store::give_code(ctx.conn(), new, resource.id, now).await? {
            (resource.code, resource.slug) = (Some(code), Some(slug));
            return Ok(());
        }
    }
    Err(Error::state("这一类的代码已大量导入，请再试一次", "many codes were imported; try again"))
}

/// Puts a version in front of the directory, and keeps what it names and whose data is watched.
pub(crate) async fn show(
    ctx: &mut Ctx,
    resource: &Resource,
    version: &Version,
    provider: &Organisation,
) -> Result<()> {
    let directory = ctx.defs::<Directory>()?;
    let body = &version.body;
    let (code, slug) = (
        resource.code.as_deref().unwrap_or_default(),
        resource.slug.as_deref().unwrap_or_default(),
    );
    let classes = directory.path(&body.class);
    let mut rest =
        vec![code, &body.summary.zh, &body.summary.en, &provider.name.zh, &provider.name.en];
    rest.extend(body.items.iter().map(|item| item.name.zh.as_str()));
    rest.extend(classes.iter().map(|(_, title)| title.zh.as_str()));
    let row = store::Row {
        resource: resource.id,
        code,
        slug,
        provider: resource.provider,
        published: china_date(ctx.now),
        words: words::index(&[&body.title.zh, &body.title.en], &rest),
    };
    store::show(ctx.conn(), &row, body).await?;
    store::write_ties(ctx.conn(), resource.id, Some(body)).await?;
    arrival::begin(ctx, resource, body).await
}

/// A reason as it is kept.
pub(crate) fn given(reason: &str) -> Result<String> {
    let reason = reason.trim();
    let chars = reason.chars().count();
    if !(REASON_MIN..=Limits::default().line_chars).contains(&chars) {
        return Err(Error::Invalid(vec![FieldError::new(
            "reason",
            "写明理由，4 到 200 字",
            "give a reason of 4 to 200 characters",
        )]));
    }
    Ok(reason.to_owned())
}
