//! Faults of code lists and standards.

use std::collections::BTreeMap;

use time::Date;
use zhengtong_base::code::validator;
use zhengtong_pack::{File, Report};

use super::{Known, fault, quoted};
use crate::part::{EntryPart, ListPart, Sources, StandardPart};

/// Checks all lists and standards.
pub(crate) fn check(known: &Known<'_>, sources: &Sources<'_>, report: &mut Report) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, id, part) in &sources.lists {
        if let Some(pack) = seen.insert(id, file.pack) {
            let zh = format!("代码表 {id} 已由包 {pack} 定义");
            let en = format!("list {id} is declared by pack {pack}");
            report.push(fault(file, &[&format!("list.{id}")], zh, en));
        }
        list(known, file, id, part, report);
    }
    seen.clear();
    for (file, id, part) in &sources.standards {
        if let Some(pack) = seen.insert(id, file.pack) {
            let zh = format!("标准 {id} 已由包 {pack} 登记");
            let en = format!("standard {id} is declared by pack {pack}");
            report.push(fault(file, &[&quoted(id)], zh, en));
        }
        standard(known, file, id, part, report);
    }
}

fn list(known: &Known<'_>, file: &File<'_>, id: &str, part: &ListPart, report: &mut Report) {
    let head = format!("[list.{id}]");
    let body = format!("[[list.{id}.entry]]");
    known.standard(file, &[&head], part.standard.as_ref(), report);
    if part.entry.is_empty() {
        let zh = format!("代码表 {id} 没有代码");
        report.push(fault(file, &[&head], zh, format!("list {id} holds no code")));
    }
    let days = |entry: &EntryPart| {
        (entry.valid_from.unwrap_or(part.valid_from), entry.valid_to.unwrap_or(Date::MAX))
    };
    let mut held: BTreeMap<&str, Vec<(Date, Date)>> = BTreeMap::new();
    for entry in &part.entry {
        let (from, to) = days(entry);
        let code = quoted(&entry.code);
        let anchors = [head.as_str(), body.as_str(), code.as_str()];
        if from > to {
            let zh = format!("代码 {} 的失效日早于生效日", entry.code);
            let en = format!("code {} ends before it begins", entry.code);
            report.push(fault(file, &anchors, zh, en));
        }
        let others = held.entry(&entry.code).or_default();
        if others.iter().any(|(start, end)| from <= *end && *start <= to) {
            let zh = format!("代码 {} 在同一天有两个名称", entry.code);
            let en = format!("code {} has two names on one day", entry.code);
            report.push(fault(file, &anchors, zh, en));
        }
        others.push((from, to));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
        if entry.code.is_empty() || entry.code.len() > 50 || !entry.code.chars().all(plain) {
            let zh = format!("代码 {} 只能用字母、数字和 - _ .", entry.code);
            let en = format!("code {} may hold only letters, digits and - _ .", entry.code);
            report.push(fault(file, &anchors, zh, en));
        }
    }
}

fn standard(
    known: &Known<'_>,
    file: &File<'_>,
    id: &str,
    part: &StandardPart,
    report: &mut Report,
) {
    let head = quoted(id);
    let at = |inner: &str, zh: String, en: String| fault(file, &[&head, inner], zh, en);
    for name in &part.checks {
        Known::rule(file, &[&head, "checks"], name, report);
    }
    if part.replaced.is_some_and(|day| day <= part.in_force) {
        let zh = format!("{id} 的废止日不晚于实施日");
        report.push(at("replaced", zh, format!("{id} is replaced before it is in force")));
    }
    if let Some(next) = &part.replaced_by {
        known.standard(file, &[&head, "replaced_by"], Some(next), report);
        if part.replaced.is_none() {
            let zh = format!("{id} 写了 replaced_by，还要写 replaced 日期");
            let en = format!("{id} names replaced_by and no day in replaced");
            report.push(at("replaced_by", zh, en));
        }
    }
    if !part.vector.is_empty() && part.checks.is_empty() {
        let zh = format!("{id} 有样本却没有 checks");
        report.push(at("vector", zh, format!("{id} has vectors and no checks")));
    }
    for vector in &part.vector {
        // The last day there is: whether a birth date lies ahead is no question of the standard.
        let mut rules = part.checks.iter().filter_map(|name| validator(name));
        let passes = rules.all(|rule| rule(&vector.value, Date::MAX).is_ok());
        if passes != vector.valid && !part.checks.is_empty() {
            let (zh, en) = if vector.valid {
                ("应通过校验，实际没有通过", "should pass and does not")
            } else {
                ("应不通过校验，实际通过了", "should fail and passes")
            };
            let zh = format!("{id} 的样本 {} {zh}", vector.value);
            let en = format!("{} of {id} {en}", vector.value);
            report.push(at(&quoted(&vector.value), zh, en));
        }
    }
}
