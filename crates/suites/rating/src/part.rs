//! `rating/*.toml`: the national wording of ratings and the limits of what follows a bad one, each version with its
//! first day.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;
use zhengtong_base::Text;
use zhengtong_casework::Limit;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

use crate::model::{LEVELS, Place};

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "rating",
    endings: &["toml"],
    kinds: &[FileKind { schema: "rating", make: schema_of::<Rules> }],
};

/// One version of the wording and of the limits. The name of the file is the name of the version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The first day on which it is in force, such as `2021-02-01`.
    pub valid_from: String,
    /// What it rests on.
    pub basis: Vec<Text>,
    /// Within which a bad rating goes to the department, such as `1 working days`.
    pub dispatch: String,
    /// Within which it is put right, such as `15 working days`.
    pub rectify: String,
    /// After how many replies that did not help it goes up a level.
    pub replies_max: u32,
    /// How many ratings there must be before a figure or a word of them is shown, and how many cases before a
    /// department learns which item a bad rating is about.
    pub shown_min: u32,
    /// The five levels; 1 is the best.
    pub level: Vec<LevelDecl>,
    /// What is asked about a service on the internet.
    pub online: Vec<Indicator>,
    /// What is asked about a service at a window.
    pub offline: Vec<Indicator>,
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelDecl {
    /// Its code: 1 非常满意 to 5 非常不满意.
    pub code: u8,
    /// The wording.
    pub title: Text,
}

/// One thing that is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// The name under which it is kept.
    pub id: String,
    /// The wording.
    pub title: Text,
}

/// A version with its place and its limits read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The name of the version.
    pub version: String,
    /// The first day.
    pub valid_from: Date,
    /// The version.
    pub rules: Rules,
    /// Within which a bad rating goes to the department.
    pub dispatch: Limit,
    /// Within which it is put right.
    pub rectify: Limit,
}

impl InForce {
    /// What people call a level.
    pub fn level(&self, code: u8) -> Text {
        let found = self.rules.level.iter().find(|level| level.code == code);
        found.map_or_else(|| Text::same(code.to_string()), |level| level.title.clone())
    }

    /// What is asked about at a place.
    pub fn indicators(&self, place: Place) -> &[Indicator] {
        match place {
            Place::Online => &self.rules.online,
            Place::Offline => &self.rules.offline,
        }
    }

    /// How many there must be before something is shown.
    pub fn shown_min(&self) -> i64 {
        i64::from(self.rules.shown_min)
    }
}

/// All versions, by their first day.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    versions: BTreeMap<Date, Arc<InForce>>,
}

impl Wording {
    /// The version of a day.
    pub fn on(&self, day: Date) -> Option<Arc<InForce>> {
        self.versions.range(..=day).next_back().map(|(_, version)| Arc::clone(version))
    }

    /// A version by its name, for what was rated under it.
    pub fn named(&self, version: &str) -> Option<Arc<InForce>> {
        self.versions.values().find(|one| one.version == version).map(Arc::clone)
    }
}

/// Reads the versions of all packs that are switched on.
pub fn read(packs: &Packs, report: &mut Report) -> Wording {
    let mut versions: BTreeMap<Date, Arc<InForce>> = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let Some(rules) = read_toml::<Rules>(&file, report) else { continue };
            let Some(in_force) = check(&file, rules, report) else { continue };
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
    Wording { versions }
}

fn check(file: &File<'_>, rules: Rules, report: &mut Report) -> Option<InForce> {
    let mut wrong = |needle: &str, zh: &str, en: &str| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    let codes: Vec<u8> = rules.level.iter().map(|level| level.code).collect();
    if codes != LEVELS {
        wrong("level", "要有 1 到 5 五级，依次写", "write the five levels 1 to 5 in order");
    }
    for (name, list) in [("online", &rules.online), ("offline", &rules.offline)] {
        let mut ids: Vec<&str> = list.iter().map(|one| one.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() != list.len() || ids.iter().any(|id| !plain(id)) {
            wrong(
                name,
                "指标名用小写字母，不能重复",
                "names of indicators are of small letters and differ",
            );
        }
    }
    if rules.shown_min < 3 {
        wrong("shown_min", "不能少于 3，否则猜得出是谁评的", "less than 3 would tell who rated");
    }
    if !(1..=9).contains(&rules.replies_max) {
        wrong("replies_max", "写 1 到 9", "write 1 to 9");
    }
    let limits = (Limit::parse(&rules.dispatch), Limit::parse(&rules.rectify));
    if limits.0.is_none() {
        wrong("dispatch", "期限写成 1 working days 这样", "write a limit like `1 working days`");
    }
    if limits.1.is_none() {
        wrong("rectify", "期限写成 15 working days 这样", "write a limit like `15 working days`");
    }
    let day = Date::parse(&rules.valid_from, format_description!("[year]-[month]-[day]")).ok();
    if day.is_none() {
        wrong("valid_from", "日期写成 2021-02-01 这样", "write a date like 2021-02-01");
    }
    let sound = codes == LEVELS;
    let (dispatch, rectify) = (limits.0?, limits.1?);
    let version = file.stem().to_owned();
    sound.then_some(InForce { version, valid_from: day?, rules, dispatch, rectify })
}

fn plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
