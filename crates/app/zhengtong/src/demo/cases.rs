//! Plays the cases of the demonstration through the verbs that people use, each step at its own time by whoever does
//! it in life: so the record, the clocks and the inboxes are what they would be.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use zhengtong_base::Behalf;
use zhengtong_casework::{Choice, Effect, Input, OpenTask};
use zhengtong_db::{Actor, ActorKind, Ctx, Db};
use zhengtong_party::{AGENT, SCOPES};

use super::dice::{Dice, Purpose};
use super::regions::CITY;
use super::schedule::{Planned, Step, plan};
use super::{Applicant, Founded, application, cast, progress, seed};
use crate::wire::failed;

/// The item that companies apply for.
const ITEM: &str = "food-business:new";

/// Plays what was not played yet: a company that has a case is left alone.
pub(crate) async fn play(db: &Db, founded: &Founded) -> Result<()> {
    let catalog = db.defs::<zhengtong_service::Catalog>().map_err(|error| failed(&error))?;
    if catalog.get(ITEM).is_none() {
        tracing::warn!(item = ITEM, "没有这个事项，演示城市没有办件 / no such item, so no cases");
        return Ok(());
    }
    let applicants = without_case(db, &founded.applicants).await?;
    let steps = plan(founded.seed, founded.applicants.len(), db.clock().now());
    let bar = progress("food-business:licence", u64::try_from(steps.len())?);
    let mut numbers: BTreeMap<usize, String> = BTreeMap::new();
    let mut left_out = BTreeSet::new();
    for planned in steps {
        bar.inc(1);
        let place = planned.company;
        let Some(applicant) = founded.applicants.get(place).filter(|_| applicants.contains(&place))
        else {
            continue;
        };
        if left_out.contains(&place) {
            continue;
        }
        let number = numbers.get(&place).cloned();
        match step(db, founded, applicant, planned, number).await {
            Ok(number) => {
                numbers.insert(place, number);
            }
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), step = ?planned.step, "a demonstration case stops here");
                left_out.insert(place);
            }
        }
    }
    bar.finish_and_clear();
    tracing::info!(cases = numbers.len(), "cases played");
    Ok(())
}

/// The places of those who have no case yet.
async fn without_case(db: &Db, applicants: &[Applicant]) -> Result<BTreeSet<usize>> {
    let mut places = BTreeSet::new();
    for (place, applicant) in applicants.iter().enumerate() {
        let mut ctx = begin(db, agent(applicant), "demo").await?;
        let cases = zhengtong_casework::mine(&mut ctx, 1).await.map_err(|error| failed(&error))?;
        if cases.rows.is_empty() {
            places.insert(place);
        }
    }
    Ok(places)
}

/// Does one step in a transaction of its own and gives the number of the case.
async fn step(
    db: &Db,
    founded: &Founded,
    applicant: &Applicant,
    planned: Planned,
    number: Option<String>,
) -> Result<String> {
    let actor = match doer(planned.step) {
        Some(login) => officer(founded.seed, login)?,
        None => agent(applicant),
    };
    let request = format!("demo:{}:{:?}", applicant.credit_code, planned.step);
    let mut ctx = begin(db, actor, &request).await?;
    ctx.now = planned.at;
    let number = match number {
        Some(number) => {
            go_on(&mut ctx, &number, planned.step).await?;
            number
        }
        None if planned.step == Step::Apply => {
            let place = u64::try_from(planned.company)?;
            let mut dice = Dice::new(founded.seed ^ 1, Purpose::Case, place);
            application::apply(&mut ctx, ITEM, applicant, &mut dice).await?
        }
        None => bail!("there is no case yet"),
    };
    ctx.commit().await.map_err(|error| failed(&error))?;
    Ok(number)
}

async fn go_on(ctx: &mut Ctx, no: &str, step: Step) -> Result<()> {
    let view = zhengtong_casework::view(ctx, no).await.map_err(|error| failed(&error))?;
    let reason = reason(step);
    let done = match step {
        Step::Withdraw => zhengtong_casework::withdraw(ctx, no, reason).await.map(drop),
        Step::Resume => zhengtong_casework::resume(ctx, no).await,
        Step::Stop => {
            let (kind, _) =
                view.stops.first().context("the clock of this case cannot be stopped")?;
            zhengtong_casework::suspend(ctx, no, zhengtong_casework::Suspending::new(kind, reason))
                .await
        }
        Step::Supply => {
            let task = view.tasks.first().context("nothing is asked of the applicant")?;
            let bytes = application::paper(&format!("{no} supplement"));
            let sent = zhengtong_service::Sent { name: "补充材料.pdf", bytes: &bytes };
            let supplied = zhengtong_service::supply(ctx, no, task.todo.id, &[sent], reason).await;
            return supplied.map(drop).map_err(|error| failed(&error));
        }
        Step::Take => {
            let task = view.tasks.iter().find(|task| !task.choices.is_empty());
            let task = task.context("there is no task to take")?;
            zhengtong_casework::claim(ctx, task.todo.id).await.map(drop)
        }
        _ => {
            let (task, choice) = chosen(&view.tasks, step).context("this cannot be decided now")?;
            let input = Input {
                outcome: choice.outcome.clone(),
                reason: reason.to_owned(),
                seen_version: view.case.version,
                ..Input::default()
            };
            zhengtong_casework::act(ctx, no, task.todo.id, input).await.map(drop)
        }
    };
    done.map_err(|error| failed(&error))
}

/// The task and the outcome with which a step is done. Of several outcomes of one effect the favourable one needs no
/// reason.
fn chosen(tasks: &[OpenTask], step: Step) -> Option<(&OpenTask, &Choice)> {
    let effect = effect(step)?;
    let fits = |choice: &&Choice| choice.effect == effect;
    tasks.iter().find_map(|task| {
        let all = || task.choices.iter().filter(fits);
        let choice = all().find(|choice| !choice.reason).or_else(|| all().next())?;
        Some((task, choice))
    })
}

fn effect(step: Step) -> Option<Effect> {
    match step {
        Step::Accept => Some(Effect::Accept),
        Step::Correct => Some(Effect::Correct),
        Step::Decline => Some(Effect::Decline),
        Step::Review | Step::Inspect => Some(Effect::Pass),
        Step::Grant => Some(Effect::Grant),
        Step::Refuse => Some(Effect::Refuse),
        Step::Apply | Step::Supply | Step::Take | Step::Stop | Step::Resume | Step::Withdraw => {
            None
        }
    }
}

/// Who does a step: the login of an officer, or none for the applicant.
fn doer(step: Step) -> Option<&'static str> {
    match step {
        Step::Accept | Step::Correct | Step::Decline => Some("clerk"),
        Step::Take | Step::Review | Step::Stop | Step::Resume => Some("reviewer"),
        Step::Inspect => Some("inspector"),
        Step::Grant | Step::Refuse => Some("head"),
        Step::Apply | Step::Supply | Step::Withdraw => None,
    }
}

/// The words that are written with a step; empty where nothing needs to be said.
fn reason(step: Step) -> &'static str {
    match step {
        Step::Correct => "请补一张设备布局和操作流程图，标出洗手池、消毒柜和冷藏设备的位置。",
        Step::Supply => "已补上布局图，洗手池和消毒柜的位置都标出来了。",
        Step::Decline => "申请的是只卖预包装食品，依法办理备案即可，不需要许可。",
        Step::Refuse => "现场没有独立的餐具清洗消毒区，整改后可以重新申请。",
        Step::Stop => "水样已送检测机构，检测期间停止计时。",
        Step::Withdraw => "店面租约没有谈成，先不办了。",
        Step::Review => "材料齐全，填写内容与登记信息一致。",
        Step::Inspect => "现场与布局图一致，设备能正常使用。",
        Step::Grant => "符合条件，准予许可。",
        Step::Apply | Step::Accept | Step::Take | Step::Resume => "",
    }
}

async fn begin(db: &Db, actor: Actor, request: &str) -> Result<Ctx> {
    db.begin(actor, request).await.map_err(|error| failed(&error))
}

/// Somebody who acts for their own company.
pub(crate) fn agent(applicant: &Applicant) -> Actor {
    let scopes = SCOPES.iter().map(|scope| format!("{AGENT}:{scope}"));
    Actor {
        kind: ActorKind::Citizen,
        account: Some(applicant.account),
        person: Some(applicant.person),
        name: applicant.person_name.clone(),
        roles: std::iter::once(AGENT.to_owned()).chain(scopes).collect(),
        behalf: Some(Behalf {
            organisation: applicant.organisation,
            credit_code: applicant.credit_code.clone(),
            name: applicant.name.clone(),
        }),
        ..Actor::visitor()
    }
}

/// One of the cast at their post.
pub(crate) fn officer(seed: u64, login: &str) -> Result<Actor> {
    let found = (0..).zip(cast::CAST).find(|(_, member)| member.login == login);
    let (index, member) = found.context("an officer who is not of the cast")?;
    let (department, role) = member.post.context("an officer without a post")?;
    Ok(Actor {
        kind: ActorKind::Staff,
        account: Some(seed::account_id(seed, login)),
        person: Some(seed::person_id(seed, index)),
        name: member.named.name.to_owned(),
        organisation: Some(seed::department_id(seed, department)),
        post: Some(seed::post_id(seed, department, role)),
        region: Some(CITY.to_owned()),
        roles: cast::roles(role),
        ..Actor::visitor()
    })
}
