//! Cards of supervision: those of one's own department, and the page of one card, for the department that answers and
//! for the supervisor who decides.

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderName, header};
use axum::response::IntoResponse as _;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;
use zhengtong_base::{Failure as _, FieldError, Kind, Lang, Limits, Page, Text};
use zhengtong_http::{Answer, App, Fault, Uploads, Visit, clock_time, redirect, short};
use zhengtong_supervision::{
    Card, CardView, Deed, Evidence, FILES_MAX, Level, Pile, Said, Sent, State, Step,
};
use zhengtong_ui::field::{Area, Field, Form, Upload, errors, form, textarea, upload};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, Tone, lamp, tag};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::navigate::{Link, Pager, crumbs, pager};
use zhengtong_ui::notice::{Empty, Mood, Notice, empty, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs, panel, reveal};
use zhengtong_ui::press::{Button, Choice, actions, filters, submit};
use zhengtong_ui::table::{Column, Phone, Row, Slot, Table, code, table};
use zhengtong_ui::words::encode;
use zhengtong_ui::{Frame, Icon};

use crate::bench::{Bench, reading, staff_only};
use crate::board::supervises;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/desk/supervision", get(own))
        .route("/desk/supervision/{no}", get(shown))
        .route("/desk/supervision/{no}/proposal", get(proposal))
        .route("/desk/supervision/{no}/file/{id}", get(file))
        .route("/desk/supervision/{no}/{deed}", post(act))
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    pile: String,
    page: Option<u32>,
}

async fn own(visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let pile = Pile::parse(&wanted.pile);
    let page = zhengtong_supervision::own_cards(&mut ctx, pile, wanted.page.unwrap_or(1)).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let lang = visit.lang();
    let frame = bench.frame(&visit, lang.pick("监察牌", "Supervision cards"));
    let body = html! {
        (title(&Title::new(frame.title.as_ref()).meta(html! { (lang.pick("本单位收到的预警、黄牌和红牌；写明原因和整改，认为发错了可以申诉", "Warnings, yellow and red cards of your unit; say why and what was done, or appeal")) })))
        (piles(lang, "/desk/supervision", pile))
        (list(lang, &page, &format!("/desk/supervision?pile={}&page=", pile.word())))
    };
    Ok(bench.page(&visit, &frame, body))
}

/// The piles as filters.
pub(crate) fn piles(lang: Lang, base: &str, shown: Pile) -> Markup {
    let choice = |pile: Pile| {
        let words = match pile {
            Pile::All => lang.pick("全部", "All"),
            Pile::ForDepartment => lang.pick("等单位答复", "Waiting for the department"),
            Pile::ForSupervisor => lang.pick("等监察处理", "Waiting for the supervisor"),
            Pile::Over => lang.pick("已办结", "Done"),
        };
        let choice = Choice::new(words, format!("{base}?pile={}", pile.word()));
        if pile == shown { choice.current() } else { choice }
    };
    let choices: Vec<Choice<'_>> = Pile::ALL.into_iter().map(choice).collect();
    filters(lang.pick("按状态看", "By state"), &choices)
}

/// A list of cards.
pub(crate) fn list(lang: Lang, page: &Page<Card>, href: &str) -> Markup {
    if page.rows.is_empty() {
        return empty(&Empty {
            icon: Icon::CircleCheck,
            title: lang.pick("没有牌", "No card").into(),
            body: None,
        });
    }
    let column = |zh: &'static str, en: &'static str| Column::new(lang.pick(zh, en));
    let rows = page.rows.iter().map(|card| {
        Row::new(vec![
            level(lang, card.level),
            html! { a href={ "/desk/supervision/" (card.no) } { (card.rule_title.get(lang)) } },
            code(&card.no),
            html! { @if card.case.is_empty() { "—" } @else { (code(&card.case)) } },
            html! { (card.department_name) },
            html! { (clock_time(card.occurred_at)) },
            standing(lang, card),
            html! { (card.answer_due.map(short).unwrap_or_default()) },
        ])
    });
    let found = Table {
        caption: lang.pick("监察牌", "Supervision cards").into(),
        columns: vec![
            column("牌", "Card").tight().slot(Slot::Left(1)),
            Column::head(lang.pick("规则", "Rule")).slot(Slot::Left(2)),
            column("监察编号", "Number").tight().slot(Slot::Left(3)),
            column("办件号", "Case").tight(),
            column("责任单位", "Department"),
            column("发生时间", "When").tight(),
            column("状态", "State").tight().slot(Slot::Right(1)),
            column("答复期限", "Answer by").tight(),
        ],
        rows: rows.collect(),
        phone: Phone::Card,
        ..Table::default()
    };
    html! {
        (flush(&Panel::default(), table(lang, &found)))
        (pager(lang, Pager { page: page.page, pages: page.pages(), href }))
    }
}

/// The level as shape, colour and word.
pub(crate) fn level(lang: Lang, level: Level) -> Markup {
    let light = match level {
        Level::Notice => Light::None,
        Level::Yellow => Light::Near,
        Level::Red => Light::Over,
    };
    lamp(light, level.title().get(lang))
}

fn standing(lang: Lang, card: &Card) -> Markup {
    let tone = match card.state {
        State::Raised | State::Notified => Tone::Warn,
        State::Answered | State::Appealed => Tone::Active,
        State::Upheld => Tone::Plain,
        State::Revoked => Tone::Line,
        State::Closed => Tone::Good,
    };
    html! {
        (tag(tone, card.state.title().get(lang)))
        @if card.urges > 0 && !card.state.over() { " " (tag(Tone::Warn, lang.pick("已督办", "Urged"))) }
    }
}

/// What came back with a refused deed.
#[derive(Debug, Default)]
struct Typed {
    deed: Option<Deed>,
    words: String,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

async fn shown(visit: Visit, Path(no): Path<String>) -> Answer {
    drawn(&visit, &no, &Typed::default(), None).await
}

async fn drawn(visit: &Visit, no: &str, typed: &Typed, refused: Option<Kind>) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = zhengtong_supervision::card(&mut ctx, no).await?;
    let evidence = zhengtong_supervision::evidence(&mut ctx, &view.card.occasion).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let words = format!("{} {}", view.card.level.title().get(visit.lang()), view.card.no);
    let mut frame = bench.frame(visit, &words);
    let body = |frame: &Frame<'_>| page(visit, frame, &view, evidence.as_ref(), typed);
    match refused {
        None => Ok(bench.page(visit, &frame, body(&frame))),
        Some(kind) => {
            frame.standing = Standing::Faulty;
            Ok(bench.refused(visit, &frame, body(&frame), kind))
        }
    }
}

async fn act(visit: Visit, Path((no, deed)): Path<(String, String)>, sent: Uploads) -> Answer {
    staff_only(&visit)?;
    let deed = Deed::parse(&deed).ok_or_else(Fault::absent)?;
    let words = sent.fields.get("words").to_owned();
    let mut ctx = visit.act(&sent.fields).await?;
    let said = Said { words: &words, files: &files(&sent) };
    match zhengtong_supervision::act(&mut ctx, &no, deed, said).await {
        Ok(_card) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/desk/supervision/{}", encode(&no))))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let (kind, errors) = (error.kind(), error.fields());
            let said = errors.is_empty().then(|| error.text());
            drop(ctx);
            let typed = Typed { deed: Some(deed), words, errors, said };
            drawn(&visit, &no, &typed, Some(kind)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The files of a form.
pub(crate) fn files(sent: &Uploads) -> Vec<Sent<'_>> {
    let chosen = sent.files.iter().filter(|file| !file.bytes.is_empty());
    chosen.map(|file| Sent { name: &file.name, bytes: &file.bytes }).collect()
}

/// Where files are chosen that belong to words.
pub(crate) fn files_field(lang: Lang, wrong: &[FieldError], hint: &str) -> Markup {
    let field = Field::new("files", lang.pick("附件", "Files")).optional();
    let field = field.hint(hint.to_owned()).errors(wrong, lang);
    let bytes_max = Limits::default().file_bytes;
    let limits = match lang {
        Lang::Zh => {
            format!("PDF、PNG、JPEG，最多 {FILES_MAX} 份，每份不超过 {} MB", bytes_max >> 20)
        }
        Lang::En => {
            format!("PDF, PNG, JPEG, at most {FILES_MAX}, {} MB each", bytes_max >> 20)
        }
    };
    let place = Upload {
        accept: ".pdf,.png,.jpg,.jpeg".into(),
        limits: limits.into(),
        bytes_max,
        several: true,
        ..Upload::default()
    };
    upload(lang, &field, &place)
}

/// A file of a card; the browser is told exactly what it is.
async fn file(visit: Visit, Path((no, id)): Path<(String, Uuid)>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let (file, bytes) = zhengtong_supervision::open(&mut ctx, &no, id).await?;
    ctx.commit().await?;
    let (mime, shown) = crate::paper::served_as(&file.mime);
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, crate::paper::disposition(shown, &file.name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
        (HeaderName::from_static("content-security-policy"), crate::paper::POLICY.to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

async fn proposal(visit: Visit, Path(no): Path<String>) -> Answer {
    let mut ctx = reading(&visit).await?;
    let bytes = zhengtong_supervision::proposal_pdf(&mut ctx, &no).await?;
    ctx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.pdf\"", encode(&no))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

fn page(
    visit: &Visit,
    frame: &Frame<'_>,
    view: &CardView,
    evidence: Option<&(String, String)>,
    typed: &Typed,
) -> Markup {
    let (lang, card) = (frame.lang, &view.card);
    let home = if supervises(visit) {
        Link::new(lang.pick("监察牌", "Cards"), "/board/supervision/cards")
    } else {
        Link::new(lang.pick("监察牌", "Cards"), "/desk/supervision")
    };
    let main = html! {
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (boxed(&Panel::new(lang.pick("为什么发这张牌", "Why this card")), html! {
            p { (card.why.get(lang)) }
            p.meta { (lang.pick("依据：", "Law: ")) (card.basis.get(lang)) }
        }))
        @if let Some((words, by)) = evidence {
            (boxed(&Panel::new(lang.pick("登记的证据", "Evidence")), html! {
                p { (words) }
                (attached(view, None))
                p.meta { (lang.pick("登记人：", "Put down by: ")) (by) }
            }))
        }
        (deeds(frame, view, typed))
        (boxed(&Panel::new(lang.pick("办理过程", "History")), html! { ol.flow { @for step in &view.steps { (step_line(lang, view, step)) } } }))
    };
    let aside = html! {
        (panel(&Panel::new(lang.pick("这张牌", "This card")), facts(visit, view)))
        (rule(lang, view))
    };
    html! {
        (crumbs(lang, &[home], &card.no))
        (title(&Title::new(card.rule_title.get(lang)).meta(html! {
            (level(lang, card.level)) " " (standing(lang, card))
        })))
        (split(main, aside))
    }
}

/// The files that came with a step of a card, or with the finding behind it.
fn attached(view: &CardView, step: Option<i32>) -> Markup {
    let here: Vec<&Evidence> = view.files.iter().filter(|file| file.step == step).collect();
    html! {
        @if !here.is_empty() {
            ul.bare { @for file in here { li {
                a href={ "/desk/supervision/" (encode(&view.card.no)) "/file/" (file.id) } { (file.name) }
                " " span.meta { (size(file.size)) }
            } } }
        }
    }
}

fn size(bytes: i64) -> String {
    let kilobytes = (bytes + 1_023) / 1_024;
    if kilobytes < 1_024 {
        format!("{kilobytes} KB")
    } else {
        let tenths = kilobytes * 10 / 1_024;
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}

fn step_line(lang: Lang, view: &CardView, step: &Step) -> Markup {
    let by =
        if step.person.is_none() { lang.pick("政通", "Zhengtong") } else { step.name.as_str() };
    html! {
        li {
            strong { (step.title().get(lang)) }
            " " span.meta { (clock_time(step.at)) " · " (by)
                @if let Some(due) = step.due { " · " (lang.pick("期限 ", "by ")) (short(due)) } }
            @if let Some(words) = step.words.as_ref().filter(|_| step.kind != "raised") { p { (words) } }
            (attached(view, Some(step.seq)))
        }
    }
}

fn facts(visit: &Visit, view: &CardView) -> Markup {
    let (lang, card) = (visit.lang(), &view.card);
    let case = html! {
        @if card.case.is_empty() { (lang.pick("不针对某一件", "About no single case")) }
        @else if supervises(visit) { a href={ "/board/supervision/case/" (card.case) } { (card.case) } }
        @else { a href={ "/desk/casework/" (card.case) } { (card.case) } }
    };
    let due = card.answer_due.map_or_else(|| "—".to_owned(), short);
    let mut rows = vec![
        (lang.pick("监察编号", "Number").into(), code(&card.no)),
        (lang.pick("责任单位", "Department").into(), html! { (card.department_name) }),
        (lang.pick("事项", "Matter").into(), html! { (card.title.get(lang)) }),
        (lang.pick("办件", "Case").into(), case),
        (lang.pick("发生时间", "Happened").into(), html! { (clock_time(card.occurred_at)) }),
        (lang.pick("发牌时间", "Raised").into(), html! { (clock_time(card.raised_at)) }),
        (lang.pick("答复期限", "Answer by").into(), html! { (due) }),
    ];
    if card.proposal.is_some() {
        let paper = html! { a href={ "/desk/supervision/" (card.no) "/proposal" } { (lang.pick("打开（PDF）", "Open (PDF)")) } };
        rows.push((lang.pick("监察建议书", "Proposal").into(), paper));
    }
    pairs(rows)
}

/// The rule as it stands, so that everybody sees by what was judged.
fn rule(lang: Lang, view: &CardView) -> Markup {
    let condition = view.rule.as_ref().and_then(|rule| rule.condition.as_deref());
    panel(
        &Panel::new(lang.pick("规则", "The rule")),
        html! {
            p { (code(view.card.rule.split_once(':').map_or(view.card.rule.as_str(), |(_, id)| id))) }
            @if let Some(condition) = condition {
                p.meta { (lang.pick("条件", "Condition")) }
                p { (condition) }
            }
            (reveal(lang.pick("判定时的事实", "The facts of the judgement"), pairs(
                view.facts.iter().map(|(name, value)| (name.as_str().into(), html! { (value) })),
            )))
        },
    )
}

fn deeds(frame: &Frame<'_>, view: &CardView, typed: &Typed) -> Markup {
    let lang = frame.lang;
    if view.deeds.is_empty() {
        return html! {};
    }
    let hint = lang.pick(
        "写明原因、整改或者理由；写的话和您的姓名留在记录里，改不掉",
        "Say why and what was done; your words and your name stay on record",
    );
    let field = Field::new("words", lang.pick("情况和理由", "Words"))
        .hint(hint)
        .errors(&typed.errors, lang);
    let most = u32::try_from(Limits::default().text_chars).unwrap_or(u32::MAX);
    let area = Area {
        value: typed.words.as_str().into(),
        rows: 4,
        length_max: Some(most),
        ..Area::default()
    };
    let base = format!("/desk/supervision/{}", encode(&view.card.no));
    let first = typed.deed.or_else(|| view.deeds.first().copied()).unwrap_or(Deed::Answer);
    boxed(
        &Panel::new(lang.pick("处理", "What you can do")),
        form(
            frame,
            &Form::post(format!("{base}/{}", first.word())).files(),
            html! {
                (textarea(lang, &field, &area))
                (files_field(lang, &typed.errors, lang.pick(
                    "整改照片、情况说明等，和您写的话一起留在记录里",
                    "Photographs, statements; they stay on record with your words",
                )))
                (actions(html! {
                    @for (place, deed) in view.deeds.iter().enumerate() {
                        (submit(&button(lang, *deed, place).action(format!("{base}/{}", deed.word()))))
                    }
                }))
            },
        ),
    )
}

fn button(lang: Lang, deed: Deed, place: usize) -> Button<'static> {
    let words = deed.title().get(lang).to_owned();
    match deed {
        Deed::Revoke => Button::danger(words),
        _ if place == 0 => Button::new(words),
        _ => Button::secondary(words),
    }
}
