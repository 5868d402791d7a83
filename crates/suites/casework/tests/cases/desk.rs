//! What an officer's desk keeps: own filters, half-written reasons, phrases, who looks, acts on many tasks and how they
//! are undone, tasks in other hands, urging, other cases of an applicant.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::jobs::{Work, drain};
use zhengtong_db::testing::TestDb;

use crate::leaving::city_staffed;
use crate::world::{
    accepted, agent, city, decide, fields, head, id, kind, officer, opened, reviewer, seen, task,
    verbs, window,
};

/// Officers of the office: number and role of the post.
const STAFF: [(u128, &str); 5] =
    [(11, "window"), (15, "window"), (12, "reviewer"), (13, "inspector"), (14, "head")];

fn second() -> Actor {
    officer(15, "window")
}

async fn first_task(test: &TestDb, no: &str) -> Uuid {
    task(&seen(test, window(), no).await, "accept").id
}

#[tokio::test]
async fn filters_are_kept_under_names_counted_and_one_opens_first() {
    let test = city().await;
    opened(&test).await;
    let mut ctx = test.ctx(window()).await;
    let urged = Sought { urged: true, ..Sought::default() };
    let soon = Sought { within: Some(3), ..Sought::from(Filter::Free) };
    let one = save_filter(&mut ctx, " 催过的 ", &urged, true).await.unwrap();
    let two = save_filter(&mut ctx, "三天内", &soon, true).await.unwrap();
    let all = filters(&mut ctx).await.unwrap();
    let first: Vec<&str> =
        all.iter().filter(|filter| filter.first).map(|filter| filter.name.as_str()).collect();
    assert_eq!((all.len(), first), (2, vec!["三天内"]));
    assert_eq!(
        (count(&mut ctx, &urged).await.unwrap(), count(&mut ctx, &soon).await.unwrap()),
        (0, 1)
    );
    // The same name is the same filter.
    assert_eq!(save_filter(&mut ctx, "三天内", &urged, false).await.unwrap(), two);
    assert!(filters(&mut ctx).await.unwrap().iter().all(|filter| filter.sought == urged));
    open_with(&mut ctx, Some(one)).await.unwrap();
    drop_filter(&mut ctx, two).await.unwrap();
    assert_eq!(kind(drop_filter(&mut ctx, two).await), Kind::NotFound);
    let wrong = save_filter(&mut ctx, "  ", &urged, false).await.unwrap_err();
    assert_eq!(fields(&wrong), ["name"]);
    ctx.commit().await.unwrap();
    // Nobody sees or removes those of others.
    let mut ctx = test.ctx(second()).await;
    assert!(filters(&mut ctx).await.unwrap().is_empty());
    assert_eq!(kind(drop_filter(&mut ctx, one).await), Kind::NotFound);
    assert_eq!(kind(open_with(&mut ctx, Some(one)).await), Kind::NotFound);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(save_filter(&mut ctx, "x", &urged, false).await), Kind::Denied);
}

#[tokio::test]
async fn columns_and_rows_are_kept_and_odd_ones_refused() {
    let test = city().await;
    let mut ctx = test.ctx(window()).await;
    assert_eq!(arrangement(&mut ctx).await.unwrap(), Arrangement::default());
    let mine = Arrangement { columns: vec!["due".to_owned(), "step".to_owned()], rows: 200 };
    arrange(&mut ctx, &mine).await.unwrap();
    assert_eq!(arrangement(&mut ctx).await.unwrap(), mine);
    let odd = Arrangement { columns: vec!["<b>".to_owned()], rows: 50 };
    assert_eq!(kind(arrange(&mut ctx, &odd).await), Kind::Invalid);
    let many = Arrangement { columns: Vec::new(), rows: 1_001 };
    assert_eq!(kind(arrange(&mut ctx, &many).await), Kind::Invalid);
}

#[tokio::test]
async fn pages_of_an_inbox_go_on_where_the_last_ended_whatever_is_done_meanwhile() {
    let test = city().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(opened(&test).await);
        test.clock.advance(Duration::minutes(1));
    }
    let mut ctx = test.ctx(window()).await;
    let page = inbox(&mut ctx, Sought { rows: 2, ..Sought::default() }).await.unwrap();
    let numbers = |page: &Inbox| -> Vec<String> {
        page.rows.iter().map(|row| row.todo.case.clone()).collect()
    };
    assert_eq!(numbers(&page), all[..2]);
    ctx.commit().await.unwrap();
    decide(&test, second(), &all[0], "accept", "").await.unwrap();
    let mut ctx = test.ctx(window()).await;
    let next = Sought { rows: 2, after: page.next, ..Sought::default() };
    let second = inbox(&mut ctx, next).await.unwrap();
    assert_eq!(numbers(&second), all[2..4]);
    let next = Sought { rows: 2, after: second.next, ..Sought::default() };
    let last = inbox(&mut ctx, next).await.unwrap();
    assert_eq!((numbers(&last), last.next), (all[4..].to_vec(), None));
}

#[tokio::test]
async fn what_is_half_written_waits_for_its_officer_and_goes_with_the_task() {
    let test = city().await;
    let no = opened(&test).await;
    let todo = first_task(&test, &no).await;
    let mut ctx = test.ctx(window()).await;
    keep_draft(&mut ctx, &no, todo, "correct", "还缺平面图 ").await.unwrap();
    keep_draft(&mut ctx, &no, todo, "correct", "还缺平面图和健康证").await.unwrap();
    assert_eq!(kind(keep_draft(&mut ctx, &no, todo, "grant", "x").await), Kind::NotFound);
    assert_eq!(
        kind(keep_draft(&mut ctx, "SPJY-1999-1", todo, "correct", "x").await),
        Kind::NotFound
    );
    let long = "长".repeat(5_000);
    assert_eq!(kind(keep_draft(&mut ctx, &no, todo, "correct", &long).await), Kind::Invalid);
    let said = message(&mut ctx, &no, "correct", "缺图").await.unwrap().unwrap();
    assert!(said.1.zh.contains("缺图"), "{said:?}");
    ctx.commit().await.unwrap();
    let view = seen(&test, window(), &no).await;
    assert_eq!((view.drafts.len(), view.drafts[0].words.as_str()), (1, "还缺平面图和健康证"));
    let stored: String = sqlx::query_scalar("SELECT words FROM casework.draft")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert!(stored.starts_with("sealed:"), "{stored}");
    assert!(seen(&test, second(), &no).await.drafts.is_empty(), "colleagues do not see it");
    assert_eq!(kind(drafts(&mut test.ctx(agent()).await, &no).await), Kind::NotFound);
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM casework.draft")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn own_phrases_stand_after_those_of_the_pack() {
    let test = city().await;
    let mut ctx = test.ctx(window()).await;
    let kind_of = "food-business:licence";
    let declared = phrases(&mut ctx, kind_of, Effect::Correct).await.unwrap();
    assert!(!declared.is_empty() && declared.iter().all(|phrase| !phrase.own), "{declared:?}");
    let own = keep_phrase(&mut ctx, Effect::Correct, "  请补交____ ").await.unwrap();
    let all = phrases(&mut ctx, kind_of, Effect::Correct).await.unwrap();
    assert_eq!(
        (all.len(), all.last().unwrap().text.zh.as_str()),
        (declared.len() + 1, "请补交____")
    );
    assert_eq!(
        phrases(&mut ctx, kind_of, Effect::Grant)
            .await
            .unwrap()
            .iter()
            .filter(|one| one.own)
            .count(),
        0
    );
    assert_eq!(kind(keep_phrase(&mut ctx, Effect::Correct, " ").await), Kind::Invalid);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(second()).await;
    assert_eq!(phrases(&mut ctx, kind_of, Effect::Correct).await.unwrap(), declared);
    assert_eq!(kind(drop_phrase(&mut ctx, own).await), Kind::NotFound);
    drop_phrase(&mut test.ctx(window()).await, own).await.unwrap();
}

#[tokio::test]
async fn who_looks_is_seen_by_colleagues_for_a_minute() {
    let test = city().await;
    let no = opened(&test).await;
    assert!(seen(&test, window(), &no).await.looking.is_empty());
    let mut ctx = test.ctx(second()).await;
    let others = look(&mut ctx, &no, true).await.unwrap();
    assert_eq!(others.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["示例window11"]);
    ctx.commit().await.unwrap();
    let view = seen(&test, window(), &no).await;
    assert_eq!((view.looking.len(), view.looking[0].writing), (1, true));
    let mut ctx = test.ctx(window()).await;
    let page = inbox(&mut ctx, Filter::All).await.unwrap();
    assert_eq!(page.rows[0].looking.as_deref(), Some("示例window15"));
    test.clock.advance(Duration::seconds(61));
    assert!(seen(&test, window(), &no).await.looking.is_empty());
    assert!(seen(&test, agent(), &no).await.looking.is_empty());
    assert_eq!(kind(look(&mut test.ctx(agent()).await, &no, false).await), Kind::NotFound);
}

#[tokio::test]
async fn taking_many_is_undone_by_giving_them_back() {
    let test = city().await;
    let (one, two) = (opened(&test).await, opened(&test).await);
    let todos = [first_task(&test, &one).await, first_task(&test, &two).await];
    let mut ctx = test.ctx(second()).await;
    claim(&mut ctx, todos[0]).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(window()).await;
    ctx.key = Some("form".to_owned());
    let done = claim_all(&mut ctx, &todos).await.unwrap();
    assert_eq!((done.count, done.missed, done.state), (1, 1, BulkState::Open));
    assert_eq!(claim_all(&mut ctx, &todos).await.unwrap().id, done.id, "sent twice, done once");
    ctx.commit().await.unwrap();
    assert_eq!(kind(undo(&mut test.ctx(second()).await, done.id).await), Kind::NotFound);
    let mut ctx = test.ctx(window()).await;
    assert_eq!(undo(&mut ctx, done.id).await.unwrap().state, BulkState::Undone);
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(window()).await;
    assert_eq!(counts(&mut ctx).await.unwrap().mine, 0);
    assert!(verbs(&mut ctx, "case").await.contains(&"casework.undo".to_owned()));
    let again = claim_all(&mut ctx, &todos[1..]).await.unwrap();
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::minutes(11));
    assert_eq!(kind(undo(&mut test.ctx(window()).await, again.id).await), Kind::Conflict);
}

#[tokio::test]
async fn accepting_many_waits_ten_seconds_and_can_be_undone_until_then() {
    let test = city_staffed(&STAFF).await;
    let (one, two, three) = (opened(&test).await, opened(&test).await, opened(&test).await);
    let todo = async |no: &str| first_task(&test, no).await;
    let state = async |no: &str| seen(&test, window(), no).await.case.state;
    let accept = async |no: &str| {
        let todo = todo(no).await;
        let mut ctx = test.ctx(window()).await;
        let bulk = accept_all(&mut ctx, &[todo]).await.unwrap();
        ctx.commit().await.unwrap();
        bulk
    };
    let undone = accept(&one).await;
    let mut ctx = test.ctx(window()).await;
    undo(&mut ctx, undone.id).await.unwrap();
    ctx.commit().await.unwrap();
    let waits = accept(&two).await;
    // A case that changes meanwhile is left alone.
    let stale = accept(&three).await;
    decide(&test, second(), &three, "decline", "不归我们办").await.unwrap();
    let work = attach_bulk(Work::default());
    drain(&test.db, &work, 20).await.unwrap();
    assert_eq!(state(&two).await, State::Submitted, "not before its time");
    test.clock.advance(Duration::seconds(10));
    drain(&test.db, &work, 20).await.unwrap();
    assert_eq!((state(&one).await, state(&two).await), (State::Submitted, State::Accepted));
    let told = bulk(&mut test.ctx(window()).await, waits.id).await.unwrap();
    assert_eq!((told.state, told.done, told.missed), (BulkState::Done, 1, 0));
    let told = bulk(&mut test.ctx(window()).await, stale.id).await.unwrap();
    assert_eq!((told.done, told.missed), (0, 1));
    assert_eq!(state(&three).await, State::Declined);
    // Carried out again, as after a crash, it does nothing twice; it is too late to undo.
    carry_out(&test.db, waits.id).await.unwrap();
    let events = seen(&test, window(), &two).await.events;
    assert_eq!(events.iter().filter(|event| event.kind == "accept").count(), 1);
    assert_eq!(kind(undo(&mut test.ctx(window()).await, waits.id).await), Kind::Conflict);
}

#[tokio::test]
async fn the_head_gives_tasks_to_whoever_has_the_role_and_can_undo_it() {
    let test = city_staffed(&STAFF).await;
    let no = opened(&test).await;
    let todo = first_task(&test, &no).await;
    let mut ctx = test.ctx(head()).await;
    let all = colleagues(&mut ctx).await.unwrap();
    assert_eq!(all.len(), STAFF.len());
    let wrong = assign_all(&mut ctx, &[todo], id(2012)).await.unwrap();
    assert_eq!((wrong.count, wrong.missed), (0, 1), "a reviewer does not accept");
    let done = assign_all(&mut ctx, &[todo], id(2015)).await.unwrap();
    assert_eq!(done.count, 1);
    ctx.commit().await.unwrap();
    let view = seen(&test, second(), &no).await;
    assert!(view.tasks[0].mine);
    let note = view.events.iter().find(|event| event.kind == "assign").unwrap();
    assert!(!note.public, "the applicant is not told who does it");
    let mut ctx = test.ctx(head()).await;
    undo(&mut ctx, done.id).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(seen(&test, window(), &no).await.tasks[0].todo.assignee.is_none());
    let bulk = assign_all(&mut test.ctx(window()).await, &[todo], id(2015)).await.unwrap();
    assert_eq!((bulk.count, bulk.missed), (0, 1), "only the head gives tasks out");
}

#[tokio::test]
async fn all_tasks_of_somebody_who_leaves_are_handed_over_with_a_reason() {
    let test = city_staffed(&STAFF).await;
    let (one, two) = (opened(&test).await, opened(&test).await);
    for no in [&one, &two] {
        let todo = first_task(&test, no).await;
        let mut ctx = test.ctx(window()).await;
        claim(&mut ctx, todo).await.unwrap();
        ctx.commit().await.unwrap();
    }
    let mut ctx = test.ctx(head()).await;
    let before = hands(&mut ctx).await.unwrap();
    assert_eq!((before.len(), before[0].open, before[0].account), (1, 2, id(2011)));
    let refused = hand_over(&mut ctx, id(2011), Some(id(2015)), "走").await.unwrap_err();
    assert_eq!(fields(&refused), ["why"]);
    let itself = hand_over(&mut ctx, id(2011), Some(id(2011)), "调去别的科").await.unwrap_err();
    assert_eq!(fields(&itself), ["to"]);
    let moved = hand_over(&mut ctx, id(2011), Some(id(2015)), "调去别的科").await.unwrap();
    assert_eq!((moved.given, moved.freed), (2, 0));
    let moved = hand_over(&mut ctx, id(2015), Some(id(2012)), "产假到六月").await.unwrap();
    assert_eq!((moved.given, moved.freed), (0, 2), "a reviewer has no role for it");
    assert!(hands(&mut ctx).await.unwrap().is_empty());
    ctx.commit().await.unwrap();
    let view = seen(&test, reviewer(), &one).await;
    let reasons = view.events.iter().filter_map(|event| event.reason.as_deref());
    assert_eq!(reasons.collect::<Vec<_>>(), ["调去别的科", "产假到六月"]);
    assert!(seen(&test, agent(), &one).await.events.iter().all(|event| event.kind != "hand_over"));
    assert_eq!(kind(hands(&mut test.ctx(window()).await).await), Kind::Denied);
}

/// Who has the one open task of a case, as the process knows it.
async fn process_hand(test: &TestDb, no: &str) -> Option<String> {
    let instance = seen(test, window(), no).await.case.instance;
    let mut ctx = test.ctx(Actor::system("test")).await;
    let mut tasks = zhengtong_process::rests(&mut ctx, instance).await.unwrap().tasks;
    assert_eq!(tasks.len(), 1);
    tasks.remove(0).assignee
}

fn hand_of(number: u128) -> String {
    format!("account/{}/{}", id(2000 + number), id(100))
}

#[tokio::test]
async fn whoever_gets_a_task_has_it_in_the_process_too() {
    let test = city_staffed(&STAFF).await;
    let no = opened(&test).await;
    let todo = first_task(&test, &no).await;
    let give = async |to: u128| {
        let mut ctx = test.ctx(head()).await;
        let done = assign_all(&mut ctx, &[todo], id(2000 + to)).await.unwrap();
        ctx.commit().await.unwrap();
        done
    };
    let take_back = async |actor: Actor, bulk: Uuid| {
        let mut ctx = test.ctx(actor).await;
        undo(&mut ctx, bulk).await.unwrap();
        ctx.commit().await.unwrap();
    };
    let given = give(15).await;
    assert_eq!(process_hand(&test, &no).await, Some(hand_of(15)));
    assert_eq!(give(15).await.missed, 1, "they have it already");
    let trail = async || {
        let mut ctx = test.ctx(head()).await;
        let all = responsible(&mut ctx, &no).await.unwrap();
        all.into_iter().map(|one| one.account).collect::<Vec<_>>()
    };
    assert_eq!(trail().await, [id(2015)]);
    take_back(head(), given.id).await;
    assert_eq!(process_hand(&test, &no).await, None);
    // Taken and put back, the process knows that nobody has begun it.
    let mut ctx = test.ctx(window()).await;
    let taken = claim_all(&mut ctx, &[todo]).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(process_hand(&test, &no).await, Some(hand_of(11)));
    take_back(window(), taken.id).await;
    assert_eq!(process_hand(&test, &no).await, None);
    // Handed over with everything else, and freed where the colleague has no role for it.
    give(11).await;
    let hand = async |from: u128, to: u128| {
        let mut ctx = test.ctx(head()).await;
        let why = "调去别的科";
        let moved = hand_over(&mut ctx, id(2000 + from), Some(id(2000 + to)), why).await.unwrap();
        ctx.commit().await.unwrap();
        (moved.given, moved.freed)
    };
    assert_eq!(hand(11, 15).await, (1, 0));
    assert_eq!(process_hand(&test, &no).await, Some(hand_of(15)));
    assert_eq!(trail().await.last(), Some(&id(2015)));
    assert_eq!(hand(15, 12).await, (0, 1));
    assert_eq!(process_hand(&test, &no).await, None);
    assert!(seen(&test, window(), &no).await.tasks[0].todo.assignee.is_none());
    // The colleague was told each time.
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM notice.message WHERE person = $1")
        .bind(id(15))
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(told, 1, "by whoever gave it; handing over is said once on the page of the head");
}

#[tokio::test]
async fn what_is_missing_is_asked_for_once_and_not_offered_again() {
    let test = city().await;
    let no = opened(&test).await;
    let offers = async |outcome: &str| {
        let view = seen(&test, window(), &no).await;
        let all = view.tasks.iter().flat_map(|task| &task.choices);
        all.filter(|choice| choice.outcome == outcome).count()
    };
    assert_eq!((offers("correct").await, offers("accept").await), (1, 1));
    decide(&test, window(), &no, "correct", "平面图：没有签字；请补签").await.unwrap();
    let todo = seen(&test, agent(), &no).await.tasks[0].todo.id;
    let mut ctx = test.ctx(agent()).await;
    supply(&mut ctx, &no, todo, &[crate::world::paper("平面图")], "").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!((offers("correct").await, offers("accept").await), (0, 1));
    let view = seen(&test, window(), &no).await;
    let again = crate::world::input("correct", "再补", view.case.version);
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(act(&mut ctx, &no, view.tasks[0].todo.id, again).await), Kind::Conflict);
}

#[tokio::test]
async fn an_applicant_urges_once_a_day_and_the_inbox_shows_it() {
    let test = city().await;
    let no = opened(&test).await;
    let urged = async || {
        let mut ctx = test.ctx(agent()).await;
        urge(&mut ctx, &no).await?;
        ctx.commit().await.unwrap();
        Ok::<_, Error>(())
    };
    assert!(urging(&mut test.ctx(agent()).await, &no).await.unwrap().open);
    urged().await.unwrap();
    let twice = urged().await.unwrap_err();
    assert_eq!(twice.kind(), Kind::Conflict);
    assert!(twice.text().zh.contains("今天已经催过"));
    test.clock.advance(Duration::days(1));
    urged().await.unwrap();
    let mut ctx = test.ctx(window()).await;
    let page = inbox(&mut ctx, Sought { urged: true, ..Sought::default() }).await.unwrap();
    assert_eq!(page.rows[0].urged.unwrap().0, 2);
    assert_eq!(kind(urge(&mut ctx, &no).await), Kind::NotFound, "an officer does not urge");
    drop(ctx);
    // While it waits for the applicant there is nothing to urge.
    decide(&test, window(), &no, "correct", "缺图").await.unwrap();
    test.clock.advance(Duration::days(1));
    assert_eq!(urged().await.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn other_cases_of_an_applicant_are_seen_for_a_reason_on_record() {
    let test = city().await;
    let (no, other) = (accepted(&test).await, opened(&test).await);
    let mut ctx = test.ctx(reviewer()).await;
    assert_eq!(fields(&related(&mut ctx, &no, "看").await.unwrap_err()), ["why"]);
    let found = related(&mut ctx, &no, "核对是否重复申请").await.unwrap();
    assert_eq!(found.iter().map(|one| one.no.as_str()).collect::<Vec<_>>(), [other.as_str()]);
    let told = verbs(&mut ctx, "case").await;
    assert_eq!(told.iter().filter(|verb| *verb == "casework.related").count(), 1);
    assert_eq!(kind(related(&mut test.ctx(agent()).await, &no, "随便看看").await), Kind::NotFound);
}
