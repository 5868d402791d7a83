//! Forms as the rest of the engine uses them: pages, fields, conditions. Plain values, resolved from packs.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_feel::Expr;

use crate::elements::{Elements, Sensitivity};

/// What kind of answer a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Text of several lines.
    LongText,
    /// A whole number.
    Integer,
    /// A number with up to six decimal places.
    Decimal,
    /// An amount in yuan with two decimal places.
    Money,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// One of several options.
    Choice,
    /// Any number of several options.
    Choices,
    /// Files.
    File,
    /// An address on one line.
    Address,
}

/// A kind of file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is kept.
    pub value: String,
    /// What people read.
    pub label: Text,
    /// What helps to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
}

/// Which files a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRule {
    /// The kinds.
    pub accept: Vec<FileKind>,
    /// Megabytes of one file at most.
    pub mb_max: u32,
    /// How many files at most.
    pub count_max: usize,
}

/// A rule over the answers that a field stands for.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The condition; it is broken when it is false. When something it needs is not answered, it is not broken.
    pub holds: Expr,
    /// What to do when it does not hold.
    pub text: Text,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key of the answer.
    pub key: String,
    /// The element it asks for; none when only this form asks it.
    pub element: Option<String>,
    /// What kind of answer it takes.
    pub kind: FieldKind,
    /// The question.
    pub label: Text,
    /// What helps to answer.
    pub hint: Option<Text>,
    /// The unit of a number.
    pub unit: Option<Text>,
    /// The options of a choice.
    pub options: Vec<Choice>,
    /// Most characters, or the largest number.
    pub max: Option<i64>,
    /// Fewest characters, or the smallest number.
    pub min: Option<i64>,
    /// Whether it must be answered.
    pub required: bool,
    /// Whether the city's registries are asked first.
    pub prefill: bool,
    /// When it is asked; always, when there is no condition.
    pub show_if: Option<Expr>,
    /// The check rule of a national code, by the names of `zhengtong_base::code::validator`.
    pub check: Option<String>,
    /// Rules over the answers.
    pub rules: Vec<Rule>,
    /// Which files it takes; only for files.
    pub files: Option<FileRule>,
    /// The material of the item that it provides.
    pub material: Option<String>,
    /// Where the answer comes from, or why it is asked although the city holds it.
    pub source_note: Option<Text>,
    /// How carefully the answer is to be handled.
    pub sensitivity: Sensitivity,
}

/// A page that is asked once for each entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Fewest entries.
    pub min: usize,
    /// Most entries.
    pub max: usize,
    /// What one entry is called.
    pub item: Text,
}

/// A page of a form: one thing.
#[derive(Clone, Debug)]
pub struct Page {
    /// The name in the address.
    pub id: String,
    /// The heading.
    pub title: Text,
    /// The part of the task list it stands in.
    pub section: Option<Text>,
    /// Why it is asked.
    pub why: Option<Text>,
    /// When it is asked; always, when there is no condition.
    pub show_if: Option<Expr>,
    /// Whether it is asked once for each entry.
    pub repeat: Option<Repeat>,
    /// The questions.
    pub fields: Vec<Field>,
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// Pack and name, such as `food-business:application`.
    pub id: String,
    /// The heading.
    pub title: Text,
    /// What to know before one begins.
    pub intro: Option<Text>,
    /// About how many minutes it takes.
    pub minutes: u32,
    /// The pages in order.
    pub pages: Vec<Page>,
    /// The SM3 digest of its file, in lower-case hexadecimal: the version.
    pub digest: String,
    pub(crate) elements: Arc<dyn Elements>,
}

impl Form {
    /// A page by its name.
    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// A field by the key of its answer, with the page it stands on.
    pub fn field(&self, key: &str) -> Option<(&Page, &Field)> {
        self.fields().find(|(_, field)| field.key == key)
    }

    /// All fields in order, each with its page.
    pub fn fields(&self) -> impl Iterator<Item = (&Page, &Field)> {
        self.pages.iter().flat_map(|page| page.fields.iter().map(move |field| (page, field)))
    }

    /// The keys of answers that are kept sealed: all that lists show masked. What a process, a document or a
    /// message takes from a case is then never about a person by accident.
    pub fn sealed_keys(&self) -> std::collections::BTreeSet<String> {
        let sealed = self.fields().filter(|(_, field)| field.sensitivity.is_masked());
        sealed.map(|(_, field)| field.key.clone()).collect()
    }

    /// The keys of answers that people type in their own words. Anybody may write anything there, also about
    /// persons, so no table and no process holds them plain.
    pub fn typed_keys(&self) -> std::collections::BTreeSet<String> {
        let own = |field: &Field| field.element.is_none() && field.kind.is_text();
        let typed = self.fields().filter(|(_, field)| own(field) && !field.sensitivity.is_masked());
        typed.map(|(_, field)| field.key.clone()).collect()
    }

    /// What the registries are to be asked for: the key of each answer and its element.
    pub fn wanted(&self) -> Vec<(&str, &str)> {
        self.fields()
            .filter(|(_, field)| field.prefill)
            .filter_map(|(_, field)| Some((field.key.as_str(), field.element.as_deref()?)))
            .collect()
    }
}

impl FieldKind {
    /// Whether the answer is a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Money)
    }

    /// Whether the answer is a text that a person types freely.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::LongText | Self::Address)
    }

    /// Whether the answer is chosen from options.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

impl FileKind {
    /// The kind that the first bytes of a file show, whatever its name says.
    pub fn sniff(head: &[u8]) -> Option<Self> {
        // A PDF may have up to a kilobyte of other bytes before its mark.
        let start = head.get(..1_024).unwrap_or(head);
        if head.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if head.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if start.windows(5).any(|window| window == b"%PDF-") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    /// The word, which is also the usual ending.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
        }
    }

    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Pdf, Self::Png, Self::Jpeg].into_iter().find(|kind| kind.word() == word)
    }
}
