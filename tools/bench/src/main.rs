//! Measures the figures that the platform promises.

mod gauge;
mod life;
mod peer;
mod process;
mod record;
mod rows;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use zhengtong_walk::city::City;

use crate::rows::Row;

const HELP: &str = "\
Measures the figures that the platform promises.

  bench --binary target/release/zhengtong --out target/bench/results.json [options]

  --binary FILE   the program
  --out FILE      where the results go
  --only WORD     only rows whose group has this word: start, life, spike, guide-page, mixed, record,
                  restore, process
  --full          the long forms: ten minutes of load, 1,000,000 cases
  --spiff FILE    a Python with SpiffWorkflow, a peer of the processes
  --seconds N     how long one load lasts (10)
  --cases N       how many cases a large city has (100000)
";

/// What the command line asks for.
pub(crate) struct Bench {
    pub(crate) binary: PathBuf,
    pub(crate) work: PathBuf,
    /// How long one load lasts.
    pub(crate) seconds: u64,
    /// How long the mixed load lasts.
    pub(crate) mixed_seconds: u64,
    /// Cases of a large city.
    pub(crate) cases: u64,
    /// The Python in which a peer is installed.
    pub(crate) spiff: Option<PathBuf>,
    only: String,
    out: PathBuf,
}

impl Bench {
    /// A city of its own, filled and not started.
    pub(crate) async fn city(&self, name: &str) -> Result<City> {
        let template = self.work.join("template");
        if !template.exists() {
            City::fill(&self.binary, &template, 20_000).await?;
        }
        let folder = self.work.join(name);
        City::copy(&template, &folder).await?;
        // What is still on its way to the disk is of the copy, not of the load that follows.
        let flushed = tokio::process::Command::new("sync").arg("-f").arg(&folder).status().await?;
        ensure!(flushed.success(), "the copied city could not be flushed");
        let mut city = City::at(&self.binary, &folder)?;
        city.env.push(("ZHENGTONG__LOG__LEVEL".to_owned(), "warn".to_owned()));
        Ok(city)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match begin(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints a line at once.
pub(crate) fn say(line: &str) {
    // Nothing is left to do when the terminal is gone.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

fn begin(arguments: &[String]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        say(HELP);
        return Ok(());
    }
    let folder = tempfile::Builder::new().prefix("zhengtong-bench.").tempdir()?;
    readable(folder.path())?;
    let bench = options(arguments, folder.path().to_owned())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let rows = runtime.block_on(measure(&bench))?;
    if let Some(parent) = bench.out.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&bench.out, serde_json::to_vec_pretty(&rows)?)?;
    Ok(())
}

async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let mut all = Vec::new();
    for group in ["start", "guide-page", "spike", "life", "mixed", "record", "restore", "process"] {
        if !bench.only.is_empty() && !group.contains(&bench.only) && !bench.only.starts_with(group)
        {
            continue;
        }
        say(&format!("── {group}"));
        let rows = match group {
            "start" => rows::start(bench).await,
            "guide-page" => rows::guide(bench).await,
            "spike" => rows::spike(bench).await,
            "life" => rows::life(bench).await,
            "mixed" => rows::mixed(bench).await,
            "record" => record::record(bench).await,
            "process" => process::process(bench).await,
            _ => record::restore(bench).await,
        };
        let rows = rows.unwrap_or_else(|error| vec![Row::missing(group, "", format!("{error:#}"))]);
        for row in &rows {
            let value = row.value.map_or_else(|| "-".to_owned(), |value| value.to_string());
            let ok = row.ok.map_or("not judged", |ok| if ok { "ok" } else { "NOT REACHED" });
            say(&format!("{} {value} {} ({}) {ok}\n    {}", row.id, row.unit, row.bar, row.note));
        }
        all.extend(rows);
    }
    Ok(all)
}

/// The database runs as another user when we are root: it must be able to enter.
fn readable(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn options(arguments: &[String], work: PathBuf) -> Result<Bench> {
    let mut bench = Bench {
        binary: "target/release/zhengtong".into(),
        work,
        seconds: 10,
        mixed_seconds: 60,
        cases: 100_000,
        spiff: None,
        only: String::new(),
        out: "target/bench/results.json".into(),
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value =
            || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--binary" => bench.binary = value()?.into(),
            "--out" => bench.out = value()?.into(),
            "--spiff" => bench.spiff = Some(value()?.into()),
            "--only" => bench.only = value()?,
            "--seconds" => bench.seconds = value()?.parse()?,
            "--cases" => bench.cases = value()?.parse()?,
            "--full" => (bench.mixed_seconds, bench.cases) = (600, 1_000_000),
            other => bail!("unknown option {other}\n\n{HELP}"),
        }
    }
    Ok(bench)
}
