//! Open datasets of registries are written into the index of the portal, and versions that are due are made: every five minutes.

use serde_json::Map;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_db::{Ctx, Db, Thing};
use zhengtong_registry::{Catalog, Dataset, ElementKind, Update};

use crate::error::Result;
use crate::model::{
    CODES, Collection, CollectionBody, CollectionKind, Column, Extra, GEOMETRY, HOLDS, Package,
    PackageBody, Resource, ResourceBody, Shape, Source,
};
use crate::store;
use crate::version::make_versions;

/// The job.
pub(crate) const GATHER: &str = "portal.gather";
/// The forms in which a dataset of the platform is given out.
const FILES: &[(&str, &str, &str)] = &[
    ("CSV", "data.csv", "text/csv"),
    ("XLSX", "data.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("JSON", "data.json", "application/json"),
    ("Parquet", "data.parquet", "application/vnd.apache.parquet"),
];

/// One form more for datasets whose records lie somewhere.
const MAP_FILE: (&str, &str, &str) = ("GeoJSON", "data.geojson", "application/geo+json");

/// Adds the job of this suite.
#[must_use]
pub fn attach(work: Work) -> Work {
    work.on(GATHER, |db, _job| async move { run(&db).await }).at(CronEntry {
        name: GATHER,
        pattern: "*/5 * * * *",
        job: GATHER,
    })
}

async fn run(db: &Db) -> std::result::Result<(), String> {
    let mut ctx = db.begin_system(GATHER).await.map_err(|error| error.to_string())?;
    gather(&mut ctx).await.map_err(|error| error.to_string())?;
    ctx.commit().await.map_err(|error| error.to_string())?;
    make_versions(db).await.map_err(|error| error.to_string())?;
    Ok(())
}

/// Brings the index up to date with the open datasets of the platform. Gives how many datasets were written or taken out.
pub async fn gather(ctx: &mut Ctx) -> Result<usize> {
    ctx.allow("portal.gather", &Thing::new("platform", "portal"))?;
    let catalog = ctx.defs::<Catalog>()?;
    let counted = zhengtong_registry::count(ctx).await?;
    let mut before = store::gathered(ctx.conn()).await?;
    let mut changed = 0;
    for dataset in catalog.datasets.values().filter(|dataset| catalog.is_public(dataset)) {
        let name = dataset.id.replace([':', '_'], "-");
        let Some(unit) = unit(ctx, &dataset.authority).await? else { continue };
        let updated =
            counted.iter().find(|one| one.dataset == dataset.id).and_then(|one| one.updated);
        let old = match before.remove(&name) {
            Some(id) => store::packages(ctx.conn(), &[id]).await?.into_iter().next(),
            None => None,
        };
        let package = as_package(ctx, (&catalog, dataset), (name, unit), old.as_ref(), updated);
        if old.as_ref() != Some(&package) {
            store::keep_package(ctx.conn(), &package).await?;
            store::keep_resources(ctx.conn(), package.id, &package.resources).await?;
            changed += 1;
        }
    }
    // What is open no more is taken out.
    for id in before.into_values() {
        for gone in store::packages(ctx.conn(), &[id]).await?.into_iter().filter(|gone| gone.active)
        {
            let gone = Package { active: false, modified: ctx.now, ..gone };
            store::keep_package(ctx.conn(), &gone).await?;
            changed += 1;
        }
    }
    if changed > 0 {
        let act =
            ctx.act("portal.gather", "platform", "portal").because(format!("{changed} datasets"));
        zhengtong_ledger::append(ctx.conn(), &act).await?;
    }
    Ok(changed)
}

/// The department that answers for a dataset, as an organisation of the portal.
async fn unit(ctx: &mut Ctx, short: &str) -> Result<Option<Collection>> {
    let Some(found) = zhengtong_party::organisation_by_short(ctx, short).await? else {
        return Ok(None);
    };
    let kind = CollectionKind::Organization;
    let old = store::collection(ctx.conn(), kind, short).await?;
    let body = CollectionBody {
        title: found.name.zh.clone(),
        title_en: found.name.en.clone(),
        code: found.credit_code.clone().unwrap_or_default(),
        ..CollectionBody::default()
    };
    let unit = Collection {
        id: found.id,
        kind,
        name: short.to_owned(),
        department: found.id,
        source: Source::Platform,
        active: true,
        created: old.as_ref().map_or(ctx.now, |old| old.created),
        body,
        packages: old.as_ref().map_or(0, |old| old.packages),
    };
    match old {
        // A department's program took the word first: the datasets stand under its organisation if it is the same department.
        Some(old) if old.source == Source::Portal => {
            Ok((old.department == found.id).then_some(old))
        }
        old => {
            if old.as_ref() != Some(&unit) {
                store::keep_collection(ctx.conn(), &unit).await?;
            }
            Ok(Some(unit))
        }
    }
}

fn as_package(
    ctx: &Ctx,
    (catalog, dataset): (&Catalog, &Dataset),
    (name, unit): (String, Collection),
    old: Option<&Package>,
    updated: Option<time::OffsetDateTime>,
) -> Package {
    let id = fixed(&dataset.id, "package");
    let summary = dataset.summary.clone().unwrap_or_else(|| dataset.title.clone());
    let modified = updated.or(old.map(|old| old.modified)).unwrap_or(ctx.now);
    let created = old.map_or(ctx.now, |old| old.created);
    let cycle = match dataset.update {
        Update::Realtime => "realtime",
        Update::Daily => "daily",
        Update::Monthly => "monthly",
        Update::Yearly => "yearly",
    };
    let body = PackageBody {
        title: dataset.title.zh.clone(),
        title_en: dataset.title.en.clone(),
        notes: summary.zh,
        notes_en: summary.en,
        license_id: "city-open".to_owned(),
        code: dataset.id.clone(),
        cycle: cycle.to_owned(),
        version: old.map(|old| old.body.version.clone()).unwrap_or_default(),
        tags: vec![dataset.title.zh.clone()],
        extras: vec![Extra { key: "update_cycle".to_owned(), value: cycle.to_owned() }],
        dataset: Some(dataset.id.clone()),
        ..PackageBody::default()
    };
    let lies = catalog.geometry_field(dataset).map(|field| field.name.as_str());
    let shape = shape(catalog, dataset, lies);
    let files = FILES.iter().chain(lies.map(|_| &MAP_FILE));
    let resources = files.enumerate().map(|(at, (format, file, kind))| Resource {
        id: fixed(&dataset.id, file),
        package: id,
        position: i32::try_from(at).unwrap_or(0),
        created,
        modified,
        body: ResourceBody {
            name: format!("{}.{}", dataset.title.zh, format.to_lowercase()),
            format: (*format).to_owned(),
            file: (*file).to_owned(),
            mimetype: (*kind).to_owned(),
            ..ResourceBody::default()
        },
        digest: None,
        // The table is asked through the first of the files.
        shape: (at == 0).then(|| shape.clone()),
    });
    Package {
        id,
        name,
        unit,
        source: Source::Platform,
        private: false,
        active: true,
        created,
        modified,
        body,
        groups: Vec::new(),
        resources: resources.collect(),
    }
}

fn shape(catalog: &Catalog, dataset: &Dataset, lies: Option<&str>) -> Shape {
    let column = |field: &zhengtong_registry::Field| {
        let mut info = Map::new();
        info.insert("label".to_owned(), field.title.zh.clone().into());
        info.insert("notes".to_owned(), field.title.en.clone().into());
        if lies == Some(field.name.as_str()) {
            info.insert(HOLDS.to_owned(), GEOMETRY.into());
        }
        // A code is given by its name.
        let kind = match catalog.element(&field.element).map(|element| element.kind) {
            Some(ElementKind::Integer) => "int",
            Some(ElementKind::Decimal | ElementKind::Money) => "numeric",
            Some(ElementKind::Boolean) => "bool",
            Some(ElementKind::Date) => "date",
            Some(ElementKind::Code) => {
                info.insert(HOLDS.to_owned(), CODES.into());
                "text"
            }
            _ => "text",
        };
        Column { id: field.name.clone(), kind: kind.to_owned(), info: Some(info) }
    };
    Shape { fields: dataset.fields.iter().map(column).collect(), primary_key: dataset.key.clone() }
}

/// An identifier that follows from what it stands for, so that it is the same on every node and after every start.
fn fixed(dataset: &str, what: &str) -> Uuid {
    let digest = Sha256::digest(format!("zhengtong portal {dataset} {what}").as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
