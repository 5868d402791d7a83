//! Everything that is kept, and mutations of it, through every parser.

#![cfg(test)]

#[path = "../../../fuzz/entries.rs"]
#[expect(unreachable_pub, reason = "the same file serves the programs of fuzz/")]
mod entries;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use entries::{ENTRIES, Entry};
use zhengtong_replay::{Dice, mutate};

/// One input may take this long, in a build for tests on a busy machine.
const SLOWEST: Duration = Duration::from_secs(20);
/// Files of packs that serve as inputs besides the kept ones: entry, ending, how many.
const BORROWED: [(&str, &str, usize); 4] =
    [("bpmn", "bpmn", 3), ("dmn", "dmn", 6), ("policy", "cedar", 1), ("pack", "toml", 40)];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap()
}

fn number(name: &str, usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting")]
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn below(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            below(&path, ending, found);
        } else if ending.is_empty() || path.extension().is_some_and(|end| end == ending) {
            found.push(path);
        }
    }
}

/// The inputs of one parser: what is kept, and what the packs lend.
fn inputs(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut kept = Vec::new();
    below(&root().join("fuzz/corpus").join(name), "", &mut kept);
    let mut inputs: Vec<_> =
        kept.iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    for (_, ending, most) in BORROWED.iter().filter(|(entry, ..)| *entry == name) {
        let mut lent = Vec::new();
        below(&root().join("packs"), ending, &mut lent);
        for path in lent.iter().take(*most) {
            let mut bytes = fs::read(path).unwrap();
            if name == "pack" {
                let inside = path.strip_prefix(root().join("packs")).unwrap();
                let inside: PathBuf = inside.iter().skip(1).collect();
                bytes = [format!("{}\n", inside.display()).as_bytes(), &bytes].concat();
            }
            inputs.push((path.display().to_string(), bytes));
        }
    }
    inputs
}

fn throw((name, entry): Entry, from: &str, bytes: &[u8]) {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| entry(bytes)));
    let shown = || {
        let path = std::env::temp_dir().join(format!("zhengtong-replay-{name}"));
        fs::write(&path, bytes).unwrap();
        format!("{name}, from {from}: the input is kept in {}", path.display())
    };
    assert!(outcome.is_ok(), "a panic: {}", shown());
    assert!(began.elapsed() < SLOWEST, "{:?}: {}", began.elapsed(), shown());
}

fn replay(name: &str) {
    let entry = *ENTRIES.iter().find(|(known, _)| *known == name).unwrap();
    let (times, seed) = (number("ZT_REPLAY", 200), number("ZT_REPLAY_SEED", 1));
    let inputs = inputs(name);
    assert!(!inputs.is_empty(), "nothing is kept for {name}");
    let mut dice = Dice::new(seed);
    let mut thrown = 0;
    for (from, bytes) in &inputs {
        throw(entry, from, bytes);
        for _ in 0..times {
            let (_, other) = &inputs[dice.below(inputs.len())];
            throw(entry, from, &mutate(bytes, other, &mut dice));
            thrown += 1;
        }
    }
    println!("{name}: {} kept, {thrown} mutations", inputs.len());
}

/// One test for each parser, and a test that none was forgotten.
macro_rules! parsers {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { replay(stringify!($name)); })+

        #[test]
        fn the_parsers_survive_everything_replayed() {
            let tested = [$(stringify!($name)),+];
            let named: Vec<_> = ENTRIES.iter().map(|(name, _)| *name).collect();
            assert_eq!(named, tested);
            // What nobody kept: nothing, and noise.
            let mut dice = Dice::new(number("ZT_REPLAY_SEED", 1));
            for entry in ENTRIES {
                throw(*entry, "nothing", b"");
                for size in [1, 2, 16, 300, 4_000] {
                    let noise: Vec<u8> = (0..size).map(|_| dice.roll().to_le_bytes()[0]).collect();
                    throw(*entry, "noise", &noise);
                }
            }
        }
    };
}

parsers! {
    feel, unary, dmn, bpmn, pack, policy, code, date, record, file, scanner, form, multipart, cookie,
    address, name, egress, seal, days, table, geometry, filter, call,
}
