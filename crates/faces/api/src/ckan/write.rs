//! The actions that write, for the programs of departments.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhengtong_base::Limits;
use zhengtong_db::Ctx;
use zhengtong_http::{Fault, Upload, Visit};
use zhengtong_portal::{
    CollectionKind, Column, Package, PackageInput, ResourceInput, Shape, Upsert,
};

use super::{Asked, Refused, Said, given, shown};

pub(crate) const ACTIONS: &[&str] = &[
    "package_create",
    "package_update",
    "package_patch",
    "package_delete",
    "dataset_purge",
    "resource_create",
    "resource_update",
    "resource_patch",
    "resource_delete",
    "organization_create",
    "organization_update",
    "organization_patch",
    "organization_delete",
    "organization_purge",
    "group_create",
    "group_update",
    "group_patch",
    "group_delete",
    "group_purge",
    "datastore_create",
    "datastore_upsert",
    "datastore_delete",
    "datastore_records_delete",
];

pub(crate) async fn write(ctx: &mut Ctx, visit: &Visit, name: &str, asked: Asked) -> Said {
    let (thing, act) = name.rsplit_once('_').unwrap_or((name, ""));
    match (thing, act) {
        ("package" | "dataset", act) => package(ctx, visit, act, &asked).await,
        ("resource", act) => resource(ctx, visit, act, asked).await,
        ("organization", act) => collection(ctx, CollectionKind::Organization, act, &asked).await,
        ("group", act) => collection(ctx, CollectionKind::Group, act, &asked).await,
        ("datastore_records", _) => {
            let filters = given::filters(&asked.given)?;
            let filters = filters.ok_or_else(|| Refused::field("filters", "Missing value"))?;
            forget(ctx, &asked, Some(filters)).await
        }
        (_, "create") => table(ctx, &asked).await,
        (_, "upsert") => upsert(ctx, &asked).await,
        (_, _) => {
            let filters = given::filters(&asked.given)?;
            forget(ctx, &asked, filters).await
        }
    }
}

async fn package(ctx: &mut Ctx, visit: &Visit, act: &str, asked: &Asked) -> Said {
    let given = &asked.given;
    let made = match act {
        "create" => zhengtong_portal::create_package(ctx, &given::package(given)?).await?,
        "delete" | "purge" => {
            zhengtong_portal::delete_package(ctx, &given::needed(given, "id")?).await?;
            return Ok(Value::Null);
        }
        act => {
            let named = given::needed(given, "id").or_else(|_none| given::needed(given, "name"))?;
            let old = zhengtong_portal::package(ctx, &named).await?;
            let whole = if act == "patch" {
                given::patched(shown::package(&asked.site, &old), given)?
            } else {
                given.clone()
            };
            let mut input = given::package(&whole)?;
            if input.name.is_empty() {
                input.name.clone_from(&old.name);
            }
            if input.unit.is_empty() {
                input.unit = old.unit.id.to_string();
            }
            // As in CKAN: what is not given is taken away, but for a patch.
            let input =
                PackageInput { resources: Some(input.resources.unwrap_or_default()), ..input };
            if old.private && !input.private {
                look_again(visit, &old).await?;
            }
            zhengtong_portal::change_package(ctx, &old.id.to_string(), &input).await?
        }
    };
    Ok(shown::package(&asked.site, &made))
}

async fn resource(ctx: &mut Ctx, visit: &Visit, act: &str, asked: Asked) -> Said {
    let given = &asked.given;
    let id = || {
        let id = given::needed(given, "id")?;
        Uuid::parse_str(&id)
            .map_err(|_shape| Refused::new(StatusCode::NOT_FOUND, "Not Found Error", "Not found"))
    };
    if act == "delete" {
        zhengtong_portal::delete_resource(ctx, id()?).await?;
        return Ok(Value::Null);
    }
    let (package, whole) = if act == "create" {
        (given::needed(given, "package_id")?, given.clone())
    } else {
        let (package, old) = zhengtong_portal::resource(ctx, &id()?.to_string()).await?;
        let whole = match act {
            "patch" => given::patched(shown::resource(&asked.site, &package, &old), given)?,
            _ => given.clone(),
        };
        (package.id.to_string(), whole)
    };
    let mut input = given::resource(&whole)?;
    if let Some(file) = &asked.file {
        // Whether the program may write here is asked before its file is taken in.
        let found = zhengtong_portal::package(ctx, &package).await?;
        let department =
            zhengtong_db::Thing::new("portal", "open-data").handled_by(Some(found.unit.department));
        ctx.allow("portal.write", &department)?;
        take_in(visit, &mut input, file, found.private).await?;
    }
    let made = zhengtong_portal::put_resource(ctx, &package, &input).await?;
    let package = zhengtong_portal::package(ctx, &package).await?;
    Ok(shown::resource(&asked.site, &package, &made))
}

/// Looks through the files of a dataset that everybody is to see from now on.
async fn look_again(visit: &Visit, old: &Package) -> Result<(), Refused> {
    for resource in &old.resources {
        let Some(digest) = resource.digest.as_ref().and_then(|digest| digest.parse().ok()) else {
            continue;
        };
        let ending = resource.body.file.rsplit_once('.').map_or("", |cut| cut.1);
        let bytes = visit.app.blobs.get(digest).await?;
        let now = visit.app.db.clock().now();
        crate::opened::look(&ending.to_ascii_lowercase(), &bytes, now)
            .map_err(|fault| Refused::of(&fault))?;
    }
    Ok(())
}

/// Takes in the file that came along. One that everybody will see is looked through first.
async fn take_in(
    visit: &Visit,
    input: &mut ResourceInput,
    file: &Upload,
    private: bool,
) -> Result<(), Refused> {
    let ending = file.name.rsplit_once('.').map_or("", |cut| cut.1).to_ascii_lowercase();
    let format = zhengtong_dcat::Format::named(&ending).ok_or_else(|| {
        Refused::field(
            "upload",
            "csv, xlsx, xls, json, geojson, xml, txt, pdf, zip, docx or parquet",
        )
    })?;
    if !private {
        let now = visit.app.db.clock().now();
        crate::opened::look(&ending, &file.bytes, now).map_err(|fault| Refused::of(&fault))?;
    }
    let stored = visit
        .app
        .blobs
        .admit(&file.bytes, Limits::default().file_bytes)
        .await
        .map_err(Fault::from)
        .map_err(|fault| Refused::field("upload", &fault.text.en))?;
    input.digest = Some(stored.digest.to_string());
    let body = &mut input.body;
    body.url = String::new();
    body.file.clone_from(&file.name);
    body.size = Some(stored.size);
    format.media_type().clone_into(&mut body.mimetype);
    if body.format.is_empty() {
        body.format = given::format(&ending);
    }
    if body.name.is_empty() {
        body.name.clone_from(&file.name);
    }
    Ok(())
}

async fn collection(ctx: &mut Ctx, kind: CollectionKind, act: &str, asked: &Asked) -> Said {
    let given = &asked.given;
    let made = match act {
        "create" => {
            zhengtong_portal::create_collection(ctx, kind, &given::collection(given)?).await?
        }
        "delete" | "purge" => {
            let named = given::needed(given, "id")?;
            zhengtong_portal::delete_collection(ctx, kind, &named, act == "purge").await?;
            return Ok(Value::Null);
        }
        act => {
            let named = given::needed(given, "id").or_else(|_none| given::needed(given, "name"))?;
            let old = zhengtong_portal::collection(ctx, kind, &named).await?;
            let whole = if act == "patch" {
                given::patched(shown::collection(&old), given)?
            } else {
                given.clone()
            };
            let mut input = given::collection(&whole)?;
            if input.name.is_empty() {
                input.name.clone_from(&old.name);
            }
            zhengtong_portal::change_collection(ctx, kind, &old.id.to_string(), &input).await?
        }
    };
    Ok(shown::collection(&made))
}

/// Gives a resource a table; the resource is made when only a dataset is named.
async fn table(ctx: &mut Ctx, asked: &Asked) -> Said {
    let given = &asked.given;
    let id = match given::nested(given, "resource")? {
        Some(Value::Object(wanted)) => {
            let package = given::needed(&wanted, "package_id")?;
            let input = given::resource(&wanted)?;
            zhengtong_portal::put_resource(ctx, &package, &input).await?.id.to_string()
        }
        _ => given::needed(given, "resource_id")?,
    };
    let mut fields: Vec<Column> = Vec::new();
    if let Some(wanted) = given::nested(given, "fields")? {
        for field in wanted.as_array().into_iter().flatten() {
            let Some(field) = field.as_object() else {
                return Err(Refused::field("fields", "Not a dictionary"));
            };
            let kind = given::text(field, "type");
            fields.push(Column {
                id: given::text(field, "id"),
                kind: if kind.is_empty() { "text".to_owned() } else { kind },
                info: field.get("info").and_then(Value::as_object).cloned(),
            });
        }
    }
    let shape =
        Shape { fields, primary_key: given::names(given, "primary_key")?.unwrap_or_default() };
    let records = given::records(given)?;
    let made = zhengtong_portal::start(ctx, &id, &shape, &records).await?;
    Ok(json!({
        "resource_id": id, "fields": made.fields, "primary_key": made.primary_key, "method": "insert", "records": records,
    }))
}

async fn upsert(ctx: &mut Ctx, asked: &Asked) -> Said {
    let given = &asked.given;
    let id = given::needed(given, "resource_id")?;
    let method = given::text(given, "method");
    let how = match method.as_str() {
        "" | "upsert" => Upsert::Upsert,
        "insert" => Upsert::Insert,
        "update" => Upsert::Update,
        _ => return Err(Refused::field("method", "must be one of: insert, update, upsert")),
    };
    let records = given::records(given)?;
    zhengtong_portal::put(ctx, &id, &records, how).await?;
    let method = if method.is_empty() { "upsert" } else { &method };
    Ok(json!({ "resource_id": id, "records": records, "method": method }))
}

async fn forget(ctx: &mut Ctx, asked: &Asked, filters: Option<Vec<(String, Vec<Value>)>>) -> Said {
    let id = given::needed(&asked.given, "resource_id")
        .or_else(|_none| given::needed(&asked.given, "id"))?;
    zhengtong_portal::forget(ctx, &id, filters.as_deref()).await?;
    let filters: Map<String, Value> =
        filters.into_iter().flatten().map(|(field, any)| (field, Value::from(any))).collect();
    Ok(json!({ "resource_id": id, "filters": filters }))
}
