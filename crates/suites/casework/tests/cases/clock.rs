//! The promised date of a case: it begins with acceptance, stands still for a special procedure, moves by that.

use time::Duration;
use time::macros::date;
use zhengtong_base::Kind;
use zhengtong_calendar::ClockState;
use zhengtong_casework::{Clocks, Filter, counts, inbox, resume};
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, city, decide, fields, head, inspector, kind, opened, reviewer, seen, suspend,
    task, window,
};

async fn clocks(test: &TestDb, no: &str) -> Clocks {
    seen(test, agent(), no).await.clocks.unwrap()
}

fn deadline(clocks: &Clocks) -> Option<String> {
    clocks.promised.reading.deadline.as_ref().map(|deadline| deadline.date.to_string())
}

#[tokio::test]
async fn the_clock_starts_with_acceptance() {
    let test = city().await;
    let no = opened(&test).await;
    test.clock.advance(Duration::days(1));
    assert!(seen(&test, agent(), &no).await.clocks.is_none());
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let clocks = clocks(&test, &no).await;
    assert_eq!(deadline(&clocks).as_deref(), Some("2026-03-10"));
    assert_eq!((clocks.promised.budget, clocks.statutory.budget), (5, 20));
    let statutory = clocks.statutory.reading.deadline.unwrap().date;
    assert_eq!(statutory.to_string(), "2026-03-31");
}

#[tokio::test]
async fn a_special_procedure_moves_the_promised_date() {
    let test = city().await;
    let no = accepted(&test).await;
    assert_eq!(deadline(&clocks(&test, &no).await).as_deref(), Some("2026-03-09"));

    test.clock.advance(Duration::days(1));
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, "inspection", "水质送检").await.unwrap();
    ctx.commit().await.unwrap();
    let view = seen(&test, agent(), &no).await;
    let reading = &view.clocks.as_ref().unwrap().promised.reading;
    assert!(view.stopped && reading.deadline.is_none());
    assert!(matches!(reading.state, ClockState::Suspended { .. }), "{:?}", reading.state);
    let told = view.events.last().unwrap();
    assert_eq!((told.kind.as_str(), told.reason.as_deref()), ("suspend", Some("水质送检")));

    test.clock.advance(Duration::days(2));
    let mut ctx = test.ctx(reviewer()).await;
    resume(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    let clocks = clocks(&test, &no).await;
    assert_eq!(deadline(&clocks).as_deref(), Some("2026-03-11"));
    assert_eq!(clocks.promised.reading.state, ClockState::Running);
    assert!(!seen(&test, agent(), &no).await.stopped);
}

#[tokio::test]
async fn the_inbox_knows_a_stop_and_gives_its_days_back() {
    let test = city().await;
    let no = accepted(&test).await;
    let row = async |filter| {
        let mut ctx = test.ctx(reviewer()).await;
        let page = inbox(&mut ctx, filter).await.unwrap();
        let counts = counts(&mut ctx).await.unwrap();
        (page.rows.into_iter().next(), counts)
    };
    // Accepted on Monday with two days for the review, stopped on Tuesday.
    assert_eq!(row(Filter::All).await.0.unwrap().todo.due_day, Some(date!(2026 - 03 - 04)));
    test.clock.advance(Duration::days(1));
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, "inspection", "水质送检").await.unwrap();
    ctx.commit().await.unwrap();
    // On the next Monday it stands still: neither late nor nearly due, with its reason.
    test.clock.advance(Duration::days(6));
    let (stopped, counts) = row(Filter::All).await;
    let (title, since) = stopped.unwrap().stopped.unwrap();
    assert_eq!((title.zh.as_str(), since), ("检验检测", date!(2026 - 03 - 03)));
    assert_eq!((counts.all, counts.over, counts.near), (1, 0, 0));
    assert!(row(Filter::Over).await.0.is_none());
    let mut ctx = test.ctx(reviewer()).await;
    resume(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    // Tuesday to Friday were lost: four working days later.
    let item = row(Filter::All).await.0.unwrap();
    assert_eq!((item.todo.due_day, item.stopped), (Some(date!(2026 - 03 - 10)), None));
    assert_eq!(item.days_left, Some(1));
}

#[tokio::test]
async fn over_a_weekend_no_working_day_is_lost() {
    let test = city().await;
    accepted(&test).await;
    let left = async |days| {
        test.clock.advance(Duration::days(days));
        let mut ctx = test.ctx(reviewer()).await;
        inbox(&mut ctx, Filter::All).await.unwrap().rows[0].days_left
    };
    // Due on Wednesday the 4th. On Friday two days late, over the weekend still two, on Monday three.
    assert_eq!(left(4).await, Some(-2));
    assert_eq!(left(1).await, Some(-2));
    assert_eq!(left(1).await, Some(-2));
    assert_eq!(left(1).await, Some(-3));
}

#[tokio::test]
async fn the_applicant_has_the_time_that_the_case_type_declares() {
    let test = city().await;
    let no = opened(&test).await;
    decide(&test, window(), &no, "correct", "缺图").await.unwrap();
    let view = seen(&test, agent(), &no).await;
    let todo = task(&view, "supply");
    // 20 working days from Monday 2 March 2026; the process itself names no days.
    assert_eq!(todo.due_day, Some(date!(2026 - 03 - 30)));
    let mut ctx = test.ctx(reviewer()).await;
    let page = inbox(&mut ctx, Filter::Correcting).await.unwrap();
    let counts = counts(&mut ctx).await.unwrap();
    assert_eq!((page.rows[0].todo.id, page.rows.len(), counts.correcting), (todo.id, 1, 1));
    assert_eq!((counts.all, counts.free), (0, 0));
}

#[tokio::test]
async fn a_decided_case_is_read_on_the_day_of_its_decision() {
    let test = city().await;
    let no = accepted(&test).await;
    test.clock.advance(Duration::days(9));
    decide(&test, reviewer(), &no, "reviewed", "").await.unwrap();
    decide(&test, inspector(), &no, "inspected", "").await.unwrap();
    decide(&test, head(), &no, "grant", "").await.unwrap();
    let then = clocks(&test, &no).await.promised.reading;
    assert_eq!((then.state.clone(), then.overdue), (ClockState::Overdue { days: 2 }, 2));
    test.clock.advance(Duration::days(60));
    assert_eq!(clocks(&test, &no).await.promised.reading, then);
}

#[tokio::test]
async fn stopping_needs_a_kind_a_reason_and_a_running_clock() {
    let test = city().await;
    let no = opened(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(suspend(&mut ctx, &no, "hearing", "听证").await), Kind::Conflict);
    drop(ctx);
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let mut ctx = test.ctx(reviewer()).await;
    let holiday = suspend(&mut ctx, &no, "holiday", "放假").await.unwrap_err();
    assert_eq!(fields(&holiday), ["kind"]);
    assert_eq!(fields(&suspend(&mut ctx, &no, "hearing", " ").await.unwrap_err()), ["reason"]);
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::Conflict);
    suspend(&mut ctx, &no, "hearing", "听证").await.unwrap();
    assert_eq!(kind(suspend(&mut ctx, &no, "inspection", "送检").await), Kind::Conflict);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::NotFound);
}
