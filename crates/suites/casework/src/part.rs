//! `casework/*.toml`: a case type — its numbers, its process, its clocks and what an officer can decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

mod calendar;
mod clock;
mod course;
mod fee;
mod figure;
mod paper;
mod phrase;

pub use calendar::Calendars;
use calendar::CalendarsFile;
pub(crate) use clock::{CHINA, PROMISED, STATUTORY, STEP};
pub use clock::{ClockDecl, Extension, Milestone, Milestones, RungDecl, Whose};
pub(crate) use course::DEFERRAL;
pub use course::{Assist, Deferral, Ending, Promise};
pub(crate) use fee::AMOUNT_MAX;
pub use fee::{FeeDecl, fen, yuan};
pub use figure::{Figure, FigureKind, FigureOption};
pub use paper::{DeliveryDecl, Moment, Way, check_papers};
pub use phrase::PhraseDecl;
use phrase::{PHRASES, PhrasesFile};

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "casework",
    endings: &["toml"],
    kinds: &[
        FileKind { schema: "casework", make: schema_of::<CaseType> },
        FileKind { schema: "casework-calendars", make: schema_of::<CalendarsFile> },
        FileKind { schema: "casework-phrases", make: schema_of::<PhrasesFile> },
    ],
};
/// The file of calendars; every other file is a case type.
const CALENDARS: &str = "calendars";

/// A case type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseType {
    /// What people call it.
    pub title: Text,
    /// How numbers are made: `{prefix}`, `{region}`, `{year}` and `{seq:6}` are filled in.
    pub number: String,
    /// The letters of `{prefix}`.
    pub prefix: String,
    /// The process in the pack's `process/` folder, without `.bpmn`.
    pub process: String,
    /// How long the applicant has to supply what is missing, such as `30 natural days`; short for
    /// `[clock.correction]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<String>,
    /// The pack whose papers the applicant is given at each act where nothing else is named, such as `casework-papers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<String>,
    /// The paper that says what was handed in, when it is not that of the shared set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Whether papers may be asked for more than once. Each time after the first is an event for supervision.
    #[serde(default)]
    pub correct_again: bool,
    /// How decisions come to the applicant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryDecl>,
    /// The clocks by name. `promised` and `statutory` run from acceptance to the decision and `step` over each task
    /// where nothing else is written.
    #[serde(default)]
    pub clock: BTreeMap<String, ClockDecl>,
    /// How long after its end a case keeps what it holds about people; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<zhengtong_base::Retention>,
    /// Kinds of special procedures that stop the clock.
    #[serde(default)]
    pub stops: BTreeMap<String, Stop>,
    /// 容缺受理; without it, a case is accepted with everything or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferral: Option<Deferral>,
    /// 告知承诺; without it, nothing is decided on a promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// 终止; without it, a case is not ended before it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// What departments that assist see: by the word of the department, or `all`. Without it, what officers see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assist: BTreeMap<String, Assist>,
    /// Whether the office begins it by duty (依职权): nobody takes it back, and whom it is about reads it only after an
    /// action has named them (`party`).
    #[serde(default)]
    pub official: bool,
    /// What may be charged, by name, as the published list of fees says; without it, the service is free.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fee: BTreeMap<String, FeeDecl>,
    /// What officers find out and rules work out while a case goes on, by name.
    #[serde(default)]
    pub figure: BTreeMap<String, Figure>,
    /// What can be decided at a task, by the words of `zt:outcomes`.
    pub outcome: BTreeMap<String, Outcome>,
    /// What the platform does at a service task, by the word of `zt:action`.
    #[serde(default)]
    pub action: BTreeMap<String, Action>,
    /// How the licence that came of a case is revoked later; without it, it is not.
    #[serde(default)]
    pub revocation: Option<Revocation>,
}

/// How a licence is revoked: always by a named official, with a written reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The law behind it.
    pub basis: Text,
    /// What the applicant's timeline says.
    pub event: Text,
    /// The message to the holder, in the pack's `notice/` folder.
    pub notice: String,
    /// The dataset in which the licence ends too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<WriteBack>,
}

impl CaseType {
    /// How many acts of the course, with the revocation, write to a dataset.
    pub fn writes(&self, dataset: &str) -> usize {
        let acts = self.action.values().filter_map(|action| action.registry.as_ref());
        let revocation = self.revocation.iter().filter_map(|rule| rule.registry.as_ref());
        acts.chain(revocation).filter(|back| back.dataset == dataset).count()
    }
}

/// A special procedure during which the clock stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// What people call it.
    pub title: Text,
    /// The law that stops the clock.
    pub basis: Text,
    /// How many days the applicant is told that it takes, unless the officer says otherwise.
    #[serde(default = "told_days")]
    pub told_days: u32,
    /// The most that the applicant may be told.
    #[serde(default = "told_days_max")]
    pub told_days_max: u32,
    /// Its kind in GB/T 39046 (A.7): 1 more time, 2 another one.
    #[serde(default = "another")]
    pub code: u8,
    /// Whether its result and the opinion on it must be written when it ends.
    #[serde(default)]
    pub result: bool,
    /// Whether the number of the written notice must be given.
    #[serde(default)]
    pub written: bool,
    /// The role that approves it; who has it not asks for it. Without it, whoever may order it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The message to the applicant, in the pack's `notice/` folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The paper for the applicant, as `name` or `pack:name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
}

fn another() -> u8 {
    2
}

fn told_days() -> u32 {
    20
}

fn told_days_max() -> u32 {
    180
}

/// What an outcome means for the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The case is accepted: the clocks start.
    Accept,
    /// The applicant is told once what is missing.
    Correct,
    /// The applicant has supplied it.
    Supply,
    /// The applicant, or whom the case is about, answers: objects, asks for a hearing, gives it up. The case stays
    /// where it stands.
    Answer,
    /// The case is not accepted.
    Decline,
    /// A step is done and the case goes on.
    Pass,
    /// The case goes back to an earlier step.
    Return,
    /// The licence is granted.
    Grant,
    /// The licence is refused.
    Refuse,
    /// The result is delivered.
    Deliver,
    /// What was promised was found kept.
    Uphold,
    /// What was promised was found broken.
    Breach,
    /// The licence is revoked.
    Revoke,
}

impl Effect {
    /// Whether it goes against the applicant, so that a named official must write why.
    pub fn adverse(self) -> bool {
        matches!(self, Self::Decline | Self::Refuse | Self::Revoke)
    }

    /// The verb in policies and in the ledger.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Accept => "casework.accept",
            Self::Correct => "casework.correct",
            // Whoever may supply papers may answer.
            Self::Supply | Self::Answer => "casework.supply",
            Self::Decline => "casework.decline",
            Self::Pass => "casework.pass",
            Self::Return => "casework.return",
            Self::Grant => "casework.grant",
            Self::Refuse => "casework.refuse",
            Self::Deliver => "casework.deliver",
            Self::Uphold => "casework.uphold",
            Self::Breach => "casework.breach",
            Self::Revoke => "casework.revoke",
        }
    }

    /// The word in packs and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Correct => "correct",
            Self::Supply => "supply",
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::Pass => "pass",
            Self::Return => "return",
            Self::Grant => "grant",
            Self::Refuse => "refuse",
            Self::Deliver => "deliver",
            Self::Uphold => "uphold",
            Self::Breach => "breach",
            Self::Revoke => "revoke",
        }
    }

    /// All effects, for the table of verbs.
    pub const ALL: [Self; 13] = [
        Self::Accept,
        Self::Correct,
        Self::Supply,
        Self::Answer,
        Self::Decline,
        Self::Pass,
        Self::Return,
        Self::Grant,
        Self::Refuse,
        Self::Deliver,
        Self::Uphold,
        Self::Breach,
        Self::Revoke,
    ];
}

/// One thing that can be decided at a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The words on the button, named by the act.
    pub title: Text,
    /// What it means for the case.
    pub effect: Effect,
    /// The law behind it.
    pub basis: Text,
    /// What the applicant's timeline says.
    pub event: Text,
    /// Whether a reason must be written.
    #[serde(default)]
    pub reason: bool,
    /// Whether it accepts with lesser papers missing that may come later (容缺受理).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub defer: bool,
    /// Whether it grants on a promise in writing (告知承诺).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub promise: bool,
    /// The figures that must be filled in with it, by their names in `[figure]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<String>,
    /// The message to the applicant, in the pack's `notice/` folder.
    pub notice: Option<String>,
    /// The paper for the applicant, as `name` or `pack:name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
}

/// What the platform does at a service task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What the timeline says.
    pub event: Text,
    /// The document to issue, in the pack's `document/` folder.
    pub document: Option<String>,
    /// How long the document is valid, in years.
    pub valid_years: Option<u32>,
    /// The licence of before that this action ends: the document takes its place under the same number, or nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<LicenceChange>,
    /// The dataset to which the result is written back.
    pub registry: Option<WriteBack>,
    /// Names whom the case is about, before anything else is done: the answer that holds the unified social credit
    /// code. From then on the organisation reads the case and is asked in it. Of one that the platform does not know,
    /// papers go out by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// The message to the applicant.
    pub notice: Option<String>,
}

/// What becomes of a licence that was given before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceChange {
    /// The template under which it was given, in the pack's `document/` folder.
    pub template: String,
    /// The answer that holds its number.
    pub number: String,
    /// The answer that holds its last day, where the new document keeps it; otherwise the years are counted anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<String>,
    /// Why it ended, as its holder reads it.
    pub reason: Text,
}

/// Where a result is written back, and which value goes into which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteBack {
    /// The dataset, such as `food-business:food_licence`.
    pub dataset: String,
    /// Field of the dataset → name of an answer or a figure, or `$number` (of the document, else of the case), `$valid_from`, `$valid_to`, `$holder`, `$holder_code`, `$issuer`, `$today`, or `=` and the value itself. Of `new | old` the first answer that is there.
    pub fields: BTreeMap<String, String>,
    /// Whether the record with this key ends: it stands in the dataset no more, and what it said is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

/// A time limit such as `20 working days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many days or hours.
    pub days: u32,
    /// What is counted.
    pub unit: zhengtong_calendar::Unit,
}

/// All case types by `pack:name`.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    types: BTreeMap<String, Arc<CaseType>>,
    calendars: Calendars,
    phrases: phrase::Phrases,
}

impl Catalog {
    /// A case type.
    pub fn get(&self, name: &str) -> Option<Arc<CaseType>> {
        self.types.get(name).map(Arc::clone)
    }

    /// The calendars that packs declare.
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// The phrases that the pack of a case type declares.
    pub fn phrases(&self, case_type: &str) -> &[PhraseDecl] {
        let (pack, _) = case_type.split_once(':').unwrap_or_default();
        self.phrases.get(pack).map(|phrases| phrases.as_slice()).unwrap_or_default()
    }

    /// All case types in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CaseType)> {
        self.types.iter().map(|(name, case_type)| (name.as_str(), case_type.as_ref()))
    }
}

/// Reads the case types of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut types = BTreeMap::new();
    let calendars = calendar::read(packs, report);
    for pack in packs.iter() {
        for file in pack.folder("casework", "toml") {
            if [CALENDARS, PHRASES].contains(&file.stem()) {
                continue;
            }
            let Some(mut case_type) = read_toml::<CaseType>(&file, report) else { continue };
            check(&file, &case_type, pack, report);
            case_type.complete(pack.id());
            calendar::check(&file, &case_type, &calendars, report);
            types.insert(format!("{}:{}", pack.id(), file.stem()), Arc::new(case_type));
        }
    }
    let phrases = phrase::read(packs, report);
    Catalog { types, calendars, phrases }
}

/// Looks whether a case can begin the process that its type names; what else is wrong with a process, its own engine
/// says.
pub fn check_processes(
    packs: &Packs,
    catalog: &Catalog,
    processes: &zhengtong_process::Catalog,
    report: &mut Report,
) {
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let Some(case_type) = catalog.get(&format!("{}:{}", pack.id(), file.stem())) else {
                continue;
            };
            let name = &case_type.process;
            let process = processes.get(&format!("{}:{name}", pack.id()));
            if process.is_none_or(|process| process.begins_plainly()) {
                continue;
            }
            report.push(file.error_at(
                &format!("\"{name}\""),
                Text::new(
                    format!(
                        "流程 {name} 只能由消息、时间或信号启动，办件没法启动它：请在 process/{name}.bpmn 里加一个不带事件的开始事件，或者改用别的流程"
                    ),
                    format!(
                        "the process {name} begins only by a message, a time or a signal, so no case can begin it: add a start event without a trigger to process/{name}.bpmn, or name another process"
                    ),
                ),
            ));
        }
    }
}

fn check(file: &File<'_>, case_type: &CaseType, pack: &zhengtong_pack::Pack, report: &mut Report) {
    if let Some(limit) = case_type.correction.as_ref().filter(|text| Limit::parse(text).is_none()) {
        report.push(file.error_at(
            limit,
            Text::new(
                "期限写成 30 natural days 或 5 working days 这样",
                "write a limit like `30 natural days` or `5 working days`",
            ),
        ));
    }
    clock::check(file, case_type, report);
    course::check(file, case_type, pack, report);
    figure::check(file, case_type, report);
    fee::check(file, case_type, report);
    paper::check(file, case_type, report);
    if !case_type.number.contains("{seq:") {
        report.push(
            file.error_at("number", Text::new("编号里要有 {seq:6}", "the number needs {seq:6}")),
        );
    }
    let path = format!("process/{}.bpmn", case_type.process);
    if pack.bytes(&path).is_none() {
        let known: Vec<&str> = pack
            .paths()
            .filter_map(|path| path.strip_prefix("process/")?.strip_suffix(".bpmn"))
            .collect();
        report.push(
            file.error_at(
                &format!("\"{}\"", case_type.process),
                Text::new(format!("没有 {path}"), format!("there is no {path}")),
            )
            .suggest(&case_type.process, known),
        );
    }
    for (word, outcome) in &case_type.outcome {
        if outcome.effect.adverse() && !outcome.reason {
            report.push(file.error_at(
                &format!("[outcome.{word}]"),
                Text::new(
                    "对申请人不利的决定必须写理由：请加 reason = true",
                    "a decision against the applicant needs a reason: add reason = true",
                ),
            ));
        }
    }
}
