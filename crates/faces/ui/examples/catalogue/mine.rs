//! My space: what is mine to do first, what is on its way, licences, who used my data; one case; signing in.

use maud::{Markup, html};
use zhengtong_ui::design::sample_code;
use zhengtong_ui::field::Area;
use zhengtong_ui::field::{
    Field, Form, Input, Kind, Width, code as code_field, form, password, text, textarea,
};
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Heading, Title, page as body_of, section, split, thirds, title};
use zhengtong_ui::licence::{Force, Licence, licence};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Fact, Panel, facts, flush, panel};
use zhengtong_ui::preference;
use zhengtong_ui::press::{Button, Choice, Size, actions, link_button, segment, submit};
use zhengtong_ui::rating::rating;
use zhengtong_ui::step::{Node, Step, line, way};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::titled;

pub(super) fn page(frame: &Frame<'_>) -> Markup {
    let frame = titled(frame, "我的", Place::Mine);
    hall(
        &frame,
        body_of(html! { div.flow-xl {
            (title(&Title::new("市民甲，上午好")
                .meta(html! { "实名认证 · 上次登录 11 月 21 日 20:14，手机网页" })
                .actions(segment("为谁办", &[Choice::new("我自己", "#").current(), Choice::new("家人（2）", "#"), Choice::new("示例餐饮公司", "#")]))))
            (section(&Heading::new("to-do", "要您做的 2 件事"), html! { div.flow {
                (notice(&Notice::new(Mood::Warning, "补 1 份材料：招牌效果图").body(html! {
                    p { "户外招牌设置，收件号 HWZP-2026-000871。请在 " strong { "11 月 25 日（周三）" } "前补上，还剩 2 个工作日。没补上这件事会退回，可重新申请。" }
                    (actions(html! { (link_button(&Button::new("现在补材料"), "#")) a href="#" { "看一次告知书" } a href="#" { "申请延期" } }))
                })))
                (notice(&Notice::new(Mood::Info, "给“换领驾驶证”打个分").icon(Icon::Star).body(html! {
                    p { span.meta { "11 月 2 日办结，打不打分都不影响您办事" } } p { a href="#" { "去评价" } }
                })))
            } }))
            (split(running(&frame), licences(&frame)))
            (used(&frame))
            (thirds(rest()))
        } }),
    )
}

fn running(frame: &Frame<'_>) -> Markup {
    let step = |node, name: &'static str, note: &'static str| Step::new(node, name).note(note);
    section(
        &Heading::new("running", "正在办的事").aside(html! { a href="#" { "办结的 14 件" } }),
        html! { div.flow {
            (panel(&Panel::new("食品经营许可（新办）").within().aside(lamp(Light::Hold, "停钟：水质复检")), html! {
                (way(frame.lang, &[
                    step(Node::Done, "提交", "11 月 16 日"),
                    step(Node::Done, "受理", "11 月 16 日，周办员"),
                    step(Node::Now, "书面审查", "许可科，等复检结果"),
                    step(Node::Future, "现场核查", "未安排"),
                    step(Node::Future, "拿证", "预计 11 月 30 日"),
                ]))
                p { "承诺 5 个工作日，已用 1 个。水质复检从 11 月 18 日开始，占用的 4 天不计；预计 24 日出结果。" }
                (actions(html! { (link_button(&Button::secondary("看详情"), "#")) a href="#" { "催办" } a href="#" { "投诉" } a href="#" { "撤回" } }))
            }))
            (panel(&Panel::new("提取住房公积金（租房）").within().aside(lamp(Light::Ok, "正常")), way(frame.lang, &[
                step(Node::Done, "提交", "11 月 22 日"), step(Node::Now, "审核", "市公积金中心"), step(Node::Future, "到账", "承诺 11 月 26 日前"),
            ])))
        } },
    )
}

fn licences(frame: &Frame<'_>) -> Markup {
    let one =
        |name: &'static str, holder: &'static str, number: &'static str, until: &'static str| {
            licence(
                frame.lang,
                &Licence {
                    name: name.into(),
                    href: "#".into(),
                    holder: holder.into(),
                    number: number.into(),
                    until: until.into(),
                    force: Force::Valid,
                    code: Some(sample_code()),
                },
            )
        };
    section(
        &Heading::new("licences", "证照").aside(html! { a href="#" { "全部 6 张" } }),
        html! { div.flow {
            div {
                (one("身份证", "市民甲", "9901**********021X", "有效至 2036 年 5 月"))
                (one("驾驶证", "准驾 C1", "9901**********021X", "有效至 2032 年 11 月"))
            }
            p.meta { "二维码 60 秒后失效，每次出示都有记录。" }
        } },
    )
}

fn used(frame: &Frame<'_>) -> Markup {
    let row = |time: &str, who: &str, what: &str, why: &str| {
        Row::new(vec![
            html! { (time) },
            html! { (who) },
            html! { (what) },
            html! { (why) },
            html! { a href="#" { "异议" } },
        ])
    };
    section(
        &Heading::new("used", "谁用过我的数据").aside(html! { a href="#" { "导出全部记录" } }),
        flush(
            &Panel::default(),
            table(
                frame.lang,
                &Table {
                    caption: "谁用过我的数据".into(),
                    columns: vec![
                        Column::new("时间").tight(),
                        Column::new("谁"),
                        Column::new("看了什么"),
                        Column::new("为什么"),
                        Column::new("异议").quiet().tight(),
                    ],
                    rows: vec![
                        row(
                            "11-22 14:02",
                            "市公积金中心",
                            "缴存记录、无房证明",
                            "公积金提取，您 11-22 同意",
                        ),
                        row(
                            "11-16 09:31",
                            "市场监督管理局 · 许可科",
                            "营业执照、场所登记",
                            "食品经营许可，您 11-16 同意",
                        ),
                        row(
                            "11-09 10:17",
                            "12345 话务员 0417",
                            "手机号（已明文显示）",
                            "回访您的来电，单号 RX-88213",
                        ),
                    ],
                    ..Table::default()
                },
            ),
        ),
    )
}

fn rest() -> [Markup; 3] {
    [
        section(
            &Heading::new("messages", "消息").aside(html! { a href="#" { "全部" } }),
            list(&[
                Entry::new(html! { a href="#" { strong { "补正告知书已送达" } } })
                    .end(html! { "11-20" }),
                Entry::link("公积金提取已受理", "#").end(html! { "11-22" }),
                Entry::link("医保年度对账单", "#").end(html! { "11-01" }),
            ]),
        ),
        section(
            &Heading::new("booked", "预约和缴费").aside(html! { a href="#" { "新预约" } }),
            list(&[
                Entry::link("11 月 26 日 10:00，不动产窗口", "#")
                    .note(html! { "市政务服务中心 1 楼 A 区 · 可改期" }),
                Entry::new(html! { "没有待缴的费用" }),
            ]),
        ),
        section(
            &Heading::new("devices", "登录的设备").aside(html! { a href="#" { "全部退出" } }),
            list(&[
                Entry::new(html! { "这台电脑 · 示例市" }).note(html! { "现在" }),
                Entry::new(html! { "手机网页 · 示例市" })
                    .note(html! { "11 月 21 日 20:14" })
                    .end(html! { a href="#" { "退出" } }),
            ]),
        ),
    ]
}

pub(super) fn progress_page(frame: &Frame<'_>) -> Markup {
    let frame = titled(frame, "食品经营许可（新办）", Place::Mine);
    let lang = frame.lang;
    hall(
        &frame,
        body_of(html! {
            (crumbs(lang, &[Link::new("我的", "/my")], "SPJY-2026-004213"))
            (split(html! {
                div.flow-l {
                    (title(&Title::new("食品经营许可（新办）").beside(lamp(Light::Ok, "已办结"))
                        .lead(html! { "许可证已经发给您，电子证和纸质证同样有效。" })))
                    (facts(&[Fact::new("受理号", "SPJY-2026-004213", "11 月 16 日提交"), Fact::new("承诺", "5 个工作日", "11 月 30 日前"), Fact::new("实际", "4 个工作日", "停钟 4 日不计")]))
                }
                (section(&Heading::new("history", "经过"), line(lang, &[
                    Step::new(Node::Done, "发证").note("11 月 27 日 15:20 · 市场监督管理局"),
                    Step::new(Node::Done, "准予许可").note("11 月 27 日 11:02 · 分管局长 陈示例"),
                    Step::new(Node::Stopped, "停钟：水质复检").note("11 月 18 日至 24 日 · 林科长批准"),
                    Step::new(Node::Done, "受理").note("11 月 16 日 9:40 · 周办员"),
                    Step::new(Node::Done, "您提交了申请").note("11 月 16 日 9:33"),
                ])))
                (section(&Heading::new("rate", "评价"), form(&frame, &Form::post("#"), html! {
                    (rating(lang, "grade", "这次办得怎么样？", 5))
                    (textarea(lang, &Field::new("words", "还想说什么").optional(), &Area { length_max: Some(500), ..Area::default() }))
                    (actions(submit(&Button::new("提交评价"))))
                })))
            }, html! {
                (licence(lang, &Licence { name: "食品经营许可证".into(), href: "#".into(), holder: "示例餐饮有限公司".into(), number: "JY 9990 1000 0000 12".into(), until: "有效至 2031 年 11 月".into(), force: Force::Valid, code: Some(sample_code()) }))
                (link_button(&Button::secondary("下载许可证 PDF").size(Size::Normal).icon(Icon::Download), "#"))
            }))
        }),
    )
}

pub(super) fn login_page(frame: &Frame<'_>) -> Markup {
    let frame = Frame { person: None, ..titled(frame, "登录", Place::Elsewhere) };
    let lang = frame.lang;
    hall(
        &frame,
        body_of(split(
            html! { div.flow-l {
                (title(&Title::new("登录").lead(html! { "登录以后会回到刚才那一页，填过的内容不会丢。" })))
                (form(&frame, &Form::post("/login"), html! {
                    (text(lang, &Field::new("account", "账号").hint("手机号、身份证号或单位账号"), &Input::default().kind(Kind::Code).width(Width::Long).autocomplete("username")))
                    (password(lang, &Field::new("password", "密码"), "current-password"))
                    (code_field(lang, &Field::new("code", "动态码").hint("开通了两步验证的账号才要：验证器里的 6 位数字").optional()))
                    (actions(html! { (submit(&Button::new("登录").size(Size::Large))) a href="#" { "忘了密码" } }))
                }))
            } },
            html! {
                (panel(&Panel::new("演示账号"), list(&[
                    Entry::new(html! { "市民甲" }).note(html! { "citizen / 见启动时的终端" }),
                    Entry::new(html! { "周办员，市场监管局许可科" }).note(html! { "clerk / 见启动时的终端" }),
                ])))
                (panel(&Panel::new("不用登录也能"), html! { p.soft { "看指南、查进度（用受理号）、验证照真伪。" } }))
            },
        )),
    )
}

pub(super) fn preferences_page(frame: &Frame<'_>) -> Markup {
    let frame = titled(frame, "显示方式", Place::Elsewhere);
    hall(&frame, body_of(html! { div.flow-l { h1 { "显示方式" } (preference::page(&frame)) } }))
}
