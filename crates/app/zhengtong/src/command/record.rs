//! `zhengtong verify`: the whole record, from the database or from an exported file, by anyone.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use zhengtong_crypto::VerifyingKey;
use zhengtong_ledger::{Report, Trust};

use super::print;
use crate::cli::VerifyArgs;
use crate::config::Config;
use crate::wire;

pub(super) async fn verify(config: &Config, args: &VerifyArgs, json: bool) -> Result<ExitCode> {
    let trust = trust(args.key.as_deref())?;
    let report = match &args.file {
        Some(path) => {
            let file = File::open(path)
                .with_context(|| format!("{0} 打不开 / {0} cannot be opened", path.display()))?;
            zhengtong_ledger::verify_file(BufReader::new(file), &trust)
                .map_err(|error| wire::failed(&error))?
        }
        None => from_database(config, args, &trust).await?,
    };
    show(&report, json)
}

fn trust(key: Option<&str>) -> Result<Trust> {
    let Some(key) = key else { return Ok(Trust::default()) };
    let bytes = hex::decode(key.trim()).context("--key must be hexadecimal")?;
    let bytes: [u8; 32] = bytes.try_into().map_err(|_length| {
        anyhow::Error::msg("--key 要 64 位十六进制 / --key needs 64 hexadecimal digits")
    })?;
    let key = VerifyingKey::from_bytes(bytes).context("--key is no public key")?;
    Ok(Trust { keys: vec![key], witnessed: Vec::new() })
}

async fn from_database(config: &Config, args: &VerifyArgs, trust: &Trust) -> Result<Report> {
    let wired = wire::wire(config).await?;
    wire::seal(&wired.db, &wired.key).await.map_err(anyhow::Error::msg)?;
    let mut tx = wired.db.pool().acquire().await.context("a connection")?;
    if let Some(path) = &args.export {
        let file = File::create(path).context("the file of the export")?;
        let mut writer = BufWriter::new(file);
        zhengtong_ledger::export(&mut tx, &mut writer)
            .await
            .map_err(|error| wire::failed(&error))?;
        writer.flush()?;
    }
    let report =
        zhengtong_ledger::verify_db(&mut tx, trust).await.map_err(|error| wire::failed(&error))?;
    drop(tx);
    super::stop(wired).await;
    Ok(report)
}

fn show(report: &Report, json: bool) -> Result<ExitCode> {
    if json {
        let fault = report.fault.as_ref().map(ToString::to_string);
        let answer = json!({
            "sound": report.is_sound(), "entries": report.entries,
            "checkpoints": report.checkpoints, "unsealed": report.unsealed, "fault": fault,
        });
        print(&answer.to_string())?;
    } else if let Some(fault) = &report.fault {
        let text = fault.kind.text();
        print(&format!("{} / {}\n{fault}", text.zh, text.en))?;
    } else {
        print(&format!(
            "记录完整：{0} 条，{1} 个检查点，没有改动 / the record is whole: {0} entries, {1} checkpoints, nothing was altered",
            report.entries, report.checkpoints
        ))?;
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
