//! `exchange/*.toml`: systems of departments with what they offer, and the items that are exchanged between them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, nearest, read_toml, schema_of};

use crate::model::{Endpoint, Keep, Mode};
use crate::name::is_identifier;

/// The sub-folder of this suite.
pub const PART: PartDecl = PartDecl {
    folder: "exchange",
    endings: &["toml"],
    kinds: &[FileKind { schema: "exchange", make: schema_of::<Declared> }],
};

/// One file: systems and items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Systems of departments.
    #[serde(default)]
    pub system: Vec<SystemDecl>,
    /// What is exchanged between them.
    #[serde(default)]
    pub item: Vec<ItemDecl>,
}

/// A system of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemDecl {
    /// The short word of the department, such as `civil-affairs`.
    pub department: String,
    /// The code of the system; all systems of a city have different ones.
    pub code: String,
    /// The name.
    pub title: Text,
    /// What it offers.
    #[serde(default)]
    pub service: Vec<ServiceDecl>,
}

/// A service of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceDecl {
    /// Its code, which is the code of the resource.
    pub code: String,
    /// The name.
    pub title: Text,
    /// What the log keeps.
    pub keep: Keep,
    /// What it answers.
    pub endpoint: Vec<Endpoint>,
}

/// How an item is exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A call that is answered at once.
    Call,
    /// One message at a time, carried later.
    Message,
    /// Rows of a table in batches, carried later.
    Table,
    /// Files, carried later.
    File,
}

impl Way {
    /// The mode of a channel; none for calls.
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::Call => None,
            Self::Message => Some(Mode::Message),
            Self::Table => Some(Mode::Table),
            Self::File => Some(Mode::File),
        }
    }
}

/// What is exchanged: a service and who uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemDecl {
    /// Its code.
    pub code: String,
    /// The name.
    pub title: Text,
    /// How.
    pub way: Way,
    /// The service, as `system/service`.
    pub service: String,
    /// The datasets of the platform whose data it carries, such as `base-population:resident`.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// The systems on the other side: who calls, or who sends.
    pub with: Vec<String>,
    /// The method and path; for a channel the path alone counts.
    pub endpoint: Endpoint,
    /// What for.
    pub purpose: String,
    /// What it rests on.
    pub basis: String,
}

/// Everything that the packs declare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Systems by their code.
    pub systems: BTreeMap<String, SystemDecl>,
    /// Items.
    pub items: Vec<ItemDecl>,
}

impl Plan {
    /// The items that carry data of a dataset.
    pub fn carrying(&self, dataset: &str) -> impl Iterator<Item = &ItemDecl> {
        self.items.iter().filter(move |item| item.datasets.iter().any(|one| one == dataset))
    }
}

/// Reads the files of all packs that are switched on. `datasets` are those that the packs declare.
pub fn read(packs: &Packs, datasets: &[&str], report: &mut Report) -> Plan {
    let mut plan = Plan::default();
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let Some(declared) = read_toml::<Declared>(&file, report) else { continue };
            if !pack.manifest.enabled {
                continue;
            }
            for system in declared.system {
                named(&file, &system.code, report);
                if plan.systems.contains_key(&system.code) {
                    let code = &system.code;
                    let text = Text::new(
                        format!("系统编码 {code} 重复"),
                        format!("there is another system `{code}`"),
                    );
                    report.push(file.error_at(code, text));
                }
                plan.systems.insert(system.code.clone(), system);
            }
            for item in declared.item {
                checked(&file, &plan, &item, report);
                carries(&file, datasets, &item, report);
                plan.items.push(item);
            }
        }
    }
    plan
}

fn named(file: &File<'_>, code: &str, report: &mut Report) {
    if !is_identifier(code) {
        let text = Text::new("编码只用字母、数字、- 和 .", "a code is of letters, digits, - and .");
        report.push(file.error_at(code, text));
    }
}

/// A file names only systems of itself and of files before it.
fn checked(file: &File<'_>, plan: &Plan, item: &ItemDecl, report: &mut Report) {
    named(file, &item.code, report);
    let (system, service) = item.service.split_once('/').unwrap_or((&item.service, ""));
    let found = plan.systems.get(system);
    if !found.is_some_and(|found| found.service.iter().any(|one| one.code == service)) {
        let known = plan.systems.values().flat_map(|system| {
            system.service.iter().map(|service| format!("{}/{}", system.code, service.code))
        });
        let known: Vec<String> = known.collect();
        let known = known.iter().map(String::as_str);
        unknown(file, ("服务", "service"), &item.service, known, report);
    }
    for with in &item.with {
        if !plan.systems.contains_key(with) {
            let known = plan.systems.keys().map(String::as_str);
            unknown(file, ("系统", "system"), with, known, report);
        }
    }
}

/// What an item carries is declared somewhere.
fn carries(file: &File<'_>, datasets: &[&str], item: &ItemDecl, report: &mut Report) {
    for dataset in item.datasets.iter().filter(|name| !datasets.contains(&name.as_str())) {
        unknown(file, ("数据集", "dataset"), dataset, datasets.iter().copied(), report);
    }
}

/// A name that nothing has, with the one that is most like it.
fn unknown<'a>(
    file: &File<'_>,
    (zh, en): (&str, &str),
    name: &str,
    known: impl Iterator<Item = &'a str>,
    report: &mut Report,
) {
    let near = nearest(name, known).unwrap_or("–");
    let text = Text::new(
        format!("没有{zh} {name}，是不是 {near}"),
        format!("there is no {en} `{name}`; did you mean `{near}`"),
    );
    report.push(file.error_at(name, text));
}
