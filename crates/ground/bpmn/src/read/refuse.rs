//! Findings of the reader, and the rule for attributes: known, fixed to a value, ours, or refused.

use super::Reading;
use crate::error::{Finding, Level};
use crate::xml::{Element, Space};

/// Which attributes an element may have.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    /// Understood.
    pub(super) known: &'a [&'a str],
    /// Understood only with one of these values.
    pub(super) fixed: &'a [(&'a str, &'a [&'a str])],
    /// Ours.
    pub(super) zt: &'a [&'a str],
}

impl Reading {
    /// Refuses every attribute that is not understood.
    pub(super) fn attributes(&mut self, element: &Element, rules: &Attributes<'_>) {
        for attribute in &element.attributes {
            let name = attribute.name.as_str();
            match attribute.space {
                Space::None if rules.known.contains(&name) => {}
                Space::None => {
                    let fixed = rules.fixed.iter().find(|(fixed, _)| *fixed == name);
                    if !fixed.is_some_and(|(_, values)| values.contains(&attribute.value.as_str()))
                    {
                        let zh = format!("属性 {name}=\"{}\" 不支持", attribute.value);
                        let en = format!(
                            "the attribute {name}=\"{}\" is not understood",
                            attribute.value
                        );
                        self.refuse(element, "attribute", zh, en);
                    }
                }
                Space::Zt if rules.zt.contains(&name) => {
                    if attribute.value.trim().is_empty() {
                        let zh = format!("属性 zt:{name} 为空");
                        self.refuse(element, "attribute", zh, format!("zt:{name} is empty"));
                    }
                }
                Space::Zt => {
                    let allowed = rules.zt.iter().map(|name| format!("zt:{name}"));
                    let allowed = allowed.collect::<Vec<_>>().join(", ");
                    let zh = format!("此处没有 zt:{name} 属性，可用：{allowed}");
                    let en = format!("zt:{name} has no meaning here; allowed: {allowed}");
                    self.refuse(element, "attribute", zh, en);
                }
                Space::Xsi => {}
                Space::Bpmn | Space::BpmnDi | Space::Dc | Space::Di | Space::Foreign => {
                    let zh = format!("其他厂商的属性 {name} 不起作用");
                    let en = format!("the foreign attribute {name} has no effect");
                    self.warn(element, "foreign", zh, en);
                }
            }
        }
    }

    /// Extension elements of others might change what the process means, so they are refused.
    pub(super) fn extension(&mut self, element: &Element) {
        for child in &element.children {
            let zh = format!("扩展元素 {} 不支持", child.name);
            let en = format!("the extension element '{}' is not understood", child.name);
            self.refuse(child, "extension", zh, en);
        }
    }

    /// Refuses an element nobody here understands, with the reason and the way out where there is one.
    pub(super) fn not_understood(&mut self, element: &Element) {
        let (zh, en) = reason(element);
        let zh = format!("元素 {} 不支持：{zh}", element.name);
        let en = format!("the element '{}' is not understood: {en}", element.name);
        self.refuse(element, "element", zh, en);
    }

    pub(super) fn refuse(
        &mut self,
        element: &Element,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.found(element, error(code, zh, en));
    }

    pub(super) fn warn(
        &mut self,
        element: &Element,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.found(element, warning(code, zh, en));
    }

    fn found(&mut self, element: &Element, finding: Finding) {
        let (line, column) = (element.line, element.column);
        self.model.findings.push(Finding { element: element.label(), line, column, ..finding });
    }
}

/// An error without its place.
pub(super) fn error(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding {
        level: Level::Error,
        code,
        element: String::new(),
        line: 0,
        column: 0,
        zh: zh.into(),
        en: en.into(),
    }
}

/// A warning without its place.
pub(super) fn warning(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { level: Level::Warning, ..error(code, zh, en) }
}

fn reason(element: &Element) -> (&'static str, &'static str) {
    if element.space != Space::Bpmn {
        return ("不属于 BPMN 2.0", "it is not part of BPMN 2.0");
    }
    match element.name.as_str() {
        "messageFlow" => ("只运行一个泳池内的流程", "only the process of one pool is run"),
        _ => ("执行时没有意义", "it has no meaning for execution"),
    }
}
