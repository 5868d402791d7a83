//! Urgency: a lamp is always shape, colour and words together; the legal clock has one cell for each working day.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::assets;

/// The five lamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// 正常: more than one working day left.
    Ok,
    /// 临期: the last two working days, a yellow card.
    Near,
    /// 超期: past the limit, a red card, an error.
    Over,
    /// 停钟: the clock stands, always with its reason.
    Hold,
    /// 未起算: waits for the applicant, or has not begun.
    None,
}

impl Light {
    /// All lamps, for legends.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Near, Self::Over, Self::Hold, Self::None];

    /// The class that colours a block with this lamp.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Near => "near",
            Self::Over => "over",
            Self::Hold => "hold",
            Self::None => "none",
        }
    }

    /// The word for it, for legends.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Ok => lang.pick("正常", "On time"),
            Self::Near => lang.pick("临期", "Due soon"),
            Self::Over => lang.pick("超期", "Overdue"),
            Self::Hold => lang.pick("停钟", "Clock stopped"),
            Self::None => lang.pick("未起算", "Not started"),
        }
    }
}

/// The shape of a lamp without words, for use beside words only.
pub fn glyph(light: Light) -> Markup {
    html! {
        svg class={ "glyph glyph-" (light.class()) } viewBox="0 0 16 16" aria-hidden="true" focusable="false" {
            use href={ (assets::icons_href()) "#l-" (light.class()) } {}
        }
    }
}

/// A lamp with its words: 剩 3 日, 今天到期, 停钟 4 日：水质复检.
pub fn lamp(light: Light, words: &str) -> Markup {
    html! { span class={ "lamp " (light.class()) } { (glyph(light)) (words) } }
}

/// A lamp without its ground, inside text and tables of findings.
pub fn bare_lamp(light: Light, words: &str) -> Markup {
    html! { span class={ "lamp lamp-bare " (light.class()) } { (glyph(light)) (words) } }
}

/// The tone of a tag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Grey ground.
    #[default]
    Plain,
    /// An outline.
    Line,
    /// Indigo ground: in progress.
    Active,
    /// Green ground: done, free of paper.
    Good,
    /// Amber ground: look here.
    Warn,
}

/// A word about a thing that is not urgency.
pub fn tag(tone: Tone, words: &str) -> Markup {
    let class = match tone {
        Tone::Plain => "tag",
        Tone::Line => "tag tag-line",
        Tone::Active => "tag tag-active",
        Tone::Good => "tag ok",
        Tone::Warn => "tag near",
    };
    html! { span class=(class) { (words) } }
}

/// One working day of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Used.
    Used,
    /// Today, running.
    Today,
    /// The clock stood.
    Stopped,
    /// Today, and the clock stands.
    StoppedToday,
    /// Still to come.
    Left,
    /// Past the limit.
    Over,
}

impl Day {
    fn class(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Today => "today",
            Self::Stopped => "stopped",
            Self::StoppedToday => "stopped stopped-today",
            Self::Left => "left",
            Self::Over => "past",
        }
    }
}

/// How large the cells are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CellSize {
    /// On a case page.
    #[default]
    Normal,
    /// In a table, or for clocks of many days.
    Small,
}

/// A legal clock.
#[derive(Clone, Debug)]
pub struct Clock<'a> {
    /// The days, oldest first.
    pub days: &'a [Day],
    /// After which day the limit stands, counted from 1.
    pub limit: usize,
    /// The same in words, for those who hear the page.
    pub label: &'a str,
    /// How large the cells are.
    pub size: CellSize,
}

/// Draws a clock: one cell a working day, the black bar is the limit. More than 90 days are not drawn singly.
pub fn clock(clock: &Clock<'_>) -> Markup {
    let class = match clock.size {
        CellSize::Normal => "clock",
        CellSize::Small => "clock clock-small",
    };
    html! {
        span class=(class) role="img" aria-label=(clock.label) {
            @for (index, day) in clock.days.iter().take(90).enumerate() {
                i class={ (day.class()) @if index + 1 == clock.limit { " limit" } } {}
            }
        }
    }
}

/// Days of a clock from counts: used, stopped, left, over; today is the last used or stopped day.
pub fn days(used: usize, stopped: usize, left: usize, over: usize) -> Vec<Day> {
    let mut out = vec![Day::Used; used];
    out.extend(vec![Day::Stopped; stopped]);
    if over == 0
        && let Some(last) = out.last_mut()
    {
        *last = if stopped > 0 { Day::StoppedToday } else { Day::Today };
    }
    out.extend(vec![Day::Left; left]);
    out.extend(vec![Day::Over; over]);
    out
}

/// What the cells mean.
pub fn clock_legend(lang: Lang) -> Markup {
    let words = [
        (Day::Used, "已用", "Used"),
        (Day::Today, "今天", "Today"),
        (Day::Stopped, "停钟（检测、听证等，不计时）", "Clock stopped (tests, hearings)"),
        (Day::Left, "剩余", "Left"),
        (Day::Over, "超期", "Overdue"),
    ];
    html! {
        ul.legend {
            @for (day, zh, en) in words {
                li { span.clock.clock-small aria-hidden="true" { i class=(day.class()) {} } (lang.pick(zh, en)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_is_shape_and_words() {
        let html = lamp(Light::Over, "超期 1 日").into_string();
        assert!(html.contains("#l-over") && html.contains("超期 1 日"));
    }

    #[test]
    fn days_end_with_today_unless_the_limit_is_past() {
        assert_eq!(days(2, 0, 1, 0), [Day::Used, Day::Today, Day::Left]);
        assert_eq!(days(1, 2, 0, 0), [Day::Used, Day::Stopped, Day::StoppedToday]);
        assert_eq!(days(2, 0, 0, 1), [Day::Used, Day::Used, Day::Over]);
        assert!(days(0, 0, 0, 0).is_empty());
    }
}
