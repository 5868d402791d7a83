//! When people come and go: what the end of a post or an account would leave behind, and how the tasks in hands
//! that may no longer do them go back to all who may.

use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_db::jobs::{Job, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_party::{AccountCard, AccountKind};

use crate::error::{Error, Result};
use crate::model::Todo;
use crate::{handover, store};

/// The job that gives tasks back.
const REROUTE: &str = "casework.reroute";
/// The news after which somebody may no longer do what they did.
const TOPICS: [&str; 3] =
    ["party.holding_ended", "party.substitution_ended", "party.account_disabled"];

/// What waits in one role of a department that somebody leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burden {
    /// The department.
    pub department: Uuid,
    /// The role.
    pub role: String,
    /// Open tasks of the role.
    pub open: i64,
    /// Those of them in the hands of the one who leaves: they go back to all who have the role.
    pub in_hand: i64,
    /// How many others can do them, substitutes too.
    pub others: usize,
}

impl Burden {
    /// Whether nobody would be left for tasks that wait.
    pub fn is_orphaned(&self) -> bool {
        self.open > 0 && self.others == 0
    }
}

/// What the end of a holding would leave behind, role by role.
pub async fn burden_of_holding(ctx: &mut Ctx, holding: Uuid) -> Result<Vec<Burden>> {
    ctx.allow("casework.burden", &Thing::new("post", ""))?;
    let (held, post) = zhengtong_party::holding(ctx, holding).await?;
    let mut burdens = Vec::new();
    for role in &post.roles {
        let leaves = |one: &zhengtong_party::Serving| one.holding == Some(held.id);
        burdens.push(burden(ctx, post.organisation, role, leaves).await?);
    }
    Ok(burdens)
}

/// What the end of an account would leave behind, role by role.
pub async fn burden_of_account(
    ctx: &mut Ctx,
    person: Uuid,
    account: &AccountCard,
) -> Result<Vec<Burden>> {
    ctx.allow("casework.burden", &Thing::new("post", ""))?;
    if account.kind != AccountKind::Staff {
        return Ok(Vec::new());
    }
    let mut burdens: Vec<Burden> = Vec::new();
    for own in zhengtong_party::held_posts(ctx, person).await? {
        for role in &own.post.roles {
            let department = own.post.organisation;
            if burdens.iter().any(|one| one.department == department && one.role == *role) {
                continue;
            }
            burdens.push(burden(ctx, department, role, |one| one.account == account.id).await?);
        }
    }
    Ok(burdens)
}

/// Ends a holding, unless tasks would wait for nobody: then a substitute is named first, or somebody appointed.
pub async fn end_holding(ctx: &mut Ctx, holding: Uuid) -> Result<()> {
    let burdens = burden_of_holding(ctx, holding).await?;
    refuse_orphans(&burdens)?;
    zhengtong_party::end_holding(ctx, holding).await?;
    Ok(())
}

/// Disables an account. Tasks that would wait for nobody hinder it, unless it cannot wait (`urgent`), as when the
/// account is in wrong hands: then they stay in the pool of their role.
pub async fn disable_account(
    ctx: &mut Ctx,
    person: Uuid,
    account: &AccountCard,
    why: &str,
    urgent: bool,
) -> Result<()> {
    if !urgent {
        let burdens = burden_of_account(ctx, person, account).await?;
        refuse_orphans(&burdens)?;
    }
    zhengtong_party::disable_account(ctx, account.id, why).await?;
    Ok(())
}

/// Gives back the tasks in the hands of a person who may no longer do them. Returns how many. Done twice, it does
/// nothing the second time.
pub async fn reroute(ctx: &mut Ctx, person: Uuid) -> Result<usize> {
    ctx.allow("casework.reroute", &Thing::new("case", ""))?;
    let kind = AccountKind::Staff;
    let Some(account) = zhengtong_party::account_of_person(ctx, person, kind).await? else {
        return Ok(0);
    };
    let mut given_back = 0;
    for (todo, case, role, department, applicant) in
        store::in_hand(ctx.conn(), &[account.account]).await?
    {
        let Some(task) = store::todo(ctx.conn(), todo).await? else { continue };
        if stays(ctx, person, &task, (department, &role, account.account)).await? {
            continue;
        }
        let Some(found) = store::case_for_change(ctx, &case).await? else { continue };
        handover::let_go(ctx, &found, &task).await?;
        let act = ctx
            .act("casework.reroute", "case", &case)
            .about(Some(applicant))
            .because(format!("{} no longer has the role {role} there", account.name));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        given_back += 1;
    }
    Ok(given_back)
}

/// Whether somebody may still do a task: with its role, or, where it was given to them by name, with any post there.
async fn stays(
    ctx: &mut Ctx,
    person: Uuid,
    task: &Todo,
    (department, role, account): (Uuid, &str, Uuid),
) -> Result<bool> {
    let serving = zhengtong_party::serving(ctx, department, role).await?;
    if serving.iter().any(|one| one.account == account) {
        return Ok(true);
    }
    if !task.place.given {
        return Ok(false);
    }
    let posts = zhengtong_party::held_posts(ctx, person).await?;
    Ok(posts.iter().any(|own| own.post.organisation == department))
}

/// Gives tasks back when somebody has lost a post, a substitution or the account.
#[must_use]
pub fn attach_reroute(work: Work) -> Work {
    let work = work.on(REROUTE, |db, job| async move { run(&db, &job).await });
    TOPICS.into_iter().fold(work, |work, topic| work.subscribe(topic, REROUTE))
}

async fn run(db: &Db, job: &Job) -> std::result::Result<(), String> {
    let person = job.payload.pointer("/payload/person").and_then(|person| person.as_str());
    let person: Uuid = person
        .and_then(|person| person.parse().ok())
        .ok_or_else(|| "the event names no person".to_owned())?;
    let mut ctx = db.begin_system(REROUTE).await.map_err(|error| error.to_string())?;
    reroute(&mut ctx, person).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

async fn burden(
    ctx: &mut Ctx,
    department: Uuid,
    role: &str,
    leaves: impl Fn(&zhengtong_party::Serving) -> bool,
) -> Result<Burden> {
    let serving = zhengtong_party::serving(ctx, department, role).await?;
    let leaving: Vec<Uuid> =
        serving.iter().filter(|one| leaves(one)).map(|one| one.account).collect();
    let mut others: Vec<Uuid> =
        serving.iter().filter(|one| !leaves(one)).map(|one| one.account).collect();
    others.dedup();
    // Who keeps the role by another post keeps the tasks too.
    let goes: Vec<Uuid> = leaving.into_iter().filter(|account| !others.contains(account)).collect();
    let (open, in_hand) = store::open_tasks(ctx.conn(), department, role, &goes).await?;
    Ok(Burden { department, role: role.to_owned(), open, in_hand, others: others.len() })
}

fn refuse_orphans(burdens: &[Burden]) -> Result<()> {
    let Some(orphaned) = burdens.iter().find(|burden| burden.is_orphaned()) else { return Ok(()) };
    let (open, role) = (orphaned.open, &orphaned.role);
    Err(Error::State(Text::new(
        format!(
            "还有 {open} 件事等着“{role}”办，这个人走了就没有人能办。请先安排别人任职，或指定代理人"
        ),
        format!(
            "{open} tasks wait for the role {role} and nobody else has it; appoint somebody or name a substitute first"
        ),
    )))
}
