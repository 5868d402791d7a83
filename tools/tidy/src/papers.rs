//! Papers that must agree with the tree: the glossary, the requirement rows, generated files.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::Tree;
use crate::{Fault, fault};

const TERMS: &str = "docs/terms.md";
const REQUIREMENTS: &str = "docs/requirements/";
const UNCOVERED: &str = "docs/requirements/uncovered.txt";

/// Files that a program writes: where they lie, and the crate whose test compares them with what it
/// writes today (and writes them when `ZHENGTONG_BLESS` is set).
const GENERATED: &[(&str, &str)] =
    &[("schemas/", "crates/app/zhengtong"), ("docs/requirements/uncovered.txt", "tools/tidy")];

/// Folders that hold generated files only.
const GENERATED_FOLDERS: &[&str] = &["schemas/"];

/// The glossary is made of whole rows, one per concept.
pub(crate) fn terms(tree: &Tree) -> Vec<Fault> {
    let Some(text) = tree.text(TERMS) else { return vec![fault(TERMS, "is not there")] };
    let mut faults = Vec::new();
    let mut width = None;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = 0;
    for (number, line) in (1..).zip(text.lines()) {
        let Some(cells) = cells(line) else {
            width = None;
            continue;
        };
        let place = format!("{TERMS}:{number}");
        let first = cells.first().copied().unwrap_or_default();
        match width {
            None => width = Some(cells.len()),
            Some(width) if width != cells.len() => {
                faults.push(fault(place, format!("{} cells, its head has {width}", cells.len())));
            }
            Some(_) if first.starts_with('-') || first.starts_with(':') => {}
            Some(_) => {
                rows += 1;
                if cells.iter().take(2).any(|cell| cell.is_empty()) {
                    faults.push(fault(&place, "an empty cell where a word is due"));
                }
                if let Some(earlier) = seen.insert(first, number) {
                    faults
                        .push(fault(place, format!("`{first}` stands in line {earlier} already")));
                }
            }
        }
    }
    if rows == 0 {
        faults.push(fault(TERMS, "has no table of terms"));
    }
    faults
}

/// Stories named by requirement rows exist; the uncovered list is the truth.
pub(crate) fn requirements(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (path, text) in tree.below(REQUIREMENTS, "toml") {
        match text.parse::<toml::Table>() {
            Err(error) => faults.push(fault(path, error.to_string())),
            Ok(table) => {
                for (row, story) in rows(&table)
                    .flat_map(|(row, stories)| stories.into_iter().map(move |story| (row, story)))
                {
                    if !story_exists(tree, &story) {
                        faults.push(fault(path, format!("row {row}: there is no story {story}")));
                    }
                }
            }
        }
    }
    let expected = uncovered_text(tree);
    if tree.text(UNCOVERED).unwrap_or_default() != expected {
        let committed: BTreeSet<_> = tree.text(UNCOVERED).unwrap_or_default().lines().collect();
        let real: BTreeSet<_> = expected.lines().collect();
        let more: Vec<_> = real.difference(&committed).copied().collect();
        let fewer: Vec<_> = committed.difference(&real).copied().collect();
        let what = format!("newly uncovered: {more:?}; no longer uncovered: {fewer:?}");
        faults.push(fault(UNCOVERED, what));
    }
    faults
}

/// What `docs/requirements/uncovered.txt` should hold: rows without a story, sorted, one a line.
pub fn uncovered_text(tree: &Tree) -> String {
    let mut ids = BTreeSet::new();
    for (_, text) in tree.below(REQUIREMENTS, "toml") {
        let table = text.parse::<toml::Table>().unwrap_or_default();
        ids.extend(rows(&table).filter(|(_, s)| s.is_empty()).map(|(row, _)| row.to_owned()));
    }
    ids.into_iter().map(|id| id + "\n").collect()
}

/// Every generated file has an owner with a blessable test.
pub(crate) fn generated(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, owner) in GENERATED {
        if tree.has(place) && !compares(tree, owner, place) {
            let what = format!("no test of {owner} names it together with ZHENGTONG_BLESS");
            faults.push(fault(*place, what));
        }
    }
    for path in tree.files.keys() {
        let folder = GENERATED_FOLDERS.iter().any(|folder| path.starts_with(folder));
        if folder && !GENERATED.iter().any(|(place, _)| path.starts_with(place)) {
            faults.push(fault(path, "a generated file without an owner"));
        }
    }
    faults
}

fn compares(tree: &Tree, owner: &str, place: &str) -> bool {
    let folder = format!("{owner}/");
    let stem = place.trim_end_matches('/');
    tree.below(&folder, "rs").any(|(_, text)| text.contains("ZHENGTONG_BLESS"))
        && tree.below(&folder, "rs").any(|(_, text)| text.contains(stem))
}

/// Rows of one file with their stories.
fn rows(table: &toml::Table) -> impl Iterator<Item = (&str, Vec<String>)> {
    let rows = table.get("row").and_then(toml::Value::as_table);
    rows.into_iter().flatten().map(|(id, row)| {
        let stories = row.get("stories").and_then(toml::Value::as_array);
        let stories = stories.into_iter().flatten().filter_map(toml::Value::as_str);
        (id.as_str(), stories.map(str::to_owned).collect())
    })
}

/// A story is named `PACK/story/NAME.feature`, with `packs/` before it or without, and
/// perhaps `#scenario` after it.
fn story_exists(tree: &Tree, story: &str) -> bool {
    let file = story.split('#').next().unwrap_or_default();
    let path = if file.starts_with("packs/") { file.to_owned() } else { format!("packs/{file}") };
    path.ends_with(".feature") && tree.has(&path)
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(str::trim).collect())
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
    fn terms_are_whole_rows() {
        let good = "# T\n\n| zh | en | word |\n|---|---|---|\n| 办件 | case | casework |\n";
        check(terms, &[(TERMS, good)], &[]);
        check(
            terms,
            &[(TERMS, &format!("{good}| 事项 | item |\n"))],
            &["docs/terms.md:6: 2 cells, its head has 3"],
        );
        check(
            terms,
            &[(TERMS, &format!("{good}| 办件 | x | y |\n"))],
            &["docs/terms.md:6: `办件` stands in line 5 already"],
        );
        check(
            terms,
            &[(TERMS, &format!("{good}| 事项 | | y |\n"))],
            &["docs/terms.md:6: an empty cell where a word is due"],
        );
        check(terms, &[], &["docs/terms.md: is not there"]);
    }

    #[test]
    fn rows_name_stories_that_exist() {
        let rows = "[row.b]\nstories = []\n[row.a]\nstories = [\"food/story/new.feature#x\"]\n";
        let file = "docs/requirements/a.toml";
        let story = ("packs/food/story/new.feature", "");
        check(requirements, &[(file, rows), story, (UNCOVERED, "b\n")], &[]);
        check(
            requirements,
            &[(file, rows), (UNCOVERED, "b\n")],
            &["docs/requirements/a.toml: row a: there is no story food/story/new.feature#x"],
        );
        check(
            requirements,
            &[(file, rows), story, (UNCOVERED, "a\n")],
            &["docs/requirements/uncovered.txt: newly uncovered: [\"b\"]; \
             no longer uncovered: [\"a\"]"],
        );
    }

    #[test]
    fn generated_files_have_an_owner() {
        let file = ("schemas/form.json", "{}");
        let test = ("crates/app/zhengtong/tests/main.rs", "// ZHENGTONG_BLESS \"schemas\"");
        check(generated, &[file, test], &[]);
        check(
            generated,
            &[file],
            &["schemas/: no test of crates/app/zhengtong names it together with ZHENGTONG_BLESS"],
        );
    }
}
