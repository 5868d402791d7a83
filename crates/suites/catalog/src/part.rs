//! `catalog/*.toml`: grammars of codes, the classes of resources, and the limits, each with its first day.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use zhengtong_base::Text;
use zhengtong_casework::Limit;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

use crate::grammar::{From, Grammar, GrammarFile, SegmentKind};
use crate::kinds::Cycle;

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "catalog",
    endings: &["toml"],
    kinds: &[
        FileKind { schema: "catalog-grammar", make: schema_of::<GrammarFile> },
        FileKind { schema: "catalog-classes", make: schema_of::<ClassesFile> },
        FileKind { schema: "catalog-limits", make: schema_of::<LimitsFile> },
    ],
};

/// The length of a class: 类 1, 项 2, 目 3, then 细目.
const CLASS_WIDTHS: [usize; 3] = [1, 3, 6];
/// Days of grace at most.
const GRACE_MAX: u32 = 1_000;

/// `catalog/classes*.toml`: classes of resources.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassesFile {
    /// The classes; a class stands under the one whose code it begins with.
    pub class: Vec<ClassDecl>,
}

/// A class.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassDecl {
    /// 类 1 digit, 项 2, 目 3, then 细目 as long as it is: `3`, `304`, `304002`.
    pub code: String,
    /// What people call it.
    pub title: Text,
    /// The short name of the unit whose resources stand there, when it is one unit's.
    pub unit: Option<String>,
}

/// `catalog/limits*.toml`: how long a review takes, and after how long data is late.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsFile {
    /// The first day.
    pub valid_from: String,
    /// What it rests on.
    pub basis: Text,
    /// Within which a resource is reviewed, such as `5 working days`.
    pub review: String,
    /// By cycle: after how many days without new data it is late.
    pub late: BTreeMap<Cycle, u32>,
}

/// Limits with their days read.
#[derive(Clone, Debug)]
pub struct InForce {
    /// What they rest on.
    pub basis: Text,
    /// Within which a resource is reviewed.
    pub review: Limit,
    /// By cycle: after how many days without new data it is late.
    pub late: BTreeMap<Cycle, u32>,
}

/// Everything the packs declare for this suite.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    grammars: Vec<Arc<Grammar>>,
    classes: BTreeMap<String, Class>,
    limits: BTreeMap<Date, Arc<InForce>>,
}

/// A class with its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// What people call it.
    pub title: Text,
    /// The unit whose resources stand there.
    pub unit: Option<String>,
}

impl Directory {
    /// The grammar by which codes are given on a day.
    pub fn grammar(&self, day: Date) -> Option<&Arc<Grammar>> {
        self.grammars.iter().find(|grammar| grammar.file.used && grammar.holds(day))
    }

    /// Every grammar that packs declare.
    pub fn grammars(&self) -> &[Arc<Grammar>] {
        &self.grammars
    }

    /// The limits of a day.
    pub fn limits(&self, day: Date) -> Option<Arc<InForce>> {
        self.limits.range(..=day).next_back().map(|(_, limits)| Arc::clone(limits))
    }

    /// A class.
    pub fn class(&self, code: &str) -> Option<&Class> {
        self.classes.get(code)
    }

    /// All classes in the order of their codes.
    pub fn classes(&self) -> impl Iterator<Item = (&str, &Class)> {
        self.classes.iter().map(|(code, class)| (code.as_str(), class))
    }

    /// Whether a resource may stand in a class: nothing stands below it.
    pub fn is_leaf(&self, code: &str) -> bool {
        let below = self.classes.range(code.to_owned()..).nth(1);
        self.classes.contains_key(code) && below.is_none_or(|(next, _)| !next.starts_with(code))
    }

    /// A class and those above it, the widest first.
    pub fn path(&self, code: &str) -> Vec<(String, Text)> {
        let lengths = CLASS_WIDTHS.into_iter().filter(|length| *length < code.len());
        lengths
            .chain([code.len()])
            .filter_map(|length| code.get(..length))
            .filter_map(|code| Some((code.to_owned(), self.classes.get(code)?.title.clone())))
            .collect()
    }
}

/// Reads what the packs that are switched on declare.
pub fn read(packs: &Packs, report: &mut Report) -> Directory {
    let mut directory = Directory::default();
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let stem = file.stem().to_owned();
            let enabled = pack.manifest.enabled;
            if stem.starts_with("grammar") {
                let grammar = read_toml::<GrammarFile>(&file, report)
                    .and_then(|part| grammar(&file, part, report));
                directory.grammars.extend(grammar.filter(|_| enabled).map(Arc::new));
            } else if stem.starts_with("classes") {
                let part = read_toml::<ClassesFile>(&file, report);
                let part = part.filter(|_| enabled);
                classes(&file, part, &mut directory.classes, report);
            } else if stem.starts_with("limits") {
                let part = read_toml::<LimitsFile>(&file, report);
                let limits = part.and_then(|part| limits(&file, &part, report));
                directory.limits.extend(limits.filter(|_| enabled));
            } else {
                let text = Text::new(
                    "文件名要以 grammar、classes 或 limits 开头",
                    "the name begins with grammar, classes or limits",
                );
                report.push(file.error_at("", text));
            }
        }
    }
    one_at_a_time(packs, &directory, report);
    directory
}

fn grammar(file: &File<'_>, part: GrammarFile, report: &mut Report) -> Option<Grammar> {
    let mut wrong = |needle: &str, zh: &str, en: &str| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    if !(3..=12).contains(&part.sequence) {
        wrong("sequence", "顺序号写 3 到 12 位", "a running number has 3 to 12 digits");
    }
    let free = part.segment.iter().filter(|one| one.kind == SegmentKind::Free).count();
    let last = part.segment.last().is_some_and(|one| one.kind == SegmentKind::Free);
    if free > 1 || (free == 1 && !last) {
        wrong(
            "segment",
            "不定长的段最多一个，并排在最后，否则分不清各段",
            "at most one segment is free, and it is the last: otherwise parts cannot be told apart",
        );
    }
    if free == 1 && part.separator.is_empty() {
        wrong(
            "separator",
            "最后一段不定长时，顺序号前要有分隔符",
            "after a free segment a separator stands before the running number",
        );
    }
    for segment in &part.segment {
        let listed = segment.kind == SegmentKind::Codes;
        if listed == segment.codes.is_empty() || (segment.from == From::Fixed && !listed) {
            wrong(
                "codes",
                "代码表和段的种类不一致",
                "codes belong to segments of the kind `codes`",
            );
        }
    }
    if part.separator.bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii_graphic()) {
        wrong("separator", "分隔符用“/”“-”这样的符号", "a separator is a sign such as `/` or `-`");
    }
    let (valid_from, valid_to) = (day(&part.valid_from), part.valid_to.as_deref().map(day));
    if valid_from.is_none() || valid_to == Some(None) {
        wrong("valid_from", "日期写成 2017-06-30 这样", "write a date like 2017-06-30");
    }
    let id = file.stem().to_owned();
    Some(Grammar { id, valid_from: valid_from?, valid_to: valid_to.flatten(), file: part })
}

fn classes(
    file: &File<'_>,
    part: Option<ClassesFile>,
    all: &mut BTreeMap<String, Class>,
    report: &mut Report,
) {
    for class in part.into_iter().flat_map(|part| part.class) {
        let code = class.code;
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        let length = code.len();
        let above = CLASS_WIDTHS.into_iter().rfind(|width| *width < length);
        let above = above.and_then(|width| code.get(..width));
        let mut wrong = |zh: &str, en: &str| {
            report.push(file.error_at(&format!("\"{code}\""), Text::new(zh, en)));
        };
        if !digits || !(CLASS_WIDTHS.contains(&length) || (7..=12).contains(&length)) {
            wrong(
                "分类码是类 1 位、项 2 位、目 3 位，细目接在后面",
                "a class has 1, 3 or 6 digits, or more for a detail",
            );
        } else if above.is_some_and(|above| !all.contains_key(above)) {
            wrong("上一级分类要写在它前面", "the class above stands before it");
        } else if all.insert(code.clone(), Class { title: class.title, unit: class.unit }).is_some()
        {
            wrong("这个分类码写了两次", "this class stands twice");
        }
    }
}

fn limits(file: &File<'_>, part: &LimitsFile, report: &mut Report) -> Option<(Date, Arc<InForce>)> {
    let mut wrong = |needle: &str, zh: &str, en: &str| {
        report.push(file.error_at(needle, Text::new(zh, en)));
    };
    let review = Limit::parse(&part.review);
    if review.is_none() {
        wrong("review", "期限写成 5 working days 这样", "write a limit like `5 working days`");
    }
    let missing =
        Cycle::ALL.iter().any(|cycle| *cycle != Cycle::Irregular && !part.late.contains_key(cycle));
    if missing || part.late.values().any(|days| !(1..=GRACE_MAX).contains(days)) {
        wrong("late", "每种更新周期都要写 1 到 1000 天", "each cycle has 1 to 1000 days");
    }
    let day = day(&part.valid_from);
    if day.is_none() {
        wrong("valid_from", "日期写成 2026-01-01 这样", "write a date like 2026-01-01");
    }
    let in_force = InForce { basis: part.basis.clone(), review: review?, late: part.late.clone() };
    Some((day?, Arc::new(in_force)))
}

/// Two grammars that are used on the same day would give two codes to one thing.
fn one_at_a_time(packs: &Packs, directory: &Directory, report: &mut Report) {
    let used: Vec<_> = directory.grammars.iter().filter(|grammar| grammar.file.used).collect();
    for (at, one) in used.iter().enumerate() {
        let both = used.iter().skip(at + 1).any(|other| {
            one.valid_to.is_none_or(|last| other.valid_from <= last)
                && other.valid_to.is_none_or(|last| one.valid_from <= last)
        });
        if !both {
            continue;
        }
        let path = format!("catalog/{}.toml", one.id);
        let file = packs.iter().find_map(|pack| pack.file(&path));
        if let Some(file) = file {
            let text = Text::new(
                "同一天只能用一种编码规则（used = true）",
                "only one grammar is used on a day (used = true)",
            );
            report.push(file.error_at("used", text));
        }
    }
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
