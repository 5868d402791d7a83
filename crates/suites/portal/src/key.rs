//! Keys for programs. A key acts for the post of the officer who asked for it, and only on the portal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use time::Duration;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::{Actor, ActorKind, Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Key, NewKey};
use crate::store::{self, KeyRow};

/// The only role of a program that shows a key.
pub const KEY_ROLE: &str = "portal-key";
/// How often a key may be used in a day.
const DAILY: i32 = 10_000;
/// Days after which a key ends at the latest.
const DAYS_MAX: i64 = 366;
/// Keys of one officer that are good at the same time.
const KEYS_MAX: usize = 10;
/// Keys of one officer that are listed.
const LISTED_MAX: i64 = 100;

/// Who a key is, and what it still may.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The program, as an actor of its department.
    pub actor: Actor,
    /// How often it may still be used today.
    pub left: i32,
}

fn own(ctx: &Ctx) -> Thing {
    Thing::new("key", "").owned_by(ctx.actor.person).handled_by(ctx.actor.organisation)
}

/// Gives an officer a new key; its secret is shown this once.
pub async fn issue(ctx: &mut Ctx, title: &str, days: i64) -> Result<NewKey> {
    ctx.allow("portal.issue", &own(ctx))?;
    let (Some(account), Some(person), Some(post), Some(department)) =
        (ctx.actor.account, ctx.actor.person, ctx.actor.post, ctx.actor.organisation)
    else {
        return Err(Error::Key);
    };
    let title = title.trim();
    if title.is_empty() || title.chars().count() > 100 {
        return Err(Error::field(
            "title",
            "写明用途，最多 100 字",
            "say what it is for, in at most 100 characters",
        ));
    }
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Error::field("days", "有效期 1 到 366 天", "1 to 366 days"));
    }
    let now = ctx.now;
    let held = store::keys(ctx.conn(), person, LISTED_MAX).await?;
    if held.iter().filter(|key| key.revoked.is_none() && key.expires > now).count() >= KEYS_MAX {
        return Err(Error::field(
            "title",
            "最多同时有 10 个密钥，请先停用旧的",
            "at most 10 keys at a time; revoke one first",
        ));
    }
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Secret(error.to_string()))?;
    let secret = format!("zt-{}", URL_SAFE_NO_PAD.encode(bytes));
    let row = KeyRow {
        id: ctx.id(),
        account,
        person,
        post,
        department,
        title: title.to_owned(),
        created: now,
        expires: now + Duration::days(days),
        revoked: None,
        daily: DAILY,
        day: None,
        used: 0,
    };
    store::insert_key(ctx.conn(), &row, &digest(&secret)).await?;
    let act = ctx.act("portal.issue", "key", row.id.to_string()).about(Some(person)).because(title);
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(NewKey { key: row.key(china_date(now)), secret })
}

/// One's own keys, the newest first.
pub async fn keys(ctx: &mut Ctx) -> Result<Vec<Key>> {
    ctx.allow("portal.keys", &own(ctx))?;
    let Some(person) = ctx.actor.person else { return Ok(Vec::new()) };
    let today = china_date(ctx.now);
    let held = store::keys(ctx.conn(), person, LISTED_MAX).await?;
    Ok(held.into_iter().map(|key| key.key(today)).collect())
}

/// Takes one's own key back; it opens nothing from now on.
pub async fn revoke(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    ctx.allow("portal.keys", &own(ctx))?;
    let absent = || Error::Absent("key", id.to_string());
    let person = ctx.actor.person.ok_or_else(absent)?;
    let now = ctx.now;
    if !store::revoke_key(ctx.conn(), id, person, now).await? {
        return Err(absent());
    }
    let act = ctx.act("portal.keys", "key", id.to_string()).about(Some(person)).because("revoke");
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(())
}

/// Who shows a secret: the post must still be held and the account be in use, and the key must not be used up for today. The use
/// is counted: commit in every case. A verb of the platform, for a context of the system.
pub async fn enter(ctx: &mut Ctx, secret: &str) -> Result<Opened> {
    ctx.allow("portal.enter", &Thing::new("platform", "portal"))?;
    let (now, today) = (ctx.now, china_date(ctx.now));
    let found = store::use_key(ctx.conn(), &digest(secret), now, today).await?;
    let key = found.ok_or(Error::Key)?;
    if key.used > key.daily {
        return Err(Error::Quota(key.daily));
    }
    let account = zhengtong_party::account_of(ctx, key.account).await?;
    let account = account.filter(|account| !account.disabled).ok_or(Error::Key)?;
    let posts = zhengtong_party::held_posts(ctx, key.person).await?;
    let held = posts
        .iter()
        .any(|held| held.post.id == key.post && held.post.organisation == key.department);
    if !held {
        return Err(Error::Key);
    }
    let mut actor = Actor::system(&account.name);
    actor.kind = ActorKind::Staff;
    actor.account = Some(key.account);
    actor.person = Some(key.person);
    actor.organisation = Some(key.department);
    actor.post = Some(key.post);
    actor.roles = vec![KEY_ROLE.to_owned()];
    Ok(Opened { actor, left: key.daily - key.used })
}

/// What is kept of a secret. It is random and long, so a plain digest cannot be turned back.
fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
