//! The four syntaxes say the same, and what they say can be read back.

use std::collections::BTreeSet;

use oxjsonld::JsonLdParser;
use oxrdf::{NamedOrBlankNode, Term};
use oxrdfxml::RdfXmlParser;
use oxttl::{NTriplesParser, TurtleParser};
use proptest::prelude::*;
use zhengtong_dcat::{Dataset, Iri, Syntax, Words, catalogue, dataset, schema_org, write};

use crate::made;

/// What a text says, without the names of things that have none.
fn said(text: &[u8], syntax: Syntax) -> Vec<String> {
    let subject = |node: &NamedOrBlankNode| match node {
        NamedOrBlankNode::NamedNode(node) => node.to_string(),
        NamedOrBlankNode::BlankNode(_) => "_".to_owned(),
    };
    let object = |term: &Term| match term {
        Term::BlankNode(_) => "_".to_owned(),
        other => other.to_string(),
    };
    let line = |triple: &oxrdf::Triple| {
        format!("{} {} {}", subject(&triple.subject), triple.predicate, object(&triple.object))
    };
    let mut lines: Vec<String> = match syntax {
        Syntax::Turtle => {
            TurtleParser::new().for_slice(text).map(|triple| line(&triple.unwrap())).collect()
        }
        Syntax::NTriples => {
            NTriplesParser::new().for_slice(text).map(|triple| line(&triple.unwrap())).collect()
        }
        Syntax::RdfXml => {
            RdfXmlParser::new().for_slice(text).map(|triple| line(&triple.unwrap())).collect()
        }
        Syntax::JsonLd => JsonLdParser::new()
            .for_slice(text)
            .map(|quad| line(&oxrdf::Triple::from(quad.unwrap())))
            .collect(),
    };
    lines.sort();
    lines
}

#[test]
fn every_syntax_says_the_same() {
    let graph = catalogue(&made::catalogue(), &made::hundred(), &made::page());
    assert!(graph.len() > 3_000, "{}", graph.len());
    let turtle = said(&write(&graph, Syntax::Turtle).unwrap(), Syntax::Turtle);
    assert_eq!(turtle.len(), graph.len());
    for syntax in [Syntax::NTriples, Syntax::RdfXml, Syntax::JsonLd] {
        let other = said(&write(&graph, syntax).unwrap(), syntax);
        let odd: Vec<_> =
            turtle.iter().zip(&other).filter(|(one, two)| one != two).take(3).collect();
        assert!(turtle == other, "{syntax:?}: {odd:?}");
    }
}

#[test]
fn the_same_data_is_written_the_same_way() {
    let text = || write(&dataset(&made::dataset(7)), Syntax::Turtle).unwrap();
    assert_eq!(text(), text());
    let text = String::from_utf8(text()).unwrap();
    for expected in [
        "<https://city.example/dataset/code-0007> a dcat:Dataset",
        "dct:identifier \"330100-0007/7\"",
        "\"Dataset 7\"@en",
        "2026-11-22T12:00:00Z",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn search_engines_are_told_the_title_in_their_language() {
    let told = schema_org(&made::dataset(7), true);
    assert_eq!((&told["@type"], &told["name"]), (&"Dataset".into(), &"Dataset 7".into()));
    assert_eq!(told["distribution"].as_array().unwrap().len(), 3);
    assert!(schema_org(&made::dataset(7), false)["name"].as_str().unwrap().starts_with("数据集 7"));
}

#[test]
fn what_is_no_address_never_reaches_the_graph() {
    for wrong in ["", "relative/path", "http://a b", "https://city.example/<x>", "no scheme"] {
        assert_eq!(Iri::parse(wrong), None, "{wrong}");
    }
    assert!(Iri::parse("https://city.example/数据").is_some());
}

proptest! {
    #[test]
    fn any_words_survive(title in any::<String>(), keyword in any::<String>(), code in any::<String>()) {
        let made = Dataset {
            title: Words::new(title, ""),
            keywords: vec![Words::new(keyword, "")],
            identifier: code,
            ..made::dataset(3)
        };
        let graph = dataset(&made);
        let all: BTreeSet<Vec<String>> = Syntax::ALL
            .iter()
            .map(|syntax| said(&write(&graph, *syntax).unwrap(), *syntax))
            .collect();
        prop_assert_eq!(all.len(), 1);
    }
}
