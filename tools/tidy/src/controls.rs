//! Tables of controls (docs/asvs.csv, docs/mlps.csv): what they name as evidence is there.

use std::collections::BTreeSet;

use crate::tree::Tree;
use crate::{Fault, fault};

/// The tables, and how many rows each has at least.
const TABLES: &[(&str, usize)] =
    &[("docs/asvs.csv", 253), ("docs/mlps.csv", 40), ("docs/security/bad-input.csv", 53)];
const HEAD: [&str; 5] = ["applicable", "state", "what", "evidence", "why"];

/// Every row that is met names tests and sections that exist; every other row says why.
pub(crate) fn evidence(tree: &Tree) -> Vec<Fault> {
    evidence_in(tree, TABLES)
}

fn evidence_in(tree: &Tree, tables: &[(&str, usize)]) -> Vec<Fault> {
    let tests = tests(tree);
    let mut faults = Vec::new();
    for (path, least) in tables {
        let Some(text) = tree.text(path) else {
            faults.push(fault(*path, "is not there"));
            continue;
        };
        let mut seen = BTreeSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let place = format!("{path}:{number}");
            let cells = cells(line);
            let [id, _level, rest @ ..] = cells.as_slice() else {
                faults.push(fault(place, "not a row"));
                continue;
            };
            if number == 1 {
                if rest != HEAD {
                    faults.push(fault(place, "another head than id, level, applicable …"));
                }
                continue;
            }
            if !seen.insert(id.clone()) {
                faults.push(fault(&place, format!("{id} stands twice")));
            }
            faults.extend(row(tree, &tests, rest).into_iter().map(|what| fault(&place, what)));
        }
        if seen.len() < *least {
            faults.push(fault(*path, format!("{} rows, at least {least}", seen.len())));
        }
    }
    faults
}

/// What is wrong with one row.
fn row(tree: &Tree, tests: &BTreeSet<String>, cells: &[String]) -> Vec<String> {
    let [applicable, state, what, evidence, why] = cells else {
        return vec!["another number of cells than its head".to_owned()];
    };
    let mut wrong = Vec::new();
    if what.is_empty() {
        wrong.push("says nothing in words".to_owned());
    }
    match (applicable.as_str(), state.as_str()) {
        ("yes", "met") => {
            if evidence.is_empty() {
                wrong.push("met without evidence".to_owned());
            }
        }
        ("yes", "open") | ("no", "") => {
            if why.is_empty() {
                wrong.push("without a reason".to_owned());
            }
        }
        _ => wrong.push(format!("`{applicable}`, `{state}` is no state")),
    }
    wrong.extend(named(evidence).iter().filter_map(|one| missing(tree, tests, one)));
    wrong
}

/// The single pieces of evidence; a title may hold a semicolon itself.
fn named(evidence: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for piece in evidence.split("; ").filter(|piece| !piece.is_empty()) {
        match pieces.last_mut() {
            Some(last) if !piece.starts_with("test ") && !piece.starts_with("doc ") => {
                last.push_str("; ");
                last.push_str(piece);
            }
            _ => pieces.push(piece.to_owned()),
        }
    }
    pieces
}

fn missing(tree: &Tree, tests: &BTreeSet<String>, one: &str) -> Option<String> {
    if let Some(name) = one.strip_prefix("test ") {
        return (!tests.contains(name)).then(|| format!("there is no test `{name}`"));
    }
    let Some(place) = one.strip_prefix("doc ") else {
        return Some(format!("`{one}` is neither a test nor a section"));
    };
    let (path, section) = place.split_once('#').unwrap_or((place, ""));
    let Some(text) = tree.text(path) else { return Some(format!("there is no {path}")) };
    let has = |line: &str| line.starts_with('#') && line.trim_start_matches('#').trim() == section;
    (!section.is_empty() && !text.lines().any(has))
        .then(|| format!("{path} has no section `{section}`"))
}

/// The names of all tests: functions after a test attribute, tests of the macro of rules, titles of tests in scripts.
fn tests(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (path, file) in &tree.files {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        if ending == "rs" {
            names.extend(functions(&file.text));
        } else if ending == "mjs" {
            let titles = file.text.split("test(\"").skip(1);
            names.extend(titles.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    names.extend(crate::RULES.iter().map(|rule| rule.name.to_owned()));
    names
}

fn functions(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            in_test = true;
        } else if let Some((_, rest)) =
            line.split_once("fn ").filter(|_| in_test || is_property(line))
        {
            let name: String = rest
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                .collect();
            names.push(name);
            in_test = false;
        }
    }
    names
}

/// Tests of `proptest!` take their values as `name in values`.
fn is_property(line: &str) -> bool {
    line.starts_with("fn ") && line.contains(" in ")
}

/// The cells of a line; a cell in quotation marks may hold commas, and a mark twice for a mark.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::miniature::files;

    fn check(row: &str, expected: &[&str]) {
        let table = format!("id,level,applicable,state,what,evidence,why\n{row}\n");
        let code = "#[test]\nfn doors_are_shut() {}\nfn helper() {}\n";
        let script = "test(\"a thing; and another, too\", () => {});";
        let paper = "# Paper\n## Doors\n";
        let tree = files(&[
            ("docs/t.csv", &table),
            ("crates/a/src/lib.rs", code),
            ("e2e/a.test.mjs", script),
            ("docs/p.md", paper),
        ]);
        let found: Vec<_> =
            evidence_in(&tree, &[("docs/t.csv", 1)]).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected, "{row}");
    }

    #[test]
    fn evidence_is_looked_for() {
        check("1,1,yes,met,shut,test doors_are_shut; doc docs/p.md#Doors,", &[]);
        check("1,1,yes,met,shut,\"test a thing; and another, too; test doors_are_shut\",", &[]);
        check("1,1,yes,met,shut,test helper,", &["there is no test `helper`"]);
        check("1,1,yes,met,shut,test gone,", &["there is no test `gone`"]);
        check("1,1,yes,met,shut,doc docs/p.md#Gone,", &["docs/p.md has no section `Gone`"]);
        check("1,1,yes,met,shut,doc docs/gone.md#,", &["there is no docs/gone.md"]);
        check("1,1,yes,met,shut,,", &["met without evidence"]);
        check("1,1,yes,open,shut,,", &["without a reason"]);
        check("1,1,no,,shut,,no doors", &[]);
        check("1,1,maybe,,shut,,", &["`maybe`, `` is no state"]);
        check("1,1,yes,met,,test doors_are_shut,", &["says nothing in words"]);
    }

    #[test]
    fn rows_are_counted_and_stand_once() {
        let head = "id,level,applicable,state,what,evidence,why\n1,1,no,,a,,b\n1,1,no,,a,,b\n";
        let faults = evidence_in(&files(&[("docs/t.csv", head)]), &[("docs/t.csv", 2)]);
        let found: Vec<_> = faults.into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, ["1 stands twice", "1 rows, at least 2"]);
    }
}
