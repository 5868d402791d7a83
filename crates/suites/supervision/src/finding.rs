//! What a supervisor found and puts down by hand, with the evidence: handling outside of the platform, fees off the
//! list, refused papers. What was put down is never changed, and the rules judge it like everything else.

use serde_json::{Map, json};
use time::Date;
use uuid::Uuid;
use zhengtong_base::FieldError;
use zhengtong_calendar::china_date;
use zhengtong_casework::yuan;
use zhengtong_db::Ctx;

use crate::card::written;
use crate::error::{Error, Result};
use crate::evidence::{self, Place, Sent};
use crate::follow::{look, of_department, platform};
use crate::occasion::Occasion;
use crate::part::{Catalog, FindingKind};
use crate::raise::{Matter, as_platform};
use crate::store;

/// A finding as it is put down.
#[derive(Clone, Debug)]
pub struct NewFinding {
    /// Its kind.
    pub kind: String,
    /// The case number; empty where it is about none.
    pub case: String,
    /// The department, where it is about no case.
    pub department: Option<Uuid>,
    /// The day on which it happened.
    pub happened_on: Option<Date>,
    /// What was charged, in fen.
    pub charged: Option<i64>,
    /// What the list says, in fen.
    pub listed: Option<i64>,
    /// What was seen, and where the evidence is kept.
    pub evidence: String,
}

/// Puts a finding down; gives how many cards came of it.
pub async fn find(ctx: &mut Ctx, new: NewFinding) -> Result<usize> {
    find_with(ctx, new, &[]).await
}

/// The same with files: photographs, receipts, records.
pub async fn find_with(ctx: &mut Ctx, new: NewFinding, files: &[Sent<'_>]) -> Result<usize> {
    ctx.allow("supervision.find", &platform())?;
    let catalog = ctx.defs::<Catalog>()?;
    let kind = catalog.findings().iter().find(|kind| kind.id == new.kind).cloned();
    let kind = kind.ok_or_else(|| {
        Error::field("kind", "请选择是哪一类情况", "choose what kind of finding it is")
    })?;
    let body = json!([
        new.kind,
        new.case,
        new.department,
        new.happened_on.map(|day| day.to_string()),
        new.charged,
        new.listed,
        new.evidence,
        evidence::digests(files)
    ]);
    if ctx.once("supervision.find", &body).await?.is_some() {
        return Ok(0);
    }
    let day = check(&new, &kind, china_date(ctx.now))?;
    let case = new.case.trim().to_owned();
    store::lock_case(ctx.conn(), &case).await?;
    let watched = match case.as_str() {
        "" => None,
        no => {
            let found =
                as_platform(ctx, async |ctx| zhengtong_casework::watch(ctx, no).await).await?;
            Some(found.ok_or_else(|| {
                Error::field("case", "没有这个办件号，核对后再填", "there is no such case number")
            })?)
        }
    };
    let matter = match (&watched, new.department) {
        (Some(watched), _) => Matter::of(watched),
        (None, Some(department)) => of_department(ctx, department).await?,
        (None, None) => {
            return Err(Error::field("department", "请选择责任单位", "choose the department"));
        }
    };
    let id = ctx.id();
    let words = written(&new.evidence)?;
    let kept = evidence::keep(ctx, files).await?;
    store::add_finding(ctx, id, &new, day, (&case, matter.department)).await?;
    store::add_evidence(ctx, &Place::Finding(id), &kept).await?;
    let act = ctx.act("supervision.find", "finding", id.to_string()).because(words);
    let act = act.change(None, evidence::mark(&evidence::digests(files)));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let occasion = Occasion {
        source: format!("finding/{id}"),
        kind: "finding",
        word: kind.id.clone(),
        clock: String::new(),
        title: kind.title.clone(),
        at: ctx.now,
        own: Map::from_iter([(
            "finding".to_owned(),
            json!({
                "kind": kind.id, "title": kind.title.zh, "charged": new.charged, "listed": new.listed,
                "charged_yuan": new.charged.map(yuan), "listed_yuan": new.listed.map(yuan),
                "day": day.to_string(), "days_ago": (china_date(ctx.now) - day).whole_days(),
            }),
        )]),
        todo: None,
    };
    // A card follows by rule from what was found; the one who found it raises none.
    as_platform(ctx, async |ctx| look(ctx, &matter, watched.as_ref(), &occasion).await).await
}

/// The evidence behind a card that came of a finding, and who put it down: for supervisors.
pub async fn evidence(ctx: &mut Ctx, occasion: &str) -> Result<Option<(String, String)>> {
    if !ctx.may("supervision.find", &platform()) {
        return Ok(None);
    }
    match evidence::finding_of(occasion) {
        Some(id) => store::evidence(ctx, id).await,
        None => Ok(None),
    }
}

fn check(new: &NewFinding, kind: &FindingKind, today: Date) -> Result<Date> {
    let mut wrong = Vec::new();
    let mut push = |field: &str, zh: &str, en: &str| {
        wrong.push(FieldError::new(field, zh.to_owned(), en.to_owned()));
    };
    if kind.case && new.case.trim().is_empty() {
        push("case", "这类情况要写办件号", "this kind needs a case number");
    }
    if kind.amounts && new.charged.is_none() {
        push(
            "charged",
            "写明收了多少钱，例如 120 或 99.50",
            "say what was charged, such as 120 or 99.50",
        );
    }
    let day = new.happened_on.filter(|day| *day <= today);
    if day.is_none() {
        push(
            "day",
            "写明哪一天发生的，不能晚于今天",
            "say on which day it happened, not after today",
        );
    }
    if written(&new.evidence).is_err() {
        push(
            "evidence",
            "写明看到了什么、证据存在哪里",
            "say what was seen and where the evidence is",
        );
    }
    match day.filter(|_| wrong.is_empty()) {
        Some(day) => Ok(day),
        None => Err(Error::Invalid(wrong)),
    }
}
