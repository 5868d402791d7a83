//! Posts given and ended. The three administrators exclude each other, and the last one stays.

use serde_json::json;
use time::Date;
use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::admin::exclusive;
use crate::error::{Error, Result};
use crate::model::{Holder, Holding, OwnPost, Post, PostCard, Serving};
use crate::names::clean;
use crate::store::{organisation, person};
use crate::things::{self, china_date, digest, record, repeated};

/// Gives a post to a person, from a day to the day before another.
pub async fn hold(
    ctx: &mut Ctx,
    post: Uuid,
    person: Uuid,
    starts: Date,
    ends: Option<Date>,
) -> Result<Uuid> {
    let today = china_date(ctx.now);
    let found =
        organisation::post(ctx.conn(), post).await?.ok_or_else(|| Error::absent("post", post))?;
    let vacant = vacant(ctx, today).await?;
    ctx.allow("party.hold", &things::post(&found, vacant))?;
    if let Some(id) = repeated(ctx, "party.hold", &(post, person, starts, ends)).await? {
        return Ok(id);
    }
    if ctx.actor.person == Some(person) {
        return Err(Error::OwnRights);
    }
    if ends.is_some_and(|ends| ends <= starts || ends <= today) {
        return Err(Error::field(
            "ends",
            "结束日期要晚于开始日期和今天",
            "the end must come after the beginning and after today",
        ));
    }
    let plain = person::find(ctx, person).await?.ok_or_else(|| Error::absent("person", person))?;
    let held = organisation::roles_between(ctx.conn(), person, starts, ends).await?;
    exclusive(&held, &found.roles)?;
    let holding = Holding { id: ctx.id(), post, person, name: plain.name, starts, ends };
    organisation::insert_holding(ctx.conn(), &holding).await?;
    let after = digest(&json!({
        "ends": ends.map(|day| day.to_string()), "person": person, "post": post,
        "starts": starts.to_string(),
    }));
    let act = ctx
        .act("party.hold", "holding", holding.id.to_string())
        .about(Some(person))
        .because(format!("roles {}", found.roles.join(" ")))
        .change(None, Some(after));
    record(ctx, act).await?;
    tell(ctx, "party.held", &holding, found.organisation).await?;
    ctx.answered(&holding.id).await?;
    Ok(holding.id)
}

/// Ends a holding today; its holder loses the roles at once.
pub async fn end_holding(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let today = china_date(ctx.now);
    let holding =
        organisation::holding(ctx, id).await?.ok_or_else(|| Error::absent("holding", id))?;
    let post = organisation::post(ctx.conn(), holding.post).await?;
    let post = post.ok_or_else(|| Error::absent("post", holding.post))?;
    let vacant = vacant(ctx, today).await?;
    ctx.allow("party.end_holding", &things::post(&post, vacant))?;
    if holding.ends.is_some_and(|ends| ends <= today) {
        return Ok(());
    }
    if post.roles.iter().any(|role| role == "system-admin") {
        keep_one(ctx, holding.person, today).await?;
    }
    organisation::end_holding(ctx.conn(), id, today).await?;
    let before = digest(&json!({ "ends": holding.ends.map(|day| day.to_string()) }));
    let after = digest(&json!({ "ends": today.to_string() }));
    let act = ctx
        .act("party.end_holding", "holding", id.to_string())
        .about(Some(holding.person))
        .change(Some(before), Some(after));
    record(ctx, act).await?;
    tell(ctx, "party.holding_ended", &holding, post.organisation).await
}

/// A holding, for suites that ask before they end it.
pub async fn holding(ctx: &mut Ctx, id: Uuid) -> Result<(Holding, Post)> {
    let holding =
        organisation::holding(ctx, id).await?.ok_or_else(|| Error::absent("holding", id))?;
    let post = organisation::post(ctx.conn(), holding.post).await?;
    let post = post.ok_or_else(|| Error::absent("post", holding.post))?;
    ctx.allow("party.end_holding", &things::post(&post, false))?;
    Ok((holding, post))
}

/// The posts that a person holds today, each with its holding; for suites that ask before an account is
/// disabled.
pub async fn held_posts(ctx: &mut Ctx, person: Uuid) -> Result<Vec<OwnPost>> {
    ctx.allow("party.person", &Thing::new("person", person.to_string()).owned_by(Some(person)))?;
    let today = china_date(ctx.now);
    organisation::held_by(ctx.conn(), person, None, today).await
}

/// Who can do the tasks of a role in an organisation today, by a holding or as a substitute, with an account in
/// use. For suites that give tasks back.
pub async fn serving(ctx: &mut Ctx, organisation: Uuid, role: &str) -> Result<Vec<Serving>> {
    let found = organisation::find(ctx.conn(), organisation).await?;
    let found = found.ok_or_else(|| Error::absent("organisation", organisation))?;
    ctx.allow("party.holders", &things::organisation(&found))?;
    let today = china_date(ctx.now);
    organisation::serving(ctx.conn(), organisation, &clean(role), today).await
}

async fn tell(ctx: &mut Ctx, topic: &str, of: &Holding, organisation: Uuid) -> Result<()> {
    let news = json!({
        "holding": of.id, "post": of.post, "person": of.person, "organisation": organisation,
    });
    ctx.emit(topic, &of.id.to_string(), &news).await?;
    Ok(())
}

/// The posts of an organisation with those who hold them.
pub async fn posts(ctx: &mut Ctx, organisation: Uuid) -> Result<Vec<PostCard>> {
    let found = organisation::find(ctx.conn(), organisation).await?;
    let found = found.ok_or_else(|| Error::absent("organisation", organisation))?;
    ctx.allow("party.posts", &things::organisation(&found))?;
    let today = china_date(ctx.now);
    let posts = organisation::posts(ctx.conn(), organisation).await?;
    let holdings = organisation::holdings(ctx, organisation, today).await?;
    let cards = posts.into_iter().map(|post| {
        let holdings = holdings.iter().filter(|holding| holding.post == post.id).cloned().collect();
        PostCard { post, holdings }
    });
    Ok(cards.collect())
}

/// Who holds a post with a role in an organisation today.
pub async fn holders(ctx: &mut Ctx, organisation: Uuid, role: &str) -> Result<Vec<Holder>> {
    let found = organisation::find(ctx.conn(), organisation).await?;
    let found = found.ok_or_else(|| Error::absent("organisation", organisation))?;
    ctx.allow("party.holders", &things::organisation(&found))?;
    let today = china_date(ctx.now);
    organisation::holders(ctx, organisation, &clean(role), today).await
}

/// Whether nobody is security administrator yet: then the system administrator may appoint the first.
pub(crate) async fn vacant(ctx: &mut Ctx, today: Date) -> Result<bool> {
    let found =
        organisation::administrators(ctx.conn(), "security-admin", None, false, today).await?;
    Ok(found == 0)
}

/// Refuses when nobody but this person could administer the platform.
pub(crate) async fn keep_one(ctx: &mut Ctx, person: Uuid, today: Date) -> Result<()> {
    let others =
        organisation::administrators(ctx.conn(), "system-admin", Some(person), true, today).await?;
    if others == 0 { Err(Error::LastAdministrator) } else { Ok(()) }
}
