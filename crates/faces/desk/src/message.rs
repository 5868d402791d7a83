//! Messages to the officer or to the post they act in. Opening one is its receipt.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Limits, Page, Paging};
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_notice::Message;
use zhengtong_ui::frame::token;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, link_button, post as post_button};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/messages", get(messages))
        .route("/desk/messages/read", post(read_all))
        .route("/desk/messages/{id}", get(message))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

async fn messages(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let paging = Paging::new(wanted.page, Limits::default().page_rows);
    let page = zhengtong_notice::inbox(&mut ctx, paging).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let frame = bench.frame(&visit, visit.lang().pick("消息", "Messages"));
    let body = listed(&frame, &page);
    Ok(bench.page(&visit, &frame, body))
}

async fn message(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let message = zhengtong_notice::read(&mut ctx, id).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let frame = bench.frame(&visit, message.title.get(visit.lang()));
    let body = opened(visit.lang(), &message);
    Ok(bench.page(&visit, &frame, body))
}

async fn read_all(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    zhengtong_notice::read_all(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/desk/messages"))
}

fn listed(frame: &Frame<'_>, page: &Page<Message>) -> Markup {
    let lang = frame.lang;
    let entries: Vec<Entry> = page.rows.iter().map(|message| entry(lang, message)).collect();
    let unread = page.rows.iter().any(|message| message.read_at.is_none());
    let mut heading = Title::new(lang.pick("消息", "Messages"));
    if unread {
        let words = lang.pick("全部标为已读", "Mark all as read");
        heading = heading.actions(post_button(
            "/desk/messages/read",
            token(frame),
            &Button::quiet(words),
        ));
    }
    html! {
        (title(&heading))
        @if entries.is_empty() {
            (empty(&Empty {
                icon: Icon::Bell,
                title: lang.pick("没有消息", "No messages").into(),
                body: None,
            }))
        } @else {
            (panel(&Panel::default(), list(&entries)))
            (pager(lang, Pager { page: page.page, pages: page.pages(), href: "/desk/messages?page=" }))
        }
    }
}

fn entry(lang: Lang, message: &Message) -> Entry {
    let href = format!("/desk/messages/{}", message.id);
    let entry = Entry::link(message.title.get(lang), &href)
        .note(html! { (message.body.get(lang)) })
        .end(html! { span.meta { (clock_time(message.created)) } });
    if message.read_at.is_none() {
        return entry.above(tag(Tone::Active, lang.pick("未读", "Unread")));
    }
    entry
}

fn opened(lang: Lang, message: &Message) -> Markup {
    html! {
        (crumbs(lang, &[Link::new(lang.pick("消息", "Messages"), "/desk/messages")], message.title.get(lang)))
        (title(&Title::new(message.title.get(lang)).meta(html! { (clock_time(message.created)) })))
        (panel(&Panel::default(), html! {
            p { (message.body.get(lang)) }
            @if let Some(link) = &message.link {
                (link_button(&Button::new(lang.pick("去办理", "Go there")), link))
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use zhengtong_base::Text;
    use zhengtong_notice::To;

    use super::*;

    #[test]
    fn unread_messages_are_marked_and_escaped() {
        let message = Message {
            id: Uuid::nil(),
            to: To::Post(Uuid::nil()),
            template: "a:b".to_owned(),
            title: Text::same("<b>来件</b>"),
            body: Text::same("有新件"),
            link: None,
            created: OffsetDateTime::UNIX_EPOCH,
            read_at: None,
            read_by: None,
            carried: Vec::new(),
        };
        let html = list(&[entry(Lang::Zh, &message)]).into_string();
        assert!(html.contains("未读") && html.contains("&lt;b&gt;来件"));
        let read = Message { read_at: Some(OffsetDateTime::UNIX_EPOCH), ..message };
        assert!(!list(&[entry(Lang::Zh, &read)]).into_string().contains("未读"));
    }
}
