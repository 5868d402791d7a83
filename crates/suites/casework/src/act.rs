//! What officers and applicants do with a case: take a task, decide it, supply papers, take the case back.

use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits, Text};
use zhengtong_db::{Actor, ActorKind, Attr, Ctx, Thing};

use crate::clockwork;
use crate::decide::{self, Made};
use crate::error::{Error, Result};
use crate::figure;
use crate::flow;
use crate::model::{Case, Event, NewMaterial, Side, State, Todo};
use crate::part::{CaseType, Catalog, Effect, Outcome};
use crate::{linked, responsible, store, voucher};

/// What comes with a decision at a task.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The outcome's word, such as `accept`.
    pub outcome: String,
    /// Why, in the officer's words.
    pub reason: String,
    /// The version of the case on the page; a stale page is refused.
    pub seen_version: i64,
    /// The figures that the outcome asks for, as they were typed: `figure.NAME` and the text.
    pub figures: Vec<(String, String)>,
    /// What is missing, one line for each thing; without them the lines of the reason are taken. Of a notice of what
    /// is missing.
    pub lines: Vec<voucher::Line>,
}

/// Decides a task of a case: accept, ask for papers, pass, grant, refuse and so on.
pub async fn act(ctx: &mut Ctx, no: &str, todo: Uuid, mut input: Input) -> Result<Case> {
    let body = json!([
        no,
        todo,
        input.outcome,
        input.reason,
        input.seen_version,
        input.figures,
        input.lines
    ]);
    let (mut case, task) = match locked(ctx, no, todo, ("casework.act", &body)).await? {
        Locked::Open(found) => *found,
        Locked::Done(case) => return Ok(*case),
    };
    let case_type = case_type(ctx, &case)?;
    let outcome = case_type
        .outcome
        .get(&input.outcome)
        .filter(|_| task.outcomes.contains(&input.outcome))
        .cloned()
        .ok_or_else(|| Error::State(already_done()))?;
    ctx.allow_or_absent(outcome.effect.verb(), &task_thing(&ctx.actor, &case, &task))?;
    // Only now, so that whoever may not do it learns nothing from the key of a form either.
    if repeated(ctx, "casework.act", &body).await? {
        return Ok(case);
    }
    let lines = voucher::worded(&mut input, outcome.effect);
    check(&case, &task, &outcome, &input, ctx)?;
    voucher::admit(ctx, &case, &case_type, &outcome, &lines).await?;
    decide::admit(ctx, &case, &case_type, &outcome).await?;
    let found = figure::read(&case_type, &outcome, &input.figures)?;
    if task.side == Side::Office && task.assignee.is_none() {
        claim_for(ctx, &task).await?;
        responsible::at(ctx, &case, &task, "took").await?;
    }
    let reason = (!input.reason.trim().is_empty()).then(|| input.reason.trim().to_owned());
    let made = Made {
        node: &task.node,
        word: &input.outcome,
        outcome: &outcome,
        reason: reason.as_deref(),
        lines: &lines,
        by_rule: false,
    };
    let waits = decide::waits_for_others(&task);
    if waits {
        decide::signed(ctx, &case, &made).await?;
    } else {
        decide::take_effect(ctx, &mut case, &case_type, &made).await?;
    }
    figure::keep(ctx, &mut case, &case_type, found.clone()).await?;
    decide::finish(ctx, &mut case, &case_type, &task, (&input.outcome, found)).await?;
    if !waits {
        decide::announce(ctx, &mut case, &case_type, &made).await?;
    }
    flow::seal(ctx, outcome.effect.verb(), &case, reason.as_deref()).await?;
    Ok(case)
}

/// The applicant supplies what was missing.
pub async fn supply(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    papers: &[NewMaterial],
    words: &str,
) -> Result<Case> {
    answer(ctx, no, todo, "", papers, words).await
}

/// The applicant, or whom the case is about, does what is asked of them: supplies what was missing, objects, asks for
/// a hearing, gives it up. Without an outcome it is the first one that supplies.
pub async fn answer(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    wanted: &str,
    papers: &[NewMaterial],
    words: &str,
) -> Result<Case> {
    let names: Vec<&str> =
        papers.iter().filter_map(|paper| Some(paper.file.as_ref()?.digest.as_str())).collect();
    let body = json!([no, todo, words, names, wanted]);
    let (mut case, task) = match locked(ctx, no, todo, ("casework.supply", &body)).await? {
        Locked::Open(found) => *found,
        Locked::Done(case) => return Ok(*case),
    };
    ctx.allow_or_absent("casework.supply", &task_thing(&ctx.actor, &case, &task))?;
    if repeated(ctx, "casework.supply", &body).await? {
        return Ok(case);
    }
    let case_type = case_type(ctx, &case)?;
    let (word, outcome) = task
        .outcomes
        .iter()
        .filter_map(|word| case_type.outcome.get_key_value(word))
        .find(|(word, outcome)| match wanted {
            "" => outcome.effect == Effect::Supply,
            wanted => *word == wanted && matches!(outcome.effect, Effect::Supply | Effect::Answer),
        })
        .map(|(word, outcome)| (word.clone(), outcome.clone()))
        .ok_or_else(|| Error::State(already_done()))?;
    let words = bounded("words", words)?;
    let owed = outcome.effect == Effect::Supply || outcome.reason;
    if owed && papers.is_empty() && words.is_empty() {
        return Err(Error::Invalid(vec![FieldError::new(
            "files",
            "请选择要补的文件，或写一句说明",
            "choose the files to add, or write a word of explanation",
        )]));
    }
    let now = ctx.now;
    store::add_materials(ctx, no, papers, now).await?;
    decide::apply(ctx, &mut case, outcome.effect);
    if let Some(milestone) = clockwork::milestone(outcome.effect) {
        clockwork::reach(ctx, &case, &case_type, milestone).await?;
    }
    let reason = (!words.is_empty()).then(|| words.to_owned());
    let event = Event::public(ctx, effect_word(outcome.effect), outcome.event.clone())
        .at_node(&task.node)
        .because(reason.clone());
    flow::record(ctx, &case, event).await?;
    linked::follow(ctx, &case, &case_type, &outcome, (reason.as_deref(), &[])).await?;
    decide::finish(ctx, &mut case, &case_type, &task, (&word, Map::new())).await?;
    flow::seal(ctx, "casework.supply", &case, reason.as_deref()).await?;
    Ok(case)
}

/// Takes a task, so that colleagues see who has it.
pub async fn claim(ctx: &mut Ctx, todo: Uuid) -> Result<String> {
    let (case, task) = by_todo(ctx, "casework.claim", todo).await?;
    // Taking twice is taking once, and one form may take many tasks: no key is asked for here.
    claim_for(ctx, &task).await?;
    told(ctx, &case, &task, ctx.actor.account).await?;
    responsible::at(ctx, &case, &task, "took").await?;
    let act = ctx.act("casework.claim", "case", &case.no).about(Some(case.person));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(case.no)
}

/// Gives a task back to all who may do it.
pub async fn release(ctx: &mut Ctx, todo: Uuid) -> Result<String> {
    let (case, task) = by_todo(ctx, "casework.release", todo).await?;
    if repeated(ctx, "casework.release", &json!([todo])).await? {
        return Ok(case.no);
    }
    let account = account(ctx)?;
    if !store::release(ctx.conn(), todo, account).await? {
        return Err(Error::State(Text::new(
            "这件不在您手上，不用放回",
            "this task is not in your hands",
        )));
    }
    told(ctx, &case, &task, None).await?;
    let act = ctx.act("casework.release", "case", &case.no).about(Some(case.person));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(case.no)
}

/// The applicant takes the case back, before it is decided.
pub async fn withdraw(ctx: &mut Ctx, no: &str, reason: &str) -> Result<Case> {
    let mut case = for_change(ctx, "casework.withdraw", no).await?;
    if repeated(ctx, "casework.withdraw", &json!([no, reason])).await? {
        return Ok(case);
    }
    if case.state.over() || case.state == State::Decided {
        return Err(Error::State(Text::new(
            "已经办完或已有决定，不能再撤回",
            "the case is over or decided and cannot be taken back",
        )));
    }
    let case_type = case_type(ctx, &case)?;
    if case_type.official {
        return Err(Error::State(Text::new(
            "这件由机关依职权办，不能撤回；有意见请在办件里陈述",
            "this was begun by the office and cannot be taken back; say in the case what you object to",
        )));
    }
    // A case that follows another has no course of its own any more.
    let news = if linked::is_follower(ctx, no).await? {
        vec![zhengtong_process::News::Ended]
    } else {
        zhengtong_process::terminate(ctx, case.instance, "withdrawn").await?
    };
    case.state = State::Withdrawn;
    let words = (!reason.trim().is_empty()).then(|| reason.trim().to_owned());
    let text = Text::new("申请人撤回", "Taken back by the applicant");
    flow::record(ctx, &case, Event::public(ctx, "withdraw", text).because(words.clone())).await?;
    flow::settle(ctx, &mut case, &case_type, news).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.withdraw", &case, words.as_deref()).await?;
    Ok(case)
}

/// Writes a remark that only colleagues see.
pub async fn note(ctx: &mut Ctx, no: &str, text: &str) -> Result<()> {
    let case = known(ctx, "casework.note", no).await?;
    if repeated(ctx, "casework.note", &json!([no, text])).await? {
        return Ok(());
    }
    let text = bounded("text", text)?;
    if text.is_empty() {
        return Err(Error::Invalid(vec![FieldError::new(
            "text",
            "便签是空的，写一句再保存",
            "the note is empty; write something first",
        )]));
    }
    let (id, now, name, account) = (ctx.id(), ctx.now, ctx.actor.name.clone(), account(ctx)?);
    store::insert_note(ctx, id, no, (account, &name), text, now).await?;
    let act = ctx.act("casework.note", "case", no).about(Some(case.person));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// A task as policies see it: the case, the role and side the task asks for, the department it belongs to, and
/// whether it was given to the actor by name.
pub(crate) fn task_thing(actor: &Actor, case: &Case, task: &Todo) -> Thing {
    let side = match task.side {
        Side::Office => "office",
        Side::Applicant => "applicant",
    };
    let mine = task.place.given && task.assignee.is_some() && task.assignee == actor.account;
    let thing = flow::thing(case)
        .handled_by(Some(task.place.department))
        .with("role", Attr::Text(task.role.clone()))
        .with("side", Attr::Text(side.to_owned()))
        .with("given", Attr::Flag(mine))
        .with("host", Attr::Text(case.department.to_string()));
    match task.assignee {
        Some(account) => thing.with("assignee", Attr::Text(account.to_string())),
        None => thing,
    }
}

/// A case that the actor may do the verb with. A visitor is asked to log in before anything is said of what is there.
pub(crate) async fn known(ctx: &mut Ctx, verb: &str, no: &str) -> Result<Case> {
    somebody(ctx, verb)?;
    let case = absent(store::case(ctx, no).await?, no)?;
    ctx.allow_or_absent(verb, &flow::thing(&case))?;
    Ok(case)
}

/// The same, locked for a change: who may not change it holds nobody up. The right is asked again under the lock,
/// because the case may have moved on while we waited.
pub(crate) async fn for_change(ctx: &mut Ctx, verb: &str, no: &str) -> Result<Case> {
    known(ctx, verb, no).await?;
    let case = absent(store::case_for_change(ctx, no).await?, no)?;
    ctx.allow_or_absent(verb, &flow::thing(&case))?;
    Ok(case)
}

/// A task and its case, the case locked, for who may do the verb with the task.
pub(crate) async fn by_todo(ctx: &mut Ctx, verb: &str, todo: Uuid) -> Result<(Case, Todo)> {
    somebody(ctx, verb)?;
    let missing = || zhengtong_db::Error::absent("task", todo.to_string());
    let task = store::todo(ctx.conn(), todo).await?.ok_or_else(missing)?;
    let case = absent(store::case(ctx, &task.case).await?, &task.case)?;
    ctx.allow_or_absent(verb, &task_thing(&ctx.actor, &case, &task))?;
    let case = absent(store::case_for_change(ctx, &task.case).await?, &task.case)?;
    let task = store::todo(ctx.conn(), todo).await?.ok_or_else(|| Error::State(already_done()))?;
    ctx.allow_or_absent(verb, &task_thing(&ctx.actor, &case, &task))?;
    Ok((case, task))
}

/// What an act on a task finds.
enum Locked {
    /// The case, locked, and the open task.
    Open(Box<(Case, Todo)>),
    /// This very form was carried out before: sent twice, it does one thing and is answered the same.
    Done(Box<Case>),
}

async fn locked(
    ctx: &mut Ctx,
    no: &str,
    todo: Uuid,
    (verb, body): (&str, &Value),
) -> Result<Locked> {
    // Who may not even see the case learns nothing, not even that the task is over.
    let case = for_change(ctx, "casework.read", no).await?;
    let open = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    if let Some(task) = open {
        return Ok(Locked::Open(Box::new((case, task))));
    }
    // The first sending has closed the task.
    if repeated(ctx, verb, body).await? {
        return Ok(Locked::Done(Box::new(case)));
    }
    Err(Error::State(already_done()))
}

/// Whether this very form was carried out before: sent twice, it does one thing and is answered the same.
pub(crate) async fn repeated(ctx: &mut Ctx, verb: &str, body: &Value) -> Result<bool> {
    Ok(ctx.once(verb, body).await?.is_some())
}

fn check(case: &Case, task: &Todo, outcome: &Outcome, input: &Input, ctx: &Ctx) -> Result<()> {
    if input.seen_version != case.version {
        return Err(Error::State(Text::new(
            "您打开之后，这件已经有了新变化。请看过最新内容再决定，您写的还在下面",
            "the case has changed since you opened it; read the latest and decide again, your words are kept below",
        )));
    }
    let mine = ctx.actor.account;
    if let (Some(name), true) =
        (&task.assignee_name, task.assignee.is_some() && task.assignee != mine)
    {
        return Err(Error::State(Text::new(
            format!("这一步正由 {name} 办理"),
            format!("{name} has this step in hand"),
        )));
    }
    let reason = bounded("reason", &input.reason)?;
    if outcome.reason && reason.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    Ok(())
}

pub(crate) fn reason_missing() -> FieldError {
    FieldError::new(
        "reason",
        "请写明理由，申请人会看到",
        "write the reason; the applicant will read it",
    )
}

pub(crate) fn bounded<'a>(field: &str, text: &'a str) -> Result<&'a str> {
    let limit = Limits::default().text_chars;
    let text = text.trim();
    if text.chars().count() > limit {
        return Err(Error::Invalid(vec![FieldError::new(
            field,
            format!("最多 {limit} 字，请缩短"),
            format!("at most {limit} characters; please shorten it"),
        )]));
    }
    Ok(text)
}

pub(crate) fn effect_word(effect: Effect) -> &'static str {
    effect.verb().trim_start_matches("casework.")
}

/// The process knows who has begun a task: what somebody has begun is not taken back by the one before.
async fn told(ctx: &mut Ctx, case: &Case, task: &Todo, account: Option<Uuid>) -> Result<()> {
    if task.is_own() || task.place.lent {
        return Ok(());
    }
    let word = account.map(|account| format!("account/{account}/{}", task.place.department));
    if word.is_some() && task.assignee == account {
        return Ok(());
    }
    zhengtong_process::assign(ctx, case.instance, &task.task, word.as_deref()).await?;
    Ok(())
}

pub(crate) async fn claim_for(ctx: &mut Ctx, task: &Todo) -> Result<()> {
    let (account, name) = (account(ctx)?, ctx.actor.name.clone());
    if store::assign(ctx.conn(), task.id, account, &name).await? {
        return Ok(());
    }
    Err(Error::State(match &task.assignee_name {
        Some(name) => Text::new(
            format!("{name} 已经领走了这件"),
            format!("{name} has taken this task already"),
        ),
        None => already_done(),
    }))
}

pub(crate) fn account(ctx: &Ctx) -> Result<Uuid> {
    ctx.actor.account.ok_or_else(|| {
        zhengtong_db::Error::Unauthenticated { verb: "casework.claim".to_owned() }.into()
    })
}

fn somebody(ctx: &Ctx, verb: &str) -> Result<()> {
    match ctx.actor.kind {
        ActorKind::Anonymous => {
            Err(zhengtong_db::Error::Unauthenticated { verb: verb.to_owned() }.into())
        }
        _ => Ok(()),
    }
}

pub(crate) fn already_done() -> Text {
    Text::new(
        "这一步已经办过了，请看最新进展",
        "this step is done already; look at the latest state",
    )
}

pub(crate) fn absent(case: Option<Case>, no: &str) -> Result<Case> {
    case.ok_or_else(|| zhengtong_db::Error::absent("case", no).into())
}

pub(crate) fn case_type(ctx: &Ctx, case: &Case) -> Result<std::sync::Arc<CaseType>> {
    ctx.defs::<Catalog>()?
        .get(&case.kind)
        .ok_or_else(|| Error::Definition(format!("there is no case type {}", case.kind)))
}
