//! The role by which a running platform works: what it may do, and what no statement of its can.

use sqlx::{Connection as _, PgConnection};
use zhengtong_base::{Migration, Schema};
use zhengtong_db::cluster::{Cluster, Durability};
use zhengtong_db::{Db, Settings, allow_worker, migrate};

use crate::cluster::folder;

const KEPT: Schema = Schema {
    name: "kept",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql:
            "CREATE TABLE kept.row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text);
              CREATE TABLE kept.entry (text text);
              CREATE FUNCTION kept.refuse() RETURNS trigger LANGUAGE plpgsql AS
                  $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
              CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kept.entry
                  FOR EACH STATEMENT EXECUTE FUNCTION kept.refuse();",
    }],
    statements: &[],
};
const WIDE: Schema = Schema {
    name: "wide",
    migrations: &[Migration {
        version: 1,
        name: "init",
        sql: "CREATE TABLE wide.first (n bigint)",
    }],
    statements: &[],
};

async fn code(conn: &mut PgConnection, statement: &'static str) -> Option<String> {
    let error = sqlx::query(statement).execute(conn).await.err()?;
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_reads_and_writes_rows_and_nothing_more() {
    let folder = folder();
    let cluster = Cluster::start(folder.path(), Durability::None).await.unwrap();
    let owner = Db::open(&cluster.url(), Settings::default()).unwrap();
    let schemas = [zhengtong_db::SCHEMA, KEPT, WIDE];
    migrate(owner.pool(), &schemas).await.unwrap();
    for _ in 0..2 {
        allow_worker(owner.pool(), &schemas, &["wide"]).await.unwrap();
    }
    let mut conn = PgConnection::connect(&cluster.worker_url()).await.unwrap();
    let allowed = [
        "INSERT INTO kept.row (text) VALUES ('a')",
        "UPDATE kept.row SET text = 'b'",
        "DELETE FROM kept.row",
        "INSERT INTO kept.entry VALUES ('a')",
        "SELECT version FROM kept._migrations",
        "CREATE TABLE wide.second (n bigint)",
        "ALTER TABLE wide.first ADD COLUMN m bigint",
        "SELECT sent_lsn FROM pg_stat_replication",
        "SELECT pg_advisory_lock(1)",
        "LISTEN news",
    ];
    for statement in allowed {
        assert_eq!(code(&mut conn, statement).await, None, "{statement}");
    }
    // 42501 is `insufficient_privilege`.
    let refused = [
        "UPDATE kept.entry SET text = 'b'",
        "DELETE FROM kept.entry",
        "TRUNCATE kept.entry",
        "TRUNCATE kept.row",
        "DROP TABLE kept.row",
        "ALTER TABLE kept.entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE TABLE kept.mine (n bigint)",
        "CREATE TABLE public.mine (n bigint)",
        "UPDATE kept._migrations SET success = false",
        "COPY kept.row TO PROGRAM 'true'",
        "COPY kept.row FROM '/etc/hostname'",
        "SELECT pg_read_file('/etc/hostname')",
        "ALTER SYSTEM SET fsync = off",
        "CREATE ROLE another SUPERUSER",
        "SET ROLE zhengtong",
        "DROP SCHEMA wide CASCADE",
    ];
    for statement in refused {
        assert_eq!(code(&mut conn, statement).await.as_deref(), Some("42501"), "{statement}");
    }
    owner.close().await;
    cluster.stop().await;
}
