//! `sharing/*.toml`: the limits of requests and objections, each version with its first day and its sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;
use zhengtong_base::Text;
use zhengtong_casework::Limit;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "sharing",
    endings: &["toml"],
    kinds: &[FileKind { schema: "sharing", make: schema_of::<LimitsFile> }],
};

/// One version of the limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsFile {
    /// The first day on which it is in force, such as `2025-08-01`.
    pub valid_from: String,
    /// What it rests on.
    pub basis: Vec<Text>,
    /// Whether the days were compared with the text of the law that binds this city.
    pub verified: bool,
    /// Within which the data authority checks a request, such as `2 working days`.
    pub check: String,
    /// Within which the provider replies.
    pub reply: String,
    /// Within which the provider replies, when the data must be made ready first.
    pub prepare: String,
    /// Within which an objection is settled.
    pub objection: String,
    /// Within which it is settled, when the time was extended.
    pub objection_extended: String,
    /// Most days between the first and the last day of a grant.
    pub period_days_max: u32,
    /// Most uses a day.
    pub quota_max: u32,
}

/// A version with its limits read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The first day.
    pub valid_from: Date,
    /// The version as it was written.
    pub file: LimitsFile,
    /// For the check.
    pub check: Limit,
    /// For the reply.
    pub reply: Limit,
    /// For the reply, when data is made ready first.
    pub prepare: Limit,
    /// For an objection.
    pub objection: Limit,
    /// For an extended objection.
    pub objection_extended: Limit,
}

/// All versions, by their first day.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    versions: BTreeMap<Date, Arc<InForce>>,
}

impl Limits {
    /// The version of a day.
    pub fn on(&self, day: Date) -> Option<Arc<InForce>> {
        self.versions.range(..=day).next_back().map(|(_, version)| Arc::clone(version))
    }
}

/// Reads the versions of all packs that are switched on.
pub fn read(packs: &Packs, report: &mut Report) -> Limits {
    let mut versions: BTreeMap<Date, Arc<InForce>> = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let Some(limits) = read_toml::<LimitsFile>(&file, report) else { continue };
            let Some(in_force) = check(&file, limits, report) else { continue };
            if !pack.manifest.enabled {
                continue;
            }
            let day = in_force.valid_from;
            if versions.insert(day, Arc::new(in_force)).is_some() {
                report.push(file.error_at(
                    "valid_from",
                    Text::new(
                        format!("{day} 起已有另一个版本"),
                        format!("another version is in force from {day}"),
                    ),
                ));
            }
        }
    }
    Limits { versions }
}

fn check(file: &File<'_>, limits: LimitsFile, report: &mut Report) -> Option<InForce> {
    let mut limit = |name: &str, words: &str| {
        let found = Limit::parse(words);
        if found.is_none() {
            report.push(file.error_at(
                name,
                Text::new("期限写成 5 working days 这样", "write a limit like `5 working days`"),
            ));
        }
        found
    };
    let check = limit("check", &limits.check);
    let reply = limit("reply", &limits.reply);
    let prepare = limit("prepare", &limits.prepare);
    let objection = limit("objection", &limits.objection);
    let objection_extended = limit("objection_extended", &limits.objection_extended);
    if limits.period_days_max == 0 || limits.quota_max == 0 {
        report.push(file.error_at(
            "quota_max",
            Text::new(
                "最长期限和每日次数都要大于 0",
                "the longest period and the quota are above 0",
            ),
        ));
    }
    let day = Date::parse(&limits.valid_from, format_description!("[year]-[month]-[day]")).ok();
    if day.is_none() {
        report.push(file.error_at(
            "valid_from",
            Text::new("日期写成 2025-08-01 这样", "write a date like 2025-08-01"),
        ));
    }
    Some(InForce {
        valid_from: day?,
        check: check?,
        reply: reply?,
        prepare: prepare?,
        objection: objection?,
        objection_extended: objection_extended?,
        file: limits,
    })
}
