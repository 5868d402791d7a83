//! 代办: the leaves one has been given, and those that the organisation one acts for has given.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::{Duration, OffsetDateTime, Time, UtcOffset};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, month_day, redirect, see};
use zhengtong_party::{BehalfCard, Delegation, NewDelegation};
use zhengtong_ui::field::{
    Field, Form, Input, Kind as InputKind, Layout, Pick, checkboxes, error_summary, form, radios,
    text,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::back as back_link;
use zhengtong_ui::panel::{Panel, boxed, panel};
use zhengtong_ui::press::{Button, actions, post as post_button, submit};
use zhengtong_ui::{Frame, Place, hall};

/// How long a leave may last: days, and their words.
const SPANS: [(i64, &str, &str); 5] = [
    (7, "一周", "a week"),
    (30, "30 天", "30 days"),
    (90, "90 天", "90 days"),
    (180, "半年", "half a year"),
    (365, "一年", "a year"),
];

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/my/delegations", get(listed).post(give))
        .route("/my/delegations/{id}/end", post(end))
}

/// What the page shows.
struct Shown {
    received: Vec<(Delegation, Text)>,
    /// The leaves given by the organisation one acts for, if one may see them.
    given: Option<Vec<Delegation>>,
    behalfs: Vec<BehalfCard>,
    now: OffsetDateTime,
}

async fn listed(visit: Visit) -> Answer {
    show(&visit, &Fields::default(), &[]).await
}

async fn show(visit: &Visit, fields: &Fields, errors: &[FieldError]) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let received = zhengtong_party::delegations_to_me(&mut ctx).await?;
    let behalfs = zhengtong_party::behalfs(&mut ctx).await?;
    let admin =
        behalfs.iter().any(|card| card.chosen && card.scope.iter().any(|word| word == "admin"));
    let given = if admin { Some(zhengtong_party::delegations(&mut ctx).await?) } else { None };
    let shown = Shown { received, given, behalfs, now: ctx.now };
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("代办授权", "Acting for others");
    let mut frame = visit.frame(heading, Place::Mine);
    if !errors.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let summary: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.field.as_str(), error.text.get(lang))).collect();
    let body = page(html! {
        (back_link(lang.pick("我的", "My space"), "/my"))
        (error_summary(lang, &summary))
        (title(&Title::new(heading)))
        (received_panel(&frame, &shown))
        (given_panels(&frame, &shown, fields, errors))
    });
    let mut response = see(hall(&frame, body));
    if !errors.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn give(visit: Visit, fields: Fields) -> Answer {
    let Some(until) = last_moment(visit.app.db.clock().now(), fields.get("days")) else {
        let error = FieldError::new("days", "请选授权多久", "choose how long");
        return show(&visit, &fields, &[error]).await;
    };
    let scope = fields.0.iter().filter(|(name, _)| name == "scope");
    let new = NewDelegation {
        id_number: fields.get("id_number").to_owned(),
        name: fields.get("name").to_owned(),
        until,
        scope: scope.map(|(_, word)| word.clone()).collect(),
    };
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_party::delegate(&mut ctx, &new).await {
        Ok(_given) => {
            ctx.commit().await?;
            Ok(redirect("/my/delegations"))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let mut errors = error.fields();
            for error in errors.iter_mut().filter(|error| error.field == "until") {
                "days".clone_into(&mut error.field);
            }
            show(&visit, &fields, &errors).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

async fn end(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = visit.act(&fields).await?;
    zhengtong_party::revoke_delegation(&mut ctx, id).await?;
    ctx.commit().await?;
    Ok(redirect("/my/delegations"))
}

/// The last moment, in China, of the day so many days from now; none for a number that was not offered.
fn last_moment(now: OffsetDateTime, days: &str) -> Option<OffsetDateTime> {
    let days: i64 = days.parse().ok().filter(|days| SPANS.iter().any(|span| span.0 == *days))?;
    let end = Time::from_hms(23, 59, 59).ok()?;
    let last = china_date(now).checked_add(Duration::days(days - 1))?;
    Some(last.with_time(end).assume_offset(UtcOffset::from_hms(8, 0, 0).ok()?))
}

/// What a word of the scope allows.
fn scope_words(lang: Lang, word: &str) -> &'static str {
    match word {
        "admin" => lang.pick("可再授权他人", "may give leave to others"),
        "apply" => lang.pick("可办事", "may apply"),
        _ => lang.pick("可查看", "may look"),
    }
}

fn scope_line(lang: Lang, scope: &[String]) -> String {
    let words: Vec<&str> = scope.iter().map(|word| scope_words(lang, word)).collect();
    words.join(lang.pick("、", ", "))
}

fn until_line(lang: Lang, one: &Delegation, now: OffsetDateTime) -> Markup {
    let last = month_day(lang, one.expires, now);
    html! { (scope_line(lang, &one.scope)) " · " span.nowrap { (lang.pick("到 ", "until ")) (last) } }
}

fn received_panel(frame: &Frame<'_>, shown: &Shown) -> Markup {
    let lang = frame.lang;
    let mut entries: Vec<Entry> = shown
        .behalfs
        .iter()
        .filter(|card| card.expires.is_none())
        .map(|card| {
            Entry::new(html! { strong { (card.name.get(lang)) } })
                .note(html! { (lang.pick("您是法定代表人或经营者，不用授权", "You are its representative and need no leave")) })
        })
        .collect();
    entries.extend(shown.received.iter().map(|(one, name)| {
        let button = Button::quiet(lang.pick("放弃", "Give up"));
        Entry::new(html! { strong { (name.get(lang)) } })
            .note(until_line(lang, one, shown.now))
            .end(post_button(&format!("/my/delegations/{}/end", one.id), token(frame), &button))
    }));
    panel(
        &Panel::new(lang.pick("我能代谁办事", "For whom I may act")),
        html! {
            @if entries.is_empty() {
                p.soft { (lang.pick("还没有单位授权给您。让法定代表人登录后，在这一页给您授权。", "No organisation has given you leave. Its representative does so on this page.")) }
            } @else { (list(&entries)) }
        },
    )
}

fn given_panels(
    frame: &Frame<'_>,
    shown: &Shown,
    fields: &Fields,
    errors: &[FieldError],
) -> Markup {
    let lang = frame.lang;
    let Some(given) = &shown.given else {
        let admins: Vec<&BehalfCard> = shown
            .behalfs
            .iter()
            .filter(|card| !card.chosen && card.scope.iter().any(|word| word == "admin"))
            .collect();
        return html! { @if !admins.is_empty() {
            (panel(&Panel::new(lang.pick("给别人授权", "Give leave to others")), html! {
                p { (lang.pick("先切换到要代表的单位。", "First choose the organisation.")) }
                div.row { @for card in admins {
                    (post_button("/my/act-for", token(frame), &Button::secondary(card.name.get(lang)).sends("organisation", card.organisation.to_string())))
                } }
            }))
        } };
    };
    let chosen = shown.behalfs.iter().find(|card| card.chosen);
    let unit = chosen.map_or("", |card| card.name.get(lang));
    let entries: Vec<Entry> = given.iter().map(|one| given_entry(frame, one, shown.now)).collect();
    html! {
        (panel(&Panel::new(lang.pick("本单位授权的人", "Who may act for it")).note(html! { span.meta { (unit) } }), html! {
            @if entries.is_empty() { p.soft { (lang.pick("还没有授权给任何人。", "Nobody yet.")) } } @else { (list(&entries)) }
        }))
        (boxed(&Panel::new(lang.pick("授权给一个人", "Give leave to a person")), new(frame, fields, errors)))
    }
}

fn given_entry(frame: &Frame<'_>, one: &Delegation, now: OffsetDateTime) -> Entry {
    let lang = frame.lang;
    let entry = Entry::new(html! { strong { (one.name) } }).note(until_line(lang, one, now));
    if one.revoked_at.is_some() {
        return entry.end(tag(Tone::Line, lang.pick("已收回", "taken back")));
    }
    if one.expires <= now {
        return entry.end(tag(Tone::Line, lang.pick("已到期", "ended")));
    }
    let button = Button::quiet(lang.pick("收回", "Take back"));
    entry.end(post_button(&format!("/my/delegations/{}/end", one.id), token(frame), &button))
}

fn new(frame: &Frame<'_>, fields: &Fields, errors: &[FieldError]) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(errors, lang)
    };
    let value = |name: &str| fields.get(name).to_owned();
    let scopes: Vec<Pick<'_>> = ["apply", "view", "admin"]
        .into_iter()
        .map(|word| Pick::new(word, scope_words(lang, word)))
        .collect();
    let sent: Vec<&str> = fields
        .0
        .iter()
        .filter(|(name, _)| name == "scope")
        .map(|(_, word)| word.as_str())
        .collect();
    let spans: Vec<Pick<'_>> =
        SPANS.iter().map(|(days, zh, en)| Pick::new(days.to_string(), lang.pick(zh, en))).collect();
    let days = if fields.0.is_empty() { "30".to_owned() } else { value("days") };
    let chosen = if fields.0.is_empty() { vec!["apply", "view"] } else { sent };
    form(
        frame,
        &Form::post("/my/delegations"),
        html! {
            (text(lang, &field("name", "姓名", "Name"), &Input::new(value("name"))))
            (text(lang, &field("id_number", "证件号码或账号", "Number of the document, or login").hint(lang.pick("姓名和号码都要相符，对方要先实名注册", "Both must fit; the person has to be registered")), &Input::new(value("id_number")).kind(InputKind::Code)))
            (checkboxes(lang, &field("scope", "能做什么", "What is allowed"), &scopes, &chosen, Layout::Down))
            (radios(lang, &field("days", "授权多久", "For how long").hint(lang.pick("到期自动失效，随时可以收回", "It ends by itself and can be taken back at any time")), &spans, &days, Layout::Down))
            (actions(submit(&Button::new(lang.pick("授权", "Give leave")))))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leave_lasts_to_the_end_of_its_last_day_in_china() {
        // 07:30 of the first of January in China.
        let now = OffsetDateTime::from_unix_timestamp(1_767_223_800).unwrap();
        let until = last_moment(now, "7").unwrap();
        assert_eq!(until.to_offset(UtcOffset::UTC).to_string(), "2026-01-07 15:59:59.0 +00:00:00");
        assert!(last_moment(now, "8").is_none() && last_moment(now, "").is_none());
    }
}
