//! Faults that a parser cannot see: words that name nothing, sources that contradict each other, values
//! that break the rules of their own standard. Each finding has a place and, where it can, a suggestion.

mod datasets;
mod lists;

use std::collections::BTreeMap;

use zhengtong_base::Text;
use zhengtong_base::code::validator_names;
use zhengtong_pack::{File, Finding, Packs, Report, Severity};

use crate::model::{ElementKind, ORGANISATION_ID, PERSON_ID};
use crate::part::{DatasetSource, ElementPart, Sources, full};

/// What the checks look names up in.
pub(crate) struct Known<'a> {
    pub(crate) packs: &'a Packs,
    /// Elements with the pack that declares them first.
    pub(crate) elements: BTreeMap<&'a str, (&'a str, &'a ElementPart)>,
    /// Code lists with the pack that declares them first.
    pub(crate) lists: BTreeMap<&'a str, &'a str>,
    /// Standards with the pack that declares them first.
    pub(crate) standards: BTreeMap<&'a str, &'a str>,
    /// Datasets by pack and name.
    pub(crate) datasets: BTreeMap<String, &'a DatasetSource<'a>>,
}

/// Reports everything that is wrong.
pub(crate) fn check(packs: &Packs, sources: &Sources<'_>, report: &mut Report) {
    let known = Known::of(packs, sources);
    let mut seen: BTreeMap<&str, (&str, Option<String>)> = BTreeMap::new();
    for (file, id, part) in &sources.elements {
        let authority = part.authority.as_ref().map(|authority| full(file.pack, authority));
        if let Some((pack, first)) = seen.get(id.as_str()) {
            report.push(twice(file, id, pack, (first.as_deref(), authority.as_deref())));
            continue;
        }
        seen.insert(id, (file.pack, authority));
        element(&known, file, id, part, report);
    }
    lists::check(&known, sources, report);
    for source in &sources.datasets {
        owner(source, report);
        datasets::check(&known, source, report);
    }
}

/// A dataset has a unit that answers for it, named as the city names its units.
fn owner(source: &DatasetSource<'_>, report: &mut Report) {
    let unit = &source.part.authority;
    if unit.split('-').all(is_word) {
        return;
    }
    let zh = format!("authority “{unit}”应是负责单位的简称，如 civil-affairs");
    let en =
        format!("authority `{unit}` should be the short name of a unit, such as civil-affairs");
    report.push(fault(&source.file, &["authority"], zh, en));
}

/// A finding at the last of the anchors, each looked for after the one before.
pub(crate) fn fault(file: &File<'_>, anchors: &[&str], zh: String, en: String) -> Finding {
    let mut offset = 0;
    for anchor in anchors {
        let rest = file.text.get(offset..).unwrap_or_default();
        let Some(found) = rest.find(anchor) else { break };
        offset += found;
    }
    let (line, column) = file.place(offset);
    Finding {
        severity: Severity::Error,
        file: file.full_path(),
        line,
        column,
        text: Text::new(zh, en),
        suggestion: None,
    }
}

/// The same finding as something to look at.
pub(crate) fn warning(finding: Finding) -> Finding {
    Finding { severity: Severity::Warning, ..finding }
}

/// A text in quotes, as it stands in the file.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

impl<'a> Known<'a> {
    fn of(packs: &'a Packs, sources: &'a Sources<'a>) -> Self {
        let mut known = Self {
            packs,
            elements: BTreeMap::new(),
            lists: BTreeMap::new(),
            standards: BTreeMap::new(),
            datasets: BTreeMap::new(),
        };
        for (file, id, part) in &sources.elements {
            known.elements.entry(id).or_insert((file.pack, part));
        }
        for (file, id, _) in &sources.lists {
            known.lists.entry(id).or_insert(file.pack);
        }
        for (file, id, _) in &sources.standards {
            known.standards.entry(id).or_insert(file.pack);
        }
        for source in &sources.datasets {
            known.datasets.insert(full(source.file.pack, source.file.stem()), source);
        }
        known
    }

    /// Reports a standard that nobody declares.
    pub(crate) fn standard(
        &self,
        file: &File<'_>,
        anchors: &[&str],
        standard: Option<&String>,
        report: &mut Report,
    ) {
        let Some(standard) = standard.filter(|id| !self.standards.contains_key(id.as_str())) else {
            return;
        };
        let quote = quoted(standard);
        let anchors: Vec<&str> = anchors.iter().copied().chain([quote.as_str()]).collect();
        let zh = format!("standards.toml 里没有标准 {standard}");
        let en = format!("no standards.toml declares {standard}");
        report
            .push(fault(file, &anchors, zh, en).suggest(standard, self.standards.keys().copied()));
    }

    /// Reports a check rule that does not exist.
    pub(crate) fn rule(file: &File<'_>, anchors: &[&str], check: &str, report: &mut Report) {
        if validator_names().any(|name| name == check) {
            return;
        }
        let quote = quoted(check);
        let anchors: Vec<&str> = anchors.iter().copied().chain([quote.as_str()]).collect();
        let zh = format!("没有校验规则 {check}");
        let en = format!("there is no check rule {check}");
        report.push(fault(file, &anchors, zh, en).suggest(check, validator_names()));
    }
}

fn twice(
    file: &File<'_>,
    id: &str,
    pack: &str,
    (first, second): (Option<&str>, Option<&str>),
) -> Finding {
    let quote = quoted(id);
    let (zh, en) = match (first, second) {
        (Some(first), Some(second)) if first != second => (
            format!("数据元 {id} 有两个来源：{first} 与 {second}。一数只能一源"),
            format!("two datasets claim {id}: {first} and {second}; one element has one source"),
        ),
        _ => (
            format!("数据元 {id} 已由包 {pack} 定义，请直接引用"),
            format!("{id} is declared by pack {pack}; refer to it"),
        ),
    };
    fault(file, &[&quote], zh, en)
}

fn element(known: &Known<'_>, file: &File<'_>, id: &str, part: &ElementPart, report: &mut Report) {
    let quote = quoted(id);
    let at = |inner: &str, zh: String, en: String| fault(file, &[&quote, inner], zh, en);
    if !is_element_name(id) {
        let zh = format!("数据元名 {id} 应像 person.name：小写字母、数字、下划线，用点分开");
        let en =
            format!("{id} should look like person.name: lower-case words with full stops between");
        report.push(at(&quote, zh, en));
    }
    if let Some(check) = &part.check {
        Known::rule(file, &[&quote], check, report);
        let plain = [ElementKind::Boolean, ElementKind::Geometry].contains(&part.kind);
        if part.kind.is_number() || part.kind.is_code() || plain {
            let zh = format!("类型 {} 不能带 check", part.kind.word());
            let en = format!("type {} takes no check", part.kind.word());
            report.push(at("check", zh, en));
        }
    }
    known.standard(file, &[&quote], part.standard.as_ref(), report);
    match (&part.codes, part.kind.is_code()) {
        (None, true) => report.push(at(
            "type",
            "代码类型要写 codes，指明代码表".to_owned(),
            "a code needs codes, the name of its list".to_owned(),
        )),
        (Some(codes), false) => report.push(at(
            "codes",
            format!("只有 code、codes 类型才有代码表 {codes}"),
            format!("only code and codes have a list such as {codes}"),
        )),
        (Some(codes), true) if !known.lists.contains_key(codes.as_str()) => {
            let zh = format!("没有代码表 {codes}");
            let en = format!("there is no code list {codes}");
            report.push(
                fault(file, &[&quote, "codes", &quoted(codes)], zh, en)
                    .suggest(codes, known.lists.keys().copied()),
            );
        }
        _ => {}
    }
    if let Some(shape) = part.shape.filter(|_| part.kind != ElementKind::Geometry) {
        let zh = format!("只有 geometry 类型才写 shape = \"{}\"", shape.word());
        report.push(at(
            "shape",
            zh,
            format!("only a geometry has a shape such as {}", shape.word()),
        ));
    }
    if part.kind == ElementKind::Geometry && (part.min.is_some() || part.max.is_some()) {
        let zh = "geometry 类型没有 min 和 max".to_owned();
        report.push(at("geometry", zh, "a geometry has neither min nor max".to_owned()));
    }
    if part.unit.is_some() && !part.kind.is_number() {
        let zh = "只有数字才有单位".to_owned();
        report.push(at("unit", zh, "only numbers have a unit".to_owned()));
    }
    if let (Some(min), Some(max)) = (part.min, part.max)
        && min > max
    {
        let zh = format!("min {min} 大于 max {max}");
        report.push(at("min", zh, format!("min {min} is more than max {max}")));
    }
    if let Some(authority) = &part.authority {
        source_of(known, (file, id), part, authority, report);
    }
}

fn source_of(
    known: &Known<'_>,
    (file, id): (&File<'_>, &str),
    part: &ElementPart,
    authority: &str,
    report: &mut Report,
) {
    let (quote, inner) = (quoted(id), quoted(authority));
    let anchors = [quote.as_str(), "authority", inner.as_str()];
    let dataset = full(file.pack, authority);
    let Some(source) = known.datasets.get(&dataset) else {
        let zh = format!("来源数据集 {dataset} 不存在");
        let en = format!("there is no dataset {dataset} to take it from");
        let finding = fault(file, &anchors, zh, en);
        let (pack, _) = Packs::resolve(file.pack, authority);
        // The pack of a source may be left out of an installation: its elements are then asked for.
        report.push(if known.packs.get(pack).is_none() && !near(known, &dataset) {
            warning(finding)
        } else {
            finding.suggest(&dataset, known.datasets.keys().map(String::as_str))
        });
        return;
    };
    let holders = source.part.field.values().filter(|field| field.element == id).count();
    if holders != 1 {
        let (zh, en) = if holders == 0 {
            (
                format!("来源数据集 {dataset} 里没有 {id}"),
                format!("dataset {dataset} does not hold {id}"),
            )
        } else {
            (
                format!("来源数据集 {dataset} 有 {holders} 个字段都是 {id}，分不清取哪个"),
                format!("{holders} fields of {dataset} hold {id}; which one counts is unclear"),
            )
        };
        report.push(fault(file, &anchors, zh, en));
    }
    let found_by = |field: &crate::part::FieldPart| {
        [PERSON_ID, ORGANISATION_ID].contains(&field.element.as_str())
    };
    if part.sensitivity.is_masked() && !source.part.field.values().any(found_by) {
        let zh = format!("{dataset} 没有身份证号或统一社会信用代码，不能按人或单位预填");
        let en = format!(
            "{dataset} holds neither {PERSON_ID} nor {ORGANISATION_ID}: nothing can be prefilled"
        );
        report.push(warning(fault(file, &anchors, zh, en)));
    }
}

fn near(known: &Known<'_>, dataset: &str) -> bool {
    zhengtong_pack::nearest(dataset, known.datasets.keys().map(String::as_str)).is_some()
}

fn is_element_name(id: &str) -> bool {
    id.contains('.') && id.len() <= 100 && id.split('.').all(is_word)
}

/// A lower-case word that can be a column and a name in FEEL.
pub(crate) fn is_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
