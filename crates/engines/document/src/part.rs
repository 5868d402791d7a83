//! The grammar of `document/`: which papers a pack declares, their templates, and what is wrong with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typst::foundations::Bytes;
use zhengtong_base::Text;
use zhengtong_pack::{
    File, FileKind, Finding, Pack, Packs, PartDecl, Report, read_toml, schema_of,
};

use crate::error::{Error, Result};
use crate::model::PaperKind;
use crate::number::{Pattern, WORDS};
use crate::world::syntax_faults;

/// The sub-folder of packs.
pub const PART: PartDecl = PartDecl {
    folder: "document",
    endings: &["toml", "typ", "svg", "png"],
    kinds: &[FileKind { schema: "document", make: schema_of::<DocumentFile> }],
};

/// Years that a paper may be valid by its declaration.
const VALID_YEARS_MAX: u8 = 100;

/// `document/documents.toml`: the papers of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentFile {
    /// The papers by name.
    pub document: BTreeMap<String, Declared>,
}

/// One paper as a pack declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// What people call it; it is printed as its heading.
    pub title: Text,
    /// The file of the template, beside this file.
    pub template: String,
    /// What kind of paper.
    pub kind: PaperKind,
    /// The letters that `{prefix}` in the number stands for.
    #[serde(default)]
    pub prefix: String,
    /// The number, such as `{prefix}{region:6}{year}{seq:5}{check}`.
    pub numbering: String,
    /// For how many years it is valid when the case says no last day.
    #[serde(default)]
    pub valid_years: Option<u8>,
    /// The code of the type of licence in the national identifier (GB/T 36904).
    #[serde(default)]
    pub type_code: Option<String>,
    /// Facts for previews and for the check of the pack.
    #[serde(default)]
    pub sample: BTreeMap<String, Value>,
}

/// A paper that can be made.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The pack.
    pub pack: String,
    /// The name in the pack.
    pub name: String,
    /// What the pack says of it.
    pub declared: Declared,
    pub(crate) numbering: Pattern,
    pub(crate) files: Arc<Files>,
}

/// The files that the templates of a pack may see, by their path inside the pack.
pub(crate) type Files = BTreeMap<String, Bytes>;

/// All papers of all packs.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    papers: BTreeMap<String, Definition>,
}

impl Definition {
    /// `pack:name`.
    pub fn template(&self) -> String {
        format!("{}:{}", self.pack, self.name)
    }

    /// The path of the template inside the pack.
    pub fn path(&self) -> String {
        format!("{}/{}", PART.folder, self.declared.template)
    }
}

impl Catalog {
    /// A paper by `pack:name`.
    pub fn get(&self, template: &str) -> Result<&Definition> {
        self.papers.get(template).ok_or_else(|| Error::NoTemplate(template.to_owned()))
    }

    /// A paper that a file of pack `from` names, as `name` or `pack:name`.
    pub fn find(&self, from: &str, reference: &str) -> Option<&Definition> {
        let (pack, name) = Packs::resolve(from, reference);
        self.papers.get(&format!("{pack}:{name}"))
    }

    /// All papers, by pack and name.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.papers.values()
    }
}

/// Reads the papers of all packs. What is at fault is reported and left out.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut catalog = Catalog::default();
    for pack in packs.iter() {
        let files = files(pack);
        for template in pack.folder(PART.folder, "typ") {
            check_template(&template, report);
        }
        for file in pack.folder(PART.folder, "toml") {
            let Some(declared) = read_toml::<DocumentFile>(&file, report) else { continue };
            for (name, declared) in declared.document {
                let Some(numbering) = check_declared(&file, &name, &declared, &files, report)
                else {
                    continue;
                };
                let definition = Definition {
                    pack: pack.id().to_owned(),
                    name,
                    declared,
                    numbering,
                    files: Arc::clone(&files),
                };
                let template = definition.template();
                if catalog.papers.contains_key(&template) {
                    report.push(file.error_at(
                        &format!("[document.{}]", definition.name),
                        Text::new(
                            format!("{} 已在另一个文件里声明", definition.name),
                            format!("{} is declared in another file already", definition.name),
                        ),
                    ));
                    continue;
                }
                catalog.papers.insert(template, definition);
            }
        }
    }
    catalog
}

fn files(pack: &Pack) -> Arc<Files> {
    let start = format!("{}/", PART.folder);
    let seen = |path: &&str| path.starts_with(&start) && ending(path) != "toml";
    let bytes = |path: &str| Some((path.to_owned(), Bytes::new(pack.bytes(path)?.to_vec())));
    Arc::new(pack.paths().filter(seen).filter_map(bytes).collect())
}

/// The ending of a path, without the full stop.
pub(crate) fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn check_template(file: &File<'_>, report: &mut Report) {
    for (start, message) in syntax_faults(file.text) {
        let (line, column) = file.place(start);
        let text = Text::new(format!("模板写法不对：{message}"), message);
        report.push(Finding { line, column, ..file.error_at("", text) });
    }
    for needle in ["#import \"@", "#include \"@"] {
        if file.text.contains(needle) {
            report.push(file.error_at(
                needle,
                Text::new(
                    "模板不能引用外部软件包，请把需要的内容写进本包",
                    "a template loads no packages; write what it needs into this pack",
                ),
            ));
        }
    }
}

fn check_declared(
    file: &File<'_>,
    name: &str,
    declared: &Declared,
    files: &Files,
    report: &mut Report,
) -> Option<Pattern> {
    let findings = report.findings.len();
    let start = format!("{}/", PART.folder);
    let known = || files.keys().filter_map(|path| path.strip_prefix(&start));
    if !known().any(|path| path == declared.template && ending(path) == "typ") {
        let given = &declared.template;
        let text = Text::new(
            format!("document 文件夹里没有模板 {given}"),
            format!("there is no template {given} in the folder document"),
        );
        let finding = file.error_at(&format!("\"{given}\""), text);
        report.push(finding.suggest(given, known().filter(|path| ending(path) == "typ")));
    }
    if declared.valid_years.is_some_and(|years| !(1..=VALID_YEARS_MAX).contains(&years)) {
        report.push(file.error_at(
            "valid_years",
            Text::new("有效年数是 1 到 100", "the years of validity are 1 to 100"),
        ));
    }
    if let Some(code) = &declared.type_code {
        let capital = |letter: char| letter.is_ascii_digit() || letter.is_ascii_uppercase();
        if code.len() != 21 || !code.chars().all(capital) {
            report.push(file.error_at(
                "type_code",
                Text::new(
                    "证照类型代码是 21 位数字或大写字母：18 位信用代码加 3 位顺序号",
                    "a type code has 21 digits or capitals: a credit code and three digits",
                ),
            ));
        }
    }
    if name.contains(':') {
        report.push(file.error_at(name, Text::new("名称里不能有冒号", "a name has no colon")));
    }
    match Pattern::read(&declared.numbering) {
        Ok(pattern) => (report.findings.len() == findings).then_some(pattern),
        Err(fault) => {
            let known = WORDS.iter().copied();
            let finding = file.error_at(&fault.word, fault.text).suggest(&fault.word, known);
            report.push(finding);
            None
        }
    }
}
