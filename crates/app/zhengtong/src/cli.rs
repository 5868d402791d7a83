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
    /// Asks the running server whether it can serve, for the health checks of containers.
    Health,
    /// Brings the tables up to date.
    Migrate,
    /// Takes a backup while the city goes on; or verifies, lists and rehearses backups.
    Backup(Box<BackupArgs>),
    /// Puts a backup into an empty data folder and proves it.
    Restore(RestoreArgs),
    /// A second folder that follows the first and takes over when it is lost.
    #[command(subcommand)]
    Standby(StandbyCommand),
    /// Says whether this program can take over the data folder, and what it would change.
    Upgrade {
        /// Only look; `zhengtong migrate` or `serve` does it.
        #[arg(long, required = true)]
        check: bool,
    },
    /// Verifies the record of all acts, of the running database or of an exported file.
    Verify(VerifyArgs),
    /// Checks, compares and makes packs.
    #[command(subcommand)]
    Pack(PackCommand),
    /// People who run the platform.
    #[command(subcommand)]
    User(UserCommand),
    /// Finds the mark in a file that was taken out of the platform: the entry of the record that tells by whom.
    Trace {
        /// The file, or a part of it.
        file: PathBuf,
    },
    /// Keys of personal data: shows, changes, destroys them.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Shows and checks the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Reports items, cases and ratings to the level above.
    #[command(subcommand)]
    Report(ReportCommand),
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
    /// Puts a pack in force on all nodes of the running platform, or another version of it.
    Install {
        /// Its folder.
        folder: PathBuf,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
    /// Takes a pack out that was put in; what the program brought is in force again.
    Remove {
        /// Its id.
        id: String,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
    },
    /// Prints the packs that were put in while the platform ran.
    Installed,
    /// Writes the JSON Schemas of all kinds of pack files.
    Schemas {
        /// Where to.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// Writes what changed in a period in the national tables, checked field by field, with a signed manifest.
    Up {
        /// The first day, such as 2026-11-01.
        #[arg(long, value_name = "DAY")]
        from: String,
        /// The last day.
        #[arg(long, value_name = "DAY")]
        to: String,
        /// The folder in which a folder of the batch is made.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Why, for the record.
        #[arg(long, default_value = "regular report")]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Prints the one-time link of the first administrator, as long as nobody has used one.
    FirstAdmin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Prints all keys by field, without their secrets.
    List,
    /// Changes the master key and wraps all keys again.
    Rotate,
    /// Gives a field a new key and seals its data again in the background.
    Renew {
        /// The field, such as `party.person.phone`; without it, all fields.
        field: Option<String>,
    },
    /// Destroys the keys of a field: its data cannot be read again by anybody.
    Erase {
        /// The field.
        field: String,
        /// Why, for the record.
        #[arg(long)]
        reason: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
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

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BackupCommand>,
    #[command(flatten)]
    pub(crate) take: BackupTake,
}

#[derive(Debug, Args)]
pub(crate) struct BackupTake {
    /// A folder, or a file that ends in .ztb; without it `backup.folder`.
    #[arg(long, value_name = "FOLDER|FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Keep only so many backups of this city in the folder.
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<usize>,
    /// The file with the passphrase; without it `backup.passphrase_file`.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    /// Reads every byte of a backup and compares signature and digests.
    Verify(BackupVerify),
    /// Lists the backups of a folder.
    List {
        /// The folder; without it `backup.folder`.
        folder: Option<PathBuf>,
    },
    /// Restores the newest backup into a scratch folder, proves it and removes it.
    Drill,
    /// Takes a full backup with pgBackRest, from which any later moment can be restored.
    Archive,
}

#[derive(Debug, Args)]
pub(crate) struct BackupVerify {
    /// The backup.
    pub(crate) path: PathBuf,
    /// The public key that must have signed it, in hexadecimal.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// The file with the passphrase: then every chunk is opened as well.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup; it goes into the data folder (--data), which must be empty.
    pub(crate) path: PathBuf,
    /// A moment such as "2026-11-22 02:30:00+08"; the database comes from the archive then.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// The public key that must have signed it, in hexadecimal.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// The file with the passphrase; without it `backup.passphrase_file`.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StandbyCommand {
    /// Makes a standby of the running city in another folder, on another disk.
    Add {
        /// The empty folder.
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
        /// Its name.
        #[arg(long, default_value = "standby1")]
        name: String,
    },
    /// Opens the running city for a standby on another machine, over TLS, and writes the invitation for it.
    Open(StandbyOpenArgs),
    /// Makes the standby of an invitation in the data folder (--data), which must be empty.
    Join {
        /// The invitation that `standby open` wrote on the primary; it holds a password and keys.
        #[arg(long, value_name = "FILE")]
        invite: PathBuf,
    },
    /// Keeps the standby of the data folder running; after a promotion it serves.
    Run,
    /// Makes the standby of the data folder the primary. The old primary never starts again.
    Promote {
        /// Promote although acknowledged acts may be missing.
        #[arg(long)]
        accept_loss: bool,
    },
    /// Gives a standby up, so that writes no longer wait for it.
    Drop {
        /// Its name.
        #[arg(long, default_value = "standby1")]
        name: String,
    },
    /// Shows who follows, and how far.
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct StandbyOpenArgs {
    /// The address and port on which the database of this machine listens to its standby, such as 10.0.0.1:5433.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen_to_standby: std::net::SocketAddr,
    /// The address of the standby, or a network such as 10.0.0.0/24; nobody else is let in.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) allow: String,
    /// Where the standby listens, so that this machine learns when it was replaced.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) at: Option<std::net::SocketAddr>,
    /// The name by which the standby reaches this machine, if not by the address.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// The name of the standby.
    #[arg(long, default_value = "standby1")]
    pub(crate) name: String,
    /// The invitation that is written; it holds a password and keys.
    #[arg(long, value_name = "FILE")]
    pub(crate) invite: PathBuf,
    /// A certificate of the city's own for this machine; without it one is made.
    #[arg(long, value_name = "FILE", requires_all = ["certificate_key", "root"])]
    pub(crate) certificate: Option<PathBuf>,
    /// Its key.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_key: Option<PathBuf>,
    /// The root that signed it.
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<PathBuf>,
}
