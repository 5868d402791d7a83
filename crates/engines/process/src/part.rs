//! `process/*.bpmn`: models that run, refused with element, line and reason when they cannot.

use std::collections::BTreeMap;
use std::sync::Arc;

use zhengtong_base::Text;
use zhengtong_bpmn::{Finding, Level, Model, Node, Trigger};
use zhengtong_feel::{Expr, Scope};
use zhengtong_pack::{File, Packs, PartDecl, Report, Severity};

/// The sub-folder of this engine.
pub const PART: PartDecl = PartDecl { folder: "process", endings: &["bpmn"], kinds: &[] };

/// A model that may run.
#[derive(Clone, Debug)]
pub struct Definition {
    /// `pack:name`.
    pub name: String,
    /// The SM3 digest of the XML.
    pub digest: String,
    /// The XML.
    pub xml: String,
    /// The model.
    pub model: Model,
}

/// All models by `pack:name`.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    definitions: BTreeMap<String, Arc<Definition>>,
}

impl Catalog {
    /// A model.
    pub fn get(&self, name: &str) -> Option<Arc<Definition>> {
        self.definitions.get(name).map(Arc::clone)
    }

    /// All models in order of name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.definitions.values()
    }
}

/// FEEL as the language of conditions.
pub(crate) struct Feel;

impl zhengtong_bpmn::Conditions for Feel {
    fn holds(
        &self,
        source: &str,
        variables: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<bool, String> {
        let expression = Expr::parse(source).map_err(|error| error.to_string())?;
        expression.holds(&Scope::from_json(variables)).map_err(|error| error.to_string())
    }

    fn number(
        &self,
        source: &str,
        variables: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<i64, String> {
        let expression = Expr::parse(source).map_err(|error| error.to_string())?;
        let found =
            expression.eval(&Scope::from_json(variables)).map_err(|error| error.to_string())?;
        found.to_json().as_i64().ok_or_else(|| format!("'{source}' gives {found}, no whole number"))
    }
}

/// Reads the models of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut definitions = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder("process", "bpmn") {
            if let Some(definition) = one(&file, report) {
                definitions.insert(definition.name.clone(), Arc::new(definition));
            }
        }
    }
    Catalog { definitions }
}

fn one(file: &File<'_>, report: &mut Report) -> Option<Definition> {
    let model = match Model::parse(file.text) {
        Ok(model) => model,
        Err(error) => {
            let text = Text::new(error.zh.clone(), error.en.clone());
            push(file, report, Level::Error, (error.line, error.column), text);
            return None;
        }
    };
    let findings: Vec<Finding> =
        model.findings().iter().cloned().chain(zhengtong_bpmn::check(&model)).collect();
    let mut runs = true;
    for finding in findings {
        runs &= finding.level != Level::Error;
        let text = Text::new(
            format!("{}：{}", finding.element, finding.zh),
            format!("{}: {}", finding.element, finding.en),
        );
        push(file, report, finding.level, (finding.line, finding.column), text);
    }
    for node in model.nodes.iter().filter(|node| waits_or_sends(node)) {
        runs = false;
        let text = Text::new(
            format!(
                "{} 等待或发出的事件还不能由引擎运行：时限请用 zt:days，通知请用 zt:notice",
                node.id
            ),
            format!(
                "{}: events that wait or send are not run yet: use zt:days and zt:notice",
                node.id
            ),
        );
        push(file, report, Level::Error, (node.line, node.column), text);
    }
    for (flow, source) in model.conditions() {
        if let Err(error) = Expr::parse(source) {
            runs = false;
            let text = Text::new(
                format!("{} 的条件写错了：{error}", flow.id),
                format!("the condition of {}: {error}", flow.id),
            );
            push(file, report, Level::Error, (flow.line, flow.column), text);
        }
    }
    runs.then(|| Definition {
        name: format!("{}:{}", file.pack, file.stem()),
        digest: zhengtong_crypto::Digest::of(file.text.as_bytes()).to_string(),
        xml: file.text.to_owned(),
        model,
    })
}

/// Whether somebody outside the model has to answer an event, or hear of it.
fn waits_or_sends(node: &Node) -> bool {
    let outside = |trigger: &Trigger| {
        matches!(
            trigger,
            Trigger::Timer { .. }
                | Trigger::Message { .. }
                | Trigger::Signal { .. }
                | Trigger::Conditional { .. }
        )
    };
    !node.kind.is_activity() && node.triggers.iter().any(outside)
}

fn push(file: &File<'_>, report: &mut Report, level: Level, place: (u32, u32), text: Text) {
    let to_usize = |number: u32| usize::try_from(number).unwrap_or(0);
    report.push(zhengtong_pack::Finding {
        severity: match level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
        },
        file: file.full_path(),
        line: to_usize(place.0),
        column: to_usize(place.1),
        text,
        suggestion: None,
    });
}
