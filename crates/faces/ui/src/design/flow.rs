//! The catalogue's part on tasks, answers, lines, clocks, the process strip, tables and the desk.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::said;
use crate::act::{Act, Rank, acts, key_hints, toolbar};
use crate::icon::Icon;
use crate::lamp::{CellSize, Clock, Light, Tone, clock, clock_legend, days, lamp, tag};
use crate::layout::columns;
use crate::lineage::{Stage, lineage};
use crate::list::Entry;
use crate::navigate::{Link, Pager, crumbs, pager};
use crate::panel::{Panel, flush, panel};
use crate::press::{Button, submit};
use crate::step::{Node, Step, line, way};
use crate::strip::{Bounds, Shape, Strip, StripEdge, StripNode, strip};
use crate::summary::{Answer, answers};
use crate::table::{Column, Keys, Order, Phone, Row, Slot, Table, code, cut, table, tick};
use crate::task::{Progress, Task, tasks as task_list};

pub(super) fn tasks(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    columns(html! {
        (task_list(lang, &[
            Task::new(Progress::Done, t("资格自查", "Can I apply"), "#tasks").note(t("能办：已领营业执照", "Yes: licensed company")),
            Task::new(Progress::Now, t("经营场所", "Premises"), "#tasks").note(t("填了一半", "Half filled")),
            Task::new(Progress::Faulty, t("人员和设备", "People and equipment"), "#tasks").note(t("有 1 处要改", "1 thing to correct")),
            Task::new(Progress::Open, t("材料", "Documents"), "#tasks"),
            Task::new(Progress::Waiting, t("核对并提交", "Check and send"), "").note(t("前面做完才能开始", "After the tasks above")),
        ]))
        (answers(t("经营场所", "Premises"), &[
            Answer::new(t("企业名称", "Company"), t("示例餐饮有限公司", "Sample Catering Ltd")).source(t("市场主体登记库", "Company register")).change(t("异议", "Object"), "#tasks"),
            Answer::new(t("经营面积", "Floor area"), t("120 平方米", "120 square metres")).change(t("更改", "Change"), "#tasks"),
        ]))
    })
}

pub(super) fn lines(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    let names = [
        ("提交", "Sent"),
        ("受理", "Accepted"),
        ("书面审查", "Review"),
        ("现场核查", "Inspection"),
        ("拿证", "Licence"),
    ];
    let nodes = [Node::Done, Node::Done, Node::Now, Node::Future, Node::Future];
    let notes = [
        ("11 月 16 日", "16 November"),
        ("11 月 16 日，周办员", "16 November, Zhou"),
        ("许可科，预计 2 日", "Licensing, about 2 days"),
        ("提前预约", "By appointment"),
        ("预计 11 月 30 日", "About 30 November"),
    ];
    let steps: Vec<Step<'_>> = names
        .iter()
        .zip(nodes)
        .zip(notes)
        .map(|(((zh, en), node), (note_zh, note_en))| {
            Step::new(node, lang.pick(zh, en)).note(lang.pick(note_zh, note_en))
        })
        .collect();
    html! {
        (panel(&Panel::default(), way(lang, &steps)))
        div.columns {
            (panel(&Panel::default(), line(lang, &[
                Step::new(Node::Now, t("收到复检报告", "Report received")).note(t("今天 9:20 · 示例检测中心", "today 9:20 · Sample Laboratory")),
                Step::new(Node::Stopped, t("时钟停：水质复检", "Clock stopped: water test")).note(t("11-18 9:00 · 林科长批准", "11-18 9:00 · approved by Lin")),
                Step::new(Node::Done, t("受理", "Accepted")).note(t("11-16 9:40 · 周办员", "11-16 9:40 · Zhou")),
            ])))
            (panel(&Panel::default(), html! {
                (clock(&Clock { days: &days(2, 0, 3, 0), limit: 5, label: t("5 个工作日：已用 2，剩 3", "5 working days: 2 used, 3 left"), size: CellSize::Normal }))
                (clock(&Clock { days: &days(1, 4, 4, 0), limit: 9, label: t("5 个工作日：已用 1，停 4，剩 4", "5 working days: 1 used, 4 stopped, 4 left"), size: CellSize::Normal }))
                (clock(&Clock { days: &days(5, 0, 0, 1), limit: 5, label: t("5 个工作日：超期 1", "5 working days: 1 overdue"), size: CellSize::Normal }))
                (clock(&Clock { days: &days(2, 0, 18, 0), limit: 20, label: t("20 个工作日：已用 2", "20 working days: 2 used"), size: CellSize::Small }))
                (clock_legend(lang))
            }))
        }
        (panel(&Panel::default(), strip(lang, &sample_strip(lang))))
        (lineage(&sample_lineage(lang)))
        (said(lang, "实心是做完的，圆环是现在，虚线是以后，方块是停钟。时限一格一个工作日，黑竖线是期限，不画百分比。", "Solid is done, a ring is now, dashed is to come, a square is a stopped clock. A time limit has one cell for each working day, the black bar is the limit; no percentages."))
    }
}

fn sample_lineage(lang: Lang) -> [Stage<'static>; 3] {
    let t = |zh, en| lang.pick(zh, en);
    let entry = |zh, en| Entry::new(html! { (lang.pick(zh, en)) });
    [
        Stage::new(t("数据集", "Dataset"), "").entries(vec![entry("企业登记", "Companies")]),
        Stage::new(t("流向", "Routes"), t("没有交换", "It is not exchanged")),
        Stage::new(t("事项", "Items"), "").note(t("近一年 12 件", "12 cases in a year")).entries(
            vec![
                entry("食品经营许可", "Food business licence")
                    .note(html! { (t("自动填 3 项", "3 answers are filled in")) }),
            ],
        ),
    ]
}

fn sample_strip(lang: Lang) -> Strip<'static> {
    let t = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    let task = |x: f64, y: f64, name: &'static str, note: &'static str, state| StripNode {
        shape: Shape::Task,
        name: name.into(),
        note: note.into(),
        bounds: Bounds { x, y, width: 100.0, height: 56.0 },
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
        label: t("申请、受理、书面审查已完成；水质复检停钟；现场核查和决定还没到", "Applied, accepted and reviewed; water test stops the clock; inspection and decision to come").into(),
        nodes: vec![
            dot(Shape::Start, 0.0, 82.0, 30.0, Node::Done),
            task(60.0, 69.0, t("申请", "Apply"), t("11-16 市民甲", "11-16 Citizen A"), Node::Done),
            task(200.0, 69.0, t("受理", "Accept"), t("11-16 周办员", "11-16 Zhou"), Node::Done),
            dot(Shape::Parallel, 335.0, 79.0, 36.0, Node::Done),
            task(410.0, 10.0, t("书面审查", "Review"), t("11-17 周办员", "11-17 Zhou"), Node::Done),
            task(410.0, 128.0, t("水质复检", "Water test"), t("11-18 起停钟", "Stopped since 11-18"), Node::Stopped),
            dot(Shape::Parallel, 550.0, 79.0, 36.0, Node::Future),
            task(625.0, 69.0, t("现场核查", "Inspect"), t("东岸市场所", "East Bank office"), Node::Future),
            dot(Shape::Exclusive, 765.0, 79.0, 36.0, Node::Future),
            task(840.0, 69.0, t("决定", "Decide"), t("分管局长", "Director"), Node::Future),
            dot(Shape::End, 980.0, 82.0, 30.0, Node::Future),
        ],
        edges: vec![
            edge(&[(30.0, 97.0), (60.0, 97.0)], Node::Done, ""),
            edge(&[(160.0, 97.0), (200.0, 97.0)], Node::Done, ""),
            edge(&[(300.0, 97.0), (335.0, 97.0)], Node::Done, ""),
            edge(&[(353.0, 79.0), (353.0, 38.0), (410.0, 38.0)], Node::Done, ""),
            edge(&[(353.0, 115.0), (353.0, 156.0), (410.0, 156.0)], Node::Done, ""),
            edge(&[(510.0, 38.0), (568.0, 38.0), (568.0, 79.0)], Node::Done, ""),
            edge(&[(510.0, 156.0), (568.0, 156.0), (568.0, 115.0)], Node::Future, ""),
            edge(&[(586.0, 97.0), (625.0, 97.0)], Node::Future, ""),
            edge(&[(725.0, 97.0), (765.0, 97.0)], Node::Future, ""),
            edge(&[(801.0, 97.0), (840.0, 97.0)], Node::Future, t("合格", "pass")),
            edge(&[(783.0, 115.0), (783.0, 170.0), (675.0, 170.0), (675.0, 148.0)], Node::Future, t("整改后再查", "again after correction")),
            edge(&[(940.0, 97.0), (980.0, 97.0)], Node::Future, ""),
        ],
    }
}

/// A sample row: light, its words, service, number, due day.
type Sample<'a> = (Light, &'a str, &'a str, &'a str, &'a str);

pub(super) fn tables(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    let rows: [Sample<'_>; 3] = [
        (
            Light::Over,
            t("超期 1 日", "1 day overdue"),
            t("食品经营许可（变更）", "Food licence, change"),
            "SPJY-2026-004102",
            "11-20",
        ),
        (
            Light::Near,
            t("今天到期", "Due today"),
            t("药品零售许可（新办）", "Pharmacy licence, new"),
            "YPLS-2026-000318",
            "11-23",
        ),
        (
            Light::Ok,
            t("剩 3 日", "3 days left"),
            t("食品小作坊登记", "Small food workshop"),
            "SPZF-2026-000233",
            "11-26",
        ),
    ];
    let table_of = |phone| Table {
        caption: t("办件", "Cases").into(),
        columns: vec![
            Column::new(t("选择", "Choose")).quiet().tight().slot(Slot::Away),
            Column::new(t("时限", "Time"))
                .tight()
                .sort(Order::Ascending, "#tables")
                .slot(Slot::Left(1)),
            Column::head(t("事项", "Service")).slot(Slot::Full(2)),
            Column::new(t("办件号", "Number")).tight().slot(Slot::Left(3)),
            Column::number(t("到期", "Due")).slot(Slot::Right(1)),
        ],
        rows: rows
            .iter()
            .enumerate()
            .map(|(index, (light, words, service, number, due))| Row {
                cells: vec![
                    tick("case", number, &format!("{} {number}", t("选择", "Choose"))),
                    lamp(*light, words),
                    html! { a href="#tables" { (cut(service)) } },
                    code(number),
                    html! { (due) },
                ],
                selected: index == 1,
            })
            .collect(),
        phone,
        keys: Keys::On,
        ..Table::default()
    };
    html! {
        (flush(&Panel::default(), table(lang, &table_of(Phone::Card))))
        (flush(&Panel::default(), table(lang, &totals(lang))))
        (pager(lang, Pager { page: 2, pages: 9, href: "?page=" }))
        (said(lang, "行与行之间一条细线，没有斑马纹。行名就是链接，数字靠右。手机上一行变一张卡片。", "A hairline between rows, no stripes. The row's name is the link, numbers stand right. On phones a row becomes a card."))
    }
}

/// A table with a foot.
fn totals(lang: Lang) -> Table<'static> {
    let t = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    Table {
        caption: t("各单位在办件", "Open cases by office").into(),
        columns: vec![
            Column::head(t("单位", "Office")),
            Column::number(t("正常", "On time")),
            Column::number(t("超期", "Overdue")),
        ],
        rows: vec![
            Row::new(vec![
                html! { (t("市场监管局", "Market regulation")) },
                html! { "412" },
                html! { "1" },
            ]),
            Row::new(vec![html! { (t("人社局", "Labour")) }, html! { "388" }, html! { "0" }]),
        ],
        foot: vec![Row::new(vec![html! { (t("合计", "Total")) }, html! { "800" }, html! { "1" }])],
        ..Table::default()
    }
}

pub(super) fn desk(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    html! {
        (crumbs(lang, &[Link::new(t("收件箱", "Inbox"), "#desk")], "SPJY-2026-004213"))
        (flush(&Panel::new(t("现在能做的", "What can be done now")), acts(&[
            Act { icon: Icon::Play, name: t("登记结果，恢复计时", "Record the result, resume the clock").into(), note: t("时钟 24 日起接着走 · 行政许可法第四十五条", "The clock runs on from the 24th · Licensing Law 45").into(), href: "#desk".into(), rank: Rank::First },
            Act { icon: Icon::CornerUpLeft, name: t("要求整改后再检", "Ask for correction").into(), note: t("写明问题和期限 · 可预览通知", "Say what and by when · preview the notice").into(), href: "#desk".into(), rank: Rank::Other },
        ], &[t("“准予许可”现在不能做：现场核查还没完成。", "Approval is not possible yet: the inspection is not finished.").into()])))
        (flush(&Panel::default(), toolbar(html! {
            strong { (t("已选 3 件", "3 chosen")) }
            (submit(&Button::new(t("领取", "Claim")).key('e')))
            (submit(&Button::secondary(t("转办", "Hand over"))))
        }, html! { (tag(Tone::Plain, t("只在科内可见", "Seen in the section only"))) })))
        (key_hints(&[(&["j", "k"], t("上下", "up and down")), (&["o"], t("打开", "open")), (&["x"], t("选择", "choose")), (&["/"], t("查找", "find"))]))
    }
}
