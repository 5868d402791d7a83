//! Types of a model from its item definitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::Finding;
use super::xml::Element;
use crate::expr::parse_unary_knowing;
use crate::kind::{Kind, Kinds};
use crate::known::{Known, tidy};

/// The types a file defines.
pub(super) fn of(root: &Element, known: &Known, findings: &mut Vec<Finding>) -> Kinds {
    let defined = root.all("itemDefinition").filter_map(|item| {
        let name = tidy(item.attribute("name")?);
        Some((name, definition(item, known, findings)))
    });
    defined.collect()
}

/// The type of a reference such as `number`, `feel:number` or `import.tType`.
pub(super) fn reference(name: Option<&str>) -> Kind {
    let Some(name) = name else { return Kind::Any };
    let name = tidy(name);
    let plain = name.strip_prefix("feel:").unwrap_or(&name);
    Kind::named(plain).unwrap_or_else(|| {
        let own = plain.split_once(':').map_or(plain, |(_, name)| name);
        Kind::named(own).unwrap_or_else(|| Kind::Named(own.to_owned()))
    })
}

fn definition(item: &Element, known: &Known, findings: &mut Vec<Finding>) -> Kind {
    let mut kind = if let Some(function) = item.child("functionItem") {
        let takes = function
            .all("parameters")
            .map(|parameter| reference(parameter.attribute("typeRef")))
            .collect();
        Kind::Function(takes, Box::new(reference(function.attribute("outputTypeRef"))))
    } else if item.child("itemComponent").is_some() {
        let mut parts = BTreeMap::new();
        for part in item.all("itemComponent") {
            if let Some(name) = part.attribute("name") {
                parts.insert(tidy(name), definition(part, known, findings));
            }
        }
        Kind::Context(parts)
    } else {
        reference(item.child("typeRef").map(|name| name.text.trim()))
    };
    kind = limited(kind, item, "allowedValues", known, findings);
    if item.attribute("isCollection") == Some("true") {
        kind = Kind::List(Box::new(kind));
    }
    limited(kind, item, "typeConstraint", known, findings)
}

fn limited(
    kind: Kind,
    item: &Element,
    constraint: &str,
    known: &Known,
    findings: &mut Vec<Finding>,
) -> Kind {
    let Some(element) = item.child(constraint) else { return kind };
    let Some(text) = element.inner_text().filter(|text| !text.is_empty()) else { return kind };
    match parse_unary_knowing(text, known) {
        Ok(tests) => Kind::Limited(Box::new(kind), Arc::new(tests)),
        Err(error) => {
            let name = item.attribute("name").unwrap_or_default();
            findings.push(Finding::new(element.line, name, error.to_string()));
            kind
        }
    }
}
