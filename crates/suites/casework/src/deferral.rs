//! 容缺受理: a case is accepted with lesser papers missing, which the applicant has undertaken to bring. The clocks run
//! from acceptance; the result is withheld until all is there; when it is late an officer decides what becomes of it.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::{Ctx, Thing};

use crate::act::{already_done, bounded, case_type, for_change, known, repeated, task_thing};
use crate::clockwork;
use crate::error::{Error, Result};
use crate::flow::{self, PLATFORM};
use crate::hold::fresh;
use crate::model::{Case, Event, NewMaterial, OWN, Place, Side, Todo};
use crate::part::{CaseType, DEFERRAL as CLOCK, Deferral, Milestone, Outcome};
use crate::seen::AsSeen;
use crate::store::{self, NewExtension};
use crate::{ending, undertaking};

/// The word of the task by which the applicant brings what is owed.
pub(crate) const BRING: &str = "deferral";
/// The word of the task by which an officer decides when it is late.
pub(crate) const LATE: &str = "deferral-late";
/// How often more time is given.
const MORE_TIMES: i64 = 2;

/// A lesser paper that may come later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// Its place in the list.
    pub seq: i32,
    /// What it is.
    pub name: Text,
    /// Where it stands.
    pub state: Owed,
}

/// Where a lesser paper stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// It is missing and may come later.
    Allowed,
    /// The case was accepted without it: it is owed.
    Owed,
    /// It has come.
    Supplied,
}

/// What becomes of a case whose owed papers are late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// It ends.
    End,
    /// The applicant has so many days more, in the unit of the clock.
    More(u32),
}

/// The lesser papers of a case that were not handed in with it.
pub async fn deferred(ctx: &mut Ctx, no: &str) -> Result<Vec<Deferred>> {
    known(ctx, "casework.read", no).await?;
    let rows = store::deferred(ctx.conn(), no).await?;
    let all = rows.into_iter().map(|row| Deferred {
        seq: row.seq,
        name: Text::new(row.name_zh, row.name_en),
        state: match row.state.as_str() {
            "owed" => Owed::Owed,
            "supplied" => Owed::Supplied,
            _ => Owed::Allowed,
        },
    });
    Ok(all.collect())
}

/// Whether a case may be accepted as the officer wants it: with what is missing owed, or with nothing missing.
pub(crate) async fn admit(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    outcome: &Outcome,
) -> Result<()> {
    if case_type.deferral.is_none() {
        return Ok(());
    }
    let rows = store::deferred(ctx.conn(), &case.no).await?;
    let missing = rows.iter().any(|row| row.state == "allowed");
    if !outcome.defer {
        return if missing {
            Err(Error::State(Text::new(
                "还缺可以后补的材料：请用“容缺受理”，或一次告知补正",
                "lesser papers are missing: accept with them deferred, or ask for them",
            )))
        } else {
            Ok(())
        };
    }
    if !missing {
        return Err(Error::State(Text::new(
            "没有缺可以后补的材料，请直接受理",
            "nothing that may come later is missing; accept it as it is",
        )));
    }
    if undertaking::is_there(ctx, &case.no, undertaking::DEFERRAL).await? {
        return Ok(());
    }
    Err(Error::State(Text::new(
        "申请人还没有书面承诺按期补齐，请先请他承诺，或上传签字的承诺书",
        "the applicant has not undertaken in writing to bring the rest; ask for that first, or attach the signed paper",
    )))
}

/// The case was accepted with papers missing: they are owed from now on.
pub(crate) async fn owe(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<()> {
    let Some(deferral) = &case_type.deferral else { return Ok(()) };
    let now = ctx.now;
    store::move_deferred(ctx.conn(), &case.no, ("allowed", "owed"), None, now).await?;
    clockwork::reach(ctx, case, case_type, Milestone::Deferred).await?;
    let title = Text::new("补齐容缺材料", "Bring the papers that are owed");
    let todo = own(ctx, case, BRING, (title, "applicant")).await?;
    store::insert_todo(ctx.conn(), &todo).await?;
    store::tie_clock(ctx.conn(), &case.no, todo.id).await?;
    if let Some(message) = &deferral.message {
        flow::tell(ctx, case, message, None).await?;
    }
    Ok(())
}

/// A task that no process knows.
pub(crate) async fn own(
    ctx: &mut Ctx,
    case: &Case,
    word: &str,
    (title, role): (Text, &str),
) -> Result<Todo> {
    let number = store::next_own(ctx.conn(), &case.no, word).await?;
    Ok(Todo {
        id: ctx.id(),
        case: case.no.clone(),
        task: format!("{OWN}{word}/{number}"),
        node: word.to_owned(),
        title,
        role: role.to_owned(),
        side: if role == "applicant" { Side::Applicant } else { Side::Office },
        outcomes: Vec::new(),
        assignee: None,
        assignee_name: None,
        opened_at: ctx.now,
        due_day: None,
        place: Place {
            department: case.department,
            department_name: case.department_name.clone(),
            lead: true,
            ..Place::default()
        },
    })
}

/// Papers that are owed have come: from the applicant, or to the counter. `seqs` are those that they are.
pub async fn bring(
    ctx: &mut Ctx,
    case: impl Into<AsSeen<'_>>,
    seqs: &[i32],
    papers: &[NewMaterial],
) -> Result<Case> {
    let seen = case.into();
    let no = seen.no;
    let mut case = for_change(ctx, "casework.bring", no).await?;
    let digests: Vec<&str> =
        papers.iter().filter_map(|paper| Some(paper.file.as_ref()?.digest.as_str())).collect();
    if repeated(ctx, "casework.bring", &json!([no, seqs, digests, seen.version])).await? {
        return Ok(case);
    }
    seen.still(&case)?;
    if !store::owes(ctx.conn(), no).await? {
        return Err(Error::State(Text::new("没有欠交的材料", "no paper is owed")));
    }
    if seqs.is_empty() || papers.is_empty() {
        return Err(Error::Invalid(vec![FieldError::new(
            "files",
            "请选是哪一份，并上传文件",
            "say which paper it is, and attach it",
        )]));
    }
    let now = ctx.now;
    let moved = store::move_deferred(ctx.conn(), no, ("owed", "supplied"), Some(seqs), now).await?;
    if moved != u64::try_from(seqs.len()).unwrap_or(0) {
        return Err(Error::State(Text::new(
            "选的材料里有不欠交的，请重新选",
            "one of these papers is not owed; choose again",
        )));
    }
    store::add_materials(ctx, no, papers, now).await?;
    let whole = !store::owes(ctx.conn(), no).await?;
    let text = if whole {
        Text::new("容缺材料已补齐", "Everything that was owed has come")
    } else {
        Text::new("补来一部分容缺材料", "A part of what was owed has come")
    };
    flow::record(ctx, &case, Event::public(ctx, "bring", text)).await?;
    let case_type = case_type(ctx, &case)?;
    if whole {
        complete(ctx, &mut case, &case_type).await?;
    }
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    case.version += 1;
    flow::seal(ctx, "casework.bring", &case, None).await?;
    ctx.emit("casework.brought", no, &json!({ "whole": whole })).await?;
    Ok(case)
}

/// All is there: nobody waits for it any more, and what was withheld goes on.
async fn complete(ctx: &mut Ctx, case: &mut Case, case_type: &CaseType) -> Result<()> {
    let now = ctx.now;
    for todo in store::open_todos(ctx.conn(), &case.no).await? {
        if is_late(&todo) || is_bring(&todo) {
            store::close_todo(ctx.conn(), &case.no, &todo.task, "supplied", now).await?;
        }
    }
    clockwork::reach(ctx, case, case_type, Milestone::Completed).await?;
    for work in store::take_withheld(ctx.conn(), &case.no).await? {
        flow::go_on(ctx, case, case_type, work).await?;
    }
    Ok(())
}

fn is_bring(todo: &Todo) -> bool {
    todo.task.starts_with(&format!("{OWN}{BRING}/"))
}

fn is_late(todo: &Todo) -> bool {
    todo.task.starts_with(&format!("{OWN}{LATE}/"))
}

/// Brings the next case whose owed papers are late before an officer; whether there was one.
pub(crate) async fn next_late(ctx: &mut Ctx) -> Result<bool> {
    ctx.allow("casework.lapse", &Thing::new("platform", "deferral"))?;
    let (now, late) = (ctx.now, format!("{OWN}{LATE}/"));
    let Some(no) = store::next_late(ctx.conn(), CLOCK, now, &late).await? else {
        return Ok(false);
    };
    let Some(case) = store::case_for_change(ctx, &no).await? else { return Ok(false) };
    let case_type = case_type(ctx, &case)?;
    // A change of the calendar may have moved the day: the clock is worked out before it is believed.
    clockwork::settle(ctx, &case).await?;
    let still = store::next_late(ctx.conn(), CLOCK, now, &late).await?;
    let Some(deferral) = case_type.deferral.as_ref().filter(|_| still.as_deref() == Some(&no))
    else {
        return Ok(true);
    };
    let title =
        Text::new("容缺材料逾期未补，请决定", "Owed papers are late: decide what becomes of it");
    let todo = own(ctx, &case, LATE, (title, deferral.role())).await?;
    store::insert_todo(ctx.conn(), &todo).await?;
    let text = Text::new("容缺材料逾期没有补齐", "The papers that are owed are late");
    let mut event = Event::public(ctx, "late", text);
    PLATFORM.clone_into(&mut event.actor);
    flow::record(ctx, &case, event).await?;
    store::update_case(ctx.conn(), &case).await?;
    if let Some(message) = &deferral.late {
        flow::tell(ctx, &case, message, None).await?;
    }
    flow::seal(ctx, "casework.lapse", &case, Some(LATE)).await?;
    ctx.emit("casework.deferral_late", &no, &no).await?;
    Ok(true)
}

/// An officer decides what becomes of a case whose owed papers are late.
pub async fn settle_late(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    what: Late,
    reason: &str,
) -> Result<Case> {
    let case = for_change(ctx, "casework.read", no).await?;
    let body = json!([no, todo, format!("{what:?}"), reason, seen]);
    let Some(task) =
        store::todo(ctx.conn(), todo).await?.filter(|one| one.case == no && is_late(one))
    else {
        return if repeated(ctx, "casework.settle_late", &body).await? {
            Ok(case)
        } else {
            Err(Error::State(already_done()))
        };
    };
    ctx.allow_or_absent("casework.settle_late", &task_thing(&ctx.actor, &case, &task))?;
    if repeated(ctx, "casework.settle_late", &body).await? {
        return Ok(case);
    }
    fresh(&case, Some(seen))?;
    let reason = bounded("reason", reason)?.to_owned();
    if reason.is_empty() {
        return Err(Error::Invalid(vec![crate::act::reason_missing()]));
    }
    match what {
        Late::End => ending::carry_out(ctx, case, &reason).await,
        Late::More(days) => more(ctx, case, &task, (days, &reason)).await,
    }
}

async fn more(ctx: &mut Ctx, case: Case, task: &Todo, (days, reason): (u32, &str)) -> Result<Case> {
    if !(1..=365).contains(&days) {
        return Err(Error::Invalid(vec![FieldError::new(
            "days",
            "天数应在 1 到 365 之间",
            "from 1 to 365 days",
        )]));
    }
    if store::next_own(ctx.conn(), &case.no, LATE).await? > MORE_TIMES {
        return Err(Error::State(Text::new(
            "已经宽限过一次，不能再宽限",
            "more time was given once already",
        )));
    }
    let rows = store::clocks_of(ctx.conn(), &case.no).await?;
    let clock = rows.iter().find(|row| row.name == CLOCK && row.ended_at.is_none());
    let clock = clock.ok_or_else(|| Error::State(already_done()))?.id;
    let (now, by) = (ctx.now, ctx.actor.name.clone());
    let new = NewExtension { clock, amount: days, reason, ordered_by: &by, notice: None, at: now };
    store::add_extension(ctx, &case.no, &new).await?;
    store::close_todo(ctx.conn(), &case.no, &task.task, "more", now).await?;
    let text =
        Text::new(format!("补齐期限宽限 {days} 天"), format!("{days} days more to bring the rest"));
    let event = Event::public(ctx, "more", text).because(Some(reason.to_owned()));
    flow::record(ctx, &case, event).await?;
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, "casework.settle_late", &case, Some(reason)).await?;
    Ok(Case { version: case.version + 1, ..case })
}

/// Whether the platform's work at a step must wait for what is owed: what makes the result does.
pub(crate) async fn withholds(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    action: &str,
) -> Result<bool> {
    let result = case_type.action.get(action).is_some_and(|action| action.document.is_some());
    Ok(result && case_type.deferral.is_some() && store::owes(ctx.conn(), &case.no).await?)
}

impl Deferral {
    /// The role that decides when it is late.
    pub(crate) fn role(&self) -> &str {
        self.decides.as_deref().unwrap_or("window")
    }
}
