//! The page of one case, and what is done on it without leaving it: take, give back, note, stop the clock.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use time::Date;
use uuid::Uuid;
use zhengtong_base::{Failure, FieldError, Kind, Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_casework::{CaseType, CaseView, Errands, Looking};
use zhengtong_db::Ctx;
use zhengtong_http::{Answer, App, Fault, Fields, Visit, clock_time, redirect, see};
use zhengtong_ui::Frame;
use zhengtong_ui::act::zones;
use zhengtong_ui::field::errors;
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{CellSize, clock_legend};
use zhengtong_ui::layout::{Title, columns, title};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::strip::strip;
use zhengtong_ui::words::encode;

use crate::bench::{Bench, reading, staff_only};
use crate::clock::{case_clock, case_lamp};
use crate::documents::documents_zone;
use crate::hold::{self, budget, other_clocks};
use crate::picture::strip_of;
use crate::reader::{Chosen, with_frame};
use crate::zones::{acts_zone, facts_zone, why_stopped};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/find", get(find))
        .route("/desk/casework/{no}", get(open))
        .route("/desk/casework/{no}/claim/{todo}", post(claim))
        .route("/desk/casework/{no}/release/{todo}", post(release))
        .route("/desk/casework/{no}/presence", get(presence))
        .route("/desk/casework/{no}/given/{document}", get(given))
        .route("/desk/casework/{no}/note", post(note))
        .route("/desk/casework/{no}/suspend", post(hold::suspend))
        .route("/desk/casework/{no}/resume", post(hold::resume))
        .route("/desk/casework/{no}/extend", post(hold::extend))
}

/// The address of a case.
pub(crate) fn address(no: &str) -> String {
    format!("/desk/casework/{}", encode(no).replace('/', "%2F"))
}

/// What was typed and what is wrong with it, when a form comes back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    /// What is wrong, field by field.
    pub(crate) errors: Vec<FieldError>,
    /// Why it was not done, as a whole.
    pub(crate) said: Option<Text>,
    /// The note.
    pub(crate) note: String,
    /// The kind of special procedure.
    pub(crate) kind: String,
    /// Its grounds.
    pub(crate) reason: String,
    /// How many days the applicant is told, or how many more there are to be.
    pub(crate) told: String,
    /// The number of the written notice.
    pub(crate) notice: String,
    /// The clock that is to have more time.
    pub(crate) extends: String,
    /// Why protected values are to be seen.
    pub(crate) why: String,
    /// Why other cases of the applicant are to be seen.
    pub(crate) why_related: String,
}

/// A case with everything its page needs.
pub(crate) struct Opened {
    /// The case.
    pub(crate) view: CaseView,
    /// Its type; none when its pack is gone.
    pub(crate) case_type: Option<Arc<CaseType>>,
    /// What goes with it beside its steps.
    pub(crate) errands: Errands,
    /// The names of roles.
    pub(crate) roles: Arc<zhengtong_party::Catalog>,
    /// The names of registries.
    pub(crate) registries: Arc<zhengtong_registry::Catalog>,
    /// The day in China.
    pub(crate) today: Date,
    /// The masked numbers of the applicant, for those who handle the case.
    pub(crate) contact: Option<zhengtong_party::PersonCard>,
    /// Protected values in full, on the one page that was asked for with a reason.
    pub(crate) plain: Option<crate::reveal::Plain>,
    bench: Bench,
}

impl Opened {
    /// Opens a case for its page; the look is recorded.
    pub(crate) async fn load(ctx: &mut Ctx, no: &str) -> Result<Self, Fault> {
        let view = zhengtong_casework::view(ctx, no).await?;
        Self::of(ctx, view).await
    }

    /// The same for a page that only reads.
    pub(crate) async fn shown(visit: &Visit, no: &str) -> Result<Self, Fault> {
        let mut ctx = reading(visit).await?;
        let opened = Self::load(&mut ctx, no).await?;
        ctx.commit().await?;
        Ok(opened)
    }

    /// The same for the page on which a decision is written.
    pub(crate) async fn to_write(ctx: &mut Ctx, no: &str) -> Result<Self, Fault> {
        let view = zhengtong_casework::view_to_write(ctx, no).await?;
        Self::of(ctx, view).await
    }

    async fn of(ctx: &mut Ctx, view: CaseView) -> Result<Self, Fault> {
        let (person, department) = (view.case.person, view.case.department);
        let errands = zhengtong_casework::errands(ctx, &view).await?;
        // Supervisors read the case without the numbers.
        let contact = zhengtong_party::contact(ctx, person, department).await.ok();
        Ok(Self {
            contact,
            plain: None,
            errands,
            case_type: ctx.defs::<zhengtong_casework::Catalog>()?.get(&view.case.kind),
            roles: ctx.defs::<zhengtong_party::Catalog>()?,
            registries: ctx.defs::<zhengtong_registry::Catalog>()?,
            today: china_date(ctx.now),
            // The rail goes without counts here: a case is read far more often than an inbox changes.
            bench: Bench::beside(ctx).await?,
            view,
        })
    }

    /// The rail and the frame.
    pub(crate) fn bench(&self) -> &Bench {
        &self.bench
    }
}

#[derive(Deserialize)]
struct Sought {
    #[serde(default)]
    q: String,
}

/// The search of the bar: a case number as it stands on a receipt, spaces and small letters forgiven.
async fn find(visit: Visit, Query(sought): Query<Sought>) -> Answer {
    staff_only(&visit)?;
    let no: String = sought.q.chars().filter(|letter| !letter.is_whitespace()).take(60).collect();
    if no.is_empty() {
        return Ok(redirect("/desk/inbox"));
    }
    Ok(redirect(&address(&no.to_uppercase())))
}

async fn open(visit: Visit, Path(no): Path<String>, Query(chosen): Query<Chosen>) -> Answer {
    let opened = Opened::shown(&visit, &no).await?;
    let frame = opened.bench.frame(&visit, opened.view.case.title.get(visit.lang()));
    let body = page(&visit, &frame, &opened, chosen.paper, &Typed::default());
    Ok(with_frame(&visit, opened.bench.page(&visit, &frame, body)))
}

async fn claim(visit: Visit, Path((no, todo)): Path<(String, Uuid)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let outcome = zhengtong_casework::claim(&mut ctx, todo).await.map(|_no| ());
    settle(&visit, ctx, &no, outcome, Typed::default()).await
}

async fn release(visit: Visit, Path((no, todo)): Path<(String, Uuid)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let outcome = zhengtong_casework::release(&mut ctx, todo).await.map(|_no| ());
    settle(&visit, ctx, &no, outcome, Typed::default()).await
}

async fn note(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let text = fields.get("text");
    let outcome = zhengtong_casework::note(&mut ctx, &no, text).await;
    let typed = Typed { note: text.to_owned(), ..Typed::default() };
    settle(&visit, ctx, &no, outcome, typed).await
}

/// Commits and goes back to the case, or shows the case again with what was typed and why it was refused.
pub(crate) async fn settle(
    visit: &Visit,
    ctx: Ctx,
    no: &str,
    outcome: zhengtong_casework::Result<()>,
    typed: Typed,
) -> Answer {
    match outcome {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&address(no)))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            drop(ctx);
            let (kind, fields) = (error.kind(), error.fields());
            let said = fields.is_empty().then(|| error.text());
            again(visit, no, kind, Typed { errors: fields, said, ..typed }).await
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn again(
    visit: &Visit,
    no: &str,
    kind: Kind,
    typed: Typed,
) -> Result<Response, Fault> {
    let mut ctx = visit.ctx().await?;
    let opened = Opened::load(&mut ctx, no).await?;
    ctx.commit().await?;
    let mut frame = opened.bench.frame(visit, opened.view.case.title.get(visit.lang()));
    frame.standing = Standing::Faulty;
    let body = page(visit, &frame, &opened, None, &typed);
    Ok(opened.bench.refused(visit, &frame, body, kind))
}

pub(crate) fn page(
    visit: &Visit,
    frame: &Frame<'_>,
    opened: &Opened,
    paper: Option<i32>,
    typed: &Typed,
) -> Markup {
    let (lang, view) = (frame.lang, &opened.view);
    let beside = case_lamp(lang, view, opened.case_type.as_deref(), opened.today);
    html! {
        (crumbs(lang, &[Link::new(lang.pick("收件箱", "Inbox"), "/desk/inbox")], &view.case.no))
        @if view.office { (who_looks(lang, &view.case.no, &view.looking)) }
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said {
            (notice(&Notice::new(Mood::Failure, said.get(lang))))
        }
        (title(&Title::new(view.case.title.get(lang)).beside(beside).meta(html! {
            (view.case.no) " · " (view.case.applicant()) " · " (view.case.department_name)
        })))
        (panel(&Panel::default(), course(frame, opened)))
        (zones(
            facts_zone(visit, frame, opened, typed),
            documents_zone(frame, opened, paper),
            acts_zone(visit, frame, opened, typed),
        ))
    }
}

/// Who else looks at the case now, in a line that is read again now and then.
pub(crate) fn who_looks(lang: Lang, no: &str, looking: &[Looking]) -> Markup {
    let one = |one: &Looking| {
        let does = if one.writing {
            lang.pick("正在写决定", "writes a decision")
        } else {
            lang.pick("在看这件", "looks at this case")
        };
        format!("{} {does}（{}{}）", one.name, clock_time(one.since), lang.pick(" 起", ""))
    };
    let words: Vec<String> = looking.iter().map(one).collect();
    html! {
        div data-poll={ (address(no)) "/presence" } role="status" {
            @if !words.is_empty() {
                p.source { (zhengtong_ui::icon(zhengtong_ui::Icon::Eye)) span { (words.join(lang.pick("；", "; "))) } }
            }
        }
    }
}

/// The line alone, for pages that stay open.
async fn presence(visit: Visit, Path(no): Path<String>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let looking = zhengtong_casework::look(&mut ctx, &no, false).await?;
    ctx.commit().await?;
    Ok(see(who_looks(visit.lang(), &no, &looking)))
}

/// A paper that the applicant was given.
async fn given(visit: Visit, Path((no, document)): Path<(String, Uuid)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let bytes = zhengtong_casework::open_paper(&mut ctx, &no, document).await?;
    ctx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=paper.pdf"),
    ];
    Ok((headers, bytes).into_response())
}

/// The process, both clocks, and why the clock stands or who is expected to act.
fn course(frame: &Frame<'_>, opened: &Opened) -> Markup {
    let (lang, view, today) = (frame.lang, &opened.view, opened.today);
    html! {
        (strip(lang, &strip_of(lang, &view.picture, view.stopped)))
        @if let Some(clocks) = &view.clocks {
            (columns(html! {
                (case_clock(lang, (lang.pick("承诺时钟", "Promised"), &budget(lang, &clocks.promised)), &clocks.promised, CellSize::Normal, today))
                (case_clock(lang, (lang.pick("法定时钟", "Statutory"), &budget(lang, &clocks.statutory)), &clocks.statutory, CellSize::Small, today))
                (why_stopped(frame, opened))
                (other_clocks(lang, opened))
            }))
            (clock_legend(lang))
        } @else {
            p.soft { (lang.pick(
                "还没受理，承诺和法定时钟都没起算。",
                "Not accepted yet: neither clock has started.",
            )) }
            (columns(other_clocks(lang, opened)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_holds_one_number_and_nothing_else() {
        assert_eq!(address("SPJY-2026-000001"), "/desk/casework/SPJY-2026-000001");
        assert_eq!(address("../a?b"), "/desk/casework/..%2Fa%3Fb");
    }
}
