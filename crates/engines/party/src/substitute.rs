//! 代理: somebody stands in for the holder of a post from one day to another. The holder or the head of the
//! department names the substitute; for the posts of the three administrators only the security
//! administrator does. It ends by itself, and what is done meanwhile bears the mark 代 in the record.

use serde_json::json;
use time::{Date, Duration};
use uuid::Uuid;
use zhengtong_base::{FieldError, Limits};
use zhengtong_db::{Attr, Ctx, Thing};

use crate::admin::exclusive;
use crate::error::{Error, Result};
use crate::model::{ADMINISTRATORS, AccountKind, Post, Substitution};
use crate::names::clean;
use crate::new::NewSubstitution;
use crate::store::{account, organisation, person, substitute};
use crate::things::{self, china_date, digest, limits, person_of, record, repeated};

/// Names a substitute for a post, from a day to the day before another.
pub async fn substitute(ctx: &mut Ctx, new: &NewSubstitution) -> Result<Uuid> {
    let today = china_date(ctx.now);
    let (post, thing) = post_of(ctx, new.post, today).await?;
    ctx.allow("party.substitute", &thing)?;
    let body = (new.post, new.person, new.starts, new.ends);
    if let Some(id) = repeated(ctx, "party.substitute", &body).await? {
        return Ok(id);
    }
    let by = person_of(ctx, "party.substitute")?;
    if by == new.person {
        return Err(Error::OwnRights);
    }
    let why = cause(&new.reason)?;
    let plain = person::find(ctx, new.person).await?;
    let plain = plain.ok_or_else(|| Error::absent("person", new.person))?;
    let faults = faults(ctx, &post, new, today).await?;
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let held =
        organisation::roles_between(ctx.conn(), new.person, new.starts, Some(new.ends)).await?;
    exclusive(&held, &post.roles)?;
    let named = Substitution {
        id: ctx.id(),
        post: new.post,
        person: new.person,
        name: plain.name,
        starts: new.starts,
        ends: new.ends,
        reason: why.clone(),
    };
    let now = ctx.now;
    substitute::insert(ctx, &named, by, now).await?;
    let after = digest(&json!({
        "ends": new.ends.to_string(), "person": new.person, "post": new.post,
        "starts": new.starts.to_string(),
    }));
    let act = ctx
        .act("party.substitute", "substitution", named.id.to_string())
        .about(Some(new.person))
        .because(why)
        .change(None, Some(after));
    record(ctx, act).await?;
    tell(ctx, "party.substituted", &named, post.organisation).await?;
    ctx.answered(&named.id).await?;
    Ok(named.id)
}

/// Ends a substitution today, before its day; who named it, who holds the post, the head, or the substitute.
pub async fn end_substitution(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let today = china_date(ctx.now);
    let found = substitute::find(ctx, id).await?;
    let found = found.ok_or_else(|| Error::absent("substitution", id))?;
    let (post, thing) = post_of(ctx, found.post, today).await?;
    let thing = thing.owned_by(Some(found.person));
    ctx.allow_or_absent("party.end_substitution", &thing)?;
    if found.ends <= today {
        return Ok(());
    }
    substitute::end(ctx.conn(), id, today).await?;
    let act =
        ctx.act("party.end_substitution", "substitution", id.to_string()).about(Some(found.person));
    record(ctx, act).await?;
    tell(ctx, "party.substitution_ended", &found, post.organisation).await
}

/// The substitutions of an organisation's posts that are or will be.
pub async fn substitutions(ctx: &mut Ctx, organisation: Uuid) -> Result<Vec<Substitution>> {
    let found = organisation::find(ctx.conn(), organisation).await?;
    let found = found.ok_or_else(|| Error::absent("organisation", organisation))?;
    ctx.allow("party.substitutions", &things::organisation(&found))?;
    let today = china_date(ctx.now);
    substitute::of_organisation(ctx, organisation, today).await
}

/// Whether the actor may name a substitute for a post.
pub async fn may_substitute(ctx: &mut Ctx, post: Uuid) -> Result<bool> {
    let today = china_date(ctx.now);
    let (_, thing) = post_of(ctx, post, today).await?;
    Ok(ctx.may("party.substitute", &thing))
}

/// Why: 年休假 is enough.
fn cause(why: &str) -> Result<String> {
    let why: String = clean(why).chars().take(Limits::default().line_chars).collect();
    if why.chars().count() < 2 {
        return Err(Error::field(
            "why",
            "请写明为什么代理，例如年休假、出差、学习",
            "say why, for example leave, a journey, a course",
        ));
    }
    Ok(why)
}

/// A post as policies see it, with those who hold it today.
async fn post_of(ctx: &mut Ctx, id: Uuid, today: Date) -> Result<(Post, Thing)> {
    let post =
        organisation::post(ctx.conn(), id).await?.ok_or_else(|| Error::absent("post", id))?;
    let holders = organisation::holders_of(ctx.conn(), id, today).await?;
    let holders = holders.iter().map(Uuid::to_string).collect();
    let thing = things::post(&post, false).with("holders", Attr::Words(holders));
    Ok((post, thing))
}

async fn faults(
    ctx: &mut Ctx,
    post: &Post,
    new: &NewSubstitution,
    today: Date,
) -> Result<Vec<FieldError>> {
    let mut faults = Vec::new();
    let most = limits(ctx).substitution_days;
    if new.starts < today {
        faults.push(FieldError::new(
            "starts",
            "开始日期不能早于今天",
            "the first day must not lie in the past",
        ));
    }
    if new.ends <= new.starts {
        faults.push(FieldError::new(
            "ends",
            "结束日期要晚于开始日期",
            "the end must come after the beginning",
        ));
    } else if new.ends - new.starts > Duration::days(most) {
        faults.push(FieldError::new(
            "ends",
            format!("代理最长 {most} 天，再长请重新安排任职"),
            format!("a substitute stands in for {most} days at most; appoint somebody instead"),
        ));
    }
    let account = account::by_person(ctx, new.person, AccountKind::Staff).await?;
    let colleague = organisation::held_by(ctx.conn(), new.person, None, today)
        .await?
        .iter()
        .any(|own| own.post.organisation == post.organisation && !own.standing_in);
    let admin = post.roles.iter().any(|role| ADMINISTRATORS.contains(&role.as_str()));
    if account.is_none_or(|account| account.disabled_at.is_some()) || !(colleague || admin) {
        faults.push(FieldError::new(
            "person",
            "代理人要是本单位在岗、账号正常的人员",
            "a substitute holds a post in the same unit and has an account in use",
        ));
    }
    let holders = organisation::holders_of(ctx.conn(), post.id, today).await?;
    if holders.contains(&new.person) {
        faults.push(FieldError::new(
            "person",
            "这个人本来就任这个岗位",
            "this person holds the post already",
        ));
    }
    Ok(faults)
}

pub(crate) async fn tell(
    ctx: &mut Ctx,
    topic: &str,
    of: &Substitution,
    organisation: Uuid,
) -> Result<()> {
    let news = json!({
        "substitution": of.id, "post": of.post, "person": of.person, "organisation": organisation,
        "starts": of.starts.to_string(), "ends": of.ends.to_string(),
    });
    ctx.emit(topic, &of.id.to_string(), &news).await?;
    Ok(())
}
