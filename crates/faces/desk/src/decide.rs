//! The page of one decision: what it means for the applicant, the law behind it, the reason, the act.

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Text};
use zhengtong_casework::{Choice, Draft, Effect, FIGURE_FIELD, Input, Outcome, Phrase};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{Area, Field, Form, errors, form, hidden, textarea};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::layout::{Title, halves, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, pairs, panel};
use zhengtong_ui::press::{Button, Size, actions, link_button, submit};

use crate::bench::{reading, staff_only};
use crate::casework::{Opened, address, who_looks};
use crate::reader::{Chosen, beside, with_frame};
use crate::zones::icon_of;
use crate::{figures, reason};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/casework/{no}/decide/{todo}/{outcome}", get(ask).post(decide))
        .route("/desk/casework/{no}/decide/{todo}/{outcome}/words", post(reason::words))
        .route("/desk/casework/{no}/decide/{todo}/{outcome}/sample", get(reason::sample))
}

/// What came back with a refused decision, or was written before.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) reason: String,
    pub(crate) figures: Vec<(String, String)>,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) said: Option<(Mood, Text)>,
    /// The last event that was on the page on which the decision was written.
    pub(crate) seen: Option<i32>,
    /// Whether the message is shown as it would be.
    pub(crate) previewed: bool,
    /// The paper that is read beside it.
    pub(crate) paper: Chosen,
}

/// Where a decision is written: the case, the task, the outcome.
pub(crate) type At<'a> = (&'a str, Uuid, &'a str);

async fn ask(
    visit: Visit,
    Path((no, todo, outcome)): Path<(String, Uuid, String)>,
    Query(chosen): Query<Chosen>,
) -> Answer {
    let mut ctx = reading(&visit).await?;
    let asked = Asked::load(&mut ctx, (&no, todo, &outcome), None).await?;
    ctx.commit().await?;
    let frame = asked.opened.bench().frame(&visit, asked.name(visit.lang()));
    let typed = Typed {
        reason: asked.draft.as_ref().map(|draft| draft.words.clone()).unwrap_or_default(),
        paper: chosen,
        ..Typed::default()
    };
    let body = page(&frame, &asked, &typed);
    Ok(with_frame(&visit, asked.opened.bench().page(&visit, &frame, body)))
}

async fn decide(
    visit: Visit,
    Path((no, todo, outcome)): Path<(String, Uuid, String)>,
    fields: Fields,
) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let typed = typed(&fields);
    let input = Input {
        outcome: outcome.clone(),
        reason: typed.reason.clone(),
        seen_version: fields.get("seen").parse().unwrap_or(0),
        figures: typed.figures.clone(),
        ..Input::default()
    };
    match zhengtong_casework::act(&mut ctx, &no, todo, input).await {
        Ok(_case) => {
            ctx.commit().await?;
            Ok(redirect(&address(&no)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (kind, errors) = (error.kind(), on_this_page(error.fields()));
            let said = errors.is_empty().then(|| (Mood::Failure, error.text()));
            again(&visit, (&no, todo, &outcome), Some(kind), Typed { errors, said, ..typed }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a form of this page holds.
pub(crate) fn typed(fields: &Fields) -> Typed {
    Typed {
        reason: fields.get("reason").to_owned(),
        figures: figures::typed(fields),
        seen: fields.get("seen_event").parse().ok(),
        ..Typed::default()
    }
}

/// What is wrong elsewhere, such as in a registry the result goes to, has no field here to lead to.
fn on_this_page(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    for error in &mut errors {
        if error.field != "reason" && !error.field.starts_with(FIGURE_FIELD) {
            error.field.clear();
        }
    }
    errors
}

/// The page once more, with the latest state of the case and the words that were typed.
pub(crate) async fn again(visit: &Visit, at: At<'_>, kind: Option<Kind>, typed: Typed) -> Answer {
    let mut ctx = visit.ctx().await?;
    let words = typed.previewed.then_some(typed.reason.as_str());
    let asked = Asked::load(&mut ctx, at, words).await?;
    ctx.commit().await?;
    let mut frame = asked.opened.bench().frame(visit, asked.name(visit.lang()));
    let Some(kind) = kind else {
        let body = page(&frame, &asked, &typed);
        return Ok(with_frame(visit, asked.opened.bench().page(visit, &frame, body)));
    };
    frame.standing = Standing::Faulty;
    let body = page(&frame, &asked, &typed);
    Ok(with_frame(visit, asked.opened.bench().refused(visit, &frame, body, kind)))
}

/// The decision that is asked for.
struct Asked<'a> {
    opened: Opened,
    todo: Uuid,
    outcome: &'a str,
    /// What was written before and kept.
    draft: Option<Draft>,
    phrases: Vec<Phrase>,
    /// The message as it would be sent.
    message: Option<(Text, Text)>,
}

impl<'a> Asked<'a> {
    async fn load(
        ctx: &mut Ctx,
        (no, todo, outcome): At<'a>,
        words: Option<&str>,
    ) -> Result<Self, Fault> {
        let opened = Opened::to_write(ctx, no).await?;
        let mut drafts = opened.view.drafts.iter();
        let draft = drafts.find(|one| one.todo == todo && one.outcome == outcome).cloned();
        let mut asked = Self { opened, todo, outcome, draft, phrases: Vec::new(), message: None };
        if let Some(effect) = asked.choice().map(|choice| choice.effect) {
            let kind = asked.opened.view.case.kind.clone();
            asked.phrases = zhengtong_casework::phrases(ctx, &kind, effect).await?;
            let kept = asked.draft.as_ref().map(|draft| draft.words.as_str());
            let words = words.or(kept).unwrap_or_default().to_owned();
            asked.message = zhengtong_casework::message(ctx, no, outcome, &words).await?;
        }
        Ok(asked)
    }

    /// The choice as it stands now; none when the step is done or not the actor's.
    fn choice(&self) -> Option<&Choice> {
        let tasks = &self.opened.view.tasks;
        let task = tasks.iter().find(|task| task.todo.id == self.todo)?;
        task.choices.iter().find(|choice| choice.outcome == self.outcome)
    }

    fn declared(&self) -> Option<&Outcome> {
        self.opened.case_type.as_ref()?.outcome.get(self.outcome)
    }

    fn name(&self, lang: Lang) -> &str {
        match (self.choice(), self.declared()) {
            (Some(choice), _) => choice.title.get(lang),
            (None, Some(outcome)) => outcome.title.get(lang),
            (None, None) => lang.pick("办理", "Decide"),
        }
    }

    fn base(&self) -> String {
        let case = address(&self.opened.view.case.no);
        format!("{case}/decide/{}/{}", self.todo, self.outcome)
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
        @if let Some((mood, said)) = &typed.said { (notice(&Notice::new(*mood, said.get(lang)))) }
        (changes(lang, asked, typed))
        @match asked.choice() {
            Some(choice) => (decision_form(frame, asked, choice, typed)),
            None => (too_late(frame, asked, typed)),
        }
    };
    html! {
        (crumbs(lang, &links, asked.name(lang)))
        (heading)
        (who_looks(lang, &case.no, &asked.opened.view.looking))
        (beside(lang, &asked.opened, typed.paper, split(main, consequences(lang, asked))))
    }
}

/// What happened after the page was opened on which the decision was written, beside what was written. Nothing of
/// either is overwritten.
fn changes(lang: Lang, asked: &Asked<'_>, typed: &Typed) -> Markup {
    let Some(seen) = typed.seen else { return html! {} };
    let view = &asked.opened.view;
    let news: Vec<Entry> = view
        .events
        .iter()
        .filter(|event| event.seq > seen)
        .map(|event| {
            Entry::new(html! {
                strong { (event.text.get(lang)) }
                @if let Some(reason) = &event.reason { p { (reason) } }
            })
            .note(html! { (clock_time(event.at)) " · " (event.who(lang)) })
        })
        .collect();
    if news.is_empty() {
        return html! {};
    }
    let mine = if typed.reason.trim().is_empty() {
        lang.pick("（没写理由）", "(no reason written)")
    } else {
        typed.reason.as_str()
    };
    halves(
        panel(
            &Panel::new(lang.pick("您打开以后的变化", "What changed since you opened it")),
            list(&news),
        ),
        panel(
            &Panel::new(lang.pick("您要办的", "What you were about to do")),
            html! { strong { (asked.name(lang)) } p { (mine) } },
        ),
    )
}

fn decision_form(frame: &Frame<'_>, asked: &Asked<'_>, choice: &Choice, typed: &Typed) -> Markup {
    let lang = frame.lang;
    let base = asked.base();
    let words = choice.title.get(lang);
    let button = if choice.effect.adverse() { Button::danger(words) } else { Button::new(words) };
    let seen = asked.opened.view.events.iter().map(|event| event.seq).max().unwrap_or(0);
    form(
        frame,
        &Form::post(base.as_str()),
        html! {
            (hidden("seen", &asked.opened.view.case.version.to_string()))
            (hidden("seen_event", &seen.to_string()))
            (figures::fields(lang, choice, &typed.figures, &typed.errors))
            div data-draft={ (base) "/words" } {
                (reason_field(lang, asked, choice, typed))
            }
            (reason::offered(lang, &base, &asked.phrases, choice))
            (actions(html! {
                (submit(&button.size(Size::Large).icon(icon_of(choice))))
                (submit(&Button::secondary(lang.pick("预览申请人会收到的", "Preview what the applicant gets")).action(format!("{base}/words")).sends("do", "preview")))
                (submit(&Button::quiet(lang.pick("先存着", "Keep for later")).action(format!("{base}/words")).sends("do", "keep")))
                (link_button(&Button::quiet(lang.pick("先不办，回到办件", "Not now, back to the case")), &address(&asked.opened.view.case.no)))
            }))
        },
    )
}

fn reason_field(lang: Lang, asked: &Asked<'_>, choice: &Choice, typed: &Typed) -> Markup {
    let hint = match choice.effect {
        Effect::Correct => lang.pick(
            "一行写一样：材料：缺什么；怎么补。一次说全，申请人会看到您写的话和您的名字",
            "One line for each thing: paper: what is wrong; how to mend it. All at once; the applicant reads it with your name",
        ),
        _ => lang.pick("申请人会看到您写的话和您的名字", "The applicant will read it, with your name"),
    };
    let mut field =
        Field::new("reason", lang.pick("理由", "Reason")).hint(hint).errors(&typed.errors, lang);
    if !choice.reason {
        field = field.optional();
    }
    let area = Area {
        value: typed.reason.as_str().into(),
        rows: 6,
        length_max: Some(u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX)),
        ..Area::default()
    };
    html! {
        (textarea(lang, &field, &area))
        p.meta data-draft-said role="status" {
            @if let Some(draft) = &asked.draft {
                @if draft.words == typed.reason {
                    (lang.pick("接着上次写的，存于 ", "Goes on from what you kept at ")) (clock_time(draft.at))
                }
            }
        }
    }
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
    let mut rows = Vec::new();
    if let Some(outcome) = asked.declared() {
        let timeline = lang.pick("进度里写", "The timeline says");
        rows.push((timeline.into(), html! { (outcome.event.get(lang)) }));
    }
    let message = html! {
        @if let Some((title, body)) = &asked.message { strong { (title.get(lang)) } p { (body.get(lang)) } }
        @else { (lang.pick("不另发消息", "No message is sent")) }
    };
    rows.push((lang.pick("消息", "Message").into(), message));
    if has_paper(asked) {
        rows.push((
            lang.pick("文书", "Paper").into(),
            html! { a href={ (asked.base()) "/sample" } { (lang.pick("看样张（按已存的理由）", "See a sample (with the kept reason)")) } },
        ));
    }
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

/// Whether a paper comes of the decision.
fn has_paper(asked: &Asked<'_>) -> bool {
    let own = asked.declared().is_some_and(|outcome| outcome.paper.is_some());
    let shared = asked.opened.case_type.as_ref().is_some_and(|found| found.papers.is_some());
    let effect = asked.choice().map(|choice| choice.effect);
    own || (shared
        && matches!(
            effect,
            Some(
                Effect::Accept | Effect::Correct | Effect::Decline | Effect::Grant | Effect::Refuse
            )
        ))
}
