//! `zhengtong key`: what keys there are, changing them, and destroying them.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;
use time::Duration;
use zhengtong_db::Thing;
use zhengtong_db::jobs::NewJob;

use super::print;
use crate::cli::KeyCommand;
use crate::config::Config;
use crate::keys;
use crate::wire::{self, Wired, failed};

/// When the job that seals again begins: every node knows the new key by then.
const RENEW_AFTER: Duration = Duration::seconds(15);

pub(super) async fn run(config: &Config, command: KeyCommand, as_json: bool) -> Result<ExitCode> {
    let wired = wire::wire(config).await?;
    let done = match command {
        KeyCommand::List => list(&wired, as_json).await,
        KeyCommand::Rotate => rotate(config, &wired).await,
        KeyCommand::Renew { field } => renew(&wired, field.as_deref()).await,
        KeyCommand::Erase { field, reason, yes } => erase(&wired, &field, &reason, yes).await,
    };
    super::stop(wired).await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn list(wired: &Wired, as_json: bool) -> Result<()> {
    let mut ctx = wired.db.begin_system("vault").await.map_err(|error| failed(&error))?;
    let lines = zhengtong_vault::keys(ctx.conn()).await.map_err(|error| failed(&error))?;
    let erased = |at: Option<time::OffsetDateTime>| at.map(|at| at.to_string());
    if as_json {
        let rows: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({ "field": line.field, "kind": line.kind.word(), "version": line.version,
                        "created": line.created.to_string(), "erased_at": erased(line.erased_at) })
            })
            .collect();
        return print(&serde_json::to_string_pretty(&rows)?);
    }
    for line in &lines {
        let gone = erased(line.erased_at)
            .map_or_else(String::new, |at| format!("  已销毁 / destroyed {at}"));
        print(&format!("{:<6} {:>3}  {}{gone}", line.kind.word(), line.version, line.field))?;
    }
    Ok(())
}

/// Another master key: all keys are wrapped again, no data is touched.
async fn rotate(config: &Config, wired: &Wired) -> Result<()> {
    let places = keys::places(config)?;
    let mut ctx = wired.db.begin_system("vault").await.map_err(|error| failed(&error))?;
    ctx.allow("vault.rotate", &Thing::new("key", "master")).map_err(|error| failed(&error))?;
    let rotated = zhengtong_vault::rotate_master(ctx.conn(), &wired.ring, &places)
        .await
        .map_err(|error| failed(&error))?;
    let why = format!("{} keys wrapped again", rotated.count);
    let act = ctx.act("vault.rotate", "key", "master").because(why);
    zhengtong_ledger::append(ctx.conn(), &act).await.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    let count = rotated.count;
    rotated.finish().map_err(|error| failed(&error))?;
    print(&format!(
        "主密钥已更换，{count} 把密钥重新包裹。请把新的 {0} 备份并分发到其他节点，再重启它们 / the master key was changed and {count} keys wrapped again: back up {0}, bring it to the other nodes and restart them",
        places.path().display()
    ))
}

/// New keys for a field, or for all; a job seals everything again and destroys the older ones.
async fn renew(wired: &Wired, field: Option<&str>) -> Result<()> {
    let fields = match field {
        Some(field) => vec![field.to_owned()],
        None => wired.ring.fields(),
    };
    let mut ctx = wired.db.begin_system("vault").await.map_err(|error| failed(&error))?;
    let now = ctx.now;
    for field in &fields {
        ctx.allow("vault.renew", &Thing::new("key", field)).map_err(|error| failed(&error))?;
        let version = zhengtong_vault::rotate_field(ctx.conn(), &wired.ring, field, now)
            .await
            .map_err(|error| failed(&error))?;
        let payload = json!({ "field": field, "version": version });
        ctx.enqueue(NewJob::at("vault.renew", &payload, now + RENEW_AFTER))
            .await
            .map_err(|error| failed(&error))?;
        let act = ctx
            .act("vault.renew", "key", field.clone())
            .because(format!("version {version} begins"));
        zhengtong_ledger::append(ctx.conn(), &act).await.map_err(|error| failed(&error))?;
    }
    ctx.commit().await.map_err(|error| failed(&error))?;
    print(&format!(
        "{0} 个字段换了新密钥，服务运行时会在后台重新加密 / {0} fields have new keys; the running server seals their data again",
        fields.len()
    ))
}

async fn erase(wired: &Wired, field: &str, reason: &str, yes: bool) -> Result<()> {
    if !yes {
        bail!(
            "这会让 {field} 的全部数据永远无法读取，备份里的也一样。确定要做，请加 --yes / this makes all data of {field} unreadable for ever; add --yes to do it"
        );
    }
    if reason.trim().chars().count() < 4 {
        bail!(
            "请用 --reason 写明依据，至少 4 个字 / say why with --reason, in at least 4 characters"
        );
    }
    let mut ctx = wired.db.begin_system("vault").await.map_err(|error| failed(&error))?;
    ctx.allow("vault.erase", &Thing::new("key", field)).map_err(|error| failed(&error))?;
    let now = ctx.now;
    let gone =
        zhengtong_vault::erase(ctx.conn(), field, now).await.map_err(|error| failed(&error))?;
    let act = ctx.act("vault.erase", "key", field).because(reason);
    zhengtong_ledger::append(ctx.conn(), &act).await.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    wired.ring.forget(field);
    print(&format!("{gone} 把密钥已销毁 / {gone} keys destroyed"))
}
