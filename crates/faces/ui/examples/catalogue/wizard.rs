//! The application: one page of questions with and without errors, files, the list of tasks with the answers, the
//! receipt, and the question before something is taken back.

use maud::{Markup, html};
use zhengtong_base::FieldError;
use zhengtong_ui::design::sample_code;
use zhengtong_ui::field::{
    Field, Form, Input, Kind, Layout, Pick, Upload, Uploaded, Width, consent, errors, form, radios,
    text, upload,
};
use zhengtong_ui::frame::Session;
use zhengtong_ui::known::{Known, known};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page as body_of, section, split, title};
use zhengtong_ui::list::{FileEntry, files};
use zhengtong_ui::navigate::{Link, back, part};
use zhengtong_ui::notice::{Mood, Notice, notice, saved};
use zhengtong_ui::outcome::{Confirm, Receipt, confirm, receipt};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, print_button, submit};
use zhengtong_ui::step::{Node, Step, line};
use zhengtong_ui::summary::{Answer, answers};
use zhengtong_ui::task::{Progress, Task, tasks};
use zhengtong_ui::{Frame, Place, hall};

use crate::{faulty, titled};

const SERVICE: &str = "食品经营许可（新办）";

pub(super) fn page(frame: &Frame<'_>) -> Markup {
    let frame = framed(frame, "经营场所在哪里？");
    hall(&frame, question(&frame, &[]))
}

pub(super) fn page_with_errors(frame: &Frame<'_>) -> Markup {
    let frame = faulty(&framed(frame, "经营场所在哪里？"));
    hall(
        &frame,
        question(
            &frame,
            &[
                FieldError::new("area", "请填写经营面积", "Enter the floor area"),
                FieldError::new("water", "请选择用水来自哪里", "Choose where the water comes from"),
            ],
        ),
    )
}

fn framed<'a>(frame: &Frame<'a>, title: &'a str) -> Frame<'a> {
    Frame {
        service: SERVICE.into(),
        session: Session::Ends { seconds: 900, extend: "/session/extend" },
        ..titled(frame, title, Place::Services)
    }
}

fn question(frame: &Frame<'_>, found: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let known_of = |label: &'static str,
                    value: &'static str,
                    source: &'static str,
                    as_of: &'static str| Known {
        label: label.into(),
        value: value.into(),
        source: source.into(),
        as_of: as_of.into(),
    };
    let area = if found.is_empty() { "120" } else { "" };
    let water = if found.is_empty() { "well" } else { "" };
    body_of(split(
        html! { div.flow {
            div { (back("上一步", "#")) (part("第 2 部分：经营场所", 3, 8)) }
            (errors(lang, found))
            (form(frame, &Form::post("#"), html! {
                h1 { "经营场所在哪里？" }
                section.flow-s {
                    h2.label { "我们已经知道的，不用再填" }
                    (known(lang, &[
                        known_of("企业名称", "示例餐饮有限公司", "市场主体登记库", "11 月 13 日更新"),
                        known_of("统一社会信用代码", "9199 01** **** **** 3X", "市场主体登记库", "11 月 13 日更新"),
                        known_of("住所", "东岸区书院街道书院路 26 号 1 层", "不动产登记库", "2025 年 3 月 8 日登记"),
                    ], "#"))
                }
                (radios(lang, &Field::new("here", "在上面的住所经营吗？").errors(found, lang), &[Pick::new("yes", "是，就在这里"), Pick::new("no", "不是，另有地址")], "yes", Layout::Down))
                (text(lang, &Field::new("area", "经营面积").hint("包括厨房和库房，约数即可，例如 120。").errors(found, lang), &Input::new(area).kind(Kind::Decimal).width(Width::Tiny).unit("平方米")))
                (radios(lang, &Field::new("water", "用水来自哪里？").hint("自备水源要交一份水质检测报告。").errors(found, lang), &[Pick::new("tap", "自来水"), Pick::new("well", "自备水源").hint("如井水、山泉水")], water, Layout::Down))
                (actions(html! {
                    (submit(&Button::new("保存并继续").size(Size::Large)))
                    (submit(&Button::quiet("先到这里，下次再填").sends("then", "leave")))
                }))
                (saved("9:42 已自动保存，换手机登录也能接着填"))
            }))
        } },
        html! {
            (panel(&Panel::new("为什么问面积"), html! { p.soft { "超过 500 平方米的，要多核查一项消防通道。其他情况不会因为面积不同而多收材料。" } }))
            (panel(&Panel::new("需要人帮忙"), html! { p.soft { "拨 12345 说“食品许可”，工作人员可以和您看同一页，但看不到您没提交的内容。" } }))
        },
    ))
}

pub(super) fn upload_page(frame: &Frame<'_>) -> Markup {
    let frame = framed(frame, "水质检测报告");
    let lang = frame.lang;
    hall(
        &frame,
        body_of(html! { div.flow {
            div { (back("上一步", "#")) (part("第 4 部分：材料", 6, 8)) }
            (form(&frame, &Form::post("#").files(), html! {
                (upload(lang, &Field::new("report", "水质检测报告").titled().hint("6 个月内，检测机构出具，要能看清编号和日期。手机可以直接拍照。"), &Upload {
                    accept: ".pdf,.jpg,.jpeg,.png".into(),
                    limits: "PDF、JPG、PNG，每份不超过 20 MB".into(),
                    endpoint: "/my/uploads".into(),
                    bytes_max: 20 << 20,
                    files: vec![Uploaded { name: "水质检测报告.pdf".into(), size: "1.2 MB".into(), href: "#".into(), remove: "1".into() }],
                    several: false,
                }))
                (actions(html! { (submit(&Button::new("保存并继续").size(Size::Large))) }))
            }))
        } }),
    )
}

pub(super) fn tasks_page(frame: &Frame<'_>) -> Markup {
    let frame = framed(frame, "办理清单");
    hall(
        &frame,
        body_of(split(
            html! {
                div.flow-l {
                    div { (back(SERVICE, "#"))
                        (title(&Title::new("办理清单").lead(html! { "为 " strong { "示例餐饮有限公司" } " 办理，经办人市民甲。5 步做完 4 步，还剩核对和提交。" }))) }
                    (tasks(frame.lang, &[
                        Task::new(Progress::Done, "资格自查", "#").note("能办：已领营业执照，经营项目在范围内"),
                        Task::new(Progress::Done, "经营场所", "#").note("书院路 26 号 1 层，120 平方米"),
                        Task::new(Progress::Done, "人员和设备", "#").note("食品安全管理员 市民乙"),
                        Task::new(Progress::Done, "材料", "#").note("4 份：3 份已共享取得，1 份已上传"),
                        Task::new(Progress::Now, "核对并提交", "#").note("看一遍，改不对的，然后提交"),
                    ]))
                }
                (check(&frame))
            },
            html! {
                (panel(&Panel::new("提交以后"), line(frame.lang, &[
                    Step::new(Node::Now, "提交").note("当场拿到受理号"),
                    Step::new(Node::Future, "受理").note("1 个工作日内告诉您收不收"),
                    Step::new(Node::Future, "审查和核查").note("核查前 2 天短信约时间"),
                    Step::new(Node::Future, "拿证").note("电子证当天发，纸质证可寄送"),
                ])))
            },
        )),
    )
}

fn check(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let file = |name: &str| FileEntry {
        name: html! { (name) },
        note: "".into(),
        end: Some(tag(Tone::Good, "免提交")),
    };
    section(
        &Heading::new("check", "提交前请核对")
            .note(html! { "点“更改”会直接回到那一题，改完再回到这里，其他内容不会丢。" }),
        html! { div.flow-l {
            div {
                (answers("经营场所", &[
                    Answer::new("企业名称", "示例餐饮有限公司").source("市场主体登记库").change("异议", "#"),
                    Answer::new("经营地址", "东岸区书院街道书院路 26 号 1 层").source("不动产登记库").change("更改", "#"),
                    Answer::new("经营面积", "120 平方米").change("更改", "#"),
                    Answer::new("用水", "自备水源（井水）").change("更改", "#"),
                ]))
                (answers("人员", &[
                    Answer::new("法定代表人", "市民甲，身份证 9901**********021X").source("实名核验 11 月 16 日 9:31").change("异议", "#"),
                    Answer::new("食品安全管理员", "市民乙，手机 100****0000").change("更改", "#"),
                ]))
            }
            section.flow { h3 { "材料" } (files(&[
                file("营业执照"), file("法定代表人身份证"), file("场所使用证明"),
                FileEntry { name: html! { a href="#" { "水质检测报告.pdf" } }, note: "1.2 MB".into(), end: Some(html! { a href="#" { "更改" } }) },
            ])) }
            (panel(&Panel::default(), form(frame, &Form::post("#"), html! {
                div.flow-s {
                    (consent(lang, &Field::new("share", "同意市场监督管理局为办这件事，从登记库取用上面 3 份材料。").hint("用途、时间会记入“我的数据使用记录”。"), "yes"))
                    (consent(lang, &Field::new("true", "以上内容属实。"), ""))
                }
                div.flow {
                    (actions(submit(&Button::new("提交食品经营许可申请").size(Size::Large))))
                    p.meta { "提交后当场给您受理号。承诺 " strong { "5 个工作日" } "内办完，预计 11 月 23 日前。" }
                }
            })))
        } },
    )
}

pub(super) fn receipt_page(frame: &Frame<'_>) -> Markup {
    let frame = framed(frame, "提交好了");
    hall(
        &frame,
        body_of(split(
            html! {
                div.flow-l {
                    (receipt(&Receipt {
                        title: "提交好了".into(), number_label: "受理号".into(), number: "SPJY-2026-004213".into(),
                        next: "1 个工作日内告诉您收不收；收下以后承诺 5 个工作日办完，预计 11 月 23 日前。".into(),
                        code: Some(sample_code()),
                    }))
                    (actions(html! {
                        (link_button(&Button::new("看办理进度"), "#"))
                        (link_button(&Button::secondary("下载收件凭证"), "#"))
                        (print_button("打印本页"))
                    }))
                    (section(&Heading::new("next", "接下来"), line(frame.lang, &[
                        Step::new(Node::Done, "已提交").note("11 月 16 日 9:33"),
                        Step::new(Node::Future, "受理").note("许可科，11 月 17 日前"),
                        Step::new(Node::Future, "审查和现场核查").note("核查前 2 天短信约时间"),
                        Step::new(Node::Future, "决定和拿证").note("预计 11 月 23 日"),
                    ])))
                    (notice(&Notice::new(Mood::Info, "不用一直等在这里").body(html! { p { "有变化会短信告诉您；这一页随时能再打开，在" a href="/my" { "我的" } "里。" } })))
                }
            },
            html! { (panel(&Panel::new("弄错了？"), html! { p.soft { "受理前可以自己" a href="#" { "撤回" } "，改完再交，不影响什么。" } })) },
        )),
    )
}

pub(super) fn confirm_page(frame: &Frame<'_>) -> Markup {
    let frame = framed(frame, "撤回这份申请？");
    hall(
        &frame,
        body_of(confirm(
            &frame,
            &Confirm {
                title: "撤回这份申请？".into(),
                body: html! { p { "受理号 " strong.nowrap { "SPJY-2026-004213" } "。撤回后这次申请就结束了；您填的内容会留成草稿，30 天内可以改完再交。" } },
                action: "#".into(),
                yes: Button::danger("撤回申请"),
                no: Link::new("不撤回，回到进度", "#"),
                carries: vec![("version".into(), "3".into())],
            },
        )),
    )
}
