//! Processes that nobody starts: a message, a time or a signal begins an instance of the definition in force, once and only once,
//! whichever node comes first. Such an instance belongs to no case, so nothing in it may ask a person.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use zhengtong_bpmn::{Finding, Model, Node, NodeKind, TimerForm, Trigger};
use zhengtong_db::jobs::{CronEntry, Work, next_after};
use zhengtong_db::{Ctx, Db, Thing};

use crate::error::{Error, Result};
use crate::known::Known;
use crate::model::{Moved, Vars};
use crate::own::is_own;
use crate::part::error;
use crate::published::in_force;
use crate::store::beginning::{self as store, BeginningRow};
use crate::timer::{self, When};
use crate::{events, verbs, work};

/// Things of instances that belong to no case.
pub(crate) const THINGS: &str = "process/";
/// The job that lets begin what is due, and go on what began so.
pub(crate) const BEGIN: &str = "process.begin";
/// Instances that could not begin, before giving up for this time.
const ROUNDS_MAX: usize = 50;
/// Transactions that one run of the job makes; the next run goes on.
const STEPS_MAX: usize = 2_000;
/// Missed times that are looked through before counting from now.
const MISSED_MAX: usize = 10_000;
/// After how long something that could not begin is tried again.
const AGAIN: Duration = Duration::hours(1);
/// The shortest time between two beginnings.
const BETWEEN: Duration = Duration::MINUTE;
/// Characters of a cause that are kept.
const CAUSE_CHARS_MAX: usize = 500;

/// Start events of the process itself that something sets off.
fn starts(model: &Model) -> impl Iterator<Item = &Node> {
    let own = |node: &&Node| node.kind == NodeKind::Start && node.scope == model.id;
    model.nodes.iter().filter(own).filter(|node| !node.triggers.is_empty())
}

/// What nobody would ever begin, or do once it began.
pub(crate) fn unanswered(model: &Model) -> Vec<Finding> {
    let mut found = Vec::new();
    for node in starts(model) {
        match node.triggers.as_slice() {
            [Trigger::Message { .. } | Trigger::Signal { .. }] => {}
            [Trigger::Timer { form, text }] if first_due(*form, text).is_some() => {}
            [Trigger::Timer { text, .. }] => found.push(error(
                node,
                "timer",
                format!("启动时间“{text}”应是时刻、时长、至少隔一分钟的周期，或 cron，例如 2027-01-01T09:00:00+08:00、P1D、R/P1D、0 9 * * 1"),
                format!("the time '{text}' to begin must be a moment, a length of time, a cycle of a minute or more, or a cron pattern, such as 2027-01-01T09:00:00+08:00, P1D, R/P1D, 0 9 * * 1"),
            )),
            _ => found.push(error(
                node,
                "event",
                "流程只能由事项启动，或由一个消息、时间、信号启动".to_owned(),
                "a process is begun by an item, or by one message, time or signal".to_owned(),
            )),
        }
    }
    if starts(model).next().is_some() {
        found.extend(model.nodes.iter().filter(|node| wants_a_case(node)).map(|node| {
            error(
                node,
                "no-case",
                "由事件启动的流程不属于任何办件，没有人办这一步：请改用脚本、决策、消息、信号，或让事项来启动".to_owned(),
                "what an event begins belongs to no case, so nobody does this step: use scripts, decisions, messages and signals, or let an item begin it".to_owned(),
            )
        }));
    }
    found
}

/// Whether only a suite with its people can do a node.
fn wants_a_case(node: &Node) -> bool {
    matches!(node.kind, NodeKind::UserTask | NodeKind::ManualTask)
        || (node.kind.is_service() && !is_own(node))
}

/// A time at which a definition begins, as it is written: from a moment on, and how often.
fn first_due(form: TimerForm, text: &str) -> Option<Times<'_>> {
    let text = text.trim();
    let epoch = OffsetDateTime::UNIX_EPOCH;
    match timer::literal(form, text) {
        Some(when @ When::Every(..)) => {
            let next = when.due(epoch, Some(epoch))?;
            (next - epoch >= BETWEEN).then(|| Times::When(when, timer::times(text)))
        }
        Some(when) => Some(Times::When(when, Some(1))),
        None if form == TimerForm::Cycle && next_after(text, epoch).is_ok() => {
            Some(Times::Cron(text))
        }
        None => None,
    }
}

enum Times<'a> {
    When(When, Option<u32>),
    Cron(&'a str),
}

impl Times<'_> {
    fn first(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::When(_, Some(0)) => None,
            Self::When(when, _) => when.due(now, None),
            Self::Cron(pattern) => next_after(pattern, now).ok(),
        }
    }

    /// The next time after one that came. What was missed while nobody looked is made up once and not again and again.
    fn next(&self, before: OffsetDateTime, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::When(when @ When::Every(..), _) => {
                let mut next = before;
                for _ in 0..MISSED_MAX {
                    next = when.due(now, Some(next))?;
                    if next > now {
                        return Some(next);
                    }
                }
                when.due(now, Some(now))
            }
            Self::When(..) => None,
            Self::Cron(pattern) => next_after(pattern, now).ok(),
        }
    }

    fn still(&self) -> Option<i32> {
        match self {
            Self::When(_, times) => times.map(|times| i32::try_from(times).unwrap_or(i32::MAX)),
            Self::Cron(_) => None,
        }
    }
}

fn form_word(form: TimerForm) -> &'static str {
    match form {
        TimerForm::Date => "date",
        TimerForm::Duration => "duration",
        TimerForm::Cycle => "cycle",
    }
}

fn form_of(word: Option<&str>) -> TimerForm {
    match word {
        Some("date") => TimerForm::Date,
        Some("duration") => TimerForm::Duration,
        _ => TimerForm::Cycle,
    }
}

/// Start events of the definitions that are in force now.
fn wanted(ctx: &Ctx) -> Result<Vec<BeginningRow>> {
    let mut rows = Vec::new();
    for definition in Known::of(ctx)?.definitions() {
        for node in starts(&definition.model) {
            let row = |kind: &str, event: &str| BeginningRow {
                name: definition.name.clone(),
                node: node.id.clone(),
                digest: definition.digest.clone(),
                kind: kind.to_owned(),
                event: event.to_owned(),
                form: None,
                due: None,
                still: None,
                fault: None,
            };
            rows.extend(node.triggers.first().and_then(|trigger| match trigger {
                Trigger::Message { name } => Some(row("message", name)),
                Trigger::Signal { name } => Some(row("signal", name)),
                Trigger::Timer { form, text } => {
                    let times = first_due(*form, text)?;
                    let mut row = row("timer", text);
                    row.form = Some(form_word(*form).to_owned());
                    (row.due, row.still) = (times.first(ctx.now), times.still());
                    Some(row)
                }
                _ => None,
            }));
        }
    }
    Ok(rows)
}

/// Brings the start events that are waited for in line with the definitions in force. A time that is written as before stays as
/// it was counted.
pub async fn settle(ctx: &mut Ctx) -> Result<()> {
    ctx.allow("process.fire", &Thing::new("platform", ""))?;
    if !store::lock(ctx.conn()).await? {
        return Ok(());
    }
    let (wanted, there) = (wanted(ctx)?, store::list(ctx.conn(), None).await?);
    let same_place = |a: &BeginningRow, b: &BeginningRow| a.name == b.name && a.node == b.node;
    for row in &wanted {
        let mut row = row.clone();
        if let Some(known) = there.iter().find(|known| same_place(known, &row)) {
            let same =
                (&known.kind, &known.event, &known.form) == (&row.kind, &row.event, &row.form);
            if same && known.digest == row.digest {
                continue;
            }
            if same {
                (row.due, row.still) = (known.due, known.still);
            }
        }
        store::put(ctx.conn(), &row).await?;
    }
    for row in there.iter().filter(|row| !wanted.iter().any(|one| same_place(one, row))) {
        store::delete(ctx.conn(), &row.name, &row.node).await?;
    }
    Ok(())
}

/// A start event of a definition in force, for those who look after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The start event.
    pub node: String,
    /// `timer`, `message` or `signal`.
    pub kind: String,
    /// The name of the message or signal, or the time as it is written.
    pub event: String,
    /// When a timer comes next.
    pub due: Option<OffsetDateTime>,
    /// Why it could not begin the last time.
    pub fault: Option<String>,
}

/// The start events of a definition that are waited for.
pub async fn beginnings(ctx: &mut Ctx, name: &str) -> Result<Vec<Beginning>> {
    ctx.allow("process.designs", &crate::design::thing(name, None))?;
    let rows = store::list(ctx.conn(), Some(name)).await?;
    let shown = |row: BeginningRow| Beginning {
        node: row.node,
        kind: row.kind,
        event: row.event,
        due: row.due,
        fault: row.fault,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// What calls for an instance.
enum Call {
    Timer(BeginningRow),
    Signal(store::SignalledRow),
    Message(store::MessageRow),
}

impl Call {
    fn place(&self) -> (&str, &str) {
        match self {
            Self::Timer(row) => (&row.name, &row.node),
            Self::Signal(row) => (&row.name, &row.node),
            Self::Message(row) => (&row.name, &row.node),
        }
    }

    /// What the instance is for: the same for the same call, so that it can be told apart and found.
    fn key(&self) -> String {
        let moment = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
        match self {
            Self::Timer(row) => row.due.map(moment).unwrap_or_default(),
            Self::Signal(row) => row.number.to_string(),
            Self::Message(row) => row.key.clone(),
        }
    }

    /// What came with it, and of the event itself its name, its key and its moment.
    fn vars(&self) -> Vars {
        let (vars, name, at) = match self {
            Self::Timer(row) => (None, &row.event, row.due),
            Self::Signal(row) => (Some(&row.vars), &row.signal, Some(row.at)),
            Self::Message(row) => (Some(&row.vars), &row.event, Some(row.arrived)),
        };
        let mut vars = vars.and_then(Value::as_object).cloned().unwrap_or_default();
        let at = at.and_then(|at| at.format(&Rfc3339).ok());
        vars.insert("event".to_owned(), json!({ "name": name, "key": self.key(), "at": at }));
        vars
    }
}

async fn next_call(ctx: &mut Ctx) -> Result<Option<Call>> {
    let (now, tried) = (ctx.now, ctx.now - AGAIN);
    if let Some(row) = store::next_timer(ctx.conn(), now, tried).await? {
        return Ok(Some(Call::Timer(row)));
    }
    if let Some(row) = store::next_signal(ctx.conn(), tried).await? {
        return Ok(Some(Call::Signal(row)));
    }
    Ok(store::next_message(ctx.conn(), now, tried).await?.map(Call::Message))
}

/// Lets the next instance begin that an event calls for, if there is one. What called is taken in the same transaction, so that
/// it begins once.
pub async fn begin_next(ctx: &mut Ctx) -> Result<Option<Moved>> {
    ctx.allow("process.fire", &Thing::new("platform", ""))?;
    for _ in 0..ROUNDS_MAX {
        let Some(call) = next_call(ctx).await? else { return Ok(None) };
        let begun = verbs::attempt(ctx, async |ctx| begin(ctx, &call).await).await?;
        match begun {
            Ok(moved) => return Ok(Some(moved)),
            Err(error @ (Error::Store(_) | Error::Ledger(_))) => return Err(error),
            Err(error) => {
                // What called stays: it is tried again after a while, or as soon as the definition changes.
                let (name, node) = call.place();
                tracing::warn!(name, node, %error, "an event could not begin its process");
                let cause = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                let cause: String = cause.chars().take(CAUSE_CHARS_MAX).collect();
                let now = ctx.now;
                store::fault(ctx.conn(), (name, node), &cause, now).await?;
            }
        }
    }
    Ok(None)
}

async fn begin(ctx: &mut Ctx, call: &Call) -> Result<Moved> {
    let (name, node) = call.place();
    let definition = in_force(ctx, name)?;
    let thing = format!("{THINGS}{name}/{}", call.key());
    let hand = verbs::open(ctx, definition, Some(node), &thing, call.vars()).await?;
    match call {
        Call::Timer(row) => {
            let times = first_due(form_of(row.form.as_deref()), &row.event);
            let still = row.still.map(|still| still.saturating_sub(1));
            let next = times
                .filter(|_| still.is_none_or(|still| still > 0))
                .and_then(|times| times.next(row.due?, ctx.now));
            store::set_due(ctx.conn(), (name, node), next, still).await?;
        }
        Call::Signal(row) => store::signal_taken(ctx.conn(), row.number).await?,
        Call::Message(row) => store::message_taken(ctx.conn(), row.id).await?,
    }
    let instance = hand.instance.id;
    work::keep(ctx, &hand).await?;
    let act = ctx.act("process.start", "instance", instance.to_string());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(Moved { instance, thing, news: hand.news })
}

/// Lets begin what is due, and go on what began so; whether there was anything.
pub async fn go_on(ctx: &mut Ctx) -> Result<bool> {
    if begin_next(ctx).await?.is_some() {
        return Ok(true);
    }
    Ok(events::fire_next(ctx, THINGS).await?.is_some())
}

/// Lets begin and go on what no case asks for, as soon as somebody says so and every minute.
#[must_use]
pub fn attach(work: Work) -> Work {
    let entry = CronEntry { name: BEGIN, pattern: "* * * * *", job: BEGIN };
    work.on(BEGIN, |db, _job| async move { run(&db).await }).at(entry)
}

async fn run(db: &Db) -> std::result::Result<(), String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let mut ctx = db.begin_system(BEGIN).await.map_err(|error| said(&error))?;
    settle(&mut ctx).await.map_err(|error| said(&error))?;
    ctx.commit().await.map_err(|error| said(&error))?;
    for _ in 0..STEPS_MAX {
        let mut ctx = db.begin_system(BEGIN).await.map_err(|error| said(&error))?;
        let moved = go_on(&mut ctx).await.map_err(|error| said(&error))?;
        ctx.commit().await.map_err(|error| said(&error))?;
        if !moved {
            break;
        }
    }
    Ok(())
}
