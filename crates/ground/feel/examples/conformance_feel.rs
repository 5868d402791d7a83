//! Judges the crate by the DMN Technology Compatibility Kit: prints one line of JSON for each level.
//!
//! The kit's errors (`errorResult="true"`) are `null` here, as everywhere in the language: what fails has no value.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its lines are its result")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use rust_decimal::Decimal;
use zhengtong_feel::dmn::Model;
use zhengtong_feel::{Date, DateTime, Scope, Span, Time, Value};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Numbers may differ by this share: the kit gives about 14 digits of what has no end.
const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 8);

fn main() -> Outcome<()> {
    let suites = std::env::args().nth(1).ok_or("the folder of the suites must be given")?;
    let wanted = std::env::args().nth(2);
    for level in ["2", "3"] {
        let folder = Path::new(&suites).join("dmn-tck").join(format!("compliance-level-{level}"));
        if !folder.is_dir() {
            continue;
        }
        let mut judged = Judged::default();
        let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        cases.sort();
        for case in cases.iter().filter(|case| case.is_dir()) {
            if wanted.as_ref().is_none_or(|word| case.to_string_lossy().contains(word)) {
                judge(case, &mut judged)?;
            }
        }
        let line = serde_json::json!({
            "suite": format!("dmn-tck-{level}"),
            "passed": judged.passed,
            "failed": judged.failures.len(),
            "failures": judged.failures,
        });
        println!("{line}");
    }
    Ok(())
}

#[derive(Default)]
struct Judged {
    passed: usize,
    failures: Vec<serde_json::Value>,
}

/// All tests of a folder: models beside files of tests.
fn judge(folder: &Path, judged: &mut Judged) -> Outcome<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let models: BTreeMap<String, String> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "dmn"))
        .map(|file| Ok((name_of(file), std::fs::read_to_string(file)?)))
        .collect::<Outcome<_>>()?;
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "xml")) {
        let root = tree(&std::fs::read_to_string(file)?)?;
        let named =
            root.child("modelName").map(|name| name.text.trim().to_owned()).unwrap_or_default();
        let Some(source) = models.get(&named) else {
            judged
                .failures
                .push(serde_json::json!({"name": name_of(file), "why": "its model is not there"}));
            continue;
        };
        let others: Vec<&str> = models
            .iter()
            .filter(|(name, _)| **name != named)
            .map(|(_, text)| text.as_str())
            .collect();
        let model = Model::read(source, &others)?;
        for test in root.all("testCase") {
            run(&model, test, &name_of(folder), judged);
        }
    }
    Ok(())
}

fn run(model: &Model, test: &Element, folder: &str, judged: &mut Judged) {
    let mut scope = Scope::new().at(DateTime {
        date: Date::new(2026, 1, 31).unwrap_or_else(|| unreachable!("the day exists")),
        time: Time::parse("08:30:00.25+08:00").unwrap_or(Time::MIDNIGHT),
    });
    for input in test.all("inputNode") {
        scope.set_whole(input.attribute("name"), value(input));
    }
    for result in test.all("resultNode") {
        let name = result.attribute("name");
        let id = format!("{folder}/{}/{name}", test.attribute("id"));
        let wanted = result.child("expected").map_or(Value::Null, value);
        let found = match test.attribute("type") {
            "bkm" | "decisionService" => {
                model.invoke(test.attribute("invocableName"), &scope).map(|found| {
                    // A service of several decisions gives them by name.
                    match &found {
                        Value::Context(parts) if !same(&found, &wanted) => {
                            parts.get(name).cloned().unwrap_or(found)
                        }
                        _ => found,
                    }
                })
            }
            _ => model.decide(name, &scope),
        };
        let (fits, shown) = match found {
            Ok(found) => (same(&found, &wanted), found.to_string()),
            Err(error) => {
                (result.attribute("errorResult") == "true" || wanted.is_null(), error.to_string())
            }
        };
        if fits {
            judged.passed += 1;
        } else {
            let why = format!("wanted {wanted}, found {shown}");
            judged.failures.push(serde_json::json!({"name": id, "why": why}));
        }
    }
}

fn same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(found), Value::Number(wanted)) => {
            let off = (found - wanted).abs();
            off <= TOLERANCE || off <= wanted.abs() * TOLERANCE
        }
        (Value::List(found), Value::List(wanted)) => {
            found.len() == wanted.len()
                && found.iter().zip(wanted.iter()).all(|(one, two)| same(one, two))
        }
        (Value::Context(found), Value::Context(wanted)) => {
            found.len() == wanted.len()
                && found
                    .iter()
                    .zip(wanted.iter())
                    .all(|((one, a), (two, b))| one == two && same(a, b))
        }
        _ => found == wanted,
    }
}

/// The value that an element holds: a `value`, a `list` of items, or `component`s.
fn value(holder: &Element) -> Value {
    if let Some(list) = holder.child("list") {
        return Value::from(list.all("item").map(value).collect::<Vec<_>>());
    }
    if holder.child("component").is_some() {
        let parts =
            holder.all("component").map(|part| (part.attribute("name").to_owned(), value(part)));
        return Value::Context(std::sync::Arc::new(parts.collect()));
    }
    let Some(element) = holder.child("value") else { return Value::Null };
    if element.attribute("nil") == "true" {
        return Value::Null;
    }
    let text = element.text.as_str();
    let kind = element.attribute("type");
    match kind.split_once(':').map_or(kind, |(_, kind)| kind) {
        "boolean" => (text.trim() == "true").into(),
        "date" => Date::parse(text).map_or(Value::Null, Value::from),
        "time" => Time::parse(text).map_or(Value::Null, Value::from),
        "dateTime" => DateTime::parse(text).map_or(Value::Null, Value::from),
        "duration" => Span::parse(text).map_or(Value::Null, Value::from),
        "decimal" | "double" | "integer" | "float" | "int" | "long" => number(text.trim()),
        _ => text.into(),
    }
}

fn number(text: &str) -> Value {
    let exact = text.parse::<Decimal>().ok().or_else(|| Decimal::from_scientific(text).ok());
    exact.map_or(Value::Null, Value::from)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

fn tree(source: &str) -> Outcome<Element> {
    let mut reader = Reader::from_str(source);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event()? {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => {
                let element = element(&start)?;
                open.last_mut().ok_or("nothing is open")?.children.push(element);
            }
            Event::End(_) => {
                let closed = open.pop().ok_or("nothing is open")?;
                open.last_mut().ok_or("nothing is open")?.children.push(closed);
            }
            Event::Text(text) => {
                open.last_mut().ok_or("nothing is open")?.text.push_str(&text.xml10_content());
            }
            Event::CData(text) => {
                open.last_mut().ok_or("nothing is open")?.text.push_str(&text.xml10_content());
            }
            Event::GeneralRef(reference) => {
                let found = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => quick_xml::escape::resolve_predefined_entity(&reference.into_inner())
                        .unwrap_or_default()
                        .to_owned(),
                };
                open.last_mut().ok_or("nothing is open")?.text.push_str(&found);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut root = open.pop().ok_or("nothing was read")?;
    root.children.pop().ok_or_else(|| "there is no root".into())
}

fn element(start: &BytesStart<'_>) -> Outcome<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() })
}
