//! Tests over the tree: every promise about the shape of this house that a machine can check.
//!
//! A rule is a pure function from a [`Tree`] to [`Fault`]s, so each is tested on a miniature tree
//! that breaks it as well as on the real one. [`RULES`] is the whole list.

mod budgets;
mod code;
mod controls;
mod layers;
mod licences;
mod papers;
mod rooms;
mod tree;
mod words;

pub use layers::dev_arrows;
pub use papers::uncovered_text;
pub use tree::{Dependency, DependencyKind, File, Package, Tree};

/// One place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Path, with a line where there is one.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// A rule with what a person needs to know when it fails.
#[derive(Debug)]
pub struct Rule {
    /// The name of its test.
    pub name: &'static str,
    /// Why the rule exists.
    pub why: &'static str,
    /// What to do about a fault.
    pub way_out: &'static str,
    /// Finds the faults.
    pub check: fn(&Tree) -> Vec<Fault>,
}

/// All rules, in the order of their files.
pub const RULES: &[Rule] = &[
    Rule {
        name: "layers",
        why: "arrows between crates point down, so that a change is felt above it only",
        way_out: "let a suite combine engines, send news upward through the outbox; \
                  an arrow inside a layer needs a decision note and an entry in PEERS",
        check: layers::arrows,
    },
    Rule {
        name: "chain",
        why: "a long chain of crates compiles one after the other",
        way_out: "lift the shared types into a lower layer or join two crates of the chain",
        check: layers::chain,
    },
    Rule {
        name: "homes",
        why: "a heavy dependency has one home, so that the others neither compile nor know it",
        way_out: "call the crate that is its home, or move the home in HOMES with a decision note",
        check: layers::homes,
    },
    Rule {
        name: "manifests",
        why: "one table of versions and one set of lints for the whole house",
        way_out: "write `[lints] workspace = true` and `name.workspace = true`",
        check: rooms::manifests,
    },
    Rule {
        name: "rooms",
        why: "who knows one engine finds the way in every other",
        way_out: "add the room, or list it in tools/tidy/exceptions.toml with the reason",
        check: rooms::anatomy,
    },
    Rule {
        name: "readmes",
        why: "a crate without a page of its own is known only to who wrote it",
        way_out: "write README.md beside Cargo.toml: what it is for, its verbs, its invariants",
        check: rooms::readmes,
    },
    Rule {
        name: "migrations",
        why: "two branches that both add number 7 must meet before they reach a database",
        way_out: "number the files 0001_name.sql, 0002_name.sql … without gap or double",
        check: rooms::migrations,
    },
    Rule {
        name: "heads",
        why: "a reader asks first why a file exists",
        way_out: "begin the file with `//!` and one sentence",
        check: budgets::heads,
    },
    Rule {
        name: "files",
        why: "a file is read as a whole; at 600 lines nobody does",
        way_out: "split it by subject; the exceptions list only shrinks",
        check: budgets::files,
    },
    Rule {
        name: "functions",
        why: "a function should fit on a screen of 70 lines",
        way_out: "move leaves into functions of their own; the exceptions list only shrinks",
        check: budgets::functions,
    },
    Rule {
        name: "words",
        why: "unfinished work is not merged, it is finished or left out",
        way_out: "finish it, or describe it where plans are kept",
        check: words::unfinished,
    },
    Rule {
        name: "sql",
        why: "SQL lives in store.rs and sql/*.sql, and text becomes SQL in one audited file",
        way_out: "move the statement into src/store.rs; quote names through zhengtong_db",
        check: words::sql_in_place,
    },
    Rule {
        name: "style",
        why: "the content security policy forbids inline style, and no page writes its own CSS",
        way_out: "use or add a component of faces/ui",
        check: words::inline_style,
    },
    Rule {
        name: "blobs",
        why: "every clone carries every byte for ever",
        way_out: "generate it, fetch it at demo time, or put it under packs/*/seed",
        check: words::big_files,
    },
    Rule {
        name: "licences",
        why: "a city must be free to run, change and pass on the whole of it",
        way_out: "choose another dependency, or allow the licence in ALLOWED with a reason",
        check: licences::licences,
    },
    Rule {
        name: "terms",
        why: "one word per concept: docs/terms.md is the list that all texts follow",
        way_out: "give every row all its cells and every concept one row",
        check: papers::terms,
    },
    Rule {
        name: "requirements",
        why: "stories are the proof of a requirement, and what is uncovered changes on purpose only",
        way_out: "name story files that exist; `make bless` writes docs/requirements/uncovered.txt",
        check: papers::requirements,
    },
    Rule {
        name: "generated",
        why: "a committed file that a program writes must equal what the program writes today",
        way_out: "add the owner with its test to GENERATED; `make bless` writes the files anew",
        check: papers::generated,
    },
    Rule {
        name: "controls",
        why: "a table of controls is worth what it names: tests that run and sections that stand",
        way_out: "name a test or a section that exists, or set the row to open with its reason",
        check: controls::evidence,
    },
];

/// The message of a failed rule: reason, faults, way out.
pub fn message(rule: &Rule, faults: &[Fault]) -> String {
    let places: Vec<String> =
        faults.iter().map(|fault| format!("  {}: {}", fault.place, fault.what)).collect();
    format!("rule `{}`: {}\n{}\nway out: {}", rule.name, rule.why, places.join("\n"), rule.way_out)
}

fn fault(place: impl Into<String>, what: impl Into<String>) -> Fault {
    Fault { place: place.into(), what: what.into() }
}
