//! The catalogue's part on panels, numbers, papers, notices and states.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::sample_code;
use crate::figure::{Stat, share, stats};
use crate::frame::Frame;
use crate::icon::{Icon, icon};
use crate::lamp::{Light, lamp};
use crate::layout::columns;
use crate::licence::{Force, Licence, licence};
use crate::list::{Entry, FileEntry, LifeEvent, ServiceEntry, files, life_events, list, services};
use crate::navigate::Link;
use crate::notice::{Empty, Mood, Notice, empty, loading, notice, stale};
use crate::outcome::code_picture;
use crate::panel::{Fact, Open, Panel, boxed, facts, fold, pairs, panel};
use crate::paper::{Paper, paper, paper_line};
use crate::preference;
use crate::problem::Problem;

pub(super) fn panels(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    html! {
        (facts(&[
            Fact::new(t("多久办完", "How long"), t("5 个工作日", "5 working days"), t("法律规定最长 20 个", "At most 20 by law")),
            Fact::new(t("花多少钱", "How much"), t("不收费", "Free"), t("任何环节都不收", "No charge at any step")),
            Fact::new(t("跑几次", "Visits"), t("0 次", "None"), t("证可寄送", "By post")),
            Fact::new(t("谁能办", "Who"), t("企业、个体户", "Companies"), t("已领营业执照", "Registered")),
        ]))
        (stats(&[
            Stat { name: t("按时办结率", "Decided on time").into(), value: "99.3".into(), unit: "%".into(), note: t("目标 ≥ 99.5", "Target ≥ 99.5").into(), why: t("住建局图审 3 件超期。", "3 building plans overdue.").into(), owner: t("市政务办 · 10 月", "Service office · October").into(), lamp: Some(lamp(Light::Over, t("要办", "Act"))), link: Some(html! { a href="#panels" { (t("查到件", "See cases")) } }) },
            Stat { name: t("平均办理", "Average time").into(), value: "2.8".into(), unit: t("工作日", "working days").into(), note: t("目标 ≤ 3.0", "Target ≤ 3.0").into(), owner: t("市政务办 · 10 月", "Service office · October").into(), lamp: Some(lamp(Light::Ok, t("达标", "Met"))), ..Stat::default() },
        ]))
        div.columns {
            (boxed(&Panel::new(t("申请人", "Applicant")), pairs([
                (t("单位", "Company").into(), html! { a href="#panels" { (t("示例餐饮有限公司", "Sample Catering Ltd")) } }),
                (t("信用代码", "Credit code").into(), html! { "9199 01** **** **** 3X" }),
                (t("进度", "Progress").into(), share(t("已交材料", "Documents sent"), 3, 4)),
            ])))
            (panel(&Panel::new(t("消息", "Messages")).aside(html! { a href="#panels" { (t("全部", "All")) } }), list(&[
                Entry::link(t("补正告知书已送达", "Notice delivered"), "#panels").end(html! { time datetime="2026-11-20" { "11-20" } }),
                Entry::link(t("书院路停水检修", "Water off in Academy Road"), "#panels").icon(Icon::Droplets).note(html! { (t("今天 13:00–18:00", "today 13:00–18:00")) }),
            ])))
        }
        (services(&[
            ServiceEntry { link: Link::new(t("食品经营许可（新办）", "Food licence, new"), "#panels"), note: t("4 份材料，3 份免提交", "4 documents, 3 not needed").into(), tag: Some(crate::lamp::tag(crate::lamp::Tone::Line, t("5 个工作日", "5 working days"))) },
        ]))
        (life_events(&[
            LifeEvent { icon: Icon::Baby, link: Link::new(t("生孩子·上户口", "Having a child"), "#panels"), inside: vec![Link::new(t("新生儿落户", "Register a birth"), "#panels")], about: "".into() },
            LifeEvent { icon: Icon::Store, link: Link::new(t("开店·办企业", "Opening a business"), "#panels"), inside: vec![Link::new(t("食品经营许可", "Food licence"), "#panels")], about: "".into() },
        ]))
        (files(&[FileEntry { name: html! { (t("营业执照", "Business licence")) }, note: "".into(), end: Some(crate::lamp::tag(crate::lamp::Tone::Good, t("免提交", "Not needed"))) }]))
        div {
            (fold(t("为什么要有这张证？依据是什么", "Why is it needed, and by which law"), Open::Yes, html! { p { (t("《中华人民共和国食品安全法》第三十五条。", "Food Safety Law, article 35.")) } }))
            (fold(t("不给办怎么办", "If it is refused"), Open::No, html! { p { (t("会书面说明理由，60 日内可申请复议。", "The reasons come in writing; ask for review within 60 days.")) } }))
        }
    }
}

pub(super) fn papers(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    columns(html! {
        (paper(&Paper {
            title: t("受理通知书", "Notice of acceptance").into(),
            number: t("示例市监受〔2026〕4213 号", "Sample 2026/4213").into(),
            body: html! {
                (paper_line(t("示例餐饮有限公司：", "Sample Catering Ltd:")))
                p { (t("你单位于 2026 年 11 月 16 日提出的食品经营许可（新办）申请，材料齐全，符合法定形式，现予受理。", "Your application of 16 November 2026 for a food licence is complete and is hereby accepted.")) }
            },
            signed: vec![t("示例市市场监督管理局", "Sample City Market Regulation").into(), t("二〇二六年十一月十六日", "16 November 2026").into()],
            seal: t("示例市市场监督管理局", "Sample City").into(),
        }))
        div {
            (licence(lang, &Licence { name: t("食品经营许可证", "Food licence").into(), href: "#papers".into(), holder: t("示例面馆", "Sample Noodles").into(), number: "JY 9990 1000 0000 12".into(), until: t("有效至 2031 年 11 月", "Valid until November 2031").into(), force: Force::Valid, code: Some(sample_code()) }))
            (licence(lang, &Licence { name: t("户外招牌许可", "Sign permit").into(), holder: t("示例面馆", "Sample Noodles").into(), number: "HW 2024 0871".into(), until: t("有效至 2026 年 12 月", "Valid until December 2026").into(), force: Force::Ending, ..Licence::default() }))
            (licence(lang, &Licence { name: t("临时占道许可", "Street permit").into(), holder: t("示例面馆", "Sample Noodles").into(), number: "ZD 2023 0190".into(), until: t("2024 年 1 月到期", "Ended January 2024").into(), force: Force::Ended, ..Licence::default() }))
            p.meta { (t("二维码 60 秒后失效，每次出示都有记录。", "The code lasts 60 seconds; every showing is recorded.")) }
            (code_picture(lang, sample_code(), t("扫码查真伪", "Scan to verify")))
        }
    })
}

pub(super) fn states(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let t = |zh, en| lang.pick(zh, en);
    html! {
        div.columns {
            (notice(&Notice::new(Mood::Info, t("窗口周六上午也开", "The counter is open on Saturday mornings"))))
            (notice(&Notice::new(Mood::Done, t("已提交，受理号 SPJY-2026-004213", "Sent, number SPJY-2026-004213")).body(html! { p { (t("1 个工作日内告诉您收不收。", "You hear within 1 working day whether it is accepted.")) } })))
            (notice(&Notice::new(Mood::Warning, t("还有 2 分钟自动退出", "You will be signed out in 2 minutes")).body(html! { p { (t("填的内容已保存。", "What you typed is saved.")) " " a href="#states" { (t("继续办", "Go on")) } } })))
            (notice(&Notice::new(Mood::Failure, t("没提交成功，您填的都在", "Not sent; what you typed is kept")).body(html! { p { (t("网络断了，再试一次，不会重复提交。", "The connection broke. Try again; nothing is sent twice.")) } })))
            (notice(&Notice::new(Mood::Stopped, t("时钟停：等水质复检", "Clock stopped: waiting for the water test"))))
        }
        div.columns {
            (panel(&Panel::default(), empty(&Empty { icon: Icon::Inbox, title: t("都办完了", "All done").into(), body: Some(html! { (t("现在没有归您的件。", "No case is yours right now.")) }) })))
            (panel(&Panel::default(), empty(&Empty { icon: Icon::SearchX, title: t("没找到“上户”", "Nothing found for this word").into(), body: Some(html! { (t("试试“新生儿落户”，或拨 12345。", "Try other words, or call 12345.")) }) })))
            (panel(&Panel::default(), loading(t("正在取 38 件…", "Fetching 38 cases…"), 4)))
            (panel(&Panel::default(), html! { p { (t("在办 1 685 件", "1 685 open cases")) } (stale(lang, t("11 月 23 日 9:55", "23 November 9:55"))) }))
        }
        ul.icon-list {
            @for problem in Problem::ALL { li { (icon(Icon::TriangleAlert)) span { (problem.title(lang)) } } }
        }
        (preference::page(frame))
    }
}
