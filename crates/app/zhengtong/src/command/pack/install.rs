//! `zhengtong pack install`, `remove`, `installed`: packs of a platform that runs, on all its nodes at once.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use zhengtong_db::{Db, Settings};
use zhengtong_pack::Report;
use zhengtong_setting::Files;

use crate::command::doctor::running;
use crate::command::print;
use crate::config::Config;
use crate::wire::failed;
use crate::{engines, keys, wire};

/// The database of the platform that runs.
async fn open(config: &Config) -> Result<Db> {
    let url = running(config).await.context(
        "平台没有运行，先启动再装包 / the platform does not run; start it before you put packs in",
    )?;
    Db::open(&url, Settings::default()).map_err(|error| failed(&error))
}

pub(super) async fn install(config: &Config, folder: &Path, reason: &str) -> Result<ExitCode> {
    let (id, files) = read(folder)?;
    let db = open(config).await?;
    let ready = checked(config, &db, (id.clone(), Some(files.clone()))).await?;
    let Some(number) = act(config, &db, ready, async |ctx| {
        zhengtong_setting::install_pack(ctx, &id, &files, reason).await
    })
    .await?
    else {
        return Ok(ExitCode::FAILURE);
    };
    print(&format!(
        "包 {id} 已装上（第 {number} 次改动），所有节点几秒内生效；在办的事按原来的版本办完 / {id} is in force on all nodes within seconds (change {number}); what is under way goes on by the version it began with"
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn remove(config: &Config, id: &str, reason: &str) -> Result<ExitCode> {
    let db = open(config).await?;
    let ready = checked(config, &db, (id.to_owned(), None)).await?;
    let Some(number) =
        act(config, &db, ready, async |ctx| zhengtong_setting::remove_pack(ctx, id, reason).await)
            .await?
    else {
        return Ok(ExitCode::FAILURE);
    };
    print(&format!("包 {id} 已取下（第 {number} 次改动） / {id} was taken out (change {number})"))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn list(config: &Config, as_json: bool) -> Result<ExitCode> {
    let db = open(config).await?;
    let found = zhengtong_setting::installed_packs(&db).await.map_err(|error| failed(&error));
    db.close().await;
    let found = found?;
    if as_json {
        let rows: Vec<_> = found
            .iter()
            .map(|one| {
                json!({ "pack": one.pack, "number": one.number, "digest": one.digest,
                        "reason": one.reason, "name": one.name, "at": one.at.to_string(), "files": one.files.len() })
            })
            .collect();
        print(&serde_json::to_string_pretty(&rows)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    for one in &found {
        print(&format!("{:>4}  {}  {}  {}", one.number, one.pack, one.at, one.reason))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a folder that holds one pack.
fn read(folder: &Path) -> Result<(String, Files)> {
    let folder = folder
        .canonicalize()
        .with_context(|| format!("{0} 打不开 / {0} cannot be opened", folder.display()))?;
    let id = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let id = id.context("a folder with a name")?;
    let mut files = Files::new();
    walk(&folder, &folder, &mut files)?;
    if !files.contains_key("pack.toml") {
        bail!("{0} 里没有 pack.toml / {0} holds no pack.toml", folder.display());
    }
    Ok((id, files))
}

/// All files below a folder; what is hidden and what leads elsewhere is no part of a pack.
fn walk(root: &Path, folder: &Path, files: &mut Files) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().to_string_lossy().starts_with('.') || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            walk(root, &path, files)?;
        } else {
            let inside = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            let bytes = std::fs::read(&path)
                .with_context(|| format!("{0} 读不了 / {0} cannot be read", path.display()))?;
            files.insert(inside, bytes);
        }
    }
    Ok(())
}

/// All packs as they would be after the change: they must have no fault, papers included.
async fn checked(
    config: &Config,
    db: &Db,
    (id, files): (String, Option<Files>),
) -> Result<Option<engines::Loaded>> {
    let installed = zhengtong_setting::installed_packs(db).await.map_err(|error| failed(&error))?;
    let mut installed: Vec<(String, Files)> = installed
        .into_iter()
        .filter(|one| one.pack != id)
        .map(|one| (one.pack, one.files))
        .collect();
    installed.extend(files.map(|files| (id, files)));
    let mut report = Report::default();
    let packs = wire::with_installed(wire::packs(config, &mut report), installed, &mut report);
    let today = zhengtong_calendar::china_date(db.clock().now());
    let loaded = engines::load(&packs, today, &mut report);
    let papers =
        loaded.shelf.get::<zhengtong_document::Catalog>().map_err(|error| failed(&error))?;
    let settings = zhengtong_document::Settings::new(&config.public_url(), wire::font_folders());
    zhengtong_document::check(&papers, &settings, db.clock().now(), &mut report);
    for finding in &report.findings {
        print(&finding.to_string())?;
    }
    Ok(report.usable().then_some(loaded))
}

/// Does it under the policies of the packs as they will be; none when they have faults.
async fn act(
    config: &Config,
    db: &Db,
    ready: Option<engines::Loaded>,
    verb: impl AsyncFnOnce(&mut zhengtong_db::Ctx) -> zhengtong_setting::Result<i64>,
) -> Result<Option<i64>> {
    let Some(loaded) = ready else {
        db.close().await;
        print("包有错，没有装 / the packs have faults; nothing was changed")?;
        return Ok(None);
    };
    let shared = keys::open(config, db).await?;
    db.load(loaded.policies, loaded.shelf.with(shared.ring));
    let done = async {
        let mut ctx = db.begin_system("pack").await.map_err(|error| failed(&error))?;
        let number = verb(&mut ctx).await.map_err(|error| failed(&error))?;
        ctx.commit().await.map_err(|error| failed(&error))?;
        anyhow::Ok(number)
    };
    let done = done.await;
    db.close().await;
    done.map(Some)
}
