//! The rules by which a dataset is judged: what its fields declare already, and the `[[rule]]`s of its file.

use zhengtong_base::Text;
use zhengtong_feel::Expr;

use crate::model::{Catalog, Dataset, ElementKind, Field, Update};
use crate::part::{RuleKind, RulePart};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Whether what must be there is there.
    Completeness,
    /// Whether it fits its type, its list, other fields and other datasets.
    Consistency,
    /// Whether it is as new as it should be.
    Timeliness,
}

/// What must hold.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Required,
    Unique,
    /// The codes that were ever in the list.
    Code(Vec<String>),
    /// The geometry is as it must be, by PostGIS.
    Geometry,
    Pattern(String),
    Range(Option<i64>, Option<i64>),
    /// The check rule of the element.
    Check(String),
    Feel(Expr),
    /// The dataset that must hold it.
    Reference(String),
    /// Days within which something must have come.
    Freshness(u32),
    RowCount(Option<i64>, Option<i64>),
    /// The dataset that it refers to, its field with the last day, and how many days ahead are looked at.
    InForce(String, String, u32),
}

/// A rule of a dataset.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name within the dataset.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// The field that it is about.
    pub field: Option<String>,
    /// What it looks at.
    pub aspect: Aspect,
    pub(crate) test: Test,
}

impl Rule {
    fn new(id: String, field: Option<&Field>, test: Test, words: (&str, &str)) -> Self {
        let aspect = match test {
            Test::Required | Test::RowCount(..) => Aspect::Completeness,
            Test::Freshness(_) => Aspect::Timeliness,
            _ => Aspect::Consistency,
        };
        let title = match field {
            Some(field) => Text::new(
                format!("{}：{}", field.title.zh, words.0),
                format!("{}: {}", field.title.en, words.1),
            ),
            None => Text::new(words.0, words.1),
        };
        Self { id, title, field: field.map(|field| field.name.clone()), aspect, test }
    }

    /// Whether it is about the dataset as a whole, so that no record breaks it.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.test, Test::Freshness(_) | Test::RowCount(..))
    }
}

/// All rules of a dataset.
pub(crate) fn rules(catalog: &Catalog, dataset: &Dataset) -> Vec<Rule> {
    let mut rules = Vec::new();
    for field in &dataset.fields {
        of_field(catalog, dataset, field, &mut rules);
    }
    let days = match dataset.update {
        Update::Realtime => None,
        Update::Daily => Some(2),
        Update::Monthly => Some(35),
        Update::Yearly => Some(400),
    };
    let declared = |test: fn(&RulePart) -> bool| dataset.rules.iter().any(test);
    if let Some(days) = days.filter(|_| !declared(|rule| rule.kind == RuleKind::Freshness)) {
        rules.push(freshness("freshness", days));
    }
    rules.extend(dataset.rules.iter().filter_map(|part| of_part(dataset, part)));
    rules
}

fn freshness(id: &str, days: u32) -> Rule {
    let (zh, en) = (format!("{days} 天内有更新"), format!("something came within {days} days"));
    Rule::new(id.to_owned(), None, Test::Freshness(days), (&zh, &en))
}

fn of_field(catalog: &Catalog, dataset: &Dataset, field: &Field, rules: &mut Vec<Rule>) {
    let Some(element) = catalog.element(&field.element) else { return };
    let mut add = |word: &str, test: Test, words: (&str, &str)| {
        rules.push(Rule::new(format!("{}.{word}", field.name), Some(field), test, words));
    };
    // The table itself refuses a key without a value.
    if field.required && !dataset.key.contains(&field.name) {
        add("required", Test::Required, ("不能为空", "is there"));
    }
    if let Some(check) = &element.check {
        add("check", Test::Check(check.clone()), ("符合编码规则", "passes its check rule"));
    }
    if element.kind == ElementKind::Geometry {
        add("geometry", Test::Geometry, ("几何有效", "is a valid geometry"));
    }
    let list = element.codes.as_ref().and_then(|codes| catalog.lists.get(codes));
    if let Some(list) =
        list.filter(|_| matches!(element.kind, ElementKind::Code | ElementKind::Codes))
    {
        let codes = list.entries.iter().map(|entry| entry.code.clone()).collect();
        add("code", Test::Code(codes), ("在代码表里", "stands in the code list"));
    }
    if let Some(target) = field.references.as_ref().and_then(|id| catalog.dataset(id)) {
        let (zh, en) =
            (format!("在“{}”里", target.title.zh), format!("is in “{}”", target.title.en));
        add("reference", Test::Reference(target.id.clone()), (&zh, &en));
    }
    if let Some(rule) = &field.rule {
        let (zh, en) = (format!("符合 {}", rule.source()), format!("{} holds", rule.source()));
        add("rule", Test::Feel(rule.clone()), (&zh, &en));
    }
}

fn of_part(dataset: &Dataset, part: &RulePart) -> Option<Rule> {
    let field = part.field.as_ref().and_then(|name| dataset.field(name));
    let (test, words) = match part.kind {
        RuleKind::Required => (Test::Required, ("不能为空", "is there")),
        RuleKind::Unique => (Test::Unique, ("不重复", "occurs once")),
        RuleKind::Pattern => (Test::Pattern(part.pattern.clone()?), ("符合格式", "has its form")),
        RuleKind::Range => (Test::Range(part.min, part.max), ("在范围内", "is within its bounds")),
        RuleKind::Feel => {
            let expr = Expr::parse(part.expr.as_deref()?).ok()?;
            (Test::Feel(expr), ("符合规则", "the rule holds"))
        }
        RuleKind::Freshness => (Test::Freshness(part.days?), ("按时更新", "is up to date")),
        RuleKind::RowCount => {
            (Test::RowCount(part.min, part.max), ("记录数合理", "has as many records as expected"))
        }
        RuleKind::InForce => {
            let (target, last_day) = (field?.references.clone()?, part.last_day.clone()?);
            let test = Test::InForce(target, last_day, part.days.unwrap_or(0));
            (test, ("引用的仍然有效", "what it refers to is in force"))
        }
    };
    let mut rule = Rule::new(part.id.clone(), field, test, words);
    if let Some(title) = &part.title {
        rule.title = title.clone();
    }
    Some(rule)
}
