//! A case begins: number, process, first tasks, receipt.

use serde_json::Value;
use time::OffsetDateTime;
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Event, Opening};
use crate::part::{CaseType, Catalog};
use crate::sealed;
use crate::store;

/// Opens a case and gives its number.
pub async fn open(ctx: &mut Ctx, mut opening: Opening) -> Result<String> {
    let thing = Thing::new("case", "new")
        .owned_by(Some(opening.person))
        .of_organisation(opening.organisation.as_ref().map(|organisation| organisation.id));
    ctx.allow("casework.open", &thing)?;
    let case_type = ctx
        .defs::<Catalog>()?
        .get(&opening.kind)
        .ok_or_else(|| Error::Definition(format!("there is no case type {}", opening.kind)))?;
    let no = number(ctx, &case_type, &opening).await?;
    let ring = ctx.keyring()?;
    opening.answers = sealed::seal(&ring, &no, &opening.answers, &opening.sealed)?;
    let (pack, _) = opening.kind.split_once(':').unwrap_or_default();
    let definition = format!("{pack}:{}", case_type.process);
    let mut vars = opening.answers.clone();
    vars.insert("applicant_kind".to_owned(), applicant_kind(&opening));
    let (instance, news) =
        zhengtong_process::start(ctx, &definition, &format!("case/{no}"), vars).await?;
    let now = ctx.now;
    store::insert_case(ctx.conn(), &no, instance, &opening, now).await?;
    let mut case = store::case_for_change(ctx.conn(), &no)
        .await?
        .ok_or_else(|| Error::Definition(format!("case {no} was not kept")))?;
    let text = zhengtong_base::Text::new("提交申请", "Application submitted");
    flow::record(ctx, &case, Event::public(ctx, "submit", text)).await?;
    flow::settle(ctx, &mut case, &case_type, news).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.open", &case, None).await?;
    ctx.emit("casework.opened", &no, &no).await?;
    Ok(no)
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
    let next = store::next_number(ctx.conn(), &format!("{before}*{after}")).await?;
    Ok(format!("{before}{next:0width$}{after}"))
}

fn year(now: OffsetDateTime) -> String {
    china_date(now).year().to_string()
}
