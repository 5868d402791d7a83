//! How long things may be, and how a file begins. The exceptions list can only shrink.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::tree::Tree;
use crate::{Fault, code, fault};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const EXCEPTIONS: &str = "tools/tidy/exceptions.toml";

/// Endings of the source files that the length of a file is counted for.
const SOURCES: &[&str] = &["rs", "mjs", "ts", "sh"];

/// The committed list of what is too long.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Exceptions {
    file: Vec<LongFile>,
    function: Vec<LongFunction>,
    /// Rooms an engine does without.
    pub(crate) room: Vec<MissingRoom>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFile {
    path: String,
    lines: usize,
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFunction {
    path: String,
    name: String,
    lines: usize,
    why: String,
}

/// A room that an engine does without.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MissingRoom {
    /// The engine's word.
    #[serde(rename = "crate")]
    pub(crate) engine: String,
    /// The room, as in the anatomy.
    pub(crate) room: String,
    /// The reason.
    pub(crate) why: String,
}

/// Every Rust file begins with its reason.
pub(crate) fn heads(tree: &Tree) -> Vec<Fault> {
    tree.below("", "rs")
        .filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#![doc"))
        .map(|(path, _)| fault(format!("{path}:1"), "does not begin with `//!`"))
        .collect()
}

/// Files stay within their budget.
pub(crate) fn files(tree: &Tree) -> Vec<Fault> {
    let (exceptions, mut faults) = exceptions(tree);
    let mut used = BTreeSet::new();
    for (path, text) in SOURCES.iter().flat_map(|ending| tree.below("", ending)) {
        let lines = text.lines().count();
        let listed = exceptions.file.iter().find(|entry| entry.path == path);
        used.extend(listed.map(|entry| entry.path.as_str()));
        let allowed = listed.map(|entry| entry.lines);
        faults.extend(judge(path, "lines", lines, FILE_LINES_MAX, allowed));
    }
    for entry in &exceptions.file {
        if !used.contains(entry.path.as_str()) {
            faults.push(fault(EXCEPTIONS, format!("{} is gone: remove its entry", entry.path)));
        }
        faults.extend(reason(&entry.path, &entry.why));
    }
    faults
}

/// Functions stay within their budget.
pub(crate) fn functions(tree: &Tree) -> Vec<Fault> {
    let (exceptions, mut faults) = exceptions(tree);
    let mut used = BTreeSet::new();
    for (path, text) in tree.below("", "rs") {
        let bare = code::bare(text);
        for function in code::functions(&bare) {
            let listed = exceptions
                .function
                .iter()
                .find(|entry| entry.path == path && entry.name == function.name);
            if let Some(entry) = listed {
                used.insert((entry.path.as_str(), entry.name.as_str()));
            }
            let place = format!("{path}:{}", function.line);
            let what = format!("lines of code in `{}`", function.name);
            let allowed = listed.map(|entry| entry.lines);
            faults.extend(judge(&place, &what, function.lines, FUNCTION_LINES_MAX, allowed));
        }
    }
    for entry in &exceptions.function {
        if !used.contains(&(entry.path.as_str(), entry.name.as_str())) {
            let what = format!("`{}` of {} is gone: remove its entry", entry.name, entry.path);
            faults.push(fault(EXCEPTIONS, what));
        }
        faults.extend(reason(&entry.name, &entry.why));
    }
    faults
}

/// The exceptions list; a broken one is a fault.
pub(crate) fn exceptions(tree: &Tree) -> (Exceptions, Vec<Fault>) {
    match toml::from_str(tree.text(EXCEPTIONS).unwrap_or_default()) {
        Ok(exceptions) => (exceptions, Vec::new()),
        Err(error) => (Exceptions::default(), vec![fault(EXCEPTIONS, error.to_string())]),
    }
}

/// An exception without a reason is a fault.
pub(crate) fn reason(entry: &str, why: &str) -> Option<Fault> {
    let empty = why.trim().is_empty();
    empty.then(|| fault(EXCEPTIONS, format!("the entry of {entry} has no reason")))
}

fn judge(
    place: &str,
    what: &str,
    lines: usize,
    budget: usize,
    allowed: Option<usize>,
) -> Option<Fault> {
    let text = match allowed {
        None if lines > budget => format!("{lines} {what}, at most {budget}"),
        Some(allowed) if lines > allowed => format!("{lines} {what}, excepted up to {allowed}"),
        Some(_) if lines <= budget => format!("{lines} {what}: fits, remove its exception"),
        Some(allowed) if lines < allowed => {
            format!("{lines} {what}: lower its exception from {allowed}")
        }
        _ => return None,
    };
    Some(fault(place, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::miniature;

    fn check(rule: fn(&Tree) -> Vec<Fault>, files: &[(&str, &str)], expected: &[&str]) {
        let faults = rule(&miniature::files(files));
        let found: Vec<_> = faults.iter().map(|f| format!("{}: {}", f.place, f.what)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_file_begins_with_its_reason() {
        check(heads, &[("a.rs", "//! Why.\n"), ("b.md", "x")], &[]);
        check(heads, &[("a.rs", "fn a() {}\n")], &["a.rs:1: does not begin with `//!`"]);
    }

    #[test]
    fn long_files_are_found() {
        let long = "\n".repeat(601);
        let list = "[[file]]\npath = \"a.rs\"\nlines = 601\nwhy = \"table\"\n";
        check(files, &[("a.rs", &long)], &["a.rs: 601 lines, at most 600"]);
        check(files, &[("a.rs", &long), (EXCEPTIONS, list)], &[]);
        check(
            files,
            &[("a.rs", &"\n".repeat(602)), (EXCEPTIONS, list)],
            &["a.rs: 602 lines, excepted up to 601"],
        );
        check(
            files,
            &[("a.rs", "\n"), (EXCEPTIONS, list)],
            &["a.rs: 1 lines: fits, remove its exception"],
        );
        check(
            files,
            &[(EXCEPTIONS, list)],
            &["tools/tidy/exceptions.toml: a.rs is gone: remove its entry"],
        );
        check(
            files,
            &[("a.rs", &long), (EXCEPTIONS, &list.replace("601", "700"))],
            &["a.rs: 601 lines: lower its exception from 700"],
        );
    }

    #[test]
    fn long_functions_are_found() {
        let long = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(71));
        check(functions, &[("a.rs", &long)], &["a.rs:1: 71 lines of code in `a`, at most 70"]);
        let list = "[[function]]\npath = \"a.rs\"\nname = \"a\"\nlines = 71\nwhy = \" \"\n";
        check(
            functions,
            &[("a.rs", &long), (EXCEPTIONS, list)],
            &["tools/tidy/exceptions.toml: the entry of a has no reason"],
        );
    }

    #[test]
    fn a_broken_list_is_a_fault() {
        assert_eq!(files(&miniature::files(&[(EXCEPTIONS, "[[fil]]\n")])).len(), 1);
    }
}
