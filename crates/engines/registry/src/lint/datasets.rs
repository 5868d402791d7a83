//! Faults of datasets.

use std::collections::BTreeSet;

use zhengtong_feel::Expr;
use zhengtong_pack::{File, Packs, Report};

use super::{Known, fault, is_word, quoted};
use crate::model::ElementKind;
use crate::part::{DatasetSource, FieldPart, full};

/// The longest name of a table, so that the names of its indexes fit beside it.
const NAME_BYTES_MAX: usize = 50;
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
    if let Some(kind @ (ElementKind::Codes | ElementKind::LongText | ElementKind::File)) = kind {
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
