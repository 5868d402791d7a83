//! The server and the command line: configuration, wiring, the one list of engines.

mod backup;
mod certificates;
mod cli;
mod command;
mod config;
mod console;
mod demo;
mod door;
mod engines;
mod files;
#[cfg(test)]
mod generated;
mod identity;
mod keys;
mod leaked;
mod listen;
mod logging;
mod meaning;
mod notify;
mod ops;
mod outside;
mod report;
mod router;
mod serve;
mod shown;
mod syslog;
mod tell;
mod tls;
mod trace;
mod version;
mod watched;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

/// Pages are many small pieces of memory that live for a moment: this keeps them cheap.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
