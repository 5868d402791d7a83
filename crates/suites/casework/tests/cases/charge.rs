//! What applicants are charged: by the figure that was worked out and by a fixed amount of the list, above it, off it, and
//! never for a service that is free.

use serde_json::{Value, json};
use time::macros::date;
use zhengtong_base::{Failure as _, Kind, Text};
use zhengtong_casework::*;
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;

use crate::world::{
    accepted, agent, citizen, city, decide, fields, head, input, kind, officer, opening, reviewer,
    seen, task, verbs, window,
};

/// A case of the levy that was assessed at 4,900 yuan.
async fn assessed(test: &TestDb) -> String {
    let mut ctx = test.ctx(agent()).await;
    let answers = json!({
        "project_name": "示例产业园", "starts_on": "2026-12-20", "declared_area": 3500,
        "declared_volume": 0, "asks_relief": false,
    });
    let no = open(
        &mut ctx,
        Opening {
            kind: "levy:levy".to_owned(),
            item: "levy:declare".to_owned(),
            title: Text::new("水土保持补偿费申报", "Conservation charge"),
            answers: answers.as_object().cloned().unwrap(),
            ..opening()
        },
    )
    .await
    .unwrap();
    ctx.commit().await.unwrap();
    decide(test, window(), &no, "accept", "").await.unwrap();
    let view = seen(test, reviewer(), &no).await;
    let mut ctx = test.ctx(reviewer()).await;
    let figures = [("figure.basis_of_levy", "area"), ("figure.quantity", "3500")];
    let figures = figures.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let input = Input { figures, ..input("assessed", "", view.case.version) };
    act(&mut ctx, &no, task(&view, "assessed").id, input).await.unwrap();
    ctx.commit().await.unwrap();
    no
}

fn charging<'a>(item: &'a str, amount: i64, receipt: &'a str) -> Charging<'a> {
    let on = Some(date!(2026 - 03 - 02));
    Charging { item, amount: Some(amount), receipt, on, words: "" }
}

async fn charged(test: &TestDb, no: &str, new: Charging<'_>) -> Result<()> {
    let mut ctx = test.ctx(window()).await;
    charge(&mut ctx, no, new).await?;
    ctx.commit().await.unwrap();
    Ok(())
}

async fn news(test: &TestDb) -> Vec<Value> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    sqlx::query_scalar(
        "SELECT payload FROM db.outbox WHERE topic = 'payment.charged' ORDER BY payload->'seq'",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_charge_is_kept_beside_what_the_list_says_and_told() {
    let test = city().await;
    let no = assessed(&test).await;
    let before = seen(&test, window(), &no).await.case.version;
    let mut ctx = test.ctx(window()).await;
    let found = charges(&mut ctx, &no).await.unwrap();
    assert_eq!((found.listed.len(), found.listed[0].amount, found.may), (1, Some(490_000), true));
    drop(ctx);
    charged(&test, &no, charging("conservation", 400_000, "33019926120001")).await.unwrap();
    charged(&test, &no, charging("conservation", 90_001, "33019926120002")).await.unwrap();

    // The applicant sees it, with the law; nobody changes it.
    let mut ctx = test.ctx(agent()).await;
    let found = charges(&mut ctx, &no).await.unwrap();
    assert_eq!((found.made.len(), found.total(), found.may), (2, 490_001, false));
    let first = &found.made[0];
    assert_eq!(
        (first.amount, first.listed, first.by.as_str()),
        (400_000, Some(490_000), "示例window11")
    );
    assert!(first.basis.as_ref().unwrap().zh.contains("1186号"));
    let view = seen(&test, agent(), &no).await;
    let told: Vec<&str> = view
        .events
        .iter()
        .filter(|event| event.kind == "charge" && event.public)
        .map(|event| event.text.zh.as_str())
        .collect();
    assert_eq!(told[0], "收费 4000.00 元：水土保持补偿费（票据号 33019926120001）");
    assert_eq!(view.case.version, before + 2);

    // Whoever watches hears of the sum: two charges below the list are one above it.
    let told = news(&test).await;
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["total"], &told[0]["listed"]), (&json!(400_000), &json!(490_000)));
    assert_eq!((&told[1]["amount"], &told[1]["total"]), (&json!(90_001), &json!(490_001)));
    assert_eq!(told[1]["total_yuan"], "4900.01");
    let mut ctx = test.ctx(Actor::system("test")).await;
    let recorded = verbs(&mut ctx, "case").await;
    assert_eq!(recorded.iter().filter(|verb| *verb == "casework.charge").count(), 2);
}

#[tokio::test]
async fn what_stands_on_no_list_is_kept_as_such() {
    let test = city().await;
    let no = assessed(&test).await;
    let bare = charged(&test, &no, charging(OFF_LIST, 5_000, "A-1")).await;
    assert_eq!(fields(&bare.unwrap_err()), ["words"]);
    let said = Charging { words: "代收资料费", ..charging(OFF_LIST, 5_000, "A-1") };
    charged(&test, &no, said).await.unwrap();
    let mut ctx = test.ctx(window()).await;
    let made = charges(&mut ctx, &no).await.unwrap().made;
    assert_eq!(
        (made[0].item.as_deref(), made[0].listed, made[0].basis.as_ref()),
        (None, None, None)
    );
    assert!(news(&test).await[0]["listed"].is_null());
    let view = seen(&test, agent(), &no).await;
    assert_eq!(view.events.last().unwrap().reason.as_deref(), Some("代收资料费"));
}

#[tokio::test]
async fn what_no_receipt_says_is_refused_and_nothing_is_kept() {
    let test = city().await;
    let no = assessed(&test).await;
    let good = charging("conservation", 490_000, "33019926120001");
    for (wrong, field) in [
        (Charging { item: "stamp", ..good }, "item"),
        (Charging { item: "", ..good }, "item"),
        (Charging { amount: None, ..good }, "amount"),
        (Charging { amount: Some(0), ..good }, "amount"),
        (Charging { amount: Some(-1), ..good }, "amount"),
        (Charging { amount: Some(100_000_000_001), ..good }, "amount"),
        (Charging { receipt: " ", ..good }, "receipt"),
        (Charging { receipt: "<b>", ..good }, "receipt"),
        (Charging { on: None, ..good }, "on"),
        (Charging { on: Some(date!(2026 - 03 - 03)), ..good }, "on"),
        (Charging { on: Some(date!(2026 - 03 - 01)), ..good }, "on"),
    ] {
        let error = charged(&test, &no, wrong).await.unwrap_err();
        assert_eq!(fields(&error), [field], "{wrong:?}");
    }
    assert!(news(&test).await.is_empty());
    charged(&test, &no, good).await.unwrap();
    // The same receipt twice is one, on the same form and on another.
    let again = charged(&test, &no, good).await.unwrap_err();
    assert_eq!(fields(&again), ["receipt"]);
    for _ in 0..2 {
        let mut ctx = test.ctx(window()).await;
        ctx.key = Some("form-1".to_owned());
        charge(&mut ctx, &no, Charging { receipt: "33019926120002", ..good }).await.unwrap();
        ctx.commit().await.unwrap();
    }
    assert_eq!(news(&test).await.len(), 2);
    // A page of before is refused.
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(charge(&mut ctx, (no.as_str(), 1), good).await), Kind::Conflict);
}

#[tokio::test]
async fn a_free_service_takes_no_charge() {
    let test = city().await;
    let no = accepted(&test).await;
    let mut ctx = test.ctx(window()).await;
    assert_eq!(charges(&mut ctx, &no).await.unwrap(), Charges::default());
    drop(ctx);
    let error = charged(&test, &no, charging(OFF_LIST, 5_000, "A-1")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.text().zh.contains("不收费"));
    assert!(news(&test).await.is_empty());
}

#[tokio::test]
async fn only_the_window_of_the_department_records_a_charge() {
    let test = city().await;
    let no = assessed(&test).await;
    let elsewhere = Actor { organisation: Some(crate::world::id(999)), ..officer(11, "window") };
    for actor in [head(), reviewer(), agent(), citizen(9), elsewhere, Actor::visitor()] {
        let name = actor.name.clone();
        let mut ctx = test.ctx(actor).await;
        let refused = charge(&mut ctx, &no, charging("conservation", 1, "A-1")).await;
        assert!(matches!(kind(refused), Kind::NotFound | Kind::Unauthenticated), "{name} charged");
    }
    assert!(news(&test).await.is_empty());
}
