//! 收费登记: what an applicant was charged, beside what the published list says. The record of a charge, not its payment:
//! a charge that is too high is kept as it was made, and whoever watches hears of it. What was put down wrongly is struck
//! out with a reason: it stays where it stands, and counts no more.

use serde_json::{Value, json};
use time::{Date, OffsetDateTime};
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::act::{bounded, case_type, for_change, known, reason_missing, repeated};
use crate::error::{Error, Result};
use crate::flow;
use crate::model::{Case, Event};
use crate::part::{AMOUNT_MAX, CaseType, FeeDecl, fen, yuan};
use crate::seen::AsSeen;
use crate::store;

/// The word for what stands on no list.
pub const OFF_LIST: &str = "off-list";
/// Most characters of the number of a receipt.
const RECEIPT_CHARS_MAX: usize = 40;
/// Most charges of a case, also those that were struck out.
const CHARGES_MAX: usize = 100;

/// A charge as it is put down.
#[derive(Clone, Copy, Debug)]
pub struct Charging<'a> {
    /// The fee of the case type, or [`OFF_LIST`].
    pub item: &'a str,
    /// How much, in fen.
    pub amount: Option<i64>,
    /// The number of the receipt.
    pub receipt: &'a str,
    /// The day.
    pub on: Option<Date>,
    /// What it was for; must be said of what stands on no list.
    pub words: &'a str,
}

/// A charge as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its place in the order.
    pub seq: i32,
    /// The fee of the case type; none where it stands on no list.
    pub item: Option<String>,
    /// What it is called.
    pub title: Text,
    /// The law behind it.
    pub basis: Option<Text>,
    /// How much, in fen.
    pub amount: i64,
    /// What the list said on that day, in fen.
    pub listed: Option<i64>,
    /// The number of the receipt.
    pub receipt: String,
    /// The day.
    pub on: Date,
    /// Who recorded it.
    pub by: String,
    /// When it was recorded.
    pub at: OffsetDateTime,
    /// That it was struck out; none while it stands.
    pub struck: Option<Struck>,
}

/// That a charge was struck out. What was recorded stays as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Struck {
    /// Why, in the officer's words.
    pub reason: String,
    /// Who struck it out.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
}

/// A fee of the list for one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFee {
    /// Its name in the case type.
    pub name: String,
    /// What the list calls it.
    pub title: Text,
    /// The standard in words.
    pub standard: Text,
    /// The law behind it.
    pub basis: Text,
    /// What it comes to for this case, in fen; none while it has not been worked out.
    pub amount: Option<i64>,
}

/// What may be charged for a case, and what was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charges {
    /// The fees that stand on the list today; none of a free service.
    pub listed: Vec<ListedFee>,
    /// The charges, oldest first, also those that were struck out.
    pub made: Vec<Charge>,
    /// Whether the reader may record one now.
    pub may: bool,
    /// Whether the reader may strike one out now.
    pub may_strike: bool,
}

impl Charges {
    /// The charges that were not struck out, oldest first: they alone count.
    pub fn standing(&self) -> impl Iterator<Item = &Charge> {
        self.made.iter().filter(|charge| charge.struck.is_none())
    }

    /// What was charged in all, in fen.
    pub fn total(&self) -> i64 {
        self.standing().map(|charge| charge.amount).sum()
    }

    /// What was charged of a fee, in fen.
    pub fn charged_of(&self, item: &str) -> i64 {
        let own = self.standing().filter(|charge| charge.item.as_deref() == Some(item));
        own.map(|charge| charge.amount).sum()
    }
}

/// What may be charged for a case and what was, for whoever may read it.
pub async fn charges(ctx: &mut Ctx, no: &str) -> Result<Charges> {
    let case = known(ctx, "casework.read", no).await?;
    of(ctx, &case).await
}

/// The same of a case that the actor has opened.
pub(crate) async fn of(ctx: &mut Ctx, case: &Case) -> Result<Charges> {
    let case_type = case_type(ctx, case)?;
    if case_type.fee.is_empty() {
        return Ok(Charges::default());
    }
    let today = china_date(ctx.now);
    let in_force = case_type.fee.iter().filter(|(_, fee)| fee.holds_on(today));
    let listed = in_force.map(|(name, fee)| ListedFee {
        name: name.clone(),
        title: fee.title.clone(),
        standard: fee.standard.clone(),
        basis: fee.basis.clone(),
        amount: listed(case, fee),
    });
    let listed = listed.collect();
    let made = store::charges(ctx, &case.no).await?;
    let (thing, open) = (flow::thing(case), store::archive(ctx.conn(), &case.no).await?.is_none());
    let may = open && ctx.may("casework.charge", &thing);
    let may_strike = open && ctx.may("casework.strike", &thing);
    Ok(Charges { listed, made, may, may_strike })
}

/// What the list gives for a case, in fen; a part of a fen counts for the applicant.
fn listed(case: &Case, fee: &FeeDecl) -> Option<i64> {
    let Some(figure) = &fee.figure else { return fee.amount };
    let worked_out = match case.answers.get(figure)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let (whole, part) = worked_out.split_once('.').unwrap_or((&worked_out, ""));
    let cents: String = part.chars().take(2).collect();
    fen(&format!("{whole}.{cents}"))
}

/// Records what an applicant was charged.
pub async fn charge(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    charging: Charging<'_>,
) -> Result<()> {
    let seen = case.into();
    let case = for_change(ctx, "casework.charge", seen.no).await?;
    let on = charging.on.map(|day| day.to_string());
    let body = json!([
        seen.no,
        charging.item,
        charging.amount,
        charging.receipt,
        on,
        charging.words,
        seen.version
    ]);
    if repeated(ctx, "casework.charge", &body).await? {
        return Ok(());
    }
    seen.still(&case)?;
    let case_type = case_type(ctx, &case)?;
    admit(ctx, &case, &case_type).await?;
    let (new, words) = checked(ctx, &case, &case_type, &charging)?;
    let (now, by) = (ctx.now, ctx.actor.name.clone());
    let Some(seq) = store::add_charge(ctx.conn(), &case.no, &new, (&by, now)).await? else {
        return Err(Error::Invalid(vec![FieldError::new(
            "receipt",
            "这张票据的这一项已经登记过，核对票据号",
            "this item of this receipt is on record already; check the number",
        )]));
    };
    let amount = yuan(new.amount);
    let text = Text::new(
        format!("收费 {amount} 元：{}（票据号 {}）", new.title.zh, new.receipt),
        format!("Charged {amount} yuan: {} (receipt {})", new.title.en, new.receipt),
    );
    flow::record(ctx, &case, Event::public(ctx, "charge", text).because(words.clone())).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.charge", &case, words.as_deref()).await?;
    news(ctx, "payment.charged", &case, seq).await
}

/// Strikes out a charge that was put down wrongly. Money that was taken and given back is no mistake of the record: its
/// charge stays.
pub async fn strike(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    seq: i32,
    reason: &str,
) -> Result<()> {
    let seen = case.into();
    let case = for_change(ctx, "casework.strike", seen.no).await?;
    if repeated(ctx, "casework.strike", &json!([seen.no, seq, reason, seen.version])).await? {
        return Ok(());
    }
    seen.still(&case)?;
    let found = store::charges(ctx, &case.no).await?.into_iter().find(|one| one.seq == seq);
    let missing = || zhengtong_db::Error::absent("charge", format!("{}/{seq}", case.no));
    let charge = found.ok_or_else(missing)?;
    if store::archive(ctx.conn(), &case.no).await?.is_some() {
        return Err(Error::State(Text::new(
            "这件已经归档，收费登记不能再更正",
            "the case is archived, and its charges are corrected no more",
        )));
    }
    if charge.struck.is_some() {
        return Err(Error::State(Text::new(
            "这一笔已经划掉了",
            "this charge was struck out already",
        )));
    }
    let reason = bounded("reason", reason)?;
    if reason.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    let struck = Struck { reason: reason.to_owned(), by: ctx.actor.name.clone(), at: ctx.now };
    store::strike_charge(ctx, &case.no, seq, &struck).await?;
    let (amount, receipt) = (yuan(charge.amount), &charge.receipt);
    let text = Text::new(
        format!("更正收费登记：划掉 {amount} 元，{}（票据号 {receipt}）", charge.title.zh),
        format!("Struck out: {amount} yuan, {} (receipt {receipt})", charge.title.en),
    );
    let event = Event::public(ctx, "strike", text).because(Some(struck.reason));
    flow::record(ctx, &case, event).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.strike", &case, Some(reason)).await?;
    news(ctx, "payment.struck", &case, seq).await
}

/// Whoever watches hears what is charged of this item in all: many small charges are one large one. What stands on no
/// list is an item of its own.
async fn news(ctx: &mut Ctx, topic: &str, case: &Case, seq: i32) -> Result<()> {
    let made = store::charges(ctx, &case.no).await?;
    let charges = Charges { made, ..Charges::default() };
    let found = charges.made.iter().find(|one| one.seq == seq);
    let gone = || Error::Definition(format!("charge {}/{seq} is gone", case.no));
    let one = found.ok_or_else(gone)?;
    let total = match &one.item {
        Some(item) => charges.charged_of(item),
        None if one.struck.is_some() => 0,
        None => one.amount,
    };
    let news = json!({
        "case": case.no, "seq": seq, "item": one.item, "amount": one.amount, "total": total,
        "listed": one.listed, "amount_yuan": yuan(one.amount), "total_yuan": yuan(total),
        "listed_yuan": one.listed.map(yuan), "on": one.on.to_string(),
    });
    ctx.emit(topic, &case.no, &news).await?;
    Ok(())
}

async fn admit(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<()> {
    if case_type.fee.is_empty() {
        return Err(Error::State(Text::new(
            "这类事项不收费，没有可登记的收费。已经收了的，退还申请人，并报告监察人员",
            "this service is free and nothing may be charged; give back what was taken, and tell the supervisors",
        )));
    }
    if store::archive(ctx.conn(), &case.no).await?.is_some() {
        return Err(Error::State(Text::new(
            "这件已经归档，不能再登记收费",
            "the case is archived and takes no more charges",
        )));
    }
    if store::charges(ctx, &case.no).await?.len() >= CHARGES_MAX {
        return Err(Error::State(Text::new(
            format!("一件最多登记 {CHARGES_MAX} 笔收费，划掉的也算"),
            format!("a case takes at most {CHARGES_MAX} charges, also those that were struck out"),
        )));
    }
    Ok(())
}

/// The charge as it is kept, and what it was for.
fn checked(
    ctx: &Ctx,
    case: &Case,
    case_type: &CaseType,
    charging: &Charging<'_>,
) -> Result<(store::NewCharge, Option<String>)> {
    let mut wrong = Vec::new();
    let mut push = |field: &str, zh: &str, en: &str| {
        wrong.push(FieldError::new(field, zh.to_owned(), en.to_owned()));
    };
    let off_list = charging.item == OFF_LIST;
    let fee = case_type.fee.get(charging.item);
    if fee.is_none() && !off_list {
        push("item", "请选择收的是哪一项", "choose what was charged for");
    }
    let amount = charging.amount.filter(|amount| (1..=AMOUNT_MAX).contains(amount));
    if amount.is_none() {
        push(
            "amount",
            "写明收了多少元，例如 120 或 99.50",
            "say how many yuan, such as 120 or 99.50",
        );
    }
    let receipt = charging.receipt.trim();
    let legible = |letter: char| letter.is_ascii_alphanumeric() || ".-/()（）".contains(letter);
    if receipt.is_empty()
        || receipt.chars().count() > RECEIPT_CHARS_MAX
        || !receipt.chars().all(legible)
    {
        push(
            "receipt",
            "照票据写票据号，字母、数字和横线，最多40位",
            "the number of the receipt: letters, digits and hyphens, at most 40",
        );
    }
    let today = china_date(ctx.now);
    let first = china_date(case.submitted_at);
    let on = charging.on.filter(|day| (first..=today).contains(day));
    if on.is_none() {
        push(
            "on",
            "收费日期在申请提交那天到今天之间",
            "the day lies between the application and today",
        );
    }
    let words = bounded("words", charging.words)?;
    if off_list && words.is_empty() {
        push("words", "清单上没有的，写明为什么收、收的什么", "say what it was for, and why");
    }
    let (Some(amount), Some(on), true) = (amount, on, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let in_force = fee.filter(|fee| fee.holds_on(on));
    let new = store::NewCharge {
        item: fee.map(|_| charging.item.to_owned()),
        title: fee.map_or_else(not_listed, |fee| fee.title.clone()),
        basis: in_force.map(|fee| fee.basis.clone()),
        amount,
        listed: in_force.and_then(|fee| listed(case, fee)),
        receipt: receipt.to_owned(),
        on,
    };
    Ok((new, Some(words.to_owned()).filter(|words| !words.is_empty())))
}

fn not_listed() -> Text {
    Text::new("收费清单之外的收费", "A charge that stands on no list")
}
