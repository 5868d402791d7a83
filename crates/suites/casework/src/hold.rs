//! Giving a clock more time: by a named official, with a written reason that the applicant reads. And what every act on
//! a clock asks for.

use serde_json::json;
use time::Date;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::{Act, What, china_date};
use zhengtong_db::Ctx;

use crate::act::{bounded, case_type, for_change, repeated};
use crate::clockwork::{self, Record};
use crate::error::{Error, Result};
use crate::flow;
use crate::law::{Law, law_for_act};
use crate::linked;
use crate::model::{Case, Event};
use crate::part::{CaseType, Moment};
use crate::store::{self, ClockRow, NewExtension};
use crate::voucher::{self, Giving};

/// More time that is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extending<'a> {
    /// The clock, such as `statutory`.
    pub clock: &'a str,
    /// How much more, in its unit.
    pub amount: u32,
    /// Why.
    pub reason: &'a str,
    /// The number of the written notice to the applicant.
    pub notice: &'a str,
    /// The version of the case on the page; a stale page is refused.
    pub seen: Option<i64>,
}

/// Gives a clock more time, before it is over.
pub async fn extend(ctx: &mut Ctx, no: &str, more: Extending<'_>) -> Result<()> {
    let case = for_change(ctx, "casework.extend", no).await?;
    let body = json!([no, more.clock, more.amount, more.reason, more.notice, more.seen]);
    if repeated(ctx, "casework.extend", &body).await? {
        return Ok(());
    }
    fresh(&case, more.seen)?;
    let case_type = case_type(ctx, &case)?;
    let decl = case_type.clock.get(more.clock).and_then(|clock| clock.extension.as_ref());
    let decl = decl.ok_or(zhengtong_calendar::Refusal::Fixed)?;
    approved(ctx, Some(&decl.approver))?;
    let (reason, notice) = (bounded("reason", more.reason)?, bounded("notice", more.notice)?);
    let law = law_for_act(ctx).await?;
    let name = ctx.actor.name.clone();
    let act = Act {
        at: ctx.now,
        what: What::Extended { amount: more.amount },
        reason: reason.to_owned(),
        approver: name.clone(),
        notice: some(notice).map(str::to_owned),
    };
    let own = [more.clock.to_owned()];
    let rows = admit(ctx, &law, &case_type, no, &own, &act).await?;
    let Some(row) = rows.first() else {
        return Err(zhengtong_calendar::Refusal::Ended.into());
    };
    let open = store::clocks_of(ctx.conn(), no).await?;
    let with = open.iter().filter(|row| row.ended_at.is_none() && decl.also.contains(&row.name));
    let at = ctx.now;
    for clock in std::iter::once(row.id).chain(with.map(|row| row.id)) {
        let (amount, ordered_by, notice) = (more.amount, name.as_str(), some(notice));
        let new = NewExtension { clock, amount, reason, ordered_by, notice, at };
        store::add_extension(ctx, no, &new).await?;
    }
    let unit =
        zhengtong_calendar::Unit::parse(&row.unit).map_or(("", ""), |unit| (unit.zh(), unit.en()));
    let text = Text::new(
        format!("经批准延长 {} {}", more.amount, unit.0),
        format!("Extended by {} {}, as approved", more.amount, unit.1),
    );
    let event = Event::public(ctx, "extend", text).because(Some(reason.to_owned()));
    flow::record(ctx, &case, event).await?;
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    let names: Vec<String> = decl.also.iter().chain(&own).cloned().collect();
    let same = NewExtension {
        clock: row.id,
        amount: more.amount,
        reason,
        ordered_by: &name,
        notice: some(notice),
        at,
    };
    linked::extend_with(ctx, &case, &names, &same).await?;
    let facts = json!({
        "clock": more.clock, "amount": more.amount, "unit": unit.0, "basis": decl.basis.zh,
        "reason": reason, "official": name,
    });
    let giving = Giving { moment: Moment::Extended, named: decl.paper.as_deref(), facts };
    voucher::give(ctx, &case, &case_type, giving).await?;
    if let Some(message) = &decl.message {
        flow::tell(ctx, &case, message, Some(reason)).await?;
    }
    flow::seal(ctx, "casework.extend", &case, Some(reason)).await?;
    ctx.emit("casework.extended", no, &json!({ "clock": more.clock, "amount": more.amount }))
        .await?;
    Ok(())
}

/// Asks every open clock with these names whether it takes the act; gives them.
pub(crate) async fn admit(
    ctx: &mut Ctx,
    law: &Law,
    case_type: &CaseType,
    no: &str,
    names: &[String],
    act: &Act,
) -> Result<Vec<ClockRow>> {
    let mut rows = store::clocks_of(ctx.conn(), no).await?;
    rows.retain(|row| row.ended_at.is_none() && names.contains(&row.name));
    let record = Record::of(ctx, &rows).await?;
    for row in &rows {
        let calendar = law.calendar(&row.calendar)?;
        let mut clock = record.clock(law, row)?;
        clock.apply(act.clone(), &case_type.rules(&row.name), calendar)?;
    }
    Ok(rows)
}

/// The role that the case type asks for must be held by who acts.
pub(crate) fn approved(ctx: &Ctx, role: Option<&str>) -> Result<()> {
    let Some(role) = role.filter(|role| !ctx.actor.roles.iter().any(|own| own == role)) else {
        return Ok(());
    };
    Err(Error::State(Text::new(
        format!("这要由“{role}”批准，请转给有这个职责的人办"),
        format!("this needs the approval of the role {role}; pass it to somebody who has it"),
    )))
}

/// A form of a page that is no longer how the case stands is refused, whenever it arrives.
pub(crate) fn fresh(case: &Case, seen: Option<i64>) -> Result<()> {
    if seen.is_none_or(|seen| seen == case.version) {
        return Ok(());
    }
    Err(Error::State(Text::new(
        "您打开之后，这件已经有了新变化。请看过最新内容再办",
        "the case has changed since you opened it; read the latest and try again",
    )))
}

pub(crate) fn only_today(ctx: &Ctx, from: Option<Date>) -> Result<()> {
    if from.is_none_or(|from| from == china_date(ctx.now)) {
        return Ok(());
    }
    Err(Error::Invalid(vec![FieldError::new(
        "from",
        "停钟只能从今天起，不能倒填或提前",
        "the clock stops from today on; it is not dated back or ahead",
    )]))
}

pub(crate) fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
