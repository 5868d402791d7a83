//! The rules of the house: data elements, and the standards and code lists in force on a day.

use axum::extract::Path;
use serde::Serialize;
use time::Date;
use utoipa::ToSchema;
use zhengtong_base::Kind;
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, Fault, Visit};
use zhengtong_registry::{Catalog, CodeEntry, CodeList, Element, Standard};

use crate::answer::{Listing, Words, iso, json};
use crate::asked::Asked;

/// Characters of a search for elements.
const WORDS_CHARS: usize = 100;

/// 标准 / A standard.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandardLine {
    /// 标准号 / The number with the year.
    number: String,
    /// 名称 / Its title.
    title: Words,
    /// 种类 / What kind of standard it is.
    kind: String,
    /// 实施日期 / The day on which it came into force.
    in_force: String,
    /// 被代替的日期 / The day on which another took its place.
    replaced: Option<String>,
    /// 代替它的标准 / The standard that took its place.
    replaced_by: Option<String>,
    /// 出处 / Where the facts come from.
    source: Words,
    /// 是否已与标准文本核对 / Whether the facts were compared with its text.
    verified: bool,
    /// 由哪些校验规则落实 / The check rules that carry it out.
    checks: Vec<String>,
    /// 所问的那天是否现行 / Whether it is in force on the day that was asked for.
    current: bool,
}

/// 数据元 / A data element.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ElementLine {
    /// 名称，如 person.name / Its name, such as person.name.
    id: String,
    /// 标题 / What people call it.
    title: Words,
    /// 类型 / Its type.
    kind: &'static str,
    /// 最长、最大或最多 / The most characters, the largest number, or the most codes.
    max: Option<i64>,
    /// 最短、最小或最少 / The fewest characters, the smallest number, or the fewest codes.
    min: Option<i64>,
    /// 计量单位 / The unit of a number.
    unit: Option<Words>,
    /// 代码表 / The code list.
    codes: Option<String>,
    /// 校验规则 / The check rule of the code.
    check: Option<String>,
    /// 敏感级别：public、internal、personal、sensitive / How carefully it is to be handled.
    sensitivity: &'static str,
    /// 权威来源：以哪个数据集为准 / The dataset whose value counts.
    authority: Option<String>,
    /// 依据的标准 / The standard that defines it.
    standard: Option<String>,
    /// 用到它的数据集和字段 / The datasets and fields that hold it.
    fields: Vec<String>,
}

/// 代码表 / A code list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeTable {
    /// 名称 / Its name.
    id: String,
    /// 标题 / What people call it.
    title: Words,
    /// 依据的标准 / The standard that defines it.
    standard: Option<String>,
    /// 是否已与标准文本核对 / Whether the entries were compared with the standard.
    verified: bool,
    /// 所问的那天 / The day that was asked for.
    on: String,
    /// 那天有效的代码 / The codes that hold on that day.
    codes: Listing<CodeLine>,
}

/// 代码 / A code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CodeLine {
    /// 代码 / The code.
    code: String,
    /// 名称 / Its name.
    name: Words,
    /// 从哪天起有效 / The first day on which it holds.
    valid_from: String,
    /// 最后一天 / The last day on which it holds.
    valid_to: Option<String>,
}

#[utoipa::path(
    get, path = "/api/v1/standards", operation_id = "standards", tag = "rules",
    summary = "采用的标准 / Standards",
    description = "本市采用的标准，以及它们在某一天是否现行。 / The standards the city works by, and whether each is in force on a day.",
    params(
        ("on" = Option<String>, Query, format = Date, description = "哪一天，默认今天，如 2026-11-21 / The day, today when absent"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "页码，从 1 起 / The page, from 1"),
    ),
    responses((status = 200, description = "标准，按标准号 / Standards by number", body = Listing<StandardLine>)),
)]
pub(crate) async fn standards(visit: Visit, asked: Asked) -> Answer {
    let asked = asked.only(&["on", "page"])?;
    let (day, page) = (asked.day("on", today(&visit))?, asked.page()?);
    let catalog = visit.app.db.defs::<Catalog>()?;
    let all: Vec<&Standard> = catalog.standards.values().collect();
    Ok(json(&Listing::of(&all, page, |one| standard(one, day))))
}

#[utoipa::path(
    get, path = "/api/v1/elements", operation_id = "elements", tag = "rules",
    summary = "数据元词典 / The dictionary of data elements",
    description = "全市统一的数据元：名称、类型、代码表、校验、敏感级别、以哪个数据集为准、哪些字段用到它。 / Data elements, each defined once for the city: type, code list, check, sensitivity, the dataset that counts, the fields that hold it.",
    params(
        ("q" = Option<String>, Query, max_length = 100, pattern = "^[^\\x00]*$", description = "名称或标题里的字 / A part of the name or the title"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "页码，从 1 起 / The page, from 1"),
    ),
    responses((status = 200, description = "数据元，按名称 / Elements by name", body = Listing<ElementLine>)),
)]
pub(crate) async fn elements(visit: Visit, asked: Asked) -> Answer {
    let asked = asked.only(&["q", "page"])?;
    let (words, page) = (asked.text("q", WORDS_CHARS)?.trim().to_lowercase(), asked.page()?);
    let catalog = visit.app.db.defs::<Catalog>()?;
    let meant = |one: &&Element| {
        let names = [&one.id, &one.title.zh, &one.title.en];
        names.into_iter().any(|name| name.to_lowercase().contains(&words))
    };
    let all: Vec<&Element> = catalog.elements.values().filter(meant).collect();
    Ok(json(&Listing::of(&all, page, |one| element(&catalog, one))))
}

#[utoipa::path(
    get, path = "/api/v1/codes/{list}", operation_id = "codes", tag = "rules",
    summary = "代码表 / A code list",
    description = "某一天有效的代码。 / The codes that hold on a day.",
    params(
        ("list" = String, Path, description = "代码表的名称，如 sex / The name of the list, such as sex"),
        ("on" = Option<String>, Query, format = Date, description = "哪一天，默认今天，如 2026-11-21 / The day, today when absent"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 10000, description = "页码，从 1 起 / The page, from 1"),
    ),
    responses((status = 200, description = "代码表 / The code list", body = CodeTable)),
)]
pub(crate) async fn codes(visit: Visit, Path(list): Path<String>, asked: Asked) -> Answer {
    let asked = asked.only(&["on", "page"])?;
    let (day, page) = (asked.day("on", today(&visit))?, asked.page()?);
    let catalog = visit.app.db.defs::<Catalog>()?;
    let list = catalog.lists.get(&list).ok_or_else(|| {
        Fault::new(Kind::NotFound, "没有这个代码表", "there is no such code list")
    })?;
    Ok(json(&table(list, day, page)))
}

fn element(catalog: &Catalog, one: &Element) -> ElementLine {
    let of = |dataset: &zhengtong_registry::Dataset| {
        let held = dataset.fields.iter().filter(|field| field.element == one.id);
        held.map(|field| format!("{}.{}", dataset.id, field.name)).collect::<Vec<_>>()
    };
    ElementLine {
        id: one.id.clone(),
        title: (&one.title).into(),
        kind: one.kind.word(),
        max: one.max,
        min: one.min,
        unit: one.unit.as_ref().map(Into::into),
        codes: one.codes.clone(),
        check: one.check.clone(),
        sensitivity: one.sensitivity.word(),
        authority: one.authority.clone(),
        standard: one.standard.clone(),
        fields: catalog.datasets.values().flat_map(of).collect(),
    }
}

fn today(visit: &Visit) -> Date {
    china_date(visit.app.db.clock().now())
}

fn standard(one: &Standard, day: Date) -> StandardLine {
    StandardLine {
        number: one.id.clone(),
        title: (&one.title).into(),
        kind: one.kind.clone(),
        in_force: iso(one.in_force),
        replaced: one.replaced.map(iso),
        replaced_by: one.replaced_by.clone(),
        source: (&one.source).into(),
        verified: one.verified,
        checks: one.checks.clone(),
        current: one.in_force <= day && one.replaced.is_none_or(|replaced| day < replaced),
    }
}

fn table(list: &CodeList, day: Date, page: u32) -> CodeTable {
    let holds = |entry: &&CodeEntry| {
        entry.valid_from <= day && entry.valid_to.is_none_or(|last| day <= last)
    };
    let all: Vec<&CodeEntry> = list.entries.iter().filter(holds).collect();
    CodeTable {
        id: list.id.clone(),
        title: (&list.title).into(),
        standard: list.standard.clone(),
        verified: list.verified,
        on: iso(day),
        codes: Listing::of(&all, page, |entry| CodeLine {
            code: entry.code.clone(),
            name: (&entry.name).into(),
            valid_from: iso(entry.valid_from),
            valid_to: entry.valid_to.map(iso),
        }),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;
    use zhengtong_base::Text;

    use super::*;

    #[test]
    fn a_standard_is_in_force_until_another_takes_its_place() {
        let one = Standard {
            id: "GB 3095-2012".to_owned(),
            pack: "house".to_owned(),
            title: Text::default(),
            kind: "national-mandatory".to_owned(),
            in_force: date!(2016 - 01 - 01),
            replaced: Some(date!(2026 - 03 - 01)),
            replaced_by: Some("GB 3095-2026".to_owned()),
            source: Text::default(),
            verified: true,
            checks: Vec::new(),
            vectors: Vec::new(),
        };
        let rows = [
            (date!(2015 - 12 - 31), false),
            (date!(2016 - 01 - 01), true),
            (date!(2026 - 02 - 28), true),
            (date!(2026 - 03 - 01), false),
        ];
        for (day, expected) in rows {
            assert_eq!(standard(&one, day).current, expected, "{day}");
        }
    }
}
