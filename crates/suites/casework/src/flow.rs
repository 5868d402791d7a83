//! What the process says becomes tasks, documents, messages and an end.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Thing};
use zhengtong_process::News;

use crate::error::{Error, Result};
use crate::model::{Case, Event, Place, Purpose, Side, State, Todo};
use crate::part::{Action, CaseType, WriteBack};
use crate::whom::{self, Whom};
use crate::{clockwork, delivery, linked, sealed, store};

/// The role of tasks that the applicant does.
const APPLICANT: &str = "applicant";
/// Who the timeline names for what follows by rule; a page shows it in its own language.
pub(crate) const PLATFORM: &str = "政通";
/// The pack that says what officers are told whatever the case type.
const HOUSE: &str = "house-rules";
/// The outcome of a task that nobody needs any more.
pub(crate) const CANCELLED: &str = "cancelled";
/// Most pieces of news that one act may cause: a process that loops is stopped.
const NEWS_MAX: usize = 200;

impl Event {
    /// Who did it, as a page in this language names them.
    pub fn who(&self, lang: Lang) -> &str {
        if self.actor == PLATFORM { lang.pick(PLATFORM, "Zhengtong") } else { &self.actor }
    }

    /// Something the applicant sees, done now by the actor.
    pub(crate) fn public(ctx: &Ctx, kind: &str, text: Text) -> Self {
        Self {
            seq: 0,
            kind: kind.to_owned(),
            at: ctx.now,
            actor: ctx.actor.name.clone(),
            node: None,
            text,
            reason: None,
            public: true,
        }
    }

    pub(crate) fn at_node(mut self, node: &str) -> Self {
        self.node = Some(node.to_owned());
        self
    }

    pub(crate) fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}

/// The case as policies see it.
pub(crate) fn thing(case: &Case) -> Thing {
    Thing::new("case", &case.no)
        .owned_by(case.organisation.is_none().then_some(case.person))
        .of_organisation(case.organisation.as_ref().map(|organisation| organisation.id))
        .handled_by(Some(case.department))
        .with("state", zhengtong_db::Attr::Text(case.state.word().to_owned()))
        .with(
            "assisting",
            zhengtong_db::Attr::Words(case.assisting.iter().map(ToString::to_string).collect()),
        )
}

pub(crate) async fn record(ctx: &mut Ctx, case: &Case, event: Event) -> Result<()> {
    store::add_event(ctx, &case.no, &event).await?;
    // Who watches cases reads the record again; the news says only which.
    ctx.emit("casework.recorded", &case.no, &event.kind).await?;
    Ok(())
}

/// One entry in the ledger about what the verb did to the case.
pub(crate) async fn seal(
    ctx: &mut Ctx,
    verb: &str,
    case: &Case,
    reason: Option<&str>,
) -> Result<()> {
    let after = zhengtong_crypto::Digest::of(
        json!({
            "no": case.no, "state": case.state, "decision": case.decision,
            "document": case.document, "version": case.version,
        })
        .to_string()
        .as_bytes(),
    )
    .to_string();
    let mut act =
        ctx.act(verb, "case", &case.no).about(Some(case.person)).change(None, Some(after));
    act.reason = reason.map(str::to_owned);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Carries out what the process says, until it waits or ends.
pub(crate) async fn settle(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    news: Vec<News>,
) -> Result<()> {
    crate::figure::follow(ctx, case, case_type).await?;
    let mut waiting: std::collections::VecDeque<News> = news.into();
    let mut beside = BTreeSet::new();
    let mut seen = 0;
    while let Some(piece) = waiting.pop_front() {
        seen += 1;
        if seen > NEWS_MAX {
            return Err(Error::Definition(format!("the process of {} does not end", case.no)));
        }
        match piece {
            News::Opened(opened) => todo(ctx, case, case_type, opened).await?,
            News::Closed { .. } | News::Held { .. } | News::Escalated { .. } => {}
            News::Assigned { task, to } => {
                beside.insert(task.clone());
                in_hand(ctx, case, &task, to.as_deref()).await?;
            }
            News::Ready { task } => {
                beside.insert(task.clone());
                ready(ctx, case, &task).await?;
            }
            News::Decided { node, outcome, .. } => {
                crate::beside::decided(ctx, case, case_type, &node, outcome.as_deref()).await?;
            }
            News::Cancelled { task } => {
                let now = ctx.now;
                store::close_todo(ctx.conn(), &case.no, &task, CANCELLED, now).await?;
            }
            News::Service { task, node, action, notice } => {
                let due = Due { node, action, notice };
                waiting.extend(service(ctx, case, case_type, &task, due).await?);
            }
            News::Ended => ended(ctx, case, case_type).await?,
        }
    }
    if !beside.is_empty() {
        stand(ctx, case).await?;
    }
    clockwork::settle(ctx, case).await
}

/// The case is over: nothing of it waits any more, also nothing that no process knows.
async fn ended(ctx: &mut Ctx, case: &mut Case, case_type: &CaseType) -> Result<()> {
    if delivery::awaited(ctx, case, case_type).await? {
        return Ok(());
    }
    if !case.state.over() {
        case.state = State::Closed;
    }
    let now = ctx.now;
    case.closed_at = Some(now);
    crate::procedure::over(ctx, case).await?;
    for todo in store::open_todos(ctx.conn(), &case.no).await? {
        store::close_todo(ctx.conn(), &case.no, &todo.task, CANCELLED, now).await?;
    }
    ctx.emit("casework.closed", &case.no, &case.state).await?;
    linked::close_with(ctx, case).await
}

async fn todo(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    opened: zhengtong_process::Opened,
) -> Result<()> {
    let side = if opened.role == APPLICANT { Side::Applicant } else { Side::Office };
    let (place, assignee, role) = place(ctx, case, &opened).await?;
    let silent = matches!(place.purpose, Some(Purpose::Before | Purpose::Opinion));
    let now = ctx.now;
    let todo = Todo {
        id: ctx.id(),
        case: case.no.clone(),
        task: opened.task,
        node: opened.node,
        title: opened.title,
        role,
        side,
        // An opinion decides nothing.
        outcomes: if silent { Vec::new() } else { opened.outcomes },
        assignee: assignee.as_ref().map(|(account, _)| *account),
        assignee_name: assignee.map(|(_, name)| name),
        opened_at: now,
        due_day: None,
        place,
    };
    store::insert_todo(ctx.conn(), &todo).await?;
    if !todo.place.lead {
        if !case.assisting.contains(&todo.place.department) {
            case.assisting.push(todo.place.department);
        }
        ctx.emit(
            "casework.assisting",
            &case.no,
            &json!({ "department": todo.place.department, "node": todo.node }),
        )
        .await?;
    }
    // The day by which it is due follows from its clock, when all is settled.
    clockwork::step(ctx, case, case_type, &todo, opened.days).await
}

/// The department of a task, who has it from the beginning, and the role that does it.
async fn place(
    ctx: &mut Ctx,
    case: &Case,
    opened: &zhengtong_process::Opened,
) -> Result<(Place, Option<(Uuid, String)>, String)> {
    let mut place = Place {
        department: case.department,
        department_name: case.department_name.clone(),
        lead: true,
        by_default: opened.by_default.clone(),
        visit: i64::try_from(opened.visit).unwrap_or(0),
        several: opened.several,
        purpose: opened.beside.as_ref().map(|(purpose, _)| purpose_of(*purpose)),
        of: opened.beside.as_ref().map(|(_, of)| of.clone()),
        ..Place::default()
    };
    if place.purpose.is_some() {
        place.asked_by = Some(ctx.actor.name.clone());
    }
    let named = opened.assignee.as_deref().and_then(whom::parse);
    let mut role = opened.role.clone();
    let mut assignee = None;
    if let Some((whom, department)) = named {
        place.department = department;
        place.department_name = whom::department_name(ctx, department).await?;
        match whom {
            Whom::Officer(account) => {
                place.given = true;
                assignee = whom::account_name(ctx, account).await?.map(|name| (account, name));
            }
            Whom::Role { role: asked, .. } => role = asked,
        }
    } else if let Some((id, name)) =
        whom::department(ctx, case, opened.department.as_deref()).await?
        && !opened.astray
    {
        (place.department, place.department_name) = (id, name);
    } else {
        astray(ctx, case, opened).await?;
    }
    place.lead = place.department == case.department;
    Ok((place, assignee, role))
}

/// The model names a department that is not there: the one that handles the case gets the task, and reads why.
async fn astray(ctx: &mut Ctx, case: &Case, opened: &zhengtong_process::Opened) -> Result<()> {
    let named = opened.department.as_deref().unwrap_or_default();
    let text = Text::new(
        format!("“{}”没有找到协办单位{named}，先由主办单位办", opened.title.zh),
        format!(
            "No department {named} for \"{}\"; it stays with the one in charge",
            opened.title.en
        ),
    );
    let mut event = Event::public(ctx, "astray", text).at_node(&opened.node);
    PLATFORM.clone_into(&mut event.actor);
    event.public = false;
    record(ctx, case, event).await
}

pub(crate) fn purpose_of(purpose: zhengtong_process::Purpose) -> Purpose {
    match purpose {
        zhengtong_process::Purpose::Before => Purpose::Before,
        zhengtong_process::Purpose::After => Purpose::After,
        zhengtong_process::Purpose::Together => Purpose::Together,
        zhengtong_process::Purpose::Opinion => Purpose::Opinion,
    }
}

/// A task is in somebody's hands, or back with all who may do it.
async fn in_hand(ctx: &mut Ctx, case: &Case, task: &str, to: Option<&str>) -> Result<()> {
    let officer = match to.and_then(whom::parse) {
        Some((Whom::Officer(account), _)) => {
            whom::account_name(ctx, account).await?.map(|name| (account, name))
        }
        _ => None,
    };
    let whose = officer.as_ref().map(|(account, name)| (*account, name.as_str()));
    store::put_in_hand(ctx.conn(), &case.no, task, whose).await
}

/// Tasks are in the hands in which the process has put them; nothing else has changed.
pub(crate) async fn in_hands(ctx: &mut Ctx, case: &Case, news: Vec<News>) -> Result<()> {
    for piece in news {
        if let News::Assigned { task, to } = piece {
            in_hand(ctx, case, &task, to.as_deref()).await?;
        }
    }
    stand(ctx, case).await
}

/// All who were asked before a task have answered.
async fn ready(ctx: &mut Ctx, case: &Case, task: &str) -> Result<()> {
    let Some(todo) = store::todo_of_task(ctx.conn(), &case.no, task).await? else { return Ok(()) };
    let text = Text::new("征求的意见已到齐", "Everybody asked has answered");
    let mut event = Event::public(ctx, "ready", text).at_node(&todo.node);
    PLATFORM.clone_into(&mut event.actor);
    event.public = false;
    record(ctx, case, event).await?;
    whom::tell_holder(ctx, case, &todo, "case-ready", (&todo.title.zh, &todo.title.en)).await
}

/// Writes down how the open tasks stand to each other, as the process has it.
pub(crate) async fn stand(ctx: &mut Ctx, case: &Case) -> Result<()> {
    for task in zhengtong_process::rests(ctx, case.instance).await?.tasks {
        let named = task.assignee.as_deref().is_some_and(|word| word.starts_with("account/"));
        let standing = store::Standing {
            task: &task.task,
            purpose: task.beside.as_ref().map(|(purpose, _)| purpose_of(*purpose)),
            of: task.beside.as_ref().map(|(_, of)| of.as_str()),
            lent: task.lent,
            waits: task.waits,
            given: named && (task.lent || task.beside.is_some()),
            followed: task.after,
        };
        store::place_todo(ctx.conn(), &case.no, &standing).await?;
    }
    Ok(())
}

/// Work that was withheld goes on, and what follows from it.
pub(crate) async fn go_on(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    work: store::Withheld,
) -> Result<()> {
    let due = Due { node: work.node, action: work.action, notice: work.notice };
    let news = service(ctx, case, case_type, &work.task, due).await?;
    settle(ctx, case, case_type, news).await
}

/// What a service task has to do.
struct Due {
    node: String,
    action: String,
    notice: Option<String>,
}

/// Does the work of a service task. When it fails, what it did is undone and the process knows: it is tried again, and at last
/// an operator is asked. The act of the officer that led here stands.
async fn service(
    ctx: &mut Ctx,
    case: &mut Case,
    case_type: &CaseType,
    task: &str,
    due: Due,
) -> Result<Vec<News>> {
    crate::figure::follow(ctx, case, case_type).await?;
    if crate::deferral::withholds(ctx, case, case_type, &due.action).await? {
        let (node, action, notice) = (due.node, due.action, due.notice);
        let work = store::Withheld { task: task.to_owned(), node, action, notice };
        let now = ctx.now;
        store::withhold(ctx.conn(), &case.no, &work, now).await?;
        return Ok(Vec::new());
    }
    let before = case.clone();
    let done = zhengtong_process::attempt(ctx, async |ctx| {
        match (case_type.action.get(&due.action), &due.notice) {
            (Some(action), _) => serve(ctx, case, &due.node, action).await,
            (None, Some(notice)) if due.action.is_empty() => tell(ctx, case, notice, None).await,
            (None, _) => Err(Error::Definition(format!(
                "there is no action '{}' at {}",
                due.action, due.node
            ))),
        }
    })
    .await?;
    let instance = case.instance;
    match done {
        Ok(()) => Ok(zhengtong_process::serve(ctx, instance, task, Map::new()).await?),
        Err(error) => {
            *case = before;
            Ok(zhengtong_process::fail(ctx, instance, task, &error.to_string()).await?)
        }
    }
}

/// A service task: issue the document, write the result back, tell the applicant.
async fn serve(ctx: &mut Ctx, case: &mut Case, node: &str, action: &Action) -> Result<()> {
    if let Some(key) = &action.party {
        crate::party::name(ctx, case, key).await?;
    }
    let kept = match &action.licence {
        Some(change) => crate::licence::end(ctx, case, action, change).await?,
        None => None,
    };
    if let Some(template) = &action.document {
        let (pack, _) = case.kind.split_once(':').unwrap_or_default();
        let valid_from = china_date(ctx.now);
        let by_years = action.valid_years.and_then(|years| {
            let year = valid_from.year() + i32::try_from(years).unwrap_or(0);
            valid_from.replace_year(year).ok().and_then(time::Date::previous_day)
        });
        let valid_to = kept.as_ref().and_then(|kept| kept.valid_to).or(by_years);
        let new = zhengtong_document::NewDocument {
            template: format!("{pack}:{template}"),
            holder_person: case.organisation.is_none().then_some(case.person),
            holder_organisation: case.organisation.as_ref().map(|holder| holder.id),
            holder_name: case.applicant().to_owned(),
            issuer: case.department,
            issuer_name: case.department_name.clone(),
            issuer_code: None,
            number: kept.map(|kept| kept.number),
            data: document_data(case),
            valid_from: Some(valid_from),
            valid_to,
            case_no: Some(case.no.clone()),
            region: Some(case.region.clone()),
            once: Some(format!("{}/{node}", case.no)),
        };
        let document =
            as_platform(ctx, async |ctx| zhengtong_document::issue(ctx, new).await).await?;
        case.document = Some(document.id);
        if let Some(back) = &action.registry {
            write_back(ctx, case, back, Some(&document)).await?;
        }
    } else if let Some(back) = &action.registry {
        write_back(ctx, case, back, None).await?;
    }
    let mut event = Event::public(ctx, "service", action.event.clone()).at_node(node);
    PLATFORM.clone_into(&mut event.actor);
    record(ctx, case, event).await?;
    if let Some(template) = &action.notice {
        tell(ctx, case, template, None).await?;
    }
    Ok(())
}

fn document_data(case: &Case) -> Value {
    let organisation = case.organisation.as_ref();
    json!({
        "case_no": case.no,
        "holder": case.applicant(),
        "credit_code": organisation.map(|organisation| organisation.credit_code.as_str()),
        "answers": case.answers,
        "facts": case.facts,
    })
}

pub(crate) async fn write_back(
    ctx: &mut Ctx,
    case: &Case,
    back: &WriteBack,
    document: Option<&zhengtong_document::Document>,
) -> Result<()> {
    crate::used::written(ctx, case, &back.dataset).await?;
    let today = china_date(ctx.now).to_string();
    let answers = sealed::opened(ctx, case)?;
    let mut values = std::collections::BTreeMap::new();
    for (field, source) in &back.fields {
        let value = match source.as_str() {
            "$number" => document.map_or(&case.no, |document| &document.number).as_str().into(),
            "$holder" => Value::from(case.applicant()),
            "$holder_code" => {
                case.organisation.as_ref().map_or(Value::Null, |org| org.credit_code.clone().into())
            }
            "$issuer" => Value::from(case.department_name.clone()),
            "$valid_from" => document
                .map_or_else(|| today.clone(), |document| document.valid_from.to_string())
                .into(),
            "$today" => today.clone().into(),
            "$valid_to" => document
                .and_then(|document| document.valid_to)
                .map_or(Value::Null, |day| day.to_string().into()),
            source => match source.strip_prefix('=') {
                Some(value) => value.into(),
                // The first of several answers that is there.
                None => source
                    .split('|')
                    .find_map(|name| answers.get(name.trim()).filter(|value| !value.is_null()))
                    .cloned()
                    .unwrap_or(Value::Null),
            },
        };
        values.insert(field.clone(), value);
    }
    let dataset = back.dataset.clone();
    let origin =
        zhengtong_registry::Origin::new(&case.department_name).in_case(&case.no).about(case.person);
    as_platform(ctx, async |ctx| {
        if back.ends {
            return zhengtong_registry::end(ctx, &dataset, &values, &origin).await.map(drop);
        }
        zhengtong_registry::put(ctx, &dataset, &values, &origin).await.map(drop)
    })
    .await?;
    Ok(())
}

/// A message to the applicant.
pub(crate) async fn tell(
    ctx: &mut Ctx,
    case: &Case,
    template: &str,
    reason: Option<&str>,
) -> Result<()> {
    tell_with(ctx, case, template, reason, None).await
}

/// A message to the applicant that may name the number of a licence.
pub(crate) async fn tell_with(
    ctx: &mut Ctx,
    case: &Case,
    template: &str,
    reason: Option<&str>,
    licence: Option<&str>,
) -> Result<()> {
    let (pack, _) = case.kind.split_once(':').unwrap_or_default();
    let template = format!("{pack}:{template}");
    let to = match &case.organisation {
        Some(organisation) => zhengtong_notice::To::Organisation(organisation.id),
        None => zhengtong_notice::To::Person(case.person),
    };
    let vars = zhengtong_notice::Vars::default()
        .same("no", &case.no)
        .with("title", case.title.clone())
        .same("reason", reason.unwrap_or_default())
        .same("licence", licence.unwrap_or_default())
        .same("department", &case.department_name);
    let link = format!("/my/case/{}", case.no);
    as_platform(ctx, async |ctx| {
        zhengtong_notice::send(ctx, to, &template, &vars, Some(&link)).await
    })
    .await?;
    Ok(())
}

/// A message to an officer about something that waits for them.
pub(crate) async fn tell_officer(
    ctx: &mut Ctx,
    case: &Case,
    person: Uuid,
    template: &str,
    (zh, en): (&str, &str),
) -> Result<()> {
    let vars = zhengtong_notice::Vars::default()
        .same("no", &case.no)
        .same("who", &ctx.actor.name)
        .with("step", Text::new(zh, en));
    let link = format!("/desk/casework/{}", case.no);
    let template = format!("{HOUSE}:{template}");
    let to = zhengtong_notice::To::Person(person);
    as_platform(ctx, async |ctx| {
        zhengtong_notice::send(ctx, to, &template, &vars, Some(&link)).await
    })
    .await?;
    Ok(())
}

/// Does something as the platform itself, within the same transaction: what follows by rule from an act
/// that was authorized needs no right of the officer. The record names the platform and the request.
pub(crate) async fn as_platform<T, E>(
    ctx: &mut Ctx,
    work: impl AsyncFnOnce(&mut Ctx) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let actor = std::mem::replace(&mut ctx.actor, zhengtong_db::Actor::system("casework"));
    let outcome = work(ctx).await;
    ctx.actor = actor;
    outcome
}

/// Tomorrow in China, for the filter of what is nearly due.
pub(crate) fn tomorrow(now: time::OffsetDateTime) -> time::Date {
    china_date(now + Duration::days(1))
}
