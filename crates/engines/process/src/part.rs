//! `process/*.bpmn` and `process/*.dmn`: models that run and decisions they make, refused with element, line and reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use zhengtong_base::Text;
use zhengtong_bpmn::{Finding, Level, Model, Node, NodeKind, Trigger};
use zhengtong_feel::Expr;
use zhengtong_pack::{File, Packs, PartDecl, Report, Severity};

use crate::called::begins_plainly;
use crate::decision::{Decision, examine_decisions};
use crate::feel::{Expressions, sources};
use crate::known::{self, Known, joint_findings, undeclared};
use crate::language::Language;
use crate::{beginning, timer};

/// The sub-folder of this engine.
pub const PART: PartDecl = PartDecl { folder: "process", endings: &["bpmn", "dmn"], kinds: &[] };

/// Definitions no pack has any more that are kept parsed.
const KEPT_MAX: usize = 200;

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
    /// The digest of the text as somebody wrote it, where this one holds also what that calls.
    pub(crate) source: Option<String>,
    /// Its expressions, parsed once.
    pub(crate) expressions: Expressions,
}

impl Definition {
    fn new(name: &str, xml: &str, model: Model) -> Self {
        let digest = zhengtong_crypto::Digest::of(xml.as_bytes()).to_string();
        let expressions = Expressions::of(&model);
        let source = None;
        Self { name: name.to_owned(), digest, xml: xml.to_owned(), model, source, expressions }
    }

    /// Whether a case may begin it: it has a start that waits for no message, time or signal.
    pub fn begins_plainly(&self) -> bool {
        begins_plainly(&self.model)
    }
}

/// All models by `pack:name`, and the decisions.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    definitions: BTreeMap<String, Arc<Definition>>,
    decisions: BTreeMap<String, Arc<Decision>>,
    /// Which packs the files of each pack may refer to.
    packs: BTreeMap<String, BTreeSet<String>>,
    /// What instances run by and no pack has, parsed when first wanted.
    kept: Arc<Mutex<BTreeMap<String, Arc<Definition>>>>,
    /// Definitions with what they call, by the digests of all of these.
    joined: Arc<Mutex<BTreeMap<String, Arc<Definition>>>>,
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

    /// All files of decisions in order of name.
    pub fn files_of_decisions(&self) -> impl Iterator<Item = &Arc<Decision>> {
        self.decisions.values()
    }

    /// A file of decisions by its full name, `pack:name.dmn`.
    pub fn file_of_decisions(&self, name: &str) -> Option<Arc<Decision>> {
        self.decisions.get(name).map(Arc::clone)
    }

    /// The packs in order of their ids.
    pub fn packs(&self) -> impl Iterator<Item = &str> {
        self.packs.keys().map(String::as_str)
    }

    pub(crate) fn may_refer(&self, from: &str, to: &str) -> bool {
        from == to || self.packs.get(from).is_some_and(|packs| packs.contains(to))
    }

    pub(crate) fn by_digest(&self, digest: &str) -> Option<Arc<Definition>> {
        if let Some(found) = self.iter().find(|one| one.digest == digest) {
            return Some(Arc::clone(found));
        }
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(digest).map(Arc::clone)
    }

    /// Keeps a version that no pack has any more.
    pub(crate) fn keep(&self, name: &str, xml: &str, model: Model) -> Arc<Definition> {
        let definition = Arc::new(Definition::new(name, xml, model));
        bounded(&self.kept, definition.digest.clone(), &definition);
        definition
    }

    pub(crate) fn joined(&self, key: &str) -> Option<Arc<Definition>> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).get(key).map(Arc::clone)
    }

    /// Keeps a definition together with what it calls.
    pub(crate) fn keep_joined(
        &self,
        key: String,
        own: &Definition,
        xml: &str,
        model: Model,
    ) -> Arc<Definition> {
        let mut definition = Definition::new(&own.name, xml, model);
        definition.source = Some(own.digest.clone());
        let definition = Arc::new(definition);
        bounded(&self.joined, key, &definition);
        bounded(&self.kept, definition.digest.clone(), &definition);
        definition
    }
}

fn bounded(
    kept: &Mutex<BTreeMap<String, Arc<Definition>>>,
    key: String,
    definition: &Arc<Definition>,
) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert(key, Arc::clone(definition));
}

/// Reads the models of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut catalog = Catalog::default();
    for pack in packs.iter() {
        let others = packs.iter().map(|other| other.id().to_owned());
        let near = others.filter(|other| packs.may_refer(pack.id(), other)).collect();
        catalog.packs.insert(pack.id().to_owned(), near);
        for file in pack.folder("process", "dmn") {
            let name = Language::Dmn.name(file.pack, file.stem());
            for finding in examine_decisions(file.text).findings {
                told(&file, report, &finding);
            }
            if let Some(decision) = Decision::new(&name, file.text) {
                catalog.decisions.insert(name, Arc::new(decision));
            }
        }
    }
    for pack in packs.iter() {
        for file in pack.folder("process", "bpmn") {
            if let Some(definition) = one(&file, &catalog, report) {
                catalog.definitions.insert(definition.name.clone(), Arc::new(definition));
            }
        }
    }
    join_calls(packs, &mut catalog, report);
    catalog
}

/// Looks at calls of other files once all of them are known; who calls in vain does not run.
fn join_calls(packs: &Packs, catalog: &mut Catalog, report: &mut Report) {
    let known = Known::of_files(catalog.clone());
    let mut refused: Vec<String> = Vec::new();
    for pack in packs.iter() {
        for file in pack.folder("process", "bpmn") {
            let name = Language::Bpmn.name(file.pack, file.stem());
            let Some(own) = catalog.get(&name) else { continue };
            let found = match known.ready(Arc::clone(&own)) {
                Ok(ready) => joint_findings(&own, &ready),
                Err(refusal) => vec![known::refused(&own.model, &refusal)],
            };
            for finding in &found {
                told(&file, report, finding);
            }
            if !found.is_empty() {
                refused.push(name);
            }
        }
    }
    for name in refused {
        catalog.definitions.remove(&name);
    }
}

fn one(file: &File<'_>, catalog: &Catalog, report: &mut Report) -> Option<Definition> {
    let mut examined = examine(file.text);
    let name = Language::Bpmn.name(file.pack, file.stem());
    if let Some(model) = &examined.model {
        let known = Known::of_files(catalog.clone());
        let there = |named: &str| known.decision(file.pack, named).is_some();
        let mut found = known::missing_decisions(model, &there);
        found.extend(undeclared(&name, model, &|to| catalog.may_refer(file.pack, to)));
        examined.findings.append(&mut found);
    }
    for finding in &examined.findings {
        told(file, report, finding);
    }
    examined.definition(&name, file.text)
}

/// A finding of a model as one of its file.
fn told(file: &File<'_>, report: &mut Report, finding: &Finding) {
    let text = if finding.element.is_empty() {
        Text::new(finding.zh.clone(), finding.en.clone())
    } else {
        Text::new(
            format!("{}：{}", finding.element, finding.zh),
            format!("{}: {}", finding.element, finding.en),
        )
    };
    push(file, report, finding.level, (finding.line, finding.column), text);
}

/// A model as it was looked at: what stands in it, and everything that speaks against it.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The model; none where the text is no BPMN at all.
    pub model: Option<Model>,
    /// What was found, in the order of the lines.
    pub findings: Vec<Finding>,
}

impl Examined {
    /// Whether an instance can run it.
    pub fn runs(&self) -> bool {
        self.model.is_some() && self.findings.iter().all(|one| one.level != Level::Error)
    }

    /// The definition of a name; none where it does not run.
    pub fn definition(self, name: &str, xml: &str) -> Option<Definition> {
        let runs = self.runs();
        self.model.filter(|_| runs).map(|model| Definition::new(name, xml, model))
    }
}

/// Looks at a model as the platform does before it runs it: the one judge of files, drafts and publications.
pub fn examine(xml: &str) -> Examined {
    let model = match Model::parse(xml) {
        Ok(model) => model,
        Err(error) => {
            let finding = Finding {
                level: Level::Error,
                code: "xml",
                element: error.element,
                line: error.line,
                column: error.column,
                zh: error.zh,
                en: error.en,
            };
            return Examined { model: None, findings: vec![finding] };
        }
    };
    let mut findings = zhengtong_bpmn::check(&model);
    for node in &model.nodes {
        findings.extend(unanswered(node));
    }
    findings.extend(beginning::unanswered(&model));
    for (element, source) in sources(&model) {
        if let Err(error) = Expr::parse(&source) {
            let flow = model.flows.iter().find(|flow| flow.id == element);
            let node = model.node(&element).map(|node| (node.line, node.column));
            let place = flow.map(|flow| (flow.line, flow.column)).or(node);
            let (line, column) = place.unwrap_or((1, 1));
            findings.push(Finding {
                level: Level::Error,
                code: "feel",
                element,
                line,
                column,
                zh: format!("条件写错了：{error}"),
                en: format!("the condition does not parse: {error}"),
            });
        }
    }
    findings.sort_by_key(|finding| (finding.line, finding.column));
    Examined { model: Some(model), findings }
}

/// What nobody outside the model would ever answer.
fn unanswered(node: &Node) -> Vec<Finding> {
    let mut found = Vec::new();
    let is_message = |trigger: &Trigger| matches!(trigger, Trigger::Message { .. });
    if node.kind == NodeKind::ReceiveTask && !node.triggers.iter().any(is_message) {
        found.push(error(
            node,
            "event",
            "没有写明等哪个消息：请写 messageRef".to_owned(),
            "it does not say which message it waits for: give messageRef".to_owned(),
        ));
    }
    for trigger in &node.triggers {
        let Trigger::Timer { form, text } = trigger else { continue };
        // What looks like a time and is none would be read as the name of a value.
        let looks = text.starts_with(['P', 'R']) && text.contains(|c: char| c.is_ascii_digit());
        let name = Expr::parse(text).is_ok_and(|one| one.names().contains(text.as_str()));
        if timer::literal(*form, text).is_none() && looks && name {
            found.push(error(
                node,
                "timer",
                format!("时间“{text}”不是 ISO 8601 的写法，例如 P3D、PT2H、R3/P1D"),
                format!(
                    "the time '{text}' is not as ISO 8601 writes it, such as P3D, PT2H, R3/P1D"
                ),
            ));
        }
    }
    found
}

pub(crate) fn error(node: &Node, code: &'static str, zh: String, en: String) -> Finding {
    let (line, column) = (node.line, node.column);
    Finding { level: Level::Error, code, element: node.id.clone(), line, column, zh, en }
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
