//! What a case type says about its course: papers that may come later, decisions on a promise, how a case is ended; and
//! whether its process fits what it declares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, Pack, Report};

use super::{CaseType, Effect, Limit};

/// The clock of the applicant who brings what is owed.
pub(crate) const DEFERRAL: &str = "deferral";

/// 容缺受理: a case may be accepted with lesser papers missing, which the applicant undertakes to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deferral {
    /// How long the applicant has from acceptance, such as `10 working days`.
    pub limit: String,
    /// What the applicant undertakes, in the words that they sign.
    pub undertaking: Text,
    /// The law or rule behind it.
    pub basis: Text,
    /// The role that decides when it is late; `window` where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decides: Option<String>,
    /// The message to the applicant when the case is accepted with papers owed, in the pack's `notice/` folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The message when they are late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<String>,
}

/// 告知承诺: a decision on what the applicant promises in writing, looked at afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// What the applicant promises, in the words that they sign.
    pub undertaking: Text,
    /// The law or rule behind it.
    pub basis: Text,
}

/// 终止: how a case is ended before it is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// The law behind it.
    pub basis: Text,
    /// What the applicant's timeline says.
    pub event: Text,
    /// The role that ends it; without it, whoever may end cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// The message to the applicant, in the pack's `notice/` folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What a department that assists sees of a case beside its number, its course and its clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assist {
    /// Whether it sees who applies.
    #[serde(default = "yes")]
    pub applicant: bool,
    /// The answers it sees, by their keys; all where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Vec<String>>,
    /// The papers it sees, by their Chinese names; all where nothing is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub papers: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

/// Reports what does not fit in what a case type says about its course, or between it and its process.
pub(super) fn check(file: &File<'_>, case_type: &CaseType, pack: &Pack, report: &mut Report) {
    let mut wrong = |needle: &str, zh: String, en: String| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    if let Some(deferral) = &case_type.deferral {
        if Limit::parse(&deferral.limit).is_none() {
            wrong(
                &deferral.limit,
                "期限写成 10 working days 这样".to_owned(),
                "write a limit like `10 working days`".to_owned(),
            );
        }
        if case_type.ending.is_none() {
            wrong(
                "[deferral]",
                "容缺逾期要能终止：请加 [ending]".to_owned(),
                "a case whose papers stay away must be able to end: add [ending]".to_owned(),
            );
        }
    }
    for (word, outcome) in &case_type.outcome {
        let place = format!("[outcome.{word}]");
        if outcome.defer && (outcome.effect != Effect::Accept || case_type.deferral.is_none()) {
            wrong(
                &place,
                "defer 只用在受理上，并且要有 [deferral]".to_owned(),
                "defer belongs to an outcome that accepts, and needs [deferral]".to_owned(),
            );
        }
        if outcome.promise && (outcome.effect != Effect::Grant || case_type.promise.is_none()) {
            wrong(
                &place,
                "promise 只用在准予上，并且要有 [promise]".to_owned(),
                "promise belongs to an outcome that grants, and needs [promise]".to_owned(),
            );
        }
        if outcome.effect == Effect::Breach && !outcome.reason {
            wrong(
                &place,
                "承诺不实要写明理由：请加 reason = true".to_owned(),
                "a broken promise needs a reason: add reason = true".to_owned(),
            );
        }
    }
    let path = format!("process/{}.bpmn", case_type.process);
    let text = pack.bytes(&path).and_then(|bytes| std::str::from_utf8(bytes).ok());
    if let Some(model) = text.and_then(|text| zhengtong_process::examine(text).model) {
        for node in &model.nodes {
            for (zh, en) in fits(case_type, node) {
                wrong("process", format!("{}：{zh}", node.id), format!("{}: {en}", node.id));
            }
        }
    }
}

/// What speaks against a step of the process.
fn fits(case_type: &CaseType, node: &zhengtong_process::Node) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let effect = |word: &String| case_type.outcome.get(word).map(|outcome| outcome.effect);
    for word in &node.outcomes {
        match effect(word) {
            None => found.push((
                format!("没有声明 [outcome.{word}]"),
                format!("there is no [outcome.{word}]"),
            )),
            Some(effect)
                if node.is_repeated()
                    && !matches!(effect, Effect::Pass | Effect::Return | Effect::Answer) =>
            {
                found.push((
                    format!("多人各办一份的环节只能用不改变办件的结果，{word} 不行"),
                    format!("what several do each for themselves cannot decide the case: {word}"),
                ));
            }
            Some(_) => {}
        }
    }
    if let Some(word) = &node.by_default
        && effect(word) != Some(Effect::Pass)
    {
        found.push((
            format!("到期默认只能是通过本步的结果，{word} 不行：准予、不予都要由人具名决定"),
            format!(
                "what counts by rule can only pass the step, not {word}: a named official decides"
            ),
        ));
    }
    found
}
