//! A small tree of an XML file: local names, attributes, text and lines.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::model::Finding;

/// Elements inside each other.
const DEPTH_MAX: usize = 64;
/// Bytes of a file.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
    pub(super) line: usize,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the child `text`.
    pub(super) fn inner_text(&self) -> Option<&str> {
        self.child("text").map(|text| text.text.trim())
    }
}

/// Reads a file. Document types and entities of its own are refused.
pub(super) fn tree(source: &str) -> Result<Element, Finding> {
    if source.len() > BYTES_MAX {
        return Err(Finding::new(0, "", format!("too long: at most {BYTES_MAX} bytes")));
    }
    let mut reader = Reader::from_str(source);
    let mut open: Vec<Element> = Vec::new();
    let mut lines = Lines { source, seen: 0, line: 1 };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = lines.at(at);
        let broken = |why: String| Finding::new(line, "", format!("this is not XML: {why}"));
        match reader.read_event().map_err(|error| broken(error.to_string()))? {
            Event::Start(start) => {
                if open.len() >= DEPTH_MAX {
                    return Err(Finding::new(
                        line,
                        "",
                        format!("too deep: at most {DEPTH_MAX} levels"),
                    ));
                }
                open.push(element(&start, line).map_err(broken)?);
            }
            Event::Empty(start) => {
                let element = element(&start, line).map_err(broken)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
            Event::End(_) => {
                let Some(closed) = open.pop() else {
                    return Err(broken("a closing tag too many".to_owned()));
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None => return Ok(closed),
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(element) = open.last_mut() {
                    let found = match reference.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        _ => resolve_predefined_entity(&reference.into_inner()).map(str::to_owned),
                    };
                    let Some(found) = found else {
                        return Err(broken("an unknown entity".to_owned()));
                    };
                    element.text.push_str(&found);
                }
            }
            Event::CData(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::DocType(_) => return Err(broken("a document type is not allowed".to_owned())),
            Event::Eof => return Err(broken("it ends too early".to_owned())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>, line: usize) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let name = attribute.key.local_name().as_ref().to_owned();
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        attributes.push((name, value.into_owned()));
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, attributes, line, ..Element::default() })
}

/// Counts lines as reading goes on.
struct Lines<'s> {
    source: &'s str,
    seen: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, position: usize) -> usize {
        let passed = self.source.as_bytes().get(self.seen..position).unwrap_or_default();
        self.line += passed.split(|byte| *byte == b'\n').count() - 1;
        self.seen = position.max(self.seen);
        self.line
    }
}
