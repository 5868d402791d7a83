//! `cargo fuzz run geometry`: see fuzz/entries.rs.
#![no_main]

#[path = "../entries.rs"]
#[allow(dead_code, reason = "each target uses one of the entries")]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (_, entry) = entries::ENTRIES.iter().find(|(name, _)| *name == "geometry").expect("a known name");
    entry(bytes);
});
