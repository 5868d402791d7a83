//! What everybody may read. Private datasets are seen by the programs of their department only.

use uuid::Uuid;
use zhengtong_db::{Ctx, Thing};

use crate::error::{Error, Result};
use crate::model::{Collection, CollectionKind, Package, Resource};
use crate::search::{FIELDS, Found, Query, ROWS_MAX};
use crate::store;

/// Entries of a list of names at most.
const NAMES_MAX: i64 = 1_000;

/// The portal as policies see it: one place, and the departments that write to it.
pub(crate) fn thing(department: Option<Uuid>) -> Thing {
    Thing::new("portal", "open-data").handled_by(department)
}

/// The department whose private datasets the actor sees.
fn sees(ctx: &Ctx) -> Option<Uuid> {
    let department = ctx.actor.organisation?;
    ctx.may("portal.write", &thing(Some(department))).then_some(department)
}

/// Finds datasets.
pub async fn search(ctx: &mut Ctx, query: &Query) -> Result<Found> {
    ctx.allow("portal.read", &thing(None))?;
    let query =
        Query { rows: query.rows.clamp(0, ROWS_MAX), start: query.start.max(0), ..query.clone() };
    if let Some(unknown) = query.facets.iter().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(Error::Query(unknown.clone()));
    }
    let department = sees(ctx);
    let (ids, count) = store::search(ctx.conn(), &query, department).await?;
    let packages = store::packages(ctx.conn(), &ids).await?;
    let facets = if query.facets.is_empty() {
        crate::search::Facets::new()
    } else {
        store::facets(ctx.conn(), &query, department).await?
    };
    Ok(Found { count, packages, facets })
}

/// A dataset by its name, identifier or code.
pub async fn package(ctx: &mut Ctx, named: &str) -> Result<Package> {
    ctx.allow("portal.read", &thing(None))?;
    let found = find(ctx, named).await?;
    let mine = sees(ctx) == Some(found.unit.department);
    if (found.private || !found.active) && !mine {
        return Err(Error::Absent("package", named.to_owned()));
    }
    Ok(found)
}

/// A dataset whoever asks; the caller asks policy.
pub(crate) async fn find(ctx: &mut Ctx, named: &str) -> Result<Package> {
    let absent = || Error::Absent("package", named.to_owned());
    let id = store::package_id(ctx.conn(), named).await?.ok_or_else(absent)?;
    store::packages(ctx.conn(), &[id]).await?.into_iter().next().ok_or_else(absent)
}

/// A resource with its dataset.
pub async fn resource(ctx: &mut Ctx, id: &str) -> Result<(Package, Resource)> {
    let absent = || Error::Absent("resource", id.to_owned());
    ctx.allow("portal.read", &thing(None))?;
    let id = Uuid::parse_str(id).map_err(|_shape| absent())?;
    let found = store::resource(ctx.conn(), id).await?.ok_or_else(absent)?;
    let package = match package(ctx, &found.package.to_string()).await {
        Err(Error::Absent(..)) => return Err(absent()),
        other => other?,
    };
    Ok((package, found))
}

/// Collections in the order of their names.
pub async fn collections(
    ctx: &mut Ctx,
    kind: CollectionKind,
    start: i64,
    rows: i64,
) -> Result<Vec<Collection>> {
    ctx.allow("portal.read", &thing(None))?;
    store::collections(ctx.conn(), kind, start.max(0), rows.clamp(0, NAMES_MAX)).await
}

/// A collection by its name or identifier.
pub async fn collection(ctx: &mut Ctx, kind: CollectionKind, named: &str) -> Result<Collection> {
    ctx.allow("portal.read", &thing(None))?;
    let found = store::collection(ctx.conn(), kind, named).await?;
    let mine = sees(ctx);
    found
        .filter(|found| found.active || mine == Some(found.department))
        .ok_or_else(|| Error::Absent(kind.word(), named.to_owned()))
}

/// Tags of datasets that hold a text.
pub async fn tags(ctx: &mut Ctx, holds: &str) -> Result<Vec<String>> {
    ctx.allow("portal.read", &thing(None))?;
    store::tags(ctx.conn(), holds, NAMES_MAX).await
}
