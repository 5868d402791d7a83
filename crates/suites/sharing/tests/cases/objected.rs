//! Objections: traced to the source, marked, settled, and told to whoever used the record.

use uuid::Uuid;
use zhengtong_base::Kind;
use zhengtong_registry::{check_quality, quality_faults};
use zhengtong_sharing::{
    NewObjection, ObjectionState, Raised, StepKind, correct, extend, held_of_me, keep, my_marks,
    my_objections, object, object_by_key, objection, objections, records, send_back,
};

use crate::world::*;

const KEY: [(&str, &str); 1] = [("id_number", NUMBER)];

async fn raised(test: &zhengtong_db::testing::TestDb) -> String {
    let held = act!(test, citizen(1), held_of_me).unwrap();
    let one = held.iter().find(|one| one.dataset == RESIDENT).unwrap();
    let new = NewObjection {
        dataset: RESIDENT.to_owned(),
        record: one.record,
        field: "marital_status".to_owned(),
        claimed: "20".to_owned(),
        why: "我去年已经结婚".to_owned(),
    };
    let raised = act!(test, citizen(1), object, new).unwrap();
    raised.no().to_owned()
}

#[tokio::test]
async fn a_correction_goes_through_the_register_and_reaches_whoever_used_the_record() {
    let test = city().await;
    let mut new = wanted(&test);
    new.fields.push("marital_status".to_owned());
    let grant = granted(&test, new, terms(&test, &["name", "marital_status"], &[])).await;
    act!(test, reviewer(), records, &grant, &KEY, &[]).unwrap();
    let no = raised(&test).await;

    // The mark stands where the record is read, and nowhere else.
    let shared = act!(test, reviewer(), records, &grant, &KEY, &[]).unwrap().unwrap();
    let marks: Vec<bool> = shared.values.iter().map(|value| value.disputed).collect();
    assert_eq!(marks, [false, true]);
    let elements = act!(test, citizen(1), my_marks).unwrap();
    assert!(elements.contains("person.marital_status"), "{elements:?}");
    assert!(act!(test, citizen(2), my_marks).unwrap().is_empty());

    assert_eq!(kind(act!(test, asker(), correct, &no, "20", "经核实")), Kind::NotFound);
    assert_eq!(kind(act!(test, citizen(1), correct, &no, "20", "我自己改")), Kind::NotFound);
    assert_eq!(wrong(act!(test, provider(), correct, &no, "99999", "经核实已婚")), ["claimed"]);
    act!(test, provider(), correct, &no, "20", "经核实已婚").unwrap();

    let shared = act!(test, reviewer(), records, &grant, &KEY, &[]).unwrap().unwrap();
    assert_eq!(shared.values[1].value, serde_json::json!("20"));
    assert!(!shared.values[1].disputed);
    let seen = act!(test, citizen(1), objection, &no).unwrap();
    assert_eq!((seen.objection.state, seen.objection.told), (ObjectionState::Corrected, 1));
    assert_eq!(seen.steps.last().unwrap().kind, StepKind::Told);
    let news: Vec<serde_json::Value> =
        sqlx::query_scalar("SELECT payload FROM db.outbox WHERE topic = 'sharing.settled'")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(news.len(), 1);
    assert_eq!(news[0]["unit"], serde_json::json!(id(MARKET)));
    let mut ctx = test.ctx(provider()).await;
    let purpose = zhengtong_registry::Purpose::new("看更正的来历");
    let record = zhengtong_registry::lookup(&mut ctx, RESIDENT, &KEY, &purpose).await.unwrap();
    assert_eq!(record.unwrap().by_case.as_deref(), Some(no.as_str()));
}

#[tokio::test]
async fn one_conflict_is_one_task() {
    let test = city().await;
    let no = raised(&test).await;
    assert_eq!(raised(&test).await, no);
    assert_eq!(act!(test, provider(), objections, true, 1).unwrap().total, 1);
    act!(test, provider(), keep, &no, "婚姻登记没有这一条").unwrap();
    assert_ne!(raised(&test).await, no);
    assert_eq!(act!(test, citizen(1), my_objections).unwrap().len(), 2);
    assert!(act!(test, citizen(2), my_objections).unwrap().is_empty());
}

#[tokio::test]
async fn time_is_extended_once_and_what_is_late_shows() {
    let test = city().await;
    let no = raised(&test).await;
    let due = |seen: &zhengtong_sharing::ObjectionSeen| seen.objection.due.unwrap();
    let first = due(&act!(test, provider(), objection, &no).unwrap());
    act!(test, provider(), extend, &no, "要向外省核实").unwrap();
    let second = due(&act!(test, provider(), objection, &no).unwrap());
    assert!(second > first);
    assert_eq!(kind(act!(test, provider(), extend, &no, "还要再延长")), Kind::Conflict);
    days(&test, 30);
    assert_eq!(act!(test, provider(), zhengtong_sharing::counts).unwrap().objections_overdue, 1);
    assert_eq!(wrong(act!(test, provider(), keep, &no, "否")), ["reason"]);
    act!(test, provider(), keep, &no, "外省登记与本市一致").unwrap();
    assert!(act!(test, provider(), objection, &no).unwrap().objection.late);
    assert_eq!(kind(act!(test, provider(), keep, &no, "再办一次")), Kind::Conflict);
}

#[tokio::test]
async fn others_records_are_nobodys_to_object_to() {
    let test = city().await;
    let held = act!(test, citizen(2), held_of_me).unwrap();
    let foreign = held.iter().find(|one| one.dataset == RESIDENT).unwrap().record;
    let new = NewObjection {
        dataset: RESIDENT.to_owned(),
        record: foreign,
        field: "name".to_owned(),
        claimed: "示例丙".to_owned(),
        why: "不是我的记录".to_owned(),
    };
    assert_eq!(kind(act!(test, citizen(1), object, new)), Kind::NotFound);
    // An officer objects to what the unit has used, and learns of nothing else.
    let said = ("phone", "13900000000", "本人到窗口说已换号");
    let by_officer = act!(test, reviewer(), object_by_key, RESIDENT, &KEY, said, Some("SPJY-1"));
    assert_eq!(kind(by_officer), Kind::NotFound);
    let grant = granted(&test, wanted(&test), terms(&test, &["phone"], &[])).await;
    act!(test, reviewer(), records, &grant, &KEY, &[]).unwrap();
    let raised = act!(test, reviewer(), object_by_key, RESIDENT, &KEY, said, Some("SPJY-1"));
    let raised = raised.unwrap();
    assert!(matches!(raised, Raised::New(_)));
    let seen = act!(test, reviewer(), objection, raised.no()).unwrap();
    assert_eq!(seen.objection.case.as_deref(), Some("SPJY-1"));
    assert_eq!(kind(act!(test, stranger(), objection, raised.no())), Kind::NotFound);
}

#[tokio::test]
async fn what_breaks_a_rule_of_quality_goes_back_to_its_source() {
    let test = city().await;
    // What no verb lets in, as an old system might have left it.
    sqlx::query("UPDATE registry.\"base-population:resident\" SET sex = '7'")
        .execute(test.db.pool())
        .await
        .unwrap();
    let mut ctx = test.ctx(provider()).await;
    let bad = check_quality(&mut ctx, RESIDENT).await.unwrap();
    let rows = quality_faults(&mut ctx, RESIDENT, "sex.code", Uuid::nil()).await.unwrap();
    ctx.commit().await.unwrap();
    let steward = || officer(13, MARKET, "steward");
    let record = rows[0].id;
    // Only a steward, only a record that broke this very rule, and each once.
    assert_eq!(kind(act!(test, stranger(), send_back, RESIDENT, "sex.code", record)), Kind::Denied);
    assert_eq!(
        kind(act!(test, steward(), send_back, RESIDENT, "name.required", record)),
        Kind::NotFound
    );
    let raised = act!(test, steward(), send_back, RESIDENT, "sex.code", record).unwrap();
    let no = raised.no().to_owned();
    let again = act!(test, steward(), send_back, RESIDENT, "sex.code", record).unwrap();
    assert_eq!(again, Raised::Joined(no.clone()));
    let seen = act!(test, provider(), objection, &no).unwrap();
    assert!(seen.may_settle && seen.claimed.is_empty());
    assert_eq!(seen.objection.unit, Some(id(MARKET)));
    assert!(seen.steps[0].words.contains("代码表"), "{:?}", seen.steps);
    act!(test, provider(), correct, &no, "2", "已按户口簿核对").unwrap();

    test.clock.advance(time::Duration::minutes(1));
    let mut ctx = test.ctx(provider()).await;
    let better = check_quality(&mut ctx, RESIDENT).await.unwrap();
    let left = quality_faults(&mut ctx, RESIDENT, "sex.code", Uuid::nil()).await.unwrap();
    assert_eq!((rows.len(), left.len()), (2, 1));
    assert!(bad.consistency < better.consistency && better.consistency < 1.0);
    ctx.commit().await.unwrap();
    let seen = act!(test, steward(), objection, &no).unwrap();
    assert_eq!((seen.objection.state, seen.objection.told), (ObjectionState::Corrected, 1));
}
