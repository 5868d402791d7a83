//! A small city with a record, files and keys.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::Connection as _;
use time::OffsetDateTime;
use zhengtong_backup::{Backup, Checks, Error, Look, Named, Passphrase, Plan, Source, Taken};
use zhengtong_base::Act;
use zhengtong_crypto::{Digest, SigningKey};
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::{Db, Settings, migrate};

pub(crate) const WORD: &str = "a passphrase of many words";
pub(crate) const NAMED: &[Named] =
    &[Named { what: "thing", statement: "SELECT digest FROM public.thing" }];

pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

pub(crate) struct City {
    pub(crate) data: tempfile::TempDir,
    pub(crate) out: tempfile::TempDir,
    pub(crate) cluster: Cluster,
    pub(crate) db: Db,
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([9; 32])
}

pub(crate) fn pass() -> Passphrase {
    Passphrase::new(WORD).unwrap()
}

pub(crate) fn checks() -> Checks {
    let look: Look = Arc::new(|_url, folder| {
        Box::pin(async move {
            let key = std::fs::read_to_string(folder.join("master.key"));
            if key.is_ok_and(|key| key == "secret") { Ok(()) } else { Err("no key".to_owned()) }
        })
    });
    Checks { named: NAMED, look }
}

pub(crate) fn nothing() -> zhengtong_backup::Seen {
    Box::new(|_| ())
}

impl City {
    pub(crate) async fn new() -> Self {
        let (data, out) = (folder(), folder());
        let cluster = Cluster::start(data.path(), Durability::None).await.unwrap();
        let db = Db::open(&cluster.url(), Settings::default()).unwrap();
        let schemas = [zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_backup::SCHEMA];
        migrate(db.pool(), &schemas).await.unwrap();
        run(&cluster.url(), "CREATE TABLE thing (n bigint PRIMARY KEY, digest text NOT NULL)")
            .await;
        std::fs::write(data.path().join("master.key"), "secret").unwrap();
        let city = Self { data, out, cluster, db };
        for n in 0..40 {
            city.act(n).await;
        }
        city.seal().await;
        city
    }

    /// One act: a file, a row that names it, an entry of the record.
    pub(crate) async fn act(&self, n: i64) {
        act(&self.db, self.data.path(), n).await;
    }

    pub(crate) async fn seal(&self) {
        let mut tx = self.db.begin_raw().await.unwrap();
        zhengtong_ledger::seal(&mut tx, OffsetDateTime::UNIX_EPOCH, &key()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) fn plan(&self, to: &Path) -> Plan {
        Plan {
            data: self.data.path().to_owned(),
            source: Source::Cluster(self.cluster.attached()),
            to: to.to_owned(),
            passphrase: pass(),
            key: key(),
            program: "1.2.3".to_owned(),
        }
    }

    pub(crate) async fn take(&self) -> Result<Taken, Error> {
        zhengtong_backup::take(self.plan(self.out.path()), nothing()).await
    }
}

pub(crate) async fn act(db: &Db, data: &Path, n: i64) {
    let bytes = format!("file {n} ").repeat(50);
    let digest = Digest::of(bytes.as_bytes()).to_string();
    let path = object(data, &digest);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    // As the store of files does it: a file is there as a whole or not at all.
    let draft = path.with_extension("partial");
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(&draft, &path).unwrap();
    let mut ctx = db.begin_system("test").await.unwrap();
    let act: Act = ctx.act("thing.make", "thing", n.to_string());
    sqlx::query("INSERT INTO thing VALUES ($1, $2)")
        .bind(n)
        .bind(&digest)
        .execute(&mut *ctx.conn())
        .await
        .unwrap();
    zhengtong_ledger::append(ctx.conn(), &act).await.unwrap();
    ctx.commit().await.unwrap();
}

pub(crate) fn object(data: &Path, digest: &str) -> PathBuf {
    data.join("files/objects").join(&digest[..2]).join(&digest[2..4]).join(digest)
}

pub(crate) async fn run(url: &str, statement: &'static str) {
    let mut conn = sqlx::PgConnection::connect(url).await.unwrap();
    sqlx::query(statement).execute(&mut conn).await.unwrap();
}

/// Opens and checks, as `backup verify` does.
pub(crate) fn verify(path: &Path, pass: Option<&Passphrase>) -> Result<(), Error> {
    Backup::open(path, &[])?.check(pass, &mut |_| ())
}
