//! Who used my data: every look by others, page by page, with who it was, why, and what can be done about it.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Act, Lang, Page, Paging, Text};
use zhengtong_http::{Answer, App, Fault, Visit, clock_time, see};
use zhengtong_ui::layout::{Heading, Title, page, section, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Pager, back, pager};
use zhengtong_ui::notice::{Empty, empty};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::table::{Column, Row, Table, table};
use zhengtong_ui::{Icon, Place, hall};

use crate::mine::what;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/my/data", get(shown))
}

/// Lines on one page.
const ROWS: u32 = 20;

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    page: u32,
}

/// Units and posts by their identifiers, as lines name them.
#[derive(Default)]
struct Names {
    units: BTreeMap<Uuid, Text>,
    posts: BTreeMap<Uuid, Text>,
}

async fn shown(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let person = ctx.actor.person.unwrap_or_default();
    let thing = zhengtong_db::Thing::new("person", person.to_string()).owned_by(ctx.actor.person);
    ctx.allow("ledger.mine", &thing)?;
    let paging = Paging::new(wanted.page, ROWS);
    let mut found = zhengtong_ledger::uses(ctx.conn(), person, paging).await?;
    for entry in &mut found.rows {
        ctx.unveil(&mut entry.act)?;
    }
    let names = names(&mut ctx, &found).await?;
    let shared = shared(&mut ctx, paging.page).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("谁用过我的数据", "Who used my data");
    let frame = visit.frame(heading, Place::Mine);
    let body = page(html! {
        (back(lang.pick("我的", "My space"), "/my"))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "别人每看一次、每用一次您的数据都在这里，谁也删不掉。您自己看的不列。",
            "Every use of your data by others stands here, and nobody can remove it. Your own looks are not listed.",
        )) })))
        p { a href="/my/data/held" { (lang.pick("看全市登记了我的什么", "See what the city holds of me")) } }
        (crate::held::shared(lang, &shared))
        (uses(lang, &found, &names))
        (pager(lang, Pager { page: found.page, pages: found.pages(), href: "/my/data?page=" }))
        (rights(lang))
    });
    Ok(see(hall(&frame, body)))
}

/// What units read under grants, on the first page.
async fn shared(
    ctx: &mut zhengtong_db::Ctx,
    page: u32,
) -> Result<Vec<(zhengtong_sharing::MyUse, Text)>, Fault> {
    let mut found = Vec::new();
    if page > 1 {
        return Ok(found);
    }
    for one in zhengtong_sharing::uses_of_me(ctx, 1).await?.rows {
        let unit = zhengtong_party::organisation(ctx, one.unit).await?.name;
        found.push((one, unit));
    }
    Ok(found)
}

async fn names(
    ctx: &mut zhengtong_db::Ctx,
    found: &Page<zhengtong_ledger::Entry>,
) -> Result<Names, Fault> {
    let mut names = Names::default();
    for act in found.rows.iter().map(|entry| &entry.act) {
        if let Some(unit) = act.organisation.filter(|unit| !names.units.contains_key(unit)) {
            // A unit that may not be named is shown without a name, as are those that are gone.
            if let Ok(known) = zhengtong_party::organisation(ctx, unit).await {
                names.units.insert(unit, known.name);
            }
        }
        if let Some(post) = act.post.filter(|post| !names.posts.contains_key(post))
            && let Some(title) = zhengtong_party::post_title(ctx, post).await?
        {
            names.posts.insert(post, title);
        }
    }
    Ok(names)
}

fn uses(lang: Lang, found: &Page<zhengtong_ledger::Entry>, names: &Names) -> Markup {
    if found.rows.is_empty() {
        return empty(&Empty {
            icon: Icon::Check,
            title: lang.pick("还没有别人用过您的数据", "Nobody else has used your data yet").into(),
            body: None,
        });
    }
    let rows = found.rows.iter().map(|entry| line(lang, &entry.act, names)).collect();
    flush(
        &Panel::default(),
        table(
            lang,
            &Table {
                caption: lang.pick("谁用过我的数据", "Who used my data").into(),
                columns: vec![
                    Column::head(lang.pick("时间", "When")).tight(),
                    Column::new(lang.pick("哪个单位、岗位", "Unit and post")),
                    Column::new(lang.pick("做了什么", "What")),
                    Column::new(lang.pick("为什么", "Why")),
                    Column::new(lang.pick("看了哪几项", "Which fields")),
                ],
                rows,
                ..Table::default()
            },
        ),
    )
}

fn line(lang: Lang, act: &Act, names: &Names) -> Row {
    let (why, fields) = reason(act);
    Row::new(vec![
        html! { (clock_time(act.at)) },
        who(lang, act, names),
        html! { (what(lang, &act.verb)) },
        html! { @match why {
            Some(why) => span lang="zh-CN" { (why) },
            None if act.thing_kind == "case" => (act.thing),
            None => (lang.pick("办理您的申请", "to handle your application")),
        } },
        html! { @match fields {
            Some(fields) => span lang="zh-CN" { (fields) },
            None => (lang.pick("–", "–")),
        } },
    ])
}

/// The unit and the post stand first: it is they who answer for the look.
fn who(lang: Lang, act: &Act, names: &Names) -> Markup {
    let unit = act.organisation.and_then(|unit| names.units.get(&unit));
    let post = act.post.and_then(|post| names.posts.get(&post));
    if act.account.is_none() && unit.is_none() {
        return html! { (lang.pick("系统自动办理", "Done automatically")) };
    }
    html! {
        @if let Some(unit) = unit { strong { (unit.get(lang)) } }
        @if let Some(post) = post { " " (post.get(lang)) }
        @if unit.is_some() || post.is_some() { br; span.meta { (act.name) } } @else { (act.name) }
    }
}

/// The reason, and the fields that stand in brackets at its end.
fn reason(act: &Act) -> (Option<&str>, Option<&str>) {
    let Some(reason) = act.reason.as_deref().filter(|reason| !reason.is_empty()) else {
        return (None, None);
    };
    match reason.strip_suffix('］').and_then(|inner| inner.rsplit_once('［')) {
        Some((why, fields)) => (Some(why), Some(fields)),
        None => (Some(reason), None),
    }
}

/// What a person can do who thinks that a look was wrong, or that what is held is wrong.
fn rights(lang: Lang) -> Markup {
    section(
        &Heading::new("rights", lang.pick("觉得不对，可以这样办", "If something is wrong")),
        panel(
            &Panel::default(),
            list(&[
                Entry::new(html! { strong { (lang.pick("不该看的看了", "Somebody should not have looked")) } }).note(html! {
                    (lang.pick("打 ", "Call ")) a href="tel:12345" { "12345" }
                    (lang.pick("，报上面的时间和单位，由该单位的监督部门答复您。", " and name the time and the unit above; those who supervise the unit answer you."))
                }),
                Entry::new(html! { strong { (lang.pick("登记的内容有错", "What is held about me is wrong")) } }).note(html! {
                    (lang.pick("在", "Look at "))
                    a href="/my/data/held" { (lang.pick("全市登记了我的什么", "what the city holds of me")) }
                    (lang.pick(
                        "里点“不对”；也可以带身份证到登记单位的窗口，或打 12345。更正后旧内容保留为历史，不再使用。",
                        " and say what is wrong; or bring your identity card to the counter of the unit, or call 12345.",
                    ))
                }),
            ]),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(reason: Option<&str>) -> Act {
        Act {
            at: time::OffsetDateTime::UNIX_EPOCH,
            account: None,
            person: None,
            name: String::new(),
            organisation: None,
            post: None,
            behalf: None,
            verb: "party.reveal".to_owned(),
            thing_kind: "person".to_owned(),
            thing: String::new(),
            subject: None,
            before: None,
            after: None,
            reason: reason.map(str::to_owned),
            request: String::new(),
            veil: zhengtong_base::Veil::default(),
        }
    }

    #[test]
    fn fields_stand_in_brackets_at_the_end_of_a_reason() {
        let check = |text: Option<&str>, expected| assert_eq!(reason(&act(text)), expected);
        check(None, (None, None));
        check(Some(""), (None, None));
        check(Some("核对身份"), (Some("核对身份"), None));
        check(
            Some("核对［甲］身份［证件号码、手机号码］"),
            (Some("核对［甲］身份"), Some("证件号码、手机号码")),
        );
    }
}
