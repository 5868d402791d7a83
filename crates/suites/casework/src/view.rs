//! Reading cases: the whole of one, the applicant's own, the officer's inbox.

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};
use zhengtong_base::{Limits, Page, Paging, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};

use crate::act::{case_type, known, task_thing};
use crate::clocks::{self, Clocks};
use crate::error::Result;
use crate::flow;
use crate::model::{Case, Event, Material, Note, Side, State, Todo};
use crate::part::{CaseType, Catalog, Effect, Stop};
use crate::store::{self, InboxQuery};

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
}

/// The whole of a case as its reader may see it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// Its clocks, once it is accepted.
    pub clocks: Option<Clocks>,
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
}

/// Opens a case. Reading is recorded, and the applicant can see who read.
pub async fn view(ctx: &mut Ctx, no: &str) -> Result<CaseView> {
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
    let stops = store::suspensions(ctx.conn(), no).await?;
    let mut events = store::events(ctx.conn(), no).await?;
    events.retain(|event| event.public || office);
    let tasks = tasks(ctx, &case, &case_type).await?;
    let notes = if office { store::notes(ctx.conn(), no).await? } else { Vec::new() };
    let licence = licence(ctx, &case, office).await?;
    let may_stop = case.state == State::Accepted && ctx.may("casework.suspend", &thing);
    Ok(CaseView {
        clocks: clocks::clocks(&case, &stops, ctx.now)?,
        events,
        materials: store::materials(ctx.conn(), no).await?,
        tasks,
        notes,
        picture: zhengtong_process::picture(ctx, case.instance).await?,
        stops: if may_stop { case_type.stops.clone().into_iter().collect() } else { Vec::new() },
        stopped: stops.iter().any(|stop| stop.to.is_none()),
        may_revoke: case_type.revocation.is_some()
            && licence.as_ref().is_some_and(|paper| zhengtong_document::may_revoke(ctx, paper)),
        licence,
        may_withdraw: !case.state.over()
            && case.state != State::Decided
            && ctx.may("casework.withdraw", &thing),
        case,
    })
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

async fn tasks(ctx: &mut Ctx, case: &Case, case_type: &CaseType) -> Result<Vec<OpenTask>> {
    let mut open = Vec::new();
    for todo in store::open_todos(ctx.conn(), &case.no).await? {
        let thing = task_thing(case, &todo);
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
            .filter(|(_, outcome)| may(outcome.effect))
            .map(|(word, outcome)| Choice {
                outcome: word.clone(),
                title: outcome.title.clone(),
                basis: outcome.basis.clone(),
                effect: outcome.effect,
                reason: outcome.reason,
            })
            .collect();
        open.push(OpenTask {
            mine: todo.assignee.is_some() && todo.assignee == ctx.actor.account,
            days_left: clocks::days_left(&todo, ctx.now),
            choices,
            todo,
        });
    }
    Ok(open)
}

/// The cases of the actor, or of the organisation they act for, the latest first.
pub async fn mine(ctx: &mut Ctx, page: u32) -> Result<Page<Case>> {
    let person = ctx.actor.person;
    let organisation = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let thing = Thing::new("case", "mine").owned_by(person).of_organisation(organisation);
    ctx.allow("casework.mine", &thing)?;
    let paging = Paging::new(page, 20);
    let Some(person) = person else { return Ok(Page::new(Vec::new(), 0, paging)) };
    let (rows, total) = store::cases_of(ctx.conn(), person, organisation, paging).await?;
    Ok(Page::new(rows, total, paging))
}

/// What the applicant must do now, over all their cases.
pub async fn to_do(ctx: &mut Ctx) -> Result<Vec<(Case, Todo)>> {
    let mut waiting = Vec::new();
    for case in mine(ctx, 1).await?.rows {
        if case.state != State::Correcting {
            continue;
        }
        for todo in store::open_todos(ctx.conn(), &case.no).await? {
            if todo.side == Side::Applicant {
                waiting.push((case.clone(), todo));
            }
        }
    }
    Ok(waiting)
}

/// A filter of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Mine and free for me.
    All,
    /// Taken by me.
    Mine,
    /// Free for me.
    Free,
    /// Late, the clock running.
    Over,
    /// Due today or tomorrow, the clock running.
    Near,
    /// Cases of the department that wait for papers of the applicant.
    Correcting,
}

impl Filter {
    /// The word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mine => "mine",
            Self::Free => "free",
            Self::Over => "over",
            Self::Near => "near",
            Self::Correcting => "correcting",
        }
    }

    /// Reads the word; anything else is [`Filter::All`].
    pub fn parse(word: &str) -> Self {
        [Self::Mine, Self::Free, Self::Over, Self::Near, Self::Correcting]
            .into_iter()
            .find(|filter| filter.word() == word)
            .unwrap_or(Self::All)
    }
}

/// A row of the inbox.
#[derive(Clone, Debug)]
pub struct InboxItem {
    /// The task.
    pub todo: Todo,
    /// What the case is called.
    pub title: Text,
    /// Who applies.
    pub applicant: String,
    /// Where the case stands.
    pub state: State,
    /// Working days left, negative when late.
    pub days_left: Option<i64>,
    /// Working days promised.
    pub promised_days: u32,
    /// When the case was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// When the case was handed in.
    pub submitted_at: OffsetDateTime,
    /// For what the clock stands still and since when.
    pub stopped: Option<(Text, Date)>,
}

/// How many tasks each filter shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Mine and free for me.
    pub all: i64,
    /// Taken by me.
    pub mine: i64,
    /// Free for me.
    pub free: i64,
    /// Late.
    pub over: i64,
    /// Due today or tomorrow.
    pub near: i64,
    /// Waiting for papers of the applicant.
    pub correcting: i64,
}

/// The inbox of the actor's post: mine or free for my roles, due first.
pub async fn inbox(ctx: &mut Ctx, filter: Filter, page: u32) -> Result<(Page<InboxItem>, Counts)> {
    let department = ctx.actor.organisation;
    ctx.allow("casework.inbox", &Thing::new("inbox", "mine").handled_by(department))?;
    let paging = Paging::new(page, Limits::default().page_rows);
    let (Some(department), Some(account)) = (department, ctx.actor.account) else {
        return Ok((Page::new(Vec::new(), 0, paging), Counts::default()));
    };
    let roles = ctx.actor.roles.clone();
    let now = ctx.now;
    let query = InboxQuery {
        department,
        account,
        roles: &roles,
        filter: filter.word(),
        today: china_date(now),
        tomorrow: flow::tomorrow(now),
        paging,
    };
    let (rows, total) = store::inbox(ctx.conn(), &query).await?;
    let counts = store::inbox_counts(ctx.conn(), &query).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let rows = rows
        .into_iter()
        .map(|row| InboxItem {
            stopped: row
                .stopped
                .map(|(kind, since)| (stop_title(&catalog, &row.kind, &kind), since)),
            days_left: clocks::days_left(&row.todo, now),
            todo: row.todo,
            title: row.case_title,
            applicant: row.applicant,
            state: row.state,
            promised_days: row.promised_days,
            accepted_at: row.accepted_at,
            submitted_at: row.submitted_at,
        })
        .collect();
    Ok((Page::new(rows, total, paging), counts))
}

fn stop_title(catalog: &Catalog, case_type: &str, kind: &str) -> Text {
    let case_type = catalog.get(case_type);
    let stop = case_type.as_ref().and_then(|case_type| case_type.stops.get(kind));
    stop.map_or_else(|| Text::same(kind), |stop| stop.title.clone())
}

/// A paper of a case, for download; reading it is recorded.
pub async fn material(ctx: &mut Ctx, no: &str, seq: i32) -> Result<Material> {
    let case = known(ctx, "casework.read", no).await?;
    let found = store::materials(ctx.conn(), no).await?.into_iter().find(|paper| paper.seq == seq);
    let paper =
        found.ok_or_else(|| zhengtong_db::Error::absent("material", format!("{no}/{seq}")))?;
    if ctx.actor.person != Some(case.person) {
        let act = ctx
            .act("casework.read", "material", format!("{no}/{seq}"))
            .about(Some(case.person))
            .because(case.title.zh.clone());
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(paper)
}
