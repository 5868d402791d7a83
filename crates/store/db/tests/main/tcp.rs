//! A standby over TCP: TLS that is verified in full, a password by SCRAM, a role that may only replicate; whatever does
//! not fit is refused in words that say what.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;
use zhengtong_db::cluster::{
    self, Cluster, ClusterError, Durability, Given, Invite, Opening, Options, RoleFile, Standby,
    installed,
};

use crate::cluster::folder;
use crate::standby::{Primary, keep, text, until};

fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn opening(name: &str, listen: SocketAddr, at: Option<SocketAddr>) -> Opening {
    Opening {
        name: name.to_owned(),
        listen,
        host: None,
        allow: "127.0.0.1".to_owned(),
        at,
        given: None,
    }
}

/// The words of a refusal.
fn words<T: std::fmt::Debug>(refused: Result<T, ClusterError>) -> String {
    match refused {
        Err(ClusterError::Standby { zh, en }) => {
            assert!(zh.chars().any(|sign| sign > '\u{2e80}'), "no Chinese: {zh}");
            en
        }
        other => panic!("not refused in words: {other:?}"),
    }
}

fn sync(folder: &Path) -> String {
    RoleFile::read(folder).unwrap().unwrap().seen.map(|seen| seen.sync).unwrap_or_default()
}

/// A primary with the table of settings, in which a standby on another machine reads whether it is waited for.
async fn primary(folder: &Path) -> (Primary, String) {
    let primary = Primary::start(folder, Options::new(Durability::Full)).await;
    let url = primary.url();
    let mut conn = PgConnection::connect(&url).await.unwrap();
    for statement in [
        "CREATE TABLE act (n bigint PRIMARY KEY)",
        "CREATE SCHEMA db",
        "CREATE TABLE db.setting (name text PRIMARY KEY, value jsonb, reason text, at timestamptz)",
    ] {
        sqlx::query(statement).execute(&mut conn).await.unwrap();
    }
    std::fs::write(folder.join("master.key"), "key").unwrap();
    (primary, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_standby_on_another_machine_takes_over_and_the_old_primary_learns_of_it() {
    let (first, second) = (folder(), folder());
    let (primary, url) = primary(first.path()).await;
    let (listen, at) = (free(), free());
    let invite = cluster::open(first.path(), &opening("s1", listen, Some(at))).await.unwrap();
    // The database was restarted to listen; the socket is where it was.
    assert_eq!(text(&url, "SHOW ssl").await, "on");
    cluster::join(&invite, second.path()).await.unwrap();
    assert_eq!(std::fs::read_to_string(second.path().join("master.key")).unwrap(), "key");
    let (_stop, kept) = keep(second.path()).await;
    until("the standby is waited for", async || sync(second.path()) == "sync").await;
    let line = text(
        &url,
        "SELECT usename || ' ' || host(client_addr) || ' ' || (SELECT version FROM pg_stat_ssl s WHERE s.pid = r.pid)
         FROM pg_stat_replication r WHERE sync_state = 'sync'",
    )
    .await;
    assert!(line.starts_with("zt_s1 127.0.0.1 TLSv1."), "{line}");

    let early = words(cluster::promote(second.path(), false).await);
    assert!(early.contains("still works"), "{early}");
    let mut conn = PgConnection::connect(&url).await.unwrap();
    for n in 0..50_i64 {
        sqlx::query("INSERT INTO act VALUES ($1)").bind(n).execute(&mut conn).await.unwrap();
    }
    primary.die();
    let lost_at = Instant::now();
    cluster::promote(second.path(), false).await.unwrap();
    kept.await.unwrap().unwrap();
    let promoted = Cluster::start(second.path(), Durability::Full).await.unwrap();
    assert_eq!(text(&promoted.url(), "SELECT count(*)::text FROM act").await, "50");
    assert!(lost_at.elapsed() < Duration::from_secs(30), "{:?}", lost_at.elapsed());

    // The old primary asks the standby that it knows, and learns that it went on.
    let old = Cluster::start(first.path(), Durability::Full).await;
    assert!(matches!(old, Err(ClusterError::Fenced { epoch: 2, .. })), "{old:?}");
    promoted.stop().await;
}

/// What is wrong with an invitation, and how it is made so.
type Change<'a> = (&'a str, &'a dyn Fn(&mut Invite));

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_password_root_name_or_address_and_another_cluster_are_each_said() {
    let (first, second, third) = (folder(), folder(), folder());
    let (primary, url) = primary(first.path()).await;
    let listen = free();
    let invite = cluster::open(first.path(), &opening("s1", listen, None)).await.unwrap();
    let refused = async |invite: &Invite| {
        let said = words(cluster::join(invite, second.path()).await);
        let left = std::fs::read_dir(second.path()).unwrap().count();
        assert_eq!(left, 0, "a refused standby leaves nothing behind");
        said
    };

    // A root of somebody else, as of somebody in between; a name that the certificate is not for; another cluster.
    let other = cluster_root(third.path());
    let nobody = free().port();
    let changes: [Change<'_>; 5] = [
        ("refuses the password", &|wrong| wrong.password = "0".repeat(64)),
        ("not signed by the root", &|wrong| wrong.root.clone_from(&other)),
        ("is not for localhost", &|wrong| "localhost".clone_into(&mut wrong.primary.host)),
        ("cannot be reached", &|wrong| wrong.primary.port = nobody),
        ("is another cluster", &|wrong| "7000000000000000001".clone_into(&mut wrong.system)),
    ];
    for (word, change) in changes {
        let mut wrong = invite.clone();
        change(&mut wrong);
        let said = refused(&wrong).await;
        assert!(said.contains(word), "{said}");
    }

    // The role may replicate, and nothing else, and without TLS not even that.
    std::fs::write(third.path().join("root.crt"), &invite.root).unwrap();
    let asks = |more: &str, password: &str, words: &str| {
        let line = format!(
            "host=127.0.0.1 port={} user=zt_s1 sslrootcert={} connect_timeout=4 {more}",
            listen.port(),
            third.path().join("root.crt").display()
        );
        let output = Command::new(installed().unwrap().0.join("psql"))
            .args(["-X", "-w", "-d", &line, "-c", words])
            .env("PGPASSWORD", password)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let good = "sslmode=verify-full replication=true";
    assert!(asks(good, &invite.password, "IDENTIFY_SYSTEM").0);
    for (more, statement) in [
        ("sslmode=verify-full dbname=zhengtong", "SELECT 1"),
        ("sslmode=verify-full dbname=zhengtong replication=database", "SELECT 1"),
        ("sslmode=disable replication=true", "IDENTIFY_SYSTEM"),
        ("sslmode=verify-full user=zhengtong dbname=zhengtong", "SELECT 1"),
    ] {
        let (let_in, said) = asks(more, &invite.password, statement);
        assert!(!let_in && said.contains("pg_hba.conf"), "{more}: {said}");
    }
    assert_eq!(
        text(
            &url,
            "SELECT concat_ws(' ', rolsuper, rolreplication, rolcreaterole, rolcreatedb, rolinherit,
                 left(rolpassword, 13)) FROM pg_authid WHERE rolname = 'zt_s1'",
        )
        .await,
        "f t f f f SCRAM-SHA-256"
    );
    for allow in ["0.0.0.0/0", "all", ""] {
        let mut wide = opening("s2", listen, None);
        wide.allow = allow.to_owned();
        words(cluster::open(first.path(), &wide).await);
    }

    // Given up: its role is gone.
    cluster::drop_standby(first.path(), "s1").await.unwrap();
    assert!(!asks(good, &invite.password, "IDENTIFY_SYSTEM").0);
    primary.die();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_standby_that_lags_is_not_promoted_and_one_that_changed_its_cluster_not_started() {
    let (first, second, third) = (folder(), folder(), folder());
    let (primary, url) = primary(first.path()).await;
    let listen = free();
    let given = certificates(third.path(), "127.0.0.1");
    let mut with = opening("s1", listen, None);
    with.given = Some(given);
    let invite = cluster::open(first.path(), &with).await.unwrap();
    cluster::join(&invite, second.path()).await.unwrap();
    // Never caught up: what came since is missing in it.
    let mut alone = PgConnection::connect(&url).await.unwrap();
    for statement in ["SET synchronous_commit = local", "INSERT INTO act VALUES (1)"] {
        sqlx::query(statement).execute(&mut alone).await.unwrap();
    }
    primary.die();
    let said = words(cluster::promote(second.path(), false).await);
    assert!(said.contains("would be lost"), "{said}");

    // Another cluster under its name.
    let other = Cluster::start(third.path(), Durability::Full).await.unwrap();
    other.stop().await;
    std::fs::rename(second.path().join("postgres"), second.path().join("true")).unwrap();
    let copied = Command::new("cp")
        .arg("-a")
        .arg(third.path().join("postgres"))
        .arg(second.path().join("postgres"))
        .status();
    assert!(copied.unwrap().success());
    let said = words(Standby::start(second.path()).await.map(|_| ()));
    assert!(said.contains("another cluster"), "{said}");
}

fn openssl(folder: &Path, words: &str) {
    let output =
        Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A root that nobody here knows.
fn cluster_root(folder: &Path) -> String {
    openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout other.key \
         -out other.crt -subj /CN=zhengtong",
    );
    std::fs::read_to_string(folder.join("other.crt")).unwrap()
}

/// Certificates as a city makes them itself.
fn certificates(folder: &Path, address: &str) -> Given {
    cluster_root(folder);
    std::fs::write(folder.join("ext"), format!("subjectAltName=IP:{address}")).unwrap();
    openssl(
        folder,
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout own.key -out own.csr -subj /CN=city",
    );
    openssl(
        folder,
        "x509 -req -in own.csr -CA other.crt -CAkey other.key -CAcreateserial -days 30 -extfile ext -out own.crt",
    );
    let file = |name: &str| folder.join(name);
    Given { certificate: file("own.crt"), key: file("own.key"), root: file("other.crt") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_watch_ends_when_it_is_told_to() {
    let (first, second) = (folder(), folder());
    let (primary, url) = primary(first.path()).await;
    let invite = cluster::open(first.path(), &opening("s1", free(), None)).await.unwrap();
    cluster::join(&invite, second.path()).await.unwrap();
    let (stop, kept): (watch::Sender<bool>, _) = keep(second.path()).await;
    until("the standby is waited for", async || sync(second.path()) == "sync").await;
    stop.send_replace(true);
    kept.await.unwrap().unwrap();
    // Given up while it is away, it can be told nothing; the database that it follows next says so.
    cluster::drop_standby(first.path(), "s1").await.unwrap();
    let names = "SELECT value::text FROM db.setting WHERE name = 'cluster.sync'";
    until("nobody is waited for", async || text(&url, names).await == "[]").await;
    primary.die();
}
