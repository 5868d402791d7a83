//! A case begins: number, process, first tasks, receipt.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::clockwork;
use crate::error::{Error, Result};
use crate::flow;
use crate::law::law_for_act;
use crate::model::{Event, Opening};
use crate::part::{CaseType, Catalog, Milestone, PROMISED, STATUTORY};
use crate::sealed;
use crate::store;

/// Opens a case and gives its number.
pub async fn open(ctx: &mut Ctx, mut opening: Opening) -> Result<String> {
    let thing = Thing::new("case", "new")
        .owned_by(Some(opening.person))
        .of_organisation(opening.organisation.as_ref().map(|organisation| organisation.id))
        .handled_by(Some(opening.department));
    ctx.allow("casework.open", &thing)?;
    let case_type = ctx
        .defs::<Catalog>()?
        .get(&opening.kind)
        .ok_or_else(|| Error::Definition(format!("there is no case type {}", opening.kind)))?;
    sensible(&opening)?;
    as_in_force(ctx, &case_type, &mut opening).await?;
    let no = number(ctx, &case_type, &opening).await?;
    let ring = ctx.keyring()?;
    let secret = sealed::Keys { sealed: &opening.sealed, typed: &opening.typed };
    opening.answers = sealed::seal(&ring, &no, &opening.answers, secret)?;
    let (pack, _) = opening.kind.split_once(':').unwrap_or_default();
    let definition = format!("{pack}:{}", case_type.process);
    let vars = words_of_the_course(ctx, &definition, &opening)?;
    let (instance, news) =
        zhengtong_process::start(ctx, &definition, &format!("case/{no}"), vars).await?;
    let now = ctx.now;
    store::insert_case(ctx, &no, instance, &opening, now).await?;
    crate::used::from_opening(ctx, &no, &opening).await?;
    store::add_deferrable(ctx.conn(), &no, &opening.deferrable).await?;
    let mut case = store::case_for_change(ctx, &no)
        .await?
        .ok_or_else(|| Error::Definition(format!("case {no} was not kept")))?;
    let text = zhengtong_base::Text::new("提交申请", "Application submitted");
    flow::record(ctx, &case, Event::public(ctx, "submit", text)).await?;
    clockwork::reach(ctx, &case, &case_type, Milestone::Submitted).await?;
    flow::settle(ctx, &mut case, &case_type, news).await?;
    crate::voucher::receipt(ctx, &case, &case_type).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.open", &case, None).await?;
    ctx.emit("casework.opened", &no, &no).await?;
    Ok(no)
}

/// What is promised and what the law gives, as administrators have put it in force for today, where that counts the
/// same unit as the clock of the case type.
async fn as_in_force(ctx: &mut Ctx, case_type: &CaseType, opening: &mut Opening) -> Result<()> {
    let (today, law) = (china_date(ctx.now), law_for_act(ctx).await?);
    let set = |clock: &str| {
        let unit = case_type.clock.get(clock)?.unit();
        law.limit_on(&opening.kind, clock, today).filter(|limit| limit.unit == unit)
    };
    let (promised, statutory) = (set(PROMISED), set(STATUTORY));
    opening.promised_days = promised.map_or(opening.promised_days, |limit| limit.days);
    opening.statutory_days = statutory.map_or(opening.statutory_days, |limit| limit.days);
    Ok(())
}

/// A limit of nothing, or one that nobody can mean, is refused before a number is given.
fn sensible(opening: &Opening) -> Result<()> {
    let limits = [("promised", opening.promised_days), ("statutory", opening.statutory_days)];
    let wrong = limits.into_iter().filter_map(|(field, days)| {
        let error = zhengtong_calendar::Unit::WorkingDay.check(days).err()?;
        Some(zhengtong_base::FieldError::new(field, error.zh(), error.to_string()))
    });
    let wrong: Vec<_> = wrong.collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What the process is told: the answers that its conditions and rules ask for, and no other. Variables stand plain, so
/// nothing that is kept sealed is among them.
fn words_of_the_course(
    ctx: &Ctx,
    definition: &str,
    opening: &Opening,
) -> Result<Map<String, Value>> {
    let wanted = zhengtong_process::wanted(ctx, definition)?;
    let plain = |(key, value): &(&String, &Value)| {
        let kept = opening.sealed.contains(*key) || opening.typed.contains(*key);
        wanted.contains(*key) && !kept && !sealed::has_token(value)
    };
    let answers = opening.answers.iter().filter(plain);
    let mut vars: Map<String, Value> =
        answers.map(|(key, value)| (key.clone(), value.clone())).collect();
    vars.insert("applicant_kind".to_owned(), applicant_kind(opening));
    vars.insert("deferrable".to_owned(), (!opening.deferrable.is_empty()).into());
    Ok(vars)
}

fn applicant_kind(opening: &Opening) -> Value {
    Value::from(if opening.organisation.is_some() { "organisation" } else { "person" })
}

async fn number(ctx: &mut Ctx, case_type: &CaseType, opening: &Opening) -> Result<String> {
    let year = year(ctx.now);
    let frame = case_type
        .number
        .replace("{prefix}", &case_type.prefix)
        .replace("{region}", &opening.region)
        .replace("{year}", &year);
    let (before, rest) = frame
        .split_once("{seq:")
        .ok_or_else(|| Error::Definition("the number has no {seq:n}".to_owned()))?;
    let (width, after) = rest
        .split_once('}')
        .ok_or_else(|| Error::Definition("the number has no closing brace".to_owned()))?;
    let width: usize = width.parse().unwrap_or(6);
    let next = ctx.number(&format!("casework/{before}*{after}")).await?;
    Ok(format!("{before}{next:0width$}{after}"))
}

fn year(now: OffsetDateTime) -> String {
    china_date(now).year().to_string()
}
