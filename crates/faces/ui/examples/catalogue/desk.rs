//! The officer's inbox and the page of one case.

use maud::{Markup, html};
use zhengtong_ui::act::{Act, Rank, acts, key_hints, toolbar, zones};
use zhengtong_ui::desk::BarSearch;
use zhengtong_ui::field::{Area, Field, Form, form, textarea};
use zhengtong_ui::icon::icon;
use zhengtong_ui::lamp::{
    CellSize, Clock, Day, Light, Tone, bare_lamp, clock, clock_legend, days, lamp, tag,
};
use zhengtong_ui::layout::{Title, columns, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, panel};
use zhengtong_ui::paper::{Paper, paper, paper_line};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button, submit, tabs};
use zhengtong_ui::step::{Node, Step, line};
use zhengtong_ui::strip::{Bounds, Shape, Strip, StripEdge, StripNode, strip};
use zhengtong_ui::table::{Column, Keys, Order, Phone, Row, Slot, Table, code, cut, table, tick};
use zhengtong_ui::{Frame, Icon, Person, Place, Rail, RailGroup, RailItem, desk as desk_page};

use crate::titled;

pub(super) fn staff<'a>(frame: &Frame<'a>, title: &'a str) -> Frame<'a> {
    Frame {
        person: Some(Person {
            name: "周办员".into(),
            note: "市场监管局许可科".into(),
            home: "/desk/me".into(),
            leave: None,
        }),
        service: "工作台".into(),
        ..titled(frame, title, Place::Elsewhere)
    }
}

pub(super) fn rail(path: &str) -> Rail<'static> {
    let item =
        |icon, text: &'static str, href: &'static str| RailItem::new(icon, text, href).at(path);
    Rail {
        part: "工作台".into(),
        home: "/desk".into(),
        groups: vec![
            RailGroup {
                title: "办件".into(),
                items: vec![
                    item(Icon::Inbox, "收件箱", "/desk/inbox").count(38),
                    item(Icon::BriefcaseBusiness, "我的办件", "/desk/mine").count(12),
                    item(Icon::MessagesSquare, "会签征求", "/desk/asked").count(3),
                    item(Icon::RotateCcw, "补正回收", "/desk/returned").count(5),
                    item(Icon::CircleCheck, "已办结", "/desk/done"),
                ],
            },
            RailGroup {
                title: "监督".into(),
                items: vec![
                    item(Icon::ChartNoAxesColumn, "监督看板", "/board"),
                    item(Icon::Star, "好差评", "/desk/ratings").count(2),
                ],
            },
            RailGroup {
                title: "资料".into(),
                items: vec![
                    item(Icon::Database, "数据目录", "/data"),
                    item(Icon::BookOpen, "知识库", "/desk/guide"),
                    item(Icon::SwatchBook, "样式册", "/design"),
                ],
            },
        ],
        search: Some(BarSearch {
            action: "/desk/search".into(),
            label: "查办件号、单位、事项".into(),
            value: "".into(),
        }),
        messages: Some(("/desk/messages".into(), 4)),
        keys: Some("/desk/keys".into()),
    }
}

/// Rows of the inbox: lamp, its words, service, number, applicant, stage, days used, stopped, left and over, due day, holder.
const CASES: &str = "\
over|超期 1 日|食品经营许可（变更）|SPJY-2026-004102|示例食品商店|书面审查|5|0|0|1|11-20|我
near|今天到期|药品零售许可（新办）|YPLS-2026-000318|示例大药房有限公司|决定签发|5|0|0|0|11-23|我
near|今天到期|食品经营许可（延续）|SPJY-2026-004177|示例食堂管理有限责任公司|书面审查|5|0|0|0|11-23|吴办员
near|剩 1 日|第二类医疗器械备案|YLQX-2026-000944|示例器械有限公司|受理|3|0|1|0|11-24|
near|剩 1 日|食品经营许可（新办）|SPJY-2026-004198|示例茶饮店|现场核查|4|0|1|0|11-24|我
ok|剩 2 日|食品经营许可（新办）|SPJY-2026-004205|示例面馆|书面审查|3|0|2|0|11-25|我
ok|剩 2 日|特种设备使用登记|TZSB-2026-001160|示例物业服务有限公司|受理|2|0|2|0|11-25|
hold|停钟 4 日|食品经营许可（新办）|SPJY-2026-004213|示例餐饮有限公司|水质复检|1|4|4|0|暂停|我
hold|停钟 2 日|计量标准器具核准|JLBZ-2026-000077|示例计量所|专家评审|3|2|2|0|暂停|我
ok|剩 3 日|食品经营许可（新办）|SPJY-2026-004221|示例早餐店|书面审查|2|0|3|0|11-26|
ok|剩 3 日|食品小作坊登记|SPZF-2026-000233|市民丙|受理|1|0|3|0|11-26|
ok|剩 4 日|药品零售许可（变更）|YPLS-2026-000325|示例医药连锁有限公司|会签|1|0|4|0|11-27|我
none|未起算|食品经营许可（新办）|SPJY-2026-004236|示例烘焙坊|等补正|0|0|0|0|11-27|我
none|未起算|食品经营许可（延续）|SPJY-2026-004239|示例酒楼有限公司|等补正|0|0|0|0|11-30|";

pub(super) fn inbox(frame: &Frame<'_>) -> Markup {
    let frame = staff(frame, "收件箱");
    let lang = frame.lang;
    let filter = |words: &'static str, count: i64| Choice::new(words, "#").count(count);
    desk_page(
        &frame,
        &rail("/desk/inbox"),
        html! {
            (title(&Title::new("收件箱").meta(html! { "默认：归我或待领，先到期的在前 · 9:58 更新" })))
            (filters("筛选", &[
                filter("归我和待领", 38).current(), filter("超期", 1).light(Light::Over), filter("今明到期", 4).light(Light::Near),
                filter("停钟", 2).light(Light::Hold), filter("待领", 14), filter("等补正", 7), filter("免提交齐全", 21),
            ]))
            form method="post" action="#" data-once {
                (flush(&Panel::default(), html! {
                    (toolbar(html! {
                        strong { "选中的" }
                        (submit(&Button::new("领取").key('e').sends("act", "claim")))
                        (submit(&Button::secondary("受理").sends("act", "accept")))
                        (submit(&Button::secondary("转办").sends("act", "hand-over")))
                        span.meta { "操作后 10 秒内可撤销" }
                    }, html! {
                        (link_button(&Button::quiet("列").icon(Icon::Columns3), "#"))
                        (link_button(&Button::quiet("导出").icon(Icon::Download), "#"))
                    }))
                    (table(lang, &inbox_table()))
                }))
            }
            div.row { (clock_legend(lang)) div.push { (pager(lang, Pager { page: 1, pages: 3, href: "?page=" })) } }
            (key_hints(&[(&["j", "k"], "上下"), (&["o"], "打开"), (&["x"], "选择"), (&["e"], "领取"), (&["/"], "查找"), (&["?"], "全部快捷键")]))
        },
    )
}

fn inbox_table() -> Table<'static> {
    Table {
        caption: "收件箱".into(),
        columns: vec![
            Column::new("选择").quiet().tight().slot(Slot::Away),
            Column::new("时限").tight().sort(Order::Ascending, "?sort=-due").slot(Slot::Left(1)),
            Column::head("事项").slot(Slot::Left(2)),
            Column::new("办件号").tight().slot(Slot::Left(4)),
            Column::new("申请人").slot(Slot::Left(3)),
            Column::new("环节").tight().slot(Slot::Right(3)),
            Column::new("工作日").tight().slot(Slot::Right(4)),
            Column::new("到期").tight().slot(Slot::Right(1)),
            Column::new("承办").tight().slot(Slot::Right(2)),
        ],
        rows: CASES.lines().map(case_row).collect(),
        phone: Phone::Card,
        keys: Keys::On,
        ..Table::default()
    }
}

fn case_row(row: &str) -> Row {
    let parts: Vec<&str> = row.split('|').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let count = |at: usize| part(at).parse().unwrap_or(0);
    let light = match part(0) {
        "ok" => Light::Ok,
        "near" => Light::Near,
        "over" => Light::Over,
        "hold" => Light::Hold,
        _ => Light::None,
    };
    let days = days(count(6), count(7), count(8), count(9));
    let limit = days.iter().filter(|day| **day != Day::Over).count();
    let clock_of = Clock { days: &days, limit, label: part(1), size: CellSize::Small };
    let holder = match part(11) {
        "" => tag(Tone::Line, "待领"),
        "我" => html! { "我" },
        other => html! { span.soft { (icon(Icon::Lock)) (other) } },
    };
    Row {
        cells: vec![
            tick("case", part(3), &format!("选择 {}", part(3))),
            lamp(light, part(1)),
            html! { a href="case.html" { (part(2)) } },
            code(part(3)),
            cut(part(4)),
            html! { (part(5)) },
            if days.is_empty() {
                html! {}
            } else {
                clock(&clock_of)
            },
            html! { (part(10)) },
            holder,
        ],
        selected: false,
    }
}

pub(super) fn case(frame: &Frame<'_>) -> Markup {
    let frame = staff(frame, "食品经营许可（新办）SPJY-2026-004213");
    let lang = frame.lang;
    desk_page(
        &frame,
        &rail("/desk/mine"),
        html! {
            (crumbs(lang, &[Link::new("收件箱", "inbox.html")], "SPJY-2026-004213"))
            (title(&Title::new("食品经营许可（新办）").beside(lamp(Light::Hold, "停钟 4 日：水质复检")).actions(html! {
                span.meta { (icon(Icon::Lock)) "您正在办理 · 9:58 已自动保存" }
                (link_button(&Button::quiet("上一件"), "#")) (link_button(&Button::quiet("下一件"), "#"))
            })))
            (panel(&Panel::default(), html! {
                (strip(lang, &process()))
                (columns(html! {
                    (limit("承诺时钟", "5 个工作日", &days(1, 4, 4, 0), CellSize::Normal, &html! { "已用 1，停 4，" strong { "剩 4" } "。24 日恢复的话，11 月 30 日到期" }))
                    (limit("法定时钟", "20 个工作日 · 行政许可法第四十二条", &days(1, 4, 19, 0), CellSize::Small, &html! { "剩 19。24 日恢复的话，12 月 21 日到期" }))
                    div.flow-s { div.row { strong { "为什么停" } span.meta.push { "行政许可法第四十五条" } } p { "检验检测不计入期限。11-17 16:20 林科长批准，11-18 起停，已书面告知申请人。" a href="#" { "停钟记录" } } }
                }))
            }))
            (zones(facts_zone(), documents_zone(&frame), acts_zone(&frame)))
        },
    )
}

fn limit(name: &str, note: &str, days: &[Day], size: CellSize, said: &Markup) -> Markup {
    html! { div.flow-s {
        div.row { strong { (name) } span.meta.push { (note) } }
        (clock(&Clock { days, limit: days.len(), label: name, size }))
        p { (said) }
    } }
}

fn process() -> Strip<'static> {
    let task = |x: f64, y: f64, name: &'static str, note: &'static str, state| StripNode {
        shape: Shape::Task,
        name: name.into(),
        note: note.into(),
        bounds: Bounds { x, y, width: 96.0, height: 48.0 },
        state,
    };
    let dot = |shape, x: f64, y: f64, size: f64, state| StripNode {
        shape,
        name: "".into(),
        note: "".into(),
        bounds: Bounds { x, y, width: size, height: size },
        state,
    };
    let edge = |points: &[(f64, f64)], state, label: &'static str| StripEdge {
        points: points.to_vec(),
        state,
        label: label.into(),
    };
    Strip {
        label: "流程：申请、受理、书面审查已完成；水质复检停钟；现场核查、决定、送达还没到".into(),
        nodes: vec![
            dot(Shape::Start, 0.0, 73.0, 28.0, Node::Done),
            task(52.0, 63.0, "申请", "11-16 市民甲", Node::Done),
            task(174.0, 63.0, "受理", "11-16 周办员", Node::Done),
            dot(Shape::Parallel, 296.0, 71.0, 32.0, Node::Done),
            task(366.0, 8.0, "书面审查", "11-17 周办员", Node::Done),
            task(366.0, 118.0, "水质复检", "11-18 起停钟", Node::Stopped),
            dot(Shape::Parallel, 500.0, 71.0, 32.0, Node::Future),
            task(560.0, 63.0, "现场核查", "东岸市场所", Node::Future),
            dot(Shape::Exclusive, 684.0, 71.0, 32.0, Node::Future),
            task(750.0, 63.0, "决定", "分管局长", Node::Future),
            task(872.0, 63.0, "送达", "", Node::Future),
            dot(Shape::End, 994.0, 73.0, 28.0, Node::Future),
        ],
        edges: vec![
            edge(&[(28.0, 87.0), (52.0, 87.0)], Node::Done, ""),
            edge(&[(148.0, 87.0), (174.0, 87.0)], Node::Done, ""),
            edge(&[(270.0, 87.0), (296.0, 87.0)], Node::Done, ""),
            edge(&[(312.0, 71.0), (312.0, 32.0), (366.0, 32.0)], Node::Done, ""),
            edge(&[(312.0, 103.0), (312.0, 142.0), (366.0, 142.0)], Node::Done, ""),
            edge(&[(462.0, 32.0), (516.0, 32.0), (516.0, 71.0)], Node::Done, ""),
            edge(&[(462.0, 142.0), (516.0, 142.0), (516.0, 103.0)], Node::Future, ""),
            edge(&[(532.0, 87.0), (560.0, 87.0)], Node::Future, ""),
            edge(&[(656.0, 87.0), (684.0, 87.0)], Node::Future, ""),
            edge(&[(716.0, 87.0), (750.0, 87.0)], Node::Future, ""),
            edge(
                &[(700.0, 103.0), (700.0, 150.0), (608.0, 150.0), (608.0, 132.0)],
                Node::Future,
                "不合格，整改后再查",
            ),
            edge(&[(846.0, 87.0), (872.0, 87.0)], Node::Future, ""),
            edge(&[(968.0, 87.0), (994.0, 87.0)], Node::Future, ""),
        ],
    }
}

fn facts_zone() -> Markup {
    html! {
        (boxed(&Panel::new("申请人"), pairs([
            ("单位".into(), html! { a href="#" { "示例餐饮有限公司" } }), ("信用代码".into(), html! { "9199 01** **** **** 3X" }),
            ("法人".into(), html! { "市民甲 " a.nowrap href="#" { "显示证件号" } p.meta { "要写理由，本人会看到" } }), ("经办人".into(), html! { "市民甲（本人）" }),
        ])))
        (boxed(&Panel::new("申请内容"), pairs([
            ("业态".into(), html! { "热食类制售" }), ("地址".into(), html! { "书院路 26 号 1 层" span.source { (icon(Icon::Check)) "不动产登记库" } }),
            ("面积".into(), html! { "120 平方米" }), ("用水".into(), html! { "自备水源（井水）" }), ("管理员".into(), html! { "市民乙，培训有效" }),
        ])))
        (boxed(&Panel::new("相关"), list(&[
            Entry::new(html! { a href="#" { "HWZP-2026-000871 户外招牌" } }).note(html! { "同一申请人，等补正" }),
            Entry::link("书院路 26 号过去 3 年", "#").note(html! { "1 张旧证（已注销），0 起投诉" }),
        ])))
    }
}

fn documents_zone(frame: &Frame<'_>) -> Markup {
    let row = |name: &str, value: &str, light, words: &str| {
        Row::new(vec![html! { (name) }, html! { (value) }, bare_lamp(light, words)])
    };
    flush(
        &Panel::default(),
        html! {
            (tabs("材料", &[
                Choice::new("复检报告", "#").light(Light::Near).current(), Choice::new("执照", "#").light(Light::Ok), Choice::new("场所", "#").light(Light::Ok),
                Choice::new("身份证", "#").light(Light::Ok), Choice::new("平面图", "#").light(Light::None),
            ]))
            div.panel-body.flow {
                (paper(&Paper {
                    title: "检测报告".into(), number: "".into(),
                    body: html! {
                        (paper_line("报告编号：SY-261118-07")) (paper_line("委托单位：示例市市场监督管理局")) (paper_line("采样地址：东岸区书院街道书院路 26 号 1 层")) (paper_line("样品名称：生活饮用水（自备水源）"))
                        p { "依据 GB 5749 检测。菌落总数 86 CFU/mL；总大肠菌群未检出；pH 7.2；" mark { "浑浊度 1.4 NTU" } "。" }
                    },
                    signed: vec!["示例检测中心".into(), "二〇二六年十一月二十三日".into()], seal: "".into(),
                }))
                p { strong { "从报告读出的数，与登记和标准核对：4 项一致，1 项请您判断" } }
                (table(frame.lang, &Table {
                    caption: "核对表".into(),
                    columns: vec![Column::head("项目"), Column::new("报告值"), Column::new("核对")],
                    rows: vec![
                        row("采样地址", "书院路 26 号 1 层", Light::Ok, "与经营地址一致"), row("菌落总数", "86 CFU/mL", Light::Ok, "限值 ≤ 100"), row("总大肠菌群", "未检出", Light::Ok, "不应检出"),
                        row("浑浊度", "1.4 NTU", Light::Near, "限值 ≤ 1，超出 0.4"), row("pH", "7.2", Light::Ok, "限值 6.5–8.5"),
                    ],
                    ..Table::default()
                }))
                p.meta { "读数由程序识别，依据是上方原件的高亮处；最终以您的判断为准，改动会留痕。" }
            }
        },
    )
}

fn acts_zone(frame: &Frame<'_>) -> Markup {
    let act = |icon, name: &'static str, note: &'static str, rank| Act {
        icon,
        name: name.into(),
        note: note.into(),
        href: "#".into(),
        rank,
    };
    html! {
        (flush(&Panel::new("现在能做的"), acts(&[
            act(Icon::Play, "登记结果，恢复计时", "时钟 24 日起接着走 · 许可法第四十五条", Rank::First),
            act(Icon::CornerUpLeft, "要求整改后再检", "写明问题和期限，时钟继续停 · 可预览通知", Rank::Other),
            act(Icon::MessagesSquare, "请卫健委会签", "2 个工作日内答复，不停钟", Rank::Other),
            act(Icon::ArrowRightLeft, "转办", "责任链保留", Rank::Other),
        ], &["“准予许可”现在不能做：现场核查还没完成。".into()])))
        (boxed(&Panel::new("便签").note(tag(Tone::Plain, "只在科内可见")), html! {
            p { "浑浊度超一点，可能是过滤器该换了，先问问店家。 " span.meta { "周办员 9:41" } }
            (form(frame, &Form::post("#"), html! {
                (textarea(frame.lang, &Field::new("memo", "新便签").unlabelled(), &Area { rows: 3, example: "写给同事的话，申请人看不到".into(), ..Area::default() }))
                (actions(submit(&Button::secondary("记下"))))
            }))
        }))
        (boxed(&Panel::new("经过").aside(html! { a href="#" { "全部 17 条" } }), line(frame.lang, &[
            Step::new(Node::Now, "收到复检报告").note("今天 9:20 · 示例检测中心，签名有效"),
            Step::new(Node::Stopped, "时钟停：水质复检").note("11-18 9:00 · 林科长批准"),
            Step::new(Node::Done, "书面审查通过").note("11-17 15:48 · 周办员"),
            Step::new(Node::Done, "取用 3 份共享材料").note("11-16 9:31 · 本人同意"),
            Step::new(Node::Done, "受理，发受理通知书").note("11-16 9:40 · 周办员"),
            Step::new(Node::Done, "网上提交").note("11-16 9:33 · 市民甲"),
        ])))
    }
}
