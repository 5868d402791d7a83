//! Language, colours and size: plain links that a server answers with a cookie and the way back, and the page that
//! offers them all.

use maud::{Markup, html};
use zhengtong_base::Lang;

use crate::frame::{Frame, Mode, Theme};
use crate::icon::{Icon, icon};
use crate::words::encode;

/// The address that sets one preference and comes back to this page.
pub fn href(frame: &Frame<'_>, name: &str, value: &str) -> String {
    format!("/preferences?{name}={value}&back={}", encode(&frame.path))
}

/// The address of the page with all preferences.
pub fn page_href(frame: &Frame<'_>) -> String {
    format!("/preferences?back={}", encode(&frame.path))
}

/// The switch between 长辈模式 and normal.
pub fn mode_link(frame: &Frame<'_>) -> Markup {
    let (value, zh, en) = match frame.mode {
        Mode::Normal => ("elder", "长辈模式", "Large text"),
        Mode::Elder => ("normal", "普通模式", "Normal text"),
    };
    html! { a.tool href=(href(frame, "mode", value)) { (icon(Icon::Glasses)) (frame.lang.pick(zh, en)) } }
}

/// The switch to the other language, written in that language.
pub fn language_link(frame: &Frame<'_>) -> Markup {
    let (value, tag, words) = match frame.lang {
        Lang::Zh => ("en", "en", "English"),
        Lang::En => ("zh", "zh-CN", "中文"),
    };
    html! { a.tool.tool-wide href=(href(frame, "lang", value)) lang=(tag) hreflang=(tag) { (words) } }
}

/// The short list in the footer.
pub(crate) fn footer_links(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let (mode, mode_zh, mode_en) = match frame.mode {
        Mode::Normal => ("elder", "长辈模式", "Large text"),
        Mode::Elder => ("normal", "普通模式", "Normal text"),
    };
    let (theme, theme_zh, theme_en) = match frame.theme {
        Theme::Contrast => ("system", "普通显示", "Normal colours"),
        _ => ("contrast", "高对比显示", "High contrast"),
    };
    let (other, tag, words) = match lang {
        Lang::Zh => ("en", "en", "English"),
        Lang::En => ("zh", "zh-CN", "中文"),
    };
    html! {
        ul {
            li { a href=(href(frame, "mode", mode)) { (lang.pick(mode_zh, mode_en)) } }
            li { a href=(href(frame, "theme", theme)) { (lang.pick(theme_zh, theme_en)) } }
            li { a href=(href(frame, "lang", other)) lang=(tag) hreflang=(tag) { (words) } }
        }
    }
}

/// The body of the page `/preferences`: one form with all choices, saved by one button.
pub fn page(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let size = [
        (frame.mode == Mode::Normal, "normal", "普通", "Normal"),
        (
            frame.mode == Mode::Elder,
            "elder",
            "长辈模式：字大、行疏、只留要紧的",
            "Large: bigger text and only the essentials",
        ),
    ];
    let colours = [
        (frame.theme == Theme::System, "system", "跟随设备", "Follow my device"),
        (frame.theme == Theme::Light, "light", "浅色", "Light"),
        (frame.theme == Theme::Dark, "dark", "深色", "Dark"),
        (
            frame.theme == Theme::Contrast,
            "contrast",
            "高对比：黑底白字",
            "High contrast: white on black",
        ),
    ];
    html! {
        form.form.flow-l method="get" action="/preferences" {
            input type="hidden" name="back" value=(frame.path);
            input type="hidden" name="save" value="1";
            (choices(lang, lang.pick("字号", "Text size"), "mode", &size))
            (choices(lang, lang.pick("颜色", "Colours"), "theme", &colours))
            fieldset.field {
                legend.label { (lang.pick("语言", "Language")) }
                @for (one, value, words) in [(Lang::Zh, "zh", "中文"), (Lang::En, "en", "English")] {
                    label.pick {
                        input type="radio" name="lang" value=(value) checked[one == lang];
                        span lang=(one.tag()) { (words) }
                    }
                }
            }
            div.actions { button.button type="submit" { (lang.pick("保存显示方式", "Save display settings")) } }
        }
    }
}

fn choices(lang: Lang, legend: &str, name: &str, options: &[(bool, &str, &str, &str)]) -> Markup {
    html! {
        fieldset.field {
            legend.label { (legend) }
            @for (checked, value, zh, en) in options {
                label.pick { input type="radio" name=(name) value=(value) checked[*checked]; span { (lang.pick(zh, en)) } }
            }
        }
    }
}
