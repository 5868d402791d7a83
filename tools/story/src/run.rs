//! From folders to outcomes: finds the stories, looks the steps up, plays them one after another.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::Options;
use crate::gherkin::{self, Feature, Scenario};
use crate::report::{self, Outcome};
use crate::steps::Book;
use crate::workshop::Workshop;
use crate::world::{Account, Clock, World};

/// A feature file with where it belongs.
struct Story {
    pack: String,
    file: String,
    feature: Result<Feature, gherkin::Broken>,
    book: Book,
}

/// The clock of this machine.
struct WallClock;

impl Clock for WallClock {
    fn unix_seconds(&self) -> u64 {
        #[expect(clippy::disallowed_methods, reason = "one-time codes follow the wall clock")]
        let now = SystemTime::now();
        now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
    }

    fn wait(&self, time: Duration) {
        #[expect(clippy::disallowed_methods, reason = "outside of the server one can only wait")]
        std::thread::sleep(time);
    }
}

/// Runs all stories asked for; true when all hold.
pub(crate) fn run(options: &Options, out: &mut dyn Write) -> Result<bool> {
    let stories = stories(options)?;
    let accounts = accounts(options)?;
    let clock = WallClock;
    let mut world = options.url.as_deref().map(|url| World::new(url, accounts, &clock));
    if let Some(world) = &mut world {
        let workshop = Workshop::new(options.folder.clone(), options.program.clone());
        world.furnish(workshop, &options.packs);
    }
    let mut outcomes = Vec::new();
    for story in &stories {
        match &story.feature {
            Err(broken) => {
                let name = story.file.clone();
                writeln!(out, "{}: {name}", story.pack)?;
                let blank = Scenario { name, line: broken.line, steps: Vec::new() };
                let outcome = outcome(story, "", &blank, Duration::ZERO, Some(broken.to_string()));
                report::line(out, &outcome)?;
                outcomes.push(outcome);
            }
            Ok(feature) => {
                writeln!(out, "{}: {}", story.pack, feature.name)?;
                for scenario in &feature.scenarios {
                    let started = Instant::now();
                    let error = match &mut world {
                        None => look_up(story, scenario).err(),
                        Some(world) => look_up(story, scenario)
                            .and_then(|()| play(story, scenario, world))
                            .err(),
                    };
                    let time = started.elapsed();
                    let outcome = outcome(story, &feature.name, scenario, time, error);
                    report::line(out, &outcome)?;
                    outcomes.push(outcome);
                }
            }
        }
    }
    if let Some(world) = &mut world {
        world.begin()?;
    }
    if let Some(path) = &options.json {
        report::write(path, &outcomes)?;
    }
    report::close(out, &outcomes)
}

/// All steps are looked up before the first is played, so that a slip of the pen shows at once.
fn look_up(story: &Story, scenario: &Scenario) -> Result<(), String> {
    let unknown: Vec<_> = scenario
        .steps
        .iter()
        .filter_map(|step| {
            let error = story.book.deeds(&step.text).err()?;
            Some(format!("{}:{}: {error:#}", story.file, step.line))
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(unknown.join("\n")) }
}

fn play(story: &Story, scenario: &Scenario, world: &mut World<'_>) -> Result<(), String> {
    world.begin().map_err(|error| format!("{error:#}"))?;
    for step in &scenario.steps {
        let deeds = story.book.deeds(&step.text).map_err(|error| format!("{error:#}"))?;
        for deed in deeds {
            world.play(&deed, step).map_err(|error| {
                let within = if deed.text == step.text {
                    String::new()
                } else {
                    format!("\n  at: {}", deed.text)
                };
                let (file, line, text) = (&story.file, step.line, &step.text);
                format!("{file}:{line}: {text}{within}\n  {error:#}\n  {}", world.scene())
            })?;
        }
    }
    Ok(())
}

fn outcome(
    story: &Story,
    feature: &str,
    scenario: &Scenario,
    time: Duration,
    error: Option<String>,
) -> Outcome {
    Outcome {
        pack: story.pack.clone(),
        file: story.file.clone(),
        line: scenario.line,
        feature: feature.to_owned(),
        scenario: scenario.name.clone(),
        passed: error.is_none(),
        error,
        ms: time.as_millis(),
    }
}

/// Stories of all packs (or the one asked for), in the order of their names.
fn stories(options: &Options) -> Result<Vec<Story>> {
    let mut stories = Vec::new();
    for pack in entries(&options.packs)? {
        let name = file_name(&pack);
        let folder = pack.join("story");
        if options.only.as_ref().is_some_and(|only| *only != name) || !folder.is_dir() {
            continue;
        }
        for file in entries(&folder)?.into_iter().filter(|file| has_ending(file, "feature")) {
            let source = std::fs::read_to_string(&file);
            let source = source.with_context(|| file.display().to_string())?;
            stories.push(Story {
                pack: name.clone(),
                file: format!("{name}/story/{}", file_name(&file)),
                feature: gherkin::parse(&source),
                book: book(options, &folder)?,
            });
        }
    }
    Ok(stories)
}

/// The steps of the house, and before them those of the pack.
fn book(options: &Options, folder: &Path) -> Result<Book> {
    let mut book = Book::default();
    if options.steps.is_file() {
        book.read(&options.steps)?;
    }
    let own = folder.join("steps.toml");
    if own.is_file() {
        book.read(&own)?;
    }
    Ok(book)
}

fn accounts(options: &Options) -> Result<Vec<Account>> {
    let Some(path) = &options.accounts else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = list.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}
