//! The spreadsheet template of the compilation guide: one row for each information item; the cells of the resource stand in
//! its first row. Pure: bytes in, resources and faults out.

use std::collections::BTreeMap;

use zhengtong_base::{Failure as _, FieldError, Text};
use zhengtong_registry::{Sensitivity, Sharing};
use zhengtong_tabular::Record;

use crate::error::{Error, Result};
use crate::kinds::{Cycle, Format, ItemKind, Openness, Way, parse_sensitivity, parse_sharing};
use crate::model::{Body, Item, Opened, Shared};

/// Rows of one spreadsheet at most.
pub(crate) const ROWS_MAX: usize = 20_000;
/// Bytes of one spreadsheet at most.
pub(crate) const BYTES_MAX: usize = 20 * 1024 * 1024;

/// The columns of the template: the name we use, the heading, whether it must be there.
pub const COLUMNS: [(&str, &str, bool); 20] = [
    ("class", "信息资源分类", true),
    ("title", "信息资源名称", true),
    ("code", "信息资源代码", false),
    ("provider", "信息资源提供方", false),
    ("unit", "提供方代码", true),
    ("summary", "信息资源摘要", true),
    ("format", "信息资源格式", true),
    ("item", "信息项名称", true),
    ("kind", "数据类型", true),
    ("length", "数据长度", false),
    ("sensitivity", "敏感级别", false),
    ("sharing", "共享类型", true),
    ("condition", "共享条件", false),
    ("way", "共享方式", false),
    ("basis", "不予共享依据", false),
    ("openness", "是否向社会开放", true),
    ("open_condition", "开放条件", false),
    ("cycle", "更新周期", true),
    ("published", "发布日期", false),
    ("related", "关联资源代码", false),
];

/// A resource as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its first row, as a spreadsheet counts.
    pub(crate) row: usize,
    /// Its code, when there is one.
    pub(crate) code: Option<String>,
    /// The credit code of its unit.
    pub(crate) unit: String,
    /// What it says.
    pub(crate) body: Body,
}

/// A row that cannot be used, and why.
pub(crate) type Faulty = (usize, FieldError);

/// The resources of a spreadsheet, and the rows that cannot be used. A resource with a row that cannot be used is left out.
pub(crate) fn resources(bytes: &[u8]) -> Result<(Vec<Written>, Vec<Faulty>)> {
    if bytes.len() > BYTES_MAX {
        return Err(Error::field("file", "文件超过 20 MB", "the file is larger than 20 MB"));
    }
    let table = zhengtong_tabular::read_all(bytes, ROWS_MAX).map_err(|error| {
        let text = error.text();
        Error::Invalid(vec![FieldError { field: "file".to_owned(), text }])
    })?;
    let places = places(&table.layout.header)?;
    let unread = table.faults.into_iter().map(|fault| {
        let row = usize::try_from(fault.line).unwrap_or(usize::MAX);
        (row, FieldError { field: "file".to_owned(), text: fault.reason })
    });
    let (mut written, mut faults): (_, Vec<Faulty>) = (Vec::new(), unread.collect());
    for group in groups(&table.rows, &places) {
        let mut wrong = Vec::new();
        let one = resource(&group, &mut wrong);
        match (one, wrong.is_empty()) {
            (Some(one), true) => written.push(one),
            _ => faults.extend(wrong),
        }
    }
    Ok((written, faults))
}

/// Where each column stands.
fn places(head: &[String]) -> Result<BTreeMap<&'static str, usize>> {
    let mut places = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, heading, required) in COLUMNS {
        match head.iter().position(|cell| cell.trim() == heading) {
            Some(place) => {
                places.insert(name, place);
            }
            None if required => missing.push(heading),
            None => {}
        }
    }
    if missing.is_empty() {
        return Ok(places);
    }
    let names = missing.join("、");
    Err(Error::field(
        "file",
        format!("缺少这些列：{names}"),
        format!("these columns are missing: {names}"),
    ))
}

/// The cells of one row by the names of columns.
struct Line<'a> {
    row: usize,
    cells: BTreeMap<&'static str, &'a str>,
}

impl<'a> Line<'a> {
    fn get(&self, name: &str) -> &'a str {
        self.cells.get(name).copied().unwrap_or_default()
    }
}

/// Rows that belong to one resource: a row without a title, or with that of the row before, goes on with it.
fn groups<'a>(rows: &'a [Record], places: &BTreeMap<&'static str, usize>) -> Vec<Vec<Line<'a>>> {
    let mut groups: Vec<Vec<Line<'a>>> = Vec::new();
    for record in rows {
        let cells: BTreeMap<&'static str, &str> = places
            .iter()
            .filter_map(|(name, place)| Some((*name, record.get(*place)?.trim())))
            .collect();
        if cells.values().all(|cell| cell.is_empty()) {
            continue;
        }
        let row = usize::try_from(record.line).unwrap_or(usize::MAX);
        let line = Line { row, cells };
        let same = |first: &Line<'_>| {
            line.get("title").is_empty()
                || (line.get("title") == first.get("title")
                    && (line.get("code").is_empty() || line.get("code") == first.get("code")))
        };
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(same) => group.push(line),
            _ => groups.push(vec![line]),
        }
    }
    groups
}

fn resource(group: &[Line<'_>], wrong: &mut Vec<Faulty>) -> Option<Written> {
    let first = group.first()?;
    let row = first.row;
    let mut choice = |name: &'static str, found: bool| {
        if !found {
            let heading =
                COLUMNS.iter().find(|(known, ..)| *known == name).map_or(name, |one| one.1);
            let cell = first.get(name);
            let zh = format!("“{heading}”写的“{cell}”不在可选的说法里");
            let en = format!("`{cell}` is no choice of `{heading}`");
            wrong.push((row, FieldError::new(name, zh, en)));
        }
    };
    let format = Format::parse(first.get("format"));
    choice("format", format.is_some());
    let sharing = parse_sharing(first.get("sharing"));
    choice("sharing", sharing.is_some());
    let way = match first.get("way") {
        "" => Some(Way::Interface),
        way => Way::parse(way),
    };
    choice("way", way.is_some());
    let openness = match first.get("openness") {
        "否" => Some(Openness::None),
        "是" if first.get("open_condition").is_empty() => Some(Openness::Unconditional),
        "是" => Some(Openness::Conditional),
        other => Openness::parse(other),
    };
    choice("openness", openness.is_some());
    let cycle = Cycle::parse(first.get("cycle"));
    choice("cycle", cycle.is_some());
    if first.get("title").is_empty() {
        wrong.push((row, FieldError::new("title", "没有资源名称", "the resource has no name")));
    }
    if first.get("unit").is_empty() {
        let error = FieldError::new("provider", "没有提供方代码", "the resource has no unit");
        wrong.push((row, error));
    }
    let items: Vec<Item> = group.iter().filter_map(|line| item(line, wrong)).collect();
    let kind: Sharing = sharing?;
    let text = |name: &str| first.get(name).to_owned();
    Some(Written {
        row,
        code: Some(text("code")).filter(|code| !code.is_empty()),
        unit: text("unit"),
        body: Body {
            class: text("class"),
            title: Text::same(text("title")),
            summary: Text::same(text("summary")),
            format: format?,
            items,
            sharing: Shared { kind, condition: text("condition"), way: way?, basis: text("basis") },
            openness: Opened { kind: openness?, condition: text("open_condition") },
            cycle: cycle?,
            related: codes(first.get("related")),
            sources: Vec::new(),
            dataset: None,
            system: String::new(),
        },
    })
}

fn item(line: &Line<'_>, wrong: &mut Vec<Faulty>) -> Option<Item> {
    let cells = [line.get("item"), line.get("kind"), line.get("length"), line.get("sensitivity")];
    match item_of(&cells) {
        Ok(item) => Some(item),
        Err(text) => {
            let error = FieldError { field: "items".to_owned(), text };
            wrong.push((line.row, error));
            None
        }
    }
}

/// An information item of its cells: name, kind of value, length, sensitivity, sharing.
pub fn item_of(cells: &[&str]) -> std::result::Result<Item, Text> {
    let cell = |at: usize| cells.get(at).copied().unwrap_or_default().trim();
    let name = cell(0);
    if name.is_empty() {
        return Err(Text::new("信息项没有名称", "an information item has no name"));
    }
    let kind = match cell(1) {
        "" => Some(ItemKind::Text),
        // 字符型C, C 字符型: the name and the letter stand together in many sheets.
        kind => ItemKind::parse(kind)
            .or_else(|| ItemKind::parse(kind.trim_end_matches(|one: char| one.is_ascii())))
            .or_else(|| ItemKind::parse(kind.trim_start_matches(|one: char| one.is_ascii()))),
    };
    let Some(kind) = kind else {
        let kind = cell(1);
        return Err(Text::new(
            format!("“{name}”的数据类型“{kind}”不认识"),
            format!("the kind of value `{kind}` of `{name}` is not known"),
        ));
    };
    let length = match cell(2) {
        "" => None,
        length => Some(length.parse::<u32>().map_err(|error| {
            Text::new(
                format!("“{name}”的长度要写数字，不是“{length}”"),
                format!("the length of `{name}` is a number: {error}"),
            )
        })?),
    };
    let sensitivity = match cell(3) {
        "" => Some(Sensitivity::Internal),
        level => parse_sensitivity(level),
    };
    let Some(sensitivity) = sensitivity else {
        let level = cell(3);
        return Err(Text::new(
            format!("“{name}”的敏感级别“{level}”不认识"),
            format!("the sensitivity `{level}` of `{name}` is not known"),
        ));
    };
    let sharing = match cell(4) {
        "" => None,
        words => Some(parse_sharing(words).ok_or_else(|| {
            Text::new(
                format!("“{name}”的共享类型“{words}”不认识"),
                format!("the kind of sharing `{words}` of `{name}` is not known"),
            )
        })?),
    };
    let name = Text::same(name);
    Ok(Item { name, element: None, kind, length, sensitivity, sharing })
}

/// Codes that stand in one cell.
pub fn codes(cell: &str) -> Vec<String> {
    let parts = cell.split([',', '，', '、', ';', '；', ' ', '\n', '\r', '\t']);
    parts.map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect()
}
