//! Units: by region and by the unit above; one unit with its posts and who holds them; new units and posts.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind, Lang, Limits, Page, Paging, Text};
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, redirect};
use zhengtong_party::{
    Catalog, NewOrganisation, NewPost, Organisation, OrganisationKind, PostCard, Substitution, Tree,
};
use zhengtong_ui::field::{
    Field, Form, Input, Layout, Pick, Width, checkboxes, errors, form, hidden, select, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Open, Panel, boxed, flush, fold, pairs, panel};
use zhengtong_ui::press::{Button, Choice, actions, filters, link_button, submit};
use zhengtong_ui::table::{Column, Row, Table, code, table};
use zhengtong_ui::{Frame, Words};

use crate::bench::{Bench, Typed, acting, reading};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/organisations", get(listed).post(create))
        .route("/admin/organisations/{id}", get(shown))
        .route("/admin/organisations/{id}/posts", post(create_post))
}

#[derive(Deserialize)]
struct Wanted {
    parent: Option<Uuid>,
    region: Option<String>,
    #[serde(default)]
    page: u32,
}

/// A list of units with the region they are in.
struct Listed {
    tree: Tree,
    parent: Option<Organisation>,
    page: Page<Organisation>,
    creates: bool,
    bench: Bench,
}

impl Listed {
    async fn load(visit: &Visit, wanted: &Wanted) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let region = wanted.region.as_deref().filter(|region| !region.is_empty());
        let tree = zhengtong_party::tree(&mut ctx, region).await?;
        let paging = Paging::new(wanted.page, Limits::default().page_rows);
        let parent = match wanted.parent {
            Some(parent) => Some(zhengtong_party::organisation(&mut ctx, parent).await?),
            None => None,
        };
        let page = match region {
            // All departments of a region stand on one page: the tree is bounded already.
            Some(_) => {
                let rows = tree.departments.clone();
                let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                let most = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                Page::new(rows, total, Paging::new(1, most))
            }
            None => zhengtong_party::organisations(&mut ctx, wanted.parent, paging).await?,
        };
        let thing = Thing::new("organisation", "")
            .handled_by(wanted.parent)
            .with("public", Attr::Flag(true));
        let creates = ctx.may("party.create_organisation", &thing);
        let bench = Bench::of(&ctx);
        ctx.commit().await?;
        Ok(Self { tree, parent, page, creates, bench })
    }
}

async fn listed(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let listed = Listed::load(&visit, &wanted).await?;
    let frame = Bench::frame(&visit, visit.lang().pick("单位和岗位", "Units and posts"));
    let body = list_page(&frame, &listed, &Typed::default());
    Ok(listed.bench.page(&visit, &frame, body))
}

async fn create(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let new = new_organisation(&fields);
    let outcome = zhengtong_party::create_organisation(&mut ctx, &new).await;
    match outcome {
        Ok(id) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/organisations/{id}")))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let wanted = Wanted { parent: new.parent, region: None, page: 1 };
            let typed = Typed { errors: error.fields(), said: None, fields };
            let listed = Listed::load(&visit, &wanted).await?;
            let mut frame =
                Bench::frame(&visit, visit.lang().pick("单位和岗位", "Units and posts"));
            frame.standing = Standing::Faulty;
            let body = list_page(&frame, &listed, &typed);
            Ok(listed.bench.refused(&visit, &frame, body))
        }
        Err(error) => Err(Fault::from(error)),
    }
}

fn new_organisation(fields: &Fields) -> NewOrganisation {
    let filled = |name: &str| {
        let value = fields.get(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    NewOrganisation {
        parent: fields.get("parent").parse().ok(),
        region: filled("region"),
        kind: OrganisationKind::from_word(fields.get("kind")).unwrap_or(OrganisationKind::Office),
        name: Text::new(fields.get("name").trim(), fields.get("name_en").trim()),
        short: filled("short"),
        credit_code: filled("credit_code"),
        representative: None,
    }
}

fn list_page(frame: &Frame<'_>, listed: &Listed, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let here = match (&listed.tree.region, &listed.parent) {
        (Some(region), _) => region.name.clone(),
        (None, Some(parent)) => parent.name.get(lang).to_owned(),
        (None, None) => lang.pick("单位和岗位", "Units and posts").to_owned(),
    };
    let parent = listed.parent.as_ref().map(|parent| parent.id.to_string()).unwrap_or_default();
    let href = format!("/admin/organisations?parent={parent}&page=");
    let href = if parent.is_empty() { "/admin/organisations?page=".to_owned() } else { href };
    html! {
        @if listed.tree.region.is_some() || listed.parent.is_some() { (way(lang, listed, &here)) }
        (errors(lang, &typed.errors))
        (title(&Title::new(here.as_str())))
        @if !listed.tree.below.is_empty() { (regions(lang, &listed.tree)) }
        (flush(&Panel::default(), html! {
            @if listed.page.rows.is_empty() {
                div.panel-body { p.soft { (lang.pick("这里没有单位。", "No units here.")) } }
            } @else {
                (table(lang, &units(lang, &listed.page.rows)))
            }
        }))
        (pager(lang, Pager { page: listed.page.page, pages: listed.page.pages(), href: &href }))
        @if listed.creates && listed.tree.region.is_none() { (new_unit(frame, &parent, typed)) }
    }
}

fn way(lang: Lang, listed: &Listed, here: &str) -> Markup {
    let mut links =
        vec![Link::new(lang.pick("单位和岗位", "Units and posts"), "/admin/organisations")];
    for region in &listed.tree.above {
        let href = format!("/admin/organisations?region={}", region.code);
        links.push(Link::new(region.name.as_str(), href));
    }
    crumbs(lang, &links, here)
}

fn regions(lang: Lang, tree: &Tree) -> Markup {
    let choices: Vec<Choice<'_>> = tree
        .below
        .iter()
        .map(|region| {
            let href = format!("/admin/organisations?region={}", region.code);
            Choice::new(region.name.as_str(), href)
        })
        .collect();
    filters(lang.pick("下级区划", "Regions below"), &choices)
}

fn units<'a>(lang: Lang, rows: &[Organisation]) -> Table<'a> {
    let rows = rows.iter().map(|unit| {
        Row::new(vec![
            html! { a href={ "/admin/organisations/" (unit.id) } { (unit.name.get(lang)) } },
            html! { (unit.kind.title().get(lang)) },
            html! { (unit.short.as_deref().unwrap_or_default()) },
            html! { (unit.region.as_deref().unwrap_or_default()) },
            code(unit.credit_code.as_deref().unwrap_or_default()),
            html! { a href={ "/admin/organisations?parent=" (unit.id) } { (lang.pick("下级", "Below")) span.unseen { " " (unit.name.get(lang)) } } },
        ])
    });
    Table {
        caption: lang.pick("单位", "Units").into(),
        columns: vec![
            Column::head(lang.pick("名称", "Name")),
            Column::new(lang.pick("性质", "Kind")).tight(),
            Column::new(lang.pick("简称", "Short name")).tight(),
            Column::new(lang.pick("区划", "Region")).tight(),
            Column::new(lang.pick("信用代码", "Credit code")).tight(),
            Column::new(lang.pick("下级单位", "Units below")).tight(),
        ],
        rows: rows.collect(),
        ..Table::default()
    }
}

fn new_unit(frame: &Frame<'_>, parent: &str, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let line = |name: &'static str, width: Width| Input::new(typed.value(name)).width(width);
    let kinds: Vec<Pick<'_>> = OrganisationKind::ALL
        .iter()
        .map(|kind| Pick::new(kind.word(), kind.title().get(lang).to_owned()))
        .collect();
    let open = if typed.fields.0.is_empty() { Open::No } else { Open::Yes };
    fold(
        lang.pick("新设单位", "New unit"),
        open,
        form(
            frame,
            &Form::post("/admin/organisations"),
            html! {
                (hidden("parent", parent))
                (text(lang, &field("name", "名称", "Chinese name"), &line("name", Width::Full)))
                (text(lang, &field("name_en", "英文名称", "English name"), &line("name_en", Width::Full)))
                (select(lang, &field("kind", "性质", "Kind"), &kinds, &typed.value_or("kind", OrganisationKind::Office.word())))
                (text(lang, &field("short", "简称", "Short name").optional().hint(lang.pick("包里用它指这个单位，例如 market-regulation", "Packs name the unit by it, such as market-regulation")), &line("short", Width::Long)))
                (text(lang, &field("region", "行政区划代码", "Region code").optional(), &line("region", Width::Short)))
                (text(lang, &field("credit_code", "统一社会信用代码", "Unified social credit code").optional(), &line("credit_code", Width::Long).kind(zhengtong_ui::field::Kind::Code)))
                (actions(submit(&Button::secondary(lang.pick("设立", "Create")))))
            },
        ),
    )
}

/// A unit with its posts.
struct Unit {
    organisation: Organisation,
    posts: Vec<PostCard>,
    substitutions: Vec<Substitution>,
    roles: Arc<Catalog>,
    rights: Rights,
    bench: Bench,
}

/// What the actor may do with posts.
#[derive(Clone, Copy)]
struct Rights {
    /// Make posts and give them.
    appoint: bool,
    /// Make and give the post of the first security administrator, as long as there is none.
    first: bool,
}

impl Rights {
    fn of(ctx: &Ctx, organisation: Uuid, posts: &[PostCard]) -> Self {
        let may = |roles: &[&str], vacant: bool| {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            let thing = Thing::new("post", "")
                .handled_by(Some(organisation))
                .with("roles", Attr::Words(roles))
                .with("vacant", Attr::Flag(vacant));
            ctx.may("party.create_post", &thing)
        };
        let appoint = may(&[], false);
        let held = posts.iter().any(|card| {
            card.post.roles.iter().any(|role| role == "security-admin") && !card.holdings.is_empty()
        });
        Self { appoint, first: !appoint && !held && may(&["security-admin"], true) }
    }
}

impl Unit {
    async fn load(visit: &Visit, id: Uuid) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let organisation = zhengtong_party::organisation(&mut ctx, id).await?;
        let posts = zhengtong_party::posts(&mut ctx, id).await?;
        let substitutions = zhengtong_party::substitutions(&mut ctx, id).await?;
        let unit = Self {
            rights: Rights::of(&ctx, id, &posts),
            organisation,
            posts,
            substitutions,
            roles: ctx.defs::<Catalog>()?,
            bench: Bench::of(&ctx),
        };
        ctx.commit().await?;
        Ok(unit)
    }
}

async fn shown(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let unit = Unit::load(&visit, id).await?;
    let frame = Bench::frame(&visit, unit.organisation.name.get(visit.lang()));
    let body = unit_page(&frame, &unit, &Typed::default());
    Ok(unit.bench.page(&visit, &frame, body))
}

async fn create_post(visit: Visit, Path(id): Path<Uuid>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let roles = fields.0.iter().filter(|(name, _)| name == "roles");
    let new = NewPost {
        organisation: id,
        title: Text::new(fields.get("title").trim(), fields.get("title_en").trim()),
        roles: roles.map(|(_, role)| role.clone()).collect(),
    };
    match zhengtong_party::create_post(&mut ctx, &new).await {
        Ok(_post) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/organisations/{id}")))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            unit_again(&visit, id, &Typed { fields, errors, said }).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

/// The page of a unit after something was refused.
pub(crate) async fn unit_again(visit: &Visit, id: Uuid, typed: &Typed) -> Answer {
    let unit = Unit::load(visit, id).await?;
    let mut frame = Bench::frame(visit, unit.organisation.name.get(visit.lang()));
    frame.standing = Standing::Faulty;
    let body = unit_page(&frame, &unit, typed);
    Ok(unit.bench.refused(visit, &frame, body))
}

fn unit_page(frame: &Frame<'_>, unit: &Unit, typed: &Typed) -> Markup {
    let (lang, organisation) = (frame.lang, &unit.organisation);
    let name = organisation.name.get(lang);
    let mut rows: Vec<(Words<'_>, Markup)> =
        vec![(lang.pick("性质", "Kind").into(), html! { (organisation.kind.title().get(lang)) })];
    let mut row = |zh: &'static str, en: &'static str, value: &Option<String>| {
        if let Some(value) = value {
            rows.push((lang.pick(zh, en).into(), html! { (value) }));
        }
    };
    row("简称", "Short name", &organisation.short);
    row("区划", "Region", &organisation.region);
    row("信用代码", "Credit code", &organisation.credit_code);
    html! {
        (crumbs(lang, &[Link::new(lang.pick("单位和岗位", "Units and posts"), "/admin/organisations")], name))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(name)))
        (panel(&Panel::default(), html! {
            (pairs(rows))
            p.row {
                a href={ "/admin/organisations?parent=" (organisation.id) } { (lang.pick("下级单位", "Units below")) }
                @if organisation.kind.is_public() {
                    a href={ "/desk/substitutes?unit=" (organisation.id) } { (lang.pick("指定代理人", "Substitutes")) }
                }
            }
        }))
        @for card in &unit.posts { (post_panel(frame, unit, card)) }
        @if unit.posts.is_empty() { p.soft { (lang.pick("还没有岗位。", "No posts yet.")) } }
        @if unit.rights.appoint || unit.rights.first { (new_post(frame, unit, typed)) }
    }
}

fn post_panel(frame: &Frame<'_>, unit: &Unit, card: &PostCard) -> Markup {
    let lang = frame.lang;
    let base = format!("/admin/organisations/{}/posts/{}", unit.organisation.id, card.post.id);
    let gives: Vec<&str> = card
        .post
        .roles
        .iter()
        .map(|role| unit.roles.roles.get(role).map_or(role.as_str(), |role| role.title.get(lang)))
        .collect();
    let first = unit.rights.first && card.post.roles == ["security-admin"];
    let mut entries: Vec<Entry> = card
        .holdings
        .iter()
        .map(|holding| {
            let until = holding.ends.map_or_else(
                || lang.pick("至今", "on").to_owned(),
                |day| format!("{}{day}", lang.pick("至 ", "until ")),
            );
            let entry =
                Entry::new(html! { (holding.name) }).note(html! { (holding.starts) " " (until) });
            if unit.rights.appoint && holding.ends.is_none() {
                let button = Button::quiet(lang.pick("结束任职", "End today"));
                return entry.end(link_button(&button, &format!("{base}/end/{}", holding.id)));
            }
            entry
        })
        .collect();
    entries.extend(unit.substitutions.iter().filter(|one| one.post == card.post.id).map(|one| {
        Entry::new(html! { (one.name) " " (tag(Tone::Line, lang.pick("代理", "substitute"))) })
            .note(html! { (one.starts) " " (lang.pick("至 ", "until ")) (one.ends) " · " (one.reason) })
    }));
    boxed(
        &Panel::new(card.post.title.get(lang))
            .note(html! { span.meta { (gives.join(lang.pick("、", ", "))) } }),
        html! {
            @if entries.is_empty() { p.soft { (lang.pick("空缺", "Vacant")) } } @else { (list(&entries)) }
            @if unit.rights.appoint || first {
                (link_button(&Button::secondary(lang.pick("安排任职", "Appoint")), &format!("{base}/hold")))
            }
        },
    )
}

fn new_post(frame: &Frame<'_>, unit: &Unit, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let roles: Vec<Pick<'_>> = unit
        .roles
        .roles
        .iter()
        .filter(|(word, _)| unit.rights.appoint || word.as_str() == "security-admin")
        .map(|(word, role)| {
            Pick::new(word.as_str(), role.title.get(lang)).hint(role.summary.get(lang))
        })
        .collect();
    let chosen: Vec<&str> = typed
        .fields
        .0
        .iter()
        .filter(|(name, _)| name == "roles")
        .map(|(_, role)| role.as_str())
        .collect();
    let open = if typed.fields.0.is_empty() { Open::No } else { Open::Yes };
    let action = format!("/admin/organisations/{}/posts", unit.organisation.id);
    fold(
        lang.pick("设立岗位", "New post"),
        open,
        form(
            frame,
            &Form::post(action),
            html! {
                (text(lang, &field("title", "岗位名称", "Chinese title"), &Input::new(typed.value("title")).width(Width::Long)))
                (text(lang, &field("title_en", "英文名称", "English title"), &Input::new(typed.value("title_en")).width(Width::Long)))
                (checkboxes(lang, &field("roles", "给出的角色", "Roles it gives").hint(lang.pick("三种管理员不能放在一个岗位上", "The three administrators exclude each other")), &roles, &chosen, Layout::Down))
                (actions(submit(&Button::secondary(lang.pick("设立", "Create")))))
            },
        ),
    )
}
