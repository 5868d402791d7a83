//! What the process says becomes tasks, documents, messages and an end.

use serde_json::{Map, Value, json};
use time::Duration;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::{Calendar, Clock, Unit, china_date};
use zhengtong_db::{Ctx, Thing};
use zhengtong_process::News;

use crate::error::{Error, Result};
use crate::model::{Case, Event, Side, State, Todo};
use crate::part::{Action, CaseType, Limit, WriteBack};
use crate::{sealed, store};

/// The role of tasks that the applicant does.
const APPLICANT: &str = "applicant";
/// Who the timeline names for what follows by rule; a page shows it in its own language.
const PLATFORM: &str = "政通";
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
}

pub(crate) async fn record(ctx: &mut Ctx, case: &Case, event: Event) -> Result<()> {
    store::add_event(ctx.conn(), &case.no, &event).await
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
    let mut waiting: std::collections::VecDeque<News> = news.into();
    let mut seen = 0;
    while let Some(piece) = waiting.pop_front() {
        seen += 1;
        if seen > NEWS_MAX {
            return Err(Error::Definition(format!("the process of {} does not end", case.no)));
        }
        match piece {
            News::Opened(opened) => todo(ctx, case, case_type, opened).await?,
            News::Closed { .. } => {}
            News::Cancelled { task } => {
                let now = ctx.now;
                store::close_todo(ctx.conn(), &case.no, &task, "cancelled", now).await?;
            }
            News::Service { task, node, action } => {
                let action = case_type.action.get(&action).ok_or_else(|| {
                    Error::Definition(format!("there is no action {action} at {node}"))
                })?;
                serve(ctx, case, &node, action).await?;
                let more = zhengtong_process::serve(ctx, case.instance, &task, Map::new()).await?;
                waiting.extend(more);
            }
            News::Ended => {
                if !case.state.over() {
                    case.state = State::Closed;
                }
                case.closed_at = Some(ctx.now);
                ctx.emit("casework.closed", &case.no, &case.state).await?;
            }
        }
    }
    Ok(())
}

async fn todo(
    ctx: &mut Ctx,
    case: &Case,
    case_type: &CaseType,
    opened: zhengtong_process::Opened,
) -> Result<()> {
    let side = if opened.role == APPLICANT { Side::Applicant } else { Side::Office };
    let today = china_date(ctx.now);
    // The applicant's time is what the case type declares; the days of a step bind the office.
    let limit = match side {
        Side::Applicant => Limit::parse(&case_type.correction),
        Side::Office => opened.days.map(|days| Limit { days, unit: Unit::WorkingDay }),
    };
    let due_day = match limit {
        Some(limit) => Some(
            Clock::new(limit.days, limit.unit, today).deadline_or_alarm(Calendar::china())?.date,
        ),
        None => None,
    };
    let todo = Todo {
        id: ctx.id(),
        case: case.no.clone(),
        task: opened.task,
        node: opened.node,
        title: opened.title,
        role: opened.role,
        side,
        outcomes: opened.outcomes,
        assignee: None,
        assignee_name: None,
        opened_at: ctx.now,
        due_day,
    };
    store::insert_todo(ctx.conn(), &todo, case.department).await
}

/// A service task: issue the document, write the result back, tell the applicant.
async fn serve(ctx: &mut Ctx, case: &mut Case, node: &str, action: &Action) -> Result<()> {
    if let Some(template) = &action.document {
        let (pack, _) = case.kind.split_once(':').unwrap_or_default();
        let valid_from = china_date(ctx.now);
        let valid_to = action.valid_years.and_then(|years| {
            let year = valid_from.year() + i32::try_from(years).unwrap_or(0);
            valid_from.replace_year(year).ok().and_then(time::Date::previous_day)
        });
        let new = zhengtong_document::NewDocument {
            template: format!("{pack}:{template}"),
            holder_person: case.organisation.is_none().then_some(case.person),
            holder_organisation: case.organisation.as_ref().map(|holder| holder.id),
            holder_name: case.applicant().to_owned(),
            issuer: case.department,
            issuer_name: case.department_name.clone(),
            issuer_code: None,
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
            write_back(ctx, case, back, &document).await?;
        }
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

async fn write_back(
    ctx: &mut Ctx,
    case: &Case,
    back: &WriteBack,
    document: &zhengtong_document::Document,
) -> Result<()> {
    let answers = sealed::opened(ctx, case)?;
    let mut values = std::collections::BTreeMap::new();
    for (field, source) in &back.fields {
        let value = match source.as_str() {
            "$number" => Value::from(document.number.clone()),
            "$holder" => Value::from(case.applicant()),
            "$holder_code" => {
                case.organisation.as_ref().map_or(Value::Null, |org| org.credit_code.clone().into())
            }
            "$issuer" => Value::from(case.department_name.clone()),
            "$valid_from" => Value::from(document.valid_from.to_string()),
            "$valid_to" => document.valid_to.map_or(Value::Null, |day| day.to_string().into()),
            answer => answers.get(answer).cloned().unwrap_or(Value::Null),
        };
        values.insert(field.clone(), value);
    }
    let dataset = back.dataset.clone();
    let origin =
        zhengtong_registry::Origin::new(&case.department_name).in_case(&case.no).about(case.person);
    as_platform(ctx, async |ctx| zhengtong_registry::put(ctx, &dataset, &values, &origin).await)
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

/// Does something as the platform itself, within the same transaction: what follows by rule from an act
/// that was authorized needs no right of the officer. The record names the platform and the request.
async fn as_platform<T, E>(
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
