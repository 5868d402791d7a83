//! Who stands behind a token, the list of one's own sessions, and turning a session to a post or an
//! organisation.

use serde_json::json;
use uuid::Uuid;
use zhengtong_db::{Actor, Ctx, Db, Thing};

use crate::error::{Error, Result};
use crate::limits::limits_in_force;
use crate::login::rotate;
use crate::model::{BehalfCard, OwnPost, SessionCard};
use crate::store::{access, organisation, session};
use crate::things::{account_of, china_date, limits, own, person_of, record, session_of};
use crate::token::Token;

/// The actor behind a token; none when the session has ended: logged out, idle, too old, its account
/// disabled, or the leave to act for an organisation taken back. Staff without a second factor have no
/// roles until they set it up.
pub async fn actor(db: &Db, token: &Token) -> Result<Option<Actor>> {
    let now = db.clock().now();
    let limits = limits_in_force(db);
    session::actor(db, &token.hash(), now, china_date(now), &limits).await
}

/// The open sessions of the actor's account.
pub async fn sessions(ctx: &mut Ctx) -> Result<Vec<SessionCard>> {
    ctx.allow("party.sessions", &own(ctx, "account"))?;
    let account = account_of(ctx, "party.sessions")?;
    let (current, now) = (ctx.actor.session, ctx.now);
    let limits = limits(ctx);
    session::open(ctx.conn(), account, current, now, &limits).await
}

/// Ends one of one's own sessions.
pub async fn revoke_session(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let found = session::owner(ctx.conn(), id).await?;
    let (account, person) = found.ok_or_else(|| Error::absent("session", id))?;
    let thing = Thing::new("session", id.to_string()).owned_by(Some(person));
    ctx.allow_or_absent("party.revoke_session", &thing)?;
    let now = ctx.now;
    if session::revoke(ctx.conn(), id, now).await? {
        ended(ctx, account, &[id], "revoked").await?;
    }
    let act = ctx
        .act("party.revoke_session", "session", id.to_string())
        .about(Some(person))
        .because(format!("session of account {account}"));
    record(ctx, act).await
}

/// Ends all of one's own sessions but the one in use. Returns how many.
pub async fn revoke_others(ctx: &mut Ctx) -> Result<u64> {
    ctx.allow("party.revoke_others", &own(ctx, "account"))?;
    let account = account_of(ctx, "party.revoke_others")?;
    let (current, now) = (ctx.actor.session, ctx.now);
    let gone = session::revoke_all(ctx.conn(), account, current, now).await?;
    ended(ctx, account, &gone, "revoked").await?;
    let gone = u64::try_from(gone.len()).unwrap_or(u64::MAX);
    let act = ctx
        .act("party.revoke_others", "account", account.to_string())
        .about(ctx.actor.person)
        .because(format!("{gone} sessions"));
    record(ctx, act).await?;
    Ok(gone)
}

/// Says that sessions have ended otherwise than by their age, so that other systems can follow.
pub(crate) async fn ended(
    ctx: &mut Ctx,
    account: Uuid,
    sessions: &[Uuid],
    why: &str,
) -> Result<()> {
    for session in sessions {
        let news = json!({ "session": session, "account": account, "why": why });
        ctx.emit("party.session_ended", &session.to_string(), &news).await?;
    }
    Ok(())
}

/// The organisations that the actor may act for.
pub async fn behalfs(ctx: &mut Ctx) -> Result<Vec<BehalfCard>> {
    ctx.allow("party.behalfs", &own(ctx, "account"))?;
    let person = person_of(ctx, "party.behalfs")?;
    let chosen = ctx.actor.behalf.as_ref().map(|behalf| behalf.organisation);
    let now = ctx.now;
    let mut list = access::behalfs(ctx.conn(), person, now, china_date(now)).await?;
    for card in &mut list {
        card.chosen = chosen == Some(card.organisation);
    }
    Ok(list)
}

/// Acts for an organisation from now on, or for oneself again. Returns the session's new token.
pub async fn act_for(ctx: &mut Ctx, behalf: Option<Uuid>) -> Result<Token> {
    ctx.allow("party.act_for", &own(ctx, "account"))?;
    let person = person_of(ctx, "party.act_for")?;
    let session = session_of(ctx, "party.act_for")?;
    let now = ctx.now;
    if let Some(wanted) = behalf {
        let list = access::behalfs(ctx.conn(), person, now, china_date(now)).await?;
        if list.iter().all(|card| card.organisation != wanted) {
            return Err(Error::NoLeave(wanted));
        }
    }
    session::set_behalf(ctx.conn(), session, behalf).await?;
    let token = rotate(ctx, session).await?;
    let thing = behalf.map_or_else(|| "self".to_owned(), |behalf| behalf.to_string());
    let act = ctx.act("party.act_for", "organisation", thing).about(Some(person));
    record(ctx, act).await?;
    Ok(token)
}

/// The posts that the actor holds today.
pub async fn my_posts(ctx: &mut Ctx) -> Result<Vec<OwnPost>> {
    ctx.allow("party.my_posts", &own(ctx, "account"))?;
    let person = person_of(ctx, "party.my_posts")?;
    let (chosen, today) = (ctx.actor.post, china_date(ctx.now));
    organisation::held_by(ctx.conn(), person, chosen, today).await
}

/// Acts in another of one's own posts from now on. Returns the session's new token.
pub async fn choose_post(ctx: &mut Ctx, post: Uuid) -> Result<Token> {
    ctx.allow("party.choose_post", &own(ctx, "account"))?;
    let person = person_of(ctx, "party.choose_post")?;
    let session = session_of(ctx, "party.choose_post")?;
    let today = china_date(ctx.now);
    let held = organisation::held_by(ctx.conn(), person, None, today).await?;
    if held.iter().all(|own| own.post.id != post) {
        return Err(Error::absent("post", post));
    }
    session::set_post(ctx.conn(), session, post).await?;
    let token = rotate(ctx, session).await?;
    let act = ctx.act("party.choose_post", "post", post.to_string()).about(Some(person));
    record(ctx, act).await?;
    Ok(token)
}
