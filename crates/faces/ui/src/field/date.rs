//! Dates: the calendar of the device for days ahead, three boxes for days one knows by heart.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::{Field, group, single};
use crate::words::Words;

/// A day in the calendar of the device; sends `2026-11-23`.
pub fn date(lang: Lang, field: &Field<'_>, value: &str) -> Markup {
    single(
        lang,
        field,
        html! {
            input.input.input-short id=(field.name) name=(field.name) type="date" value=(value)
                aria-invalid=[field.invalid()] aria-describedby=[field.described()];
        },
    )
}

/// What was written in the three boxes.
#[derive(Clone, Debug, Default)]
pub struct DateParts<'a> {
    /// The year.
    pub year: Words<'a>,
    /// The month.
    pub month: Words<'a>,
    /// The day.
    pub day: Words<'a>,
}

impl DateParts<'_> {
    /// The parts of `2026-11-23`; whatever is missing stays empty.
    pub fn split(value: &str) -> Self {
        let mut parts = value.splitn(3, '-').map(str::to_owned);
        let mut next = || Words::Owned(parts.next().unwrap_or_default());
        Self { year: next(), month: next(), day: next() }
    }
}

/// Year, month, day in three boxes, sent as `NAME-year`, `NAME-month`, `NAME-day`: nothing that was typed is ever lost.
pub fn date_parts(lang: Lang, field: &Field<'_>, parts: &DateParts<'_>) -> Markup {
    let boxes = [
        ("year", "年", "Year", &parts.year, 4_u32),
        ("month", "月", "Month", &parts.month, 2),
        ("day", "日", "Day", &parts.day, 2),
    ];
    group(
        lang,
        field,
        html! {
            div.date-parts {
                @for (part, zh, en, value, length) in boxes {
                    span.date-part {
                        input type="text" inputmode="numeric" class={ "input date-" (part) } id={ (field.name) "-" (part) } name={ (field.name) "-" (part) }
                            value=(value) maxlength=(length) aria-invalid=[field.invalid()];
                        label for={ (field.name) "-" (part) } { (lang.pick(zh, en)) }
                    }
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_what_is_not_a_date_are_kept() {
        let parts = DateParts::split("2026-13");
        assert_eq!(
            (parts.year.as_ref(), parts.month.as_ref(), parts.day.as_ref()),
            ("2026", "13", "")
        );
    }
}
