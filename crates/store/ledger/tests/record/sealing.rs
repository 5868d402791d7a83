//! Appenders and sealers at work together lose nothing, and every proof they leave behind holds.

use sqlx::{Connection as _, PgConnection};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_crypto::SigningKey;
use zhengtong_ledger::{
    EntryId, Error, SignedCheckpoint, append, catch_up, consistency, export, find, last_checkpoint,
    prove, seal, verify_file,
};

use super::support::{NOW, Record, bare, full, key};

async fn appender(url: String, number: u128) -> i64 {
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut committed = 0;
    for round in 0..20 {
        let mut tx = conn.begin().await.unwrap();
        let entries = i64::try_from((number + round) % 4).unwrap() + 1;
        for entry in 0..entries {
            let act = full(number * 1_000 + round * 10 + u128::try_from(entry).unwrap());
            append(&mut tx, &act).await.unwrap();
            tokio::task::yield_now().await;
        }
        if (number + round).is_multiple_of(5) {
            tx.rollback().await.unwrap();
        } else {
            tx.commit().await.unwrap();
            committed += entries;
        }
    }
    committed
}

async fn sealer(
    url: String,
    mut done: tokio::sync::watch::Receiver<bool>,
) -> Vec<SignedCheckpoint> {
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let mut checkpoints = Vec::new();
    loop {
        let last_round = *done.borrow_and_update();
        match seal(&mut conn, NOW, &key()).await.unwrap() {
            Some(checkpoint) => checkpoints.push(checkpoint),
            None if last_round => return checkpoints,
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test]
async fn appenders_and_sealers_lose_nothing() {
    let mut record = Record::new().await;
    let (send, receive) = tokio::sync::watch::channel(false);
    let sealers: Vec<_> =
        (0..2).map(|_| tokio::spawn(sealer(record.url.clone(), receive.clone()))).collect();
    let appenders: Vec<_> =
        (0..5).map(|number| tokio::spawn(appender(record.url.clone(), number))).collect();
    let mut committed = 0;
    for appender in appenders {
        committed += appender.await.unwrap();
    }
    send.send(true).unwrap();
    let mut checkpoints = Vec::new();
    for sealer in sealers {
        checkpoints.extend(sealer.await.unwrap());
    }
    while record.count("leaf").await < committed {
        checkpoints.push(record.seal_once().await);
    }
    assert_eq!(record.count("entry").await, committed);
    assert_eq!(record.count("leaf").await, committed);
    let report = record.verify().await;
    assert_eq!(report.fault, None);
    assert_eq!((report.entries, report.unsealed), (u64::try_from(committed).unwrap(), 0));
    checkpoints.sort_by_key(|signed| signed.checkpoint.size);
    assert_eq!(report.checkpoints, checkpoints.len() as u64);
    for pair in checkpoints.windows(2) {
        let [old, new] = pair else { unreachable!() };
        let (from, to) = (old.checkpoint.size, new.checkpoint.size);
        let proof = consistency(&mut record.conn, from, to).await.unwrap();
        assert!(proof.verify(old, new), "{from} to {to}");
        assert!(!proof.verify(new, old));
    }
}

#[tokio::test]
async fn a_running_transaction_delays_and_loses_nothing() {
    let mut record = Record::new().await;
    let mut slow = record.connect().await;
    let mut tx = slow.begin().await.unwrap();
    let first = append(&mut tx, &full(1)).await.unwrap();
    let second = append(&mut record.conn, &full(2)).await.unwrap();
    assert!(first < second);
    assert_eq!(seal(&mut record.conn, NOW, &key()).await.unwrap(), None);
    assert_eq!(record.verify().await.unsealed, 1);
    assert!(matches!(prove(&mut record.conn, second).await, Err(Error::Unsealed(_))));
    tx.commit().await.unwrap();
    assert_eq!(record.seal().await.checkpoint.size, 2);
    let absent = prove(&mut record.conn, EntryId(99)).await.unwrap_err();
    assert_eq!(absent.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_rolled_back_act_leaves_nothing() {
    let mut record = Record::new().await;
    let mut tx = record.conn.begin().await.unwrap();
    append(&mut tx, &full(1)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(record.count("entry").await, 0);
    assert_eq!(seal(&mut record.conn, NOW, &key()).await.unwrap(), None);
    assert_eq!(last_checkpoint(&mut record.conn).await.unwrap(), None);
    assert!(record.verify().await.is_sound());
}

#[tokio::test]
async fn every_proof_holds_across_stored_levels() {
    let mut record = Record::new().await;
    record
        .run(
            "INSERT INTO ledger.entry (at, name, verb, thing_kind, thing, request)
             SELECT '2026-03-02'::timestamptz + n * interval '1 s', '示例', 'a.b', 'case', n::text, 'r'
             FROM generate_series(1, 1300) AS n",
        )
        .await;
    let first = record.seal().await;
    record.append_many(7).await;
    let second = record.seal().await;
    assert_eq!(record.count("node").await, 81 + 5);
    assert_eq!((first.checkpoint.size, second.checkpoint.size), (1_300, 1_307));
    every_proof(&mut record, &first, &second).await;
    // A record whose first nodes were kept on every eighth level only.
    record
        .run(
            "ALTER TABLE ledger.node DISABLE TRIGGER ALL;
             DELETE FROM ledger.node WHERE level % 8 <> 0 AND index <> 80;
             ALTER TABLE ledger.node ENABLE ALWAYS TRIGGER append_only",
        )
        .await;
    assert_eq!(record.count("node").await, 1 + 5);
    every_proof(&mut record, &first, &second).await;
    assert!(record.verify().await.is_sound());
    record.append_many(40).await;
    record.seal().await;
    assert!(record.verify().await.is_sound());
}

/// Entries at every edge of the tree of 1 307 leaves are proven, and what is another entry is not.
async fn every_proof(record: &mut Record, first: &SignedCheckpoint, second: &SignedCheckpoint) {
    let public = key().verifying_key();
    for id in [1, 2, 15, 16, 17, 255, 256, 257, 512, 1_024, 1_025, 1_299, 1_300, 1_301, 1_307] {
        let entry = find(&mut record.conn, EntryId(id)).await.unwrap();
        let proof = prove(&mut record.conn, entry.id).await.unwrap();
        assert!(proof.verify(&entry, &public), "entry {id}");
        let mut other = entry.clone();
        other.act.thing.push('0');
        assert!(!proof.verify(&other, &public));
        assert!(!proof.verify(&entry, &SigningKey::from_seed([6; 32]).verifying_key()));
    }
    for old in [0, 1, 2, 255, 256, 257, 1_023, 1_024, 1_299, 1_300, 1_306, 1_307] {
        consistency(&mut record.conn, old, 1_307).await.unwrap();
    }
    assert!(consistency(&mut record.conn, 1_300, 1_307).await.unwrap().verify(first, second));
    for (old, new) in [(3, 2), (1, 1_308)] {
        let refused = consistency(&mut record.conn, old, new).await;
        assert!(matches!(refused, Err(Error::NoSuchSize { .. })));
    }
    let mut bytes = Vec::new();
    assert_eq!(export(&mut record.conn, &mut bytes).await.unwrap(), 1_307);
    let report = verify_file(bytes.as_slice(), &zhengtong_ledger::Trust::default()).unwrap();
    assert_eq!((report.fault, report.last), (None, Some(second.clone())));
}

#[tokio::test]
async fn sealing_is_bounded_and_goes_on() {
    let mut record = Record::new().await;
    record
        .run(
            "INSERT INTO ledger.entry (at, name, verb, thing_kind, thing, request)
             SELECT '2026-03-02', '示例', 'a.b', 'case', n::text, 'r' FROM generate_series(1, 10003) AS n",
        )
        .await;
    assert_eq!(record.seal_once().await.checkpoint.size, 10_000);
    assert_eq!(record.seal_once().await.checkpoint.size, 10_003);
    assert_eq!(seal(&mut record.conn, NOW, &key()).await.unwrap(), None);
    assert_eq!(record.verify().await.fault, None);
}

#[tokio::test]
async fn a_restored_record_goes_on_in_a_younger_server() {
    let mut record = Record::new().await;
    let restore = "INSERT INTO ledger.entry (at, name, verb, thing_kind, thing, request, txid)
        SELECT '2026-03-02', '示例', 'a.b', 'case', n::text, 'r', (4000000000000 + n)::text::xid8
        FROM generate_series(1, 20) AS n";
    record.run(restore).await;
    let key = key();
    assert_eq!(record.seal_everywhere(&key).await, 20);
    assert_eq!(record.verify().await.fault, None);
    record.append_many(3).await;
    assert_eq!(record.seal().await.checkpoint.size, 23);
    record.append_many(2).await;
    assert_eq!(record.seal().await.checkpoint.size, 25);
    assert_eq!(seal(&mut record.conn, NOW, &key).await.unwrap(), None);
    assert_eq!(record.verify().await.fault, None);
}

#[tokio::test]
async fn keys_may_change() {
    let mut record = Record::new().await;
    append(&mut record.conn, &bare(1)).await.unwrap();
    record.seal().await;
    append(&mut record.conn, &bare(2)).await.unwrap();
    let other = SigningKey::from_seed([6; 32]);
    while seal(&mut record.conn, NOW, &other).await.unwrap().is_none() {}
    let report = record.verify().await;
    assert_eq!((report.fault, report.keys.len(), report.checkpoints), (None, 2, 2));
}

impl Record {
    async fn seal_everywhere(&mut self, key: &SigningKey) -> u64 {
        let sealed = catch_up(&mut self.conn, NOW, key).await.unwrap().unwrap();
        sealed.checkpoint.size
    }
}
