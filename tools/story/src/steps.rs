//! Which step means what: a table of generic acts, and macros read from files.
//!
//! A pattern is literal text with places: `"{name}"` takes what stands between the quotes, a bare
//! `{n}` takes digits, any other bare `{word}` takes what is left up to the next literal.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// How deep macros may use macros.
const DEPTH_MAX: usize = 8;

/// What the runner itself can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    LogIn,
    LogInAnew,
    Visitor,
    Open,
    Reload,
    Back,
    Click,
    Fill,
    FillTable,
    Pick,
    Check,
    Uncheck,
    Upload,
    UploadDefault,
    UploadText,
    Press,
    SendAgain,
    See,
    SeeTable,
    SeeWithin,
    Miss,
    Status,
    At,
    Kind,
    ValueIs,
    NoField,
    Remember,
    PressIfThere,
    ClickIfThere,
    FillIfThere,
    EditPack,
    GrowFile,
    NewFile,
    CopyPack,
    Run,
    Says,
    Ended,
}

/// The generic steps. The first pattern of an act is the one to use; the others are synonyms.
pub(crate) const ACTS: &[(Act, &[&str])] = &[
    (
        Act::EditPack,
        &[
            "把业务包\"{pack}\"的文件\"{file}\"里的'{old}'改成'{new}'",
            "I change '{old}' to '{new}' in \"{file}\" of the pack \"{pack}\"",
        ],
    ),
    (
        Act::GrowFile,
        &[
            "在业务包\"{pack}\"的文件\"{file}\"末尾加上",
            "I add to the end of \"{file}\" of the pack \"{pack}\"",
        ],
    ),
    (
        Act::NewFile,
        &[
            "在业务包\"{pack}\"里新建文件\"{file}\"",
            "I make the file \"{file}\" in the pack \"{pack}\"",
        ],
    ),
    (
        Act::CopyPack,
        &["照业务包\"{pack}\"做一个\"{new}\"", "I make a pack \"{new}\" like \"{pack}\""],
    ),
    (Act::Run, &["运行命令\"{words}\"", "I run \"{words}\""]),
    (Act::Says, &["命令说'{text}'", "the command says '{text}'"]),
    (Act::Ended, &["命令的结束码是{n}", "the command ends with {n}"]),
    (Act::LogIn, &["以\"{account}\"登录", "\"{account}\"已登录", "I am \"{account}\""]),
    (Act::LogInAnew, &["以\"{account}\"重新登录", "I log in anew as \"{account}\""]),
    (Act::Visitor, &["以访客身份", "未登录", "I am a visitor"]),
    (Act::Open, &["打开\"{path}\"", "I open \"{path}\""]),
    (Act::Reload, &["刷新页面", "I reload the page"]),
    (Act::Back, &["后退", "返回上一页", "I go back"]),
    (Act::Click, &["点击链接\"{text}\"", "点击\"{text}\"", "I follow \"{text}\""]),
    (Act::Fill, &["填写\"{label}\"为\"{value}\"", "I fill \"{label}\" with \"{value}\""]),
    (Act::FillTable, &["填写下列内容", "I fill in"]),
    (Act::Pick, &["选择\"{label}\"的\"{option}\"", "I choose \"{option}\" of \"{label}\""]),
    (Act::Check, &["勾选\"{label}\"", "选择\"{label}\"", "I tick \"{label}\""]),
    (Act::Uncheck, &["取消勾选\"{label}\"", "I untick \"{label}\""]),
    (Act::Upload, &["上传\"{label}\"文件\"{name}\"", "I upload \"{name}\" as \"{label}\""]),
    (Act::UploadDefault, &["上传\"{label}\"", "I upload \"{label}\""]),
    (
        Act::UploadText,
        &[
            "上传\"{label}\"文件\"{name}\"，内容是",
            "上传\"{label}\"文件\"{name}\"，编码\"{encoding}\"，内容是",
            "I upload \"{name}\" as \"{label}\", which says",
            "I upload \"{name}\" as \"{label}\" in \"{encoding}\", which says",
        ],
    ),
    (Act::Press, &["按下\"{button}\"", "I press \"{button}\""]),
    (Act::SendAgain, &["再次发送同一表单", "I send the same form again"]),
    (Act::See, &["看到\"{text}\"", "I see \"{text}\""]),
    (Act::SeeTable, &["看到下列内容", "I see all of"]),
    (Act::SeeWithin, &["{n}秒内看到\"{text}\"", "within {n} s I see \"{text}\""]),
    (Act::Miss, &["看不到\"{text}\"", "I do not see \"{text}\""]),
    (Act::Status, &["状态码是{n}", "the status is {n}"]),
    (Act::At, &["地址是\"{path}\"", "I am at \"{path}\""]),
    (Act::Kind, &["内容类型是\"{kind}\"", "the media type is \"{kind}\""]),
    (Act::ValueIs, &["\"{label}\"的值是\"{value}\"", "\"{label}\" is \"{value}\""]),
    (Act::NoField, &["没有\"{label}\"这一栏", "there is no field \"{label}\""]),
    (Act::Remember, &["记住\"{what}\"为\"{name}\"", "I remember \"{what}\" as \"{name}\""]),
    (Act::PressIfThere, &["如有按钮\"{button}\"则按下", "I press \"{button}\" if it is there"]),
    (Act::ClickIfThere, &["如有链接\"{text}\"则点击", "I follow \"{text}\" if it is there"]),
    (
        Act::FillIfThere,
        &["如有\"{label}\"则填写\"{value}\"", "I fill \"{label}\" with \"{value}\" if it is there"],
    ),
];

/// An act with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    /// What to do.
    pub(crate) act: Act,
    /// The words taken from the text, in the order of the pattern.
    pub(crate) words: BTreeMap<String, String>,
    /// The generic step as it reads.
    pub(crate) text: String,
}

impl Deed {
    /// One of the words.
    pub(crate) fn word(&self, name: &str) -> &str {
        self.words.get(name).map_or("", String::as_str)
    }
}

/// All that steps can mean.
#[derive(Debug, Default)]
pub(crate) struct Book {
    macros: Vec<Macro>,
}

/// A step that stands for others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Macro {
    pattern: String,
    #[serde(rename = "do")]
    steps: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MacroFile {
    #[serde(default)]
    step: Vec<Macro>,
}

impl Book {
    /// Adds the macros of a file; later files come before earlier ones.
    pub(crate) fn read(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        self.add(&text).with_context(|| path.display().to_string())
    }

    /// Adds the macros of this text.
    pub(crate) fn add(&mut self, text: &str) -> Result<()> {
        let file: MacroFile = toml::from_str(text)?;
        for step in &file.step {
            if step.steps.is_empty() {
                bail!("the step `{}` does nothing", step.pattern);
            }
        }
        self.macros.splice(0..0, file.step);
        Ok(())
    }

    /// The deeds a step stands for.
    pub(crate) fn deeds(&self, text: &str) -> Result<Vec<Deed>> {
        let mut deeds = Vec::new();
        self.expand(&plain_quotes(text), 0, &mut deeds)?;
        Ok(deeds)
    }

    fn expand(&self, text: &str, depth: usize, deeds: &mut Vec<Deed>) -> Result<()> {
        if depth > DEPTH_MAX {
            bail!("the steps stand for one another without end: {text}");
        }
        for entry in &self.macros {
            if let Some(words) = matched(&plain_quotes(&entry.pattern), text) {
                for line in &entry.steps {
                    let line = filled(&plain_quotes(line), &words);
                    let whole = self.expand(&line, depth + 1, deeds);
                    whole.with_context(|| format!("in the step `{}`", entry.pattern))?;
                }
                return Ok(());
            }
        }
        for (act, patterns) in ACTS {
            if let Some(words) = patterns.iter().find_map(|pattern| matched(pattern, text)) {
                deeds.push(Deed { act: *act, words, text: text.to_owned() });
                return Ok(());
            }
        }
        bail!("unknown step: {text}\n    nearest known: {}", self.nearest(text))
    }

    fn nearest(&self, text: &str) -> String {
        let own = self.macros.iter().map(|entry| entry.pattern.as_str());
        let generic = ACTS.iter().flat_map(|(_, patterns)| patterns.iter().copied());
        let likeness =
            |pattern: &str| strsim::normalized_levenshtein(&skeleton(pattern), &skeleton(text));
        own.chain(generic)
            .map(|pattern| (likeness(pattern), pattern))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, pattern)| pattern.to_owned())
            .unwrap_or_default()
    }
}

/// The text without what stands in quotes: what the steps are likened by.
fn skeleton(text: &str) -> String {
    text.split('"').step_by(2).collect()
}

/// Chinese quotation marks mean the same as straight ones.
fn plain_quotes(text: &str) -> String {
    text.replace(['“', '”', '「', '」'], "\"")
}

fn filled(line: &str, words: &BTreeMap<String, String>) -> String {
    words
        .iter()
        .fold(line.to_owned(), |line, (name, word)| line.replace(&format!("{{{name}}}"), word))
}

/// The words in the places of the pattern, when the text is of its form.
fn matched(pattern: &str, text: &str) -> Option<BTreeMap<String, String>> {
    let mut words = BTreeMap::new();
    let mut rest_pattern = pattern;
    let mut rest = text;
    while let Some((literal, after)) = rest_pattern.split_once('{') {
        let (name, after) = after.split_once('}')?;
        rest = rest.strip_prefix(literal)?;
        let end = after.split('{').next().unwrap_or_default();
        let length = match end.chars().next() {
            None => rest.len(),
            Some(_) if literal.ends_with('"') => rest.find('"')?,
            Some(_) if literal.ends_with('\'') => rest.find('\'')?,
            Some(_) => rest.find(end)?,
        };
        let (word, tail) = rest.split_at_checked(length)?;
        if name == "n" && (word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        words.insert(name.to_owned(), word.to_owned());
        rest = tail;
        rest_pattern = after;
    }
    (rest == rest_pattern).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(macros: &str) -> Book {
        let mut book = Book::default();
        book.add(macros).unwrap();
        book
    }

    #[test]
    fn patterns_take_words() {
        for (pattern, text, expected) in [
            ("打开\"{path}\"", "打开\"/a\"", Some(vec![("path", "/a")])),
            ("打开\"{path}\"", "打开\"/a\"了", None),
            ("填写\"{l}\"为\"{v}\"", "填写\"甲\"为\"\"", Some(vec![("l", "甲"), ("v", "")])),
            ("状态码是{n}", "状态码是404", Some(vec![("n", "404")])),
            ("状态码是{n}", "状态码是四", None),
            ("他申请{x}并确认", "他申请许可并确认", Some(vec![("x", "许可")])),
            ("选择\"{label}\"", "选择\"甲\"的\"乙\"", None),
            ("刷新页面", "刷新页面", Some(vec![])),
        ] {
            let expected = expected.map(|words| {
                words.into_iter().map(|(n, w)| (n.to_owned(), w.to_owned())).collect()
            });
            assert_eq!(matched(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn macros_become_deeds() {
        let book = book(
            r#"
            [[step]]
            pattern = '他查找“{item}”'
            do = ['打开“/hall”', '填写“搜索”为“{item}”', '他搜']
            [[step]]
            pattern = '他搜'
            do = ['按下"搜索"']
            "#,
        );
        let deeds = book.deeds("他查找\"许可\"").unwrap();
        let texts: Vec<_> = deeds.iter().map(|deed| deed.text.as_str()).collect();
        assert_eq!(texts, ["打开\"/hall\"", "填写\"搜索\"为\"许可\"", "按下\"搜索\""]);
        assert_eq!(deeds[1].word("value"), "许可");
    }

    #[test]
    fn what_is_unknown_names_the_nearest() {
        let error = format!("{:#}", Book::default().deeds("按“继续”").unwrap_err());
        assert!(error.contains("按下\"{button}\""), "{error}");
        let round =
            book("[[step]]\npattern = '甲'\ndo = ['乙']\n[[step]]\npattern = '乙'\ndo = ['甲']");
        assert!(format!("{:#}", round.deeds("甲").unwrap_err()).contains("without end"));
        assert!(Book::default().add("[[step]]\npattern = '甲'\ndo = []").is_err());
    }

    #[test]
    fn every_act_is_found_by_its_own_patterns() {
        for (act, patterns) in ACTS {
            for pattern in *patterns {
                let text = pattern.replace("{n}", "7");
                let deeds = Book::default().deeds(&text).unwrap();
                assert_eq!(deeds.first().map(|deed| deed.act), Some(*act), "{pattern}");
            }
        }
    }

    #[test]
    fn the_macros_of_this_house_are_known_steps() {
        let mut book = Book::default();
        book.add(include_str!("../steps.toml")).unwrap();
        for entry in &book.macros {
            let text = entry.pattern.replace("{n}", "7");
            book.deeds(&plain_quotes(&text)).unwrap();
        }
    }
}
