//! One person, one record: pairs of records that wait for a data steward, side by side and masked; what was decided;
//! and what counts of one entity, from which a record can be taken out.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{FieldError, Lang, Page, Paging, Text};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{
    Beside, EntityView, GroupState, NewDecision, PairRow, PairState, PairView, Side,
};
use zhengtong_ui::field::{Area, Field, Form, Layout, Pick, form, hidden, radios, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, link, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, reveal};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button, submit};
use zhengtong_ui::table::{Column, Phone, Row, Table, table};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

/// Where the lists are.
const HOME: &str = "/desk/registry/matches";
/// Rows of a page.
const ROWS: u32 = 20;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(HOME, get(listed))
        .route("/desk/registry/matches/{group}/{left}/{right}", get(beside).post(decide))
        .route("/desk/registry/entities/{group}/{id}", get(whole).post(take_out))
}

/// What is asked for.
#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    group: String,
    #[serde(default)]
    filter: String,
    #[serde(default)]
    page: Option<u32>,
}

async fn listed(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let states = zhengtong_registry::match_states(&mut ctx).await?;
    let chosen = states.iter().find(|state| state.id == asked.group).or(states.first());
    let decided = asked.filter == "decided";
    let paging = Paging::new(asked.page.unwrap_or(1), ROWS);
    let mut rows = None;
    if let Some(state) = chosen {
        rows = Some(zhengtong_registry::pairs(&mut ctx, &state.id, decided, paging).await?);
    }
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = chosen.map_or_else(
        || lang.pick("一人一档", "One person, one record").to_owned(),
        |state| state.title.get(lang).to_owned(),
    );
    let frame = bench.frame(&visit, &heading);
    let body = html! {
        (title(&Title::new(heading.as_str()).meta(html! { (lang.pick(
            "像而不能确定的，由您逐对判定；判过的不会再自动改",
            "You decide what is alike but not sure; what was decided is never changed by figures",
        )) })))
        @if let (Some(state), Some(page)) = (chosen, &rows) {
            (groups(lang, &states, state))
            (standing(lang, state))
            (switch(lang, state, decided))
            (list(lang, state, page, decided))
        } @else {
            (empty(&nothing(lang.pick("没有声明要比对的数据集", "No group of datasets is declared"))))
        }
    };
    Ok(bench.page(&visit, &frame, body))
}

/// The groups, where there are several.
fn groups(lang: Lang, states: &[GroupState], chosen: &GroupState) -> Markup {
    let choices: Vec<Choice<'_>> = states
        .iter()
        .map(|state| {
            let choice = Choice::new(state.title.get(lang), format!("{HOME}?group={}", state.id));
            if state.id == chosen.id { choice.current() } else { choice }
        })
        .collect();
    html! { @if states.len() > 1 { (filters(lang.pick("哪一组", "Which group"), &choices)) } }
}

fn standing(lang: Lang, state: &GroupState) -> Markup {
    let learned = state
        .learned
        .map_or_else(|| lang.pick("还没有学成", "Not learned yet").to_owned(), clock_time);
    html! {
        @if let Some(error) = &state.error { (notice(&Notice::new(Mood::Failure, error.get(lang)))) }
        (boxed(&Panel::new(lang.pick("现在", "Now")), pairs([
            (lang.pick("记录", "Records").into(), html! { (state.records) }),
            (lang.pick("归成的档", "Entities").into(), html! { (state.entities) }),
            (lang.pick("待判定", "To decide").into(), html! { (state.doubtful) }),
            (lang.pick("分值学自", "Learned").into(), html! { (learned) }),
        ])))
    }
}

fn switch(lang: Lang, state: &GroupState, decided: bool) -> Markup {
    let address = |filter: &str| format!("{HOME}?group={}&filter={filter}", state.id);
    let waiting =
        Choice::new(lang.pick("待判定", "To decide"), address("waiting")).count(state.doubtful);
    let done = Choice::new(lang.pick("已判定", "Decided"), address("decided"));
    let choices = if decided { [waiting, done.current()] } else { [waiting.current(), done] };
    filters(lang.pick("看哪些", "Which pairs"), &choices)
}

fn list(lang: Lang, state: &GroupState, page: &Page<PairRow>, decided: bool) -> Markup {
    if page.rows.is_empty() {
        let words = if decided {
            lang.pick("还没有判定过", "Nothing was decided yet")
        } else {
            lang.pick("没有待判定的", "Nothing waits for you")
        };
        return empty(&nothing(words));
    }
    let rows = page.rows.iter().map(|row| {
        Row::new(vec![
            html! { (short(row.left)) " · " (short(row.right)) },
            html! { (sureness(lang, row.weight)) },
            state_lamp(lang, row.state),
            html! { (row.decided.map_or_else(|| clock_time(row.found), clock_time)) },
            html! { (row.reason.as_deref().unwrap_or_default()) },
            link_button(
                &Button::secondary(if decided {
                    lang.pick("查看", "Look")
                } else {
                    lang.pick("判定…", "Decide…")
                }),
                &pair_address(&state.id, row),
            ),
        ])
    });
    let href = format!(
        "{HOME}?group={}&filter={}&page=",
        state.id,
        if decided { "decided" } else { "waiting" }
    );
    let list = table(
        lang,
        &Table {
            caption: lang.pick("成对的记录", "Pairs of records").into(),
            columns: vec![
                Column::head(lang.pick("两条记录", "Two records")),
                Column::number(lang.pick("相同的可能", "How likely")),
                Column::new(lang.pick("现在", "State")).tight(),
                Column::new(lang.pick("时间", "When")).tight(),
                Column::new(lang.pick("理由", "Reason")),
                Column::new(lang.pick("判定", "Decide")).quiet(),
            ],
            rows: rows.collect(),
            ..Table::default()
        },
    );
    html! {
        (flush(&Panel::default(), list))
        (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
    }
}

async fn beside(visit: Visit, Path((group, left, right)): Path<(String, Uuid, Uuid)>) -> Answer {
    show_pair(&visit, &group, (left, right), &Typed::default()).await
}

async fn decide(
    visit: Visit,
    Path((group, left, right)): Path<(String, Uuid, Uuid)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let said = fields.get("same").to_owned();
    if !["yes", "no"].contains(&said.as_str()) {
        let text = Text::new("请选是或不是同一个人", "choose whether they are one person");
        let typed = Typed::wrong(fields, FieldError { field: "same".to_owned(), text });
        return show_pair(&visit, &group, (left, right), &typed).await;
    }
    let decision = NewDecision { same: said == "yes", reason: fields.get("reason").to_owned() };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_registry::decide_pair(&mut ctx, &group, (left, right), &decision).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}?group={group}")))
        }
        Err(error) => {
            drop(ctx);
            show_pair(&visit, &group, (left, right), &Typed::of(fields, error)?).await
        }
    }
}

async fn show_pair(
    visit: &Visit,
    group: &str,
    (left, right): (Uuid, Uuid),
    typed: &Typed,
) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = zhengtong_registry::pair(&mut ctx, group, left, right).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let mut frame = bench.frame(visit, visit.lang().pick("两条记录", "Two records"));
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = pair_page(&frame, group, &view, typed);
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn pair_page(frame: &Frame<'_>, group: &str, view: &PairView, typed: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        (crumbs(lang, &[back(lang, group)], &frame.title))
        (typed.above(lang))
        (title(&Title::new(frame.title.as_ref()).meta(html! {
            (sureness(lang, view.row.weight)) " · " (state_lamp(lang, view.row.state))
            @if let (Some(at), Some(reason)) = (view.row.decided, &view.row.reason) {
                " · " (clock_time(at)) " · " (reason)
            }
        })))
        (split(
            html! {
                (flush(&Panel::new(lang.pick("逐项对照", "Item by item")), compared(lang, view)))
                (boxed(&Panel::new(lang.pick("两条记录从哪里来", "Where they come from")), html! {
                    (side(lang, group, &view.left, lang.pick("记录甲", "First record")))
                    (side(lang, group, &view.right, lang.pick("记录乙", "Second record")))
                }))
            },
            boxed(&Panel::new(lang.pick("您的判定", "Your decision")), asked(frame, group, view, typed)),
        ))
    }
}

fn asked(frame: &Frame<'_>, group: &str, view: &PairView, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let same = Field::new("same", lang.pick("是同一个人吗", "Are they one person?"))
        .errors(&typed.errors, lang);
    let options = [
        Pick::new("yes", lang.pick("是同一个人", "Yes, one person"))
            .hint(lang.pick("两条归到一档", "Both come into one entity")),
        Pick::new("no", lang.pick("不是同一个人", "No, two persons"))
            .hint(lang.pick("以后再像也不会并到一起", "They are never joined again")),
    ];
    let reason = Field::new("reason", lang.pick("理由", "Reason"))
        .hint(lang.pick(
            "依据什么判的，例如核对了原件",
            "What it rests on, such as the papers themselves",
        ))
        .errors(&typed.errors, lang);
    form(
        frame,
        &Form::post(pair_address(group, &view.row)),
        html! {
            (radios(lang, &same, &options, typed.fields.get("same"), Layout::default()))
            (textarea(lang, &reason, &Area { value: typed.value("reason").into(), length_max: Some(500), ..Area::default() }))
            (actions(submit(&Button::new(lang.pick("判定", "Decide")))))
        },
    )
}

fn compared(lang: Lang, view: &PairView) -> Markup {
    let rows = view.fields.iter().map(|field| {
        Row::new(vec![
            html! { (field.title.get(lang)) },
            said(lang, &field.left),
            said(lang, &field.right),
            agreement(lang, field),
        ])
    });
    table(
        lang,
        &Table {
            caption: lang.pick("逐项对照", "Item by item").into(),
            columns: vec![
                Column::head(lang.pick("项目", "Item")),
                Column::new(lang.pick("记录甲", "First record")),
                Column::new(lang.pick("记录乙", "Second record")),
                Column::new(lang.pick("有多像", "How alike")),
            ],
            rows: rows.collect(),
            phone: Phone::Stack,
            ..Table::default()
        },
    )
}

fn said(lang: Lang, words: &Text) -> Markup {
    html! {
        @if words.get(lang).is_empty() { span.soft { (lang.pick("没有", "Not given")) } }
        @else { (words.get(lang)) }
    }
}

fn agreement(lang: Lang, field: &Beside) -> Markup {
    let Some(level) = field.level else {
        return html! { span.soft { (lang.pick("无从比较", "Says nothing")) } };
    };
    let light = if field.weight >= 1.0 {
        Light::Ok
    } else if field.weight <= -1.0 {
        Light::Over
    } else {
        Light::None
    };
    html! { (lamp(light, level_words(level).get(lang))) " " span.soft.nowrap { (signed(field.weight)) } }
}

fn side(lang: Lang, group: &str, side: &Side, name: &'static str) -> Markup {
    html! {
        h3 { (name) }
        (pairs([
            (lang.pick("数据集", "Dataset").into(), html! { (side.title.get(lang)) }),
            (lang.pick("来源", "Source").into(), html! { (side.source) }),
            (lang.pick("更新", "Updated").into(), html! { (clock_time(side.updated)) }),
            (lang.pick("所在的档", "Entity").into(), html! {
                @if let Some(entity) = side.entity { (link(&Link::new(format!("{entity}"), entity_address(group, entity)))) }
            }),
        ]))
    }
}

async fn whole(visit: Visit, Path((group, id)): Path<(String, i64)>) -> Answer {
    show_entity(&visit, &group, id, &Typed::default()).await
}

async fn take_out(visit: Visit, Path((group, id)): Path<(String, i64)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let record: Uuid = fields.get("record").parse().unwrap_or_default();
    let reason = fields.get(&format!("reason-{record}")).to_owned();
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_registry::take_out(&mut ctx, &group, record, &reason).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&entity_address(&group, id)))
        }
        Err(error) => {
            drop(ctx);
            let mut typed = Typed::of(fields, error)?;
            for error in &mut typed.errors {
                error.field = format!("{}-{record}", error.field);
            }
            show_entity(&visit, &group, id, &typed).await
        }
    }
}

async fn show_entity(visit: &Visit, group: &str, id: i64, typed: &Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = zhengtong_registry::entity(&mut ctx, group, id).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = match lang {
        Lang::Zh => format!("第 {id} 档"),
        Lang::En => format!("Entity {id}"),
    };
    let mut frame = bench.frame(visit, &heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = entity_page(&frame, &view, typed);
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn entity_page(frame: &Frame<'_>, view: &EntityView, typed: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        (crumbs(lang, &[back(lang, &view.group)], &frame.title))
        (typed.above(lang))
        (title(&Title::new(frame.title.as_ref()).meta(html! {
            (lang.pick("档号长期不变，自 ", "The number stays; since ")) (clock_time(view.since))
        })))
        @if let Some(into) = view.into {
            (notice(&Notice::new(Mood::Info, lang.pick("这一档已并入另一档", "This entity became a part of another")).body(html! {
                (link(&Link::new(format!("{into}"), entity_address(&view.group, into))))
            })))
        }
        (flush(&Panel::new(lang.pick("逐项以谁为准", "What counts, item by item")), items(lang, view)))
        (boxed(&Panel::new(lang.pick("这一档的记录", "Records of this entity")), html! {
            @for (number, member) in (1..).zip(&view.members) {
                h3 { (lang.pick("记录 ", "Record ")) (number) }
                (pairs([
                    (lang.pick("数据集", "Dataset").into(), html! { (member.title.get(lang)) }),
                    (lang.pick("来源", "Source").into(), html! { (member.source) }),
                    (lang.pick("更新", "Updated").into(), html! { (clock_time(member.updated)) }),
                ]))
                p { a href=(crate::registry::record_address(&member.dataset, member.record)) { (lang.pick("看这条记录的历史", "History of this record")) } }
                @if view.members.len() > 1 {
                    (reveal(lang.pick("拆出去…", "Take it out…"), out(frame, view, member, typed)))
                }
            }
        }))
    }
}

fn out(frame: &Frame<'_>, view: &EntityView, member: &Side, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let name = format!("reason-{}", member.record);
    let reason = Field::new(name.as_str(), lang.pick("理由", "Reason"))
        .hint(lang.pick(
            "拆出后自成一档，与这里的其他记录不会再并到一起",
            "It becomes an entity of its own and is never joined with the others here again",
        ))
        .errors(&typed.errors, lang);
    form(
        frame,
        &Form::post(entity_address(&view.group, view.id)),
        html! {
            (hidden("record", &member.record.to_string()))
            (textarea(lang, &reason, &Area { value: typed.value(&name).into(), rows: 2, length_max: Some(500), ..Area::default() }))
            (actions(submit(&Button::danger(lang.pick("拆出去", "Take it out")))))
        },
    )
}

fn items(lang: Lang, view: &EntityView) -> Markup {
    let rows = view.items.iter().map(|item| {
        Row::new(vec![
            html! { (item.title.get(lang)) },
            html! {
                @if let Some(value) = &item.value { (value.get(lang)) }
                @else { span.soft { (lang.pick("没有", "Not given")) } }
            },
            html! { @if let Some(from) = &item.from { (from.get(lang)) } },
            html! {
                @if item.against.is_empty() { span.soft { (lang.pick("一致", "None")) } }
                @for (value, from) in &item.against {
                    p { (value.get(lang)) " " span.soft { (from.get(lang)) } }
                }
            },
        ])
    });
    table(
        lang,
        &Table {
            caption: lang.pick("逐项以谁为准", "What counts, item by item").into(),
            columns: vec![
                Column::head(lang.pick("项目", "Item")),
                Column::new(lang.pick("为准的值", "What counts")),
                Column::new(lang.pick("来自", "From")),
                Column::new(lang.pick("别处的不同说法", "What others say")),
            ],
            rows: rows.collect(),
            phone: Phone::Stack,
            ..Table::default()
        },
    )
}

fn state_lamp(lang: Lang, state: PairState) -> Markup {
    let (light, zh, en) = match state {
        PairState::Joined => (Light::Ok, "自动归并", "Joined"),
        PairState::Doubtful => (Light::Near, "待判定", "To decide"),
        PairState::Same => (Light::Ok, "判为同一人", "One person"),
        PairState::Different => (Light::None, "判为两人", "Two persons"),
    };
    lamp(light, lang.pick(zh, en))
}

/// The words of a level of agreement.
fn level_words(level: &str) -> Text {
    match level {
        "same" => Text::new("相同", "The same"),
        "variant" => Text::new("异体或繁体字", "Another way of writing"),
        "former" => Text::new("与曾用的相同", "A former one"),
        "same-sound" => Text::new("同音", "The same sound"),
        "near-sound" => Text::new("近音", "Nearly the same sound"),
        "one-character" => Text::new("差一个字", "One character apart"),
        "upgraded" => Text::new("新旧号码相同", "Old and new number of one"),
        "slip" => Text::new("像是写错一位", "One slip apart"),
        "two-slips" => Text::new("像是写错两位", "Two slips apart"),
        "swapped" => Text::new("月日颠倒", "Month and day swapped"),
        "two-parts" => Text::new("年月日有两样相同", "Two of year, month and day"),
        "reordered" => Text::new("词序不同", "Other order of words"),
        "very-close" | "close" => Text::new("很接近", "Close"),
        "alike" => Text::new("有些像", "Alike"),
        "contrary" => Text::new("两个号码都有效且不同", "Two valid numbers that differ"),
        _ => Text::new("不同", "Different"),
    }
}

/// How likely two records are the same, in per cent.
fn sureness(lang: Lang, weight: f64) -> String {
    let share = 100.0 / (1.0 + (-weight).exp2());
    match lang {
        Lang::Zh => format!("可能性 {share:.1}%"),
        Lang::En => format!("{share:.1}% likely"),
    }
}

fn signed(weight: f64) -> String {
    format!("{weight:+.1}")
}

fn nothing(words: &'static str) -> Empty<'static> {
    Empty { icon: Icon::Users, title: words.into(), body: None }
}

/// The last characters of a name: enough to tell two rows apart.
fn short(record: Uuid) -> String {
    let text = record.simple().to_string();
    text.get(24..).unwrap_or_default().to_owned()
}

fn pair_address(group: &str, row: &PairRow) -> String {
    format!("{HOME}/{group}/{}/{}", row.left, row.right)
}

fn entity_address(group: &str, entity: i64) -> String {
    format!("/desk/registry/entities/{group}/{entity}")
}

fn back(lang: Lang, group: &str) -> Link<'static> {
    Link::new(lang.pick("一人一档", "One person, one record"), format!("{HOME}?group={group}"))
}
