//! Whose a task is: everybody with a role in a department, or one officer by name. How that is said to the process,
//! whose words are plain: identifiers, never names.

use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_db::Ctx;
use zhengtong_party::AccountKind;

use crate::act::known;
use crate::error::{Error, Result};
use crate::flow::{self, as_platform};
use crate::model::{Case, Place, Todo};
use crate::store;

/// Somebody who is asked, or to whom a task goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// One officer, by the account.
    Officer(Uuid),
    /// Whoever has a role in a department.
    Role {
        /// The department.
        department: Uuid,
        /// The role.
        role: String,
    },
}

/// An officer to whom a task may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub account: Uuid,
    /// The name.
    pub name: String,
    /// What the post is called.
    pub post: Text,
    /// The department.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// Whether they have the role of the task themselves, so that it may be passed on to them for good.
    pub has_role: bool,
}

/// Where a task goes, found in the register of people and departments.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The officer; none for everybody with the role.
    pub(crate) officer: Option<(Uuid, String)>,
    /// The person behind the account, for a message.
    pub(crate) person: Option<Uuid>,
    pub(crate) department: Uuid,
    pub(crate) department_name: String,
    /// The role that is asked for; none for an officer by name.
    pub(crate) role: Option<String>,
}

impl Found {
    /// How the process is told.
    pub(crate) fn word(&self) -> String {
        match (&self.officer, &self.role) {
            (Some((account, _)), _) => format!("account/{account}/{}", self.department),
            (None, role) => {
                format!("role/{}/{}", self.department, role.as_deref().unwrap_or_default())
            }
        }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        self.officer.as_ref().map_or(self.department_name.as_str(), |(_, name)| name.as_str())
    }
}

/// Reads what the process says.
pub(crate) fn parse(word: &str) -> Option<(Whom, Uuid)> {
    let mut parts = word.splitn(3, '/');
    let (kind, first, second) = (parts.next()?, parts.next()?, parts.next()?);
    match kind {
        "account" => Some((Whom::Officer(first.parse().ok()?), second.parse().ok()?)),
        "role" => {
            let department = first.parse().ok()?;
            Some((Whom::Role { department, role: second.to_owned() }, department))
        }
        _ => None,
    }
}

/// Finds an officer or a role that somebody has named. An officer is looked for in the department `near` first.
pub(crate) async fn find(ctx: &mut Ctx, whom: &Whom, near: Uuid) -> Result<Found> {
    match whom {
        Whom::Role { department, role } => {
            let serving = as_platform(ctx, async |ctx| {
                zhengtong_party::serving(ctx, *department, role).await
            })
            .await?;
            if serving.is_empty() {
                return Err(nobody());
            }
            let name = department_name(ctx, *department).await?;
            Ok(Found {
                officer: None,
                person: None,
                department: *department,
                department_name: name,
                role: Some(role.clone()),
            })
        }
        Whom::Officer(account) => {
            let found =
                as_platform(ctx, async |ctx| zhengtong_party::account_of(ctx, *account).await)
                    .await?;
            let found = found.filter(|one| one.kind == AccountKind::Staff && !one.disabled);
            let found = found.ok_or_else(nobody)?;
            let posts =
                as_platform(ctx, async |ctx| zhengtong_party::held_posts(ctx, found.person).await)
                    .await?;
            let post = posts.iter().find(|own| own.post.organisation == near).or(posts.first());
            let post = post.ok_or_else(nobody)?;
            Ok(Found {
                officer: Some((found.account, found.name)),
                person: Some(found.person),
                department: post.post.organisation,
                department_name: post.organisation.zh.clone(),
                role: None,
            })
        }
    }
}

/// Finds all, each once.
pub(crate) async fn find_all(ctx: &mut Ctx, whom: &[Whom], near: Uuid) -> Result<Vec<Found>> {
    let mut all: Vec<Found> = Vec::with_capacity(whom.len());
    for one in whom {
        let found = find(ctx, one, near).await?;
        if all.iter().any(|other| other.word() == found.word()) {
            return Err(wrong("同一个人写了两次", "the same person is named twice"));
        }
        all.push(found);
    }
    if all.is_empty() {
        return Err(wrong("请选人或单位", "choose a person or a department"));
    }
    Ok(all)
}

/// Whether an officer has a role in a department today, substitutes too.
pub(crate) async fn serves(
    ctx: &mut Ctx,
    department: Uuid,
    role: &str,
    account: Uuid,
) -> Result<bool> {
    let serving =
        as_platform(ctx, async |ctx| zhengtong_party::serving(ctx, department, role).await).await?;
    Ok(serving.iter().any(|one| one.account == account))
}

/// The account a name of which the process has told; it was checked when it was named.
pub(crate) async fn account_name(ctx: &mut Ctx, account: Uuid) -> Result<Option<String>> {
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::account_of(ctx, account).await).await?;
    Ok(found.map(|found| found.name))
}

pub(crate) async fn department_name(ctx: &mut Ctx, department: Uuid) -> Result<String> {
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::organisation(ctx, department).await).await?;
    Ok(found.name.zh)
}

/// The department of the case, or the one that the model names; none when it names one that is not there.
pub(crate) async fn department(
    ctx: &mut Ctx,
    case: &Case,
    named: Option<&str>,
) -> Result<Option<(Uuid, String)>> {
    let Some(short) = named else {
        return Ok(Some((case.department, case.department_name.clone())));
    };
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::organisation_by_short(ctx, short).await)
            .await?;
    let open = found.filter(|found| found.closed.is_none());
    Ok(open.map(|found| (found.id, found.name.zh)))
}

/// To whom a task may go: the officers of its department, those with its role first.
pub async fn candidates(ctx: &mut Ctx, no: &str, todo: Uuid) -> Result<Vec<Candidate>> {
    let case = known(ctx, "casework.read", no).await?;
    let missing = || zhengtong_db::Error::absent("task", todo.to_string());
    let task = store::todo(ctx.conn(), todo).await?.filter(|task| task.case == no);
    let task = task.ok_or_else(missing)?;
    ctx.allow_or_absent("casework.transfer", &crate::act::task_thing(&ctx.actor, &case, &task))?;
    officers(ctx, &task.place, &task.role).await
}

async fn officers(ctx: &mut Ctx, place: &Place, role: &str) -> Result<Vec<Candidate>> {
    let department = place.department;
    let cards = as_platform(ctx, async |ctx| zhengtong_party::posts(ctx, department).await).await?;
    let mut all: Vec<Candidate> = Vec::new();
    for card in cards {
        let has_role = card.post.roles.iter().any(|own| own == role);
        for held in &card.holdings {
            let person = held.person;
            let account = as_platform(ctx, async |ctx| {
                zhengtong_party::account_of_person(ctx, person, AccountKind::Staff).await
            })
            .await?;
            let Some(account) = account.filter(|account| !account.disabled) else { continue };
            if let Some(known) = all.iter_mut().find(|one| one.account == account.account) {
                known.has_role |= has_role;
                continue;
            }
            all.push(Candidate {
                account: account.account,
                name: account.name,
                post: card.post.title.clone(),
                department,
                department_name: place.department_name.clone(),
                has_role,
            });
        }
    }
    all.sort_by(|a, b| b.has_role.cmp(&a.has_role).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// Tells an officer that something waits for them.
pub(crate) async fn tell(
    ctx: &mut Ctx,
    case: &Case,
    found: &Found,
    template: &str,
    words: (&str, &str),
) -> Result<()> {
    let Some(person) = found.person else { return Ok(()) };
    flow::tell_officer(ctx, case, person, template, words).await
}

/// The same, by the account that has a task in hand.
pub(crate) async fn tell_holder(
    ctx: &mut Ctx,
    case: &Case,
    task: &Todo,
    template: &str,
    words: (&str, &str),
) -> Result<()> {
    let Some(account) = task.assignee.filter(|account| ctx.actor.account != Some(*account)) else {
        return Ok(());
    };
    let found =
        as_platform(ctx, async |ctx| zhengtong_party::account_of(ctx, account).await).await?;
    let Some(found) = found else { return Ok(()) };
    flow::tell_officer(ctx, case, found.person, template, words).await
}

fn nobody() -> Error {
    wrong(
        "找不到这个人或单位，或者那里没有人能办。请重新选",
        "there is no such person or department, or nobody there can do it; choose again",
    )
}

fn wrong(zh: &str, en: &str) -> Error {
    Error::Invalid(vec![FieldError::new("who", zh, en)])
}
