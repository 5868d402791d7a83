//! Brings the tables up to date: each crate its own schema, its own table of steps.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection as _, PgConnection, PgPool};
use zhengtong_base::Schema;

use crate::error::{Error, Result};
use crate::sql;

/// What a migration did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrateReport {
    /// Schema and number of each step that was run.
    pub applied: Vec<(String, i64)>,
}

/// Nobody else migrates while this lock is held; a second node waits here.
const LOCK: i64 = 0x5a54_4d49;

/// Runs the steps that are missing, schema by schema. A database with steps that this program does not
/// know was made by a newer version and is refused.
pub async fn migrate(pool: &PgPool, schemas: &[Schema]) -> Result<MigrateReport> {
    // A connection of its own, closed at the end: a failed step must not leave its lock in the pool.
    let mut conn = PgConnection::connect_with(&pool.connect_options()).await?;
    sqlx::query("SET statement_timeout = 0").execute(&mut conn).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    let mut report = MigrateReport::default();
    let mut outcome = Ok(());
    for schema in schemas {
        outcome = one(&mut conn, schema, &mut report).await;
        if outcome.is_err() {
            break;
        }
    }
    conn.close().await?;
    outcome.map(|()| report)
}

async fn one(conn: &mut PgConnection, schema: &Schema, report: &mut MigrateReport) -> Result<()> {
    let fault = |source: MigrateError| Error::Migrate { schema: schema.name.to_owned(), source };
    let before = applied(conn, schema.name).await?;
    let steps = schema
        .migrations
        .iter()
        .map(|step| {
            Migration::new(
                step.version,
                Cow::Borrowed(step.name),
                MigrationType::Simple,
                sqlx::SqlSafeStr::into_sql_str(step.sql),
                false,
            )
        })
        .collect();
    let mut migrator = Migrator::with_migrations(steps);
    migrator.dangerous_set_table_name(format!("{}._migrations", schema.name));
    migrator.create_schema(schema.name);
    migrator.set_locking(false);
    migrator.run(&mut *conn).await.map_err(fault)?;
    let after = applied(conn, schema.name).await?;
    report.applied.extend(
        after
            .into_iter()
            .filter(|version| !before.contains(version))
            .map(|version| (schema.name.to_owned(), version)),
    );
    Ok(())
}

async fn applied(conn: &mut PgConnection, schema: &str) -> Result<Vec<i64>> {
    let table = format!("{}.{}", sql::ident(schema), sql::ident("_migrations"));
    let there: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(&table)
        .fetch_one(&mut *conn)
        .await?;
    if !there {
        return Ok(Vec::new());
    }
    let statement = format!("SELECT version FROM {table} WHERE success ORDER BY version");
    Ok(sqlx::query_scalar(sql::trusted(statement)).fetch_all(conn).await?)
}
