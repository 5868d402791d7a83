//! A definition as it stands in its file: every element, attribute, text and comment, also those nobody here understands, so
//! that a file that is read and written again means the same to everyone.

use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::error::ModelError;
use crate::model::Model;

/// Bytes of one file.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Elements inside each other.
const DEPTH_MAX: usize = 64;

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Comments and instructions before the root, the root, and what comes after it.
    pub parts: Vec<Part>,
}

/// Something in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// An element.
    Element(Tag),
    /// A text, unescaped.
    Text(String),
    /// A comment.
    Comment(String),
    /// An instruction to a program.
    Instruction(String),
}

/// An element with its name as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The name, with its prefix.
    pub name: String,
    /// Attributes in their order, also those that bind prefixes.
    pub attributes: Vec<(String, String)>,
    /// What is inside.
    pub parts: Vec<Part>,
}

impl Document {
    /// Reads a file in UTF-8, UTF-16 or ISO 8859-1, as its first line says.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > BYTES_MAX {
            return Err(wrong("文件过大：最多 16 MB", "the file is too large: at most 16 MB"));
        }
        let source = decoded(bytes)?;
        let mut reader = Reader::from_str(&source);
        reader.config_mut().check_end_names = true;
        let mut open: Vec<Tag> = Vec::new();
        let mut parts = Vec::new();
        loop {
            let event = reader.read_event().map_err(|error| broken(&error.to_string()))?;
            let part = match event {
                Event::Start(start) => {
                    if open.len() >= DEPTH_MAX {
                        return Err(wrong("元素嵌套过深", "elements are nested too deep"));
                    }
                    open.push(tag(&start)?);
                    continue;
                }
                Event::Empty(start) => Part::Element(tag(&start)?),
                Event::End(_) => match open.pop() {
                    Some(closed) => Part::Element(closed),
                    None => return Err(broken("a closing tag too many")),
                },
                Event::Text(text) => Part::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Part::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Part::Text(entity(&reference)?),
                Event::Comment(text) => Part::Comment(text.xml10_content().into_owned()),
                Event::PI(text) => Part::Instruction(text.as_ref().to_owned()),
                Event::Decl(_) => continue,
                Event::DocType(_) => {
                    let (zh, en) = (
                        "不允许 DOCTYPE 声明：请删除",
                        "a document type declaration is not allowed: remove it",
                    );
                    return Err(wrong(zh, en));
                }
                Event::Eof => break,
            };
            // Blank lines around the root mean nothing.
            let blank =
                open.is_empty() && matches!(&part, Part::Text(text) if text.trim().is_empty());
            if !blank {
                add(open.last_mut().map_or(&mut parts, |tag| &mut tag.parts), part);
            }
        }
        if !open.is_empty() || !parts.iter().any(|part| matches!(part, Part::Element(_))) {
            return Err(broken("an element is not closed"));
        }
        Ok(Self { parts })
    }

    /// The file as UTF-8.
    pub fn write(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        for part in &self.parts {
            write_part(part, &mut text);
            text.push('\n');
        }
        text
    }

    /// The model the file holds.
    pub fn model(&self) -> Result<Model, ModelError> {
        Model::parse(&self.write())
    }
}

/// Neighbouring texts are one.
fn add(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Text(before)), Part::Text(more)) => before.push_str(&more),
        (_, part) => parts.push(part),
    }
}

fn tag(start: &BytesStart<'_>) -> Result<Tag, ModelError> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| broken(&error.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| broken(&error.to_string()))?.into_owned();
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Tag { name: start.name().as_ref().to_owned(), attributes, parts: Vec::new() })
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, ModelError> {
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c.to_string()),
        _ => quick_xml::escape::resolve_predefined_entity(&reference.clone().into_inner())
            .map(ToOwned::to_owned)
            .ok_or_else(|| broken("unknown entity")),
    }
}

fn decoded(bytes: &[u8]) -> Result<String, ModelError> {
    let utf16 = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| Some(read(pair.try_into().ok()?))).collect();
        String::from_utf16(&units).map_err(|error| broken(&error.to_string()))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let declared = String::from_utf8_lossy(first).to_ascii_lowercase();
    if declared.contains("iso-8859-1") || declared.contains("latin1") {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    String::from_utf8(bytes.to_vec()).map_err(|_invalid| {
        wrong("文件不是 UTF-8 编码：请另存为 UTF-8", "the file is not UTF-8: save it as UTF-8")
    })
}

fn write_part(part: &Part, text: &mut String) {
    match part {
        Part::Text(content) => escape(content, false, text),
        Part::Comment(content) => {
            let _infallible = write!(text, "<!--{content}-->");
        }
        Part::Instruction(content) => {
            let _infallible = write!(text, "<?{content}?>");
        }
        Part::Element(tag) => {
            text.push('<');
            text.push_str(&tag.name);
            for (name, value) in &tag.attributes {
                let _infallible = write!(text, " {name}=\"");
                escape(value, true, text);
                text.push('"');
            }
            if tag.parts.is_empty() {
                text.push_str("/>");
                return;
            }
            text.push('>');
            for part in &tag.parts {
                write_part(part, text);
            }
            let _infallible = write!(text, "</{}>", tag.name);
        }
    }
}

fn escape(content: &str, attribute: bool, text: &mut String) {
    for c in content.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' if attribute => text.push_str("&quot;"),
            '\n' | '\t' if attribute => {
                let _infallible = write!(text, "&#{};", u32::from(c));
            }
            '\r' => text.push_str("&#13;"),
            other => text.push(other),
        }
    }
}

fn broken(why: &str) -> ModelError {
    wrong("XML 格式有误：请检查标签、属性与引号", format!("this is not well-formed XML: {why}"))
}

fn wrong(zh: impl Into<String>, en: impl Into<String>) -> ModelError {
    ModelError { line: 1, column: 1, element: String::new(), zh: zh.into(), en: en.into() }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn nothing_is_lost() {
        let source = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!-- a --><d xmlns=\"x\" xmlns:o=\"y\" o:k=\"1 &amp; 2&#10;\">\n <o:e><![CDATA[a<b]]> &#20013;</o:e><?p q?></d>\n";
        let read = Document::read(source.as_bytes()).unwrap();
        let written = read.write();
        assert!(
            written.contains("o:k=\"1 &amp; 2&#10;\"") && written.contains("<o:e>a&lt;b 中</o:e>"),
            "{written}"
        );
        assert_eq!(Document::read(written.as_bytes()).unwrap(), read);
        let latin = b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><d a=\"\xe9\"/>";
        assert!(Document::read(latin).unwrap().write().contains("a=\"é\""));
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("<d>中</d>".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert!(Document::read(&wide).unwrap().write().contains("<d>中</d>"));
    }

    #[test]
    fn broken_files_are_refused() {
        let deep = "<a>".repeat(100);
        for source in
            ["", "<a>", "</a>", "<a></b>", "&x;", "<!DOCTYPE a><a/>", "<a b=\"1\" b=\"2\"/>", &deep]
        {
            assert!(Document::read(source.as_bytes()).is_err(), "{source}");
        }
        assert!(Document::read(b"<a>\xff</a>").unwrap_err().en.contains("UTF-8"));
    }
}
