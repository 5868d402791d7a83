//! Numbers that lead somewhere: value, unit, what it means, who answers for it; and numbers beside each other as bars.

use maud::{Markup, html};

use crate::words::{Words, kept};

/// One number of a board.
#[derive(Clone, Debug, Default)]
pub struct Stat<'a> {
    /// What is counted.
    pub name: Words<'a>,
    /// The number.
    pub value: Words<'a>,
    /// Its unit.
    pub unit: Words<'a>,
    /// Target and comparison.
    pub note: Words<'a>,
    /// One sentence why.
    pub why: Words<'a>,
    /// Owner and date.
    pub owner: Words<'a>,
    /// A lamp beside the name.
    pub lamp: Option<Markup>,
    /// A link to what was counted.
    pub link: Option<Markup>,
}

/// Draws the numbers beside each other.
pub fn stats(stats: &[Stat<'_>]) -> Markup {
    html! { div.stats { @for one in stats { (stat(one)) } } }
}

fn stat(stat: &Stat<'_>) -> Markup {
    html! {
        section.stat.panel.panel-body aria-label=(stat.name) {
            div.stat-head { p.stat-name { (stat.name) } @if let Some(lamp) = &stat.lamp { (lamp) } }
            p.stat-value { (stat.value) small { (stat.unit) } }
            @if !stat.note.is_empty() { p.meta { (stat.note) } }
            @if !stat.why.is_empty() { p { (stat.why) } }
            div.stat-foot {
                span.meta { (stat.owner) }
                @if let Some(link) = &stat.link { (link) }
            }
        }
    }
}

/// A share of a whole as a bar with its number beside.
pub fn share(label: &str, part: u64, whole: u64) -> Markup {
    html! {
        div.share {
            progress value=(part.min(whole)) max=(whole.max(1)) aria-label=(label) {}
            span { (part) " / " (whole) }
        }
    }
}

/// One bar of a chart.
#[derive(Clone, Debug)]
pub struct Bar<'a> {
    /// What is counted.
    pub name: Words<'a>,
    /// Where those that are counted are found.
    pub href: Option<Words<'a>>,
    /// How long the bar is.
    pub value: f64,
    /// The number as it is read.
    pub shown: Words<'a>,
}

/// A chart of bars below each other, each with its name and its number, so that it reads without the drawing.
pub fn bars(title: &str, bars: &[Bar<'_>]) -> Markup {
    let longest = bars.iter().map(|bar| bar.value).fold(0.0_f64, f64::max);
    let width = |bar: &Bar<'_>| {
        let part = if longest > 0.0 { bar.value.max(0.0) / longest } else { 0.0 };
        (part * 1000.0).round() / 10.0
    };
    html! {
        figure.bars {
            figcaption { (title) }
            dl {
                @for bar in bars {
                    div {
                        dt { @if let Some(href) = &bar.href { a href=(href) { (kept(&bar.name)) } } @else { (kept(&bar.name)) } }
                        dd {
                            svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                rect.bars-bar width=(width(bar)) height="10" {}
                            }
                            span { (bar.shown) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_numbers() {
        let bar = |name: &'static str, value: f64| Bar {
            name: name.into(),
            href: (value > 1.0).then(|| "/list?kind=10".into()),
            value,
            shown: value.to_string().into(),
        };
        let drawn = bars("How many", &[bar("饭店", 3.0), bar("Shop", 1.0), bar("Debt", -2.0)]);
        insta::assert_snapshot!(drawn.into_string());
        assert!(bars("None", &[bar("Nothing", 0.0)]).into_string().contains("width=\"0\""));
    }
}
