//! `zhengtong doctor`: looks at everything the server needs, and says how to mend what is missing.

mod guard;
mod live;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use zhengtong_pack::Report;

pub(super) use self::live::backup_age;
pub(super) use self::live::running;
use self::live::{database, disks, drill_age, keys, standby, version};
use super::print;
use crate::config::Config;
use crate::{engines, wire};

/// One thing that was looked at.
pub(crate) struct Finding {
    /// What.
    pub(crate) what: &'static str,
    /// Whether it is as it should be.
    pub(crate) sound: bool,
    /// What was seen.
    pub(crate) detail: String,
    /// How to mend it.
    pub(crate) mend: &'static str,
}

pub(super) async fn run(config: &Config, json: bool) -> Result<ExitCode> {
    let findings = look(config).await;
    let sound = findings.iter().all(|finding| finding.sound);
    if json {
        print(&serde_json::to_string_pretty(&rows(&findings))?)?;
    } else {
        show(&findings)?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Looks at everything.
pub(crate) async fn look(config: &Config) -> Vec<Finding> {
    let running = running(config).await;
    let mut findings = vec![
        postgres(config),
        fonts(),
        folder(&config.data.folder),
        address(config, running.is_some()).await,
        packs(config),
        calendar(running.as_deref()).await,
        version(&config.data.folder),
    ];
    findings.extend(disks(config));
    findings.push(keys(config));
    findings.push(guard::certificate(config));
    findings.push(guard::master(config));
    findings.push(guard::scanner(config).await);
    findings.push(guard::egress(config).await);
    findings.extend(database(running.as_deref()).await);
    findings.push(standby(config, running.as_deref()).await);
    findings.push(backup_age(config).await);
    findings.push(drill_age(config, running.as_deref()).await);
    findings
}

pub(super) fn rows(findings: &[Finding]) -> Vec<serde_json::Value> {
    let row = |f: &Finding| json!({ "what": f.what, "sound": f.sound, "detail": f.detail, "mend": f.mend });
    findings.iter().map(row).collect()
}

pub(super) fn show(findings: &[Finding]) -> Result<()> {
    for finding in findings {
        let mark = if finding.sound { "✓" } else { "✗" };
        print(&format!("{mark} {}: {}", finding.what, finding.detail))?;
        if !finding.sound {
            print(&format!("  → {}", finding.mend))?;
        }
    }
    Ok(())
}

pub(super) fn postgres(config: &Config) -> Finding {
    let mend = "运行 scripts/setup，或设置 database.url / run scripts/setup or set database.url";
    if !config.database.url.is_empty() {
        let detail = "用配置里的数据库 / the configured database".to_owned();
        return Finding { what: "PostgreSQL", sound: true, detail, mend };
    }
    match zhengtong_db::cluster::installed() {
        Ok((folder, major)) => Finding {
            what: "PostgreSQL",
            sound: true,
            detail: format!("{major}，{}", folder.display()),
            mend,
        },
        Err(error) => Finding { what: "PostgreSQL", sound: false, detail: error.to_string(), mend },
    }
}

fn fonts() -> Finding {
    let sound = wire::font_folders().iter().any(|folder| has_chinese(folder));
    Finding {
        what: "中文字体 / Chinese fonts",
        sound,
        detail: if sound { "有 / found".to_owned() } else { "没有 / none".to_owned() },
        mend: "安装 fonts-noto-cjk / install fonts-noto-cjk",
    }
}

/// Whether a font of the Noto CJK family, or another with Chinese, stands below a folder.
fn has_chinese(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let font = [".ttc", ".otf", ".ttf"].iter().any(|ending| name.ends_with(ending));
        (path.is_dir() && has_chinese(&path))
            || (font
                && ["cjk", "sourcehan", "wqy", "simsun", "simhei"]
                    .iter()
                    .any(|word| name.contains(word)))
    })
}

fn folder(folder: &Path) -> Finding {
    let made = std::fs::create_dir_all(folder);
    Finding {
        what: "数据目录 / data folder",
        sound: made.is_ok(),
        detail: format!("{}", folder.display()),
        mend: "用 --data 换一个可写的目录 / choose a writable folder with --data",
    }
}

/// The server that runs already may well use its address.
async fn address(config: &Config, running: bool) -> Finding {
    let bound = tokio::net::TcpListener::bind(&config.server.listen).await;
    Finding {
        what: "监听地址 / address",
        sound: running || bound.is_ok(),
        detail: config.server.listen.clone(),
        mend: "用 --listen 换一个端口 / choose another port with --listen",
    }
}

pub(super) fn packs(config: &Config) -> Finding {
    use zhengtong_db::clock::Clock as _;
    let mut report = Report::default();
    let packs = wire::packs(config, &mut report);
    let today = zhengtong_calendar::china_date(zhengtong_db::clock::SystemClock.now());
    engines::load(&packs, today, &mut report);
    Finding {
        what: "包 / packs",
        sound: report.usable(),
        detail: format!("{} 个 / packs: {0}", packs.iter().count()),
        mend: "运行 zhengtong pack check 看每一处 / run zhengtong pack check",
    }
}

/// A year without a table of days off is said months before it is needed.
async fn calendar(url: Option<&str>) -> Finding {
    use zhengtong_db::clock::Clock as _;
    let today = zhengtong_calendar::china_date(zhengtong_db::clock::SystemClock.now());
    let soon = today + time::Duration::days(45);
    let figures = match url {
        Some(url) => zhengtong_casework::clock_figures_at(url, today).await.ok(),
        None => None,
    };
    let shipped = zhengtong_calendar::Calendar::china().years().any(|year| year == soon.year());
    let known = figures.map_or(shipped, |figures| figures.years_missing == 0);
    let waiting = figures.map_or(0, |figures| figures.provisional);
    Finding {
        what: "放假安排 / days off",
        sound: known,
        detail: format!("{}，暂估的时钟 / clocks on an estimate: {waiting}", soon.year()),
        mend: "国务院办公厅的通知一公布就在 /admin/calendars 录入，此前跨年的期限显示为“预计” / enter the year at /admin/calendars as soon as it is published; until then deadlines beyond it are shown as estimates",
    }
}
