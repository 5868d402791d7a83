//! What goes out: shapes that several addresses share.
//!
//! The comments on fields here and in the other modules are published as the description of the interface,
//! so they stand in both languages.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;
use zhengtong_base::Text;
use zhengtong_calendar::Unit;
use zhengtong_casework::Limit;

/// Entries on one page of a list at most.
pub(crate) const PAGE_ROWS: u32 = 50;

/// 中英文文字 / Words in Chinese and English.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Words {
    /// 中文 / Chinese.
    zh: String,
    /// 英文 / English.
    en: String,
}

/// 列表的一页 / One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// 本页条目 / The entries of this page.
    entries: Vec<T>,
    /// 总数 / How many there are in all.
    total: i64,
    /// 页码，从 1 起 / The page, from 1.
    page: u32,
    /// 满页条数，不超过 50 / Entries of a full page, 50 at most.
    size: u32,
}

/// 期限 / A time limit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Days {
    /// 天数 / How many days.
    days: u32,
    /// 计日方式：working_day、natural_day、statutory_day / Which days count.
    unit: &'static str,
}

/// 出错说明（RFC 9457） / Problem details (RFC 9457).
///
/// It is written by the face that all requests pass; it stands here to be described.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// 类型 / The type of problem.
    r#type: String,
    /// 一句话，按请求的语言 / One sentence in the reader's language.
    title: String,
    /// HTTP 状态码 / The HTTP status.
    status: u16,
    /// 发生了什么、怎么办，按请求的语言 / What happened and what to do, in the reader's language.
    detail: String,
    /// 同上，中英文 / The same in both languages.
    text: Words,
    /// 请求编号，报障时请提供 / The id of the request, for questions to the help desk.
    instance: String,
    /// 哪些参数有错 / What is wrong with which parameter.
    errors: Vec<Wrong>,
}

/// 一处错误 / One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Wrong {
    /// 参数名 / The name of the parameter.
    field: String,
    /// 怎么改 / What to change.
    text: Words,
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Self {
        Self { zh: text.zh.clone(), en: text.en.clone() }
    }
}

impl From<&Limit> for Days {
    fn from(limit: &Limit) -> Self {
        let unit = match limit.unit {
            Unit::WorkingDay => "working_day",
            Unit::NaturalDay => "natural_day",
            Unit::StatutoryDay => "statutory_day",
            Unit::WorkingHour => "working_hour",
            Unit::UrgentHour => "urgent_hour",
        };
        Self { days: limit.days, unit }
    }
}

impl<T> Listing<T> {
    /// A page that was cut elsewhere.
    pub(crate) fn cut(entries: Vec<T>, total: i64, page: u32, size: u32) -> Self {
        Self { entries, total, page, size }
    }

    /// One page of everything there is.
    pub(crate) fn of<S>(all: &[S], page: u32, line: impl Fn(&S) -> T) -> Self {
        let size = usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX);
        let before = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(size);
        let entries = all.iter().skip(before).take(size).map(line).collect();
        Self::cut(entries, i64::try_from(all.len()).unwrap_or(i64::MAX), page, PAGE_ROWS)
    }
}

/// Words in both languages of many texts.
pub(crate) fn words<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Vec<Words> {
    texts.into_iter().map(Words::from).collect()
}

/// A day as `2026-11-21`.
pub(crate) fn iso(day: Date) -> String {
    day.to_string()
}

/// A moment as `2026-11-21T01:02:03.000004Z`.
pub(crate) fn moment(at: OffsetDateTime) -> String {
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// An answer in JSON.
pub(crate) fn json(body: &impl Serialize) -> Response {
    Json(body).into_response()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_page_is_cut_from_everything() {
        let all: Vec<u32> = (0..120).collect();
        let rows = [(1, 50, Some(0)), (3, 20, Some(100)), (4, 0, None), (10_000, 0, None)];
        for (page, length, first) in rows {
            let listing = Listing::of(&all, page, |number| *number);
            assert_eq!((listing.entries.len(), listing.entries.first().copied()), (length, first));
            assert_eq!((listing.total, listing.page, listing.size), (120, page, 50));
        }
    }

    #[test]
    fn moments_are_written_for_machines() {
        assert_eq!(moment(datetime!(2026-11-21 1:02:03 UTC)), "2026-11-21T01:02:03Z");
    }
}
