//! What may raise a card: everything that stands in the record of a case, each with its facts. Pure, so that an auditor
//! gets the same from the same record.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_calendar::china_date;
use zhengtong_casework::{Watched, WatchedClock, WatchedEvent, WatchedStop};

use crate::model::Standing;

/// Clocks whose end the case as a whole has to keep.
const WHOLE: [&str; 2] = ["promised", "statutory"];
/// The name of a stop among clocks.
const SUSPENSION: &str = "suspension";

/// Something that rules look at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Occasion {
    /// Where it comes from; once for each case.
    pub(crate) source: String,
    /// `event`, `rung`, `finding`, `news` or `daily`.
    pub(crate) kind: &'static str,
    /// The word by which rules name it.
    pub(crate) word: String,
    /// The clock of a rung.
    pub(crate) clock: String,
    /// What people call it.
    pub(crate) title: Text,
    /// When.
    pub(crate) at: OffsetDateTime,
    /// Its own facts, under its kind.
    pub(crate) own: Map<String, Value>,
    /// The task it is about.
    pub(crate) todo: Option<Uuid>,
}

/// All occasions of a case, in order.
pub(crate) fn of_case(watched: &Watched) -> Vec<Occasion> {
    let mut latest = watched.submitted_at;
    let mut all = Vec::new();
    for event in &watched.events {
        all.push(of_event(watched, event, latest));
        latest = latest.max(event.at);
    }
    for rung in &watched.rungs {
        let Some(clock) = watched.clocks.iter().find(|clock| clock.id == rung.clock) else {
            continue;
        };
        all.push(Occasion {
            source: format!("rung/{}/{}/{}", clock.name, clock.seq, rung.rung),
            kind: "rung",
            word: rung.rung.clone(),
            clock: clock.name.clone(),
            title: rung_title(&clock.name, &rung.rung),
            at: rung.at,
            own: own(
                "rung",
                json!({
                    "name": rung.rung, "clock": clock.name, "side": clock.side,
                    "due": clock.due_day.map(|day| day.to_string()),
                }),
            ),
            todo: clock.todo,
        });
    }
    for stop in &watched.stops {
        let Some(at) = stop.overlong_at else { continue };
        all.push(Occasion {
            source: format!("rung/{SUSPENSION}/{}/overlong", stop.seq),
            kind: "rung",
            word: "overlong".to_owned(),
            clock: SUSPENSION.to_owned(),
            title: Text::new("停钟超过告知的期限", "A stop lasts longer than was told"),
            at,
            own: own(
                "rung",
                json!({
                    "name": "overlong", "clock": SUSPENSION, "side": "office",
                    "due": stop.told_until.map(|day| day.to_string()), "procedure": stop.kind,
                    "told_days": stop.told_days,
                }),
            ),
            todo: None,
        });
    }
    all.sort_by_key(|occasion| occasion.at);
    all
}

/// The occasion of every night.
pub(crate) fn daily(rule: &str, now: OffsetDateTime) -> Occasion {
    Occasion {
        source: format!("daily/{rule}"),
        kind: "daily",
        word: "daily".to_owned(),
        clock: String::new(),
        title: Text::new("每日巡查", "Nightly look"),
        at: now,
        own: Map::new(),
        todo: None,
    }
}

fn own(name: &str, facts: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_owned(), facts)])
}

fn of_event(watched: &Watched, event: &WatchedEvent, latest: OffsetDateTime) -> Occasion {
    let back = (latest - event.at).max(Duration::ZERO).whole_minutes();
    let at_node = |node: &str| {
        let ended = |task: &&zhengtong_casework::WatchedTask| {
            task.node == node && task.closed_at == Some(event.at)
        };
        watched.tasks.iter().find(ended).map(|task| task.id)
    };
    Occasion {
        source: format!("event/{}", event.seq),
        kind: "event",
        word: event.kind.clone(),
        clock: String::new(),
        title: event.text.clone(),
        at: event.at,
        own: own(
            "event",
            json!({
                "kind": event.kind, "seq": event.seq, "node": event.node,
                "reason_chars": event.reason_chars.unwrap_or(0), "minutes_back": back,
                "at": moment(event.at), "before": moment(latest),
            }),
        ),
        todo: event.node.as_deref().and_then(at_node),
    }
}

fn moment(at: OffsetDateTime) -> String {
    let local = at.to_offset(time::macros::offset!(+8));
    format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
}

fn rung_title(clock: &str, rung: &str) -> Text {
    let of = match clock {
        "promised" => Text::new("承诺期限", "Promised time"),
        "statutory" => Text::new("法定期限", "Statutory time"),
        "step" => Text::new("环节期限", "Time of the step"),
        "acceptance" => Text::new("受理期限", "Time to accept"),
        "correction" => Text::new("补正期限", "Time to supply"),
        other => Text::same(other),
    };
    let what = match rung {
        "soon" => Text::new("将到", "nearly up"),
        "overdue" => Text::new("已过", "up"),
        "long_overdue" => Text::new("已过多日", "long up"),
        other => Text::same(other),
    };
    Text::new(format!("{}{}", of.zh, what.zh), format!("{} {}", of.en, what.en))
}

/// Everything a rule sees of an occasion.
pub(crate) fn facts(watched: Option<&Watched>, occasion: &Occasion) -> Map<String, Value> {
    let mut facts = Map::new();
    for name in ["event", "rung", "finding", "news", "case"] {
        facts.insert(name.to_owned(), json!({}));
    }
    facts.insert("clock".to_owned(), json!({}));
    facts.extend(occasion.own.clone());
    let Some(watched) = watched else { return facts };
    let seq = occasion.own.get("event").and_then(|event| event.get("seq")).and_then(Value::as_i64);
    let by_then = |event: &&WatchedEvent| match seq {
        Some(seq) => i64::from(event.seq) <= seq,
        None => event.at <= occasion.at,
    };
    let count = |kind: &str| {
        watched.events.iter().filter(by_then).filter(|event| event.kind == kind).count()
    };
    facts.insert(
        "case".to_owned(),
        json!({
            "no": watched.no, "item": watched.item, "type": watched.kind,
            "department": watched.department_name,
            "corrections": count("correct"), "supplies": count("supply"),
            "accepted": count("accept") > 0, "stopped_days": stopped_days(watched, occasion.at),
            "age_days": (occasion.at - watched.submitted_at).whole_days(),
        }),
    );
    facts.insert("clock".to_owned(), clocks(watched, occasion.at));
    facts
}

/// The latest clock of each name as it stood at a moment.
fn clocks(watched: &Watched, at: OffsetDateTime) -> Value {
    let mut standing = Map::new();
    for name in ["promised", "statutory", "step", "acceptance", "correction"] {
        standing.insert(name.to_owned(), json!({ "runs": false, "overdue": false, "due": null }));
    }
    for clock in watched.clocks.iter().filter(|clock| clock.started_at <= at) {
        standing.insert(
            clock.name.clone(),
            json!({
                "runs": clock.ended_at.is_none_or(|ended| ended > at),
                "overdue": over_from(clock).is_some_and(|from| from <= at),
                "due": clock.due_day.map(|day| day.to_string()),
            }),
        );
    }
    Value::Object(standing)
}

/// The moment at which a clock ran over or will, unless it ended in time.
fn over_from(clock: &WatchedClock) -> Option<OffsetDateTime> {
    let due = clock.due_at?;
    clock.ended_at.is_none_or(|ended| ended > due).then_some(due)
}

fn stopped_days(watched: &Watched, at: OffsetDateTime) -> i64 {
    let days = |stop: &WatchedStop| {
        let to = china_date(stop.to.unwrap_or(at).min(at));
        (to - china_date(stop.from.min(at))).whole_days()
    };
    watched.stops.iter().filter(|stop| stop.from <= at).map(days).sum()
}

impl Standing {
    /// Where a case stands, out of its record: of what happened and of its clocks.
    pub(crate) fn of(watched: &Watched) -> Self {
        let first = |kinds: &[&str]| {
            let of = |event: &&WatchedEvent| kinds.contains(&event.kind.as_str());
            watched.events.iter().find(of).map(|event| event.at)
        };
        let whole = watched.clocks.iter().filter(|clock| WHOLE.contains(&clock.name.as_str()));
        let promised = watched.clocks.iter().rev().find(|clock| clock.name == "promised");
        Self {
            no: watched.no.clone(),
            kind: watched.kind.clone(),
            item: watched.item.clone(),
            title: watched.title.clone(),
            department: watched.department,
            department_name: watched.department_name.clone(),
            state: watched.state,
            submitted_at: watched.submitted_at,
            accepted_at: first(&["accept"]),
            decided_at: first(&["grant", "refuse"]),
            closed_at: watched.closed_at,
            due_day: promised.and_then(|clock| clock.due_day),
            over_from: whole.filter_map(over_from).min(),
        }
    }
}
