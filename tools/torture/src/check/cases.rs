//! I1 every acknowledged act exists once, I2 numbers are unique, I3 events are a legal path, I5 each change has
//! exactly one entry of the record.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Broken, Kind, Rows, broken, miscounted, number, text};
use crate::history::Line;

/// What a client does, as the events of a case and the record call it: event kind, node, verb.
fn called(line: &Line) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match (line.op, line.detail.as_str()) {
        ("decide", "accept") => ("accept", "accept", "casework.accept"),
        ("decide", "decline") => ("decline", "accept", "casework.decline"),
        ("decide", "reviewed") => ("pass", "review", "casework.pass"),
        ("decide", "inspected") => ("pass", "inspect", "casework.pass"),
        ("decide", "grant") => ("grant", "decide", "casework.grant"),
        ("decide", "refuse") => ("refuse", "decide", "casework.refuse"),
        ("suspend", _) => ("suspend", "", "casework.suspend"),
        ("resume", _) => ("resume", "", "casework.resume"),
        _ => return None,
    })
}

/// The kind of an event and the verb that its entry of the record has.
const VERBS: &[(&str, &str)] = &[
    ("submit", "casework.open"),
    ("accept", "casework.accept"),
    ("correct", "casework.correct"),
    ("decline", "casework.decline"),
    ("supply", "casework.supply"),
    ("pass", "casework.pass"),
    ("grant", "casework.grant"),
    ("refuse", "casework.refuse"),
    ("withdraw", "casework.withdraw"),
    ("suspend", "casework.suspend"),
    ("resume", "casework.resume"),
];

/// A stop that nobody ended ends by rule with the decision or the end of the case: the act and the entry of the record
/// are those of the decision. Who acted stands sealed, so it is known by its instant, which is that of the decision.
fn ends_with_the_case(event: &Value) -> bool {
    text(event, "kind") == "resume"
        && event.get("with_the_end").and_then(Value::as_bool) == Some(true)
}

/// I1: what was acknowledged exists once; what nobody knows of exists at most once; what was refused does not.
pub(crate) fn acknowledged(history: &[Line], rows: &Rows) -> Vec<Broken> {
    let mut found = submissions(history, rows);
    found.extend(decisions(history, rows));
    found.extend(notes(history, rows));
    found
}

fn submissions(history: &[Line], rows: &Rows) -> Vec<Broken> {
    let mut found = Vec::new();
    let numbers: BTreeSet<&str> = rows.cases.iter().map(|case| text(case, "no")).collect();
    let drafts: BTreeMap<&str, &str> =
        rows.drafts.iter().map(|draft| (text(draft, "id"), text(draft, "no"))).collect();
    for line in history.iter().filter(|line| line.op == "submit") {
        let draft = line.thing.rsplit('/').next().unwrap_or_default();
        let kept = drafts.get(draft).copied();
        if line.result == "ok" && !numbers.contains(line.value.as_str()) {
            let what = format!("lost: case {} of draft {draft}", line.value);
            found.push(Broken { invariant: "I1", kind: Kind::Lost, what });
        }
        // A draft is swept after its time; its case stays.
        if line.result == "ok" && kept.is_some_and(|no| no != line.value) {
            let what = format!("draft {draft} was told {}, but became {kept:?}", line.value);
            found.push(broken("I1", what));
        }
    }
    let mut of_case: BTreeMap<&str, u32> = BTreeMap::new();
    for no in drafts.values().filter(|no| !no.is_empty()) {
        *of_case.entry(no).or_default() += 1;
        if !numbers.contains(no) {
            found.push(broken("I1", format!("a draft became {no}, which is not there")));
        }
    }
    for case in &rows.cases {
        let drafts = of_case.get(text(case, "no")).copied().unwrap_or(0);
        if drafts > 1 {
            let what = format!("case {} has {drafts} drafts", text(case, "no"));
            found.push(Broken { invariant: "I1", kind: Kind::Doubled, what });
        }
    }
    found
}

fn decisions(history: &[Line], rows: &Rows) -> Vec<Broken> {
    let mut told: BTreeMap<(&str, &str, &str), (u64, u64)> = BTreeMap::new();
    for line in history.iter().filter(|line| rows.whole(&line.thing)) {
        let Some((kind, node, _)) = called(line) else { continue };
        let counts = told.entry((line.thing.as_str(), kind, node)).or_default();
        match line.result {
            "ok" => counts.0 += 1,
            "unknown" => counts.1 += 1,
            _ => {}
        }
    }
    let touched: BTreeSet<&str> = told.keys().map(|(no, _, _)| *no).collect();
    let mut there: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for event in rows.events.iter().filter(|event| touched.contains(text(event, "no"))) {
        let kind = text(event, "kind");
        if matches!(kind, "submit" | "service" | "served") || ends_with_the_case(event) {
            continue;
        }
        *there.entry((text(event, "no"), kind, text(event, "node"))).or_default() += 1;
        told.entry((text(event, "no"), kind, text(event, "node"))).or_default();
    }
    told.iter()
        .filter_map(|(key, (done, unknown))| {
            let events = there.get(key).copied().unwrap_or(0);
            let (no, kind, node) = key;
            let range = *done..=done + unknown;
            (!range.contains(&events)).then(|| {
                let what = format!(
                    "{no} {kind} {node}: {done} told as done, {unknown} unknown, {events} there"
                );
                miscounted(events, done + unknown, what)
            })
        })
        .collect()
}

/// The words of notes stand sealed, so they are counted by case; that each is the one of its request says the record.
fn notes(history: &[Line], rows: &Rows) -> Vec<Broken> {
    let mut there: BTreeMap<&str, u64> = BTreeMap::new();
    for note in &rows.notes {
        *there.entry(text(note, "no")).or_default() += 1;
    }
    let mut told: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for line in history.iter().filter(|line| line.op == "note" && rows.whole(&line.thing)) {
        let counts = told.entry(line.thing.as_str()).or_default();
        match line.result {
            "ok" => counts.0 += 1,
            "unknown" => counts.1 += 1,
            _ => {}
        }
    }
    told.into_iter()
        .filter_map(|(no, (done, unknown))| {
            let count = there.get(no).copied().unwrap_or(0);
            let what = format!("{no}: {done} notes told as done, {unknown} unknown, {count} there");
            (!(done..=done + unknown).contains(&count))
                .then(|| miscounted(count, done + unknown, what))
        })
        .collect()
}

/// I2: the numbers of a series are 1, 2, 3 … without a double, and without a gap but for those that lie ready because what
/// took them was undone.
pub(crate) fn numbers(rows: &Rows) -> Vec<Broken> {
    let mut series: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for case in &rows.cases {
        let no = text(case, "no");
        let (scope, last) = no.rsplit_once('-').unwrap_or((no, ""));
        series.entry(scope).or_default().push(last.parse().unwrap_or(0));
    }
    for (name, ready) in &rows.ready {
        let Some(numbers) = series.get_mut(name.as_str()) else { continue };
        let last = numbers.iter().copied().max().unwrap_or(0);
        numbers.extend(ready.iter().filter(|number| **number < last));
    }
    let mut found = Vec::new();
    for (scope, mut numbers) in series {
        numbers.sort_unstable();
        for (expected, number) in (1..).zip(&numbers) {
            if expected != *number {
                found.push(broken("I2", format!("{scope}: {number} where {expected} should be")));
                break;
            }
        }
    }
    found
}

/// I3: the events of a case are a path that the law and the process allow, and they explain its state.
pub(crate) fn paths(rows: &Rows) -> Vec<Broken> {
    let mut events: BTreeMap<&str, Vec<(i64, &str, &str)>> = BTreeMap::new();
    for event in &rows.events {
        let step = (number(event, "seq"), text(event, "kind"), text(event, "node"));
        events.entry(text(event, "no")).or_default().push(step);
    }
    let mut found = Vec::new();
    for case in rows.cases.iter().filter(|case| rows.whole(text(case, "no"))) {
        let no = text(case, "no");
        let path = events.get(no).map_or(&[][..], Vec::as_slice);
        match walk(path) {
            Ok(state) if state == text(case, "state") => {}
            Ok(state) => {
                let what = format!("{no} is {}, its events say {state}", text(case, "state"));
                found.push(broken("I3", what));
            }
            Err(what) => found.push(broken("I3", format!("{no}: {what}"))),
        }
    }
    found
}

/// Where a case stands, by its events alone.
#[derive(Default)]
struct Walk {
    state: &'static str,
    passed: BTreeSet<String>,
    stopped: bool,
    issued: u8,
}

/// The state to which the events lead, or the event that was not allowed.
fn walk(events: &[(i64, &str, &str)]) -> Result<&'static str, String> {
    let mut walk = Walk::default();
    for (place, (seq, kind, node)) in (1..).zip(events) {
        if *seq != place {
            return Err(format!("event {place} has the number {seq}"));
        }
        if !walk.step(kind, node) {
            return Err(format!("event {place}: {kind} {node} when {}", walk.state));
        }
    }
    // Refused cases are closed by the process at once, granted ones once the licence is delivered.
    Ok(match walk.state {
        "granted" if walk.issued == 2 => "closed",
        "granted" => "decided",
        "refused" => "closed",
        "" => "nothing",
        state => state,
    })
}

impl Walk {
    fn step(&mut self, kind: &str, node: &str) -> bool {
        let both = self.passed.len() == 2;
        let next = match (self.state, kind, node) {
            ("", "submit", _)
            | ("correcting", "supply", "correct")
            | ("submitted", "service", "receive") => "submitted",
            ("submitted", "accept", "accept") => "accepted",
            ("submitted", "correct", "accept") => "correcting",
            ("submitted", "decline", "accept") => "declined",
            ("submitted" | "correcting" | "accepted", "withdraw", _) => "withdrawn",
            ("accepted", "pass", "review" | "inspect") => {
                if !self.passed.insert(node.to_owned()) {
                    return false;
                }
                "accepted"
            }
            ("accepted", "suspend", _) if !self.stopped => {
                self.stopped = true;
                "accepted"
            }
            ("accepted", "resume", _) if self.stopped => {
                self.stopped = false;
                "accepted"
            }
            ("accepted", "grant", "decide") if both => "granted",
            ("accepted", "refuse", "decide") if both => "refused",
            // The paper has come to whom it is for.
            ("granted" | "refused" | "declined", "served", _) => self.state,
            ("granted", "service", "issue") if self.issued == 0 => {
                self.issued = 1;
                "granted"
            }
            ("granted", "service", "deliver") if self.issued == 1 => {
                self.issued = 2;
                "granted"
            }
            _ => return false,
        };
        self.state = next;
        true
    }
}

/// I5, first part: every event of a case has exactly one entry, and every acknowledged act stands under the id of
/// the request that was answered.
pub(crate) fn entries(history: &[Line], rows: &Rows) -> Vec<Broken> {
    let mut balance: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for event in rows.events.iter().filter(|event| !ends_with_the_case(event)) {
        let kind = text(event, "kind");
        let Some((_, verb)) = VERBS.iter().find(|(word, _)| *word == kind) else { continue };
        balance.entry((text(event, "no"), verb)).or_default().0 += 1;
    }
    let mut by_request: BTreeMap<(&str, &str, &str), u32> = BTreeMap::new();
    for entry in &rows.entries {
        let (verb, thing) = (text(entry, "verb"), text(entry, "thing"));
        *by_request.entry((text(entry, "request"), verb, thing)).or_default() += 1;
        if VERBS.iter().any(|(_, known)| *known == verb) {
            balance.entry((thing, verb)).or_default().1 += 1;
        }
    }
    let mut found: Vec<Broken> = balance
        .iter()
        .filter(|(_, (events, entries))| events != entries)
        .map(|((no, verb), (events, entries))| {
            broken("I5", format!("{no} {verb}: {events} events, {entries} entries of the record"))
        })
        .collect();
    for line in history.iter().filter(|line| line.result == "ok" && !line.request.is_empty()) {
        let (verb, thing) = match called(line) {
            Some((_, _, verb)) => (verb, line.thing.as_str()),
            None if line.op == "submit" => ("service.submit", line.value.as_str()),
            None if line.op == "note" => ("casework.note", line.thing.as_str()),
            None => continue,
        };
        if !rows.whole(thing) {
            continue;
        }
        let count = by_request.get(&(line.request.as_str(), verb, thing)).copied().unwrap_or(0);
        // An answer under an idempotency key names the request that repeated it.
        let repeated = count == 0
            && rows
                .entries
                .iter()
                .any(|entry| text(entry, "verb") == verb && text(entry, "thing") == thing);
        if count != 1 && !repeated {
            let what = format!("{verb} {thing}: {count} entries of request {}", line.request);
            found.push(broken("I5", what));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(events: &[(&'static str, &'static str)], expected: Result<&'static str, &str>) {
        let numbered: Vec<(i64, &str, &str)> =
            (1..).zip(events).map(|(seq, (kind, node))| (seq, *kind, *node)).collect();
        assert_eq!(walk(&numbered), expected.map_err(str::to_owned), "{events:?}");
    }

    #[test]
    fn only_legal_paths_pass() {
        let filed = [("submit", ""), ("service", "receive")];
        let with = |more: &[(&'static str, &'static str)]| [&filed[..], more].concat();
        check(&filed, Ok("submitted"));
        check(&with(&[("decline", "accept")]), Ok("declined"));
        let decided = with(&[
            ("accept", "accept"),
            ("pass", "inspect"),
            ("suspend", ""),
            ("pass", "review"),
            ("grant", "decide"),
            ("service", "issue"),
            ("service", "deliver"),
        ]);
        check(&decided, Ok("closed"));
        check(&decided[..7], Ok("decided"));
        check(&with(&[("grant", "decide")]), Err("event 3: grant decide when submitted"));
        check(
            &with(&[("accept", "accept"), ("pass", "review"), ("pass", "review")]),
            Err("event 5: pass review when accepted"),
        );
        check(
            &with(&[("accept", "accept"), ("accept", "accept")]),
            Err("event 4: accept accept when accepted"),
        );
        assert!(walk(&[(1, "submit", ""), (3, "service", "receive")]).is_err());
    }

    fn line(op: &'static str, detail: &str, result: &'static str) -> Line {
        Line {
            seed: 1,
            client: 1,
            op,
            thing: "A-1".to_owned(),
            detail: detail.to_owned(),
            t0: 0,
            t1: 0,
            result,
            value: String::new(),
            request: String::new(),
            why: String::new(),
        }
    }

    #[test]
    fn lost_doubled_and_unasked_acts_are_found() {
        let event = serde_json::json!({"no": "A-1", "seq": 1, "kind": "accept", "node": "accept"});
        let rows = |count: usize| Rows { events: vec![event.clone(); count], ..Rows::default() };
        let ok = [line("decide", "accept", "ok")];
        let unknown = [line("decide", "accept", "unknown")];
        let fail = [line("decide", "accept", "fail")];
        let table: [(&[Line], usize, bool); 8] = [
            (&ok, 0, false),
            (&ok, 1, true),
            (&ok, 2, false),
            (&unknown, 0, true),
            (&unknown, 1, true),
            (&unknown, 2, false),
            (&fail, 0, true),
            (&fail, 1, false),
        ];
        for (history, count, holds) in table {
            let found = decisions(history, &rows(count));
            assert_eq!(found.is_empty(), holds, "{history:?} {count}");
            let kind = if count == 0 { Kind::Lost } else { Kind::Doubled };
            assert!(found.iter().all(|broken| broken.kind == kind), "{found:?}");
        }
    }

    #[test]
    fn a_stop_that_ends_with_the_decision_is_nobodys_act() {
        let resume = |with_the_end: bool| Rows {
            events: vec![serde_json::json!({
                "no": "A-1", "seq": 1, "kind": "resume", "node": "", "with_the_end": with_the_end
            })],
            ..Rows::default()
        };
        let stopped = [line("suspend", "", "fail")];
        let unasked = |with_the_end| decisions(&stopped, &resume(with_the_end)).len();
        assert_eq!((unasked(true), unasked(false)), (0, 1));
        assert!(entries(&[], &resume(true)).is_empty());
        assert_eq!(entries(&[], &resume(false)).len(), 1, "an act without its entry");
    }

    #[test]
    fn what_was_not_read_is_not_judged() {
        let ok = [line("decide", "accept", "ok"), line("note", "a word", "ok")];
        let narrow = |of: &str| Rows { scope: Some([of.to_owned()].into()), ..Rows::default() };
        assert_eq!(acknowledged(&ok, &narrow("A-1")).len(), 2);
        assert!(acknowledged(&ok, &narrow("A-2")).is_empty());
    }

    #[test]
    fn a_gap_and_a_double_in_the_numbers_are_found() {
        let rows = |numbers: &[&str]| Rows {
            cases: numbers.iter().map(|no| serde_json::json!({ "no": no })).collect(),
            ..Rows::default()
        };
        assert!(numbers(&rows(&["S-000001", "S-000002"])).is_empty());
        assert_eq!(numbers(&rows(&["S-000001", "S-000003"])).len(), 1);
        assert_eq!(numbers(&rows(&["S-000001", "S-000001"])).len(), 1);
        let mut given_back = rows(&["S-000001", "S-000003"]);
        given_back.ready = [("S".to_owned(), vec![2, 4, 5])].into();
        assert!(numbers(&given_back).is_empty());
        given_back.ready = [("S".to_owned(), vec![1, 2])].into();
        assert_eq!(numbers(&given_back).len(), 1, "given and ready at once");
    }
}
