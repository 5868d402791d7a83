//! Files of decisions: read, judged, and found by the word that a rule task gives.

use std::sync::Arc;

use zhengtong_bpmn::{Finding, Level};
use zhengtong_crypto::Digest;
use zhengtong_feel::dmn;

/// A file of decisions that may run.
#[derive(Clone, Debug)]
pub struct Decision {
    /// `pack:name.dmn`.
    pub name: String,
    /// The SM3 digest of the XML.
    pub digest: String,
    /// The XML.
    pub xml: String,
    /// What decides.
    pub model: Arc<dmn::Model>,
}

impl Decision {
    /// A file that runs; none otherwise.
    pub(crate) fn new(name: &str, xml: &str) -> Option<Self> {
        let model = examine_decisions(xml).model?;
        Some(Self {
            name: name.to_owned(),
            digest: Digest::of(xml.as_bytes()).to_string(),
            xml: xml.to_owned(),
            model: Arc::new(model),
        })
    }

    /// The decision of a name; the only one where none is given.
    pub(crate) fn pick(&self, wanted: &str) -> Option<String> {
        let all = self.model.decisions();
        let found = match all.as_slice() {
            [only] if wanted.is_empty() => Some(*only),
            all => all.iter().copied().find(|name| *name == wanted),
        };
        found.map(str::to_owned)
    }

    /// What it is called: the name of its root, otherwise of its first decision.
    pub(crate) fn title(&self) -> String {
        let written = zhengtong_bpmn::Document::read(self.xml.as_bytes()).ok();
        let roots = written.into_iter().flat_map(|file| file.parts);
        let named = roots.filter_map(|part| match part {
            zhengtong_bpmn::Part::Element(tag) => {
                tag.attributes.into_iter().find(|(name, _)| name == "name").map(|(_, title)| title)
            }
            _ => None,
        });
        let first = || self.model.decisions().first().map(|name| (*name).to_owned());
        named.into_iter().next().or_else(first).unwrap_or_else(|| self.name.clone())
    }
}

/// Decisions as they were looked at.
pub(crate) struct ExaminedDecisions {
    /// What decides; none where it would not run.
    pub(crate) model: Option<dmn::Model>,
    /// Whether the text is a file of decisions at all.
    pub(crate) readable: bool,
    pub(crate) findings: Vec<Finding>,
}

/// Looks at decisions as the platform does before it decides by them.
pub(crate) fn examine_decisions(xml: &str) -> ExaminedDecisions {
    let read = dmn::Model::read(xml, &[]);
    let readable = read.is_ok();
    let found = match &read {
        Ok(model) => model.findings(),
        Err(finding) => std::slice::from_ref(finding),
    };
    let mut findings: Vec<Finding> = found
        .iter()
        .map(|one| Finding {
            level: Level::Error,
            code: "dmn",
            element: one.element.clone(),
            line: u32::try_from(one.line).unwrap_or(1),
            column: 1,
            zh: format!("决策模型这里不能运行：{}", one.message),
            en: one.message.clone(),
        })
        .collect();
    if read.as_ref().is_ok_and(|model| model.decisions().is_empty()) {
        findings.push(Finding {
            level: Level::Error,
            code: "no-decision",
            element: String::new(),
            line: 1,
            column: 1,
            zh: "文件里没有决策".to_owned(),
            en: "there is no decision in this file".to_owned(),
        });
    }
    let model = read.ok().filter(|_| findings.is_empty());
    ExaminedDecisions { model, readable, findings }
}
