//! People: found by whole name or by login, always masked; and the form that registers one with an account.

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use zhengtong_base::{Failure as _, Kind, Lang, Page, Paging};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit};
use zhengtong_party::{AccountKind, IdKind, Invite, NewAccount, NewPerson, PersonRow};
use zhengtong_ui::field::{Field, Form, Input, Pick, Width, errors, form, select, text};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, Pager, Search, crumbs, narrow, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, flush, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};
use zhengtong_ui::words::{encode, number};
use zhengtong_ui::{Frame, Icon};

use crate::account::link_page;
use crate::bench::{Bench, Typed, acting, reading};

/// People on one page: each of them gets an entry in the record.
const ROWS: u32 = 20;
/// How well a name is proven that an administrator enters from a document.
const LEVEL_BY_DOCUMENT: i16 = 2;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/people", get(people))
        .route("/admin/people/new", get(ask).post(create))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: u32,
}

async fn people(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let paging = Paging::new(wanted.page, ROWS);
    let page = zhengtong_party::people(&mut ctx, &wanted.q, paging).await?;
    let bench = Bench::of(&ctx);
    let registers = registers(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("人员", "People"));
    let body = listed(visit.lang(), &wanted.q, &page, registers);
    Ok(bench.page(&visit, &frame, body))
}

/// Whether the actor registers people.
fn registers(ctx: &Ctx) -> bool {
    ctx.may("party.create_person", &zhengtong_db::Thing::new("person", ""))
}

fn listed(lang: Lang, query: &str, page: &Page<PersonRow>, registers: bool) -> Markup {
    let meta = match (lang, query.is_empty()) {
        (Lang::Zh, true) => format!("在岗账号 {} 个", number(page.total)),
        (Lang::En, true) => format!("{} staff accounts", number(page.total)),
        (Lang::Zh, false) => format!("找到 {} 个", number(page.total)),
        (Lang::En, false) => format!("{} found", number(page.total)),
    };
    let mut heading = Title::new(lang.pick("人员", "People")).meta(html! { (meta) });
    if registers {
        let button = Button::new(lang.pick("登记人员", "Register a person")).icon(Icon::Plus);
        heading = heading.actions(link_button(&button, "/admin/people/new"));
    }
    let href = format!("/admin/people?q={}&page=", encode(query));
    html! {
        (title(&heading))
        (narrow(lang, &Search {
            action: "/admin/people".into(),
            label: lang.pick("按整个姓名或账号的开头查找", "Find by whole name or beginning of a login").into(),
            example: lang.pick("姓名或账号", "Name or login").into(),
            value: query.into(),
        }))
        p.meta { (lang.pick(
            "没有“全部人员”这种列表。每次查看都记在存证里，本人看得到。",
            "There is no list of everybody. Each look is recorded, and the person can see it.",
        )) }
        @if page.rows.is_empty() {
            (empty(&Empty {
                icon: Icon::SearchX,
                title: lang.pick("没有找到", "Nobody found").into(),
                body: Some(html! { (lang.pick("姓名要写全；账号写开头两个字符以上。", "Write the whole name, or at least two characters of the login.")) }),
            }))
        } @else {
            (flush(&Panel::default(), table(lang, &people_table(lang, &page.rows))))
            (pager(lang, Pager { page: page.page, pages: page.pages(), href: &href }))
        }
    }
}

fn people_table<'a>(lang: Lang, rows: &[PersonRow]) -> Table<'a> {
    let rows = rows.iter().map(|row| {
        let person = &row.person;
        let number = person.id_number.as_deref().unwrap_or_default();
        let account = row.account.as_ref();
        Row::new(vec![
            html! { a href={ "/admin/people/" (person.id) } { (person.name) } },
            html! { (account.map_or("", |account| account.login.as_str())) },
            html! { (account.map_or("", |account| kind_words(lang, account.kind))) },
            html! { (person.id_kind.title().get(lang)) " " (code(number)) },
            html! { (person.phone.as_deref().unwrap_or_default()) },
            html! { @if let Some(account) = account { (standing(lang, account)) } },
        ])
    });
    Table {
        caption: lang.pick("人员", "People").into(),
        columns: vec![
            Column::head(lang.pick("姓名", "Name")).slot(Slot::Left(1)),
            Column::new(lang.pick("账号", "Login")).tight().slot(Slot::Right(1)),
            Column::new(lang.pick("用途", "For")).tight(),
            Column::new(lang.pick("证件", "Document")).tight(),
            Column::new(lang.pick("电话", "Telephone")).tight(),
            Column::new(lang.pick("状态", "State")),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    }
}

/// What an account is for.
pub(crate) fn kind_words(lang: Lang, kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Staff => lang.pick("办公", "Staff"),
        AccountKind::Citizen => lang.pick("办事", "Public"),
    }
}

/// Whether an account works, and what it lacks.
pub(crate) fn standing(lang: Lang, account: &zhengtong_party::AccountCard) -> Markup {
    html! { span.row.row-tight {
        @if account.disabled_at.is_some() {
            (tag(Tone::Warn, lang.pick("已停用", "Disabled")))
        } @else if !account.activated {
            (tag(Tone::Line, lang.pick("还没设密码", "No password yet")))
        } @else {
            (tag(Tone::Good, lang.pick("在用", "In use")))
        }
        @if account.kind == AccountKind::Staff && !account.second_factor {
            (tag(Tone::Warn, lang.pick("没开动态码", "No one-time code")))
        }
    } }
}

async fn ask(visit: Visit) -> Answer {
    let ctx = reading(&visit).await?;
    ctx.allow("party.create_person", &zhengtong_db::Thing::new("person", ""))?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("登记人员", "Register a person"));
    Ok(bench.page(&visit, &frame, new_page(&frame, &Typed::default())))
}

async fn create(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let bench = Bench::of(&ctx);
    match register(&mut ctx, &fields).await {
        Ok(invite) => {
            ctx.commit().await?;
            Ok(link_page(&visit, &bench, &invite, fields.get("login")))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid) => {
            let errors = error.fields();
            let said = errors.is_empty().then(|| error.text());
            Ok(again(&visit, &bench, &Typed { fields, errors, said }))
        }
        Err(error) => Err(Fault::from(error)),
    }
}

/// The person and the account in one transaction: both or none.
async fn register(ctx: &mut Ctx, fields: &Fields) -> zhengtong_party::Result<Invite> {
    let filled = |name: &str| {
        let value = fields.get(name).trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    let new = NewPerson {
        name: fields.get("name").to_owned(),
        id_kind: IdKind::from_word(fields.get("id_kind")).unwrap_or(IdKind::Citizen),
        id_number: fields.get("id_number").to_owned(),
        phone: filled("phone"),
        region: filled("region"),
        level: LEVEL_BY_DOCUMENT,
    };
    let person = zhengtong_party::create_person(ctx, &new).await?;
    let account = NewAccount {
        login: fields.get("login").to_owned(),
        kind: AccountKind::from_word(fields.get("kind")).unwrap_or(AccountKind::Staff),
        person,
    };
    zhengtong_party::create_account(ctx, &account).await
}

fn again(visit: &Visit, bench: &Bench, typed: &Typed) -> Response {
    let mut frame = Bench::frame(visit, visit.lang().pick("登记人员", "Register a person"));
    frame.standing = Standing::Faulty;
    let mut response = bench.page(visit, &frame, new_page(&frame, typed));
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

fn new_page(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let line = |name: &'static str, width: Width| Input::new(typed.value(name)).width(width);
    let documents: Vec<Pick<'_>> = IdKind::ALL
        .iter()
        .map(|kind| Pick::new(kind.word(), kind.title().get(lang).to_owned()))
        .collect();
    let main = form(
        frame,
        &Form::post("/admin/people/new"),
        html! {
            (text(lang, &field("name", "姓名", "Name"), &line("name", Width::Long)))
            (select(lang, &field("id_kind", "证件种类", "Kind of document"), &documents, &typed.value_or("id_kind", IdKind::Citizen.word())))
            (text(lang, &field("id_number", "证件号码", "Number of the document"), &line("id_number", Width::Long).kind(zhengtong_ui::field::Kind::Code)))
            (text(lang, &field("phone", "手机号", "Mobile number").optional(), &line("phone", Width::Long).kind(zhengtong_ui::field::Kind::Phone)))
            (text(lang, &field("region", "行政区划代码", "Region code").optional().hint(lang.pick("6 至 12 位数字，例如 330106", "6 to 12 digits, such as 330106")), &line("region", Width::Short).kind(zhengtong_ui::field::Kind::Whole)))
            (login_fields(lang, typed))
            (actions(html! {
                (submit(&Button::new(lang.pick("登记并生成一次性链接", "Register and make the one-time link")).size(Size::Large)))
                (link_button(&Button::quiet(lang.pick("不登记了", "Cancel")), "/admin/people"))
            }))
        },
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("人员", "People"), "/admin/people")], lang.pick("登记人员", "Register a person")))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(lang.pick("登记人员", "Register a person"))))
        (split(main, html! { (panel(&Panel::new(lang.pick("接下来", "What follows")), html! {
            p { (lang.pick("会得到一个一次性链接，只显示这一次。本人打开后自己设密码，别人都不知道密码。", "You get a one-time link that is shown once. Its owner chooses the password; nobody else knows it.")) }
            p { (lang.pick("岗位由安全管理员安排；没有岗位什么也办不了。", "The security administrator gives the post; without one nothing can be done.")) }
        })) }))
    }
}

/// Login and what it is for; shared with the page of a person.
pub(crate) fn login_fields(lang: Lang, typed: &Typed) -> Markup {
    let kinds: Vec<Pick<'_>> = [AccountKind::Staff, AccountKind::Citizen]
        .into_iter()
        .map(|kind| Pick::new(kind.word(), kind_words(lang, kind)))
        .collect();
    let login = Field::new("login", lang.pick("账号", "Login"))
        .hint(lang.pick(
            "登录时用，例如工号；以后不能改",
            "For signing in, such as a staff number; it cannot be changed",
        ))
        .errors(&typed.errors, lang);
    let input = Input::new(typed.value("login")).width(Width::Long).autocomplete("off");
    html! {
        (text(lang, &login, &input))
        (select(lang, &Field::new("kind", lang.pick("用途", "For")).errors(&typed.errors, lang), &kinds, &typed.value_or("kind", AccountKind::Staff.word())))
    }
}
