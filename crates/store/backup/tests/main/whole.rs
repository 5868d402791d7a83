//! The way out and back: taken under load, restored into an empty folder, proved.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use sqlx::Connection as _;
use zhengtong_backup::{Backup, Error, Form, Source, restore};
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::testing::TestDb;

use crate::city::{City, act, checks, folder, key, nothing, object, pass, run, verify};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_before_a_backup_is_in_it_with_its_file() {
    let city = City::new().await;
    // Writers go on while the backup is taken.
    let (go_on, done) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicI64::new(1_000)));
    let writer = tokio::spawn({
        let (db, data) = (city.db.clone(), city.data.path().to_owned());
        let (go_on, done) = (Arc::clone(&go_on), Arc::clone(&done));
        async move {
            let mut n = 1_000;
            while go_on.load(Ordering::Relaxed) {
                n += 1;
                act(&db, &data, n).await;
                done.store(n, Ordering::Relaxed);
            }
        }
    });
    while done.load(Ordering::Relaxed) < 1_050 {
        tokio::task::yield_now().await;
    }
    let before = done.load(Ordering::Relaxed);
    let taken = city.take().await.unwrap();
    go_on.store(false, Ordering::Relaxed);
    writer.await.unwrap();
    assert!(done.load(Ordering::Relaxed) > before, "nothing was written meanwhile");
    let manifest = &taken.manifest;
    assert_eq!(manifest.database, Form::Cluster);
    assert_eq!(manifest.keys, ["master.key"]);
    assert!(manifest.files >= 90 && manifest.damaged.is_empty());
    assert!(manifest.checkpoint.is_some());
    verify(&taken.path, Some(&pass())).unwrap();

    // The city is gone.
    city.db.close().await;
    city.cluster.stop().await;
    drop(city.data);

    let new = folder();
    let to = new.path().join("city");
    let trusted = [key().verifying_key()];
    let restored = restore(&taken.path, pass(), &trusted, &to, None, nothing()).await.unwrap();
    let proof = restored.prove(&checks()).await.unwrap();
    assert_eq!(proof.entries, 40, "sealed entries");
    assert!(i64::try_from(proof.files).unwrap() >= 40 + before - 1_000);
    let again = Cluster::start(&to, Durability::None).await.unwrap();
    let mut conn = sqlx::PgConnection::connect(&again.url()).await.unwrap();
    let last: i64 =
        sqlx::query_scalar("SELECT max(n) FROM thing").fetch_one(&mut conn).await.unwrap();
    assert!(last >= before, "{last} of {before}");
    drop(conn);

    // A folder with something in it is never written to.
    let refused = restore(&taken.path, pass(), &trusted, &to, None, nothing()).await;
    assert!(matches!(refused, Err(Error::NotEmpty(_))), "{refused:?}");
    again.stop().await;

    // A file that the database names is gone: the proof says which.
    let gone = Backup::open(&taken.path, &[]).unwrap();
    assert!(gone.manifest.files > 0);
    let digest = zhengtong_crypto::Digest::of("file 7 ".repeat(50).as_bytes()).to_string();
    std::fs::remove_file(object(&to, &digest)).unwrap();
    let proof = restored.prove(&checks()).await;
    assert!(matches!(&proof, Err(Error::Unsound(what)) if what.contains(&digest)), "{proof:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_database_elsewhere_comes_back_into_a_cluster_of_ours() {
    let elsewhere =
        TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, zhengtong_backup::SCHEMA])
            .await;
    run(&elsewhere.url, "CREATE TABLE thing (n bigint PRIMARY KEY, digest text NOT NULL)").await;
    let (data, out) = (folder(), folder());
    std::fs::write(data.path().join("master.key"), "secret").unwrap();
    for n in 0..20 {
        act(&elsewhere.db, data.path(), n).await;
    }
    let plan = zhengtong_backup::Plan {
        data: data.path().to_owned(),
        source: Source::Url(elsewhere.url.clone()),
        to: out.path().join("one.ztb"),
        passphrase: pass(),
        key: key(),
        program: "1.2.3".to_owned(),
    };
    let taken = zhengtong_backup::take(plan, nothing()).await.unwrap();
    assert_eq!(taken.manifest.database, Form::Dump);
    let to = out.path().join("city");
    let restored = restore(&taken.path, pass(), &[], &to, None, nothing()).await.unwrap();
    let proof = restored.prove(&checks()).await.unwrap();
    assert_eq!(proof.files, 20);
    // The dump is gone, and the folder can be started again.
    assert!(restored.prove(&checks()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_in_the_city_is_found_when_it_is_copied() {
    let city = City::new().await;
    // A file rots: it is copied and named.
    let digest = zhengtong_crypto::Digest::of("file 3 ".repeat(50).as_bytes()).to_string();
    std::fs::write(object(city.data.path(), &digest), "rotten").unwrap();
    let taken = city.take().await.unwrap();
    assert_eq!(taken.manifest.damaged, std::slice::from_ref(&digest));
    let to = city.out.path().join("restored");
    restore(&taken.path, pass(), &[], &to, None, nothing()).await.unwrap();

    // A page of the database rots: the copy fails, says so, and leaves nothing behind.
    let mut conn = sqlx::PgConnection::connect(&city.cluster.url()).await.unwrap();
    let path: String = sqlx::query_scalar("SELECT pg_relation_filepath('ledger.entry')")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    sqlx::query("CHECKPOINT").execute(&mut conn).await.unwrap();
    let path = city.data.path().join("postgres").join(path);
    let mut page = std::fs::read(&path).unwrap();
    page[100] ^= 1;
    std::fs::write(&path, page).unwrap();
    let failed = city.take().await.unwrap_err().to_string();
    assert!(failed.contains("checksum"), "{failed}");
    let left: Vec<_> = std::fs::read_dir(city.out.path())
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    drop(conn);
    city.cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_keys_open_is_part_of_the_proof() {
    let city = City::new().await;
    let taken = city.take().await.unwrap();
    let to = city.out.path().join("city");
    let restored = restore(&taken.path, pass(), &[], &to, None, nothing()).await.unwrap();
    std::fs::write(to.join("master.key"), "another").unwrap();
    let proof = restored.prove(&checks()).await;
    assert!(matches!(&proof, Err(Error::Unsound(what)) if what == "no key"), "{proof:?}");
    city.cluster.stop().await;
}
