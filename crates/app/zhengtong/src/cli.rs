//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// 政通 Zhengtong: one platform for the e-government of a city.
#[derive(Debug, Parser)]
#[command(name = "zhengtong", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Settings that all commands share.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The configuration file; without it `zhengtong.toml` is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The data folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The folder of packs; without it the packs inside the program are used.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) packs: Option<PathBuf>,
    /// The address to listen on, such as 127.0.0.1:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Write machine-readable output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server.
    Serve,
    /// Fills an empty data folder with an invented city and runs the server.
    Demo(DemoArgs),
    /// Looks at everything the server needs and says how to mend what is missing.
    Doctor,
    /// Brings the tables up to date.
    Migrate,
    /// Verifies the record of all acts, of the running database or of an exported file.
    Verify(VerifyArgs),
    /// Checks, compares and makes packs.
    #[command(subcommand)]
    Pack(PackCommand),
    /// People who run the platform.
    #[command(subcommand)]
    User(UserCommand),
    /// Shows and checks the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints every requirement row with its stories.
    Coverage(CoverageArgs),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page.
    Man,
}

/// How large the invented city is.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many residents.
    #[arg(long, default_value_t = 20_000)]
    pub(crate) residents: u32,
    /// The seed: the same seed gives the same city.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Fill the data folder and stop.
    #[arg(long)]
    pub(crate) only_fill: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// An exported record; without it the database is verified.
    pub(crate) file: Option<PathBuf>,
    /// The public key that must have signed it, in hexadecimal.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Write the record of the database to this file first.
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackCommand {
    /// Makes the folder of a new pack.
    New {
        /// Its id: lower-case letters, digits, hyphens.
        id: String,
    },
    /// Reads all packs and prints every fault with its place.
    Check {
        /// Only this pack.
        id: Option<String>,
    },
    /// Compares two folders of packs.
    Diff {
        /// The older folder.
        old: PathBuf,
        /// The newer folder.
        new: PathBuf,
    },
    /// Writes the JSON Schemas of all kinds of pack files.
    Schemas {
        /// Where to.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Prints the one-time link of the first administrator, as long as nobody has used one.
    FirstAdmin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints the configuration.
    Print {
        /// With every value and where it comes from.
        #[arg(long)]
        effective: bool,
    },
    /// Checks the configuration file.
    Check,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CoverageArgs {
    /// The folder of requirement rows.
    #[arg(long, default_value = "docs/requirements")]
    pub(crate) rows: PathBuf,
    /// The results of the stories, as `story --json` writes them.
    #[arg(long)]
    pub(crate) results: Option<PathBuf>,
}
