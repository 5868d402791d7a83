//! What administrators ask: the history, where the city stands, and a drill out of turn.

use serde_json::json;
use time::OffsetDateTime;
use zhengtong_base::{Page, Paging};
use zhengtong_db::jobs::NewJob;
use zhengtong_db::{Ctx, Thing};

use crate::error::Result;
use crate::level::{self, Measured};
use crate::model::{Run, Summary};
use crate::store;

/// With an archive, the log leaves at least this often.
const ARCHIVE_SECONDS: f64 = 60.0;

fn platform() -> Thing {
    Thing::new("platform", "backup")
}

/// Backups and drills, the latest first.
pub async fn history(ctx: &mut Ctx, paging: Paging) -> Result<Page<Run>> {
    ctx.allow("backup.read", &platform())?;
    store::history(ctx.conn(), paging).await
}

/// The last proven restore, what would be lost, how long it would take, and the level that reaches.
pub async fn summary(ctx: &mut Ctx) -> Result<Summary> {
    ctx.allow("backup.read", &platform())?;
    summarize(ctx).await
}

/// When a restore was last proved, for the doctor and for metrics; none when there never was one.
pub async fn last_proven(url: &str) -> Result<Option<OffsetDateTime>> {
    Ok(store::last_by_url(url, "drill").await?.and_then(|run| run.finished))
}

/// When the last backup and the last drill that succeeded were: the instant of the one, the end of the other.
pub async fn ages(
    conn: &mut store::Connection,
) -> Result<(Option<OffsetDateTime>, Option<OffsetDateTime>)> {
    let backup = store::last(conn, "backup").await?.and_then(|run| run.instant);
    let drill = store::last(conn, "drill").await?.and_then(|run| run.finished);
    Ok((backup, drill))
}

/// Asks for a backup now.
pub async fn ask_backup(ctx: &mut Ctx) -> Result<()> {
    ask(ctx, "backup.take").await
}

/// Asks for a drill now.
pub async fn ask_drill(ctx: &mut Ctx) -> Result<()> {
    ask(ctx, "backup.drill").await
}

async fn ask(ctx: &mut Ctx, verb: &'static str) -> Result<()> {
    ctx.allow(verb, &platform())?;
    let act = ctx.act(verb, "backup", "asked");
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    let (payload, now) = (json!({}), ctx.now);
    ctx.enqueue(NewJob::now(verb, &payload, now).unique(verb)).await?;
    Ok(())
}

async fn summarize(ctx: &mut Ctx) -> Result<Summary> {
    let now = ctx.now;
    let conn = ctx.conn();
    let last_backup = store::last(conn, "backup").await?;
    let last_drill = store::last(conn, "drill").await?;
    let failing = store::failing(conn).await?;
    let (standby, archive) = store::means(conn).await?;
    let backup_seconds = last_backup
        .as_ref()
        .and_then(|run| run.instant)
        .map(|instant| (now - instant).as_seconds_f64());
    let rpo_seconds = match (&standby, archive, backup_seconds) {
        (Some(_), ..) => Some(0.0),
        (None, true, Some(_)) => Some(ARCHIVE_SECONDS),
        (None, _, seconds) => seconds,
    };
    let rto_seconds = last_drill.as_ref().and_then(|run| run.rto_seconds);
    let hours = |seconds: f64| seconds / 3_600.0;
    let measured = Measured {
        backup_hours: backup_seconds.map(hours),
        rpo_hours: rpo_seconds.map(hours),
        rto_hours: rto_seconds.map(hours),
        archive,
        standby: standby.is_some(),
    };
    let level = level::reached(measured, now.date());
    Ok(Summary {
        last_backup,
        last_drill,
        failing,
        standby,
        archive,
        rpo_seconds,
        rto_seconds,
        level,
    })
}
