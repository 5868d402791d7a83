//! What the rules look at: the files of the checkout and the packages that cargo knows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Texts above this size are not read: no rule looks into them.
const TEXT_BYTES_MAX: u64 = 2 * 1024 * 1024;

const TEXT_ENDINGS: &[&str] = &[
    "rs", "toml", "md", "sql", "txt", "mjs", "js", "ts", "css", "sh", "typ", "feature", "bpmn",
    "cedar", "csv",
];

/// The checkout as data.
#[derive(Debug, Default, Clone)]
pub struct Tree {
    /// Files by path from the root, with `/`.
    pub files: BTreeMap<String, File>,
    /// Packages of the whole graph; ours have a folder.
    pub packages: Vec<Package>,
}

/// One file.
#[derive(Debug, Default, Clone)]
pub struct File {
    /// Size in bytes.
    pub bytes: u64,
    /// Its text, when it is one that rules look into.
    pub text: String,
}

/// One package of the graph.
#[derive(Debug, Default, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The SPDX expression of its licence.
    pub licence: String,
    /// Its folder from the root; empty for a package from outside.
    pub folder: String,
    /// What it depends on.
    pub dependencies: Vec<Dependency>,
}

/// One dependency of a package.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Name of the package.
    pub name: String,
    /// Where it is needed.
    pub kind: DependencyKind,
}

/// Where a dependency is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// In the crate or its build script.
    Normal,
    /// In its tests only.
    Dev,
}

impl Tree {
    /// Reads the checkout at `root`.
    pub fn read(root: &Path) -> Result<Self, String> {
        Ok(Self { files: files(root)?, packages: packages(root)? })
    }

    /// Text of a file, when it is there.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|file| file.text.as_str())
    }

    /// Files below `folder` (with its `/`) that end in `.ending`.
    pub fn below<'a>(
        &'a self,
        folder: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| {
                path.starts_with(folder)
                    && path.rsplit_once('.').is_some_and(|(_, end)| end == ending)
            })
            .map(|(path, file)| (path.as_str(), file.text.as_str()))
    }

    /// Is there a file at or below this path?
    pub fn has(&self, path: &str) -> bool {
        if path.ends_with('/') {
            self.files.range(path.to_owned()..).next().is_some_and(|(p, _)| p.starts_with(path))
        } else {
            self.files.contains_key(path)
        }
    }

    /// Packages of this workspace.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.folder.is_empty())
    }
}

impl Package {
    /// `("engines", "form")` for `crates/engines/form`.
    pub fn layer(&self) -> Option<(&str, &str)> {
        self.folder.strip_prefix("crates/")?.split_once('/')
    }
}

fn files(root: &Path) -> Result<BTreeMap<String, File>, String> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = output(command.current_dir(root))?;
    let mut files = BTreeMap::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        let full = root.join(path);
        let Ok(meta) = std::fs::symlink_metadata(&full) else { continue };
        if !meta.is_file() {
            continue;
        }
        let ending = path.rsplit_once('.').map_or("", |(_, end)| end);
        let readable = TEXT_ENDINGS.contains(&ending) && meta.len() <= TEXT_BYTES_MAX;
        let text = if readable {
            std::fs::read_to_string(&full).map_err(|error| format!("{path}: {error}"))?
        } else {
            String::new()
        };
        files.insert(path.to_owned(), File { bytes: meta.len(), text });
    }
    Ok(files)
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let mut command = Command::new("cargo");
    command.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    let text = output(command.current_dir(root))
        .map_err(|error| format!("{error}\n(offline by intent: run `cargo fetch` first)"))?;
    let data: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let list = data.get("packages").and_then(Value::as_array).ok_or("no packages in metadata")?;
    list.iter().map(|value| package(root, value)).collect()
}

fn package(root: &Path, value: &Value) -> Result<Package, String> {
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let manifest = word("manifest_path");
    let folder = match value.get("source") {
        Some(Value::Null) | None => Path::new(&manifest)
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok())
            .and_then(Path::to_str)
            .ok_or_else(|| format!("{manifest} is not below {}", root.display()))?
            .to_owned(),
        Some(_) => String::new(),
    };
    let none = Vec::new();
    let dependencies = value.get("dependencies").and_then(Value::as_array).unwrap_or(&none);
    let dependencies = dependencies.iter().map(dependency).collect();
    Ok(Package { name: word("name"), licence: word("license"), folder, dependencies })
}

fn dependency(value: &Value) -> Dependency {
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = match word("kind") {
        "dev" => DependencyKind::Dev,
        _ => DependencyKind::Normal,
    };
    Dependency { name: word("name").to_owned(), kind }
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !done.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&done.stderr)));
    }
    String::from_utf8(done.stdout).map_err(|error| error.to_string())
}

#[cfg(test)]
pub(crate) mod miniature {
    //! Small trees for the tests of the rules.

    use super::{Dependency, DependencyKind, File, Package, Tree};

    /// A tree of these files.
    pub(crate) fn files(list: &[(&str, &str)]) -> Tree {
        let files = list
            .iter()
            .map(|(path, text)| {
                let file = File { bytes: text.len() as u64, text: (*text).to_owned() };
                ((*path).to_owned(), file)
            })
            .collect();
        Tree { files, packages: Vec::new() }
    }

    /// A package of ours, named after its folder, with these normal dependencies.
    pub(crate) fn package(folder: &str, dependencies: &[&str]) -> Package {
        let word = folder.rsplit('/').next().unwrap_or_default();
        let dependencies = dependencies
            .iter()
            .map(|name| Dependency { name: (*name).to_owned(), kind: DependencyKind::Normal })
            .collect();
        Package {
            name: format!("zhengtong-{word}"),
            licence: "Apache-2.0".to_owned(),
            folder: folder.to_owned(),
            dependencies,
        }
    }
}
