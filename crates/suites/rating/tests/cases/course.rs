//! A bad rating from its day to its end: sent in a working day, put right in fifteen, called back, appealed, raised.

use zhengtong_base::Kind;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_rating::{
    Standing, appeal, ask, call_back, conclude, decide_appeal, dispatch, fire_overdue, matter,
    order, record_call_back, reply, review, tell, unread,
};

use crate::world::{
    act, citizen, city, days, evaluator, fields, head, kind, matter_of, news, rated, sent,
};

async fn standing(test: &TestDb, no: &str) -> Standing {
    act!(test, evaluator(), matter, no).unwrap().matter.course.standing
}

/// Looks for what is overdue; how many.
async fn overdue(test: &TestDb) -> usize {
    act!(test, Actor::system("rating.overdue"), fire_overdue,).unwrap()
}

/// A bad rating that the department has.
async fn with_department(test: &TestDb) -> String {
    rated(test, 5, 4, "等了两个小时没人理").await;
    let no = matter_of(test, 5).await;
    sent(test).await;
    no
}

#[tokio::test]
async fn it_is_answered_called_back_and_published() {
    let test = city().await;
    let no = with_department(&test).await;
    let seen = act!(test, head(), matter, &no).unwrap();
    // 2 March 2026 is a Monday; fifteen working days later it is Monday the 23rd.
    assert_eq!(seen.matter.course.due.unwrap().day.to_string(), "2026-03-23");
    act!(test, head(), ask, &no, "是哪个窗口").unwrap();
    act!(test, citizen(5), tell, &no, "二楼最里面那个").unwrap();
    act!(test, head(), reply, &no, "已增开一个窗口，并向您道歉").unwrap();
    let early = act!(test, head(), reply, &no, "再答一次");
    assert_eq!(kind(early), Kind::Conflict);
    act!(test, citizen(5), call_back, &no, true, "谢谢").unwrap();
    assert_eq!(standing(&test, &no).await, Standing::Closed);
    assert_eq!(news(&test, "rating.closed").await.len(), 1);

    let waiting = act!(test, evaluator(), unread,).unwrap();
    let one = &waiting[0];
    assert_eq!(one.reply.as_deref(), Some("已增开一个窗口，并向您道歉"));
    let empty = act!(test, evaluator(), review, one.rating, None, "", "");
    assert_eq!(fields(&empty.unwrap_err()), ["reason"]);
    let shown = Some("等了两个小时");
    act!(test, evaluator(), review, one.rating, shown, "已增开窗口", "").unwrap();
    let again = act!(test, evaluator(), review, one.rating, shown, "", "");
    assert_eq!(kind(again), Kind::Conflict);
    let mut ctx = test.ctx(Actor::visitor()).await;
    let day = time::macros::date!(2026 - 01 - 01);
    let results = zhengtong_rating::results(&mut ctx, day, day).await.unwrap();
    assert_eq!(results.comments[0].reply.as_deref(), Some("已增开窗口"));
    // One rating is too few for its item to be named.
    assert_eq!(results.comments[0].item, None);
}

#[tokio::test]
async fn what_is_late_is_told_once_for_each_time() {
    let test = city().await;
    let no = with_department(&test).await;
    days(&test, 21);
    assert_eq!(overdue(&test).await, 0, "the last day is not late");
    days(&test, 1);
    assert_eq!((overdue(&test).await, overdue(&test).await), (1, 0));
    let told = news(&test, "rating.overdue").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["matter"], no.as_str());
    assert_eq!(told[0]["due"], "2026-03-23");
    assert!(told[0].get("case").is_none() && told[0].get("person").is_none());
    act!(test, head(), reply, &no, "已经整改到位").unwrap();
    let course = act!(test, head(), matter, &no).unwrap().matter.course;
    assert_eq!(course.in_time, Some(false));
    // What did not help begins a time of its own, which may run out as well.
    act!(test, citizen(5), call_back, &no, false, "").unwrap();
    days(&test, 30);
    assert_eq!((overdue(&test).await, overdue(&test).await), (1, 0));
}

#[tokio::test]
async fn a_second_reply_that_does_not_help_goes_up_a_level() {
    let test = city().await;
    let no = with_department(&test).await;
    for round in 1..=2 {
        act!(test, head(), reply, &no, &format!("第{round}次整改答复")).unwrap();
        act!(test, citizen(5), call_back, &no, false, "还是一样").unwrap();
    }
    assert_eq!(standing(&test, &no).await, Standing::Escalated);
    assert_eq!(news(&test, "rating.escalated").await.len(), 1);
    assert_eq!(kind(act!(test, head(), reply, &no, "再整改答复")), Kind::Conflict);
    assert_eq!(kind(act!(test, head(), order, &no, "责令整改")), Kind::NotFound);
    act!(test, evaluator(), order, &no, "三日内调整窗口排班").unwrap();
    act!(test, head(), reply, &no, "已按要求调整排班").unwrap();
    act!(test, evaluator(), record_call_back, &no, false, "电话回访，仍不满意").unwrap();
    assert_eq!(standing(&test, &no).await, Standing::Escalated);
    act!(test, evaluator(), conclude, &no, "现场核查已整改到位").unwrap();
    assert_eq!(standing(&test, &no).await, Standing::Closed);
}

#[tokio::test]
async fn an_appeal_needs_evidence_a_named_official_and_is_made_once() {
    let test = city().await;
    let no = with_department(&test).await;
    let bare = act!(test, head(), appeal, &no, "错");
    assert_eq!(fields(&bare.unwrap_err()), ["evidence"]);
    act!(test, head(), appeal, &no, "当天该窗口停办，有公告为证").unwrap();
    let own = act!(test, head(), decide_appeal, &no, true, "属误评");
    assert_eq!(kind(own), Kind::NotFound);
    let bare = act!(test, evaluator(), decide_appeal, &no, true, " ");
    assert_eq!(fields(&bare.unwrap_err()), ["reason"]);
    act!(test, evaluator(), decide_appeal, &no, false, "公告是次日的，维持").unwrap();
    assert_eq!(standing(&test, &no).await, Standing::Dispatched);
    let again = act!(test, head(), appeal, &no, "还是不服，补充证据");
    assert_eq!(kind(again), Kind::Conflict);

    rated(&test, 6, 5, "评错了单位").await;
    let second = matter_of(&test, 6).await;
    sent(&test).await;
    act!(test, head(), appeal, &second, "评价所述事项不属本局，见职责清单").unwrap();
    act!(test, evaluator(), decide_appeal, &second, true, "属误评，不计入").unwrap();
    assert_eq!(standing(&test, &second).await, Standing::Excluded);
    assert_eq!(news(&test, "rating.excluded").await.len(), 1);
    let steps = act!(test, evaluator(), matter, &second).unwrap().steps;
    assert_eq!(steps.last().unwrap().actor, "示例evaluator");
}

#[tokio::test]
async fn it_waits_for_the_office_and_not_for_the_department() {
    let test = city().await;
    rated(&test, 5, 4, "慢").await;
    let no = matter_of(&test, 5).await;
    let seen = act!(test, evaluator(), matter, &no).unwrap();
    assert_eq!(seen.matter.course.due.unwrap().day.to_string(), "2026-03-03");
    assert_eq!(kind(act!(test, head(), matter, &no)), Kind::NotFound);
    assert_eq!(kind(act!(test, head(), dispatch, &no)), Kind::NotFound);
    act!(test, evaluator(), dispatch, &no).unwrap();
    assert_eq!(kind(act!(test, evaluator(), dispatch, &no)), Kind::Conflict);
    act!(test, head(), matter, &no).unwrap();
    rated(&test, 6, 3, "一般").await;
    let mut ctx = test.ctx(citizen(6)).await;
    let own = zhengtong_rating::mine(&mut ctx).await.unwrap();
    assert!(own.iter().all(|one| one.matter.is_none()), "level 3 is not bad");
}
