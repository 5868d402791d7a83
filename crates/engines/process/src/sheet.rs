//! Decisions as people read them: a table with its columns and rules, or an expression.

use zhengtong_bpmn::{Document, Part, Tag};

/// One decision of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Which rules count when several fit, as it is written; none for an expression.
    pub policy: Option<String>,
    /// The columns of conditions: what is asked, and what it is called.
    pub inputs: Vec<(String, String)>,
    /// The columns of results.
    pub outputs: Vec<String>,
    /// The rules: their id, or their place where they have none, and the cells in the order of the columns, conditions first.
    pub rules: Vec<(String, Vec<String>)>,
    /// The expression where there is no table.
    pub expression: String,
}

/// The decisions of a file; none where it is no XML.
pub fn sheets(xml: &str) -> Option<Vec<Sheet>> {
    let file = Document::read(xml.as_bytes()).ok()?;
    let root = file.parts.iter().find_map(|part| match part {
        Part::Element(tag) => Some(tag),
        _ => None,
    })?;
    Some(children(root, "decision").map(sheet).collect())
}

fn sheet(decision: &Tag) -> Sheet {
    let mut sheet = Sheet {
        id: attribute(decision, "id"),
        name: attribute(decision, "name"),
        ..Sheet::default()
    };
    let Some(table) = children(decision, "decisionTable").next() else {
        let others = inner(decision).filter(|tag| {
            !matches!(
                local(&tag.name),
                "variable"
                    | "informationRequirement"
                    | "knowledgeRequirement"
                    | "authorityRequirement"
                    | "extensionElements"
                    | "description"
            )
        });
        sheet.expression = others.map(text).collect::<Vec<_>>().join(" ");
        return sheet;
    };
    let policy = [attribute(table, "hitPolicy"), attribute(table, "aggregation")];
    let policy = policy.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    sheet.policy = Some(if policy.is_empty() { "UNIQUE".to_owned() } else { policy });
    sheet.inputs = children(table, "input")
        .map(|input| {
            let asked = children(input, "inputExpression").map(text).collect::<String>();
            let label = attribute(input, "label");
            (asked.clone(), if label.is_empty() { asked } else { label })
        })
        .collect();
    sheet.outputs = children(table, "output")
        .map(|output| {
            let (label, name) = (attribute(output, "label"), attribute(output, "name"));
            [label, name, sheet.name.clone()].into_iter().find(|one| !one.is_empty())
        })
        .map(Option::unwrap_or_default)
        .collect();
    sheet.rules = children(table, "rule")
        .enumerate()
        .map(|(at, rule)| {
            let cells = children(rule, "inputEntry").chain(children(rule, "outputEntry"));
            let id = Some(attribute(rule, "id")).filter(|id| !id.is_empty());
            let id = id.unwrap_or_else(|| format!("{}-{}", sheet.id, at + 1));
            (id, cells.map(text).collect())
        })
        .collect();
    sheet
}

fn inner(tag: &Tag) -> impl Iterator<Item = &Tag> {
    tag.parts.iter().filter_map(|part| match part {
        Part::Element(inner) => Some(inner),
        _ => None,
    })
}

fn children<'a>(tag: &'a Tag, name: &'a str) -> impl Iterator<Item = &'a Tag> {
    inner(tag).filter(move |inner| local(&inner.name) == name)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, own)| own)
}

fn attribute(tag: &Tag, name: &str) -> String {
    let found = tag.attributes.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// All text in an element.
fn text(tag: &Tag) -> String {
    let pieces = tag.parts.iter().map(|part| match part {
        Part::Text(text) => text.trim().to_owned(),
        Part::Element(inner) => text(inner),
        _ => String::new(),
    });
    pieces.filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ")
}
