//! A change of a calendar or a limit reaches every open clock, also after a crash; rungs fire once each.

use serde_json::Value;
use time::macros::date;
use time::{Date, Duration};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_calendar::Unit;
use zhengtong_casework::{
    Limit, RungNews, Suspending, attach_clocks, audit, calendars, fire, overlong, recompute,
    set_days, set_limit, suspend,
};
use zhengtong_db::jobs::{self, Work};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx};

use crate::world::{accepted, agent, city, fields, head, officer, opened, reviewer, seen};

fn admin() -> Actor {
    officer(30, "system-admin")
}

async fn system(test: &TestDb) -> Ctx {
    test.ctx(Actor::system("test")).await
}

async fn promised(test: &TestDb, no: &str) -> (Date, bool) {
    let clocks = seen(test, head(), no).await.clocks.unwrap();
    let deadline = clocks.promised.reading.deadline.unwrap();
    (deadline.date, deadline.provisional)
}

/// What is kept for the order of the inbox, without working it out.
async fn kept(test: &TestDb, no: &str, name: &str) -> Option<Date> {
    sqlx::query_scalar(r#"SELECT due_day FROM casework.clock WHERE "case" = $1 AND name = $2"#)
        .bind(no)
        .bind(name)
        .fetch_one(system(test).await.conn())
        .await
        .unwrap()
}

async fn stale(test: &TestDb) -> i64 {
    calendars(&mut system(test).await).await.unwrap().stale
}

/// All rungs that were told, as case, clock and rung.
async fn told(test: &TestDb) -> Vec<(String, String)> {
    let payloads: Vec<Value> = sqlx::query_scalar(
        "SELECT payload FROM db.outbox WHERE topic = 'casework.rung' ORDER BY id",
    )
    .fetch_all(system(test).await.conn())
    .await
    .unwrap();
    let news = payloads.iter().map(|payload| RungNews::read(payload).unwrap());
    news.map(|news| (news.clock, news.rung)).collect()
}

/// Waits until a transaction that was dropped has let its rows go.
async fn let_go(test: &TestDb) {
    let mut ctx = system(test).await;
    sqlx::query("SELECT id FROM casework.clock ORDER BY id FOR UPDATE")
        .fetch_all(ctx.conn())
        .await
        .unwrap();
    ctx.commit().await.unwrap();
}

async fn fire_all(test: &TestDb) {
    loop {
        let mut ctx = system(test).await;
        let fired = fire(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        if fired == 0 {
            break;
        }
    }
}

#[tokio::test]
async fn a_day_off_that_comes_later_moves_every_open_clock() {
    let test = city().await;
    let no = accepted(&test).await;
    assert_eq!(promised(&test, &no).await, (date!(2026 - 03 - 09), false));
    let mut ctx = test.ctx(admin()).await;
    let revision = set_days(
        &mut ctx,
        "cn",
        "2026-03-06\tholiday\t台风停工\tTyphoon\n2026-03-07\tworkday\t补班\tMake-up",
        "应急〔2026〕3号",
    )
    .await
    .unwrap();
    assert_eq!(revision, 1);
    ctx.commit().await.unwrap();
    // A page is right at once; what is kept follows with the job.
    assert_eq!(promised(&test, &no).await.0, date!(2026 - 03 - 09));
    assert_eq!(
        (kept(&test, &no, "promised").await, stale(&test).await),
        (Some(date!(2026 - 03 - 09)), 4)
    );
    let mut ctx = test.ctx(admin()).await;
    set_days(&mut ctx, "cn", "2026-03-07\tordinary\t补班取消\tNo make-up", "更正").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(promised(&test, &no).await.0, date!(2026 - 03 - 10));
    let work = attach_clocks(Work::default());
    jobs::drain(&test.db, &work, 20).await.unwrap();
    assert_eq!(
        (kept(&test, &no, "promised").await, stale(&test).await),
        (Some(date!(2026 - 03 - 10)), 0)
    );
    let (found, _) = audit(&mut system(&test).await, uuid::Uuid::nil()).await.unwrap();
    assert_eq!(found, []);
    let shown = calendars(&mut test.ctx(admin()).await).await.unwrap();
    assert_eq!(shown.changes.len(), 2);
    assert_eq!(shown.changes[0].reason, "更正");
}

#[tokio::test]
async fn work_that_was_cut_off_goes_on_and_nothing_is_done_twice() {
    let test = city().await;
    let mut numbers = Vec::new();
    for _ in 0..6 {
        numbers.push(accepted(&test).await);
    }
    let mut ctx = test.ctx(admin()).await;
    set_days(&mut ctx, "cn", "2026-03-03\tholiday\t停工\tOff", "示例").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(stale(&test).await, 24);
    // The first batch is lost with its transaction, as by a crash.
    let mut ctx = system(&test).await;
    assert_eq!(recompute(&mut ctx).await.unwrap(), 24);
    drop(ctx);
    let_go(&test).await;
    assert_eq!(stale(&test).await, 24);
    // One clock is being acted on: it is left for the next run, the others go on.
    let mut busy = system(&test).await;
    sqlx::query(r#"SELECT 1 FROM casework.clock WHERE "case" = $1 FOR UPDATE"#)
        .bind(&numbers[0])
        .execute(busy.conn())
        .await
        .unwrap();
    let mut ctx = system(&test).await;
    assert_eq!(recompute(&mut ctx).await.unwrap(), 20);
    ctx.commit().await.unwrap();
    drop(busy);
    let_go(&test).await;
    let mut ctx = system(&test).await;
    assert_eq!(recompute(&mut ctx).await.unwrap(), 4);
    assert_eq!(recompute(&mut ctx).await.unwrap(), 0);
    ctx.commit().await.unwrap();
    for no in &numbers {
        assert_eq!(kept(&test, no, "promised").await, Some(date!(2026 - 03 - 10)));
    }
}

#[tokio::test]
async fn a_changed_limit_reaches_the_cases_that_are_open() {
    let test = city().await;
    let no = accepted(&test).await;
    let limit = |days| Limit { days, unit: Unit::WorkingDay };
    let (pack, clock) = ("food-business:licence", "promised");
    let mut ctx = test.ctx(admin()).await;
    let today = date!(2026 - 03 - 02);
    for (kind, clock, days, from, reason, field) in [
        (pack, clock, 0, today, "依据", "limit"),
        (pack, clock, 10_000, today, "依据", "limit"),
        (pack, "moon", 3, today, "依据", "clock"),
        (pack, "step", 3, today, "依据", "clock"),
        ("a:b", clock, 3, today, "依据", "clock"),
        (pack, clock, 3, date!(2025 - 02 - 01), "依据", "from"),
        (pack, clock, 3, date!(2029 - 01 - 01), "依据", "from"),
        (pack, clock, 3, today, " ", "reason"),
    ] {
        let refused =
            set_limit(&mut ctx, (kind, clock), limit(days), from, reason).await.unwrap_err();
        assert_eq!(fields(&refused), [field]);
    }
    set_limit(&mut ctx, (pack, clock), limit(3), today, "承诺提速").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(promised(&test, &no).await.0, date!(2026 - 03 - 05));
    let mut ctx = system(&test).await;
    recompute(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(kept(&test, &no, "promised").await, Some(date!(2026 - 03 - 05)));
    // One that begins from now on has it too, and is told so before it is handed in.
    let next = accepted(&test).await;
    assert_eq!(promised(&test, &next).await.0, date!(2026 - 03 - 05));
    let mut ctx = test.ctx(agent()).await;
    let told = zhengtong_casework::promised(&mut ctx, pack, limit(5)).await.unwrap();
    assert_eq!((told.limit, told.day), (limit(3), Some(date!(2026 - 03 - 05))));
    let view = seen(&test, agent(), &next).await;
    assert_eq!(view.case.promised_days, 3);
}

#[tokio::test]
async fn a_limit_of_a_later_day_leaves_what_began_before_alone() {
    let test = city().await;
    let no = accepted(&test).await;
    let limit = |days| Limit { days, unit: Unit::WorkingDay };
    let (pack, clock) = ("food-business:licence", "promised");
    let set = async |days, from, why: &'static str| {
        let mut ctx = test.ctx(admin()).await;
        set_limit(&mut ctx, (pack, clock), limit(days), from, why).await.unwrap();
        ctx.commit().await.unwrap();
    };
    set(2, date!(2026 - 03 - 03), "明天起提速").await;
    assert_eq!(promised(&test, &no).await.0, date!(2026 - 03 - 09), "it began before");
    let told = async || {
        let mut ctx = test.ctx(agent()).await;
        zhengtong_casework::promised(&mut ctx, pack, limit(5)).await.unwrap()
    };
    assert_eq!(told().await.limit, limit(5), "not before its day");
    test.clock.advance(Duration::days(1));
    assert_eq!((told().await.limit, told().await.day), (limit(2), Some(date!(2026 - 03 - 05))));
    let next = accepted(&test).await;
    assert_eq!(promised(&test, &next).await.0, date!(2026 - 03 - 05));
    // Written down later, from an earlier day: what holds from the later day stands.
    set(4, date!(2026 - 03 - 01), "补录前一次调整").await;
    assert_eq!(promised(&test, &no).await.0, date!(2026 - 03 - 06));
    assert_eq!(promised(&test, &next).await.0, date!(2026 - 03 - 05));
    // Days off count for what is told beforehand as for what runs.
    let mut ctx = test.ctx(admin()).await;
    set_days(&mut ctx, "cn", "2026-03-04\tholiday\t停工\tOff", "示例").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(told().await.day, Some(date!(2026 - 03 - 06)));
    assert_eq!(promised(&test, &next).await.0, date!(2026 - 03 - 06));
}

#[tokio::test]
async fn rungs_fire_once_each_whatever_happens() {
    let test = city().await;
    let no = accepted(&test).await;
    fire_all(&test).await;
    assert_eq!(told(&test).await, []);
    // Promised by Monday the 9th: told on Friday morning. Both steps were due on Wednesday.
    test.clock.advance(Duration::days(4));
    // Two workers at once, and one whose transaction is lost.
    let mut lost = system(&test).await;
    assert_eq!(fire(&mut lost).await.unwrap(), 3);
    drop(lost);
    let_go(&test).await;
    let (mut one, mut two) = (system(&test).await, system(&test).await);
    let (first, second) = tokio::join!(fire(&mut one), fire(&mut two));
    assert_eq!(first.unwrap() + second.unwrap(), 3);
    one.commit().await.unwrap();
    two.commit().await.unwrap();
    fire_all(&test).await;
    let pair = |clock: &str, rung: &str| (clock.to_owned(), rung.to_owned());
    let mut rungs = told(&test).await;
    rungs.sort();
    assert_eq!(rungs, [pair("promised", "soon"), pair("step", "overdue"), pair("step", "overdue")]);
    // A day off moves the promised day away and back: nothing fires again.
    for rows in ["2026-03-09\tholiday\t停工\tOff", "2026-03-09\tordinary\t照常\tOpen"] {
        let mut ctx = test.ctx(admin()).await;
        set_days(&mut ctx, "cn", rows, "示例").await.unwrap();
        ctx.commit().await.unwrap();
        fire_all(&test).await;
        let mut ctx = system(&test).await;
        recompute(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        fire_all(&test).await;
    }
    assert_eq!(told(&test).await.len(), 3);
    // Six weeks later all that is left has fired, each once.
    test.clock.advance(Duration::days(42));
    fire_all(&test).await;
    let all = told(&test).await;
    let of = |clock: &str| -> Vec<&str> {
        let own = all.iter().filter(|(name, _)| name == clock);
        let mut rungs: Vec<&str> = own.map(|(_, rung)| rung.as_str()).collect();
        rungs.sort_unstable();
        rungs
    };
    assert_eq!(of("promised"), ["long_overdue", "overdue", "soon"]);
    assert_eq!(of("statutory"), ["overdue", "soon"]);
    assert_eq!(of("step"), ["overdue", "overdue"]);
    assert_eq!(kept(&test, &no, "promised").await, Some(date!(2026 - 03 - 09)));
}

#[tokio::test]
async fn a_rung_that_a_change_moved_away_does_not_fire() {
    let test = city().await;
    accepted(&test).await;
    let rows = "2026-03-06\tholiday\t停工\tOff\n2026-03-05\tholiday\t停工\tOff";
    let mut ctx = test.ctx(admin()).await;
    set_days(&mut ctx, "cn", rows, "示例").await.unwrap();
    ctx.commit().await.unwrap();
    // By what is kept the promise would be near on Friday; by the calendar it is the Wednesday after.
    test.clock.advance(Duration::days(4));
    fire_all(&test).await;
    let clocks: Vec<String> = told(&test).await.into_iter().map(|(clock, _)| clock).collect();
    assert_eq!(clocks, ["step", "step"]);
}

#[tokio::test]
async fn a_stop_longer_than_told_is_said_once() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    let stop = Suspending { told_days: Some(3), ..Suspending::new("inspection", "送检") };
    suspend(&mut ctx, &no, stop).await.unwrap();
    ctx.commit().await.unwrap();
    // Told until Thursday the 5th.
    for (days, expected) in [(3, 0), (1, 1), (1, 0)] {
        test.clock.advance(Duration::days(days));
        let mut ctx = system(&test).await;
        assert_eq!(overlong(&mut ctx).await.unwrap(), expected);
        ctx.commit().await.unwrap();
    }
    assert_eq!(told(&test).await, [("suspension".to_owned(), "overlong".to_owned())]);
}

#[tokio::test]
async fn a_year_that_is_missing_is_an_alarm_until_it_is_entered() {
    let test = city().await;
    test.clock.advance(Duration::days(298));
    // 25 December 2026: five working days end in a year without a table.
    let no = accepted(&test).await;
    assert_eq!(promised(&test, &no).await, (date!(2027 - 01 - 01), true));
    let shown = calendars(&mut test.ctx(admin()).await).await.unwrap();
    assert_eq!(shown.missing, [("cn".to_owned(), 2027)]);
    assert!(shown.provisional >= 2, "{}", shown.provisional);
    let mut ctx = test.ctx(admin()).await;
    set_days(&mut ctx, "cn", "2027-01-01\tholiday\t元旦\tNew Year's Day", "国办发明电")
        .await
        .unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(promised(&test, &no).await, (date!(2027 - 01 - 04), false));
    let shown = calendars(&mut test.ctx(admin()).await).await.unwrap();
    assert_eq!(shown.missing, []);
}

#[tokio::test]
async fn rows_that_make_no_sense_are_refused_and_only_an_administrator_enters_them() {
    let test = city().await;
    let good = "2027-01-01\tholiday\t元旦\tNew Year's Day";
    let mut ctx = test.ctx(admin()).await;
    for (calendar, rows, reason, field) in [
        ("cn", "", "依据", "rows"),
        ("cn", "2027-01-01 元旦", "依据", "rows"),
        ("cn", "2027-01-04\tworkday\t元旦\tMonday", "依据", "rows"),
        ("cn", "2027-01-01\tholiday\ta\tb\n2027-01-01\tholiday\ta\tb", "依据", "rows"),
        ("moon", good, "依据", "calendar"),
        ("cn", good, " ", "reason"),
    ] {
        let refused = set_days(&mut ctx, calendar, rows, reason).await.unwrap_err();
        assert_eq!(fields(&refused), [field], "{rows}");
        assert!(
            refused.fields().iter().all(|one| !one.text.zh.is_empty() && !one.text.en.is_empty())
        );
    }
    drop(ctx);
    for actor in [head(), officer(31, "audit-admin")] {
        let mut ctx = test.ctx(actor).await;
        assert_eq!(set_days(&mut ctx, "cn", good, "依据").await.unwrap_err().kind(), Kind::Denied);
    }
    opened(&test).await;
}
