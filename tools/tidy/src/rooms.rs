//! The rooms of a crate: what every engine has, what every manifest says, how migrations count.

use std::collections::BTreeMap;

use crate::budgets;
use crate::tree::Tree;
use crate::{Fault, fault};

/// What every engine and every suite has.
const ROOMS: &[&str] = &[
    "src/lib.rs",
    "src/model.rs",
    "src/error.rs",
    "src/store.rs",
    "sql/",
    "migrations/",
    "tests/",
];

/// Has this room only when a pack has a folder of the engine's name.
const PART: &str = "src/part.rs";

/// Engines and suites have the same rooms.
pub(crate) fn anatomy(tree: &Tree) -> Vec<Fault> {
    let (exceptions, mut faults) = budgets::exceptions(tree);
    let mut used = Vec::new();
    for package in tree.ours() {
        let Some(("engines" | "suites", word)) = package.layer() else { continue };
        let parts = pack_has(tree, word).then_some(PART);
        for room in ROOMS.iter().copied().chain(parts) {
            if has_room(tree, &package.folder, room) {
                continue;
            }
            let listed = exceptions.room.iter().position(|e| e.engine == word && e.room == room);
            match listed {
                Some(entry) => used.push(entry),
                None => faults.push(fault(&package.folder, format!("has no {room}"))),
            }
        }
    }
    for (at, entry) in exceptions.room.iter().enumerate() {
        if !used.contains(&at) {
            let what = format!("{} has its {} now: remove the entry", entry.engine, entry.room);
            faults.push(fault("tools/tidy/exceptions.toml", what));
        }
        faults.extend(budgets::reason(&entry.engine, &entry.why));
    }
    faults
}

/// Every crate and every tool has a page of its own.
pub(crate) fn readmes(tree: &Tree) -> Vec<Fault> {
    tree.ours()
        .filter(|package| !tree.has(&format!("{}/README.md", package.folder)))
        .map(|package| fault(&package.folder, "has no README.md"))
        .collect()
}

/// Lints and versions come from the workspace.
pub(crate) fn manifests(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in tree.ours() {
        let path = format!("{}/Cargo.toml", package.folder);
        match tree.text(&path).unwrap_or_default().parse::<toml::Table>() {
            Ok(manifest) => faults.extend(manifest_faults(&path, &manifest)),
            Err(error) => faults.push(fault(path, error.to_string())),
        }
    }
    faults
}

/// Migrations of a crate count from 0001 without gap or double.
pub(crate) fn migrations(tree: &Tree) -> Vec<Fault> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, _) in tree.below("crates/", "sql") {
        if let Some((folder, name)) = path.rsplit_once('/')
            && folder.ends_with("/migrations")
        {
            folders.entry(folder).or_default().push(name);
        }
    }
    let mut faults = Vec::new();
    for (folder, names) in folders {
        for (place, name) in names.iter().enumerate() {
            let expected = format!("{:04}_", place + 1);
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b));
            if !name.starts_with(&expected) {
                faults.push(fault(format!("{folder}/{name}"), format!("expected {expected}….sql")));
            } else if !plain {
                let what = "only a-z, 0-9 and _ in the name";
                faults.push(fault(format!("{folder}/{name}"), what));
            }
        }
    }
    faults
}

fn pack_has(tree: &Tree, word: &str) -> bool {
    tree.files.keys().any(|path| {
        let mut parts = path.split('/');
        parts.next() == Some("packs") && parts.next().is_some() && parts.next() == Some(word)
    })
}

/// `src/store.rs` may have grown into `src/store/mod.rs`.
fn has_room(tree: &Tree, folder: &str, room: &str) -> bool {
    tree.has(&format!("{folder}/{room}"))
        || room.strip_suffix(".rs").is_some_and(|stem| tree.has(&format!("{folder}/{stem}/mod.rs")))
}

fn manifest_faults(path: &str, manifest: &toml::Table) -> Vec<Fault> {
    let mut faults = Vec::new();
    let inherits = |value: Option<&toml::Value>| {
        value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    if !inherits(manifest.get("lints")) {
        faults.push(fault(path, "no `[lints] workspace = true`"));
    }
    for key in ["version", "edition", "rust-version", "license", "publish"] {
        if !inherits(manifest.get("package").and_then(|package| package.get(key))) {
            faults.push(fault(path, format!("no `{key}.workspace = true`")));
        }
    }
    if manifest.get("package").and_then(|package| package.get("description")).is_none() {
        faults.push(fault(path, "no description"));
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(table) = manifest.get(kind).and_then(toml::Value::as_table) else { continue };
        for (name, value) in table {
            if !inherits(Some(value)) {
                faults.push(fault(path, format!("`{name}` is not from the workspace table")));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::miniature;

    fn check(rule: fn(&Tree) -> Vec<Fault>, tree: &Tree, expected: &[&str]) {
        let faults = rule(tree);
        let found: Vec<_> = faults.iter().map(|f| format!("{}: {}", f.place, f.what)).collect();
        assert_eq!(found, expected);
    }

    fn engine(rooms: &[&str]) -> Tree {
        let paths: Vec<_> =
            rooms.iter().map(|room| format!("crates/engines/form/{room}")).collect();
        let files: Vec<_> = paths.iter().map(|path| (path.as_str(), "")).collect();
        let mut tree = miniature::files(&files);
        tree.packages.push(miniature::package("crates/engines/form", &[]));
        tree
    }

    const WHOLE: &[&str] = &[
        "src/lib.rs",
        "src/model/mod.rs",
        "src/error.rs",
        "src/store.rs",
        "sql/find.sql",
        "migrations/0001_init.sql",
        "tests/main.rs",
    ];

    #[test]
    fn an_engine_has_all_rooms() {
        check(anatomy, &engine(WHOLE), &[]);
        let without: Vec<_> =
            WHOLE.iter().copied().filter(|room| *room != "sql/find.sql").collect();
        check(anatomy, &engine(&without), &["crates/engines/form: has no sql/"]);
    }

    #[test]
    fn a_pack_folder_needs_its_grammar() {
        let mut tree = engine(WHOLE);
        tree.files.extend(miniature::files(&[("packs/x/form/a.toml", "")]).files);
        check(anatomy, &tree, &["crates/engines/form: has no src/part.rs"]);
        let list = "[[room]]\ncrate = \"form\"\nroom = \"src/part.rs\"\nwhy = \"later\"\n";
        tree.files.extend(miniature::files(&[("tools/tidy/exceptions.toml", list)]).files);
        check(anatomy, &tree, &[]);
        tree.files.extend(miniature::files(&[("crates/engines/form/src/part.rs", "")]).files);
        check(
            anatomy,
            &tree,
            &["tools/tidy/exceptions.toml: form has its src/part.rs now: remove the entry"],
        );
    }

    #[test]
    fn manifests_inherit() {
        let good = "[package]\nname = \"x\"\nversion.workspace = true\nedition.workspace = true\n\
                    rust-version.workspace = true\nlicense.workspace = true\n\
                    publish.workspace = true\ndescription = \"x\"\n[lints]\nworkspace = true\n\
                    [dependencies]\nserde.workspace = true\n";
        let with = |text: &str| {
            let mut tree = miniature::files(&[("crates/engines/form/Cargo.toml", text)]);
            tree.packages.push(miniature::package("crates/engines/form", &[]));
            tree
        };
        check(manifests, &with(good), &[]);
        let bad = good.replace("serde.workspace = true", "serde = \"1\"");
        check(
            manifests,
            &with(&bad),
            &["crates/engines/form/Cargo.toml: `serde` is not from the workspace table"],
        );
        let bad = good.replace("[lints]\nworkspace = true\n", "");
        check(
            manifests,
            &with(&bad),
            &["crates/engines/form/Cargo.toml: no `[lints] workspace = true`"],
        );
    }

    #[test]
    fn migrations_count() {
        let tree = |names: &[&str]| {
            let paths: Vec<_> =
                names.iter().map(|name| format!("crates/store/db/migrations/{name}")).collect();
            miniature::files(&paths.iter().map(|path| (path.as_str(), "")).collect::<Vec<_>>())
        };
        check(migrations, &tree(&["0001_init.sql", "0002_more.sql"]), &[]);
        check(
            migrations,
            &tree(&["0001_init.sql", "0003_more.sql"]),
            &["crates/store/db/migrations/0003_more.sql: expected 0002_….sql"],
        );
        check(
            migrations,
            &tree(&["0001_a.sql", "0001_b.sql"]),
            &["crates/store/db/migrations/0001_b.sql: expected 0002_….sql"],
        );
    }
}
