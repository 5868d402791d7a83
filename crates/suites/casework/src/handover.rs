//! Tasks change hands: the head gives tasks to a colleague, one by one or all that somebody has who leaves.

use serde_json::json;
use uuid::Uuid;
use zhengtong_base::{FieldError, Text};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;

use crate::act::by_todo;
use crate::error::{Error, Result};
use crate::flow;
use crate::inbox;
use crate::model::{Case, Event, Todo};
use crate::{responsible, sealed, store, whom};

/// Roles of a department that are looked through for colleagues.
const ROLES_MAX: usize = 30;

/// Somebody of the department who can do tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Their account.
    pub account: Uuid,
    /// Their name.
    pub name: String,
    /// The roles they have there today.
    pub roles: Vec<String>,
}

/// What somebody of the department has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hands {
    /// The account.
    pub account: Uuid,
    /// The name as it stands on the tasks.
    pub name: String,
    /// Open tasks.
    pub open: i64,
    /// Those of them that are past their day.
    pub over: i64,
    /// The day on which the first is due.
    pub first: Option<time::Date>,
}

/// What became of the tasks of somebody who leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// Given to the colleague.
    pub given: usize,
    /// Back with all who have their role, because the colleague has it not, or none was named.
    pub freed: usize,
}

/// Who of the actor's department has how much in hand.
pub async fn hands(ctx: &mut Ctx) -> Result<Vec<Hands>> {
    ctx.allow("casework.hand_over", &inbox::own(ctx))?;
    let Some(department) = ctx.actor.organisation else { return Ok(Vec::new()) };
    let today = china_date(ctx.now);
    store::hands(ctx.conn(), department, today).await
}

/// Who of the actor's department can do tasks today, by name.
pub async fn colleagues(ctx: &mut Ctx) -> Result<Vec<Colleague>> {
    ctx.allow("casework.hand_over", &inbox::own(ctx))?;
    let Some(department) = ctx.actor.organisation else { return Ok(Vec::new()) };
    let mut roles: Vec<String> = Vec::new();
    for card in zhengtong_party::posts(ctx, department).await? {
        roles.extend(card.post.roles);
    }
    roles.sort_unstable();
    roles.dedup();
    let mut found: Vec<Colleague> = Vec::new();
    for role in roles.into_iter().take(ROLES_MAX) {
        for one in zhengtong_party::serving(ctx, department, &role).await? {
            match found.iter_mut().find(|colleague| colleague.account == one.account) {
                Some(known) => known.roles.push(role.clone()),
                None => found.push(Colleague {
                    account: one.account,
                    name: name_of(ctx, one.account).await?,
                    roles: vec![role.clone()],
                }),
            }
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Gives one task to a colleague who has its role. Returns the case.
pub(crate) async fn assign(ctx: &mut Ctx, todo: Uuid, to: Uuid) -> Result<String> {
    let (case, task) = by_todo(ctx, "casework.assign", todo).await?;
    let department =
        store::todo_post(ctx.conn(), todo).await?.map_or(case.department, |post| post.0);
    let serving = zhengtong_party::serving(ctx, department, &task.role).await?;
    if serving.iter().all(|one| one.account != to) {
        return Err(Error::State(Text::new(
            "这位同事今天没有办这一步的岗位",
            "this colleague has no post for this step today",
        )));
    }
    if task.assignee == Some(to) {
        return Err(Error::State(Text::new("已经在他手上", "they have it already")));
    }
    let name = name_of(ctx, to).await?;
    put(ctx, &case, &task, Some((to, &name))).await?;
    responsible::note(ctx, &case, &task, (to, &name), "transferred").await?;
    let text = Text::new(format!("交给{name}办理"), format!("Given to {name}"));
    let mut event = Event::public(ctx, "assign", text).at_node(&task.node);
    event.public = false;
    flow::record(ctx, &case, event).await?;
    let act = ctx.act("casework.assign", "case", &case.no).about(Some(case.person)).because(name);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let words = (task.title.zh.as_str(), task.title.en.as_str());
    if let Some(now) = store::todo(ctx.conn(), todo).await? {
        whom::tell_holder(ctx, &case, &now, "case-given", words).await?;
    }
    Ok(case.no)
}

/// Puts an open task into other hands, or into nobody's: the process first, which knows who has begun what, and the
/// case as the process says.
pub(crate) async fn put(
    ctx: &mut Ctx,
    case: &Case,
    task: &Todo,
    to: Option<(Uuid, &str)>,
) -> Result<()> {
    if task.is_own() {
        return store::reassign(ctx.conn(), task.id, to).await;
    }
    let word = to.map(|(account, _)| format!("account/{account}/{}", task.place.department));
    let news = zhengtong_process::assign(ctx, case.instance, &task.task, word.as_deref()).await?;
    flow::in_hands(ctx, case, news).await
}

/// What was lent goes back to who lent it, everything else to all who may do it.
pub(crate) async fn let_go(ctx: &mut Ctx, case: &Case, task: &Todo) -> Result<()> {
    if !task.place.lent {
        return put(ctx, case, task, None).await;
    }
    let news = zhengtong_process::give_back(ctx, case.instance, &task.task).await?;
    flow::in_hands(ctx, case, news).await
}

/// Gives everything that somebody of the department has in hand to a colleague, or back to all who can do it.
pub async fn hand_over(
    ctx: &mut Ctx,
    from: Uuid,
    to: Option<Uuid>,
    why: &str,
) -> Result<HandedOver> {
    ctx.allow("casework.hand_over", &inbox::own(ctx))?;
    if to == Some(from) {
        return Err(Error::Invalid(vec![FieldError::new(
            "to",
            "请选另一位同事，或者放回待领",
            "choose another colleague, or give the tasks back to all",
        )]));
    }
    let why = sealed::reason(why)?;
    if let Some(first) = ctx.once("casework.hand_over", &json!([from, to, why])).await? {
        return Ok(answer(&first));
    }
    let department = ctx.actor.organisation;
    let name = match to {
        Some(to) => Some((to, name_of(ctx, to).await?)),
        None => None,
    };
    let mut moved = HandedOver::default();
    for (todo, no, role, at, _) in store::in_hand(ctx.conn(), &[from]).await? {
        if Some(at) != department {
            continue;
        }
        let case = crate::act::absent(store::case_for_change(ctx, &no).await?, &no)?;
        let can = match &name {
            Some((to, _)) => {
                let serving = zhengtong_party::serving(ctx, at, &role).await?;
                serving.iter().any(|one| one.account == *to)
            }
            None => false,
        };
        let Some(task) = store::todo(ctx.conn(), todo).await? else { continue };
        // What is only lent is not theirs to hand on.
        let can = can && !task.place.lent;
        let new = name.as_ref().filter(|_| can);
        let text = move_one(ctx, &case, &task, new).await?;
        let mut event = Event::public(ctx, "hand_over", text).because(Some(why.clone()));
        event.public = false;
        flow::record(ctx, &case, event).await?;
        let mut act = ctx.act("casework.hand_over", "case", &no).about(Some(case.person));
        act.reason = Some(why.clone());
        zhengtong_ledger::append(ctx.conn(), &act).await?;
        if can { moved.given += 1 } else { moved.freed += 1 }
    }
    ctx.answered(&json!([moved.given, moved.freed])).await?;
    Ok(moved)
}

/// A task goes to the colleague, or is let go. Gives the words of the record.
async fn move_one(
    ctx: &mut Ctx,
    case: &Case,
    task: &Todo,
    new: Option<&(Uuid, String)>,
) -> Result<Text> {
    let Some((to, name)) = new else {
        let_go(ctx, case, task).await?;
        return Ok(freed_words(task.place.lent));
    };
    put(ctx, case, task, Some((*to, name))).await?;
    responsible::note(ctx, case, task, (*to, name), "transferred").await?;
    Ok(Text::new(format!("移交给{name}"), format!("Handed over to {name}")))
}

fn freed_words(lent: bool) -> Text {
    if lent {
        return Text::new("交回委派人", "Given back to who lent it");
    }
    Text::new("放回，等同事领取", "Given back to colleagues")
}

fn answer(first: &serde_json::Value) -> HandedOver {
    let number = |place: &str| {
        let number = first.pointer(place).and_then(serde_json::Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
    };
    HandedOver { given: number("/0"), freed: number("/1") }
}

/// The name of a colleague. Who may give tasks away may know it.
async fn name_of(ctx: &mut Ctx, account: Uuid) -> Result<String> {
    let found =
        flow::as_platform(ctx, async |ctx| zhengtong_party::account_of(ctx, account).await).await?;
    let found = found.filter(|found| !found.disabled);
    let found = found.ok_or_else(|| zhengtong_db::Error::absent("account", account.to_string()))?;
    Ok(found.name)
}
