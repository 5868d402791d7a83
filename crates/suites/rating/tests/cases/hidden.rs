//! Who rated is hidden from the rated: on no list, in no matter, in no message, at no verb, and not by a small number.

use zhengtong_base::Kind;
use zhengtong_db::{Actor, Thing};
use zhengtong_rating::{
    Seen, StepKind, appeal, ask, disclose, identity, matter, matters, reply, results, review, tell,
    unread,
};

use crate::world::{
    HOUSE, ITEM, OFFICE, act, citizen, city, evaluator, head, id, kind, matter_of, officer, rated,
    sent,
};

const WORDS: &str = "我是示例市民5，电话13800000005，等了两个小时";

/// What would give whoever rated away.
fn traces(no: &str) -> Vec<String> {
    vec![id(5).to_string(), no.to_owned(), "13800000005".to_owned()]
}

fn hides(what: &str, shown: &str, no: &str) {
    for trace in traces(no) {
        assert!(!shown.contains(&trace), "{what} shows {trace}: {shown}");
    }
}

#[tokio::test]
async fn no_page_of_the_department_shows_who_rated() {
    let test = city().await;
    let case = rated(&test, 5, 5, WORDS).await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    act!(test, head(), ask, &no, "想了解是哪个窗口").unwrap();
    act!(test, citizen(5), tell, &no, "打13800000005问我").unwrap();
    for actor in [head(), officer(16, OFFICE, "head")] {
        let list = act!(test, actor.clone(), matters, true, 1).unwrap();
        hides("the list", &format!("{list:?}"), &case);
        let seen: Seen = act!(test, actor, matter, &no).unwrap();
        hides("the matter", &format!("{seen:?}"), &case);
        assert_eq!(seen.matter.item, None, "one case of an item would say who it was");
        assert_eq!(seen.month.day(), 1, "the day is not told");
        // What whoever rated did is known by its day alone.
        assert!(seen.steps.iter().all(|step| step.kind != StepKind::Received));
        let by_rater: Vec<_> = seen.steps.iter().filter(|step| step.actor.is_empty()).collect();
        assert_eq!(by_rater.len(), 1);
        let at = by_rater[0].at.to_offset(time::macros::offset!(+8));
        assert_eq!((at.hour(), at.minute(), at.second()), (0, 0, 0));
    }
    for role in ["window", "reviewer", "inspector"] {
        let officer = officer(17, OFFICE, role);
        assert_eq!(kind(act!(test, officer.clone(), matters, true, 1)), Kind::Denied, "{role}");
        assert_eq!(kind(act!(test, officer.clone(), matter, &no)), Kind::NotFound, "{role}");
        assert_eq!(kind(act!(test, officer, identity, &no, "想知道是谁")), Kind::NotFound);
    }
    assert_eq!(kind(act!(test, head(), identity, &no, "想知道是谁")), Kind::NotFound);
    assert_eq!(kind(act!(test, head(), unread,)), Kind::Denied);
    let day = time::macros::date!(2026 - 01 - 01);
    let open = act!(test, Actor::visitor(), results, day, day).unwrap();
    hides("the results", &format!("{open:?}"), &case);
    // Messages to the department name the matter and nothing else.
    let told: Vec<(String, String)> =
        sqlx::query_as("SELECT topic, payload::text FROM db.outbox WHERE topic LIKE 'rating.%'")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert!(!told.is_empty());
    for (topic, payload) in told {
        hides(&topic, &payload, &case);
    }
}

#[tokio::test]
async fn what_a_department_reads_holds_no_rater() {
    let test = city().await;
    let case = rated(&test, 5, 5, WORDS).await;
    sent(&test).await;
    for table in ["rating", "matter", "step", "answer"] {
        let statement = zhengtong_db::sql::trusted(format!("SELECT t::text FROM rating.{table} t"));
        let rows: Vec<String> =
            sqlx::query_scalar(statement).fetch_all(test.db.pool()).await.unwrap();
        for row in rows {
            hides(table, &row, &case);
            assert!(!row.contains("等了两个小时"), "words stand sealed: {row}");
        }
    }
    let times: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'rating'
         AND table_name IN ('rating', 'matter', 'contact') AND data_type LIKE 'timestamp%'",
    )
    .fetch_one(test.db.pool())
    .await
    .unwrap();
    assert_eq!(times, 0, "no hour is kept");
    // The identifier of a rating tells the day and not the moment.
    let ids: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM rating.rating").fetch_all(test.db.pool()).await.unwrap();
    let (seconds, nanos) = ids[0].get_timestamp().unwrap().to_unix();
    assert_eq!((seconds + 8 * 3_600) % 86_400, 0);
    assert!(nanos < 1_000_000);
}

#[tokio::test]
async fn the_rating_office_learns_it_for_a_reason_that_the_person_reads() {
    let test = city().await;
    let case = rated(&test, 5, 5, "慢").await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    act!(test, evaluator(), identity, &no, "  ").unwrap_err();
    let found = act!(test, evaluator(), identity, &no, "电话回访").unwrap();
    assert_eq!((found.subject, found.person), (case.clone(), Some(id(5))));
    let mut ctx = test.ctx(Actor::system("test")).await;
    let search =
        zhengtong_ledger::Search { verb: Some("rating.identity".to_owned()), ..Default::default() };
    let paging = zhengtong_base::Paging::new(1, 10);
    let entries = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].act.subject, Some(id(5)));
    drop(ctx);
    // An evaluator who is of the department that is rated learns nothing.
    let both = officer(18, OFFICE, "evaluator");
    assert_eq!(kind(act!(test, both, identity, &no, "电话回访")), Kind::NotFound);
    // Whoever rated may say so.
    act!(test, citizen(5), disclose, &no).unwrap();
    let seen = act!(test, head(), matter, &no).unwrap();
    assert!(seen.steps.iter().any(|step| step.words == case));
}

#[tokio::test]
async fn an_item_is_told_where_enough_others_had_it() {
    let test = city().await;
    for number in 20..24 {
        rated(&test, number, 1, "").await;
    }
    rated(&test, 5, 4, "慢").await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    let seen = act!(test, head(), matter, &no).unwrap();
    assert_eq!(seen.matter.item.as_deref(), Some(ITEM));
}

#[tokio::test]
async fn others_do_nothing_with_a_matter() {
    let test = city().await;
    rated(&test, 5, 4, "慢").await;
    let no = matter_of(&test, 5).await;
    sent(&test).await;
    for actor in [citizen(6), officer(30, 102, "head"), officer(31, OFFICE, "supervisor")] {
        assert_eq!(kind(act!(test, actor.clone(), matter, &no)), Kind::NotFound);
        assert_eq!(kind(act!(test, actor.clone(), reply, &no, "整改答复")), Kind::NotFound);
        assert_eq!(kind(act!(test, actor.clone(), appeal, &no, "证据在此")), Kind::NotFound);
        assert_eq!(kind(act!(test, actor, tell, &no, "我说一句")), Kind::NotFound);
    }
    let rating = act!(test, evaluator(), unread,).unwrap().first().map(|one| one.rating);
    assert_eq!(rating, None, "the words of a bad rating wait for the reply");
    let shown = Some("慢");
    assert_eq!(kind(act!(test, head(), review, id(1), shown, "", "")), Kind::Denied);
    // Administrators take no part, whatever other role their post gives.
    let mut admin = officer(40, 103, "system-admin");
    admin.roles.push("evaluator".to_owned());
    let ctx = test.ctx(admin).await;
    assert!(!ctx.may("rating.matter", &Thing::new("matter", &no)));
    assert!(HOUSE.contains("rating.identity"));
}
