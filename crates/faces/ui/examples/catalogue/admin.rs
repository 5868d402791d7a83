//! A list of administration: people with their posts, a search, numbers on top.

use maud::{Markup, html};
use zhengtong_ui::figure::{Stat, stats};
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Pager, Search, narrow, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Choice, filters, link_button};
use zhengtong_ui::table::{Column, Order, Phone, Row, Slot, Table, table};
use zhengtong_ui::{Frame, Icon, Rail, RailGroup, RailItem, desk};

use crate::desk::staff;

pub(super) fn page(frame: &Frame<'_>) -> Markup {
    let frame = staff(frame, "人员");
    let lang = frame.lang;
    desk(
        &frame,
        &rail(),
        html! {
            (title(&Title::new("人员").meta(html! { "共 1 204 人，其中在岗 1 187 人 · 数据来自人事登记" }).actions(html! {
                (link_button(&Button::secondary("从表格导入").icon(Icon::Upload), "#"))
                (link_button(&Button::new("登记人员").icon(Icon::Plus), "#"))
            })))
            (stats(&[
                Stat { name: "没开两步验证".into(), value: "3".into(), unit: "人".into(), why: "都在窗口，首次登录时会要求开通。".into(), owner: "安全管理员".into(), lamp: Some(lamp(Light::Near, "要办")), link: Some(html! { a href="#" { "看名单" } }), ..Stat::default() },
                Stat { name: "90 天没登录".into(), value: "17".into(), unit: "人".into(), why: "满 180 天自动停用。".into(), owner: "系统管理员".into(), lamp: Some(lamp(Light::Ok, "正常")), link: Some(html! { a href="#" { "看名单" } }), ..Stat::default() },
                Stat { name: "到期的代办授权".into(), value: "0".into(), unit: "份".into(), owner: "系统管理员".into(), lamp: Some(lamp(Light::Ok, "正常")), ..Stat::default() },
            ]))
            (notice(&Notice::new(Mood::Info, "三员分立").body(html! { p { "您是系统管理员：能登记人员和岗位，不能看审计记录，也不能给自己授权。" } })))
            div.row {
                (narrow(lang, &Search { action: "#".into(), label: "按姓名、工号或单位查找".into(), example: "姓名、工号、单位".into(), ..Search::default() }))
                (filters("筛选", &[Choice::new("全部", "#").count(1204).current(), Choice::new("在岗", "#").count(1187), Choice::new("停用", "#").count(17)]))
            }
            (flush(&Panel::default(), table(lang, &people())))
            (pager(lang, Pager { page: 3, pages: 61, href: "?page=" }))
        },
    )
}

fn people() -> Table<'static> {
    let row = |name: &str, number: &str, office: &str, post: &str, factor: Markup, seen: &str| {
        Row::new(vec![
            html! { a href="#" { (name) } },
            html! { (number) },
            html! { (office) },
            html! { (post) },
            factor,
            html! { (seen) },
        ])
    };
    Table {
        caption: "人员".into(),
        columns: vec![
            Column::head("姓名").sort(Order::Ascending, "?sort=-name").slot(Slot::Left(1)),
            Column::new("工号").tight().slot(Slot::Right(1)),
            Column::new("单位"),
            Column::new("岗位"),
            Column::new("两步验证").tight(),
            Column::new("上次登录").tight().sort(Order::None, "?sort=seen"),
        ],
        rows: vec![
            row(
                "周办员",
                "SJ-0417",
                "市场监督管理局 · 许可科",
                "窗口受理",
                tag(Tone::Good, "已开通"),
                "今天 8:57",
            ),
            row(
                "吴办员",
                "SJ-0421",
                "市场监督管理局 · 许可科",
                "审查",
                tag(Tone::Good, "已开通"),
                "今天 9:02",
            ),
            row(
                "林科长",
                "SJ-0102",
                "市场监督管理局 · 许可科",
                "科长",
                tag(Tone::Good, "已开通"),
                "昨天 17:40",
            ),
            row(
                "陈示例",
                "SJ-0007",
                "市场监督管理局",
                "分管局长",
                tag(Tone::Good, "已开通"),
                "11-20 10:11",
            ),
            row(
                "何值班",
                "CG-0033",
                "城市管理局 · 监督中心",
                "值班长",
                tag(Tone::Warn, "未开通"),
                "从未",
            ),
        ],
        phone: Phone::Card,
        ..Table::default()
    }
}

fn rail() -> Rail<'static> {
    let item = |icon, text: &'static str, href: &'static str| {
        RailItem::new(icon, text, href).at("/admin/people")
    };
    Rail {
        part: "管理".into(),
        home: "/admin".into(),
        groups: vec![
            RailGroup {
                title: "".into(),
                items: vec![item(Icon::ListChecks, "开通清单", "/admin/setup")],
            },
            RailGroup {
                title: "人和单位".into(),
                items: vec![
                    item(Icon::Users, "人员", "/admin/people").count(1204),
                    item(Icon::Building2, "单位", "/admin/organisations").count(55),
                ],
            },
            RailGroup {
                title: "运行".into(),
                items: vec![
                    item(Icon::Package, "包", "/admin/packs").count(4),
                    item(Icon::Workflow, "后台任务", "/admin/jobs"),
                    item(Icon::History, "记录", "/admin/record"),
                    item(Icon::Settings, "设置", "/admin/settings"),
                ],
            },
        ],
        ..Rail::default()
    }
}
