//! The files of open datasets: made of their tables when they are asked for, as departments sent them, and those of versions.

use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Kind, Lang};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fault, Visit, kept};
use zhengtong_portal::{Package, Resource, Source, licence};
use zhengtong_tabular::read_all;
use zhengtong_ui::words::encode;

use super::label;
use crate::ckan::address;
use crate::files::FileKind;
use crate::lying::{GEOJSON, GEOJSON_MEDIA, features};

/// Rows of a file that are looked through before it is opened.
const LOOK_ROWS: usize = 1_000_000;

/// Looks through a file before everybody can have it: one that holds numbers of persons is refused with what was found.
/// What is no table is not looked into here; the scanner sees all files.
pub(crate) fn look(ending: &str, bytes: &[u8], now: OffsetDateTime) -> Result<(), Fault> {
    if !matches!(ending, "csv" | "xlsx" | "xls" | "json" | "txt" | "parquet") {
        return Ok(());
    }
    let Ok(read) = read_all(bytes, LOOK_ROWS) else {
        // A JSON file of another shape and a text are no tables; a broken table is refused.
        return match ending {
            "csv" | "xlsx" | "parquet" => Err(refused(vec![FieldError::new(
                "upload",
                "文件读不出表格，请检查后再传",
                "the file cannot be read as a table",
            )])),
            _ => Ok(()),
        };
    };
    let rows: Vec<Vec<String>> =
        read.rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect();
    let rules = zhengtong_portal::Rules::usual(china_date(now));
    let report = zhengtong_portal::check(&read.layout.header, &rows, &rules);
    if report.passes() {
        return Ok(());
    }
    let faults =
        report.concerns.into_iter().map(|one| FieldError::new("upload", one.text.zh, one.text.en));
    Err(refused(faults.collect()))
}

fn refused(fields: Vec<FieldError>) -> Fault {
    let mut fault = Fault::new(Kind::Invalid, "这个文件不能开放", "this file cannot be opened");
    fault.fields = fields;
    fault
}

/// A file of a dataset of the platform, made of its rows when it is asked for.
pub(super) async fn platform_file(
    visit: Visit,
    Path((id, file)): Path<(String, String)>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::package(&mut ctx, &id).await?;
    let known = found.source == Source::Platform
        && found.resources.iter().any(|each| each.body.file == file);
    let table = found
        .resources
        .iter()
        .find(|each| each.shape.is_some() && known)
        .ok_or_else(Fault::absent)?;
    made(&visit, &mut ctx, (&found, table), &file).await
}

/// A file that a department sent, or one that is made of the table behind a resource.
pub(super) async fn own_file(
    visit: Visit,
    Path((id, resource, file)): Path<(String, String, String)>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let (package, found) = zhengtong_portal::resource(&mut ctx, &resource).await?;
    if package.id.to_string() != id && package.name != id {
        return Err(Fault::absent());
    }
    let Some(digest) = &found.digest else {
        return made(&visit, &mut ctx, (&package, &found), &file).await;
    };
    ctx.commit().await?;
    let digest = digest.parse().map_err(|_digest| Fault::absent())?;
    let bytes = visit.app.blobs.get(digest).await?;
    Ok(attached(&found.body.file, found.body.mimetype.clone(), bytes))
}

/// A file that is made of a table. One that is too large for memory is made as CSV, which is sent piece by piece.
async fn made(
    visit: &Visit,
    ctx: &mut Ctx,
    (package, of): (&Package, &Resource),
    file: &str,
) -> Answer {
    let ending = file.rsplit_once('.').map_or("", |cut| cut.1);
    let mut fields = of.shape.iter().flat_map(|shape| &shape.fields);
    let geometry = fields.find(|field| field.is_geometry()).map(|field| &field.id);
    // What others call geometries was not checked.
    let geometry = geometry.filter(|_| ending == GEOJSON && package.source == Source::Platform);
    let kind = FileKind::of(ending);
    if kind.is_none() && geometry.is_none() {
        return Err(Fault::absent());
    }
    let name = format!("{}.{ending}", package.name);
    let zhengtong_portal::Whole { header, rows, cut } =
        zhengtong_portal::whole(ctx, package, of).await?;
    if let (true, Some(FileKind::Csv)) = (cut, kind) {
        let blobs = &visit.app.blobs;
        let (stored, _rows) = zhengtong_portal::csv_file(ctx, blobs, package, of).await?;
        let body = kept(blobs, stored.digest);
        return Ok(attached(&name, FileKind::Csv.media().to_owned(), body));
    }
    if cut {
        return Err(too_large());
    }
    let (bytes, media) = match (kind, geometry) {
        (Some(kind), _) => (kind.write(&header, &rows)?, kind.media()),
        (None, geometry) => {
            let geometry = geometry.map_or("", String::as_str);
            (features(geometry, &header, &rows), GEOJSON_MEDIA)
        }
    };
    Ok(attached(&name, media.to_owned(), bytes))
}

fn too_large() -> Fault {
    let rows = zhengtong_portal::FILE_ROWS;
    Fault::new(
        Kind::TooLarge,
        &format!("这张表超过 {rows} 行，这种格式放不下。请下载 CSV，或用接口一页页取"),
        &format!(
            "this table has more than {rows} rows, too many for this format; download it as CSV, or ask for it page by page"
        ),
    )
}

/// A file of a version: its address and its bytes stay the same.
pub(super) async fn version_file(
    visit: Visit,
    Path((id, number, file)): Path<(String, String, String)>,
) -> Answer {
    let number = number.parse().map_err(|_number| Fault::absent())?;
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::version(&mut ctx, &id, number, &file).await?;
    ctx.commit().await?;
    let digest = found.digest.parse().map_err(|_digest| Fault::absent())?;
    let blobs = &visit.app.blobs;
    blobs.size(digest).await?.ok_or_else(Fault::absent)?;
    let mut response = attached(&found.file, found.mimetype, kept(blobs, digest));
    if let Ok(tag) = format!("\"{}\"", found.digest).parse() {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

fn attached(name: &str, kind: String, body: impl Into<Body>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, body.into()).into_response()
}

/// The dataset as a Data Package: its tables, with their fields.
pub(super) async fn package_file(visit: Visit, Path(id): Path<String>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::package(&mut ctx, &id).await?;
    ctx.commit().await?;
    let site = &visit.app.settings.public_url;
    let body = data_package(site, &found);
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=60")];
    Ok((headers, body.to_string()).into_response())
}

/// Whether the last part of an address has this ending.
fn ends_in(address: &str, ending: &str) -> bool {
    let last = std::path::Path::new(address).extension();
    last.is_some_and(|last| last.eq_ignore_ascii_case(ending))
}

fn data_package(site: &str, one: &Package) -> Value {
    let mut resources: Vec<Value> = Vec::new();
    for (each, at) in one.resources.iter().zip(1..) {
        let to = address(site, one, each);
        let mut told = json!({
            "name": format!("{}-{at}", one.name), "title": each.body.name, "path": to,
            "format": each.body.format.to_lowercase(),
        });
        let csv = each.shape.as_ref().filter(|_| each.digest.is_none() && ends_in(&to, "csv"));
        if let (Some(told), Some(shape)) = (told.as_object_mut(), csv) {
            let fields: Vec<Value> = shape
                .fields
                .iter()
                .map(|field| {
                    let kind = match field.kind.as_str() {
                        "int" | "int4" | "int8" | "integer" | "bigint" => "integer",
                        "numeric" | "float" | "float8" | "double precision" => "number",
                        "bool" | "boolean" => "boolean",
                        "date" => "date",
                        "json" | "jsonb" => "any",
                        _ => "string",
                    };
                    json!({ "name": field.id, "type": kind, "title": label(Lang::Zh, field) })
                })
                .collect();
            told.insert("profile".to_owned(), "tabular-data-resource".into());
            told.insert("encoding".to_owned(), "utf-8".into());
            told.insert(
                "schema".to_owned(),
                json!({ "fields": fields, "primaryKey": shape.primary_key }),
            );
        }
        resources.push(told);
    }
    let mut told = json!({
        "name": one.name, "id": one.id, "title": one.body.title, "description": one.body.notes,
        "homepage": format!("{site}/dataset/{}", one.name), "resources": resources,
        "contributors": [{ "title": one.unit.body.title, "role": "publisher" }],
    });
    if let (Some(told), Some(terms)) = (told.as_object_mut(), licence(&one.body.license_id)) {
        told.insert("licenses".to_owned(), json!([{ "name": terms.id, "title": terms.en, "path": crate::ckan::absolute(site, terms.url) }]));
    }
    told
}
