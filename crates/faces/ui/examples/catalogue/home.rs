//! The portal: the question first, my to-dos beside it, life events, frequent services, the city today.

use maud::{Markup, html};
use zhengtong_ui::city::hero;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{
    Gap, Ground, Heading, Seen, band, columns, halves, only, section, stack, thirds,
};
use zhengtong_ui::list::{Entry, LifeEvent, ServiceEntry, life_events, list, services};
use zhengtong_ui::navigate::{Link, Search, search};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Fact, Panel, facts, panel};
use zhengtong_ui::press::{Button, Choice, link_button, segment, suggestions};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::titled;

pub(super) fn page(frame: &Frame<'_>) -> Markup {
    let mut frame = titled(frame, "首页", Place::Home);
    frame.notices = vec![
        html! { "不动产查询今晚 22:00 至明早 6:00 停用检修，其他服务不受影响。" a href="#" { "看详情" } },
    ];
    hall(
        &frame,
        html! {
            (hero(question(&frame), to_do()))
            (band(Ground::Paper, life()))
            (band(Ground::Surface, halves(often(), today())))
            (only(Seen::ExceptElder, band(Ground::Paper, thirds(public()))))
            (only(Seen::ExceptElder, band(Ground::Sunken, your_data())))
        },
    )
}

fn question(frame: &Frame<'_>) -> Markup {
    html! {
        h1 { "您想办什么事？" }
        (stack(Gap::Normal, html! {
            (search(frame.lang, &Search { action: "/hall".into(), label: "搜索事项、政策和问题".into(), example: "例如：上户口".into(), ..Search::default() }))
            (suggestions("大家在找", &[Choice::new("上户口", "#"), Choice::new("开饭馆", "#"), Choice::new("提公积金", "#"), Choice::new("外地看病", "#")]))
        }))
    }
}

fn to_do() -> Markup {
    panel(
        &Panel::new("我的待办").aside(html! { a href="/my" { "全部 3 件" } }).lifted(),
        list(&[
            Entry::new(html! { a href="#" { strong { "补 1 份材料：招牌效果图" } } })
                .above(html! { (lamp(Light::Near, "剩 2 个工作日")) span.meta { "11 月 25 日前" } })
                .note(html! { "户外招牌设置 · 代示例餐饮有限公司" }),
            Entry::new(html! { a href="#" { strong { "提取住房公积金（租房）" } } })
                .above(html! { (lamp(Light::Ok, "办理中")) span.meta { "承诺 11 月 26 日办完" } }),
            Entry::link("给上月办结的“换领驾驶证”打个分", "#"),
        ]),
    )
}

fn life() -> Markup {
    let event = |icon, name: &'static str, inside: &[&'static str]| LifeEvent {
        icon,
        link: Link::new(name, "#"),
        inside: inside.iter().map(|one| Link::new(*one, "#")).collect(),
        about: "".into(),
    };
    section(
        &Heading::new("life", "我要办").aside(html! {
            (segment("服务对象", &[Choice::new("个人", "#").current(), Choice::new("企业和单位", "#")]))
            a.no-elder href="#" { "按部门找" } a.no-elder href="#" { "按主题找" } a.no-elder href="#" { "全部 1 368 项" }
        }),
        life_events(&[
            event(Icon::Baby, "生孩子·上户口", &["出生医学证明", "新生儿落户", "生育津贴"]),
            event(Icon::School, "上学", &["小学入学报名", "转学", "助学申请"]),
            event(Icon::BriefcaseBusiness, "找工作·社保", &["就业登记", "失业金", "社保转移"]),
            event(Icon::House, "住房", &["提取公积金", "公租房", "不动产登记"]),
            event(Icon::HeartPulse, "看病·医保", &["异地就医备案", "医保报销", "慢病认定"]),
            event(Icon::Store, "开店·办企业", &["企业设立", "食品经营许可", "开户刻章"]),
            event(Icon::Armchair, "退休·养老", &["退休申请", "高龄津贴", "居家护理"]),
            event(Icon::Car, "车辆·出行", &["换领驾驶证", "老年公交卡", "停车证"]),
        ]),
    )
}

fn often() -> Markup {
    let entry = |name: &'static str, note: &'static str, tag| ServiceEntry {
        link: Link::new(name, "#"),
        note: note.into(),
        tag: Some(tag),
    };
    section(
        &Heading::new("often", "常办的事").aside(html! { a href="/hall" { "更多" } }),
        services(&[
            entry("异地就医备案", "不用材料 · 立即办成", tag(Tone::Good, "即时办结")),
            entry("提取住房公积金（租房）", "2 份材料，全部免提交", tag(Tone::Line, "1 个工作日")),
            entry("新生儿落户", "4 份材料，3 份免提交", tag(Tone::Line, "当天")),
            entry("食品经营许可（新办）", "4 份材料，3 份免提交", tag(Tone::Line, "5 个工作日")),
            entry("高龄津贴", "不用申请，到龄自动发放", tag(Tone::Good, "免申即享")),
            entry("换领驾驶证", "1 份材料，可自助机取证", tag(Tone::Line, "1 个工作日")),
        ]),
    )
}

fn today() -> Markup {
    stack(
        Gap::Large,
        html! {
            (section(&Heading::new("today", "今天的城市").aside(html! { span.meta { "11 月 23 日 周一 9:40 更新" } }), list(&[
                Entry::link("东岸区书院路 8–60 号停水检修", "#").icon(Icon::Droplets).note(html! { "今天 13:00–18:00 · 示例水务 · 供水车停书院路 30 号" }),
                Entry::link("12 路、37 路绕行长堤路", "#").icon(Icon::Bus).note(html! { "今天至 11 月 27 日 · 桥面养护" }),
                Entry::link("空气质量 良，68", "#").icon(Icon::Wind).note(html! { "首要污染物 PM2.5 · 市环境监测站 9:00" }),
            ])))
            (notice(&Notice::new(Mood::Info, "说不清、找不到，就打 12345").icon(Icon::Phone).body(html! { p.soft { "24 小时有人接。网上没有的事，也可以在电话里提出来。" } })))
        },
    )
}

fn public() -> [Markup; 3] {
    let dated = |words: &str, day: &str| Entry::link(words, "#").end(html! { (day) });
    [
        section(
            &Heading::new("open", "信息公开").aside(html! { a href="#" { "目录" } }),
            list(&[
                dated("关于优化老旧小区加装电梯办理流程的通知", "11-20"),
                dated("2026 年三季度财政预算执行情况", "11-18"),
                dated("示例市城市桥梁养护办法（2027 年 1 月 1 日施行）", "11-13"),
            ]),
        ),
        section(
            &Heading::new("talk", "请您说说").aside(html! { a href="#" { "全部" } }),
            list(&[
                Entry::link("夜间停车收费标准怎么定？", "#").note(
                    html! { (tag(Tone::Active, "征求意见中")) " 还有 9 天 · 已有 412 条意见" },
                ),
                Entry::link("公园里要不要建宠物活动区？", "#").note(
                    html! { (tag(Tone::Plain, "已答复")) " 采纳 31 条，未采纳的逐条说明了理由" },
                ),
            ]),
        ),
        section(
            &Heading::new("data", "数据开放").aside(html! { a href="#" { "数据目录" } }),
            list(&[
                Entry::link("公共停车场实时空位", "#")
                    .note(html! { "每 5 分钟更新 · CSV、JSON、接口" }),
                Entry::link("食品经营许可公示", "#").note(html! { "每天更新 · 18 240 条" }),
            ]),
        ),
    ]
}

fn your_data() -> Markup {
    columns(html! {
        (section(&Heading::new("yours", "您的数据，您看得见"), stack(Gap::Normal, html! {
            p.soft { "谁因为什么事查过您的资料，都有一条改不掉的记录。您随时能看，也能提出异议。" }
            (link_button(&Button::secondary("看看谁用过我的数据"), "/my"))
        })))
        (facts(&[
            Fact::new("本月少交的材料", "41 206 份", "由部门之间共享取得"),
            Fact::new("按时办结", "99.3%", "10 月，共 68\u{a0}412 件"),
            Fact::new("差评整改", "37 / 37", "10 月，全部回访"),
        ]))
    })
}
