//! `zhengtong upgrade --check`: whether this program can take over a data folder, and what it would change.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use zhengtong_db::cluster::Attached;
use zhengtong_db::{Db, MigratePlan, Settings};

use super::doctor::{self, Finding};
use super::print;
use crate::config::Config;
use crate::version::{self, Stamp};
use crate::{engines, wire};

pub(super) async fn check(config: &Config, json: bool) -> Result<ExitCode> {
    let stamp = Stamp::read(&config.data.folder)?;
    let from = stamp.map_or_else(|| "?".to_owned(), |stamp| stamp.program);
    let plan = plan(config).await?;
    let mut findings = vec![stamped(config), doctor::postgres(config)];
    findings.extend(plan.as_ref().map(tables));
    findings.push(doctor::packs(config));
    findings.push(doctor::backup_age(config).await);
    let sound = findings.iter().all(|finding| finding.sound);
    if json {
        let steps = plan.map(|plan| plan.missing);
        let answer = json!({
            "from": from, "to": version::OURS, "sound": sound, "steps": steps,
            "findings": doctor::rows(&findings),
        });
        print(&answer.to_string())?;
    } else {
        print(&format!("{from} → {}", version::OURS))?;
        doctor::show(&findings)?;
        match plan {
            Some(plan) if plan.missing.is_empty() => {
                print("没有表要改 / no table would change")?;
            }
            Some(plan) => {
                for (schema, version, name) in &plan.missing {
                    print(&format!("  + {schema} {version} {name}"))?;
                }
            }
            None => print(
                "数据库没有运行，要改哪些表启动后才知道 / the database does not run: start it to see which tables would change",
            )?,
        }
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stamped(config: &Config) -> Finding {
    let admitted = version::admit(&config.data.folder);
    Finding {
        what: "版本 / version",
        sound: admitted.is_ok(),
        detail: admitted.err().map_or_else(|| version::OURS.to_owned(), |error| error.to_string()),
        mend: "装回较新的版本，或把升级前的备份恢复到空目录 / install the newer version again, or restore the backup from before the upgrade",
    }
}

fn tables(plan: &MigratePlan) -> Finding {
    let unknown: Vec<String> =
        plan.unknown.iter().map(|(schema, version)| format!("{schema} {version}")).collect();
    let detail = if unknown.is_empty() {
        format!("{} 步要做 / steps to run: {0}", plan.missing.len())
    } else {
        format!("本程序不认识 / unknown to this program: {}", unknown.join(", "))
    };
    Finding {
        what: "表结构 / tables",
        sound: unknown.is_empty(),
        detail,
        mend: "装回较新的版本 / install the newer version again",
    }
}

/// What a migration would do; none when the database does not run.
async fn plan(config: &Config) -> Result<Option<MigratePlan>> {
    let url = if config.database.url.is_empty() {
        let found = Attached::find(&config.data.folder).await;
        found.map_err(|error| wire::failed(&error))?.map(|attached| attached.url())
    } else {
        Some(config.database.url.clone())
    };
    let Some(url) = url else { return Ok(None) };
    let db = Db::open(&url, Settings::default()).map_err(|error| wire::failed(&error))?;
    let plan = zhengtong_db::plan_migration(db.pool(), engines::SCHEMAS).await;
    db.close().await;
    plan.map(Some).map_err(|error| wire::failed(&error))
}
