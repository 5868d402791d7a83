//! `zhengtong backup` and `zhengtong restore`: copies of a city, their verification, and the way back.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use zhengtong_backup::{Backup, Error, Manifest, Passphrase, Seen, Source};
use zhengtong_crypto::{SigningKey, VerifyingKey};
use zhengtong_db::cluster::Attached;
use zhengtong_db::{Db, Settings};

use super::print;
use crate::cli::{BackupArgs, BackupCommand, BackupTake, BackupVerify, RestoreArgs};
use crate::config::Config;
use crate::wire::{self, Wired, failed};
use crate::{backup, keys};

/// A city whose database runs: kept by a server, by us, or elsewhere.
struct City {
    db: Db,
    key: SigningKey,
    source: Source,
    url: String,
    ours: Option<Wired>,
}

pub(super) async fn run(config: &Config, args: BackupArgs, json: bool) -> Result<ExitCode> {
    match args.command {
        None => take(config, args.take, json).await,
        Some(BackupCommand::List { folder }) => {
            list(folder.as_deref().unwrap_or(&config.backup.folder), json)
        }
        Some(BackupCommand::Verify(verify)) => check(config, &verify, json),
        Some(BackupCommand::Drill) => drill(config, json).await,
        Some(BackupCommand::Archive) => archive(config).await,
    }
}

async fn open(config: &Config) -> Result<City> {
    if config.database.url.is_empty() {
        let found = Attached::find(&config.data.folder).await.map_err(|error| failed(&error))?;
        if let Some(attached) = found {
            let url = attached.url();
            let db = Db::open(&url, Settings::default()).map_err(|error| failed(&error))?;
            let key = keys::open(config, &db).await?.ledger;
            return Ok(City { db, key, source: Source::Cluster(attached), url, ours: None });
        }
    }
    let wired = wire::wire(config).await?;
    let (source, url) = match &wired.cluster {
        Some(cluster) => (Source::Cluster(cluster.attached()), cluster.url()),
        None => (Source::Url(config.database.url.clone()), config.database.url.clone()),
    };
    let (db, key) = (wired.db.clone(), SigningKey::clone(&wired.key));
    Ok(City { db, key, source, url, ours: Some(wired) })
}

impl City {
    async fn close(self) {
        match self.ours {
            Some(wired) => super::stop(wired).await,
            None => self.db.close().await,
        }
    }
}

async fn take(config: &Config, args: BackupTake, json: bool) -> Result<ExitCode> {
    let city = open(config).await?;
    let named = args.passphrase_file.as_deref();
    let plan = backup::plan(config, city.source.clone(), city.key.clone(), args.to, named);
    let (bar, seen) = bar("备份 / backing up", None);
    let outcome = match plan {
        Ok(plan) => zhengtong_backup::back_up(&city.db, plan, args.keep, seen)
            .await
            .map_err(|error| failed(&error)),
        Err(error) => Err(error),
    };
    bar.finish_and_clear();
    city.close().await;
    let taken = outcome?;
    let manifest = &taken.manifest;
    if json {
        let answer = json!({
            "path": taken.path, "bytes": taken.bytes, "seconds": taken.seconds, "manifest": manifest,
        });
        print(&answer.to_string())?;
    } else {
        print(&format!(
            "已备份 / backed up: {}\n  {}，{} 个文件 / files，{:.1} 秒 / s，{}",
            taken.path.display(),
            megabytes(taken.bytes),
            manifest.files,
            taken.seconds,
            speed(manifest.plain_bytes(), taken.seconds)
        ))?;
        warn(manifest)?;
    }
    Ok(if manifest.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn warn(manifest: &Manifest) -> Result<()> {
    if !manifest.keys.iter().any(|name| name == "master.key") {
        print(
            "  注意：主密钥不在数据目录里，备份不含主密钥，请另外保管 / the master key is kept elsewhere and is not in this backup; keep a copy of it",
        )?;
    }
    for digest in &manifest.damaged {
        print(&format!("  ✗ 文件已损坏 / a file is damaged: {digest}"))?;
    }
    Ok(())
}

fn list(folder: &Path, json: bool) -> Result<ExitCode> {
    if folder.as_os_str().is_empty() {
        bail!("哪个目录？ / which folder?");
    }
    let found = zhengtong_backup::list(folder).map_err(|error| failed(&error))?;
    let mut sound = true;
    for backup in &found {
        sound &= backup.is_ok();
        match (backup, json) {
            (Ok(backup), true) => {
                let row = json!({
                    "path": backup.path, "bytes": backup.bytes, "signed_by": backup.key.to_string(),
                    "manifest": backup.manifest,
                });
                print(&row.to_string())?;
            }
            (Ok(backup), false) => print(&format!(
                "{}  {}  {} 条记录 / entries  {}",
                backup.manifest.began,
                megabytes(backup.bytes),
                backup.manifest.entries,
                backup.path.display()
            ))?,
            (Err(error), true) => print(&json!({ "error": error.to_string() }).to_string())?,
            (Err(error), false) => print(&format!("✗ {error}"))?,
        }
    }
    if found.is_empty() && !json {
        print("没有备份 / no backups")?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn trusted(key: Option<&str>) -> Result<Vec<VerifyingKey>> {
    key.map(|key| key.trim().parse().context("--key"))
        .transpose()
        .map(|key| key.into_iter().collect())
}

/// The passphrase if one is known: signature and digests can be checked without.
fn known(config: &Config, named: Option<&Path>) -> Result<Option<Passphrase>> {
    let configured = named.is_some() || !config.backup.passphrase_file.as_os_str().is_empty();
    configured.then(|| backup::passphrase(config, named)).transpose()
}

fn check(config: &Config, args: &BackupVerify, json: bool) -> Result<ExitCode> {
    let trusted = trusted(args.key.as_deref())?;
    let pass = known(config, args.passphrase_file.as_deref())?;
    let outcome = verify(&args.path, &trusted, pass.as_ref());
    match outcome {
        Ok(backup) if json => print(
            &json!({ "sound": true, "opened": pass.is_some(), "signed_by": backup.key.to_string() })
                .to_string(),
        )?,
        Ok(backup) => {
            let opened = if pass.is_some() {
                "全部解密核对 / every chunk opened"
            } else {
                "未用口令，只核对签名和摘要 / no passphrase: signature and digests only"
            };
            print(&format!(
                "备份完好 / the backup is whole: {}，{opened}\n  签名 / signed by {}",
                megabytes(backup.bytes),
                backup.key
            ))?;
        }
        Err(error) if json => {
            print(&json!({ "sound": false, "error": error.to_string() }).to_string())?;
            return Ok(ExitCode::FAILURE);
        }
        Err(error) => return Err(failed(&error)),
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(
    path: &Path,
    trusted: &[VerifyingKey],
    pass: Option<&Passphrase>,
) -> Result<Backup, Error> {
    let backup = Backup::open(path, trusted)?;
    let (bar, mut seen) = bar("核对 / verifying", Some(backup.bytes));
    let outcome = backup.check_all(pass, &mut seen);
    bar.finish_and_clear();
    outcome.map(|()| backup)
}

async fn drill(config: &Config, json: bool) -> Result<ExitCode> {
    let city = open(config).await?;
    let plan = backup::drill_plan(config, &city.key, None);
    let outcome = match plan {
        Ok(plan) => {
            zhengtong_backup::drill(&city.db, &city.url, plan).await.map_err(|error| failed(&error))
        }
        Err(error) => Err(error),
    };
    city.close().await;
    let drilled = outcome?;
    if json {
        print(&json!({ "run": drilled.run, "proof": drilled.proof }).to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!(
        "演练成功 / the restore is proven: {} 条记录 / entries，{} 个文件 / files，RTO {:.1} 秒 / s，RPO {:.0} 秒 / s",
        drilled.proof.entries,
        drilled.proof.files,
        drilled.run.rto_seconds.unwrap_or_default(),
        drilled.run.rpo_seconds.unwrap_or_default()
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// A full backup of the archive, from which any later moment can be restored.
async fn archive(config: &Config) -> Result<ExitCode> {
    let Some(archive) = backup::archive(config) else {
        bail!("没有设 backup.pgbackrest_stanza / backup.pgbackrest_stanza is not set");
    };
    let found = Attached::find(&config.data.folder).await.map_err(|error| failed(&error))?;
    let Some(attached) = found else {
        bail!("先启动服务 / start the server first");
    };
    if !archive.config.exists() {
        let repository = config.backup.folder.join("pgbackrest");
        archive.configure(&config.data.folder, &repository).map_err(|error| failed(&error))?;
    }
    archive.back_up(&attached).await.map_err(|error| failed(&error))?;
    archive.verify(&config.data.folder).await.map_err(|error| failed(&error))?;
    print("归档已备份并核对 / the archive has a full backup, and every byte was verified")?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(config: &Config, args: &RestoreArgs, json: bool) -> Result<ExitCode> {
    let trusted = trusted(args.key.as_deref())?;
    let pass = backup::passphrase(config, args.passphrase_file.as_deref())?;
    let archive = match (&args.to, backup::archive(config)) {
        (None, _) => None,
        (Some(moment), Some(archive)) => Some((archive, moment.clone())),
        (Some(_), None) => bail!(
            "恢复到指定时刻要有 pgBackRest 归档（backup.pgbackrest_stanza） / --to needs an archive (backup.pgbackrest_stanza)"
        ),
    };
    let (bar, seen) = bar("恢复 / restoring", None);
    let folder = &config.data.folder;
    let outcome =
        zhengtong_backup::restore(&args.path, pass, &trusted, folder, archive, seen).await;
    bar.finish_and_clear();
    let restored = outcome.map_err(|error| failed(&error))?;
    super::open_to_postgres(folder)?;
    let proof = restored.prove(&backup::checks(config)).await.map_err(|error| failed(&error))?;
    let bytes = restored.manifest.plain_bytes();
    let minutes = (restored.seconds + proof.seconds) / 60.0;
    if json {
        let answer = json!({
            "folder": folder, "bytes": bytes, "seconds": restored.seconds, "minutes": minutes,
            "proof": proof, "instant": restored.manifest.began.to_string(),
        });
        print(&answer.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!(
        "已恢复到 / restored to {}\n  {}，{}，共 {minutes:.2} 分钟 / minutes\n  记录完整 / the record is whole: {} 条 / entries；{} 个文件齐全 / files found\n  启动 / start it: zhengtong serve --data {0}",
        folder.display(),
        megabytes(bytes),
        speed(bytes, restored.seconds),
        proof.entries,
        proof.files
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn bar(what: &'static str, bytes: Option<u64>) -> (ProgressBar, Seen) {
    use std::io::IsTerminal as _;
    let bar = match bytes {
        _ if !std::io::stderr().is_terminal() => ProgressBar::hidden(),
        Some(bytes) => ProgressBar::new(bytes),
        None => ProgressBar::no_length(),
    };
    let look = "{msg} {bytes} {bytes_per_sec} {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(look) {
        bar.set_style(style);
    }
    bar.set_message(what);
    let counted = bar.clone();
    (bar, Box::new(move |bytes| counted.inc(bytes)))
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1_000_000.0
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", mega(bytes))
}

fn speed(bytes: u64, seconds: f64) -> String {
    format!("{:.1} MB/s", mega(bytes) / seconds.max(0.001))
}
