//! Open data for people and for programs without an interface: the list, the page of a dataset, its files.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use time::OffsetDateTime;
use zhengtong_base::{FieldError, Kind, Lang};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_geometry::Geometry;
use zhengtong_http::{Answer, App, Fault, Visit, see};
use zhengtong_portal::{Found, Package, Query, Resource, Rows, Source, Wanted, licence};
use zhengtong_tabular::{Cell, read_all};
use zhengtong_ui::layout::{Heading, Title, page as frame_page, section, title};
use zhengtong_ui::map::{Mapped, map};
use zhengtong_ui::navigate::{Link, Pager, Search, crumbs, pager, search};
use zhengtong_ui::panel::{Panel, flush, pairs};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Place, hall};

use crate::asked::Asked;
use crate::ckan::address;
use crate::files::FileKind;
use crate::lying::{GEOJSON, GEOJSON_MEDIA, features};

/// Datasets on one page of the list.
const LIST_ROWS: u32 = 20;
/// Rows of a file that is made of a table at most.
const FILE_ROWS: i64 = 100_000;
/// Rows that are shown before a file is fetched.
const PREVIEW_ROWS: i64 = 20;
/// Rows of a file that are looked through before it is opened.
const LOOK_ROWS: usize = 1_000_000;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/dataset", get(list))
        .route("/dataset/{id}/datapackage.json", get(package_file))
        .route("/dataset/{id}/download/{file}", get(platform_file))
        .route("/dataset/{id}/resource/{resource}", get(resource))
        .route("/dataset/{id}/resource/{resource}/download/{file}", get(own_file))
}

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

/// Search of the datasets that are open.
async fn list(visit: Visit, asked: Asked) -> Answer {
    let asked = asked.only(&["q", "page"])?;
    let (words, number) = (asked.words("q")?.to_owned(), asked.page()?);
    let mut query = Query {
        rows: i64::from(LIST_ROWS),
        start: i64::from(number - 1) * i64::from(LIST_ROWS),
        ..Query::default()
    };
    query.words = words.split_whitespace().map(str::to_lowercase).collect();
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::search(&mut ctx, &query).await?;
    ctx.commit().await?;
    let frame = visit.frame(visit.lang().pick("开放数据", "Open data"), Place::Elsewhere);
    Ok(see(hall(&frame, listed(frame.lang, &found, &words, number))))
}

fn listed(lang: Lang, found: &Found, words: &str, number: u32) -> Markup {
    let lead = html! { (lang.pick("各部门向社会开放的数据集，可以下载，也可以用接口取。", "Datasets that departments have opened: as files, or through the interface.")) };
    let rows = found.packages.iter().map(|one| {
        let formats: Vec<&str> =
            one.resources.iter().map(|each| each.body.format.as_str()).collect();
        Row::new(vec![
            html! { a href={ "/dataset/" (one.name) } { (named(lang, one)) } },
            html! { (unit(lang, one)) },
            html! { (formats.join("、")) },
            html! { (china_date(one.modified)) },
        ])
    });
    let grid = Table {
        caption: lang.pick("数据集", "Datasets").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("部门", "Department")),
            Column::new(lang.pick("格式", "Formats")),
            Column::new(lang.pick("更新", "Updated")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    };
    let pages = u32::try_from(found.count.max(1).unsigned_abs().div_ceil(u64::from(LIST_ROWS)))
        .unwrap_or(u32::MAX);
    let here = lang.pick("开放数据", "Open data");
    frame_page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/")], here))
        div.flow-l {
            (title(&Title::new(here).lead(lead)))
            (search(lang, &Search {
                action: "/dataset".into(),
                label: lang.pick("查找数据集", "Find datasets").into(),
                value: words.into(),
                example: lang.pick("例如：营业执照", "such as: licence").into(),
            }))
            p { (lang.pick("共 ", "")) (found.count) (lang.pick(" 个数据集", " datasets")) }
            @if found.packages.is_empty() {
                p { (lang.pick("没有找到，换个词试试。", "Nothing was found; try another word.")) }
            } @else {
                (flush(&Panel::default(), table(lang, &grid)))
            }
            @if pages > 1 {
                (pager(lang, Pager { page: number.min(pages), pages, href: &format!("/dataset?q={}&page=", encode(words)) }))
            }
            p { (lang.pick("目录数据：", "The catalogue as data: "))
                @for (name, ending) in [("Turtle", "ttl"), ("RDF/XML", "rdf"), ("JSON-LD", "jsonld"), ("N-Triples", "nt")] {
                    a href={ "/catalog." (ending) } { (name) } " "
                }
            }
        }
    })
}

fn named(lang: Lang, one: &Package) -> &str {
    let body = &one.body;
    if lang == Lang::En && !body.title_en.is_empty() { &body.title_en } else { &body.title }
}

fn unit(lang: Lang, one: &Package) -> &str {
    let body = &one.unit.body;
    if lang == Lang::En && !body.title_en.is_empty() { &body.title_en } else { &body.title }
}

/// The page of a dataset.
pub(crate) async fn page(visit: &Visit, one: &Package, told: &zhengtong_dcat::Dataset) -> Answer {
    let lang = visit.lang();
    let mut ctx = visit.ctx().await?;
    let preview = match one.resources.iter().find(|each| each.shape.is_some()) {
        Some(each) => {
            let wanted = Wanted { rows: PREVIEW_ROWS, ..Wanted::default() };
            Some(zhengtong_portal::fetch(&mut ctx, &each.id.to_string(), &wanted).await?)
        }
        None => None,
    };
    ctx.commit().await?;
    let frame = visit.frame(named(lang, one), Place::Elsewhere);
    let site = &visit.app.settings.public_url;
    // In a data block a sign that could end it is written as JSON may write it.
    let told =
        zhengtong_dcat::schema_org(told, lang == Lang::En).to_string().replace('<', "\\u003c");
    let body = html! {
        (whole(lang, site, one, preview.as_ref()))
        script type="application/ld+json" nonce=(visit.nonce) { (PreEscaped(told)) }
    };
    Ok(see(hall(&frame, body)))
}

fn whole(lang: Lang, site: &str, one: &Package, preview: Option<&Rows>) -> Markup {
    let body = &one.body;
    let notes =
        if lang == Lang::En && !body.notes_en.is_empty() { &body.notes_en } else { &body.notes };
    let terms = licence(&body.license_id);
    frame_page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/"), Link::new(lang.pick("开放数据", "Open data"), "/dataset")], named(lang, one)))
        div.flow-l {
            (title(&Title::new(named(lang, one)).lead(html! { (notes) })))
            (pairs([
                (lang.pick("发布单位", "Publisher").into(), html! { (unit(lang, one)) }),
                (lang.pick("代码", "Code").into(), code(if body.code.is_empty() { &one.name } else { &body.code })),
                (lang.pick("更新", "Updated").into(), html! { (china_date(one.modified)) }),
                (lang.pick("使用规则", "Terms").into(), html! { (terms.map_or("", |terms| lang.pick(terms.zh, terms.en))) }),
            ]))
            (section(&Heading::new("files", lang.pick("下载", "Downloads")), files(lang, site, one)))
            @if let Some(rows) = preview.filter(|rows| !rows.records.is_empty()) {
                (section(&Heading::new("preview", lang.pick("前几行", "The first rows")), sample(lang, rows)))
                (lying(lang, rows))
            }
            @if let Some(rows) = preview {
                (section(&Heading::new("fields", lang.pick("数据项", "Fields")), dictionary(lang, rows)))
            }
            p { (lang.pick("作为数据：", "As data: "))
                @for (name, ending) in [("Turtle", "ttl"), ("RDF/XML", "rdf"), ("JSON-LD", "jsonld"), ("N-Triples", "nt")] {
                    a href={ "/dataset/" (one.name) "." (ending) } { (name) } " "
                }
                a href={ "/dataset/" (one.name) "/datapackage.json" } { "Data Package" }
            }
        }
    })
}

fn files(lang: Lang, site: &str, one: &Package) -> Markup {
    html! {
        @if one.resources.is_empty() { p { (lang.pick("还没有文件。", "There are no files yet.")) } }
        ul {
            @for each in &one.resources {
                @let to = address(site, one, each);
                @let to = to.strip_prefix(site).unwrap_or(&to);
                li {
                    a href=(to) { (if each.body.name.is_empty() { named(lang, one) } else { &each.body.name }) }
                    " " (each.body.format)
                    @if let Some(bytes) = each.body.size { " · " (bytes.div_ceil(1024)) " KB" }
                }
            }
        }
    }
}

fn sample(lang: Lang, rows: &Rows) -> Markup {
    let mut columns = rows.fields.iter().map(|field| label(lang, field));
    let head = columns.next().map(Column::head);
    let lines = rows.records.iter().map(|(_, record)| {
        let words = |field: &zhengtong_portal::Column| shown(lang, field, record.get(&field.id));
        Row::new(rows.fields.iter().map(|field| html! { (words(field)) }).collect())
    });
    let grid = Table {
        caption: lang.pick("前几行", "The first rows").into(),
        columns: head.into_iter().chain(columns.map(Column::new)).collect(),
        rows: lines.collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &grid))
}

/// Where the first rows lie, as a drawing; nothing when they lie nowhere.
fn lying(lang: Lang, rows: &Rows) -> Markup {
    let Some(column) = rows.fields.iter().find(|field| field.is_geometry()) else {
        return html! {};
    };
    // A thing is called by its second field, which is its name where the first is its number.
    let name = rows.fields.get(1).or(rows.fields.first()).filter(|field| !field.is_geometry());
    let read = |record: &serde_json::Map<String, Value>| {
        let geometry = Geometry::kept(record.get(&column.id)?.as_str()?).ok()?;
        Some((plain(name.and_then(|name| record.get(&name.id))), geometry))
    };
    let found: Vec<(String, Geometry)> =
        rows.records.iter().filter_map(|(_, record)| read(record)).collect();
    if found.is_empty() {
        return html! {};
    }
    let all: Vec<Mapped<'_>> = found
        .iter()
        .map(|(name, geometry)| Mapped { name: name.as_str().into(), geometry })
        .collect();
    let heading = lang.pick("前几行的位置", "Where the first rows lie");
    section(&Heading::new("map", heading), map(lang, heading, &all))
}

/// A value in words: a geometry as what it is.
fn shown(lang: Lang, field: &zhengtong_portal::Column, value: Option<&Value>) -> String {
    let text = plain(value);
    if !field.is_geometry() {
        return text;
    }
    Geometry::kept(&text).map_or(text, |geometry| geometry.words().get(lang).to_owned())
}

fn dictionary(lang: Lang, rows: &Rows) -> Markup {
    let lines = rows.fields.iter().map(|field| {
        Row::new(vec![code(&field.id), html! { (label(lang, field)) }, html! { (field.kind) }])
    });
    let grid = Table {
        caption: lang.pick("数据项", "Fields").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("含义", "Meaning")),
            Column::new(lang.pick("类型", "Type")),
        ],
        rows: lines.collect(),
        ..Table::default()
    };
    flush(&Panel::default(), table(lang, &grid))
}

fn label(lang: Lang, field: &zhengtong_portal::Column) -> String {
    let info = |key: &str| {
        field.info.as_ref().and_then(|info| info.get(key)?.as_str()).unwrap_or_default()
    };
    let text = lang.pick(info("label"), info("notes"));
    if text.is_empty() { field.id.clone() } else { text.to_owned() }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A file of a dataset of the platform, made of its rows when it is asked for.
async fn platform_file(visit: Visit, Path((id, file)): Path<(String, String)>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::package(&mut ctx, &id).await?;
    let known = found.source == Source::Platform
        && found.resources.iter().any(|each| each.body.file == file);
    let table = found
        .resources
        .iter()
        .find(|each| each.shape.is_some() && known)
        .ok_or_else(Fault::absent)?;
    made(&mut ctx, &found, table, &file).await
}

/// A file that a department sent, or one that is made of the table behind a resource.
async fn own_file(
    visit: Visit,
    Path((id, resource, file)): Path<(String, String, String)>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let (package, found) = zhengtong_portal::resource(&mut ctx, &resource).await?;
    if package.id.to_string() != id && package.name != id {
        return Err(Fault::absent());
    }
    let Some(digest) = &found.digest else { return made(&mut ctx, &package, &found, &file).await };
    ctx.commit().await?;
    let digest = digest.parse().map_err(|_digest| Fault::absent())?;
    let bytes = visit.app.blobs.get(digest).await?;
    Ok(attached(&found.body.file, found.body.mimetype.clone(), bytes))
}

/// Where a resource is described: with its dataset.
async fn resource(visit: Visit, Path((_, resource)): Path<(String, String)>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let (package, _) = zhengtong_portal::resource(&mut ctx, &resource).await?;
    ctx.commit().await?;
    Ok(zhengtong_http::redirect(&format!("/dataset/{}", package.name)))
}

async fn made(ctx: &mut Ctx, package: &Package, of: &Resource, file: &str) -> Answer {
    let ending = file.rsplit_once('.').map_or("", |cut| cut.1);
    let mut fields = of.shape.iter().flat_map(|shape| &shape.fields);
    let geometry = fields.find(|field| field.is_geometry()).map(|field| &field.id);
    // What others call geometries was not checked.
    let geometry = geometry.filter(|_| ending == GEOJSON && package.source == Source::Platform);
    let kind = FileKind::of(ending);
    if kind.is_none() && geometry.is_none() {
        return Err(Fault::absent());
    }
    let (header, rows) = all_rows(ctx, of).await?;
    let (bytes, media) = match (kind, geometry) {
        (Some(kind), _) => (kind.write(&header, &rows)?, kind.media()),
        (None, geometry) => {
            let geometry = geometry.map_or("", String::as_str);
            (features(geometry, &header, &rows), GEOJSON_MEDIA)
        }
    };
    Ok(attached(&format!("{}.{ending}", package.name), media.to_owned(), bytes))
}

/// All rows of a table, piece by piece, up to the most that a file holds.
async fn all_rows(ctx: &mut Ctx, of: &Resource) -> Result<(Vec<String>, Vec<Vec<Cell>>), Fault> {
    let id = of.id.to_string();
    let mut wanted = Wanted { rows: zhengtong_portal::ROWS_MAX, ..Wanted::default() };
    let mut rows = Vec::new();
    loop {
        let piece = zhengtong_portal::fetch(ctx, &id, &wanted).await?;
        let header: Vec<String> = piece.fields.iter().map(|field| field.id.clone()).collect();
        let count = i64::try_from(piece.records.len()).unwrap_or(i64::MAX);
        let cell = |field: &zhengtong_portal::Column, value: &Value| match value {
            Value::String(text) if field.is_geometry() => Cell::Json(text.clone()),
            value => Cell::of(value),
        };
        for (_, record) in piece.records {
            let cells = piece
                .fields
                .iter()
                .map(|field| record.get(&field.id).map_or(Cell::Empty, |value| cell(field, value)));
            rows.push(cells.collect());
        }
        wanted.start += count;
        if count == 0 || wanted.start >= piece.total || wanted.start >= FILE_ROWS {
            return Ok((header, rows));
        }
    }
}

fn attached(name: &str, kind: String, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// The dataset as a Data Package: its tables, with their fields.
async fn package_file(visit: Visit, Path(id): Path<String>) -> Answer {
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
