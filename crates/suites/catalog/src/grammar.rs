//! The grammar of codes: what a pack declares, how a code is composed, how one is checked. Pure.

use schemars::JsonSchema;
use serde::Deserialize;
use time::Date;
use zhengtong_base::Text;

/// A grammar as a pack writes it: one file `catalog/grammar-*.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrammarFile {
    /// What people call it.
    pub title: Text,
    /// The standard it comes from.
    pub standard: Text,
    /// Where the facts come from.
    pub source: Text,
    /// Whether they were compared with the text of the standard.
    pub verified: bool,
    /// The first day on which codes may be given by it.
    pub valid_from: String,
    /// The last day.
    pub valid_to: Option<String>,
    /// Whether this city gives its codes by it. One grammar does on each day.
    #[serde(default)]
    pub used: bool,
    /// What stands before the running number.
    pub segment: Vec<SegmentDecl>,
    /// What stands between the segments and the running number.
    #[serde(default)]
    pub separator: String,
    /// Digits of the running number.
    pub sequence: usize,
}

/// One part of a code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentDecl {
    /// What people call it.
    pub title: Text,
    /// What may stand there.
    pub kind: SegmentKind,
    /// How long it is; of a free one, at most.
    pub length: usize,
    /// The codes that may stand there.
    #[serde(default)]
    pub codes: Vec<String>,
    /// What the platform puts there.
    pub from: From,
}

/// What may stand in a part of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SegmentKind {
    /// Digits.
    Digits,
    /// One of a list.
    Codes,
    /// Digits and capital letters, as many as there are up to the length.
    Free,
}

/// Where the platform takes a part of a code from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// 类, the first digit of the class.
    Class,
    /// 项, the two after it.
    Branch,
    /// 目, the three after that.
    Group,
    /// 细目, whatever follows.
    Detail,
    /// The region of the city.
    Region,
    /// The unified social credit code of the unit.
    Unit,
    /// The only code of the list.
    Fixed,
}

/// A grammar whose days were read.
#[derive(Clone, Debug)]
pub struct Grammar {
    /// Pack and file.
    pub id: String,
    /// As it was written.
    pub file: GrammarFile,
    /// The first day.
    pub valid_from: Date,
    /// The last day.
    pub valid_to: Option<Date>,
}

/// What the platform knows of a resource when it composes a code.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// The class.
    pub class: &'a str,
    /// The region.
    pub region: &'a str,
    /// The credit code of the unit.
    pub unit: &'a str,
}

impl Grammar {
    /// Whether codes may be given by it on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// What stands before the running number: the series in which numbers run.
    pub fn prefix(&self, parts: Parts<'_>) -> Option<String> {
        let mut prefix = String::new();
        for segment in &self.file.segment {
            let value = match segment.from {
                From::Class => cut(parts.class, 0, 1),
                From::Branch => cut(parts.class, 1, 3),
                From::Group => cut(parts.class, 3, 6),
                From::Detail => parts.class.get(6..).unwrap_or_default(),
                From::Region => cut(parts.region, 0, segment.length),
                From::Unit => parts.unit,
                From::Fixed => segment.codes.first().map_or("", String::as_str),
            };
            if !segment.fits(value) {
                return None;
            }
            prefix.push_str(value);
        }
        Some(prefix)
    }

    /// The code with a running number; none when the number has too many digits.
    pub fn code(&self, prefix: &str, number: i64) -> Option<String> {
        let digits = format!("{number:0width$}", width = self.file.sequence);
        (number > 0 && digits.len() == self.file.sequence)
            .then(|| format!("{prefix}{}{digits}", self.file.separator))
    }

    /// What is wrong with a code; nothing when it is of this grammar.
    pub fn check(&self, code: &str) -> Result<(), Text> {
        let wrong = |zh: String, en: String| Err(Text::new(zh, en));
        if !code.is_ascii() {
            return wrong(
                "代码只用数字和字母".to_owned(),
                "a code is of digits and letters".to_owned(),
            );
        }
        let at = code.len().saturating_sub(self.file.sequence);
        let (front, number) = code.split_at(at);
        if number.len() != self.file.sequence
            || !number.bytes().all(|byte| byte.is_ascii_digit())
            || number.bytes().all(|byte| byte == b'0')
        {
            let width = self.file.sequence;
            return wrong(
                format!("代码末尾是 {width} 位顺序号，从 1 起"),
                format!("a code ends with a running number of {width} digits, from 1"),
            );
        }
        let Some(mut rest) = front.strip_suffix(self.file.separator.as_str()) else {
            let separator = &self.file.separator;
            return wrong(
                format!("顺序号前面要有“{separator}”"),
                format!("`{separator}` stands before the running number"),
            );
        };
        for segment in &self.file.segment {
            let long = match segment.kind {
                SegmentKind::Free => rest.len().min(segment.length),
                _ => segment.length,
            };
            let (value, after) = match (rest.get(..long), rest.get(long..)) {
                (Some(value), Some(after)) => (value, after),
                _ => (rest, ""),
            };
            if !segment.fits(value) {
                let title = &segment.title;
                return wrong(
                    format!("“{}”写错了：{value}", title.zh),
                    format!("`{}` is wrong: {value}", title.en),
                );
            }
            rest = after;
        }
        if rest.is_empty() {
            return Ok(());
        }
        wrong(format!("顺序号前面多了：{rest}"), format!("too much before the number: {rest}"))
    }
}

/// A code as it stands in addresses: what is no letter or digit becomes a hyphen.
pub fn slug(code: &str) -> String {
    code.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

impl SegmentDecl {
    /// Whether a value may stand here.
    pub(crate) fn fits(&self, value: &str) -> bool {
        match self.kind {
            SegmentKind::Digits => {
                value.len() == self.length && value.bytes().all(|byte| byte.is_ascii_digit())
            }
            SegmentKind::Codes => self.codes.iter().any(|code| code == value),
            SegmentKind::Free => {
                value.len() <= self.length
                    && value.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
            }
        }
    }
}

fn cut(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}
