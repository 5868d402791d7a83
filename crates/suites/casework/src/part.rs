//! `casework/*.toml`: a case type — its numbers, its process, its clocks and what an officer can decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "casework",
    endings: &["toml"],
    kinds: &[FileKind { schema: "casework", make: schema_of::<CaseType> }],
};

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
    /// How long the applicant has to supply what is missing, such as `30 natural days`.
    pub correction: String,
    /// How long after its end a case keeps what it holds about people; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<zhengtong_base::Retention>,
    /// Kinds of special procedures that stop the clock.
    #[serde(default)]
    pub stops: BTreeMap<String, Stop>,
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
}

/// A special procedure during which the clock stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// What people call it.
    pub title: Text,
    /// The law that stops the clock.
    pub basis: Text,
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
}

impl Effect {
    /// Whether it goes against the applicant, so that a named official must write why.
    pub fn adverse(self) -> bool {
        matches!(self, Self::Decline | Self::Refuse)
    }

    /// The verb in policies and in the ledger.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Accept => "casework.accept",
            Self::Correct => "casework.correct",
            Self::Supply => "casework.supply",
            Self::Decline => "casework.decline",
            Self::Pass => "casework.pass",
            Self::Return => "casework.return",
            Self::Grant => "casework.grant",
            Self::Refuse => "casework.refuse",
            Self::Deliver => "casework.deliver",
        }
    }

    /// All effects, for the table of verbs.
    pub const ALL: [Self; 9] = [
        Self::Accept,
        Self::Correct,
        Self::Supply,
        Self::Decline,
        Self::Pass,
        Self::Return,
        Self::Grant,
        Self::Refuse,
        Self::Deliver,
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
    /// The message to the applicant, in the pack's `notice/` folder.
    pub notice: Option<String>,
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
    /// The dataset to which the result is written back.
    pub registry: Option<WriteBack>,
    /// The message to the applicant.
    pub notice: Option<String>,
}

/// Where a result is written back, and which value goes into which field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteBack {
    /// The dataset, such as `food-business:food_licence`.
    pub dataset: String,
    /// Field of the dataset → name of an answer, or `$number`, `$valid_from`, `$valid_to`, `$holder`, `$holder_code`.
    pub fields: BTreeMap<String, String>,
}

/// A time limit such as `20 working days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many days.
    pub days: u32,
    /// Which days count.
    pub unit: zhengtong_calendar::Unit,
}

impl Limit {
    /// Reads `5 working days`, `30 natural days` or `15 statutory days`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let days = words.next()?.parse().ok()?;
        let unit = match (words.next()?, words.next()?) {
            ("working", "day" | "days") => zhengtong_calendar::Unit::WorkingDay,
            ("natural", "day" | "days") => zhengtong_calendar::Unit::NaturalDay,
            ("statutory", "day" | "days") => zhengtong_calendar::Unit::StatutoryDay,
            _ => return None,
        };
        words.next().is_none().then_some(Self { days, unit })
    }
}

/// All case types by `pack:name`.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    types: BTreeMap<String, Arc<CaseType>>,
}

impl Catalog {
    /// A case type.
    pub fn get(&self, name: &str) -> Option<Arc<CaseType>> {
        self.types.get(name).map(Arc::clone)
    }

    /// All case types in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CaseType)> {
        self.types.iter().map(|(name, case_type)| (name.as_str(), case_type.as_ref()))
    }
}

/// Reads the case types of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut types = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder("casework", "toml") {
            let Some(case_type) = read_toml::<CaseType>(&file, report) else { continue };
            check(&file, &case_type, pack, report);
            types.insert(format!("{}:{}", pack.id(), file.stem()), Arc::new(case_type));
        }
    }
    Catalog { types }
}

fn check(file: &File<'_>, case_type: &CaseType, pack: &zhengtong_pack::Pack, report: &mut Report) {
    if Limit::parse(&case_type.correction).is_none() {
        report.push(file.error_at(
            &case_type.correction,
            Text::new(
                "期限写成 30 natural days 或 5 working days 这样",
                "write a limit like `30 natural days` or `5 working days`",
            ),
        ));
    }
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
