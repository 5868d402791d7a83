//! The look at a dataset: one scan with an aggregate for each rule, and one more for the records that break some.

use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row as _};
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_db::{Error as DbError, sql};

use super::geometry::is_broken;
use super::{Stored, all_stored, execute, rules, select, table};
use crate::error::Result;
use crate::model::{Catalog, Dataset, ElementKind};
use crate::quality::{QualityRun, Rule, Test};
use crate::sealed::{Sealing, index_column, sealed_column};

pub(crate) const QUALITY_KEEP: &str = include_str!("../../sql/quality_keep.sql");
pub(crate) const QUALITY_RUNS: &str = include_str!("../../sql/quality_runs.sql");
pub(crate) const QUALITY_NEWEST: &str = include_str!("../../sql/quality_newest.sql");
pub(crate) const QUALITY_FORGET: &str = include_str!("../../sql/quality_forget.sql");
pub(crate) const QUALITY_FAULT_KEEP: &str = include_str!("../../sql/quality_fault_keep.sql");
pub(crate) const QUALITY_FAULTS: &str = include_str!("../../sql/quality_faults.sql");

/// What one scan counted.
pub(crate) struct Scanned {
    pub(crate) records: i64,
    pub(crate) newest: Option<OffsetDateTime>,
    /// For each rule that was asked, how many records break it.
    pub(crate) broken: Vec<i64>,
}

/// How the statement finds records that break a rule; none when only the program can, because the value stands sealed
/// or the rule is no matter of SQL.
pub(crate) fn condition(
    catalog: &Catalog,
    dataset: &Dataset,
    rule: &Rule,
    today: Date,
) -> Option<String> {
    if let Test::Feel(expr) = &rule.test {
        return rules::broken(catalog, dataset, expr, today);
    }
    let field = dataset.field(rule.field.as_deref()?)?;
    let element = catalog.element(&field.element)?;
    let sealed = element.is_sealed();
    let column = format!("row_.{}", sql::ident(&field.name));
    let array = |codes: &[String]| {
        let all: Vec<String> = codes.iter().map(|code| sql::literal(code)).collect();
        format!("ARRAY[{}]::text[]", all.join(", "))
    };
    match &rule.test {
        Test::Required if sealed => {
            Some(format!("row_.{} IS NULL", sql::ident(&sealed_column(&field.name))))
        }
        Test::Required => Some(format!("{column} IS NULL")),
        Test::Unique => {
            if sealed && !catalog.is_indexed(dataset, field) {
                return None;
            }
            let name = if sealed { index_column(&field.name) } else { field.name.clone() };
            let name = sql::ident(&name);
            Some(format!(
                "row_.{name} IN (SELECT {name} FROM {} GROUP BY {name} HAVING count(*) > 1)",
                table(dataset)
            ))
        }
        _ if sealed => None,
        Test::Code(codes) if element.kind == ElementKind::Codes => {
            Some(format!("NOT ({column} <@ {})", array(codes)))
        }
        Test::Code(codes) => Some(format!("{column} <> ALL ({})", array(codes))),
        Test::Geometry => Some(is_broken(&field.name)),
        Test::Pattern(pattern) if element.kind.is_text() => {
            Some(format!("{column} !~ {}", sql::literal(pattern)))
        }
        Test::Range(min, max) if element.kind.is_number() => {
            let low = min.map(|min| format!("{column} < {min}"));
            let high = max.map(|max| format!("{column} > {max}"));
            let both: Vec<String> = low.into_iter().chain(high).collect();
            (!both.is_empty()).then(|| format!("({})", both.join(" OR ")))
        }
        Test::Reference(target) => {
            let target = catalog.dataset(target)?;
            let key = target.field(target.key.first()?)?;
            let plain = target.key.len() == 1 && !catalog.is_sealed(key);
            plain.then(|| {
                let key = sql::ident(&key.name);
                format!("({column} IN (SELECT {key} FROM {})) IS FALSE", table(target))
            })
        }
        Test::InForce(target, last_day, ahead) => {
            let target = catalog.dataset(target)?;
            let (key, end) = (target.field(target.key.first()?)?, target.field(last_day)?);
            let day = today.saturating_add(Duration::days(i64::from(*ahead)));
            let (key, end) = (sql::ident(&key.name), sql::ident(&end.name));
            let day = sql::literal(&day.to_string());
            Some(format!(
                "{column} IN (SELECT {key} FROM {} WHERE {end} < {day}::date)",
                table(target)
            ))
        }
        _ => None,
    }
}

/// Counts the records, the newest of them, and for each condition how many meet it, in one scan.
pub(crate) async fn scan(
    conn: &mut PgConnection,
    dataset: &Dataset,
    conditions: &[String],
) -> Result<Scanned> {
    execute(conn, "SET LOCAL statement_timeout = 0".to_owned()).await?;
    let counts = conditions.iter().map(|one| format!("count(*) FILTER (WHERE {one})"));
    let counts: Vec<String> = counts.collect();
    let statement = format!(
        "SELECT count(*), max(row_._updated), ARRAY[{}]::bigint[] FROM {} AS row_",
        counts.join(", "),
        table(dataset)
    );
    let row: (i64, Option<OffsetDateTime>, Vec<i64>) =
        sqlx::query_as(sql::trusted(statement)).fetch_one(conn).await.map_err(DbError::from)?;
    Ok(Scanned { records: row.0, newest: row.1, broken: row.2 })
}

/// Keeps every record that meets some of the conditions, each with the name of its rule, in one pass.
pub(crate) async fn keep_broken(
    conn: &mut PgConnection,
    dataset: &Dataset,
    run: Uuid,
    conditions: &[(String, String)],
) -> Result<()> {
    let cases: Vec<String> = conditions
        .iter()
        .map(|(rule, condition)| format!("CASE WHEN {condition} THEN {} END", sql::literal(rule)))
        .collect();
    let statement = format!(
        "INSERT INTO registry.quality_fault (run, rule, record)
         SELECT $1, rule_, found_._id
         FROM (SELECT row_._id, array_remove(ARRAY[{}]::text[], NULL) AS wrong FROM {} AS row_) AS found_
         CROSS JOIN LATERAL unnest(found_.wrong) AS rule_
         WHERE found_.wrong <> '{{}}'",
        cases.join(", "),
        table(dataset)
    );
    sqlx::query(sql::trusted(statement)).bind(run).execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Records after one of them, in the order of their identifiers.
pub(crate) async fn records_from(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    after: Uuid,
    rows_max: i64,
) -> Result<Vec<Stored>> {
    let select = select(sealing.catalog, dataset, &[]);
    let statement = format!("{select} WHERE row_._id > $1 ORDER BY row_._id LIMIT {rows_max}");
    let rows = sqlx::query(sql::trusted(statement)).bind(after).fetch_all(conn).await;
    all_stored(sealing, dataset, &rows.map_err(DbError::from)?)
}

/// Some records by their identifiers.
pub(crate) async fn records_of(
    conn: &mut PgConnection,
    sealing: &Sealing<'_>,
    dataset: &Dataset,
    ids: &[Uuid],
) -> Result<Vec<Stored>> {
    let select = select(sealing.catalog, dataset, &[]);
    let statement = format!("{select} WHERE row_._id = ANY ($1) ORDER BY row_._id");
    let rows = sqlx::query(sql::trusted(statement)).bind(ids).fetch_all(conn).await;
    all_stored(sealing, dataset, &rows.map_err(DbError::from)?)
}

/// Keeps a look; the records that broke rules at earlier looks are forgotten.
pub(crate) async fn keep_run(conn: &mut PgConnection, run: &QualityRun) -> Result<()> {
    sqlx::query(QUALITY_KEEP)
        .bind(run.id)
        .bind(&run.dataset)
        .bind(run.records)
        .bind(run.completeness)
        .bind(run.consistency)
        .bind(run.timeliness)
        .bind(Json(&run.results))
        .bind(run.at)
        .execute(&mut *conn)
        .await
        .map_err(DbError::from)?;
    let forget = sqlx::query(QUALITY_FORGET).bind(&run.dataset).bind(run.id);
    forget.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// Keeps records that break a rule.
pub(crate) async fn keep_found(
    conn: &mut PgConnection,
    run: Uuid,
    rule: &str,
    records: &[Uuid],
) -> Result<()> {
    let query = sqlx::query(QUALITY_FAULT_KEEP).bind(run).bind(rule).bind(records);
    query.execute(conn).await.map_err(DbError::from)?;
    Ok(())
}

/// The last looks at a dataset, or the newest at each dataset.
pub(crate) async fn runs(
    conn: &mut PgConnection,
    dataset: Option<&str>,
    rows_max: i64,
) -> Result<Vec<QualityRun>> {
    let query = match dataset {
        Some(dataset) => sqlx::query(QUALITY_RUNS).bind(dataset.to_owned()).bind(rows_max),
        None => sqlx::query(QUALITY_NEWEST),
    };
    let rows = query.fetch_all(conn).await.map_err(DbError::from)?;
    let read = |row: &PgRow| -> std::result::Result<QualityRun, sqlx::Error> {
        Ok(QualityRun {
            id: row.try_get("id")?,
            dataset: row.try_get("dataset")?,
            records: row.try_get("records")?,
            completeness: row.try_get("completeness")?,
            consistency: row.try_get("consistency")?,
            timeliness: row.try_get("timeliness")?,
            results: row.try_get::<Json<_>, _>("results")?.0,
            at: row.try_get("at")?,
        })
    };
    rows.iter().map(|row| read(row).map_err(|error| DbError::from(error).into())).collect()
}

/// Records that broke a rule at a look, after one of them.
pub(crate) async fn found(
    conn: &mut PgConnection,
    run: Uuid,
    rule: &str,
    (after, rows_max): (Uuid, i64),
) -> Result<Vec<Uuid>> {
    let query = sqlx::query_scalar(QUALITY_FAULTS).bind(run).bind(rule).bind(after).bind(rows_max);
    Ok(query.fetch_all(conn).await.map_err(DbError::from)?)
}
