//! A graph that is filled in the order in which a reader wants to see it.

use std::collections::{BTreeMap, HashSet};

use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::controlled::Value;
use crate::model::{Iri, Words};
use crate::vocabulary::name;

/// Statements about data, each once.
#[derive(Debug, Default)]
pub struct Graph {
    triples: Vec<Triple>,
    seen: HashSet<Triple>,
    blanks: u32,
}

/// One thing of the graph while it is described.
pub(crate) struct Node<'a> {
    graph: &'a mut Graph,
    subject: NamedOrBlankNode,
}

impl Graph {
    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.triples.len()
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.triples.is_empty()
    }

    /// The statements, those about one thing together, in the order in which the things were first named.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = &Triple> {
        let mut order: BTreeMap<usize, Vec<&Triple>> = BTreeMap::new();
        let mut place: std::collections::HashMap<&NamedOrBlankNode, usize> =
            std::collections::HashMap::new();
        for (at, triple) in self.triples.iter().enumerate() {
            let first = *place.entry(&triple.subject).or_insert(at);
            order.entry(first).or_default().push(triple);
        }
        order.into_values().flatten()
    }

    /// Begins to describe a thing with an address.
    pub(crate) fn named(&mut self, iri: &Iri, kind: &str) -> Node<'_> {
        self.of_type(NamedNode::new_unchecked(iri.as_str()).into(), kind)
    }

    /// Begins to describe a thing without one.
    pub(crate) fn blank(&mut self, kind: &str) -> Node<'_> {
        self.blanks += 1;
        let subject = BlankNode::new_unchecked(format!("n{}", self.blanks));
        self.of_type(subject.into(), kind)
    }

    fn of_type(&mut self, subject: NamedOrBlankNode, kind: &str) -> Node<'_> {
        let mut node = Node { graph: self, subject };
        node.add("rdf:type", name(kind));
        node
    }

    fn push(&mut self, triple: Triple) {
        if self.seen.insert(triple.clone()) {
            self.triples.push(triple);
        }
    }
}

impl Node<'_> {
    /// What is described, to be pointed at.
    pub(crate) fn term(&self) -> Term {
        self.subject.clone().into()
    }

    /// Says one thing.
    pub(crate) fn add(&mut self, predicate: &str, object: impl Into<Term>) -> &mut Self {
        let triple = Triple::new(self.subject.clone(), name(predicate), object);
        self.graph.push(triple);
        self
    }

    /// Says words in the languages there are.
    pub(crate) fn words(&mut self, predicate: &str, words: &Words) -> &mut Self {
        for (text, tongue) in [(&words.zh, "zh"), (&words.en, "en")] {
            let text = clean(text);
            if !text.is_empty() {
                self.add(predicate, Literal::new_language_tagged_literal_unchecked(text, tongue));
            }
        }
        self
    }

    /// Says a text without a language, such as a code.
    pub(crate) fn text(&mut self, predicate: &str, text: &str) -> &mut Self {
        self.add(predicate, Literal::new_simple_literal(clean(text)))
    }

    /// Says a value of a datatype of XML Schema.
    pub(crate) fn typed(&mut self, predicate: &str, value: &str, datatype: &str) -> &mut Self {
        self.add(predicate, Literal::new_typed_literal(value, name(datatype)))
    }

    /// Says a moment, if it is known.
    pub(crate) fn moment(&mut self, predicate: &str, at: Option<OffsetDateTime>) -> &mut Self {
        // To the second, as catalogues are read by people too.
        let at = at.and_then(|at| at.replace_nanosecond(0).ok());
        if let Some(text) = at.and_then(|at| at.format(&Rfc3339).ok()) {
            self.typed(predicate, &text, "xsd:dateTime");
        }
        self
    }

    /// Points at an address.
    pub(crate) fn link(&mut self, predicate: &str, to: &Iri) -> &mut Self {
        self.add(predicate, NamedNode::new_unchecked(to.as_str()))
    }

    /// Points at an address whose type must be known to validators.
    pub(crate) fn linked(&mut self, predicate: &str, to: &Iri, kind: &str) -> &mut Self {
        let term = self.graph.named(to, kind).term();
        self.add(predicate, term)
    }

    /// Points at a controlled value and says what it is.
    pub(crate) fn value(&mut self, predicate: &str, value: &Value) -> &mut Self {
        let mut node = Node { graph: self.graph, subject: value.node().into() };
        for kind in value.types {
            node.add("rdf:type", name(kind));
        }
        let label = Words::new(value.zh, value.en);
        if value.types.contains(&"skos:Concept") {
            node.words("skos:prefLabel", &label);
            node.text("skos:notation", value.iri.rsplit('/').next().unwrap_or(&value.iri));
        } else {
            node.words("rdfs:label", &label);
        }
        if let Some(scheme) = value.scheme {
            node.add("skos:inScheme", NamedNode::new_unchecked(scheme));
        }
        self.add(predicate, value.node())
    }
}

/// Without signs that XML cannot hold.
fn clean(text: &str) -> String {
    let kept = |sign: &char| matches!(sign, '\n' | '\t') || !sign.is_control();
    text.chars().filter(kept).filter(|sign| !matches!(sign, '\u{fffe}' | '\u{ffff}')).collect()
}
