//! The role by which a running platform works on its private cluster: it reads and writes rows, and makes the tables of
//! datasets. It owns nothing else, is no superuser, and what is append-only it may only append to, whatever statement
//! reaches the database.

use sqlx::PgPool;
use zhengtong_base::Schema;

use crate::error::Result;
use crate::migrate::LOCK;
use crate::sql;

/// Its name.
pub const WORKER: &str = "zhengtong_work";
/// To be counted up when what the role may do changes.
const RULES: u32 = 1;

/// Makes the role if it is not there and gives it what it needs, after migrations and as their owner. Tables of the schemas in
/// `own` become its own, because the platform widens them while it runs. May be run any number of times.
pub async fn allow_worker(pool: &PgPool, schemas: &[Schema], own: &[&str]) -> Result<()> {
    let mut tx = pool.begin().await?;
    // Grants of two nodes that start at once would trip over each other.
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await?;
    let role = sql::ident(WORKER);
    let known: Option<Option<String>> = sqlx::query_scalar(
        "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = $1",
    )
    .bind(WORKER)
    .fetch_optional(&mut *tx)
    .await?;
    let wanted = stand(schemas);
    // Nothing is written at a start that finds everything as it left it, so that a full disk stops no start.
    if known.as_ref().and_then(Option::as_ref) == Some(&wanted) {
        return Ok(());
    }
    let mut statements = Vec::new();
    if known.is_none() {
        statements.push(format!("CREATE ROLE {role} LOGIN"));
    }
    statements.push(format!(
        "ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    ));
    // How much there is of everything, and how far the standby is.
    statements.push(format!("GRANT pg_monitor TO {role}"));
    for schema in schemas {
        let name = sql::ident(schema.name);
        statements.push(format!("GRANT USAGE ON SCHEMA {name} TO {role}"));
        statements.push(format!(
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role}"
        ));
        statements.push(format!("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {name} TO {role}"));
        statements
            .push(format!("REVOKE INSERT, UPDATE, DELETE ON {name}.\"_migrations\" FROM {role}"));
    }
    for schema in own {
        statements.push(format!("GRANT CREATE ON SCHEMA {} TO {role}", sql::ident(schema)));
    }
    for statement in statements {
        sqlx::query(sql::trusted(statement)).execute(&mut *tx).await?;
    }
    let kept: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'",
    )
    .fetch_all(&mut *tx)
    .await?;
    let widened: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text FROM pg_class c
           WHERE c.relnamespace::regnamespace::text = ANY ($1) AND c.relkind = 'r' AND c.relname <> '_migrations'
             AND c.relowner <> $2::text::regrole",
    )
    .bind(own)
    .bind(WORKER)
    .fetch_all(&mut *tx)
    .await?;
    // Names come quoted from the catalogue.
    let revoke = kept.iter().map(|table| format!("REVOKE UPDATE, DELETE ON {table} FROM {role}"));
    let give = widened.iter().map(|table| format!("ALTER TABLE {table} OWNER TO {role}"));
    let stand = format!("COMMENT ON ROLE {role} IS {}", sql::literal(&wanted));
    for statement in revoke.chain(give).chain([stand]) {
        sqlx::query(sql::trusted(statement)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The rules of this module and the steps of migrations, in one line: what the role was last made for.
fn stand(schemas: &[Schema]) -> String {
    let newest = |schema: &Schema| schema.migrations.iter().map(|step| step.version).max();
    let steps =
        schemas.iter().map(|schema| format!("{}:{}", schema.name, newest(schema).unwrap_or(0)));
    format!("{RULES} {}", steps.collect::<Vec<_>>().join(" "))
}
