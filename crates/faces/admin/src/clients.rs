//! The register of systems that log their users in here, and the keys that sign for them.

use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use time::OffsetDateTime;
use zhengtong_base::{Failure as _, Kind, Lang, Text};
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_signon::{Alg, Client, KeyCard, NewClient, Registered, Scope};
use zhengtong_ui::field::{
    Area, Field, Form, Input, Layout, Pick, Width, checkboxes, errors, form, radios, select, text,
    textarea,
};
use zhengtong_ui::frame::{Standing, token};
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, post as post_button, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, Typed, acting, reading};
use crate::device;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/clients", get(clients))
        .route("/admin/clients/keys", post(rotate))
        .route("/admin/clients/new", get(ask).post(register))
        .route("/admin/clients/new-device", get(ask_device))
        .route("/admin/clients/{id}", get(client).post(change))
        .route("/admin/clients/{id}/secret", post(renew))
        .route("/admin/clients/{id}/disable", post(disable))
        .route("/admin/clients/{id}/enable", post(enable))
}

async fn clients(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    let list = zhengtong_signon::clients(&mut ctx).await?;
    let keys = zhengtong_signon::keys(&mut ctx).await?;
    let now = ctx.now;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = Bench::frame(&visit, lang.pick("接入系统", "Connected systems"));
    let new = Button::new(lang.pick("登记系统", "Register a system")).icon(Icon::Plus);
    let more = Button::secondary(lang.pick("登记设备", "Register a device")).icon(Icon::Plus);
    let body = html! {
        (title(&Title::new(lang.pick("接入系统", "Connected systems")).meta(html! {
            (lang.pick("用本平台账号单点登录的部门系统，和有自己账号的设备", "Systems of departments that log their users in here, and devices with accounts of their own"))
        }).actions(html! { (link_button(&new, "/admin/clients/new")) (link_button(&more, "/admin/clients/new-device")) })))
        @if list.is_empty() {
            (empty(&Empty {
                icon: Icon::Link,
                title: lang.pick("还没有登记系统", "No system is registered").into(),
                body: Some(html! { p { (lang.pick("登记以后，它的用户就能用本平台的账号登录。", "Once registered, its users sign in with their accounts here.")) } }),
            }))
        } @else {
            (flush(&Panel::default(), table(lang, &list_table(lang, &list, now))))
        }
        (keys_panel(&frame, &keys))
    };
    Ok(bench.page(&visit, &frame, body))
}

fn list_table<'a>(lang: Lang, list: &[(Client, Text)], now: OffsetDateTime) -> Table<'a> {
    let rows = list.iter().map(|(client, organisation)| {
        Row::new(vec![
            html! { a href={ "/admin/clients/" (client.id) } { (client.name.get(lang)) } @if client.device.is_some() { " " (tag(Tone::Line, lang.pick("设备", "Device"))) } },
            code(&client.id),
            html! { (organisation.get(lang)) },
            html! { (kinds(lang, client)) },
            standing(lang, client, now),
        ])
    });
    Table {
        caption: lang.pick("接入系统", "Connected systems").into(),
        columns: vec![
            Column::head(lang.pick("系统", "System")).slot(Slot::Left(1)),
            Column::new(lang.pick("标识", "Name in the protocol")).tight(),
            Column::new(lang.pick("管理单位", "Run by")),
            Column::new(lang.pick("给谁用", "For")).tight(),
            Column::new(lang.pick("状态", "State")).slot(Slot::Right(1)),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    }
}

fn kinds(lang: Lang, client: &Client) -> &'static str {
    if client.device.is_some() {
        return lang.pick("设备自己", "The device itself");
    }
    match (client.staff, client.citizens) {
        (true, true) => lang.pick("工作人员和办事人", "Staff and the public"),
        (true, false) => lang.pick("工作人员", "Staff"),
        (false, _) => lang.pick("办事人", "The public"),
    }
}

fn standing(lang: Lang, client: &Client, now: OffsetDateTime) -> Markup {
    if client.disabled_at.is_some() {
        tag(Tone::Warn, lang.pick("已停用", "Switched off"))
    } else if client.device.as_ref().is_some_and(|device| device.expires <= now) {
        tag(Tone::Warn, lang.pick("已到期", "Ended"))
    } else {
        tag(Tone::Good, lang.pick("在用", "In use"))
    }
}

fn keys_panel(frame: &Frame<'_>, keys: &[KeyCard]) -> Markup {
    let lang = frame.lang;
    let rows = keys.iter().map(|key| {
        Row::new(vec![
            code(&key.kid),
            html! { (key.alg.word()) },
            html! { (clock_time(key.signs_from)) },
            html! { @match key.published_until {
                Some(until) => { (clock_time(until)) },
                None => { (tag(Tone::Good, lang.pick("在用", "In use"))) },
            } },
        ])
    });
    let list = Table {
        caption: lang.pick("签名密钥", "Signing keys").into(),
        columns: vec![
            Column::head(lang.pick("密钥", "Key")).slot(Slot::Left(1)),
            Column::new(lang.pick("算法", "Algorithm")).tight(),
            Column::new(lang.pick("启用", "Signs from")).tight(),
            Column::new(lang.pick("公布到", "Published until")).slot(Slot::Right(1)),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    let why = lang.pick(
        "密钥每 60 天自动更换，新旧各公布 24 小时，各系统不用做什么。怀疑泄露时可以马上更换。",
        "Keys change by themselves every 60 days, with 24 hours in which both are published. Change them now if one may be known to others.",
    );
    boxed(
        &Panel::new(lang.pick("签名密钥", "Signing keys")),
        html! {
            p.soft { (why) }
            @if !keys.is_empty() { (table(lang, &list)) }
            (post_button("/admin/clients/keys", token(frame), &Button::secondary(lang.pick("马上换新密钥", "Change the keys now"))))
        },
    )
}

async fn rotate(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    zhengtong_signon::rotate_keys(&mut ctx).await?;
    ctx.commit().await?;
    Ok(redirect("/admin/clients"))
}

async fn ask(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    zhengtong_signon::clients(&mut ctx).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("登记系统", "Register a system"));
    Ok(bench.page(&visit, &frame, new_page(&frame, &Typed::default())))
}

async fn ask_device(visit: Visit) -> Answer {
    let mut ctx = reading(&visit).await?;
    zhengtong_signon::clients(&mut ctx).await?;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let frame = Bench::frame(&visit, visit.lang().pick("登记设备", "Register a device"));
    Ok(bench.page(&visit, &frame, device::new_page(&frame, &Typed::default())))
}

async fn register(visit: Visit, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let bench = Bench::of(&ctx);
    match zhengtong_signon::register(&mut ctx, &sent(&fields, fields.get("id"))).await {
        Ok(registered) => {
            ctx.commit().await?;
            Ok(secret_page(&visit, &bench, &registered))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            let typed = Typed { errors: error.fields(), said: None, fields };
            let device = typed.value("kind") == "device";
            let lang = visit.lang();
            let heading = if device {
                lang.pick("登记设备", "Register a device")
            } else {
                lang.pick("登记系统", "Register a system")
            };
            let mut frame = Bench::frame(&visit, heading);
            frame.standing = Standing::Faulty;
            let body =
                if device { device::new_page(&frame, &typed) } else { new_page(&frame, &typed) };
            Ok(bench.refused(&visit, &frame, body))
        }
        Err(error) => Err(Fault::from(error)),
    }
}

/// The client that a form describes.
fn sent(fields: &Fields, id: &str) -> NewClient {
    let lines = |name: &str| {
        let lines = fields.get(name).lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let all = Scope::ALL.into_iter();
    NewClient {
        id: id.trim().to_owned(),
        name: Text::new(fields.get("name_zh"), fields.get("name_en")),
        organisation: fields.get("organisation").trim().to_owned(),
        confidential: fields.get("confidential") != "no",
        redirect_uris: lines("redirect_uris"),
        post_logout_uris: lines("post_logout_uris"),
        backchannel_uri: lines("backchannel_uri").into_iter().next(),
        scopes: all.filter(|scope| fields.has("scopes", scope.word())).collect(),
        citizens: fields.has("kinds", "citizen"),
        staff: fields.has("kinds", "staff"),
        alg: Alg::from_word(fields.get("alg")).unwrap_or(Alg::Rs256),
        device: (fields.get("kind") == "device").then(|| device::sent(fields)),
    }
}

fn new_page(frame: &Frame<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let heading = lang.pick("登记系统", "Register a system");
    let id = Field::new("id", lang.pick("标识（client_id）", "Name in the protocol (client_id)"))
        .hint(lang.pick(
            "小写字母、数字、连字符，例如 market-oa；以后不能改",
            "Small letters, digits, hyphens, such as market-oa; it cannot be changed",
        ))
        .errors(&typed.errors, lang);
    let confidential = Field::new("confidential", lang.pick("程序在哪里运行", "Where it runs"));
    let places = [
        Pick::new(
            "yes",
            lang.pick(
                "在单位的服务器上：发一个密钥",
                "On a server of the office: it gets a secret",
            ),
        ),
        Pick::new(
            "no",
            lang.pick("在用户自己的设备上：不发密钥", "On people's own devices: it has no secret"),
        ),
    ];
    let main = form(
        frame,
        &Form::post("/admin/clients/new"),
        html! {
            (text(lang, &id, &Input::new(typed.value("id")).width(Width::Long).kind(zhengtong_ui::field::Kind::Code).autocomplete("off")))
            (fields_of(lang, typed))
            (radios(lang, &confidential, &places, &typed.value_or("confidential", "yes"), Layout::Down))
            (actions(html! {
                (submit(&Button::new(heading).size(Size::Large)))
                (link_button(&Button::quiet(lang.pick("不登记了", "Cancel")), "/admin/clients"))
            }))
        },
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("接入系统", "Connected systems"), "/admin/clients")], heading))
        (errors(lang, &typed.errors))
        (title(&Title::new(heading)))
        (split(main, html! { (panel(&Panel::new(lang.pick("给开发人员", "For its developers")), html! {
            p { (lang.pick("协议是 OpenID Connect，授权码加 PKCE。用现成的程序库，填下面这个地址就能自动配置：", "The protocol is OpenID Connect, authorization code with PKCE. Any library configures itself from:")) }
            p { (code("/.well-known/openid-configuration")) }
            p { (lang.pick("同一个人在每个系统里编号不同，各系统之间对不上。", "A person has another number in every system, so that systems cannot be joined.")) }
        })) }))
    }
}

/// The fields that may be changed later.
fn fields_of(lang: Lang, typed: &Typed) -> Markup {
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let line = |name: &str| Input::new(typed.value(name));
    let area = |name: &str| Area { value: typed.value(name).into(), rows: 3, ..Area::default() };
    let sent = |name: &str| -> Vec<&str> {
        let all = typed.fields.0.iter().filter(|(field, _)| field == name);
        all.map(|(_, value)| value.as_str()).collect()
    };
    let each = lang
        .pick("每行一个，完整地址，必须一字不差", "One a line, whole addresses, letter for letter");
    let scopes: Vec<Pick<'_>> = Scope::ALL
        .into_iter()
        .filter(|scope| *scope != Scope::Openid)
        .map(|scope| Pick::new(scope.word(), scope.title().get(lang).to_owned()).hint(scope.word()))
        .collect();
    let kinds = [
        Pick::new("staff", lang.pick("工作人员", "Staff")),
        Pick::new("citizen", lang.pick("办事人", "The public")),
    ];
    let algs = Alg::ALL.map(|alg| Pick::new(alg.word(), alg.word()));
    html! {
        (text(lang, &field("name_zh", "系统名称（中文）", "Name in Chinese"), &line("name_zh").width(Width::Long)))
        (text(lang, &field("name_en", "系统名称（英文）", "Name in English"), &line("name_en").width(Width::Long)))
        (text(lang, &field("organisation", "管理单位的简称", "Short word of the organisation that runs it").hint(lang.pick("例如 market-regulation", "Such as market-regulation")), &line("organisation").width(Width::Long)))
        (textarea(lang, &field("redirect_uris", "登录后回到的地址", "Addresses after signing in").hint(each), &area("redirect_uris")))
        (textarea(lang, &field("post_logout_uris", "退出后回到的地址", "Addresses after signing out").optional().hint(each), &area("post_logout_uris")))
        (text(lang, &field("backchannel_uri", "退出通知地址", "Address that is told when a session ends").optional(), &line("backchannel_uri").kind(zhengtong_ui::field::Kind::Address)))
        (checkboxes(lang, &field("scopes", "最多可以读取", "What it may read at most").optional(), &scopes, &sent("scopes"), Layout::Down))
        (checkboxes(lang, &field("kinds", "给谁用", "For whom"), &kinds, &sent("kinds"), Layout::Across))
        (select(lang, &field("alg", "签名算法", "Signature"), &algs, &typed.value_or("alg", Alg::Rs256.word())))
    }
}

/// The secret, shown this once.
fn secret_page(visit: &Visit, bench: &Bench, registered: &Registered) -> Response {
    let lang = visit.lang();
    let heading = lang.pick("登记好了", "It is registered");
    let frame = Bench::frame(visit, heading);
    let issuer = visit.app.settings.public_url.as_str();
    let mut rows: Vec<(zhengtong_ui::Words<'_>, Markup)> =
        vec![(lang.pick("标识", "client_id").into(), code(&registered.id))];
    if let Some(secret) = &registered.secret {
        let shown = html! { span.code data-one-time { (secret.as_str()) } };
        rows.push((lang.pick("密钥", "client_secret").into(), shown));
    }
    rows.push((
        lang.pick("自动配置", "Configuration").into(),
        code(&format!("{issuer}/.well-known/openid-configuration")),
    ));
    let body = html! {
        (title(&Title::new(heading)))
        @if registered.secret.is_some() {
            (notice(&Notice::new(Mood::Warning, lang.pick("密钥只显示这一次，请现在就交给开发人员", "The secret is shown this once: hand it to the developers now")).body(html! { p {
                (lang.pick("平台只保存它的摘要。丢了可以换一个，旧的随即作废。", "Only its digest is kept. If it is lost, a new one ends the old."))
            } })))
        }
        (panel(&Panel::default(), html! {
            (pairs(rows))
            (actions(link_button(&Button::secondary(lang.pick("回到接入系统", "Back to the systems")), "/admin/clients")))
        }))
    };
    bench.page(visit, &frame, body)
}

async fn client(visit: Visit, Path(id): Path<String>) -> Answer {
    client_page(&visit, &id, None).await
}

async fn client_page(visit: &Visit, id: &str, typed: Option<Typed>) -> Answer {
    let mut ctx = reading(visit).await?;
    let (client, organisation, short) = zhengtong_signon::client(&mut ctx, id).await?;
    let answers = device::answers(&mut ctx, &client).await?;
    let now = ctx.now;
    let bench = Bench::of(&ctx);
    ctx.commit().await?;
    let lang = visit.lang();
    let faulty = typed.is_some();
    let typed = typed.unwrap_or_else(|| Typed {
        fields: filled(&client, &short, answers.as_ref()),
        ..Typed::default()
    });
    let name = client.name.get(lang);
    let mut frame = Bench::frame(visit, name);
    if faulty {
        frame.standing = Standing::Faulty;
    }
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("接入系统", "Connected systems"), "/admin/clients")], name))
        (errors(lang, &typed.errors))
        (title(&Title::new(name).meta(html! { (code(&client.id)) " · " (organisation.get(lang)) " " (standing(lang, &client, now)) })))
        @if let Some(answers) = &answers { (device::answers_panel(lang, answers)) }
        (split(form(&frame, &Form::post(format!("/admin/clients/{}", client.id)), html! {
            @match &client.device {
                Some(device) => (device::fields_of(lang, &typed, device::Proof::of(device))),
                None => (fields_of(lang, &typed)),
            }
            (actions(submit(&Button::new(lang.pick("保存", "Save")).size(Size::Large))))
        }), aside(&frame, &client)))
    };
    Ok(if faulty { bench.refused(visit, &frame, body) } else { bench.page(visit, &frame, body) })
}

fn aside(frame: &Frame<'_>, client: &Client) -> Markup {
    let lang = frame.lang;
    let path = |word: &str| format!("/admin/clients/{}/{word}", client.id);
    html! {
        @if client.confidential {
            (panel(&Panel::new(lang.pick("密钥", "Secret")), html! {
                p.soft { (lang.pick("换新以后旧密钥马上作废，系统要同时改配置。", "The old secret ends at once; the system has to be told in the same moment.")) }
                (post_button(&path("secret"), token(frame), &Button::secondary(lang.pick("换新密钥", "New secret"))))
            }))
        }
        (panel(&Panel::new(lang.pick("停用", "Switch off")), html! {
            @match client.disabled_at {
                Some(at) => {
                    p.soft { (lang.pick("停用于 ", "Switched off ")) (clock_time(at)) }
                    (post_button(&path("enable"), token(frame), &Button::secondary(lang.pick("恢复使用", "Switch on"))))
                },
                None => {
                    p.soft { (lang.pick("停用以后谁也不能用它登录，已发出的令牌马上作废。", "Nobody can sign in there any more, and all its tokens end at once.")) }
                    (post_button(&path("disable"), token(frame), &Button::danger(lang.pick("停用这个系统", "Switch this system off"))))
                },
            }
        }))
    }
}

/// A client as the form would send it.
fn filled(client: &Client, short: &str, answers: Option<&device::Answers>) -> Fields {
    if let (Some(device), Some(answers)) = (&client.device, answers) {
        return device::filled(client, device, short, answers);
    }
    let mut fields = vec![
        ("name_zh", client.name.zh.clone()),
        ("name_en", client.name.en.clone()),
        ("organisation", short.to_owned()),
        ("redirect_uris", client.redirect_uris.join("\n")),
        ("post_logout_uris", client.post_logout_uris.join("\n")),
        ("backchannel_uri", client.backchannel_uri.clone().unwrap_or_default()),
        ("alg", client.alg.word().to_owned()),
    ];
    fields.extend(client.scopes.iter().map(|scope| ("scopes", scope.word().to_owned())));
    fields.extend(client.staff.then(|| ("kinds", "staff".to_owned())));
    fields.extend(client.citizens.then(|| ("kinds", "citizen".to_owned())));
    Fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

async fn change(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    match zhengtong_signon::change(&mut ctx, &sent(&fields, &id)).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/admin/clients/{id}")))
        }
        Err(error) if error.kind() == Kind::Invalid => {
            drop(ctx);
            let typed = Typed { errors: error.fields(), said: None, fields };
            client_page(&visit, &id, Some(typed)).await
        }
        Err(error) => Err(Fault::from(error)),
    }
}

async fn renew(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    let bench = Bench::of(&ctx);
    let registered = zhengtong_signon::renew_secret(&mut ctx, &id).await?;
    ctx.commit().await?;
    Ok(secret_page(&visit, &bench, &registered))
}

async fn disable(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    zhengtong_signon::disable(&mut ctx, &id).await?;
    ctx.commit().await?;
    Ok(redirect(&format!("/admin/clients/{id}")))
}

async fn enable(visit: Visit, Path(id): Path<String>, fields: Fields) -> Answer {
    let mut ctx = acting(&visit, &fields).await?;
    zhengtong_signon::enable(&mut ctx, &id).await?;
    ctx.commit().await?;
    Ok(redirect(&format!("/admin/clients/{id}")))
}
