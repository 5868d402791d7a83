//! Sequence flows and their conditions.

use super::refuse::Attributes;
use super::{Reading, text_of};
use crate::model::Flow;
use crate::xml::{Element, Space};

/// Characters of one condition, as the expression language has it.
const CONDITION_MAX: usize = 4_000;

impl Reading {
    pub(super) fn flow(&mut self, element: &Element) {
        self.identify(element);
        self.attributes(
            element,
            &Attributes {
                known: &["id", "name", "sourceRef", "targetRef"],
                fixed: &[("isImmediate", &["true", "false"])],
                ..Attributes::default()
            },
        );
        let (Some(id), Some(source), Some(target)) = (
            element.attribute("id"),
            element.attribute("sourceRef"),
            element.attribute("targetRef"),
        ) else {
            let zh = "连线须有 id、sourceRef 与 targetRef";
            self.refuse(element, "dangling", zh, "a flow needs id, sourceRef and targetRef");
            return;
        };
        self.refer(element, id, source, false);
        self.refer(element, id, target, false);
        let mut condition = None;
        for child in &element.children {
            match (child.space, child.name.as_str()) {
                (Space::Bpmn, "conditionExpression") => condition = self.condition(child),
                (Space::Bpmn, "documentation") => {}
                (Space::Bpmn, "extensionElements") => self.extension(child),
                _ => self.not_understood(child),
            }
        }
        self.model.flows.push(Flow {
            id: id.to_owned(),
            name: element.attribute("name").unwrap_or_default().trim().to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            condition,
            line: element.line,
            column: element.column,
            from: 0,
            to: 0,
        });
    }

    fn condition(&mut self, element: &Element) -> Option<String> {
        self.identify(element);
        let rules = Attributes {
            known: &["id", "language", "evaluatesToTypeRef"],
            ..Attributes::default()
        };
        self.attributes(element, &rules);
        if element.attribute("language").is_some_and(|language| !is_feel(language)) {
            self.refuse(
                element,
                "language",
                "条件须用 FEEL 书写",
                "a condition must be written in FEEL",
            );
        }
        let text = text_of(element);
        if text.is_empty() {
            self.refuse(element, "condition", "条件为空", "the condition is empty");
            return None;
        }
        if text.chars().count() > CONDITION_MAX {
            self.refuse(element, "condition", "条件过长", "the condition is too long");
            return None;
        }
        Some(text)
    }
}

/// Whether a name means the expression language in use.
pub(super) fn is_feel(language: &str) -> bool {
    let language = language.trim().trim_end_matches('/');
    language.eq_ignore_ascii_case("feel") || language.ends_with("/FEEL")
}
