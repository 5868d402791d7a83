//! Puts the parts together: database, packs, files, keys, jobs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use include_dir::{Dir, include_dir};

use zhengtong_blob::Blobs;
use zhengtong_crypto::SigningKey;
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Db, Settings};
use zhengtong_pack::{Packs, Report};

use crate::config::Config;
use crate::engines::{self, Loaded};

/// The packs inside the program.
static PACKS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../packs");
/// Drafts that one run of the sweeper removes.
const SWEEP_ROWS: i64 = 1_000;

/// Everything that runs.
pub(crate) struct Wired {
    pub(crate) db: Db,
    pub(crate) blobs: Blobs,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) cluster: Option<Cluster>,
    pub(crate) packs: Packs,
}

/// Opens the database (starting the private cluster if no other is named), brings its tables up to date and
/// puts the packs in force.
pub(crate) async fn wire(config: &Config) -> Result<Wired> {
    let folder = &config.data.folder;
    std::fs::create_dir_all(folder).with_context(|| {
        format!("数据目录 {0} 建不了 / the data folder {0} cannot be made", folder.display())
    })?;
    let (db, cluster) = database(config).await?;
    let key = Arc::new(signing_key(&folder.join("ledger.key"))?);
    let blobs = Blobs::open(folder.join("files")).await.map_err(|error| failed(&error))?;
    let migrated = zhengtong_db::migrate(db.pool(), engines::SCHEMAS).await;
    let report = migrated.map_err(|error| failed(&error))?;
    for (schema, version) in &report.applied {
        tracing::info!(schema, version, "migrated");
    }
    let mut wired = Wired { db, blobs, key, cluster, packs: Packs::default() };
    let (packs, loaded) = read_packs(config, &wired.db)?;
    put_in_force(config, &wired, loaded).await?;
    wired.packs = packs;
    Ok(wired)
}

async fn database(config: &Config) -> Result<(Db, Option<Cluster>)> {
    let settings = Settings {
        connections_max: config.database.connections_max,
        statement_ms_max: config.database.statement_ms_max,
        ..Settings::default()
    };
    if !config.database.url.is_empty() {
        let db = Db::open(&config.database.url, settings).map_err(|error| failed(&error))?;
        return Ok((db, None));
    }
    let cluster = Cluster::start(&config.data.folder, Durability::Full)
        .await
        .map_err(|error| failed(&error))?;
    let db = Db::open(&cluster.url(), settings).map_err(|error| failed(&error))?;
    Ok((db, Some(cluster)))
}

/// A failure as one message in both languages, with its causes for operators.
pub(crate) fn failed(error: &dyn zhengtong_base::Failure) -> anyhow::Error {
    let text = error.text();
    let mut message = format!("{}\n{}", text.zh, text.en);
    let mut cause = error.source();
    while let Some(inner) = cause {
        message.push_str("\n  ");
        message.push_str(&inner.to_string());
        cause = inner.source();
    }
    anyhow::Error::msg(message)
}

/// The packs of the configured folder, or those inside the program.
pub(crate) fn packs(config: &Config, report: &mut Report) -> Packs {
    if config.packs.folder == PathBuf::new() {
        Packs::from_binary(&PACKS, report)
    } else {
        Packs::from_folder(&config.packs.folder, report)
    }
}

fn read_packs(config: &Config, db: &Db) -> Result<(Packs, Loaded)> {
    let mut report = Report::default();
    let packs = packs(config, &mut report);
    let today = zhengtong_calendar::china_date(db.clock().now());
    let loaded = engines::load(&packs, today, &mut report);
    for finding in &report.findings {
        tracing::warn!(%finding, "a pack has a fault");
    }
    if !report.usable() {
        let faults: Vec<String> = report.errors().map(ToString::to_string).collect();
        bail!(
            "包有错，没有生效 / the packs have faults and were not put in force:\n{}",
            faults.join("\n")
        );
    }
    Ok((packs, loaded))
}

async fn put_in_force(config: &Config, wired: &Wired, loaded: Loaded) -> Result<()> {
    let settings = zhengtong_document::Settings::new(&config.public_url(), font_folders());
    let shelf = loaded.shelf.with(wired.blobs.clone()).with(settings);
    let mut tx = wired.db.begin_raw().await.map_err(|error| failed(&error))?;
    let synced = zhengtong_registry::sync(&mut tx, &loaded.registry).await;
    let report = synced.map_err(|error| failed(&error))?;
    tx.commit().await.context("the tables of datasets")?;
    for table in &report.tables {
        tracing::info!(table, "dataset made");
    }
    wired.db.load(loaded.policies, shelf);
    Ok(())
}

/// Where fonts are looked for.
pub(crate) fn font_folders() -> Vec<PathBuf> {
    ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from).to_vec()
}

/// Reads the packs again and puts them in force, unless they have faults: then the old ones stay.
pub(crate) async fn reload(config: &Config, wired: &Wired) {
    let outcome = match read_packs(config, &wired.db) {
        Ok((_, loaded)) => put_in_force(config, wired, loaded).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => tracing::info!("packs read again"),
        Err(error) => tracing::error!(%error, "packs kept as they were"),
    }
}

/// The key that signs checkpoints of the record.
fn signing_key(path: &Path) -> Result<SigningKey> {
    Ok(SigningKey::from_seed(secret(path)?))
}

/// Thirty-two random bytes in a file: made once, readable by its owner only.
pub(crate) fn secret(path: &Path) -> Result<[u8; 32]> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if path.exists() {
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {name}"))?;
        let bytes =
            hex::decode(text.trim()).with_context(|| format!("{name} is not hexadecimal"))?;
        return bytes
            .try_into()
            .map_err(|_length| anyhow::Error::msg(format!("{name} has another length")));
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("random bytes")?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(hex::encode(seed).as_bytes())?;
    file.sync_all()?;
    Ok(seed)
}

/// All jobs, and the times at which they run.
pub(crate) fn work(wired: &Wired) -> Work {
    let key = Arc::clone(&wired.key);
    zhengtong_document::attach_render(Work::default())
        .on("ledger.seal", move |db, _job| {
            let key = Arc::clone(&key);
            async move { seal(&db, &key).await }
        })
        .on("form.sweep", |db, _job| async move { sweep_drafts(&db).await })
        .on("party.sweep", |db, _job| async move { sweep_sessions(&db).await })
        .on("answer.sweep", |db, _job| async move { sweep_answers(&db).await })
        .at(CronEntry { name: "form.sweep", pattern: "20 3 * * *", job: "form.sweep" })
        .at(CronEntry { name: "party.sweep", pattern: "40 * * * *", job: "party.sweep" })
        .at(CronEntry { name: "answer.sweep", pattern: "50 3 * * *", job: "answer.sweep" })
}

/// Seals the record: all entries that are committed, in steps of a bounded size.
pub(crate) async fn seal(db: &Db, key: &SigningKey) -> Result<(), String> {
    loop {
        let mut tx = db.begin_raw().await.map_err(|error| error.to_string())?;
        let now = db.clock().now();
        let sealed =
            zhengtong_ledger::seal(&mut tx, now, key).await.map_err(|error| error.to_string())?;
        tx.commit().await.map_err(|error| error.to_string())?;
        if sealed.is_none() {
            return Ok(());
        }
    }
}

async fn sweep_drafts(db: &Db) -> Result<(), String> {
    let mut tx = db.begin_raw().await.map_err(|error| error.to_string())?;
    let now = db.clock().now();
    zhengtong_form::sweep_expired(&mut tx, now, SWEEP_ROWS)
        .await
        .map_err(|error| error.to_string())?;
    tx.commit().await.map_err(|error| error.to_string())
}

async fn sweep_sessions(db: &Db) -> Result<(), String> {
    let mut ctx = db.begin_system("party.sweep").await.map_err(|error| error.to_string())?;
    zhengtong_party::sweep(&mut ctx).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())
}

/// Answers under idempotency keys are kept for a week.
async fn sweep_answers(db: &Db) -> Result<(), String> {
    zhengtong_db::forget_answers(db, time::Duration::days(7))
        .await
        .map_err(|error| error.to_string())
}
