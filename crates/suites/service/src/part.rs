//! `service/*.toml`: one item of the power list (实施清单) as the guide shows it and the desk works by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::{Text, code};
use zhengtong_casework::Limit;
use zhengtong_db::{Actor, ActorKind};
use zhengtong_pack::{File, FileKind, Pack, Packs, PartDecl, Report, read_toml, schema_of};

use crate::licence::LicenceRule;
use crate::published::PublishedRule;
use crate::unsigned::UnsignedRule;

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "service",
    endings: &["toml"],
    kinds: &[FileKind { schema: "service", make: schema_of::<Item> }],
};

/// The source of papers that the applicant brings.
const APPLICANT: &str = "applicant";
/// The kind of items by which penalties are given.
const PENALTY: &str = "02";

/// An item of the power list, by the elements of GB/T 39046-2020 table 4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// What people call it.
    pub name: Text,
    /// One or two sentences: who needs it and what for.
    pub summary: Text,
    /// The implementation code of the unit.
    pub code: String,
    /// The version, and the day from which it is in force, such as `2026-07-01`.
    pub version: String,
    /// The first day on which this version is in force.
    pub valid_from: String,
    /// The kind of power by GB/T 39046-2020 A.1, such as `01` for 行政许可.
    pub kind: String,
    /// Who may apply: `natural`, `legal`.
    pub object: Vec<Object>,
    /// How well the applicant's name must be proven: 0 not, 1 by number and name, 2 at a counter or by face, 3 by
    /// a certificate.
    #[serde(default)]
    pub level: u8,
    /// Who may apply, in words.
    pub applicants: Text,
    /// The short name of the department that decides.
    pub department: String,
    /// The life events under which it is found.
    pub life_event: Vec<String>,
    /// Words people use for it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The laws behind it.
    pub basis: Vec<Text>,
    /// What the law gives, such as `20 working days`.
    pub statutory: String,
    /// What is promised, such as `5 working days`.
    pub promised: String,
    /// What it costs.
    pub fee: Text,
    /// How often one must come in person.
    pub visits: u8,
    /// How many minutes it takes to fill in.
    pub minutes: u32,
    /// The form in the pack's `form/` folder.
    pub form: String,
    /// The case type in the pack's `casework/` folder.
    pub case: String,
    /// The licence given before that it is about, when it renews, changes, replaces or ends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<LicenceRule>,
    /// What a penalty is given for, of which kind and how much; items of penalties have them, and no others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub punishment: Vec<Punishment>,
    /// That it may be handed in without a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsigned: Option<UnsignedRule>,
    /// Where everybody reads what was published of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedRule>,
    /// The questions of the form by which the applicant undertakes something in writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undertake: Option<Undertake>,
    /// Questions that decide which papers are needed; answered on the guide without a login.
    #[serde(default)]
    pub question: Vec<Question>,
    /// The papers.
    pub material: Vec<MaterialRule>,
    /// The steps, for people.
    pub step: Vec<Step>,
    /// What comes out of it.
    pub result: Outcome,
    /// Where to go in person.
    pub window: Window,
    /// Questions people ask.
    #[serde(default)]
    pub faq: Vec<Faq>,
}

/// One act that is punished (处罚的行为、种类、幅度).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Punishment {
    /// The act.
    pub act: Text,
    /// The kinds of penalties, such as a fine.
    pub kind: Text,
    /// How much, with the article.
    pub measure: Text,
}

/// The questions of the form by which the applicant undertakes something: answered yes, it counts as written and signed.
/// The hint of the question is what is undertaken, word for word as in the case type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Undertake {
    /// To bring a lesser paper later (容缺受理).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferral: Option<String>,
    /// To keep what is promised (告知承诺).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<String>,
}

/// Who may apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// A natural person.
    Natural,
    /// A legal person or another organisation.
    Legal,
    /// Nobody: an officer of the department begins it, by duty.
    Official,
}

impl Object {
    /// As whom an actor applies now.
    pub fn of(actor: &Actor) -> Self {
        match (actor.kind, &actor.behalf) {
            (ActorKind::Staff, _) => Self::Official,
            (_, Some(_)) => Self::Legal,
            (_, None) => Self::Natural,
        }
    }
}

/// A question of the guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The name in conditions.
    pub name: String,
    /// The question.
    pub title: Text,
    /// The answers; the first is taken until another is chosen.
    pub option: Vec<Choice>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value in conditions.
    pub value: String,
    /// The words.
    pub title: Text,
}

/// A paper that the item asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialRule {
    /// The name by which a file field of the form refers to it.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// `applicant`, or the dataset from which it is taken, such as `base-legal:organisation`.
    pub source: String,
    /// What must be in it.
    pub note: Text,
    /// Whether it may follow after acceptance (容缺).
    #[serde(default)]
    pub deferrable: bool,
    /// When it is needed, by the answers of the guide's questions (FEEL); always when absent.
    pub needed_if: Option<String>,
}

/// A step of the way, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is.
    pub name: Text,
    /// Who does it and how long it takes.
    pub who: Text,
}

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The licence or paper.
    pub name: Text,
    /// How it is handed over and how long it is valid.
    pub note: Text,
}

/// Where to go in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The place.
    pub place: Text,
    /// The address.
    pub address: Text,
    /// When it is open.
    pub hours: Text,
    /// The telephone number.
    pub phone: String,
}

/// A question people ask, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Faq {
    /// The question.
    pub question: Text,
    /// The answer.
    pub answer: Text,
}

/// An item with its place and its limits read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `pack:name`.
    pub id: String,
    /// The pack.
    pub pack: String,
    /// The name in addresses, such as `food-business-new`.
    pub slug: String,
    /// The item.
    pub item: Item,
    /// What the law gives.
    pub statutory: Limit,
    /// What is promised.
    pub promised: Limit,
}

impl Item {
    /// Says in full from which datasets papers are taken.
    fn complete(&mut self, pack: &str) {
        for paper in self.material.iter_mut().filter(|paper| paper.source != APPLICANT) {
            let (owner, name) = Packs::resolve(pack, &paper.source);
            paper.source = format!("{owner}:{name}");
        }
    }
}

impl Listed {
    /// The form, `pack:name`.
    pub fn form(&self) -> String {
        format!("{}:{}", self.pack, self.item.form)
    }

    /// The case type, `pack:name`.
    pub fn case(&self) -> String {
        format!("{}:{}", self.pack, self.item.case)
    }
}

/// All items.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    items: BTreeMap<String, Arc<Listed>>,
}

impl Catalog {
    /// An item by `pack:name`.
    pub fn get(&self, id: &str) -> Option<Arc<Listed>> {
        self.items.get(id).map(Arc::clone)
    }

    /// An item by its name in addresses.
    pub fn by_slug(&self, slug: &str) -> Option<Arc<Listed>> {
        self.items.values().find(|listed| listed.slug == slug).map(Arc::clone)
    }

    /// All items in order of name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Listed>> {
        self.items.values()
    }
}

/// Reads the items of all packs.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut items: BTreeMap<String, Arc<Listed>> = BTreeMap::new();
    for pack in packs.iter() {
        for file in pack.folder("service", "toml") {
            let Some(mut item) = read_toml::<Item>(&file, report) else { continue };
            check(&file, &item, pack, packs, report);
            item.complete(pack.id());
            let (Some(statutory), Some(promised)) =
                (limit(&file, &item.statutory, report), limit(&file, &item.promised, report))
            else {
                continue;
            };
            // A pack that is switched off is checked like any other, but offers nothing.
            if !pack.manifest.enabled {
                continue;
            }
            let slug = format!("{}-{}", pack.id(), file.stem());
            let id = format!("{}:{}", pack.id(), file.stem());
            let pack = pack.id().to_owned();
            let listed = Listed { id: id.clone(), pack, slug, item, statutory, promised };
            items.insert(id, Arc::new(listed));
        }
    }
    Catalog { items }
}

fn limit(file: &File<'_>, text: &str, report: &mut Report) -> Option<Limit> {
    let limit = Limit::parse(text);
    if limit.is_none() {
        report.push(file.error_at(
            &format!("\"{text}\""),
            Text::new("期限写成 20 working days 这样", "write a limit like `20 working days`"),
        ));
    }
    limit
}

fn check(file: &File<'_>, item: &Item, pack: &Pack, packs: &Packs, report: &mut Report) {
    for (folder, name) in [("form", &item.form), ("casework", &item.case)] {
        let path = format!("{folder}/{name}.toml");
        if pack.bytes(&path).is_none() {
            let start = format!("{folder}/");
            let known: Vec<&str> = pack
                .paths()
                .filter_map(|path| path.strip_prefix(&start)?.strip_suffix(".toml"))
                .collect();
            report.push(
                file.error_at(
                    &format!("\"{name}\""),
                    Text::new(format!("没有 {path}"), format!("there is no {path}")),
                )
                .suggest(name, known),
            );
        }
    }
    if time_of(&item.valid_from).is_none() {
        report.push(file.error_at(
            &item.valid_from,
            Text::new("日期写成 2026-07-01 这样", "write a date like 2026-07-01"),
        ));
    }
    if item.level > 3 {
        report.push(file.error_at("level", Text::new("实名等级是 0 至 3", "the level is 0 to 3")));
    }
    if (item.kind == PENALTY) == item.punishment.is_empty() {
        report.push(file.error_at(
            "kind",
            Text::new(
                "行政处罚（kind = \"02\"）要写 [[punishment]]：行为、种类、幅度；别的事项不写",
                "a penalty (kind = \"02\") has [[punishment]]: act, kind, measure; other items have none",
            ),
        ));
    }
    crate::licence::check(file, item, pack, packs, report);
    for material in &item.material {
        check_material(file, item, material, pack, packs, report);
    }
}

fn check_material(
    file: &File<'_>,
    item: &Item,
    material: &MaterialRule,
    pack: &Pack,
    packs: &Packs,
    report: &mut Report,
) {
    if material.source != APPLICANT {
        let (owner, name) = Packs::resolve(pack.id(), &material.source);
        let path = format!("registry/{name}.toml");
        let there = packs.get(owner).is_some_and(|owner| owner.bytes(&path).is_some());
        if !there || !packs.may_refer(pack.id(), owner) {
            report.push(file.error_at(
                &format!("\"{}\"", material.source),
                Text::new(
                    format!("没有数据集 {}，或 pack.toml 的 needs 里没有 {owner}", material.source),
                    format!(
                        "there is no dataset {}, or pack.toml does not need {owner}",
                        material.source
                    ),
                ),
            ));
        }
    }
    let Some(condition) = &material.needed_if else { return };
    let fault = match zhengtong_feel::Expr::parse(condition) {
        Err(error) => Some(Text::new(format!("条件写错了：{error}"), error.to_string())),
        Ok(expr) => expr
            .names()
            .into_iter()
            .find(|name| !item.question.iter().any(|question| question.name == *name))
            .map(|name| {
                Text::new(
                    format!("条件里的 {name} 不是本事项的问题"),
                    format!("{name} is no question of this item"),
                )
            }),
    };
    if let Some(text) = fault {
        report.push(file.error_at(condition, text));
    }
}

fn time_of(date: &str) -> Option<()> {
    code::validator("date").and_then(|check| check(date, time::Date::MAX).ok())
}
