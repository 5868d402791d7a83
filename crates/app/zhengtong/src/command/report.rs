//! `zhengtong report up`: a period in the tables of the national platform, checked and signed.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use time::Date;
use time::macros::format_description;

use super::print;
use crate::cli::ReportCommand;
use crate::config::Config;
use crate::report::{Asked, up};
use crate::wire;

pub(super) async fn run(config: &Config, command: &ReportCommand, json: bool) -> Result<ExitCode> {
    let ReportCommand::Up { from, to, out, reason } = command;
    let (from, to) = (day(from)?, day(to)?);
    let wired = wire::wire(config).await?;
    let site = config.public_url();
    let asked = Asked { from, to, reason, by: "command line", site: &site, folder: out };
    let made = up(&wired.db, &wired.key, &asked).await;
    super::stop(wired).await;
    let (package, folder) = made?;
    let run = &package.run;
    let sent: usize = run.tables.iter().map(|table| table.sent).sum();
    let same: usize = run.tables.iter().map(|table| table.same).sum();
    if json {
        let faults: Vec<_> = package
            .faults
            .iter()
            .map(|fault| {
                json!({
                    "table": fault.table, "subject": fault.subject, "field": fault.field,
                    "rule": fault.rule, "mend": fault.mend.en,
                })
            })
            .collect();
        let answer = json!({
            "batch": run.batch, "folder": folder, "sent": sent, "unchanged": same,
            "left_out": run.left_out, "manifest_sm3": run.manifest, "faults": faults,
        });
        print(&answer.to_string())?;
    } else {
        print(&format!(
            "{0}：报送 {sent} 行，未变 {same} 行，不合格未报 {1} 行，在 {2} / {0}: {sent} rows sent, {same} unchanged, {1} left out, in {2}",
            run.batch,
            run.left_out,
            folder.display()
        ))?;
        for fault in &package.faults {
            print(&format!(
                "  {} {} {}: {} / {}",
                fault.subject, fault.table, fault.field, fault.mend.zh, fault.mend.en
            ))?;
        }
    }
    Ok(if run.left_out == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn day(text: &str) -> Result<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]"))
        .with_context(|| format!("{text}：日期写成 2026-11-22 / write a day like 2026-11-22"))
}
