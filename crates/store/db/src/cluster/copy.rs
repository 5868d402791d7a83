//! Copies of a running database as one stream: the whole cluster, or a dump of a database that is not ours.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sqlx::{Connection as _, PgConnection};

use super::{
    ClusterError, Durability, NAME, Options, Paths, Result, command, installed, io_error,
    other_user, paths_of, url,
};

/// A cluster that runs, whoever keeps it.
#[derive(Clone, Debug)]
pub struct Attached {
    pub(super) paths: Paths,
}

/// A copy on its way out. Read it to the end, then call [`Dump::finish`]: only then it is whole.
#[derive(Debug)]
pub struct Dump {
    tool: &'static str,
    child: Child,
    /// Holds the slot that keeps the log of the copy from being recycled.
    _hold: Option<PgConnection>,
}

/// A dump on its way in.
#[derive(Debug)]
pub struct Load {
    child: Child,
}

impl Attached {
    /// The cluster of a folder, if it answers.
    pub async fn find(folder: &Path) -> Result<Option<Self>> {
        if !folder.join("postgres").exists() {
            return Ok(None);
        }
        let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
        Ok(super::ready(&paths).await.then_some(Self { paths }))
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        url(&self.paths, NAME)
    }

    /// The identifier that a cluster keeps for life.
    pub async fn system(&self) -> Result<String> {
        let fault = |error: sqlx::Error| ClusterError::Tool {
            tool: "pg_control_system",
            output: error.to_string(),
        };
        let mut conn = PgConnection::connect(&self.url()).await.map_err(fault)?;
        sqlx::query_scalar("SELECT system_identifier::text FROM pg_control_system()")
            .fetch_one(&mut conn)
            .await
            .map_err(fault)
    }

    /// The whole cluster as a tar stream with the log it needs; every page is checked on the way.
    pub async fn base_backup(&self) -> Result<Dump> {
        let fault =
            |error: sqlx::Error| ClusterError::Tool { tool: "slot", output: error.to_string() };
        let mut hold = PgConnection::connect(&self.url()).await.map_err(fault)?;
        sqlx::query("SELECT pg_create_physical_replication_slot($1, true, true)")
            .bind(format!("zt_copy_{}", uuid::Uuid::new_v4().simple()))
            .execute(&mut hold)
            .await
            .map_err(fault)?;
        let mut tool = command(&self.paths, &self.paths.bin.join("pg_basebackup"));
        tool.args(["-D", "-", "-F", "tar", "-X", "fetch", "--checkpoint=fast", "--no-password"]);
        tool.arg("-d").arg(conninfo(&self.paths.socket, "zhengtong-backup"));
        spawn("pg_basebackup", tool, Some(hold))
    }

    /// Takes in a dump that [`Dump::of_url`] made; the database must be empty.
    pub fn load(&self) -> Result<Load> {
        let mut tool = command(&self.paths, &self.paths.bin.join("pg_restore"));
        tool.args(["--no-owner", "--no-privileges", "--exit-on-error", "-d"]).arg(self.url());
        Load::spawn(tool)
    }
}

/// What the tools of PostgreSQL connect with.
pub(super) fn conninfo(socket: &Path, name: &str) -> String {
    let host = socket.to_string_lossy().replace('\\', "\\\\").replace('\'', "\\'");
    format!("host='{host}' user={NAME} dbname={NAME} application_name={name}")
}

fn spawn(tool: &'static str, mut command: Command, hold: Option<PgConnection>) -> Result<Dump> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| io_error(&format!("run {tool}"), source))?;
    Ok(Dump { tool, child, _hold: hold })
}

impl Dump {
    /// A dump of one database by URL, as of one snapshot. The password goes by the environment.
    pub fn of_url(url: &str) -> Result<Self> {
        let (bin, _) = installed()?;
        let (url, password) = split_password(url);
        let mut tool = Command::new(bin.join("pg_dump"));
        tool.args(["--format=custom", "--compress=0", "--no-password", "-d"]).arg(url);
        if let Some(password) = password {
            tool.env("PGPASSWORD", password);
        }
        spawn("pg_dump", tool, None)
    }

    /// The stream.
    pub fn stream(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Whether the copy is whole. Damaged pages, and a tool that failed, end here.
    pub fn finish(mut self) -> Result<()> {
        ended(self.tool, &mut self.child)
    }
}

impl Load {
    fn spawn(mut tool: Command) -> Result<Self> {
        let child = tool
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| io_error("run pg_restore", source))?;
        Ok(Self { child })
    }

    /// Where the dump is written to.
    pub fn sink(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Whether everything went in.
    pub fn finish(mut self) -> Result<()> {
        ended("pg_restore", &mut self.child)
    }
}

fn ended(tool: &'static str, child: &mut Child) -> Result<()> {
    let mut said = String::new();
    if let Some(stderr) = &mut child.stderr
        && let Err(error) = stderr.read_to_string(&mut said)
    {
        said = error.to_string();
    }
    let status = child.wait().map_err(|source| io_error(&format!("wait for {tool}"), source))?;
    if status.success() {
        return Ok(());
    }
    Err(ClusterError::Tool { tool, output: said })
}

/// The URL without its password, and the password: an argument can be read by everybody on the machine.
fn split_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let Some((user, host)) = rest.split_once('@') else { return (url.to_owned(), None) };
    let Some((name, password)) = user.split_once(':') else { return (url.to_owned(), None) };
    let password = percent_decode(password);
    (format!("{scheme}://{name}@{host}"), Some(password))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Gives a file or folder to the user of PostgreSQL, if we are another, with these rights.
pub fn hand_over(path: &Path, mode: u32) -> Result<()> {
    if let Some(user) = other_user() {
        chown(path, Some(user.uid), Some(user.gid))
            .map_err(|source| io_error("hand over a file", source))?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|source| io_error("protect a file", source))
}

/// Takes a setting out of the settings that a cluster keeps for itself.
pub fn strip_setting(folder: &Path, name: &str) -> Result<()> {
    let path = folder.join("postgres/postgresql.auto.conf");
    let failed = |source| io_error("write postgresql.auto.conf", source);
    let text = fs::read_to_string(&path).map_err(failed)?;
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| line.split(['=', ' ']).next().is_none_or(|word| word != name))
        .collect();
    fs::write(&path, format!("{}\n", kept.join("\n"))).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_leaves_the_url() {
        let rows = [
            ("postgres://a:s%40t@h:5/d", "postgres://a@h:5/d", Some("s@t")),
            ("postgres://a@h/d", "postgres://a@h/d", None),
            ("postgres:///d?host=/x", "postgres:///d?host=/x", None),
        ];
        for (url, kept, password) in rows {
            assert_eq!(split_password(url), (kept.to_owned(), password.map(str::to_owned)));
        }
    }
}
