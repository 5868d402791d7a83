//! The page `/design`: all components in all states, and the words on when to use which.

mod flow;
mod form;
mod look;
mod state;

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::frame::{Frame, own};
use crate::layout::{self, Heading, Title};
use crate::press::{Choice, filters};

/// A sample of a code, for the catalogue only.
const SAMPLE_CODE: &str = include_str!("../../assets/sample-code.svg");

/// The parts of the catalogue: id, Chinese, English.
const PARTS: [(&str, &str, &str); 14] = [
    ("mark", "标志", "Mark"),
    ("colour", "颜色", "Colours"),
    ("type", "文字", "Type"),
    ("icons", "图标", "Icons"),
    ("press", "按钮", "Buttons"),
    ("lamps", "灯和标记", "Lamps and tags"),
    ("fields", "表单", "Forms"),
    ("tasks", "清单和核对", "Tasks and answers"),
    ("lines", "一条线", "One line"),
    ("tables", "表格", "Tables"),
    ("panels", "面板和数字", "Panels and numbers"),
    ("papers", "文书和证照", "Papers and licences"),
    ("states", "提示和状态", "Notices and states"),
    ("desk", "工作台部件", "Desk components"),
];

/// The body of the catalogue, for the frame of public pages.
pub fn catalogue(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let jumps: Vec<Choice<'_>> =
        PARTS.iter().map(|(id, zh, en)| Choice::new(lang.pick(zh, en), format!("#{id}"))).collect();
    let bodies = [
        look::mark(lang),
        look::colours(lang),
        look::type_scale(lang),
        look::icons(),
        look::press(lang),
        look::lamps(lang),
        form::fields(frame),
        flow::tasks(lang),
        flow::lines(lang),
        flow::tables(lang),
        state::panels(lang),
        state::papers(lang),
        state::states(frame),
        flow::desk(lang),
    ];
    layout::page(html! {
        div.flow-xl {
            (layout::title(&Title::new(lang.pick("样式册", "Design catalogue")).lead(html! {
                (lang.pick("每个部件、每种状态。页面只用这里有的；不够用时，先改这里。",
                    "Every component in every state. Pages use only what is here; what is missing is added here first."))
            })))
            (filters(lang.pick("目录", "Contents"), &jumps))
            @for ((id, zh, en), body) in PARTS.iter().zip(bodies) {
                div.specimen { (layout::section(&Heading::new(*id, lang.pick(zh, en)), html! { div.flow-l { (body) } })) }
            }
        }
    })
}

/// The sample code.
pub fn sample_code() -> Markup {
    own(SAMPLE_CODE.trim())
}

/// A line that says when a component is used.
fn said(lang: Lang, zh: &str, en: &str) -> Markup {
    html! { p.meta { (lang.pick(zh, en)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let html = catalogue(&Frame::new(lang, "x")).into_string();
            for (id, ..) in PARTS {
                assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
            }
            assert!(!html.contains(" style="), "no inline style");
            if lang == Lang::En {
                // The switch to Chinese is written in Chinese, and marked so.
                let html = html.replace("<span lang=\"zh-CN\">中文</span>", "");
                let chinese: String =
                    html.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
                assert_eq!(chinese, "", "the English page has Chinese words");
            }
        }
    }

    #[test]
    fn no_id_stands_twice() {
        let html = catalogue(&Frame::new(Lang::Zh, "x")).into_string();
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
