//! Brings the tables up to date: each crate its own schema, its own table of steps.

use std::borrow::Cow;
use std::time::Duration;

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

/// What a migration would do, and what it cannot do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigratePlan {
    /// Steps that would be run: schema, number, what they do.
    pub missing: Vec<(String, i64, String)>,
    /// Steps of a newer program, which this one does not know.
    pub unknown: Vec<(String, i64)>,
}

/// Nobody else migrates while this lock is held; a second node waits here.
pub(crate) const LOCK: i64 = 0x5a54_4d49;
/// How long a step waits for a table, in milliseconds: while it waits, everybody behind it waits too.
const LOCK_WAIT_MS_MAX: u64 = 2_000;
/// How often a step that waited too long is tried again.
const LOCK_TRIES: u32 = 60;
/// Between two tries, in milliseconds, so that others get through.
const LOCK_PAUSE_MS: u64 = 500;

/// Compares the steps of a database with those of this program, and changes nothing.
pub async fn plan(pool: &PgPool, schemas: &[Schema]) -> Result<MigratePlan> {
    let mut conn = pool.acquire().await?;
    let mut plan = MigratePlan::default();
    for schema in schemas {
        let applied = applied(&mut conn, schema.name).await?;
        for step in schema.migrations.iter().filter(|step| !applied.contains(&step.version)) {
            plan.missing.push((schema.name.to_owned(), step.version, step.name.to_owned()));
        }
        let known = |version: &i64| schema.migrations.iter().any(|step| step.version == *version);
        let unknown = applied.into_iter().filter(|version| !known(version));
        plan.unknown.extend(unknown.map(|version| (schema.name.to_owned(), version)));
    }
    Ok(plan)
}

/// Runs the steps that are missing, schema by schema. A database with steps that this program does not
/// know was made by a newer version and is refused. Each step is one transaction: a program that dies in
/// the middle of it has done nothing of it, and goes on there at its next start.
pub async fn migrate(pool: &PgPool, schemas: &[Schema]) -> Result<MigrateReport> {
    if let Some((schema, version)) = plan(pool, schemas).await?.unknown.into_iter().next() {
        return Err(Error::Newer { schema, version });
    }
    // A connection of its own, closed at the end: a failed step must not leave its lock in the pool.
    let mut conn = PgConnection::connect_with(&pool.connect_options()).await?;
    // A server that does not look would go on with the step of a program that died, and keep its locks.
    for setting in ["SET statement_timeout = 0", "SET client_connection_check_interval = 1000"] {
        sqlx::query(setting).execute(&mut conn).await?;
    }
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    let wait = format!("SET lock_timeout = {LOCK_WAIT_MS_MAX}");
    sqlx::query(sql::trusted(wait)).execute(&mut conn).await?;
    let mut report = MigrateReport::default();
    let mut outcome = Ok(());
    for schema in schemas {
        outcome = patiently(&mut conn, schema, &mut report).await;
        if outcome.is_err() {
            break;
        }
    }
    conn.close().await?;
    outcome.map(|()| report)
}

/// A step lets others through while a table that it needs is in use.
async fn patiently(
    conn: &mut PgConnection,
    schema: &Schema,
    report: &mut MigrateReport,
) -> Result<()> {
    let mut tries = 0;
    loop {
        match one(conn, schema, report).await {
            Err(error) if tries < LOCK_TRIES && is_lock_wait(&error) => {
                tries += 1;
                tracing::info!(schema = schema.name, tries, "a table is in use; the step waits");
                tokio::time::sleep(Duration::from_millis(LOCK_PAUSE_MS)).await;
            }
            other => return other,
        }
    }
}

fn is_lock_wait(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(sqlx::Error::Database(inner)) = error.downcast_ref::<sqlx::Error>() {
            return inner.code().as_deref() == Some("55P03");
        }
        cause = error.source();
    }
    false
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
