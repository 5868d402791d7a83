//! 数据接入: where files come from by themselves, how it went, and when they are looked for next.

use axum::extract::Path;
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_registry::{Catalog, FeedView};
use zhengtong_ui::Frame;
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, flush};
use zhengtong_ui::press::{Button, post as post_button};
use zhengtong_ui::table::{Column, Row, Table, table};

use super::{FEEDS, HOME, state};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

pub(super) async fn listed(visit: Visit) -> Answer {
    list(&visit, Typed::default()).await
}

/// Has a feed looked at now.
pub(super) async fn fetch(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match zhengtong_registry::fetch_soon(&mut ctx, &id).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(FEEDS))
        }
        Err(error) => {
            drop(ctx);
            list(&visit, Typed::of(fields, error)?).await
        }
    }
}

async fn list(visit: &Visit, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let feeds = zhengtong_registry::feeds(&mut ctx).await?;
    let catalog = ctx.defs::<Catalog>()?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("数据接入", "Feeds");
    let mut frame = bench.frame(visit, heading);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let failing = feeds.iter().filter(|view| error_of(view).is_some());
    let body = html! {
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "到时间就从这些地方取一次：文件夹、网址、别的数据库。取来的都留原件，按数据加载的办法检查、生效。",
            "These places are looked at when their time comes: folders, addresses, other databases. What comes is kept as a file, and checked and taken in as any load.",
        )) })))
        (typed.above(lang))
        @for view in failing { (failure(lang, view)) }
        @if feeds.is_empty() {
            p.soft { (lang.pick(
                "还没有接入源。由平台运维人员在配置文件里写 [[feed]]，写法见运维手册“数据接入”。",
                "There is no feed yet. The platform team writes [[feed]] into the configuration; see “Feeds” in the operations guide.",
            )) }
        } @else {
            (flush(&Panel::default(), rows(&frame, &catalog, &feeds)))
        }
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn error_of(view: &FeedView) -> Option<&zhengtong_base::Text> {
    view.state.as_ref()?.error.as_ref()
}

fn failure(lang: Lang, view: &FeedView) -> Markup {
    let (Some(text), Some(state)) = (error_of(view), &view.state) else { return html! {} };
    let name = view.feed.title.get(lang);
    let since = state.failing_since.unwrap_or(state.looked);
    let told = match lang {
        Lang::Zh => format!("{name}：{}", text.zh),
        Lang::En => format!("{name}: {}", text.en),
    };
    let mut shown = Notice::new(Mood::Failure, told.as_str());
    shown.body = Some(html! {
        (lang.pick("从", "Since ")) (clock_time(since))
        (lang.pick("起取不到。到时间会自己再试。", " nothing came. It tries again by itself."))
    });
    notice(&shown)
}

fn rows(frame: &Frame<'_>, catalog: &Catalog, feeds: &[FeedView]) -> Markup {
    let lang = frame.lang;
    let row = |view: &FeedView| {
        let feed = &view.feed;
        let dataset = catalog.dataset(&feed.dataset);
        let looked = view.state.as_ref().map(|state| state.looked);
        Row::new(vec![
            html! { (feed.title.get(lang)) },
            html! { (feed.shown_from()) },
            html! {
                (dataset.map_or(feed.dataset.as_str(), |dataset| dataset.title.get(lang)))
                br; span.soft { (feed.mode.title().get(lang)) }
            },
            standing(lang, view),
            html! { @match &view.load {
                Some(load) => { a href={ (HOME) "/" (load.number) } { (load.number) } " " (state(lang, load)) },
                None => "–",
            } },
            html! { @match looked { Some(at) => (clock_time(at)), None => (lang.pick("还没有", "Not yet")) } },
            html! { (clock_time(view.next)) },
            html! { @if view.may {
                (post_button(&format!("{FEEDS}/{}", feed.id), token(frame), &Button::secondary(lang.pick("现在取", "Look now"))))
            } },
        ])
    };
    let shown = Table {
        caption: lang.pick("数据接入", "Feeds").into(),
        columns: vec![
            Column::head(lang.pick("接入源", "Feed")),
            Column::new(lang.pick("地址", "Address")),
            Column::new(lang.pick("数据集", "Dataset")),
            Column::new(lang.pick("状态", "State")).tight(),
            Column::new(lang.pick("最近一次加载", "Last load")),
            Column::new(lang.pick("最近取数", "Looked at")).tight(),
            Column::new(lang.pick("下次", "Next")).tight(),
            Column::new(lang.pick("操作", "Act")).tight(),
        ],
        rows: feeds.iter().map(row).collect(),
        ..Table::default()
    };
    table(lang, &shown)
}

fn standing(lang: Lang, view: &FeedView) -> Markup {
    match &view.state {
        None => tag(Tone::Plain, lang.pick("还没取过", "New")),
        Some(state) if state.error.is_some() => tag(Tone::Warn, lang.pick("取不到", "Failing")),
        Some(_) => tag(Tone::Good, lang.pick("正常", "Sound")),
    }
}
