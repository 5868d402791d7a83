//! Figures equal their recount from the record, end yesterday, and are not shown where they would say who.

use time::macros::date;
use zhengtong_db::Actor;
use zhengtong_rating::{
    appeal, audit, call_back, decide_appeal, fire_overdue, opinion, reply, results,
};

use crate::world::{
    ITEM, OFFICE, act, citizen, city, days, evaluator, head, id, matter_of, over, rated, sent,
};

const FROM: time::Date = date!(2026 - 01 - 01);
const TO: time::Date = date!(2026 - 12 - 31);

#[tokio::test]
async fn the_five_rates_are_what_the_record_gives() {
    let test = city().await;
    for (number, level) in [(20, 1), (21, 1), (22, 2), (23, 3), (24, 4), (25, 5), (26, 5)] {
        rated(&test, number, level, "").await;
    }
    over(&test, 27).await;
    sent(&test).await;
    let (one, two) = (matter_of(&test, 24).await, matter_of(&test, 25).await);
    act!(test, head(), reply, &one, "已经整改到位").unwrap();
    act!(test, citizen(24), call_back, &one, true, "").unwrap();
    act!(test, head(), appeal, &two, "不属本局职责，见清单").unwrap();
    act!(test, evaluator(), decide_appeal, &two, true, "属误评，不计入").unwrap();
    days(&test, 40);
    act!(test, Actor::system("rating.overdue"), fire_overdue,).unwrap();

    let shown = act!(test, Actor::visitor(), results, FROM, TO).unwrap();
    let city = shown.city.unwrap();
    // Eight cases, each with an application and a result.
    assert_eq!((city.contacts, city.rated, city.excluded), (16, 6, 1));
    assert_eq!(city.levels, [2, 1, 1, 1, 1]);
    assert_eq!((city.bad, city.rectified, city.answered, city.called_back), (2, 1, 1, 1));
    assert_eq!((city.judged, city.in_time), (2, 1));
    assert_eq!(city.active_rate(), Some(375));
    assert_eq!(city.good_rate(), Some(667));
    assert_eq!(city.rectified_rate(), Some(500));
    assert_eq!(city.called_back_rate(), Some(1_000));
    assert_eq!(city.in_time_rate(), Some(500));
    assert_eq!(shown.departments[0].of, id(OFFICE));
    assert_eq!(shown.departments[0].counts, Some(city));

    let system = || Actor::system("rating.audit");
    assert_eq!(act!(test, system(), audit, FROM, TO).unwrap(), []);
    // What is written over without a step is found.
    sqlx::query("UPDATE rating.matter SET in_time = true WHERE in_time = false")
        .execute(test.db.pool())
        .await
        .unwrap();
    let found = act!(test, system(), audit, FROM, TO).unwrap();
    assert!(found.iter().any(|one| one.of.starts_with("CP2026")), "{found:?}");
}

#[tokio::test]
async fn too_few_are_not_shown_and_today_does_not_count() {
    let test = city().await;
    for number in 20..25 {
        rated(&test, number, 2, "").await;
    }
    let today = act!(test, Actor::visitor(), results, FROM, TO).unwrap();
    assert_eq!(today.city, None, "nobody sees a figure change when somebody has just been there");
    days(&test, 1);
    let later = act!(test, Actor::visitor(), results, FROM, TO).unwrap();
    assert_eq!(later.city.unwrap().rated, 5);
    let said = act!(test, Actor::visitor(), opinion, ITEM).unwrap();
    assert_eq!((said.count, said.mean_tenths, said.good), (Some(5), 20, 1_000));
    let none = act!(test, Actor::visitor(), opinion, "food-business:other").unwrap();
    assert_eq!(none.count, None);

    let few = city().await;
    for number in 20..24 {
        rated(&few, number, 5, "很差").await;
    }
    days(&few, 1);
    let hidden = act!(few, Actor::visitor(), results, FROM, TO).unwrap();
    assert_eq!(hidden.city, None);
    assert!(hidden.departments.iter().all(|line| line.counts.is_none()));
    assert_eq!(act!(few, Actor::visitor(), opinion, ITEM).unwrap().count, None);
}
