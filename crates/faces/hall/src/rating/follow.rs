//! What became of one's own ratings: the reply, an answer to a question, whether it helped.

use axum::extract::Path;
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Lang};
use zhengtong_http::{Answer, Fields, Visit, clock_time, redirect, see};
use zhengtong_rating::{Own, Seen, Standing as Stands, Step, StepKind};
use zhengtong_ui::field::{Area, Field, Form, errors, form, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::layout::{Heading, Title, page, section, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::code;
use zhengtong_ui::{Frame, Icon, Place, hall};

pub(super) async fn mine(visit: Visit) -> Answer {
    visit.known()?;
    let mut ctx = visit.ctx().await?;
    let own = zhengtong_rating::mine(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("我的评价", "My ratings");
    let frame = visit.frame(heading, Place::Mine);
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("我的", "My space"), "/my")], heading))
        (title(&Title::new(heading).lead(html! { (lang.pick(
            "只有您自己看得到这一页。差评由评价管理机构派给单位整改，单位不知道是您评的。",
            "Only you see this page. A bad rating goes to the department, which is not told who rated.",
        )) })))
        @if own.is_empty() {
            (empty(&Empty {
                icon: Icon::Star,
                title: lang.pick("还没有评价过", "No ratings yet").into(),
                body: None,
            }))
        } @else {
            (list(&own.iter().map(|one| entry(lang, one)).collect::<Vec<_>>()))
        }
    });
    Ok(see(hall(&frame, body)))
}

fn entry(lang: Lang, own: &Own) -> Entry {
    let kind = own.contact.kind.title();
    let heading = format!("{} · {}", own.subject, kind.get(lang));
    let entry = match &own.matter {
        Some(no) => Entry::link(&heading, &format!("/my/ratings/{no}")),
        None => Entry::new(html! { (heading) }),
    };
    let entry = entry.note(html! {
        (own.rating.day) @if !own.rating.words.is_empty() { " · “" span lang="zh-CN" { (own.rating.words) } "”" }
    });
    entry.end(html! { (tag(Tone::Line, own.level.get(lang))) @if own.rating.excluded { " " (tag(Tone::Plain, lang.pick("不计入", "excluded"))) } })
}

pub(super) async fn open(visit: Visit, Path(no): Path<String>) -> Answer {
    visit.known()?;
    show(&visit, &no, &Fields::default(), &[]).await
}

async fn show(visit: &Visit, no: &str, fields: &Fields, faults: &[FieldError]) -> Answer {
    let mut ctx = visit.ctx().await?;
    let seen = zhengtong_rating::matter(&mut ctx, no).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let heading = lang.pick("差评的处理", "What became of it");
    let mut frame = visit.frame(heading, Place::Mine);
    if !faults.is_empty() {
        frame.standing = Standing::Faulty;
    }
    let up = lang.pick("我的评价", "My ratings");
    let body = page(html! {
        (crumbs(lang, &[Link::new(lang.pick("我的", "My space"), "/my"), Link::new(up, "/my/ratings")], no))
        (errors(lang, faults))
        (title(&Title::new(heading).meta(html! { (code(no)) " · " (seen.level_title.get(lang)) })))
        (course(lang, &seen))
        (answer(lang, &frame, &seen, &format!("/my/ratings/{no}/follow"), fields, faults))
    });
    let mut response = see(hall(&frame, body));
    if !faults.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

pub(super) async fn follow(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    visit.known()?;
    let mut ctx = visit.act(&fields).await?;
    let words = fields.get("words");
    let done = match fields.get("do") {
        "settled" => zhengtong_rating::call_back(&mut ctx, &no, true, words).await,
        "unsettled" => zhengtong_rating::call_back(&mut ctx, &no, false, words).await,
        "disclose" => zhengtong_rating::disclose(&mut ctx, &no).await,
        _ => zhengtong_rating::tell(&mut ctx, &no, words).await,
    };
    match done {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/my/ratings/{no}")))
        }
        Err(error) if !error.fields().is_empty() => {
            drop(ctx);
            show(&visit, &no, &fields, &error.fields()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What was done, oldest first.
pub(super) fn course(lang: Lang, seen: &Seen) -> Markup {
    let standing = seen.matter.course.standing;
    html! {
        (notice(&Notice::new(
            if standing == Stands::Replied { Mood::Warning } else { Mood::Info },
            standing.title().get(lang).to_owned(),
        ).body(html! { p { (standing_words(lang, seen)) } })))
        @if !seen.words.is_empty() {
            (panel(&Panel::new(lang.pick("评价的话", "What was said")), html! { p lang="zh-CN" { (seen.words) } }))
        }
        (section(&Heading::new("course", lang.pick("处理过程", "What was done")), list(
            &seen.steps.iter().map(|step| step_entry(lang, step)).collect::<Vec<_>>(),
        )))
    }
}

fn step_entry(lang: Lang, step: &Step) -> Entry {
    let title = step.kind.title();
    let entry = Entry::new(html! {
        strong { (title.get(lang)) }
        @if !step.words.is_empty() && step.kind != StepKind::Disclosed { br; span lang="zh-CN" { (step.words) } }
    });
    let at = if step.actor.is_empty() {
        zhengtong_calendar::china_date(step.at).to_string()
    } else {
        clock_time(step.at)
    };
    entry.note(html! { (at) @if !step.actor.is_empty() { " · " (step.actor) } })
}

fn standing_words(lang: Lang, seen: &Seen) -> String {
    let due = seen.matter.course.due.map(|due| due.day.to_string()).unwrap_or_default();
    match (seen.matter.course.standing, lang) {
        (Stands::Received, _) => lang
            .pick("1 个工作日内派给单位。", "It goes to the department within 1 working day.")
            .to_owned(),
        (Stands::Dispatched, Lang::Zh) => format!("单位要在 {due} 以前整改并答复。"),
        (Stands::Dispatched, Lang::En) => format!("The department must reply by {due}."),
        (Stands::Replied, _) => lang
            .pick(
                "请看看答复，告诉我们问题解决了没有。",
                "Read the reply and tell us whether it helped.",
            )
            .to_owned(),
        (Stands::Escalated, _) => lang
            .pick(
                "两次答复没有解决，已提到上一级。",
                "Replies did not help; the level above has it.",
            )
            .to_owned(),
        (Stands::Appealed, _) => lang
            .pick(
                "单位提出申诉，评价管理机构正在复核。",
                "The department has appealed; the rating office looks into it.",
            )
            .to_owned(),
        (Stands::Excluded, _) => {
            lang.pick("复核后这条评价不计入。", "After the appeal it does not count.").to_owned()
        }
        (Stands::Closed, _) => lang.pick("谢谢您帮我们改进。", "Thank you.").to_owned(),
    }
}

/// What whoever rated can say now.
pub(super) fn answer(
    lang: Lang,
    frame: &Frame<'_>,
    seen: &Seen,
    action: &str,
    fields: &Fields,
    faults: &[FieldError],
) -> Markup {
    let may = |kind: StepKind| seen.may.contains(&kind);
    let field = |label: &'static str| {
        let field = Field::new("words", label).errors(faults, lang);
        textarea(lang, &field, &Area { value: fields.get("words").into(), ..Area::default() })
    };
    html! {
        @if may(StepKind::Settled) {
            (panel(&Panel::new(lang.pick("问题解决了吗？", "Did it help?")), form(frame, &Form::post(action), html! {
                (field(lang.pick("想说的话（可不填）", "In your words (optional)")))
                (actions(html! {
                    (submit(&Button::new(lang.pick("解决了", "Yes")).sends("do", "settled")))
                    (submit(&Button::secondary(lang.pick("没有解决", "No")).sends("do", "unsettled")))
                }))
            })))
        }
        @if may(StepKind::Told) {
            (panel(&Panel::new(lang.pick("补充说明", "Say more")), form(frame, &Form::post(action), html! {
                (field(lang.pick("单位会看到这段话，看不到您是谁", "The department reads this, and not who you are")))
                (actions(submit(&Button::secondary(lang.pick("发给单位", "Send to the department")).sends("do", "tell"))))
            })))
        }
        @if may(StepKind::Disclosed) {
            (panel(&Panel::new(lang.pick("让单位知道办件号？", "Let the department know the case?")), form(frame, &Form::post(action), html! {
                p.soft { (lang.pick("告诉了办件号，单位就能查到这件事，也就知道您是谁。不告诉也会整改。", "With the case number the department learns who you are. It must act without it, too.")) }
                (actions(submit(&Button::secondary(lang.pick("告诉单位办件号", "Tell the case number")).sends("do", "disclose"))))
            })))
        }
    }
}
