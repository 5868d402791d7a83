//! Packs as files in memory, from a folder or from inside the binary, in the order of what they build on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use zhengtong_base::{Limits, Text};

use crate::finding::{Finding, Report, Severity};
use crate::manifest::Manifest;
use crate::part::{nearest, read_toml};

/// One pack: its manifest and its files by their path inside the folder.
#[derive(Clone, Debug)]
pub struct Pack {
    /// What `pack.toml` says.
    pub manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
}

/// A text file of a pack.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// The pack's id.
    pub pack: &'a str,
    /// The path inside the pack, such as `form/application.toml`.
    pub path: &'a str,
    /// The text.
    pub text: &'a str,
}

impl File<'_> {
    /// The name without folders and ending, such as `application`.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        name.split_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The path from the folder of packs.
    pub fn full_path(&self) -> String {
        format!("{}/{}", self.pack, self.path)
    }

    /// Line and column, from 1, of a byte offset.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }

    /// An error at the first place where `needle` stands, remarks aside, a key before any other word; at the top of
    /// the file if it stands nowhere.
    pub fn error_at(&self, needle: &str, text: Text) -> Finding {
        self.finding(Severity::Error, needle, text)
    }

    /// A warning at the first place where `needle` stands.
    pub fn warning_at(&self, needle: &str, text: Text) -> Finding {
        self.finding(Severity::Warning, needle, text)
    }

    fn find(&self, needle: &str) -> Option<usize> {
        let toml = Path::new(self.path).extension().is_some_and(|ending| ending == "toml");
        if !toml {
            return self.text.find(needle);
        }
        let word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let is_word = !needle.is_empty() && needle.chars().all(word);
        let (mut whole, mut part, mut start) = (None, None, 0);
        for line in self.text.split_inclusive('\n') {
            let code = line.get(..remark(line)).unwrap_or(line);
            for (at, _) in code.match_indices(needle) {
                let (before, after) = code.split_at(at);
                let after = after.get(needle.len()..).unwrap_or_default();
                let alone = !before.ends_with(word) && !after.starts_with(word);
                let key = after.trim_start().starts_with(['=', '.']);
                if !is_word || (alone && key && before.trim().is_empty()) {
                    return Some(start + at);
                }
                if alone {
                    whole = whole.or(Some(start + at));
                }
                part = part.or(Some(start + at));
            }
            start += line.len();
        }
        whole.or(part)
    }

    fn finding(&self, severity: Severity, needle: &str, text: Text) -> Finding {
        let (line, column) = self.find(needle).map_or((1, 1), |offset| self.place(offset));
        Finding { severity, file: self.full_path(), line, column, text, suggestion: None }
    }
}

/// Where the remark of a line of TOML begins: at the first `#` outside quotes.
fn remark(line: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), letter) if open == letter && !escaped => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, '#') => return at,
            _ => {}
        }
        escaped = false;
    }
    line.len()
}

impl Finding {
    /// Adds what was probably meant, out of the words that would be right.
    #[must_use]
    pub fn suggest<'a>(mut self, given: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.suggestion = nearest(given, known).map(str::to_owned);
        self
    }
}

impl Pack {
    /// The pack's id.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files by their paths.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// A text file.
    pub fn file<'a>(&'a self, path: &'a str) -> Option<File<'a>> {
        let text = std::str::from_utf8(self.bytes(path)?).ok()?;
        Some(File { pack: self.id(), path, text })
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The text files of a sub-folder with an ending, such as `("form", "toml")`, in order of name.
    pub fn folder<'a>(&'a self, folder: &str, ending: &str) -> Vec<File<'a>> {
        let start = format!("{folder}/");
        let end = format!(".{ending}");
        self.files
            .keys()
            .filter(|path| path.starts_with(&start) && path.ends_with(&end))
            .filter_map(|path| self.file(path))
            .collect()
    }
}

/// All packs that could be read, each after those it builds on.
#[derive(Clone, Debug, Default)]
pub struct Packs {
    list: Vec<Pack>,
}

impl Packs {
    /// Reads every folder below `folder`.
    pub fn from_folder(folder: &Path, report: &mut Report) -> Self {
        let mut files = BTreeMap::new();
        let mut folders: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        folders.sort();
        for path in folders.iter().filter(|path| path.is_dir()) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if !name.starts_with('.') {
                walk(path, path, files.entry(name.to_owned()).or_default(), report);
            }
        }
        Self::from_files(files, report)
    }

    /// Reads packs that were built into the binary.
    pub fn from_binary(folder: &include_dir::Dir<'static>, report: &mut Report) -> Self {
        let mut files: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for pack in folder.dirs() {
            let name = pack.path().to_string_lossy().into_owned();
            walk_binary(pack, &name, files.entry(name.clone()).or_default());
        }
        Self::from_files(files, report)
    }

    /// Reads packs from files in memory: id, then path, then bytes.
    pub fn from_files(
        folders: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
        report: &mut Report,
    ) -> Self {
        let mut packs = BTreeMap::new();
        for (name, files) in folders {
            if let Some(pack) = one(&name, files, report) {
                packs.insert(name, pack);
            }
        }
        Self { list: in_order(packs, report) }
    }

    /// The packs, each after those it builds on.
    pub fn iter(&self) -> impl Iterator<Item = &Pack> {
        self.list.iter()
    }

    /// A pack by id.
    pub fn get(&self, id: &str) -> Option<&Pack> {
        self.list.iter().find(|pack| pack.id() == id)
    }

    /// Splits a reference such as `base-legal:organisation` or, inside a pack, `organisation`, into pack and name.
    pub fn resolve<'a>(from: &'a str, reference: &'a str) -> (&'a str, &'a str) {
        reference.split_once(':').unwrap_or((from, reference))
    }

    /// Whether files of pack `from` may refer to pack `to`: itself, or one that it needs, near or far.
    pub fn may_refer(&self, from: &str, to: &str) -> bool {
        from == to
            || self
                .get(from)
                .is_some_and(|pack| pack.manifest.needs.iter().any(|need| self.may_refer(need, to)))
    }
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>, report: &mut Report) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files, report);
            continue;
        }
        let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let size = fs::metadata(&path).map_or(0, |file| file.len());
        if size > Limits::default().pack_file_bytes && !inside.starts_with("seed/") {
            report.push(whole_file(
                &format!("{}/{inside}", root.file_name().unwrap_or_default().to_string_lossy()),
                Text::new("文件超过 1 MB，请拆小", "the file is larger than 1 MB; split it"),
            ));
            continue;
        }
        if let Ok(bytes) = fs::read(&path) {
            files.insert(inside, bytes);
        }
    }
}

fn walk_binary(
    folder: &include_dir::Dir<'static>,
    pack: &str,
    files: &mut BTreeMap<String, Vec<u8>>,
) {
    for file in folder.files() {
        let path = file.path().to_string_lossy();
        let inside = path.strip_prefix(pack).unwrap_or(&path).trim_start_matches('/');
        files.insert(inside.to_owned(), file.contents().to_vec());
    }
    for inner in folder.dirs() {
        walk_binary(inner, pack, files);
    }
}

fn one(name: &str, files: BTreeMap<String, Vec<u8>>, report: &mut Report) -> Option<Pack> {
    let Some(bytes) = files.get("pack.toml") else {
        report.push(whole_file(
            &format!("{name}/pack.toml"),
            Text::new(
                "缺少 pack.toml。运行 zhengtong pack new 可以看到样子",
                "pack.toml is missing; `zhengtong pack new` shows what it looks like",
            ),
        ));
        return None;
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        report.push(whole_file(
            &format!("{name}/pack.toml"),
            Text::new("文件不是 UTF-8 编码", "the file is not UTF-8"),
        ));
        return None;
    };
    let file = File { pack: name, path: "pack.toml", text };
    let manifest: Manifest = read_toml(&file, report)?;
    if manifest.id != name {
        report.push(file.error_at(
            "id",
            Text::new(
                format!("id 必须与文件夹同名：{name}"),
                format!("id must be the name of the folder: {name}"),
            ),
        ));
        return None;
    }
    let texts = [".toml", ".bpmn", ".typ", ".cedar", ".feature", ".md"];
    for (path, bytes) in &files {
        if texts.iter().any(|ending| path.ends_with(ending)) && std::str::from_utf8(bytes).is_err()
        {
            report.push(whole_file(
                &format!("{name}/{path}"),
                Text::new(
                    "文件不是 UTF-8 编码，请另存为 UTF-8",
                    "the file is not UTF-8; save it as UTF-8",
                ),
            ));
        }
    }
    Some(Pack { manifest, files })
}

fn in_order(mut waiting: BTreeMap<String, Pack>, report: &mut Report) -> Vec<Pack> {
    let known: BTreeSet<String> = waiting.keys().cloned().collect();
    let mut list: Vec<Pack> = Vec::new();
    loop {
        let placed: BTreeSet<&str> = list.iter().map(Pack::id).collect();
        let ready: Vec<String> = waiting
            .values()
            .filter(|pack| pack.manifest.needs.iter().all(|need| placed.contains(need.as_str())))
            .map(|pack| pack.manifest.id.clone())
            .collect();
        if ready.is_empty() {
            break;
        }
        list.extend(ready.iter().filter_map(|id| waiting.remove(id)));
    }
    for pack in waiting.values() {
        let Some(file) = pack.file("pack.toml") else { continue };
        for need in &pack.manifest.needs {
            let text = if known.contains(need) {
                Text::new(
                    format!("needs 里的 {need} 又依赖本包，形成循环，或它自身有错"),
                    format!("{need} needs this pack in turn, or has faults of its own"),
                )
            } else {
                Text::new(format!("没有名为 {need} 的包"), format!("there is no pack {need}"))
            };
            report.push(
                file.error_at(&format!("\"{need}\""), text)
                    .suggest(need, known.iter().map(String::as_str)),
            );
        }
    }
    list
}

fn whole_file(file: &str, text: Text) -> Finding {
    Finding {
        severity: Severity::Error,
        file: file.to_owned(),
        line: 0,
        column: 0,
        text,
        suggestion: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_no_remark_and_a_key_comes_first() {
        let text = "# number, prefix = \"X\"\ntitle = \"a number\" # prefix\nnumber = \"A # {seq}\" # x\n\
                    the_prefix = 1\n  prefix = 2\nlast = 'it\\' # gone\n";
        let file = File { pack: "a", path: "casework/a.toml", text };
        let rows = [
            ("number", (3, 1)),
            ("prefix", (5, 3)),
            ("{seq}", (3, 15)),
            ("a number", (2, 10)),
            ("gone", (1, 1)),
            ("fix", (4, 8)),
            ("nowhere", (1, 1)),
        ];
        for (needle, place) in rows {
            let finding = file.error_at(needle, Text::same("x"));
            assert_eq!((finding.line, finding.column), place, "{needle}");
        }
        let typ = File { path: "document/a.typ", text: "#import \"@x\"", ..file };
        assert_eq!(typ.error_at("#import \"@", Text::same("x")).line, 1);
    }
}
