//! Puts a backup back into an empty folder, and proves that what came out is the city that went in.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use zhengtong_crypto::{StreamKey, VerifyingKey};
use zhengtong_db::cluster::{
    Archive, Attached, Cluster, Durability, Load, hand_over, strip_setting,
};

use crate::error::{Error, Result};
use crate::key::Passphrase;
use crate::manifest::{Form, Manifest};
use crate::read::Backup;
use crate::take::Seen;
use crate::{base, store, tree};

/// What of a city names files by digest, so that each can be looked for: a name, and a statement that gives
/// digests in one column of text.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// What they are.
    pub what: &'static str,
    /// The statement.
    pub statement: &'static str,
}

/// A further look at a restored city while its database runs, by those who know more of it: whether its keys
/// open what is sealed. It gets the URL of the database and the folder.
pub type Look =
    Arc<dyn Fn(String, PathBuf) -> Pin<Box<dyn Future<Output = Looked> + Send>> + Send + Sync>;

/// What a further look found: nothing wrong, or why the city is not sound.
pub type Looked = std::result::Result<(), String>;

/// What must hold of a restored city.
#[derive(Clone)]
pub struct Checks {
    /// Statements that name files.
    pub named: &'static [Named],
    /// A further look.
    pub look: Look,
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Checks").field("named", &self.named).finish_non_exhaustive()
    }
}

/// A folder that was put back.
#[derive(Debug)]
pub struct Restored {
    /// The manifest of its backup.
    pub manifest: Manifest,
    /// The key that signed it.
    pub key: VerifyingKey,
    /// The folder.
    pub folder: PathBuf,
    /// The dump of the database, when it was one: it goes in when the folder is proved.
    dump: Option<PathBuf>,
    /// How long it took, without the proof.
    pub seconds: f64,
}

/// What the proof of a restored folder found.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Entries of the record that were verified.
    pub entries: u64,
    /// Checkpoints that were verified.
    pub checkpoints: u64,
    /// Files that the database names; all of them were found.
    pub files: u64,
    /// How long the start and the proof took.
    pub seconds: f64,
}

/// Verifies a backup and puts it into an empty folder. With an archive and a moment, the database comes from
/// the archive as it was then, and only files and keys from the backup.
pub async fn restore(
    path: &Path,
    passphrase: Passphrase,
    trusted: &[VerifyingKey],
    folder: &Path,
    archive: Option<(Archive, String)>,
    mut seen: Seen,
) -> Result<Restored> {
    let start = Instant::now();
    let backup = Backup::open(path, trusted)?;
    empty(folder)?;
    let (folder, to) = (folder.to_owned(), folder.to_owned());
    let moment = archive.as_ref().map(|(_, moment)| moment.clone());
    let (manifest, key, dump) = tokio::task::spawn_blocking(move || {
        backup.check_all(None, &mut seen)?;
        let dump = unpack(&backup, &passphrase, &to, moment.is_none())?;
        Ok::<_, Error>((backup.manifest, backup.key, dump))
    })
    .await
    .map_err(|error| Error::io("the restore")(std::io::Error::other(error)))??;
    if let Some((archive, moment)) = archive {
        archive.restore(&folder, &moment).await?;
        strip_settings(&folder)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Restored { manifest, key, folder, dump, seconds })
}

fn empty(folder: &Path) -> Result<()> {
    let found =
        tree::entries(folder).map_err(Error::io(format!("reading {}", folder.display())))?;
    if found.is_empty() { Ok(()) } else { Err(Error::NotEmpty(folder.to_owned())) }
}

fn unpack(
    backup: &Backup,
    passphrase: &Passphrase,
    folder: &Path,
    with_database: bool,
) -> Result<Option<PathBuf>> {
    let failed = |what: &str| Error::io(format!("restoring {what} to {}", folder.display()));
    let key = passphrase.open(&backup.header)?;
    fs::create_dir_all(folder).map_err(failed("the folder"))?;
    let dump = if with_database { database(backup, &key, folder)? } else { None };
    let count = files(backup, passphrase, &key, folder)?;
    if count != backup.manifest.files {
        return Err(Error::altered(&backup.path, "the number of files"));
    }
    let mut keys = backup.piece("keys", &key)?;
    tree::keys_in(&mut keys, folder).map_err(failed("the keys"))?;
    sync(folder)?;
    Ok(dump)
}

/// The files of the backup itself, and of those that it builds on what it names.
fn files(backup: &Backup, passphrase: &Passphrase, key: &StreamKey, folder: &Path) -> Result<u64> {
    let failed = || Error::io(format!("restoring the files to {}", folder.display()));
    let mut own = backup.piece("files", key)?;
    let damaged = &backup.manifest.damaged;
    let mut count = tree::files_in(&mut own, folder, damaged, None).map_err(failed())?;
    let bases = base::bases(backup)?;
    if bases.is_empty() {
        return Ok(count);
    }
    let mut wanted: Vec<BTreeSet<String>> = vec![BTreeSet::new(); bases.len()];
    for (digest, place) in base::index(backup, key)? {
        if let Some(wanted) = place.and_then(|place| wanted.get_mut(place)) {
            wanted.insert(digest);
        }
    }
    for (base, wanted) in bases.iter().zip(&wanted).filter(|(_, wanted)| !wanted.is_empty()) {
        let key = passphrase.open(&base.header)?;
        let mut files = base.piece("files", &key)?;
        count += tree::files_in(&mut files, folder, &[], Some(wanted)).map_err(failed())?;
    }
    Ok(count)
}

fn database(backup: &Backup, key: &StreamKey, folder: &Path) -> Result<Option<PathBuf>> {
    let failed = || Error::io(format!("restoring the database to {}", folder.display()));
    let mut database = backup.piece("database", key)?;
    if backup.manifest.database == Form::Dump {
        let path = folder.join("database.partial-dump");
        let mut file = fs::File::create(&path).map_err(failed())?;
        std::io::copy(&mut database, &mut file).map_err(failed())?;
        return Ok(Some(path));
    }
    let postgres = folder.join("postgres");
    fs::create_dir_all(&postgres).map_err(failed())?;
    hand_over(&postgres, 0o700)?;
    tree::database_in(&mut database, &postgres).map_err(failed())?;
    strip_settings(folder)?;
    Ok(None)
}

/// A restored city has no standby, for which it would wait for ever, and a disk of its own.
fn strip_settings(folder: &Path) -> Result<()> {
    for name in ["synchronous_standby_names", "default_transaction_read_only"] {
        strip_setting(folder, name)?;
    }
    Ok(())
}

/// Brings a whole folder to the disk at once.
fn sync(folder: &Path) -> Result<()> {
    let synced = std::process::Command::new("sync").arg("-f").arg(folder).status();
    let synced = synced.map_err(Error::io("sync"))?;
    if synced.success() {
        return Ok(());
    }
    Err(Error::io("bringing the folder to the disk")(std::io::ErrorKind::Other.into()))
}

impl Restored {
    /// Starts the database, verifies the whole record, and looks for every file that the database names.
    pub async fn prove(&self, checks: &Checks) -> Result<Proof> {
        let start = Instant::now();
        let cluster = Cluster::start(&self.folder, Durability::Full).await?;
        let proof = self.proof(&cluster.attached(), checks, start).await;
        cluster.stop().await;
        proof
    }

    async fn proof(&self, city: &Attached, checks: &Checks, start: Instant) -> Result<Proof> {
        if let Some(dump) = self.dump.as_ref().filter(|dump| dump.exists()) {
            load(city, dump.clone()).await?;
        }
        let report = store::verify(&city.url(), &self.manifest, &self.key).await?;
        let files = store::named(&city.url(), checks.named).await?;
        for (digest, what) in &files {
            let path = object(&self.folder, digest);
            if !path.exists() {
                return Err(Error::Unsound(format!(
                    "{what} names the file {digest}, which is gone"
                )));
            }
        }
        let looked = (checks.look)(city.url(), self.folder.clone()).await;
        looked.map_err(Error::Unsound)?;
        Ok(Proof {
            entries: report.entries,
            checkpoints: report.checkpoints,
            files: u64::try_from(files.len()).unwrap_or(0),
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}

fn object(folder: &Path, digest: &str) -> PathBuf {
    let (first, second) = (digest.get(..2), digest.get(2..4));
    folder
        .join("files/objects")
        .join(first.unwrap_or_default())
        .join(second.unwrap_or_default())
        .join(digest)
}

async fn load(city: &Attached, dump: PathBuf) -> Result<()> {
    let mut load = city.load()?;
    tokio::task::spawn_blocking(move || {
        pour(&mut load, &dump)?;
        load.finish()?;
        fs::remove_file(&dump).map_err(Error::io("removing the dump"))
    })
    .await
    .map_err(|error| Error::io("loading the dump")(std::io::Error::other(error)))?
}

/// A tool that ends early says why itself; the broken pipe is not the cause.
fn pour(load: &mut Load, dump: &Path) -> Result<()> {
    let mut file = fs::File::open(dump).map_err(Error::io("the dump"))?;
    let Some(mut sink) = load.sink() else { return Ok(()) };
    match std::io::copy(&mut file, &mut sink) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::io("the dump")(error))
        }
        _ => Ok(()),
    }
}
