//! Letters without a login: taken, looked up by their code, told of once, and nothing of them readable in the tables.

use zhengtong_base::{Kind, Text};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_party::{NewOrganisation, OrganisationKind, Seed, SeedOrganisation, seed};
use zhengtong_service::{Slip, look, published, write};

use crate::world::{ITEM, city, fields, id, kind, rows};

const LETTER: &str = "mayor-mailbox:write";
const ADDRESS: &str = "13812345678";

async fn town() -> TestDb {
    let test = city().await;
    let office = SeedOrganisation {
        id: id(500),
        organisation: NewOrganisation {
            parent: None,
            region: Some("330100".to_owned()),
            kind: OrganisationKind::Department,
            name: Text::new("政府办公室", "General Office"),
            short: Some("government-office".to_owned()),
            credit_code: None,
            representative: None,
        },
    };
    let mut ctx = test.ctx(Actor::system("seed")).await;
    seed(&mut ctx, &Seed { organisations: vec![office], ..Seed::default() }).await.unwrap();
    ctx.commit().await.unwrap();
    test
}

fn letter(content: &str) -> Vec<(String, String)> {
    let given = [("subject", "书院路路灯不亮"), ("content", content), ("may_publish", "false")];
    given.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
}

async fn written(test: &TestDb) -> Slip {
    let mut ctx = test.ctx(Actor::visitor()).await;
    let given = letter("书院路小学门口三盏路灯两周不亮");
    let slip = write(&mut ctx, LETTER, &given, ADDRESS).await.unwrap();
    ctx.commit().await.unwrap();
    slip
}

#[tokio::test]
async fn a_letter_is_opened_by_its_code_and_by_nothing_else() {
    let test = town().await;
    let slip = written(&test).await;
    let other = written(&test).await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let typed = slip.code.to_lowercase().replace('-', " ");
    let found = look(&mut ctx, LETTER, &slip.no.to_lowercase(), &typed).await.unwrap().unwrap();
    assert_eq!(found.no, slip.no);
    let words: Vec<&str> = found
        .facts
        .iter()
        .flat_map(|section| &section.rows)
        .map(|fact| fact.value.zh.as_str())
        .collect();
    assert!(words.contains(&"书院路小学门口三盏路灯两周不亮"), "{words:?}");
    assert!(found.answer.is_none() && !found.events.is_empty());
    for (no, code) in [
        (slip.no.as_str(), other.code.as_str()),
        (slip.no.as_str(), ""),
        (other.no.as_str(), slip.code.as_str()),
        ("SX-2020-999999", slip.code.as_str()),
    ] {
        assert!(look(&mut ctx, LETTER, no, code).await.unwrap().is_none(), "{no} {code}");
    }
    let foreign = look(&mut ctx, ITEM, &slip.no, &slip.code).await;
    assert_eq!(kind(foreign), Kind::Unauthenticated, "this item has no letters");
}

#[tokio::test]
async fn neither_the_code_nor_the_address_stands_in_a_table() {
    let test = town().await;
    let slip = written(&test).await;
    let kept: (String, String) = sqlx::query_as("SELECT digest, address FROM service.unsigned")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert!(!kept.0.contains(&slip.code) && kept.0.len() == 64);
    assert!(!kept.1.contains(ADDRESS), "{}", kept.1);
    let people: i64 = rows(&test, "party.person").await;
    written(&test).await;
    assert_eq!(rows(&test, "party.person").await, people, "nobody is made of a letter");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once_and_nothing_is_kept() {
    let test = town().await;
    let mut ctx = test.ctx(Actor::visitor()).await;
    let wrong = write(&mut ctx, LETTER, &letter("短"), "不告诉你").await.unwrap_err();
    assert_eq!(fields(&wrong), ["content", "address"]);
    let number =
        write(&mut ctx, LETTER, &letter("我的号码是11010519491231002X，请查"), ADDRESS).await;
    assert_eq!(fields(&number.unwrap_err()), ["content"]);
    let closed = write(&mut ctx, ITEM, &[], ADDRESS).await;
    assert_eq!(kind(closed), Kind::Unauthenticated, "a licence is for those who sign in");
    drop(ctx);
    assert_eq!(rows(&test, "service.unsigned").await, 0);
    assert_eq!(rows(&test, "casework.\"case\"").await, 0);
}

#[tokio::test]
async fn everybody_reads_what_was_published_and_only_of_items_that_publish() {
    let test = town().await;
    let mut ctx = test.ctx(Actor::system("seed")).await;
    for number in 1..=12 {
        let record = serde_json::json!({
            "number": format!("SX-2026-{number:06}"), "class": "suggest", "question": format!("第{number}封，路灯"),
            "answer": "已经修好，当晚恢复照明", "published_on": "2026-03-01",
        });
        let record = record.as_object().cloned().unwrap().into_iter().collect();
        let origin = zhengtong_registry::Origin::new("政府办公室");
        zhengtong_registry::put(&mut ctx, "mayor-mailbox:published", &record, &origin)
            .await
            .unwrap();
    }
    ctx.commit().await.unwrap();
    let mut ctx = test.ctx(Actor::visitor()).await;
    let (_, all) = published(&mut ctx, "mayor-mailbox-write", "", 1).await.unwrap();
    assert_eq!((all.rows.len(), all.total), (10, 12));
    let (_, rest) = published(&mut ctx, "mayor-mailbox-write", "", 2).await.unwrap();
    assert_eq!(rest.rows.len(), 2);
    let (_, one) = published(&mut ctx, "mayor-mailbox-write", "第7封", 1).await.unwrap();
    assert_eq!(one.rows.len(), 1);
    assert_eq!(one.rows[0].question.zh, "第7封，路灯");
    let none = published(&mut ctx, "food-business-new", "", 1).await;
    assert_eq!(kind(none), Kind::NotFound);
}
