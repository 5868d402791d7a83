//! Special procedures (特别程序): a hearing, a test, a review by experts, a public notice, a visit. Each is recorded as the
//! national standard has it: who asked for it and why, who approved it, when it began and ended, with which result. One that
//! stops clocks stops them from its beginning to its end.

use serde_json::json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::{Act, What, china_date};
use zhengtong_db::Ctx;

use crate::act::{
    already_done, bounded, case_type, for_change, known, reason_missing, repeated, task_thing,
};
use crate::clockwork;
use crate::deferral::own;
use crate::error::{Error, Result};
use crate::flow;
use crate::hold::{admit, approved, fresh, only_today, some};
use crate::law::law_for_act;
use crate::linked;
use crate::model::{Case, Event, State};
use crate::part::{CaseType, Moment, Stop};
use crate::store::{self, NewStop, ProcedureRow};
use crate::voucher::{self, Giving};

/// The word of the task by which a procedure is approved.
pub(crate) const APPROVE: &str = "procedure";
const REQUESTED: &str = "requested";
const RUNNING: &str = "running";
const REFUSED: &str = "refused";
const ENDED: &str = "ended";

/// A special procedure that is asked for or ordered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suspending<'a> {
    /// The special procedure, as the case type names it.
    pub kind: &'a str,
    /// Why.
    pub reason: &'a str,
    /// What is to be done in it.
    pub content: &'a str,
    /// Who asked for it, when that was not the officer.
    pub requested_by: &'a str,
    /// The number of the written notice to the applicant.
    pub notice: &'a str,
    /// How many working days the applicant is told that it takes; what the case type says where nothing is given.
    pub told_days: Option<u32>,
    /// The day from which it stands. It can only be today: nothing is dated back or ahead.
    pub from: Option<Date>,
    /// The version of the case on the page; a stale page is refused.
    pub seen: Option<i64>,
}

impl<'a> Suspending<'a> {
    /// One of a kind, for a reason.
    pub fn new(kind: &'a str, reason: &'a str) -> Self {
        Self { kind, reason, ..Self::default() }
    }
}

/// The end of a special procedure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Finishing<'a> {
    /// Which one; the one that stops the clocks where nothing is said.
    pub seq: Option<i32>,
    /// What came of it.
    pub result: &'a str,
    /// The opinion of who handled it.
    pub opinion: &'a str,
    /// The version of the case on the page; a stale page is refused.
    pub seen: Option<i64>,
}

/// A special procedure of a case, with the fields of the national standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Its number in the case.
    pub seq: i32,
    /// Its word in the case type.
    pub kind: String,
    /// 种类名称.
    pub title: Text,
    /// 种类代码 (A.7): 1 more time, 2 another one.
    pub code: u8,
    /// `requested`, `running`, `refused` or `ended`.
    pub state: String,
    /// 启动理由或依据.
    pub reason: String,
    /// 申请内容.
    pub content: Option<String>,
    /// 申请人.
    pub requested_by: String,
    /// When it was asked for.
    pub requested_at: OffsetDateTime,
    /// 批准人.
    pub approved_by: Option<String>,
    /// When it was approved, or refused.
    pub approved_at: Option<OffsetDateTime>,
    /// What the approver wrote.
    pub approval: Option<String>,
    /// 时限.
    pub days: u32,
    /// 时限单位.
    pub unit: String,
    /// The number of the written notice.
    pub notice: Option<String>,
    /// 开始时间.
    pub begun_at: Option<OffsetDateTime>,
    /// 结束时间.
    pub ended_at: Option<OffsetDateTime>,
    /// 办理人.
    pub ended_by: Option<String>,
    /// 结果.
    pub result: Option<String>,
    /// 办理意见.
    pub opinion: Option<String>,
    /// 办理单位.
    pub department: Uuid,
    /// 办理单位名称.
    pub department_name: String,
    /// The task by which it is approved.
    pub todo: Option<Uuid>,
}

/// Orders a special procedure, or asks for it where another role approves it.
pub async fn suspend(ctx: &mut Ctx, no: &str, stop: Suspending<'_>) -> Result<()> {
    let case = for_change(ctx, "casework.suspend", no).await?;
    let from = stop.from.map(|day| day.to_string());
    let body = json!([
        no,
        stop.kind,
        stop.reason,
        stop.content,
        stop.requested_by,
        stop.notice,
        stop.told_days,
        from,
        stop.seen
    ]);
    if repeated(ctx, "casework.suspend", &body).await? {
        return Ok(());
    }
    fresh(&case, stop.seen)?;
    let case_type = case_type(ctx, &case)?;
    let Some(decl) = case_type.stops.get(stop.kind) else {
        return Err(zhengtong_calendar::Refusal::Kind(stop.kind.to_owned()).into());
    };
    if case.state != State::Accepted {
        return Err(Error::State(Text::new(
            "只有办理中的件能停钟",
            "only an accepted case has a running clock",
        )));
    }
    only_today(ctx, stop.from)?;
    let mut row = asked(ctx, &case, decl, &stop).await?;
    if approved(ctx, decl.approver.as_deref()).is_ok() {
        return begin(ctx, &case, &case_type, decl, &mut row).await;
    }
    request(ctx, &case, decl, &mut row).await
}

/// What is asked for, as it will be kept.
async fn asked(
    ctx: &mut Ctx,
    case: &Case,
    decl: &Stop,
    stop: &Suspending<'_>,
) -> Result<ProcedureRow> {
    let (reason, notice) = (bounded("reason", stop.reason)?, bounded("notice", stop.notice)?);
    let (content, by) =
        (bounded("content", stop.content)?, bounded("requested_by", stop.requested_by)?);
    let told_days = stop.told_days.unwrap_or(decl.told_days);
    Ok(ProcedureRow {
        seq: store::next_procedure(ctx, &case.no).await?,
        kind: stop.kind.to_owned(),
        state: REQUESTED.to_owned(),
        reason: reason.to_owned(),
        content: some(content).map(str::to_owned),
        requested_by: some(by).map_or_else(|| ctx.actor.name.clone(), str::to_owned),
        requested_at: ctx.now,
        told_days: i32::try_from(told_days).unwrap_or(i32::MAX),
        unit: zhengtong_calendar::Unit::WorkingDay.word().to_owned(),
        notice: some(notice).map(str::to_owned),
        approved_by: None,
        approved_at: None,
        approval: None,
        begun_at: None,
        ended_at: None,
        ended_by: None,
        result: None,
        opinion: None,
        department: case.department,
        department_name: case.department_name.clone(),
        todo: None,
    })
}

/// Who may not approve it asks for it: the clocks run on until it is approved.
async fn request(ctx: &mut Ctx, case: &Case, decl: &Stop, row: &mut ProcedureRow) -> Result<()> {
    if row.reason.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    if store::procedures(ctx, &case.no).await?.iter().any(|one| one.state == REQUESTED) {
        return Err(Error::State(Text::new(
            "已有一项特别程序在等批准",
            "another special procedure waits for approval already",
        )));
    }
    let title = Text::new(
        format!("批准特别程序：{}", decl.title.zh),
        format!("Approve the special procedure: {}", decl.title.en),
    );
    let todo = own(ctx, case, APPROVE, (title, decl.approver.as_deref().unwrap_or("head"))).await?;
    store::insert_todo(ctx.conn(), &todo).await?;
    row.todo = Some(todo.id);
    store::put_procedure(ctx, &case.no, row).await?;
    let text = Text::new(
        format!("申请特别程序：{}", decl.title.zh),
        format!("Asked for a special procedure: {}", decl.title.en),
    );
    let mut event = Event::public(ctx, "request_procedure", text).because(Some(row.reason.clone()));
    event.public = false;
    flow::record(ctx, case, event).await?;
    store::update_case(ctx.conn(), case).await?;
    flow::seal(ctx, "casework.suspend", case, Some(&row.reason)).await?;
    ctx.emit("casework.procedure_requested", &case.no, &json!({ "kind": row.kind })).await?;
    Ok(())
}

/// Approves a special procedure that was asked for, or refuses it with a reason.
pub async fn approve(
    ctx: &mut Ctx,
    (no, todo, seen): (&str, Uuid, i64),
    yes: bool,
    words: &str,
) -> Result<()> {
    let verb = "casework.approve_procedure";
    let case = for_change(ctx, "casework.read", no).await?;
    let body = json!([no, todo, yes, words, seen]);
    let open = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let mut rows = store::procedures(ctx, no).await?;
    rows.retain(|row| row.todo == Some(todo) && row.state == REQUESTED);
    let (Some(task), Some(mut row)) = (open, rows.pop()) else {
        return if repeated(ctx, verb, &body).await? {
            Ok(())
        } else {
            Err(Error::State(already_done()))
        };
    };
    ctx.allow_or_absent(verb, &task_thing(&ctx.actor, &case, &task))?;
    if repeated(ctx, verb, &body).await? {
        return Ok(());
    }
    fresh(&case, Some(seen))?;
    if case.state != State::Accepted {
        return Err(Error::State(already_done()));
    }
    let case_type = case_type(ctx, &case)?;
    let decl = case_type.stops.get(&row.kind);
    let decl = decl.ok_or_else(|| zhengtong_calendar::Refusal::Kind(row.kind.clone()))?;
    let words = bounded("reason", words)?;
    if !yes && words.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    let now = ctx.now;
    store::close_todo(ctx.conn(), no, &task.task, if yes { "approved" } else { "refused" }, now)
        .await?;
    row.approval = some(words).map(str::to_owned);
    if yes {
        return begin(ctx, &case, &case_type, decl, &mut row).await;
    }
    REFUSED.clone_into(&mut row.state);
    row.approved_by = Some(ctx.actor.name.clone());
    row.approved_at = Some(now);
    store::put_procedure(ctx, no, &row).await?;
    let text = Text::new(
        format!("没有批准特别程序：{}", decl.title.zh),
        format!("The special procedure was not approved: {}", decl.title.en),
    );
    let mut event = Event::public(ctx, "refuse_procedure", text).because(Some(words.to_owned()));
    event.public = false;
    flow::record(ctx, &case, event).await?;
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    flow::seal(ctx, verb, &case, Some(words)).await
}

/// It begins: the clocks that it stops stand still from now on, and the applicant is told.
async fn begin(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    decl: &Stop,
    row: &mut ProcedureRow,
) -> Result<()> {
    let (no, now, name) = (case.no.as_str(), ctx.now, ctx.actor.name.clone());
    let told_days = u32::try_from(row.told_days).unwrap_or(0);
    let law = law_for_act(ctx).await?;
    let act = Act {
        at: now,
        what: What::Suspended { kind: row.kind.clone(), told_days },
        reason: row.reason.clone(),
        approver: name.clone(),
        notice: row.notice.clone(),
    };
    let clocks = case_type.stopped_by(&row.kind);
    admit(ctx, &law, case_type, no, &clocks, &act).await?;
    let today = china_date(now);
    let told_until = law.china().estimate_working_days(today, told_days)?.date;
    let new = NewStop {
        kind: &row.kind,
        reason: &row.reason,
        ordered_by: &name,
        notice: row.notice.as_deref(),
        clocks: &clocks,
        today,
        at: now,
        told_days,
        told_until,
    };
    if !clocks.is_empty() {
        store::add_stop(ctx, no, &new).await?;
        store::name_stop(ctx, no, row.seq).await?;
        linked::stop_with(ctx, case, &new).await?;
    } else if row.reason.is_empty() {
        return Err(Error::Invalid(vec![reason_missing()]));
    }
    let mut kept = row.clone();
    RUNNING.clone_into(&mut kept.state);
    kept.approved_by = Some(name.clone());
    kept.approved_at = Some(now);
    kept.begun_at = Some(now);
    store::put_procedure(ctx, no, &kept).await?;
    let text = if clocks.is_empty() {
        Text::new(format!("开始{}", decl.title.zh), format!("Begun: {}", decl.title.en))
    } else {
        Text::new(
            format!("停止计时：{}，预计 {told_days} 个工作日", decl.title.zh),
            format!("Clock stopped: {}, about {told_days} working days", decl.title.en),
        )
    };
    let event = Event::public(ctx, "suspend", text).because(Some(row.reason.clone()));
    flow::record(ctx, case, event).await?;
    clockwork::settle(ctx, case).await?;
    store::update_case(ctx.conn(), case).await?;
    let facts = json!({
        "procedure": decl.title.zh, "basis": decl.basis.zh, "reason": row.reason, "official": name,
        "told_days": told_days, "told_until": told_until.to_string(),
    });
    let giving = Giving { moment: Moment::Stopped, named: decl.paper.as_deref(), facts };
    voucher::give(ctx, case, case_type, giving).await?;
    if let Some(message) = &decl.message {
        flow::tell(ctx, case, message, Some(&row.reason)).await?;
    }
    flow::seal(ctx, "casework.suspend", case, Some(&row.reason)).await?;
    ctx.emit("casework.suspended", no, &json!({ "kind": row.kind, "told_days": told_days }))
        .await?;
    Ok(())
}

/// Ends the special procedure that stops the clocks: they run again.
pub async fn resume(ctx: &mut Ctx, no: &str) -> Result<()> {
    finish(ctx, no, Finishing::default()).await
}

/// Ends a special procedure, with what came of it.
pub async fn finish(ctx: &mut Ctx, no: &str, ending: Finishing<'_>) -> Result<()> {
    let case = for_change(ctx, "casework.resume", no).await?;
    let body = json!([no, ending.seq, ending.result, ending.opinion, ending.seen]);
    if repeated(ctx, "casework.resume", &body).await? {
        return Ok(());
    }
    fresh(&case, ending.seen)?;
    let (today, now) = (china_date(ctx.now), ctx.now);
    let case_type = case_type(ctx, &case)?;
    if case.state != State::Accepted {
        return Err(Error::State(Text::new(
            "这件不在办理中，没有停着的时钟",
            "the case is not under review; no clock stands still",
        )));
    }
    let mut rows = store::procedures(ctx, no).await?;
    rows.retain(|row| row.state == RUNNING && ending.seq.is_none_or(|seq| seq == row.seq));
    let stops = |row: &ProcedureRow| !case_type.stopped_by(&row.kind).is_empty();
    let row = rows.iter().find(|row| stops(row)).or(rows.first()).cloned();
    let Some(mut row) = row.filter(|row| row.begun_at.is_some_and(|begun| begun <= now)) else {
        return Err(Error::State(Text::new("时钟没有停", "the clock does not stand still")));
    };
    let (result, opinion) =
        (bounded("result", ending.result)?, bounded("opinion", ending.opinion)?);
    let owed = case_type.stops.get(&row.kind).is_some_and(|decl| decl.result);
    if owed && (result.is_empty() || opinion.is_empty()) {
        return Err(Error::Invalid(vec![FieldError::new(
            if result.is_empty() { "result" } else { "opinion" },
            "请写明结果和办理意见",
            "write the result and the opinion on it",
        )]));
    }
    let stopped = stops(&row);
    if stopped {
        store::end_stop(ctx.conn(), no, today, now).await?;
    }
    ENDED.clone_into(&mut row.state);
    row.ended_at = Some(now);
    row.ended_by = Some(ctx.actor.name.clone());
    row.result = some(result).map(str::to_owned);
    row.opinion = some(opinion).map(str::to_owned);
    store::put_procedure(ctx, no, &row).await?;
    let text = if stopped {
        Text::new("恢复计时", "Clock runs again")
    } else {
        let title = title(&case_type, &row.kind);
        Text::new(format!("{}结束", title.zh), format!("Ended: {}", title.en))
    };
    let event = Event::public(ctx, "resume", text).because(row.result.clone());
    flow::record(ctx, &case, event).await?;
    clockwork::settle(ctx, &case).await?;
    store::update_case(ctx.conn(), &case).await?;
    if stopped {
        linked::resume_with(ctx, &case).await?;
    }
    flow::seal(ctx, "casework.resume", &case, row.result.as_deref()).await?;
    ctx.emit("casework.resumed", no, &json!({ "kind": row.kind, "seq": row.seq })).await?;
    Ok(())
}

/// Whether a decision may be made while a special procedure runs: one whose result is owed comes first.
pub(crate) async fn admit_decision(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<()> {
    let owed = |kind: &str| case_type.stops.get(kind).is_some_and(|decl| decl.result);
    if !case_type.stops.values().any(|decl| decl.result) {
        return Ok(());
    }
    let rows = store::procedures(ctx, &case.no).await?;
    let Some(row) = rows.iter().find(|row| row.state == RUNNING && owed(&row.kind)) else {
        return Ok(());
    };
    let title = title(case_type, &row.kind);
    Err(Error::State(Text::new(
        format!("{}还没有结束：请先写明结果和办理意见，再作决定", title.zh),
        format!("{} has not ended: write its result and the opinion on it first", title.en),
    )))
}

/// The case was decided, or is over: special procedures end with it.
pub(crate) async fn over(ctx: &mut Ctx, case: &Case) -> Result<()> {
    let now = ctx.now;
    for mut row in store::procedures(ctx, &case.no).await? {
        if ![REQUESTED, RUNNING].contains(&row.state.as_str()) {
            continue;
        }
        if let Some(todo) = row.todo.filter(|_| row.state == REQUESTED) {
            store::close_by_id(ctx.conn(), todo, flow::CANCELLED, now).await?;
        }
        ENDED.clone_into(&mut row.state);
        row.ended_at = Some(now);
        store::put_procedure(ctx, &case.no, &row).await?;
        let text =
            Text::new("特别程序随决定或办结结束", "The special procedure ended with the case");
        let mut event = Event::public(ctx, "resume", text);
        flow::PLATFORM.clone_into(&mut event.actor);
        flow::record(ctx, case, event).await?;
    }
    store::end_stop(ctx.conn(), &case.no, china_date(now), now).await?;
    Ok(())
}

/// The special procedures of a case, in order.
pub async fn procedures(ctx: &mut Ctx, no: &str) -> Result<Vec<Procedure>> {
    let case = known(ctx, "casework.read", no).await?;
    let case_type = case_type(ctx, &case)?;
    let rows = store::procedures(ctx, no).await?;
    Ok(rows.into_iter().map(|row| shown(&case_type, row)).collect())
}

fn title(case_type: &CaseType, kind: &str) -> Text {
    case_type.stops.get(kind).map_or_else(|| Text::same(kind), |decl| decl.title.clone())
}

fn shown(case_type: &CaseType, row: ProcedureRow) -> Procedure {
    Procedure {
        title: title(case_type, &row.kind),
        code: case_type.stops.get(&row.kind).map_or(2, |decl| decl.code),
        seq: row.seq,
        kind: row.kind,
        state: row.state,
        reason: row.reason,
        content: row.content,
        requested_by: row.requested_by,
        requested_at: row.requested_at,
        approved_by: row.approved_by,
        approved_at: row.approved_at,
        approval: row.approval,
        days: u32::try_from(row.told_days).unwrap_or(0),
        unit: row.unit,
        notice: row.notice,
        begun_at: row.begun_at,
        ended_at: row.ended_at,
        ended_by: row.ended_by,
        result: row.result,
        opinion: row.opinion,
        department: row.department,
        department_name: row.department_name,
        todo: row.todo,
    }
}
