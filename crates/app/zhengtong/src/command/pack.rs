//! `zhengtong pack`: check, compare, make.

mod install;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use zhengtong_pack::{Packs, Report};

use super::print;
use crate::cli::PackCommand;
use crate::config::Config;
use crate::{engines, wire};

pub(super) async fn run(config: &Config, command: PackCommand, json: bool) -> Result<ExitCode> {
    match command {
        PackCommand::New { id } => new(config, &id),
        PackCommand::Check { id } => {
            let id = id.as_deref().map(|id| id.trim_end_matches('/'));
            // The path of a pack means the pack in the folder in which it stands.
            match id.and_then(|id| id.rsplit_once('/')) {
                Some((folder, id)) => {
                    let mut config = config.clone();
                    config.packs.folder = folder.into();
                    check(&config, Some(id), json)
                }
                None => check(config, id, json),
            }
        }
        PackCommand::Diff { old, new } => diff(&old, &new),
        PackCommand::Install { folder, reason } => install::install(config, &folder, &reason).await,
        PackCommand::Remove { id, reason } => install::remove(config, &id, &reason).await,
        PackCommand::Installed => install::list(config, json).await,
        PackCommand::Schemas { folder } => schemas(&folder),
    }
}

fn check(config: &Config, only: Option<&str>, json: bool) -> Result<ExitCode> {
    let mut report = Report::default();
    let packs = wire::packs(config, &mut report);
    let loaded = engines::load(&packs, zhengtong_calendar::china_date(now()), &mut report);
    // Every paper is made once from its sample: a template that cannot be printed is found here, not at an issue.
    let papers =
        loaded.shelf.get::<zhengtong_document::Catalog>().map_err(|error| wire::failed(&error))?;
    let settings = zhengtong_document::Settings::new(&config.public_url(), wire::font_folders());
    zhengtong_document::check(&papers, &settings, now(), &mut report);
    if let Some(id) = only {
        report.findings.retain(|finding| finding.file.starts_with(&format!("{id}/")));
    }
    if json {
        print(&serde_json::to_string_pretty(&report)?)?;
    } else {
        for finding in &report.findings {
            print(&finding.to_string())?;
        }
        if let Some(id) = only.filter(|id| packs.get(id).is_none() && report.findings.is_empty()) {
            bail!("没有名为 {id} 的包 / there is no pack {id}");
        }
        let count = packs.iter().filter(|pack| only.is_none_or(|id| pack.id() == id)).count();
        let errors = report.errors().count();
        print(&format!("{count} 个包，{errors} 处错误 / {count} packs, {errors} errors"))?;
    }
    Ok(if report.usable() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn now() -> time::OffsetDateTime {
    use zhengtong_db::clock::Clock as _;
    zhengtong_db::clock::SystemClock.now()
}

fn new(config: &Config, id: &str) -> Result<ExitCode> {
    let sound = id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !sound {
        bail!(
            "包名只用小写字母、数字和连字符，例如 street-stall / a pack id has lower-case letters, digits and hyphens, such as street-stall"
        );
    }
    let root = if config.packs.folder.as_os_str().is_empty() {
        Path::new("packs")
    } else {
        &config.packs.folder
    };
    let folder = root.join(id);
    if folder.exists() {
        bail!("{0} 已经有了 / {0} is there already", folder.display());
    }
    let manifest = format!(
        "id = \"{id}\"\ntitle = {{ zh = \"（名称）\", en = \"(title)\" }}\n\
         summary = {{ zh = \"（一句话：给谁用、办什么）\", en = \"(one sentence: for whom, for what)\" }}\n\
         owner = \"data\"\nversion = \"0.1.0\"\nrows = []\nneeds = [\"house-rules\"]\n"
    );
    let readme =
        "# （名称）\n\n（给办事人员的一页说明：这个包管什么事，每一步谁做，出了问题找谁。）\n";
    let story = "# language: zh-CN\n功能: （名称）\n\n  场景: 打开首页\n    假如 打开\"/\"\n    那么 看到\"您想办什么事\"\n";
    for (path, text) in
        [("pack.toml", manifest.as_str()), ("README.md", readme), ("story/first.feature", story)]
    {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).context("the folder of the pack")?;
        }
        std::fs::write(&path, text).context("a file of the pack")?;
    }
    print(&format!("{}", folder.display()))?;
    print(
        "下一步：改 pack.toml，再运行 zhengtong pack check / next: edit pack.toml, then run zhengtong pack check",
    )?;
    Ok(ExitCode::SUCCESS)
}

fn diff(old: &Path, new: &Path) -> Result<ExitCode> {
    let mut report = Report::default();
    let files = |folder: &Path, report: &mut Report| -> BTreeMap<String, Vec<u8>> {
        let packs = Packs::from_folder(folder, report);
        let all = packs.iter().flat_map(|pack| {
            pack.paths().map(|path| {
                let bytes = pack.bytes(path).unwrap_or_default().to_vec();
                (format!("{}/{path}", pack.id()), bytes)
            })
        });
        all.collect()
    };
    let (before, after) = (files(old, &mut report), files(new, &mut report));
    let mut same = true;
    for (path, bytes) in &after {
        let word = match before.get(path) {
            None => "+",
            Some(older) if older != bytes => "~",
            Some(_) => continue,
        };
        same = false;
        print(&format!("{word} {path}"))?;
    }
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        same = false;
        print(&format!("- {path}"))?;
    }
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// The schemas of all kinds of files, by name of the file.
pub(crate) fn all_schemas() -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for part in engines::PARTS {
        for kind in part.kinds {
            let text = serde_json::to_string_pretty(&(kind.make)())?;
            all.insert(format!("{}.json", kind.schema), format!("{text}\n"));
        }
    }
    Ok(all)
}

fn schemas(folder: &Path) -> Result<ExitCode> {
    std::fs::create_dir_all(folder).context("the folder of schemas")?;
    for (name, text) in all_schemas()? {
        std::fs::write(folder.join(&name), text).context("a schema")?;
        print(&name)?;
    }
    Ok(ExitCode::SUCCESS)
}
