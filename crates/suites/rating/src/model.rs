//! A rating, the contact it is about, and a bad rating in hand, as plain values.

use std::collections::BTreeMap;

use time::{Date, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::{Text, words};
use zhengtong_calendar::Deadline;

/// The five levels by GB/T 39046-2020 A.8: 1 is the best.
pub const LEVELS: [u8; 5] = [1, 2, 3, 4, 5];

/// Whether a level is a bad rating (差评).
pub fn is_bad(level: u8) -> bool {
    level >= 4
}

words! {
    /// Where the service was.
    Place {
        /// On the internet.
        Online => "online", "网上", "Online";
        /// At a window.
        Offline => "offline", "窗口", "At a window";
    }
}

words! {
    /// The way a rating came, with the wording of the national rule.
    Channel {
        /// A computer.
        Pc => "pc", "PC端", "Computer";
        /// A phone or an app.
        Mobile => "mobile", "移动服务端", "Mobile";
        /// The code of a window.
        Qr => "qr", "二维码", "QR code";
        /// The tablet at a window.
        Tablet => "tablet", "政务大厅平板电脑", "Hall tablet";
        /// Another machine in the hall.
        Terminal => "terminal", "政务大厅其他终端", "Hall terminal";
        /// A call.
        Phone => "phone", "电话", "Telephone";
        /// A short message.
        Sms => "sms", "短信", "Short message";
    }
}

words! {
    /// What kind of contact it was.
    ContactKind {
        /// Handing an application in.
        Application => "application", "提交申请", "Applying";
        /// Supplying papers.
        Supply => "supply", "补交材料", "Supplying papers";
        /// The end of the case and the delivery of what came of it.
        Result => "result", "办结和送达", "Result and delivery";
        /// A visit to a window.
        Visit => "visit", "到窗口", "A visit to a window";
        /// A call.
        Call => "call", "来电", "A call";
    }
}

words! {
    /// Where a bad rating in hand stands.
    Standing {
        /// Waits to be sent to the department.
        Received => "received", "待派发", "To be sent";
        /// The department has it.
        Dispatched => "dispatched", "单位整改中", "With the department";
        /// The department has replied, and whoever rated is asked whether that helps.
        Replied => "replied", "已答复，待回访", "Answered, to be called back";
        /// Replies did not help: the level above has it.
        Escalated => "escalated", "已提级", "Raised a level";
        /// The department says that the rating is wrong.
        Appealed => "appealed", "申诉复核中", "Under appeal";
        /// The appeal was right: the rating does not count.
        Excluded => "excluded", "不计入", "Excluded";
        /// Done.
        Closed => "closed", "已办结", "Closed";
    }
}

impl Standing {
    /// Whether nothing more will happen.
    pub fn over(self) -> bool {
        matches!(self, Self::Excluded | Self::Closed)
    }
}

words! {
    /// What was done about a bad rating.
    StepKind {
        /// It came.
        Received => "received", "收到差评", "Received";
        /// It was sent to the department.
        Dispatched => "dispatched", "派发整改", "Sent to the department";
        /// The department asks whoever rated.
        Asked => "asked", "单位核实", "Asked by the department";
        /// Whoever rated answers.
        Told => "told", "评价人答复", "Answered by whoever rated";
        /// Whoever rated lets the department know the case.
        Disclosed => "disclosed", "评价人同意告知办件号", "Case number disclosed";
        /// The department has put it right and replies.
        Replied => "replied", "整改并答复", "Put right and answered";
        /// Called back: it helped.
        Settled => "settled", "回访：已解决", "Called back: settled";
        /// Called back: it did not help.
        Unsettled => "unsettled", "回访：没有解决", "Called back: not settled";
        /// Raised a level.
        Escalated => "escalated", "提级", "Raised a level";
        /// The level above orders what is to be done.
        Ordered => "ordered", "上级责令整改", "Ordered by the level above";
        /// The level above ends it.
        Concluded => "concluded", "上级核定", "Concluded by the level above";
        /// The department says that it is wrong.
        Appealed => "appealed", "申诉", "Appealed";
        /// The appeal was right.
        Excluded => "excluded", "复核：不计入", "Appeal upheld: excluded";
        /// The appeal was wrong.
        Kept => "kept", "复核：维持", "Appeal dismissed";
        /// The time ran out.
        Overdue => "overdue", "超过整改期限", "Overdue";
    }
}

/// A service contact of somebody, as they see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The name under which it is rated, such as `supply-1`.
    pub contact: String,
    /// What kind of contact it was.
    pub kind: ContactKind,
    /// The rating, when it was rated.
    pub rating: Option<Uuid>,
}

/// What somebody says of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The level, 1 to 5.
    pub level: u8,
    /// The levels of the indicators that were answered, by their names.
    pub indicators: BTreeMap<String, u8>,
    /// In their own words.
    pub words: String,
}

/// A rating, without whoever rated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// The identifier.
    pub id: Uuid,
    /// The item, `pack:name`.
    pub item: Option<String>,
    /// The department.
    pub department: Uuid,
    /// The kind of contact.
    pub kind: ContactKind,
    /// Where the service was.
    pub place: Place,
    /// The way it came.
    pub channel: Channel,
    /// The level.
    pub level: u8,
    /// The levels of indicators.
    pub indicators: BTreeMap<String, u8>,
    /// In their own words.
    pub words: String,
    /// The version of the wording.
    pub rules: String,
    /// The day.
    pub day: Date,
    /// Whether it was excluded after an appeal.
    pub excluded: bool,
}

/// One thing that was done about a bad rating.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its place in the order.
    pub seq: i32,
    /// What.
    pub kind: StepKind,
    /// When; of what whoever rated did, only the day.
    pub at: OffsetDateTime,
    /// The official who did it; empty for whoever rated and for the platform.
    pub actor: String,
    /// The words.
    pub words: String,
}

/// A bad rating in hand, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Its number.
    pub no: String,
    /// The rating.
    pub rating: Uuid,
    /// The department.
    pub department: Uuid,
    /// The item, unless so few cases of it were there that it would say who rated.
    pub item: Option<String>,
    /// What is worked out from the steps.
    pub course: Course,
    /// Grows with every change.
    pub version: i64,
}

/// What the steps of a matter come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Where it stands.
    pub standing: Standing,
    /// Which reply is awaited or was the last, from 1.
    pub round: i16,
    /// The last day in time of what is awaited of the office or the department.
    pub due: Option<Deadline>,
    /// Whether the first reply came in time; none while it may still.
    pub in_time: Option<bool>,
    /// Whether there was a reply.
    pub answered: bool,
    /// Whether somebody was called back.
    pub called_back: bool,
    /// What the last call back said.
    pub settled: Option<bool>,
}

/// A bad rating as the department reads it: no case, no name, no day on which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The matter.
    pub matter: Matter,
    /// The level.
    pub level: u8,
    /// What people call the level.
    pub level_title: Text,
    /// Where the service was.
    pub place: Place,
    /// The levels of indicators with their wording.
    pub indicators: Vec<(Text, u8)>,
    /// The words, with long numbers covered.
    pub words: String,
    /// The month, as its first day.
    pub month: Date,
    /// What was done, without what only the office reads.
    pub steps: Vec<Step>,
    /// What the reader may do now.
    pub may: Vec<StepKind>,
}

/// A word that was said, to be read by a named official before others read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The rating.
    pub rating: Uuid,
    /// The item.
    pub item: Option<String>,
    /// The department.
    pub department: Uuid,
    /// The level.
    pub level: u8,
    /// The words as they were written.
    pub words: String,
    /// What the department replied, when it was bad.
    pub reply: Option<String>,
}

/// A word that the public reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The item.
    pub item: Option<String>,
    /// The department.
    pub department: Uuid,
    /// The level.
    pub level: u8,
    /// The words as they are shown.
    pub words: String,
    /// The reply as it is shown.
    pub reply: Option<String>,
    /// The day on which it was shown.
    pub day: Date,
}

/// What the ratings of an item say, for its guide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// How many there are; none while there are too few to be shown.
    pub count: Option<i64>,
    /// Their mean in tenths; 10 is the best, 50 the worst.
    pub mean_tenths: i64,
    /// The share of 非常满意, 满意 and 基本满意, in tenths of a percent.
    pub good: i64,
    /// The latest words.
    pub latest: Vec<Comment>,
}
