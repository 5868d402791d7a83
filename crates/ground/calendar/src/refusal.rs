//! Why an act on a clock is refused.

use thiserror::Error;
use time::OffsetDateTime;

use crate::error::CalendarError;

/// Why a clock does not take an act; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The limit or the calendar is wrong.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The act lies before what is on record already.
    #[error("an act cannot be dated back before {0}, when the last one is on record")]
    BackDated(OffsetDateTime),
    /// The clock has ended.
    #[error("this clock has ended and takes no more acts")]
    Ended,
    /// It stands still already.
    #[error("the clock stands still already")]
    Stopped,
    /// It runs.
    #[error("the clock does not stand still")]
    Runs,
    /// The case type does not list this special procedure.
    #[error("this kind of case has no special procedure `{0}`")]
    Kind(String),
    /// No reason was written.
    #[error("write the reason; the applicant will read it")]
    NoReason,
    /// Nobody approved it.
    #[error("name the official who approved it")]
    NoApprover,
    /// The written notice is missing.
    #[error("give the number of the written notice to the applicant")]
    NoNotice,
    /// The time that the applicant is told is none, or longer than the case type allows.
    #[error("tell the applicant how long it takes: from 1 to {0} days")]
    Told(u32),
    /// This clock is never extended.
    #[error("the time of this clock cannot be extended")]
    Fixed,
    /// It was extended as often as it may be.
    #[error("the time was extended {0} times already; no more is allowed")]
    Times(u32),
    /// The extension is none, or longer than allowed.
    #[error("an extension is from 1 to {0}")]
    Extension(u32),
    /// The time is over: an extension comes before that.
    #[error("the time is over; an extension must be approved before that")]
    TooLate,
}

impl Refusal {
    /// What a person reads, in Chinese; the display form is the English.
    pub fn zh(&self) -> String {
        match self {
            Self::Calendar(error) => error.zh(),
            Self::BackDated(_) => "不能倒填时间：这之后已经有记录".to_owned(),
            Self::Ended => "这个时钟已经结束，不能再改".to_owned(),
            Self::Stopped => "时钟已经停着".to_owned(),
            Self::Runs => "时钟没有停".to_owned(),
            Self::Kind(_) => "这类事项没有这种停钟情形".to_owned(),
            Self::NoReason => "请写明理由，申请人会看到".to_owned(),
            Self::NoApprover => "请写明批准人".to_owned(),
            Self::NoNotice => "请填写告知申请人的文书编号".to_owned(),
            Self::Told(max) => format!("请告知申请人需要几天，1 到 {max} 天"),
            Self::Fixed => "这个时限不能延长".to_owned(),
            Self::Times(times) => format!("已经延长 {times} 次，不能再延"),
            Self::Extension(max) => format!("延长的天数应在 1 到 {max} 之间"),
            Self::TooLate => "时限已过，延长要在到期之前批准".to_owned(),
        }
    }
}
