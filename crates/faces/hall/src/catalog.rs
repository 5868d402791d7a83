//! The directory of government information, for everybody: search with facets, and one resource with everything that is
//! known of it.

mod one;
mod way;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Lang, Text};
use zhengtong_catalog::{
    COUNTED_MAX, Cycle, Directory, Facet, Format, Found, Line, Openness, Wanted, parse_sharing,
    sharing_title,
};
use zhengtong_http::{Answer, App, Visit, see_same};
use zhengtong_registry::Sharing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, page, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, Search, crumbs, search};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Open, fold, reveal};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Icon, Place, hall};

/// Choices of a facet that are shown at once; the others are folded away.
const CHOICES: usize = 12;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/data", get(found)).route("/data/{code}", get(one::shown))
}

/// What the address asks for. What nobody knows is not asked for.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    class: String,
    #[serde(default)]
    sharing: String,
    #[serde(default)]
    open: String,
    #[serde(default)]
    cycle: String,
    #[serde(default)]
    format: String,
    #[serde(default)]
    after: String,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Wanted {
            words: self.q.clone(),
            provider: self.unit.parse().ok(),
            class: some(&self.class)
                .filter(|class| class.bytes().all(|byte| byte.is_ascii_alphanumeric())),
            sharing: parse_sharing(&self.sharing),
            openness: Openness::parse(&self.open),
            cycle: Cycle::parse(&self.cycle),
            format: Format::parse(&self.format),
            after: some(&self.after),
        }
    }

    /// The parameters, in the order of the address.
    fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("q", &self.q),
            ("unit", &self.unit),
            ("class", &self.class),
            ("sharing", &self.sharing),
            ("open", &self.open),
            ("cycle", &self.cycle),
            ("format", &self.format),
        ]
    }

    /// The address with one parameter changed, from the first page on.
    fn with(&self, name: &str, value: &str) -> String {
        let mut parts = Vec::new();
        for (known, held) in self.pairs() {
            let value = if known == name { value } else { held };
            if !value.is_empty() {
                parts.push(format!("{known}={}", encode(value)));
            }
        }
        if name == "after" {
            parts.push(format!("after={}", encode(value)));
        }
        if parts.is_empty() { "/data".to_owned() } else { format!("/data?{}", parts.join("&")) }
    }
}

/// The words of a page.
struct Words<'a> {
    lang: Lang,
    units: BTreeMap<Uuid, Text>,
    directory: &'a Directory,
}

async fn found(visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_catalog::search(&mut ctx, &asked.wanted()).await?;
    let units = zhengtong_party::departments(&mut ctx).await?;
    let directory = ctx.defs::<Directory>()?;
    ctx.commit().await?;
    let lang = visit.lang();
    let units = units.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let words = Words { lang, units, directory: &directory };
    let heading = lang.pick("政务信息资源目录", "Directory of government information");
    let frame = visit.frame(heading, Place::Elsewhere);
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("首页", "Home"), "/")], heading))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "城市有哪些数据、谁提供、多久更新、能不能共享和开放，都在这里查。",
            "Which data the city has, who provides it, how often it changes, and whether it is shared and open.",
        )) })))
        (search(lang, &Search {
            action: "/data".into(),
            label: lang.pick("搜索信息资源", "Search the directory").into(),
            value: asked.q.as_str().into(),
            example: lang.pick("人口、企业、spjy、renkou", "population, renkou, spjy").into(),
        }))
        (split(html! {
            (count(&words, &asked, &found))
            (lines(&words, &asked, &found))
        }, html! { (facets(&words, &asked, &found)) }))
    });
    Ok(see_same(hall(&frame, body)))
}

fn count(words: &Words<'_>, asked: &Asked, found: &Found) -> Markup {
    let lang = words.lang;
    let more = if found.total > COUNTED_MAX { "+" } else { "" };
    let total = found.total.min(COUNTED_MAX);
    let chosen: Vec<(&str, String)> = asked
        .pairs()
        .into_iter()
        .skip(1)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, choice_title(words, name, value)))
        .collect();
    html! {
        p role="status" {
            @match lang {
                Lang::Zh => { "共 " strong { (total) (more) } " 个资源" },
                Lang::En => { strong { (total) (more) } " resources" },
            }
        }
        @if !chosen.is_empty() {
            (filters(lang.pick("已选条件，点一下去掉", "Chosen; follow one to drop it"), &chosen.iter().map(|(name, title)| {
                Choice::new(format!("{title} ×"), asked.with(name, "")).current()
            }).collect::<Vec<_>>()))
        }
    }
}

fn lines(words: &Words<'_>, asked: &Asked, found: &Found) -> Markup {
    let lang = words.lang;
    if found.lines.is_empty() {
        return empty(&Empty {
            icon: Icon::SearchX,
            title: lang.pick("没有找到", "Nothing found").into(),
            body: Some(html! { p { (lang.pick(
                "少写几个字，或去掉一个条件。要的数据目录里没有，可以打 12345 告诉我们。",
                "Use fewer words or drop a condition. If data you need is missing, call 12345.",
            )) } }),
        });
    }
    let entries: Vec<Entry> = found.lines.iter().map(|line| entry(words, line)).collect();
    html! {
        (list(&entries))
        @if found.next.is_some() || !asked.after.is_empty() {
            (actions(html! {
                @if !asked.after.is_empty() { (link_button(&Button::secondary(lang.pick("回到第一页", "First page")), &asked.with("", ""))) }
                @if let Some(next) = &found.next { (link_button(&Button::secondary(lang.pick("下一页", "Next page")), &asked.with("after", next))) }
            }))
        }
    }
}

fn entry(words: &Words<'_>, line: &Line) -> Entry {
    let lang = words.lang;
    let unit = words.units.get(&line.provider).map_or("–", |name| name.get(lang));
    let href = format!("/data/{}", line.slug);
    Entry::link(line.title.get(lang), &href)
        .note(html! {
            (line.summary.get(lang)) br;
            (unit) " · " (line.cycle.title().get(lang)) " · " (line.code) " · " (line.published)
        })
        .end(html! { (tags(lang, line.sharing, line.openness)) })
}

/// Who may have the data, in tags.
fn tags(lang: Lang, sharing: Sharing, openness: Openness) -> Markup {
    let tone = match sharing {
        Sharing::Unconditional => Tone::Good,
        Sharing::Conditional => Tone::Line,
        Sharing::None => Tone::Plain,
    };
    html! {
        (tag(tone, sharing_title(sharing).get(lang)))
        @if openness != Openness::None { " " (tag(Tone::Active, openness.title().get(lang))) }
    }
}

fn facets(words: &Words<'_>, asked: &Asked, found: &Found) -> Markup {
    let lang = words.lang;
    let facets = [
        (Facet::Class, "class", lang.pick("分类", "Class")),
        (Facet::Provider, "unit", lang.pick("提供单位", "Provider")),
        (Facet::Sharing, "sharing", lang.pick("共享", "Sharing")),
        (Facet::Openness, "open", lang.pick("开放", "Openness")),
        (Facet::Cycle, "cycle", lang.pick("更新周期", "Update cycle")),
        (Facet::Format, "format", lang.pick("格式", "Format")),
    ];
    html! {
        @for (facet, name, heading) in facets {
            @let rows = found.facets.get(&facet).map(Vec::as_slice).unwrap_or_default();
            @if !rows.is_empty() {
                (fold(heading, Open::Yes, choices(words, asked, (name, heading), rows)))
            }
        }
        @if found.total > COUNTED_MAX {
            p.meta { @match lang {
                Lang::Zh => { "数字按找到的前 " (COUNTED_MAX) " 个统计。" },
                Lang::En => { "Counted among the first " (COUNTED_MAX) " that were found." },
            } }
        }
    }
}

fn choices(
    words: &Words<'_>,
    asked: &Asked,
    (name, heading): (&'static str, &str),
    rows: &[(String, i64)],
) -> Markup {
    let held = asked.pairs().into_iter().find(|(known, _)| *known == name).map_or("", |one| one.1);
    let choice = |(value, count): &(String, i64)| {
        let here = value == held;
        let href = asked.with(name, if here { "" } else { value });
        let choice = Choice::new(choice_title(words, name, value), href);
        let choice = choice.count(*count).counted_to(COUNTED_MAX);
        if here { choice.current() } else { choice }
    };
    let all: Vec<Choice<'_>> = rows.iter().map(choice).collect();
    let (first, rest) = all.split_at(all.len().min(CHOICES));
    html! {
        (filters(heading, first))
        @if !rest.is_empty() { (reveal(words.lang.pick("其余", "More"), filters(heading, rest))) }
    }
}

fn choice_title(words: &Words<'_>, name: &str, value: &str) -> String {
    let title = match name {
        "unit" => value.parse().ok().and_then(|id: Uuid| words.units.get(&id).cloned()),
        "class" => words.directory.class(value).map(|class| class.title.clone()),
        "sharing" => parse_sharing(value).map(sharing_title),
        "open" => Openness::parse(value).map(Openness::title),
        "cycle" => Cycle::parse(value).map(Cycle::title),
        _ => Format::parse(value).map(Format::title),
    };
    title.map_or_else(|| value.to_owned(), |title| title.get(words.lang).to_owned())
}
