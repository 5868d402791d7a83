//! Back to a moment between two acts, from the archive of the log.

use std::process::Command;

use sqlx::Connection as _;
use zhengtong_backup::restore;
use zhengtong_base::Failure as _;
use zhengtong_db::cluster::{Archive, Cluster, Durability, Options};

use crate::city::{City, checks, nothing, pass};

#[tokio::test(flavor = "multi_thread")]
async fn a_city_comes_back_as_it_was_at_a_moment() {
    if Command::new("pgbackrest").arg("version").output().is_err() {
        println!("not looked at: pgbackrest is not installed");
        return;
    }
    let city = City::new().await;
    let City { data, out, cluster, db } = city;
    db.close().await;
    cluster.stop().await;
    let folder = data.path().canonicalize().unwrap();
    let archive = Archive { stanza: "city".to_owned(), config: folder.join("pgbackrest.conf") };
    archive.configure(&folder, &folder.join("repository")).unwrap();
    let options = Options { archive: Some(archive.clone()), ..Options::new(Durability::Full) };
    let cluster = Cluster::start_with(&folder, options).await.unwrap();
    let db = zhengtong_db::Db::open(&cluster.url(), zhengtong_db::Settings::default()).unwrap();
    let city = City { data, out, cluster, db };
    let mut conn = sqlx::PgConnection::connect(&city.cluster.url()).await.unwrap();
    let before = now(&mut conn).await;
    archive.back_up(&city.cluster.attached()).await.unwrap();
    archive.verify(&folder).await.unwrap();
    // The end of the copy is kept in whole seconds: what comes in the same second counts as before it.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;

    city.act(500).await;
    let taken = city.take().await.unwrap();
    let moment = now(&mut conn).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    city.act(501).await;
    sqlx::query("SELECT pg_switch_wal()").execute(&mut conn).await.unwrap();
    drop(conn);
    city.db.close().await;
    // An orderly stop archives what is left of the log.
    city.cluster.stop().await;

    let early = city.out.path().join("early");
    let back = Some((archive.clone(), before));
    let refused = restore(&taken.path, pass(), &[], &early, back, nothing()).await.err().unwrap();
    let text = refused.text();
    assert!(text.zh.contains("请选第一次"), "{text:?}");
    assert!(text.en.contains("one second after the first"), "{text:?}");

    let to = city.out.path().join("then");
    let back = Some((archive, moment));
    let restored = restore(&taken.path, pass(), &[], &to, back, nothing()).await.unwrap();
    let proof = restored.prove(&checks()).await.unwrap();
    assert_eq!(proof.files, 41);
    let then = Cluster::start(&to, Durability::Full).await.unwrap();
    let mut conn = sqlx::PgConnection::connect(&then.url()).await.unwrap();
    let rows: Vec<i64> = sqlx::query_scalar("SELECT n FROM thing WHERE n >= 500 ORDER BY n")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert_eq!(rows, [500], "what came after the moment is not there");
    drop(conn);
    then.stop().await;
}

async fn now(conn: &mut sqlx::PgConnection) -> String {
    sqlx::query_scalar("SELECT clock_timestamp()::text").fetch_one(conn).await.unwrap()
}
