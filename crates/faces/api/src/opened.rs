//! Open data for people and for programs without an interface: the list, the page of a dataset, its files.

mod files;
mod table;

use axum::Router;
use axum::routing::get;
use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value};
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_geometry::Geometry;
use zhengtong_http::{Answer, App, Fault, Visit, see};
use zhengtong_portal::{
    Column as Field, Found, Package, Query, Rows, Source, Version, Wanted, licence,
};
use zhengtong_ui::layout::{Gap, Heading, Title, page as frame_page, section, stack, title};
use zhengtong_ui::map::{Mapped, map};
use zhengtong_ui::navigate::{Link, Pager, Search, crumbs, pager, search};
use zhengtong_ui::panel::{Panel, flush, pairs};
use zhengtong_ui::table::{Column, Row, Table, code, table as grid};
use zhengtong_ui::words::{encode, kept, number};
use zhengtong_ui::{Place, hall};

use crate::asked::Asked;
use crate::ckan::address;

pub(crate) use files::look;

/// Datasets on one page of the list.
const LIST_ROWS: u32 = 20;
/// Rows that are shown before a file is fetched.
const PREVIEW_ROWS: i64 = 10;
/// The item by which people say what is wrong or wanted; its answers are published.
const SUGGEST: &str = "open-data-suggest";
/// The item by which people tell what they made of open data; it is published.
const REUSE: &str = "open-data-reuse";
/// Versions that the page of a dataset names.
const VERSIONS_SHOWN: usize = 12;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/dataset", get(list))
        .route("/dataset/{id}/datapackage.json", get(files::package_file))
        .route("/dataset/{id}/download/{file}", get(files::platform_file))
        .route("/dataset/{id}/version/{number}/{file}", get(files::version_file))
        .route("/dataset/{id}/resource/{resource}", get(table::page))
        .route("/dataset/{id}/resource/{resource}/download/{file}", get(files::own_file))
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
    let part = taking_part(visit.lang(), &ctx)?;
    ctx.commit().await?;
    let frame = visit.frame(visit.lang().pick("开放数据", "Open data"), Place::Elsewhere);
    Ok(see(hall(&frame, listed(frame.lang, &found, (&words, number), &part))))
}

/// What people can do beside taking data, where the city has the items for it.
fn taking_part(lang: Lang, ctx: &Ctx) -> Result<Markup, Fault> {
    let items = ctx.defs::<zhengtong_service::Catalog>()?;
    let ways = [
        (
            SUGGEST,
            "",
            "数据有错、想要新的数据：提建议和纠错",
            "Something is wrong or missing: tell us",
        ),
        (SUGGEST, "/published", "别人提的建议和答复", "Suggestions and their answers"),
        (REUSE, "/published", "用开放数据做的应用", "What was made with open data"),
        (REUSE, "", "登记我做的应用", "Register what you made"),
    ];
    let ways: Vec<_> = ways.into_iter().filter(|way| items.by_slug(way.0).is_some()).collect();
    if ways.is_empty() {
        return Ok(html! {});
    }
    let body = html! {
        ul { @for (slug, rest, zh, en) in ways { li { a href={ "/hall/" (slug) (rest) } { (lang.pick(zh, en)) } } } }
    };
    Ok(section(&Heading::new("part", lang.pick("一起用好数据", "Take part")), body))
}

fn listed(lang: Lang, found: &Found, (words, number): (&str, u32), part: &Markup) -> Markup {
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
    let list = Table {
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
                (flush(&Panel::default(), grid(lang, &list)))
            }
            @if pages > 1 {
                (pager(lang, Pager { page: number.min(pages), pages, href: &format!("/dataset?q={}&page=", encode(words)) }))
            }
            (part)
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
    let versions = zhengtong_portal::versions(&mut ctx, one).await?;
    let part = taking_part(lang, &ctx)?;
    ctx.commit().await?;
    let frame = visit.frame(named(lang, one), Place::Elsewhere);
    let site = &visit.app.settings.public_url;
    // In a data block a sign that could end it is written as JSON may write it.
    let told =
        zhengtong_dcat::schema_org(told, lang == Lang::En).to_string().replace('<', "\\u003c");
    let body = html! {
        (whole(lang, site, one, (preview.as_ref(), &versions), &part))
        script type="application/ld+json" nonce=(visit.nonce) { (PreEscaped(told)) }
    };
    Ok(see(hall(&frame, body)))
}

fn whole(
    lang: Lang,
    site: &str,
    one: &Package,
    (preview, versions): (Option<&Rows>, &[Version]),
    part: &Markup,
) -> Markup {
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
                (section(&Heading::new("preview", lang.pick("前几行", "The first rows")), stack(Gap::Normal, html! {
                    (sample(lang, &rows.fields, &rows.records, &|_| None))
                    @if let Some(table) = one.resources.iter().find(|each| each.shape.is_some()) {
                        p { a href={ "/dataset/" (one.name) "/resource/" (table.id) } {
                            (lang.pick("看全部 ", "All ")) (number(rows.total)) (lang.pick(" 行：筛选、排序、画图", " rows: filter, sort, draw"))
                        } }
                    }
                })))
                (lying(lang, rows))
            }
            @if let Some(rows) = preview {
                (section(&Heading::new("fields", lang.pick("数据项", "Fields")), dictionary(lang, rows)))
            }
            @if !versions.is_empty() {
                (section(&Heading::new("versions", lang.pick("版本", "Versions")), history(lang, one, versions)))
            }
            (part)
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
                    // The files of the platform are called by the dataset, which has a name in both languages.
                    @if one.source == Source::Platform {
                        a href=(to) { (named(lang, one)) "." (each.body.format.to_lowercase()) }
                    } @else {
                        a href=(to) { @if each.body.name.is_empty() { (named(lang, one)) } @else { (kept(&each.body.name)) } }
                        " " (each.body.format)
                    }
                    @if let Some(bytes) = each.body.size { " · " (bytes.div_ceil(1024)) " KB" }
                }
            }
        }
    }
}

/// What the dataset held earlier.
fn history(lang: Lang, one: &Package, versions: &[Version]) -> Markup {
    let lines = versions.iter().take(VERSIONS_SHOWN).map(|each| {
        let to = format!("/dataset/{}/version/{}/{}", one.name, each.number, encode(&each.file));
        Row::new(vec![
            html! { (lang.pick("第 ", "Version ")) (each.number) (lang.pick(" 版", "")) },
            html! { (china_date(each.made)) },
            html! { (each.rows.map(number).unwrap_or_default()) },
            html! { a href=(to) { (kept(&each.file)) } " · " (each.bytes.unsigned_abs().div_ceil(1024)) " KB" },
        ])
    });
    let list = Table {
        caption: lang.pick("版本", "Versions").into(),
        columns: vec![
            Column::head(lang.pick("版本", "Version")).tight(),
            Column::new(lang.pick("日期", "Day")).tight(),
            Column::number(lang.pick("行数", "Rows")),
            Column::new(lang.pick("文件", "File")),
        ],
        rows: lines.collect(),
        ..Table::default()
    };
    let note = lang.pick(
        "数据变了就留一版，每版的地址和内容不再变，引用时请用版本的地址。",
        "A version is kept when the data changed; its address and its content stay, so cite that address.",
    );
    stack(
        Gap::Normal,
        html! {
            p { (note) }
            (flush(&Panel::default(), grid(lang, &list)))
        },
    )
}

/// Rows as a table; a column gets the order and the address that changes it.
fn sample(
    lang: Lang,
    fields: &[Field],
    records: &[(i64, Map<String, Value>)],
    sort: &dyn Fn(&Field) -> Option<(zhengtong_ui::table::Order, String)>,
) -> Markup {
    let column = |(place, field): (usize, &Field)| {
        let name = label(lang, field);
        let column = match place {
            0 => Column::head(name),
            _ if field.is_number() => Column::number(name),
            _ if field.kind == "date" => Column::new(name).tight(),
            _ => Column::new(name),
        };
        match sort(field) {
            Some((order, href)) => column.sort(order, href),
            None => column,
        }
    };
    let lines = records.iter().map(|(_, record)| {
        let words = |field: &Field| {
            let words = shown(lang, field, record.get(&field.id));
            if lang == Lang::Zh {
                html! { (words) }
            } else {
                kept(&words)
            }
        };
        Row::new(fields.iter().map(words).collect())
    });
    let list = Table {
        caption: lang.pick("数据", "Rows").into(),
        columns: fields.iter().enumerate().map(column).collect(),
        rows: lines.collect(),
        ..Table::default()
    };
    flush(&Panel::default(), grid(lang, &list))
}

/// Where the first rows lie, as a drawing; nothing when they lie nowhere.
fn lying(lang: Lang, rows: &Rows) -> Markup {
    let heading = lang.pick("前几行的位置", "Where the first rows lie");
    lies(lang, heading, rows)
}

/// Where rows lie, as a drawing.
fn lies(lang: Lang, heading: &str, rows: &Rows) -> Markup {
    let Some(column) = rows.fields.iter().find(|field| field.is_geometry()) else {
        return html! {};
    };
    // A thing is called by its second field, which is its name where the first is its number.
    let name = rows.fields.get(1).or(rows.fields.first()).filter(|field| !field.is_geometry());
    let read = |record: &Map<String, Value>| {
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
    section(&Heading::new("map", heading), map(lang, heading, &all))
}

/// A value in words: yes or no, a geometry as what it is.
fn shown(lang: Lang, field: &Field, value: Option<&Value>) -> String {
    if let Some(Value::Bool(yes)) = value {
        return if *yes { lang.pick("是", "Yes") } else { lang.pick("否", "No") }.to_owned();
    }
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
    let list = Table {
        caption: lang.pick("数据项", "Fields").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("含义", "Meaning")),
            Column::new(lang.pick("类型", "Type")),
        ],
        rows: lines.collect(),
        ..Table::default()
    };
    flush(&Panel::default(), grid(lang, &list))
}

fn label(lang: Lang, field: &Field) -> String {
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
