//! The counter: a clerk with a person and the document before them finds the person by number and name, raises the
//! level of the name, or begins to give an account back.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Text};
use zhengtong_http::{Answer, App, Fault, Fields, Visit};
use zhengtong_party::{AccountCard, AccountKind, LEVEL_AT_COUNTER, PersonCard, level_title};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Field, Form, Input, Kind as InputKind, Width, errors, form, hidden, text,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::words::encode;

use crate::bench::{Bench, reading, staff_only};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/counter", get(ask).post(find))
        .route("/desk/counter/level", get(ask).post(raise))
}

/// What the page shows: who was found, and what went well or wrong.
#[derive(Default)]
struct Seen {
    fields: Fields,
    found: Option<(PersonCard, Vec<AccountCard>)>,
    errors: Vec<FieldError>,
    said: Option<(Mood, Text)>,
}

async fn ask(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    ctx.allow("party.identify", &zhengtong_db::Thing::new("person", ""))?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    Ok(draw(&visit, &bench, &Seen::default()))
}

async fn find(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    // A form that is sent twice looks twice, and both looks are recorded.
    let mut ctx = visit.act(&fields).await?;
    let (number, name) = (fields.get("id_number"), fields.get("name"));
    let found = zhengtong_party::identify(&mut ctx, number, name).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let mut seen = Seen { fields, found, ..Seen::default() };
    if seen.found.is_none() {
        seen.errors.push(FieldError::new(
            "id_number",
            "没有找到姓名和证件号码都相符的人，请照着证件核对",
            "nobody has this name and number; check both against the document",
        ));
    }
    Ok(draw(&visit, &bench, &seen))
}

async fn raise(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let person: Uuid = fields.get("person").parse().map_err(|_unreadable| Fault::absent())?;
    let why = fields.get("why");
    let (said, errors) =
        match zhengtong_party::raise_level(&mut ctx, person, LEVEL_AT_COUNTER, why).await {
            Ok(()) => {
                ctx.commit().await?;
                let done = Text::new(
                    "已提升为高级实名，本人会收到消息",
                    "the level is raised; the person is told",
                );
                (Some((Mood::Done, done)), Vec::new())
            }
            Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Denied) => {
                drop(ctx);
                let errors = error.fields();
                (errors.is_empty().then(|| (Mood::Failure, error.text())), errors)
            }
            Err(error) => return Err(error.into()),
        };
    let mut ctx = reading(&visit).await?;
    let (number, name) = (fields.get("id_number"), fields.get("name"));
    let found = zhengtong_party::identify(&mut ctx, number, name).await?;
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    Ok(draw(&visit, &bench, &Seen { fields, found, errors, said }))
}

fn draw(visit: &Visit, bench: &Bench, seen: &Seen) -> axum::response::Response {
    let mut frame = bench.frame(visit, visit.lang().pick("窗口核身", "At the counter"));
    if seen.errors.is_empty() {
        return bench.page(visit, &frame, page(&frame, seen));
    }
    frame.standing = Standing::Faulty;
    bench.refused(visit, &frame, page(&frame, seen), Kind::Invalid)
}

fn page(frame: &Frame<'_>, seen: &Seen) -> Markup {
    let lang = frame.lang;
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&seen.errors, lang)
    };
    let value = |name: &str| seen.fields.get(name).to_owned();
    html! {
        (errors(lang, &seen.errors))
        @if let Some((mood, said)) = &seen.said { (notice(&Notice::new(*mood, said.get(lang)))) }
        (title(&Title::new(lang.pick("窗口核身", "At the counter")).lead(html! { (lang.pick(
            "本人带证件到窗口，照着证件填。每次查找都记入存证，本人看得到。",
            "The person is here with the document. Every look is recorded, and the person can see it.",
        )) })))
        (form(frame, &Form::post("/desk/counter"), html! {
            (text(lang, &field("name", "姓名", "Name"), &Input::new(value("name")).width(Width::Long)))
            (text(lang, &field("id_number", "证件号码", "Number of the document"), &Input::new(value("id_number")).width(Width::Long).kind(InputKind::Code)))
            (actions(submit(&Button::new(lang.pick("查找", "Find")).size(Size::Large))))
        }))
        @if let Some((person, accounts)) = &seen.found { (found(frame, seen, person, accounts)) }
    }
}

fn found(frame: &Frame<'_>, seen: &Seen, person: &PersonCard, accounts: &[AccountCard]) -> Markup {
    let lang = frame.lang;
    html! {
        (boxed(&Panel::new(person.name.as_str()), html! {
            (pairs([
                (lang.pick("证件", "Document").into(), html! { (person.id_kind.title().get(lang)) " " (code(person.id_number.as_deref().unwrap_or("–"))) }),
                (lang.pick("电话", "Telephone").into(), html! { (person.phone.as_deref().unwrap_or("–")) }),
                (lang.pick("实名等级", "Level of proof").into(), html! { (person.level) " · " (level_title(person.level).get(lang)) }),
            ]))
            @if person.level < LEVEL_AT_COUNTER { (raise_form(frame, seen, person)) }
        }))
        (boxed(&Panel::new(lang.pick("账号", "Accounts")), html! {
            @if accounts.is_empty() { p.soft { (lang.pick("没有账号。", "No account.")) } }
            (list(&accounts.iter().map(|account| account_entry(frame, person, account)).collect::<Vec<_>>()))
        }))
    }
}

fn account_entry(frame: &Frame<'_>, person: &PersonCard, account: &AccountCard) -> Entry {
    let lang = frame.lang;
    let entry = Entry::new(html! { strong { (account.login) } });
    if account.disabled_at.is_some() {
        return entry.end(tag(Tone::Warn, lang.pick("已停用", "Disabled")));
    }
    if account.kind != AccountKind::Citizen {
        return entry
            .note(html! { (lang.pick("办公账号，找系统管理员", "a staff account: the system administrator helps")) });
    }
    let href = format!(
        "/desk/recoveries?account={}&name={}&login={}",
        account.id,
        encode(&person.name),
        encode(&account.login)
    );
    entry.end(link_button(&Button::secondary(lang.pick("找回账号", "Recover")), &href))
}

fn raise_form(frame: &Frame<'_>, seen: &Seen, person: &PersonCard) -> Markup {
    let lang = frame.lang;
    let why = Field::new("why", lang.pick("核对了什么", "What was checked"))
        .hint(lang.pick(
            "例如：身份证原件，照片与本人相符。不要写证件号",
            "Such as: original identity card, the photo is the person. No number",
        ))
        .errors(&seen.errors, lang);
    form(
        frame,
        &Form::post("/desk/counter/level"),
        html! {
            (hidden("person", &person.id.to_string()))
            (hidden("name", seen.fields.get("name")))
            (hidden("id_number", seen.fields.get("id_number")))
            (text(lang, &why, &Input::new(seen.fields.get("why").to_owned())))
            (actions(submit(&Button::secondary(lang.pick("提升为高级实名（2 级）", "Raise to level 2")))))
        },
    )
}
