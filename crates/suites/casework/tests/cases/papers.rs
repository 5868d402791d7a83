//! Papers that the applicant is given, how decisions arrive, archives, and cases that go together.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::Kind;
use zhengtong_casework::{
    Arrival, Given, Line, Part, Sending, State, Way, act, archive, archive_of, deliveries,
    dispatch, linked, merge, open_paper, papers, served, split, verify_archive,
};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, citizen, city, decide, fields, for_company, head, input, inspector, kind,
    opened, paper, reviewed, reviewer, seen, suspend, task, window,
};

async fn given(test: &TestDb, actor: Actor, no: &str) -> Vec<Given> {
    let mut ctx = test.ctx(actor).await;
    let given = papers(&mut ctx, no).await.unwrap();
    ctx.commit().await.unwrap();
    given
}

fn kinds(given: &[Given]) -> Vec<&str> {
    given.iter().map(|paper| paper.kind.as_str()).collect()
}

fn line(paper: &str, wrong: &str, mend: &str) -> Line {
    Line { paper: paper.to_owned(), wrong: wrong.to_owned(), mend: mend.to_owned() }
}

#[tokio::test]
async fn each_act_gives_its_numbered_paper() {
    let test = city().await;
    let no = reviewed(&test).await;
    decide(&test, head(), &no, "grant", "").await.unwrap();
    let given = given(&test, agent(), &no).await;
    assert_eq!(kinds(&given), ["receipt", "accepted", "granted"]);
    assert!(given.iter().all(|paper| paper.opened_at.is_none() && paper.contents.len() == 64));
    assert_eq!(given[1].number, "受〔2026〕330106000001号");
    assert_eq!(given[1].title.zh, "受理通知书");
    let mut ctx = test.ctx(agent()).await;
    let document = zhengtong_document::open(&mut ctx, given[1].document).await.unwrap();
    assert_eq!(document.data["promised"], "2026-03-09");
    assert_eq!(document.data["statutory"], "2026-03-30");
    assert_eq!(document.data["contents"], given[1].contents.as_str());
    // A stranger learns nothing, not even that there are papers.
    let mut ctx = test.ctx(citizen(9)).await;
    assert_eq!(kind(papers(&mut ctx, &no).await), Kind::NotFound);
    assert_eq!(kind(open_paper(&mut ctx, &no, given[1].document).await), Kind::NotFound);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(open_paper(&mut ctx, &no, Uuid::from_u128(5)).await), Kind::NotFound);
}

#[tokio::test]
async fn what_is_missing_is_told_once_line_by_line() {
    let test = city().await;
    let no = opened(&test).await;
    let view = seen(&test, window(), &no).await;
    let lines = vec![line("布局图", "没有标出洗消间", "请补画"), line("健康证", "缺一份", "")];
    let mut ctx = test.ctx(window()).await;
    let mut input = input("correct", "", view.case.version);
    input.lines.clone_from(&lines);
    act(&mut ctx, &no, task(&view, "correct").id, input).await.unwrap();
    ctx.commit().await.unwrap();
    let given = given(&test, agent(), &no).await;
    assert_eq!(kinds(&given), ["receipt", "correction"]);
    let mut ctx = test.ctx(agent()).await;
    let document = zhengtong_document::open(&mut ctx, given[1].document).await.unwrap();
    assert_eq!(document.data["lines"][0]["mend"], "请补画");
    assert_eq!(document.data["lines"][1]["paper"], "健康证");
    assert!(document.data["until"].is_string());
    drop(ctx);
    // The message and the timeline say the same.
    let reason = seen(&test, agent(), &no).await.events.last().unwrap().reason.clone();
    assert_eq!(reason.as_deref(), Some("布局图：没有标出洗消间：请补画；健康证：缺一份"));

    let view = seen(&test, agent(), &no).await;
    let todo = task(&view, "supply").id;
    let mut ctx = test.ctx(agent()).await;
    zhengtong_casework::supply(&mut ctx, &no, todo, &[paper("布局图")], "").await.unwrap();
    ctx.commit().await.unwrap();
    // Not a second time: the case is accepted or declined.
    let again = decide(&test, window(), &no, "correct", "还缺一份").await;
    assert_eq!(kind(again), Kind::Conflict);
    decide(&test, window(), &no, "decline", "不属于本机关职权").await.unwrap();
    let last = self::given(&test, agent(), &no).await.pop().unwrap();
    assert_eq!((last.kind.as_str(), last.title.zh.as_str()), ("declined", "不予受理通知书"));
}

#[tokio::test]
async fn too_many_or_too_long_lines_are_refused() {
    let test = city().await;
    let no = opened(&test).await;
    let view = seen(&test, window(), &no).await;
    for lines in [vec![line("a", "b", ""); 51], vec![line("", &"长".repeat(20_000), "")]] {
        let mut ctx = test.ctx(window()).await;
        let mut input = input("correct", "见告知单", view.case.version);
        input.lines = lines;
        let refused = act(&mut ctx, &no, task(&view, "correct").id, input).await.unwrap_err();
        assert_eq!(fields(&refused), ["lines"]);
    }
}

#[tokio::test]
async fn opening_a_paper_leaves_a_receipt_of_reading() {
    let folder = tempfile::tempdir().unwrap();
    let test = crate::world::city_with_files(folder.path()).await;
    let no = accepted(&test).await;
    let paper = given(&test, agent(), &no).await.remove(1);
    // An officer who looks is not the applicant.
    for (actor, receipt) in [(window(), false), (agent(), true), (agent(), true)] {
        let mut ctx = test.ctx(actor).await;
        let bytes = open_paper(&mut ctx, &no, paper.document).await.unwrap();
        assert!(bytes.starts_with(b"%PDF"));
        ctx.commit().await.unwrap();
        let now = given(&test, agent(), &no).await.remove(1);
        assert_eq!(now.opened_at.is_some(), receipt);
        test.clock.advance(Duration::hours(1));
    }
    let opened = given(&test, agent(), &no).await.remove(1).opened_at.unwrap();
    assert!(test.db.clock().now() - opened > Duration::hours(1), "the first opening counts");
}

#[tokio::test]
async fn a_stop_is_told_in_writing() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &no, "expert_review", "工艺复杂").await.unwrap();
    ctx.commit().await.unwrap();
    let given = given(&test, agent(), &no).await;
    assert_eq!(kinds(&given), ["receipt", "accepted", "stopped"]);
    let mut ctx = test.ctx(agent()).await;
    let document = zhengtong_document::open(&mut ctx, given[2].document).await.unwrap();
    assert_eq!(
        (&document.data["procedure"], &document.data["told_days"]),
        (&"专家评审".into(), &20.into())
    );
}

#[tokio::test]
async fn a_decision_is_delivered_by_rule_and_again_by_hand() {
    let test = city().await;
    let no = accepted(&test).await;
    let send = |way, words| Sending { way, words };
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(dispatch(&mut ctx, &no, send(Way::Express, "EMS1")).await), Kind::Conflict);
    drop(ctx);
    decide(&test, reviewer(), &no, "reviewed", "").await.unwrap();
    decide(&test, inspector(), &no, "inspected", "").await.unwrap();
    decide(&test, head(), &no, "refuse", "场所不合格").await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    let sent = deliveries(&mut ctx, &no).await.unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].way, sent[0].served_on.is_some()), (Way::Electronic, true));
    assert_eq!(kind(dispatch(&mut ctx, &no, send(Way::Express, "EMS1")).await), Kind::NotFound);
    drop(ctx);

    let mut ctx = test.ctx(window()).await;
    let error = dispatch(&mut ctx, &no, send(Way::Express, " ")).await.unwrap_err();
    assert_eq!(fields(&error), ["words"]);
    dispatch(&mut ctx, &no, send(Way::Express, "EMS 123")).await.unwrap();
    let today = zhengtong_calendar::china_date(ctx.now);
    let on = |on, proof| Arrival { on, proof };
    for (arrival, field) in [
        (on(today.next_day().unwrap(), "本人签收"), "on"),
        (on(today.previous_day().unwrap(), "本人签收"), "on"),
        (on(today, ""), "proof"),
    ] {
        let error = served(&mut ctx, &no, 2, arrival).await.unwrap_err();
        assert_eq!(fields(&error), [field]);
    }
    served(&mut ctx, &no, 2, on(today, "本人签收")).await.unwrap();
    assert_eq!(kind(served(&mut ctx, &no, 2, on(today, "再签")).await), Kind::Conflict);
    ctx.commit().await.unwrap();
    let given = given(&test, agent(), &no).await;
    assert_eq!(kinds(&given), ["receipt", "accepted", "refused", "delivered"]);
}

#[tokio::test]
async fn an_archive_shows_one_flipped_byte_and_one_changed_act() {
    let folder = tempfile::tempdir().unwrap();
    let test = crate::world::city_with_files(folder.path()).await;
    let no = reviewed(&test).await;
    let mut ctx = test.ctx(head()).await;
    assert_eq!(kind(archive(&mut ctx, &no).await), Kind::Conflict, "not before its end");
    drop(ctx);
    decide(&test, head(), &no, "grant", "").await.unwrap();
    let mut ctx = test.ctx(head()).await;
    let first = archive(&mut ctx, &no).await.unwrap();
    assert_eq!(archive(&mut ctx, &no).await.unwrap(), first, "once");
    ctx.commit().await.unwrap();
    // Three papers, the licence; the applicant's paper of this test has no file in the folder.
    assert_eq!((first.papers, first.keep_until.is_some()), (5, true));
    assert!(first.file.is_some() && first.acts >= 8);

    let check = async || {
        let mut ctx = test.ctx(head()).await;
        let check = verify_archive(&mut ctx, &no).await.unwrap();
        ctx.commit().await.unwrap();
        check
    };
    let whole = check().await;
    assert_eq!(whole.faults.len(), 1, "{:?}", whole.faults);
    assert!(whole.faults[0].zh.contains("布局图"), "{:?}", whole.faults);
    let mut ctx = test.ctx(agent()).await;
    assert!(archive_of(&mut ctx, &no).await.unwrap().is_some());
    assert_eq!(kind(verify_archive(&mut ctx, &no).await), Kind::NotFound);
    drop(ctx);

    // The table refuses a change and a deletion.
    for statement in [
        "UPDATE casework.archive SET digest = repeat('0', 64)",
        "UPDATE casework.archive SET digest = NULL, file = NULL, erased_at = now()",
        "DELETE FROM casework.archive",
    ] {
        assert!(sqlx::query(statement).execute(test.db.pool()).await.is_err(), "{statement}");
    }
    sqlx::query("UPDATE casework.event SET text_zh = '改过' WHERE seq = 3")
        .execute(test.db.pool())
        .await
        .unwrap();
    let changed = check().await;
    assert!(changed.faults.iter().any(|fault| fault.zh.contains("第 3 步")), "{changed:?}");

    flip(folder.path(), first.digest.as_deref().unwrap());
    let flipped = check().await;
    assert!(flipped.faults[0].zh.contains("索引损坏"), "{flipped:?}");
}

/// Changes one byte of a file of the folder.
fn flip(folder: &std::path::Path, digest: &str) {
    let mut waiting = vec![folder.to_owned()];
    while let Some(place) = waiting.pop() {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let name: String = path.to_string_lossy().chars().filter(|c| *c != '/').collect();
            if name.ends_with(digest) || name.contains(&digest[4..]) {
                let mut bytes = std::fs::read(&path).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::remove_file(&path).unwrap();
                std::fs::write(&path, bytes).unwrap();
                return;
            }
        }
    }
    panic!("{digest} is not in the folder");
}

#[tokio::test]
async fn merged_cases_follow_one_course_and_get_their_own_replies() {
    let test = city().await;
    let first = accepted(&test).await;
    let second = opened(&test).await;
    let third = opened(&test).await;
    let mut ctx = test.ctx(window()).await;
    for (followers, reason, expected) in [
        (vec![], "同一事项", Kind::Invalid),
        (vec![first.clone()], "同一事项", Kind::Invalid),
        (vec![second.clone()], " ", Kind::Invalid),
        (vec!["SPJY-2026-999999".to_owned()], "同一事项", Kind::NotFound),
    ] {
        assert_eq!(kind(merge(&mut ctx, &first, &followers, reason).await), expected);
    }
    let behind = merge(&mut ctx, &second, std::slice::from_ref(&first), "反过来").await;
    assert_eq!(kind(behind), Kind::Conflict);
    drop(ctx);
    let mut ctx = test.ctx(agent()).await;
    let other = merge(&mut ctx, &first, std::slice::from_ref(&second), "我自己来").await;
    assert_eq!(kind(other), Kind::NotFound);
    drop(ctx);

    let mut ctx = test.ctx(window()).await;
    let both = [second.clone(), third.clone()];
    merge(&mut ctx, &first, &both, "同一场所重复申请").await.unwrap();
    assert_eq!(linked(&mut ctx, &first).await.unwrap().followers, both);
    assert_eq!(linked(&mut ctx, &third).await.unwrap().follows, Some(first.clone()));
    ctx.commit().await.unwrap();
    let view = seen(&test, agent(), &second).await;
    assert_eq!((view.case.state, view.tasks.len()), (State::Accepted, 0));
    assert!(view.clocks.is_some(), "its own clocks run");
    let mut ctx = test.ctx(window()).await;
    let again = merge(&mut ctx, &first, std::slice::from_ref(&second), "再来").await;
    assert_eq!(kind(again), Kind::Conflict);
    drop(ctx);

    // A stop holds all of them.
    let mut ctx = test.ctx(reviewer()).await;
    suspend(&mut ctx, &first, "expert_review", "评审").await.unwrap();
    ctx.commit().await.unwrap();
    assert!(seen(&test, head(), &third).await.stopped);
    let mut ctx = test.ctx(reviewer()).await;
    zhengtong_casework::resume(&mut ctx, &first).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(!seen(&test, head(), &third).await.stopped);

    decide(&test, reviewer(), &first, "reviewed", "").await.unwrap();
    decide(&test, inspector(), &first, "inspected", "").await.unwrap();
    decide(&test, head(), &first, "refuse", "场所不合格").await.unwrap();
    for no in [&first, &second, &third] {
        let view = seen(&test, agent(), no).await;
        assert_eq!(view.case.state, State::Closed, "{no}");
        assert_eq!(view.case.decision.as_deref(), Some("refused"), "{no}");
        assert!(view.case.closed_at.is_some() && view.tasks.is_empty(), "{no}");
        let given = given(&test, agent(), no).await;
        let mut kinds = kinds(&given);
        kinds.retain(|kind| *kind != "stopped");
        assert_eq!(kinds, ["receipt", "accepted", "refused"], "{no}");
        assert!(view.all_clocks.iter().all(|clock| clock.ended.is_some()), "{no}");
    }
    let mut ctx = test.ctx(agent()).await;
    let told = zhengtong_notice::inbox(&mut ctx, zhengtong_base::Paging::new(1, 50)).await.unwrap();
    let refused = told.rows.iter().filter(|message| message.template == "food-business:refused");
    assert_eq!(refused.count(), 3, "each gets its own message");
}

#[tokio::test]
async fn a_follower_may_be_taken_back_and_the_others_go_on() {
    let test = city().await;
    let first = opened(&test).await;
    let second = opened(&test).await;
    let mut ctx = test.ctx(window()).await;
    merge(&mut ctx, &first, std::slice::from_ref(&second), "重复申请").await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(agent()).await;
    zhengtong_casework::withdraw(&mut ctx, &second, "不要了").await.unwrap();
    ctx.commit().await.unwrap();
    decide(&test, window(), &first, "accept", "").await.unwrap();
    assert_eq!(seen(&test, agent(), &second).await.case.state, State::Withdrawn);
    assert_eq!(seen(&test, agent(), &first).await.case.state, State::Accepted);
}

#[tokio::test]
async fn parts_are_taken_out_with_papers_by_reference_and_clocks_that_run_on() {
    let test = city().await;
    let no = accepted(&test).await;
    let before = seen(&test, head(), &no).await;
    test.clock.advance(Duration::days(2));
    let part = |title: &str, materials: &[i32]| Part {
        title: title.to_owned(),
        materials: materials.to_vec(),
    };
    let mut ctx = test.ctx(window()).await;
    for (parts, reason) in [
        (vec![], "两个场所"),
        (vec![part("", &[1])], "两个场所"),
        (vec![part("东店", &[7])], "两个场所"),
        (vec![part("东店", &[1])], ""),
    ] {
        assert_eq!(kind(split(&mut ctx, &no, &parts, reason).await), Kind::Invalid);
    }
    let parts = [part("东店", &[1]), part("西店", &[])];
    let numbers = split(&mut ctx, &no, &parts, "两个场所，分别许可").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(numbers.len(), 2);
    let east = seen(&test, agent(), &numbers[0]).await;
    assert_eq!((east.case.state, east.case.title.zh.as_str()), (State::Accepted, "东店"));
    assert_eq!(east.materials.len(), 1);
    assert_eq!(east.materials[0].paper.file, before.materials[0].paper.file);
    assert_eq!(east.case.submitted_at, before.case.submitted_at);
    assert_eq!(east.case.accepted_at, before.case.accepted_at);
    let due = |view: &zhengtong_casework::CaseView| view.clocks.as_ref().unwrap().statutory.due;
    assert_eq!(due(&east), due(&before), "no day is won or lost");
    assert_eq!(east.case.answers, before.case.answers);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(linked(&mut ctx, &numbers[1]).await.unwrap().taken_from, Some(no.clone()));
    assert_eq!(linked(&mut ctx, &no).await.unwrap().parts, numbers);
    drop(ctx);
    // Each goes its own way.
    decide(&test, reviewer(), &numbers[0], "reviewed", "").await.unwrap();
    decide(&test, inspector(), &numbers[0], "inspected", "").await.unwrap();
    decide(&test, head(), &numbers[0], "grant", "").await.unwrap();
    assert_eq!(seen(&test, agent(), &numbers[0]).await.case.state, State::Closed);
    assert_eq!(seen(&test, agent(), &no).await.case.state, State::Accepted);
    // Another who acts for the company without leave to apply does not split.
    let mut ctx = test.ctx(for_company(3, "read")).await;
    assert_eq!(kind(split(&mut ctx, &no, &parts, "不该由我").await), Kind::NotFound);
}
