//! A city survives: backed up while it serves, its primary killed, its standby promoted, its backup restored.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

struct Server(Child);

impl Server {
    fn start(words: &[&str], log: &Path) -> Self {
        let log = std::fs::File::create(log).unwrap();
        let child = program(words).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self(child)
    }

    /// As a machine that loses its power: the server first, so that it cannot start the database again.
    fn die(mut self, data: &Path) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        let pid = std::fs::read_to_string(data.join("postgres/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).stderr(Stdio::null()).status());
        drop(self.0.wait());
    }
}

fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhengtong"));
    command.args(words).current_dir("/").stdin(Stdio::null());
    command
}

fn run(words: &[&str]) -> Output {
    program(words).output().unwrap()
}

fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

fn json(words: &[&str]) -> Value {
    let output = run(words);
    assert!(output.status.success(), "{words:?}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_ready(port: u16) -> bool {
    let Ok(mut line) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let asked =
        format!("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    line.write_all(asked.as_bytes()).is_ok()
        && line.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

fn until(what: &str, seconds: u64, mut is: impl FnMut() -> bool) -> Duration {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(seconds), "{what} did not happen");
        let (_keep, wait) = std::sync::mpsc::channel::<()>();
        assert!(wait.recv_timeout(Duration::from_millis(100)).is_err(), "nobody sends");
    }
    start.elapsed()
}

#[test]
fn a_city_outlives_its_primary_and_its_disk() {
    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let home = home.path().canonicalize().unwrap();
    let at = |name: &str| home.join(name).to_string_lossy().into_owned();
    let (city, standby, again, out, word) =
        (at("city"), at("standby"), at("again"), at("out"), at("word"));
    std::fs::write(&word, "a passphrase of many words\n").unwrap();
    let (first, second) = (port(), port());
    let (here, there) = (format!("127.0.0.1:{first}"), format!("127.0.0.1:{second}"));
    let server = Server::start(
        &["demo", "--data", &city, "--listen", &here, "--residents", "300"],
        &home.join("first.log"),
    );
    until("the demonstration", 300, || is_ready(first));

    // Online, and again from the list, and byte by byte.
    let taken =
        json(&["backup", "--data", &city, "--to", &out, "--passphrase-file", &word, "--json"]);
    let path = taken["path"].as_str().unwrap().to_owned();
    assert!(taken["manifest"]["files"].as_u64().unwrap() > 0, "the demo city has papers");
    let checked = json(&["backup", "verify", &path, "--passphrase-file", &word, "--json"]);
    assert_eq!(checked["sound"], true);
    assert_eq!(checked["opened"], true);
    assert!(said(&run(&["backup", "list", &out])).contains(".ztb"));

    // Two commands make a standby.
    let added = run(&["standby", "add", "--data", &city, "--to", &standby]);
    assert!(added.status.success(), "{}", said(&added));
    let served = run(&["serve", "--data", &standby, "--listen", &there]);
    assert!(!served.status.success() && said(&served).contains("is a standby"));
    let keeper = Server::start(
        &["standby", "run", "--data", &standby, "--listen", &there],
        &home.join("second.log"),
    );
    until("the standby", 60, || {
        json(&["standby", "status", "--data", &standby, "--json"])["folder"]["seen"]["sync"]
            == "sync"
    });
    let early = run(&["standby", "promote", "--data", &standby]);
    assert!(!early.status.success() && said(&early).contains("still works"), "{}", said(&early));

    // The primary is lost, and one command takes over.
    server.die(Path::new(&city));
    let lost = Instant::now();
    let promoted = run(&["standby", "promote", "--data", &standby]);
    assert!(promoted.status.success(), "{}", said(&promoted));
    until("the standby serves", 60, || is_ready(second));
    let recovery = lost.elapsed();
    println!("serving again after {recovery:?}");
    assert!(recovery < Duration::from_secs(30), "{recovery:?}");
    let old = run(&["serve", "--data", &city, "--listen", &here]);
    assert!(!old.status.success() && said(&old).contains("epoch 2"), "{}", said(&old));
    drop(keeper);
    let proved = json(&["verify", "--data", &standby, "--json"]);
    assert_eq!(proved["sound"], true);

    // Everything is lost but the backup.
    let words = ["restore", &path, "--data", &again, "--passphrase-file", &word, "--json"];
    let restored = json(&words);
    println!("restored {} bytes in {} s", restored["bytes"], restored["seconds"]);
    assert!(restored["proof"]["files"].as_u64().unwrap() > 0);
    let refused = run(&words);
    assert!(!refused.status.success() && said(&refused).contains("not empty"));
    let proved = json(&["verify", "--data", &again, "--json"]);
    assert_eq!(proved["sound"], true);
    assert!(proved["entries"].as_u64().unwrap() > 0);
    let older = std::fs::read_to_string(home.join("again/version.json")).unwrap();
    let newer = older.replace("\"casework\": ", "\"casework\": 99");
    std::fs::write(home.join("again/version.json"), newer).unwrap();
    let refused = run(&["migrate", "--data", &again]);
    assert!(!refused.status.success() && said(&refused).contains("casework 99"));
}
