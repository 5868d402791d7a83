//! A graph in one of the syntaxes of RDF, written by the library that knows them.

use std::io::Error as IoError;

use oxjsonld::JsonLdSerializer;
use oxrdf::{GraphNameRef, QuadRef, TripleRef};
use oxrdfxml::RdfXmlSerializer;
use oxttl::{NTriplesSerializer, TurtleSerializer};

use crate::graph::Graph;
use crate::vocabulary::PREFIXES;

/// The syntaxes in which a graph is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// Turtle.
    Turtle,
    /// RDF/XML.
    RdfXml,
    /// JSON-LD.
    JsonLd,
    /// N-Triples.
    NTriples,
}

/// Why a graph cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer failed.
    #[error("a graph cannot be written: {0}")]
    Write(#[from] IoError),
    /// A prefix is not an address.
    #[error("the prefix `{0}` is no address")]
    Prefix(&'static str),
}

impl Syntax {
    /// Every syntax, the one that is given when none is asked for first.
    pub const ALL: &'static [Self] = &[Self::Turtle, Self::RdfXml, Self::JsonLd, Self::NTriples];

    /// The syntax of an ending such as `ttl`.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "ttl" => Some(Self::Turtle),
            "xml" | "rdf" => Some(Self::RdfXml),
            "jsonld" => Some(Self::JsonLd),
            "nt" => Some(Self::NTriples),
            _ => None,
        }
    }

    /// The ending under which it is linked.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Turtle => "ttl",
            Self::RdfXml => "rdf",
            Self::JsonLd => "jsonld",
            Self::NTriples => "nt",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
            Self::NTriples => "application/n-triples",
        }
    }

    /// What a client wants that names media types in `Accept`: the one with the highest weight that is known here; none when
    /// a page is wanted as much. Browsers name XML after HTML.
    pub fn accepted(accept: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        let mut page = 0.0;
        for wish in accept.split(',') {
            let mut parts = wish.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Some(1.0), |text| text.parse().ok());
            if matches!(kind.as_str(), "text/html" | "application/xhtml+xml") {
                page = weight.unwrap_or(0.0_f32).max(page);
            }
            let known = Self::ALL.iter().copied().find(|syntax| {
                syntax.media_type() == kind
                    || (*syntax == Self::RdfXml
                        && matches!(kind.as_str(), "application/xml" | "text/xml"))
                    || (*syntax == Self::JsonLd && kind == "application/json")
            });
            if let (Some(syntax), Some(weight)) = (known, weight)
                && weight > best.map_or(0.0, |best| best.0)
            {
                best = Some((weight, syntax));
            }
        }
        best.filter(|best| best.0 > page).map(|best| best.1)
    }
}

/// The graph as text.
pub fn write(graph: &Graph, syntax: Syntax) -> Result<Vec<u8>, Error> {
    match syntax {
        Syntax::Turtle => turtle(graph),
        Syntax::RdfXml => rdf_xml(graph),
        Syntax::JsonLd => json_ld(graph),
        Syntax::NTriples => n_triples(graph),
    }
}

fn turtle(graph: &Graph) -> Result<Vec<u8>, Error> {
    let mut serializer = TurtleSerializer::new();
    for (prefix, space) in PREFIXES {
        serializer =
            serializer.with_prefix(*prefix, *space).map_err(|_bad| Error::Prefix(prefix))?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph.grouped() {
        writer.serialize_triple(TripleRef::from(triple))?;
    }
    Ok(writer.finish()?)
}

fn rdf_xml(graph: &Graph) -> Result<Vec<u8>, Error> {
    let mut serializer = RdfXmlSerializer::new();
    for (prefix, space) in PREFIXES.iter().filter(|(prefix, _)| *prefix != "rdf") {
        serializer =
            serializer.with_prefix(*prefix, *space).map_err(|_bad| Error::Prefix(prefix))?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph.grouped() {
        writer.serialize_triple(TripleRef::from(triple))?;
    }
    Ok(writer.finish()?)
}

fn json_ld(graph: &Graph) -> Result<Vec<u8>, Error> {
    let mut serializer = JsonLdSerializer::new();
    for (prefix, space) in PREFIXES {
        serializer =
            serializer.with_prefix(*prefix, *space).map_err(|_bad| Error::Prefix(prefix))?;
    }
    let mut writer = serializer.for_writer(Vec::new());
    for triple in graph.grouped() {
        writer.serialize_quad(QuadRef::new(
            &triple.subject,
            &triple.predicate,
            &triple.object,
            GraphNameRef::DefaultGraph,
        ))?;
    }
    Ok(writer.finish()?)
}

fn n_triples(graph: &Graph) -> Result<Vec<u8>, Error> {
    let mut writer = NTriplesSerializer::new().for_writer(Vec::new());
    for triple in graph.grouped() {
        writer.serialize_triple(TripleRef::from(triple))?;
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_wish_is_met() {
        let rows = [
            ("text/turtle", Some(Syntax::Turtle)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", None),
            ("application/rdf+xml;q=0.5, application/ld+json", Some(Syntax::JsonLd)),
            ("application/n-triples;q=0.9,text/turtle;q=0.95", Some(Syntax::Turtle)),
            // As Chromium and Firefox ask for a page.
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
                None,
            ),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", None),
            ("text/html;q=0.5, text/turtle", Some(Syntax::Turtle)),
            ("application/xml", Some(Syntax::RdfXml)),
            ("text/turtle;q=0", None),
            ("text/turtle;q=x", None),
            ("", None),
        ];
        for (accept, expected) in rows {
            assert_eq!(Syntax::accepted(accept), expected, "{accept}");
        }
    }

    #[test]
    fn endings_lead_back() {
        for syntax in Syntax::ALL {
            assert_eq!(Syntax::of_ending(syntax.ending()), Some(*syntax));
        }
        assert_eq!(Syntax::of_ending("exe"), None);
    }
}
