//! What can be wrong with a calendar or a clock.

use thiserror::Error;
use time::Date;

/// What is wrong with a calendar or a clock.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The calendar has no days off for this year yet.
    #[error("no days off are known for {0}: add the notice of the State Council for that year")]
    YearMissing(i32),
    /// A row of a table cannot be read.
    #[error("row {row} of the calendar: {reason}")]
    Row {
        /// The line, from 1.
        row: usize,
        /// What to do.
        reason: String,
    },
    /// The same day stands in the calendar twice.
    #[error("{0} stands in the calendar twice: keep one row")]
    Twice(Date),
    /// A make-up working day that is a working day already.
    #[error("{0} is a working day already: a make-up day falls on a Saturday or Sunday")]
    NotAWeekend(Date),
    /// A day beyond the end of time that can be written down.
    #[error("the date is out of range: shorten the time limit")]
    OutOfRange,
    /// The clock is stopped and nobody knows for how long, so there is no deadline.
    #[error("the clock has been stopped since {since} ({kind}): resume it to have a deadline")]
    Stopped {
        /// Why, as the case type names it.
        kind: String,
        /// The first day that does not count.
        since: Date,
    },
    /// The clock is stopped already.
    #[error("the clock has been stopped since {0}: resume it first")]
    StoppedAlready(Date),
    /// The clock runs, so it cannot be resumed.
    #[error("the clock is running: stop it before resuming it")]
    NotStopped,
    /// Nobody declared a calendar of this name.
    #[error("there is no calendar {0}: declare it in casework/calendars.toml of a pack")]
    Unknown(String),
    /// Office hours that cannot be read.
    #[error(
        "`{0}` are no office hours: write them like 08:30-12:00, the morning before the afternoon"
    )]
    Hours(String),
    /// A clock of hours is asked for days.
    #[error("the time of this clock is counted in hours: ask it for moments")]
    HourUnit,
    /// A time limit that nobody can mean.
    #[error("a limit is from 1 to {max}, not {amount}")]
    Budget {
        /// What was given.
        amount: u32,
        /// The most.
        max: u32,
    },
    /// It would resume before it stopped, or stop before it last resumed.
    #[error("the clock cannot change before {0}: give that day or a later one")]
    Before(Date),
}

impl CalendarError {
    /// What a person reads, in Chinese; the display form is the English.
    pub fn zh(&self) -> String {
        match self {
            Self::YearMissing(year) => {
                format!("还没有{year}年的放假安排，请先录入国务院办公厅的放假通知")
            }
            Self::Row { row, .. } => {
                format!("日历第{row}行读不懂，请按“日期、类别、中文名、英文名”填写")
            }
            Self::Twice(date) => format!("日历中{date}出现了两次，请只留一行"),
            Self::NotAWeekend(date) => format!("{date}本来就是工作日，调休上班日应在周六或周日"),
            Self::OutOfRange => "日期超出范围，请缩短时限".to_owned(),
            Self::Stopped { since, .. } => format!("自{since}起停止计时，恢复计时后才有截止日"),
            Self::StoppedAlready(since) => format!("自{since}起已停止计时，请先恢复计时"),
            Self::NotStopped => "正在计时，没有可以恢复的停止".to_owned(),
            Self::Unknown(id) => format!("没有日历“{id}”，请在包的 casework/calendars.toml 里声明"),
            Self::Hours(text) => {
                format!("“{text}”不是办公时间，请写成 08:30-12:00 这样，上午在前、下午在后")
            }
            Self::HourUnit => "这个时限按小时计，要按时刻来问".to_owned(),
            Self::Budget { amount, max } => format!("时限应在 1 到 {max} 之间，不能是 {amount}"),
            Self::Before(date) => format!("不能早于{date}，请填这一天或以后的日期"),
        }
    }
}
