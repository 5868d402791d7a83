//! One request at the workbench: what is asked for, where it stands, and what the reader decides about it.

use axum::extract::Path;
use maud::{Markup, html};
use time::Date;
use zhengtong_base::Lang;
use zhengtong_base::code::parse_date;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect};
use zhengtong_sharing::{Act, Reply, Result, Ruling, Seen, Step, Terms, Verdict};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Kind as InputKind, Layout, Pick, Width, checkboxes, date, form, text,
    textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Heading, Title, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};

use super::{HOME, Names, all, standing};
use crate::bench::{Bench, reading, staff_only};
use crate::typed::Typed;

pub(super) async fn open(visit: Visit, Path(no): Path<String>) -> Answer {
    show(&visit, &no, Typed::default()).await
}

pub(super) async fn act(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    match done(&mut ctx, &no, &fields).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("{HOME}/{no}")))
        }
        Err(error) => {
            drop(ctx);
            show(&visit, &no, Typed::of(fields, error)?).await
        }
    }
}

/// Does what the form asks for.
async fn done(ctx: &mut Ctx, no: &str, fields: &Fields) -> Result<()> {
    let said = |name: &str| fields.get(name).to_owned();
    match fields.get("do") {
        "pass" => zhengtong_sharing::check(ctx, no, Verdict::Pass).await,
        "return" => zhengtong_sharing::check(ctx, no, Verdict::Return(said("reason"))).await,
        "grant" => zhengtong_sharing::reply(ctx, no, Reply::Grant(terms(fields))).await,
        "refuse" => {
            let reply = Reply::Refuse { reason: said("reason"), basis: said("basis") };
            zhengtong_sharing::reply(ctx, no, reply).await
        }
        "prepare" => zhengtong_sharing::reply(ctx, no, Reply::Prepare(said("reason"))).await,
        "order" => zhengtong_sharing::rule(ctx, no, Ruling::Grant(terms(fields))).await,
        "uphold" => zhengtong_sharing::rule(ctx, no, Ruling::Uphold(said("reason"))).await,
        "negotiate" => zhengtong_sharing::negotiate(ctx, no, fields.get("words")).await,
        "appeal" => zhengtong_sharing::appeal(ctx, no, fields.get("words")).await,
        _ => zhengtong_sharing::withdraw(ctx, no).await,
    }
}

fn terms(fields: &Fields) -> Terms {
    let names = |name| all(fields, name).into_iter().map(str::to_owned).collect();
    Terms {
        fields: names("fields"),
        masked: names("masked"),
        quota: fields.get("quota").trim().parse().unwrap_or(0),
        last: parse_date(fields.get("last")).unwrap_or(Date::MIN),
        words: fields.get("words").to_owned(),
    }
}

async fn show(visit: &Visit, no: &str, typed: Typed) -> Answer {
    let mut ctx = reading(visit).await?;
    let seen = zhengtong_sharing::request(&mut ctx, no).await?;
    let names = Names::load(&mut ctx).await?;
    let today = china_date(ctx.now);
    let bench = Bench::load(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let name = names.dataset(lang, &seen.request.new.dataset);
    let mut frame = bench.frame(visit, name);
    if typed.kind.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = html! {
        (crumbs(lang, &[Link::new(lang.pick("数据共享", "Data on request"), HOME)], no))
        (typed.above(lang))
        (title(&Title::new(name).beside(standing(lang, &seen.request, today)).meta(html! { (no) })))
        (split(html! {
            (asked(lang, &seen, &names))
            (section(&Heading::new("course", lang.pick("办理过程", "Course")), course(lang, &seen.steps)))
        }, html! {
            @if let Some(due) = seen.request.due { p { (lang.pick("期限：", "Due: ")) strong { (due) } } }
            @if let Some(grant) = &seen.grant {
                p { a href={ (HOME) "/grants/" (grant) } { (lang.pick("看共享授权 ", "See grant ")) (grant) } }
            }
            @for act in &seen.may { (sheet(&frame, &seen, *act, (&names, &typed))) }
        }))
    };
    Ok(bench.answer(visit, &frame, body, typed.kind))
}

fn asked(lang: Lang, seen: &Seen, names: &Names) -> Markup {
    let (request, new) = (&seen.request, &seen.request.new);
    let zh = |words: &str| html! { span lang="zh-CN" { (words) } };
    let rows = vec![
        (
            lang.pick("申请单位", "Asked by"),
            html! { (names.unit(lang, request.unit)) " · " (request.asker_name) },
        ),
        (lang.pick("提供单位", "Provider"), html! { (names.unit(lang, request.provider)) }),
        (lang.pick("信息项", "Fields"), html! { (names.fields(lang, &new.dataset, &new.fields)) }),
        (lang.pick("方式", "How"), html! { (new.way.title().get(lang)) }),
        (lang.pick("用途", "Purpose"), zh(&new.purpose)),
        (lang.pick("法律依据", "Legal basis"), zh(&new.basis)),
        (lang.pick("用在什么事项", "Serves"), zh(&new.serves)),
        (lang.pick("期限", "Period"), html! { (new.first) " – " (new.last) }),
        (lang.pick("每天次数", "Uses a day"), html! { (new.quota) }),
    ];
    let rows = rows.into_iter().map(|(name, value)| (name.into(), value));
    panel(&Panel::new(lang.pick("申请内容", "What is asked for")), pairs(rows))
}

/// What was done, the newest last.
pub(super) fn course(lang: Lang, steps: &[Step]) -> Markup {
    let entries: Vec<Entry> = steps
        .iter()
        .map(|step| {
            Entry::new(html! {
                strong { (step.kind.title().get(lang)) }
                @if !step.words.is_empty() { br; span lang="zh-CN" { (step.words) } }
            })
            .note(html! { (clock_time(step.at)) " · " (step.actor) })
        })
        .collect();
    list(&entries)
}

/// The form of one thing that can be done.
fn sheet(frame: &Frame<'_>, seen: &Seen, act: Act, (names, typed): (&Names, &Typed)) -> Markup {
    let lang = frame.lang;
    let action = format!("{HOME}/{}", seen.request.no);
    let send =
        |word: &'static str, words: &'static str| submit(&Button::new(words).sends("do", word));
    let second = |word: &'static str, words: &'static str| {
        submit(&Button::secondary(words).sends("do", word))
    };
    let put = |heading: &'static str, body: Markup| {
        panel(&Panel::new(heading), form(frame, &Form::post(action.clone()), body))
    };
    let area = |name: &'static str, label: &'static str| area(lang, typed, name, label);
    match act {
        Act::Check => put(
            lang.pick("合规审核", "Check"),
            html! {
                (actions(send("pass", lang.pick("审核通过", "Pass"))))
                (area("reason", lang.pick("退回理由（退回才写）", "Why it goes back (only then)")))
                (actions(second("return", lang.pick("退回", "Send back"))))
            },
        ),
        Act::Reply => html! {
            (put(lang.pick("同意共享", "Grant"), html! {
                (grant_fields(frame, seen, names, typed))
                (area("words", lang.pick("说明（可不写）", "Remark (optional)")))
                (actions(send("grant", lang.pick("同意并开通", "Grant and open"))))
            }))
            (put(lang.pick("不同意，或者要延长", "Refuse, or take more time"), html! {
                (area("reason", lang.pick("理由", "Reason")))
                (area("basis", lang.pick("法律依据（不同意才写）", "Legal basis (for a refusal)")))
                (actions(html! {
                    (second("refuse", lang.pick("不同意", "Refuse")))
                    (second("prepare", lang.pick("先整理数据，延长答复", "Make data ready first")))
                }))
            }))
        },
        Act::Rule => html! {
            (put(lang.pick("裁决应当共享", "Rule that it is shared"), html! {
                (grant_fields(frame, seen, names, typed))
                (area("words", lang.pick("裁决理由", "Reason of the ruling")))
                (actions(send("order", lang.pick("裁决共享", "Rule to share"))))
            }))
            (put(lang.pick("裁决不予共享", "Let the refusal stand"), html! {
                (area("reason", lang.pick("理由", "Reason")))
                (actions(second("uphold", lang.pick("裁决不予共享", "Uphold"))))
            }))
        },
        Act::Negotiate => put(
            lang.pick("和提供单位协商", "Talk with the provider"),
            html! {
                (area("words", lang.pick("为什么仍然需要", "Why it is needed all the same")))
                (actions(send("negotiate", lang.pick("提请协商", "Ask for a talk"))))
            },
        ),
        Act::Appeal => put(
            lang.pick("提请裁决", "Ask for a ruling"),
            html! {
                (area("words", lang.pick("争议在哪里", "What is in dispute")))
                (actions(send("appeal", lang.pick("提请裁决", "Ask for a ruling"))))
            },
        ),
        Act::Withdraw => put(
            lang.pick("撤回", "Withdraw"),
            html! {
                (actions(second("withdraw", lang.pick("撤回申请", "Withdraw the request"))))
            },
        ),
    }
}

/// Several lines, with what was typed and what is wrong with it.
pub(super) fn area(lang: Lang, typed: &Typed, name: &'static str, label: &'static str) -> Markup {
    let field = Field::new(name, label).errors(&typed.errors, lang);
    let value = typed.fields.get(name).to_owned();
    textarea(lang, &field, &Area { value: value.into(), rows: 2, ..Area::default() })
}

fn grant_fields(frame: &Frame<'_>, seen: &Seen, names: &Names, typed: &Typed) -> Markup {
    let (lang, new) = (frame.lang, &seen.request.new);
    let picks: Vec<Pick<'_>> = new
        .fields
        .iter()
        .map(|name| Pick::new(name.as_str(), names.field(lang, &new.dataset, name)))
        .collect();
    let again = typed.kind.is_some();
    let given: Vec<&str> = if again {
        all(&typed.fields, "fields")
    } else {
        new.fields.iter().map(String::as_str).collect()
    };
    let value = |name: &str, usual: String| {
        if again { typed.fields.get(name).to_owned() } else { usual }
    };
    let field = |name: &'static str, label: &'static str| {
        Field::new(name, label).errors(&typed.errors, lang)
    };
    let quota = Input::new(value("quota", new.quota.to_string()));
    let quota = quota.kind(InputKind::Whole).width(Width::Short);
    html! {
        (checkboxes(lang, &field("fields", lang.pick("给哪些信息项", "Fields that are given")), &picks, &given, Layout::Across))
        (checkboxes(lang, &field("masked", lang.pick("其中脱敏的", "Of these masked")).optional(), &picks, &all(&typed.fields, "masked"), Layout::Across))
        (text(lang, &field("quota", lang.pick("每天最多几次", "Uses a day at most")), &quota))
        (date(lang, &field("last", lang.pick("结束日期", "Last day")), &value("last", new.last.to_string())))
    }
}
