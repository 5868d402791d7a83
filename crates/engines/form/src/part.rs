//! The grammar of `form/*.toml`: one file is one form.

use schemars::JsonSchema;
use serde::Deserialize;
use zhengtong_base::Text;

use crate::model::{Choice, FieldKind, FileKind};

/// A form.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormPart {
    /// The heading.
    pub(crate) title: Text,
    /// What to know before one begins.
    pub(crate) intro: Option<Text>,
    /// About how many minutes it takes.
    pub(crate) minutes: u32,
    /// The pages in order, one thing on each.
    #[serde(default)]
    pub(crate) page: Vec<PagePart>,
}

/// A page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PagePart {
    /// The name in the address: small letters, digits and `_`, a letter first.
    pub(crate) id: String,
    /// The heading.
    pub(crate) title: Text,
    /// The part of the task list it stands in.
    pub(crate) section: Option<Text>,
    /// Why it is asked.
    pub(crate) why: Option<Text>,
    /// When it is asked: FEEL over the answers of earlier pages.
    pub(crate) show_if: Option<String>,
    /// Asks the page once for each entry of a list.
    pub(crate) repeat: Option<RepeatPart>,
    /// The questions.
    #[serde(default)]
    pub(crate) field: Vec<FieldPart>,
}

/// How often a page is asked.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatPart {
    /// Fewest entries.
    #[serde(default)]
    pub(crate) min: usize,
    /// Most entries.
    pub(crate) max: usize,
    /// What one entry is called, such as 从业人员.
    pub(crate) item: Text,
}

/// A question: either `element`, or `name`, `type` and `label`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldPart {
    /// The data element it asks for; label, type, check and options come from there.
    pub(crate) element: Option<String>,
    /// The key of the answer, where one element is asked for twice; otherwise the element with `_` for `.`.
    #[serde(rename = "as")]
    pub(crate) as_key: Option<String>,
    /// Whether the city's registries are asked first.
    #[serde(default)]
    pub(crate) prefill: bool,
    /// The key of the answer to a question of this form only.
    pub(crate) name: Option<String>,
    /// What kind of answer such a question takes.
    #[serde(rename = "type")]
    pub(crate) kind: Option<FieldKind>,
    /// The question.
    pub(crate) label: Option<Text>,
    /// What helps to answer.
    pub(crate) hint: Option<Text>,
    /// The unit of a number.
    pub(crate) unit: Option<Text>,
    /// The options of a choice.
    #[serde(default)]
    pub(crate) options: Vec<Choice>,
    /// The code list whose entries are the options.
    pub(crate) codes: Option<String>,
    /// Most characters, or the largest number.
    pub(crate) max: Option<i64>,
    /// Fewest characters, or the smallest number.
    pub(crate) min: Option<i64>,
    /// Whether it must be answered; yes unless this says no.
    pub(crate) required: Option<bool>,
    /// When it is asked: FEEL over the answers before it.
    pub(crate) show_if: Option<String>,
    /// Which files it takes.
    pub(crate) files: Option<FilesPart>,
    /// The check rule of a national code, such as `gb32100`.
    pub(crate) check: Option<String>,
    /// Rules over the answers.
    #[serde(default)]
    pub(crate) rules: Vec<RulePart>,
    /// The material of the item that these files provide.
    pub(crate) material: Option<String>,
    /// Where the answer comes from, or why it is asked although the city holds it.
    pub(crate) source_note: Option<Text>,
}

/// A rule over the answers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulePart {
    /// What must hold: FEEL over the answers up to this page, and `today`.
    pub(crate) holds: String,
    /// What to do when it does not.
    pub(crate) text: Text,
}

/// Which files a field takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilesPart {
    /// The kinds.
    #[serde(default = "all_kinds")]
    pub(crate) accept: Vec<FileKind>,
    /// Megabytes of one file at most.
    #[serde(default = "usual_mb")]
    pub(crate) max_mb: u32,
    /// How many files at most.
    #[serde(default = "one")]
    pub(crate) count: usize,
}

impl Default for FilesPart {
    fn default() -> Self {
        Self { accept: all_kinds(), max_mb: usual_mb(), count: one() }
    }
}

fn all_kinds() -> Vec<FileKind> {
    vec![FileKind::Pdf, FileKind::Png, FileKind::Jpeg]
}

fn usual_mb() -> u32 {
    10
}

fn one() -> usize {
    1
}
