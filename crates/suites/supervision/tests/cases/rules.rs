//! Every rule that ships raises exactly its card, and a near miss does not.

use serde_json::json;
use time::Duration;
use time::macros::date;
use zhengtong_casework::{Charging, OFF_LIST, Suspending, charge, resume, strike, suspend};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_supervision::{Level, NewFinding, News, State, course, find, hear, look_daily};

use crate::world::{
    OFFICE, accepted, all_cards, city, city_of, decide, deliver, head, id, lenient_city, opened,
    packs, reviewed, reviewer, rules, settle, supervisor, supply, window,
};

const WHY: &str = "只卖预包装食品，备案即可，不需要许可";

#[tokio::test]
async fn one_working_day_before_the_promised_day_a_warning_is_raised() {
    let test = city().await;
    // Accepted on Monday 2 March, promised for Monday 9 March; the steps are done at once.
    let no = reviewed(&test).await;
    decide_nothing_until(&test, 3).await;
    assert_eq!(
        rules(&test).await,
        ["step-overdue"],
        "on Thursday only the step of the head is late"
    );
    decide_nothing_until(&test, 4).await;
    assert_eq!(rules(&test).await, ["step-overdue", "promised-soon"]);
    let warning = all_cards(&test).await.pop().unwrap();
    assert_eq!((warning.level, warning.state), (Level::Notice, State::Notified));
    assert_eq!(warning.answer_due, None);
    assert!(warning.why.zh.contains("2026-03-09"), "{}", warning.why.zh);
    // It ends by itself when the case is decided.
    decide(&test, head(), &no, "grant", "").await;
    deliver(&test).await;
    let warning = all_cards(&test).await.pop().unwrap();
    assert_eq!(warning.state, State::Closed);
}

/// Moves the clock to so many days after the beginning, at nine.
async fn decide_nothing_until(test: &TestDb, days: i64) {
    let passed =
        test.db.clock().now() - time::OffsetDateTime::from_unix_timestamp(1_772_413_200).unwrap();
    test.clock.advance(Duration::days(days) - passed);
    settle(test).await;
}

#[tokio::test]
async fn a_late_step_in_a_case_in_time_is_yellow_and_only_that() {
    let test = city().await;
    accepted(&test).await;
    // The visit has one working day, the review two: on Wednesday the visit is late, on Tuesday nothing is.
    decide_nothing_until(&test, 1).await;
    assert_eq!(rules(&test).await, [""; 0]);
    decide_nothing_until(&test, 2).await;
    assert_eq!(rules(&test).await, ["step-overdue"]);
    let card = all_cards(&test).await.pop().unwrap();
    assert_eq!((card.level, card.answer_due), (Level::Yellow, Some(date!(2026 - 03 - 09))));
    // Nobody had taken it: those of its role are told, and the head.
    assert_eq!(card.handlers, [id(13)]);
    // Looking again raises nothing again.
    settle(&test).await;
    assert_eq!(rules(&test).await.len(), 1);
}

#[tokio::test]
async fn a_step_that_is_late_with_its_case_is_no_second_card() {
    let test = city().await;
    reviewed(&test).await;
    // Nothing runs for two weeks; then everything is late at once.
    test.clock.advance(Duration::days(15));
    settle(&test).await;
    let mut raised = rules(&test).await;
    raised.sort();
    assert_eq!(raised, ["promised-overdue", "promised-soon"]);
}

#[tokio::test]
async fn over_the_promised_and_over_the_statutory_time_is_red() {
    let test = city().await;
    reviewed(&test).await;
    decide_nothing_until(&test, 7).await;
    let raised = rules(&test).await;
    assert!(!raised.contains(&"promised-overdue".to_owned()), "the last day is still in time");
    decide_nothing_until(&test, 8).await;
    assert!(rules(&test).await.contains(&"promised-overdue".to_owned()));
    // Twenty working days from 2 March: 30 March.
    decide_nothing_until(&test, 28).await;
    assert!(!rules(&test).await.contains(&"statutory-overdue".to_owned()));
    decide_nothing_until(&test, 29).await;
    let red = all_cards(&test).await.pop().unwrap();
    assert_eq!((red.rule.as_str(), red.level), ("supervision-rules:statutory-overdue", Level::Red));
}

#[tokio::test]
async fn a_late_decision_on_acceptance_is_yellow() {
    let test = city().await;
    opened(&test).await;
    decide_nothing_until(&test, 7).await;
    assert!(!rules(&test).await.contains(&"acceptance-overdue".to_owned()));
    decide_nothing_until(&test, 8).await;
    assert!(rules(&test).await.contains(&"acceptance-overdue".to_owned()));
}

#[tokio::test]
async fn asking_again_for_what_is_missing_is_yellow() {
    let test = lenient_city().await;
    let no = opened(&test).await;
    decide(&test, window(), &no, "correct", "布局图看不清洗手池").await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, [""; 0], "once is as it should be");
    supply(&test, &no).await;
    decide(&test, window(), &no, "correct", "还缺一张厨房的照片").await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, ["second-correction"]);
}

#[tokio::test]
async fn an_adverse_decision_that_says_nothing_is_yellow() {
    let test = city().await;
    let (first, second) = (opened(&test).await, opened(&test).await);
    decide(&test, window(), &first, "decline", WHY).await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, [""; 0]);
    decide(&test, window(), &second, "decline", "不符合规定").await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, ["reason-missing"]);
    let card = all_cards(&test).await.pop().unwrap();
    assert_eq!(card.facts.pointer("/event/reason_chars"), Some(&json!(5)));
    assert_eq!(card.facts.pointer("/threshold/reason_chars"), Some(&json!(8)));
    assert_eq!(card.handlers, [id(11)], "whoever decided is told");
}

#[tokio::test]
async fn a_stop_that_lasts_longer_than_was_told_is_yellow() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("inspection", "餐具抽样送检")).await.unwrap();
    ctx.commit().await.unwrap();
    let late = |raised: &[String]| raised.contains(&"stop-overlong".to_owned());
    for days in 1..60 {
        decide_nothing_until(&test, days).await;
        let raised = rules(&test).await;
        if late(&raised) {
            assert!(days >= 10, "raised after {days} days, ten were told");
            return;
        }
    }
    panic!("never raised");
}

#[tokio::test]
async fn a_stop_that_ends_in_time_is_no_card_and_stops_are_summed_up() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("inspection", "餐具抽样送检")).await.unwrap();
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::days(3));
    let mut ctx = test.ctx(reviewer()).await;
    resume(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    deliver(&test).await;
    nightly(&test, &no).await;
    assert_eq!(rules(&test).await, [""; 0]);
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, Suspending::new("inspection", "再次送检")).await.unwrap();
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::days(87));
    nightly(&test, &no).await;
    assert!(
        !rules(&test).await.contains(&"stopped-long".to_owned()),
        "90 days are not more than 90"
    );
    test.clock.advance(Duration::days(1));
    nightly(&test, &no).await;
    nightly(&test, &no).await;
    let raised = rules(&test).await;
    assert_eq!(raised.iter().filter(|rule| *rule == "stopped-long").count(), 1);
}

async fn nightly(test: &TestDb, no: &str) {
    let mut ctx = test.ctx(Actor::system("test")).await;
    look_daily(&mut ctx, no).await.unwrap();
    ctx.commit().await.unwrap();
}

#[tokio::test]
async fn declining_what_was_completed_as_told_is_red() {
    let test = city().await;
    let (first, second) = (opened(&test).await, opened(&test).await);
    decide(&test, window(), &first, "decline", WHY).await;
    decide(&test, window(), &second, "correct", "布局图看不清洗手池").await;
    supply(&test, &second).await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, [""; 0]);
    decide(&test, window(), &second, "decline", WHY).await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, ["refused-complete"]);
    let card = all_cards(&test).await.pop().unwrap();
    assert_eq!((card.level, card.case), (Level::Red, second));
}

#[tokio::test]
async fn an_entry_that_is_put_before_an_older_one_is_red() {
    let test = city().await;
    let no = opened(&test).await;
    // Clocks of two machines may be a little apart.
    test.clock.advance(Duration::minutes(-4));
    decide(&test, window(), &no, "accept", "").await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, [""; 0]);
    test.clock.advance(Duration::hours(-30));
    decide(&test, reviewer(), &no, "reviewed", "").await;
    deliver(&test).await;
    let raised = rules(&test).await;
    assert!(!raised.is_empty() && raised.iter().all(|rule| rule == "back-dated"), "{raised:?}");
}

fn finding(kind: &str) -> NewFinding {
    NewFinding {
        kind: kind.to_owned(),
        case: String::new(),
        department: Some(id(OFFICE)),
        happened_on: Some(date!(2026 - 03 - 01)),
        charged: None,
        listed: None,
        evidence: "窗口收据一张，照片存监察室 3 号柜".to_owned(),
    }
}

#[tokio::test]
async fn what_a_supervisor_found_raises_the_card_of_its_kind() {
    let test = city().await;
    for (kind, rule) in [("off-platform", "off-platform"), ("turned-away", "refused-found")] {
        let mut ctx = test.ctx(supervisor()).await;
        assert_eq!(find(&mut ctx, finding(kind)).await.unwrap(), 1);
        ctx.commit().await.unwrap();
        assert_eq!(rules(&test).await.pop().unwrap(), rule);
    }
    // Evidence is never missing, a day never in the future, a kind never unknown.
    for new in [
        NewFinding { evidence: "有".to_owned(), ..finding("off-platform") },
        NewFinding { happened_on: Some(date!(2026 - 03 - 03)), ..finding("off-platform") },
        NewFinding { department: None, ..finding("off-platform") },
        finding("nothing"),
        finding("fee"),
    ] {
        let mut ctx = test.ctx(supervisor()).await;
        assert!(find(&mut ctx, new).await.is_err());
    }
    assert_eq!(rules(&test).await.len(), 2);
}

#[tokio::test]
async fn a_fee_off_the_list_or_above_it_is_red_and_one_of_the_list_is_not() {
    let test = city().await;
    let no = accepted(&test).await;
    let fee = |charged, listed| NewFinding {
        case: no.clone(),
        department: None,
        charged: Some(charged),
        listed,
        ..finding("fee")
    };
    for (new, expected) in [
        (fee(5_000, Some(5_000)), 0),
        (fee(5_000, Some(5_001)), 0),
        (fee(5_001, Some(5_000)), 1),
        (fee(1, None), 1),
    ] {
        let mut ctx = test.ctx(supervisor()).await;
        assert_eq!(find(&mut ctx, new).await.unwrap(), expected);
        ctx.commit().await.unwrap();
    }
    assert_eq!(rules(&test).await, ["fee-off-list", "fee-off-list"]);
    let why = all_cards(&test).await.pop().unwrap().why.zh;
    assert!(why.contains("0.01 元"), "{why}");
}

#[tokio::test]
async fn news_of_other_suites_raises_cards_once() {
    let test = city().await;
    let no = accepted(&test).await;
    let told = [
        ("payment.charged", json!({ "case": no, "total": 100, "listed": 100 }), 0),
        ("payment.charged", json!({ "case": no, "total": 101, "listed": 100 }), 1),
        ("rating.overdue", json!({ "case": no, "rating": "1" }), 1),
        ("rating.overdue", json!({ "case": no, "rating": "1" }), 0),
        ("rating.overdue", json!({ "case": "nothing" }), 0),
    ];
    for (place, (topic, payload, expected)) in told.into_iter().enumerate() {
        let mut ctx = test.ctx(Actor::system("test")).await;
        // The same news delivered twice is one.
        let id = if topic == "rating.overdue" { "r".to_owned() } else { place.to_string() };
        let news = News { topic, id: &id, payload: &payload };
        assert_eq!(hear(&mut ctx, news).await.unwrap(), expected, "{topic} {payload}");
        ctx.commit().await.unwrap();
    }
    assert_eq!(rules(&test).await, ["fee-charged", "rating-overdue"]);
}

#[tokio::test]
async fn a_charge_above_the_list_or_off_it_is_red_and_one_of_the_list_is_not() {
    let test = city_of(packs(|pack, path, text| match (pack, path) {
        ("food-business", "casework/licence.toml") => format!("{text}{FEE}"),
        _ => text,
    }))
    .await;
    let no = accepted(&test).await;
    let rows: [(&str, i64, &str, &[&str]); 4] = [
        ("seal", 3_000, "", &[]),
        ("seal", 2_000, "", &[]),
        // The sum of the item counts, not the single charge.
        ("seal", 1, "", &["fee-charged"]),
        (OFF_LIST, 1, "资料费", &["fee-charged", "fee-charged"]),
    ];
    for (place, (item, amount, words, expected)) in rows.into_iter().enumerate() {
        let receipt = format!("A-{place}");
        let on = Some(date!(2026 - 03 - 02));
        let new = Charging { item, amount: Some(amount), receipt: &receipt, on, words };
        let mut ctx = test.ctx(window()).await;
        charge(&mut ctx, no.as_str(), new).await.unwrap();
        ctx.commit().await.unwrap();
        deliver(&test).await;
        assert_eq!(rules(&test).await, expected, "{item} {amount}");
    }
    let why: Vec<String> = all_cards(&test).await.into_iter().map(|card| card.why.zh).collect();
    assert!(why[0].contains("50.01 元") && why[0].contains("50.00 元"), "{why:?}");
    assert!(why[1].contains("0.01 元") && why[1].contains("— 元"), "{why:?}");
}

const FEE: &str = r#"
[fee.seal]
title = { zh = "工本费", en = "Fee" }
standard = { zh = "每件50元", en = "50 yuan" }
basis = { zh = "示例收费文件", en = "An order" }
amount = 5000
valid_from = "2020-01-01"
"#;

#[tokio::test]
async fn that_a_charge_was_struck_out_is_news_and_takes_no_card_away() {
    let test = city_of(packs(|pack, path, text| match (pack, path) {
        ("food-business", "casework/licence.toml") => format!("{text}{FEE}"),
        ("supervision-rules", "supervision/cards.toml") => format!("{text}{STRUCK}"),
        _ => text,
    }))
    .await;
    let no = accepted(&test).await;
    for (receipt, amount) in [("A-1", 5_001), ("A-2", 4_000)] {
        let on = Some(date!(2026 - 03 - 02));
        let new = Charging { item: "seal", amount: Some(amount), receipt, on, words: "" };
        let mut ctx = test.ctx(window()).await;
        charge(&mut ctx, no.as_str(), new).await.unwrap();
        ctx.commit().await.unwrap();
        deliver(&test).await;
    }
    assert_eq!(rules(&test).await, ["fee-charged", "fee-charged"]);
    // The rule of the test asks for more than 40 yuan: of 40 it says nothing.
    for (seq, expected) in [(2, 2), (1, 3)] {
        let mut ctx = test.ctx(window()).await;
        strike(&mut ctx, no.as_str(), seq, "票据写错了").await.unwrap();
        ctx.commit().await.unwrap();
        deliver(&test).await;
        assert_eq!(rules(&test).await.len(), expected, "{seq}");
    }
    let cards = all_cards(&test).await;
    assert!(cards.iter().all(|card| card.state == State::Notified), "{cards:?}");
    let why = &cards.last().unwrap().why.zh;
    assert_eq!(why, "划掉 50.01 元，还剩 0.00 元");
    let mut ctx = test.ctx(supervisor()).await;
    let seen = course(&mut ctx, &no).await.unwrap().seen;
    let heard = seen.iter().filter(|one| one.word == "payment.struck");
    assert!(heard.clone().count() == 2 && heard.clone().all(|one| one.title.zh == "更正收费登记"));
    assert!(seen.iter().any(|one| one.title.zh.starts_with("更正收费登记：划掉 50.01 元")));
    assert!(!format!("{seen:?}").contains("票据写错了"), "supervision reads no words");
}

const STRUCK: &str = r#"
[[rule]]
id = "fee-struck"
title = { zh = "划掉的收费", en = "A charge struck out" }
when = { news = "payment.struck" }
condition = "news.amount > 4000"
card = "yellow"
to = ["head"]
answer_days = 3
why = { zh = "划掉 {news.amount_yuan} 元，还剩 {news.total_yuan} 元", en = "{news.amount_yuan} struck out, {news.total_yuan} left" }
basis = { zh = "示例规定", en = "A sample rule" }
valid_from = "2020-01-01"
"#;

#[tokio::test]
async fn news_comes_through_the_outbox() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(Actor::system("test")).await;
    ctx.emit("rating.overdue", "7", &json!({ "case": no })).await.unwrap();
    ctx.commit().await.unwrap();
    deliver(&test).await;
    deliver(&test).await;
    assert_eq!(rules(&test).await, ["rating-overdue"]);
}
