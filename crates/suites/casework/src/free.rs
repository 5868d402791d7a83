//! What officers do that no diagram shows: 退回, 撤回, 转办, 委派, 交回, 特送. The process keeps the tokens right; here stands
//! who may, to whom, with what reason, and that time used before counts.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::{Ctx, Thing};
use zhengtong_process::{News, NodeKind, Step};

use crate::act::{
    already_done, bounded, case_type, claim_for, for_change, known, reason_missing, repeated,
    task_thing,
};
use crate::error::{Error, Result};
use crate::flow;
use crate::hold::fresh;
use crate::model::{Case, Event, Side, State, Todo};
use crate::part::{CaseType, Effect};
use crate::store::{self, DoneTodo};
use crate::whom::{self, Whom};
use crate::{clockwork, responsible};

/// Where a task may go beside its own way, and what else may be done with it, by this officer now.
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// 退回: earlier steps. What came from there is taken back.
    pub back: Vec<Target>,
    /// 退回后直送: earlier steps whose answer comes straight back here.
    pub straight: Vec<Target>,
    /// 特送: any step.
    pub anywhere: Vec<Target>,
    /// 转办.
    pub transfer: bool,
    /// 委派.
    pub delegate: bool,
    /// 交回 what was lent.
    pub give_back: bool,
    /// 加签, 会签.
    pub add_sign: bool,
    /// 征求意见.
    pub consult: bool,
    /// 减签: this task is one of several and may be taken away.
    pub remove_sign: bool,
    /// It was opened to sign or to give an opinion in words: [`crate::sign`] answers it.
    pub sign: bool,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The node.
    pub node: String,
    /// What it is called.
    pub title: Text,
}

/// A task that the officer did last and may take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeable {
    /// The task that was done.
    pub todo: Uuid,
    /// The step.
    pub title: Text,
}

/// What may be done with a task beside deciding it. For pages: every verb asks again.
pub async fn moves(ctx: &mut Ctx, no: &str, todo: Uuid) -> Result<Moves> {
    let case = known(ctx, "casework.read", no).await?;
    let Some(task) = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no) else {
        return Ok(Moves::default());
    };
    let taken = task.assignee.is_some() && task.assignee != ctx.actor.account;
    if task.side != Side::Office || task.is_own() || taken {
        return Ok(Moves::default());
    }
    let case_type = case_type(ctx, &case)?;
    let thing = task_thing(&ctx.actor, &case, &task);
    let moves = zhengtong_process::moves(ctx, case.instance, &task.task).await?;
    let may = |verb: &str| ctx.may(verb, &thing);
    let list = |steps: &[Step], verb: &str, sent: bool| -> Vec<Target> {
        if !may(verb) {
            return Vec::new();
        }
        let fits = steps.iter().filter(|step| may_go(&case, &case_type, step, sent));
        fits.map(|step| Target { node: step.node.clone(), title: step.title.clone() }).collect()
    };
    let (main, lent) = (task.place.purpose.is_none(), task.place.lent);
    Ok(Moves {
        back: list(&moves.back, "casework.return", false),
        straight: list(&moves.straight, "casework.return", false),
        anywhere: list(&moves.anywhere, "casework.send_to", true),
        transfer: !lent && may("casework.transfer"),
        delegate: !lent && may("casework.delegate"),
        give_back: lent && may("casework.give_back"),
        add_sign: main && !lent && may("casework.add_sign"),
        consult: main && !lent && may("casework.consult"),
        remove_sign: !main && may("casework.remove_sign"),
        sign: task.outcomes.is_empty() && !main && may("casework.sign"),
    })
}

/// What the officer did last in a case and may take back, because nobody has begun what came of it.
pub async fn takeable(ctx: &mut Ctx, no: &str) -> Result<Vec<Takeable>> {
    let case = known(ctx, "casework.read", no).await?;
    let Some(account) = ctx.actor.account else { return Ok(Vec::new()) };
    let case_type = case_type(ctx, &case)?;
    let mut found = Vec::new();
    if case.state.over() || !ctx.may("casework.take_back", &flow::thing(&case)) {
        return Ok(found);
    }
    for done in store::done_by(ctx.conn(), no, account).await? {
        if quiet(&case_type, &done)
            && zhengtong_process::may_take_back(ctx, case.instance, &done.task).await?
        {
            let title = Text::new(done.title_zh, done.title_en);
            found.push(Takeable { todo: done.id, title });
        }
    }
    Ok(found)
}

/// Whether nobody outside was told of it: a step passed and nothing else.
fn quiet(case_type: &CaseType, done: &DoneTodo) -> bool {
    let outcome = case_type.outcome.get(&done.outcome);
    outcome.is_none_or(|outcome| {
        matches!(outcome.effect, Effect::Pass | Effect::Return) && outcome.notice.is_none()
    })
}

/// Whether a case may go to a step out of turn: never before an acceptance or past a decision that was made, and what is
/// sent straight on goes neither past an acceptance nor past a decision that has to be made.
fn may_go(case: &Case, case_type: &CaseType, step: &Step, sent: bool) -> bool {
    if !matches!(step.kind, NodeKind::UserTask | NodeKind::ManualTask)
        || step.role.as_deref() == Some("applicant")
    {
        return false;
    }
    let effects = step.outcomes.iter().filter_map(|word| case_type.outcome.get(word));
    let early = |effect| {
        matches!(effect, Effect::Accept | Effect::Correct | Effect::Decline | Effect::Supply)
    };
    let deciding = |effect| matches!(effect, Effect::Grant | Effect::Refuse);
    match case.state {
        State::Accepted => {
            !effects.into_iter().any(|outcome| early(outcome.effect))
                && before_decision(case_type, step, sent)
        }
        State::Decided => {
            !sent && !effects.into_iter().any(|one| early(one.effect) || deciding(one.effect))
        }
        State::Submitted => !sent,
        _ => false,
    }
}

/// A step that only a decision leads to is not reached without one.
fn before_decision(case_type: &CaseType, step: &Step, sent: bool) -> bool {
    let after = |word: &String| {
        let effect = case_type.outcome.get(word).map(|outcome| outcome.effect);
        matches!(effect, Some(Effect::Deliver | Effect::Uphold | Effect::Breach | Effect::Revoke))
    };
    !(sent && step.outcomes.iter().any(after))
}

/// An officer's act on a task, with the case locked.
pub(crate) struct Hand {
    pub(crate) case: Case,
    pub(crate) case_type: std::sync::Arc<CaseType>,
    pub(crate) task: Todo,
    pub(crate) reason: String,
}

/// The task in hand for a free act; none when this very form was carried out before.
pub(crate) async fn take(
    ctx: &mut Ctx,
    verb: &str,
    (no, todo, seen): (&str, Uuid, i64),
    (reason, owed): (&str, bool),
    body: &serde_json::Value,
) -> Result<std::result::Result<Hand, Case>> {
    let case = for_change(ctx, "casework.read", no).await?;
    let open = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let Some(task) = open else {
        return if repeated(ctx, verb, body).await? {
            Ok(Err(case))
        } else {
            Err(Error::State(already_done()))
        };
    };
    ctx.allow_or_absent(verb, &task_thing(&ctx.actor, &case, &task))?;
    if repeated(ctx, verb, body).await? {
        return Ok(Err(case));
    }
    fresh(&case, Some(seen))?;
    if case.state.over() || task.side != Side::Office || task.is_own() {
        return Err(Error::State(Text::new(
            "这一步不能这样办",
            "this step cannot be dealt with so",
        )));
    }
    let reason = bounded("reason", reason)?.to_owned();
    if owed && reason.chars().count() < 2 {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    let case_type = case_type(ctx, &case)?;
    Ok(Ok(Hand { case, case_type, task, reason }))
}

/// Who acts on a task that nobody has takes it.
pub(crate) async fn hold(ctx: &mut Ctx, hand: &Hand) -> Result<()> {
    let head = hand.task.assignee.is_some() && hand.task.assignee != ctx.actor.account;
    // The head may pass on what another one has.
    if hand.task.assignee.is_none() || !head {
        claim_for(ctx, &hand.task).await?;
        responsible::at(ctx, &hand.case, &hand.task, "took").await?;
    }
    Ok(())
}

/// The record, what follows in the process, the clocks, the ledger and the news, for every free act alike.
pub(crate) async fn done(
    ctx: &mut Ctx,
    mut hand: Hand,
    (verb, text): (&str, Text),
    news: Vec<News>,
) -> Result<Case> {
    let kind = verb.trim_start_matches("casework.");
    let reason = (!hand.reason.is_empty()).then(|| hand.reason.clone());
    let mut event = Event::public(ctx, kind, text).at_node(&hand.task.node).because(reason.clone());
    event.public = false;
    flow::record(ctx, &hand.case, event).await?;
    flow::settle(ctx, &mut hand.case, &hand.case_type, news).await?;
    flow::stand(ctx, &hand.case).await?;
    store::update_case(ctx.conn(), &hand.case).await?;
    hand.case.version += 1;
    flow::seal(ctx, verb, &hand.case, reason.as_deref()).await?;
    let news = json!({ "node": hand.task.node, "department": hand.task.place.department });
    ctx.emit(verb, &hand.case.no, &news).await?;
    Ok(hand.case)
}

/// 退回: a task goes back to an earlier step; or, `straight`, the earlier one is done once more and its answer comes
/// straight back.
pub async fn send_back(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    node: &str,
    straight: bool,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.return";
    let body = json!([no, todo, node, straight, reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    hold(ctx, &hand).await?;
    let (instance, task) = (hand.case.instance, &hand.task.task);
    let moves = zhengtong_process::moves(ctx, instance, task).await?;
    let steps = if straight { &moves.straight } else { &moves.back };
    let step = allowed(&hand, steps, node, false)?;
    let news = if straight {
        zhengtong_process::return_straight(ctx, instance, task, node).await?
    } else {
        zhengtong_process::return_to(ctx, instance, task, node).await?
    };
    close(ctx, &hand, &news, "returned").await?;
    let text = Text::new(format!("退回到“{}”", step.zh), format!("Sent back to \"{}\"", step.en));
    done(ctx, hand, (verb, text), news).await
}

/// 特送: a task is sent straight to any step.
pub async fn send_to(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    node: &str,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.send_to";
    let body = json!([no, todo, node, reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    let (instance, task) = (hand.case.instance, &hand.task.task);
    let moves = zhengtong_process::moves(ctx, instance, task).await?;
    let step = allowed(&hand, &moves.anywhere, node, true)?;
    let news = zhengtong_process::send_to(ctx, instance, task, node, &hand.reason).await?;
    close(ctx, &hand, &news, "sent_on").await?;
    let text =
        Text::new(format!("特送到“{}”", step.zh), format!("Sent straight to \"{}\"", step.en));
    done(ctx, hand, (verb, text), news).await
}

fn allowed(hand: &Hand, steps: &[Step], node: &str, sent: bool) -> Result<Text> {
    let fits = |step: &&Step| step.node == node && may_go(&hand.case, &hand.case_type, step, sent);
    let step = steps.iter().find(fits).ok_or_else(|| {
        Error::Invalid(vec![FieldError::new(
            "node",
            "不能送到这一步，请在列出的环节里选",
            "it cannot go to that step; choose one of those listed",
        )])
    })?;
    Ok(step.title.clone())
}

/// The process has cancelled the task; what it says of it is how it ended.
async fn close(ctx: &mut Ctx, hand: &Hand, news: &[News], outcome: &str) -> Result<()> {
    let gone = |piece: &News| match piece {
        News::Cancelled { task } | News::Closed { task } => *task == hand.task.task,
        _ => false,
    };
    if news.iter().any(gone) {
        let now = ctx.now;
        store::close_todo(ctx.conn(), &hand.case.no, &hand.task.task, outcome, now).await?;
    }
    Ok(())
}

/// 撤回: who did a step takes it back, as long as nobody has begun what came of it.
pub async fn take_back(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    reason: &str,
) -> Result<Case> {
    let verb = "casework.take_back";
    let mut case = for_change(ctx, verb, no).await?;
    if repeated(ctx, verb, &json!([no, todo, reason, seen])).await? {
        return Ok(case);
    }
    fresh(&case, Some(seen))?;
    let reason = bounded("reason", reason)?.to_owned();
    let case_type = case_type(ctx, &case)?;
    let account = crate::act::account(ctx)?;
    let own = store::done_by(ctx.conn(), no, account).await?;
    let refused = || {
        Error::State(Text::new(
            "只能撤回自己刚办的、下一步还没有人接手的环节",
            "only what you did last yourself can be taken back, and only while nobody has begun the next step",
        ))
    };
    let done = own.into_iter().find(|done| done.id == todo).ok_or_else(refused)?;
    if case.state.over() || !quiet(&case_type, &done) {
        return Err(refused());
    }
    if !zhengtong_process::may_take_back(ctx, case.instance, &done.task).await? {
        return Err(refused());
    }
    let before: Vec<Uuid> =
        store::open_todos(ctx.conn(), no).await?.iter().map(|open| open.id).collect();
    let news = zhengtong_process::take_back_task(ctx, case.instance, &done.task).await?;
    store::undo_done(ctx.conn(), done.id).await?;
    let text =
        Text::new(format!("撤回“{}”", done.title_zh), format!("Took back \"{}\"", done.title_en));
    let because = (!reason.is_empty()).then(|| reason.clone());
    let mut event =
        Event::public(ctx, "take_back", text).at_node(&done.node).because(because.clone());
    event.public = false;
    flow::record(ctx, &case, event).await?;
    flow::settle(ctx, &mut case, &case_type, news).await?;
    let name = ctx.actor.name.clone();
    for open in store::open_todos(ctx.conn(), no).await? {
        if open.node == done.node && !before.contains(&open.id) {
            store::go_on_from(ctx.conn(), open.id, done.id).await?;
            store::put_in_hand(ctx.conn(), no, &open.task, Some((account, &name))).await?;
        }
    }
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    case.version += 1;
    flow::seal(ctx, verb, &case, because.as_deref()).await?;
    ctx.emit(verb, no, &json!({ "node": done.node })).await?;
    Ok(case)
}

/// 转办: a task is somebody else's from now on, who has its role. Its time runs on.
pub async fn transfer(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    to: Uuid,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.transfer";
    let body = json!([no, todo, to, reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    theirs(ctx, &hand)?;
    let found = whom::find(ctx, &Whom::Officer(to), hand.task.place.department).await?;
    let department = hand.task.place.department;
    if !whom::serves(ctx, department, &hand.task.role, to).await? {
        return Err(Error::Invalid(vec![FieldError::new(
            "who",
            "这个人没有办这一步的职责，请另选；只要他帮忙，用委派",
            "they do not have the role of this step; choose another one, or lend it to them",
        )]));
    }
    if hand.task.assignee == Some(to) {
        return Err(Error::State(Text::new("已经在他手上", "they have it already")));
    }
    let word = format!("account/{to}/{department}");
    let news =
        zhengtong_process::assign(ctx, hand.case.instance, &hand.task.task, Some(&word)).await?;
    responsible::note(ctx, &hand.case, &hand.task, (to, found.name()), "transferred").await?;
    let text = Text::new(format!("转办给{}", found.name()), format!("Passed to {}", found.name()));
    let title = hand.task.title.clone();
    let case = done(ctx, hand, (verb, text), news).await?;
    whom::tell(ctx, &case, &found, "case-given", (&title.zh, &title.en)).await?;
    Ok(case)
}

/// 委派: a task is lent to a colleague, who prepares it and gives it back.
pub async fn delegate(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    to: Uuid,
    reason: &str,
) -> Result<Case> {
    let verb = "casework.delegate";
    let body = json!([no, todo, to, reason, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (reason, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    if ctx.actor.account == Some(to) {
        return Err(Error::State(Text::new("不能委派给自己", "it cannot be lent to yourself")));
    }
    let found = whom::find(ctx, &Whom::Officer(to), hand.task.place.department).await?;
    if found.department != hand.task.place.department {
        return Err(Error::Invalid(vec![FieldError::new(
            "who",
            "只能委派给本单位的人；别的单位用征求意见",
            "it is lent within the department; ask others for their opinion",
        )]));
    }
    hold(ctx, &hand).await?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    // It comes back to whoever lends it.
    let own = ctx.actor.account.map(|own| format!("account/{own}/{}", found.department));
    zhengtong_process::assign(ctx, instance, &task, own.as_deref()).await?;
    let news = zhengtong_process::delegate(ctx, instance, &task, &found.word()).await?;
    responsible::note(ctx, &hand.case, &hand.task, (to, found.name()), "lent").await?;
    let text = Text::new(format!("委派给{}", found.name()), format!("Lent to {}", found.name()));
    let title = hand.task.title.clone();
    let case = done(ctx, hand, (verb, text), news).await?;
    whom::tell(ctx, &case, &found, "case-lent", (&title.zh, &title.en)).await?;
    Ok(case)
}

/// 交回: what was lent comes back, with what was prepared in words.
pub async fn give_back(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    words: &str,
) -> Result<Case> {
    let verb = "casework.give_back";
    let body = json!([no, todo, words, seen]);
    let hand = match take(ctx, verb, (no, todo, seen), (words, true), &body).await? {
        Ok(hand) => hand,
        Err(case) => return Ok(case),
    };
    theirs(ctx, &hand)?;
    let (instance, task) = (hand.case.instance, hand.task.task.clone());
    let news = zhengtong_process::give_back(ctx, instance, &task).await?;
    let title = hand.task.title.clone();
    let text = Text::new("交回委派", "Given back");
    let case = done(ctx, hand, (verb, text), news).await?;
    if let Some(back) = store::todo(ctx.conn(), todo).await? {
        if let Some((account, name)) = back.assignee.zip(back.assignee_name.clone()) {
            responsible::note(ctx, &case, &back, (account, &name), "given_back").await?;
        }
        whom::tell_holder(ctx, &case, &back, "case-back", (&title.zh, &title.en)).await?;
    }
    Ok(case)
}

/// What another one has in hand is theirs, unless one heads the department.
pub(crate) fn theirs(ctx: &Ctx, hand: &Hand) -> Result<()> {
    let other = hand.task.assignee.is_some() && hand.task.assignee != ctx.actor.account;
    let thing: Thing = task_thing(&ctx.actor, &hand.case, &hand.task);
    if !other || ctx.may("casework.send_to", &thing) {
        return Ok(());
    }
    let name = hand.task.assignee_name.clone().unwrap_or_default();
    Err(Error::State(Text::new(
        format!("这一步正由 {name} 办理"),
        format!("{name} has this step in hand"),
    )))
}
