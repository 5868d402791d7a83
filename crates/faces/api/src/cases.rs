//! Cases: my own, and one as its reader may see it. Names of persons are masked, remarks of colleagues and
//! plain answers never leave.

use axum::extract::Path;
use serde::Serialize;
use utoipa::ToSchema;
use zhengtong_base::code::mask;
use zhengtong_calendar::ClockState;
use zhengtong_casework::{Case, CaseView, ClockView, Event, FactSection, Material, OpenTask, Side};
use zhengtong_http::{Answer, Visit};

use crate::answer::{Listing, Words, iso, json, moment};
use crate::asked::Asked;

/// 办件，列表里的一行 / A case, as a line of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseLine {
    /// 受理号 / The case number.
    no: String,
    /// 名称 / What it is called.
    title: Words,
    /// 事项 / The item.
    item: String,
    /// 事项版本 / The version of the item by which it is judged.
    item_version: String,
    /// 状态代码 / The word of its state.
    state: &'static str,
    /// 状态 / Where it stands.
    state_title: Words,
    /// 决定：granted 准予，refused 不予 / The decision, once it is made.
    decision: Option<String>,
    /// 申请人，个人姓名掩码 / Who applies; a person's name is masked.
    applicant: String,
    /// 办理部门 / The department that handles it.
    department: String,
    /// 提交时间 / When it was handed in.
    submitted_at: String,
    /// 受理时间 / When it was accepted.
    accepted_at: Option<String>,
    /// 决定时间 / When it was decided.
    decided_at: Option<String>,
    /// 办结时间 / When it was over.
    closed_at: Option<String>,
}

/// 办件全貌 / The whole of a case.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseDetail {
    /// 概要 / The line of the list.
    case: CaseLine,
    /// 承诺时限，受理后才有 / The promised clock, once it is accepted.
    promised: Option<ClockFace>,
    /// 法定时限，受理后才有 / The statutory clock, once it is accepted.
    statutory: Option<ClockFace>,
    /// 是否停钟 / Whether the clock stands still.
    stopped: bool,
    /// 正在等什么 / What it waits for.
    waiting_for: Vec<Waiting>,
    /// 经过，先发生的在前 / What happened, oldest first.
    events: Vec<Happening>,
    /// 申请内容，个人信息掩码 / What was confirmed, personal parts masked.
    facts: Vec<Section>,
    /// 材料 / The papers.
    materials: Vec<PaperLine>,
    /// 颁发的文书编号 / The document that was issued.
    document: Option<String>,
}

/// 时限 / A clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClockFace {
    /// 共几个工作日 / How many working days there are.
    budget: u32,
    /// 已用 / Days used.
    used: u32,
    /// 剩余 / Days left.
    left: u32,
    /// 超期 / Days too many.
    overdue: u32,
    /// 状态：not_started、running、suspended、overdue / What it does.
    state: &'static str,
    /// 到期日，停钟时没有 / The last day in time; none while the clock stands still.
    deadline: Option<String>,
    /// 是否预计，放假安排未公布的年份算不准 / Whether it rests on a year whose holidays are not known yet.
    provisional: bool,
}

/// 待办 / Something a case waits for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// 环节 / The step.
    title: Words,
    /// 由谁办：applicant 申请人，office 部门 / Who must act.
    side: &'static str,
    /// 最好在哪天前 / The day by which it should be done.
    due: Option<String>,
}

/// 一次进展 / One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Happening {
    /// 时间 / When.
    at: String,
    /// 种类 / The kind.
    kind: String,
    /// 说明 / What it was.
    text: Words,
    /// 理由 / Why.
    reason: Option<String>,
    /// 办理人，申请人自己的掩码 / Who did it; the applicant's own name is masked.
    by: String,
}

/// 一组申请内容 / What was confirmed under one heading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Section {
    /// 标题 / The heading.
    title: Words,
    /// 内容 / The lines.
    rows: Vec<FactLine>,
}

/// 一项申请内容 / One thing that was confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactLine {
    /// 名称 / What it is.
    label: Words,
    /// 内容 / As it was shown.
    value: Words,
    /// 来源，申请人填的没有 / The registry it came from; none for what was typed.
    source: Option<Words>,
}

/// 一份材料 / A paper.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaperLine {
    /// 序号 / Its place in the list.
    seq: i32,
    /// 名称 / What it is.
    name: Words,
    /// 来源 / The applicant, or the dataset it was taken from.
    source: String,
    /// 文件的 SM3 摘要 / The SM3 digest of the file.
    digest: Option<String>,
    /// 文件大小，字节 / The size of the file in bytes.
    bytes: Option<i64>,
    /// 文件类型 / The media type of the file.
    media_type: Option<String>,
    /// 收到的时间 / When it came.
    at: String,
}

#[utoipa::path(
    get, path = "/api/v1/cases", operation_id = "cases", tag = "mine", security(("session" = [])),
    summary = "我的办件 / My cases",
    description = "本人的办件；代办单位时是该单位的办件。 / One's own cases, or those of the organisation one acts for.",
    params(("page" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "页码，从 1 起 / The page, from 1")),
    responses((status = 200, description = "办件，新的在前 / Cases, the latest first", body = Listing<CaseLine>)),
)]
pub(crate) async fn list(visit: Visit, asked: Asked) -> Answer {
    let page = asked.only(&["page"])?.page()?;
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_casework::mine(&mut ctx, page).await?;
    ctx.commit().await?;
    let entries = found.rows.iter().map(line).collect();
    Ok(json(&Listing::cut(entries, found.total, found.page, found.size)))
}

#[utoipa::path(
    get, path = "/api/v1/cases/{no}", operation_id = "case", tag = "mine", security(("session" = [])),
    summary = "一件办件 / One case",
    description = "进度、时限、材料和经过。别人的办件和不存在的一样。 / Progress, clocks, papers and events. Another person's case looks as if it were absent.",
    params(("no" = String, Path, description = "受理号 / The case number")),
    responses((status = 200, description = "办件 / The case", body = CaseDetail)),
)]
pub(crate) async fn one(visit: Visit, Path(no): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let view = zhengtong_casework::view(&mut ctx, &no).await?;
    ctx.commit().await?;
    Ok(json(&detail(&view)))
}

fn line(case: &Case) -> CaseLine {
    let applicant = case
        .organisation
        .as_ref()
        .map_or_else(|| mask("person-name", &case.person_name), |holder| holder.name.clone());
    CaseLine {
        no: case.no.clone(),
        title: (&case.title).into(),
        item: case.item.clone(),
        item_version: case.item_version.clone(),
        state: case.state.word(),
        state_title: (&case.state.title()).into(),
        decision: case.decision.clone(),
        applicant,
        department: case.department_name.clone(),
        submitted_at: moment(case.submitted_at),
        accepted_at: case.accepted_at.map(moment),
        decided_at: case.decided_at.map(moment),
        closed_at: case.closed_at.map(moment),
    }
}

fn detail(view: &CaseView) -> CaseDetail {
    let clocks = view.clocks.as_ref();
    let public = view.events.iter().filter(|event| event.public);
    CaseDetail {
        case: line(&view.case),
        promised: clocks.map(|clocks| face(&clocks.promised)),
        statutory: clocks.map(|clocks| face(&clocks.statutory)),
        stopped: view.stopped,
        waiting_for: view.tasks.iter().map(waiting).collect(),
        events: public.map(|event| happening(event, &view.case)).collect(),
        facts: view.case.facts.iter().map(section).collect(),
        materials: view.materials.iter().map(paper).collect(),
        document: view.case.document.map(|id| id.to_string()),
    }
}

fn face(clock: &ClockView) -> ClockFace {
    let reading = &clock.reading;
    ClockFace {
        budget: clock.budget,
        used: reading.consumed,
        left: reading.remaining,
        overdue: reading.overdue,
        state: match reading.state {
            ClockState::NotStarted => "not_started",
            ClockState::Running => "running",
            ClockState::Suspended { .. } => "suspended",
            ClockState::Overdue { .. } => "overdue",
        },
        deadline: reading.deadline.as_ref().map(|deadline| iso(deadline.date)),
        provisional: reading.provisional,
    }
}

fn waiting(task: &OpenTask) -> Waiting {
    Waiting {
        title: (&task.todo.title).into(),
        side: match task.todo.side {
            Side::Applicant => "applicant",
            Side::Office => "office",
        },
        due: task.todo.due_day.map(iso),
    }
}

fn happening(event: &Event, case: &Case) -> Happening {
    let own = event.actor == case.person_name;
    Happening {
        at: moment(event.at),
        kind: event.kind.clone(),
        text: (&event.text).into(),
        reason: event.reason.clone(),
        by: if own { mask("person-name", &event.actor) } else { event.actor.clone() },
    }
}

fn section(section: &FactSection) -> Section {
    Section {
        title: (&section.title).into(),
        rows: section
            .rows
            .iter()
            .map(|fact| FactLine {
                label: (&fact.label).into(),
                value: (&fact.value).into(),
                source: fact.source.as_ref().map(Words::from),
            })
            .collect(),
    }
}

fn paper(material: &Material) -> PaperLine {
    let file = material.paper.file.as_ref();
    PaperLine {
        seq: material.seq,
        name: (&material.paper.name).into(),
        source: material.paper.source.clone(),
        digest: file.map(|file| file.digest.clone()),
        bytes: file.map(|file| file.size),
        media_type: file.map(|file| file.mime.clone()),
        at: moment(material.at),
    }
}
