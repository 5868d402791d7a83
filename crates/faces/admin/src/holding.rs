//! Who holds a post: finding the person, giving the post for a time, ending it today.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Page, Paging};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect};
use zhengtong_party::{Organisation, PersonRow, PostCard};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Layout, Pick, date, errors, form, hidden, radios};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, Search, crumbs, narrow};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed};
use zhengtong_ui::press::{Button, actions, link_button, post as post_button, submit};

use crate::bench::{Bench, Typed, acting, reading};
use crate::organisation::unit_again;
use crate::person::left_behind;

/// People that one search offers.
const ROWS: u32 = 10;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/organisations/{id}/posts/{post}/hold", get(ask).post(hold))
        .route("/admin/organisations/{id}/posts/{post}/end/{holding}", get(ask_end).post(end))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
}

/// A post to be given, with the people that were found for it.
struct Asked {
    organisation: Organisation,
    card: PostCard,
    found: Option<Page<PersonRow>>,
    today: Date,
    bench: Bench,
}

impl Asked {
    async fn load(visit: &Visit, (id, post): (Uuid, Uuid), query: &str) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let organisation = zhengtong_party::organisation(&mut ctx, id).await?;
        let posts = zhengtong_party::posts(&mut ctx, id).await?;
        let card = posts.into_iter().find(|card| card.post.id == post).ok_or_else(Fault::absent)?;
        let found = if query.trim().is_empty() {
            None
        } else {
            Some(zhengtong_party::people(&mut ctx, query, Paging::new(1, ROWS)).await?)
        };
        let asked =
            Self { organisation, card, found, today: china_date(ctx.now), bench: Bench::of(&ctx) };
        ctx.commit().await?;
        Ok(asked)
    }

    fn address(&self) -> String {
        format!("/admin/organisations/{}/posts/{}/hold", self.organisation.id, self.card.post.id)
    }
}

async fn ask(
    visit: Visit,
    Path(place): Path<(Uuid, Uuid)>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let asked = Asked::load(&visit, place, &wanted.q).await?;
    let frame = Bench::frame(&visit, visit.lang().pick("安排任职", "Appoint"));
    let body = page(&frame, &asked, &wanted.q, &Typed::default());
    Ok(asked.bench.page(&visit, &frame, body))
}

async fn hold(visit: Visit, Path(place): Path<(Uuid, Uuid)>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let outcome = match read(&fields) {
        Ok((person, starts, ends)) => {
            zhengtong_party::hold(&mut ctx, place.1, person, starts, ends).await.map(|_holding| ())
        }
        Err(errors) => Err(zhengtong_party::Error::Invalid(errors)),
    };
    match outcome {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/organisations/{}", place.0)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            again(&visit, place, &Typed { fields, errors, said }).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

async fn again(visit: &Visit, place: (Uuid, Uuid), typed: &Typed) -> Answer {
    let query = typed.value("q");
    let asked = Asked::load(visit, place, &query).await?;
    let mut frame = Bench::frame(visit, visit.lang().pick("安排任职", "Appoint"));
    frame.standing = Standing::Faulty;
    let body = page(&frame, &asked, &query, typed);
    Ok(asked.bench.refused(visit, &frame, body))
}

/// Before a post is taken away: what waits in it, and who is left.
async fn ask_end(visit: Visit, Path((id, post, holding)): Path<(Uuid, Uuid, Uuid)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let organisation = zhengtong_party::organisation(&mut ctx, id).await?;
    let (held, of) = zhengtong_party::holding(&mut ctx, holding).await?;
    let burdens = zhengtong_casework::burden_of_holding(&mut ctx, holding).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    if of.id != post || of.organisation != id {
        return Err(Fault::absent());
    }
    let lang = visit.lang();
    let heading = lang.pick("结束任职", "End an appointment");
    let frame = Bench::frame(&visit, heading);
    let unit = organisation.name.get(lang);
    let links = [
        Link::new(lang.pick("单位和岗位", "Units and posts"), "/admin/organisations"),
        Link::new(unit, format!("/admin/organisations/{id}")),
    ];
    let orphaned = burdens.iter().any(zhengtong_casework::Burden::is_orphaned);
    let address = format!("/admin/organisations/{id}/posts/{post}/end/{holding}");
    let body = html! {
        (crumbs(lang, &links, heading))
        (title(&Title::new(heading).meta(html! {
            (unit) " · " (of.title.get(lang)) " · " (held.name)
        })))
        p { (lang.pick("从今天起，此人不再任这个岗位，岗位给的权限马上失效。", "From today this person no longer holds the post, and its rights end at once.")) }
        (left_behind(lang, &burdens))
        (actions(html! {
            @if orphaned {
                (link_button(&Button::secondary(lang.pick("指定代理人", "Name a substitute")), &format!("/desk/substitutes?unit={id}")))
            } @else {
                (post_button(&address, token(&frame), &Button::danger(lang.pick("今天结束任职", "End it today"))))
            }
            (link_button(&Button::quiet(lang.pick("不结束，返回", "Go back")), &format!("/admin/organisations/{id}")))
        }))
    };
    Ok(bench.page(&visit, &frame, body))
}

async fn end(
    visit: Visit,
    Path((id, _post, holding)): Path<(Uuid, Uuid, Uuid)>,
    fields: Fields,
) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    match zhengtong_casework::end_holding(&mut ctx, holding).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/organisations/{id}")))
        }
        Err(error) if error.kind() == Kind::Conflict => {
            drop(ctx);
            unit_again(&visit, id, &Typed { said: Some(error.text()), ..Typed::default() }).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

/// The person and the days; everything that is wrong at once.
fn read(fields: &Fields) -> Result<(Uuid, Date, Option<Date>), Vec<FieldError>> {
    let mut wrong = Vec::new();
    let person = fields.get("person").parse::<Uuid>().ok();
    if person.is_none() {
        wrong.push(FieldError::new("person", "请选一个人", "choose a person"));
    }
    let starts = day(fields.get("starts"));
    if starts.is_none() {
        wrong.push(FieldError::new(
            "starts",
            "请写开始日期，例如 2026-11-23",
            "write the first day, such as 2026-11-23",
        ));
    }
    let last = fields.get("ends").trim();
    let ends = day(last);
    if !last.is_empty() && ends.is_none() {
        wrong.push(FieldError::new(
            "ends",
            "结束日期不对，写成 2026-11-23 这样，或者留空",
            "the last day is not a date; write it like 2026-11-23 or leave it empty",
        ));
    }
    match (person, starts) {
        (Some(person), Some(starts)) if wrong.is_empty() => Ok((person, starts, ends)),
        _ => Err(wrong),
    }
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text.trim(), format_description!("[year]-[month]-[day]")).ok()
}

fn page(frame: &Frame<'_>, asked: &Asked, query: &str, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let address = asked.address();
    let unit = asked.organisation.name.get(lang);
    let links = [
        Link::new(lang.pick("单位和岗位", "Units and posts"), "/admin/organisations"),
        Link::new(unit, format!("/admin/organisations/{}", asked.organisation.id)),
    ];
    html! {
        (crumbs(lang, &links, lang.pick("安排任职", "Appoint")))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(lang.pick("安排任职", "Appoint")).meta(html! {
            (unit) " · " (asked.card.post.title.get(lang))
        })))
        (boxed(&Panel::new(lang.pick("第一步：找人", "First: find the person")), html! {
            (narrow(lang, &Search {
                action: address.as_str().into(),
                label: lang.pick("按整个姓名或账号的开头查找", "Find by whole name or beginning of a login").into(),
                example: lang.pick("姓名或账号", "Name or login").into(),
                value: query.into(),
            }))
            p.meta { (lang.pick("还没登记的人，请系统管理员先登记。", "Who is not registered is entered by the system administrator first.")) }
        }))
        @if let Some(found) = &asked.found { (appoint(frame, asked, found, query, typed)) }
    }
}

fn appoint(
    frame: &Frame<'_>,
    asked: &Asked,
    found: &Page<PersonRow>,
    query: &str,
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let mut people: Vec<Pick<'_>> = Vec::new();
    for row in &found.rows {
        let id = row.person.id.to_string();
        let login = row.account.as_ref().map_or("", |account| account.login.as_str());
        let number = row.person.id_number.as_deref().unwrap_or_default();
        if people.iter().all(|pick| pick.value != id) {
            let hint = format!("{login} {number}");
            people.push(Pick::new(id, row.person.name.as_str()).hint(hint));
        }
    }
    if people.is_empty() {
        return notice(&Notice::new(
            Mood::Warning,
            lang.pick("没有找到这个人。姓名要写全", "Nobody found; write the whole name"),
        ));
    }
    let only =
        if people.len() == 1 { people.first().map(|pick| pick.value.to_string()) } else { None };
    let chosen = typed.value_or("person", only.as_deref().unwrap_or_default());
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    boxed(
        &Panel::new(lang.pick("第二步：安排", "Then: appoint")),
        form(
            frame,
            &Form::post(asked.address()),
            html! {
                (hidden("q", query))
                (radios(lang, &field("person", "谁", "Who"), &people, &chosen, Layout::Down))
                (date(lang, &field("starts", "开始日期", "First day"), &typed.value_or("starts", &asked.today.to_string())))
                (date(lang, &field("ends", "结束日期", "Last day").optional().hint(lang.pick("到这一天为止（不含），不写就一直任职", "Until this day (not included); empty means without end")), &typed.value("ends")))
                (actions(submit(&Button::new(lang.pick("安排任职", "Appoint")))))
            },
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(rows: &[(&str, &str)]) -> Fields {
        Fields(rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let wrong = read(&fields(&[("starts", "x"), ("ends", "2026-02-30")])).unwrap_err();
        let names: Vec<&str> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(names, ["person", "starts", "ends"]);
    }

    #[test]
    fn an_end_may_be_left_out() {
        let person = Uuid::from_u128(7).to_string();
        let read = read(&fields(&[("person", &person), ("starts", "2026-11-23"), ("ends", " ")]));
        let (_, starts, ends) = read.unwrap();
        assert_eq!((starts.to_string().as_str(), ends), ("2026-11-23", None));
    }
}
