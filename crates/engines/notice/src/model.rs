//! Messages as plain values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use zhengtong_base::{Lang, Text};

use crate::carrier::Way;

/// To whom a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// A person.
    Person(Uuid),
    /// Whoever acts for an organisation.
    Organisation(Uuid),
    /// Whoever holds a post.
    Post(Uuid),
}

/// The values of the variables of a message, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vars(BTreeMap<String, Text>);

/// A message as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The identifier.
    pub id: Uuid,
    /// To whom it goes.
    pub to: To,
    /// The template as `pack:name`.
    pub template: String,
    /// The title.
    pub title: Text,
    /// The words.
    pub body: Text,
    /// The page it leads to.
    pub link: Option<String>,
    /// When it was sent.
    pub created: OffsetDateTime,
    /// When it was first read.
    pub read_at: Option<OffsetDateTime>,
    /// The person who read it first.
    pub read_by: Option<Uuid>,
    /// How it was carried outside.
    pub carried: Vec<Carried>,
}

/// How a message was carried outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The way.
    pub way: Way,
    /// The address, masked.
    pub shown: String,
    /// How it stands.
    pub state: DeliveryState,
}

/// Where somebody wants to hear of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The identifier.
    pub id: Uuid,
    /// The way.
    pub way: Way,
    /// The address, masked.
    pub shown: String,
    /// The language.
    pub lang: Lang,
    /// When the address was proven; before that nothing but the code goes there.
    pub confirmed_at: Option<OffsetDateTime>,
}

/// Something that was carried outside, as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The identifier.
    pub id: Uuid,
    /// The way.
    pub way: Way,
    /// The address, masked.
    pub shown: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it has not been sent.
    pub reason: Option<String>,
    /// When it was queued.
    pub queued: OffsetDateTime,
    /// When it was sent or given up.
    pub done: Option<OffsetDateTime>,
    /// The words, where they were kept inside instead of being sent.
    pub text: Option<String>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits, or is tried again.
    Queued,
    /// The other side took it.
    Sent,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Sent, Self::Failed].into_iter().find(|state| state.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Queued => Text::new("等待发出", "waiting"),
            Self::Sent => Text::new("已发出", "sent"),
            Self::Failed => Text::new("没有发出", "not sent"),
        }
    }

    pub(crate) fn place(self) -> usize {
        match self {
            Self::Queued => 0,
            Self::Sent => 1,
            Self::Failed => 2,
        }
    }
}

/// What is told when a message was sent: the payload of `notice.sent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The message.
    pub message: Uuid,
    /// To whom it goes.
    pub to: To,
    /// The template as `pack:name`.
    pub template: String,
}

impl To {
    /// The identifier of the recipient.
    pub fn id(self) -> Uuid {
        match self {
            Self::Person(id) | Self::Organisation(id) | Self::Post(id) => id,
        }
    }

    /// The person, when it goes to one.
    pub fn person(self) -> Option<Uuid> {
        match self {
            Self::Person(id) => Some(id),
            _ => None,
        }
    }

    /// The organisation, when it goes to one.
    pub fn organisation(self) -> Option<Uuid> {
        match self {
            Self::Organisation(id) => Some(id),
            _ => None,
        }
    }

    /// The post, when it goes to one.
    pub fn post(self) -> Option<Uuid> {
        match self {
            Self::Post(id) => Some(id),
            _ => None,
        }
    }
}

impl Vars {
    /// Adds a value that differs by language, such as the name of an item.
    #[must_use]
    pub fn with(mut self, name: &str, value: Text) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds a value that is the same in both languages, such as a number.
    #[must_use]
    pub fn same(self, name: &str, value: impl Into<String>) -> Self {
        self.with(name, Text::same(value))
    }

    /// A value.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.0.get(name)
    }
}
