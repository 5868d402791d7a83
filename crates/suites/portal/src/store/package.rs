//! Datasets and their resources.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{FACETS, SEARCH, collection, json, like, read, stored};
use crate::error::Result;
use crate::model::{Collection, CollectionKind, Package, Resource, Source};
use crate::search::{FACET_MAX, Facets, Query};

#[derive(FromRow)]
struct PackageRow {
    id: Uuid,
    name: String,
    unit: Uuid,
    source: String,
    private: bool,
    active: bool,
    created: OffsetDateTime,
    modified: OffsetDateTime,
    body: Value,
}

#[derive(FromRow)]
struct ResourceRow {
    id: Uuid,
    package: Uuid,
    position: i32,
    created: OffsetDateTime,
    modified: OffsetDateTime,
    body: Value,
    digest: Option<String>,
    shape: Option<Value>,
}

impl ResourceRow {
    fn resource(self) -> Result<Resource> {
        Ok(Resource {
            id: self.id,
            package: self.package,
            position: self.position,
            created: self.created,
            modified: self.modified,
            body: read(self.body)?,
            digest: self.digest,
            shape: self.shape.map(read).transpose()?,
        })
    }
}

/// The identifiers of the datasets of a page, and how many there are in all.
pub(crate) async fn search(
    conn: &mut PgConnection,
    query: &Query,
    department: Option<Uuid>,
) -> Result<(Vec<Uuid>, i64)> {
    let filter = &query.filter;
    let empty = Vec::new();
    let words: Vec<String> = query.words.iter().map(|word| like(word)).collect();
    let found: Vec<(Uuid, i64)> = sqlx::query_as(SEARCH)
        .bind(&filter.all)
        .bind(&filter.none)
        .bind(filter.any.first().unwrap_or(&empty))
        .bind(filter.any.get(1).unwrap_or(&empty))
        .bind(filter.since)
        .bind(filter.until)
        .bind(&words)
        .bind(department.filter(|_| query.private))
        .bind(query.sort.word())
        .bind(query.start)
        // One is always asked for, so that the count is known.
        .bind(query.rows.max(1))
        .fetch_all(&mut *conn)
        .await
        .map_err(stored)?;
    let mut total = found.first().map_or(0, |found| found.1);
    if found.is_empty() && query.start > 0 {
        // Beyond the last page nothing is found that could carry the count.
        let first = Query { start: 0, rows: 1, ..query.clone() };
        total = Box::pin(search(conn, &first, department)).await?.1;
    }
    let rows = usize::try_from(query.rows).unwrap_or(0);
    Ok((found.into_iter().take(rows).map(|found| found.0).collect(), total))
}

/// What is counted of the datasets that fit.
pub(crate) async fn facets(
    conn: &mut PgConnection,
    query: &Query,
    department: Option<Uuid>,
) -> Result<Facets> {
    let mut facets: Facets = query.facets.iter().map(|field| (field.clone(), Vec::new())).collect();
    let filter = &query.filter;
    let empty = Vec::new();
    let words: Vec<String> = query.words.iter().map(|word| like(word)).collect();
    let starts: Vec<String> =
        query.facets.iter().map(|field| format!("{}:%", field.replace('_', "\\_"))).collect();
    let counted: Vec<(String, i64)> = sqlx::query_as(FACETS)
        .bind(&filter.all)
        .bind(&filter.none)
        .bind(filter.any.first().unwrap_or(&empty))
        .bind(filter.any.get(1).unwrap_or(&empty))
        .bind(filter.since)
        .bind(filter.until)
        .bind(&words)
        .bind(department.filter(|_| query.private))
        .bind(&starts)
        .bind(FACET_MAX)
        .fetch_all(conn)
        .await
        .map_err(stored)?;
    for (term, count) in counted {
        if let Some((field, value)) = term.split_once(':')
            && let Some(values) = facets.get_mut(field)
        {
            values.push((value.to_owned(), count));
        }
    }
    Ok(facets)
}

/// Datasets by identifier, in that order, with all that belongs to them.
pub(crate) async fn packages(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Package>> {
    let rows: Vec<PackageRow> = sqlx::query_as(
        "SELECT id, name, unit, source, private, active, created, modified, body FROM portal.package WHERE id = ANY ($1)",
    )
    .bind(ids)
    .fetch_all(&mut *conn)
    .await
    .map_err(stored)?;
    let resources: Vec<ResourceRow> = sqlx::query_as(
        "SELECT id, package, position, created, modified, body, digest, shape FROM portal.resource
         WHERE package = ANY ($1) ORDER BY package, position, id",
    )
    .bind(ids)
    .fetch_all(&mut *conn)
    .await
    .map_err(stored)?;
    let mut of: BTreeMap<Uuid, Vec<Resource>> = BTreeMap::new();
    for row in resources {
        of.entry(row.package).or_default().push(row.resource()?);
    }
    let mut known: BTreeMap<String, Option<Collection>> = BTreeMap::new();
    let mut packages = BTreeMap::new();
    for row in rows {
        let unit =
            known_collection(conn, &mut known, CollectionKind::Organization, &row.unit.to_string())
                .await?;
        let Some(unit) = unit else { continue };
        let body: crate::model::PackageBody = read(row.body)?;
        let mut groups = Vec::new();
        for name in &body.groups {
            let group = known_collection(conn, &mut known, CollectionKind::Group, name).await?;
            groups.extend(group.filter(|group| group.active));
        }
        let package = Package {
            id: row.id,
            name: row.name,
            unit,
            source: Source::of(&row.source),
            private: row.private,
            active: row.active,
            created: row.created,
            modified: row.modified,
            body,
            groups,
            resources: of.remove(&row.id).unwrap_or_default(),
        };
        packages.insert(package.id, package);
    }
    Ok(ids.iter().filter_map(|id| packages.remove(id)).collect())
}

async fn known_collection(
    conn: &mut PgConnection,
    known: &mut BTreeMap<String, Option<Collection>>,
    kind: CollectionKind,
    named: &str,
) -> Result<Option<Collection>> {
    let key = format!("{}:{named}", kind.word());
    if !known.contains_key(&key) {
        let found = collection(conn, kind, named).await?;
        known.insert(key.clone(), found);
    }
    Ok(known.get(&key).cloned().flatten())
}

/// The identifier of a dataset by its name, identifier or code.
pub(crate) async fn package_id(conn: &mut PgConnection, named: &str) -> Result<Option<Uuid>> {
    sqlx::query_scalar(
        "SELECT id FROM portal.package WHERE name = $1 OR id::text = $1 OR terms @> ARRAY['code:' || $1]
         ORDER BY name = $1 DESC, id::text = $1 DESC LIMIT 1",
    )
    .bind(named)
    .fetch_optional(conn)
    .await
    .map_err(stored)
}

/// A resource with the dataset it belongs to.
pub(crate) async fn resource(conn: &mut PgConnection, id: Uuid) -> Result<Option<Resource>> {
    let row: Option<ResourceRow> = sqlx::query_as(
        "SELECT id, package, position, created, modified, body, digest, shape FROM portal.resource WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(conn)
    .await
    .map_err(stored)?;
    row.map(ResourceRow::resource).transpose()
}

/// Writes a dataset, new or changed, without its resources.
pub(crate) async fn keep_package(conn: &mut PgConnection, one: &Package) -> Result<()> {
    let formats: Vec<&str> =
        one.resources.iter().map(|resource| resource.body.format.as_str()).collect();
    sqlx::query(
        "INSERT INTO portal.package
            (id, name, unit, department, source, private, active, created, modified, title, body, words, terms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, private = excluded.private,
            active = excluded.active, modified = excluded.modified, title = excluded.title, body = excluded.body,
            words = excluded.words, terms = excluded.terms",
    )
    .bind(one.id)
    .bind(&one.name)
    .bind(one.unit.id)
    .bind(one.unit.department)
    .bind(one.source.word())
    .bind(one.private)
    .bind(one.active)
    .bind(one.created)
    .bind(one.modified)
    .bind(&one.body.title)
    .bind(json(&one.body)?)
    .bind(words(one))
    .bind(terms(one, &formats))
    .execute(conn)
    .await
    .map_err(stored)?;
    Ok(())
}

/// What a dataset is found by, in small letters.
fn words(one: &Package) -> String {
    let body = &one.body;
    let mut words = vec![
        one.name.as_str(),
        &body.title,
        &body.title_en,
        &body.notes,
        &body.notes_en,
        &body.author,
        &body.code,
    ];
    words.extend([
        one.unit.body.title.as_str(),
        one.unit.body.title_en.as_str(),
        one.unit.name.as_str(),
    ]);
    words.extend(body.tags.iter().map(String::as_str));
    words.extend(body.extras.iter().map(|extra| extra.value.as_str()));
    words.extend(one.resources.iter().map(|resource| resource.body.name.as_str()));
    words.join("\n").to_lowercase()
}

fn terms(one: &Package, formats: &[&str]) -> Vec<String> {
    use crate::search::term;
    let mut terms = vec![
        term("id", &one.id.to_string()),
        term("name", &one.name),
        term("organization", &one.unit.name),
        term("owner_org", &one.unit.id.to_string()),
        term("type", "dataset"),
        term("state", if one.active { "active" } else { "deleted" }),
        term("private", if one.private { "true" } else { "false" }),
        term("source", one.source.word()),
    ];
    let body = &one.body;
    if !body.license_id.is_empty() {
        terms.push(term("license_id", &body.license_id));
    }
    if !body.code.is_empty() {
        terms.push(term("code", &body.code));
    }
    terms.extend(body.tags.iter().map(|tag| term("tags", tag)));
    terms.extend(body.groups.iter().map(|group| term("groups", group)));
    terms.extend(
        formats.iter().filter(|format| !format.is_empty()).map(|format| term("res_format", format)),
    );
    terms.sort();
    terms.dedup();
    terms
}

/// Writes the resources of a dataset: those that are not named are taken away.
pub(crate) async fn keep_resources(
    conn: &mut PgConnection,
    package: Uuid,
    all: &[Resource],
) -> Result<()> {
    let ids: Vec<Uuid> = all.iter().map(|resource| resource.id).collect();
    sqlx::query("DELETE FROM portal.resource WHERE package = $1 AND NOT id = ANY ($2)")
        .bind(package)
        .bind(&ids)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    for one in all {
        let shape = one.shape.as_ref().map(json).transpose()?;
        sqlx::query(
            "INSERT INTO portal.resource (id, package, position, created, modified, body, digest, shape)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (id) DO UPDATE SET position = excluded.position, modified = excluded.modified,
                body = excluded.body, digest = excluded.digest, shape = excluded.shape",
        )
        .bind(one.id)
        .bind(package)
        .bind(one.position)
        .bind(one.created)
        .bind(one.modified)
        .bind(json(&one.body)?)
        .bind(&one.digest)
        .bind(shape)
        .execute(&mut *conn)
        .await
        .map_err(stored)?;
    }
    Ok(())
}

/// Every tag that a shown dataset has and that holds a text.
pub(crate) async fn tags(
    conn: &mut PgConnection,
    holds: &str,
    rows_max: i64,
) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT DISTINCT substr(term, 6) AS tag FROM portal.package, unnest(terms) AS term
         WHERE active AND NOT private AND term LIKE 'tags:%' AND substr(term, 6) ILIKE $1 ORDER BY tag LIMIT $2",
    )
    .bind(like(holds))
    .bind(rows_max)
    .fetch_all(conn)
    .await
    .map_err(stored)
}

/// The datasets that were gathered from the platform: name and identifier.
pub(crate) async fn gathered(conn: &mut PgConnection) -> Result<BTreeMap<String, Uuid>> {
    let rows: Vec<(String, Uuid)> =
        sqlx::query_as("SELECT name, id FROM portal.package WHERE source = 'platform'")
            .fetch_all(conn)
            .await
            .map_err(stored)?;
    Ok(rows.into_iter().collect())
}
