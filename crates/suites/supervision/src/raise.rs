//! Raising a card: its number, its row, whoever is told. Once for a rule, a case and an occasion.

use std::collections::BTreeSet;

use serde_json::Value;
use time::Date;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_calendar::china_date;
use zhengtong_casework::{Watched, WatchedTask};
use zhengtong_db::{Actor, Ctx};
use zhengtong_notice::{To, Vars};

use crate::error::Result;
use crate::judge::Verdict;
use crate::model::{Card, State};
use crate::occasion::Occasion;
use crate::part::Addressee;
use crate::store;

/// Persons that one card is told at most.
const TOLD_MAX: usize = 20;

/// What a card is about.
#[derive(Clone, Debug)]
pub(crate) struct Matter {
    pub(crate) case: String,
    pub(crate) item: String,
    pub(crate) title: Text,
    pub(crate) department: Uuid,
    pub(crate) department_name: String,
}

impl Matter {
    /// A case.
    pub(crate) fn of(watched: &Watched) -> Self {
        Self {
            case: watched.no.clone(),
            item: watched.item.clone(),
            title: watched.title.clone(),
            department: watched.department,
            department_name: watched.department_name.clone(),
        }
    }
}

/// Raises a card for what was seen; whether it was new.
pub(crate) async fn raise(
    ctx: &mut Ctx,
    matter: &Matter,
    watched: Option<&Watched>,
    (occasion, event): (&Occasion, i64),
    verdict: Verdict,
) -> Result<bool> {
    let name = verdict.rule.name();
    if store::has_card(ctx.conn(), &name, &matter.case, &occasion.source).await? {
        return Ok(false);
    }
    let told = told(ctx, matter, watched, occasion, &verdict).await?;
    let answer_due = match verdict.rule.rule.answer_days {
        Some(days) => Some(working_day(ctx, days).await?),
        None => None,
    };
    let rule = &verdict.rule.rule;
    let card = Card {
        id: ctx.id(),
        no: number(ctx).await?,
        rule: name,
        level: verdict.level,
        case: matter.case.clone(),
        occasion: occasion.source.clone(),
        item: matter.item.clone(),
        title: matter.title.clone(),
        department: matter.department,
        department_name: matter.department_name.clone(),
        handlers: told.handlers.iter().copied().collect(),
        rule_title: rule.title.clone(),
        basis: rule.basis.clone(),
        why: verdict.why.clone(),
        facts: Value::Object(verdict.facts),
        occurred_at: occasion.at,
        raised_at: ctx.now,
        state: if told.all.is_empty() { State::Raised } else { State::Notified },
        answer_due,
        urges: 0,
        proposal: None,
    };
    if !store::insert_card(ctx.conn(), &card, event).await? {
        return Ok(false);
    }
    store::add_step(ctx, card.id, "raised", Some(&card.why.zh), None).await?;
    for person in &told.all {
        tell(ctx, &card, *person, "card").await?;
    }
    let step = if told.all.is_empty() { "unreached" } else { "notified" };
    store::add_step(ctx, card.id, step, None, answer_due).await?;
    let act = ctx.act("supervision.raise", "card", &card.no).because(card.rule.clone());
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.emit("supervision.raised", &card.no, &card.level).await?;
    Ok(true)
}

/// A message about a card to a person, once for each template and card.
pub(crate) async fn tell(ctx: &mut Ctx, card: &Card, person: Uuid, template: &str) -> Result<()> {
    let (pack, _) = card.rule.split_once(':').unwrap_or_default();
    let due = card.answer_due.map(|day| day.to_string());
    let title = card.level.title();
    let vars = Vars::default()
        .same("no", &card.no)
        .with("level", title)
        .with("rule", card.rule_title.clone())
        .with("why", card.why.clone())
        .same("case", if card.case.is_empty() { "—" } else { card.case.as_str() })
        .same("due", due.as_deref().unwrap_or("—"));
    let event = format!("{template}/{}/{}", card.no, card.urges);
    let link = format!("/desk/supervision/{}", card.no);
    let template = format!("{pack}:{template}");
    let to = To::Person(person);
    as_platform(ctx, async |ctx| {
        zhengtong_notice::send_once(ctx, &event, to, &template, &vars, Some(&link)).await
    })
    .await?;
    Ok(())
}

/// The heads of a department.
pub(crate) async fn heads(ctx: &mut Ctx, department: Uuid) -> Result<BTreeSet<Uuid>> {
    let serving = serving(ctx, department, "head").await?;
    Ok(serving.into_iter().map(|one| one.person).take(TOLD_MAX).collect())
}

/// The day so many working days from today.
pub(crate) async fn working_day(ctx: &mut Ctx, days: u32) -> Result<Date> {
    let law = zhengtong_casework::law(ctx).await?;
    Ok(law.china().estimate_working_days(china_date(ctx.now), days)?.date)
}

/// Does something as the platform itself, within the same transaction: what follows by rule from what was seen needs
/// no right of the one who looks.
pub(crate) async fn as_platform<T, E>(
    ctx: &mut Ctx,
    work: impl AsyncFnOnce(&mut Ctx) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let actor = std::mem::replace(&mut ctx.actor, Actor::system("supervision"));
    let outcome = work(ctx).await;
    ctx.actor = actor;
    outcome
}

async fn number(ctx: &mut Ctx) -> Result<String> {
    let year = china_date(ctx.now).year();
    let next = ctx.number(&format!("supervision/card/{year}")).await?;
    Ok(format!("JC-{year}-{next:06}"))
}

/// Who is told of a card.
struct Told {
    handlers: BTreeSet<Uuid>,
    all: BTreeSet<Uuid>,
}

async fn told(
    ctx: &mut Ctx,
    matter: &Matter,
    watched: Option<&Watched>,
    occasion: &Occasion,
    verdict: &Verdict,
) -> Result<Told> {
    let to = &verdict.rule.rule.to;
    let mut told = Told { handlers: BTreeSet::new(), all: BTreeSet::new() };
    if to.contains(&Addressee::Handler)
        && let Some(task) = watched.and_then(|watched| task(watched, occasion))
    {
        let serving = serving(ctx, task.department, &task.role).await?;
        let has = |account: Uuid| task.assignee.is_none_or(|assignee| assignee == account);
        let found = serving.into_iter().filter(|one| has(one.account)).map(|one| one.person);
        told.handlers.extend(found.take(TOLD_MAX));
    }
    told.all.extend(&told.handlers);
    if to.contains(&Addressee::Head) {
        told.all.extend(heads(ctx, matter.department).await?);
    }
    Ok(told)
}

/// The task an occasion is about: its own, or the latest that somebody had in hand by then.
fn task<'a>(watched: &'a Watched, occasion: &Occasion) -> Option<&'a WatchedTask> {
    let own = occasion.todo.and_then(|id| watched.tasks.iter().find(|task| task.id == id));
    own.or_else(|| {
        let by_then = watched.tasks.iter().filter(|task| task.opened_at <= occasion.at);
        by_then.max_by_key(|task| (task.assignee.is_some(), task.opened_at))
    })
}

/// Who serves in a role; nobody where the department is not known.
async fn serving(
    ctx: &mut Ctx,
    department: Uuid,
    role: &str,
) -> Result<Vec<zhengtong_party::Serving>> {
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::serving(ctx, department, role).await).await;
    match found {
        Ok(serving) => Ok(serving),
        Err(error) if error.kind() == Kind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
