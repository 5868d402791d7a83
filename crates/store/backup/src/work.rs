//! Backups and drills as the city runs them: one at a time, each with its row in the history and its entry in
//! the record, whoever started it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use zhengtong_crypto::VerifyingKey;
use zhengtong_db::Db;
use zhengtong_db::clock::{Clock as _, SystemClock};

use crate::error::{Error, Result};
use crate::key::Passphrase;
use crate::model::Run;
use crate::restore::{Checks, Proof, restore};
use crate::store;
use crate::take::{Plan, Seen, Source, Taken, newest, prune, take};

/// A drill: what is restored, where, and what must hold.
#[derive(Debug)]
pub struct Drill {
    /// The folder of backups.
    pub folder: PathBuf,
    /// Opens them.
    pub passphrase: Passphrase,
    /// The key that must have signed.
    pub key: VerifyingKey,
    /// A folder that is made for the drill and removed after it.
    pub scratch: PathBuf,
    /// What must hold.
    pub checks: Checks,
}

/// What a drill showed.
#[derive(Debug)]
pub struct Drilled {
    /// Its row.
    pub run: Run,
    /// What was proved.
    pub proof: Proof,
}

/// Takes a backup, keeps the newest `keep`, and writes it down.
pub async fn back_up(db: &Db, plan: Plan, keep: Option<usize>, seen: Seen) -> Result<Taken> {
    let url = match &plan.source {
        Source::Cluster(attached) => attached.url(),
        Source::Url(url) => url.clone(),
    };
    let hold = store::hold(&url).await?;
    let mut run = begin(db, "backup").await?;
    let to = plan.to.clone();
    let outcome = take(plan, seen).await;
    if let Ok(taken) = &outcome {
        run.path = Some(taken.path.display().to_string());
        run.backup = Some(taken.manifest.id.clone());
        run.instant = Some(taken.manifest.began);
        run.bytes = i64::try_from(taken.bytes).ok();
        run.plain_bytes = i64::try_from(taken.manifest.plain_bytes()).ok();
        run.files = i64::try_from(taken.manifest.files).ok();
        run.entries = Some(taken.manifest.entries);
        if let (Some(keep), true) = (keep, to.is_dir()) {
            for path in prune(&to, &taken.manifest.system, keep)? {
                tracing::info!(path = %path.display(), "an old backup was removed");
            }
        }
    }
    end(db, &mut run, outcome.as_ref().err()).await?;
    drop(hold);
    outcome
}

/// Restores the newest backup into a scratch folder, starts it, and verifies the record and the files.
pub async fn drill(db: &Db, url: &str, drill: Drill) -> Result<Drilled> {
    let hold = store::hold(url).await?;
    let mut run = begin(db, "drill").await?;
    let outcome = rehearse(&mut run, &drill).await;
    if let Err(error) = remove(&drill.scratch) {
        tracing::warn!(%error, "the scratch folder of the drill is still there");
    }
    end(db, &mut run, outcome.as_ref().err()).await?;
    drop(hold);
    outcome.map(|proof| Drilled { run, proof })
}

async fn rehearse(run: &mut Run, drill: &Drill) -> Result<Proof> {
    let start = Instant::now();
    let backup = newest(&drill.folder)?;
    run.path = Some(backup.path.display().to_string());
    run.backup = Some(backup.manifest.id.clone());
    run.instant = Some(backup.manifest.began);
    run.rpo_seconds = Some((run.started - backup.manifest.began).as_seconds_f64());
    remove(&drill.scratch)?;
    let seen: Seen = Box::new(|_| ());
    let pass = drill.passphrase.clone();
    let restored = restore(&backup.path, pass, &[drill.key], &drill.scratch, None, seen).await?;
    open_to_postgres(&drill.scratch)?;
    let proof = restored.prove(&drill.checks).await?;
    run.bytes = i64::try_from(backup.bytes).ok();
    run.plain_bytes = i64::try_from(restored.manifest.plain_bytes()).ok();
    run.files = i64::try_from(restored.manifest.files).ok();
    run.entries = i64::try_from(proof.entries).ok();
    run.rto_seconds = Some(start.elapsed().as_secs_f64());
    Ok(proof)
}

/// The user of PostgreSQL must be able to walk through the folder, not to read it.
fn open_to_postgres(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711))
        .map_err(Error::io("opening the scratch folder"))
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format!("removing {}", folder.display()))(error))
        }
        _ => Ok(()),
    }
}

async fn begin(db: &Db, kind: &str) -> Result<Run> {
    let mut ctx = db.begin_system("backup").await?;
    let (id, started) = (ctx.id(), ctx.now);
    store::begin_run(ctx.conn(), id, kind, started).await?;
    ctx.commit().await?;
    Ok(Run {
        id,
        kind: kind.to_owned(),
        started,
        finished: None,
        ok: None,
        error: None,
        path: None,
        backup: None,
        instant: None,
        bytes: None,
        plain_bytes: None,
        files: None,
        entries: None,
        rpo_seconds: None,
        rto_seconds: None,
    })
}

async fn end(db: &Db, run: &mut Run, error: Option<&Error>) -> Result<()> {
    let mut ctx = db.begin_system("backup").await?;
    run.finished = Some(SystemClock.now());
    run.ok = Some(error.is_none());
    run.error = error.map(ToString::to_string);
    store::end_run(ctx.conn(), run).await?;
    let verb = if run.kind == "drill" { "backup.drill" } else { "backup.take" };
    let mut act = ctx.act(verb, "backup", run.id.to_string());
    if let Some(error) = &run.error {
        act = act.because(error.clone());
    }
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    ctx.commit().await?;
    Ok(())
}
