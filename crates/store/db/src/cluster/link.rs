//! The line between a primary and a standby on another machine: PostgreSQL's own replication over TLS that is verified
//! in full, with a password by SCRAM, for a role that may do nothing but replicate, from one address.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection};

use super::role::{FILE, Peer, Role, RoleFile};
use super::standby::{Added, check_name, empty, refused, slot, sql_fault};
use super::{
    Attached, ClusterError, Durability, Options, Paths, Result, command, io_error, own, paths_of,
    stop_master,
};
use crate::sql;

mod tls;

pub use tls::Given;

/// Where a cluster listens beside its socket, beside the database.
const LISTEN: &str = "replication.json";
/// How long the other end may take to answer, in seconds.
const ANSWER_SECONDS: u64 = 5;
/// How long the database may take to listen, in milliseconds.
const LISTEN_MS_MAX: u64 = 60_000;
/// The longest that a small file beside the database may be to go into an invitation, in bytes.
const KEY_BYTES_MAX: u64 = 64 * 1024;

/// Where another end listens, and who we are to it. Its root and our password lie in the folder `tls`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// A name or an address; its certificate must be for it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role that replicates.
    pub user: String,
}

/// What an end says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) system: String,
    pub(super) timeline: u32,
    /// Up to where its log is written.
    pub(super) place: String,
}

/// Where this cluster listens, and whom it lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Listen {
    address: String,
    port: u16,
    /// Roles and the addresses from which they may come.
    allow: BTreeMap<String, String>,
}

/// How a primary is opened for a standby.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The name of the standby.
    pub name: String,
    /// Where the primary listens.
    pub listen: SocketAddr,
    /// The name by which the standby reaches it, if not by that address.
    pub host: Option<String>,
    /// The address of the standby, or a network such as `10.0.0.0/24`.
    pub allow: String,
    /// Where the standby listens itself: then the old primary can learn that it was replaced.
    pub at: Option<SocketAddr>,
    /// Certificates of the city's own; none: they are made.
    pub given: Option<Given>,
}

/// All that a standby needs to join. It holds a password and keys: whoever has it can read everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// The name of the standby.
    pub name: String,
    /// Where the primary is.
    pub primary: Remote,
    /// The password of that role.
    pub password: String,
    /// The certificate that signed the certificate of the primary.
    pub root: String,
    /// The identifier of the cluster.
    pub system: String,
    /// The epoch of the primary.
    pub epoch: u64,
    /// The small files beside the database, in hexadecimal.
    pub keys: BTreeMap<String, String>,
    /// Where the standby listens, with its certificate and key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnEnd>,
}

/// The end of the standby.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnEnd {
    at: SocketAddr,
    primary: String,
    certificate: String,
    key: String,
}

impl Listen {
    fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(LISTEN);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io_error("read replication.json", source)),
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| ClusterError::Standby {
            zh: format!("{} 读不懂：{error}", path.display()),
            en: format!("{} cannot be read: {error}", path.display()),
        })
    }

    /// Writes it, and whom the database lets in: nobody but these from outside.
    fn write(&self, folder: &Path) -> Result<()> {
        let mut rules = vec![
            "# Written by zhengtong. The folder of the socket is closed to other users.".to_owned(),
            "local all all trust".to_owned(),
            "local replication all trust".to_owned(),
        ];
        for (role, address) in &self.allow {
            rules.push(format!("hostssl replication {role} {address} scram-sha-256"));
        }
        let tls = folder.join(tls::FOLDER);
        tls::put(&tls.join("pg_hba.conf"), &format!("{}\n", rules.join("\n")))?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| io_error("write replication.json", std::io::Error::other(error)))?;
        tls::put(&folder.join(LISTEN), &text)
    }
}

/// The settings with which the database listens to standbys; none when it does not.
pub(super) fn settings(folder: &Path) -> Result<Vec<String>> {
    let Some(listen) = Listen::read(folder)? else { return Ok(Vec::new()) };
    let tls = folder.join(tls::FOLDER);
    let file = |name: &str| tls.join(name).display().to_string();
    Ok(vec![
        format!("listen_addresses={}", listen.address),
        format!("port={}", listen.port),
        "ssl=on".to_owned(),
        "ssl_min_protocol_version=TLSv1.2".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
        format!("ssl_cert_file={}", file("server.crt")),
        format!("ssl_key_file={}", file("server.key")),
        format!("hba_file={}", file("pg_hba.conf")),
    ])
}

/// The socket keeps its usual name whatever the port is, so that everything on this machine finds it.
pub(super) fn usual_socket(paths: &Paths) -> Result<()> {
    let Some(listen) = Listen::read(&paths.folder)? else { return Ok(()) };
    let usual = paths.socket.join(".s.PGSQL.5432");
    if listen.port == 5432 {
        return Ok(());
    }
    let target = PathBuf::from(format!(".s.PGSQL.{}", listen.port));
    if fs::read_link(&usual).is_ok_and(|there| there == target) {
        return Ok(());
    }
    if fs::symlink_metadata(&usual).is_ok() {
        fs::remove_file(&usual).map_err(|source| io_error("remove an old socket", source))?;
    }
    std::os::unix::fs::symlink(&target, &usual)
        .map_err(|source| io_error("name the socket", source))
}

/// Opens the running primary for a standby on another machine, and gives the invitation for it. The database is
/// restarted when it did not listen before: its keeper does that within about a second.
pub async fn open(folder: &Path, opening: &Opening) -> Result<Invite> {
    check_name(&opening.name)?;
    network(&opening.allow)?;
    let Some(attached) = Attached::find(folder).await? else {
        return refused(
            format!("{} 没有在运行，先启动主库", folder.display()),
            format!("nothing runs on {}; start the primary first", folder.display()),
        );
    };
    let paths = attached.paths.clone();
    let system = attached.system().await?;
    let mut role =
        RoleFile::read(&paths.folder)?.unwrap_or_else(|| RoleFile::primary(system.clone()));
    let taken = role.peers.iter().any(|peer| peer.name == opening.name && peer.armed);
    if role.role != Role::Primary || taken {
        return refused(
            format!("这里不是主库，或已有名叫 {} 的备库", opening.name),
            format!("this is no primary, or it has a standby named {} already", opening.name),
        );
    }
    let user = format!("zt_{}", opening.name);
    let password = secret()?;
    let tls = paths.folder.join(tls::FOLDER);
    own(&paths, &tls)?;
    let host = opening.host.clone().unwrap_or_else(|| opening.listen.ip().to_string());
    tls::server(&tls, &host, opening.given.as_ref())?;
    listen_for(&attached, opening, &user, &password).await?;
    let at = opening.at.map(|at| Remote {
        host: at.ip().to_string(),
        port: at.port(),
        user: user.clone(),
    });
    if let Some(at) = &at {
        tls::remember(&tls, at, &password)?;
    }
    let root = tls::read(&tls.join("root.crt"))?;
    let own = match opening.at {
        Some(at) => {
            let (certificate, key) = tls::other(&tls, &at.ip().to_string())?;
            Some(OwnEnd { at, primary: opening.listen.ip().to_string(), certificate, key })
        }
        None => None,
    };
    role.peers.retain(|peer| peer.name != opening.name);
    role.peers.push(Peer {
        name: opening.name.clone(),
        folder: PathBuf::new(),
        armed: false,
        away: true,
        remote: at,
    });
    role.write(&paths.folder)?;
    Ok(Invite {
        name: opening.name.clone(),
        primary: Remote { host, port: opening.listen.port(), user },
        password,
        root,
        system,
        epoch: role.epoch,
        keys: keys(&paths.folder)?,
        own,
    })
}

/// The role, the place and the line for the standby; the database listens afterwards.
async fn listen_for(
    attached: &Attached,
    opening: &Opening,
    user: &str,
    password: &str,
) -> Result<()> {
    let paths = &attached.paths;
    let mut listen = Listen::read(&paths.folder)?.unwrap_or_default();
    let before = listen.clone();
    (listen.address, listen.port) = (opening.listen.ip().to_string(), opening.listen.port());
    listen.allow.insert(user.to_owned(), network(&opening.allow)?);
    listen.write(&paths.folder)?;
    make_role(attached, user, password).await?;
    slot(attached, &opening.name).await?;
    if (&before.address, before.port) == (&listen.address, listen.port) {
        reload(attached).await
    } else {
        listens(paths, listen.port).await
    }
}

/// Makes the standby of an invitation in the empty folder `to`.
pub async fn join(invite: &Invite, to: &Path) -> Result<Added> {
    check_name(&invite.name)?;
    empty(to)?;
    super::make_folder(to)?;
    let (paths, _) = paths_of(to, Options::new(Durability::Full))?;
    let tls = paths.folder.join(tls::FOLDER);
    own(&paths, &tls)?;
    tls::put(&tls.join("root.crt"), &invite.root)?;
    tls::remember(&tls, &invite.primary, &invite.password)?;
    let made = joined(invite, &paths).await;
    if made.is_err() {
        // Nothing of it is of use; what was there before was nothing.
        for entry in fs::read_dir(&paths.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            drop(if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) });
        }
    }
    made
}

async fn joined(invite: &Invite, paths: &Paths) -> Result<Added> {
    let folder = paths.folder.clone();
    let identity = identify(&folder, &invite.primary, &invite.name).await?;
    if identity.system != invite.system {
        return refused(
            format!(
                "{}:{} 上是另一个库（{}，邀请里是 {}），不能当它的备库",
                invite.primary.host, invite.primary.port, identity.system, invite.system
            ),
            format!(
                "{}:{} is another cluster ({}, the invitation is for {}): no standby is made of it",
                invite.primary.host, invite.primary.port, identity.system, invite.system
            ),
        );
    }
    own(paths, &paths.data)?;
    let mut tool = command(paths, &paths.bin.join("pg_basebackup"));
    tool.arg("-D").arg(&paths.data);
    tool.args(["-R", "-X", "stream", "--checkpoint=fast", "--no-password", "-S"]);
    tool.arg(format!("zt_{}", invite.name));
    tool.arg("-d").arg(conninfo(&folder, &invite.primary, &invite.name));
    tool.stdin(Stdio::null());
    let output = tokio::process::Command::from(tool)
        .output()
        .await
        .map_err(|source| io_error("run pg_basebackup", source))?;
    if !output.status.success() {
        return Err(said(&invite.primary, &String::from_utf8_lossy(&output.stderr)));
    }
    for (name, text) in &invite.keys {
        let bytes = hex::decode(text).unwrap_or_default();
        if Path::new(name).file_name().is_none_or(|own| own != name.as_str()) {
            return refused(
                format!("邀请里的文件名不对：{name}"),
                format!("a file of the invitation has no plain name: {name}"),
            );
        }
        tls::write(&folder.join(name), &bytes)?;
    }
    let tls = folder.join(tls::FOLDER);
    if let Some(own) = &invite.own {
        tls::put(&tls.join("server.crt"), &own.certificate)?;
        tls::put(&tls.join("server.key"), &own.key)?;
        let allow = [(invite.primary.user.clone(), network(&own.primary)?)].into();
        Listen { address: own.at.ip().to_string(), port: own.at.port(), allow }.write(&folder)?;
    }
    RoleFile {
        epoch: invite.epoch,
        role: Role::Standby,
        name: invite.name.clone(),
        system: invite.system.clone(),
        peers: Vec::new(),
        other: None,
        remote: Some(invite.primary.clone()),
        seen: None,
    }
    .write(&folder)?;
    Ok(Added { name: invite.name.clone(), folder })
}

/// Asks another end who it is, over the line of replication: the role may ask nothing else.
pub(super) async fn identify(folder: &Path, remote: &Remote, name: &str) -> Result<Identity> {
    let (bin, _) = super::installed()?;
    let mut tool = tokio::process::Command::new(bin.join("psql"));
    let line = format!("{} replication=true", conninfo(folder, remote, name));
    tool.args(["-X", "-A", "-t", "-q", "-w", "-F", " ", "-c", "IDENTIFY_SYSTEM", "-d"]).arg(line);
    tool.current_dir("/").stdin(Stdio::null()).kill_on_drop(true);
    let wait = Duration::from_secs(ANSWER_SECONDS);
    let output = match tokio::time::timeout(wait, tool.output()).await {
        Ok(output) => output.map_err(|source| io_error("run psql", source))?,
        Err(_late) => return Err(said(remote, "timeout expired")),
    };
    if !output.status.success() {
        return Err(said(remote, &String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let (system, timeline, place) = (words.next(), words.next(), words.next());
    let timeline = timeline.and_then(|word| word.parse().ok());
    match (system, timeline, place) {
        (Some(system), Some(timeline), Some(place)) => {
            Ok(Identity { system: system.to_owned(), timeline, place: place.to_owned() })
        }
        _ => Err(ClusterError::Tool { tool: "IDENTIFY_SYSTEM", output: text }),
    }
}

/// Whether that end took over: its log went another way, on a later line of time than ours.
pub(super) async fn took_over(folder: &Path, peer: &Peer, timeline: u32) -> bool {
    let Some(remote) = &peer.remote else { return false };
    match identify(folder, remote, &peer.name).await {
        Ok(identity) => identity.timeline > timeline,
        Err(error) => {
            tracing::info!(%error, peer = peer.name, "a standby does not answer");
            false
        }
    }
}

fn conninfo(folder: &Path, remote: &Remote, name: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let tls = folder.join(tls::FOLDER);
    let file = |name: &str| quoted(&tls.join(name).display().to_string());
    format!(
        "host={} port={} user={} application_name={name} sslmode=verify-full sslrootcert={} passfile={} sslcert={} \
         channel_binding=require connect_timeout=4",
        quoted(&remote.host),
        remote.port,
        quoted(&remote.user),
        file("root.crt"),
        file("passfile"),
        // No certificate of its own: without a name it would be looked for in the home of whoever started us.
        file("none.crt")
    )
}

/// What PostgreSQL's tools say about a line that does not come about, in words that help.
fn said(remote: &Remote, output: &str) -> ClusterError {
    let place = format!("{}:{}", remote.host, remote.port);
    let has = |words: &[&str]| words.iter().any(|word| output.contains(word));
    let (zh, en) = if has(&["password authentication failed"]) {
        (
            format!("{place} 不认备库的口令；在主库上重新 standby open 一次，用新的邀请"),
            format!(
                "{place} refuses the password of the standby; run `standby open` on the primary again and use the new invitation"
            ),
        )
    } else if has(&["does not match host name"]) {
        (
            format!(
                "{place} 的证书不是发给 {} 的；用证书上的名字，或在 open 时写 --host",
                remote.host
            ),
            format!(
                "the certificate of {place} is not for {}; use the name in it, or give --host when opening",
                remote.host
            ),
        )
    } else if has(&["certificate verify failed", "self-signed certificate", "unknown ca"]) {
        (
            format!("{place} 的证书不是邀请里的根证书签的，或已过期：根证书不对，或有人在中间"),
            format!(
                "the certificate of {place} was not signed by the root of the invitation, or has expired: a wrong root, or somebody in between"
            ),
        )
    } else if has(&["no pg_hba.conf entry"]) {
        (
            format!("{place} 不让这台机器的地址进；在主库上 standby open 时用 --allow 写上它"),
            format!("{place} does not let this address in; name it with --allow when opening"),
        )
    } else if has(&["could not connect", "Connection refused", "timeout", "could not translate"]) {
        (
            format!("连不上 {place}：主库没有在运行，或网络、防火墙不通"),
            format!("{place} cannot be reached: the primary is down, or the network between"),
        )
    } else {
        return ClusterError::Tool { tool: "replication", output: output.trim().to_owned() };
    };
    ClusterError::Standby { zh, en }
}

/// One address or one network; nothing that would let everybody in.
fn network(text: &str) -> Result<String> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u8>().ok()),
        None => (text, Some(128)),
    };
    let parsed = address.parse::<IpAddr>().ok().zip(bits).and_then(|(address, bits)| {
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = if text.contains('/') { bits } else { most };
        (8..=most).contains(&bits).then(|| format!("{address}/{bits}"))
    });
    parsed.map_or_else(
        || {
            refused(
                format!("地址要写成 10.0.0.2 或 10.0.0.0/24：{text}"),
                format!("an address such as 10.0.0.2 or a network such as 10.0.0.0/24: {text}"),
            )
        },
        Ok,
    )
}

/// A password that nobody chose.
fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| io_error("draw a password", std::io::Error::other(error.to_string())))?;
    Ok(hex::encode(bytes))
}

/// The small files beside the database: keys. What belongs to one folder only stays there.
fn keys(folder: &Path) -> Result<BTreeMap<String, String>> {
    let failed = |source| io_error("read the keys", source);
    let mut keys = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = [FILE, LISTEN, "lock", "promote.request"].contains(&name.as_str());
        let about = entry.metadata().map_err(failed)?;
        let log = Path::new(&name).extension().is_some_and(|kind| kind == "log");
        if own || log || name.contains(".partial") || !about.is_file() {
            continue;
        }
        if about.len() <= KEY_BYTES_MAX {
            keys.insert(name, hex::encode(fs::read(entry.path()).map_err(failed)?));
        }
    }
    Ok(keys)
}

/// A role that may replicate and nothing else; a new invitation gives it a new password.
async fn make_role(attached: &Attached, user: &str, password: &str) -> Result<()> {
    let mut conn =
        PgConnection::connect(&attached.url()).await.map_err(|error| sql_fault(&error))?;
    let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(user)
        .fetch_one(&mut conn)
        .await
        .map_err(|error| sql_fault(&error))?;
    let verb = if there { "ALTER" } else { "CREATE" };
    let statement = format!(
        "{verb} ROLE {} LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS \
         CONNECTION LIMIT 6 PASSWORD {}",
        sql::ident(user),
        sql::literal(password)
    );
    for statement in ["SET password_encryption = 'scram-sha-256'".to_owned(), statement] {
        sqlx::query(sql::trusted(statement))
            .execute(&mut conn)
            .await
            .map_err(|error| sql_fault(&error))?;
    }
    conn.close().await.map_err(|error| sql_fault(&error))
}

async fn reload(attached: &Attached) -> Result<()> {
    let mut conn =
        PgConnection::connect(&attached.url()).await.map_err(|error| sql_fault(&error))?;
    sqlx::query("SELECT pg_reload_conf()")
        .execute(&mut conn)
        .await
        .map_err(|error| sql_fault(&error))?;
    Ok(())
}

/// Stops the database; whoever keeps it starts it again, and then it listens.
async fn listens(paths: &Paths, port: u16) -> Result<()> {
    let stopped = paths.clone();
    tokio::task::spawn_blocking(move || stop_master(&stopped, "fast"))
        .await
        .map_err(|error| ClusterError::Tool { tool: "pg_ctl", output: error.to_string() })?;
    for _ in 0..(LISTEN_MS_MAX / 100) {
        let socket = paths.socket.join(format!(".s.PGSQL.{port}"));
        if socket.exists() && super::ready(paths).await {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    refused(
        format!("数据库一分钟内没有在端口 {port} 上监听；看 postgres.log"),
        format!("the database does not listen on port {port} after a minute; see postgres.log"),
    )
}

/// Removes the end of a standby that was given up: its role can no longer come in.
pub(super) async fn close(folder: &Path, name: &str, conn: &mut PgConnection) -> Result<()> {
    let user = format!("zt_{name}");
    let Some(mut listen) = Listen::read(folder)? else { return Ok(()) };
    if listen.allow.remove(&user).is_none() {
        return Ok(());
    }
    listen.write(folder)?;
    let drop_role = format!("DROP ROLE IF EXISTS {}", sql::ident(&user));
    for statement in [drop_role, "SELECT pg_reload_conf()".to_owned()] {
        sqlx::query(sql::trusted(statement))
            .execute(&mut *conn)
            .await
            .map_err(|error| sql_fault(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_or_one_network_and_never_everybody() {
        let rows = [
            ("10.0.0.2", Some("10.0.0.2/32")),
            ("10.0.0.0/24", Some("10.0.0.0/24")),
            ("::1", Some("::1/128")),
            ("0.0.0.0/0", None),
            ("all", None),
            ("10.0.0.2/33", None),
            ("10.0.0.2 trust", None),
        ];
        for (text, expected) in rows {
            assert_eq!(network(text).ok().as_deref(), expected, "{text}");
        }
    }
}
