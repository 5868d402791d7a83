//! Backups and drills of this city: what the configuration says of them, and the jobs that do them on schedule.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use zhengtong_backup::{Checks, Drill, Look, Named, Passphrase, Plan, Source};
use zhengtong_crypto::SigningKey;
use zhengtong_db::cluster::{Archive, Durability, Options};
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Db, Settings};

use crate::config::Config;
use crate::keys;
use crate::wire::Wired;

/// What names files by digest.
pub(crate) const NAMED: &[Named] = &[
    Named {
        what: "document",
        statement: "SELECT blob FROM document.document WHERE blob IS NOT NULL",
    },
    Named { what: "form.file", statement: "SELECT digest FROM form.file" },
    Named {
        what: "casework.material",
        statement: "SELECT digest FROM casework.material WHERE digest IS NOT NULL",
    },
    Named {
        what: "casework.archive",
        statement: "SELECT digest FROM casework.archive WHERE digest IS NOT NULL",
    },
    Named {
        what: "casework.archive catalogue",
        statement: "SELECT file FROM casework.archive WHERE file IS NOT NULL",
    },
    Named { what: "supervision.evidence", statement: "SELECT digest FROM supervision.evidence" },
    Named { what: "registry.load", statement: "SELECT file FROM registry.load" },
    Named {
        what: "portal.resource",
        statement: "SELECT digest FROM portal.resource WHERE digest IS NOT NULL",
    },
    Named { what: "portal.version", statement: "SELECT digest FROM portal.version" },
];

/// How the private cluster is run.
pub(crate) fn cluster_options(config: &Config) -> Options {
    let mut options = Options::new(Durability::Full);
    options.archive = archive(config);
    options.degrade_seconds = Some(config.database.degrade_seconds).filter(|seconds| *seconds > 0);
    options
}

/// The archive of the log, if there is one.
pub(crate) fn archive(config: &Config) -> Option<Archive> {
    let stanza = config.backup.pgbackrest_stanza.clone();
    let config = config.backup.pgbackrest_config.clone();
    (!stanza.is_empty()).then_some(Archive { stanza, config })
}

/// The passphrase of backups: from a named file, the configured file, or the credential of the service manager.
pub(crate) fn passphrase(config: &Config, named: Option<&Path>) -> Result<Passphrase> {
    let credential = config.keys.credentials.join("backup.passphrase");
    let configured = &config.backup.passphrase_file;
    let path = match named {
        Some(path) => path,
        None if !configured.as_os_str().is_empty() => configured,
        None if !config.keys.credentials.as_os_str().is_empty() && credential.exists() => {
            &credential
        }
        None => bail!(
            "没有备份口令：把至少 16 个字符写进一个文件（另存一份到别处），设 backup.passphrase_file 或用 --passphrase-file\nthere is no passphrase for backups: write one of at least 16 characters to a file, keep a copy elsewhere, and set backup.passphrase_file or use --passphrase-file"
        ),
    };
    Passphrase::read(path).map_err(|error| crate::wire::failed(&error))
}

/// What must hold of a restored city: files, and keys that open what is sealed.
pub(crate) fn checks(config: &Config) -> Checks {
    let config = config.clone();
    let look: Look = Arc::new(move |url, folder| {
        let mut config = config.clone();
        config.data.folder = folder;
        Box::pin(
            async move { open_keys(&config, &url).await.map_err(|error| format!("{error:#}")) },
        )
    });
    Checks { named: NAMED, look }
}

async fn open_keys(config: &Config, url: &str) -> Result<()> {
    let db = Db::open(url, Settings::default()).map_err(|error| crate::wire::failed(&error))?;
    let opened = keys::open(config, &db).await;
    db.close().await;
    opened.map(|_| ())
}

/// What the jobs need.
#[derive(Clone)]
struct Context {
    config: Config,
    key: SigningKey,
    source: Source,
    url: String,
}

/// Adds the jobs, and the times at which they run if a folder is configured.
pub(crate) fn attach(work: Work, config: &Config, wired: &Wired) -> Work {
    let (source, url) = match &wired.cluster {
        Some(cluster) => (Source::Cluster(cluster.attached()), cluster.url()),
        None => (Source::Url(config.database.url.clone()), config.database.url.clone()),
    };
    let key = SigningKey::clone(&wired.key);
    let taking = Arc::new(Context { config: config.clone(), key, source, url });
    let drilling = Arc::clone(&taking);
    // A worker runs one job after the other: what may take an hour goes on beside it.
    let work = work
        .on("backup.take", move |db, _job| {
            let context = Arc::clone(&taking);
            async move {
                beside("backup", async move { take(&db, &context).await });
                Ok(())
            }
        })
        .on("backup.drill", move |db, _job| {
            let context = Arc::clone(&drilling);
            async move {
                beside("drill", async move { drill(&db, &context).await });
                Ok(())
            }
        });
    if config.backup.folder == PathBuf::new() {
        return work;
    }
    // The patterns live as long as the program, which reads its configuration once.
    let pattern = |text: &str| -> &'static str { text.to_owned().leak() };
    let (at, drill_at) = (pattern(&config.backup.schedule), pattern(&config.backup.drill_schedule));
    work.at(CronEntry { name: "backup.take", pattern: at, job: "backup.take" }).at(CronEntry {
        name: "backup.drill",
        pattern: drill_at,
        job: "backup.drill",
    })
}

fn beside(what: &'static str, run: impl Future<Output = Result<()>> + Send + 'static) {
    tokio::spawn(async move {
        match run.await {
            Ok(()) => tracing::info!(what, "done"),
            Err(error) => tracing::error!(what, error = format!("{error:#}"), "failed"),
        }
    });
}

async fn take(db: &Db, context: &Context) -> Result<()> {
    let config = &context.config;
    let plan = plan(config, context.source.clone(), context.key.clone(), None, None)?;
    let keep = Some(config.backup.keep);
    zhengtong_backup::back_up(db, plan, keep, Box::new(|_| ()))
        .await
        .map_err(|error| crate::wire::failed(&error))?;
    Ok(())
}

async fn drill(db: &Db, context: &Context) -> Result<()> {
    let plan = drill_plan(&context.config, &context.key, None)?;
    zhengtong_backup::drill(db, &context.url, plan)
        .await
        .map_err(|error| crate::wire::failed(&error))?;
    Ok(())
}

/// What is copied where.
pub(crate) fn plan(
    config: &Config,
    source: Source,
    key: SigningKey,
    to: Option<PathBuf>,
    passphrase_file: Option<&Path>,
) -> Result<Plan> {
    let to = to.unwrap_or_else(|| config.backup.folder.clone());
    if to.as_os_str().is_empty() {
        bail!("备份到哪里？用 --to 或设 backup.folder / where to? use --to or set backup.folder");
    }
    Ok(Plan {
        data: config.data.folder.clone(),
        source,
        to,
        passphrase: passphrase(config, passphrase_file)?,
        key,
        program: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// What is restored for a drill, and where.
pub(crate) fn drill_plan(
    config: &Config,
    key: &SigningKey,
    passphrase_file: Option<&Path>,
) -> Result<Drill> {
    if config.backup.folder.as_os_str().is_empty() {
        bail!(
            "没有设 backup.folder，无备份可演练 / backup.folder is not set: there is nothing to drill"
        );
    }
    let scratch = &config.backup.drill_folder;
    let scratch = if scratch.as_os_str().is_empty() {
        config.data.folder.join("drill")
    } else {
        scratch.clone()
    };
    let scratch = std::path::absolute(scratch).context("the scratch folder")?;
    Ok(Drill {
        folder: config.backup.folder.clone(),
        passphrase: passphrase(config, passphrase_file)?,
        key: key.verifying_key(),
        scratch,
        checks: checks(config),
    })
}
