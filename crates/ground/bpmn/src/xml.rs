//! XML to a small tree with positions, within bounds: no document type, no entities of its own, limited size, count and depth.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::error::ModelError;
use crate::model::NAMESPACE;

/// Bytes of one definition.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Elements of one definition.
const ELEMENTS_MAX: usize = 20_000;
/// Elements inside each other.
const DEPTH_MAX: usize = 48;

/// The namespaces that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// An attribute without prefix.
    None,
    Bpmn,
    /// BPMN diagram interchange.
    BpmnDi,
    /// Diagram coordinates.
    Dc,
    /// Diagram interchange.
    Di,
    Zt,
    /// XML Schema instance.
    Xsi,
    Foreign,
}

/// An attribute, its value unescaped.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) space: Space,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// An element and where it begins.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) space: Space,
    pub(crate) name: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Element {
    pub(crate) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// An attribute without prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in(Space::None, name)
    }

    pub(crate) fn attribute_in(&self, space: Space, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|one| one.space == space && one.name == name);
        found.map(|one| one.value.as_str())
    }

    /// The id, or the name of the element where it has none.
    pub(crate) fn label(&self) -> String {
        self.attribute("id").unwrap_or(&self.name).to_owned()
    }
}

/// Reads a whole document.
pub(crate) fn read(source: &str) -> Result<Element, ModelError> {
    if source.len() > BYTES_MAX {
        let error = Place { line: 1, column: 1 };
        return Err(error.wrong("文件过大：最多 4 MB", "the file is too large: at most 4 MB"));
    }
    let mut builder = Builder::new(source);
    while builder.step()? {}
    builder.finish()
}

/// A position.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    column: u32,
}

impl Place {
    fn wrong(self, zh: impl Into<String>, en: impl Into<String>) -> ModelError {
        ModelError {
            line: self.line,
            column: self.column,
            element: String::new(),
            zh: zh.into(),
            en: en.into(),
        }
    }
}

struct Builder<'s> {
    source: &'s str,
    reader: NsReader<&'s [u8]>,
    stack: Vec<Element>,
    root: Option<Element>,
    count: usize,
    /// Up to where lines are counted.
    counted: usize,
    place: Place,
}

impl<'s> Builder<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            reader: NsReader::from_str(source),
            stack: Vec::new(),
            root: None,
            count: 0,
            counted: 0,
            place: Place { line: 1, column: 1 },
        }
    }

    /// Moves the place to where the reader stands.
    fn locate(&mut self, offset: u64) {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(self.source.len());
        for c in self.source.get(self.counted..offset).unwrap_or_default().chars() {
            if c == '\n' {
                self.place = Place { line: self.place.line + 1, column: 1 };
            } else {
                self.place.column += 1;
            }
        }
        self.counted = self.counted.max(offset);
    }

    /// Reads one event; false at the end.
    fn step(&mut self) -> Result<bool, ModelError> {
        self.locate(self.reader.buffer_position());
        let event = match self.reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                self.locate(self.reader.error_position());
                return Err(self.ill_formed(&error.to_string()));
            }
        };
        match event {
            Event::Start(tag) => {
                let element = self.element(&tag)?;
                if self.stack.len() >= DEPTH_MAX {
                    return Err(self.place.wrong("元素嵌套过深", "elements are nested too deep"));
                }
                self.stack.push(element);
            }
            Event::Empty(tag) => {
                let element = self.element(&tag)?;
                self.close(element)?;
            }
            Event::End(_) => {
                if let Some(element) = self.stack.pop() {
                    self.close(element)?;
                }
            }
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    Ok(None) => {
                        quick_xml::escape::resolve_predefined_entity(&reference.into_inner())
                            .map(ToOwned::to_owned)
                    }
                    Err(_) => None,
                };
                match resolved {
                    Some(text) => self.text(&text)?,
                    None => return Err(self.ill_formed("unknown entity")),
                }
            }
            Event::DocType(_) => {
                return Err(self.place.wrong(
                    "不允许 DOCTYPE 声明：请删除",
                    "a document type declaration is not allowed: remove it",
                ));
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Result<Element, ModelError> {
        self.count += 1;
        if self.count > ELEMENTS_MAX {
            return Err(self.place.wrong("元素过多", "there are too many elements"));
        }
        let (space, name) = {
            let (resolved, local) = self.reader.resolver().resolve_element(tag.name());
            (space_of(&resolved), local.as_ref().to_owned())
        };
        if space == Space::None && self.stack.is_empty() {
            return Err(self.not_bpmn());
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let Ok(attribute) = attribute else {
                return Err(self.ill_formed("an attribute is broken or given twice"));
            };
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (resolved, local) = self.reader.resolver().resolve_attribute(attribute.key);
            let value: Cow<'_, str> = match attribute.normalized_value(XmlVersion::Implicit1_0) {
                Ok(value) => value,
                Err(_) => return Err(self.ill_formed("an attribute value is broken")),
            };
            attributes.push(Attribute {
                space: space_of(&resolved),
                name: local.as_ref().to_owned(),
                value: value.into_owned(),
            });
        }
        let Place { line, column } = self.place;
        let (children, text) = (Vec::new(), String::new());
        Ok(Element { space, name, attributes, children, text, line, column })
    }

    fn close(&mut self, element: Element) -> Result<(), ModelError> {
        match self.stack.last_mut() {
            Some(parent) => parent.children.push(element),
            None if self.root.is_none() => self.root = Some(element),
            None => return Err(self.ill_formed("there is more than one root element")),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ModelError> {
        match self.stack.last_mut() {
            Some(parent) => parent.text.push_str(text),
            None if text
                .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
                .is_empty() => {}
            None => return Err(self.ill_formed("there is text outside the root element")),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Element, ModelError> {
        if !self.stack.is_empty() {
            return Err(self.ill_formed("an element is not closed"));
        }
        match self.root.take() {
            Some(root) if root.is(Space::Bpmn, "definitions") => Ok(root),
            _ => Err(self.not_bpmn()),
        }
    }

    fn ill_formed(&self, why: &str) -> ModelError {
        self.place.wrong(
            "XML 格式有误：请检查此处的标签、属性与引号",
            format!("this is not well-formed XML: {why}"),
        )
    }

    fn not_bpmn(&self) -> ModelError {
        self.place.wrong(
            "不是 BPMN 2.0 文件：根元素应为 definitions",
            "this is not BPMN 2.0: the root element must be 'definitions'",
        )
    }
}

fn space_of(resolved: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(namespace) = resolved else {
        return if matches!(resolved, ResolveResult::Unbound) {
            Space::None
        } else {
            Space::Foreign
        };
    };
    match namespace.0 {
        "http://www.omg.org/spec/BPMN/20100524/MODEL" => Space::Bpmn,
        "http://www.omg.org/spec/BPMN/20100524/DI" => Space::BpmnDi,
        "http://www.omg.org/spec/DD/20100524/DC" => Space::Dc,
        "http://www.omg.org/spec/DD/20100524/DI" => Space::Di,
        "http://www.w3.org/2001/XMLSchema-instance" => Space::Xsi,
        NAMESPACE => Space::Zt,
        _ => Space::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::{Space, read};

    const BPMN: &str = "xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"";

    #[test]
    fn reads_elements_and_places() {
        let source = format!(
            "<?xml version=\"1.0\"?>\n<definitions {BPMN} xmlns:zt=\"https://zhengtong.dev/bpmn\">\n  <!-- 注 -->\n  <process 名=\"a&amp;b\" zt:role=\"x\">甲&lt;乙<![CDATA[<丙>]]>&#20013;</process>\n</definitions>\n"
        );
        let root = read(&source).unwrap();
        let process = &root.children[0];
        assert_eq!((process.line, process.column), (4, 3));
        assert_eq!(process.attribute("名"), Some("a&b"));
        assert_eq!(process.attribute_in(Space::Zt, "role"), Some("x"));
        assert_eq!(process.text, "甲<乙<丙>中");
    }

    #[test]
    fn refuses_what_is_no_definition() {
        let deep = format!("<definitions {BPMN}>{}", "<a>".repeat(100));
        let many = format!("<definitions {BPMN}>{}</definitions>", "<a/>".repeat(20_001));
        let doctype = format!("<!DOCTYPE a [<!ENTITY b \"c\">]><definitions {BPMN}/>");
        let entity = format!("<definitions {BPMN}>&b;</definitions>");
        let twice = format!("<definitions {BPMN}/><definitions {BPMN}/>");
        let large = " ".repeat(5 * 1024 * 1024);
        for (source, wanted) in [
            ("", "root element"),
            ("hello", "text outside"),
            ("<html></html>", "root element"),
            ("<definitions/>", "root element"),
            ("<a xmlns=\"x\">", "not closed"),
            ("<a xmlns=\"x\"></b>", "well-formed"),
            ("<a xmlns=\"x\" b=\"1\" b=\"2\"/>", "given twice"),
            (&deep, "too deep"),
            (&many, "too many"),
            (&doctype, "document type"),
            (&entity, "unknown entity"),
            (&twice, "more than one root"),
            (&large, "too large"),
        ] {
            let error = read(source).unwrap_err();
            assert!(error.en.contains(wanted), "{}: {}", &source[..source.len().min(40)], error.en);
            assert!(!error.zh.is_empty());
        }
    }
}
