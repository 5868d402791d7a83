//! What must hold of a whole form: no key twice, and conditions only over what was asked before.

use std::collections::BTreeSet;

use zhengtong_base::Text;
use zhengtong_feel::Expr;
use zhengtong_pack::{File, Report};

use crate::model::Form;

/// Pages of one form.
const PAGES_MAX: usize = 60;
/// Fields of one page.
const FIELDS_MAX: usize = 30;
/// The civil date on which answers are checked, for rules.
pub(crate) const TODAY: &str = "today";

pub(crate) fn check(file: &File<'_>, form: &Form, report: &mut Report) {
    let mut error = |place: &str, zh: String, en: String| {
        report.push(file.error_at(&format!("\"{place}\""), Text::new(zh, en)));
    };
    if form.pages.is_empty() || form.pages.len() > PAGES_MAX {
        let zh = format!("表单要有 1 到 {PAGES_MAX} 页");
        error(&form.title.zh, zh, format!("a form has 1 to {PAGES_MAX} pages"));
    }
    let mut keys: BTreeSet<&str> = BTreeSet::from([TODAY]);
    let mut pages: BTreeSet<&str> = BTreeSet::new();
    for page in &form.pages {
        if page.fields.is_empty() || page.fields.len() > FIELDS_MAX {
            let zh = format!("页面 {} 要有 1 到 {FIELDS_MAX} 个字段", page.id);
            error(&page.id, zh, format!("page {} has 1 to {FIELDS_MAX} fields", page.id));
        }
        if !pages.insert(&page.id) {
            let zh = format!("页面 {} 写了两次", page.id);
            error(&page.id, zh, format!("page {} stands twice", page.id));
        }
        let names = page.repeat.iter().map(|_| page.id.as_str());
        for key in page.fields.iter().map(|field| field.key.as_str()).chain(names) {
            if !keys.insert(key) {
                let zh = format!("答案名称 {key} 重复。同一数据元问两次时，用 as 另取名称");
                let en =
                    format!("{key} is the key of two answers; `as` gives one of them another name");
                let place = form
                    .field(key)
                    .and_then(|(_, field)| field.element.as_deref())
                    .filter(|element| file.text.contains(&format!("\"{element}\"")))
                    .unwrap_or(key);
                error(place, zh, en);
            }
        }
    }
    conditions(file, form, report);
}

fn conditions(file: &File<'_>, form: &Form, report: &mut Report) {
    let all: BTreeSet<&str> = form
        .pages
        .iter()
        .flat_map(|page| {
            let names = page.repeat.iter().map(|_| page.id.as_str());
            page.fields.iter().map(|field| field.key.as_str()).chain(names)
        })
        .collect();
    let mut check = |expr: &Expr, known: &BTreeSet<&str>| {
        for name in expr.names() {
            if known.contains(name.as_str()) {
                continue;
            }
            let text = if all.contains(name.as_str()) {
                Text::new(
                    format!("{name} 在这里还没有问到，条件只能用前面的答案"),
                    format!("{name} is asked later; a condition takes earlier answers only"),
                )
            } else {
                Text::new(
                    format!("没有名为 {name} 的答案"),
                    format!("there is no answer named {name}"),
                )
            };
            report.push(file.error_at(expr.source(), text).suggest(&name, known.iter().copied()));
        }
    };
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for page in &form.pages {
        if let Some(expr) = &page.show_if {
            check(expr, &before);
        }
        let mut here = before.clone();
        for field in &page.fields {
            if let Some(expr) = &field.show_if {
                check(expr, &here);
            }
            here.insert(&field.key);
        }
        here.insert(TODAY);
        for rule in page.fields.iter().flat_map(|field| &field.rules) {
            check(&rule.holds, &here);
        }
        if page.repeat.is_some() {
            before.insert(&page.id);
        } else {
            before.extend(page.fields.iter().map(|field| field.key.as_str()));
        }
    }
}
