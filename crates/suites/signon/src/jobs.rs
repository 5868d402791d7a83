//! Work for later: telling clients of sessions that have ended, renewing keys, sweeping.

use serde_json::Value;
use time::Duration;
use uuid::Uuid;
use zhengtong_db::jobs::{CronEntry, Job, Outcome, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_egress::Egress;

use crate::error::Result;
use crate::limits::LIMITS;
use crate::store::visit;
use crate::{json, key, leave, outside, passkey};

/// Adds the jobs of this suite.
#[must_use]
pub fn attach(work: Work) -> Work {
    work.subscribe("party.session_ended", "signon.session_ended")
        .on("signon.session_ended", |db, job| async move { ended(&db, &job).await })
        .subscribe("party.factors_cleared", "signon.forget_passkeys")
        .on("signon.forget_passkeys", |db, job| async move { forget(&db, &job).await })
        .on(leave::TELL, |db, job| async move { tell(&db, &job).await })
        .on("signon.renew_keys", |db, _job| async move { renew(&db).await })
        .on("signon.sweep", |db, _job| async move { sweep_job(&db).await })
        .at(CronEntry {
            name: "signon.renew_keys",
            pattern: "10 2 * * *",
            job: "signon.renew_keys",
        })
        .at(CronEntry { name: "signon.sweep", pattern: "30 * * * *", job: "signon.sweep" })
}

/// Removes ceremonies, keys and logins that have ended long ago. A job.
pub async fn sweep(ctx: &mut Ctx) -> Result<i64> {
    ctx.allow("signon.sweep", &Thing::new("platform", ""))?;
    let now = ctx.now;
    visit::sweep(ctx.conn(), now, now - Duration::days(LIMITS.kept_days)).await
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn ended(db: &Db, job: &Job) -> Outcome {
    let session = json::text(&job.payload, "thing");
    let session: Uuid = session.unwrap_or_default().parse().map_err(said)?;
    let mut ctx = db.begin_system("signon.session_ended").await.map_err(said)?;
    leave::session_ended(&mut ctx, session).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}

async fn forget(db: &Db, job: &Job) -> Outcome {
    let account = json::text(&job.payload, "thing");
    let account: Uuid = account.unwrap_or_default().parse().map_err(said)?;
    let mut ctx = db.begin_system("signon.forget_passkeys").await.map_err(said)?;
    passkey::forget_passkeys(&mut ctx, account).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}

/// Tells one client. A client that does not answer is told again, later and later.
async fn tell(db: &Db, job: &Job) -> Outcome {
    let mut ctx = db.begin_system("signon.tell").await.map_err(said)?;
    let notice = leave::logout_notice(&mut ctx, &job.payload).await.map_err(said)?;
    ctx.commit().await.map_err(said)?;
    let Some((uri, token)) = notice else { return Ok(()) };
    let way = db.defs::<Egress>().map_err(said)?;
    let answered =
        outside::post_form(&way, &uri, &[("logout_token", &token)]).await.map_err(said)?;
    match answered.status.as_u16() {
        200 | 204 => Ok(()),
        status => Err(format!("{uri} answered {status}: {}", short(&answered.body))),
    }
}

fn short(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    json::text(&value, "error").unwrap_or_default().chars().take(60).collect()
}

async fn renew(db: &Db) -> Outcome {
    let mut ctx = db.begin_system("signon.renew_keys").await.map_err(said)?;
    key::renew_keys(&mut ctx).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}

async fn sweep_job(db: &Db) -> Outcome {
    let mut ctx = db.begin_system("signon.sweep").await.map_err(said)?;
    sweep(&mut ctx).await.map_err(said)?;
    ctx.commit().await.map_err(said)
}
