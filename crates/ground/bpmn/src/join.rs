//! Definitions of other files, brought into the file of the process that calls them, so that one instance runs them all and its
//! text says by itself everything that it runs by.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, Part, Tag};
use crate::error::ModelError;
use crate::model::{Model, NAMESPACE};

/// What stands in a joined file between the name of a called definition and an id of its own.
pub const JOINT: &str = "..";

/// What a file shares with its processes.
const SHARED: &[&str] = &[
    "process",
    "message",
    "signal",
    "error",
    "escalation",
    "itemDefinition",
    "dataStore",
    "resource",
    "interface",
    "correlationProperty",
];
/// Elements whose text is an id.
const TEXTS: &[&str] = &["incoming", "outgoing", "flowNodeRef", "eventDefinitionRef"];
/// Our attributes that name files of the pack of the definition.
const FILES: &[&str] = &["decision", "form"];

/// A definition that calls, or is called.
#[derive(Debug, Clone)]
pub struct Piece<'a> {
    /// Its full name, `pack:name`.
    pub name: &'a str,
    /// The XML.
    pub xml: &'a str,
    /// What its call activities name, and the full names of these.
    pub calls: BTreeMap<String, String>,
}

/// The file of a caller with everything that is called in it, near and far. The ids of what is called stand behind its name and
/// [`JOINT`]; the drawing stays the one of the caller.
pub fn join(caller: &Piece<'_>, called: &[Piece<'_>]) -> Result<String, ModelError> {
    let mut processes = BTreeMap::new();
    for piece in called {
        let id = Model::parse(piece.xml)?.id;
        processes.insert(piece.name.to_owned(), format!("{}{JOINT}{id}", prefix(piece.name)));
    }
    let mut file = Document::read(caller.xml.as_bytes())?;
    let Some(root) = root_of(&mut file) else { return Ok(caller.xml.to_owned()) };
    let calls = Calls { ours: ours(root), named: &caller.calls, processes: &processes };
    calls.enter(root);
    for piece in called {
        let mut other = Document::read(piece.xml.as_bytes())?;
        let Some(other) = root_of(&mut other) else { continue };
        root.parts.extend(brought(piece, other, &processes));
    }
    Ok(file.write())
}

/// What a called file shares, under ids nobody else has.
fn brought(piece: &Piece<'_>, root: &mut Tag, processes: &BTreeMap<String, String>) -> Vec<Part> {
    let calls = Calls { ours: ours(root), named: &piece.calls, processes };
    let mut ids = BTreeSet::new();
    gather(root, &mut ids);
    let (pack, _) = piece.name.split_once(':').unwrap_or_default();
    let renaming = Renaming { prefix: prefix(piece.name), pack, ours: ours(root), ids: &ids };
    let bound: Vec<(String, String)> =
        root.attributes.iter().filter(|(name, _)| name.starts_with("xmlns")).cloned().collect();
    let mut found = Vec::new();
    for part in &mut root.parts {
        let Part::Element(tag) = part else { continue };
        if !SHARED.contains(&local(&tag.name)) {
            continue;
        }
        renaming.rename(tag);
        calls.enter(tag);
        for (name, value) in &bound {
            if tag.attributes.iter().all(|(known, _)| known != name) {
                tag.attributes.push((name.clone(), value.clone()));
            }
        }
        found.push(Part::Element(tag.clone()));
    }
    found
}

/// A name as the beginning of an id.
fn prefix(name: &str) -> String {
    name.replace(':', ".")
}

fn root_of(document: &mut Document) -> Option<&mut Tag> {
    document.parts.iter_mut().find_map(|part| match part {
        Part::Element(tag) => Some(tag),
        _ => None,
    })
}

/// The prefix that is bound to our namespace.
fn ours(root: &Tag) -> Option<String> {
    let bound = root.attributes.iter().find(|(_, value)| value == NAMESPACE);
    bound.and_then(|(name, _)| name.strip_prefix("xmlns:")).map(str::to_owned)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, own)| own)
}

fn gather(tag: &Tag, ids: &mut BTreeSet<String>) {
    ids.extend(tag.attributes.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.clone()));
    for part in &tag.parts {
        if let Part::Element(inner) = part {
            gather(inner, ids);
        }
    }
}

/// Lets call activities lead to the processes that were brought in.
struct Calls<'a> {
    ours: Option<String>,
    named: &'a BTreeMap<String, String>,
    processes: &'a BTreeMap<String, String>,
}

impl Calls<'_> {
    fn enter(&self, tag: &mut Tag) {
        if local(&tag.name) == "callActivity" {
            self.lead(tag);
        }
        for part in &mut tag.parts {
            if let Part::Element(inner) = part {
                self.enter(inner);
            }
        }
    }

    fn lead(&self, tag: &mut Tag) {
        let Some(ours) = &self.ours else { return };
        let own = format!("{ours}:calls");
        let named = tag.attributes.iter().find(|(name, _)| *name == own);
        let process = named
            .and_then(|(_, written)| self.named.get(written.trim()))
            .and_then(|full| self.processes.get(full));
        let Some(process) = process.cloned() else { return };
        tag.attributes.retain(|(name, _)| name != "calledElement");
        tag.attributes.push(("calledElement".to_owned(), process));
    }
}

/// Gives every id and every reference to one its new name.
struct Renaming<'a> {
    prefix: String,
    pack: &'a str,
    ours: Option<String>,
    ids: &'a BTreeSet<String>,
}

impl Renaming<'_> {
    fn rename(&self, tag: &mut Tag) {
        for (name, value) in &mut tag.attributes {
            let refers = matches!(name.as_str(), "id" | "default" | "calledElement")
                || (name.ends_with("Ref") && !name.contains(':'));
            if refers && let Some(id) = self.id(value) {
                *value = id;
            } else if self.names_a_file(name) && !value.contains(':') {
                *value = format!("{}:{}", self.pack, value.trim());
            }
        }
        if TEXTS.contains(&local(&tag.name))
            && let [Part::Text(text)] = tag.parts.as_mut_slice()
            && let Some(id) = self.id(text)
        {
            *text = id;
        }
        for part in &mut tag.parts {
            if let Part::Element(inner) = part {
                self.rename(inner);
            }
        }
    }

    fn id(&self, value: &str) -> Option<String> {
        let own = local(value.trim());
        self.ids.contains(own).then(|| format!("{}{JOINT}{own}", self.prefix))
    }

    fn names_a_file(&self, name: &str) -> bool {
        let own = self.ours.as_deref().and_then(|ours| name.strip_prefix(ours)?.strip_prefix(':'));
        own.is_some_and(|own| FILES.contains(&own))
    }
}
