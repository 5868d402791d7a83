//! Reading cases: the whole of one, and the applicant's own.

use std::collections::BTreeMap;

use zhengtong_base::{Page, Paging, Text};
use zhengtong_db::{Ctx, Thing};

use crate::act::{case_type, known, task_thing};
use crate::assisted;
use crate::attach::OFFICE;
use crate::clocks::{self, ClockAct, ClockView, Clocks, Extendable};
use crate::drafts::Draft;
use crate::error::Result;
use crate::flow;
use crate::model::{Case, Event, Material, Note, Side, State, Todo};
use crate::part::{CaseType, Effect, Figure, Outcome, Stop};
use crate::presence::{self, Looking};
use crate::store;
use crate::voucher::Given;
use crate::{deferral, procedure};

/// One thing that can be done now at a task, with the law behind it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The word to send.
    pub outcome: String,
    /// The words on the button.
    pub title: Text,
    /// The law.
    pub basis: Text,
    /// What it means.
    pub effect: Effect,
    /// Whether a reason must be written.
    pub reason: bool,
    /// The figures that are asked for with it.
    pub ask: Vec<(String, Figure)>,
}

/// A task with what the reader can do at it.
#[derive(Clone, Debug)]
pub struct OpenTask {
    /// The task.
    pub todo: Todo,
    /// What the reader may decide; empty when it is not theirs.
    pub choices: Vec<Choice>,
    /// Whether the reader has taken it.
    pub mine: bool,
    /// Working days left, negative when late.
    pub days_left: Option<i64>,
    /// Whether the reader may add papers of the office's own here.
    pub may_attach: bool,
    /// What the reader may do at a task that no process knows.
    pub own: Option<OwnAct>,
}

/// What is done at a task that no process knows, on a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnAct {
    /// A special procedure is approved or not.
    Approve,
    /// It is decided what becomes of a case whose owed papers are late.
    SettleLate,
    /// Papers that are owed are brought.
    Bring,
}

impl OwnAct {
    /// The act at a task, by the word of the task.
    fn of(todo: &Todo) -> Option<Self> {
        match todo.node.as_str() {
            procedure::APPROVE => Some(Self::Approve),
            deferral::LATE => Some(Self::SettleLate),
            deferral::BRING => Some(Self::Bring),
            _ => None,
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Approve => "casework.approve_procedure",
            Self::SettleLate => "casework.settle_late",
            Self::Bring => "casework.bring",
        }
    }
}

/// The whole of a case as its reader may see it.
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// What was promised and what the law gives, once it is accepted.
    pub clocks: Option<Clocks>,
    /// Every clock that has run, in the order in which they started.
    pub all_clocks: Vec<ClockView>,
    /// Stops and extensions, in order.
    pub clock_acts: Vec<ClockAct>,
    /// The clocks that the reader may give more time now.
    pub extendable: Vec<Extendable>,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// The papers.
    pub materials: Vec<Material>,
    /// What it waits for.
    pub tasks: Vec<OpenTask>,
    /// Remarks of colleagues; empty for the applicant.
    pub notes: Vec<Note>,
    /// The process as a picture.
    pub picture: zhengtong_process::Picture,
    /// Special procedures the reader may order now, by word.
    pub stops: Vec<(String, Stop)>,
    /// Whether the clock stands still.
    pub stopped: bool,
    /// Whether the reader may take the case back.
    pub may_withdraw: bool,
    /// The licence that came of it, for those who handle the case.
    pub licence: Option<zhengtong_document::Document>,
    /// Whether the reader may revoke it.
    pub may_revoke: bool,
    /// The papers that the applicant was given, oldest first.
    pub given: Vec<Given>,
    /// Whether the reader works on cases of the department.
    pub office: bool,
    /// What the reader has begun to write.
    pub drafts: Vec<Draft>,
    /// Who else looks at the case now.
    pub looking: Vec<Looking>,
}

/// Opens a case. Reading is recorded, and the applicant can see who read.
pub async fn view(ctx: &mut Ctx, no: &str) -> Result<CaseView> {
    viewed(ctx, no, false).await
}

/// The same for an officer who is about to write a decision; colleagues see that.
pub async fn view_to_write(ctx: &mut Ctx, no: &str) -> Result<CaseView> {
    viewed(ctx, no, true).await
}

async fn viewed(ctx: &mut Ctx, no: &str, writing: bool) -> Result<CaseView> {
    let case = known(ctx, "casework.read", no).await?;
    let case_type = case_type(ctx, &case)?;
    let thing = flow::thing(&case);
    let office = ctx.may("casework.note", &thing);
    if ctx.actor.person != Some(case.person) {
        let act = ctx
            .act("casework.read", "case", no)
            .about(Some(case.person))
            .because(case.title.zh.clone());
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    let mut events = store::events(ctx, no).await?;
    events.retain(|event| event.public || office);
    let clocks = clocks::of_case(ctx, &case, &case_type).await?;
    let tasks = tasks(ctx, &case, &case_type, clocks.law.china()).await?;
    let mut materials = store::materials(ctx, no).await?;
    materials.retain(|material| office || material.paper.source != OFFICE);
    let notes = if office { store::notes(ctx, no).await? } else { Vec::new() };
    let licence = licence(ctx, &case, office).await?;
    let (mut drafts, mut looking) = (Vec::new(), Vec::new());
    if let Some(account) = ctx.actor.account.filter(|_| office) {
        looking = presence::looks(ctx, no, account, writing).await?;
        drafts = store::drafts(ctx, no, account).await?;
    }
    let may_stop = case.state == State::Accepted && ctx.may("casework.suspend", &thing);
    let mut view = CaseView {
        given: store::vouchers(ctx.conn(), no).await?,
        office,
        drafts,
        looking,
        extendable: if ctx.may("casework.extend", &thing) {
            clocks::extendable(&clocks.all, &case_type, &ctx.actor.roles)
        } else {
            Vec::new()
        },
        clocks: clocks.main,
        all_clocks: clocks.all,
        clock_acts: clocks.acts,
        events,
        materials,
        tasks,
        notes,
        picture: zhengtong_process::picture(ctx, case.instance).await?,
        stops: if may_stop { case_type.stops.clone().into_iter().collect() } else { Vec::new() },
        stopped: clocks.stopped,
        may_revoke: case_type.revocation.is_some()
            && licence.as_ref().is_some_and(|paper| zhengtong_document::may_revoke(ctx, paper)),
        licence,
        may_withdraw: !case_type.official
            && !case.state.over()
            && case.state != State::Decided
            && ctx.may("casework.withdraw", &thing),
        case,
    };
    assisted::narrow(ctx, &case_type, &mut view).await?;
    Ok(view)
}

async fn licence(
    ctx: &mut Ctx,
    case: &Case,
    office: bool,
) -> Result<Option<zhengtong_document::Document>> {
    let Some(id) = case.document.filter(|_| office) else { return Ok(None) };
    let papers = zhengtong_document::of_case(ctx, &case.no).await?;
    Ok(papers.into_iter().find(|paper| paper.id == id))
}

async fn tasks(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    calendar: &zhengtong_calendar::Calendar,
) -> Result<Vec<OpenTask>> {
    let mut open = Vec::new();
    // What is missing is told once: where the case type holds to that, it is not offered again.
    let told = !case_type.correct_again && store::corrections(ctx.conn(), &case.no).await? > 0;
    for todo in store::open_todos(ctx.conn(), &case.no).await? {
        let thing = task_thing(&ctx.actor, case, &todo);
        let taken = todo.assignee.is_some() && todo.assignee != ctx.actor.account;
        // Several outcomes may have one effect: each right is asked for once.
        let mut rights = BTreeMap::new();
        let mut may = |effect: Effect| {
            !taken && *rights.entry(effect.verb()).or_insert_with(|| ctx.may(effect.verb(), &thing))
        };
        let choices = todo
            .outcomes
            .iter()
            .filter_map(|word| case_type.outcome.get_key_value(word))
            .filter(|(_, outcome)| !(told && outcome.effect == Effect::Correct))
            .filter(|(_, outcome)| may(outcome.effect))
            .map(|(word, outcome)| Choice {
                outcome: word.clone(),
                title: outcome.title.clone(),
                basis: outcome.basis.clone(),
                effect: outcome.effect,
                reason: outcome.reason,
                ask: asked(case_type, outcome),
            })
            .collect();
        // What is owed is brought to the case, whoever's task it is; the rest belongs to who has the role.
        let own = OwnAct::of(&todo).filter(|_| todo.is_own()).filter(|act| match act {
            OwnAct::Bring => ctx.may(act.verb(), &flow::thing(case)),
            _ => ctx.may(act.verb(), &thing),
        });
        open.push(OpenTask {
            own,
            mine: todo.assignee.is_some() && todo.assignee == ctx.actor.account,
            days_left: clocks::days_left(calendar, &todo, ctx.now),
            may_attach: !taken
                && todo.side == Side::Office
                && !case.state.over()
                && ctx.may("casework.attach", &thing),
            choices,
            todo,
        });
    }
    Ok(open)
}

/// The figures that an outcome asks for, by name.
fn asked(case_type: &CaseType, outcome: &Outcome) -> Vec<(String, Figure)> {
    let find = |name: &String| Some((name.clone(), case_type.figure.get(name)?.clone()));
    outcome.ask.iter().filter_map(find).collect()
}

/// The cases of the actor, or of the organisation they act for, the latest first.
pub async fn mine(ctx: &mut Ctx, page: u32) -> Result<Page<Case>> {
    let person = ctx.actor.person;
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("case", "mine").owned_by(person).of_organisation(organisation);
    ctx.allow("casework.mine", &thing)?;
    let paging = Paging::new(page, 20);
    let Some(person) = person else { return Ok(Page::new(Vec::new(), 0, paging)) };
    let (rows, total) = store::cases_of(ctx, person, organisation, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// What the applicant must do now in some of their own cases, in the order of these.
pub async fn to_do(ctx: &mut Ctx, mine: &[Case]) -> Result<Vec<(Case, Todo)>> {
    let open: Vec<&Case> = mine.iter().filter(|case| !case.state.over()).collect();
    let numbers: Vec<&str> = open.iter().map(|case| case.no.as_str()).collect();
    let todos = store::todos_of_applicants(ctx.conn(), &numbers).await?;
    let of = |case: &&Case| {
        let own = todos.iter().filter(|todo| todo.case == case.no && !todo.is_standing());
        own.map(|todo| ((*case).clone(), todo.clone())).collect::<Vec<_>>()
    };
    Ok(open.iter().flat_map(of).collect())
}

/// A paper of a case, for download; reading it is recorded.
pub async fn material(ctx: &mut Ctx, no: &str, seq: i32) -> Result<Material> {
    let case = known(ctx, "casework.read", no).await?;
    let found = store::materials(ctx, no).await?.into_iter().find(|paper| paper.seq == seq);
    let missing = || zhengtong_db::Error::absent("material", format!("{no}/{seq}"));
    let paper = found.ok_or_else(missing)?;
    let case_type = case_type(ctx, &case)?;
    // What the office made for itself is for the office.
    if paper.paper.source == OFFICE && !ctx.may("casework.note", &flow::thing(&case)) {
        return Err(missing().into());
    }
    if !assisted::shows_paper(ctx, &case_type, &case, &paper).await? {
        return Err(missing().into());
    }
    if ctx.actor.person != Some(case.person) {
        let act = ctx
            .act("casework.read", "material", format!("{no}/{seq}"))
            .about(Some(case.person))
            .because(case.title.zh.clone());
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(paper)
}
