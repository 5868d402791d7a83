//! Rows of datasets for programs: what there is, pages with conditions and an order, totals, the same as a file.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse as _;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zhengtong_base::FieldError;
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_registry::{
    Catalog, Compare, Dataset, Field, TABLE_ROWS_MAX, TablePage, TableQuery, Term, TotalsQuery,
    UPDATED,
};
use zhengtong_tabular::Cell;
use zhengtong_ui::words::encode;

use crate::answer::{Words, json, moment};
use crate::asked::{Asked, Known, faults};
use crate::files::FileKind;
use crate::history::as_of;
use crate::lying::{self, GEOJSON, GEOJSON_MEDIA};

/// Rows of a page when nothing is said.
const ROWS: u32 = 100;

/// 数据集清单 / The datasets whose rows may be asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableList {
    /// 数据集 / The datasets.
    entries: Vec<TableShape>,
}

/// 一个数据集 / A dataset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableShape {
    /// 编号 / Its name in addresses.
    id: String,
    /// 名称 / What people call it.
    title: Words,
    /// 内容 / What it holds.
    summary: Option<Words>,
    /// 是否向社会开放 / Whether the public may have it.
    open: bool,
    /// 主键 / The fields that name a row.
    key: Vec<String>,
    /// 字段 / The fields.
    fields: Vec<TableField>,
}

/// 一个字段 / A field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableField {
    /// 字段名 / Its name.
    name: String,
    /// 名称 / What people call it.
    title: Words,
    /// 数据元 / The data element.
    element: String,
    /// 类型：text、longtext、integer、decimal、money、boolean、date、code、codes、file、address、geometry / Its type.
    kind: &'static str,
    /// 几何的形状：point、line、polygon；没有就是都可以 / The shape of a geometry; any when absent.
    shape: Option<&'static str>,
    /// 代码表 / The code list.
    codes: Option<String>,
    /// 是否脱敏；脱敏的不能排序和汇总 / Whether it is masked; masked fields have no order and no totals.
    masked: bool,
}

/// 一页记录 / A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableRows {
    /// 记录 / The rows.
    entries: Vec<TableLine>,
    /// 下一页用它作 after，没有就是最后一页 / What the next page takes as after; absent on the last.
    next: Option<String>,
}

/// 一条记录 / A row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableLine {
    /// 记录编号 / Its identifier.
    id: String,
    /// 值，没有登记的不出现 / The values; what is not known is absent.
    values: BTreeMap<String, Value>,
    /// 来源 / Who brought it.
    source: String,
    /// 更新时间 / When it was made or changed.
    updated: String,
    /// 从哪天起有效；问某一天或一条记录时才有，涉及个人的不给 / From which day it holds: given for one record and when a day is asked for, unless it is personal.
    valid_from: Option<String>,
}

/// 汇总 / Totals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableTotals {
    /// 各组，多的在前 / The groups, the largest first.
    groups: Vec<TableGroup>,
    /// 组数超过 1000，没有全给 / Whether there are more than 1000 groups, so that some are not given.
    cut: bool,
}

/// 一组 / A group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableGroup {
    /// 分组字段的值 / The values of the fields it is grouped by; null when not known.
    keys: BTreeMap<String, Option<String>>,
    /// 条数 / How many rows.
    count: i64,
    /// 合计，十进制文字 / The sum, as a decimal in a text.
    sum: Option<String>,
    /// 最小 / The smallest.
    least: Option<String>,
    /// 最大 / The largest.
    most: Option<String>,
    /// 平均，六位小数 / The mean, to six places.
    mean: Option<String>,
}

#[utoipa::path(
    get, path = "/api/v1/datasets", operation_id = "datasets", tag = "datasets",
    summary = "数据集清单 / The datasets",
    description = "可以查询的数据集和字段：开放的谁都能查，其他的归数据管理员。 / The datasets that may be asked, with their fields: open ones for everybody, the others for data stewards.",
    responses((status = 200, description = "数据集 / The datasets", body = TableList)),
)]
pub(crate) async fn list(visit: Visit, asked: Asked) -> Answer {
    asked.only(&[])?;
    let ctx = visit.ctx().await?;
    let catalog = ctx.defs::<Catalog>()?;
    let entries =
        zhengtong_registry::tables(&ctx)?.iter().map(|dataset| shape(&catalog, dataset)).collect();
    ctx.commit().await?;
    Ok(json(&TableList { entries }))
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}", operation_id = "dataset", tag = "datasets",
    summary = "一个数据集 / One dataset",
    description = "字段、类型、主键。 / Its fields, their types, the key.",
    params(("dataset" = String, Path, description = "数据集编号 / The name of the dataset")),
    responses((status = 200, description = "数据集 / The dataset", body = TableShape)),
)]
pub(crate) async fn one(visit: Visit, Path(dataset): Path<String>, asked: Asked) -> Answer {
    asked.only(&[])?;
    let ctx = visit.ctx().await?;
    let catalog = ctx.defs::<Catalog>()?;
    let found = shape(&catalog, &zhengtong_registry::table(&ctx, &dataset)?);
    ctx.commit().await?;
    Ok(json(&found))
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/records", operation_id = "dataset_records", tag = "datasets",
    summary = "查询记录 / Rows of a dataset",
    description = "按条件筛选、排序、逐页取；每页最多 10000 条，下一页用 next。 / Rows that meet conditions, in an order, page by page; 10000 a page at most, the next page by next.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("filter" = Option<String>, Query, max_length = 2000, pattern = "^[^\\x00]*$", description = "条件，分号隔开：字段:值、字段:值|值、字段!:值、字段>值、字段>=值、字段<值、字段<=值、字段~文字、字段:（没有值）、字段!:（有值）；值里的 ; | \\ 前面加 \\ / Conditions with semicolons between: field:value, field:value|value, field!:value, field>value, field>=value, field<value, field<=value, field~text, field: (not known), field!: (known); a \\ before ; | \\ in values"),
        ("sort" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "排序字段，前面加 - 是倒序；_updated 是更新时间；不写按主键 / The field that gives the order, with - before it backwards; _updated is the time of the last change; without it the key"),
        ("fields" = Option<String>, Query, max_length = 2000, pattern = "^[^\\x00]*$", description = "只要哪些字段，逗号隔开 / Only these fields, with commas between"),
        ("rows" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "一页多少条，默认 100 / Rows of a page, 100 when absent"),
        ("after" = Option<String>, Query, max_length = 4000, pattern = "^[^\\x00]*$", description = "上一页给出的 next / What the page before gave as next"),
        ("valid_on" = Option<String>, Query, format = Date, description = "问哪一天有效的记录，和 known_at 一起写；加密存放的字段这时不能筛选 / The day on which the rows held, together with known_at; fields that stand sealed are no conditions then"),
        ("known_at" = Option<String>, Query, format = DateTime, description = "按哪个时刻平台已登记的算，RFC 3339，和 valid_on 一起写 / The moment at which the platform knew it, as in RFC 3339, together with valid_on"),
        ("bbox" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "只要与范围框有公共部分的：西,南,东,北（经纬度，2000国家大地坐标系）；不和 near 一起用 / Only what has a place in common with the box: west,south,east,north in degrees of CGCS2000; not together with near"),
        ("near" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "只要这个位置附近的：经度,纬度；和 within 一起用 / Only what is near a place: longitude,latitude; together with within"),
        ("within" = Option<u32>, Query, minimum = 1, maximum = 100_000, description = "near 附近多少米 / How many metres around near"),
        ("format" = Option<String>, Query, pattern = "^(json|csv|xlsx|parquet|geojson)$", description = "格式：json、csv、xlsx、parquet，有几何的还有 geojson（RFC 7946）；文件的下一页写在 Link 里 / The format; geojson (RFC 7946) too where there is a geometry; the next page of a file stands in Link"),
    ),
    responses((status = 200, description = "记录 / The rows", content(
        (TableRows = "application/json"), (String = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Vec<u8> = "application/vnd.apache.parquet"), (lying::Features = "application/geo+json"),
    ))),
)]
pub(crate) async fn records(visit: Visit, Path(dataset): Path<String>, asked: Asked) -> Answer {
    let known = [&["after"][..], PAGED].concat();
    let asked = asked.only(&known)?;
    let mut ctx = visit.ctx().await?;
    // A dataset that may not be seen is absent whatever is asked of it.
    let found = zhengtong_registry::table(&ctx, &dataset)?;
    let catalog = ctx.defs::<Catalog>()?;
    let geometry = catalog.shown_geometry(&found).map(|field| field.name.clone());
    let form = form(&asked, geometry.as_deref())?;
    let mut query = query(&asked)?;
    if form == Form::Features && !query.fields.is_empty() {
        query.fields.extend(geometry.clone());
    }
    let page = zhengtong_registry::rows(&mut ctx, &dataset, &query).await?;
    ctx.commit().await?;
    match form {
        Form::Page => Ok(json(&lines(page))),
        form => file(&dataset, &page, (form, geometry.as_deref()), &asked),
    }
}

#[utoipa::path(
    get, path = "/api/v1/datasets/{dataset}/totals", operation_id = "dataset_totals", tag = "datasets",
    summary = "汇总 / Totals of a dataset",
    description = "按字段分组数条数，数值字段给合计、最小、最大、平均。 / Rows counted by the values of fields, and for a number its sum, smallest, largest and mean.",
    params(
        ("dataset" = String, Path, description = "数据集编号 / The name of the dataset"),
        ("by" = Option<String>, Query, max_length = 300, pattern = "^[^\\x00]*$", description = "分组字段，最多三个，逗号隔开 / The fields rows are grouped by, three at most, with commas between"),
        ("of" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "要合计的数值字段 / The number that is added up"),
        ("filter" = Option<String>, Query, max_length = 2000, pattern = "^[^\\x00]*$", description = "条件，写法同查询记录 / Conditions, as for rows"),
    ),
    responses((status = 200, description = "汇总 / The totals", body = TableTotals)),
)]
pub(crate) async fn totals(visit: Visit, Path(dataset): Path<String>, asked: Asked) -> Answer {
    let asked = asked.only(&["by", "of", "filter"])?;
    let mut ctx = visit.ctx().await?;
    zhengtong_registry::table(&ctx, &dataset)?;
    let query = TotalsQuery {
        terms: terms(asked.text("filter", FILTER_CHARS)?)?,
        by: names(asked.text("by", FILTER_CHARS)?),
        of: Some(asked.text("of", NAME_CHARS)?.to_owned()).filter(|name| !name.is_empty()),
    };
    let found = zhengtong_registry::totals(&mut ctx, &dataset, &query).await?;
    ctx.commit().await?;
    let group = |group: zhengtong_registry::TotalsGroup| TableGroup {
        keys: query.by.iter().cloned().zip(group.keys).collect(),
        count: group.count,
        sum: group.sum,
        least: group.least,
        most: group.most,
        mean: group.mean,
    };
    Ok(json(&TableTotals { groups: found.groups.into_iter().map(group).collect(), cut: found.cut }))
}

/// What may be asked of rows beside the place from which a page goes on.
const PAGED: &[&str] = &[
    "filter", "bbox", "near", "within", "sort", "fields", "rows", "valid_on", "known_at", "format",
];
/// Characters of conditions and of lists of fields.
const FILTER_CHARS: usize = 2_000;
/// Characters of the name of a field.
const NAME_CHARS: usize = 100;
/// Characters of a place.
const AFTER_CHARS: usize = 4_000;

fn shape(catalog: &Catalog, dataset: &Dataset) -> TableShape {
    TableShape {
        id: dataset.id.clone(),
        title: (&dataset.title).into(),
        summary: dataset.summary.as_ref().map(Words::from),
        open: dataset.open,
        key: dataset.key.clone(),
        fields: dataset.fields.iter().map(|each| field(catalog, each)).collect(),
    }
}

fn field(catalog: &Catalog, field: &Field) -> TableField {
    let element = catalog.element(&field.element);
    TableField {
        name: field.name.clone(),
        title: (&field.title).into(),
        element: field.element.clone(),
        kind: element.map_or("text", |element| element.kind.word()),
        shape: element.and_then(|element| element.shape).map(zhengtong_geometry::Shape::word),
        codes: element.and_then(|element| element.codes.clone()),
        masked: element.is_some_and(|element| element.sensitivity.is_masked()),
    }
}

pub(crate) fn line(row: zhengtong_registry::TableRow) -> TableLine {
    TableLine {
        id: row.id.to_string(),
        values: row.values,
        source: row.source,
        updated: moment(row.updated),
        valid_from: row.valid_from.map(|day| day.to_string()),
    }
}

fn lines(page: TablePage) -> TableRows {
    TableRows { entries: page.rows.into_iter().map(line).collect(), next: page.next }
}

fn query(asked: &Known) -> Result<TableQuery, Fault> {
    let sort = asked.text("sort", NAME_CHARS)?;
    let (name, down) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
    let rows = match asked.text("rows", NAME_CHARS)? {
        _ if !asked.has("rows") => ROWS,
        given => {
            let rows = given.parse().ok().filter(|rows| (1..=TABLE_ROWS_MAX).contains(rows));
            rows.ok_or_else(|| {
                wrong("rows", "条数是 1 到 10000 的整数", "rows is a whole number from 1 to 10000")
            })?
        }
    };
    Ok(TableQuery {
        terms: terms(asked.text("filter", FILTER_CHARS)?)?,
        sort: Some((name.to_owned(), down)).filter(|sort| !sort.0.is_empty()),
        fields: names(asked.text("fields", FILTER_CHARS)?),
        rows,
        after: Some(asked.text("after", AFTER_CHARS)?.to_owned()),
        area: lying::area(asked)?,
        as_of: as_of(asked)?,
    })
}

/// What rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A page of JSON.
    Page,
    /// Features of GeoJSON.
    Features,
    /// Another file.
    File(FileKind),
}

fn form(asked: &Known, geometry: Option<&str>) -> Result<Form, Fault> {
    let given = asked.text("format", NAME_CHARS)?;
    if !asked.has("format") || given == "json" {
        return Ok(Form::Page);
    }
    if given == GEOJSON {
        let (zh, en) = ("这个数据集没有能给出的几何", "this dataset has no geometry to give out");
        return geometry.map(|_| Form::Features).ok_or_else(|| wrong("format", zh, en));
    }
    let kind = FileKind::of(given).filter(|kind| *kind != FileKind::Json);
    let refused = || {
        wrong(
            "format",
            "格式是 json、csv、xlsx、parquet 或 geojson",
            "a format is json, csv, xlsx, parquet or geojson",
        )
    };
    kind.ok_or_else(refused).map(Form::File)
}

fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn wrong(name: &str, zh: &str, en: &str) -> Fault {
    faults(vec![FieldError::new(name, zh, en)])
}

/// Reads conditions: `kind:10;since>=2020-01-01;name~餐饮`.
fn terms(text: &str) -> Result<Vec<Term>, Fault> {
    let parts = split(text, ';');
    let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    let read: Option<Vec<Term>> = parts.map(term).collect();
    read.ok_or_else(|| {
        wrong(
            "filter",
            "条件写成 字段:值、字段>=值、字段~文字 这样，分号隔开",
            "write conditions as field:value, field>=value, field~text, with semicolons between",
        )
    })
}

fn term(text: &str) -> Option<Term> {
    let end = text.find([':', '!', '<', '>', '~'])?;
    let (name, rest) = text.split_at_checked(end)?;
    let signs: [(&str, Compare); 7] = [
        ("!:", Compare::Other),
        (">=", Compare::AtLeast),
        ("<=", Compare::AtMost),
        (">", Compare::More),
        ("<", Compare::Less),
        ("~", Compare::Contains),
        (":", Compare::Equal),
    ];
    let (compare, value) = signs
        .into_iter()
        .find_map(|(sign, compare)| rest.strip_prefix(sign).map(|value| (compare, value.trim())))?;
    let compare = match (compare, value.is_empty()) {
        (Compare::Equal, true) => Compare::Absent,
        (Compare::Other, true) => Compare::Present,
        (compare, _) => compare,
    };
    let values: Vec<String> = split(value, '|').iter().map(|one| plain(one.trim())).collect();
    let compare = match (compare, values.len()) {
        (compare, 0 | 1) => compare,
        (Compare::Equal, _) => Compare::Any,
        _ => return None,
    };
    let name = name.trim();
    (!name.is_empty()).then(|| Term { field: name.to_owned(), compare, values })
}

/// Cuts at a sign that has no `\` before it; what is cut keeps its `\`.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut kept = false;
    for letter in text.chars() {
        if letter == at && !kept {
            parts.push(String::new());
            continue;
        }
        kept = letter == '\\' && !kept;
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
}

/// A value without the `\` that stood before its signs.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or('\\') } else { letter });
    }
    plain
}

/// A page as a file, with the next page in the header `Link`.
fn file(
    dataset: &str,
    page: &TablePage,
    (form, geometry): (Form, Option<&str>),
    asked: &Known,
) -> Answer {
    let mut names: Vec<String> = page.fields.iter().map(|field| field.name.clone()).collect();
    names.push(UPDATED.to_owned());
    let row = |row: &zhengtong_registry::TableRow| -> Vec<Cell> {
        let value = |field: &Field| match row.values.get(&field.name) {
            Some(value) if geometry == Some(field.name.as_str()) => lying::cell(value),
            value => value.map_or(Cell::Empty, Cell::of),
        };
        let cells = page.fields.iter().map(value);
        cells.chain([Cell::Text(moment(row.updated))]).collect()
    };
    let rows: Vec<Vec<Cell>> = page.rows.iter().map(row).collect();
    let (bytes, ending, media) = match form {
        Form::File(kind) => (kind.write(&names, &rows)?, kind.ending(), kind.media()),
        Form::Page | Form::Features => {
            let geometry = geometry.unwrap_or_default();
            (lying::features(geometry, &names, &rows), GEOJSON, GEOJSON_MEDIA)
        }
    };
    let name = format!("{}.{ending}", dataset.replace(':', "-"));
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers =
        [(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    let mut response = (headers, bytes).into_response();
    if let Some(link) = page.next.as_deref().and_then(|next| link(dataset, next, asked)) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// The address of the next page of a file: what was asked, from the place on.
fn link(dataset: &str, next: &str, asked: &Known) -> Option<HeaderValue> {
    let mut to = format!("</api/v1/datasets/{}/records?after={next}", encode(dataset));
    for name in PAGED {
        let value = asked.text(name, FILTER_CHARS).unwrap_or_default();
        if !value.is_empty() {
            to.extend(["&", name, "=", &encode(value)]);
        }
    }
    to.push_str(">; rel=\"next\"");
    HeaderValue::from_str(&to).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<(String, Compare, Vec<String>)> {
        let mut all = terms(text).ok()?;
        let term = all.pop().filter(|_| all.is_empty())?;
        Some((term.field, term.compare, term.values))
    }

    #[test]
    fn conditions_are_read() {
        let rows: [(&str, &str, Compare, &[&str]); 14] = [
            ("kind:10", "kind", Compare::Equal, &["10"]),
            ("kind: 10 | 20 ", "kind", Compare::Any, &["10", "20"]),
            ("kind!:10", "kind", Compare::Other, &["10"]),
            ("since>=2020-01-01", "since", Compare::AtLeast, &["2020-01-01"]),
            ("since<=2020-01-01", "since", Compare::AtMost, &["2020-01-01"]),
            ("n>5", "n", Compare::More, &["5"]),
            ("n<-5", "n", Compare::Less, &["-5"]),
            ("name~餐饮", "name", Compare::Contains, &["餐饮"]),
            ("name:", "name", Compare::Absent, &[""]),
            ("name!:", "name", Compare::Present, &[""]),
            (r"name:a\;b", "name", Compare::Equal, &["a;b"]),
            (r"name:a\|b|c\\", "name", Compare::Any, &["a|b", r"c\"]),
            ("t:12:30", "t", Compare::Equal, &["12:30"]),
            (";;kind:1;", "kind", Compare::Equal, &["1"]),
        ];
        for (text, field, compare, values) in rows {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            assert_eq!(one(text), Some((field.to_owned(), compare, values)), "{text}");
        }
        for wrong in ["kind", ":10", "kind!10", "n>5|6", "!:", "a:1;b"] {
            assert!(terms(wrong).is_err(), "{wrong}");
        }
        assert_eq!(terms("").unwrap(), []);
    }
}
