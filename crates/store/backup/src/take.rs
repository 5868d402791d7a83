//! Takes a backup of a running city: database, files and keys as of one instant, in one sealed file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use time::OffsetDateTime;
use zhengtong_crypto::SigningKey;
use zhengtong_db::clock::{Clock as _, SystemClock};
use zhengtong_db::cluster::{Attached, Dump};

use crate::base::{self, Held, INDEX};
use crate::error::{Error, Result};
use crate::key::Passphrase;
use crate::manifest::{Form, Manifest};
use crate::read::Backup;
use crate::store::{self, State};
use crate::tree;
use crate::write::Writer;

/// The ending of a backup.
pub const ENDING: &str = "ztb";

/// The database that is copied.
#[derive(Clone, Debug)]
pub enum Source {
    /// Our private cluster, running.
    Cluster(Attached),
    /// A database of the city's own.
    Url(String),
}

/// What is copied, and where to.
#[derive(Debug)]
pub struct Plan {
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub source: Source,
    /// A folder, or a file that ends in `.ztb`.
    pub to: PathBuf,
    /// Seals it.
    pub passphrase: Passphrase,
    /// Signs it: the key of the record.
    pub key: SigningKey,
    /// The version of the program.
    pub program: String,
}

/// A backup that is on the disk.
#[derive(Debug)]
pub struct Taken {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Its manifest.
    pub manifest: Manifest,
    /// How long it took.
    pub seconds: f64,
}

/// What was copied so far, in plain bytes, after each chunk.
pub type Seen = Box<dyn FnMut(u64) + Send>;

/// Takes a backup. The city goes on meanwhile. Nothing is left behind when it fails.
pub async fn take(plan: Plan, seen: Seen) -> Result<Taken> {
    let start = Instant::now();
    let url = match &plan.source {
        Source::Cluster(attached) => attached.url(),
        Source::Url(url) => url.clone(),
    };
    let state = store::state(&url).await?;
    let began = SystemClock.now();
    let dump = match &plan.source {
        Source::Cluster(attached) => attached.base_backup().await?,
        Source::Url(url) => Dump::of_url(url)?,
    };
    let (path, bytes, manifest) =
        tokio::task::spawn_blocking(move || write(&plan, state, began, dump, seen))
            .await
            .map_err(|error| Error::io("the copy")(std::io::Error::other(error)))??;
    Ok(Taken { path, bytes, manifest, seconds: start.elapsed().as_secs_f64() })
}

fn write(
    plan: &Plan,
    state: State,
    began: OffsetDateTime,
    mut dump: Dump,
    mut seen: Seen,
) -> Result<(PathBuf, u64, Manifest)> {
    let (header, key) = plan.passphrase.begin()?;
    let path = destination(&plan.to, began, &header.id)?;
    let failed = || Error::io(format!("writing {}", path.display()));
    let mut writer = Writer::create(&path, header, key)?;
    let mut piece = writer.piece("database", &mut seen);
    if let Some(mut stream) = dump.stream() {
        std::io::copy(&mut stream, &mut piece).map_err(failed())?;
    }
    piece.finish().map_err(failed())?;
    dump.finish()?;
    // The files come after the instant of the database: whatever it names was there before it was named.
    let ended = SystemClock.now();
    let held = if is_file(&plan.to) {
        Held::default()
    } else {
        Held::by(&plan.to, &state.system, &plan.passphrase, &plan.key.verifying_key())
    };
    let mut piece = writer.piece("files", &mut seen);
    let copied = tree::files_out(&plan.data, &held.files, &mut piece).map_err(failed())?;
    piece.finish().map_err(failed())?;
    let mut piece = writer.piece(INDEX, &mut seen);
    piece.write_all(copied.index.as_bytes()).map_err(failed())?;
    piece.finish().map_err(failed())?;
    let mut piece = writer.piece("keys", &mut seen);
    let keys = tree::keys_out(&plan.data, &mut piece).map_err(failed())?;
    piece.finish().map_err(failed())?;
    for digest in &copied.damaged {
        tracing::error!(
            digest,
            "a file no longer fits its digest; an older backup may hold it whole"
        );
    }
    let manifest = Manifest {
        id: writer.header.id.clone(),
        began,
        ended,
        program: plan.program.clone(),
        database: match plan.source {
            Source::Cluster(_) => Form::Cluster,
            Source::Url(_) => Form::Dump,
        },
        system: state.system,
        postgres: state.postgres,
        epoch: state.epoch,
        schemas: state.schemas,
        checkpoint: state.checkpoint,
        entries: state.entries,
        files: copied.files,
        own_files: Some(copied.own),
        bases: held.bases,
        keys,
        damaged: copied.damaged,
        header_sm3: writer.header_sm3.clone(),
        pieces: writer.pieces(),
    };
    let bytes = writer.finish(&manifest, &plan.key)?;
    Ok((path, bytes, manifest))
}

/// One file was named, and not a folder of backups: it must be whole by itself.
fn is_file(to: &Path) -> bool {
    to.extension().is_some_and(|ending| ending == ENDING)
}

/// A file of its own in a folder, or the file that was named.
fn destination(to: &Path, began: OffsetDateTime, id: &str) -> Result<PathBuf> {
    if is_file(to) {
        return Ok(to.to_owned());
    }
    fs::create_dir_all(to).map_err(Error::io(format!("the folder {}", to.display())))?;
    let (date, time) = (began.date(), began.time());
    let name = format!(
        "zhengtong-{:04}{:02}{:02}T{:02}{:02}{:02}Z-{}.{ENDING}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
        id.get(..6).unwrap_or_default()
    );
    Ok(to.join(name))
}

/// The backups of a folder, the newest first; files that are none of ours, and altered ones, come with why.
pub fn list(folder: &Path) -> Result<Vec<std::result::Result<Backup, Error>>> {
    let paths =
        tree::entries(folder).map_err(Error::io(format!("reading {}", folder.display())))?;
    let mut backups: Vec<_> = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == ENDING))
        .map(|path| Backup::open(path, &[]))
        .collect();
    backups.sort_by_key(|backup| {
        std::cmp::Reverse(backup.as_ref().ok().map(|backup| backup.manifest.began))
    });
    Ok(backups)
}

/// The newest sound backup of a folder.
pub fn newest(folder: &Path) -> Result<Backup> {
    let found = list(folder)?.into_iter().flatten().next();
    found.ok_or_else(|| Error::None(folder.to_owned()))
}

/// Removes all but the newest `keep` backups of the same cluster and those that they build on. Returns what was
/// removed.
pub fn prune(folder: &Path, system: &str, keep: usize) -> Result<Vec<PathBuf>> {
    let all = list(folder)?.into_iter().flatten();
    let mut kept: Vec<Backup> = all.filter(|backup| backup.manifest.system == system).collect();
    let mut old = kept.split_off(keep.max(1).min(kept.len()));
    let needed = base::needed(&kept);
    old.retain(|backup| !needed.contains(&backup.manifest.id));
    for backup in &old {
        let what = format!("removing {}", backup.path.display());
        fs::remove_file(&backup.path).map_err(Error::io(what))?;
    }
    Ok(old.into_iter().map(|backup| backup.path).collect())
}
