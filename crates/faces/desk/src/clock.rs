//! Lamps and clocks in words and cells: of one task for lists, of a whole case for its page.

use maud::{Markup, html};
use time::Date;
use zhengtong_base::{Lang, Text};
use zhengtong_calendar::{Calendar, Cell, CellKind, Clock as Legal, ClockState, Unit, china_date};
use zhengtong_casework::{CaseType, CaseView, ClockView, State, Todo};
use zhengtong_ui::lamp::{CellSize, Clock, Day, Light, Tone, clock, lamp, tag};

/// Cells past the limit that a list shows; the lamp says how many there are.
const OVER_CELLS_MAX: usize = 5;

/// The lamp of a task and its words.
pub(crate) fn urgency(
    lang: Lang,
    due: Option<Date>,
    left: Option<i64>,
    today: Date,
) -> (Light, String) {
    let (Some(due), Some(left)) = (due, left) else {
        return (Light::None, lang.pick("无期限", "No limit").to_owned());
    };
    if due < today {
        return (Light::Over, over_words(lang, left.unsigned_abs()));
    }
    left_words(lang, left.unsigned_abs())
}

/// The lamp of a task whose case stands still, and its words.
pub(crate) fn held(lang: Lang, title: &Text, since: Date, today: Date) -> (Light, String) {
    let before = since.previous_day().unwrap_or(since);
    let days = u64::from(Calendar::china().working_days_between(before, today).unwrap_or(0));
    (Light::Hold, held_words(lang, days, title.get(lang)))
}

fn held_words(lang: Lang, days: u64, title: &str) -> String {
    match lang {
        Lang::Zh => format!("停钟 {days} 日：{title}"),
        Lang::En => format!("Stopped {days} {}: {title}", days_word(days)),
    }
}

/// Days late are working days: on days off after the due day none has passed yet.
fn over_words(lang: Lang, days: u64) -> String {
    match (lang, days) {
        (Lang::Zh, 0) => "已过到期日".to_owned(),
        (Lang::En, 0) => "Past its due day".to_owned(),
        (Lang::Zh, _) => format!("超期 {days} 日"),
        (Lang::En, _) => format!("{days} {} over", days_word(days)),
    }
}

fn left_words(lang: Lang, days: u64) -> (Light, String) {
    let words = match (lang, days) {
        (Lang::Zh, 0) => "今天到期".to_owned(),
        (Lang::En, 0) => "Due today".to_owned(),
        (Lang::Zh, _) => format!("剩 {days} 日"),
        (Lang::En, _) => format!("{days} {} left", days_word(days)),
    };
    (if days <= 1 { Light::Near } else { Light::Ok }, words)
}

fn days_word(days: u64) -> &'static str {
    if days == 1 { "day" } else { "days" }
}

/// The cells of one task from the day it came to its due day and on; none without a due day.
pub(crate) fn task_days(todo: &Todo, today: Date) -> Vec<Day> {
    let Some(due) = todo.due_day else { return Vec::new() };
    let (calendar, from) = (Calendar::china(), china_date(todo.opened_at));
    let cells = calendar
        .working_days_between(from, due)
        .and_then(|budget| Legal::new(budget, Unit::WorkingDay, from).cells(calendar, today));
    // A year whose holidays are not announced yet has no cells; the lamp and the date stand beside.
    let mut days = days(&cells.unwrap_or_default(), today);
    days.truncate(limit(&days) + OVER_CELLS_MAX);
    days
}

/// The clock of a task as a cell of a table.
pub(crate) fn task_clock(todo: &Todo, words: &str, today: Date) -> Markup {
    let days = task_days(todo, today);
    html! { @if !days.is_empty() {
        (clock(&Clock { days: &days, limit: limit(&days), label: words, size: CellSize::Small }))
    } }
}

fn limit(days: &[Day]) -> usize {
    days.iter().filter(|day| **day != Day::Over).count()
}

fn days(cells: &[Cell], today: Date) -> Vec<Day> {
    cells
        .iter()
        .map(|cell| match cell.kind {
            CellKind::Used => Day::Used,
            CellKind::Today => Day::Today,
            CellKind::Stopped if cell.date == today => Day::StoppedToday,
            CellKind::Stopped => Day::Stopped,
            CellKind::Left => Day::Left,
            CellKind::Over => Day::Over,
        })
        .collect()
}

/// The lamp beside the title of a case: its promised clock, or its state where no clock runs.
pub(crate) fn case_lamp(
    lang: Lang,
    view: &CaseView,
    case_type: Option<&CaseType>,
    today: Date,
) -> Markup {
    let case = &view.case;
    let decided = case.state.over() || case.state == State::Decided;
    let running = view.clocks.as_ref().filter(|_| !decided);
    let (light, words) = match running {
        Some(clocks) => clock_state(lang, &clocks.promised, case_type, today),
        None if decided => (Light::None, String::new()),
        None => {
            let first = view.tasks.first();
            let due = first.and_then(|task| task.todo.due_day);
            urgency(lang, due, first.and_then(|task| task.days_left), today)
        }
    };
    html! {
        @if !words.is_empty() { (lamp(light, &words)) }
        (tag(state_tone(case.state), state_words(lang, case.state)))
    }
}

/// The lamp of a running clock and its words.
fn clock_state(
    lang: Lang,
    view: &ClockView,
    case_type: Option<&CaseType>,
    today: Date,
) -> (Light, String) {
    match &view.reading.state {
        ClockState::Suspended { kind, days } => {
            let title = case_type
                .and_then(|case_type| case_type.stops.get(kind))
                .map_or(kind.as_str(), |stop| stop.title.get(lang));
            (Light::Hold, held_words(lang, u64::from(*days), title))
        }
        ClockState::Overdue { days } => (Light::Over, over_words(lang, u64::from(*days))),
        ClockState::Running if view.reading.deadline.is_some_and(|end| end.date < today) => {
            (Light::Over, over_words(lang, 0))
        }
        _ => left_words(lang, u64::from(view.reading.remaining)),
    }
}

/// What the office calls the state; the words of the model speak to the applicant.
pub(crate) fn state_words(lang: Lang, state: State) -> &'static str {
    match state {
        State::Submitted => lang.pick("待受理", "To be accepted"),
        State::Correcting => lang.pick("等补正", "Waiting for papers"),
        State::Accepted => lang.pick("办理中", "Under review"),
        State::Decided => lang.pick("已决定", "Decided"),
        State::Closed => lang.pick("已办结", "Closed"),
        State::Declined => lang.pick("不予受理", "Not accepted"),
        State::Withdrawn => lang.pick("已撤回", "Withdrawn"),
        State::Ended => lang.pick("已终止", "Ended"),
    }
}

fn state_tone(state: State) -> Tone {
    match state {
        State::Submitted | State::Accepted => Tone::Active,
        State::Correcting => Tone::Warn,
        State::Decided | State::Closed => Tone::Good,
        State::Declined | State::Withdrawn | State::Ended => Tone::Plain,
    }
}

/// How much time a clock has, in words.
pub(crate) fn days_words(lang: Lang, amount: u32, unit: Unit) -> String {
    match lang {
        Lang::Zh => format!("{amount} {}", unit.zh()),
        Lang::En => format!("{amount} {}", unit.en()),
    }
}

/// One clock of a case with its name, its law and what it says today.
pub(crate) fn case_clock(
    lang: Lang,
    name: (&str, &str),
    view: &ClockView,
    size: CellSize,
    today: Date,
) -> Markup {
    let days = days(&view.cells, today);
    let said = reading_words(lang, view);
    html! { div.flow-s {
        div.row { strong { (name.0) } span.meta.push { (name.1) } }
        @if !days.is_empty() { (clock(&Clock { days: &days, limit: limit(&days), label: &format!("{}: {said}", name.0), size })) }
        p { (said) }
    } }
}

fn reading_words(lang: Lang, view: &ClockView) -> String {
    let reading = &view.reading;
    let deadline = reading.deadline.map(|estimate| estimate.date);
    let day = |date: Date| match lang {
        Lang::Zh => format!("{} 月 {} 日", u8::from(date.month()), date.day()),
        Lang::En => format!("{} {}", date.day(), date.month()),
    };
    let mut words = match (lang, reading.overdue, deadline) {
        (Lang::Zh, 0, Some(date)) => {
            format!("已用 {}，剩 {}，{}到期", reading.consumed, reading.remaining, day(date))
        }
        (Lang::Zh, 0, None) => {
            format!("已用 {}，剩 {}，恢复计时后接着走", reading.consumed, reading.remaining)
        }
        (Lang::Zh, over, date) => {
            let date = date.map(|date| format!("{}到期，", day(date))).unwrap_or_default();
            format!("{date}已超期 {over} 日")
        }
        (Lang::En, 0, Some(date)) => {
            format!("{} used, {} left, due {}", reading.consumed, reading.remaining, day(date))
        }
        (Lang::En, 0, None) => {
            format!("{} used, {} left once it runs again", reading.consumed, reading.remaining)
        }
        (Lang::En, over, date) => {
            let date = date.map(|date| format!("due {}, ", day(date))).unwrap_or_default();
            format!("{date}{over} {} over", days_word(u64::from(over)))
        }
    };
    if reading.provisional {
        words.push_str(
            lang.pick("（节假日安排未公布，暂估）", " (holidays not announced, estimate)"),
        );
    }
    words
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};
    use uuid::Uuid;
    use zhengtong_casework::Side;

    use super::*;

    fn todo(due: Option<Date>) -> Todo {
        Todo {
            id: Uuid::nil(),
            case: "SPJY-2026-000001".to_owned(),
            task: "t".to_owned(),
            node: "review".to_owned(),
            title: Text::new("审查", "Review"),
            role: "reviewer".to_owned(),
            side: Side::Office,
            outcomes: Vec::new(),
            assignee: None,
            assignee_name: None,
            opened_at: datetime!(2026-11-16 01:00 UTC),
            due_day: due,
            place: zhengtong_casework::Place::default(),
        }
    }

    #[test]
    fn lamps_say_how_long() {
        let today = date!(2026 - 11 - 23);
        let rows = [
            (Some(date!(2026 - 11 - 20)), Some(-1), Light::Over, "超期 1 日"),
            (Some(date!(2026 - 11 - 22)), Some(0), Light::Over, "已过到期日"),
            (Some(today), Some(0), Light::Near, "今天到期"),
            (Some(date!(2026 - 11 - 24)), Some(1), Light::Near, "剩 1 日"),
            (Some(date!(2026 - 11 - 26)), Some(3), Light::Ok, "剩 3 日"),
            (None, None, Light::None, "无期限"),
        ];
        for (due, left, light, words) in rows {
            assert_eq!(urgency(Lang::Zh, due, left, today), (light, words.to_owned()));
        }
        let held = held(Lang::Zh, &Text::new("检验检测", "Tests"), date!(2026 - 11 - 19), today);
        assert_eq!(held, (Light::Hold, "停钟 3 日：检验检测".to_owned()));
        let english = urgency(Lang::En, Some(date!(2026 - 11 - 24)), Some(1), today);
        assert_eq!(english.1, "1 day left");
    }

    #[test]
    fn cells_of_a_task_end_at_its_limit_or_go_on_past_it() {
        let due = Some(date!(2026 - 11 - 20));
        let used = task_days(&todo(due), date!(2026 - 11 - 18));
        assert_eq!(used, [Day::Used, Day::Today, Day::Left, Day::Left]);
        let late = task_days(&todo(due), date!(2026 - 11 - 23));
        assert_eq!(late, [Day::Used, Day::Used, Day::Used, Day::Used, Day::Over]);
        let very_late = task_days(&todo(due), date!(2026 - 12 - 23));
        assert_eq!(very_late.len(), 4 + OVER_CELLS_MAX);
        assert!(task_days(&todo(None), date!(2026 - 11 - 23)).is_empty());
    }
}
