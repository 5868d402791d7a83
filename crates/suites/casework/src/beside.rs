//! Others beside a task: 加签, 减签, 会签, 或签, 征求意见. They are asked by name or by department, answer for themselves, and
//! what they decide together counts when all it takes have signed.

use serde_json::{Map, json};
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;
use zhengtong_process::{Rule, SignPlace};

use crate::decide;
use crate::error::{Error, Result};
use crate::free::{Hand, done, hold, take, theirs};
use crate::model::{Case, Purpose, Todo};
use crate::part::CaseType;
use crate::whom::{self, Found, Whom};
use crate::{clockwork, responsible, store};

/// 加签: others sign before, after or together with a task.
pub async fn add_sign(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    who: &[Whom],
    place: SignPlace,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.add_sign";
    let body = json!([no, todo, words(who), format!("{place:?}"), reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    hold(ctx, &hand).await?;
    let found = others(ctx, &hand, who).await?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let told = found.iter().map(Found::word).collect();
    let news = zhengtong_process::add_sign(ctx, instance, &task, told, place).await?;
    let names = names(&found);
    let text = match place {
        SignPlace::Before => {
            Text::new(format!("前加签：{names}"), format!("To sign before: {names}"))
        }
        SignPlace::After => {
            Text::new(format!("后加签：{names}"), format!("To sign after: {names}"))
        }
        SignPlace::Together => {
            Text::new(format!("并加签：{names}"), format!("To sign with it: {names}"))
        }
    };
    asked(ctx, hand, (verb, text), (news, found)).await
}

/// 会签, 或签: several sign in place of one, and a rule says when it is decided.
pub async fn countersign(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    who: &[Whom],
    rule: Rule,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.add_sign";
    let body = json!([no, todo, words(who), format!("{rule:?}"), reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    theirs(ctx, &hand)?;
    let found = whom::find_all(ctx, who, hand.task.place.department).await?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let told = found.iter().map(Found::word).collect();
    let news = zhengtong_process::countersign(ctx, instance, &task, told, rule).await?;
    let names = names(&found);
    let text = match rule {
        Rule::All => Text::new(format!("会签：{names}"), format!("All of them sign: {names}")),
        Rule::One => Text::new(format!("或签：{names}"), format!("One of them signs: {names}")),
        Rule::Ratio(share) => Text::new(
            format!("会签（{share}% 同意）：{names}"),
            format!("{share} % of them must agree: {names}"),
        ),
    };
    let before = hand.task.id;
    let case = asked(ctx, hand, (verb, text), (news, found)).await?;
    // The time of the task goes on with those who sign in its place.
    for open in store::open_todos(ctx.conn(), no).await? {
        if open.place.of.as_deref() == Some(task.as_str()) {
            store::go_on_from(ctx.conn(), open.id, before).await?;
        }
    }
    clockwork::settle(ctx, &case).await?;
    Ok(case)
}

/// 征求意见: others are asked for their opinion; the task waits for them, or not.
pub async fn consult(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    who: &[Whom],
    waits: bool,
    question: &str,
) -> Result<Case> {
    let verb = "casework.consult";
    let body = json!([no, todo, words(who), waits, question, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (question, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    hold(ctx, &hand).await?;
    let found = others(ctx, &hand, who).await?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let told = found.iter().map(Found::word).collect();
    let news = zhengtong_process::ask_opinions(ctx, instance, &task, told, waits).await?;
    let names = names(&found);
    let text = Text::new(format!("征求意见：{names}"), format!("Asked for an opinion: {names}"));
    asked(ctx, hand, (verb, text), (news, found)).await
}

/// Whoever was asked to sign before a task, or for an opinion, answers in words.
pub async fn sign(ctx: &mut Ctx, (no, todo, seen): (&str, Uuid, i64), said: &str) -> Result<Case> {
    let verb = "casework.sign";
    let body = json!([no, todo, said, seen]);
    let mut hand = match take(ctx, verb, (no, todo, seen), (said, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    let Some(purpose) = hand.task.place.purpose.filter(|_| hand.task.outcomes.is_empty()) else {
        return Err(Error::State(Text::new(
            "这一步要选一个结果，不是写意见",
            "this step asks for a decision, not for an opinion",
        )));
    };
    hold(ctx, &hand).await?;
    let now = ctx.now;
    store::close_todo(ctx.conn(), no, &hand.task.task, "answered", now).await?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let news = zhengtong_process::complete(ctx, instance, &task, Map::new()).await?;
    let text = match purpose {
        Purpose::Opinion => Text::new("答复征求的意见", "Gave an opinion"),
        _ => Text::new("加签完成", "Signed"),
    };
    hand.task.place.waits = false;
    done(ctx, hand, (verb, text), news).await
}

/// 减签: one of several who sign, or were asked, is not wanted any more.
pub async fn remove_sign(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    reason: &str,
) -> Result<Case> {
    let verb = "casework.remove_sign";
    let body = json!([no, todo, reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let news = zhengtong_process::remove_sign(ctx, instance, &task).await?;
    let name = hand.task.assignee_name.clone().unwrap_or(hand.task.place.department_name.clone());
    let text = Text::new(format!("减签：{name}"), format!("No longer asked: {name}"));
    done(ctx, hand, (verb, text), news).await
}

/// Those who sign together, or after a task, have decided.
pub(crate) async fn decided(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    node: &str,
    word: Option<&str>,
) -> Result<()> {
    decide::together(ctx, case, case_type, node, word).await
}

/// Those who are asked beside the one who asks.
async fn others(ctx: &mut Ctx, hand: &Hand, who: &[Whom]) -> Result<Vec<Found>> {
    let found = whom::find_all(ctx, who, hand.task.place.department).await?;
    let own = |one: &Found| one.officer.as_ref().map(|(account, _)| *account) == ctx.actor.account;
    if found.iter().any(|one| one.officer.is_some() && own(one)) {
        return Err(Error::Invalid(vec![FieldError::new(
            "who",
            "不用请自己，请选别人",
            "choose somebody else than yourself",
        )]));
    }
    Ok(found)
}

/// What follows for all who were asked: the record, a message, and who answers for it.
async fn asked(
    ctx: &mut Ctx,
    hand: Hand,
    what: (&str, Text),
    (news, found): (Vec<zhengtong_process::News>, Vec<Found>),
) -> Result<Case> {
    let task: Todo = hand.task.clone();
    let case = done(ctx, hand, what, news).await?;
    for one in &found {
        if let Some((account, name)) = &one.officer {
            responsible::note(ctx, &case, &task, (*account, name), "asked").await?;
        }
        whom::tell(ctx, &case, one, "case-asked", (&task.title.zh, &task.title.en)).await?;
    }
    Ok(case)
}

fn names(found: &[Found]) -> String {
    let names: Vec<&str> = found.iter().map(Found::name).collect();
    names.join("、")
}

/// Those who are named, as the key of a form has them.
fn words(who: &[Whom]) -> Vec<String> {
    who.iter()
        .map(|one| match one {
            Whom::Officer(account) => account.to_string(),
            Whom::Role { department, role } => format!("{department}/{role}"),
        })
        .collect()
}
