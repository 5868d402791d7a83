//! The server and the command line: configuration, wiring, the one list of engines.

mod backup;
mod cli;
mod command;
mod config;
mod console;
mod demo;
mod engines;
#[cfg(test)]
mod generated;
mod keys;
mod listen;
mod logging;
mod meaning;
mod notify;
mod ops;
mod outside;
mod router;
mod serve;
mod shown;
mod tell;
mod trace;
mod version;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return command::failed(&anyhow::Error::from(error)),
    };
    match runtime.block_on(command::run(cli)) {
        Ok(code) => code,
        Err(error) => command::failed(&error),
    }
}
