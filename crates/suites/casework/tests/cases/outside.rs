//! Messages of other systems: the case goes on with them, once, and they reach nothing but their own variable.

use serde_json::{Map, Value, json};
use zhengtong_base::Kind;
use zhengtong_casework::{Addressed, Result, Telling, Told, tell};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, ActorKind};

use crate::joint::{filed, joint_city, joint_city_by};
use crate::world::{OFFICE, agent, head, id, kind, seen, window};

/// The joint course, begun only when a payment has arrived that was no forgery.
fn course() -> String {
    include_str!("../fixtures/joint.bpmn")
        .replace(
            "<bpmn:process id=",
            "<bpmn:message id=\"paid_message\" name=\"payment-arrived\" />\n  <bpmn:process id=",
        )
        .replace(
            "<bpmn:endEvent id=\"declined\"",
            "<bpmn:intermediateCatchEvent id=\"paid\" name=\"等款项\">\
             <bpmn:messageEventDefinition messageRef=\"paid_message\" />\
             </bpmn:intermediateCatchEvent>\n\
             <bpmn:exclusiveGateway id=\"enough\" default=\"to_accept\" />\n\
             <bpmn:sequenceFlow id=\"to_paid\" sourceRef=\"paid\" targetRef=\"enough\" />\n\
             <bpmn:sequenceFlow id=\"to_accept\" sourceRef=\"enough\" targetRef=\"accept\" />\n\
             <bpmn:sequenceFlow id=\"not_enough\" sourceRef=\"enough\" targetRef=\"paid\">\
             <bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">\
             message.fen &lt; 100</bpmn:conditionExpression></bpmn:sequenceFlow>\n\
             <bpmn:endEvent id=\"declined\"",
        )
        .replace(
            "id=\"f1\" sourceRef=\"filed\" targetRef=\"accept\"",
            "id=\"f1\" sourceRef=\"filed\" targetRef=\"paid\"",
        )
}

fn gateway(scopes: &[&str]) -> Actor {
    Actor {
        kind: ActorKind::Device,
        name: "tax-gateway".to_owned(),
        organisation: Some(id(OFFICE)),
        roles: scopes.iter().map(|scope| format!("scope:{scope}")).collect(),
        ..Actor::visitor()
    }
}

fn paid(no: &str, fen: i64) -> Telling<'_> {
    let payload: Map<String, Value> = json!({ "fen": fen }).as_object().cloned().unwrap();
    Telling { name: "payment-arrived", to: Addressed::Case(no), payload, keep_hours: 24 }
}

async fn told(test: &TestDb, key: &str, telling: Telling<'_>) -> Result<Told> {
    let mut ctx = test.ctx(gateway(&["process.message:payment-arrived"])).await;
    ctx.key = Some(key.to_owned());
    let told = tell(&mut ctx, telling).await?;
    ctx.commit().await.unwrap();
    Ok(told)
}

async fn tasks(test: &TestDb, no: &str) -> Vec<String> {
    let view = seen(test, head(), no).await;
    view.tasks.into_iter().map(|task| task.todo.node).collect()
}

#[tokio::test]
async fn a_case_goes_on_with_the_message_it_waits_for() {
    let test = joint_city_by(&course()).await;
    let no = filed(&test, &[]).await;
    assert!(tasks(&test, &no).await.is_empty(), "it waits for the payment");
    let few = told(&test, "1", paid(&no, 99)).await.unwrap();
    assert_eq!(few, Told { kept_until: None });
    assert!(tasks(&test, &no).await.is_empty(), "it was not enough");
    let enough = told(&test, "2", paid(&no, 100)).await.unwrap();
    assert_eq!(enough, Told { kept_until: None });
    assert_eq!(tasks(&test, &no).await, ["accept"]);
    // Sent once more it is the same message; nothing waits for another one.
    assert_eq!(told(&test, "2", paid(&no, 100)).await.unwrap(), enough);
    let kept = told(&test, "3", paid(&no, 100)).await.unwrap();
    assert!(kept.kept_until.is_some());
    // Officers see what came, the applicant does not.
    let view = seen(&test, window(), &no).await;
    let came: Vec<&str> = view
        .events
        .iter()
        .filter(|event| event.kind == "message")
        .map(|event| event.actor.as_str())
        .collect();
    assert_eq!(came, ["tax-gateway"; 3]);
    let view = seen(&test, agent(), &no).await;
    assert!(view.events.iter().all(|event| event.kind != "message"));
}

#[tokio::test]
async fn a_message_that_comes_early_is_kept_and_found() {
    let test = joint_city_by(&course()).await;
    let no = filed(&test, &[]).await;
    told(&test, "1", paid(&no, 1)).await.unwrap();
    let mut ctx = test.ctx(gateway(&["process.message"])).await;
    let other = Telling { name: "other", ..paid(&no, 100) };
    assert!(tell(&mut ctx, other).await.unwrap().kept_until.is_some());
    ctx.commit().await.unwrap();
    assert!(tasks(&test, &no).await.is_empty(), "another name is another message");
}

#[tokio::test]
async fn who_has_no_scope_tells_nothing() {
    let test = joint_city_by(&course()).await;
    let no = filed(&test, &[]).await;
    let refused = [
        (gateway(&["process.message:other"]), Kind::Denied),
        (gateway(&[]), Kind::Denied),
        (Actor { roles: vec!["process.message".to_owned()], ..gateway(&[]) }, Kind::Denied),
        (window(), Kind::Denied),
        (agent(), Kind::Denied),
        (Actor::visitor(), Kind::Unauthenticated),
    ];
    for (actor, expected) in refused {
        let name = actor.name.clone();
        let mut ctx = test.ctx(actor).await;
        assert_eq!(kind(tell(&mut ctx, paid(&no, 100)).await), expected, "{name}");
    }
    // A system does nothing else, whatever its scopes are called.
    let all = gateway(&["process.message", "head", "window", "casework.read"]);
    let all = Actor { roles: all.roles, ..all };
    let mut ctx = test.ctx(all).await;
    assert_eq!(kind(zhengtong_casework::view(&mut ctx, &no).await), Kind::NotFound);
    assert!(tasks(&test, &no).await.is_empty());
}

#[tokio::test]
async fn a_message_for_what_is_over_or_never_was_is_refused() {
    let test = joint_city().await;
    let no = filed(&test, &[]).await;
    let mut ctx = test.ctx(agent()).await;
    zhengtong_casework::withdraw(&mut ctx, &no, "不办了").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(kind(told(&test, "1", paid(&no, 100)).await), Kind::Conflict);
    let absent = told(&test, "2", paid("BL-2026-999999", 100)).await;
    assert_eq!(kind(absent), Kind::NotFound);
}
