//! What a decision does to a case, whoever made it: an officer alone, several who sign together, or the rule that counts
//! when the days of a task are over.

use serde_json::Map;
use zhengtong_base::Text;
use zhengtong_db::Ctx;

use crate::act::{already_done, case_type, effect_word};
use crate::clockwork;
use crate::error::{Error, Result};
use crate::figure;
use crate::flow::{self, PLATFORM};
use crate::model::{Case, Event, Purpose, State, Todo};
use crate::part::{CaseType, Effect, Outcome};
use crate::voucher::Line;
use crate::{deferral, linked, procedure, revoke, store, undertaking, voucher};

/// The kind of event by which one of several signs.
const SIGN: &str = "sign";

/// A decision that was made.
pub(crate) struct Made<'a> {
    pub(crate) node: &'a str,
    pub(crate) word: &'a str,
    pub(crate) outcome: &'a Outcome,
    pub(crate) reason: Option<&'a str>,
    pub(crate) lines: &'a [Line],
    /// Whether nobody made it: it counts by rule.
    pub(crate) by_rule: bool,
}

/// Whether what is decided at a task counts only when others have signed too.
pub(crate) fn waits_for_others(task: &Todo) -> bool {
    task.place.followed || matches!(task.place.purpose, Some(Purpose::Together | Purpose::After))
}

/// What one of several who sign has said; it counts when all have.
pub(crate) async fn signed(ctx: &mut Ctx, case: &Case, made: &Made<'_>) -> Result<()> {
    let title = &made.outcome.title;
    let text = Text::new(format!("会签：{}", title.zh), format!("Signed: {}", title.en));
    let reason = made.reason.map(str::to_owned);
    let mut event = Event::public(ctx, SIGN, text).at_node(made.node).because(reason);
    event.public = false;
    by(&mut event, made.by_rule);
    flow::record(ctx, case, event).await
}

/// Those who sign together, or after a task, have decided: now it counts.
pub(crate) async fn together(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    node: &str,
    word: Option<&str>,
) -> Result<()> {
    let Some((word, outcome)) = word.and_then(|word| case_type.outcome.get_key_value(word)) else {
        return Ok(());
    };
    let reason = reasons(ctx, case, node).await?;
    let made = Made { node, word, outcome, reason: reason.as_deref(), lines: &[], by_rule: false };
    take_effect(ctx, case, case_type, &made).await?;
    announce(ctx, case, case_type, &made).await
}

/// What those who signed at a node wrote, since it was decided the last time.
async fn reasons(ctx: &mut Ctx, case: &Case, node: &str) -> Result<Option<String>> {
    let events = store::events(ctx, &case.no).await?;
    let here = events.into_iter().filter(|event| event.node.as_deref() == Some(node));
    let mut said: Vec<String> = Vec::new();
    for event in here {
        match event.kind.as_str() {
            SIGN => said.extend(event.reason.filter(|words| !words.is_empty())),
            _ => said.clear(),
        }
    }
    said.dedup();
    Ok((!said.is_empty()).then(|| said.join("；")))
}

/// Whether a decision may be made now at all: what must have come before it is there.
pub(crate) async fn admit(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    outcome: &Outcome,
) -> Result<()> {
    if matches!(outcome.effect, Effect::Grant | Effect::Refuse) {
        procedure::admit_decision(ctx, case, case_type).await?;
    }
    if outcome.effect == Effect::Accept {
        deferral::admit(ctx, case, case_type, outcome).await?;
    }
    if outcome.promise && !undertaking::is_there(ctx, &case.no, undertaking::PROMISE).await? {
        return Err(Error::State(Text::new(
            "申请人还没有书面承诺，不能按告知承诺办",
            "the applicant has not undertaken it in writing yet; it cannot be decided on a promise",
        )));
    }
    Ok(())
}

/// The case changes, clocks end and start, and the record says so.
pub(crate) async fn take_effect(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    made: &Made<'_>,
) -> Result<()> {
    let effect = made.outcome.effect;
    apply(ctx, case, effect);
    if matches!(effect, Effect::Grant | Effect::Refuse) {
        procedure::over(ctx, case).await?;
    }
    if effect == Effect::Revoke {
        revoke::paper_of(ctx, case, made.reason.unwrap_or_default()).await?;
    }
    if let Some(milestone) = clockwork::milestone(effect) {
        clockwork::reach(ctx, case, case_type, milestone).await?;
    }
    let text = if made.by_rule {
        let event = &made.outcome.event;
        Text::new(
            format!("到期未答复，按规定视为：{}", event.zh),
            format!("No answer in time, so by rule: {}", event.en),
        )
    } else {
        made.outcome.event.clone()
    };
    let reason = made.reason.map(str::to_owned);
    let mut event =
        Event::public(ctx, effect_word(effect), text).at_node(made.node).because(reason);
    by(&mut event, made.by_rule);
    flow::record(ctx, case, event).await?;
    if made.outcome.defer {
        deferral::owe(ctx, case, case_type).await?;
    }
    linked::follow(ctx, case, case_type, made.outcome, (made.reason, made.lines)).await
}

/// The applicant reads it, gets the paper, and the rest of the platform hears of it.
pub(crate) async fn announce(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    made: &Made<'_>,
) -> Result<()> {
    let outcome = made.outcome;
    voucher::on_outcome(ctx, case, case_type, outcome, (made.reason, made.lines)).await?;
    if let Some(notice) = &outcome.notice {
        flow::tell(ctx, case, notice, made.reason).await?;
    }
    ctx.emit(outcome.effect.verb(), &case.no, &made.word).await?;
    Ok(())
}

/// Closes the task, moves the process on and keeps the case.
pub(crate) async fn finish(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    task: &Todo,
    (word, found): (&str, Map<String, serde_json::Value>),
) -> Result<()> {
    let now = ctx.now;
    if !store::close_todo(ctx.conn(), &case.no, &task.task, word, now).await? {
        return Err(Error::State(already_done()));
    }
    let mut vars = figure::for_process(case_type, &found);
    vars.insert("outcome".to_owned(), word.into());
    vars.insert(task.node.clone(), word.into());
    if task.place.several {
        vars.insert("given".to_owned(), given(ctx, case, task).await?);
    }
    let news = zhengtong_process::complete(ctx, case.instance, &task.task, vars).await?;
    flow::settle(ctx, case, case_type, news).await?;
    store::update_case(ctx.conn(), case).await?;
    case.version += 1;
    Ok(())
}

/// How often each outcome was given by those who do one step together, for conditions such as `given.consult.agree >= 2`.
async fn given(ctx: &mut Ctx, case: &Case, task: &Todo) -> Result<serde_json::Value> {
    let vars = zhengtong_process::variables(ctx, case.instance).await?;
    let mut all =
        vars.get("given").and_then(|given| given.as_object()).cloned().unwrap_or_default();
    let mut counts: Map<String, serde_json::Value> =
        task.outcomes.iter().map(|word| (word.clone(), 0.into())).collect();
    for (word, count) in store::given(ctx.conn(), &case.no, &task.node, task.place.visit).await? {
        counts.insert(word, count.into());
    }
    all.insert(task.node.clone(), counts.into());
    Ok(all.into())
}

/// The days of a task are over, and it has an outcome for that: it counts, by rule, and everybody reads so.
pub(crate) async fn by_rule(ctx: &mut Ctx, case: &mut Case, task: &Todo) -> Result<bool> {
    let case_type = case_type(ctx, case)?;
    let known =
        task.place.by_default.as_ref().and_then(|word| case_type.outcome.get_key_value(word));
    // A rule decides nothing for or against an applicant: that is for a named official.
    let Some((word, outcome)) = known.filter(|(_, outcome)| outcome.effect == Effect::Pass) else {
        return Ok(false);
    };
    let made = Made { node: &task.node, word, outcome, reason: None, lines: &[], by_rule: true };
    if waits_for_others(task) {
        signed(ctx, case, &made).await?;
        finish(ctx, case, &case_type, task, (word, Map::new())).await?;
    } else {
        take_effect(ctx, case, &case_type, &made).await?;
        finish(ctx, case, &case_type, task, (word, Map::new())).await?;
        announce(ctx, case, &case_type, &made).await?;
    }
    flow::seal(ctx, "casework.lapse", case, Some(word)).await?;
    let news = serde_json::json!({ "node": task.node, "outcome": word, "department": task.place.department });
    ctx.emit("casework.lapsed", &case.no, &news).await?;
    Ok(true)
}

fn by(event: &mut Event, by_rule: bool) {
    if by_rule {
        PLATFORM.clone_into(&mut event.actor);
    }
}

pub(crate) fn apply(ctx: &Ctx, case: &mut Case, effect: Effect) {
    match effect {
        Effect::Accept => {
            case.state = State::Accepted;
            case.accepted_at = Some(ctx.now);
        }
        Effect::Correct => case.state = State::Correcting,
        Effect::Supply => case.state = State::Submitted,
        Effect::Decline => case.state = State::Declined,
        Effect::Grant | Effect::Refuse => {
            let word = if effect == Effect::Grant { "granted" } else { "refused" };
            case.state = State::Decided;
            case.decision = Some(word.to_owned());
            case.decided_at = Some(ctx.now);
        }
        Effect::Revoke => case.decision = Some("revoked".to_owned()),
        Effect::Answer
        | Effect::Pass
        | Effect::Return
        | Effect::Deliver
        | Effect::Uphold
        | Effect::Breach => {}
    }
}
