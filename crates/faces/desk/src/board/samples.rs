//! Spot checks: drawing by a seed, what was drawn, what came of each case.

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use maud::{Markup, html};
use zhengtong_base::{Failure as _, FieldError, Kind, Text};
use zhengtong_calendar::china_date;
use zhengtong_http::{Answer, App, Fields, Visit, clock_time, redirect};
use zhengtong_party::Organisation;
use zhengtong_supervision::{Draw, Drawn, Period, Sample, SampleView};
use zhengtong_ui::Frame;
use zhengtong_ui::field::{
    Area, Field, Form, Input, Pick, date, errors, form, select, text, textarea,
};
use zhengtong_ui::frame::Standing;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::layout::{Title, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::navigate::{Link, crumbs};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, pairs, panel};
use zhengtong_ui::press::{Button, actions, submit};
use zhengtong_ui::table::code;

use super::read_day;
use crate::bench::{Bench, reading, staff_only};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/board/supervision/samples", get(shown).post(draw))
        .route("/board/supervision/samples/{no}", get(one))
        .route("/board/supervision/samples/{no}/{place}", post(check))
}

/// What came back with a refused form.
#[derive(Debug, Default)]
struct Typed {
    fields: Fields,
    errors: Vec<FieldError>,
    said: Option<Text>,
}

impl Typed {
    fn value(&self, name: &str, usual: &str) -> String {
        let sent = self.fields.0.iter().find(|(field, _)| field == name);
        sent.map_or_else(|| usual.to_owned(), |(_, value)| value.clone())
    }
}

async fn shown(visit: Visit) -> Answer {
    drawn_page(&visit, &Typed::default(), None).await
}

async fn drawn_page(visit: &Visit, typed: &Typed, refused: Option<Kind>) -> Answer {
    let mut ctx = reading(visit).await?;
    let samples = zhengtong_supervision::samples(&mut ctx).await?;
    let departments = zhengtong_party::departments(&mut ctx).await?;
    let bench = Bench::beside(&mut ctx).await?;
    let month = Period::month_of(china_date(ctx.now)).before();
    ctx.commit().await?;
    let mut frame = bench.frame(visit, visit.lang().pick("抽查", "Spot checks"));
    if refused.is_some() {
        frame.standing = Standing::Faulty;
    }
    let body = page(&frame, &samples, &departments, month, typed);
    match refused {
        None => Ok(bench.page(visit, &frame, body)),
        Some(kind) => Ok(bench.refused(visit, &frame, body, kind)),
    }
}

async fn draw(visit: Visit, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let today = china_date(ctx.now);
    let wanted = Draw {
        seed: fields.get("seed").to_owned(),
        size: fields.get("size").trim().parse().unwrap_or(0),
        department: fields.get("department").parse().ok(),
        period: Period {
            from: read_day(fields.get("from")).unwrap_or(today),
            to: read_day(fields.get("to")).unwrap_or(today),
        },
    };
    match zhengtong_supervision::draw(&mut ctx, wanted).await {
        Ok(no) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/board/supervision/samples/{no}")))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let (kind, errors) = (error.kind(), error.fields());
            let said = errors.is_empty().then(|| error.text());
            drop(ctx);
            drawn_page(&visit, &Typed { fields, errors, said }, Some(kind)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn page(
    frame: &Frame<'_>,
    samples: &[Sample],
    departments: &[Organisation],
    month: Period,
    typed: &Typed,
) -> Markup {
    let lang = frame.lang;
    let mut options = vec![Pick::new("", lang.pick("全部单位", "All departments"))];
    options.extend(departments.iter().map(|one| Pick::new(one.id.to_string(), one.name.get(lang))));
    let field = |name: &'static str, zh: &'static str, en: &'static str| {
        Field::new(name, lang.pick(zh, en)).errors(&typed.errors, lang)
    };
    let seed = field("seed", "种子", "Seed").hint(lang.pick(
        "事先公布的数，例如当天的开奖号码；谁用同一个种子都抽到同样的件",
        "A number said before the draw, such as those of a lottery; the same seed draws the same cases",
    ));
    let ask = form(
        frame,
        &Form::post("/board/supervision/samples"),
        html! {
            (text(lang, &seed, &Input::new(typed.value("seed", "")).length_max(64)))
            (text(lang, &field("size", "抽几件", "How many"), &Input::new(typed.value("size", "10"))))
            (select(lang, &field("department", "单位", "Department").optional(), &options, &typed.value("department", "")))
            (date(lang, &field("from", "决定日期从", "Decided from"), &typed.value("from", &month.from.to_string())))
            (date(lang, &field("to", "到", "To"), &typed.value("to", &month.to.to_string())))
            (actions(submit(&Button::new(lang.pick("抽取", "Draw")))))
        },
    );
    let entries: Vec<Entry> = samples
        .iter()
        .map(|sample| {
            Entry::link(&sample.no, &format!("/board/supervision/samples/{}", sample.no)).note(html! {
                (sample.from) " – " (sample.to) " · " (lang.pick("种子 ", "seed ")) (sample.seed) " · "
                (sample.size) " / " (sample.population) " · " (clock_time(sample.at))
            })
        })
        .collect();
    let before = boxed(
        &Panel::new(lang.pick("抽过的", "Drawn before")),
        html! {
            @if entries.is_empty() { p.soft { (lang.pick("还没有抽过。", "None.")) } }
            @else { (list(&entries)) }
        },
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("监督看板", "Board"), "/board/supervision")], &frame.title))
        (title(&Title::new(frame.title.as_ref()).meta(html! { (lang.pick("抽到哪几件由种子决定，事后可以重抽核对；抽查只看办理过程", "Which cases are drawn follows from the seed; anybody can draw again")) })))
        (errors(lang, &typed.errors))
        @if let Some(said) = &typed.said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        (split(boxed(&Panel::new(lang.pick("新的抽查", "A new draw")), ask), before))
    }
}

async fn one(visit: Visit, Path(no): Path<String>) -> Answer {
    one_page(&visit, &no, None).await
}

async fn one_page(visit: &Visit, no: &str, refused: Option<(Kind, Text)>) -> Answer {
    let mut ctx = reading(visit).await?;
    let view = zhengtong_supervision::sample(&mut ctx, no).await?;
    let bench = Bench::beside(&mut ctx).await?;
    ctx.commit().await?;
    let frame = bench.frame(visit, no);
    let said = refused.as_ref().map(|(_, said)| said);
    let body = sample_page(&frame, &view, said);
    match &refused {
        None => Ok(bench.page(visit, &frame, body)),
        Some((kind, _)) => Ok(bench.refused(visit, &frame, body, *kind)),
    }
}

async fn check(visit: Visit, Path((no, place)): Path<(String, i32)>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let sound = fields.has("outcome", "sound");
    let mut ctx = visit.act(&fields).await?;
    let words = fields.get(&format!("words-{place}"));
    match zhengtong_supervision::check_drawn(&mut ctx, &no, place, sound, words).await {
        Ok(()) => {
            ctx.commit().await?;
            Ok(redirect(&format!("/board/supervision/samples/{no}")))
        }
        Err(error) if matches!(error.kind(), Kind::Invalid | Kind::Conflict) => {
            let said =
                error.fields().into_iter().next().map_or_else(|| error.text(), |one| one.text);
            let kind = error.kind();
            drop(ctx);
            one_page(&visit, &no, Some((kind, said))).await
        }
        Err(error) => Err(error.into()),
    }
}

fn sample_page(frame: &Frame<'_>, view: &SampleView, said: Option<&Text>) -> Markup {
    let (lang, sample) = (frame.lang, &view.sample);
    let again = match view.again {
        Some(true) => {
            lamp(Light::Ok, lang.pick("用同一种子重抽，结果一样", "Drawn again: the same"))
        }
        Some(false) => lamp(Light::Over, lang.pick("重抽结果不一样", "Drawn again: not the same")),
        None => lamp(
            Light::None,
            lang.pick(
                "这段时间的件后来有变化，不能直接重抽",
                "The cases of that time have changed",
            ),
        ),
    };
    let main = html! {
        @if let Some(said) = said { (notice(&Notice::new(Mood::Failure, said.get(lang)))) }
        @for drawn in &view.drawn { (case(frame, sample, drawn)) }
    };
    let aside = panel(
        &Panel::default(),
        pairs([
            (lang.pick("种子", "Seed").into(), html! { (sample.seed) }),
            (lang.pick("时间", "Period").into(), html! { (sample.from) " – " (sample.to) }),
            (
                lang.pick("抽取", "Drawn").into(),
                html! { (view.drawn.len()) " / " (sample.population) },
            ),
            (lang.pick("抽取人", "By").into(), html! { (sample.name) }),
            (lang.pick("时间点", "At").into(), html! { (clock_time(sample.at)) }),
            (lang.pick("核对", "Again").into(), again),
            (
                lang.pick("范围摘要（SM3）", "Digest (SM3)").into(),
                html! { (code(sample.digest.get(..16).unwrap_or_default())) "…" },
            ),
        ]),
    );
    html! {
        (crumbs(lang, &[Link::new(lang.pick("抽查", "Spot checks"), "/board/supervision/samples")], &sample.no))
        (title(&Title::new(sample.no.as_str())))
        (split(main, aside))
    }
}

fn case(frame: &Frame<'_>, sample: &Sample, drawn: &Drawn) -> Markup {
    let lang = frame.lang;
    let heading = html! { a href={ "/board/supervision/case/" (drawn.case) } { (lang.pick("看办理过程", "Course")) span.unseen { " " (drawn.case) } } };
    let words = format!("words-{}", drawn.place);
    boxed(
        &Panel::new(format!("{}. {}", drawn.place, drawn.case)).aside(heading),
        html! {
            @match &drawn.check {
                Some(check) => {
                    p { @if check.sound { (lamp(Light::Ok, lang.pick("没有问题", "Sound"))) } @else { (lamp(Light::Over, lang.pick("有问题", "Flawed"))) } }
                    p { (check.words) }
                    p.meta { (check.name) " · " (clock_time(check.at)) }
                }
                None => {
                    (form(frame, &Form::post(format!("/board/supervision/samples/{}/{}", sample.no, drawn.place)), html! {
                        (textarea(lang, &Field::new(words.as_str(), lang.pick("查到什么", "What was seen")), &Area { rows: 2, length_max: Some(1_000), ..Area::default() }))
                        (actions(html! {
                            (submit(&Button::secondary(lang.pick("没有问题", "Sound")).sends("outcome", "sound")))
                            (submit(&Button::secondary(lang.pick("有问题", "Flawed")).sends("outcome", "flawed")))
                        }))
                    }))
                }
            }
        },
    )
}
