//! One person, masked, with their accounts and what this administrator may do with them.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Lang, Limits, Paging};
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_http::{Answer, App, Fault, Visit, clock_time};
use zhengtong_party::{AccountCard, AccountKind, PersonCard};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, errors, form, hidden, text};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::code;

use crate::bench::{Bench, Typed, reading};
use crate::people::{kind_words, login_fields, standing};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/people/{id}", get(shown))
}

/// A person with their accounts, and what the actor may do.
struct Shown {
    person: PersonCard,
    accounts: Vec<(AccountCard, Vec<Deed>)>,
    creates: bool,
    bench: Bench,
}

/// Something that can be done with an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Disable,
    Enable,
    Invite,
    Factor,
}

impl Deed {
    /// The verb in policies.
    fn verb(self) -> &'static str {
        match self {
            Self::Disable => "party.disable_account",
            Self::Enable => "party.enable_account",
            Self::Invite => "party.invite",
            Self::Factor => "party.reset_second_factor",
        }
    }

    /// The last part of the address.
    fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Invite => "invite",
            Self::Factor => "factor",
        }
    }

    /// Whether it makes sense for an account as it is.
    fn fits(self, account: &AccountCard) -> bool {
        let off = account.disabled_at.is_some();
        match self {
            Self::Enable => off,
            Self::Disable | Self::Invite => !off,
            Self::Factor => account.second_factor,
        }
    }
}

impl Shown {
    async fn load(visit: &Visit, id: Uuid) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let person = zhengtong_party::person(&mut ctx, id).await?;
        let paging = Paging::new(1, Limits::default().page_rows);
        let found = zhengtong_party::people(&mut ctx, &person.name, paging).await?;
        let accounts = found
            .rows
            .into_iter()
            .filter(|row| row.person.id == id)
            .filter_map(|row| row.account)
            .map(|account| {
                let deeds = deeds(&ctx, &account, id);
                (account, deeds)
            })
            .collect();
        let shown = Self {
            person,
            accounts,
            creates: ctx.may("party.create_account", &account_thing("", AccountKind::Staff, id)),
            bench: Bench::of(&ctx),
        };
        ctx.commit().await?;
        Ok(shown)
    }
}

/// What the actor may do with an account now.
fn deeds(ctx: &Ctx, account: &AccountCard, person: Uuid) -> Vec<Deed> {
    let thing = account_thing(&account.id.to_string(), account.kind, person);
    [Deed::Enable, Deed::Disable, Deed::Factor, Deed::Invite]
        .into_iter()
        .filter(|deed| deed.fits(account) && ctx.may(deed.verb(), &thing))
        .collect()
}

/// An account as policies see it.
fn account_thing(id: &str, kind: AccountKind, person: Uuid) -> Thing {
    Thing::new("account", id)
        .owned_by(Some(person))
        .with("account_kind", Attr::Text(kind.word().to_owned()))
}

async fn shown(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let shown = Shown::load(&visit, id).await?;
    let frame = Bench::frame(&visit, &shown.person.name);
    let body = page(&frame, &shown, &Typed::default());
    Ok(shown.bench.page(&visit, &frame, body))
}

/// The name of the reason's field: a page may hold two accounts, and each has its own.
pub(crate) fn why(account: Uuid) -> String {
    format!("why-{account}")
}

/// The page after something was refused.
pub(crate) async fn again(visit: &Visit, id: Uuid, typed: &Typed) -> Answer {
    let shown = Shown::load(visit, id).await?;
    let mut frame = Bench::frame(visit, &shown.person.name);
    frame.standing = Standing::Faulty;
    let body = page(&frame, &shown, typed);
    Ok(shown.bench.refused(visit, &frame, body))
}

fn page(frame: &Frame<'_>, shown: &Shown, typed: &Typed) -> Markup {
    let (lang, person) = (frame.lang, &shown.person);
    let kinds: Vec<AccountKind> = shown.accounts.iter().map(|(account, _)| account.kind).collect();
    let room = AccountKind::ALL.iter().any(|kind| !kinds.contains(kind));
    html! {
        (crumbs(lang, &[Link::new(lang.pick("人员", "People"), "/admin/people")], &person.name))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (title(&Title::new(person.name.as_str()).meta(html! {
            (lang.pick("这次查看已记入存证，本人看得到", "This look is recorded, and the person can see it"))
        })))
        (panel(&Panel::default(), pairs([
            (lang.pick("证件", "Document").into(), html! {
                (person.id_kind.title().get(lang)) " " (code(person.id_number.as_deref().unwrap_or("–")))
            }),
            (lang.pick("电话", "Telephone").into(), html! { (person.phone.as_deref().unwrap_or("–")) }),
            (lang.pick("区划", "Region").into(), html! { (person.region.as_deref().unwrap_or("–")) }),
            (lang.pick("实名等级", "Level of proof").into(), html! { (person.level) " / 3" }),
        ])))
        @for (account, deeds) in &shown.accounts { (account_panel(frame, shown, account, deeds, typed)) }
        @if shown.creates && room {
            (boxed(&Panel::new(lang.pick("开账号", "New account")), form(frame, &Form::post(format!("/admin/people/{}/account", person.id)), html! {
                (login_fields(lang, typed))
                (actions(submit(&Button::secondary(lang.pick("开账号并生成一次性链接", "Make the account and its link")))))
            })))
        }
    }
}

fn account_panel(
    frame: &Frame<'_>,
    shown: &Shown,
    account: &AccountCard,
    deeds: &[Deed],
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let heading = format!("{} · {}", account.login, kind_words(lang, account.kind));
    let base = format!("/admin/people/{}/account/{}", shown.person.id, account.id);
    boxed(
        &Panel::new(heading).note(standing(lang, account)),
        html! {
            @if let Some(at) = account.disabled_at {
                p.soft { (lang.pick("停用于 ", "Disabled ")) (clock_time(at)) }
            }
            @if deeds.contains(&Deed::Invite) {
                form.post method="post" action={ (base) "/invite" } data-once {
                    (token(frame))
                    (hidden("login", &account.login))
                    (submit(&Button::secondary(lang.pick("重发一次性链接", "New one-time link"))))
                }
            }
            (reasoned(frame, account.id, &base, deeds, typed))
            @if deeds.is_empty() { p.soft { (nothing(lang)) } }
        },
    )
}

fn nothing(lang: Lang) -> &'static str {
    lang.pick("这个账号没有您要办的事。", "There is nothing for you to do with this account.")
}

/// Acts that need a reason share one field.
fn reasoned(frame: &Frame<'_>, account: Uuid, base: &str, deeds: &[Deed], typed: &Typed) -> Markup {
    let lang = frame.lang;
    let with_reason = || deeds.iter().filter(|deed| **deed != Deed::Invite);
    let path = |deed: Deed| format!("{base}/{}", deed.word());
    let Some(first) = with_reason().next() else { return html! {} };
    let name = why(account);
    let field = Field::new(name.as_str(), lang.pick("理由", "Reason"))
        .hint(lang.pick("记入存证，本人看得到", "It is recorded, and the owner can see it"))
        .errors(&typed.errors, lang);
    let button = |deed: Deed| match deed {
        Deed::Enable => Button::secondary(lang.pick("恢复账号", "Enable")),
        Deed::Disable => Button::danger(lang.pick("停用账号", "Disable")),
        Deed::Factor => Button::secondary(lang.pick("重置动态码", "Reset the one-time code")),
        Deed::Invite => Button::secondary(lang.pick("重发一次性链接", "New one-time link")),
    };
    form(
        frame,
        &Form::post(path(*first)),
        html! {
            (text(lang, &field, &Input::new(typed.value(&name))))
            (actions(html! { @for deed in with_reason() { (submit(&button(*deed).action(path(*deed)))) } }))
        },
    )
}
