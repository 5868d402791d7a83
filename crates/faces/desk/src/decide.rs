//! The page of one decision: what it means for the applicant, the law behind it, the reason, the act.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Text};
use zhengtong_casework::{Choice, Input, Outcome};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fields, Visit, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, errors, form, hidden, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};

use crate::bench::{reading, staff_only};
use crate::casework::{Opened, address};
use crate::zones::icon_of;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/desk/casework/{no}/decide/{todo}/{outcome}", get(ask).post(decide))
}

/// What came back with a refused decision.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

async fn ask(visit: Visit, Path((no, todo, outcome)): Path<(String, Uuid, String)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let opened = Opened::load(&mut ctx, &no).await?;
    ctx.commit().await?;
    let asked = Asked { opened: &opened, todo, outcome: &outcome };
    let frame = opened.bench().frame(&visit, asked.name(visit.lang()));
    let body = page(&frame, &asked, &Typed::default());
    Ok(opened.bench().page(&visit, &frame, body))
}

async fn decide(
    visit: Visit,
    Path((no, todo, outcome)): Path<(String, Uuid, String)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let reason = fields.get("reason").to_owned();
    let seen_version = fields.get("seen").parse().unwrap_or(0);
    let input = Input { outcome: outcome.clone(), reason: reason.clone(), seen_version };
    match zhengtong_casework::act(&mut ctx, &no, todo, input).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&address(&no)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let (kind, errors) = (error.kind(), on_this_page(error.fields()));
            let said = errors.is_empty().then(|| error.text());
            again(&visit, ctx, (&no, todo, &outcome), (kind, Typed { reason, errors, said })).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What is wrong elsewhere, such as in a registry the result goes to, has no field here to lead to.
fn on_this_page(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    for error in &mut errors {
        if error.field != "reason" {
            error.field.clear();
        }
    }
    errors
}

/// The page once more, with the latest state of the case and the words that were typed.
async fn again(
    visit: &Visit,
    refused: Ctx,
    (no, todo, outcome): (&str, Uuid, &str),
    (kind, typed): (Kind, Typed),
) -> Answer {
    drop(refused);
    let mut ctx = visit.ctx().await?;
    let opened = Opened::load(&mut ctx, no).await?;
    ctx.commit().await?;
    let asked = Asked { opened: &opened, todo, outcome };
    let mut frame = opened.bench().frame(visit, asked.name(visit.lang()));
    frame.standing = Standing::Faulty;
    let body = page(&frame, &asked, &typed);
    Ok(opened.bench().refused(visit, &frame, body, kind))
}

/// The decision that is asked for.
struct Asked<'a> {
    opened: &'a Opened,
    todo: Uuid,
    outcome: &'a str,
}

impl<'a> Asked<'a> {
    /// The choice as it stands now; none when the step is done or not the actor's.
    fn choice(&self) -> Option<&'a Choice> {
        let tasks = &self.opened.view.tasks;
        let task = tasks.iter().find(|task| task.todo.id == self.todo)?;
        task.choices.iter().find(|choice| choice.outcome == self.outcome)
    }

    fn declared(&self) -> Option<&'a Outcome> {
        self.opened.case_type.as_ref()?.outcome.get(self.outcome)
    }

    fn name(&self, lang: Lang) -> &'a str {
        match (self.choice(), self.declared()) {
            (Some(choice), _) => choice.title.get(lang),
            (None, Some(outcome)) => outcome.title.get(lang),
            (None, None) => lang.pick("办理", "Decide"),
        }
    }
}

fn page(frame: &Frame<'_>, asked: &Asked<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let case = &asked.opened.view.case;
    let links = [
        Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox"),
        Link::new(case.no.as_str(), address(&case.no)),
    ];
    let heading = title(&Title::new(asked.name(lang)).meta(html! {
        (case.title.get(lang)) " · " (case.applicant()) " · " (case.no)
    }));
    let main = html! {
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        @match asked.choice() {
            Some(choice) => (decision_form(frame, asked, choice, typed)),
            None => (too_late(frame, asked, typed)),
        }
    };
    html! {
        (crumbs(lang, &links, asked.name(lang)))
        (heading)
        (split(main, consequences(lang, asked)))
    }
}

fn decision_form(frame: &Frame<'_>, asked: &Asked<'_>, choice: &Choice, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let base = address(&asked.opened.view.case.no);
    let action = format!("{base}/decide/{}/{}", asked.todo, choice.outcome);
    let words = choice.title.get(lang);
    let button = if choice.effect.adverse() { Button::danger(words) } else { Button::new(words) };
    let mut field =
        Field::new("reason", lang.pick("理由", "Reason"))
            .hint(lang.pick(
                "申请人会看到您写的话和您的名字",
                "The applicant will read it, with your name",
            ))
            .errors(&typed.errors, lang);
    if !choice.reason {
        field = field.optional();
    }
    let most = u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX);
    let area = Area {
        value: typed.reason.as_str().into(),
        rows: 6,
        length_max: Some(most),
        ..Area::default()
    };
    form(
        frame,
        &Form::post(action),
        html! {
            (hidden("seen", &asked.opened.view.case.version.to_string()))
            (textarea(lang, &field, &area))
            (actions(html! {
                (submit(&button.size(Size::Large).icon(icon_of(choice))))
                (link_button(&Button::quiet(lang.pick("先不办，回到办件", "Not now, back to the case")), &base))
            }))
        },
    )
}

/// The step was done meanwhile, or is not the actor's: the words that were typed are not lost.
fn too_late(frame: &Frame<'_>, asked: &Asked<'_>, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let base = address(&asked.opened.view.case.no);
    html! {
        @if typed.said.is_none() {
            (notice(&Notice::new(Mood::Warning, lang.pick(
                "这一步现在不能由您办：可能已经办过，或正由同事办理",
                "You cannot do this step now: it is done already or a colleague has it",
            ))))
        }
        @if !typed.reason.is_empty() {
            (textarea(
                lang,
                &Field::new("reason", lang.pick("您刚才写的（可以复制）", "What you wrote (you can copy it)")),
                &Area { value: typed.reason.as_str().into(), rows: 6, ..Area::default() },
            ))
        }
        (actions(link_button(&Button::new(lang.pick("看最新进展", "See the latest")), &base)))
    }
}

/// What the applicant will get, and the law.
fn consequences(lang: Lang, asked: &Asked<'_>) -> Markup {
    let basis = asked.choice().map(|choice| &choice.basis);
    let declared = asked.declared();
    let notified = declared.is_some_and(|outcome| outcome.notice.is_some());
    let message = if notified {
        lang.pick("会收到一条消息，里面有理由", "They get a message with the reason")
    } else {
        lang.pick("不另发消息", "No message is sent")
    };
    let mut rows = Vec::new();
    if let Some(outcome) = declared {
        let timeline = lang.pick("进度里写", "The timeline says");
        rows.push((timeline.into(), html! { (outcome.event.get(lang)) }));
    }
    rows.push((lang.pick("消息", "Message").into(), html! { (message) }));
    rows.push((
        lang.pick("署名", "Signed").into(),
        html! { (lang.pick("您的姓名和时间，改不掉", "Your name and the time, for good")) },
    ));
    html! {
        (panel(&Panel::new(lang.pick("申请人会得到什么", "What the applicant will get")), pairs(rows)))
        @if let Some(basis) = basis {
            (panel(&Panel::new(lang.pick("依据", "Legal basis")), html! { p { (basis.get(lang)) } }))
        }
    }
}
