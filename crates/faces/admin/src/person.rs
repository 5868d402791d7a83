//! One person, masked, with their accounts and what this administrator may do with them.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::Lang;
use zhengtong_casework::Burden;
use zhengtong_db::{Attr, Ctx, Thing};
use zhengtong_http::{Answer, App, Fault, Visit, clock_time};
use zhengtong_party::{AccountCard, AccountKind, PersonCard};
use zhengtong_signon::CertificateCard;
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Field, Form, Input, consent, errors, form, hidden, text};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::layout::{Title, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, actions, link_button, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::words::encode;

use crate::bench::{Bench, Typed, reading};
use crate::people::{kind_words, login_fields, standing};

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/admin/people/{id}", get(shown))
}

/// A person with their accounts, and what the actor may do.
struct Shown {
    person: PersonCard,
    accounts: Vec<Row>,
    creates: bool,
    bench: Bench,
}

/// An account with what may be done, and what would be left behind if it were disabled.
struct Row {
    account: AccountCard,
    deeds: Vec<Deed>,
    burdens: Vec<Burden>,
    certificates: Vec<CertificateCard>,
}

/// Something that can be done with an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Disable,
    Enable,
    Invite,
    Recover,
}

impl Deed {
    /// The verb in policies.
    fn verb(self) -> &'static str {
        match self {
            Self::Disable => "party.disable_account",
            Self::Enable => "party.enable_account",
            Self::Invite => "party.invite",
            Self::Recover => "party.start_recovery",
        }
    }

    /// The last part of the address.
    fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Invite => "invite",
            Self::Recover => "recover",
        }
    }

    /// Whether it makes sense for an account as it is.
    fn fits(self, account: &AccountCard) -> bool {
        let off = account.disabled_at.is_some();
        match self {
            Self::Enable => off,
            Self::Disable => !off,
            Self::Invite => !off && !account.activated,
            Self::Recover => !off && account.activated,
        }
    }
}

impl Shown {
    async fn load(visit: &Visit, id: Uuid) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let person = zhengtong_party::person(&mut ctx, id).await?;
        let mut accounts = Vec::new();
        for account in zhengtong_party::accounts(&mut ctx, id).await? {
            let deeds = deeds(&ctx, &account, id);
            let burdens = if deeds.contains(&Deed::Disable) {
                zhengtong_casework::burden_of_account(&mut ctx, id, &account).await?
            } else {
                Vec::new()
            };
            let thing = account_thing(&account.id.to_string(), account.kind, id);
            let certificates = if ctx.may("signon.certificates_of", &thing) {
                zhengtong_signon::certificates_of(&mut ctx, account.id).await?
            } else {
                Vec::new()
            };
            accounts.push(Row { account, deeds, burdens, certificates });
        }
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
    [Deed::Enable, Deed::Disable, Deed::Recover, Deed::Invite]
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
    let kinds: Vec<AccountKind> = shown.accounts.iter().map(|row| row.account.kind).collect();
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
            (lang.pick("实名等级", "Level of proof").into(), html! { (person.level) " · " (zhengtong_party::level_title(person.level).get(lang)) }),
        ])))
        @for row in &shown.accounts { (account_panel(frame, shown, row, typed)) }
        @if shown.creates && room {
            (boxed(&Panel::new(lang.pick("开账号", "New account")), form(frame, &Form::post(format!("/admin/people/{}/account", person.id)), html! {
                (login_fields(lang, typed))
                (actions(submit(&Button::secondary(lang.pick("开账号并生成一次性链接", "Make the account and its link")))))
            })))
        }
    }
}

fn account_panel(frame: &Frame<'_>, shown: &Shown, row: &Row, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let Row { account, deeds, burdens, certificates } = row;
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
            @if deeds.contains(&Deed::Recover) {
                (link_button(&Button::secondary(lang.pick("找回账号（密码或验证器丢了）", "Recover (password or device lost)")), &format!("/desk/recoveries?account={}&name={}&login={}", account.id, encode(&shown.person.name), encode(&account.login))))
            }
            (left_behind(lang, burdens))
            (reasoned(frame, row, &base, typed))
            @for one in certificates { (certificate(frame, one, &base, typed)) }
            @if deeds.is_empty() && certificates.is_empty() { p.soft { (nothing(lang)) } }
        },
    )
}

/// A certificate of the account, and taking it off.
fn certificate(frame: &Frame<'_>, one: &CertificateCard, base: &str, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let name = why(one.id);
    let field = Field::new(
        name.as_str(),
        lang.pick("为什么去掉这张证书", "Why this certificate is taken off"),
    )
    .hint(lang.pick(
        "例如：证书介质丢失。该账号的登录随即全部结束",
        "Such as: the card was lost. All sessions of the account end",
    ))
    .errors(&typed.errors, lang);
    html! {
        p {
            (lang.pick("数字证书：", "Certificate: ")) (one.issuer) " " (code(&one.serial)) " · "
            span.nowrap { (lang.pick("有效到 ", "until ")) (clock_time(one.not_after)) }
        }
        (form(frame, &Form::post(format!("{base}/certificate/{}", one.id)), html! {
            (text(lang, &field, &Input::new(typed.value(&name))))
            (actions(submit(&Button::danger(lang.pick("去掉这张证书", "Take the certificate off")))))
        }))
    }
}

fn nothing(lang: Lang) -> &'static str {
    lang.pick("这个账号没有您要办的事。", "There is nothing for you to do with this account.")
}

/// What the end would leave behind, role by role; nothing when nothing waits.
pub(crate) fn left_behind(lang: Lang, burdens: &[Burden]) -> Markup {
    let waiting: Vec<&Burden> = burdens.iter().filter(|burden| burden.open > 0).collect();
    if waiting.is_empty() {
        return html! {};
    }
    let orphaned = waiting.iter().any(|burden| burden.is_orphaned());
    let mood = if orphaned { Mood::Warning } else { Mood::Info };
    let heading = if orphaned {
        lang.pick("有件事会没人能办", "Tasks would wait for nobody")
    } else {
        lang.pick("办完这一步，手上的件会退回岗位", "Tasks in hand go back to the post")
    };
    notice(&Notice::new(mood, heading).body(html! {
        ul { @for burden in &waiting { li { (said(lang, burden)) } } }
        @if orphaned {
            p { (lang.pick(
                "请先安排别人任职，或者指定代理人，再做这一步。",
                "Appoint somebody or name a substitute first.",
            )) }
        }
    }))
}

fn said(lang: Lang, burden: &Burden) -> String {
    let Burden { role, open, in_hand, others, .. } = burden;
    match lang {
        Lang::Zh => {
            format!("{role}：待办 {open} 件，其中 {in_hand} 件在此人手上；另有 {others} 人能办")
        }
        Lang::En => format!(
            "{role}: {open} waiting, {in_hand} of them in hand; {others} others can do them"
        ),
    }
}

/// Acts that need a reason share one field.
fn reasoned(frame: &Frame<'_>, row: &Row, base: &str, typed: &Typed) -> Markup {
    let (lang, account, deeds) = (frame.lang, row.account.id, &row.deeds);
    let orphaned = row.burdens.iter().any(Burden::is_orphaned);
    let with_reason = || deeds.iter().filter(|deed| matches!(deed, Deed::Enable | Deed::Disable));
    let path = |deed: Deed| format!("{base}/{}", deed.word());
    let Some(first) = with_reason().next() else { return html! {} };
    let name = why(account);
    let field = Field::new(name.as_str(), lang.pick("理由", "Reason"))
        .hint(lang.pick("记入存证，本人看得到", "It is recorded, and the owner can see it"))
        .errors(&typed.errors, lang);
    let button = |deed: Deed| match deed {
        Deed::Enable => Button::secondary(lang.pick("恢复账号", "Enable")),
        _ => Button::danger(lang.pick("停用账号", "Disable")),
    };
    form(
        frame,
        &Form::post(path(*first)),
        html! {
            (text(lang, &field, &Input::new(typed.value(&name))))
            @if orphaned && deeds.contains(&Deed::Disable) {
                (consent(lang, &Field::new("urgent", lang.pick("账号可能已被别人拿到，不能等：先停用，待办留在岗位上", "The account may be in wrong hands and cannot wait: disable it, the tasks stay with the post")).optional(), &typed.value("urgent")))
            }
            (actions(html! { @for deed in with_reason() { (submit(&button(*deed).action(path(*deed)))) } }))
        },
    )
}
