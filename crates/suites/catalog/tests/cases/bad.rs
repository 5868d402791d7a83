//! What is refused, each with its field: nothing of it reaches the directory.

use zhengtong_base::Failure as _;
use zhengtong_catalog::{Body, Openness, change, compile, publish, review, save, submit};
use zhengtong_db::Actor;
use zhengtong_registry::{Sensitivity, Sharing};

use crate::world::{body, city, item, office, other_steward, published, steward};

/// What handing in says of a body.
async fn said(test: &zhengtong_db::testing::TestDb, body: Body) -> Vec<String> {
    let mut ctx = test.ctx(steward()).await;
    let id = compile(&mut ctx, body).await.unwrap();
    match submit(&mut ctx, id).await {
        Ok(()) => Vec::new(),
        Err(error) => error.fields().into_iter().map(|one| one.field).collect(),
    }
}

type Break = fn(&mut Body);

#[tokio::test]
async fn what_breaks_a_rule_of_the_guide_is_refused_with_its_field() {
    let test = city().await;
    assert_eq!(said(&test, body("好的资源")).await, Vec::<String>::new());
    let rows: [(&str, Break); 15] = [
        ("basis", |body| body.sharing.kind = Sharing::None),
        ("condition", |body| body.sharing.kind = Sharing::Conditional),
        ("openness", |body| {
            body.items.push(item("身份号码", Sensitivity::Sensitive));
            body.openness.kind = Openness::Unconditional;
        }),
        // Whatever the unit says of it: the data element is personal.
        ("openness", |body| {
            body.items[0].element = Some("person.id_number".to_owned());
            body.openness.kind = Openness::Unconditional;
        }),
        ("openness", |body| {
            body.sharing.kind = Sharing::None;
            body.sharing.basis = "《示例法》第一条".to_owned();
            body.openness.kind = Openness::Unconditional;
        }),
        ("open_condition", |body| body.openness.kind = Openness::Conditional),
        ("class", |body| body.class = "999".to_owned()),
        ("class", |body| body.class = "338".to_owned()),
        ("class", |body| body.class = "304001".to_owned()),
        ("summary_zh", |body| body.summary.zh = "无".to_owned()),
        ("items", |body| body.items.clear()),
        ("items", |body| {
            let again = body.items[0].clone();
            body.items.push(again);
        }),
        ("related", |body| body.related = vec!["338001-1".to_owned()]),
        ("related", |body| body.related = vec!["338001/000099".to_owned()]),
        ("dataset", |body| body.dataset = Some("base-population:resident".to_owned())),
    ];
    for (field, damage) in rows {
        let mut body = body("坏的资源");
        damage(&mut body);
        let said = said(&test, body).await;
        assert!(said.iter().any(|one| one == field), "{field}: {said:?}");
    }
}

#[tokio::test]
async fn a_resource_without_a_provider_is_refused() {
    let test = city().await;
    let mut nobody = steward();
    nobody.organisation = None;
    let mut ctx = test.ctx(nobody).await;
    let error = compile(&mut ctx, body("甲")).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "provider");
    // A unit without a credit code cannot hand in either.
    let mut ctx = test.ctx(other_steward()).await;
    let mut other = body("学校名录");
    other.class = "304001".to_owned();
    let id = compile(&mut ctx, other).await.unwrap();
    let error = submit(&mut ctx, id).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "provider");
}

#[tokio::test]
async fn what_is_made_from_itself_is_refused_however_long_the_way() {
    let test = city().await;
    let (first, a) = published(&test, body("甲")).await;
    let mut second = body("乙");
    second.sources = vec![a.clone()];
    let (_, b) = published(&test, second).await;
    let mut third = body("丙");
    third.sources = vec![b.clone()];
    let (_, c) = published(&test, third).await;
    for sources in [vec![a.clone()], vec![b], vec![c]] {
        let mut ctx = test.ctx(steward()).await;
        change(&mut ctx, first).await.unwrap();
        let mut again = body("甲");
        again.sources.clone_from(&sources);
        save(&mut ctx, first, again).await.unwrap();
        let error = submit(&mut ctx, first).await.unwrap_err();
        assert_eq!(error.fields()[0].field, "sources", "{sources:?}");
    }
    let mut ctx = test.ctx(steward()).await;
    change(&mut ctx, first).await.unwrap();
    let mut again = body("甲");
    again.related = vec![a];
    save(&mut ctx, first, again).await.unwrap();
    let error = submit(&mut ctx, first).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "related");
}

#[tokio::test]
async fn two_that_lead_to_each_other_are_not_both_published() {
    let test = city().await;
    let (first, a) = published(&test, body("甲")).await;
    let (second, b) = published(&test, body("乙")).await;
    // Neither is wrong by what is in force when it is reviewed.
    for (id, title, source) in [(first, "甲", &b), (second, "乙", &a)] {
        let mut ctx = test.ctx(steward()).await;
        change(&mut ctx, id).await.unwrap();
        save(&mut ctx, id, Body { sources: vec![source.clone()], ..body(title) }).await.unwrap();
        submit(&mut ctx, id).await.unwrap();
        ctx.commit().await.unwrap();
        let mut ctx = test.ctx(office()).await;
        review(&mut ctx, id, None).await.unwrap();
        ctx.commit().await.unwrap();
    }
    // Both are published at once: the second waits for the first, and sees what it was made from.
    let mut ctx = test.ctx(office()).await;
    publish(&mut ctx, first).await.unwrap();
    let other = async {
        let mut ctx = test.ctx(office()).await;
        publish(&mut ctx, second).await
    };
    let commit = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        ctx.commit().await.unwrap();
    };
    let (refused, ()) = tokio::join!(other, commit);
    let error = refused.unwrap_err();
    assert_eq!(error.fields()[0].field, "sources");
    let text = &error.fields()[0].text;
    assert!(text.zh.contains("请去掉一个") && text.en.contains("take one away"), "{text:?}");
}

#[tokio::test]
async fn a_text_without_end_is_refused_already_as_a_draft() {
    let test = city().await;
    let mut ctx = test.ctx(steward()).await;
    let mut long = body("甲");
    long.title.zh = "长".repeat(201);
    long.summary.zh = "长".repeat(4_001);
    let error = compile(&mut ctx, long).await.unwrap_err();
    let fields: Vec<String> = error.fields().into_iter().map(|one| one.field).collect();
    assert_eq!(fields, ["title_zh", "summary_zh"]);
}

#[tokio::test]
async fn only_the_platform_takes_over_a_directory() {
    let test = city().await;
    let mut ctx = test.ctx(steward()).await;
    let unit = ctx.actor.organisation.unwrap();
    let denied = zhengtong_catalog::seed(&mut ctx, vec![(unit, body("甲"))]).await;
    assert!(denied.is_err());
    let mut ctx = test.ctx(Actor::system("demo")).await;
    let bad = zhengtong_catalog::seed(
        &mut ctx,
        vec![(unit, {
            let mut body = body("甲");
            body.items.clear();
            body
        })],
    );
    assert_eq!(bad.await.unwrap_err().fields()[0].field, "items");
    let mut ctx = test.ctx(Actor::system("demo")).await;
    let two = vec![(unit, body("甲")), (unit, body("乙"))];
    assert_eq!(zhengtong_catalog::seed(&mut ctx, two).await.unwrap(), 2);
}
