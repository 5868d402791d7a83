//! Puts the parts together: database, packs, files, keys, jobs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use include_dir::{Dir, include_dir};

use zhengtong_blob::Blobs;
use zhengtong_crypto::{Keyring, SigningKey};
use zhengtong_db::cluster::Cluster;
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Db, Settings};
use zhengtong_egress::Egress;
use zhengtong_exchange::Gateway;
use zhengtong_pack::{Packs, Report};
use zhengtong_party::LimitsInForce;
use zhengtong_process::Published;
use zhengtong_setting::Live;
use zhengtong_signon::Trust;

use crate::config::{Config, Provider};
use crate::engines::{self, Loaded};
use crate::keys;
use crate::ops::Facts;

/// The packs inside the program.
static PACKS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../packs");
/// Drafts that one run of the sweeper removes.
const SWEEP_ROWS: i64 = 1_000;
/// Schemas whose tables the platform widens while it runs: those of datasets.
const WIDENED: &[&str] = &["registry"];

/// Everything that runs.
pub(crate) struct Wired {
    pub(crate) db: Db,
    pub(crate) blobs: Blobs,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) ring: Keyring,
    pub(crate) form_secret: [u8; 32],
    pub(crate) cluster: Option<Cluster>,
    pub(crate) packs: Packs,
    pub(crate) live: Live,
    /// The limits of `[identity]` as they are in force, with what administrators set.
    pub(crate) identity: LimitsInForce,
    /// Whose certificates count; none when the city accepts none.
    pub(crate) trust: Option<Trust>,
    pub(crate) published: Published,
    /// The way out: one, so that what is known of a dead host outlives new packs.
    pub(crate) egress: Egress,
    /// The gateway between systems, with a way out of its own: a slow provider takes nobody else's places.
    pub(crate) gateway: Gateway,
}

/// Opens the database (starting the private cluster if no other is named), brings its tables up to date and
/// puts the packs in force.
pub(crate) async fn wire(config: &Config) -> Result<Wired> {
    let folder = &config.data.folder;
    std::fs::create_dir_all(folder).with_context(|| {
        format!("数据目录 {0} 建不了 / the data folder {0} cannot be made", folder.display())
    })?;
    crate::version::admit(folder)?;
    let (db, cluster) = database(config).await?;
    let blobs = crate::outside::blobs(config).await?;
    crate::version::stamp(folder)?;
    let shared = keys::open(config, &db).await?;
    let key = Arc::new(shared.ledger);
    let gateway = Gateway::new(crate::outside::gateway(config)?, Arc::clone(&key));
    let mut wired = Wired {
        db,
        blobs: blobs.with_keys(shared.ring.clone()),
        key,
        ring: shared.ring,
        form_secret: shared.form,
        cluster,
        packs: Packs::default(),
        live: Live::default(),
        identity: LimitsInForce::new(config.identity),
        trust: crate::certificates::read(config)?.map(Trust::new),
        published: Published::default(),
        egress: crate::outside::egress(config)?,
        gateway,
    };
    wired.live.read(&wired.db).await.map_err(|error| failed(&error))?;
    crate::identity::apply(&wired.identity, &config.identity, &wired.live);
    wired.published.read(&wired.db).await.map_err(|error| failed(&error))?;
    let (packs, loaded) = read_packs(config, &wired.db).await?;
    put_in_force(config, &wired, loaded).await?;
    wired.packs = packs;
    keys::protect(&wired.db).await?;
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
        migrate(&db).await?;
        return Ok((db, None));
    }
    let cluster = Cluster::start_with(&config.data.folder, crate::backup::cluster_options(config))
        .await
        .map_err(|error| failed(&error))?;
    let owner = Db::open(&cluster.url(), Settings::default()).map_err(|error| failed(&error))?;
    migrate(&owner).await?;
    let allowed = zhengtong_db::allow_worker(owner.pool(), engines::SCHEMAS, WIDENED).await;
    allowed.map_err(|error| failed(&error))?;
    owner.close().await;
    let db = Db::open(&cluster.worker_url(), settings).map_err(|error| failed(&error))?;
    Ok((db, Some(cluster)))
}

async fn migrate(db: &Db) -> Result<()> {
    let migrated = zhengtong_db::migrate(db.pool(), engines::SCHEMAS).await;
    let report = migrated.map_err(|error| failed(&error))?;
    for (schema, version) in &report.applied {
        tracing::info!(schema, version, "migrated");
    }
    Ok(())
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

/// The packs of the folder or of the program, with those over them that were put in while the platform runs.
pub(crate) fn with_installed(
    packs: Packs,
    installed: Vec<(String, zhengtong_setting::Files)>,
    report: &mut Report,
) -> Packs {
    if installed.is_empty() {
        return packs;
    }
    let files = packs.iter().map(|pack| (pack.id().to_owned(), pack.files().clone()));
    let mut files: BTreeMap<_, _> = files.collect();
    files.extend(installed);
    Packs::from_files(files, report)
}

async fn read_packs(config: &Config, db: &Db) -> Result<(Packs, Loaded)> {
    let mut report = Report::default();
    let installed = zhengtong_setting::installed_packs(db).await.map_err(|error| failed(&error))?;
    let installed = installed.into_iter().map(|one| (one.pack, one.files)).collect();
    let packs = with_installed(packs(config, &mut report), installed, &mut report);
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
    let shelf = shelf.with(wired.ring.clone()).with(wired.live.clone());
    let shelf = shelf.with(wired.published.clone()).with(Facts {
        folder: config.data.folder.clone(),
        token: config.metrics.token.clone(),
        backup: !config.backup.folder.as_os_str().is_empty(),
    });
    let shelf = shelf.with(signon(config)).with(wired.egress.clone());
    let shelf = shelf.with(wired.gateway.clone()).with(crate::outside::feeds(config)?);
    let carriers = crate::outside::carriers(config, wired.egress.clone())?;
    let shelf = shelf.with(carriers);
    let shelf = shelf.with(crate::console::console(config)).with(wired.identity.clone());
    let shelf = match &wired.trust {
        Some(trust) => shelf.with(trust.clone()),
        None => shelf,
    };
    let shelf = match &config.passwords.known {
        path if path.as_os_str().is_empty() => shelf,
        path => shelf.with(crate::leaked::open(path)?),
    };
    ready_for_geometry(wired, &loaded.registry).await?;
    let mut tx = wired.db.begin_raw().await.map_err(|error| failed(&error))?;
    let (fields, now) = (keys::fields(&loaded.registry), wired.db.clock().now());
    let ensured = zhengtong_vault::ensure(&mut tx, &wired.ring, &fields, now).await;
    ensured.map_err(|error| failed(&error))?;
    let synced = zhengtong_registry::sync(&mut tx, &loaded.registry).await;
    let report = synced.map_err(|error| failed(&error))?;
    tx.commit().await.context("the tables of datasets")?;
    for table in &report.tables {
        tracing::info!(table, "dataset made");
    }
    wired.db.load(loaded.policies, shelf);
    Ok(())
}

/// On a private cluster PostGIS is made by the owner: the role under which the platform works may not.
async fn ready_for_geometry(wired: &Wired, catalog: &zhengtong_registry::Catalog) -> Result<()> {
    let Some(cluster) = &wired.cluster else { return Ok(()) };
    let owner = Db::open(&cluster.url(), Settings::default()).map_err(|error| failed(&error))?;
    let mut tx = owner.begin_raw().await.map_err(|error| failed(&error))?;
    let ready = zhengtong_registry::ready_for_geometry(&mut tx, catalog).await;
    ready.map_err(|error| failed(&error))?;
    tx.commit().await.context("PostGIS")?;
    owner.close().await;
    Ok(())
}

/// What single sign-on needs to know of the city.
fn signon(config: &Config) -> zhengtong_signon::Settings {
    zhengtong_signon::Settings {
        issuer: config.public_url(),
        title: config.city.name.clone(),
        providers: config.signon.provider.iter().map(provider).collect(),
    }
}

fn provider(one: &Provider) -> zhengtong_signon::Provider {
    zhengtong_signon::Provider {
        id: one.id.clone(),
        title: one.title.clone(),
        issuer: one.issuer.clone(),
        client_id: one.client_id.clone(),
        secret: one.secret.clone(),
        real_name: one.real_name,
    }
}

/// Where fonts are looked for.
pub(crate) fn font_folders() -> Vec<PathBuf> {
    ["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from).to_vec()
}

/// Reads the packs again and puts them in force, unless they have faults: then the old ones stay. Whether they are.
pub(crate) async fn reload(config: &Config, wired: &Wired) -> bool {
    let outcome = match read_packs(config, &wired.db).await {
        Ok((_, loaded)) => put_in_force(config, wired, loaded).await,
        Err(error) => Err(error),
    };
    match &outcome {
        Ok(()) => tracing::info!("packs read again"),
        Err(error) => tracing::error!(%error, "packs kept as they were"),
    }
    outcome.is_ok()
}

/// All jobs, and the times at which they run.
pub(crate) fn work(wired: &Wired) -> Work {
    let (key, ring) = (Arc::clone(&wired.key), wired.ring.clone());
    let work = zhengtong_document::attach_render(crate::outside::scan(&wired.blobs));
    let work = zhengtong_registry::attach(zhengtong_process::attach(work));
    let work = zhengtong_registry::attach_feeds(zhengtong_registry::attach_matching(work));
    let work =
        crate::tell::attach(zhengtong_casework::attach_reroute(zhengtong_casework::attach_due(
            zhengtong_casework::attach_clocks(zhengtong_casework::attach_bulk(work)),
        )));
    let work = zhengtong_notice::attach_carry(zhengtong_casework::attach_archive(work));
    let work = crate::report::attach(
        zhengtong_service::attach_tell(zhengtong_rating::attach(zhengtong_catalog::attach(work))),
        Arc::clone(&wired.key),
    );
    zhengtong_exchange::attach(zhengtong_portal::attach(zhengtong_signon::attach(
        zhengtong_supervision::attach(work),
    )))
    .on("ledger.seal", move |db, _job| {
        let key = Arc::clone(&key);
        async move { seal(&db, &key).await }
    })
    .on("form.sweep", |db, _job| async move { sweep_drafts(&db).await })
    .on("party.sweep", |db, _job| async move { sweep_sessions(&db).await })
    .on("answer.sweep", |db, _job| async move { sweep_answers(&db).await })
    .on("vault.renew", move |db, job| {
        let ring = ring.clone();
        async move { keys::renew(&db, &ring, &job.payload).await }
    })
    .on("retention", |db, _job| async move {
        keys::retire(&db).await?;
        crate::files::tend(&db).await.map(drop)
    })
    .at(CronEntry { name: "retention", pattern: "10 2 * * *", job: "retention" })
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

/// Answers under idempotency keys are kept for as many days as the setting says.
async fn sweep_answers(db: &Db) -> Result<(), String> {
    let live = db.defs::<Live>().map_err(|error| error.to_string())?;
    let days = live.number(zhengtong_setting::ANSWER_DAYS);
    zhengtong_db::forget_answers(db, time::Duration::days(days))
        .await
        .map_err(|error| error.to_string())
}
