//! The page of one system: where it stands, its keys, what it offers, what it may call and who may call it.

use super::{
    Area, Button, Column, Field, Form, Frame, Icon, Input, Keep, Lang, Light, Markup,
    OffsetDateTime, Panel, Phone, Pick, Row, Slot, State, SystemView, Table, Title, actions, boxed,
    code, cut, date, flush, form, hidden, html, lamp, line, link_button, pairs, reveal, select,
    standing, submit, table, text, textarea, title,
};
use crate::typed::Typed;
use zhengtong_exchange::{AccessRow, Key, Service};
use zhengtong_http::clock_time;

/// What the reader may do here.
#[derive(Clone, Copy)]
pub(super) struct May {
    pub(super) propose: bool,
    pub(super) approve: bool,
}

pub(super) fn page(
    frame: &Frame<'_>,
    (view, services): (&SystemView, &[Service]),
    may: May,
    seen: &Typed,
    now: OffsetDateTime,
) -> Markup {
    let lang = frame.lang;
    let system = &view.system;
    let name = system.full_name().to_string();
    let to = format!("/desk/exchange/systems/{}", system.id);
    let log = format!("/desk/exchange/log?system={}", zhengtong_ui::words::encode(&name));
    html! {
        (title(&Title::new(system.name.get(lang)).meta(standing(lang, system.state)).actions(html! {
            (link_button(&Button::secondary(lang.pick("看日志", "Log")).icon(Icon::FileText), &log))
        })))
        (boxed(&Panel::default(), html! {
            (pairs([
                (lang.pick("单位", "Owner").into(), html! { (system.member.name.get(lang)) }),
                (lang.pick("协议里的名字", "Name in the protocol").into(), code(&name)),
            ]))
            @if may.approve { (steps(frame, &to, system.state, ("approve", "disable"), None)) }
        }))
        (keys(frame, &to, &view.keys, may, seen, now))
        (offers(frame, &to, &view.services, may, seen))
        (rights(frame, (&to, view, services), may, seen, now))
    }
}

/// Approving, or switching off with a reason.
fn steps(
    frame: &Frame<'_>,
    to: &str,
    state: State,
    (approve, disable): (&str, &str),
    target: Option<&str>,
) -> Markup {
    let lang = frame.lang;
    let named = target.map(|id| hidden("target", id));
    if state != State::Approved {
        return form(
            frame,
            &Form::post(to.to_owned()),
            html! {
                (hidden("act", approve))
                @if let Some(named) = &named { (named) }
                (actions(submit(&Button::new(lang.pick("批准", "Approve")))))
            },
        );
    }
    why(frame, to, (lang.pick("停用", "Disable"), disable), named)
}

/// An act that needs a reason, folded away.
fn why(frame: &Frame<'_>, to: &str, (words, act): (&str, &str), named: Option<Markup>) -> Markup {
    let lang = frame.lang;
    reveal(
        words,
        form(
            frame,
            &Form::post(to.to_owned()),
            html! {
                (hidden("act", act))
                @if let Some(named) = named { (named) }
                (text(lang, &Field::new("reason", lang.pick("理由", "Reason")), &Input::new(String::new())))
                (actions(submit(&Button::danger(words.to_owned()))))
            },
        ),
    )
}

fn keys(
    frame: &Frame<'_>,
    to: &str,
    keys: &[Key],
    may: May,
    seen: &Typed,
    now: OffsetDateTime,
) -> Markup {
    let lang = frame.lang;
    let rows = keys.iter().map(|key| {
        let good = key.revoked_at.is_none() && (key.valid_from..key.valid_to).contains(&now);
        Row::new(vec![
            code(&key.id),
            html! { (key.public.algorithm.word()) },
            html! { (clock_time(key.valid_to)) },
            html! {
                @if good { (lamp(Light::Ok, lang.pick("有效", "Valid"))) }
                @else { (lamp(Light::None, lang.pick("已失效", "Ended"))) }
                @if good && may.approve {
                    (why(frame, to, (lang.pick("收回", "Take back"), "revoke-key"), Some(hidden("key", &key.id))))
                }
            },
        ])
    });
    let found = Table {
        caption: lang.pick("公钥", "Keys").into(),
        columns: vec![
            Column::head(lang.pick("公钥编号", "Key")).slot(Slot::Full(1)),
            Column::new(lang.pick("算法", "Kind")).tight(),
            Column::new(lang.pick("有效到", "Until")).tight(),
            Column::new(lang.pick("状态", "State")),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    html! {
        (flush(&Panel::new(lang.pick("公钥", "Keys")), html! {
            @if keys.is_empty() { p.soft { (lang.pick("还没有公钥，这个系统不能调用。", "No key yet: this system cannot call.")) } }
            @else { (table(lang, &found)) }
        }))
        @if may.approve {
            (boxed(&Panel::default(), reveal(lang.pick("登记公钥", "Enter a key"), form(frame, &Form::post(to.to_owned()), html! {
                (hidden("act", "key"))
                (textarea(lang, &Field::new("pem", lang.pick("公钥（PEM，Ed25519 或 SM2）", "Public key (PEM, Ed25519 or SM2)")).errors(&seen.errors, lang), &Area { value: seen.fields.get("pem").to_owned().into(), rows: 4, ..Area::default() }))
                (date(lang, &Field::new("valid_to", lang.pick("有效到", "Until")).errors(&seen.errors, lang), seen.fields.get("valid_to")))
                (actions(submit(&Button::new(lang.pick("登记", "Enter")))))
            }))))
        }
    }
}

fn kept(lang: Lang, keep: Keep) -> &'static str {
    match keep {
        Keep::Full => lang.pick("全文留存（加密）", "whole, sealed"),
        Keep::Digest => lang.pick("只留报头和摘要", "heads and digests"),
        Keep::None => lang.pick("只留摘要", "digests"),
    }
}

fn offers(frame: &Frame<'_>, to: &str, services: &[Service], may: May, seen: &Typed) -> Markup {
    let lang = frame.lang;
    html! {
        @for service in services {
            (boxed(&Panel::new(service.title.get(lang).to_owned()).note(standing(lang, service.state)), html! {
                (pairs([
                    (lang.pick("服务编码", "Code").into(), code(&service.code)),
                    (lang.pick("地址", "Address").into(), cut(&service.url)),
                    (lang.pick("日志", "Log").into(), html! { (kept(lang, service.keep)) }),
                    (lang.pick("接口", "Endpoints").into(), html! {
                        @for one in &service.endpoints { (code(&format!("{} {}", one.method, one.path))) " " }
                    }),
                ]))
                @let target = service.id.to_string();
                @if may.approve {
                    (steps(frame, to, service.state, ("approve-service", "disable-service"), Some(&target)))
                }
                @if may.propose {
                    (reveal(lang.pick("换地址", "Move it"), form(frame, &Form::post(to.to_owned()), html! {
                        (hidden("act", "move"))
                        (hidden("target", &target))
                        (text(lang, &Field::new("url", lang.pick("新地址（换了要重新批准）", "New address (to be approved again)")), &Input::new(service.url.clone())))
                        (actions(submit(&Button::secondary(lang.pick("换地址", "Move")))))
                    })))
                }
            }))
        }
        @if may.propose { (new_service(frame, to, seen)) }
    }
}

fn new_service(frame: &Frame<'_>, to: &str, seen: &Typed) -> Markup {
    let lang = frame.lang;
    let keeps = [
        Pick::new("digest", kept(lang, Keep::Digest)),
        Pick::new("full", kept(lang, Keep::Full)),
        Pick::new("none", kept(lang, Keep::None)),
    ];
    let body = html! {
        (hidden("act", "service"))
        (line(lang, seen, "service_code", "服务编码（资源代码）", "Code of the service"))
        (line(lang, seen, "name_zh", "服务名称", "Name in Chinese"))
        (line(lang, seen, "name_en", "英文名称", "Name in English"))
        (line(lang, seen, "url", "服务地址", "Address"))
        (select(lang, &Field::new("keep", lang.pick("日志留什么", "What the log keeps")), &keeps, seen.fields.get("keep")))
        (textarea(lang, &Field::new("endpoints", lang.pick("接口，一行一个，例如 GET /people/*", "Endpoints, one a line, such as GET /people/*")).errors(&seen.errors, lang), &Area { value: seen.fields.get("endpoints").to_owned().into(), rows: 3, ..Area::default() }))
        (actions(submit(&Button::new(lang.pick("登记，等批准", "Enter it")))))
    };
    boxed(
        &Panel::default(),
        reveal(
            lang.pick("登记服务", "Enter a service"),
            form(frame, &Form::post(to.to_owned()), body),
        ),
    )
}

fn rights(
    frame: &Frame<'_>,
    (to, view, services): (&str, &SystemView, &[Service]),
    may: May,
    seen: &Typed,
    now: OffsetDateTime,
) -> Markup {
    let lang = frame.lang;
    let own = view.system.id;
    let rows = view.access.iter().map(|row| right(frame, to, row, own, may, now));
    let found = Table {
        caption: lang.pick("授权", "Rights").into(),
        columns: vec![
            Column::head(lang.pick("谁调用什么", "Who calls what")).slot(Slot::Full(1)),
            Column::new(lang.pick("范围", "Scope")),
            Column::new(lang.pick("用途和依据", "Purpose and basis")),
            Column::new(lang.pick("到期", "Until")),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    let others: Vec<Pick<'_>> = services
        .iter()
        .filter(|one| one.system != own && one.state == State::Approved)
        .map(|one| Pick::new(one.id.to_string(), one.title.get(lang)))
        .collect();
    html! {
        (flush(&Panel::new(lang.pick("授权", "Rights")), html! {
            @if view.access.is_empty() { p.soft { (lang.pick("还没有授权。", "No rights yet.")) } }
            @else { (table(lang, &found)) }
        }))
        @if may.approve {
            (boxed(&Panel::default(), reveal(lang.pick("授权它调用", "Let it call"), form(frame, &Form::post(to.to_owned()), html! {
                (hidden("act", "grant"))
                (select(lang, &Field::new("service", lang.pick("服务", "Service")), &others, seen.fields.get("service")))
                (line(lang, seen, "path", "范围，例如 GET /people/*", "Scope, such as GET /people/*"))
                (line(lang, seen, "purpose", "用途", "Purpose"))
                (line(lang, seen, "basis", "依据", "Basis"))
                (date(lang, &Field::new("valid_to", lang.pick("到期日", "Until")).errors(&seen.errors, lang), seen.fields.get("valid_to")))
                (actions(submit(&Button::new(lang.pick("授权", "Grant")))))
            }))))
        }
    }
}

fn right(
    frame: &Frame<'_>,
    to: &str,
    row: &AccessRow,
    own: uuid::Uuid,
    may: May,
    now: OffsetDateTime,
) -> Row {
    let lang = frame.lang;
    let access = &row.access;
    let good = access.revoked_at.is_none() && access.valid_to > now;
    Row::new(vec![
        html! {
            (row.client.get(lang)) " → " (row.service.get(lang))
            @if access.client == own { br; span.meta { (lang.pick("本系统调用", "this system calls")) } }
        },
        code(&format!("{} {}", access.endpoint.method, access.endpoint.path)),
        html! { span lang="zh-CN" { (access.purpose) } br; span.meta lang="zh-CN" { (access.basis) } },
        html! {
            (clock_time(access.valid_to))
            br;
            @if good { (lamp(Light::Ok, lang.pick("有效", "Valid"))) }
            @else { (lamp(Light::None, lang.pick("已收回或到期", "Ended"))) }
            @if good && may.approve {
                (why(frame, to, (lang.pick("收回", "Take back"), "revoke"), Some(hidden("target", &access.id.to_string()))))
            }
        },
    ])
}
