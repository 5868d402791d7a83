//! The grammar of `notice/`: the words of messages, with names in braces where facts stand.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_pack::{File, FileKind, Packs, PartDecl, Report, read_toml, schema_of};

use crate::error::{Error, Result};
use crate::model::Vars;

/// The sub-folder of packs.
pub const PART: PartDecl = PartDecl {
    folder: "notice",
    endings: &["toml"],
    kinds: &[FileKind { schema: "notice", make: schema_of::<MessageFile> }],
};

/// Characters of one value that are told; the rest is cut.
const VALUE_CHARS_MAX: usize = 500;

/// Characters of a short text, so that it stays one text message with the sender before and the link behind it.
const SHORT_CHARS_MAX: usize = 120;

/// A file of `notice/`: messages by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageFile {
    /// The messages by name.
    pub message: BTreeMap<String, Declared>,
}

/// One message as a pack declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The title.
    pub title: Text,
    /// The words.
    pub body: Text,
    /// What a text message or a mail says instead of the title, short and without anything personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<Text>,
    /// The names that may stand in braces.
    #[serde(default)]
    pub vars: Vec<String>,
}

/// All messages of all packs, by `pack:name`.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    messages: BTreeMap<String, Declared>,
}

impl Catalog {
    /// A message by `pack:name`.
    pub fn get(&self, template: &str) -> Result<&Declared> {
        self.messages.get(template).ok_or_else(|| Error::NoTemplate(template.to_owned()))
    }

    /// A message that a file of pack `from` names, as `name` or `pack:name`: its full name and its words.
    pub fn find(&self, from: &str, reference: &str) -> Option<(&str, &Declared)> {
        let (pack, name) = Packs::resolve(from, reference);
        let (template, declared) = self.messages.get_key_value(&format!("{pack}:{name}"))?;
        Some((template, declared))
    }

    /// All messages by their full names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Declared)> {
        self.messages.iter().map(|(template, declared)| (template.as_str(), declared))
    }
}

impl Declared {
    /// Title and words with the values in place.
    pub fn fill(&self, template: &str, vars: &Vars) -> Result<(Text, Text)> {
        Ok((fill_both(&self.title, template, vars)?, fill_both(&self.body, template, vars)?))
    }

    /// The short text with the values in place.
    pub(crate) fn short(&self, template: &str, vars: &Vars) -> Result<Option<Text>> {
        self.sms.as_ref().map(|text| fill_both(text, template, vars)).transpose()
    }
}

/// Reads the messages of all packs. What is at fault is reported and left out.
pub fn read(packs: &Packs, report: &mut Report) -> Catalog {
    let mut catalog = Catalog::default();
    for pack in packs.iter() {
        for file in pack.folder(PART.folder, "toml") {
            let Some(read) = read_toml::<MessageFile>(&file, report) else { continue };
            for (name, declared) in read.message {
                if !check(&file, &declared, report) {
                    continue;
                }
                let template = format!("{}:{name}", pack.id());
                if catalog.messages.insert(template, declared).is_some() {
                    report.push(file.error_at(
                        &format!("[message.{name}]"),
                        Text::new(
                            format!("消息 {name} 已在另一个文件里声明"),
                            format!("message {name} is declared in another file already"),
                        ),
                    ));
                }
            }
        }
    }
    catalog
}

fn check(file: &File<'_>, declared: &Declared, report: &mut Report) -> bool {
    let mut sound = true;
    let mut used = BTreeSet::new();
    let Declared { title, body, sms, vars } = declared;
    let short = || sms.iter().flat_map(|text| [&text.zh, &text.en]);
    if short().any(|text| text.chars().count() > SHORT_CHARS_MAX) {
        sound = false;
        let text = Text::new(
            format!("短信不超过 {SHORT_CHARS_MAX} 个字"),
            format!("a short text has at most {SHORT_CHARS_MAX} characters"),
        );
        report.push(file.error_at("sms", text));
    }
    for text in [&title.zh, &title.en, &body.zh, &body.en].into_iter().chain(short()) {
        if text.trim().is_empty() {
            sound = false;
            let needle = if text == &title.zh || text == &title.en {
                "title"
            } else if text == &body.zh || text == &body.en {
                "body"
            } else {
                "sms"
            };
            let text = Text::new("中英文都要写", "write it in both languages");
            report.push(file.error_at(needle, text));
        }
        for piece in pieces(text) {
            match piece {
                Piece::Words(_) => {}
                Piece::Open(rest) => {
                    sound = false;
                    let text = Text::new("缺少 }", "a closing brace is missing");
                    report.push(file.error_at(rest, text));
                }
                Piece::Name(name) if vars.iter().any(|known| known == name) => {
                    used.insert(name);
                }
                Piece::Name(name) => {
                    sound = false;
                    let text = Text::new(
                        format!("vars 里没有声明 {name}"),
                        format!("{name} is not declared in vars"),
                    );
                    let finding = file.error_at(&format!("{{{name}}}"), text);
                    report.push(finding.suggest(name, vars.iter().map(String::as_str)));
                }
            }
        }
    }
    for name in vars.iter().filter(|name| !used.contains(name.as_str())) {
        let text = Text::new(format!("{name} 没有用到"), format!("{name} is not used"));
        report.push(file.warning_at(&format!("\"{name}\""), text));
    }
    sound
}

enum Piece<'a> {
    /// Words that stand as they are.
    Words(&'a str),
    /// A name in braces.
    Name(&'a str),
    /// A brace that is never closed, and what follows it.
    Open(&'a str),
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (words, open) = rest.split_at(start);
        pieces.push(Piece::Words(words));
        let Some((name, after)) = open.get(1..).and_then(|inside| inside.split_once('}')) else {
            pieces.push(Piece::Open(open));
            return pieces;
        };
        pieces.push(Piece::Name(name));
        rest = after;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

fn fill_both(text: &Text, template: &str, vars: &Vars) -> Result<Text> {
    Ok(Text::new(
        fill(&text.zh, template, |name| vars.get(name).map(|value| value.zh.as_str()))?,
        fill(&text.en, template, |name| vars.get(name).map(|value| value.en.as_str()))?,
    ))
}

fn fill<'a>(text: &str, template: &str, value: impl Fn(&str) -> Option<&'a str>) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) | Piece::Open(words) => filled.push_str(words),
            Piece::Name(name) => {
                let value = value(name).ok_or_else(|| Error::Missing {
                    template: template.to_owned(),
                    name: name.to_owned(),
                })?;
                let told = value.chars().filter(|letter| *letter != '\0');
                filled.extend(told.clone().take(VALUE_CHARS_MAX));
                if told.count() > VALUE_CHARS_MAX {
                    filled.push('…');
                }
            }
        }
    }
    Ok(filled)
}
