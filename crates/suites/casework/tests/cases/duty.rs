//! A penalty as the pack has it: begun by duty, with figures and a benchmark, hidden from the party until it is told,
//! and going on when the party does not answer in time.

use std::path::Path;

use serde_json::json;
use time::Duration;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_pack::{Packs, Report};

use crate::world::{
    CODE, agent, city_of_packs, decide, fields, head, id, input, inspector, kind, opening,
    reviewer, seen, task,
};

/// The city with the pack of penalties. The party of these cases is not known to the platform.
async fn penal_city() -> TestDb {
    let mut report = Report::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs");
    let packs = Packs::from_folder(&folder, &mut report);
    city_of_packs(&packs, &mut report, &[zhengtong_party::SCHEMA]).await
}

async fn lead(test: &TestDb) -> String {
    let mut ctx = test.ctx(inspector()).await;
    let answers = json!({ "party_code": CODE, "party_name": "示例餐饮有限公司" });
    let lead = Opening {
        kind: "penalty:penalty".to_owned(),
        item: "penalty:lead".to_owned(),
        title: Text::new("食品安全案源登记", "Lead of a food safety case"),
        person: id(13),
        organisation: None,
        answers: answers.as_object().cloned().unwrap(),
        facts: Vec::new(),
        materials: Vec::new(),
        promised_days: 90,
        statutory_days: 90,
        ..opening()
    };
    let no = open(&mut ctx, lead).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

/// Decides with figures.
async fn found(test: &TestDb, no: &str, outcome: &str, figures: &[(&str, &str)]) -> Result<Case> {
    let view = seen(test, inspector(), no).await;
    let mut ctx = test.ctx(inspector()).await;
    let named = |(name, text): &(&str, &str)| (format!("{FIGURE_FIELD}{name}"), (*text).to_owned());
    let input = Input {
        figures: figures.iter().map(named).collect(),
        ..input(outcome, "按查明的事实", view.case.version)
    };
    let case = act(&mut ctx, no, task(&view, outcome).id, input).await?;
    ctx.commit().await.unwrap();
    Ok(case)
}

const FACTS: [(&str, &str); 4] = [
    ("violation", "label"),
    ("goods_value", "3,200"),
    ("circumstance", "light"),
    ("findings", "标签没有生产日期，有现场笔录和照片"),
];

#[tokio::test]
async fn the_range_of_a_fine_follows_from_the_benchmark_and_beyond_it_the_heads_discuss() {
    let test = penal_city().await;
    let no = lead(&test).await;
    decide(&test, head(), &no, "file", "").await.unwrap();
    let missing = found(&test, &no, "concluded", &FACTS[..2]).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::Invalid);
    assert_eq!(fields(&missing), ["figure.circumstance", "figure.findings"]);
    let case = found(&test, &no, "concluded", &FACTS).await.unwrap();
    assert_eq!(
        (&case.answers["fine_low"], &case.answers["fine_high"]),
        (&json!(5000), &json!(18500))
    );
    let shown: Vec<&str> = case
        .facts
        .iter()
        .flat_map(|section| &section.rows)
        .map(|fact| fact.value.zh.as_str())
        .collect();
    assert!(shown.contains(&"3,200.00 元") && shown.contains(&"18,500.00 元"), "{shown:?}");

    found(&test, &no, "propose", &[("fine_proposed", "60000")]).await.unwrap();
    let view = seen(&test, head(), &no).await;
    assert_eq!(view.tasks[0].todo.node, "discuss");
    decide(&test, head(), &no, "repropose", "没有从重情节").await.unwrap();
    found(&test, &no, "propose", &[("fine_proposed", "8000")]).await.unwrap();
    assert_eq!(seen(&test, head(), &no).await.tasks[0].todo.node, "legal");
}

#[tokio::test]
async fn nobody_takes_back_what_the_office_began_and_a_stranger_sees_nothing() {
    let test = penal_city().await;
    let no = lead(&test).await;
    let view = seen(&test, head(), &no).await;
    assert!(!view.may_withdraw);
    let mut ctx = test.ctx(agent()).await;
    assert_eq!(kind(zhengtong_casework::view(&mut ctx, &no).await), Kind::NotFound);
}

#[tokio::test]
async fn a_party_that_does_not_answer_in_five_working_days_has_waived_by_rule() {
    let test = penal_city().await;
    let no = lead(&test).await;
    decide(&test, head(), &no, "file", "").await.unwrap();
    found(&test, &no, "concluded", &FACTS).await.unwrap();
    found(&test, &no, "propose", &[("fine_proposed", "8000")]).await.unwrap();
    decide(&test, reviewer(), &no, "lawful", "").await.unwrap();
    let view = seen(&test, head(), &no).await;
    assert_eq!(
        (view.tasks[0].todo.node.as_str(), view.tasks[0].todo.side),
        ("object", Side::Applicant)
    );
    assert!(view.tasks[0].todo.due_day.is_some());

    let mut ctx = test.ctx(Actor::system("due")).await;
    ctx.now += Duration::days(3);
    assert!(!lapse_next(&mut ctx).await.unwrap());
    ctx.now += Duration::days(12);
    assert!(lapse_next(&mut ctx).await.unwrap());
    ctx.commit().await.unwrap();
    let view = seen(&test, head(), &no).await;
    assert_eq!(view.tasks[0].todo.node, "decide");
    let last =
        view.events.iter().rev().find(|event| event.node.as_deref() == Some("object")).unwrap();
    assert_eq!(last.actor, "政通");
}
