//! A city of our own: the real program on a data folder, started, killed, stopped, and read with psql.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::now;
use crate::session::{Account, Session};
use crate::wire::{Request, Wire};

/// A few accounts do the work of a whole city, so the limits of an account do not hold here.
const OPEN: [(&str, &str); 4] = [
    ("ZHENGTONG__LIMITS__ACCOUNT_WRITES", "100000000"),
    ("ZHENGTONG__LIMITS__ACCOUNT_READS", "100000000"),
    ("ZHENGTONG__LIMITS__ANONYMOUS_READS", "100000000"),
    ("ZHENGTONG__LIMITS__SEARCHES", "100000000"),
];

/// How long a city may take to become ready.
const READY_SECONDS: u64 = 120;

/// Signals by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ends at once, nothing is cleaned up.
    Kill,
    /// Asks to end.
    Term,
    /// Stands still.
    Stop,
    /// Goes on.
    Cont,
}

/// A city.
#[derive(Debug)]
pub struct City {
    /// Its data.
    pub folder: PathBuf,
    /// Where it listens.
    pub address: String,
    /// What the server writes.
    pub log: PathBuf,
    /// Settings of the environment, such as a library to be loaded first.
    pub env: Vec<(String, String)>,
    binary: PathBuf,
    database: Option<String>,
    server: Option<Child>,
}

impl City {
    /// A city whose data lie in `folder`; nothing is started.
    pub fn at(binary: &Path, folder: &Path) -> Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            address: free_address()?,
            log: folder.with_extension("log"),
            env: OPEN.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            binary: binary.to_owned(),
            database: None,
            server: None,
        })
    }

    /// Another node on the same database and the same folder of files and keys.
    pub fn node(&self, url: &str, number: u32) -> Result<Self> {
        let mut node = Self::at(&self.binary, &self.folder)?;
        node.log = self.folder.with_extension(format!("node{number}.log"));
        node.database = Some(url.to_owned());
        node.env.push(("ZHENGTONG__DATABASE__URL".to_owned(), url.to_owned()));
        Ok(node)
    }

    /// The address of its private database, for other nodes and commands while it runs.
    pub fn url(&self) -> Result<String> {
        let socket = self.folder.canonicalize()?.join("run").to_string_lossy().replace('/', "%2F");
        Ok(format!("postgres://zhengtong@{socket}/zhengtong"))
    }

    /// Fills a folder with the demonstration city, and stops.
    pub async fn fill(binary: &Path, folder: &Path, residents: u32) -> Result<()> {
        let output = Command::new(binary)
            .args(["demo", "--only-fill", "--residents", &residents.to_string(), "--data"])
            .arg(folder)
            // The usual address may be taken.
            .args(["--listen", &free_address()?])
            .stdin(Stdio::null())
            .output()
            .await
            .context("starting the program")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the city could not be filled: {said}");
        Ok(())
    }

    /// Copies the data of a city that is stopped.
    pub async fn copy(from: &Path, to: &Path) -> Result<()> {
        let status = Command::new("cp").arg("-a").arg("--").arg(from).arg(to).status().await?;
        ensure!(status.success(), "{} could not be copied", from.display());
        // The socket and the lock of the old place mean nothing here.
        drop(fs::remove_file(to.join("lock")));
        Ok(())
    }

    /// Starts the server; it may not be ready yet.
    pub fn start(&mut self) -> Result<()> {
        self.start_as(&["serve"])
    }

    /// Another folder for the same program, such as the one of a standby, with the same settings.
    pub fn beside(&self, folder: &Path) -> Result<Self> {
        let mut other = Self::at(&self.binary, folder)?;
        other.env.clone_from(&self.env);
        Ok(other)
    }

    /// Starts another command that goes on until it is stopped.
    pub fn start_as(&mut self, words: &[&str]) -> Result<()> {
        let log = fs::File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        command
            .args(words)
            .arg("--data")
            .arg(&self.folder)
            .args(["--listen", &self.address])
            .envs(self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        self.server = Some(command.spawn().context("starting the server")?);
        Ok(())
    }

    /// Starts the server and waits until it can serve; gives how long that took.
    pub async fn up(&mut self) -> Result<Duration> {
        let from = Instant::now();
        self.start()?;
        self.ready().await?;
        Ok(from.elapsed())
    }

    /// Waits until the server can serve.
    pub async fn ready(&mut self) -> Result<()> {
        let wire = self.wire(Duration::from_secs(5));
        let from = Instant::now();
        loop {
            let asked = Request { method: "GET", path: "/readyz".to_owned(), ..Request::default() };
            if wire.send(&asked).await.is_ok_and(|reply| reply.status == 200) {
                return Ok(());
            }
            if let Some(ended) = self.server.as_mut().and_then(|child| child.try_wait().ok()?) {
                bail!("the server ended ({ended}): {}", self.last_words());
            }
            if from.elapsed() > Duration::from_secs(READY_SECONDS) {
                bail!("not ready after {READY_SECONDS} s: {}", self.last_words());
            }
            now::wait(Duration::from_millis(20)).await;
        }
    }

    /// A way to this city.
    pub fn wire(&self, wait: Duration) -> Wire {
        Wire::new(&self.address, wait)
    }

    /// Who can log in.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        let text = fs::read(self.folder.join("demo-accounts.json")).context("the demo accounts")?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Logs one of the demonstration in.
    pub async fn log_in(&self, wire: &Wire, name: &str) -> Result<Session> {
        let accounts = self.accounts()?;
        let account = accounts.iter().find(|account| account.account == name);
        Session::log_in(wire, account.with_context(|| format!("no account {name}"))?).await
    }

    /// The process of the server.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().and_then(Child::id)
    }

    /// The master of the private database.
    pub fn postmaster(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder.join("postgres/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Kills the server and its database, as a machine that is gone.
    pub async fn lose(&mut self) -> Result<()> {
        let master = self.postmaster();
        self.kill().await?;
        if let Some(master) = master {
            let mut all = children(master);
            all.push(master);
            for pid in all {
                // It may have ended with the first of them.
                drop(signal(pid, Signal::Kill));
            }
        }
        Ok(())
    }

    /// Kills the server and waits until it is gone; the database lives on as an orphan.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.start_kill().context("killing the server")?;
            server.wait().await?;
        }
        Ok(())
    }

    /// Asks the server to stop and waits for it; gives whether it ended well.
    pub async fn stop(&mut self) -> Result<bool> {
        let Some(mut server) = self.server.take() else { return Ok(true) };
        if let Some(pid) = server.id() {
            signal(pid, Signal::Term)?;
        }
        match tokio::time::timeout(Duration::from_mins(1), server.wait()).await {
            Ok(ended) => Ok(ended?.success()),
            Err(_late) => {
                server.start_kill()?;
                server.wait().await?;
                Ok(false)
            }
        }
    }

    /// Runs a command of the program on the data of this city, which must be stopped unless this is a node of it.
    pub async fn run(&self, words: &[&str]) -> Result<(bool, String)> {
        let output = Command::new(&self.binary)
            .args(words)
            .arg("--data")
            .arg(&self.folder)
            .envs(self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .stdin(Stdio::null())
            .output()
            .await?;
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok((output.status.success(), said))
    }

    /// The rows of a query, as JSON; read past the server.
    pub async fn rows(&self, query: &str) -> Result<Vec<Value>> {
        let text = self
            .psql(&format!("SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ({query}) AS q"))
            .await?;
        serde_json::from_str(&text).with_context(|| format!("the answer to {query}"))
    }

    /// Runs a statement and gives what psql prints.
    pub async fn psql(&self, statement: &str) -> Result<String> {
        let mut psql = Command::new(psql_program());
        match &self.database {
            Some(url) => psql.arg("-d").arg(url),
            None => psql.arg("-h").arg(self.folder.join("run")).args([
                "-U",
                "zhengtong",
                "-d",
                "zhengtong",
            ]),
        };
        let output = psql
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .await
            .context("psql")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "psql: {said}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The end of what the server wrote.
    pub fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(8).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for City {
    fn drop(&mut self) {
        if self.server.take().is_some() && self.database.is_none() {
            // The server is killed with its handle; its database would live on.
            if let Some(pid) = self.postmaster() {
                drop(signal(pid, Signal::Kill));
            }
        }
    }
}

/// Sends a signal to a process that we started.
pub fn signal(pid: u32, signal: Signal) -> Result<()> {
    let word = match signal {
        Signal::Kill => "KILL",
        Signal::Term => "TERM",
        Signal::Stop => "STOP",
        Signal::Cont => "CONT",
    };
    // The shell has it built in; the program of this name is not everywhere.
    let status = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("kill -{word} {pid}"))
        .stderr(Stdio::null())
        .status()?;
    ensure!(status.success(), "no process {pid}");
    Ok(())
}

/// The children of a process.
pub fn children(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// Seconds of a processor that a process has used, with its children that ended.
pub fn cpu_seconds(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks: f64 = [11, 12, 13, 14]
        .into_iter()
        .filter_map(|place| fields.get(place)?.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// Bytes of memory that a process holds.
pub fn resident_bytes(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// An address of this machine that nobody listens on.
pub fn free_address() -> Result<String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

/// The folder of the newest PostgreSQL programs.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let major = entry.file_name().to_string_lossy().parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("psql").exists().then_some((major, bin))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

fn psql_program() -> PathBuf {
    postgres_programs().map_or_else(|| PathBuf::from("psql"), |bin| bin.join("psql"))
}
