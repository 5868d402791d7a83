//! The catalogue's part on mark, colours, type, icons, buttons and lamps.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::said;
use crate::icon::{Icon, icon};
use crate::lamp::{Light, Tone, bare_lamp, lamp, tag};
use crate::layout::columns;
use crate::mark::brand;
use crate::panel::{Panel, panel};
use crate::press::{
    Button, Choice, Ready, Size, actions, filters, link_button, segment, submit, tabs,
};

pub(super) fn mark(lang: Lang) -> Markup {
    columns(html! {
        (panel(&Panel::default(), brand(lang, "/", &[lang.pick("示例市", "Sample City"), lang.pick("政务服务", "Government services")])))
        p.soft { (lang.pick(
            "五笔成“正”，人们用它计数；第四笔用朱色，走出框外，是“通”。只有单色和双色两种，四周留一笔宽。",
            "Five strokes make the character people tally with; the fourth, in vermilion, runs out of its frame: passage. One or two colours, with one stroke of room around it.",
        )) }
    })
}

/// Name of the value, Chinese, English.
const COLOURS: [(&str, &str, &str); 20] = [
    ("paper", "纸", "Paper"),
    ("sunken", "陷", "Sunken"),
    ("surface", "面", "Surface"),
    ("ink", "墨", "Ink"),
    ("ink-2", "次墨", "Ink, second"),
    ("ink-3", "淡墨", "Ink, third"),
    ("dai", "黛：能按的", "Indigo: can be pressed"),
    ("dai-hi", "黛：按下", "Indigo: pressed"),
    ("dai-soft", "黛：选中", "Indigo: chosen"),
    ("deep", "深：页脚", "Deep: footer"),
    ("zhu", "朱：标志", "Vermilion: mark"),
    ("line-2", "框线", "Borders"),
    ("ok-dot", "正常", "On time"),
    ("ok-bg", "正常底", "On time, ground"),
    ("near-dot", "临期", "Due soon"),
    ("near-bg", "临期底", "Due soon, ground"),
    ("over-dot", "超期", "Overdue"),
    ("over-bg", "超期底", "Overdue, ground"),
    ("hold-dot", "停钟", "Stopped"),
    ("hold-bg", "停钟底", "Stopped, ground"),
];

pub(super) fn colours(lang: Lang) -> Markup {
    html! {
        ul.swatches {
            @for (name, zh, en) in COLOURS {
                li {
                    svg viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true" { rect width="100" height="40" fill={ "var(--" (name) ")" } {} }
                    p { b { (lang.pick(zh, en)) } br; code { "--" (name) } }
                }
            }
        }
        (said(lang, "一种强调色：黛，只给能按的。朱只表示身份，不做按钮。红、黄、绿、紫只属于灯。", "One accent: indigo, for what can be pressed. Vermilion marks identity, never a button. Red, amber, green and violet belong to the lamps."))
    }
}

pub(super) fn type_scale(lang: Lang) -> Markup {
    columns(html! {
        (panel(&Panel::default(), html! {
            p.lead { (lang.pick("引语：一句话先给答案。", "Lead: one sentence answers first.")) }
            p { (lang.pick("正文：一行不超过 38 个字，数字等宽 1 204、8 930、41 206。", "Text: at most 38 characters of Chinese a line; figures of equal width 1 204, 8 930, 41 206.")) }
            p.soft { (lang.pick("次要的话", "Secondary words")) }
            p.meta { (lang.pick("说明：只放可以不看的", "Meta: only what need not be read")) }
        }))
        (panel(&Panel::new(lang.pick("三级标题", "Heading of a panel")).within(), html! {
            p { a href="#type" { (lang.pick("链接", "Link")) } " · " strong { (lang.pick("要紧的", "Important")) } " · " code { "SPJY-2026-004213" } }
        }))
    })
}

pub(super) fn icons() -> Markup {
    html! {
        ul.icon-list { @for one in Icon::ALL { li { (icon(*one)) (one.name()) } } }
    }
}

pub(super) fn press(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    html! {
        (actions(html! {
            (submit(&Button::new(t("提交申请", "Send application"))))
            (submit(&Button::secondary(t("保存草稿", "Save draft"))))
            (submit(&Button::quiet(t("取消", "Cancel"))))
            (submit(&Button::danger(t("撤回申请", "Withdraw"))))
        }))
        (actions(html! {
            (submit(&Button::new(t("领取", "Claim")).key('e').icon(Icon::Check)))
            (submit(&Button::new(t("正在提交…", "Sending…")).ready(Ready::Busy)))
            (submit(&Button::new(t("准予许可", "Approve")).ready(Ready::No("why-not".into()))))
            span.meta #why-not { (t("现场核查还没完成", "The inspection is not finished")) }
        }))
        (actions(link_button(&Button::new(t("开始办理", "Start")).size(Size::Large), "#press")))
        div.row {
            (segment(t("服务对象", "For whom"), &[Choice::new(t("个人", "People"), "#press").current(), Choice::new(t("企业和单位", "Organisations"), "#press")]))
        }
        (filters(t("筛选", "Filters"), &[
            Choice::new(t("归我和待领", "Mine and open"), "#press").count(38).current(),
            Choice::new(t("超期", "Overdue"), "#press").count(1).light(Light::Over),
            Choice::new(t("停钟", "Stopped"), "#press").count(2).light(Light::Hold),
        ]))
        (tabs(t("材料", "Documents"), &[
            Choice::new(t("复检报告", "Report"), "#press").light(Light::Near).current(),
            Choice::new(t("执照", "Licence"), "#press").light(Light::Ok),
            Choice::new(t("平面图", "Plan"), "#press").light(Light::None),
        ]))
        (said(lang, "一屏只有一个实心按钮，用要办的事命名，不写“确定”。能不禁用就不禁用；禁用时旁边一句话说为什么。", "One solid button a screen, named by the act. Avoid disabling; where it is needed a sentence beside says why."))
    }
}

pub(super) fn lamps(lang: Lang) -> Markup {
    let words = [
        (Light::Ok, "剩 3 日", "3 days left"),
        (Light::Near, "今天到期", "Due today"),
        (Light::Over, "超期 1 日", "1 day overdue"),
        (Light::Hold, "停钟 4 日：水质复检", "Stopped 4 days: water test"),
        (Light::None, "未起算", "Not started"),
    ];
    html! {
        div.row { @for (light, zh, en) in words { (lamp(light, lang.pick(zh, en))) } }
        div.row { @for (light, zh, en) in words { (bare_lamp(light, lang.pick(zh, en))) } }
        div.row {
            (tag(Tone::Good, lang.pick("免提交", "Not needed")))
            (tag(Tone::Line, lang.pick("需上传", "Upload")))
            (tag(Tone::Active, lang.pick("征求意见中", "Open for comments")))
            (tag(Tone::Plain, lang.pick("已答复", "Answered")))
            (tag(Tone::Warn, lang.pick("敏感", "Sensitive")))
        }
        (said(lang, "灯一定是形状、颜色、文字三样一起。黑白打印、色觉异常、读屏都分得清。红的意思是今天必须有人动手。", "A lamp is always shape, colour and words together, so that print, colour blindness and screen readers tell them apart. Red means that someone must act today."))
    }
}
