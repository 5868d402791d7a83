//! The portal: one question, my to-dos beside it, life events, services, and help.

use std::sync::Arc;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::Lang;
use zhengtong_casework::{Case, Todo};
use zhengtong_http::{Answer, App, Visit, day, see_same};
use zhengtong_service::Listed;
use zhengtong_ui::city::hero;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Gap, Ground, Heading, Seen, band, halves, only, section, stack};
use zhengtong_ui::list::{Entry, LifeEvent, ServiceEntry, life_events, list, services};
use zhengtong_ui::navigate::{Link, Pager, Search, crumbs, pager, search};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button, suggestions};
use zhengtong_ui::step::{Node, Step, way};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Icon, Place, hall};

/// Services on one page of the list.
const PAGE_ROWS: usize = 20;
/// Services named on the portal itself.
const OFTEN_ROWS: usize = 6;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/", get(home)).route("/hall", get(all))
}

async fn home(visit: Visit) -> Answer {
    let mut ctx = visit.ctx().await?;
    let items = zhengtong_service::items(&mut ctx, "").await?;
    let waiting = if visit.actor.person.is_some() && !visit.is_staff() {
        let cases = zhengtong_casework::mine(&mut ctx, 1).await?.rows;
        zhengtong_casework::to_do(&mut ctx, &cases).await?
    } else {
        Vec::new()
    };
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = visit.frame(lang.pick("首页", "Home"), Place::Home);
    let body = html! {
        (hero(question(lang), beside(&visit, &waiting)))
        (band(Ground::Paper, life(lang, &items)))
        (band(Ground::Surface, halves(often(lang, &items), help(lang))))
        (band(Ground::Paper, course(lang)))
        (only(Seen::ExceptElder, band(Ground::Sunken, halves(your_data(lang), trust(lang)))))
    };
    Ok(see_same(hall(&frame, body)))
}

fn question(lang: Lang) -> Markup {
    let common = [("开饭馆", "Open a restaurant"), ("食品经营许可", "Food licence")];
    let choices: Vec<Choice<'_>> = common
        .iter()
        .map(|(zh, en)| {
            let words = lang.pick(zh, en);
            Choice::new(words, format!("/hall?q={}", encode(words)))
        })
        .collect();
    html! {
        h1 { (lang.pick("您想办什么事？", "What do you need to do?")) }
        (stack(Gap::Normal, html! {
            (search(lang, &search_box(lang, "")))
            (suggestions(lang.pick("可以这样找", "For example"), &choices))
        }))
    }
}

fn search_box<'a>(lang: Lang, query: &str) -> Search<'a> {
    Search {
        action: "/hall".into(),
        label: lang.pick("搜索事项", "Search services").into(),
        example: lang.pick("例如：开饭馆", "For example: food licence").into(),
        value: query.to_owned().into(),
    }
}

fn beside(visit: &Visit, waiting: &[(Case, Todo)]) -> Markup {
    let lang = visit.lang();
    if visit.actor.person.is_none() {
        return panel(
            &Panel::new(lang.pick("看办到哪了", "Follow your case")).lifted(),
            html! {
                p.soft { (lang.pick(
                    "登录后能看进度、补材料、取证照。看指南、找事项不用登录。",
                    "Sign in to follow a case, add papers or open a licence. Reading guides needs no login.",
                )) }
                (actions(html! {
                    (link_button(&Button::secondary(lang.pick("登录", "Sign in")), "/login?back=/my"))
                    a href="/verify" { (lang.pick("查验一张证照", "Verify a licence")) }
                }))
            },
        );
    }
    let mut entries: Vec<Entry> = waiting
        .iter()
        .take(3)
        .map(|(case, todo)| {
            let due = todo.due_day.map(|date| day(lang, date, todo.opened_at)).unwrap_or_default();
            Entry::new(html! { a href={ "/my/case/" (case.no) } { strong { (crate::case::asked_of_me(lang, todo)) } } })
                .above(html! { (lamp(Light::Near, lang.pick("等您补", "Your turn"))) @if !due.is_empty() { span.meta { (due) (lang.pick(" 前", "")) } } })
                .note(html! { (case.title.get(lang)) " · " (case.applicant()) })
        })
        .collect();
    if entries.is_empty() {
        entries.push(
            Entry::new(html! { (lang.pick("现在没有要您做的事", "Nothing waits for you now")) })
                .note(html! { (lang.pick("要补材料、能取证照的时候，会在这里告诉您。", "When papers are missing or a licence is ready, it stands here.")) }),
        );
    }
    panel(
        &Panel::new(lang.pick("我的待办", "My to-dos"))
            .aside(html! { a href="/my" { (lang.pick("看全部", "See all")) } })
            .lifted(),
        list(&entries),
    )
}

/// A life event: its name, and what belongs to it for as long as no service can be named.
struct Event {
    slug: &'static str,
    icon: Icon,
    name: (&'static str, &'static str),
    about: (&'static str, &'static str),
}

const EVENTS: [Event; 8] = [
    Event {
        slug: "birth",
        icon: Icon::Baby,
        name: ("生孩子·上户口", "Birth and household"),
        about: ("出生医学证明、落户、生育津贴", "Birth certificate, household, allowance"),
    },
    Event {
        slug: "school",
        icon: Icon::School,
        name: ("上学", "School"),
        about: ("入学报名、转学、助学", "Enrolment, changing school, grants"),
    },
    Event {
        slug: "work",
        icon: Icon::BriefcaseBusiness,
        name: ("找工作·社保", "Work and insurance"),
        about: ("就业登记、失业金、社保转移", "Employment, benefits, moving insurance"),
    },
    Event {
        slug: "housing",
        icon: Icon::House,
        name: ("住房", "Housing"),
        about: ("公积金、公租房、不动产登记", "Housing fund, public housing, property"),
    },
    Event {
        slug: "health",
        icon: Icon::HeartPulse,
        name: ("看病·医保", "Health"),
        about: ("异地就医、医保报销、慢病认定", "Care elsewhere, claims, long illness"),
    },
    Event {
        slug: "open-shop",
        icon: Icon::Store,
        name: ("开店·办企业", "Business"),
        about: ("企业设立、许可、开户刻章", "Founding, licences, accounts and seals"),
    },
    Event {
        slug: "retire",
        icon: Icon::Armchair,
        name: ("退休·养老", "Retirement"),
        about: ("退休申请、高龄津贴、居家护理", "Pension, allowance, care at home"),
    },
    Event {
        slug: "traffic",
        icon: Icon::Car,
        name: ("车辆·出行", "Vehicles and travel"),
        about: ("换领驾驶证、公交卡、停车证", "Driving licence, bus card, parking"),
    },
];

fn life(lang: Lang, items: &[Arc<Listed>]) -> Markup {
    let events: Vec<LifeEvent<'_>> = EVENTS
        .iter()
        .map(|event| {
            let inside: Vec<Link<'_>> = items
                .iter()
                .filter(|listed| listed.item.life_event.iter().any(|slug| slug == event.slug))
                .take(3)
                .map(|listed| {
                    Link::new(listed.item.name.get(lang), format!("/hall/{}", listed.slug))
                })
                .collect();
            LifeEvent {
                icon: event.icon,
                link: Link::new(
                    lang.pick(event.name.0, event.name.1),
                    format!("/hall?event={}", event.slug),
                ),
                inside,
                about: lang.pick(event.about.0, event.about.1).into(),
            }
        })
        .collect();
    section(
        &Heading::new("life", lang.pick("我要办", "Life events")).aside(html! {
            a href="/hall" { (lang.pick("全部 ", "All services: ")) (items.len()) (lang.pick(" 项", "")) }
        }),
        life_events(&events),
    )
}

fn often(lang: Lang, items: &[Arc<Listed>]) -> Markup {
    section(
        &Heading::new("often", lang.pick("网上能办的事", "Services online"))
            .aside(html! { @if items.len() > OFTEN_ROWS { a href="/hall" { (lang.pick("更多", "More")) } } }),
        entries(lang, items.iter().take(OFTEN_ROWS)),
    )
}

fn entries<'a>(lang: Lang, items: impl Iterator<Item = &'a Arc<Listed>>) -> Markup {
    let rows: Vec<ServiceEntry<'_>> = items
        .map(|listed| {
            let papers = listed.item.material.len();
            let free =
                listed.item.material.iter().filter(|rule| rule.source != "applicant").count();
            let note = match lang {
                Lang::Zh => format!("{papers} 份材料，{free} 份免提交"),
                Lang::En => format!("{papers} papers, {free} taken from registries"),
            };
            ServiceEntry {
                link: Link::new(listed.item.name.get(lang), format!("/hall/{}", listed.slug)),
                note: note.into(),
                tag: Some(tag(
                    Tone::Line,
                    &crate::case::span(lang, listed.promised.days, listed.promised.unit),
                )),
            }
        })
        .collect();
    services(&rows)
}

fn help(lang: Lang) -> Markup {
    stack(
        Gap::Large,
        notice(
            &Notice::new(
                Mood::Info,
                lang.pick("说不清、找不到，就打 12345", "Not found? Call 12345"),
            )
            .icon(Icon::Phone)
            .body(html! { p.soft { (lang.pick(
                "24 小时有人接。网上没有的事，也可以在电话里提出来。",
                "Answered around the clock. What is not online yet can be asked for by telephone.",
            )) } }),
        ),
    )
}

/// How a matter goes, whatever it is: the one line.
fn course(lang: Lang) -> Markup {
    let steps = [
        (
            lang.pick("找到事项", "Find it"),
            lang.pick(
                "看清多久、多少钱、要什么，不用登录",
                "how long, how much, what is needed; no login",
            ),
        ),
        (
            lang.pick("填几页", "Fill in"),
            lang.pick(
                "城市已经知道的不用再填，随时能停",
                "what the city knows is filled in; stop at any time",
            ),
        ),
        (lang.pick("核对提交", "Hand in"), lang.pick("当场拿到受理号", "you get a number at once")),
        (
            lang.pick("看着它办", "Follow it"),
            lang.pick("谁在办、哪天办完，都写明", "who has it and by which day"),
        ),
        (
            lang.pick("拿证", "Get it"),
            lang.pick("电子证当天放进“我的”", "the licence is in My space the same day"),
        ),
    ];
    let steps: Vec<Step<'_>> =
        steps.iter().map(|(name, note)| Step::new(Node::Future, *name).note(*note)).collect();
    section(&Heading::new("how", lang.pick("怎么办成一件事", "How it goes")), way(lang, &steps))
}

fn your_data(lang: Lang) -> Markup {
    section(
        &Heading::new("yours", lang.pick("您的数据，您看得见", "Your data, visible to you")),
        stack(
            Gap::Normal,
            html! {
                p.soft { (lang.pick(
                    "谁因为什么事查过您的资料，都有一条改不掉的记录。您随时能看，也能提出异议。",
                    "Whoever looks at your data leaves a record that nobody can change. You can read it at any time and object.",
                )) }
                (actions(html! {
                    (link_button(&Button::secondary(lang.pick("看看谁用过我的数据", "See who used my data")), "/my#used"))
                    (link_button(&Button::secondary(lang.pick("城市有哪些数据", "Which data the city has")), "/data"))
                }))
            },
        ),
    )
}

/// Anyone can look whether a licence is real, without a login.
fn trust(lang: Lang) -> Markup {
    section(
        &Heading::new("trust", lang.pick("别人出示的证，是真的吗", "Is this licence real?")),
        stack(
            Gap::Normal,
            html! {
                p.soft { (lang.pick(
                    "扫证上的二维码，或者填二维码下面的查验码，当场看到它现在有没有效。不用登录。",
                    "Scan the code on the licence or type the letters below it, and see at once whether it is valid. No login.",
                )) }
                (link_button(&Button::secondary(lang.pick("查验证照", "Verify a licence")), "/verify"))
            },
        ),
    )
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    page: u32,
}

async fn all(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let mut items = zhengtong_service::items(&mut ctx, &wanted.q).await?;
    ctx.commit().await?;
    if !wanted.event.is_empty() {
        items.retain(|listed| listed.item.life_event.contains(&wanted.event));
    }
    let lang = visit.lang();
    let title = lang.pick("办事", "Services");
    let frame = visit.frame(title, Place::Services);
    Ok(see_same(hall(&frame, found(lang, &wanted, &items))))
}

fn found(lang: Lang, wanted: &Wanted, items: &[Arc<Listed>]) -> Markup {
    let pages = items.len().div_ceil(PAGE_ROWS).max(1);
    let page = usize::try_from(wanted.page.max(1)).unwrap_or(1).min(pages);
    let shown = items.iter().skip((page - 1) * PAGE_ROWS).take(PAGE_ROWS);
    let (query, event) = (encode(&wanted.q), encode(&wanted.event));
    let href = format!("/hall?q={query}&event={event}&page=");
    let to_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    zhengtong_ui::layout::page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/")], lang.pick("办事", "Services")))
        (zhengtong_ui::layout::title(&zhengtong_ui::layout::Title::new(lang.pick("找事项", "Find a service"))))
        (stack(Gap::Large, html! {
            (search(lang, &search_box(lang, &wanted.q)))
            (filters(lang.pick("按生活事件", "By life event"), &event_filters(lang, wanted)))
            @if items.is_empty() && wanted.q.is_empty() {
                (empty(&Empty {
                    icon: Icon::Phone,
                    title: lang.pick("这一类还没有搬到网上", "Not online yet").into(),
                    body: Some(html! { p { (lang.pick("打 12345 就有人告诉您到哪个窗口、带什么。", "Call 12345: they tell you which window and what to bring.")) } }),
                }))
            } @else if items.is_empty() {
                (empty(&Empty {
                    icon: Icon::Search,
                    title: lang.pick("没有找到这件事", "Nothing found").into(),
                    body: Some(html! { p { (lang.pick(
                        "换个说法试试，例如“开饭馆”。也可以打 12345 问，我们会把您找的这件事记下来补上。",
                        "Try other words, or call 12345. We note what was searched for, without noting who searched.",
                    )) } }),
                }))
            } @else {
                (entries(lang, shown))
                (pager(lang, Pager { page: to_u32(page), pages: to_u32(pages), href: &href }))
            }
        }))
    })
}

fn event_filters<'a>(lang: Lang, wanted: &Wanted) -> Vec<Choice<'a>> {
    let mut choices = vec![Choice::new(lang.pick("全部", "All"), "/hall")];
    if wanted.event.is_empty() {
        choices = choices.into_iter().map(Choice::current).collect();
    }
    for event in &EVENTS {
        let href = format!("/hall?event={}", event.slug);
        let choice = Choice::new(lang.pick(event.name.0, event.name.1), href);
        choices.push(if wanted.event == event.slug { choice.current() } else { choice });
    }
    choices
}
