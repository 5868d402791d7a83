//! What officials decide by name: the check of the data authority, the reply of the provider, the ruling.

use std::collections::BTreeSet;

use zhengtong_base::FieldError;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::ask::{actor_name, for_change, has, in_state, numbered, step, tell, written};
use crate::error::{Error, Result};
use crate::model::{Grant, Reply, Request, Ruling, State, StepKind, Terms, Verdict};
use crate::store;

/// Checks a request. What is shared without a condition is granted with it, and the provider is told; the rest goes to
/// the provider.
pub async fn check(ctx: &mut Ctx, no: &str, verdict: Verdict) -> Result<()> {
    let request = for_change(ctx, "sharing.check", no).await?;
    in_state(&request, State::Asked)?;
    let here = format!("/desk/sharing/{no}");
    match verdict {
        Verdict::Return(reason) => {
            let reason = written("reason", &reason)?;
            step(ctx, "sharing.check", &request, (StepKind::Returned, &reason)).await?;
            tell(ctx, request.unit, "returned", no, &here).await
        }
        Verdict::Pass if request.conditional => {
            step(ctx, "sharing.check", &request, (StepKind::Passed, "")).await?;
            tell(ctx, request.provider, "to-reply", no, &here).await
        }
        Verdict::Pass => {
            let terms = Terms {
                fields: request.new.fields.clone(),
                masked: Vec::new(),
                quota: request.new.quota,
                last: request.new.last,
                words: String::new(),
            };
            give(ctx, "sharing.check", &request, (StepKind::Granted, &terms)).await?;
            tell(ctx, request.provider, "given", no, &here).await
        }
    }
}

/// Replies as the provider.
pub async fn reply(ctx: &mut Ctx, no: &str, reply: Reply) -> Result<()> {
    let request = for_change(ctx, "sharing.reply", no).await?;
    in_state(&request, State::Sent)?;
    match reply {
        Reply::Grant(terms) => {
            give(ctx, "sharing.reply", &request, (StepKind::Granted, &terms)).await
        }
        Reply::Refuse { reason, basis } => {
            let (reason, basis) = (written("reason", &reason)?, written("basis", &basis)?);
            let words = format!("{reason}（依据：{basis}）");
            step(ctx, "sharing.reply", &request, (StepKind::Refused, &words)).await?;
            tell(ctx, request.unit, "refused", no, &format!("/desk/sharing/{no}")).await
        }
        Reply::Prepare(reason) => {
            if has(ctx, no, StepKind::Prepared).await? {
                return Err(Error::state("答复只能延长一次", "the reply is put off once only"));
            }
            let reason = written("reason", &reason)?;
            step(ctx, "sharing.reply", &request, (StepKind::Prepared, &reason)).await
        }
    }
}

/// Rules on a refusal.
pub async fn rule(ctx: &mut Ctx, no: &str, ruling: Ruling) -> Result<()> {
    let request = for_change(ctx, "sharing.rule", no).await?;
    in_state(&request, State::Arbitration)?;
    let here = format!("/desk/sharing/{no}");
    match ruling {
        Ruling::Grant(terms) => {
            written("words", &terms.words)?;
            give(ctx, "sharing.rule", &request, (StepKind::Ordered, &terms)).await?;
            tell(ctx, request.provider, "given", no, &here).await
        }
        Ruling::Uphold(reason) => {
            let reason = written("reason", &reason)?;
            step(ctx, "sharing.rule", &request, (StepKind::Upheld, &reason)).await?;
            tell(ctx, request.unit, "refused", no, &here).await
        }
    }
}

/// Grants: from here on the data can be read as far as the terms go, without anybody setting anything up.
async fn give(
    ctx: &mut Ctx,
    verb: &str,
    request: &Request,
    (kind, terms): (StepKind, &Terms),
) -> Result<()> {
    let errors = faults(request, terms, china_date(ctx.now));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let no = numbered(ctx, "SQ").await?;
    let given_by = actor_name(ctx);
    // The order is the one in which they were asked for.
    let kept = |list: &[String]| -> Vec<String> {
        request.new.fields.iter().filter(|name| list.contains(name)).cloned().collect()
    };
    let grant = Grant {
        no: no.clone(),
        request: request.no.clone(),
        unit: request.unit,
        provider: request.provider,
        dataset: request.new.dataset.clone(),
        fields: kept(&terms.fields),
        masked: kept(&terms.masked),
        way: request.new.way,
        quota: terms.quota,
        first: request.new.first,
        last: terms.last,
        purpose: request.new.purpose.clone(),
        basis: request.new.basis.clone(),
        given_by,
        ended: None,
    };
    let now = ctx.now;
    store::insert_grant(ctx.conn(), &grant, now).await?;
    step(ctx, verb, request, (kind, terms.words.trim())).await?;
    ctx.emit("sharing.granted", &no, &request.no).await?;
    tell(ctx, request.unit, "granted", &no, &format!("/desk/sharing/grants/{no}")).await
}

fn faults(request: &Request, terms: &Terms, today: time::Date) -> Vec<FieldError> {
    let asked: BTreeSet<&String> = request.new.fields.iter().collect();
    let given: BTreeSet<&String> = terms.fields.iter().collect();
    let mut errors = Vec::new();
    if given.is_empty() || !given.is_subset(&asked) {
        errors.push(FieldError::new(
            "fields",
            "至少给一项，只能在申请的信息项里选",
            "give at least one field, and only such as were asked for",
        ));
    }
    if terms.masked.iter().any(|name| !given.contains(name)) {
        errors.push(FieldError::new(
            "masked",
            "只有同意提供的信息项才能脱敏",
            "only fields that are given can be masked",
        ));
    }
    if !(1..=request.new.quota).contains(&terms.quota) {
        let most = request.new.quota;
        errors.push(FieldError::new(
            "quota",
            format!("每天次数写 1 到 {most}（申请数）"),
            format!("uses a day are 1 to {most}, as asked for"),
        ));
    }
    if terms.last < request.new.first || terms.last > request.new.last || terms.last < today {
        errors.push(FieldError::new(
            "last",
            format!("结束日期在 {} 到 {} 之间，不早于今天", request.new.first, request.new.last),
            format!(
                "it ends between {} and {}, not before today",
                request.new.first, request.new.last
            ),
        ));
    }
    errors
}
