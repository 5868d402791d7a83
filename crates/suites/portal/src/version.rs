//! Versions: what a dataset held when it had changed, as files whose addresses and bytes stay the same.

use std::collections::BTreeSet;

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_blob::Blobs;
use zhengtong_calendar::china_date;
use zhengtong_db::{Ctx, Db, Thing};

use crate::error::{Error, Result};
use crate::model::{Package, Resource, Source};
use crate::reading::{self, thing};
use crate::store;
use crate::whole::csv_file;

/// Files of versions that are listed.
const LISTED_MAX: i64 = 200;

/// A file of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The number of the version, from 1.
    pub number: i32,
    /// The table or file it is of.
    pub resource: Uuid,
    /// The name of the file.
    pub file: String,
    /// When it was made.
    pub made: OffsetDateTime,
    /// The media type.
    pub mimetype: String,
    /// Rows of a table.
    pub rows: Option<i64>,
    /// Bytes.
    pub bytes: i64,
    /// The digest under which it is kept.
    pub digest: String,
}

/// The files of the versions of a dataset, the newest version first.
pub async fn versions(ctx: &mut Ctx, package: &Package) -> Result<Vec<Version>> {
    ctx.allow("portal.read", &thing(None))?;
    store::versions(ctx.conn(), package.id, LISTED_MAX).await
}

/// A file of a version of a dataset.
pub async fn version(ctx: &mut Ctx, named: &str, number: i32, file: &str) -> Result<Version> {
    let package = reading::package(ctx, named).await?;
    let found = store::version(ctx.conn(), package.id, number, file).await?;
    found.ok_or_else(|| Error::Absent("version", format!("{named}/{number}/{file}")))
}

/// Makes the versions that are due, each on its own. Gives how many were made.
pub async fn make_versions(db: &Db) -> Result<usize> {
    let blobs = db.defs::<Blobs>()?;
    let mut ctx = db.begin_system(crate::gather::GATHER).await?;
    ctx.allow("portal.gather", &Thing::new("platform", "portal"))?;
    let today = china_date(ctx.now);
    let waiting = store::unlooked(ctx.conn()).await?;
    ctx.commit().await?;
    let due = waiting
        .into_iter()
        .filter(|(_, cycle, last)| last.is_none_or(|last| is_due(cycle, china_date(last), today)));
    let mut made = 0;
    for (id, ..) in due {
        let mut ctx = db.begin_system(crate::gather::GATHER).await?;
        made += usize::from(make_version(&mut ctx, &blobs, id).await?);
        ctx.commit().await?;
    }
    Ok(made)
}

/// Whether a dataset that changed gets a version: one a day, and where it changes every day one a month.
fn is_due(cycle: &str, last: Date, today: Date) -> bool {
    match cycle {
        "realtime" | "daily" => (last.year(), last.month()) != (today.year(), today.month()),
        _ => last < today,
    }
}

/// Whether records of a dataset are shown to everybody for some time only: a version would go on showing them.
fn leaves_the_show(ctx: &Ctx, package: &Package) -> Result<bool> {
    let catalog = ctx.defs::<zhengtong_registry::Catalog>()?;
    let dataset = package.body.dataset.as_ref().and_then(|id| catalog.dataset(id));
    Ok(dataset.is_some_and(|dataset| !dataset.shown_until.is_empty()))
}

/// Makes a version of a dataset unless it holds what the last one held, or shows its records for some time only.
pub async fn make_version(ctx: &mut Ctx, blobs: &Blobs, id: Uuid) -> Result<bool> {
    ctx.allow("portal.gather", &Thing::new("platform", "portal"))?;
    let package = reading::find(ctx, &id.to_string()).await?;
    if leaves_the_show(ctx, &package)? {
        store::drop_versions(ctx.conn(), id).await?;
        let now = ctx.now;
        store::looked(ctx.conn(), id, now).await?;
        return Ok(false);
    }
    let before = store::versions(ctx.conn(), id, LISTED_MAX).await?;
    let last = before.first().map_or(0, |version| version.number);
    let mut files = Vec::new();
    for resource in &package.resources {
        files.extend(file(ctx, blobs, &package, resource, last + 1).await?);
    }
    named_once(&mut files);
    let now = ctx.now;
    store::looked(ctx.conn(), id, now).await?;
    let held = |files: &[Version], number: i32| -> BTreeSet<(Uuid, String)> {
        let of = files.iter().filter(|one| one.number == number);
        of.map(|one| (one.resource, one.digest.clone())).collect()
    };
    if files.is_empty() || held(&files, last + 1) == held(&before, last) {
        return Ok(false);
    }
    for one in &files {
        store::keep_version(ctx.conn(), id, one).await?;
    }
    if package.source == Source::Platform {
        let mut package = package.clone();
        package.body.version = (last + 1).to_string();
        store::keep_package(ctx.conn(), &package).await?;
    }
    let act = ctx.act("portal.gather", "package", &package.name);
    let act = act.because(format!("version {}", last + 1));
    zhengtong_ledger::append(ctx.conn(), &act).await?;
    Ok(true)
}

/// What a resource holds now, as a file that is kept.
async fn file(
    ctx: &mut Ctx,
    blobs: &Blobs,
    package: &Package,
    resource: &Resource,
    number: i32,
) -> Result<Option<Version>> {
    let body = &resource.body;
    let usual = |name: &str, other: &str| {
        if name.is_empty() { other.to_owned() } else { name.to_owned() }
    };
    let version = Version {
        number,
        resource: resource.id,
        file: usual(&body.file, "data.csv"),
        made: ctx.now,
        mimetype: usual(&body.mimetype, "application/octet-stream"),
        rows: None,
        bytes: 0,
        digest: String::new(),
    };
    if let Some(digest) = &resource.digest {
        let bytes = body.size.and_then(|size| i64::try_from(size).ok()).unwrap_or(0);
        return Ok(Some(Version { bytes, digest: digest.clone(), ..version }));
    }
    if resource.shape.is_none() {
        return Ok(None);
    }
    let (stored, rows) = csv_file(ctx, blobs, package, resource).await?;
    Ok(Some(Version {
        file: "data.csv".to_owned(),
        mimetype: "text/csv; charset=utf-8".to_owned(),
        rows: Some(rows),
        bytes: i64::try_from(stored.size).unwrap_or(i64::MAX),
        digest: stored.digest.to_string(),
        ..version
    }))
}

/// Files of the same name get numbers before it.
fn named_once(files: &mut [Version]) {
    let mut known = BTreeSet::new();
    for (place, one) in (1..).zip(files) {
        if !known.insert(one.file.clone()) {
            one.file = format!("{place}-{}", one.file);
            known.insert(one.file.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Month;

    use super::*;

    #[test]
    fn a_version_is_due_once_a_day_or_once_a_month() {
        let day = |month, day| Date::from_calendar_date(2026, month, day).unwrap();
        let rows = [
            ("yearly", day(Month::March, 1), day(Month::March, 1), false),
            ("yearly", day(Month::March, 1), day(Month::March, 2), true),
            ("", day(Month::March, 1), day(Month::March, 2), true),
            ("daily", day(Month::March, 1), day(Month::March, 31), false),
            ("realtime", day(Month::March, 31), day(Month::April, 1), true),
        ];
        for (cycle, last, today, due) in rows {
            assert_eq!(is_due(cycle, last, today), due, "{cycle} {last} {today}");
        }
        let again = Date::from_calendar_date(2027, Month::March, 1).unwrap();
        assert!(is_due("daily", day(Month::March, 1), again));
    }
}
