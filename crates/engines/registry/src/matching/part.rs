//! The grammar of `registry/matching.toml`: which datasets hold records of the same, and how that is seen.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use zhengtong_base::Text;
use zhengtong_linkage::{Comparer, FieldPlan, Part, Pass, Plan, Scope};
use zhengtong_pack::{File, Report};

use super::model::{MatchGroup, MatchMember};
use crate::lint::{fault, quoted};
use crate::model::Catalog;
use crate::part::full;

/// Most records that may share a key unless the group says otherwise.
const BLOCK_MAX: usize = 200;

/// `registry/matching.toml`: groups of datasets in which one person, or one organisation, is one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchingFile {
    /// Groups by name, such as `person`.
    #[serde(default)]
    pub group: BTreeMap<String, MatchGroupPart>,
}

/// One group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchGroupPart {
    /// What people call it.
    pub title: Text,
    /// The short name of the department that answers for it.
    pub authority: String,
    /// The probability from which on two records are one.
    pub sure: f64,
    /// The probability from which on a person must look.
    pub doubt: f64,
    /// Most records that may share a key of a pass.
    #[serde(default)]
    pub block_max: Option<usize>,
    /// What is compared.
    pub field: Vec<MatchFieldPart>,
    /// By which keys candidates are found.
    pub pass: Vec<PassPart>,
    /// The datasets.
    pub member: Vec<MemberPart>,
}

/// One thing that is compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchFieldPart {
    /// Its name within the group.
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// How it is compared.
    pub compare: ComparerWord,
    /// Whether a rare value that agrees says more than a frequent one.
    #[serde(default)]
    pub rarity: bool,
    /// The datasets in order of authority; whatever is not named comes after.
    #[serde(default)]
    pub authority: Vec<String>,
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ComparerWord {
    /// A name in Chinese characters: variants, sounds, former names.
    Name,
    /// A name in letters.
    Latin,
    /// A citizen number of 15 or 18 places.
    Citizen,
    /// A day.
    Day,
    /// An address.
    Address,
    /// A telephone number.
    Phone,
    /// A code of a few.
    Code,
    /// A number made of digits.
    Number,
    /// Any other words.
    Text,
}

/// One way to find candidates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PassPart {
    /// The parts of the key: `name`, `name:sound`, `id_number:start:6`, `phone:end:8`.
    pub key: Vec<String>,
}

/// One dataset of a group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPart {
    /// The dataset.
    pub dataset: String,
    /// Which of its fields holds what is compared.
    pub fields: BTreeMap<String, String>,
    /// Which of its fields holds earlier values, parted by commas.
    #[serde(default)]
    pub former: BTreeMap<String, String>,
}

/// Reads one group; what is wrong is reported and leaves the group out.
pub(crate) fn group(
    file: &File<'_>,
    name: &str,
    part: MatchGroupPart,
    catalog: &Catalog,
    report: &mut Report,
) -> Option<MatchGroup> {
    let id = format!("{}:{name}", file.pack);
    let before = report.findings.len();
    let plan = plan(file, name, &part, report);
    let names: Vec<&str> = part.field.iter().map(|field| field.name.as_str()).collect();
    let members: Vec<MatchMember> =
        part.member.iter().map(|part| member(file, part, &names, catalog, report)).collect();
    if members.is_empty() {
        let zh = format!("{name} 没有声明任何数据集（member）");
        report.push(fault(file, &[name], zh, format!("{name} has no member dataset")));
    }
    let authority = |field: &MatchFieldPart| -> Vec<String> {
        field.authority.iter().map(|dataset| full(file.pack, dataset)).collect()
    };
    for (field, dataset) in
        part.field.iter().flat_map(|f| authority(f).into_iter().map(move |d| (f, d)))
    {
        if !members.iter().any(|member| member.dataset == dataset) {
            let zh = format!("{} 的 authority 里的 {dataset} 不是这一组的数据集", field.name);
            let en =
                format!("{dataset}, an authority of {}, is no member of the group", field.name);
            report.push(fault(file, &[name, "authority"], zh, en));
        }
    }
    (report.findings.len() == before).then(|| MatchGroup {
        id,
        title: part.title,
        authority: part.authority,
        plan,
        titles: part.field.iter().map(|field| field.title.clone()).collect(),
        authorities: part.field.iter().map(authority).collect(),
        members,
    })
}

fn plan(file: &File<'_>, name: &str, part: &MatchGroupPart, report: &mut Report) -> Plan {
    let names: Vec<&str> = part.field.iter().map(|field| field.name.as_str()).collect();
    let mut passes = Vec::with_capacity(part.pass.len());
    for pass in &part.pass {
        let mut parts = Vec::with_capacity(pass.key.len());
        for word in &pass.key {
            let Some(part) = key_part(word, &names) else {
                let zh =
                    format!("{word} 不是键：请写 字段、字段:sound、字段:start:6 或 字段:end:4");
                let en = format!(
                    "{word} is no part of a key: write field, field:sound, field:start:6 or field:end:4"
                );
                report.push(fault(file, &[&quoted(word)], zh, en));
                continue;
            };
            parts.push(part);
        }
        passes.push(Pass(parts));
    }
    let fields = part.field.iter().map(|field| FieldPlan {
        name: field.name.clone(),
        comparer: field.compare.into(),
        rarity: field.rarity,
    });
    let plan = Plan {
        fields: fields.collect(),
        passes,
        block_max: part.block_max.unwrap_or(BLOCK_MAX),
        doubt: part.doubt,
        sure: part.sure,
        scope: Scope::All,
    };
    if let Err(error) = plan.check() {
        let zh = format!("{name} 的比对方案不能用：{error}");
        report.push(fault(file, &[name], zh, format!("the plan of {name} cannot work: {error}")));
    }
    plan
}

fn key_part(word: &str, names: &[&str]) -> Option<Part> {
    let mut words = word.split(':');
    let name = words.next()?;
    let field = names.iter().position(|known| *known == name)?;
    let part = match (words.next(), words.next().map(str::parse)) {
        (None, None) => Part::Whole(field),
        (Some("sound"), None) => Part::Sound(field),
        (Some("start"), Some(Ok(count))) => Part::Start(field, count),
        (Some("end"), Some(Ok(count))) => Part::End(field, count),
        _ => return None,
    };
    words.next().is_none().then_some(part)
}

fn member(
    file: &File<'_>,
    part: &MemberPart,
    names: &[&str],
    catalog: &Catalog,
    report: &mut Report,
) -> MatchMember {
    let id = full(file.pack, &part.dataset);
    let dataset = catalog.dataset(&id);
    if dataset.is_none() {
        let zh = format!("没有数据集 {id}");
        report.push(fault(
            file,
            &[&quoted(&part.dataset)],
            zh,
            format!("there is no dataset {id}"),
        ));
    }
    for (name, field) in part.fields.iter().chain(&part.former) {
        let known = names.contains(&name.as_str());
        let held = dataset.is_none_or(|dataset| dataset.field(field).is_some());
        if !known || !held {
            let (zh, en) = if known {
                (format!("{id} 没有字段 {field}"), format!("{id} has no field {field}"))
            } else {
                (format!("这一组不比对 {name}"), format!("the group does not compare {name}"))
            };
            report.push(fault(file, &[&quoted(&part.dataset), name], zh, en));
        }
    }
    let of = |fields: &BTreeMap<String, String>| -> Vec<Option<String>> {
        names.iter().map(|name| fields.get(*name).cloned()).collect()
    };
    MatchMember { fields: of(&part.fields), former: of(&part.former), dataset: id }
}

impl From<ComparerWord> for Comparer {
    fn from(word: ComparerWord) -> Self {
        match word {
            ComparerWord::Name => Self::Name,
            ComparerWord::Latin => Self::Latin,
            ComparerWord::Citizen => Self::Citizen,
            ComparerWord::Day => Self::Day,
            ComparerWord::Address => Self::Address,
            ComparerWord::Phone => Self::Phone,
            ComparerWord::Code => Self::Code,
            ComparerWord::Number => Self::Number,
            ComparerWord::Text => Self::Text,
        }
    }
}
