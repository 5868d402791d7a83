//! What is known on a day: definitions that were published in the designer, otherwise the files of the packs. The one judge of what
//! may run among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use time::Date;
use zhengtong_base::Text;
use zhengtong_bpmn::{Finding, Level, Model};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_pack::Packs;

use crate::called::{Refusal, begins_plainly, calls, closure, full_name, joined, key};
use crate::decision::{Decision, examine_decisions};
use crate::error::Result;
use crate::language::Language;
use crate::part::{Catalog, Definition, examine};
use crate::published::Published;

/// What is in force on a day. It needs no database, so that it can judge beside the requests of others.
#[derive(Clone, Debug)]
pub struct Known {
    catalog: Arc<Catalog>,
    published: Option<Arc<Published>>,
    day: Date,
}

/// A text as it was judged among everything that is known.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was found, in the order of the lines.
    pub findings: Vec<Finding>,
    /// The model of a process, as it is drawn.
    pub model: Option<Model>,
    /// Whether it is BPMN or DMN at all.
    pub readable: bool,
}

impl Judged {
    /// Whether it can run.
    pub fn runs(&self) -> bool {
        self.readable && self.findings.iter().all(|one| one.level != Level::Error)
    }
}

impl Known {
    /// What is known today.
    pub fn of(ctx: &Ctx) -> Result<Self> {
        let (catalog, published) = (ctx.defs::<Catalog>()?, ctx.defs::<Published>().ok());
        Ok(Self { catalog, published, day: china_date(ctx.now) })
    }

    /// The files of the packs alone.
    pub(crate) fn of_files(catalog: Catalog) -> Self {
        Self { catalog: Arc::new(catalog), published: None, day: Date::MIN }
    }

    /// The same on another day.
    #[must_use]
    pub fn on(mut self, day: Date) -> Self {
        self.day = day;
        self
    }

    /// A definition by itself, without what it calls.
    pub(crate) fn definition(&self, name: &str) -> Option<Arc<Definition>> {
        let drawn = self.published.as_ref().and_then(|published| published.on(name, self.day));
        drawn.or_else(|| self.catalog.get(name))
    }

    /// A file of decisions.
    pub(crate) fn file_of_decisions(&self, name: &str) -> Option<Arc<Decision>> {
        let drawn =
            self.published.as_ref().and_then(|published| published.decision_on(name, self.day));
        drawn.or_else(|| self.catalog.file_of_decisions(name))
    }

    /// Digest and text of a definition in force, as somebody wrote it.
    pub(crate) fn written(&self, name: &str) -> Option<(String, String)> {
        match Language::of(name) {
            Language::Bpmn => {
                self.definition(name).map(|one| (one.digest.clone(), one.xml.clone()))
            }
            Language::Dmn => {
                self.file_of_decisions(name).map(|one| (one.digest.clone(), one.xml.clone()))
            }
        }
    }

    /// What a definition in force is called.
    pub(crate) fn title(&self, name: &str) -> Option<String> {
        match Language::of(name) {
            Language::Bpmn => self.definition(name).map(|one| one.model.name.clone()),
            Language::Dmn => self.file_of_decisions(name).map(|one| one.title()),
        }
    }

    /// The file and the decision that a rule task of a pack names: `file`, `file#decision` or `pack:file#decision`.
    pub(crate) fn decision(&self, pack: &str, named: &str) -> Option<(Arc<Decision>, String)> {
        let (name, wanted) = decision_name(pack, named);
        let file = self.file_of_decisions(&name)?;
        let found = file.pick(wanted)?;
        Some((file, found))
    }

    /// All definitions by themselves.
    pub(crate) fn definitions(&self) -> Vec<Arc<Definition>> {
        let mut names: BTreeSet<String> = self.catalog.iter().map(|one| one.name.clone()).collect();
        names.extend(self.published.iter().flat_map(|published| published.names()));
        names.iter().filter_map(|name| self.definition(name)).collect()
    }

    /// A definition with everything it calls, as instances run it.
    pub(crate) fn ready(
        &self,
        definition: Arc<Definition>,
    ) -> std::result::Result<Arc<Definition>, Refusal> {
        if calls(&definition.model).next().is_none() {
            return Ok(definition);
        }
        let find = |name: &str| self.definition(name);
        let called = closure(&definition.name, &definition.model, &find)?;
        let key = key(&definition.digest, &called);
        if let Some(known) = self.catalog.joined(&key) {
            return Ok(known);
        }
        let xml = joined(&definition.name, (&definition.xml, &definition.model), &called)?;
        let model = Model::parse(&xml).map_err(|error| Refusal {
            node: error.element.clone(),
            text: Text::new(error.zh.clone(), error.en.clone()),
        })?;
        Ok(self.catalog.keep_joined(key, &definition, &xml, model))
    }

    /// Judges a text of a definition: by itself, with what it names, and by those who use it.
    pub fn judge(&self, name: &str, xml: &str) -> Judged {
        match Language::of(name) {
            Language::Bpmn => self.judge_process(name, xml),
            Language::Dmn => self.judge_decisions(name, xml),
        }
    }

    /// The text of a process with what it calls, for a trial of it.
    pub fn whole(&self, name: &str, xml: &str) -> std::result::Result<String, Text> {
        let Some(definition) = examine(xml).definition(name, xml) else {
            return Ok(xml.to_owned());
        };
        let ready = self.ready(Arc::new(definition));
        ready.map(|ready| ready.xml.clone()).map_err(|refusal| refusal.text)
    }

    fn judge_process(&self, name: &str, xml: &str) -> Judged {
        let mut examined = examine(xml);
        let (pack, _) = name.split_once(':').unwrap_or_default();
        let mut found = Vec::new();
        if let Some(model) = &examined.model {
            let there = |named: &str| self.decision(pack, named).is_some();
            found.extend(missing_decisions(model, &there));
            let allowed = |to: &str| self.catalog.may_refer(pack, to);
            found.extend(undeclared(name, model, &allowed));
        }
        examined.findings.append(&mut found);
        if examined.runs()
            && let Some(definition) = examined.clone().definition(name, xml)
        {
            let definition = Arc::new(definition);
            match self.ready(Arc::clone(&definition)) {
                Ok(ready) => found.extend(joint_findings(&definition, &ready)),
                Err(refusal) => found.push(refused(&definition.model, &refusal)),
            }
            found.extend(self.callers_of(&definition));
            found.extend(self.lost_start(&definition));
        }
        examined.findings.append(&mut found);
        examined.findings.sort_by_key(|finding| (finding.line, finding.column));
        let readable = examined.model.is_some();
        Judged { findings: examined.findings, model: examined.model, readable }
    }

    /// Those who call a definition and would not run with it any more.
    fn callers_of(&self, definition: &Arc<Definition>) -> Vec<Finding> {
        let find = |name: &str| {
            if name == definition.name {
                Some(Arc::clone(definition))
            } else {
                self.definition(name)
            }
        };
        let mut found = Vec::new();
        for caller in self.definitions() {
            let own = &caller.name;
            let direct = |written: &str| full_name(own, written) == definition.name;
            if *own == definition.name || !calls(&caller.model).any(|(_, one)| direct(one)) {
                continue;
            }
            if let Err(refusal) = closure(own, &caller.model, &find) {
                let (zh, en) = (&refusal.text.zh, &refusal.text.en);
                found.push(Finding {
                    level: Level::Error,
                    code: "caller",
                    element: definition.model.id.clone(),
                    line: 1,
                    column: 1,
                    zh: format!("“{own}”的“{}”调用它，改了之后不能运行：{zh}", refusal.node),
                    en: format!("'{}' of '{own}' calls it and would not run: {en}", refusal.node),
                });
            }
        }
        found
    }

    /// Items begin what a pack holds with a plain start: a version of it keeps one.
    fn lost_start(&self, definition: &Definition) -> Option<Finding> {
        let file = self.catalog.get(&definition.name)?;
        let lost = begins_plainly(&file.model) && !begins_plainly(&definition.model);
        lost.then(|| Finding {
            level: Level::Error,
            code: "plain-start",
            element: definition.model.id.clone(),
            line: 1,
            column: 1,
            zh: "办件从普通的开始事件启动它，不能去掉；要由事件启动请新建一个流程".to_owned(),
            en: "items begin it at its plain start, which must stay; for a start by an event begin a new process"
                .to_owned(),
        })
    }

    fn judge_decisions(&self, name: &str, xml: &str) -> Judged {
        let examined = examine_decisions(xml);
        let mut findings = examined.findings;
        if let Some(file) = examined.model.and_then(|_| Decision::new(name, xml)) {
            findings.extend(self.users_of(&file));
        }
        Judged { findings, model: None, readable: examined.readable }
    }

    /// Rule tasks that name a decision which a file does not have any more.
    fn users_of(&self, file: &Decision) -> Vec<Finding> {
        let mut found = Vec::new();
        for definition in self.definitions() {
            let (pack, _) = definition.name.split_once(':').unwrap_or_default();
            for node in &definition.model.nodes {
                let Some(named) = node.decision.as_deref() else { continue };
                let (name, wanted) = decision_name(pack, named);
                if name != file.name || file.pick(wanted).is_some() {
                    continue;
                }
                let user = format!("{} {}", definition.name, node.id);
                found.push(Finding {
                    level: Level::Error,
                    code: "used",
                    element: wanted.to_owned(),
                    line: 1,
                    column: 1,
                    zh: format!("“{user}”用的决策“{named}”在这一版里没有了"),
                    en: format!("'{user}' uses the decision '{named}', which this version has not"),
                });
            }
        }
        found
    }
}

/// The full name of the file that a rule task names, and the decision in it.
fn decision_name<'a>(pack: &str, named: &'a str) -> (String, &'a str) {
    let (file, wanted) = named.split_once('#').unwrap_or((named, ""));
    let (pack, file) = Packs::resolve(pack, file);
    (Language::Dmn.name(pack, file), wanted)
}

/// Rule tasks whose decision is not there.
pub(crate) fn missing_decisions(model: &Model, there: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let named = model.nodes.iter().filter_map(|node| Some((node, node.decision.as_deref()?)));
    named
        .filter(|(_, decision)| !there(decision))
        .map(|(node, decision)| Finding {
            level: Level::Error,
            code: "decision",
            element: node.id.clone(),
            line: node.line,
            column: node.column,
            zh: format!("决策“{decision}”不存在；文件里不止一个时写成 文件#决策"),
            en: format!(
                "there is no decision '{decision}'; of a file with several write file#decision"
            ),
        })
        .collect()
}

/// Calls into packs that the pack does not say it needs.
pub(crate) fn undeclared(
    name: &str,
    model: &Model,
    allowed: &dyn Fn(&str) -> bool,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, written) in calls(model) {
        let full = full_name(name, written);
        let pack = full.split(':').next().unwrap_or_default();
        if allowed(pack) {
            continue;
        }
        found.push(Finding {
            level: Level::Error,
            code: "needs",
            element: node.id.clone(),
            line: node.line,
            column: node.column,
            zh: format!("调用了包“{pack}”的流程，pack.toml 的 needs 里没有写它"),
            en: format!(
                "it calls a process of the pack '{pack}', which needs in pack.toml does not name"
            ),
        });
    }
    found
}

/// What speaks against a call, at the call activity.
pub(crate) fn refused(model: &Model, refusal: &Refusal) -> Finding {
    let place = model.node(&refusal.node).map(|node| (node.line, node.column));
    let (line, column) = place.unwrap_or((1, 1));
    let Text { zh, en } = refusal.text.clone();
    Finding {
        level: Level::Error,
        code: "call",
        element: refusal.node.clone(),
        line,
        column,
        zh,
        en,
    }
}

/// What only shows when a definition and what it calls are one. Their lines are those of the joined file, so the place is the first
/// call.
pub(crate) fn joint_findings(own: &Definition, ready: &Definition) -> Vec<Finding> {
    if own.digest == ready.digest {
        return Vec::new();
    }
    let first = calls(&own.model).next().map(|(node, _)| (node.line, node.column));
    let (line, column) = first.unwrap_or((1, 1));
    let found = examine(&ready.xml).findings.into_iter();
    let errors = found.filter(|one| one.level == Level::Error);
    errors.map(|one| Finding { line, column, ..one }).collect()
}
