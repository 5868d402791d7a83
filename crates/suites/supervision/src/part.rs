//! `supervision/*.toml`: when a card is raised, to whom it goes and how long they have to answer; what a supervisor may
//! put down by hand; how departments are graded. Tables of decisions stand beside it as `supervision/*.dmn`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;
use zhengtong_base::Text;
use zhengtong_feel::{Expr, dmn};
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

use crate::model::Level;

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "supervision",
    endings: &["toml", "dmn"],
    kinds: &[FileKind { schema: "supervision", make: schema_of::<SupervisionFile> }],
};

/// The longest id of a rule: what the national table of supervision has room for.
const RULE_CHARS_MAX: usize = 20;
/// The news of other suites that rules may wait for.
pub(crate) const NEWS: [&str; 3] = ["rating.overdue", "payment.charged", "payment.struck"];

/// A file of `supervision/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionFile {
    /// Rules by which cards are raised.
    #[serde(default)]
    pub rule: Vec<Rule>,
    /// What a supervisor may put down by hand.
    #[serde(default)]
    pub finding: Vec<FindingKind>,
    /// How departments are graded each quarter; the latest in force counts.
    #[serde(default)]
    pub grading: Vec<Grading>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A short word, at most 20 characters; it is the number of the rule in exports.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// On which occasions it is looked at.
    pub when: When,
    /// What must hold, in FEEL over the facts; without it, the occasion is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// A table of decisions, `file#decision` of this folder, that gives the level or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The level; a table may give another.
    pub card: Level,
    /// To whom the card goes.
    pub to: Vec<Addressee>,
    /// Working days to answer; without it, no answer is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_days: Option<u32>,
    /// Working days that an urge gives.
    #[serde(default = "urge_days")]
    pub urge_days: u32,
    /// Why, for whoever gets the card; facts stand in braces, such as `{rung.due}`.
    pub why: Text,
    /// The law.
    pub basis: Text,
    /// The first day on which it holds, such as `2026-01-01`.
    pub valid_from: String,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Numbers that the condition sees as `threshold.NAME`; the latest in force on the day counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threshold: Vec<Threshold>,
}

fn urge_days() -> u32 {
    2
}

/// On which occasions a rule is looked at: exactly one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Kinds of what happens in a case, such as `decline`; `*` for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event: Vec<String>,
    /// A rung of a clock, such as `overdue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<String>,
    /// The clock of the rung.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// News of another suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub news: Option<String>,
    /// A finding of a supervisor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Every night, for every open case.
    #[serde(default)]
    pub daily: bool,
}

impl When {
    /// Whether an occasion is one of these.
    pub(crate) fn meets(&self, kind: &str, word: &str, clock: &str) -> bool {
        match kind {
            "event" => self.event.iter().any(|event| event == word || event == "*"),
            "rung" => {
                self.rung.as_deref() == Some(word)
                    && self.clock.as_deref().is_none_or(|wanted| wanted == clock)
            }
            "news" => self.news.as_deref() == Some(word),
            "finding" => self.finding.as_deref() == Some(word),
            "daily" => self.daily,
            _ => false,
        }
    }

    fn count(&self) -> usize {
        [
            !self.event.is_empty(),
            self.rung.is_some(),
            self.news.is_some(),
            self.finding.is_some(),
            self.daily,
        ]
        .into_iter()
        .filter(|given| *given)
        .count()
    }
}

/// To whom a card goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// Whoever had the step in hand; those of its role when nobody had.
    Handler,
    /// The heads of the department.
    Head,
}

/// A number that changes with the years.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Its name in the condition.
    pub name: String,
    /// The number.
    pub value: i64,
    /// The first day on which it holds.
    pub valid_from: String,
}

/// What a supervisor may put down by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingKind {
    /// The word in rules.
    pub id: String,
    /// What people call it.
    pub title: Text,
    /// What to write down.
    pub hint: Text,
    /// Whether an amount that was charged and the amount of the list belong to it.
    #[serde(default)]
    pub amounts: bool,
    /// Whether it is about a case of the platform.
    #[serde(default)]
    pub case: bool,
}

/// How departments are graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grading {
    /// The first day on which it holds.
    pub valid_from: String,
    /// The points everybody begins with.
    pub full: i64,
    /// The rule behind it.
    pub basis: Text,
    /// What takes points away.
    pub deduct: Vec<Deduction>,
    /// The grades, the best first.
    pub grade: Vec<Grade>,
}

/// What takes points away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// What is counted.
    pub what: Counted,
    /// What people call it.
    pub title: Text,
    /// Points for each.
    pub points: i64,
    /// The most that it takes.
    pub most: i64,
}

/// What grading counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Yellow cards.
    Yellow,
    /// Red cards.
    Red,
    /// Cards that had to be urged.
    Urged,
    /// Supervision proposals.
    Proposal,
    /// Flawed cases of spot checks.
    Flawed,
    /// Each whole percent of decided cases that were late.
    LatePercent,
}

/// A grade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// What people call it.
    pub title: Text,
    /// The fewest points for it.
    pub least: i64,
}

/// A rule that was read and checked.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The pack.
    pub pack: String,
    /// The rule as it stands in the file.
    pub rule: Rule,
    pub(crate) condition: Option<Expr>,
    pub(crate) table: Option<(Arc<dmn::Model>, String)>,
    from: Option<Date>,
    to: Option<Date>,
}

impl Ready {
    /// The name, `pack:id`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.pack, self.rule.id)
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_some_and(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }

    /// The numbers in force on a day.
    pub fn thresholds(&self, day: Date) -> BTreeMap<&str, i64> {
        let mut in_force: BTreeMap<&str, (Date, i64)> = BTreeMap::new();
        for threshold in &self.rule.threshold {
            let Some(from) = read_day(&threshold.valid_from).filter(|from| *from <= day) else {
                continue;
            };
            let newer = |kept: &(Date, i64)| from >= kept.0;
            if in_force.get(threshold.name.as_str()).is_none_or(newer) {
                in_force.insert(&threshold.name, (from, threshold.value));
            }
        }
        in_force.into_iter().map(|(name, (_, value))| (name, value)).collect()
    }
}

/// All rules, kinds of findings and gradings.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    rules: Vec<Arc<Ready>>,
    findings: Vec<FindingKind>,
    gradings: Vec<(Date, Grading)>,
}

impl Catalog {
    /// All rules, in the order of their files.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Ready>> {
        self.rules.iter()
    }

    /// A rule by `pack:id`.
    pub fn rule(&self, name: &str) -> Option<&Arc<Ready>> {
        self.rules.iter().find(|rule| rule.name() == name)
    }

    /// What a supervisor may put down by hand.
    pub fn findings(&self) -> &[FindingKind] {
        &self.findings
    }

    /// How departments are graded on a day.
    pub fn grading(&self, day: Date) -> Option<&Grading> {
        let in_force = self.gradings.iter().filter(|(from, _)| *from <= day);
        in_force.max_by_key(|(from, _)| *from).map(|(_, grading)| grading)
    }
}

/// Reads a day such as `2026-01-01`.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

/// Reads the rules of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut catalog = Catalog::default();
    for pack in packs.iter() {
        let mut tables = BTreeMap::new();
        for file in pack.folder(PART.folder, "dmn") {
            if let Some(model) = table(&file, report) {
                tables.insert(file.stem().to_owned(), Arc::new(model));
            }
        }
        for file in pack.folder(PART.folder, "toml") {
            let Some(read) = read_toml::<SupervisionFile>(&file, report) else { continue };
            for rule in read.rule {
                if let Some(ready) = ready(&file, rule, &tables, &catalog, report) {
                    catalog.rules.push(Arc::new(ready));
                }
            }
            catalog.findings.extend(read.finding);
            for grading in read.grading {
                match read_day(&grading.valid_from).filter(|_| sound(&grading)) {
                    Some(from) => catalog.gradings.push((from, grading)),
                    None => report.push(file.error_at(
                        "grading",
                        Text::new(
                            "考核要写生效日期（2026-01-01），等次从高到低，最后一个从 0 分起",
                            "a grading needs its first day (2026-01-01) and grades from the best down to one that begins at 0",
                        ),
                    )),
                }
            }
        }
    }
    known_findings(packs, &catalog, report);
    catalog
}

fn sound(grading: &Grading) -> bool {
    let falls = grading.grade.windows(2).all(|pair| match pair {
        [better, worse] => better.least > worse.least,
        _ => true,
    });
    falls && grading.grade.last().is_some_and(|last| last.least <= 0)
}

fn known_findings(packs: &Packs, catalog: &Catalog, report: &mut Report) {
    let known: Vec<&str> = catalog.findings.iter().map(|finding| finding.id.as_str()).collect();
    for ready in &catalog.rules {
        let Some(wanted) = ready.rule.when.finding.as_deref() else { continue };
        if known.contains(&wanted) {
            continue;
        }
        for pack in packs.iter().filter(|pack| pack.id() == ready.pack) {
            for file in pack.folder(PART.folder, "toml") {
                if file.text.contains(wanted) {
                    let text = Text::new(
                        format!("没有“{wanted}”这种线索"),
                        format!("there is no finding {wanted}"),
                    );
                    report.push(file.error_at(wanted, text).suggest(wanted, known.clone()));
                }
            }
        }
    }
}

fn table(file: &File<'_>, report: &mut Report) -> Option<dmn::Model> {
    let read = dmn::Model::read(file.text, &[]);
    let findings = match &read {
        Ok(model) => model.findings().to_vec(),
        Err(finding) => vec![finding.clone()],
    };
    for finding in &findings {
        report.push(file.error_at(
            &finding.element,
            Text::new(
                format!("{}：决策表这里不能运行：{}", finding.element, finding.message),
                format!("{}: {}", finding.element, finding.message),
            ),
        ));
    }
    read.ok().filter(|_| findings.is_empty())
}

/// A rule with its expressions parsed; none when it has a fault.
fn ready(
    file: &File<'_>,
    rule: Rule,
    tables: &BTreeMap<String, Arc<dmn::Model>>,
    catalog: &Catalog,
    report: &mut Report,
) -> Option<Ready> {
    let mut faults = faults(&rule, catalog, file.pack);
    let condition = rule.condition.as_deref().map(Expr::parse).transpose();
    if let Err(error) = &condition {
        let text = format!("condition: {error}");
        faults.push((rule.id.clone(), Text::new(format!("条件写错了：{error}"), text)));
    }
    let table = match rule.table.as_deref() {
        None => None,
        Some(named) => {
            let found = decision(tables, named);
            if found.is_none() {
                faults.push((
                    named.to_owned(),
                    Text::new(
                        format!("本目录没有决策表 {named}，写成 文件#决策"),
                        format!("this folder has no decision {named}; write file#decision"),
                    ),
                ));
            }
            found
        }
    };
    let (from, to) = (read_day(&rule.valid_from), rule.valid_to.as_deref().map(read_day));
    if from.is_none() || to == Some(None) {
        faults.push((
            rule.id.clone(),
            Text::new("日期写成 2026-01-01 这样", "write days like 2026-01-01"),
        ));
    }
    for (needle, text) in &faults {
        report.push(file.error_at(needle, text.clone()));
    }
    faults.is_empty().then(|| Ready {
        pack: file.pack.to_owned(),
        condition: condition.ok().flatten(),
        table,
        from,
        to: to.flatten(),
        rule,
    })
}

fn decision(
    tables: &BTreeMap<String, Arc<dmn::Model>>,
    named: &str,
) -> Option<(Arc<dmn::Model>, String)> {
    let (file, decision) = named.split_once('#')?;
    let model = tables.get(file)?;
    let found = model.decisions().into_iter().find(|name| *name == decision)?.to_owned();
    Some((Arc::clone(model), found))
}

fn faults(rule: &Rule, catalog: &Catalog, pack: &str) -> Vec<(String, Text)> {
    let mut faults = Vec::new();
    let mut push = |needle: &str, zh: &str, en: &str| {
        faults.push((needle.to_owned(), Text::new(zh.to_owned(), en.to_owned())));
    };
    let id = rule.id.as_str();
    let plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if id.is_empty() || id.len() > RULE_CHARS_MAX || !id.chars().all(plain) {
        push(
            id,
            "规则编号用小写字母、数字和横线，最多 20 个",
            "an id has small letters, digits and hyphens, at most 20",
        );
    }
    if catalog.rules.iter().any(|other| other.pack == pack && other.rule.id == rule.id) {
        push(id, "规则编号重复了", "this id is there already");
    }
    if rule.when.count() != 1 {
        push(
            id,
            "when 里写且只写一种：event、rung、news、finding 或 daily",
            "`when` has exactly one of event, rung, news, finding and daily",
        );
    }
    if rule.when.news.as_deref().is_some_and(|news| !NEWS.contains(&news)) {
        push(id, "没有这种消息", "there is no such news");
    }
    if rule.to.is_empty() {
        push(id, "要写明发给谁：handler、head", "say to whom it goes: handler, head");
    }
    let limits = [rule.answer_days, Some(rule.urge_days)];
    if limits.into_iter().flatten().any(|days| !(1..=30).contains(&days)) {
        push(id, "答复和督办的期限是 1 到 30 个工作日", "an answer has 1 to 30 working days");
    }
    if rule.card > Level::Notice && rule.answer_days.is_none() {
        push(id, "黄牌和红牌要写答复期限 answer_days", "a yellow or red card needs answer_days");
    }
    if rule.threshold.iter().any(|threshold| read_day(&threshold.valid_from).is_none()) {
        push(id, "阈值要写生效日期（2026-01-01）", "a threshold needs its first day (2026-01-01)");
    }
    faults
}
