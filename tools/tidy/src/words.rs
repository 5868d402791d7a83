//! What must not be written, or only in its place.

use crate::tree::Tree;
use crate::{Fault, code, fault};

const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Large files that are meant to be here: path or its end, why.
const BIG: &[(&str, &str)] = &[
    ("Cargo.lock", "the versions of everything"),
    ("package-lock.json", "the versions of everything"),
    ("schemas/current.sql", "the whole database as one text"),
    (
        "crates/faces/ui/assets/designer.js",
        "bpmn-js, built from web/ and compared with it by its tests",
    ),
    (
        "crates/faces/ui/assets/tables.js",
        "dmn-js, built from web/ and compared with it by its tests",
    ),
];

/// Marks of unfinished work; written in two halves so that this file may pass.
const UNFINISHED: &[(&str, &str)] =
    &[("FIX", "ME"), ("XX", "X"), ("TO", "DO"), ("todo", "!("), ("unimplemented", "!(")];

const CODE: &[&str] = &["rs", "mjs", "js", "ts", "sql", "sh", "css", "typ"];

/// The one file where a text becomes SQL.
const SQL_GATE: &str = "crates/store/db/src/sql.rs";

/// No mark of unfinished work.
pub(crate) fn unfinished(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in CODE.iter().flat_map(|ending| tree.below("", ending)) {
        if vendored(path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for (head, tail) in UNFINISHED {
                let word = format!("{head}{tail}");
                if names(line, &word) {
                    faults.push(fault(format!("{path}:{}", number + 1), format!("`{word}`")));
                }
            }
        }
    }
    faults
}

/// SQL is named in stores only, and made from text in one file only (and in tests, which forge).
pub(crate) fn sql_in_place(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in tree.below("crates/", "rs") {
        let may_name = may_name_sql(path);
        if (may_name && path == SQL_GATE) || (!text.contains("sqlx") && !text.contains("SqlSafe")) {
            continue;
        }
        for (number, line) in code::bare(text).lines().enumerate() {
            let place = format!("{path}:{}", number + 1);
            if line.contains("AssertSqlSafe") && !path.contains("/tests/") {
                faults.push(fault(place, format!("`AssertSqlSafe` outside {SQL_GATE}")));
            } else if !may_name && names(line, "sqlx::") {
                faults.push(fault(place, "`sqlx::` outside src/store.rs"));
            }
        }
    }
    faults
}

/// No inline style in the pages.
pub(crate) fn inline_style(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in tree.below("crates/faces/", "rs") {
        for (number, line) in text.lines().enumerate() {
            if line.match_indices("style=").any(|(at, _)| is_attribute(line, at)) {
                faults.push(fault(format!("{path}:{}", number + 1), "an inline style"));
            }
        }
    }
    faults
}

/// No large file but the listed.
pub(crate) fn big_files(tree: &Tree) -> Vec<Fault> {
    tree.files
        .iter()
        .filter(|(path, file)| file.bytes > FILE_BYTES_MAX && !may_be_big(path))
        .map(|(path, file)| fault(path, format!("{} KiB, at most 256", file.bytes / 1024)))
        .collect()
}

fn may_be_big(path: &str) -> bool {
    let seed = path.starts_with("packs/") && path.split('/').nth(2) == Some("seed");
    seed || BIG.iter().any(|(end, _)| path == *end || path.ends_with(&format!("/{end}")))
}

/// Bundles that a build wrote are not ours to read.
fn vendored(path: &str) -> bool {
    let script = path.rsplit_once('.').is_some_and(|(_, ending)| ending == "js");
    path.contains("/assets/") && script || path.contains("/vendor/")
}

/// Engines and suites name sqlx in their store only; a test may look into the database itself.
fn may_name_sql(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let (layer, word) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let inside: Vec<&str> = parts.collect();
    match (layer, word) {
        ("store", "db") => true,
        ("engines" | "suites" | "store", _) => {
            matches!(
                inside.as_slice(),
                ["tests" | "examples", ..] | ["src", "store.rs"] | ["src", "store", ..]
            )
        }
        _ => false,
    }
}

/// Does the line hold this word, not as a part of a longer one?
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|tail| tail.chars().next());
        let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        let open_end = word.ends_with(|c: char| !c.is_ascii_alphanumeric());
        !joins(before) && (open_end || !joins(after))
    })
}

/// ` style="…"`, ` style=(…)`, ` style={…}`; not the `style="` that a test looks for.
fn is_attribute(line: &str, at: usize) -> bool {
    let before = line.get(..at).and_then(|head| head.chars().next_back());
    let value = line.get(at + "style=".len()..).unwrap_or_default();
    let begins = ["\"", "(", "{", "'"].iter().any(|open| value.starts_with(open));
    before.is_none_or(char::is_whitespace) && begins && !value.starts_with("\")")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{File, miniature};

    fn check(rule: fn(&Tree) -> Vec<Fault>, files: &[(&str, &str)], expected: &[&str]) {
        let faults = rule(&miniature::files(files));
        let found: Vec<_> = faults.iter().map(|f| format!("{}: {}", f.place, f.what)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn unfinished_work_is_found() {
        let mark = UNFINISHED.first().map(|(head, tail)| format!("{head}{tail}")).unwrap();
        check(
            unfinished,
            &[("a.rs", &format!("ok\n// {mark} later"))],
            &[&format!("a.rs:2: `{mark}`")],
        );
        check(unfinished, &[("a.rs", &format!("// {mark}D"))], &[]);
        check(unfinished, &[("a.rs", "let todos = 1;")], &[]);
    }

    #[test]
    fn sql_stays_in_stores() {
        let text = "use sqlx::Row;\n// sqlx::query\nlet s = \"sqlx::\";\n";
        check(sql_in_place, &[("crates/engines/form/src/store.rs", text)], &[]);
        check(sql_in_place, &[("crates/engines/form/tests/main.rs", text)], &[]);
        check(sql_in_place, &[("crates/store/db/src/pool.rs", text)], &[]);
        check(
            sql_in_place,
            &[("crates/engines/form/src/lib.rs", text)],
            &["crates/engines/form/src/lib.rs:1: `sqlx::` outside src/store.rs"],
        );
        let text = "query(AssertSqlSafe(text))";
        check(sql_in_place, &[(SQL_GATE, text)], &[]);
        check(
            sql_in_place,
            &[("crates/store/db/src/pool.rs", text)],
            &["crates/store/db/src/pool.rs:1: `AssertSqlSafe` outside crates/store/db/src/sql.rs"],
        );
    }

    #[test]
    fn pages_have_no_inline_style() {
        let path = "crates/faces/hall/src/x.rs";
        check(inline_style, &[(path, "p class=\"a\" { }")], &[]);
        check(inline_style, &[(path, "assert!(!html.contains(\" style=\"));")], &[]);
        let at = "crates/faces/hall/src/x.rs:1: an inline style";
        check(inline_style, &[(path, "p style=\"color:red\" { }")], &[at]);
        check(inline_style, &[(path, "p style=(x) { }")], &[at]);
    }

    #[test]
    fn big_files_are_listed() {
        let big = |path: &str| {
            let mut tree = Tree::default();
            let file = File { bytes: FILE_BYTES_MAX + 1, text: String::new() };
            tree.files.insert(path.to_owned(), file);
            big_files(&tree).len()
        };
        assert_eq!(big("a.png"), 1);
        assert_eq!(big("packs/x/a.png"), 1);
        assert_eq!(big("packs/x/seed/a.png"), 0);
        assert_eq!(big("e2e/package-lock.json"), 0);
    }
}
