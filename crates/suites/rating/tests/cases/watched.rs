//! From a bad rating to the red card: what a department leaves undone for fifteen working days reaches supervision through
//! the outbox, once, and names neither case nor rater.

use zhengtong_db::Actor;
use zhengtong_db::jobs::{Work, drain};
use zhengtong_db::testing::TestDb;
use zhengtong_rating::{call_back, fire_overdue, reply};
use zhengtong_supervision::{Card, Level, Pile, cards};

use crate::world::{WATCH, act, citizen, city, days, head, id, matter_of, officer, rated, sent};

/// The cards that supervision has, after all news came through.
async fn raised(test: &TestDb) -> Vec<Card> {
    act!(test, Actor::system("rating.overdue"), fire_overdue,).unwrap();
    // The handlers of both suites, as the platform runs them.
    let work = zhengtong_supervision::attach(zhengtong_rating::attach(Work::default()));
    drain(&test.db, &work, 500).await.unwrap();
    drain(&test.db, &work, 500).await.unwrap();
    act!(test, officer(16, WATCH, "supervisor"), cards, Pile::All, None, 1).unwrap().rows
}

#[tokio::test]
async fn a_bad_rating_left_for_fifteen_working_days_raises_one_red_card() {
    let test = city().await;
    rated(&test, 5, 4, "等了两个小时没人理").await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    days(&test, 21);
    assert_eq!(raised(&test).await, [], "the fifteenth working day is not over");
    days(&test, 1);
    let all = raised(&test).await;
    let [card] = all.as_slice() else { panic!("{all:#?}") };
    assert_eq!((card.level, card.rule.as_str()), (Level::Red, "supervision-rules:rating-overdue"));
    assert_eq!(card.department, id(crate::world::OFFICE));
    assert_eq!(card.case, "", "a rating names no case");
    let told = format!("{card:?}");
    assert!(!told.contains("示例市民5") && !told.contains(&id(5).to_string()), "{told}");
    // Hours and days later it is still one.
    days(&test, 3);
    assert_eq!(raised(&test).await.len(), 1);

    // What did not help has fifteen working days of its own, and its own card when these run out too.
    act!(test, head(), reply, &no, "已经整改到位").unwrap();
    act!(test, citizen(5), call_back, &no, false, "").unwrap();
    assert_eq!(raised(&test).await.len(), 1);
    days(&test, 30);
    assert_eq!(raised(&test).await.len(), 2);
}

#[tokio::test]
async fn a_bad_rating_put_right_in_time_raises_none() {
    let test = city().await;
    rated(&test, 5, 4, "等了两个小时没人理").await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    days(&test, 20);
    act!(test, head(), reply, &no, "已增开一个窗口，并向您道歉").unwrap();
    days(&test, 1);
    act!(test, citizen(5), call_back, &no, true, "谢谢").unwrap();
    days(&test, 60);
    assert_eq!(raised(&test).await, []);
}
