//! Whatever is altered in the tables or in an exported file is found.

use sqlx::{AssertSqlSafe, Row as _};
use zhengtong_ledger::{
    EntryId, Error, FaultKind, Trust, append, export, seal, verify_db, verify_file,
};

use super::support::{NOW, Record, full, key};

const TABLES: [&str; 5] = ["entry", "leaf", "node", "key", "checkpoint"];

/// Other values for a column of a type: each an expression over the column `@`.
fn others(data_type: &str, nullable: bool) -> Vec<String> {
    let mut others: Vec<String> = match data_type {
        "bigint" => vec!["@ + 1", "@ - 1", "@ + 1000003", "-@ - 1", "@ # 1"],
        "smallint" => vec!["(@ + 8)::smallint", "(@ - 8)::smallint", "(@ + 1)::smallint"],
        "timestamp with time zone" => vec![
            "@ + interval '1 microsecond'",
            "@ - interval '1 year'",
            "'infinity'::timestamptz",
            "'0044-03-15 BC'::timestamptz",
        ],
        "uuid" => vec!["gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'::uuid"],
        "text" => vec!["coalesce(@, '') || ' '", "'x' || coalesce(@, '')", "''", "upper(@) || 'X'"],
        "bytea" => vec![
            "set_byte(@, 0, get_byte(@, 0) # 1)",
            "set_byte(@, length(@) - 1, get_byte(@, length(@) - 1) # 128)",
            "@ || '\\x00'::bytea",
            "''::bytea",
        ],
        "jsonb" => vec![
            "jsonb_build_object('name', 'x')",
            "coalesce(@, '{}') || '{\"more\": 1}'",
            "coalesce(@, '{}') || '{\"name\": \"x\"}'",
            "jsonb_set(coalesce(@, '{}'), '{organisation}', '\"00000000-0000-0000-0000-000000000ABC\"')",
            "'null'::jsonb",
        ],
        "xid8" => {
            vec!["(@::text::bigint + 1)::text::xid8", "(@::text::bigint - 1)::text::xid8", "'0'::xid8"]
        }
        other => panic!("a column of type {other} has no other values here"),
    }
    .into_iter()
    .map(str::to_owned)
    .collect();
    if nullable {
        others.push("NULL".to_owned());
    }
    others
}

async fn columns(record: &mut Record, table: &str) -> Vec<(String, String, bool)> {
    sqlx::query(
        "SELECT column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns
         WHERE table_schema = 'ledger' AND table_name = $1 ORDER BY ordinal_position",
    )
    .bind(table)
    .fetch_all(&mut record.conn)
    .await
    .unwrap()
    .iter()
    .map(|row| (row.get(0), row.get(1), row.get(2)))
    .collect()
}

#[tokio::test]
async fn every_column_of_every_table() {
    let mut record = Record::new().await;
    record.append_many(257).await;
    record.seal().await;
    record.append_many(4).await;
    record.seal().await;
    assert_eq!(record.verify().await.fault, None);
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = 'ledger' AND table_name <> '_migrations' ORDER BY table_name",
    )
    .fetch_all(&mut record.conn)
    .await
    .unwrap();
    let mut known = TABLES.map(str::to_owned);
    known.sort();
    assert_eq!(tables, known);
    let mut tried = 0;
    for table in TABLES {
        for (column, data_type, nullable) in columns(&mut record, table).await {
            for other in others(&data_type, nullable) {
                // The first, the second and the last row: full and bare entries, both checkpoints.
                for row in ["ASC LIMIT 1", "ASC OFFSET 1 LIMIT 1", "DESC LIMIT 1"] {
                    tried += usize::from(alter(&mut record, table, &column, &other, row).await);
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
    assert_eq!(record.verify().await.fault, None);
}

/// Alters one value and expects it to be found; false when there is no such row, the value would be the
/// same or the table itself refuses it.
async fn alter(record: &mut Record, table: &str, column: &str, other: &str, row: &str) -> bool {
    let other = other.replace('@', column);
    let statement = format!(
        "UPDATE ledger.{table} SET {column} = {other} WHERE ctid =
         (SELECT ctid FROM ledger.{table} ORDER BY ctid {row})
         AND {column} IS DISTINCT FROM {other}"
    );
    record.open_up().await;
    let done = sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut record.conn).await;
    let altered = match &done {
        Ok(done) => done.rows_affected() == 1,
        // The other value is taken already.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => false,
        Err(error) => panic!("{statement}: {error}"),
    };
    if altered {
        let fault = record.verify().await.fault;
        assert!(fault.is_some(), "not found: {statement}");
    }
    record.run("ROLLBACK").await;
    altered
}

#[tokio::test]
async fn the_report_names_the_entry() {
    let mut record = Record::new().await;
    record.append_many(5).await;
    record.seal().await;
    let mut check = async |statement: &str, kind: FaultKind, entry: Option<i64>| {
        let fault = record.verify_altered(statement).await.fault.unwrap();
        assert_eq!((fault.kind, fault.entry), (kind, entry.map(EntryId)), "{statement}: {fault}");
    };
    let altered = FaultKind::EntryAltered;
    check("UPDATE ledger.entry SET verb = 'x' WHERE id = 3", altered, Some(3)).await;
    check("UPDATE ledger.entry SET behalf = '{}' WHERE id = 3", FaultKind::Malformed, Some(3))
        .await;
    let hash =
        "UPDATE ledger.leaf SET hash = set_byte(hash, 9, get_byte(hash, 9) # 4) WHERE index = 1";
    check(hash, FaultKind::LeafAltered, Some(2)).await;
    check("DELETE FROM ledger.entry WHERE id = 4", FaultKind::EntryMissing, Some(4)).await;
    check("DELETE FROM ledger.leaf WHERE index = 4", FaultKind::LeafMissing, None).await;
    check("DELETE FROM ledger.leaf WHERE index = 0", FaultKind::LeafMissing, Some(2)).await;
    check("DELETE FROM ledger.key", FaultKind::KeyMissing, None).await;
    check("DELETE FROM ledger.checkpoint", FaultKind::CheckpointMissing, None).await;
    check("UPDATE ledger.checkpoint SET at = at + interval '1 s'", FaultKind::Signature, None)
        .await;
    check(
        "INSERT INTO ledger.node (level, index, hash) VALUES (8, 0, sha256('x'))",
        FaultKind::NodeAltered,
        None,
    )
    .await;
    check(
        "UPDATE ledger.leaf SET entry = 109 - entry WHERE index IN (3, 4);
         UPDATE ledger.leaf SET entry = entry - 100 WHERE index IN (3, 4)",
        altered,
        Some(5),
    )
    .await;
    check(
        "INSERT INTO ledger.entry (id, at, name, verb, thing_kind, thing, request, txid)
         SELECT 100, at, name, verb, thing_kind, thing, request, txid FROM ledger.entry WHERE id = 1",
        FaultKind::EntrySkipped,
        Some(100),
    )
    .await;
    check(
        "UPDATE ledger.leaf SET index = index + 10 WHERE index > 1;
         INSERT INTO ledger.entry (id, at, name, verb, thing_kind, thing, request)
         SELECT 100, at, name, verb, thing_kind, thing, request FROM ledger.entry WHERE id = 1;
         INSERT INTO ledger.leaf SELECT 2, 100, hash FROM ledger.leaf WHERE index = 0;
         UPDATE ledger.leaf SET index = index - 9 WHERE index > 9",
        FaultKind::LeafAltered,
        Some(100),
    )
    .await;
}

#[tokio::test]
async fn a_forged_leaf_does_not_make_the_signed_root() {
    let mut record = Record::new().await;
    record.append_many(5).await;
    record.seal().await;
    record.open_up().await;
    record.run("UPDATE ledger.entry SET name = 'x' WHERE id = 2").await;
    let forged = zhengtong_ledger::find(&mut record.conn, EntryId(2)).await.unwrap().leaf_hash();
    record.run(&format!("UPDATE ledger.leaf SET hash = '\\x{forged}' WHERE entry = 2")).await;
    assert_eq!(record.verify().await.fault.unwrap().kind, FaultKind::RootMismatch);
    // The sealer does not build on it either.
    append(&mut record.conn, &full(9)).await.unwrap();
    record.run("COMMIT").await;
    let mut refused = Ok(None);
    while matches!(refused, Ok(None)) {
        refused = seal(&mut record.conn, NOW, &key()).await;
    }
    assert!(matches!(refused, Err(Error::Broken(_))), "{refused:?}");
}

#[tokio::test]
async fn a_record_that_was_cut_or_signed_again_is_found_by_a_witness() {
    let mut record = Record::new().await;
    record.append_many(3).await;
    let first = record.seal().await;
    record.append_many(3).await;
    let second = record.seal().await;
    let trust = Trust { keys: vec![key().verifying_key()], witnessed: vec![first, second] };
    assert!(verify_db(&mut record.conn, &trust).await.unwrap().is_sound());
    record.open_up().await;
    record
        .run(
            "DELETE FROM ledger.checkpoint WHERE size = 6; DELETE FROM ledger.leaf WHERE index > 2;
             DELETE FROM ledger.entry WHERE id > 3",
        )
        .await;
    assert!(record.verify().await.is_sound());
    let fault = verify_db(&mut record.conn, &trust).await.unwrap().fault.unwrap();
    assert_eq!(fault.kind, FaultKind::WitnessMismatch);
}

#[tokio::test]
async fn nothing_is_ever_changed() {
    let mut record = Record::new().await;
    record.append_many(300).await;
    record.seal().await;
    for replica in [false, true] {
        if replica {
            record.run("SET session_replication_role = replica").await;
        }
        for table in TABLES {
            let column = columns(&mut record, table).await.swap_remove(1).0;
            for statement in [
                format!("UPDATE ledger.{table} SET {column} = {column}"),
                format!("DELETE FROM ledger.{table}"),
                format!("DELETE FROM ledger.{table} WHERE false"),
                format!("TRUNCATE ledger.{table} CASCADE"),
            ] {
                let before = record.count(table).await;
                let refused =
                    sqlx::query(AssertSqlSafe(statement.as_str())).execute(&mut record.conn).await;
                let refused = refused.unwrap_err().to_string();
                assert!(refused.contains("append-only"), "{statement}: {refused}");
                assert_eq!(record.count(table).await, before);
            }
        }
    }
    assert!(record.verify().await.is_sound());
}

#[tokio::test]
async fn every_flipped_byte_of_an_export() {
    let mut record = Record::new().await;
    record.append_many(2).await;
    record.seal().await;
    record.append_many(1).await;
    record.seal().await;
    append(&mut record.conn, &full(77)).await.unwrap();
    let mut bytes = Vec::new();
    assert_eq!(export(&mut record.conn, &mut bytes).await.unwrap(), 3);
    let trust = Trust::default();
    let report = verify_file(bytes.as_slice(), &trust).unwrap();
    assert_eq!(report.fault, None);
    assert_eq!((report.entries, report.checkpoints), (3, 2));
    for position in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1 << (position % 8);
        let report = verify_file(flipped.as_slice(), &trust).unwrap();
        assert!(!report.is_sound(), "byte {position}");
    }
}
