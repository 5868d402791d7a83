//! The certificates of the line: made with openssl for ten and five years, or the city's own.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::{ClusterError, Result, hand_over, io_error};
use super::Remote;

/// Where they lie, beside the database; only the user of PostgreSQL may enter.
pub(super) const FOLDER: &str = "tls";

/// Certificates that the city made itself, as PEM files.
#[derive(Clone, Debug)]
pub struct Given {
    /// The certificate of the primary, with those between.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The root by which standbys know it.
    pub root: PathBuf,
}

/// Writes a file for the user of PostgreSQL alone.
pub(super) fn put(path: &Path, text: &str) -> Result<()> {
    write(path, text.as_bytes())?;
    hand_over(path, 0o600)
}

/// Writes a file for us alone, whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |source| io_error("write a file of the standby", source);
    let partial = path.with_extension("partial");
    let mut file = fs::File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&partial)
        .map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&partial, path).map_err(failed)
}

pub(super) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|source| io_error(&format!("read {}", path.display()), source))
}

/// The certificate under which a primary is reached by this name; one that is there and fits is kept.
pub(super) fn server(folder: &Path, host: &str, given: Option<&Given>) -> Result<()> {
    if let Some(given) = given {
        put(&folder.join("server.crt"), &read(&given.certificate)?)?;
        put(&folder.join("server.key"), &read(&given.key)?)?;
        return put(&folder.join("root.crt"), &read(&given.root)?);
    }
    let names = folder.join("server.name");
    if fs::read_to_string(&names).is_ok_and(|name| name == host) {
        return Ok(());
    }
    let (certificate, key) = other(folder, host)?;
    put(&folder.join("server.crt"), &certificate)?;
    put(&folder.join("server.key"), &key)?;
    put(&names, host)
}

/// How a root is made: ten years.
#[rustfmt::skip]
const ROOT: [&str; 15] = [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
    "-keyout", "root.key", "-out", "root.crt", "-subj", "/CN=zhengtong standby",
];
/// How a certificate is asked for.
#[rustfmt::skip]
const ASKED: [&str; 12] = [
    "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-keyout", "made.key", "-out", "made.csr", "-subj", "/CN=zhengtong",
];
/// How it is signed: five years.
#[rustfmt::skip]
const SIGNED: [&str; 15] = [
    "x509", "-req", "-in", "made.csr", "-CA", "root.crt", "-CAkey", "root.key", "-CAcreateserial", "-days", "1825",
    "-extfile", "made.ext", "-out", "made.crt",
];

/// A certificate and its key for another name, signed by the root of this folder; the root is made when it is not there.
pub(super) fn other(folder: &Path, host: &str) -> Result<(String, String)> {
    let root = folder.join("root.key");
    if !root.exists() {
        if folder.join("root.crt").exists() {
            return Err(ClusterError::Standby {
                zh: "根证书是给的，没有它的私钥，不能再签发；请不写 --at，或用自己签的证书".to_owned(),
                en: "the root was given without its key, so nothing can be signed; leave out --at, or make the certificate yourself"
                    .to_owned(),
            });
        }
        openssl(folder, &ROOT)?;
    }
    let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    put(&folder.join("made.ext"), &format!("subjectAltName={kind}:{host}\n"))?;
    openssl(folder, &ASKED)?;
    openssl(folder, &SIGNED)?;
    for name in ["root.crt", "root.key"] {
        hand_over(&folder.join(name), 0o600)?;
    }
    let made = (read(&folder.join("made.crt"))?, read(&folder.join("made.key"))?);
    for name in ["made.crt", "made.key", "made.csr", "made.ext"] {
        fs::remove_file(folder.join(name)).map_err(|source| io_error("tidy up", source))?;
    }
    Ok(made)
}

fn openssl(folder: &Path, words: &[&str]) -> Result<()> {
    let output = Command::new("openssl").args(words).current_dir(folder).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(ClusterError::Tool {
            tool: "openssl",
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
        Err(_missing) => Err(ClusterError::Standby {
            zh: "没有找到 openssl；请安装，或用 --certificate、--key、--root 给出证书".to_owned(),
            en: "openssl was not found; install it, or give --certificate, --key and --root"
                .to_owned(),
        }),
    }
}

/// Keeps the password for one end where libpq looks for it, and never on a command line.
pub(super) fn remember(folder: &Path, remote: &Remote, password: &str) -> Result<()> {
    let path = folder.join("passfile");
    let start = format!("{}:{}:", remote.host.replace(':', "\\:"), remote.port);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(&start)).collect();
    let line = format!("{start}*:{}:{password}", remote.user);
    lines.push(&line);
    put(&path, &format!("{}\n", lines.join("\n")))
}
