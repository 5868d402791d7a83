//! One program for all parsers of the ground crates; ZT_ENTRY names the one that is thrown at.
#![no_main]

#[path = "../../ground.rs"]
mod ground;

use std::sync::OnceLock;

type Entry = fn(&[u8]);

const ENTRIES: &[(&str, Entry)] = &[
    ("feel", ground::feel),
    ("unary", ground::unary),
    ("dmn", ground::dmn),
    ("bpmn", ground::bpmn),
    ("policy", ground::policy),
    ("code", ground::code),
    ("date", ground::date),
    ("seal", ground::seal),
    ("days", ground::days),
    ("table", ground::table),
    ("geometry", ground::geometry),
];

fn entry() -> Entry {
    static ENTRY: OnceLock<Entry> = OnceLock::new();
    *ENTRY.get_or_init(|| {
        let wanted = std::env::var("ZT_ENTRY").unwrap_or_default();
        let found = ENTRIES.iter().find(|(name, _)| *name == wanted);
        let names: Vec<&str> = ENTRIES.iter().map(|(name, _)| *name).collect();
        found.unwrap_or_else(|| panic!("ZT_ENTRY is one of {}", names.join(" "))).1
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry()(bytes));
