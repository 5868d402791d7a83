//! The vocabularies of DCAT-AP: their prefixes, and names made of a prefix and a word.

use oxrdf::NamedNode;

/// Prefixes as they are written in Turtle and RDF/XML, in the order in which they are declared.
pub(crate) const PREFIXES: &[(&str, &str)] = &[
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("hydra", "http://www.w3.org/ns/hydra/core#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// A name such as `dct:title`; a prefix that is not known stands for itself.
pub(crate) fn name(short: &str) -> NamedNode {
    let (prefix, word) = short.split_once(':').unwrap_or(("", short));
    let space = PREFIXES.iter().find(|(known, _)| *known == prefix).map_or(prefix, |known| known.1);
    NamedNode::new_unchecked(format!("{space}{word}"))
}
