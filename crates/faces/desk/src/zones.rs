//! Two of the three zones of a case: what was applied for, and what can be done, noted and looked back on.

use maud::{Markup, html};
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::china_date;
use zhengtong_casework::{Choice, Effect, Event, FactSection, Material, OpenTask, Side};
use zhengtong_http::{Visit, clock_time, month_day, short};
use zhengtong_ui::act::{Act, Rank, acts};
use zhengtong_ui::field::{Area, Field, Form, form, hidden, textarea};
use zhengtong_ui::frame::token;
use zhengtong_ui::icon::icon;
use zhengtong_ui::lamp::{Tone, tag};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::notice::{Mood, Notice, notice};
use zhengtong_ui::panel::{Panel, boxed, flush, pairs};
use zhengtong_ui::press::{Button, actions, link_button, post, submit};
use zhengtong_ui::step::{Node, Step, line};
use zhengtong_ui::table::code;
use zhengtong_ui::{Frame, Icon, Words};

use crate::casework::{Opened, Typed, address};
use crate::hold::clock_panel;
use crate::reveal::{in_full, numbers};
use crate::revoke::licence_panel;
use crate::{more, related};

/// Applicant and answers, as they were shown and confirmed; personal parts are masked.
pub(crate) fn facts_zone(
    visit: &Visit,
    frame: &Frame<'_>,
    opened: &Opened,
    typed: &Typed,
) -> Markup {
    let (lang, case) = (visit.lang(), &opened.view.case);
    let now = visit.app.db.clock().now();
    let mut who: Vec<(Words<'_>, Markup)> = Vec::new();
    match &case.organisation {
        Some(organisation) => {
            who.push((lang.pick("单位", "Organisation").into(), html! { (organisation.name) }));
            who.push((
                lang.pick("信用代码", "Credit code").into(),
                code(&organisation.credit_code),
            ));
            who.push((lang.pick("经办人", "Agent").into(), html! { (case.person_name) }));
        }
        None => who.push((lang.pick("姓名", "Name").into(), html! { (case.person_name) })),
    }
    who.push((
        lang.pick("提交", "Handed in").into(),
        html! { (month_day(lang, case.submitted_at, now)) },
    ));
    who.extend(numbers(lang, opened));
    html! {
        (boxed(&Panel::new(lang.pick("申请人", "Applicant")), html! {
            (pairs(who))
            (in_full(frame, opened, typed))
        }))
        @for section in &case.facts { (section_of(lang, section)) }
        @if opened.view.office { (related::way(frame, opened, typed)) }
    }
}

fn section_of(lang: Lang, section: &FactSection) -> Markup {
    let rows = section.rows.iter().map(|fact| {
        let value = html! {
            (fact.value.get(lang))
            @if let Some(source) = &fact.source {
                span.source { (icon(Icon::Check)) span { (source.get(lang)) } }
            }
        };
        (Words::from(fact.label.get(lang)), value)
    });
    boxed(&Panel::new(section.title.get(lang)), pairs(rows))
}

/// Beside the clocks: why they stand, or who is to act next.
pub(crate) fn why_stopped(frame: &Frame<'_>, opened: &Opened) -> Markup {
    let (lang, view) = (frame.lang, &opened.view);
    let stop = view.events.iter().rev().find(|event| event.kind == "suspend");
    html! { div.flow-s {
        @if let (true, Some(event)) = (view.stopped, stop) {
            strong { (lang.pick("为什么停", "Why it stands still")) }
            p { (event.text.get(lang)) @if let Some(reason) = &event.reason { (lang.pick("：", ": ")) (reason) } }
            p.meta { (clock_time(event.at)) " · " (event.who(lang)) }
        } @else {
            strong { (lang.pick("现在等谁", "Who is to act")) }
            @if view.tasks.is_empty() {
                p { (lang.pick("没有要办的了。", "Nothing is left to do.")) }
            }
            @for task in &view.tasks { p { (waiting_for(lang, opened, task)) } }
        }
    } }
}

fn waiting_for(lang: Lang, opened: &Opened, task: &OpenTask) -> String {
    let who = match (&task.todo.assignee_name, task.todo.side) {
        (Some(name), _) => name.clone(),
        (None, Side::Applicant) => lang.pick("申请人", "the applicant").to_owned(),
        (None, Side::Office) => role_title(opened, &task.todo.role).get(lang).to_owned(),
    };
    format!("{} · {who}", task.todo.title.get(lang))
}

fn role_title(opened: &Opened, role: &str) -> Text {
    opened.roles.roles.get(role).map_or_else(|| Text::same(role), |role| role.title.clone())
}

/// What can be done now, notes, special procedures, and what happened.
pub(crate) fn acts_zone(
    visit: &Visit,
    frame: &Frame<'_>,
    opened: &Opened,
    typed: &Typed,
) -> Markup {
    let (lang, view) = (visit.lang(), &opened.view);
    html! {
        (urged(lang, opened))
        @for task in mine_first(&view.tasks) { (task_panel(frame, opened, task)) }
        @if view.tasks.is_empty() {
            (nothing_open(lang, opened))
        }
        (licence_panel(visit, opened))
        (given_panel(lang, opened))
        (more::panel(lang, opened))
        (clock_panel(frame, opened, typed))
        (notes_panel(frame, opened, typed))
        (responsible_panel(lang, opened))
        (boxed(&Panel::new(lang.pick("经过", "What happened")), history(lang, opened)))
    }
}

/// What is left where no task is open: to deliver, to archive, to read.
fn nothing_open(lang: Lang, opened: &Opened) -> Markup {
    let words = if opened.view.case.state.over() {
        lang.pick("这件已经办完，只能查看。", "This case is over and can only be read.")
    } else {
        lang.pick("没有要办的步骤了。", "No step is left to do.")
    };
    flush(
        &Panel::new(lang.pick("现在能做的", "What can be done now")),
        acts(&more::next(lang, opened), &[words.into()]),
    )
}

/// That the applicant has urged.
fn urged(lang: Lang, opened: &Opened) -> Markup {
    let urges = || opened.view.events.iter().filter(|event| event.kind == "urge");
    let Some(last) = urges().next_back().map(|event| china_date(event.at)) else { return html! {} };
    let times = urges().count();
    let words = match lang {
        Lang::Zh => format!("申请人催办 {times} 次，最近 {}", short(last)),
        Lang::En => format!("The applicant has urged {times} times, last on {}", short(last)),
    };
    notice(&Notice::new(Mood::Warning, words))
}

/// The papers that the applicant was given, and whether they were opened.
fn given_panel(lang: Lang, opened: &Opened) -> Markup {
    if opened.view.given.is_empty() {
        return html! {};
    }
    let base = address(&opened.view.case.no);
    let entries: Vec<Entry> = opened
        .view
        .given
        .iter()
        .map(|paper| {
            let read = match paper.opened_at {
                Some(at) => format!("{} {}", lang.pick("已读", "read"), clock_time(at)),
                None => lang.pick("还没打开", "not opened yet").to_owned(),
            };
            Entry::link(paper.title.get(lang), &format!("{base}/given/{}", paper.document))
                .note(html! { (paper.number) " · " (clock_time(paper.at)) " · " (read) })
        })
        .collect();
    boxed(&Panel::new(lang.pick("给申请人的文书", "Papers for the applicant")), list(&entries))
}

/// What the reader can do stands before what others do.
fn mine_first(tasks: &[OpenTask]) -> Vec<&OpenTask> {
    let (mut first, rest): (Vec<_>, Vec<_>) =
        tasks.iter().partition(|task| !task.choices.is_empty() || task.own.is_some());
    first.extend(rest);
    first
}

fn task_panel(frame: &Frame<'_>, opened: &Opened, task: &OpenTask) -> Markup {
    let lang = frame.lang;
    let base = address(&opened.view.case.no);
    let offered: Vec<Act<'_>> = task
        .choices
        .iter()
        .enumerate()
        .map(|(order, choice)| Act {
            icon: icon_of(choice),
            name: choice.title.get(lang).into(),
            note: choice_note(lang, choice, begun(opened, task, choice)).into(),
            href: format!("{base}/decide/{}/{}", task.todo.id, choice.outcome).into(),
            rank: if order == 0 { Rank::First } else { Rank::Other },
        })
        .chain(more::own_act(lang, &base, task))
        .collect();
    let barred: Vec<Words<'_>> =
        if offered.is_empty() { vec![why_not(lang, opened, task).into()] } else { Vec::new() };
    let words = if offered.is_empty() {
        lang.pick("在等：", "Waiting for: ")
    } else {
        lang.pick("现在能做的：", "Now: ")
    };
    let heading = format!("{words}{}", task.todo.title.get(lang));
    html! {
        (flush(&Panel::new(heading), html! {
            (acts(&offered, &barred))
            @if !task.choices.is_empty() || task.mine {
                div.panel-body.row {
                    (at_once(frame, opened, task))
                    @if let Some((path, words)) = hand(lang, &base, task) {
                        (post(&path, token(frame), &Button::secondary(words)))
                    }
                    (link_button(&Button::quiet(lang.pick("退回、转办、征求意见…", "Send back, pass on, ask …")), &format!("{base}/hand")))
                }
            }
        }))
    }
}

/// The step that comes first, where it needs no word more, is done from here: one page less.
fn at_once(frame: &Frame<'_>, opened: &Opened, task: &OpenTask) -> Markup {
    let lang = frame.lang;
    let base = address(&opened.view.case.no);
    let seen = opened.view.events.iter().map(|event| event.seq).max().unwrap_or(0);
    let plain = |choice: &&Choice| {
        !choice.reason
            && choice.ask.is_empty()
            && matches!(choice.effect, Effect::Accept | Effect::Pass | Effect::Deliver)
    };
    let Some(choice) = task.choices.first().filter(plain) else { return html! {} };
    post(
        &format!("{base}/decide/{}/{}", task.todo.id, choice.outcome),
        html! {
            (token(frame))
            (hidden("seen", &opened.view.case.version.to_string()))
            (hidden("seen_event", &seen.to_string()))
        },
        // Not named by the act: its link above leads to the page that shows what the applicant gets.
        &Button::secondary(lang.pick("不写意见，按第一项直接办", "Do the first, without a word")),
    )
}

/// Whether the officer has begun to write this decision.
fn begun(opened: &Opened, task: &OpenTask, choice: &Choice) -> bool {
    opened
        .view
        .drafts
        .iter()
        .any(|draft| draft.todo == task.todo.id && draft.outcome == choice.outcome)
}

/// Take the task, or give it back.
fn hand(lang: Lang, base: &str, task: &OpenTask) -> Option<(String, &'static str)> {
    if task.mine {
        let words = lang.pick("放回，让同事领取", "Give back to colleagues");
        return Some((format!("{base}/release/{}", task.todo.id), words));
    }
    let free = task.todo.assignee.is_none() && !task.choices.is_empty();
    let words = lang.pick("领取，归我办", "Take this task");
    free.then(|| (format!("{base}/claim/{}", task.todo.id), words))
}

fn why_not(lang: Lang, opened: &Opened, task: &OpenTask) -> String {
    let role = role_title(opened, &task.todo.role);
    match (lang, &task.todo.assignee_name, task.todo.side) {
        (Lang::Zh, Some(name), _) => format!("这一步正由 {name} 办理。"),
        (Lang::En, Some(name), _) => format!("{name} has this step in hand."),
        (Lang::Zh, None, Side::Applicant) if task.todo.is_standing() => {
            "申请人随时可以办，不等它。".to_owned()
        }
        (Lang::En, None, Side::Applicant) if task.todo.is_standing() => {
            "The applicant may do it at any time; nothing waits for it.".to_owned()
        }
        (Lang::Zh, None, Side::Applicant) => "在等申请人，时限到了会提醒。".to_owned(),
        (Lang::En, None, Side::Applicant) => "Waiting for the applicant.".to_owned(),
        (Lang::Zh, None, Side::Office) => format!("这一步由本单位的{}办理。", role.zh),
        (Lang::En, None, Side::Office) => {
            format!("This step is done by the {} of the unit.", role.en)
        }
    }
}

fn choice_note(lang: Lang, choice: &Choice, begun: bool) -> String {
    let basis = choice.basis.get(lang);
    if begun {
        return format!("{}{basis}", lang.pick("写了一半，接着写 · ", "Half written, go on · "));
    }
    if choice.reason {
        return format!("{}{basis}", lang.pick("要写理由 · ", "Reason needed · "));
    }
    basis.to_owned()
}

/// The icon of a choice: a step that passes only with a reason raises a flag.
pub(crate) fn icon_of(choice: &Choice) -> Icon {
    match choice.effect {
        Effect::Pass if choice.reason => Icon::Flag,
        effect => effect_icon(effect),
    }
}

fn effect_icon(effect: Effect) -> Icon {
    match effect {
        Effect::Accept => Icon::CircleCheck,
        Effect::Correct => Icon::CornerUpLeft,
        Effect::Supply => Icon::Upload,
        Effect::Answer => Icon::MessagesSquare,
        Effect::Decline => Icon::FileX,
        Effect::Pass => Icon::Check,
        Effect::Return => Icon::RotateCcw,
        Effect::Grant => Icon::Stamp,
        Effect::Refuse => Icon::Ban,
        Effect::Deliver => Icon::Send,
        Effect::Uphold => Icon::BadgeCheck,
        Effect::Breach => Icon::TriangleAlert,
        Effect::Revoke => Icon::ShieldAlert,
    }
}

fn notes_panel(frame: &Frame<'_>, opened: &Opened, typed: &Typed) -> Markup {
    let (lang, view) = (frame.lang, &opened.view);
    let entries: Vec<Entry> = view
        .notes
        .iter()
        .map(|note| {
            Entry::new(html! { (note.text) })
                .note(html! { (note.author) " · " (clock_time(note.at)) })
        })
        .collect();
    let only = tag(Tone::Plain, lang.pick("只在单位内可见", "Seen by the unit only"));
    boxed(
        &Panel::new(lang.pick("便签", "Notes")).id("notes").note(only),
        html! {
            @if !entries.is_empty() { (list(&entries)) }
            (form(frame, &Form::post(format!("{}/note", address(&view.case.no))), html! {
                (textarea(
                    lang,
                    &Field::new("text", lang.pick("新便签", "New note")).unlabelled().errors(&typed.errors, lang),
                    &Area {
                        value: typed.note.as_str().into(),
                        rows: 3,
                        example: lang.pick("写给同事的话，申请人看不到", "A word to colleagues; the applicant does not see it").into(),
                        ..Area::default()
                    },
                ))
                (actions(submit(&Button::secondary(lang.pick("记下", "Keep note")))))
            }))
        },
    )
}

/// 首问负责: who answers for the case now, and through whose hands it went.
fn responsible_panel(lang: Lang, opened: &Opened) -> Markup {
    let trail = &opened.errands.responsible;
    // Who was asked for an opinion answers for that alone.
    let last = trail.iter().rev().find(|one| one.how != "asked");
    let (Some(first), Some(last)) = (trail.first(), last) else { return html! {} };
    let over = opened.view.case.state.over();
    let steps: Vec<Step<'_>> = trail
        .iter()
        .rev()
        .enumerate()
        .map(|(age, one)| {
            let node = if age == 0 && !over { Node::Now } else { Node::Done };
            let how = how_in_hand(lang, &one.how);
            Step::new(node, one.name.as_str()).note(format!("{} · {how}", clock_time(one.at)))
        })
        .collect();
    let words = match lang {
        Lang::Zh if over => format!("首问责任人 {}，最后由 {} 负责", first.name, last.name),
        Lang::Zh => format!("首问责任人 {}，现在由 {} 负责", first.name, last.name),
        Lang::En if over => format!("First asked: {}; last in charge: {}", first.name, last.name),
        Lang::En => format!("First asked: {}; in charge now: {}", first.name, last.name),
    };
    boxed(
        &Panel::new(lang.pick("首问负责", "Who is responsible")),
        html! {
            p { (words) }
            @if trail.len() > 1 { (line(lang, &steps)) }
        },
    )
}

fn how_in_hand(lang: Lang, how: &str) -> &'static str {
    match how {
        "first" => lang.pick("首问", "asked first"),
        "transferred" => lang.pick("转来", "passed on"),
        "lent" => lang.pick("代办", "acts for another"),
        "given_back" => lang.pick("交回", "given back"),
        "asked" => lang.pick("征求意见", "asked for an opinion"),
        _ => lang.pick("接办", "took it"),
    }
}

/// What happened, the latest first.
fn history(lang: Lang, opened: &Opened) -> Markup {
    let view = &opened.view;
    happened(lang, &view.events, view.case.state.over(), &view.materials)
}

fn happened(lang: Lang, events: &[Event], over: bool, papers: &[Material]) -> Markup {
    let steps: Vec<Step<'_>> = events
        .iter()
        .rev()
        .enumerate()
        .map(|(age, event)| {
            let node = match event.kind.as_str() {
                "suspend" => Node::Stopped,
                _ if age == 0 && !over => Node::Now,
                _ => Node::Done,
            };
            let step = Step::new(node, event.text.get(lang)).note(format!(
                "{} · {}",
                clock_time(event.at),
                event.who(lang)
            ));
            let came: Vec<&Material> = papers.iter().filter(|paper| paper.at == event.at).collect();
            if event.reason.is_none() && (came.is_empty() || event.kind == "submit") {
                return step;
            }
            step.more(html! {
                @if let Some(reason) = &event.reason { p { (reason) } }
                @if event.kind != "submit" { (differs(lang, &came, papers)) }
            })
        })
        .collect();
    line(lang, &steps)
}

/// What came with an act, beside what was there of the same name before: nothing is overwritten.
fn differs(lang: Lang, came: &[&Material], papers: &[Material]) -> Markup {
    let name = |paper: &Material| {
        let file = paper.paper.file.as_ref().map(|file| format!(" · {}", file.name));
        format!("{}{}", paper.paper.name.get(lang), file.unwrap_or_default())
    };
    html! {
        @for paper in came {
            @let before = papers.iter().rev().find(|old| old.seq < paper.seq && old.paper.name == paper.paper.name);
            p {
                ins { "+ " (name(paper)) }
                @if let Some(old) = before { " " (lang.pick("（替换 ", "(instead of ")) del { (name(old)) } (lang.pick("）", ")")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn history_begins_with_the_latest_and_shows_reasons() {
        let event = |seq: i32, kind: &str, zh: &str, reason: Option<&str>| Event {
            seq,
            kind: kind.to_owned(),
            at: datetime!(2026-11-16 01:40 UTC),
            actor: "周办员".to_owned(),
            node: None,
            text: Text::same(zh),
            reason: reason.map(str::to_owned),
            public: true,
        };
        let events =
            [event(1, "accept", "受理", None), event(2, "suspend", "停钟", Some("要复检"))];
        let html = happened(Lang::Zh, &events, false, &[]).into_string();
        assert!(html.find("停钟") < html.find("受理"));
        assert!(html.contains("node-stopped") && html.contains("要复检"));
        assert!(html.contains("11-16 09:40 · 周办员"));
    }

    #[test]
    fn every_effect_has_its_own_icon() {
        let icons: std::collections::BTreeSet<String> =
            Effect::ALL.iter().map(|effect| format!("{:?}", effect_icon(*effect))).collect();
        assert_eq!(icons.len(), Effect::ALL.len());
    }
}
