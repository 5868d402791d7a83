//! The guide of one item: the answers first, then what to bring in my case, then how it goes.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde_json::{Map, Value};
use zhengtong_base::Lang;
use zhengtong_http::{Answer, App, Visit, day, see_same};
use zhengtong_rating::Opinion;
use zhengtong_service::{Item, Listed, MaterialRule, Object};
use zhengtong_ui::field::{Field, Form, Layout, Pick, form, radios};
use zhengtong_ui::icon::icon;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page, phone_bar, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Fact, Open, Panel, facts, flush, fold, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, print_button, submit};
use zhengtong_ui::rating::stars;
use zhengtong_ui::step::{Node, Step, way};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Frame, Icon, Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/hall/{slug}", get(guide))
}

async fn guide(
    visit: Visit,
    Path(slug): Path<String>,
    Query(given): Query<Vec<(String, String)>>,
) -> Answer {
    let mut ctx = visit.ctx().await?;
    let listed = zhengtong_service::by_slug(&mut ctx, &slug).await?;
    let standing = zhengtong_rating::opinion(&mut ctx, &listed.id).await?;
    ctx.commit().await?;
    let chosen = zhengtong_service::chosen(&listed.item, &given);
    let frame = visit.frame(listed.item.name.get(visit.lang()), Place::Services);
    Ok(see_same(hall(&frame, body(&visit, &frame, &listed, &chosen, &standing))))
}

fn body(
    visit: &Visit,
    frame: &Frame<'_>,
    listed: &Listed,
    chosen: &Map<String, Value>,
    standing: &Opinion,
) -> Markup {
    let lang = frame.lang;
    let item = &listed.item;
    let name = item.name.get(lang);
    page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/"), Link::new(lang.pick("办事", "Services"), "/hall")], name))
        (split(html! {
            div.flow-l {
                (title(&Title::new(name).lead(html! { (item.summary.get(lang)) })))
                (answers(lang, listed))
            }
            @if !item.question.is_empty() { (questions(frame, listed, chosen)) }
            (materials(lang, item, chosen))
            (course(lang, item))
            (background(lang, item))
            (opinions(visit, standing))
            p.meta { @match lang {
                Lang::Zh => { "事项编码 " (item.code) " · 第 " (item.version) " 版，" (in_force(visit, item)) "起施行" },
                Lang::En => { "Item code " (item.code) " · version " (item.version) ", in force from " (in_force(visit, item)) },
            } }
        }, aside(lang, listed)))
        (phone_bar(link_button(
            &Button::new(lang.pick("开始办理", "Start")).size(Size::Wide),
            &format!("/hall/{}/start", listed.slug),
        )))
    })
}

/// The first day of this version, as people write it.
fn in_force(visit: &Visit, item: &Item) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(&item.valid_from, format).map_or_else(
        |_not_a_day| item.valid_from.clone(),
        |date| day(visit.lang(), date, visit.app.db.clock().now()),
    )
}

/// Who may apply, in a word.
fn who(lang: Lang, item: &Item) -> &'static str {
    let may = |object: Object| item.object.contains(&object);
    if may(Object::Official) {
        return lang.pick("由机关依职权办", "Begun by the office");
    }
    match (may(Object::Natural), may(Object::Legal)) {
        (true, false) => lang.pick("个人", "Persons"),
        (false, true) => lang.pick("企业和单位", "Organisations"),
        _ => lang.pick("个人和单位", "Everyone"),
    }
}

fn answers(lang: Lang, listed: &Listed) -> Markup {
    let item = &listed.item;
    let (promised, statutory) = (listed.promised, listed.statutory);
    let times = |limit: zhengtong_casework::Limit| crate::case::span(lang, limit.days, limit.unit);
    let counted = if promised.unit == statutory.unit {
        lang.pick("个", "").to_owned()
    } else {
        lang.pick(statutory.unit.zh(), statutory.unit.en()).to_owned()
    };
    facts(&[
        Fact::new(
            lang.pick("多久办完", "How long"),
            times(promised),
            match lang {
                Lang::Zh => format!("法律规定最长 {} {counted}", statutory.days),
                Lang::En => {
                    format!("the law allows {} {counted}", statutory.days).trim_end().to_owned()
                }
            },
        ),
        Fact::new(
            lang.pick("花多少钱", "Cost"),
            item.fee.get(lang),
            lang.pick("任何环节都不另收", "nothing more at any step"),
        ),
        Fact::new(
            lang.pick("跑几次", "Visits"),
            match lang {
                Lang::Zh => format!("{} 次", item.visits),
                Lang::En => item.visits.to_string(),
            },
            if item.visits == 0 {
                lang.pick("全程网上办", "all online")
            } else {
                lang.pick("到窗口", "at the window")
            },
        ),
        Fact::new(lang.pick("谁能办", "Who"), who(lang, item), applicants(lang, item)),
    ])
}

/// Who may apply, and how well the name must be proven.
fn applicants(lang: Lang, item: &Item) -> String {
    let words = item.applicants.get(lang);
    match (item.level, lang) {
        (0, _) => words.to_owned(),
        (level, Lang::Zh) => format!("{words}；经办人实名等级 {level} 级以上"),
        (level, Lang::En) => format!("{words}; the person's name proven to level {level}"),
    }
}

fn questions(frame: &Frame<'_>, listed: &Listed, chosen: &Map<String, Value>) -> Markup {
    let lang = frame.lang;
    let count = listed.item.question.len();
    let heading = match lang {
        Lang::Zh => format!("先答 {count} 个问题，看您要交什么"),
        Lang::En => format!("Answer {count} questions to see what you need"),
    };
    section(
        &Heading::new("questions", heading),
        panel(
            &Panel::default(),
            form(
                frame,
                &Form::get(format!("/hall/{}#materials", listed.slug)),
                html! {
                    @for (place, question) in listed.item.question.iter().enumerate() {
                        (radios(
                            lang,
                            &Field::new(question.name.as_str(), format!("{}. {}", place + 1, question.title.get(lang))),
                            &question.option.iter().map(|option| Pick::new(option.value.as_str(), option.title.get(lang))).collect::<Vec<_>>(),
                            chosen.get(&question.name).and_then(Value::as_str).unwrap_or_default(),
                            Layout::Across,
                        ))
                    }
                    (actions(html! {
                        (submit(&Button::secondary(lang.pick("更新材料清单", "Update the list"))))
                        span.meta { (lang.pick("不用登录，也不会记录您的回答", "no login needed; your answers are not kept")) }
                    }))
                },
            ),
        ),
    )
}

fn materials(lang: Lang, item: &Item, chosen: &Map<String, Value>) -> Markup {
    let needed = zhengtong_service::needed(item, chosen);
    let free = needed.iter().filter(|rule| rule.source != "applicant").count();
    let heading = match lang {
        Lang::Zh => format!("按您的情况：{} 份材料，{free} 份免提交", needed.len()),
        Lang::En => format!("In your case: {} papers, {free} need not be handed in", needed.len()),
    };
    section(
        &Heading::new("materials", heading)
            .aside(print_button(lang.pick("打印一次告知单", "Print this list"))),
        html! { div.flow {
            (flush(&Panel::default(), table(lang, &Table {
                caption: lang.pick("材料清单", "Papers").into(),
                columns: vec![
                    Column::head(lang.pick("材料", "Paper")),
                    Column::new(lang.pick("怎么交", "How")).tight(),
                    Column::new(lang.pick("来源和要求", "Source and requirements")),
                ],
                rows: needed.iter().map(|rule| material(lang, rule)).collect(),
                ..Table::default()
            })))
            p.meta { (lang.pick("“免提交”的材料由部门之间共享取得，取用前会征得您同意，并记入", "Papers that need not be handed in are taken from registries with your consent, and this is recorded in ")) a href="/my#used" { (lang.pick("您的数据使用记录", "the record of your data")) } (lang.pick("。", ".")) }
        } },
    )
}

fn material(lang: Lang, rule: &MaterialRule) -> Row {
    let how = if rule.source == "applicant" {
        let words = if rule.deferrable {
            lang.pick("需上传，可容缺", "Upload, may follow")
        } else {
            lang.pick("需上传", "Upload")
        };
        tag(Tone::Line, words)
    } else {
        html! { span.tag.ok { (icon(Icon::Check)) (lang.pick("免提交", "Not needed")) } }
    };
    Row::new(vec![html! { (rule.name.get(lang)) }, how, html! { (rule.note.get(lang)) }])
}

fn course(lang: Lang, item: &Item) -> Markup {
    let steps: Vec<Step<'_>> = item
        .step
        .iter()
        .map(|step| Step::new(Node::Future, step.name.get(lang)).note(step.who.get(lang)))
        .collect();
    section(
        &Heading::new("course", lang.pick("办理过程", "How it goes")),
        html! { div.flow {
            (panel(&Panel::default(), way(lang, &steps)))
            p.meta { (lang.pick(
                "听证、检测等特别程序的时间不算在办理期限里，开始和结束都会书面告诉您。材料不齐，我们只通知一次，一次说全。",
                "Time for hearings and tests does not count; you are told in writing when it starts and ends. If papers are missing you are told once, completely.",
            )) }
        } },
    )
}

fn background(lang: Lang, item: &Item) -> Markup {
    let licence = match lang {
        Lang::Zh => format!("拿到的是：{}", item.result.name.zh),
        Lang::En => format!("What you get: {}", item.result.name.en),
    };
    section(
        &Heading::new("background", lang.pick("想知道更多", "Good to know")),
        html! { div {
            (fold(lang.pick("依据是什么", "Legal basis"), Open::Yes, html! {
                @for law in &item.basis { p { (law.get(lang)) } }
            }))
            (fold(lang.pick("不给办怎么办", "If it is refused"), Open::No, html! { p { (lang.pick(
                "会书面说明理由。60 日内可以申请行政复议，6 个月内可以起诉。",
                "You get the reasons in writing. You may ask for administrative review within 60 days or sue within 6 months.",
            )) } }))
            (fold(&licence, Open::No, html! { p { (item.result.note.get(lang)) } }))
            @for faq in &item.faq {
                (fold(faq.question.get(lang), Open::No, html! { p { (faq.answer.get(lang)) } }))
            }
        } },
    )
}

fn opinions(visit: &Visit, standing: &Opinion) -> Markup {
    let lang = visit.lang();
    let all = html! { a href="/hall/ratings" { (lang.pick("看全市评价结果", "Ratings of the whole city")) } };
    let Some(count) = standing.count else {
        return section(
            &Heading::new("opinions", lang.pick("办过的人怎么说", "What people say")).aside(all),
            html! { p.soft { (lang.pick("评价还不多，暂不显示。办过这件事的人，都可以在“我的”里评。", "Too few ratings to be shown yet. Everyone who had this case can rate it in My space.")) } },
        );
    };
    let good = format!("{}.{}%", standing.good / 10, standing.good % 10);
    let mean = format!("{}.{}", standing.mean_tenths / 10, standing.mean_tenths % 10);
    let entries: Vec<Entry> = standing
        .latest
        .iter()
        .map(|comment| {
            Entry::new(html! {
                "“" span lang="zh-CN" { (comment.words) } "”"
                @if let Some(reply) = &comment.reply { p.soft { (lang.pick("单位答复：", "Reply: ")) span lang="zh-CN" { (reply) } } }
            })
            .note(html! { (stars(6_u8.saturating_sub(comment.level))) " · " (comment.day) })
        })
        .collect();
    section(
        &Heading::new("opinions", lang.pick("办过的人怎么说", "What people say")).aside(all),
        html! {
            div.columns {
                (facts(&[Fact::new(
                    lang.pick("好评率", "Satisfied"),
                    good,
                    match lang {
                        Lang::Zh => format!("近一年 {count} 人评价，平均 {mean} 级（1 级最好）"),
                        Lang::En => format!("{count} ratings in a year, mean level {mean} (1 is the best)"),
                    },
                )]))
                @if !entries.is_empty() { (list(&entries)) }
            }
        },
    )
}

fn aside(lang: Lang, listed: &Listed) -> Markup {
    let item = &listed.item;
    let start = format!("/hall/{}/start", listed.slug);
    html! {
        (panel(&Panel::default().lifted(), html! {
            (link_button(&Button::new(lang.pick("开始办理", "Start")).size(Size::Wide), &start))
            p.meta { @match lang {
                Lang::Zh => { "约 " (item.minutes) " 分钟，随时可停，自动保存 30 天。" },
                Lang::En => { "About " (item.minutes) " minutes. Stop at any time; it is kept for 30 days." },
            } }
        }))
        @if item.unsigned.is_some() || item.published.is_some() {
            (panel(&Panel::new(lang.pick("不用登录", "Without a login")), html! {
                @if let Some(rule) = &item.unsigned {
                    p { a href={ "/hall/" (listed.slug) "/write" } { (rule.title.get(lang)) } }
                    p { a href={ "/hall/" (listed.slug) "/look" } { (lang.pick("凭查询码查进度", "Look it up with the code")) } }
                }
                @if let Some(rule) = &item.published {
                    p { a href={ "/hall/" (listed.slug) "/published" } { (rule.title.get(lang)) } }
                }
            }))
        }
        (panel(&Panel::new(lang.pick("想去窗口办", "At the window")), html! {
            p { strong { (item.window.place.get(lang)) } br; span.soft { (item.window.address.get(lang)) } br; span.soft { (item.window.hours.get(lang)) } }
        }))
        (panel(&Panel::new(lang.pick("问一问", "Ask")), html! {
            p { (lang.pick("咨询 ", "Telephone ")) a href={ "tel:" (item.window.phone.replace([' ', '-'], "")) } { (item.window.phone) } }
            p.soft { (lang.pick("监督电话 12345", "Complaints 12345")) }
        }))
    }
}
