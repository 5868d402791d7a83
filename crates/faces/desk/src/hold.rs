//! The clocks of a case on its page: all of them with what was done to each, and the forms by which an officer stops
//! them, lets them run and gives them more time.

use axum::extract::Path;
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_casework::{
    ClockAct, ClockView, Extendable, Extending, Finishing, Suspending, Whose,
};
use zhengtong_http::{Answer, Fields, Visit, clock_time};
use zhengtong_ui::field::{
    Area, Field, Form, Input, Layout, Pick, Width, form, hidden, radios, text, textarea,
};
use zhengtong_ui::frame::token;
use zhengtong_ui::lamp::{CellSize, Light, Tone, lamp, tag};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Open, Panel, boxed, fold};
use zhengtong_ui::press::{Button, actions, link_button, post, submit};
use zhengtong_ui::{Frame, Icon};

use crate::bench::staff_only;
use crate::casework::{Opened, Typed, address, settle};
use crate::clock::{case_clock, days_words};
use crate::procedure::{end_address, owes_result, runs};

pub(crate) async fn suspend(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let (kind, reason) = (fields.get("kind"), fields.get("reason"));
    let (notice, told) = (fields.get("notice"), fields.get("told"));
    let stop = Suspending {
        notice,
        // What is no number is refused as no time at all.
        told_days: (!told.trim().is_empty()).then(|| told.trim().parse().unwrap_or(0)),
        seen: Some(seen(&fields)),
        ..Suspending::new(kind, reason)
    };
    let outcome = zhengtong_casework::suspend(&mut ctx, &no, stop).await;
    let typed = Typed {
        kind: kind.to_owned(),
        reason: reason.to_owned(),
        notice: notice.to_owned(),
        told: told.to_owned(),
        ..Typed::default()
    };
    settle(&visit, ctx, &no, outcome, typed).await
}

pub(crate) async fn resume(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let ending = Finishing {
        result: fields.get("result"),
        opinion: fields.get("opinion"),
        seen: Some(seen(&fields)),
        ..Finishing::default()
    };
    let outcome = zhengtong_casework::finish(&mut ctx, &no, ending).await;
    settle(&visit, ctx, &no, outcome, Typed::default()).await
}

pub(crate) async fn extend(visit: Visit, Path(no): Path<String>, fields: Fields) -> Answer {
    staff_only(&visit)?;
    let mut ctx = visit.act(&fields).await?;
    let (clock, days) = (fields.get("clock"), fields.get("days"));
    let (reason, notice) = (fields.get("why_longer"), fields.get("notice"));
    let more = Extending {
        clock,
        amount: days.trim().parse().unwrap_or(0),
        reason,
        notice,
        seen: Some(seen(&fields)),
    };
    let outcome = zhengtong_casework::extend(&mut ctx, &no, more).await;
    let typed = Typed {
        extends: clock.to_owned(),
        reason: reason.to_owned(),
        told: days.to_owned(),
        notice: notice.to_owned(),
        ..Typed::default()
    };
    settle(&visit, ctx, &no, outcome, typed).await
}

/// The version of the case on the page. A form without one is as stale as any.
fn seen(fields: &Fields) -> i64 {
    fields.get("seen").parse().unwrap_or(0)
}

/// Stopping and starting the clock, more time, and the ledger of both.
pub(crate) fn clock_panel(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let view = &opened.view;
    html! {
        @if !view.stops.is_empty() { (stop_panel(frame, opened, typed)) }
        @for more in &view.extendable { (extension_form(frame, opened, typed, more)) }
        (ledger_panel(frame.lang, opened))
    }
}

fn stop_panel(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, view) = (frame.lang, &opened.view);
    let base = address(&view.case.no);
    if view.stopped {
        let mut running = opened.errands.procedures.iter();
        let owed = running.find(|one| runs(one) && owes_result(opened, one));
        return boxed(
            &Panel::new(lang.pick("时钟", "Clock")),
            html! {
                p.soft { (lang.pick(
                    "时钟停着。检测、听证等有了结果，就恢复计时；申请人会看到。",
                    "The clock stands still. Let it run again when the result is in; the applicant will see it.",
                )) }
                @if let Some(procedure) = owed {
                    (actions(link_button(&Button::new(lang.pick("写结果和意见，恢复计时", "Write the result, let the clock run")).icon(Icon::Play), &end_address(&view.case.no, procedure))))
                } @else {
                    (post(&format!("{base}/resume"), html! { (token(frame)) (hidden("seen", &view.case.version.to_string())) }, &Button::new(lang.pick("恢复计时", "Let the clock run")).icon(Icon::Play)))
                }
            },
        );
    }
    let hint = |days: u32, most: u32| match lang {
        Lang::Zh => format!("一般 {days} 个工作日，最多告知 {most} 个"),
        Lang::En => format!("usually {days} working days, {most} at most"),
    };
    let options: Vec<Pick<'_>> = view
        .stops
        .iter()
        .map(|(word, stop)| {
            let basis = stop.basis.get(lang);
            let hint = format!("{basis}；{}", hint(stop.told_days, stop.told_days_max));
            Pick::new(word.as_str(), stop.title.get(lang)).hint(hint)
        })
        .collect();
    let own = ["kind", "reason", "told"];
    let wrong = typed.errors.iter().any(|error| own.contains(&error.field.as_str()));
    let sent = typed.extends.is_empty() && (!typed.kind.is_empty() || !typed.reason.is_empty());
    let open = if sent || wrong { Open::Yes } else { Open::No };
    let reason = if sent { typed.reason.as_str() } else { "" };
    fold(
        lang.pick("停止计时（检测、听证等）", "Stop the clock (tests, hearings)"),
        open,
        form(
            frame,
            &Form::post(format!("{base}/suspend")),
            html! {
                (hidden("seen", &view.case.version.to_string()))
                (radios(lang, &Field::new("kind", lang.pick("因为什么", "What for")).errors(&typed.errors, lang), &options, &typed.kind, Layout::Down))
                (textarea(
                    lang,
                    &Field::new("reason", lang.pick("理由（申请人会看到）", "Reason (the applicant will read it)")).errors(&typed.errors, lang),
                    &Area { value: reason.into(), rows: 3, ..Area::default() },
                ))
                (text(
                    lang,
                    &Field::new("told", lang.pick("告知申请人需要几个工作日", "Working days the applicant is told")).hint(lang.pick("不填就按上面的一般天数", "the usual number where nothing is given")).optional().errors(&typed.errors, lang),
                    &Input::new(if sent { typed.told.as_str() } else { "" }).width(Width::Short),
                ))
                (notice_field(lang, if sent { typed.notice.as_str() } else { "" }, typed))
                (actions(submit(&Button::secondary(lang.pick("停止计时", "Stop the clock")).icon(Icon::Pause))))
            },
        ),
    )
}

fn notice_field(lang: Lang, value: &str, typed: &Typed) -> Markup {
    text(
        lang,
        &Field::new("notice", lang.pick("告知文书编号", "Number of the written notice"))
            .optional()
            .errors(&typed.errors, lang),
        &Input::new(value.to_owned()).length_max(60),
    )
}

fn extension_form(frame: &Frame<'_>, opened: &Opened, typed: &Typed, more: &Extendable) -> Markup {
    let lang = frame.lang;
    let sent = typed.extends == more.clock;
    let title = match lang {
        Lang::Zh => format!("延长{}", more.title.zh),
        Lang::En => format!("More time: {}", more.title.en),
    };
    let unit = lang.pick(more.unit.zh(), more.unit.en());
    let hint = match lang {
        Lang::Zh => format!("最多 {}{unit}。{}", more.rule.most, more.rule.basis.zh),
        Lang::En => format!("At most {} {unit}. {}", more.rule.most, more.rule.basis.en),
    };
    let keep = |value: &str| if sent { value.to_owned() } else { String::new() };
    let errors = if sent { typed.errors.as_slice() } else { &[] };
    let renamed: Vec<zhengtong_base::FieldError> = errors
        .iter()
        .cloned()
        .map(|mut error| {
            if error.field == "reason" {
                "why_longer".clone_into(&mut error.field);
            }
            error
        })
        .collect();
    fold(
        &title,
        if sent { Open::Yes } else { Open::No },
        form(
            frame,
            &Form::post(format!("{}/extend", address(&opened.view.case.no))),
            html! {
                (hidden("seen", &opened.view.case.version.to_string()))
                (hidden("clock", &more.clock))
                (text(lang, &Field::new("days", lang.pick("延长多少", "How much more")).hint(hint).errors(&renamed, lang), &Input::new(keep(&typed.told)).width(Width::Short).unit(unit)))
                (textarea(
                    lang,
                    &Field::new("why_longer", lang.pick("延长的理由（申请人会看到）", "Why (the applicant will read it)")).errors(&renamed, lang),
                    &Area { value: keep(&typed.reason).into(), rows: 3, ..Area::default() },
                ))
                (actions(submit(&Button::secondary(lang.pick("批准延长", "Approve more time")))))
            },
        ),
    )
}

/// Every stop and extension with who approved it and how the applicant was told.
fn ledger_panel(lang: Lang, opened: &Opened) -> Markup {
    let acts = &opened.view.clock_acts;
    if acts.is_empty() {
        return html! {};
    }
    let entries: Vec<Entry> =
        acts.iter().rev().map(|act| ledger_entry(lang, opened, act)).collect();
    boxed(&Panel::new(lang.pick("停钟和延期", "Stops and extensions")).id("ledger"), list(&entries))
}

fn ledger_entry(lang: Lang, opened: &Opened, act: &ClockAct) -> Entry {
    let named = |name: &String| {
        let clock = opened.view.all_clocks.iter().find(|clock| clock.name == *name);
        clock.map(|clock| clock.title.get(lang).to_owned())
    };
    let clocks: Vec<String> = act.clocks.iter().filter_map(named).collect();
    let more = act.more.map(|(amount, unit)| match lang {
        Lang::Zh => format!("+{amount}{}", unit.zh()),
        Lang::En => format!("+{amount} {}", unit.en()),
    });
    let until = match (act.until, &act.more) {
        (_, Some(_)) => String::new(),
        (Some(until), None) => format!(" — {}", clock_time(until)),
        (None, None) => lang.pick(" — 还停着", " — still stands").to_owned(),
    };
    let told = act.told.map(|(days, day)| {
        let day = day.map(|day| day.to_string()).unwrap_or_default();
        match lang {
            Lang::Zh => format!("告知需 {days} 个工作日，到 {day}"),
            Lang::En => format!("told {days} working days, to {day}"),
        }
    });
    let stands = act.more.is_none() && act.until.is_none();
    let entry = Entry::new(html! {
        strong { (act.title.get(lang)) @if let Some(more) = &more { " " (more) } }
        p { (act.reason) }
    })
    .note(html! {
        (clock_time(act.at)) (until)
        @if let Some(told) = &told { " · " (told) }
        " · " (lang.pick("批准：", "approved by ")) (act.by)
        @if let Some(notice) = &act.notice { " · " (notice) }
        @if !clocks.is_empty() { " · " (clocks.join(lang.pick("、", ", "))) }
    });
    if stands { entry.end(tag(Tone::Warn, lang.pick("停着", "Stands"))) } else { entry }
}

/// The clocks beside the promised and the statutory one: of open steps, of the applicant, of acceptance.
pub(crate) fn other_clocks(lang: Lang, opened: &Opened) -> Markup {
    let others: Vec<&ClockView> = opened
        .view
        .all_clocks
        .iter()
        .filter(|clock| !["promised", "statutory"].contains(&clock.name.as_str()))
        .collect();
    let (open, done): (Vec<&ClockView>, Vec<&ClockView>) =
        others.into_iter().partition(|clock| clock.ended.is_none());
    html! {
        @for clock in open {
            (case_clock(lang, (clock.title.get(lang), &budget_words(lang, clock)), clock, CellSize::Small, opened.today))
        }
        @if !done.is_empty() {
            (fold(lang.pick("已结束的时钟", "Clocks that have ended"), Open::No, list(&done.iter().map(|clock| ended(lang, clock)).collect::<Vec<_>>())))
        }
    }
}

fn budget_words(lang: Lang, clock: &ClockView) -> String {
    let whose = match clock.side {
        Whose::Applicant => lang.pick("申请人 · ", "applicant · "),
        Whose::Office => "",
    };
    let days = days_words(lang, clock.budget, clock.unit);
    match (clock.extended, lang) {
        (0, _) => format!("{whose}{days}"),
        (more, Lang::Zh) => format!("{whose}{days}（含延长 {more}）"),
        (more, Lang::En) => format!("{whose}{days} ({more} of them approved later)"),
    }
}

fn ended(lang: Lang, clock: &ClockView) -> Entry {
    let late = clock.reading.overdue > 0;
    let entry = Entry::new(html! { (clock.title.get(lang)) }).note(html! {
        (days_words(lang, clock.budget, clock.unit))
        " · " (clock_time(clock.started))
        @if let Some(ended) = clock.ended { " — " (clock_time(ended)) }
    });
    if late {
        entry.end(lamp(Light::Over, lang.pick("超期", "Late")))
    } else {
        entry.end(lamp(Light::Ok, lang.pick("按时", "In time")))
    }
}

/// The words beside the name of a clock that may have been extended.
pub(crate) fn budget(lang: Lang, clock: &ClockView) -> String {
    budget_words(lang, clock)
}
