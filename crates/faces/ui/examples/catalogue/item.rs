//! The guide of one service: answers first, then what to bring in my case, then how it goes.

use maud::{Markup, html};
use zhengtong_ui::field::{Field, Form, Layout, Pick, form, radios};
use zhengtong_ui::icon::icon;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Heading, Title, page as body_of, phone_bar, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Fact, Open, Panel, facts, flush, fold, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, print_button, submit};
use zhengtong_ui::step::{Node, Step, way};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Place, hall};

use crate::titled;

pub(super) fn page(frame: &Frame<'_>) -> Markup {
    let frame = titled(frame, "食品经营许可（新办）", Place::Services);
    hall(
        &frame,
        html! { (body_of(html! {
            (crumbs(frame.lang, &[Link::new("首页", "/"), Link::new("开店·办企业", "/hall")], "食品经营许可（新办）"))
            (split(html! {
                div.flow-l {
                    (title(&Title::new("食品经营许可（新办）").lead(html! {
                        "开餐馆、食堂、食品店，或在网上卖食品，开业前要先拿到这张许可证。只卖预包装食品的，" a href="#" { "备案即可" } "。"
                    })))
                    (facts(&[
                        Fact::new("多久办完", "5 个工作日", "法律规定最长 20 个"),
                        Fact::new("花多少钱", "不收费", "任何环节都不收"),
                        Fact::new("跑几次", "0 次", "全程网上办，证可寄送"),
                        Fact::new("谁能办", "企业、个体户", "已领营业执照"),
                    ]))
                }
                (questions(&frame))
                (materials(&frame))
                (course(&frame))
                (background())
                (opinions())
                p.meta { "事项编码 示例-0131-022-01 · 第 7 版，2026 年 7 月 1 日起施行 · " a href="#" { "历史版本" } " · " a href="#" { "指南有错？告诉我们" } }
            }, aside()))
        })) (phone_bar(link_button(&Button::new("开始办理").size(Size::Wide), "#"))) },
    )
}

fn questions(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    section(
        &Heading::new("case", "先答 3 个问题，看您要交什么"),
        panel(
            &Panel::default(),
            form(
                frame,
                &Form::get("#materials"),
                html! {
                    (radios(lang, &Field::new("sell", "1. 您卖什么？"), &[Pick::new("hot", "现做现卖的饭菜"), Pick::new("bulk", "散装或预包装食品"), Pick::new("canteen", "单位食堂")], "hot", Layout::Across))
                    (radios(lang, &Field::new("place", "2. 店面是？"), &[Pick::new("own", "自己的房产"), Pick::new("rent", "租的"), Pick::new("none", "没有店面，只在网上卖")], "own", Layout::Across))
                    (radios(lang, &Field::new("water", "3. 用水来自？"), &[Pick::new("tap", "自来水"), Pick::new("well", "自备水源（如井水）")], "well", Layout::Across))
                    (actions(html! { (submit(&Button::secondary("更新材料清单"))) span.meta { "不用登录，也不会记录您的回答" } }))
                },
            ),
        ),
    )
}

fn materials(frame: &Frame<'_>) -> Markup {
    let free = || html! { span.tag.ok { (icon(Icon::Check)) "免提交" } };
    let row = |name: &str, how: Markup, source: &str| {
        Row::new(vec![html! { (name) }, how, html! { (source) }, html! { a href="#" { "看样例" } }])
    };
    section(
        &Heading::new("materials", "按您的情况：4 份材料，3 份免提交")
            .aside(print_button("打印一次告知单")),
        html! { div.flow {
            (flush(&Panel::default(), table(frame.lang, &Table {
                caption: "材料清单".into(),
                columns: vec![Column::head("材料").tight(), Column::new("怎么交").tight(), Column::new("来源和要求"), Column::new("样例").tight()],
                rows: vec![
                    row("营业执照", free(), "市场主体登记库。只核对，不用上传"),
                    row("法定代表人身份证", free(), "电子证照库。登录时已核验"),
                    row("场所使用证明", free(), "不动产登记库。自有房产免交；租房需上传合同"),
                    row("水质检测报告", tag(Tone::Line, "需上传"), "只有自备水源才要；6 个月内，检测机构出具"),
                ],
                ..Table::default()
            })))
            p.meta { "“免提交”由部门之间共享取得，取数前会征得您同意，并记入" a href="/my" { "您的数据使用记录" } "。" }
        } },
    )
}

fn course(frame: &Frame<'_>) -> Markup {
    let step = |name: &'static str, note: &'static str| Step::new(Node::Future, name).note(note);
    section(
        &Heading::new("course", "办理过程"),
        html! { div.flow {
            (panel(&Panel::default(), way(frame.lang, &[
                step("网上申请", "您，约 12 分钟"),
                step("受理", "许可科，1 个工作日内"),
                step("书面审查", "许可科，2 个工作日"),
                step("现场核查", "东岸市场所，1 个工作日，提前预约"),
                step("决定和送达", "分管局长签发，1 个工作日，电子证当天发"),
            ])))
            p.meta { "水质检测、听证的时间不算在办理期限里，开始和结束都会书面告诉您。材料不齐，我们只通知一次，一次说全。" }
        } },
    )
}

fn background() -> Markup {
    html! { div {
        (fold("为什么要有这张证？依据是什么", Open::Yes, html! { p { "《中华人民共和国食品安全法》第三十五条；《食品经营许可和备案管理办法》。" a href="#" { "看原文" } } }))
        (fold("不给办怎么办", Open::No, html! { p { "会书面说明理由。60 日内可以申请行政复议，6 个月内可以起诉。" } }))
        (fold("证长什么样、有效多久", Open::No, html! { p { "电子证和纸质证同样有效，有效期 5 年。" } }))
        (fold("常见问题（6）", Open::No, html! { p { "地址变了要重新办吗？不用，办变更即可。" } }))
    } }
}

fn opinions() -> Markup {
    section(
        &Heading::new("opinions", "办过的人怎么说").aside(html! { a href="#" { "全部 286 条" } }),
        html! {
            div.columns {
                (facts(&[Fact::new("近 12 个月", "4.8 / 5", "286 人评价，5 条差评已整改")]))
                (list(&[
                    Entry::new(html! { "“上午提交，第三天就收到证了，营业执照真没要我传。”" }).note(html! { "非常满意 · 示例小吃店 · 11 月 12 日" }),
                    Entry::new(html! { "“现场核查的时间可以再早点告诉。”" }).note(html! { "基本满意 · 11 月 3 日 · " strong { "许可科答复：" } "现已改为提前 2 天短信通知。" }),
                ]))
            }
        },
    )
}

fn aside() -> Markup {
    html! {
        (panel(&Panel::default().lifted(), html! {
            (link_button(&Button::new("开始办理").size(Size::Wide), "#"))
            p.meta { "约 12 分钟，随时可停，自动保存 30 天。可" a href="#" { "请人代办" } "。" }
        }))
        (panel(&Panel::new("想去窗口办"), html! {
            p { strong { "市政务服务中心 2 楼 B 区" } br; span.soft { "长堤路 100 号 · 周一至周五 9:00–17:00" } }
            div.row.row-tight { (lamp(Light::Ok, "排队 3 人")) span.meta { "约等 10 分钟 · 9:38" } }
            div.row { a href="#" { "预约取号" } a href="#" { "地图" } a href="#" { "其他 4 处窗口" } }
        }))
        (panel(&Panel::new("问一问"), html! { p { "许可科 " a href="tel:00000000000" { "000-0000 0000" } } p.soft { "监督电话 12345" } }))
    }
}
