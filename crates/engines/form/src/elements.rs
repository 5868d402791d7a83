//! What a form needs to know of data elements. The engine does not know where elements are kept: the wiring
//! hands it something that answers these questions.

use std::fmt::Debug;

use serde_json::Value;
use time::Date;
use zhengtong_base::{Lang, Text};

use crate::model::{Choice, FieldKind};

/// How carefully a value is to be handled, from open to closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// Anyone may see it.
    #[default]
    Public,
    /// Staff may see it.
    Internal,
    /// It is about a person.
    Personal,
    /// Harm follows if it gets out.
    Sensitive,
}

impl Sensitivity {
    /// Whether lists show it only in part.
    pub fn is_masked(self) -> bool {
        self >= Self::Personal
    }
}

/// What a form knows of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementInfo {
    /// What people call it.
    pub title: Text,
    /// What kind of value it holds; a code is a [`FieldKind::Choice`], several codes are [`FieldKind::Choices`].
    pub kind: FieldKind,
    /// What helps a person to give it.
    pub hint: Option<Text>,
    /// The unit of a number.
    pub unit: Option<Text>,
    /// Most characters, or the largest number.
    pub max: Option<i64>,
    /// Fewest characters, or the smallest number.
    pub min: Option<i64>,
    /// The entries of its code list.
    pub options: Vec<Choice>,
    /// How carefully it is to be handled.
    pub sensitivity: Sensitivity,
    /// The dataset whose value counts, such as `base-population:resident`.
    pub authority: Option<String>,
}

/// The data elements of the city, as forms use them.
pub trait Elements: Debug + Send + Sync {
    /// An element by its name, such as `person.name`.
    fn element(&self, id: &str) -> Option<ElementInfo>;

    /// The names of all elements, for suggestions and for the rule that nothing is asked twice.
    fn ids(&self) -> Vec<String>;

    /// The entries of a code list, such as `sex`.
    fn codes(&self, list: &str) -> Option<Vec<Choice>>;

    /// The names of all code lists.
    fn code_lists(&self) -> Vec<String>;

    /// Reads what was typed into the value to keep, or says what to do. Several codes come with commas between.
    fn validate(&self, id: &str, raw: &str, today: Date) -> Result<Value, Text>;

    /// A value in words.
    fn display(&self, id: &str, value: &Value, lang: Lang) -> String;

    /// A value as lists show it, covered by its sensitivity.
    fn mask(&self, id: &str, value: &Value, lang: Lang) -> String;
}
