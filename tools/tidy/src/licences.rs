//! Licences of everything that is linked or used to build, judged from their SPDX expressions.

use crate::tree::{Package, Tree};
use crate::{Fault, fault};

/// Licences under which a city may run, change and pass on the whole.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages under another licence, and why that does no harm.
const EXCEPTED: &[(&str, &str, &str)] = &[
    ("cssparser", "MPL-2.0", "unmodified, in the story runner only: never shipped"),
    ("cssparser-macros", "MPL-2.0", "unmodified, in the story runner only: never shipped"),
    ("dtoa-short", "MPL-2.0", "unmodified, in the story runner only: never shipped"),
    ("selectors", "MPL-2.0", "unmodified, in the story runner only: never shipped"),
    (
        "base64urlsafedata",
        "MPL-2.0",
        "unmodified, for passkeys: the licence covers its own files only",
    ),
    ("crypto-glue", "MPL-2.0", "unmodified, for passkeys: as above"),
    ("webauthn-attestation-ca", "MPL-2.0", "unmodified, for passkeys: as above"),
    ("webauthn-rs", "MPL-2.0", "unmodified, for passkeys: as above"),
    ("webauthn-rs-core", "MPL-2.0", "unmodified, for passkeys: as above"),
    ("webauthn-rs-proto", "MPL-2.0", "unmodified, for passkeys: as above"),
];

/// Every package of the graph is under an allowed licence.
pub(crate) fn licences(tree: &Tree) -> Vec<Fault> {
    tree.packages
        .iter()
        .filter(|package| !allowed(&package.licence) && !excepted(package))
        .map(|package| fault(&package.name, format!("licence `{}`", package.licence)))
        .collect()
}

fn excepted(package: &Package) -> bool {
    let found = EXCEPTED.iter().find(|(name, _, _)| *name == package.name);
    found.is_some_and(|(_, licence, _)| *licence == package.licence)
}

/// Evaluates an expression of AND, OR, WITH and brackets; the old `/` means OR.
fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any(&mut rest);
    verdict && rest.is_empty()
}

fn any(rest: &mut &[&str]) -> bool {
    let mut verdict = all(rest);
    while take(rest, "OR") {
        verdict |= all(rest);
    }
    verdict
}

fn all(rest: &mut &[&str]) -> bool {
    let mut verdict = one(rest);
    while take(rest, "AND") {
        verdict &= one(rest);
    }
    verdict
}

fn one(rest: &mut &[&str]) -> bool {
    if take(rest, "(") {
        let verdict = any(rest);
        return take(rest, ")") && verdict;
    }
    let Some((name, after)) = rest.split_first() else { return false };
    *rest = after;
    if take(rest, "WITH") {
        let Some((exception, after)) = rest.split_first() else { return false };
        *rest = after;
        return ALLOWED.contains(&format!("{name} WITH {exception}").as_str());
    }
    ALLOWED.contains(name)
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == word => {
            *rest = after;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged() {
        for (expression, expected) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("GPL-3.0-only AND MIT", false),
            ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
            ("Apache-2.0 WITH some-exception", false),
            ("MIT GPL-3.0-only", false),
            ("(MIT", false),
            ("", false),
        ] {
            assert_eq!(allowed(expression), expected, "{expression}");
        }
    }
}
