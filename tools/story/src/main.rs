//! Runs the stories of the packs against a running server, black-box over HTTP.
//!
//! A story is the proof of a requirement, so it sees what a person sees and nothing else: pages,
//! labels, links, buttons. Steps are data (see `steps.toml`); nothing is compiled to change one.

mod browser;
mod gherkin;
mod page;
mod read;
#[cfg(test)]
mod rehearsal;
mod report;
mod run;
mod samples;
mod steps;
mod totp;
mod workshop;
mod world;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "\
Runs the Gherkin stories of the packs against a running server.

  story --url http://127.0.0.1:8080 [options]

  --url URL         the server
  --packs DIR       folder of the packs (packs)
  --only PACK       the stories of one pack
  --accounts FILE   demo-accounts.json of the server's data folder
  --steps FILE      steps that stand for others (tools/story/steps.toml)
  --folder DIR      the packs that the server reads: a copy that stories may change
  --program FILE    the program that stories may run
  --json FILE       write the results there
  --check           only read the stories and look every step up; needs no server
  --list            print the generic steps
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Options {
    url: Option<String>,
    packs: PathBuf,
    only: Option<String>,
    accounts: Option<PathBuf>,
    steps: PathBuf,
    folder: Option<PathBuf>,
    program: Option<PathBuf>,
    json: Option<PathBuf>,
    check: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    match begin(&arguments, &mut out) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to do when the terminal is gone.
            drop(writeln!(out, "story: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn begin(arguments: &[String], out: &mut dyn Write) -> Result<bool> {
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        out.write_all(HELP.as_bytes())?;
        return Ok(true);
    }
    if arguments.iter().any(|argument| argument == "--list") {
        for (_, patterns) in steps::ACTS {
            writeln!(out, "{}", patterns.join("    "))?;
        }
        return Ok(true);
    }
    let options = options(arguments)?;
    run::run(&options, out)
}

fn options(arguments: &[String]) -> Result<Options> {
    let mut options = Options {
        url: None,
        packs: "packs".into(),
        only: None,
        accounts: None,
        steps: "tools/story/steps.toml".into(),
        folder: None,
        program: None,
        json: None,
        check: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value =
            || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--url" => options.url = Some(value()?),
            "--packs" => options.packs = value()?.into(),
            "--only" => options.only = Some(value()?),
            "--accounts" => options.accounts = Some(value()?.into()),
            "--steps" => options.steps = value()?.into(),
            "--folder" => options.folder = Some(value()?.into()),
            "--program" => options.program = Some(value()?.into()),
            "--json" => options.json = Some(value()?.into()),
            "--check" => options.check = true,
            other => bail!("unknown option {other}\n\n{HELP}"),
        }
    }
    if options.url.is_none() && !options.check {
        bail!("which server? --url http://127.0.0.1:8080 (or --check)");
    }
    Ok(options)
}
