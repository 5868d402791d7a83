//! The supervised cannot write what the supervisor reads, and the supervisor sees no applicant: in policies and in tables.

use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::{Actor, Attr, Thing};
use zhengtong_supervision::{VERBS, course, follow};

use crate::world::{
    OFFICE, agent, city, decide, deliver, head, id, inspector, opened, reviewer, supervisor, window,
};

/// What a department may do at all.
const OF_DEPARTMENTS: [&str; 4] =
    ["supervision.own", "supervision.read", "supervision.answer", "supervision.appeal"];

#[tokio::test]
async fn no_officer_has_a_verb_that_writes_what_is_watched() {
    let test = city().await;
    for actor in [window(), reviewer(), inspector(), head(), agent(), Actor::visitor()] {
        let ctx = test.ctx(actor.clone()).await;
        for (verb, kind) in VERBS {
            let thing = Thing::new(kind, "x").handled_by(Some(id(OFFICE))).with(
                "handlers",
                Attr::Words(actor.person.iter().map(ToString::to_string).collect()),
            );
            let allowed = ctx.may(verb, &thing);
            assert!(!allowed || OF_DEPARTMENTS.contains(verb), "{} may {verb}", actor.name);
        }
        assert!(!ctx.may("casework.watch", &Thing::new("platform", "supervision")));
    }
}

#[tokio::test]
async fn a_supervisor_has_no_verb_on_cases_and_none_of_the_answer() {
    let test = city().await;
    let no = opened(&test).await;
    let mut ctx = test.ctx(supervisor()).await;
    for verb in
        ["casework.read", "casework.note", "casework.grant", "casework.suspend", "casework.reveal"]
    {
        assert!(!ctx.may(verb, &Thing::new("case", &no).handled_by(Some(id(OFFICE)))), "{verb}");
    }
    let error = zhengtong_casework::view(&mut ctx, &no).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let card = Thing::new("card", "x").handled_by(Some(id(OFFICE)));
    for verb in
        ["supervision.answer", "supervision.appeal", "supervision.follow", "supervision.audit"]
    {
        assert!(!ctx.may(verb, &card), "{verb}");
    }
    assert_eq!(follow(&mut ctx, &no).await.unwrap_err().kind(), Kind::Denied);
}

#[tokio::test]
async fn the_tables_refuse_change_and_removal() {
    let test = city().await;
    let no = opened(&test).await;
    decide(&test, window(), &no, "decline", "不符合规定").await;
    deliver(&test).await;
    let tries = [
        "UPDATE supervision.event SET at = at - interval '1 day'",
        "DELETE FROM supervision.event",
        "TRUNCATE supervision.event CASCADE",
        "UPDATE supervision.step SET words = 'x'",
        "DELETE FROM supervision.step",
        "DELETE FROM supervision.card",
        "TRUNCATE supervision.card CASCADE",
        "UPDATE supervision.card SET level = 'notice'",
        "UPDATE supervision.card SET why_zh = '', facts = '{}'",
        "UPDATE supervision.card SET department = gen_random_uuid()",
        "DELETE FROM supervision.finding",
        "DELETE FROM supervision.duty",
        "UPDATE supervision.sample SET seed = 'x'",
        "DELETE FROM supervision.drawn",
        "UPDATE supervision.checked SET outcome = 'sound'",
        "DELETE FROM supervision.audit",
    ];
    let mut conn = test.db.pool().acquire().await.unwrap();
    for statement in tries {
        let error = sqlx::query(statement).execute(&mut *conn).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
}

#[tokio::test]
async fn what_is_kept_holds_nobody_and_no_written_word() {
    let test = city().await;
    let no = opened(&test).await;
    decide(&test, window(), &no, "correct", "洗手池照片要申请人示例市民2本人补").await;
    deliver(&test).await;
    let mut conn = test.db.pool().acquire().await.unwrap();
    for table in ["event", r#""case""#, "card", "step"] {
        let statement =
            format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM supervision.{table} t");
        let text: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&mut *conn).await.unwrap();
        for word in
            ["示例市民", "示例餐饮", "洗手池", "91350100M000100Y43", "13800000000", "示例window"]
        {
            assert!(!text.contains(word), "{table} holds {word}");
        }
    }
    drop(conn);
    let mut ctx = test.ctx(supervisor()).await;
    let course = course(&mut ctx, &no).await.unwrap();
    assert!(course.seen.iter().any(|seen| seen.word == "correct"));
    let shown = format!("{course:?}");
    assert!(!shown.contains("示例市民") && !shown.contains("洗手池"));
}

#[tokio::test]
async fn that_a_supervisor_looked_is_on_record() {
    let test = city().await;
    let no = opened(&test).await;
    deliver(&test).await;
    let mut ctx = test.ctx(supervisor()).await;
    course(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    let mut conn = test.db.pool().acquire().await.unwrap();
    let acts: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM ledger.entry WHERE verb = 'supervision.course' AND thing = $1",
    )
    .bind(&no)
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert_eq!(acts, 1);
}
