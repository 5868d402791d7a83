//! Cards, what was done with them, and the figures of the board, as plain values.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;

/// How grave a card is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A warning in time.
    Notice,
    /// A yellow card.
    Yellow,
    /// A red card.
    Red,
}

impl Level {
    /// All levels, the mildest first.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Yellow, Self::Red];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Notice => Text::new("预警", "Warning"),
            Self::Yellow => Text::new("黄牌", "Yellow card"),
            Self::Red => Text::new("红牌", "Red card"),
        }
    }

    /// The code in exports; the national standard leaves the list to the city.
    pub fn code(self) -> &'static str {
        match self {
            Self::Notice => "1",
            Self::Yellow => "2",
            Self::Red => "3",
        }
    }
}

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Raised; nobody could be told yet.
    Raised,
    /// Handler and head were told.
    Notified,
    /// Answered.
    Answered,
    /// The department objects.
    Appealed,
    /// The objection was heard and the card stays.
    Upheld,
    /// The card was taken back.
    Revoked,
    /// Done.
    Closed,
}

impl State {
    /// All states, in order.
    pub const ALL: [Self; 7] = [
        Self::Raised,
        Self::Notified,
        Self::Answered,
        Self::Appealed,
        Self::Upheld,
        Self::Revoked,
        Self::Closed,
    ];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Notified => "notified",
            Self::Answered => "answered",
            Self::Appealed => "appealed",
            Self::Upheld => "upheld",
            Self::Revoked => "revoked",
            Self::Closed => "closed",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Raised => Text::new("已发牌，未送达", "Raised"),
            Self::Notified => Text::new("等答复", "Waiting for an answer"),
            Self::Answered => Text::new("已答复，等核实", "Answered"),
            Self::Appealed => Text::new("申诉中", "Appealed"),
            Self::Upheld => Text::new("申诉不成立", "Upheld"),
            Self::Revoked => Text::new("已撤销", "Revoked"),
            Self::Closed => Text::new("已办结", "Closed"),
        }
    }

    /// Whether nothing more is awaited.
    pub fn over(self) -> bool {
        matches!(self, Self::Revoked | Self::Closed)
    }
}

/// A card.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The identifier.
    pub id: Uuid,
    /// The number.
    pub no: String,
    /// The rule, `pack:id`.
    pub rule: String,
    /// How grave it is.
    pub level: Level,
    /// The case; empty where it is about none.
    pub case: String,
    /// The occasion in the case.
    pub occasion: String,
    /// The item.
    pub item: String,
    /// What the case is called.
    pub title: Text,
    /// The department that answers for it.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// The persons who had the step in hand.
    pub handlers: Vec<Uuid>,
    /// What the rule is called.
    pub rule_title: Text,
    /// The law behind the rule.
    pub basis: Text,
    /// Why it was raised, with the facts.
    pub why: Text,
    /// The facts by which it was judged.
    pub facts: Value,
    /// When it happened.
    pub occurred_at: OffsetDateTime,
    /// When it was raised.
    pub raised_at: OffsetDateTime,
    /// Where it stands.
    pub state: State,
    /// The last day to answer.
    pub answer_due: Option<Date>,
    /// How often it was urged.
    pub urges: i32,
    /// The supervision proposal that came of it.
    pub proposal: Option<Uuid>,
}

/// One thing that was done with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its place in the order.
    pub seq: i32,
    /// What: `raised`, `notified`, `answered`, `appealed`, `upheld`, `revoked`, `urged`, `proposed`, `closed`.
    pub kind: String,
    /// When.
    pub at: OffsetDateTime,
    /// Who; none for the platform.
    pub person: Option<Uuid>,
    /// The name.
    pub name: String,
    /// In which words.
    pub words: Option<String>,
    /// The day that was set.
    pub due: Option<Date>,
}

impl Step {
    /// What people call what was done.
    pub fn title(&self) -> Text {
        match self.kind.as_str() {
            "raised" => Text::new("发牌", "Raised"),
            "notified" => Text::new("通知承办人和负责人", "Handler and head told"),
            "unreached" => Text::new("没有可以通知的人", "Nobody to tell"),
            "answered" => Text::new("答复", "Answer"),
            "appealed" => Text::new("申诉", "Appeal"),
            "upheld" => Text::new("申诉不成立，维持", "Appeal rejected"),
            "revoked" => Text::new("撤销", "Revoked"),
            "urged" => Text::new("督办", "Urged"),
            "proposed" => Text::new("发出监察建议书", "Supervision proposal issued"),
            "closed" => Text::new("办结", "Closed"),
            other => Text::same(other),
        }
    }
}

/// What a number of the board counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Cases accepted.
    Accepted,
    /// Of these, not decided yet.
    Open,
    /// Cases decided.
    Decided,
    /// Of these, decided in time.
    OnTime,
    /// Cases that ran over the promised or the statutory time.
    Overdue,
    /// Warnings.
    Notice,
    /// Yellow cards.
    Yellow,
    /// Red cards.
    Red,
}

impl What {
    /// All of them, in the order of the board.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Open,
        Self::Decided,
        Self::OnTime,
        Self::Overdue,
        Self::Notice,
        Self::Yellow,
        Self::Red,
    ];

    /// The word in addresses and in the view.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Open => "open",
            Self::Decided => "decided",
            Self::OnTime => "on_time",
            Self::Overdue => "overdue",
            Self::Notice => "notice",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.word() == word)
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Accepted => Text::new("受理", "Accepted"),
            Self::Open => Text::new("在办", "Open"),
            Self::Decided => Text::new("办结", "Decided"),
            Self::OnTime => Text::new("按时办结", "On time"),
            Self::Overdue => Text::new("超期", "Overdue"),
            Self::Notice => Text::new("预警", "Warnings"),
            Self::Yellow => Text::new("黄牌", "Yellow"),
            Self::Red => Text::new("红牌", "Red"),
        }
    }
}

/// The numbers of a department, or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases accepted.
    pub accepted: i64,
    /// Of these, not decided yet.
    pub open: i64,
    /// Cases decided.
    pub decided: i64,
    /// Of these, in time.
    pub on_time: i64,
    /// Cases that ran over.
    pub overdue: i64,
    /// Warnings.
    pub notice: i64,
    /// Yellow cards.
    pub yellow: i64,
    /// Red cards.
    pub red: i64,
}

impl Counts {
    /// One of the numbers.
    pub fn get(&self, what: What) -> i64 {
        match what {
            What::Accepted => self.accepted,
            What::Open => self.open,
            What::Decided => self.decided,
            What::OnTime => self.on_time,
            What::Overdue => self.overdue,
            What::Notice => self.notice,
            What::Yellow => self.yellow,
            What::Red => self.red,
        }
    }

    /// Adds to one of the numbers.
    pub fn add(&mut self, what: What, more: i64) {
        let number = match what {
            What::Accepted => &mut self.accepted,
            What::Open => &mut self.open,
            What::Decided => &mut self.decided,
            What::OnTime => &mut self.on_time,
            What::Overdue => &mut self.overdue,
            What::Notice => &mut self.notice,
            What::Yellow => &mut self.yellow,
            What::Red => &mut self.red,
        };
        *number += more;
    }

    /// Of a hundred decided cases, how many in time, in tenths; none when none was decided.
    pub fn on_time_per_mille(&self) -> Option<i64> {
        (self.decided > 0).then(|| self.on_time * 1_000 / self.decided)
    }
}

/// A department on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepartmentRow {
    /// The department.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its numbers.
    pub counts: Counts,
}

/// A span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// A row behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The case; empty where a card is about none.
    pub case: String,
    /// The card, where the number counts cards.
    pub card: Option<String>,
    /// When it counted.
    pub at: OffsetDateTime,
    /// The department's name.
    pub department_name: String,
    /// What the case is called.
    pub title: Text,
    /// Where the case stands.
    pub state: Option<zhengtong_casework::State>,
    /// When it was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// The last day of its time.
    pub due_day: Option<Date>,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// Where the card stands.
    pub card_state: Option<State>,
    /// The rule of the card.
    pub rule_title: Option<Text>,
}

/// One thing that supervision saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Where it came from: `event/3`, `rung/promised/1/soon`.
    pub source: String,
    /// What kind: `event`, `rung`, `finding`, `news`, `daily`.
    pub kind: String,
    /// The word, such as `accept`.
    pub word: String,
    /// What people call it.
    pub title: Text,
    /// When it happened.
    pub at: OffsetDateTime,
    /// When supervision saw it.
    pub seen_at: OffsetDateTime,
}

/// Where a case stands, as supervision keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The number.
    pub no: String,
    /// The case type.
    pub kind: String,
    /// The item.
    pub item: String,
    /// What it is called.
    pub title: Text,
    /// The department.
    pub department: Uuid,
    /// Its name.
    pub department_name: String,
    /// Where it stands.
    pub state: zhengtong_casework::State,
    /// When it was handed in.
    pub submitted_at: OffsetDateTime,
    /// When it was accepted.
    pub accepted_at: Option<OffsetDateTime>,
    /// When it was decided.
    pub decided_at: Option<OffsetDateTime>,
    /// When it was over.
    pub closed_at: Option<OffsetDateTime>,
    /// The last day of the promised time.
    pub due_day: Option<Date>,
    /// The moment from which it is late.
    pub over_from: Option<OffsetDateTime>,
}

/// A line of the record of the officer on duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// When.
    pub at: OffsetDateTime,
    /// What kind.
    pub kind: String,
    /// The card it is about.
    pub card: Option<String>,
    /// What was done.
    pub words: String,
    /// By whom.
    pub name: String,
}
