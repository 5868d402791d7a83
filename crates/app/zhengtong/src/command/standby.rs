//! `zhengtong standby`: a second folder that follows, and takes over when the first is lost.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tokio::sync::watch;
use zhengtong_db::cluster::{self, Attached, Ended, Given, Invite, Opening, RoleFile, Standby};
use zhengtong_db::{Db, Settings};

use super::print;
use crate::cli::{StandbyCommand, StandbyOpenArgs};
use crate::config::Config;
use crate::wire::failed;

pub(super) async fn run(config: &Config, command: StandbyCommand, json: bool) -> Result<ExitCode> {
    if !config.database.url.is_empty() {
        bail!(
            "数据库不归本程序管（database.url），备库请在那边设 / the database is not ours (database.url): set up its standby there"
        );
    }
    let folder = &config.data.folder;
    match command {
        StandbyCommand::Add { to, name } => add(folder, &to, &name).await?,
        StandbyCommand::Open(args) => open(folder, args).await?,
        StandbyCommand::Join { invite } => join(folder, &invite).await?,
        StandbyCommand::Run => return keep(config).await,
        StandbyCommand::Promote { accept_loss } => {
            let start = tokio::time::Instant::now();
            cluster::promote(folder, accept_loss).await.map_err(|error| failed(&error))?;
            print(&format!(
                "已提升为主库（{:.1} 秒），旧主库不会再启动 / promoted; the old primary will not start again\n  启动 / start it unless `standby run` does: zhengtong serve --data {}",
                start.elapsed().as_secs_f64(),
                folder.display()
            ))?;
        }
        StandbyCommand::Drop { name } => {
            cluster::drop_standby(folder, &name).await.map_err(|error| failed(&error))?;
            print(&format!(
                "不再等备库 {name}，现在只有一份数据 / commits no longer wait for {name}: there is one copy of the data now"
            ))?;
        }
        StandbyCommand::Status => return status(folder, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(folder: &Path, to: &Path, name: &str) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let to = to.canonicalize()?;
    super::open_to_postgres(&to)?;
    let added = cluster::add(folder, &to, name).await.map_err(|error| failed(&error))?;
    print(&format!(
        "备库 {} 已建在 {1}\n  在备机上一直运行 / keep it running: zhengtong standby run --data {1}\n  主库丢了 / when the primary is lost: zhengtong standby promote --data {1}",
        added.name,
        added.folder.display()
    ))
}

/// Opens the primary for a standby on another machine.
async fn open(folder: &Path, args: StandbyOpenArgs) -> Result<()> {
    let given = match (args.certificate, args.certificate_key, args.root) {
        (Some(certificate), Some(key), Some(root)) => Some(Given { certificate, key, root }),
        _ => None,
    };
    let opening = Opening {
        name: args.name,
        listen: args.listen_to_standby,
        host: args.host,
        allow: args.allow,
        at: args.at,
        given,
    };
    let invite = cluster::open(folder, &opening).await.map_err(|error| failed(&error))?;
    write_secret(&args.invite, &serde_json::to_vec_pretty(&invite)?)?;
    print(&format!(
        "主库在 {}:{} 上等备库 {}，邀请写在 {}\n  邀请里有口令和密钥：用安全的办法送到备机，用完删掉 / it holds a password and keys: carry it safely, delete it afterwards\n  在备机上 / on the other machine: zhengtong standby join --invite FILE --data FOLDER && zhengtong standby run --data FOLDER",
        invite.primary.host,
        invite.primary.port,
        invite.name,
        args.invite.display()
    ))
}

/// A file that only we may read, and that was not there before.
fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::File::options().write(true).create_new(true).mode(0o600).open(path).with_context(
            || format!("{}: 写不了，或已经有了 / cannot be written, or is there", path.display()),
        )?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

async fn join(folder: &Path, invite: &Path) -> Result<()> {
    let text = std::fs::read(invite).with_context(|| invite.display().to_string())?;
    let invite: Invite =
        serde_json::from_slice(&text).context("这不是邀请文件 / this is no invitation")?;
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    super::open_to_postgres(&folder)?;
    let added = cluster::join(&invite, &folder).await.map_err(|error| failed(&error))?;
    print(&format!(
        "备库 {} 已建在 {1}\n  一直运行 / keep it running: zhengtong standby run --data {1}\n  主库丢了 / when the primary is lost: zhengtong standby promote --data {1}\n  附件不经过这条线，请另行同步 / files do not travel on this line: share or copy the folder files/",
        added.name,
        added.folder.display()
    ))
}

/// Follows until promoted, and then serves: the two commands are all that a loss of the primary takes.
async fn keep(config: &Config) -> Result<ExitCode> {
    crate::logging::start(config)?;
    let standby = Standby::start(&config.data.folder).await.map_err(|error| failed(&error))?;
    print("备库在跟随主库 / the standby follows the primary")?;
    let (stop, stopped) = watch::channel(false);
    let signal = tokio::spawn(async move {
        if crate::serve::signal().await.is_ok() {
            stop.send_replace(true);
        }
        // Kept until the signal came.
        drop(stop);
    });
    let ended = standby.keep(stopped).await.map_err(|error| failed(&error))?;
    signal.abort();
    if ended == Ended::Promoted {
        print("已提升，开始服务 / promoted; serving")?;
        super::city(config).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(folder: &Path, json: bool) -> Result<ExitCode> {
    let file = RoleFile::read(folder).map_err(|error| failed(&error))?;
    let found = Attached::find(folder).await.map_err(|error| failed(&error))?;
    let states = match found {
        Some(attached) => {
            let db = Db::open(&attached.url(), Settings::default()).map_err(|e| failed(&e))?;
            let mut tx = db.begin_raw().await.map_err(|error| failed(&error))?;
            let states = cluster::states(&mut tx).await;
            drop(tx);
            db.close().await;
            states.unwrap_or_default()
        }
        None => Vec::new(),
    };
    if json {
        print(&json!({ "folder": file, "streaming": states }).to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(file) = file else {
        print("没有备库 / there is no standby")?;
        return Ok(ExitCode::SUCCESS);
    };
    print(&format!("{:?}，第 {} 届 / epoch {1}", file.role, file.epoch))?;
    for peer in &file.peers {
        let state = states.iter().find(|state| state.name == peer.name);
        let said = state.map_or_else(
            || "不在，写入在等 / away, writes wait".to_owned(),
            |state| format!("{} {}，落后 / behind {} B", state.state, state.sync, state.lag_bytes),
        );
        let place = match &peer.remote {
            Some(at) => format!("{}:{}", at.host, at.port),
            None if peer.away => "在另一台机器上 / on another machine".to_owned(),
            None => peer.folder.display().to_string(),
        };
        print(&format!("  {}  {place}  {said}", peer.name))?;
    }
    if let Some(seen) = &file.seen {
        print(&format!("  {}  {}，落后 / behind {} B", seen.at, seen.sync, seen.lag_bytes))?;
    }
    Ok(ExitCode::SUCCESS)
}
