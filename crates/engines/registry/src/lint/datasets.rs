//! Faults of datasets.

use std::collections::BTreeSet;

use zhengtong_feel::Expr;
use zhengtong_pack::{File, Packs, Report};

use super::{Known, fault, is_word, quoted};
use crate::model::{ElementKind, Sensitivity};
use crate::part::{DatasetSource, ElementPart, FieldPart, RuleKind, RulePart, full};
use crate::store::field_index;

/// The longest name of a table, so that the names of its indexes fit beside it.
const NAME_BYTES_MAX: usize = 50;
/// The longest name of an index in PostgreSQL.
const INDEX_BYTES_MAX: usize = 63;
/// The name by which a rule knows the day of the act.
pub(crate) const TODAY: &str = "today";

/// Checks one dataset.
pub(crate) fn check(known: &Known<'_>, source: &DatasetSource<'_>, report: &mut Report) {
    let DatasetSource { file, part } = source;
    let id = full(file.pack, file.stem());
    if !is_word(file.stem()) || id.len() > NAME_BYTES_MAX {
        let zh = format!(
            "数据集名 {id} 应为小写字母、数字、下划线，连包名不超过 {NAME_BYTES_MAX} 个字节"
        );
        let en = format!(
            "{id} should be lower-case letters, digits and _, at most {NAME_BYTES_MAX} bytes with its pack"
        );
        report.push(fault(file, &[], zh, en));
    }
    if part.key.is_empty() {
        let zh = "key 不能为空：要有能认出一条记录的字段".to_owned();
        report.push(fault(file, &["key"], zh, "key names no field".to_owned()));
    }
    let names: BTreeSet<&str> = part.field.keys().map(String::as_str).collect();
    for key in &part.key {
        key_field(known, source, key, &names, report);
    }
    one_geometry(known, source, report);
    valid_of(known, source, &names, report);
    shown_of(known, source, &names, report);
    quality_of(known, source, &names, report);
    for (name, field) in &part.field {
        if !is_word(name) || name.len() > NAME_BYTES_MAX || name == TODAY {
            let zh = format!("字段名 {name} 应为小写字母、数字、下划线，且不能叫 {TODAY}");
            let en = format!("{name} should be lower-case letters, digits and _, and not {TODAY}");
            report.push(fault(file, &[&format!("field.{name}")], zh, en));
        }
        element_of(known, file, name, field, report);
        if let Some(reference) = &field.references {
            reference_of(known, file, (name, reference), report);
        }
        if let Some(rule) = &field.rule {
            rule_of(file, name, rule, &names, report);
        }
        if field.index {
            index_of(known, file, (&id, name), field, report);
        }
    }
}

/// A record lies in one place: what is asked by a range, and a feature of GeoJSON, have one geometry.
fn one_geometry(known: &Known<'_>, source: &DatasetSource<'_>, report: &mut Report) {
    let DatasetSource { file, part } = source;
    let is_geometry = |field: &FieldPart| {
        let element = known.elements.get(field.element.as_str());
        element.is_some_and(|(_, part)| part.kind == ElementKind::Geometry)
    };
    let mut found = part.field.iter().filter(|(_, field)| is_geometry(field)).map(|(name, _)| name);
    let Some(first) = found.next() else { return };
    for other in found {
        let head = format!("field.{other}");
        let zh = format!("{first} 和 {other} 都是几何；一个数据集最多一个几何字段");
        let en = format!("{first} and {other} are geometries; a dataset has one at most");
        report.push(fault(file, &[&head], zh, en));
    }
}

/// Faults of the fields that say until when a record is shown to the public.
fn shown_of(
    known: &Known<'_>,
    source: &DatasetSource<'_>,
    names: &BTreeSet<&str>,
    report: &mut Report,
) {
    let DatasetSource { file, part } = source;
    let word = "shown_until";
    if !part.shown_until.is_empty() && (!part.open || part.open_past) {
        let zh = "写了 shown_until，数据集要 open = true，并且不写 open_past".to_owned();
        let en = "shown_until needs open = true and no open_past".to_owned();
        report.push(fault(file, &[word], zh, en));
    }
    for name in &part.shown_until {
        let quote = quoted(name);
        let Some(field) = part.field.get(name) else {
            let zh = format!("{word} 写的字段 {name} 没有声明");
            let en = format!("{name}, which {word} names, is not declared");
            let finding = fault(file, &[word, &quote], zh, en);
            report.push(finding.suggest(name, names.iter().copied()));
            continue;
        };
        let element = known.elements.get(field.element.as_str()).map(|(_, part)| part);
        let plain = |element: &ElementPart| {
            element.kind == ElementKind::Date && element.sensitivity < Sensitivity::Sensitive
        };
        if element.is_some_and(|element| !plain(element)) {
            let zh = format!("{word} 要写不加密的日期字段，{name} 不是");
            let en = format!("{word} names a date that does not stand sealed, and {name} is none");
            report.push(fault(file, &[word, &quote], zh, en));
        }
    }
}

/// Faults of the fields that say from when to when a version holds.
fn valid_of(
    known: &Known<'_>,
    source: &DatasetSource<'_>,
    names: &BTreeSet<&str>,
    report: &mut Report,
) {
    let DatasetSource { file, part } = source;
    for (word, name) in [("valid_from", &part.valid_from), ("valid_to", &part.valid_to)] {
        let Some(name) = name else { continue };
        let quote = quoted(name);
        let mut say = |zh: String, en: String| {
            report.push(fault(file, &[word, &quote], zh, en));
        };
        let Some(field) = part.field.get(name) else {
            let zh = format!("{word} 写的字段 {name} 没有声明");
            let en = format!("{name}, which {word} names, is not declared");
            let finding = fault(file, &[word, &quote], zh, en);
            report.push(finding.suggest(name, names.iter().copied()));
            continue;
        };
        let element = known.elements.get(field.element.as_str()).map(|(_, part)| part);
        if element.is_some_and(|element| element.kind != ElementKind::Date) {
            let zh = format!("{word} 要写日期字段，{name} 不是日期");
            say(zh, format!("{word} names a date, and {name} is none"));
        }
        if element.is_some_and(|element| element.sensitivity >= Sensitivity::Sensitive) {
            let zh = format!("{name} 加密存放，不能写成 {word}");
            say(zh, format!("{name} stands sealed, so it cannot be {word}"));
        }
        if part.key.contains(name) {
            let zh = format!("{name} 是主键，换一天就是另一条记录，不能写成 {word}");
            say(zh, format!("{name} is of the key: another day would be another record"));
        }
        if word == "valid_from" && !field.required {
            let zh = format!("valid_from 的字段 {name} 要写 required = true");
            say(zh, format!("{name} tells from when a version holds, so it must be required"));
        }
    }
    if part.valid_to.is_some() && (part.valid_from.is_none() || part.valid_to == part.valid_from) {
        let zh = "写了 valid_to，还要有另一个字段作 valid_from".to_owned();
        let en = "valid_to needs another field as valid_from".to_owned();
        report.push(fault(file, &["valid_to"], zh, en));
    }
    if part.open_past && !part.open {
        let zh = "写了 open_past，数据集本身也要 open = true".to_owned();
        let en = "open_past needs a dataset that is open".to_owned();
        report.push(fault(file, &["open_past"], zh, en));
    }
}

/// Faults of the rules of quality.
fn quality_of(
    known: &Known<'_>,
    source: &DatasetSource<'_>,
    names: &BTreeSet<&str>,
    report: &mut Report,
) {
    let DatasetSource { file, part } = source;
    let mut seen = BTreeSet::new();
    for rule in &part.rule {
        let quote = quoted(&rule.id);
        let anchors = ["[[rule]]", quote.as_str()];
        if !seen.insert(&rule.id) {
            let zh = format!("规则 {} 写了两次", rule.id);
            report.push(fault(file, &anchors, zh, format!("there are two rules {}", rule.id)));
        }
        if let Some(field) = rule.field.as_ref().filter(|field| !names.contains(field.as_str())) {
            let zh = format!("规则 {} 的字段 {field} 没有声明", rule.id);
            let en = format!("{field} of rule {} is not declared", rule.id);
            report.push(fault(file, &anchors, zh, en).suggest(field, names.iter().copied()));
        }
        let missing = match rule.kind {
            RuleKind::Required | RuleKind::Unique => rule.field.is_none().then_some("field"),
            RuleKind::Pattern => {
                (rule.field.is_none() || rule.pattern.is_none()).then_some("field, pattern")
            }
            RuleKind::Range => {
                let bounds = rule.min.is_some() || rule.max.is_some();
                (rule.field.is_none() || !bounds).then_some("field, min, max")
            }
            RuleKind::Feel => rule.expr.is_none().then_some("expr"),
            RuleKind::Freshness => rule.days.is_none().then_some("days"),
            RuleKind::RowCount => (rule.min.is_none() && rule.max.is_none()).then_some("min, max"),
            RuleKind::InForce => {
                (rule.field.is_none() || rule.last_day.is_none()).then_some("field, last_day")
            }
        };
        if let Some(missing) = missing {
            let zh = format!("规则 {} 要写 {missing}", rule.id);
            report.push(fault(file, &anchors, zh, format!("rule {} needs {missing}", rule.id)));
        }
        in_force_of(known, source, rule, report);
        if let Some(Err(error)) = rule.pattern.as_ref().map(|text| regex_lite::Regex::new(text)) {
            let zh = format!("规则 {} 的格式读不懂：{error}", rule.id);
            report.push(fault(
                file,
                &anchors,
                zh,
                format!("the pattern of {} is broken: {error}", rule.id),
            ));
        }
        if let Some(Err(error)) = rule.expr.as_ref().map(|text| Expr::parse(text)) {
            let zh = format!("规则 {} 读不懂：{error}", rule.id);
            report.push(fault(
                file,
                &anchors,
                zh,
                format!("rule {} does not parse: {error}", rule.id),
            ));
        }
    }
}

/// Whether what a rule `in_force` refers to has a last day that the one scan can see.
fn in_force_of(
    known: &Known<'_>,
    source: &DatasetSource<'_>,
    rule: &RulePart,
    report: &mut Report,
) {
    let file = &source.file;
    let (Some(name), Some(last_day)) = (&rule.field, &rule.last_day) else { return };
    let Some(field) = source.part.field.get(name).filter(|_| rule.kind == RuleKind::InForce) else {
        return;
    };
    let quote = quoted(&rule.id);
    let mut say = |zh: String, en: String| {
        report.push(fault(file, &["[[rule]]", &quote], zh, en));
    };
    let Some(reference) = &field.references else {
        let zh = format!("规则 {} 的字段 {name} 没有写 references", rule.id);
        return say(zh, format!("{name} of rule {} refers to nothing", rule.id));
    };
    let id = full(file.pack, reference);
    // A reference to nothing is told where the field stands.
    let Some(target) = known.datasets.get(&id) else { return };
    let plain = |field: Option<&FieldPart>| {
        let (_, part) = known.elements.get(field?.element.as_str())?;
        (part.sensitivity < Sensitivity::Sensitive).then_some(part.kind)
    };
    if plain(target.part.field.get(last_day)) != Some(ElementKind::Date) {
        let zh = format!("规则 {} 的 last_day 要写 {id} 的一个日期字段", rule.id);
        return say(zh, format!("last_day of rule {} names no date of {id}", rule.id));
    }
    let key = target.part.key.first().and_then(|key| target.part.field.get(key));
    if plain(key).is_none() || plain(Some(field)).is_none() {
        let zh = format!("{id} 的主键加密存放，规则 {} 查不了", rule.id);
        say(zh, format!("the key of {id} stands sealed, so rule {} cannot look", rule.id));
    }
}

fn key_field(
    known: &Known<'_>,
    source: &DatasetSource<'_>,
    key: &str,
    names: &BTreeSet<&str>,
    report: &mut Report,
) {
    let (file, quote) = (&source.file, quoted(key));
    let Some(field) = source.part.field.get(key) else {
        let zh = format!("主键字段 {key} 没有声明");
        let en = format!("key field {key} is not declared");
        report.push(fault(file, &["key", &quote], zh, en).suggest(key, names.iter().copied()));
        return;
    };
    let kind = known.elements.get(field.element.as_str()).map(|(_, part)| part.kind);
    if let Some(
        kind @ (ElementKind::Codes
        | ElementKind::LongText
        | ElementKind::File
        | ElementKind::Geometry),
    ) = kind
    {
        let zh = format!("主键字段 {key} 的类型 {} 不能作主键", kind.word());
        let en = format!("{key} is of type {}, which cannot be a key", kind.word());
        report.push(fault(file, &["key", &quote], zh, en));
    }
}

fn element_of(
    known: &Known<'_>,
    file: &File<'_>,
    name: &str,
    field: &FieldPart,
    report: &mut Report,
) {
    let (head, quote) = (format!("field.{name}"), quoted(&field.element));
    let anchors = [head.as_str(), quote.as_str()];
    match known.elements.get(field.element.as_str()) {
        None => {
            let zh = format!("没有数据元 {}", field.element);
            let en = format!("there is no element {}", field.element);
            let words = known.elements.keys().copied();
            report.push(fault(file, &anchors, zh, en).suggest(&field.element, words));
        }
        Some((pack, _)) if !known.packs.may_refer(file.pack, pack) => {
            let zh = format!("数据元 {} 属于包 {pack}，请写进 needs", field.element);
            let en = format!("{} belongs to pack {pack}; name it in needs", field.element);
            report.push(fault(file, &anchors, zh, en));
        }
        Some(_) => {}
    }
}

/// An index is for values that stand plain and are short, and its name has room for so many bytes.
fn index_of(
    known: &Known<'_>,
    file: &File<'_>,
    (id, name): (&str, &str),
    field: &FieldPart,
    report: &mut Report,
) {
    let head = format!("field.{name}");
    let anchors = [head.as_str(), "index"];
    let unfit = known.elements.get(field.element.as_str()).is_some_and(|(_, part)| {
        part.sensitivity == Sensitivity::Sensitive
            || matches!(
                part.kind,
                ElementKind::Codes
                    | ElementKind::LongText
                    | ElementKind::File
                    | ElementKind::Geometry
            )
    });
    if unfit {
        let zh = format!("字段 {name} 加密存放，或者是长文本、多选、附件、几何，不能写 index");
        let en = format!(
            "{name} stands sealed, or is a long text, codes, a file or a geometry, which has its own: no index"
        );
        report.push(fault(file, &anchors, zh, en));
    }
    let bytes = field_index(id, name).len();
    if bytes > INDEX_BYTES_MAX {
        let zh = format!("数据集名加字段名 {bytes} 个字节，要建索引最多 {INDEX_BYTES_MAX} 个");
        let en = format!(
            "the names of dataset and field have {bytes} bytes; with an index at most {INDEX_BYTES_MAX}"
        );
        report.push(fault(file, &anchors, zh, en));
    }
}

fn reference_of(
    known: &Known<'_>,
    file: &File<'_>,
    (name, reference): (&str, &str),
    report: &mut Report,
) {
    let (head, quote) = (format!("field.{name}"), quoted(reference));
    let anchors = [head.as_str(), "references", quote.as_str()];
    let id = full(file.pack, reference);
    let Some(target) = known.datasets.get(&id) else {
        let zh = format!("references 指向的数据集 {id} 不存在");
        let en = format!("there is no dataset {id} to refer to");
        let words = known.datasets.keys().map(String::as_str);
        report.push(fault(file, &anchors, zh, en).suggest(&id, words));
        return;
    };
    let (pack, _) = Packs::resolve(file.pack, reference);
    if !known.packs.may_refer(file.pack, pack) {
        let zh = format!("数据集 {id} 属于包 {pack}，请写进 needs");
        let en = format!("{id} belongs to pack {pack}; name it in needs");
        report.push(fault(file, &anchors, zh, en));
    }
    if target.part.key.len() != 1 {
        let zh = format!("{id} 的主键不是一个字段，不能引用");
        let en = format!("the key of {id} is not one field, so nothing can refer to it");
        report.push(fault(file, &anchors, zh, en));
    }
}

fn rule_of(file: &File<'_>, name: &str, rule: &str, names: &BTreeSet<&str>, report: &mut Report) {
    let head = format!("field.{name}");
    let anchors = [head.as_str(), "rule"];
    let expr = match Expr::parse(rule) {
        Ok(expr) => expr,
        Err(error) => {
            let zh = format!("规则读不懂：{error}");
            report.push(fault(file, &anchors, zh, format!("the rule does not parse: {error}")));
            return;
        }
    };
    for unknown in
        expr.names().iter().filter(|word| !names.contains(word.as_str()) && *word != TODAY)
    {
        let zh = format!("规则里的 {unknown} 不是本数据集的字段");
        let en = format!("{unknown} in the rule is no field of this dataset");
        let words = names.iter().copied().chain([TODAY]);
        report.push(fault(file, &anchors, zh, en).suggest(unknown, words));
    }
}
