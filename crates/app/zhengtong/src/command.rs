//! What each command does. The only place of the program that prints.

mod backup;
mod coverage;
mod doctor;
mod health;
mod key;
mod pack;
mod record;
mod report;
mod standby;
mod upgrade;

pub(crate) use doctor::look as doctor_look;
#[cfg(test)]
pub(crate) use pack::all_schemas;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::cli::{Cli, Command, ConfigCommand, DemoArgs, UserCommand};
use crate::config::{self, Config, Effective};
use crate::{demo, logging, serve, wire};

/// The data folder of a demonstration that was not told another.
const DEMO_FOLDER: &str = ".data/city";

/// Runs a command line.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let effective = || config::load(&cli.common);
    match cli.command {
        Command::Serve => {
            let config = effective()?.config;
            logging::start(&config)?;
            city(&config).await?;
        }
        Command::Demo(args) => {
            let mut config = effective()?.config;
            if cli.common.data.is_none() && cli.common.config.is_none() {
                config.data.folder = DEMO_FOLDER.into();
            }
            "warn".clone_into(&mut config.log.level);
            "text".clone_into(&mut config.log.format);
            logging::start(&config)?;
            demo_city(&config, &args).await?;
        }
        Command::Doctor => return doctor::run(&effective()?.config, cli.common.json).await,
        Command::Health => return health::run(&effective()?.config).await,
        Command::Migrate => {
            let config = effective()?.config;
            logging::start(&config)?;
            let wired = wire::wire(&config).await?;
            print("表结构已是最新 / the tables are up to date")?;
            stop(wired).await;
        }
        Command::Backup(args) => {
            return Box::pin(backup::run(&effective()?.config, *args, cli.common.json)).await;
        }
        Command::Restore(args) => {
            return Box::pin(backup::restore(&effective()?.config, &args, cli.common.json)).await;
        }
        Command::Standby(command) => {
            return Box::pin(standby::run(&effective()?.config, command, cli.common.json)).await;
        }
        Command::Upgrade { check: _ } => {
            return upgrade::check(&effective()?.config, cli.common.json).await;
        }
        Command::Verify(args) => {
            return record::verify(&effective()?.config, &args, cli.common.json).await;
        }
        Command::Pack(command) => {
            let config = effective()?.config;
            return Box::pin(pack::run(&config, command, cli.common.json)).await;
        }
        Command::User(command) => user(&effective()?.config, command).await?,
        Command::Trace { file } => return trace(&file),
        Command::Key(command) => {
            return key::run(&effective()?.config, command, cli.common.json).await;
        }
        Command::Report(command) => {
            return Box::pin(report::run(&effective()?.config, &command, cli.common.json)).await;
        }
        Command::Config(command) => show_config(&effective()?, &command)?,
        Command::Coverage(args) => return coverage::run(&args, cli.common.json),
        Command::Completions { shell } => {
            let mut words = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "zhengtong", &mut words);
            print_bytes(&words)?;
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print_bytes(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what failed, for a person.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    let text = format!("{error:#}\n");
    if std::io::stderr().write_all(text.as_bytes()).is_err() {
        return ExitCode::from(2);
    }
    ExitCode::FAILURE
}

/// Prints a line for a person or a machine.
pub(crate) fn print(line: &str) -> Result<()> {
    print_bytes(format!("{line}\n").as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).context("writing to the terminal")
}

/// The user of PostgreSQL must be able to walk through a data folder, not to read it.
fn open_to_postgres(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))
        .with_context(|| format!("{}", folder.display()))
}

async fn stop(wired: wire::Wired) {
    wired.db.close().await;
    if let Some(cluster) = wired.cluster {
        cluster.stop().await;
    }
}

/// The server of a real city. The first start prints a one-time link for the first administrator.
async fn city(config: &Config) -> Result<()> {
    let listener = serve::listen(config).await?;
    let wired = wire::wire(config).await?;
    let mut ctx = wired.db.begin_system("platform").await.map_err(|error| wire::failed(&error))?;
    let invite =
        zhengtong_party::first_admin(&mut ctx).await.map_err(|error| wire::failed(&error))?;
    ctx.commit().await.map_err(|error| wire::failed(&error))?;
    if let Some(invite) = invite {
        let link = link(config, &invite);
        print(&format!(
            "第一位管理员请打开（只能用一次）/ first administrator, one-time link:\n{link}"
        ))?;
    }
    print(&format!("政通在 / Zhengtong at {}", config.public_url()))?;
    serve::serve(config, wired, listener, None).await
}

/// All visitors of a demonstration come from one address: what bans an address would ban everybody. Systems of
/// departments run on this machine too.
fn shared_address(config: &Config) -> Config {
    let mut config = config.clone();
    if config.identity.address_failures == zhengtong_party::LIMITS.address_failures {
        config.identity.address_failures = 1_000;
    }
    if config.egress.networks.is_empty() {
        config.egress.networks = vec!["127.0.0.0/8".to_owned(), "::1".to_owned()];
    }
    config
}

/// Mails and texts of a demonstration stay inside, unless the configuration names servers: administrators read them.
fn simulated(mut config: Config) -> Config {
    for url in [&mut config.mail.url, &mut config.sms.url] {
        if url.is_empty() {
            zhengtong_notice::SIMULATOR.clone_into(url);
        }
    }
    config
}

/// The demonstration: fills an empty folder and serves it.
async fn demo_city(config: &Config, args: &DemoArgs) -> Result<()> {
    let start = tokio::time::Instant::now();
    let simulator = demo::Simulator::start().await?;
    let mut config = simulated(shared_address(config));
    config.egress.private.push(simulator.entry());
    let config = &config;
    let listener = serve::listen(config).await?;
    let wired = wire::wire(config).await?;
    print(&format!("政通在 / Zhengtong at {}", config.public_url()))?;
    let reference = ["target/reference", ".data/reference"].map(std::path::PathBuf::from);
    let plan = demo::Args {
        residents: args.residents,
        seed: args.seed,
        reference: reference.into_iter().find(|folder| folder.exists()),
    };
    let folder = config.data.folder.clone();
    if args.only_fill {
        demo::fill(&wired.db, &folder, &plan).await?;
        demo::join(&wired.db, &simulator).await?;
        wire::seal(&wired.db, &wired.key).await.map_err(anyhow::Error::msg)?;
        stop(wired).await;
        return Ok(());
    }
    let db = wired.db.clone();
    let url = config.public_url();
    let (told, filled) = tokio::sync::watch::channel(false);
    let fill = tokio::spawn(async move {
        let filled = match demo::fill(&db, &folder, &plan).await {
            Ok(filled) => demo::join(&db, &simulator).await.map(|()| filled),
            Err(error) => Err(error),
        };
        match filled {
            Ok(filled) => {
                told.send_replace(true);
                introduce(&filled, &url, start)
            }
            Err(error) => {
                failed(
                    &error.context("演示城市没有填好 / the demonstration city could not be filled"),
                );
                Ok(())
            }
        }
    });
    let served = serve::serve(config, wired, listener, Some(filled)).await;
    fill.abort();
    served
}

fn introduce(filled: &demo::Filled, url: &str, start: tokio::time::Instant) -> Result<()> {
    print(&format!(
        "演示城市已就绪（{:.1} 秒）。演示账号 / the demonstration city is ready; accounts:",
        start.elapsed().as_secs_f64()
    ))?;
    for account in &filled.accounts {
        let code = account
            .totp_secret
            .as_ref()
            .map_or_else(String::new, |secret| format!("  动态码密钥 / TOTP {secret}"));
        print(&format!(
            "  {:<10} {:<22} {}{code}",
            account.account, account.password, account.title.zh
        ))?;
    }
    print(&format!("打开 / open {url}"))
}

fn link(config: &Config, invite: &zhengtong_party::Invite) -> String {
    format!("{}/invite/{}", config.public_url(), invite.token.as_str())
}

async fn user(config: &Config, command: UserCommand) -> Result<()> {
    let UserCommand::FirstAdmin = command;
    let wired = wire::wire(config).await?;
    let mut ctx = wired.db.begin_system("platform").await.map_err(|error| wire::failed(&error))?;
    let invite =
        zhengtong_party::first_admin(&mut ctx).await.map_err(|error| wire::failed(&error))?;
    ctx.commit().await.map_err(|error| wire::failed(&error))?;
    match invite {
        Some(invite) => print(&link(config, &invite))?,
        None => print(
            "已经有管理员了；忘了密码请另一位管理员在“人员”里重发链接 / there is an administrator already; another administrator can send a new link",
        )?,
    }
    stop(wired).await;
    Ok(())
}

/// Prints the entries of the record whose marks a file bears.
fn trace(file: &std::path::Path) -> Result<ExitCode> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("{0} 打不开 / {0} cannot be opened", file.display()))?;
    let found = zhengtong_http::marks(&String::from_utf8_lossy(&bytes));
    for entry in &found {
        print(&format!("存证第 {entry} 条 / entry {entry} of the record"))?;
    }
    if found.is_empty() {
        print("没有找到水印 / no mark was found")?;
        return Ok(ExitCode::from(3));
    }
    Ok(ExitCode::SUCCESS)
}

fn show_config(effective: &Effective, command: &ConfigCommand) -> Result<()> {
    match command {
        ConfigCommand::Check => print("配置没有问题 / the configuration is sound"),
        ConfigCommand::Print { effective: with_origins } => {
            for line in crate::shown::describe(effective) {
                let line = if *with_origins {
                    line
                } else {
                    line.split("  # ").next().unwrap_or_default().to_owned()
                };
                print(&line)?;
            }
            Ok(())
        }
    }
}
