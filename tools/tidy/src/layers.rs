//! Who may know whom: a layer is a folder, arrows point down, heavy dependencies have one home.

use std::collections::BTreeMap;

use crate::tree::{DependencyKind, Package, Tree};
use crate::{Fault, fault};

/// From the ground up. A crate may know every layer below its own.
const LAYERS: &[&str] = &["ground", "store", "engines", "suites", "faces", "app"];

/// An arrow inside a layer: from, to, why.
type Peer = (&'static str, &'static str, &'static str);

/// The only arrows inside a layer. One that is gone must leave this list.
const PEERS: &[Peer] = &[
    ("faces/hall", "faces/ui", "pages are put together from components"),
    ("faces/desk", "faces/ui", "pages are put together from components"),
    ("faces/admin", "faces/ui", "pages are put together from components"),
    ("faces/api", "faces/ui", "the page that describes the interface is a page"),
    ("faces/hall", "faces/http", "what all faces do with a request is written once"),
    ("faces/desk", "faces/http", "what all faces do with a request is written once"),
    ("faces/admin", "faces/http", "what all faces do with a request is written once"),
    ("faces/api", "faces/http", "what all faces do with a request is written once"),
    ("faces/http", "faces/ui", "error pages and preferences are pages as well"),
    (
        "ground/tabular",
        "ground/base",
        "a bad row says why in two languages, and numbers are told by their check digits",
    ),
    ("ground/geometry", "ground/base", "what is wrong with a place is said in two languages"),
    ("store/backup", "store/db", "a backup is taken of the cluster"),
    ("store/backup", "store/ledger", "a restored record is proved, and each run is an act"),
    ("suites/service", "suites/casework", "applying for an item opens a case"),
    ("suites/rating", "suites/casework", "what is rated is a contact of a case"),
    ("suites/reporting", "suites/casework", "cases are what is reported up"),
    ("suites/catalog", "suites/casework", "reviews are counted on the calendar of the city"),
    (
        "suites/sharing",
        "suites/casework",
        "limits of requests and objections are counted on the calendar of the city",
    ),
    ("suites/supervision", "suites/casework", "supervision reads the record of cases"),
];

/// The one tool that other tools may know, and who may.
const WALK: (&str, &[&str]) = ("tools/walk", &["tools/torture", "tools/bench"]);

/// Most crates in one chain of arrows.
const CHAIN_MAX: usize = 7;

/// Heavy dependencies, and the folders below crates/ that may name them.
/// A name that ends in `*` stands for all that begin so.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["faces/", "app/"]),
    ("maud", &["faces/", "app/"]),
    ("sqlx", &["store/db", "store/backup", "store/ledger", "store/vault", "engines/", "suites/"]),
    ("cedar-policy", &["ground/access"]),
    ("typst*", &["engines/document"]),
    ("comemo", &["engines/document"]),
    ("ox*", &["ground/dcat"]),
    ("pinyin", &["ground/linkage", "suites/catalog"]),
    ("quick-xml", &["ground/bpmn", "ground/feel"]),
    ("tzdb", &["ground/feel"]),
    ("utoipa*", &["faces/api"]),
    ("argon2", &["engines/party", "store/backup", "store/vault"]),
    ("totp-rs", &["engines/party"]),
    ("ed25519-dalek", &["ground/crypto"]),
    ("sm3", &["ground/crypto"]),
    ("lettre", &["engines/notice"]),
    ("lz4_flex", &["store/backup"]),
    ("tar", &["store/backup"]),
    ("sm4", &["ground/crypto"]),
    ("hmac", &["ground/crypto"]),
    ("aes-gcm", &["ground/crypto"]),
    ("rustls-webpki", &["suites/signon"]),
    ("rustls-pki-types", &["suites/signon"]),
    ("x509-parser", &["suites/signon"]),
    ("sm2", &["suites/signon", "suites/exchange"]),
    ("rustls*", &["store/egress", "app/"]),
    ("tokio-rustls", &["store/egress", "app/"]),
    ("hyper*", &["store/egress", "app/"]),
    ("webauthn-rs*", &["suites/signon"]),
    ("openidconnect", &["suites/signon"]),
    ("rsa", &["suites/signon"]),
    ("p256", &["suites/signon"]),
    ("clap*", &["app/"]),
    ("calamine", &["ground/tabular"]),
    ("rust_xlsxwriter", &["ground/tabular"]),
    ("encoding_rs", &["ground/tabular", "tools/story"]),
    ("zip", &["ground/tabular"]),
    ("datafusion*", &["app/lake"]),
    ("deltalake*", &["app/lake"]),
    ("parquet", &["ground/tabular"]),
];

/// Arrows point down, or along a listed peer arrow that exists.
pub(crate) fn arrows(tree: &Tree) -> Vec<Fault> {
    arrows_among(tree, PEERS)
}

fn arrows_among(tree: &Tree, peers: &[Peer]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut walked = Vec::new();
    for (from, to) in arrows_of(tree, DependencyKind::Normal) {
        let place = format!("{}/Cargo.toml", from.folder);
        let (Some((from_layer, _)), Some((to_layer, to_word))) = (from.layer(), to.layer()) else {
            faults.extend(outside_the_house(from, to, place));
            continue;
        };
        let (Some(high), Some(low)) = (height(from_layer), height(to_layer)) else {
            faults.push(fault(place, format!("`{from_layer}` or `{to_layer}` is no layer")));
            continue;
        };
        if high > low {
            continue;
        }
        let pair = (inside(from), inside(to));
        if high == low && peers.iter().any(|(a, b, _)| (*a, *b) == pair) {
            walked.push(pair);
            continue;
        }
        let what = format!("{} must not know {to_layer}/{to_word}", pair.0);
        faults.push(fault(place, what));
    }
    for (from, to, _) in peers {
        if !walked.contains(&(*from, *to)) {
            let what = format!("the listed arrow {from} -> {to} is gone: remove it from PEERS");
            faults.push(fault("tools/tidy/src/layers.rs", what));
        }
    }
    faults
}

/// No chain of arrows is longer than the budget.
pub(crate) fn chain(tree: &Tree) -> Vec<Fault> {
    let mut below: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows_of(tree, DependencyKind::Normal) {
        below.entry(&from.name).or_default().push(&to.name);
    }
    let mut known = BTreeMap::new();
    let longest = tree
        .ours()
        .map(|package| longest_from(&package.name, &below, &mut known, 0))
        .max_by_key(Vec::len)
        .unwrap_or_default();
    if longest.len() <= CHAIN_MAX {
        return Vec::new();
    }
    let what = format!("{} crates in a chain, at most {CHAIN_MAX}", longest.len());
    vec![fault(longest.join(" -> "), what)]
}

/// Heavy dependencies are named only where they are at home.
pub(crate) fn homes(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in tree.ours() {
        for dependency in &package.dependencies {
            if dependency.kind == DependencyKind::Dev {
                continue;
            }
            let Some((_, homes)) = HOMES.iter().find(|(name, _)| matches(name, &dependency.name))
            else {
                continue;
            };
            if !homes.iter().any(|home| inside(package).starts_with(home)) {
                let what = format!("`{}` is at home in {}", dependency.name, homes.join(", "));
                faults.push(fault(format!("{}/Cargo.toml", package.folder), what));
            }
        }
    }
    faults
}

/// Arrows that only tests need: free of the rule, but worth a look.
pub fn dev_arrows(tree: &Tree) -> Vec<String> {
    arrows_of(tree, DependencyKind::Dev)
        .map(|(from, to)| format!("{} -> {} (tests only)", inside(from), inside(to)))
        .collect()
}

fn arrows_of(tree: &Tree, kind: DependencyKind) -> impl Iterator<Item = (&Package, &Package)> {
    tree.ours().flat_map(move |from| {
        from.dependencies
            .iter()
            .filter(move |dependency| dependency.kind == kind)
            .filter_map(|dependency| tree.ours().find(|to| to.name == dependency.name))
            .map(move |to| (from, to))
    })
}

/// Tools may use the ground; nothing uses a tool.
fn outside_the_house(from: &Package, to: &Package, place: String) -> Option<Fault> {
    match to.layer() {
        None if to.folder == WALK.0 && WALK.1.contains(&from.folder.as_str()) => None,
        None => Some(fault(place, format!("nothing depends on a tool ({})", to.folder))),
        Some(("ground", _)) => None,
        Some(_) => Some(fault(place, format!("{} must not know {}", from.folder, inside(to)))),
    }
}

fn longest_from<'a>(
    name: &'a str,
    below: &BTreeMap<&'a str, Vec<&'a str>>,
    known: &mut BTreeMap<&'a str, Vec<&'a str>>,
    depth: usize,
) -> Vec<&'a str> {
    if let Some(chain) = known.get(name) {
        return chain.clone();
    }
    // Cargo refuses cycles; the bound only guards miniature trees.
    let longest = match below.get(name) {
        Some(next) if depth < 64 => next
            .iter()
            .map(|next| longest_from(next, below, known, depth + 1))
            .max_by_key(Vec::len)
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let mut chain = vec![name];
    chain.extend(longest);
    known.insert(name, chain.clone());
    chain
}

fn height(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|name| *name == layer)
}

fn inside(package: &Package) -> &str {
    package.folder.strip_prefix("crates/").unwrap_or(&package.folder)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::miniature::package;

    fn tree(packages: &[(&str, &[&str])]) -> Tree {
        let packages = packages.iter().map(|(folder, needs)| package(folder, needs)).collect();
        Tree { packages, ..Tree::default() }
    }

    fn check(rule: fn(&Tree) -> Vec<Fault>, packages: &[(&str, &[&str])], expected: &[&str]) {
        let found: Vec<_> = rule(&tree(packages)).into_iter().map(|fault| fault.what).collect();
        assert_eq!(found, expected, "{packages:?}");
    }

    fn no_peers(tree: &Tree) -> Vec<Fault> {
        arrows_among(tree, &[])
    }

    fn service_knows_casework(tree: &Tree) -> Vec<Fault> {
        arrows_among(tree, &[("suites/service", "suites/casework", "as in life")])
    }

    #[test]
    fn arrows_point_down() {
        let base: (&str, &[&str]) = ("crates/ground/base", &[]);
        check(no_peers, &[base, ("crates/engines/form", &["zhengtong-base"])], &[]);
        check(
            no_peers,
            &[("crates/engines/form", &["zhengtong-party"]), ("crates/engines/party", &[])],
            &["engines/form must not know engines/party"],
        );
        check(
            no_peers,
            &[("crates/store/db", &["zhengtong-form"]), ("crates/engines/form", &[])],
            &["store/db must not know engines/form"],
        );
        check(
            no_peers,
            &[("crates/ground/feel", &["zhengtong-base"]), base],
            &["ground/feel must not know ground/base"],
        );
        check(
            no_peers,
            &[("crates/attic/x", &["zhengtong-base"]), base],
            &["`attic` or `ground` is no layer"],
        );
    }

    #[test]
    fn tools_know_the_ground_only() {
        let base: (&str, &[&str]) = ("crates/ground/base", &[]);
        check(no_peers, &[("tools/story", &["zhengtong-base"]), base], &[]);
        check(
            no_peers,
            &[("tools/story", &["zhengtong-db"]), ("crates/store/db", &[])],
            &["tools/story must not know store/db"],
        );
        check(
            no_peers,
            &[("crates/store/db", &["zhengtong-story"]), ("tools/story", &[])],
            &["nothing depends on a tool (tools/story)"],
        );
        let walk: (&str, &[&str]) = ("tools/walk", &[]);
        check(no_peers, &[("tools/torture", &["zhengtong-walk"]), walk], &[]);
        check(
            no_peers,
            &[("tools/story", &["zhengtong-walk"]), walk],
            &["nothing depends on a tool (tools/walk)"],
        );
    }

    #[test]
    fn listed_peers_are_free_and_must_exist() {
        let casework: (&str, &[&str]) = ("crates/suites/casework", &[]);
        check(
            service_knows_casework,
            &[casework, ("crates/suites/service", &["zhengtong-casework"])],
            &[],
        );
        check(
            service_knows_casework,
            &[casework, ("crates/suites/service", &[])],
            &["the listed arrow suites/service -> suites/casework is gone: remove it from PEERS"],
        );
    }

    #[test]
    fn chains_are_short() {
        let names: Vec<String> = (0..8).map(|n| format!("crates/engines/c{n}")).collect();
        let needs: Vec<String> = (1..8).map(|n| format!("zhengtong-c{n}")).collect();
        let mut packages: Vec<Package> =
            names.iter().zip(&needs).map(|(name, need)| package(name, &[need.as_str()])).collect();
        packages.push(package("crates/engines/c7", &[]));
        let mut tree = Tree { packages, ..Tree::default() };
        assert_eq!(chain(&tree).len(), 1);
        tree.packages.remove(0);
        assert_eq!(chain(&tree), vec![]);
    }

    #[test]
    fn heavy_dependencies_stay_at_home() {
        check(homes, &[("crates/faces/hall", &["axum"]), ("crates/engines/form", &["sqlx"])], &[]);
        check(
            homes,
            &[("crates/engines/form", &["axum", "typst-pdf"])],
            &["`axum` is at home in faces/, app/", "`typst-pdf` is at home in engines/document"],
        );
    }
}
