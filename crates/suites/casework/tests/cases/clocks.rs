//! Several clocks at once, stops and extensions with their ledger, and what is refused.

use time::macros::date;
use time::{Date, Duration};
use zhengtong_base::Kind;
use zhengtong_calendar::ClockState;
use zhengtong_casework::{
    ClockView, Extending, Suspending, Whose, audit, extend, resume, supply, suspend,
};
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, city, decide, fields, head, kind, opened, paper, reviewer, seen, task, verbs,
    window,
};

async fn named(test: &TestDb, no: &str, name: &str) -> Option<ClockView> {
    let view = seen(test, head(), no).await;
    view.all_clocks.into_iter().rev().find(|clock| clock.name == name)
}

async fn due(test: &TestDb, no: &str, name: &str) -> Option<Date> {
    Some(named(test, no, name).await?.reading.deadline?.date)
}

fn more(amount: u32) -> Extending<'static> {
    Extending { clock: "statutory", amount, reason: "案情复杂", notice: "", seen: None }
}

/// What is kept of every open clock is what its record gives.
async fn sound(test: &TestDb) {
    let mut ctx = test.ctx(zhengtong_db::Actor::system("test")).await;
    let (found, _) = audit(&mut ctx, uuid::Uuid::nil()).await.unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn a_case_has_several_clocks_at_once() {
    let test = city().await;
    let no = opened(&test).await;
    // From Monday 2 March 2026: five working days to accept.
    assert_eq!(due(&test, &no, "acceptance").await, Some(date!(2026 - 03 - 09)));
    sound(&test).await;
    decide(&test, window(), &no, "correct", "缺图").await.unwrap();
    let correction = named(&test, &no, "correction").await.unwrap();
    assert_eq!((correction.side, correction.ended), (Whose::Applicant, None));
    assert_eq!(correction.reading.deadline.unwrap().date, date!(2026 - 03 - 30));
    assert!(named(&test, &no, "acceptance").await.unwrap().ended.is_some());
    let todo = task(&seen(&test, agent(), &no).await, "supply");
    assert_eq!(todo.due_day, Some(date!(2026 - 03 - 30)));
    sound(&test).await;

    test.clock.advance(Duration::days(2));
    let mut ctx = test.ctx(agent()).await;
    supply(&mut ctx, &no, todo.id, &[paper("布局图")], "").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(named(&test, &no, "correction").await.unwrap().ended.is_some());
    // Five days again from Wednesday.
    assert_eq!(due(&test, &no, "acceptance").await, Some(date!(2026 - 03 - 11)));
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let view = seen(&test, head(), &no).await;
    let open: Vec<&str> = view
        .all_clocks
        .iter()
        .filter(|clock| clock.ended.is_none())
        .map(|clock| clock.name.as_str())
        .collect();
    // The review and the site visit go side by side, each under a clock of its own.
    assert_eq!(open, ["promised", "statutory", "step", "step"]);
    sound(&test).await;
}

#[tokio::test]
async fn who_does_not_answer_in_time_has_accepted_on_the_day_of_receipt() {
    let test = city().await;
    let no = opened(&test).await;
    // Nothing was said by Monday the 9th; on Wednesday the 11th it is accepted at last.
    test.clock.advance(Duration::days(9));
    decide(&test, window(), &no, "accept", "").await.unwrap();
    assert_eq!(due(&test, &no, "promised").await, Some(date!(2026 - 03 - 09)));
    assert_eq!(due(&test, &no, "statutory").await, Some(date!(2026 - 03 - 30)));
    let promised = named(&test, &no, "promised").await.unwrap();
    assert_eq!(promised.reading.state, ClockState::Overdue { days: 2 });
    sound(&test).await;
}

#[tokio::test]
async fn an_extension_is_approved_by_the_head_and_moves_both_days() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(kind(extend(&mut ctx, &no, more(5)).await), Kind::NotFound);
    drop(ctx);
    let mut ctx = test.ctx(head()).await;
    for (amount, reason, field) in [(0, "复杂", "days"), (11, "复杂", "days"), (5, " ", "reason")]
    {
        let refused = extend(&mut ctx, &no, Extending { reason, ..more(amount) }).await;
        assert_eq!(fields(&refused.unwrap_err()), [field]);
    }
    let promised = Extending { clock: "promised", ..more(5) };
    assert_eq!(kind(extend(&mut ctx, &no, promised).await), Kind::Conflict);
    drop(ctx);
    let mut ctx = test.ctx(head()).await;
    extend(&mut ctx, &no, Extending { notice: "示例延〔2026〕1号", ..more(10) }).await.unwrap();
    ctx.commit().await.unwrap();
    // 5 and 20 working days from Monday 2 March, each ten longer.
    assert_eq!(due(&test, &no, "promised").await, Some(date!(2026 - 03 - 23)));
    assert_eq!(due(&test, &no, "statutory").await, Some(date!(2026 - 04 - 14)));
    let view = seen(&test, agent(), &no).await;
    let act = view.clock_acts.iter().find(|act| act.more.is_some()).unwrap();
    assert_eq!(act.clocks, ["statutory", "promised"]);
    assert_eq!((act.by.as_str(), act.reason.as_str()), (head().name.as_str(), "案情复杂"));
    assert_eq!(act.notice.as_deref(), Some("示例延〔2026〕1号"));
    assert_eq!(view.events.last().unwrap().reason.as_deref(), Some("案情复杂"));
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(extend(&mut ctx, &no, more(1)).await), Kind::Conflict);
    assert!(verbs(&mut ctx, "case").await.contains(&"casework.extend".to_owned()));
    drop(ctx);
    sound(&test).await;
}

#[tokio::test]
async fn an_extension_after_the_end_comes_too_late() {
    let test = city().await;
    let no = accepted(&test).await;
    test.clock.advance(Duration::days(30));
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(extend(&mut ctx, &no, more(5)).await), Kind::Conflict);
}

#[tokio::test]
async fn a_stop_tells_how_long_by_whom_and_is_not_dated_back() {
    let test = city().await;
    let no = accepted(&test).await;
    let stop =
        Suspending { notice: "示例告〔2026〕7号", ..Suspending::new("inspection", "送检") };
    let mut ctx = test.ctx(reviewer()).await;
    let yesterday = Suspending { from: Some(date!(2026 - 03 - 01)), ..stop };
    assert_eq!(fields(&suspend(&mut ctx, &no, yesterday).await.unwrap_err()), ["from"]);
    let tomorrow = Suspending { from: Some(date!(2026 - 03 - 03)), ..stop };
    assert_eq!(fields(&suspend(&mut ctx, &no, tomorrow).await.unwrap_err()), ["from"]);
    for told in [0, 31] {
        let long = Suspending { told_days: Some(told), ..stop };
        assert_eq!(fields(&suspend(&mut ctx, &no, long).await.unwrap_err()), ["told"]);
    }
    let today = Suspending { from: Some(date!(2026 - 03 - 02)), told_days: Some(3), ..stop };
    suspend(&mut ctx, &no, today).await.unwrap();
    ctx.commit().await.unwrap();
    let view = seen(&test, agent(), &no).await;
    let act = &view.clock_acts[0];
    assert_eq!(act.told, Some((3, Some(date!(2026 - 03 - 05)))));
    assert_eq!((act.by.as_str(), act.until), (reviewer().name.as_str(), None));
    assert_eq!(act.notice.as_deref(), Some("示例告〔2026〕7号"));
    assert_eq!(act.clocks, ["promised", "statutory", "step"]);
    // The words of the officer stand sealed in the table.
    let kept: String = sqlx::query_scalar("SELECT reason FROM casework.suspension")
        .fetch_one(test.ctx(reviewer()).await.conn())
        .await
        .unwrap();
    assert!(!kept.contains("送检"), "{kept}");
    sound(&test).await;
}

#[tokio::test]
async fn a_clock_set_back_refuses_the_act() {
    let test = city().await;
    let no = accepted(&test).await;
    test.clock.advance(Duration::days(1));
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("hearing", "听证")).await.unwrap();
    ctx.commit().await.unwrap();
    // The clock of the server goes back by an hour: nothing can be resumed before it was stopped.
    let mut ctx = test.ctx(reviewer()).await;
    ctx.now -= Duration::hours(1);
    assert_eq!(kind(resume(&mut ctx, &no).await), Kind::Conflict);
    drop(ctx);
    let mut ctx = test.ctx(reviewer()).await;
    resume(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(reviewer()).await;
    ctx.now -= Duration::hours(1);
    let back = suspend(&mut ctx, &no, Suspending::new("hearing", "听证")).await;
    assert_eq!(fields(&back.unwrap_err()), ["from"]);
}

#[tokio::test]
async fn a_task_that_comes_while_the_clock_stands_has_its_whole_time_after() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("expert_review", "评审")).await.unwrap();
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::days(1));
    decide(&test, reviewer(), &no, "reviewed", "").await.unwrap();
    let waiting = task(&seen(&test, head(), &no).await, "inspected");
    assert_eq!(waiting.due_day, None);
    test.clock.advance(Duration::days(6));
    let mut ctx = test.ctx(reviewer()).await;
    resume(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    let step = named(&test, &no, "step").await.unwrap();
    let day = task(&seen(&test, head(), &no).await, "inspected").due_day;
    assert_eq!(day, Some(step.reading.deadline.unwrap().date));
    // Resumed on Monday 9 March, which counts again.
    let days = i64::from(step.budget) - 1;
    assert_eq!(day, Some(date!(2026 - 03 - 09) + Duration::days(days)));
    sound(&test).await;
}

#[tokio::test]
async fn a_case_whose_limit_makes_no_sense_is_not_opened() {
    let test = city().await;
    for days in [0, 10_000] {
        let mut opening = crate::world::opening();
        opening.promised_days = days;
        let mut ctx = test.ctx(agent()).await;
        let refused = zhengtong_casework::open(&mut ctx, opening).await.unwrap_err();
        assert_eq!(fields(&refused), ["promised"]);
    }
}
