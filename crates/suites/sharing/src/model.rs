//! Requests, grants, uses and objections as plain values.

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Text, words};

words! {
    /// How data is given.
    Way {
        /// One record by its whole key.
        Query => "query", "按主键查询", "Query by key";
        /// Whether one value is right.
        Verify => "verify", "核验（只答是或否）", "Verification: yes or no";
    }
}

words! {
    /// Where a request stands.
    State {
        /// With the data authority, for the check.
        Asked => "asked", "待合规审核", "To be checked";
        /// With the provider.
        Sent => "sent", "待提供单位答复", "With the provider";
        /// The provider said no.
        Refused => "refused", "提供单位不同意", "Refused by the provider";
        /// With the data authority, for a ruling.
        Arbitration => "arbitration", "待裁决", "To be ruled on";
        /// There is a grant.
        Granted => "granted", "已授权", "Granted";
        /// The authority sent it back.
        Returned => "returned", "审核退回", "Sent back";
        /// The authority let the refusal stand.
        Upheld => "upheld", "裁决不予共享", "Refusal upheld";
        /// The unit took it back.
        Withdrawn => "withdrawn", "已撤回", "Withdrawn";
    }
}

impl State {
    /// Whether nothing more happens to it.
    pub fn over(self) -> bool {
        matches!(self, Self::Granted | Self::Returned | Self::Upheld | Self::Withdrawn)
    }
}

words! {
    /// Where an objection stands.
    ObjectionState {
        /// The record is marked.
        Open => "open", "核实中", "Being looked into";
        /// The record was corrected.
        Corrected => "corrected", "已更正", "Corrected";
        /// The record stays as it is.
        Kept => "kept", "维持原记录", "Kept as it is";
    }
}

words! {
    /// What was done.
    StepKind {
        /// A unit asked.
        Asked => "asked", "提出申请", "Asked";
        /// The check found it in order.
        Passed => "passed", "合规审核通过", "Passed the check";
        /// The check sent it back.
        Returned => "returned", "合规审核退回", "Sent back by the check";
        /// It was granted.
        Granted => "granted", "同意共享", "Granted";
        /// The provider must make the data ready first.
        Prepared => "prepared", "需先整理数据，延长答复", "Data must be made ready first";
        /// The provider said no.
        Refused => "refused", "不同意共享", "Refused";
        /// The unit talks with the provider.
        Negotiated => "negotiated", "提请协商", "Talks";
        /// The unit asks the authority to rule.
        Appealed => "appealed", "提请裁决", "Ruling asked for";
        /// The authority ruled that it is given.
        Ordered => "ordered", "裁决应当共享", "Ruled to be shared";
        /// The authority let the refusal stand.
        Upheld => "upheld", "裁决不予共享", "Refusal upheld";
        /// The unit took it back.
        Withdrawn => "withdrawn", "撤回", "Withdrawn";
        /// Somebody objected to a value.
        Raised => "raised", "提出异议，记录已标注", "Objection raised, the record is marked";
        /// More time was taken.
        Extended => "extended", "延长核实", "Time extended";
        /// The record was corrected.
        Corrected => "corrected", "已更正，标注撤销", "Corrected, the mark is gone";
        /// The record stays.
        Kept => "kept", "维持原记录，标注撤销", "Kept, the mark is gone";
        /// Those who used the record were told.
        Told => "told", "已告知用过这条记录的单位", "Those who used the record were told";
    }
}

/// What a unit asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The dataset.
    pub dataset: String,
    /// What for.
    pub purpose: String,
    /// On which law.
    pub basis: String,
    /// The item or the kind of case it serves.
    pub serves: String,
    /// The fields.
    pub fields: Vec<String>,
    /// How.
    pub way: Way,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// Uses a day.
    pub quota: i32,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its number.
    pub no: String,
    /// The unit that asks.
    pub unit: Uuid,
    /// Who asked for it.
    pub asker: Option<Uuid>,
    /// Their name.
    pub asker_name: String,
    /// The unit that answers for the dataset.
    pub provider: Uuid,
    /// Whether the dataset is shared on a condition.
    pub conditional: bool,
    /// What is asked for.
    pub new: NewRequest,
    /// When.
    pub asked_at: OffsetDateTime,
    /// Where it stands.
    pub state: State,
    /// The last day of whoever has it in hand.
    pub due: Option<Date>,
    /// Whether a day was missed.
    pub late: bool,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: StepKind,
    /// When.
    pub at: OffsetDateTime,
    /// Who, by name.
    pub actor: String,
    /// Why, or what was said.
    pub words: String,
}

/// What can be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Check it.
    Check,
    /// Reply.
    Reply,
    /// Rule on it.
    Rule,
    /// Talk with the provider.
    Negotiate,
    /// Ask for a ruling.
    Appeal,
    /// Take it back.
    Withdraw,
}

/// A request as its reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request.
    pub request: Request,
    /// What was done.
    pub steps: Vec<Step>,
    /// The number of the grant.
    pub grant: Option<String>,
    /// What the reader may do now.
    pub may: Vec<Act>,
}

/// What the check finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In order.
    Pass,
    /// Not in order, with the reason.
    Return(String),
}

/// What is granted of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The fields; fewer than were asked for, or all.
    pub fields: Vec<String>,
    /// Those of them that are masked.
    pub masked: Vec<String>,
    /// Uses a day.
    pub quota: i32,
    /// The last day.
    pub last: Date,
    /// What is said with it.
    pub words: String,
}

/// What the provider replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes, on these terms.
    Grant(Terms),
    /// No.
    Refuse {
        /// Why.
        reason: String,
        /// On which law.
        basis: String,
    },
    /// The data must be made ready first.
    Prepare(String),
}

/// How the authority rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is given, on these terms.
    Grant(Terms),
    /// The refusal stands, with the reason.
    Uphold(String),
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its number.
    pub no: String,
    /// The request.
    pub request: String,
    /// The unit that may use it.
    pub unit: Uuid,
    /// The unit that answers for the dataset.
    pub provider: Uuid,
    /// The dataset.
    pub dataset: String,
    /// The fields.
    pub fields: Vec<String>,
    /// Those of them that are masked.
    pub masked: Vec<String>,
    /// How.
    pub way: Way,
    /// Uses a day.
    pub quota: i32,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What for.
    pub purpose: String,
    /// On which law.
    pub basis: String,
    /// Who granted it, by name.
    pub given_by: String,
    /// When it was ended before its last day, by whom, and why.
    pub ended: Option<(OffsetDateTime, String, String)>,
}

/// Whether a grant may be used on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Not yet.
    Waiting,
    /// Yes.
    InForce,
    /// Its last day has passed.
    Expired,
    /// It was ended.
    Ended,
}

impl Grant {
    /// Whether it may be used on a day.
    pub fn on(&self, day: Date) -> Given {
        match () {
            () if self.ended.is_some() => Given::Ended,
            () if day < self.first => Given::Waiting,
            () if day > self.last => Given::Expired,
            () => Given::InForce,
        }
    }
}

/// A grant with how it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The grant.
    pub grant: Grant,
    /// Uses today.
    pub today: i64,
    /// Uses in all.
    pub total: i64,
    /// Different records.
    pub records: i64,
    /// The days with most recent uses, the newest first, with how many.
    pub days: Vec<(Date, i64)>,
    /// Whether the reader may end it.
    pub may_end: bool,
    /// Whether the reader may use it.
    pub may_use: bool,
}

/// One record as the grant gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The granted fields, in the order of the grant.
    pub values: Vec<SharedValue>,
    /// When the record was made or changed.
    pub updated: OffsetDateTime,
    /// Uses that are left today.
    pub left: i32,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedValue {
    /// The name of the field.
    pub field: String,
    /// What people call it.
    pub title: Text,
    /// The value; masked words where the grant masks it.
    pub value: serde_json::Value,
    /// The words for people.
    pub words: Text,
    /// Whether it is masked.
    pub masked: bool,
    /// Whether somebody objects to it.
    pub disputed: bool,
}

/// A use that was about oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyUse {
    /// When.
    pub at: OffsetDateTime,
    /// Which unit.
    pub unit: Uuid,
    /// Of which dataset.
    pub dataset: Text,
    /// How.
    pub way: Way,
    /// What for.
    pub purpose: String,
    /// The fields, as people call them.
    pub fields: Vec<Text>,
}

/// What a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Asked by the own unit.
    Mine,
    /// To be checked or ruled on.
    Check,
    /// To be replied to by the own unit.
    Reply,
    /// With somebody whose last day has passed.
    Overdue,
    /// Nothing more happens.
    Done,
}

/// How much stands on each shelf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open, of the own unit.
    pub mine: i64,
    /// To be checked or ruled on.
    pub check: i64,
    /// To be replied to.
    pub reply: i64,
    /// Overdue.
    pub overdue: i64,
    /// Objections to be settled.
    pub objections: i64,
    /// Of these overdue.
    pub objections_overdue: i64,
}

/// An objection that is raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewObjection {
    /// The dataset in which the value was seen.
    pub dataset: String,
    /// The record.
    pub record: Uuid,
    /// The field.
    pub field: String,
    /// What it should be.
    pub claimed: String,
    /// Why.
    pub why: String,
}

/// An objection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// Its number.
    pub no: String,
    /// The dataset that is the source.
    pub dataset: String,
    /// The record there.
    pub record: Uuid,
    /// The field there.
    pub field: String,
    /// The dataset in which the value was seen.
    pub seen_in: String,
    /// The unit that answers for the source.
    pub source: Uuid,
    /// The person who raised it.
    pub person: Option<Uuid>,
    /// The unit that raised it.
    pub unit: Option<Uuid>,
    /// The case in which it came up.
    pub case: Option<String>,
    /// When.
    pub raised_at: OffsetDateTime,
    /// Where it stands.
    pub state: ObjectionState,
    /// The last day.
    pub due: Option<Date>,
    /// Whether a day was missed.
    pub late: bool,
    /// How many units were told.
    pub told: i32,
}

/// An objection as its reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionSeen {
    /// The objection.
    pub objection: Objection,
    /// What it should be.
    pub claimed: String,
    /// What the record says now; only for who settles it and who raised it.
    pub held: Option<Text>,
    /// What was done.
    pub steps: Vec<Step>,
    /// Whether the reader may settle it.
    pub may_settle: bool,
    /// Whether its time may be extended.
    pub may_extend: bool,
}

/// A record that the city holds of oneself.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The dataset.
    pub dataset: String,
    /// What people call it.
    pub title: Text,
    /// The unit that answers for it.
    pub unit: Text,
    /// The record.
    pub record: Uuid,
    /// The values that are known.
    pub values: Vec<HeldValue>,
    /// When it was made or changed.
    pub updated: OffsetDateTime,
}

/// One value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldValue {
    /// The field.
    pub field: String,
    /// What people call it.
    pub title: Text,
    /// The words.
    pub words: Text,
    /// Whether somebody objects to it.
    pub disputed: bool,
    /// Whether one may object to it: not to the number by which the record is found.
    pub may_object: bool,
}
