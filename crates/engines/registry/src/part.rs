//! The grammar of `registry/*.toml`, and the reading of it.
//!
//! `elements.toml`, `codes.toml` and `standards.toml` declare many things each; every other file is one
//! dataset, named like the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use time::Date;
use zhengtong_base::code::parse_date;
use zhengtong_base::{Retention, Text};
use zhengtong_feel::Expr;
use zhengtong_geometry::Shape;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

use crate::lint;
use crate::model::{
    Catalog, CodeEntry, CodeList, Dataset, DatasetKind, Element, ElementKind, Field, Sensitivity,
    Sharing, Standard, Update, Vector,
};

/// The part of a pack that this engine reads.
pub const PART: PartDecl = PartDecl {
    folder: "registry",
    endings: &["toml"],
    kinds: &[
        FileKind { schema: "registry-elements", make: schema_of::<ElementsFile> },
        FileKind { schema: "registry-codes", make: schema_of::<CodesFile> },
        FileKind { schema: "registry-standards", make: schema_of::<StandardsFile> },
        FileKind { schema: "registry-matching", make: schema_of::<crate::matching::MatchingFile> },
        FileKind { schema: "registry-dataset", make: schema_of::<DatasetFile> },
    ],
};

/// `registry/elements.toml`: data elements, each defined once for the whole city.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementsFile {
    /// Elements by name, such as `person.name`.
    #[serde(default)]
    pub element: BTreeMap<String, ElementPart>,
}

/// One data element.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementPart {
    /// What people call it.
    pub title: Text,
    /// What kind of value it holds.
    #[serde(rename = "type")]
    pub kind: ElementKind,
    /// Most characters of a text, the largest number, or most codes.
    pub max: Option<i64>,
    /// Fewest characters of a text, the smallest number, or fewest codes.
    pub min: Option<i64>,
    /// The unit of a number.
    pub unit: Option<Text>,
    /// The check rule of a code, such as `gb11643`.
    pub check: Option<String>,
    /// The code list, for `code` and `codes`.
    pub codes: Option<String>,
    /// What a `geometry` is: points, lines or polygons; any of them when absent.
    pub shape: Option<Shape>,
    /// How carefully it is to be handled.
    pub sensitivity: Sensitivity,
    /// The dataset whose value counts, such as `base-population:resident`.
    pub authority: Option<String>,
    /// What helps a person to give it.
    pub hint: Option<Text>,
    /// The standard that defines it.
    pub standard: Option<String>,
}

/// `registry/codes.toml`: code lists with dates.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesFile {
    /// Lists by name, such as `sex`.
    #[serde(default)]
    pub list: BTreeMap<String, ListPart>,
}

/// One code list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPart {
    /// What people call it.
    pub title: Text,
    /// The standard that defines it.
    pub standard: Option<String>,
    /// The day from which its entries hold unless they say otherwise.
    #[serde(deserialize_with = "day")]
    #[schemars(with = "String")]
    pub valid_from: Date,
    /// Whether the entries were compared with the text of the standard.
    pub verified: bool,
    /// The entries.
    #[serde(default)]
    pub entry: Vec<EntryPart>,
}

/// One code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryPart {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The first day on which it holds.
    #[serde(default, deserialize_with = "day_or_none")]
    #[schemars(with = "Option<String>")]
    pub valid_from: Option<Date>,
    /// The last day on which it holds.
    #[serde(default, deserialize_with = "day_or_none")]
    #[schemars(with = "Option<String>")]
    pub valid_to: Option<Date>,
}

/// `registry/standards.toml`: standards with the days between which they are in force.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardsFile {
    /// Standards by number and year, such as `GB 11643-1999`.
    #[serde(default)]
    pub standard: BTreeMap<String, StandardPart>,
}

/// One standard.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardPart {
    /// Its title.
    pub title: Text,
    /// What kind of standard it is.
    pub kind: StandardKind,
    /// The day on which it came into force.
    #[serde(deserialize_with = "day")]
    #[schemars(with = "String")]
    pub in_force: Date,
    /// The day on which another took its place.
    #[serde(default, deserialize_with = "day_or_none")]
    #[schemars(with = "Option<String>")]
    pub replaced: Option<Date>,
    /// The standard that took its place.
    pub replaced_by: Option<String>,
    /// Where the facts come from.
    pub source: Text,
    /// Whether the facts were compared with the text of the standard.
    pub verified: bool,
    /// The check rules that carry it out.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Values that must pass or fail these rules.
    #[serde(default)]
    pub vector: Vec<VectorPart>,
}

/// What kind of standard it is.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StandardKind {
    /// A mandatory national standard, GB.
    NationalMandatory,
    /// A recommended national standard, GB/T.
    NationalRecommended,
    /// A standard of a trade.
    Trade,
    /// A standard of a province or city.
    Local,
    /// A rule of an authority that is no numbered standard.
    Rule,
}

/// A value that must pass or fail.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VectorPart {
    /// The value.
    pub value: String,
    /// Whether it must pass.
    pub valid: bool,
}

/// Any other file: one dataset.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// What people call it.
    pub title: Text,
    /// What it holds, in a sentence.
    pub summary: Option<Text>,
    /// What kind of dataset it is.
    pub kind: DatasetKind,
    /// The short name of the department that answers for it.
    pub authority: String,
    /// The fields that name a record.
    pub key: Vec<String>,
    /// The date field that says from which day a version of a record holds; without it, from when it is recorded.
    pub valid_from: Option<String>,
    /// The date field that says the last day on which a version holds.
    pub valid_to: Option<String>,
    /// Who else may have the data.
    pub sharing: Sharing,
    /// Whether the public may have the data.
    #[serde(default)]
    pub open: bool,
    /// The date fields that say the last day on which a record is shown to the public; once one of them is over, only the
    /// department and data stewards see it.
    #[serde(default)]
    pub shown_until: Vec<String>,
    /// Whether the public may also ask what the records said before; without it only data stewards may.
    #[serde(default)]
    pub open_past: bool,
    /// How often it is brought up to date.
    pub update: Update,
    /// How long a record is kept after its last change; without it, for ever.
    pub retention: Option<Retention>,
    /// The fields by name.
    pub field: BTreeMap<String, FieldPart>,
    /// Rules of quality beyond those that the fields declare themselves.
    #[serde(default)]
    pub rule: Vec<RulePart>,
}

/// A rule by which the quality of a dataset is judged.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePart {
    /// Its name within the dataset.
    pub id: String,
    /// What must hold.
    pub kind: RuleKind,
    /// The field it is about; `freshness`, `row_count` and `feel` need none.
    pub field: Option<String>,
    /// What people call it.
    pub title: Option<Text>,
    /// The form of a text, for `pattern`: a regular expression that finds a right value.
    pub pattern: Option<String>,
    /// The smallest number or count, for `range` and `row_count`.
    pub min: Option<i64>,
    /// The largest number or count, for `range` and `row_count`.
    pub max: Option<i64>,
    /// Days within which something must have come, for `freshness`; days ahead that are looked at too, for `in_force`.
    pub days: Option<u32>,
    /// The field of the record referred to that holds its last day, for `in_force`.
    pub last_day: Option<String>,
    /// What must hold, for `feel`, over the fields of the record and `today`.
    pub expr: Option<String>,
}

/// What a rule of quality asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// A value is there.
    Required,
    /// No two records have the same value.
    Unique,
    /// A text has a form.
    Pattern,
    /// A number is within bounds.
    Range,
    /// An expression holds.
    Feel,
    /// Something came lately.
    Freshness,
    /// There are as many records as expected.
    RowCount,
    /// The record that a field refers to has not ended.
    InForce,
}

/// One field of a dataset.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldPart {
    /// The data element.
    pub element: String,
    /// What people call it here, in place of the element's title.
    pub title: Option<Text>,
    /// The dataset whose key it holds, of this pack or `pack:name`.
    pub references: Option<String>,
    /// What must hold, in FEEL over the fields of the record and `today`.
    pub rule: Option<String>,
    /// Whether it must be there. Key fields always must.
    #[serde(default)]
    pub required: bool,
    /// Whether rows are often asked for by its value, so that it has an index.
    #[serde(default)]
    pub index: bool,
}

/// A dataset with the file it stands in, for findings.
pub(crate) struct DatasetSource<'a> {
    pub(crate) file: File<'a>,
    pub(crate) part: DatasetFile,
}

/// Everything that was read, with the files, for findings.
#[derive(Default)]
pub(crate) struct Sources<'a> {
    pub(crate) elements: Vec<(File<'a>, String, ElementPart)>,
    pub(crate) lists: Vec<(File<'a>, String, ListPart)>,
    pub(crate) standards: Vec<(File<'a>, String, StandardPart)>,
    pub(crate) datasets: Vec<DatasetSource<'a>>,
    pub(crate) groups: Vec<(File<'a>, String, crate::matching::MatchGroupPart)>,
}

/// Reads what all packs declare; faults go to the report, and what is sound is in the catalog.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut sources = collect(packs, report);
    lint::check(packs, &sources, report);
    let groups = std::mem::take(&mut sources.groups);
    let mut catalog = build(sources);
    for (file, name, part) in groups {
        let group = crate::matching::read_group(&file, &name, part, &catalog, report);
        catalog.groups.extend(group.map(|group| (group.id.clone(), group)));
    }
    catalog
}

fn collect<'a>(packs: &'a Packs, report: &mut Report) -> Sources<'a> {
    let mut sources = Sources::default();
    for file in packs.iter().flat_map(|pack| pack.folder(PART.folder, "toml")) {
        match file.path {
            "registry/elements.toml" => {
                let part = read_toml::<ElementsFile>(&file, report);
                let all = part.into_iter().flat_map(|part| part.element);
                sources.elements.extend(all.map(|(id, part)| (file, id, part)));
            }
            "registry/codes.toml" => {
                let part = read_toml::<CodesFile>(&file, report);
                let all = part.into_iter().flat_map(|part| part.list);
                sources.lists.extend(all.map(|(id, part)| (file, id, part)));
            }
            "registry/standards.toml" => {
                let part = read_toml::<StandardsFile>(&file, report);
                let all = part.into_iter().flat_map(|part| part.standard);
                sources.standards.extend(all.map(|(id, part)| (file, id, part)));
            }
            "registry/matching.toml" => {
                let part = read_toml::<crate::matching::MatchingFile>(&file, report);
                let all = part.into_iter().flat_map(|part| part.group);
                sources.groups.extend(all.map(|(name, part)| (file, name, part)));
            }
            _ => {
                if let Some(part) = read_toml::<DatasetFile>(&file, report) {
                    sources.datasets.push(DatasetSource { file, part });
                }
            }
        }
    }
    sources
}

/// What stands first wins; a second declaration of the same name is reported by the lint.
fn build(sources: Sources<'_>) -> Catalog {
    let mut catalog = Catalog::default();
    for (file, id, part) in sources.elements {
        let element = element(file.pack, &id, part);
        catalog.elements.entry(id).or_insert(element);
    }
    for (file, id, part) in sources.lists {
        let list = list(file.pack, &id, part);
        catalog.lists.entry(id).or_insert(list);
    }
    for (file, id, part) in sources.standards {
        let standard = standard(file.pack, &id, part);
        catalog.standards.entry(id).or_insert(standard);
    }
    for source in sources.datasets {
        let dataset = dataset(&source.file, source.part, &catalog);
        catalog.datasets.insert(dataset.id.clone(), dataset);
    }
    catalog
}

fn element(pack: &str, id: &str, part: ElementPart) -> Element {
    Element {
        id: id.to_owned(),
        pack: pack.to_owned(),
        title: part.title,
        kind: part.kind,
        max: part.max,
        min: part.min,
        unit: part.unit,
        check: part.check,
        codes: part.codes,
        shape: part.shape,
        sensitivity: part.sensitivity,
        authority: part.authority.map(|authority| full(pack, &authority)),
        hint: part.hint,
        standard: part.standard,
    }
}

fn list(pack: &str, id: &str, part: ListPart) -> CodeList {
    let entry = |entry: EntryPart| CodeEntry {
        code: entry.code,
        name: entry.name,
        valid_from: entry.valid_from.unwrap_or(part.valid_from),
        valid_to: entry.valid_to,
    };
    CodeList {
        id: id.to_owned(),
        pack: pack.to_owned(),
        title: part.title,
        standard: part.standard,
        verified: part.verified,
        entries: part.entry.into_iter().map(entry).collect(),
    }
}

fn standard(pack: &str, id: &str, part: StandardPart) -> Standard {
    Standard {
        id: id.to_owned(),
        pack: pack.to_owned(),
        title: part.title,
        kind: part.kind.word().to_owned(),
        in_force: part.in_force,
        replaced: part.replaced,
        replaced_by: part.replaced_by,
        source: part.source,
        verified: part.verified,
        checks: part.checks,
        vectors: part
            .vector
            .into_iter()
            .map(|vector| Vector { value: vector.value, valid: vector.valid })
            .collect(),
    }
}

/// Fields of elements that nobody declares are left out: the lint has said so.
fn dataset(file: &File<'_>, part: DatasetFile, catalog: &Catalog) -> Dataset {
    let mut fields: Vec<(usize, Field)> = Vec::with_capacity(part.field.len());
    for (name, field) in part.field {
        let Some(element) = catalog.elements.get(&field.element) else { continue };
        let place = place_of(file, &name);
        fields.push((
            place,
            Field {
                required: field.required || part.key.contains(&name),
                index: field.index,
                name,
                title: field.title.unwrap_or_else(|| element.title.clone()),
                element: field.element,
                references: field.references.map(|reference| full(file.pack, &reference)),
                rule: field.rule.and_then(|rule| Expr::parse(&rule).ok()),
            },
        ));
    }
    // A table of TOML has no order of its own; the order of the file is the order people see.
    fields.sort_by_key(|(place, _)| *place);
    Dataset {
        id: full(file.pack, file.stem()),
        title: part.title,
        summary: part.summary,
        kind: part.kind,
        authority: part.authority,
        key: part.key,
        valid_from: part.valid_from,
        valid_to: part.valid_to,
        sharing: part.sharing,
        open: part.open,
        shown_until: part.shown_until,
        open_past: part.open_past,
        update: part.update,
        retention_days: part.retention.map(Retention::days),
        fields: fields.into_iter().map(|(_, field)| field).collect(),
        rules: part.rule,
    }
}

fn place_of(file: &File<'_>, field: &str) -> usize {
    [format!("[field.{field}]"), format!("field.{field} "), format!("field.{field}.")]
        .iter()
        .chain([&format!("\n{field} "), &format!("\n{field}=")])
        .find_map(|needle| file.text.find(needle.as_str()))
        .unwrap_or(usize::MAX)
}

/// A reference with its pack.
pub(crate) fn full(pack: &str, reference: &str) -> String {
    let (pack, name) = Packs::resolve(pack, reference);
    format!("{pack}:{name}")
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    let text = String::deserialize(from)?;
    parse_date(&text).map_err(|error| de::Error::custom(format!("{text}: {}", error.text())))
}

fn day_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    day(from).map(Some)
}

impl StandardKind {
    fn word(self) -> &'static str {
        match self {
            Self::NationalMandatory => "national-mandatory",
            Self::NationalRecommended => "national-recommended",
            Self::Trade => "trade",
            Self::Local => "local",
            Self::Rule => "rule",
        }
    }
}
