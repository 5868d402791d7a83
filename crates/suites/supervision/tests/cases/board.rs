//! The board: every number is the rows behind it, and both are what the record gives; grades, samples, exports.

use time::Duration;
use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_supervision::{
    Board, Draw, Period, What, act, audit, behind, board, check_drawn, draw, duties, export,
    grades, record_duty, sample,
};

use crate::world::{
    OFFICE, accepted, all_cards, city, decide, deliver, head, id, opened, reviewed, settle,
    supervisor, window,
};

const MARCH: Period = Period { from: date!(2026 - 03 - 01), to: date!(2026 - 03 - 31) };

async fn shown(test: &TestDb) -> Board {
    let mut ctx = test.ctx(supervisor()).await;
    board(&mut ctx, MARCH).await.unwrap()
}

/// A city with some history: two cases in time, one late, one declined without a word, one open.
async fn lived_in() -> TestDb {
    let test = city().await;
    for _ in 0..2 {
        let no = reviewed(&test).await;
        decide(&test, head(), &no, "grant", "").await;
    }
    let late = reviewed(&test).await;
    let wrong = opened(&test).await;
    decide(&test, window(), &wrong, "decline", "不符合").await;
    settle(&test).await;
    test.clock.advance(Duration::days(9));
    settle(&test).await;
    decide(&test, head(), &late, "grant", "").await;
    accepted(&test).await;
    deliver(&test).await;
    test
}

#[tokio::test]
async fn every_number_is_the_rows_behind_it() {
    let test = lived_in().await;
    let shown = shown(&test).await;
    let total = shown.total;
    assert_eq!(
        (total.accepted, total.open, total.decided, total.on_time, total.overdue),
        (4, 1, 3, 2, 1)
    );
    assert_eq!((total.notice, total.yellow, total.red), (1, 1, 1));
    let mut ctx = test.ctx(supervisor()).await;
    for what in What::ALL {
        for department in [None, Some(id(OFFICE))] {
            let rows = behind(&mut ctx, what, department, MARCH, 1).await.unwrap();
            assert_eq!(rows.total, total.get(what), "{}", what.word());
            assert_eq!(i64::try_from(rows.rows.len()).unwrap(), rows.total);
        }
        let elsewhere = behind(&mut ctx, what, Some(id(999)), MARCH, 1).await.unwrap();
        assert_eq!(elsewhere.total, 0);
    }
    // February had nothing, and neither had March of last year.
    assert_eq!(shown.before.0.to, date!(2026 - 02 - 28));
    assert_eq!(shown.before.1, zhengtong_supervision::Counts::default());
    assert_eq!(shown.year_ago.0.from, date!(2025 - 03 - 01));
}

#[tokio::test]
async fn the_board_equals_its_recomputation_from_the_record() {
    let test = lived_in().await;
    let mut ctx = test.ctx(Actor::system("test")).await;
    let found = audit(&mut ctx).await.unwrap();
    assert_eq!(found.differences, []);
    assert_eq!(found.cases, 5);
    assert!(found.cards == 3, "{}", found.cards);
    ctx.commit().await.unwrap();
    let last = shown(&test).await.audit.unwrap();
    assert_eq!((last.cases, last.differ), (5, 0));
}

#[tokio::test]
async fn an_auditor_finds_a_number_or_a_card_that_is_not_of_the_record() {
    let test = lived_in().await;
    let mut conn = test.db.pool().acquire().await.unwrap();
    // Somebody with the keys of the house makes a late case look in time.
    sqlx::query(r#"UPDATE supervision."case" SET over_from = NULL WHERE over_from IS NOT NULL"#)
        .execute(&mut *conn)
        .await
        .unwrap();
    // And somebody takes what happened out of the record of a case: the card of the short reason has no ground any more.
    let taken = sqlx::query("DELETE FROM casework.event WHERE kind = 'decline'")
        .execute(&mut *conn)
        .await
        .unwrap();
    assert_eq!(taken.rows_affected(), 1);
    drop(conn);
    let mut ctx = test.ctx(Actor::system("test")).await;
    let found = audit(&mut ctx).await.unwrap().differences;
    let said = |what: &str| found.iter().any(|one| one.what.contains(what));
    assert!(said("its standing is not"), "{found:?}");
    assert!(said("overdue: the board says 0"), "{found:?}");
    assert!(said("the record gives no card of supervision-rules:reason-missing"), "{found:?}");
    ctx.commit().await.unwrap();
    let last = shown(&test).await.audit.unwrap();
    assert_eq!(usize::try_from(last.differ).unwrap(), found.len());
}

#[tokio::test]
async fn a_standing_that_was_changed_is_found_and_mended() {
    let test = lived_in().await;
    let mut conn = test.db.pool().acquire().await.unwrap();
    sqlx::query(r#"UPDATE supervision."case" SET over_from = NULL WHERE over_from IS NOT NULL"#)
        .execute(&mut *conn)
        .await
        .unwrap();
    drop(conn);
    let mut ctx = test.ctx(Actor::system("test")).await;
    let found = audit(&mut ctx).await.unwrap().differences;
    assert!(found.iter().any(|one| one.what.contains("standing")), "{found:?}");
    assert!(found.iter().any(|one| one.what.starts_with("overdue: the board says 0")), "{found:?}");
    for one in found {
        if one.of.starts_with("SPJY") {
            zhengtong_supervision::follow(&mut ctx, &one.of).await.unwrap();
        }
    }
    assert_eq!(audit(&mut ctx).await.unwrap().differences, []);
}

#[tokio::test]
async fn a_revoked_card_counts_no_more() {
    let test = lived_in().await;
    let before = shown(&test).await.total;
    let yellow =
        all_cards(&test).await.into_iter().find(|card| card.level.word() == "yellow").unwrap();
    let mut ctx = test.ctx(supervisor()).await;
    act(&mut ctx, &yellow.no, zhengtong_supervision::Deed::Revoke, "查明不成立").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(shown(&test).await.total.yellow, before.yellow - 1);
    let mut ctx = test.ctx(Actor::system("test")).await;
    assert_eq!(audit(&mut ctx).await.unwrap().differences, []);
}

#[tokio::test]
async fn a_quarter_is_graded_by_declared_points_with_the_sum_shown() {
    let test = lived_in().await;
    let mut ctx = test.ctx(supervisor()).await;
    let graded = grades(&mut ctx, date!(2026 - 03 - 11)).await.unwrap();
    assert_eq!(graded.period.to, date!(2026 - 03 - 31));
    let [row] = graded.rows.as_slice() else { panic!("{:?}", graded.rows) };
    let taken: i64 = row.lines.iter().map(|line| line.taken).sum();
    assert_eq!(row.points, 100 - taken);
    let line =
        |title: &str| row.lines.iter().find(|line| line.title.zh.starts_with(title)).unwrap();
    assert_eq!((line("黄牌").count, line("黄牌").taken), (1, 1));
    assert_eq!((line("红牌").count, line("红牌").taken), (1, 3));
    // One of three decisions was late: 33 percent, of which 20 points are taken at most.
    assert_eq!((line("超期").count, line("超期").taken), (33, 20));
    assert_eq!((row.points, row.grade.zh.as_str()), (76, "合格"));
    let nothing = grades(&mut ctx, date!(2025 - 03 - 11)).await.unwrap();
    assert!(nothing.rows.is_empty());
}

#[tokio::test]
async fn a_sample_is_drawn_by_its_seed_and_checked_once() {
    let test = lived_in().await;
    let wanted =
        |seed: &str, size| Draw { seed: seed.to_owned(), size, department: None, period: MARCH };
    let mut ctx = test.ctx(supervisor()).await;
    for wrong in [wanted(" ", 2), wanted("7", 0), wanted("7", 201)] {
        assert_eq!(draw(&mut ctx, wrong).await.unwrap_err().kind(), Kind::Invalid);
    }
    let no = draw(&mut ctx, wanted("07 11 19", 2)).await.unwrap();
    let again = draw(&mut ctx, wanted("07 11 19", 2)).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(supervisor()).await;
    let (first, second) =
        (sample(&mut ctx, &no).await.unwrap(), sample(&mut ctx, &again).await.unwrap());
    let cases = |view: &zhengtong_supervision::SampleView| {
        view.drawn.iter().map(|one| one.case.clone()).collect::<Vec<_>>()
    };
    assert_eq!(cases(&first), cases(&second));
    assert_eq!((first.drawn.len(), first.sample.population, first.again), (2, 3, Some(true)));
    check_drawn(&mut ctx, &no, 1, false, "现场核查记录缺第二人签名").await.unwrap();
    let twice = check_drawn(&mut ctx, &no, 1, true, "其实没有问题").await;
    assert_eq!(twice.unwrap_err().kind(), Kind::Conflict);
    let beyond = check_drawn(&mut ctx, &no, 3, true, "没有这一件").await;
    assert_eq!(beyond.unwrap_err().kind(), Kind::NotFound);
    ctx.commit().await.unwrap();
    // The population grows: whether the seed still draws the same can no longer be said.
    let mut ctx = test.ctx(supervisor()).await;
    let graded = grades(&mut ctx, date!(2026 - 03 - 11)).await.unwrap();
    let flawed = graded.rows[0].lines.iter().find(|line| line.title.zh.contains("抽查")).unwrap();
    assert_eq!((flawed.count, flawed.taken), (1, 2));
    drop(ctx);
    let open = reviewed(&test).await;
    decide(&test, head(), &open, "grant", "").await;
    deliver(&test).await;
    let mut ctx = test.ctx(supervisor()).await;
    assert_eq!(sample(&mut ctx, &no).await.unwrap().again, None);
}

#[tokio::test]
async fn an_export_is_recorded_marked_and_without_formulas() {
    let test = lived_in().await;
    let mut ctx = test.ctx(supervisor()).await;
    assert_eq!(export(&mut ctx, MARCH, "看").await.unwrap_err().kind(), Kind::Invalid);
    let taken = export(&mut ctx, MARCH, "报市效能办").await.unwrap();
    ctx.commit().await.unwrap();
    let lines: Vec<&str> = taken.csv.lines().collect();
    let cards = all_cards(&test).await;
    assert_eq!(lines.len(), cards.len() + 2);
    assert!(lines[0].contains("\"监察编号\",\"办件编号\",\"监察规则编号\""));
    assert!(lines[1].starts_with(&format!("\"{}\"", cards[0].no)), "{}", lines[1]);
    assert!(lines[1].contains("\"20260"), "moments as the standard writes them: {}", lines[1]);
    assert!(lines.last().unwrap().contains("示例supervisor15"));
    for actor in [head(), window(), Actor::visitor()] {
        let mut ctx = test.ctx(actor).await;
        assert!(export(&mut ctx, MARCH, "报市效能办").await.is_err());
        assert!(board(&mut ctx, MARCH).await.is_err());
    }
}

#[tokio::test]
async fn the_officer_on_duty_writes_down_what_was_done() {
    let test = lived_in().await;
    let card = all_cards(&test).await.remove(0);
    let mut ctx = test.ctx(supervisor()).await;
    record_duty(&mut ctx, "call", &card.no, "电话核实，窗口承认漏写理由").await.unwrap();
    assert!(record_duty(&mut ctx, "call", "JC-1", "没有这张牌").await.is_err());
    assert!(record_duty(&mut ctx, "gossip", "", "随便写写").await.is_err());
    let lines = duties(&mut ctx).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (lines[0].name.as_str(), lines[0].card.as_deref()),
        ("示例supervisor15", Some(card.no.as_str()))
    );
}
