//! A database elsewhere over TLS: with `sslmode=verify-full` only a certificate of the given root, for this
//! name, and within its days is accepted.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use zhengtong_db::cluster::{Cluster, Durability, hand_over, installed};
use zhengtong_db::{Db, Settings};

use crate::cluster::folder;

/// Runs openssl in a folder.
fn openssl(folder: &Path, words: &str) {
    let output =
        Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A root, a good certificate for localhost, one for another name, and one whose days are over.
fn certificates(folder: &Path) {
    for name in ["root", "other"] {
        openssl(
            folder,
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
                 -keyout {name}.key -out {name}.crt -subj /CN={name}"
            ),
        );
    }
    for (name, host, days) in [
        ("good", "localhost", "30"),
        ("stranger", "elsewhere.example", "30"),
        ("old", "localhost", "-1"),
    ] {
        std::fs::write(folder.join("ext"), format!("subjectAltName=DNS:{host}")).unwrap();
        openssl(
            folder,
            &format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key \
                 -out {name}.csr -subj /CN={host}"
            ),
        );
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA root.crt -CAkey root.key -CAcreateserial -days {days} \
                 -extfile ext -out {name}.crt"
            ),
        );
    }
}

struct Server<'f> {
    data: &'f Path,
}

impl<'f> Server<'f> {
    /// Starts a server with a certificate on a port of this machine.
    fn start(data: &'f Path, certificates: &Path, name: &str, port: u16) -> Self {
        for ending in ["crt", "key"] {
            let to = data.join(format!("server.{ending}"));
            std::fs::copy(certificates.join(format!("{name}.{ending}")), &to).unwrap();
            hand_over(&to, 0o600).unwrap();
        }
        let options = format!(
            "-c ssl=on -c listen_addresses=127.0.0.1 -p {port} -k {}",
            data.parent().unwrap().join("run").display()
        );
        let started =
            pg_ctl(data).args(["start", "-w", "-s", "-l", "/dev/null", "-o", &options]).status();
        assert!(started.unwrap().success());
        Self { data }
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        drop(pg_ctl(self.data).args(["stop", "-w", "-s", "-m", "fast"]).status());
    }
}

fn pg_ctl(data: &Path) -> Command {
    let owner = std::fs::metadata(data).unwrap();
    let mut command = Command::new(installed().unwrap().0.join("pg_ctl"));
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command.current_dir("/").arg("-D").arg(data);
    command
}

async fn answers(port: u16, root: Option<&Path>) -> Result<(), String> {
    let root = root.map_or_else(String::new, |root| format!("&sslrootcert={}", root.display()));
    let url = format!("postgres://zhengtong@localhost:{port}/zhengtong?sslmode=verify-full{root}");
    let db =
        Db::open(&url, Settings { acquire_wait_ms_max: 2_000, ..Settings::default() }).unwrap();
    let asked =
        sqlx::query_scalar::<_, bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let said = asked.fetch_one(db.pool()).await;
    db.close().await;
    said.map(|ssl| assert!(ssl)).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_certificate_of_the_root_for_this_name_and_in_its_days_is_accepted() {
    let (city, certs) = (folder(), folder());
    certificates(certs.path());
    // The cluster is made by ours, then run as if it were somebody else's.
    Cluster::start(city.path(), Durability::None).await.unwrap().stop().await;
    let data = city.path().join("postgres");
    let (root, other) = (certs.path().join("root.crt"), certs.path().join("other.crt"));
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

    let port = free();
    let server = Server::start(&data, certs.path(), "good", port);
    answers(port, Some(&root)).await.unwrap();
    answers(port, None).await.unwrap_err();
    answers(port, Some(&other)).await.unwrap_err();
    drop(server);

    for name in ["stranger", "old"] {
        let port = free();
        let server = Server::start(&data, certs.path(), name, port);
        let refused = answers(port, Some(&root)).await;
        assert!(refused.is_err(), "{name} was accepted");
        drop(server);
    }
}
