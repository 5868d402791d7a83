//! Watches over a primary: commits wait for a standby from the moment it has caught up, a standby that is
//! away is an alarm, and only if the city chose so the primary goes on alone. Before the disk is full, writes
//! are refused: PostgreSQL stops altogether when it cannot write its log, and then nothing could be read either.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;

use super::role::{Role, RoleFile};
use super::{NAME, Paths, Result, standby, url};
use crate::sql;

/// Between two looks, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// A standby that is away this long is an alarm, in seconds.
const ALARM_SECONDS: u64 = 5;
/// Between two alarms about the same standby, in seconds.
const ALARM_AGAIN_SECONDS: u64 = 60;

/// Below so much free space writes are refused, in bytes: the log grows in files of 16 MiB.
const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;
/// With so much free space again writes go on, in bytes.
const FREE_BYTES_AGAIN: u64 = 96 * 1024 * 1024;

/// Since when a standby is away, and when that was last said.
#[derive(Default)]
struct Away {
    since: Option<Instant>,
    said: Option<Instant>,
}

/// Looks every second until the cluster stops.
pub(super) async fn watch(paths: Paths, degrade: Option<u64>, mut stopped: watch::Receiver<bool>) {
    let mut conn = None;
    let mut away = Away::default();
    let mut refuses = None;
    while !*stopped.borrow() {
        if let Err(error) = room(&paths, &mut refuses).await {
            tracing::warn!(error, "the room on the disk cannot be looked after");
        }
        match RoleFile::read(&paths.folder) {
            Ok(Some(role)) if role.role == Role::Primary && !role.peers.is_empty() => {
                if let Err(error) = look(&paths, &mut conn, role, degrade, &mut away).await {
                    tracing::warn!(error, "the standbys cannot be looked at");
                    conn = None;
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the role of this folder cannot be read"),
        }
        let sleep = tokio::time::sleep(Duration::from_millis(LOOK_MS));
        tokio::select! {
            () = sleep => {}
            changed = stopped.changed() => if changed.is_err() { return },
        }
    }
}

/// Refuses writes while the disk is nearly full, and takes them again by itself.
async fn room(paths: &Paths, refuses: &mut Option<bool>) -> std::result::Result<(), String> {
    let mut free = u64::MAX;
    // The log may lie on a disk of its own.
    for folder in [paths.data.clone(), paths.data.join("pg_wal")] {
        let found = rustix::fs::statvfs(&folder).map_err(|error| error.to_string())?;
        free = free.min(found.f_bavail.saturating_mul(found.f_frsize));
    }
    let full = free < if *refuses == Some(true) { FREE_BYTES_AGAIN } else { FREE_BYTES_MIN };
    if *refuses == Some(full) {
        return Ok(());
    }
    let fault = |error: sqlx::Error| error.to_string();
    let mut conn = PgConnection::connect(&url(paths, NAME)).await.map_err(fault)?;
    let statement = if full {
        tracing::error!(free, "the disk is nearly full: writes are refused until there is room");
        "ALTER SYSTEM SET default_transaction_read_only = on"
    } else {
        if *refuses == Some(true) {
            tracing::info!(free, "there is room on the disk: writes are taken again");
        }
        "ALTER SYSTEM RESET default_transaction_read_only"
    };
    sqlx::query(statement).execute(&mut conn).await.map_err(fault)?;
    sqlx::query("SELECT pg_reload_conf()").execute(&mut conn).await.map_err(fault)?;
    *refuses = Some(full);
    Ok(())
}

async fn look(
    paths: &Paths,
    kept: &mut Option<PgConnection>,
    mut role: RoleFile,
    degrade: Option<u64>,
    away: &mut Away,
) -> std::result::Result<(), String> {
    let mut conn = match kept.take() {
        Some(conn) => conn,
        None => {
            PgConnection::connect(&url(paths, NAME)).await.map_err(|error| error.to_string())?
        }
    };
    let states = standby::states(&mut conn).await.map_err(|error| error.to_string())?;
    let streams = |name: &str| states.iter().any(|s| s.name == name && s.state == "streaming");
    let mut changed = false;
    for peer in role.peers.iter_mut().filter(|peer| !peer.armed) {
        if streams(&peer.name) {
            peer.armed = true;
            changed = true;
            tracing::info!(standby = peer.name, "the standby has caught up; commits wait for it");
        }
    }
    let armed = role.peers.iter().any(|peer| peer.armed);
    let served = role.peers.iter().any(|peer| peer.armed && streams(&peer.name));
    if armed && !served {
        changed |= alarm(&mut role, degrade, away);
    } else {
        *away = Away::default();
    }
    if changed {
        // First the file, then the setting: a crash between them waits too much, never too little.
        role.write(&paths.folder).map_err(|error| error.to_string())?;
    }
    arm(&mut conn, &role).await.map_err(|error| error.to_string())?;
    *kept = Some(conn);
    Ok(())
}

/// Says that writes wait; gives the standbys up if the city chose so. Returns whether it did.
fn alarm(role: &mut RoleFile, degrade: Option<u64>, away: &mut Away) -> bool {
    let since = *away.since.get_or_insert_with(Instant::now);
    let seconds = since.elapsed().as_secs();
    let quiet = away.said.is_some_and(|said| said.elapsed().as_secs() < ALARM_AGAIN_SECONDS);
    if seconds >= ALARM_SECONDS && !quiet {
        away.said = Some(Instant::now());
        tracing::error!(
            seconds,
            "the standby is away and writes wait for it; start it again, or run `zhengtong standby drop`"
        );
    }
    if degrade.is_none_or(|limit| seconds < limit) {
        return false;
    }
    tracing::error!(seconds, "going on without the standby, as database.degrade_seconds says");
    for peer in role.peers.iter_mut().filter(|peer| peer.armed) {
        peer.armed = false;
        if !peer.away {
            standby::mark_dropped(&peer.folder, "degraded");
        }
    }
    true
}

/// Commits wait for the first of the armed standbys that answers.
pub(super) async fn arm(conn: &mut PgConnection, role: &RoleFile) -> Result<()> {
    let fault = |error: sqlx::Error| super::ClusterError::Tool {
        tool: "synchronous_standby_names",
        output: error.to_string(),
    };
    let names: Vec<String> =
        role.peers.iter().filter(|peer| peer.armed).map(|peer| sql::ident(&peer.name)).collect();
    let wanted =
        if names.is_empty() { String::new() } else { format!("FIRST 1 ({})", names.join(", ")) };
    let now: String = sqlx::query_scalar("SELECT current_setting('synchronous_standby_names')")
        .fetch_one(&mut *conn)
        .await
        .map_err(fault)?;
    if now == wanted {
        return Ok(());
    }
    // Said before commits no longer wait, and after they do: the copy never believes too much.
    if names.is_empty() {
        note(conn, role).await?;
    }
    let statement =
        format!("ALTER SYSTEM SET synchronous_standby_names = {}", sql::literal(&wanted));
    sqlx::query(sql::trusted(statement)).execute(&mut *conn).await.map_err(fault)?;
    sqlx::query("SELECT pg_reload_conf()").execute(&mut *conn).await.map_err(fault)?;
    if names.is_empty() { Ok(()) } else { note(conn, role).await }
}

/// A standby on another machine reads here, in its own copy, whether the primary waits for it.
async fn note(conn: &mut PgConnection, role: &RoleFile) -> Result<()> {
    let fault = |error: sqlx::Error| super::ClusterError::Tool {
        tool: "cluster.sync",
        output: error.to_string(),
    };
    let there: bool = sqlx::query_scalar("SELECT to_regclass('db.setting') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await
        .map_err(fault)?;
    if !there {
        return Ok(());
    }
    let names: Vec<&str> =
        role.peers.iter().filter(|peer| peer.armed).map(|peer| peer.name.as_str()).collect();
    // It must not wait for the very standby whose absence it may be about.
    sqlx::query("SET synchronous_commit = local").execute(&mut *conn).await.map_err(fault)?;
    sqlx::query(
        "INSERT INTO db.setting (name, value, reason, at)
         VALUES ('cluster.sync', to_jsonb($1::text[]), 'standbys that commits wait for', clock_timestamp())
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
    )
    .bind(names)
    .execute(conn)
    .await
    .map_err(fault)?;
    Ok(())
}
