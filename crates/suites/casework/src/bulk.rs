//! Acts on many tasks at once, each of which can be undone.
//!
//! Taking and handing out tasks is done at once and undone by putting everybody back whom the act found: nobody outside
//! the office has learnt of it. Accepting starts legal clocks and sends messages, which nothing can unsay, so it waits
//! for ten seconds and is only then carried out; until then undoing it means that it never happens.

use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Text};
use zhengtong_db::jobs::{Job, NewJob, Work};
use zhengtong_db::{Actor, ActorKind, Ctx, Db};

use crate::act::{self, Input, by_todo, case_type, task_thing};
use crate::error::{Error, Result};
use crate::inbox;
use crate::model::{Case, Todo};
use crate::part::{Effect, Outcome};
use crate::{deferral, handover, responsible, store};

/// The job that carries out what waited.
const JOB: &str = "casework.bulk";
/// How long acceptance waits.
const WAIT: Duration = Duration::seconds(10);
/// How long taking and handing out can be undone.
const UNDO: Duration = Duration::minutes(10);
/// Tasks of one act.
const TASKS_MAX: usize = 1_000;

/// What was done with many tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAct {
    /// Taken by the officer.
    Claim,
    /// Given to a colleague.
    Assign,
    /// Accepted, after a while.
    Accept,
}

impl BulkAct {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Assign => "assign",
            Self::Accept => "accept",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "assign" => Self::Assign,
            "accept" => Self::Accept,
            _ => Self::Claim,
        }
    }
}

/// Where an act on many tasks stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkState {
    /// It can be undone.
    Open,
    /// It was undone.
    Undone,
    /// It is being carried out.
    Running,
    /// It is done for good.
    Done,
}

impl BulkState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Undone => "undone",
            Self::Running => "running",
            Self::Done => "done",
        }
    }

    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "undone" => Self::Undone,
            "running" => Self::Running,
            "done" => Self::Done,
            _ => Self::Open,
        }
    }
}

/// A task of an act, with what undoing needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Touched {
    pub(crate) todo: Uuid,
    pub(crate) case: String,
    /// Who had it before.
    pub(crate) before: Option<(Uuid, String)>,
    /// Who has it after.
    pub(crate) after: Option<Uuid>,
    /// What is to be decided, and the version of the case it is decided on.
    pub(crate) decides: Option<(String, i64)>,
}

/// The officer of an act, as far as it is needed to carry it out later.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Officer {
    account: Uuid,
    session: Option<Uuid>,
    person: Option<Uuid>,
    name: String,
    organisation: Option<Uuid>,
    post: Option<Uuid>,
    region: Option<String>,
    roles: Vec<String>,
}

/// An act on many tasks.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// The identifier.
    pub id: Uuid,
    /// What was done.
    pub act: BulkAct,
    /// How many tasks it is about.
    pub count: usize,
    /// How many were done.
    pub done: i32,
    /// How many could not: a colleague was faster, or the case has changed.
    pub missed: i32,
    /// Where it stands.
    pub state: BulkState,
    /// Until when it can be undone.
    pub until: OffsetDateTime,
    pub(crate) officer: Officer,
    pub(crate) tasks: Vec<Touched>,
}

impl Bulk {
    /// Whether it can be undone at a moment.
    pub fn can_be_undone(&self, now: OffsetDateTime) -> bool {
        self.state == BulkState::Open && now < self.until && self.count > 0
    }
}

/// Takes many tasks. One that a colleague was faster with does not hinder the others.
pub async fn claim_all(ctx: &mut Ctx, todos: &[Uuid]) -> Result<Bulk> {
    many(ctx, BulkAct::Claim, todos, None).await
}

/// Gives many tasks to a colleague who has their role, in whosever hands they are.
pub async fn assign_all(ctx: &mut Ctx, todos: &[Uuid], to: Uuid) -> Result<Bulk> {
    many(ctx, BulkAct::Assign, todos, Some(to)).await
}

/// Accepts many cases in ten seconds, unless it is undone.
pub async fn accept_all(ctx: &mut Ctx, todos: &[Uuid]) -> Result<Bulk> {
    many(ctx, BulkAct::Accept, todos, None).await
}

/// Does the act with one task, or marks it for later.
async fn touch(ctx: &mut Ctx, act: BulkAct, todo: Uuid, to: Option<Uuid>) -> Result<Touched> {
    let before = assignee(ctx, todo).await?;
    match (act, to) {
        (BulkAct::Assign, Some(to)) => {
            let case = handover::assign(ctx, todo, to).await?;
            Ok(Touched { todo, case, before, after: Some(to), decides: None })
        }
        (BulkAct::Accept, _) => {
            let (case, task) = by_todo(ctx, "casework.claim", todo).await?;
            let decides = Some((acceptance(ctx, &case, &task).await?, case.version));
            Ok(Touched { todo, case: case.no, before, after: None, decides })
        }
        _ => {
            let case = act::claim(ctx, todo).await?;
            Ok(Touched { todo, case, before, after: ctx.actor.account, decides: None })
        }
    }
}

/// Whether a task can be accepted without a word more.
async fn acceptance(ctx: &mut Ctx, case: &Case, task: &Todo) -> Result<String> {
    let case_type = case_type(ctx, case)?;
    // Papers that may come later are a question of their own for each case: never in passing.
    let plain = |outcome: &&Outcome| {
        outcome.effect == Effect::Accept
            && !outcome.defer
            && !outcome.reason
            && outcome.ask.is_empty()
    };
    let known = task.outcomes.iter().filter_map(|word| case_type.outcome.get_key_value(word));
    let found = known.into_iter().find(|(_, outcome)| plain(outcome));
    if let Some((_, outcome)) = found {
        deferral::admit(ctx, case, &case_type, outcome).await?;
    }
    let word = found.map(|(word, _)| word);
    let taken = task.assignee.is_some() && task.assignee != ctx.actor.account;
    word.filter(|_| !taken && ctx.may("casework.accept", &task_thing(&ctx.actor, case, task)))
        .cloned()
        .ok_or_else(|| {
            Error::State(Text::new(
                "这件不是等您受理的",
                "this task does not wait for your acceptance",
            ))
        })
}

/// The act of the actor with this identifier.
pub async fn bulk(ctx: &mut Ctx, id: Uuid) -> Result<Bulk> {
    ctx.allow("casework.inbox", &inbox::own(ctx))?;
    let found = store::bulk(ctx.conn(), id).await?;
    own(ctx, found, id)
}

/// Undoes an act: puts back whom it found, or lets it never happen. What has moved on since stays as it is.
pub async fn undo(ctx: &mut Ctx, id: Uuid) -> Result<Bulk> {
    ctx.allow("casework.undo", &inbox::own(ctx))?;
    let found = store::bulk_for_change(ctx.conn(), id).await?;
    let mut bulk = own(ctx, found, id)?;
    if bulk.state == BulkState::Undone {
        return Ok(bulk);
    }
    if !bulk.can_be_undone(ctx.now) {
        return Err(Error::State(Text::new(
            "撤销的时间过了，这几件已经办了",
            "it is too late to undo this; it was carried out",
        )));
    }
    let mut back = 0;
    for task in &bulk.tasks {
        if bulk.act != BulkAct::Accept && !put_back(ctx, task).await? {
            continue;
        }
        back += 1;
        let act = ctx.act("casework.undo", "case", &task.case).because(bulk.act.word());
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    bulk.missed = i32::try_from(bulk.count).unwrap_or(i32::MAX).saturating_sub(back);
    bulk.done = back;
    bulk.state = BulkState::Undone;
    store::set_bulk(ctx.conn(), &bulk).await?;
    Ok(bulk)
}

/// Puts a task back into the hands in which it was, if it is open and still where it was put.
async fn put_back(ctx: &mut Ctx, touched: &Touched) -> Result<bool> {
    let Some(case) = store::case_for_change(ctx, &touched.case).await? else { return Ok(false) };
    let open = store::todo(ctx.conn(), touched.todo).await?;
    let Some(task) = open.filter(|task| task.assignee == touched.after) else { return Ok(false) };
    let before = touched.before.as_ref().map(|(account, name)| (*account, name.as_str()));
    handover::put(ctx, &case, &task, before).await?;
    if let Some(before) = before {
        responsible::note(ctx, &case, &task, before, "given_back").await?;
    }
    Ok(true)
}

fn own(ctx: &Ctx, found: Option<Bulk>, id: Uuid) -> Result<Bulk> {
    let own = found.filter(|bulk| ctx.actor.account == Some(bulk.officer.account));
    Ok(own.ok_or_else(|| zhengtong_db::Error::absent("bulk", id.to_string()))?)
}

async fn many(ctx: &mut Ctx, act: BulkAct, todos: &[Uuid], to: Option<Uuid>) -> Result<Bulk> {
    ctx.allow("casework.inbox", &inbox::own(ctx))?;
    // Always in the same order, so that two officers never wait for each other.
    let mut todos = todos.to_vec();
    todos.sort_unstable();
    todos.dedup();
    if todos.len() > TASKS_MAX {
        return Err(Error::Invalid(vec![FieldError::new(
            "todo",
            format!("一次最多 {TASKS_MAX} 件"),
            format!("at most {TASKS_MAX} at once"),
        )]));
    }
    if let Some(first) = ctx.once("casework.bulk", &json!([act, todos, to])).await? {
        let id = first.as_str().and_then(|id| id.parse().ok()).unwrap_or_default();
        return bulk(ctx, id).await;
    }
    let key = ctx.key.take();
    let (mut tasks, mut missed) = (Vec::new(), 0);
    for todo in todos {
        match touch(ctx, act, todo, to).await {
            Ok(task) => tasks.push(task),
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => missed += 1,
            Err(error) => return Err(error),
        }
    }
    ctx.key = key;
    let bulk = Bulk {
        id: ctx.id(),
        act,
        count: tasks.len(),
        done: i32::try_from(tasks.len()).unwrap_or(i32::MAX),
        missed,
        state: BulkState::Open,
        until: ctx.now + if act == BulkAct::Accept { WAIT } else { UNDO },
        officer: officer(ctx)?,
        tasks,
    };
    let now = ctx.now;
    store::insert_bulk(ctx.conn(), &bulk, now).await?;
    if act == BulkAct::Accept && bulk.count > 0 {
        ctx.enqueue(NewJob::at(JOB, &json!({ "bulk": bulk.id }), bulk.until)).await?;
    }
    ctx.answered(&bulk.id).await?;
    Ok(bulk)
}

fn officer(ctx: &Ctx) -> Result<Officer> {
    let actor = &ctx.actor;
    let verb = || zhengtong_db::Error::Unauthenticated { verb: "casework.bulk".to_owned() };
    Ok(Officer {
        account: actor.account.ok_or_else(verb)?,
        session: actor.session,
        person: actor.person,
        name: actor.name.clone(),
        organisation: actor.organisation,
        post: actor.post,
        region: actor.region.clone(),
        roles: actor.roles.clone(),
    })
}

impl Officer {
    fn actor(&self) -> Actor {
        Actor {
            kind: ActorKind::Staff,
            account: Some(self.account),
            session: self.session,
            person: self.person,
            name: self.name.clone(),
            organisation: self.organisation,
            post: self.post,
            region: self.region.clone(),
            roles: self.roles.clone(),
            ..Actor::visitor()
        }
    }
}

async fn assignee(ctx: &mut Ctx, todo: Uuid) -> Result<Option<(Uuid, String)>> {
    let task = store::todo(ctx.conn(), todo).await?;
    Ok(task.and_then(|task| task.assignee.zip(task.assignee_name)))
}

/// Carries out what has waited long enough.
#[must_use]
pub fn attach_bulk(work: Work) -> Work {
    work.on(JOB, |db, job| async move { run(&db, &job).await })
}

async fn run(db: &Db, job: &Job) -> std::result::Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let id = job.payload.pointer("/bulk").and_then(|id| id.as_str());
    let id: Uuid = id.and_then(|id| id.parse().ok()).ok_or("the job names no act")?;
    carry_out(db, id).await.map_err(|error| said(&error))
}

/// Accepts what an officer has marked, each case in a transaction of its own. Done twice, it does nothing twice: each
/// case has its own key.
pub async fn carry_out(db: &Db, id: Uuid) -> Result<()> {
    let mut ctx = db.begin_system(JOB).await?;
    let waiting = store::bulk_for_change(ctx.conn(), id).await?;
    let open = [BulkState::Open, BulkState::Running];
    let Some(mut bulk) = waiting.filter(|bulk| open.contains(&bulk.state)) else { return Ok(()) };
    bulk.state = BulkState::Running;
    store::set_bulk(ctx.conn(), &bulk).await?;
    ctx.commit().await?;
    let (mut done, mut missed) = (0, bulk.missed);
    for task in &bulk.tasks {
        match accept(db, &bulk, task).await {
            Ok(true) => done += 1,
            Ok(false) => missed += 1,
            Err(error) if matches!(error.kind(), Kind::Internal | Kind::Unavailable) => {
                return Err(error);
            }
            Err(_refused) => missed += 1,
        }
    }
    bulk.state = BulkState::Done;
    (bulk.done, bulk.missed) = (done, missed);
    let mut ctx = db.begin_system(JOB).await?;
    store::set_bulk(ctx.conn(), &bulk).await?;
    ctx.commit().await?;
    Ok(())
}

/// Accepts one case as its officer; false when the officer no longer may.
async fn accept(db: &Db, bulk: &Bulk, task: &Touched) -> Result<bool> {
    let Some((outcome, version)) = &task.decides else { return Ok(false) };
    let mut ctx = db.begin_system(JOB).await?;
    let Some((department, role)) = store::todo_post(ctx.conn(), task.todo).await? else {
        return Ok(false);
    };
    let serving = zhengtong_party::serving(&mut ctx, department, &role).await?;
    drop(ctx);
    if serving.iter().all(|one| one.account != bulk.officer.account) {
        return Ok(false);
    }
    let mut ctx = db.begin(bulk.officer.actor(), &format!("bulk:{}", bulk.id)).await?;
    ctx.key = Some(format!("{}/{}", bulk.id, task.todo));
    let input = Input { outcome: outcome.clone(), seen_version: *version, ..Input::default() };
    act::act(&mut ctx, &task.case, task.todo, input).await?;
    ctx.commit().await?;
    Ok(true)
}
