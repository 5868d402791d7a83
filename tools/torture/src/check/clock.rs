//! I4: the deadlines that the city shows are those that its events give, recomputed with the calendar alone.

use anyhow::Result;
use serde_json::Value;
use time::{Date, OffsetDateTime};
use zhengtong_calendar::{Calendar, Clock, Suspension, Unit, china_date};
use zhengtong_walk::now;
use zhengtong_walk::session::Session;

use super::{Broken, Rows, broken, number, text};

/// Working days in which an application must be accepted, refused or sent back.
const ACCEPTANCE_DAYS: u32 = 5;

/// Compares the deadlines of these cases as their applicant is shown them.
pub(crate) async fn deadlines(
    agent: &Session,
    rows: &Rows,
    numbers: &[String],
) -> Result<Vec<Broken>> {
    let mut found = Vec::new();
    for no in numbers {
        let Some(case) = rows.cases.iter().find(|case| text(case, "no") == no) else { continue };
        let reply = agent.get(&format!("/api/v1/cases/{no}")).await?;
        let Ok(shown) = serde_json::from_slice::<Value>(&reply.body) else {
            found.push(broken("I1", format!("{no} cannot be read back: {}", reply.status)));
            continue;
        };
        let shown_no = shown.pointer("/case/no").and_then(Value::as_str).unwrap_or_default();
        if shown_no != no {
            found.push(broken("I1", format!("{no} is shown as {shown_no:?} ({})", reply.status)));
            continue;
        }
        for (clock, budget) in [("promised", "promised_days"), ("statutory", "statutory_days")] {
            let days = u32::try_from(number(case, budget)).unwrap_or(0);
            let expected = deadline(rows, no, days);
            let there = shown.pointer(&format!("/{clock}/deadline")).and_then(Value::as_str);
            if expected.as_deref() != there {
                let what = format!("{no} {clock}: shown {there:?}, recomputed {expected:?}");
                found.push(broken("I4", what));
            }
        }
    }
    Ok(found)
}

/// The deadline by the events alone; none before acceptance and while the clock stands.
fn deadline(rows: &Rows, no: &str, days: u32) -> Option<String> {
    let events = rows.events.iter().filter(|event| text(event, "no") == no);
    let (mut clock, mut submitted): (Option<Clock>, _) = (None, None);
    let mut on =
        china_date(OffsetDateTime::from_unix_timestamp(i64::try_from(now::seconds()).ok()?).ok()?);
    for event in events {
        let nanos = i128::from(number(event, "at_us")) * 1_000;
        let day = china_date(OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?);
        match (text(event, "kind"), &mut clock) {
            ("submit", None) => submitted = Some(day),
            ("accept", None) => {
                let from = submitted.filter(|received| is_deemed(*received, day)).unwrap_or(day);
                clock = Some(Clock::new(days, Unit::WorkingDay, from));
            }
            ("suspend", Some(clock)) => clock.suspensions.push(Suspension {
                kind: "inspection".to_owned(),
                from: day,
                to: None,
                reason: String::new(),
            }),
            ("resume", Some(clock)) => {
                if let Some(last) = clock.suspensions.last_mut() {
                    last.to = Some(day);
                }
            }
            ("grant" | "refuse", Some(_)) => on = day,
            _ => {}
        }
    }
    let reading = clock?.read(Calendar::china(), on).ok()?;
    reading.deadline.map(|deadline| deadline.date.to_string())
}

/// Whether whoever received an application on the one day and said nothing until the other had accepted it on the first
/// (Administrative Licensing Law, article 32): the pack gives five working days.
fn is_deemed(received: Date, answered: Date) -> bool {
    let clock = Clock::new(ACCEPTANCE_DAYS, Unit::WorkingDay, received);
    let reading = clock.read(Calendar::china(), answered);
    reading.ok().and_then(|reading| reading.deadline).is_some_and(|last| answered > last.date)
}
