//! Torments a running city with seeded faults while clients write histories outside, then reads everything back.

mod beyond;
mod check;
mod clients;
mod disk;
mod fault;
mod history;
mod nodes;
mod power;
mod proxy;
mod report;
mod rounds;
mod second;
mod strike;
mod trial;
mod work;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use zhengtong_walk::now;

use crate::fault::Fault;
use crate::rounds::Plan;

const HELP: &str = "\
Torments a running city and reads everything back.

  torture --rounds 20 --seed 7 [options]
  torture nodes [options]       two nodes behind a balancer, one killed in mid-journey, --rounds times
  torture power [options]       power cuts: with fsync all is there, without it the loss is seen

  --binary FILE     the program (target/debug/zhengtong)
  --rounds N        how many rounds (20)
  --seed S          the seed of the schedule (drawn and printed)
  --faults F01,F02  these faults in turn (all)
  --clients N       clients at once (3)
  --work DIR        folder for cities and the history (a temporary one, removed when all held)
  --quick           short pauses around the blow; what is checked is the same
  --go-on           a broken round does not end the run: the next begins with a fresh city
  --report FILE     what the run came to, as JSON, written anew after every round
  --resume          goes on where the run of this FILE, seed and these faults ended

A run that is asked to end (Ctrl-C, TERM) finishes its round, reads everything back and writes the report.
";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Rounds,
    Power,
    Nodes,
}

/// What the command line asks for.
struct Options {
    what: What,
    binary: PathBuf,
    rounds: u64,
    seed: Option<u64>,
    faults: Vec<Fault>,
    clients: u64,
    work: Option<PathBuf>,
    quick: bool,
    go_on: bool,
    report: Option<PathBuf>,
    resume: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match begin(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("torture: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Prints a line at once.
pub(crate) fn say(line: &str) {
    // Nothing is left to do when the terminal is gone.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// The commit under test, for the line that repeats a run.
pub(crate) fn commit() -> String {
    let said = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    said.map_or_else(
        |_| String::new(),
        |said| String::from_utf8_lossy(&said.stdout).trim().to_owned(),
    )
}

fn begin(arguments: &[String]) -> Result<bool> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        say(HELP);
        return Ok(true);
    }
    let options = options(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(torment(options))
}

async fn torment(options: Options) -> Result<bool> {
    ensure!(!options.resume || options.seed.is_some(), "--resume needs the seed of the first run");
    let seed = options.seed.unwrap_or_else(|| now::micros() % 1_000_000_000);
    work::sweep();
    say(&format!("seed={seed} commit={}", commit()));
    let (work, temporary) = match &options.work {
        Some(folder) => (folder.clone(), false),
        None => (tempfile::Builder::new().prefix(work::PREFIX).tempdir()?.keep(), true),
    };
    std::fs::create_dir_all(&work)?;
    readable(&work)?;
    if temporary {
        work::own(&work)?;
    }
    // A copy: the program may be built anew while cities are restarted.
    let binary = work.join("zhengtong");
    std::fs::copy(&options.binary, &binary)
        .with_context(|| format!("{}: build it first", options.binary.display()))?;
    let plan = Plan {
        binary,
        work: work.clone(),
        seed,
        rounds: options.rounds,
        clients: options.clients,
        faults: options.faults,
        quick: options.quick,
        go_on: options.go_on,
        report: options.report,
        resume: options.resume,
        tally: Arc::default(),
    };
    let held = match options.what {
        What::Rounds => rounds::run(plan).await?,
        What::Power => power::run(plan).await?,
        What::Nodes => nodes::run(plan).await?,
    };
    if held && temporary {
        std::fs::remove_dir_all(&work)?;
    } else if temporary {
        // What was found may be looked at: no later run takes it away.
        work::keep(&work)?;
    }
    say(if held { "everything held" } else { "not everything held" });
    Ok(held)
}

/// The database runs as another user when we are root: it must be able to enter.
fn readable(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        what: What::Rounds,
        binary: "target/debug/zhengtong".into(),
        rounds: 20,
        seed: None,
        faults: Fault::USUAL.to_vec(),
        clients: 3,
        work: None,
        quick: false,
        go_on: false,
        report: None,
        resume: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value =
            || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "power" => options.what = What::Power,
            "nodes" => options.what = What::Nodes,
            "--binary" => options.binary = value()?.into(),
            "--rounds" => options.rounds = value()?.parse()?,
            "--seed" => options.seed = Some(value()?.parse()?),
            "--clients" => options.clients = value()?.parse()?,
            "--work" => options.work = Some(value()?.into()),
            "--report" => options.report = Some(value()?.into()),
            "--quick" => options.quick = true,
            "--go-on" => options.go_on = true,
            "--resume" => options.resume = true,
            "--faults" => {
                let named = value()?;
                options.faults = named
                    .split(',')
                    .map(|name| Fault::named(name).with_context(|| format!("no fault {name}")))
                    .collect::<Result<_>>()?;
            }
            other => bail!("unknown option {other}\n\n{HELP}"),
        }
    }
    ensure!(!options.faults.is_empty(), "which faults?");
    Ok(options)
}
