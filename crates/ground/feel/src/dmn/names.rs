//! All names a model uses, so that those of several words are read as one.

use super::xml::Element;
use crate::known::Known;

/// Elements whose `name` is a name in expressions.
const NAMED: [&str; 12] = [
    "inputData",
    "decision",
    "businessKnowledgeModel",
    "decisionService",
    "variable",
    "itemDefinition",
    "itemComponent",
    "formalParameter",
    "parameter",
    "column",
    "import",
    "output",
];

/// The names of a file.
pub(super) fn of(root: &Element, known: &mut Known) {
    if NAMED.contains(&root.name.as_str())
        && let Some(name) = root.attribute("name")
        && !name.is_empty()
    {
        known.add(name);
    }
    if let Some(variable) = root.attribute("iteratorVariable") {
        known.add(variable);
    }
    for child in &root.children {
        of(child, known);
    }
}
