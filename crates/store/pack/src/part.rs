//! The small contract of an engine with packs: which folder it owns, which files stand there, their schemas.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use zhengtong_base::Text;

use crate::chinese;
use crate::finding::{Finding, Report, Severity};
use crate::manifest::Manifest;
use crate::packs::{File, Packs};

/// One kind of file in a sub-folder, and its JSON Schema.
#[derive(Clone, Copy, Debug)]
pub struct FileKind {
    /// The name of the schema, such as `form` for `schemas/form.json`.
    pub schema: &'static str,
    /// Makes the schema from the Rust type.
    pub make: fn() -> serde_json::Value,
}

/// What an engine says of its sub-folder.
#[derive(Clone, Copy, Debug)]
pub struct PartDecl {
    /// The sub-folder, named like the engine.
    pub folder: &'static str,
    /// The endings of files that may stand there.
    pub endings: &'static [&'static str],
    /// The kinds of TOML files.
    pub kinds: &'static [FileKind],
}

/// Sub-folders that belong to no engine.
const OWN_FOLDERS: [&str; 2] = ["seed", "story"];
/// Files that stand beside the sub-folders.
const OWN_FILES: [&str; 3] = ["pack.toml", "README.md", "access.cedar"];

/// The JSON Schema of a type, for a [`FileKind`].
pub fn schema_of<T: JsonSchema>() -> serde_json::Value {
    serde_json::to_value(schemars::schema_for!(T)).unwrap_or_default()
}

/// The schema of `pack.toml` itself.
impl PartDecl {
    /// The manifest as a part without a folder.
    pub const MANIFEST: Self = Self {
        folder: "",
        endings: &[],
        kinds: &[FileKind { schema: "pack", make: schema_of::<Manifest> }],
    };
}

/// Reads a TOML file into the engine's type; a fault is reported with its place and, for an unknown key,
/// with the nearest known one.
pub fn read_toml<T: DeserializeOwned>(file: &File<'_>, report: &mut Report) -> Option<T> {
    match toml::from_str(file.text) {
        Ok(value) => Some(value),
        Err(error) => {
            let (line, column) = file.place(error.span().map_or(0, |span| span.start));
            let message = error.message().trim();
            let (text, suggestion) = explain(message);
            report.push(Finding {
                severity: Severity::Error,
                file: file.full_path(),
                line,
                column,
                text,
                suggestion,
            });
            None
        }
    }
}

/// Turns the parser's words into ours: an unknown key or value gets the nearest known one.
fn explain(message: &str) -> (Text, Option<String>) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, Some((given, known))) = (message.starts_with("unknown "), quoted.split_first()) {
        let text = Text::new(
            format!("不认识 {given}。可以写：{}", known.join("、")),
            format!("{given} is not known; known are {}", known.join(", ")),
        );
        return (text, nearest(given, known.iter().copied()).map(str::to_owned));
    }
    if let (true, Some(field)) = (message.starts_with("missing field"), quoted.first()) {
        return (Text::new(format!("缺少 {field}"), format!("{field} is missing")), None);
    }
    (Text::new(chinese::of(message), message.to_owned()), None)
}

/// The known word nearest to the given one, if it is near enough to be meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(given, word), word))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, word)| word)
}

/// Reports sub-folders and files that no engine knows, and packs without a page for the officer.
pub fn check_layout(packs: &Packs, parts: &[PartDecl], report: &mut Report) {
    let folders: Vec<&str> =
        parts.iter().map(|part| part.folder).filter(|folder| !folder.is_empty()).collect();
    for pack in packs.iter() {
        let mut unknown = |path: &str, zh: String, en: String, suggestion: Option<&str>| {
            report.push(Finding {
                severity: Severity::Error,
                file: format!("{}/{path}", pack.id()),
                line: 0,
                column: 0,
                text: Text::new(zh, en),
                suggestion: suggestion.map(str::to_owned),
            });
        };
        for path in pack.paths() {
            let Some((folder, name)) = path.split_once('/') else {
                if !OWN_FILES.contains(&path) {
                    let near = nearest(path, OWN_FILES);
                    unknown(path, "不认识这个文件".into(), "this file is not known".into(), near);
                }
                continue;
            };
            if OWN_FOLDERS.contains(&folder) {
                continue;
            }
            let Some(part) = parts.iter().find(|part| part.folder == folder) else {
                let near = nearest(folder, folders.iter().copied().chain(OWN_FOLDERS));
                let zh = format!("不认识文件夹 {folder}");
                unknown(path, zh, format!("folder {folder} is not known"), near);
                continue;
            };
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            if !part.endings.contains(&ending) {
                let zh = format!("{folder} 里只放 {} 文件", part.endings.join("、"));
                let en = format!("{folder} holds only {} files", part.endings.join(", "));
                unknown(path, zh, en, None);
            }
        }
        if pack.bytes("README.md").is_none() {
            let zh = "缺少 README.md：给办事人员看的一页中文说明";
            unknown(
                "README.md",
                zh.into(),
                "README.md, a page for officers, is missing".into(),
                None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::packs::Pack;

    fn packs(files: &[(&str, &str)]) -> (Packs, Report) {
        let mut folders: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for (path, text) in files {
            let (pack, inside) = path.split_once('/').unwrap();
            folders
                .entry(pack.to_owned())
                .or_default()
                .insert(inside.to_owned(), text.as_bytes().to_vec());
        }
        let mut report = Report::default();
        (Packs::from_files(folders, &mut report), report)
    }

    fn manifest(id: &str, needs: &str) -> String {
        format!(
            "id = \"{id}\"\nowner = \"data\"\nversion = \"1.0.0\"\nneeds = [{needs}]\n\
             title = {{ zh = \"包\", en = \"Pack\" }}\nsummary = {{ zh = \"样\", en = \"Sample\" }}\n"
        )
    }

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let (packs, mut report) = packs(files);
        let parts = [PartDecl { folder: "form", endings: &["toml"], kinds: &[] }];
        check_layout(&packs, &parts, &mut report);
        let said: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(expected), "{said} should start with {expected}");
        }
    }

    #[test]
    fn faults_have_a_place_and_a_suggestion() {
        let good = manifest("a", "");
        check(&[("a/pack.toml", &good), ("a/README.md", "页")], &[]);
        let typo = good.replace("owner", "ownr");
        check(&[("a/pack.toml", &typo)], &["a/pack.toml:2:1: 不认识 ownr。可以写：id、"]);
        check(&[("a/README.md", "页")], &["a/pack.toml:0:0: 缺少 pack.toml"]);
        check(
            &[("a/pack.toml", &good), ("a/README.md", ""), ("a/froms/x.toml", "")],
            &["a/froms/x.toml:0:0: 不认识文件夹 froms / folder froms is not known (是不是 form？"],
        );
        check(
            &[("a/pack.toml", &good), ("a/README.md", ""), ("a/form/x.yaml", "")],
            &["a/form/x.yaml:0:0: form 里只放 toml 文件"],
        );
        check(
            &[
                ("a/pack.toml", &manifest("a", "\"bb\"")),
                ("b/pack.toml", &manifest("b", "")),
                ("b/README.md", ""),
            ],
            &["a/pack.toml:4:10: 没有名为 bb 的包"],
        );
    }

    #[test]
    fn a_file_that_is_no_text_is_a_fault() {
        let folders = BTreeMap::from([(
            "a".to_owned(),
            BTreeMap::from([
                ("pack.toml".to_owned(), manifest("a", "").into_bytes()),
                ("form/x.toml".to_owned(), vec![0xff, 0xfe, 0x41]),
            ]),
        )]);
        let mut report = Report::default();
        Packs::from_files(folders, &mut report);
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].file, "a/form/x.toml");
    }

    #[test]
    fn packs_come_after_what_they_need() {
        let (packs, report) = packs(&[
            ("a/pack.toml", &manifest("a", "\"c\"")),
            ("b/pack.toml", &manifest("b", "")),
            ("c/pack.toml", &manifest("c", "\"b\"")),
        ]);
        assert!(report.usable());
        assert_eq!(packs.iter().map(Pack::id).collect::<Vec<_>>(), ["b", "c", "a"]);
        assert!(packs.may_refer("a", "b") && !packs.may_refer("b", "a"));
    }
}
