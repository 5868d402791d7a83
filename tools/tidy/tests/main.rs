//! The rules, held against the real tree: one test each, so that a failure names its rule.

#![cfg(test)]

use std::path::Path;
use std::sync::OnceLock;

use zhengtong_tidy::{RULES, Tree, dev_arrows, message, uncovered_text};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let tree = Tree::read(root()).unwrap();
        bless(&tree);
        Tree::read(root()).unwrap()
    })
}

/// Writes what this crate generates, when asked to.
fn bless(tree: &Tree) {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting")]
    let asked = std::env::var("ZHENGTONG_BLESS").is_ok();
    if asked && tree.has("docs/requirements/") {
        let path = root().join("docs/requirements/uncovered.txt");
        std::fs::write(path, uncovered_text(tree)).unwrap();
    }
}

fn holds(name: &str) {
    let rule = RULES.iter().find(|rule| rule.name == name).unwrap();
    let faults = (rule.check)(tree());
    assert!(faults.is_empty(), "\n{}\n", message(rule, &faults));
}

/// One test for each rule, and a test that none was forgotten.
macro_rules! rules {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { holds(stringify!($name)); })+

        #[test]
        fn every_rule_has_its_test() {
            let tested = [$(stringify!($name)),+];
            let named: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
            assert_eq!(named, tested);
        }
    };
}

rules! {
    layers, chain, homes, manifests, rooms, readmes, migrations, heads, files, functions,
    words, sql, style, blobs, licences, terms, requirements, generated, controls,
}

#[test]
fn arrows_of_tests_are_shown() {
    for arrow in dev_arrows(tree()) {
        println!("{arrow}");
    }
}
