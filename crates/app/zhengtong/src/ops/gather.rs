//! Gathers everything for one scrape: the process, the pool, the database, the record, backups, disks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;
use zhengtong_db::figures::{self, Standby, Work};
use zhengtong_http::App;
use zhengtong_ledger::Lag;
use zhengtong_setting::{BACKUP_HOURS, Live};

use super::figures::{BUCKETS, Figures};
use super::text::Page;
use crate::trace;

/// How long a scrape waits for the database.
const DATABASE_SECONDS: u64 = 3;
/// Processor time is told in ticks of this many to the second, on every Linux.
const TICKS: f64 = 100.0;

/// What the wiring knows and metrics tell; on the shelf.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// The word that a scraper must bring; empty: only this machine may ask.
    pub(crate) token: String,
    /// Whether backups are made on schedule.
    pub(crate) backup: bool,
}

/// What the database tells in one scrape.
struct Told {
    work: Work,
    standbys: Vec<Standby>,
    standby_expected: bool,
    lag: Lag,
    sessions: i64,
    backup: Backup,
    clocks: zhengtong_casework::ClockFigures,
}

/// When the last backup was made, and when a restore was last proven.
struct Backup {
    last: Option<OffsetDateTime>,
    proven: Option<OffsetDateTime>,
}

/// The whole page.
pub(crate) async fn gather(app: &App, counted: &Figures) -> String {
    let mut page = Page::default();
    let now = app.db.clock().now();
    page.number("zhengtong_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    requests(&mut page, counted);
    pool(&mut page, app);
    let asked = tokio::time::timeout(Duration::from_secs(DATABASE_SECONDS), database(app, now));
    match asked.await {
        Ok(Ok(told)) => {
            page.number("zhengtong_database_up", &[], 1);
            stored(&mut page, &told, now);
        }
        failed => {
            if let Ok(Err(error)) = failed {
                tracing::warn!(%error, "the database told nothing for the metrics");
            }
            page.number("zhengtong_database_up", &[], 0);
        }
    }
    if let Ok(facts) = app.db.defs::<Facts>() {
        page.number("zhengtong_backup_configured", &[], i64::from(facts.backup));
        disk(&mut page, "data", &facts.folder);
        disk(&mut page, "temporary", &std::env::temp_dir());
    }
    if let Ok(live) = app.db.defs::<Live>() {
        let seconds = live.number(BACKUP_HOURS) * 3_600;
        page.number("zhengtong_backup_overdue_seconds", &[], seconds);
    }
    let (sent, dropped) = trace::counted();
    page.number("zhengtong_trace_spans_total", &[("outcome", "sent")], whole(sent));
    page.number("zhengtong_trace_spans_total", &[("outcome", "dropped")], whole(dropped));
    process(&mut page, counted);
    page.text()
}

fn requests(page: &mut Page, counted: &Figures) {
    page.number("zhengtong_http_requests_in_flight", &[], counted.in_flight());
    for row in counted.counted() {
        let labels = [("method", row.method), ("route", row.route.as_str())];
        for (status, count) in &row.statuses {
            let status = status.to_string();
            let labels = [labels[0], labels[1], ("status", status.as_str())];
            page.number("zhengtong_http_requests_total", &labels, whole(*count));
        }
        let buckets = BUCKETS.into_iter().zip(row.buckets.iter().copied());
        let end = (row.count, row.seconds);
        page.histogram("zhengtong_http_request_duration_seconds", &labels, buckets, end);
    }
}

fn pool(page: &mut Page, app: &App) {
    let pool = figures::pool(&app.db);
    let used = i64::from(pool.open) - i64::from(pool.idle);
    page.number("zhengtong_pool_connections", &[("state", "used")], used.max(0));
    page.number("zhengtong_pool_connections", &[("state", "idle")], i64::from(pool.idle));
    page.number("zhengtong_pool_connections_max", &[], i64::from(pool.most));
    page.number("zhengtong_pool_waiting", &[], pool.waiting);
    page.number("zhengtong_pool_acquired_total", &[], whole(pool.begun));
    page.number("zhengtong_pool_timeouts_total", &[], whole(pool.failed));
    let waited = Duration::from_micros(pool.waited_micros).as_secs_f64();
    page.put("zhengtong_pool_wait_seconds_total", &[], waited);
}

async fn database(app: &App, now: OffsetDateTime) -> anyhow::Result<Told> {
    let mut tx = app.db.begin_raw().await?;
    let work = figures::work(&mut tx, now).await?;
    let standbys = figures::standbys(&mut tx).await?;
    let standby_expected = figures::waits_for_standby(&mut tx).await?;
    let lag = zhengtong_ledger::lag(&mut tx).await?;
    let sessions = zhengtong_party::sessions_open(&mut tx, now).await?;
    let (last, proven) = zhengtong_backup::ages(&mut tx).await?;
    let backup = Backup { last, proven };
    let today = zhengtong_calendar::china_date(now);
    let clocks = zhengtong_casework::clock_figures(&mut tx, today).await?;
    Ok(Told { work, standbys, standby_expected, lag, sessions, backup, clocks })
}

fn stored(page: &mut Page, told: &Told, now: OffsetDateTime) {
    let age = |since: Option<OffsetDateTime>| {
        since.map_or(0.0, |since| (now - since).as_seconds_f64().max(0.0))
    };
    let work = &told.work;
    page.number("zhengtong_database_bytes", &[], work.bytes);
    page.number("zhengtong_sessions_open", &[], told.sessions);
    page.number("zhengtong_jobs_queued", &[], work.queued);
    page.number("zhengtong_jobs_running", &[], work.running);
    page.number("zhengtong_jobs_failing", &[], work.failing);
    page.number("zhengtong_jobs_dead", &[], work.dead);
    page.put("zhengtong_jobs_oldest_due_seconds", &[], age(work.due_since));
    page.number("zhengtong_outbox_events", &[], work.outbox);
    page.put("zhengtong_outbox_oldest_seconds", &[], age(work.outbox_since));
    page.number("zhengtong_ledger_sealed_entries", &[], whole(told.lag.sealed));
    page.number("zhengtong_ledger_unsealed_entries", &[], whole(told.lag.unsealed));
    page.put("zhengtong_ledger_unsealed_seconds", &[], age(told.lag.since));
    page.number("zhengtong_calendar_years_missing", &[], told.clocks.years_missing);
    page.number("zhengtong_clocks_provisional", &[], told.clocks.provisional);
    page.number("zhengtong_clocks_stale", &[], told.clocks.stale);
    page.number("zhengtong_standby_expected", &[], i64::from(told.standby_expected));
    let connected = i64::try_from(told.standbys.len()).unwrap_or(i64::MAX);
    page.number("zhengtong_standby_connected", &[], connected);
    for standby in &told.standbys {
        if let Some(behind) = standby.behind {
            let labels = [("standby", standby.name.as_str()), ("sync", standby.sync.as_str())];
            page.number("zhengtong_standby_lag_bytes", &labels, behind.max(0));
        }
    }
    if told.backup.last.is_some() {
        page.put("zhengtong_backup_age_seconds", &[], age(told.backup.last));
    }
    if told.backup.proven.is_some() {
        page.put("zhengtong_backup_proven_age_seconds", &[], age(told.backup.proven));
    }
}

/// The size of the file system under a folder and what may still be written there, in bytes.
pub(crate) fn space(folder: &Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some((found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize))
}

fn disk(page: &mut Page, name: &str, folder: &Path) {
    if let Some((all, free)) = space(folder) {
        page.number("zhengtong_disk_bytes", &[("folder", name)], whole(all));
        page.number("zhengtong_disk_free_bytes", &[("folder", name)], whole(free));
    }
}

fn process(page: &mut Page, counted: &Figures) {
    let started = counted.started().unix_timestamp();
    page.number("process_start_time_seconds", &[], started);
    if let Some(bytes) = resident_bytes() {
        page.number("process_resident_memory_bytes", &[], whole(bytes));
    }
    if let Some(seconds) = cpu_seconds() {
        page.put("process_cpu_seconds_total", &[], seconds);
    }
    if let Some((open, most)) = open_files() {
        page.number("process_open_fds", &[], whole(open));
        page.number("process_max_fds", &[], whole(most));
    }
}

/// Resident memory.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold spaces and brackets; what follows its last bracket does not.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// How many files are open, and how many may be.
pub(crate) fn open_files() -> Option<(u64, u64)> {
    let open = u64::try_from(std::fs::read_dir("/proc/self/fd").ok()?.count()).ok()?;
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    Some((open, line.split_whitespace().nth(3)?.parse().ok()?))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_itself() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        assert!(cpu_seconds().unwrap() >= 0.0);
        let (open, most) = open_files().unwrap();
        assert!(open >= 3 && most > open);
        let (all, free) = space(Path::new("/")).unwrap();
        assert!(all > free);
    }
}
