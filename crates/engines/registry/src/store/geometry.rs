//! Geometry in the tables. The value is a text, as every value is read and written; beside it stands a column of PostGIS that
//! the database makes of it, with an index, and by that column it is found.

use sqlx::PgConnection;
use zhengtong_db::{Error as DbError, sql};

use super::{execute, table};
use crate::error::{Error, Result};
use crate::model::{Catalog, Dataset, Field};

/// Where PostGIS stands: where databases of others have it, too.
const HOME: &str = "public";
/// CGCS2000 in longitude and latitude.
const EPSG: u32 = 4490;

/// How a geometry is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Area {
    /// It has a place in common with the value.
    Meets,
    /// It is so many metres from the value at most, on the ellipsoid.
    Within(u32),
}

/// The column that the database makes of a text.
pub(super) fn shape_column(field: &str) -> String {
    format!("{field}#shape")
}

/// The name of the index of that column.
fn shape_index(dataset: &str) -> String {
    format!("{dataset}#shape")
}

/// The condition that a geometry is found. `stands` says whether the column of PostGIS is there: versions of the past have
/// their texts only.
pub(super) fn condition(field: &str, area: Area, stands: bool, place: usize) -> String {
    let column = |name: &str| format!("row_.{}", sql::ident(name));
    let shape = if stands { column(&shape_column(field)) } else { made_of(&column(field)) };
    match area {
        Area::Meets => {
            let value = format!("CAST(${place}::text AS {HOME}.geometry)");
            format!(
                "({shape} OPERATOR({HOME}.&&) {value} AND {HOME}.ST_Intersects({shape}, {value}))"
            )
        }
        Area::Within(metres) => format!(
            "{HOME}.ST_DWithin(CAST({shape} AS {HOME}.geography), CAST(${place}::text AS {HOME}.geography), {metres})"
        ),
    }
}

/// The condition that the geometry of a record is broken, whoever put it there.
pub(super) fn is_broken(field: &str) -> String {
    format!("NOT {HOME}.ST_IsValid(row_.{})", sql::ident(&shape_column(field)))
}

/// The text of a value that is compared: WKT with its system of coordinates.
pub(crate) fn placed(wkt: &str) -> String {
    format!("SRID={EPSG};{wkt}")
}

fn made_of(text: &str) -> String {
    format!("{HOME}.ST_SetSRID({HOME}.ST_GeomFromGeoJSON({text}), {EPSG})")
}

/// The field of a dataset that stands plain and holds a geometry.
fn plain_field<'a>(catalog: &Catalog, dataset: &'a Dataset) -> Option<&'a Field> {
    catalog.geometry_field(dataset).filter(|field| !catalog.is_sealed(field))
}

/// Makes PostGIS ready where a dataset holds a geometry. On a private cluster only its owner may, so the program asks as the
/// owner before [`super::sync`]; elsewhere whoever runs the program does, or is told who has to.
pub async fn ready_for_geometry(conn: &mut PgConnection, catalog: &Catalog) -> Result<()> {
    let asked = catalog.datasets.values().any(|one| plain_field(catalog, one).is_some());
    if !asked {
        return Ok(());
    }
    let stands: Option<String> = sqlx::query_scalar(
        "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis'",
    )
    .fetch_optional(&mut *conn)
    .await
    .map_err(DbError::from)?;
    match stands.as_deref() {
        Some(HOME) => return Ok(()),
        Some(other) => return Err(Error::PostgisElsewhere(other.to_owned())),
        None => {}
    }
    let made = execute(conn, format!("CREATE EXTENSION IF NOT EXISTS postgis SCHEMA {HOME}")).await;
    made.map_err(|error| Error::NoPostgis(Box::new(error)))
}

/// The column of PostGIS and its index, where a dataset holds a geometry.
pub(super) async fn shapes(
    conn: &mut PgConnection,
    catalog: &Catalog,
    dataset: &Dataset,
) -> Result<()> {
    let Some(field) = plain_field(catalog, dataset) else { return Ok(()) };
    let column = sql::ident(&shape_column(&field.name));
    let there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2)",
    )
    .bind(table(dataset))
    .bind(shape_column(&field.name))
    .fetch_one(&mut *conn)
    .await
    .map_err(DbError::from)?;
    if !there {
        let statement = format!(
            "ALTER TABLE {} ADD COLUMN {column} {HOME}.geometry(Geometry, {EPSG})
             GENERATED ALWAYS AS ({}) STORED",
            table(dataset),
            made_of(&sql::ident(&field.name))
        );
        execute(conn, statement).await?;
    }
    let statement = format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} USING gist ({column})",
        sql::ident(&shape_index(&dataset.id)),
        table(dataset)
    );
    execute(conn, statement).await
}
