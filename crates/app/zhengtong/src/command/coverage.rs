//! `zhengtong coverage`: every requirement row with its stories and their results.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::print;
use crate::cli::CoverageArgs;

#[derive(Deserialize)]
struct RowFile {
    #[serde(default)]
    row: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    stories: Vec<String>,
}

/// One scenario as the story runner reports it.
#[derive(Deserialize)]
struct Ran {
    pack: String,
    file: String,
    scenario: String,
    passed: bool,
}

#[derive(Serialize)]
struct Covered {
    row: String,
    stories: Vec<String>,
    passed: Option<bool>,
}

pub(super) fn run(args: &CoverageArgs, json: bool) -> Result<ExitCode> {
    let rows = read(&args.rows)?;
    let ran: Vec<Ran> = match &args.results {
        Some(path) => {
            let text = std::fs::read_to_string(path).context("the results of the stories")?;
            serde_json::from_str(&text).context("the results of the stories")?
        }
        None => Vec::new(),
    };
    let covered: Vec<Covered> = rows
        .into_iter()
        .map(|(row, stories)| {
            let passed = passed(&stories, &ran, args.results.is_some());
            Covered { row, stories, passed }
        })
        .collect();
    if json {
        print(&serde_json::to_string_pretty(&covered)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let with = covered.iter().filter(|row| !row.stories.is_empty()).count();
    for row in &covered {
        let mark = match (row.stories.is_empty(), row.passed) {
            (true, _) => "—",
            (false, Some(true)) => "✓",
            (false, Some(false)) => "✗",
            (false, None) => "?",
        };
        print(&format!("{mark} {} {}", row.row, row.stories.join(" ")))?;
    }
    print(&format!("{with} / {} 行有故事 / rows with stories", covered.len()))?;
    Ok(ExitCode::SUCCESS)
}

fn read(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut rows = BTreeMap::new();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path)?;
            let file: RowFile =
                toml::from_str(&text).with_context(|| format!("{}", path.display()))?;
            rows.extend(file.row.into_iter().map(|(id, row)| (id, row.stories)));
        }
    }
    Ok(rows)
}

/// Whether all named stories ran and passed; nothing when it is not known.
fn passed(stories: &[String], ran: &[Ran], known: bool) -> Option<bool> {
    if stories.is_empty() || !known {
        return None;
    }
    Some(stories.iter().all(|story| {
        let (file, scenario) =
            story.split_once('#').map_or((story.as_str(), None), |(file, s)| (file, Some(s)));
        let mut of_story = ran
            .iter()
            .filter(|ran| file.ends_with(&ran.file) && file.contains(&ran.pack))
            .filter(|ran| scenario.is_none_or(|scenario| ran.scenario == scenario))
            .peekable();
        of_story.peek().is_some() && of_story.all(|ran| ran.passed)
    }))
}
