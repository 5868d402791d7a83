//! A whole journey, and then a look into every table: what is sensitive about the people involved stands nowhere
//! in plain, not in drafts, cases, processes, registers, messages, jobs or the record of acts.

use sqlx::Row as _;
use time::Duration;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::{Filter, Input, act, inbox, reveal, sealed_keys, view};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_service::submit;

use crate::world::{AGENT, AGREED, NUMBER, agent, city, filled, id, officer};

/// The telephone numbers of the safety officer and of the agent.
const PHONES: [&str; 2] = ["13812345678", "13800000002"];

/// Every row of every table, as the database writes it.
async fn dump(test: &TestDb) -> String {
    let mut conn = test.db.pool().acquire().await.unwrap();
    let tables = sqlx::query(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert!(tables.len() > 30, "{}", tables.len());
    let mut all = String::new();
    for table in tables {
        let name: String = table.get(0);
        let statement =
            format!("SELECT coalesce(string_agg(row_::text, E'\\n'), '') FROM {name} AS row_");
        let rows = sqlx::query(zhengtong_db::sql::trusted(statement)).fetch_one(&mut *conn).await;
        all.push_str(&rows.unwrap().get::<String, _>(0));
        all.push('\n');
    }
    all
}

fn absent(all: &str, what: &str) {
    let line = all.lines().find(|line| line.contains(what));
    assert!(line.is_none(), "{what} stands in a table: {}", line.unwrap_or_default());
    let bytes = zhengtong_crypto::to_hex(what.as_bytes());
    assert!(!all.contains(&bytes), "{what} stands in a table as bytes");
}

async fn opened(test: &TestDb) -> String {
    let draft = filled(test).await;
    let mut ctx = test.ctx(agent()).await;
    let no = submit(&mut ctx, draft, AGREED).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// Walks the case to its end as the officers of the department.
async fn closed(test: &TestDb, no: &str) {
    let steps = [
        ("window", "accept"),
        ("reviewer", "reviewed"),
        ("inspector", "inspected"),
        ("head", "grant"),
    ];
    for (place, (role, outcome)) in steps.into_iter().enumerate() {
        let actor = officer(11 + place as u128, role);
        let mut ctx = test.ctx(actor).await;
        let seen = view(&mut ctx, no).await.unwrap();
        let offered = |task: &&zhengtong_casework::OpenTask| {
            task.choices.iter().any(|choice| choice.outcome == outcome)
        };
        let task = seen.tasks.iter().find(offered).unwrap_or_else(|| panic!("{outcome}")).todo.id;
        let input = Input {
            outcome: outcome.to_owned(),
            reason: "符合条件，按规定办理".to_owned(),
            seen_version: seen.case.version,
            ..Input::default()
        };
        act(&mut ctx, no, task, input).await.unwrap();
        ctx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn after_a_whole_journey_no_table_holds_a_number_in_plain() {
    let test = city().await;
    let no = opened(&test).await;
    let mut ctx = test.ctx(officer(11, "window")).await;
    inbox(&mut ctx, Filter::All).await.unwrap();
    let shown = reveal(&mut ctx, &no, "核对食品安全管理员").await.unwrap();
    assert!(shown.iter().any(|field| field.value.contains(PHONES[0])), "{shown:?}");
    zhengtong_casework::reveal_person(&mut ctx, &no, "电话通知补材料").await.unwrap();
    ctx.commit().await.unwrap();
    let all = dump(&test).await;
    for secret in [NUMBER, "440524188001010014", PHONES[0], PHONES[1]] {
        absent(&all, secret);
    }
    assert!(all.contains(&no), "the dump is not blind");
    for words in ["示例市民2", "核对食品安全管理员", "电话通知补材料"] {
        absent(&all, words);
    }
    let reasons = crate::world::reasons(&test, "casework.reveal").await;
    assert!(reasons[0].starts_with("核对食品安全管理员［"), "the reason is on record: {reasons:?}");
}

#[tokio::test]
async fn a_reason_is_asked_and_only_those_who_handle_the_case_may_see() {
    let test = city().await;
    let no = opened(&test).await;
    for (why, fields) in [("", 1), ("看看", 1), ("   a  b ", 1), (&"字".repeat(201), 1)] {
        let mut ctx = test.ctx(officer(11, "window")).await;
        let error = reveal(&mut ctx, &no, why).await.unwrap_err();
        assert_eq!((error.kind(), error.fields().len()), (Kind::Invalid, fields), "{why}");
    }
    let mut elsewhere = officer(12, "window");
    elsewhere.organisation = Some(id(101));
    for actor in [elsewhere, officer(13, "steward"), officer(14, "audit-admin"), agent()] {
        let mut ctx = test.ctx(actor.clone()).await;
        let error = reveal(&mut ctx, &no, "核对食品安全管理员").await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{actor:?}");
        let error =
            zhengtong_casework::reveal_person(&mut ctx, &no, "核对身份信息").await.unwrap_err();
        assert!(matches!(error.kind(), Kind::NotFound | Kind::Denied), "{actor:?}");
    }
    // Nor a colleague for whom no step of this case waits, and nobody beside the one who has taken it.
    let mut ctx = test.ctx(officer(15, "reviewer")).await;
    let error = zhengtong_casework::reveal_person(&mut ctx, &no, "核对身份信息").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "a reviewer of other cases");
    let mut ctx = test.ctx(officer(11, "window")).await;
    let todo = view(&mut ctx, &no).await.unwrap().tasks[0].todo.id;
    zhengtong_casework::claim(&mut ctx, todo).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(officer(16, "window")).await;
    let error = zhengtong_casework::reveal_person(&mut ctx, &no, "核对身份信息").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "somebody else has it in hand");
    for (number, role) in [(11, "window"), (17, "head")] {
        let mut ctx = test.ctx(officer(number, role)).await;
        let seen = zhengtong_casework::reveal_person(&mut ctx, &no, "核对身份信息").await;
        assert!(seen.is_ok(), "{role}");
    }
    // The one it is about finds the look, with its reason and what was seen.
    let mut ctx = test.ctx(officer(11, "window")).await;
    let case = view(&mut ctx, &no).await.unwrap().case;
    assert_eq!(
        sealed_keys(&case).into_iter().collect::<Vec<_>>(),
        ["officer_mobile", "officer_name"]
    );
    reveal(&mut ctx, &no, "核对食品安全管理员").await.unwrap();
    let paging = zhengtong_base::Paging::new(1, 50);
    let mut uses = zhengtong_ledger::uses(ctx.conn(), id(AGENT), paging).await.unwrap();
    for entry in &mut uses.rows {
        ctx.unveil(&mut entry.act).unwrap();
    }
    let look = uses.rows.iter().find(|entry| entry.act.verb == "casework.reveal").unwrap();
    let reason = look.act.reason.as_deref().unwrap();
    assert!(reason.starts_with("核对食品安全管理员［") && reason.ends_with('］'), "{reason}");
    assert!(uses.rows.iter().all(|entry| entry.act.person != Some(id(AGENT))));
}

#[tokio::test]
async fn after_its_time_a_case_tells_nothing_about_people_and_the_record_holds() {
    let test = city().await;
    // The number of a licence begins with the region of its office.
    sqlx::query("UPDATE party.organisation SET region = '330106'")
        .execute(test.db.pool())
        .await
        .unwrap();
    let no = opened(&test).await;
    closed(&test, &no).await;
    let before = dump(&test).await;
    let water = "\"water\": \"tap\"".replace('"', "\"\"");
    assert!(before.contains(&water), "what conditions ask for stands plain");
    for what in ["示例乙", "布局图.pdf"] {
        assert!(!before.contains(what), "{what}: sealed from the beginning");
    }
    let retire = async |days: i64| {
        test.clock.advance(Duration::days(days));
        let mut ctx = test.ctx(Actor::system("retention")).await;
        let count = zhengtong_casework::retire(&mut ctx).await.unwrap();
        ctx.commit().await.unwrap();
        count
    };
    assert_eq!(retire(365 * 10 - 2).await, 0);
    assert_eq!(retire(30).await, 1);
    assert_eq!(retire(1).await, 0);
    let mut tx = test.db.begin_raw().await.unwrap();
    zhengtong_form::sweep_expired(&mut tx, test.db.clock().now(), 100).await.unwrap();
    let key = zhengtong_crypto::SigningKey::from_seed([9; 32]);
    while zhengtong_ledger::seal(&mut tx, test.db.clock().now(), &key).await.unwrap().is_some() {}
    tx.commit().await.unwrap();
    let all = dump(&test).await;
    assert!(!all.contains("布局图.pdf"));
    let held: i64 =
        sqlx::query_scalar("SELECT count(*) FROM casework.\"case\" WHERE answers <> '{}'")
            .fetch_one(test.db.pool())
            .await
            .unwrap();
    assert_eq!(held, 0);
    assert!(all.contains(&no), "the number stays");
    let mut conn = test.db.pool().acquire().await.unwrap();
    let trust = zhengtong_ledger::Trust::default();
    let report = zhengtong_ledger::verify_db(&mut conn, &trust).await.unwrap();
    assert!(report.is_sound(), "{report:?}");
    // The page of such a case still opens.
    let mut ctx = test.ctx(officer(11, "window")).await;
    let seen = view(&mut ctx, &no).await.unwrap();
    assert!(seen.case.answers.is_empty() && seen.case.person_name.is_empty());
}
