//! 代理: who stands in for whom in a department, and naming a substitute for some days.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Text};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect};
use zhengtong_party::{NewSubstitution, Organisation, PostCard, Substitution};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Field, Form, Input, Pick, Width, date, errors, form, hidden, select, text,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/substitutes", get(listed).post(name))
        .route("/desk/substitutes/{id}/end", post(end))
}

#[derive(Deserialize)]
struct Wanted {
    /// The department; one's own without it.
    unit: Option<Uuid>,
}

/// A department, who stands in there, and the posts for which the actor may name somebody.
struct Shown {
    unit: Organisation,
    cards: Vec<PostCard>,
    substitutions: Vec<Substitution>,
    mine: Vec<Uuid>,
    today: Date,
    bench: Bench,
}

#[derive(Default)]
struct Typed {
    fields: Fields,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

impl Shown {
    async fn load(visit: &Visit, unit: Option<Uuid>) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let unit = unit.or(visit.actor.organisation).ok_or_else(Fault::absent)?;
        let organisation = zhengtong_party::organisation(&mut ctx, unit).await?;
        let cards = zhengtong_party::posts(&mut ctx, unit).await?;
        let substitutions = zhengtong_party::substitutions(&mut ctx, unit).await?;
        let mut mine = Vec::new();
        for card in &cards {
            if zhengtong_party::may_substitute(&mut ctx, card.post.id).await? {
                mine.push(card.post.id);
            }
        }
        let today = china_date(ctx.now);
        let bench = Bench::load(&mut ctx).await?;
        ctx.commit().await?;
        Ok(Self { unit: organisation, cards, substitutions, mine, today, bench })
    }

    /// Who may stand in: those who hold a post here.
    fn colleagues(&self) -> Vec<(Uuid, &str)> {
        let mut people: Vec<(Uuid, &str)> = Vec::new();
        for holding in self.cards.iter().flat_map(|card| &card.holdings) {
            if holding.starts <= self.today && people.iter().all(|(id, _)| *id != holding.person) {
                people.push((holding.person, holding.name.as_str()));
            }
        }
        people.sort_by(|left, right| left.1.cmp(right.1));
        people
    }
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    show(&visit, wanted.unit, &Typed::default()).await
}

async fn show(visit: &Visit, unit: Option<Uuid>, typed: &Typed) -> Answer {
    let shown = Shown::load(visit, unit).await?;
    let mut frame = shown.bench.frame(visit, visit.lang().pick("代理", "Substitutes"));
    if typed.said.is_none() && typed.errors.is_empty() {
        return Ok(shown.bench.page(visit, &frame, page(visit, &frame, &shown, typed)));
    }
    frame.standing = Standing::Faulty;
    let body = page(visit, &frame, &shown, typed);
    Ok(shown.bench.refused(visit, &frame, body, Kind::Invalid))
}

async fn name(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let unit: Option<Uuid> = fields.get("unit").parse().ok();
    let new = match read(&fields) {
        Ok(new) => new,
        Err(errors) => return show(&visit, unit, &Typed { fields, errors, said: None }).await,
    };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::substitute(&mut ctx, &new).await {
        Ok(_named) => {
            ctx.commit().await?;
            Ok(redirect(&address(unit)))
        }
        Err(error)
            if matches!(error.kind(), Kind::Invalid | Kind::Conflict)
                || matches!(error, zhengtong_party::Error::OwnRights) =>
        {
            drop(ctx);
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            show(&visit, unit, &Typed { fields, errors, said }).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn end(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::end_substitution(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect(&address(fields.get("unit").parse().ok())))
}

fn address(unit: Option<Uuid>) -> String {
    unit.map_or_else(
        || "/desk/substitutes".to_owned(),
        |unit| format!("/desk/substitutes?unit={unit}"),
    )
}

/// What was filled in; everything that is missing at once.
fn read(fields: &Fields) -> Result<NewSubstitution, Vec<FieldError>> {
    let day = |name: &str| {
        Date::parse(fields.get(name).trim(), format_description!("[year]-[month]-[day]")).ok()
    };
    let id = |name: &str| fields.get(name).parse::<Uuid>().ok();
    let parts = (id("post"), id("person"), day("starts"), day("last"));
    if let (Some(post), Some(person), Some(starts), Some(last)) = parts {
        let ends = last.next_day().unwrap_or(last);
        let reason = fields.get("why").to_owned();
        return Ok(NewSubstitution { post, person, starts, ends, reason });
    }
    let missing = [
        (parts.0.is_none(), FieldError::new("post", "请选岗位", "choose a post")),
        (parts.1.is_none(), FieldError::new("person", "请选代理人", "choose a person")),
        (
            parts.2.is_none(),
            FieldError::new(
                "starts",
                "请写开始日期，例如 2026-11-23",
                "write the first day, such as 2026-11-23",
            ),
        ),
        (
            parts.3.is_none(),
            FieldError::new(
                "last",
                "请写最后一天，例如 2026-11-27",
                "write the last day, such as 2026-11-27",
            ),
        ),
    ];
    Err(missing.into_iter().filter(|(gone, _)| *gone).map(|(_, error)| error).collect())
}

fn page(visit: &Visit, frame: &Frame<'_>, shown: &Shown, typed: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(lang.pick("代理", "Substitutes")).meta(html! { (shown.unit.name.get(lang)) }).lead(html! { (lang.pick(
            "休假、出差时指定一位同事代理。代理人在这几天可以换到这个岗位办件，记录里署“代”，到期自动结束。",
            "On leave or on a journey, name a colleague. For these days they may act in the post, the record says so, and it ends by itself.",
        )) })))
        (panel(&Panel::new(lang.pick("现在和将来的代理", "Now and to come")), html! {
            @if shown.substitutions.is_empty() { p.soft { (lang.pick("没有。", "None.")) } }
            (list(&shown.substitutions.iter().map(|one| entry(visit, frame, shown, one)).collect::<Vec<_>>()))
        }))
        @if shown.mine.is_empty() {
            p.soft { (lang.pick("给岗位指定代理人，由任这个岗位的人、本单位负责人或安全管理员来做。", "The holder of a post, the head, or the security administrator names a substitute.")) }
        } @else { (new(frame, shown, typed)) }
    }
}

fn entry(visit: &Visit, frame: &Frame<'_>, shown: &Shown, one: &Substitution) -> Entry {
    let lang = frame.lang;
    let post = shown.cards.iter().find(|card| card.post.id == one.post);
    let post = post.map_or("–", |card| card.post.title.get(lang));
    let last = one.ends.previous_day().unwrap_or(one.ends);
    let begun = one.starts <= shown.today;
    let state =
        if begun { lang.pick("代理中", "now") } else { lang.pick("未开始", "to come") };
    let entry = Entry::new(html! { strong { (one.name) } " " (lang.pick("代 ", "for ")) (post) " " (tag(Tone::Line, state)) })
        .note(html! { (one.starts) (lang.pick(" 至 ", " to ")) (last) " · " span lang="zh-CN" { (one.reason) } });
    if !shown.mine.contains(&one.post) && visit.actor.person != Some(one.person) {
        return entry;
    }
    let button =
        Button::quiet(lang.pick("提前结束", "End it now")).sends("unit", shown.unit.id.to_string());
    entry.end(post_button(&format!("/desk/substitutes/{}/end", one.id), token(frame), &button))
}

fn new(frame: &Frame<'_>, shown: &Shown, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let value = |name: &str| typed.fields.get(name).to_owned();
    let posts: Vec<Pick<'_>> = shown
        .cards
        .iter()
        .filter(|card| shown.mine.contains(&card.post.id))
        .map(|card| Pick::new(card.post.id.to_string(), held(lang, card)))
        .collect();
    let people: Vec<Pick<'_>> =
        shown.colleagues().iter().map(|(id, name)| Pick::new(id.to_string(), *name)).collect();
    let only =
        if posts.len() == 1 { posts.first().map(|post| post.value.to_string()) } else { None };
    let chosen = if value("post").is_empty() { only.unwrap_or_default() } else { value("post") };
    let new = typed.fields.0.is_empty();
    let first = if new { shown.today.to_string() } else { value("starts") };
    let week = shown.today.checked_add(time::Duration::days(6)).unwrap_or(shown.today);
    let last = if new { week.to_string() } else { value("last") };
    boxed(
        &Panel::new(lang.pick("指定代理人", "Name a substitute")),
        form(
            frame,
            &Form::post("/desk/substitutes"),
            html! {
                (hidden("unit", &shown.unit.id.to_string()))
                (select(lang, &field("post", "岗位", "Post"), &posts, &chosen))
                (select(lang, &field("person", "代理人", "Substitute"), &people, &value("person")))
                (date(lang, &field("starts", "第一天", "First day"), &first))
                (date(lang, &field("last", "最后一天", "Last day"), &last))
                (text(lang, &field("why", "为什么", "Why").hint(lang.pick("例如年休假、出差、学习", "Such as leave, a journey, a course")), &Input::new(value("why")).width(Width::Long)))
                (actions(submit(&Button::new(lang.pick("指定代理人", "Name the substitute")))))
            },
        ),
    )
}

fn held(lang: zhengtong_base::Lang, card: &PostCard) -> String {
    let names: Vec<&str> = card.holdings.iter().map(|holding| holding.name.as_str()).collect();
    let names = if names.is_empty() {
        lang.pick("空缺", "vacant").to_owned()
    } else {
        names.join(lang.pick("、", ", "))
    };
    format!("{}（{names}）", card.post.title.get(lang))
}
