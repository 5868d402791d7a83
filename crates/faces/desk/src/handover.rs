//! Who of the department has how much in hand, and everything of somebody who leaves given to others at once.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Text};
use zhengtong_casework::{Colleague, Hands};
use zhengtong_http::{Answer, App, Fields, Visit, redirect, short};
use zhengtong_ui::Frame;
use zhengtong_ui::Icon;
use zhengtong_ui::field::{Area, Field, Form, Layout, Pick, errors, form, radios, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::table::{Column, Row, Table, table};

use crate::bench::{Bench, reading, staff_only};
use crate::bulk::picks;

/// What stands for nobody in particular.
const POOL: &str = "pool";

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/handover", get(all))
        .route("/desk/handover/{from}", get(ask).post(hand_over))
}

#[derive(Deserialize)]
struct Done {
    given: Option<usize>,
    freed: Option<usize>,
}

async fn all(visit: Visit, Query(done): Query<Done>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let hands = zhengtong_casework::hands(&mut ctx).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("谁手上有多少件", "Who has what in hand");
    let frame = bench.frame(&visit, heading);
    let body = html! {
        (told(lang, &done))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "有人离岗、休长假，把他手上的件一次移交。只移交几件，到收件箱“全单位”里勾选，点“交给同事”。",
            "When somebody leaves, hand over everything at once. For single cases tick them under Whole unit in the inbox.",
        )) })))
        @if hands.is_empty() {
            (empty(&Empty { icon: Icon::Users, title: lang.pick("现在没有人手上有件", "Nobody has anything in hand").into(), body: None }))
        } @else { (flush(&Panel::default(), listed(lang, &hands))) }
    };
    Ok(bench.page(&visit, &frame, body))
}

fn told(lang: Lang, done: &Done) -> Markup {
    let (Some(given), Some(freed)) = (done.given, done.freed) else { return html! {} };
    let words = match (lang, freed) {
        (Lang::Zh, 0) => format!("已移交 {given} 件"),
        (Lang::Zh, _) => format!("已移交 {given} 件，放回待领 {freed} 件"),
        (Lang::En, 0) => format!("{given} handed over"),
        (Lang::En, _) => format!("{given} handed over, {freed} given back to all"),
    };
    notice(&Notice::new(Mood::Done, words))
}

fn listed(lang: Lang, hands: &[Hands]) -> Markup {
    let rows = hands.iter().map(|one| {
        let late = match (one.over, lang) {
            (0, _) => lamp(Light::Ok, lang.pick("没有超期", "None late")),
            (over, Lang::Zh) => lamp(Light::Over, &format!("{over} 件过了到期日")),
            (over, Lang::En) => lamp(Light::Over, &format!("{over} past their day")),
        };
        Row::new(vec![
            html! { (one.name) },
            html! { (one.open) },
            late,
            html! { (one.first.map(short).unwrap_or_default()) },
            link_button(
                &Button::secondary(lang.pick("全部移交…", "Hand over all…")),
                &format!("/desk/handover/{}", one.account),
            ),
        ])
    });
    table(
        lang,
        &Table {
            caption: lang.pick("各人手上的件", "What everybody has in hand").into(),
            columns: vec![
                Column::head(lang.pick("办件人", "Officer")),
                Column::number(lang.pick("手上", "In hand")),
                Column::new(lang.pick("时限", "Limits")),
                Column::new(lang.pick("最早到期", "First due")).tight(),
                Column::new(lang.pick("移交", "Hand over")).quiet(),
            ],
            rows: rows.collect(),
            ..Table::default()
        },
    )
}

#[derive(Default)]
struct Typed {
    fields: Fields,
    errors: Vec<FieldError>,
    said: Option<Text>,
    kind: Option<Kind>,
}

async fn ask(visit: Visit, Path(from): Path<Uuid>) -> Answer {
    show(&visit, from, Typed::default()).await
}

async fn show(visit: &Visit, from: Uuid, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let hands = zhengtong_casework::hands(&mut ctx).await?;
    let colleagues = zhengtong_casework::colleagues(&mut ctx).await?;
    let roles = ctx.defs::<zhengtong_party::Catalog>()?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let who = hands.iter().find(|one| one.account == from);
    let heading = match (lang, who) {
        (Lang::Zh, Some(one)) => format!("移交 {} 手上的 {} 件", one.name, one.open),
        (Lang::En, Some(one)) => format!("Hand over the {} of {}", one.open, one.name),
        (_, None) => lang.pick("这个人手上没有件了", "Nothing is in these hands").to_owned(),
    };
    let mut frame = bench.frame(visit, &heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let others: Vec<Colleague> =
        colleagues.into_iter().filter(|colleague| colleague.account != from).collect();
    let links = [Link::new(lang.pick("谁手上有多少件", "Who has what in hand"), "/desk/handover")];
    let body = html! {
        (crumbs(lang, &links, &heading))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(heading.as_str())))
        @if who.is_some() { (asked(&frame, from, &others, &roles, &typed)) }
    };
    Ok(match typed.kind {
        Some(kind) => bench.refused(visit, &frame, body, kind),
        None => bench.page(visit, &frame, body),
    })
}

fn asked(
    frame: &Frame<'_>,
    from: Uuid,
    others: &[Colleague],
    roles: &zhengtong_party::Catalog,
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let mut options = vec![
        Pick::new(POOL, lang.pick("放回待领", "Give back to all"))
            .hint(lang.pick("有这个岗位的同事都能领", "Whoever has the role can take them")),
    ];
    options.extend(picks(lang, others, roles));
    let to = Field::new("to", lang.pick("交给谁", "To whom"))
        .hint(lang.pick(
            "这位同事没有的岗位，那几件放回待领",
            "What the colleague has no role for is given back to all",
        ))
        .errors(&typed.errors, lang);
    let why = Field::new("why", lang.pick("为什么移交", "Why"))
        .hint(lang.pick(
            "例如：调岗、产假。记入每一件的经过，只在单位内可见",
            "Such as a new post or leave. It is kept with each case, within the unit",
        ))
        .errors(&typed.errors, lang);
    form(
        frame,
        &Form::post(format!("/desk/handover/{from}")),
        html! {
            (radios(lang, &to, &options, typed.fields.get("to"), Layout::Down))
            (textarea(lang, &why, &Area { value: typed.fields.get("why").to_owned().into(), rows: 3, ..Area::default() }))
            (actions(html! {
                (submit(&Button::new(lang.pick("移交", "Hand over")).size(Size::Large)))
                (link_button(&Button::quiet(lang.pick("先不移交", "Not now")), "/desk/handover"))
            }))
        },
    )
}

async fn hand_over(visit: Visit, Path(from): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let to = match fields.get("to") {
        POOL => None,
        account => match account.parse::<Uuid>() {
            Ok(account) => Some(account),
            Err(_unreadable) => {
                let missing = FieldError::new("to", "请选交给谁", "choose to whom");
                let typed =
                    Typed { fields, errors: vec![missing], said: None, kind: Some(Kind::Invalid) };
                return show(&visit, from, typed).await;
            }
        },
    };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_casework::hand_over(&mut ctx, from, to, fields.get("why")).await {
        Ok(moved) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/handover?given={}&freed={}", moved.given, moved.freed)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (kind, errors) = (Some(error.kind()), error.fields());
            let said = errors.is_empty().then(|| error.text());
            show(&visit, from, Typed { fields, errors, said, kind }).await
        }
        Err(error) => Err(error.into()),
    }
}
