//! What applicants are charged: by the figure that was worked out and by a fixed amount of the list, above it, off it, and
//! never for a service that is free; and striking out what was put down wrongly.

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
    news_of(test, "payment.charged").await
}

async fn news_of(test: &TestDb, topic: &str) -> Vec<Value> {
    let mut ctx = test.ctx(Actor::system("test")).await;
    sqlx::query_scalar("SELECT payload FROM db.outbox WHERE topic = $1 ORDER BY payload->'seq'")
        .bind(topic)
        .fetch_all(ctx.conn())
        .await
        .unwrap()
}

async fn struck(test: &TestDb, no: &str, seq: i32, reason: &str) -> Result<()> {
    let mut ctx = test.ctx(window()).await;
    strike(&mut ctx, no, seq, reason).await?;
    ctx.commit().await.unwrap();
    Ok(())
}

async fn found(test: &TestDb, actor: Actor, no: &str) -> Charges {
    let mut ctx = test.ctx(actor).await;
    charges(&mut ctx, no).await.unwrap()
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

#[tokio::test]
async fn a_charge_put_down_wrongly_is_struck_out_and_recorded_anew() {
    let test = city().await;
    let no = assessed(&test).await;
    let good = charging("conservation", 490_000, "33019926120001");
    charged(&test, &no, charging("conservation", 49_000, "33019926120001")).await.unwrap();
    let before = seen(&test, window(), &no).await.case.version;
    // As long as it stands, the receipt is taken.
    assert_eq!(fields(&charged(&test, &no, good).await.unwrap_err()), ["receipt"]);
    struck(&test, &no, 1, " 少写了一位，票据上是4900元 ").await.unwrap();
    assert_eq!(found(&test, agent(), &no).await.total(), 0);
    charged(&test, &no, good).await.unwrap();

    // Both stand there for the applicant, and one counts.
    let charges = found(&test, agent(), &no).await;
    let amounts: Vec<i64> = charges.made.iter().map(|one| one.amount).collect();
    assert_eq!((amounts.as_slice(), charges.total()), ([49_000, 490_000].as_slice(), 490_000));
    assert_eq!(charges.charged_of("conservation"), 490_000);
    let gone = charges.made[0].struck.clone().unwrap();
    assert_eq!(
        (gone.reason.as_str(), gone.by.as_str()),
        ("少写了一位，票据上是4900元", "示例window11")
    );
    assert_eq!(charges.made[1].struck, None);
    let standing: Vec<i32> = charges.standing().map(|one| one.seq).collect();
    assert_eq!((standing, charges.may_strike), (vec![2], false));
    assert!(found(&test, window(), &no).await.may_strike);
    let view = seen(&test, agent(), &no).await;
    let told = view.events.iter().find(|event| event.kind == "strike" && event.public).unwrap();
    assert_eq!(
        told.text.zh,
        "更正收费登记：划掉 490.00 元，水土保持补偿费（票据号 33019926120001）"
    );
    assert_eq!(told.reason.as_deref(), Some("少写了一位，票据上是4900元"));
    assert_eq!(view.case.version, before + 2);

    // Whoever watches hears of it, and of what is left; the record has an act of its own.
    let heard = news_of(&test, "payment.struck").await;
    assert_eq!(heard.len(), 1);
    assert_eq!((&heard[0]["case"], &heard[0]["seq"]), (&json!(no), &json!(1)));
    assert_eq!((&heard[0]["item"], &heard[0]["amount"]), (&json!("conservation"), &json!(49_000)));
    assert_eq!((&heard[0]["total"], &heard[0]["listed"]), (&json!(0), &json!(490_000)));
    assert_eq!(news(&test).await[1]["total"], json!(490_000));
    let mut ctx = test.ctx(Actor::system("test")).await;
    let recorded = verbs(&mut ctx, "case").await;
    assert_eq!(recorded.iter().filter(|verb| *verb == "casework.strike").count(), 1);
}

#[tokio::test]
async fn what_is_left_of_an_item_is_told_and_of_what_stands_on_no_list_nothing() {
    let test = city().await;
    let no = assessed(&test).await;
    charged(&test, &no, charging("conservation", 400_000, "A-1")).await.unwrap();
    charged(&test, &no, charging("conservation", 90_001, "A-2")).await.unwrap();
    let aside = Charging { words: "代收资料费", ..charging(OFF_LIST, 5_000, "A-3") };
    charged(&test, &no, aside).await.unwrap();
    struck(&test, &no, 2, "票据上是900元").await.unwrap();
    struck(&test, &no, 3, "别的件的票据").await.unwrap();
    let heard = news_of(&test, "payment.struck").await;
    let totals: Vec<&Value> = heard.iter().map(|one| &one["total"]).collect();
    assert_eq!(totals, [&json!(400_000), &json!(0)]);
    assert_eq!(heard[0]["amount_yuan"], "900.01");
    assert!(heard[1]["item"].is_null() && heard[1]["listed"].is_null());
    assert_eq!(found(&test, agent(), &no).await.total(), 400_000);
}

#[tokio::test]
async fn what_cannot_be_struck_out_is_refused_in_words_and_stays() {
    let test = city().await;
    let no = assessed(&test).await;
    charged(&test, &no, charging("conservation", 49_000, "A-1")).await.unwrap();
    for (reason, field) in [("", "reason"), ("  ", "reason"), (&*"长".repeat(5_000), "reason")] {
        let silent = struck(&test, &no, 1, reason).await.unwrap_err();
        assert_eq!(fields(&silent), [field]);
    }
    for seq in [0, 2, -1, i32::MAX] {
        assert_eq!(kind(struck(&test, &no, seq, "写错了").await), Kind::NotFound, "{seq}");
    }
    // A charge of another case is not one of this.
    let other = assessed(&test).await;
    assert_eq!(kind(struck(&test, &other, 1, "写错了").await), Kind::NotFound);
    // A page of before.
    let mut ctx = test.ctx(window()).await;
    assert_eq!(kind(strike(&mut ctx, (no.as_str(), 1), 1, "写错了").await), Kind::Conflict);
    drop(ctx);
    assert_eq!(found(&test, agent(), &no).await.total(), 49_000);
    assert!(news_of(&test, "payment.struck").await.is_empty());

    // The same form twice is one; another form finds it done.
    for _ in 0..2 {
        let mut ctx = test.ctx(window()).await;
        ctx.key = Some("form-1".to_owned());
        strike(&mut ctx, &no, 1, "写错了").await.unwrap();
        ctx.commit().await.unwrap();
    }
    let again = struck(&test, &no, 1, "又写错了").await.unwrap_err();
    assert!(again.kind() == Kind::Conflict && again.text().zh.contains("已经划掉"), "{again:?}");
    assert_eq!(news_of(&test, "payment.struck").await.len(), 1);
    let kept = found(&test, agent(), &no).await.made.remove(0).struck.unwrap();
    assert_eq!(kept.reason, "写错了");

    // Nothing is put right any more once the case is archived.
    charged(&test, &no, charging("conservation", 490_000, "A-1")).await.unwrap();
    archived(&test, &no).await;
    let late = struck(&test, &no, 2, "写错了").await.unwrap_err();
    assert!(late.kind() == Kind::Conflict && late.text().zh.contains("已经归档"), "{late:?}");
    assert!(!found(&test, window(), &no).await.may_strike);
}

/// Puts an archive down for a case.
async fn archived(test: &TestDb, no: &str) {
    let row = "INSERT INTO casework.archive (\"case\", at, acts, papers, digest)
               VALUES ($1, now(), 1, 0, repeat('0', 64))";
    sqlx::query(row).bind(no).execute(test.db.pool()).await.unwrap();
}

#[tokio::test]
async fn only_the_window_of_the_department_strikes_a_charge_out() {
    let test = city().await;
    let no = assessed(&test).await;
    charged(&test, &no, charging("conservation", 49_000, "A-1")).await.unwrap();
    let elsewhere = Actor { organisation: Some(crate::world::id(999)), ..officer(11, "window") };
    for actor in [head(), reviewer(), agent(), citizen(9), elsewhere, Actor::visitor()] {
        let name = actor.name.clone();
        let mut ctx = test.ctx(actor).await;
        for seq in [1, 9] {
            let refused = strike(&mut ctx, &no, seq, "写错了").await;
            assert!(matches!(kind(refused), Kind::NotFound | Kind::Unauthenticated), "{name}");
        }
    }
    assert_eq!(found(&test, agent(), &no).await.total(), 49_000);
}

#[tokio::test]
async fn the_table_keeps_what_was_charged_and_seals_why_it_was_struck_out() {
    let test = city().await;
    let no = assessed(&test).await;
    charged(&test, &no, charging("conservation", 49_000, "A-1")).await.unwrap();
    charged(&test, &no, charging("conservation", 1, "A-2")).await.unwrap();
    struck(&test, &no, 1, "少写了一位").await.unwrap();
    for statement in [
        "UPDATE casework.charge SET amount = 1 WHERE seq = 1",
        "UPDATE casework.charge SET receipt = 'B' WHERE seq = 2",
        "UPDATE casework.charge SET recorded_by = '别人' WHERE seq = 2",
        "UPDATE casework.charge SET struck_by = '别人' WHERE seq = 1",
        "UPDATE casework.charge SET struck_at = now() WHERE seq = 1",
        "UPDATE casework.charge SET struck_at = NULL, struck_by = NULL, struck_reason = NULL",
        "DELETE FROM casework.charge WHERE seq = 2",
    ] {
        assert!(sqlx::query(statement).execute(test.db.pool()).await.is_err(), "{statement}");
    }
    let stored = async || {
        let all = "SELECT recorded_by, struck_by, struck_reason FROM casework.charge WHERE seq = 1";
        let row: (String, String, String) =
            sqlx::query_as(all).fetch_one(test.db.pool()).await.unwrap();
        row
    };
    let (_, _, before) = stored().await;
    assert!(before.starts_with("sealed:"), "{before}");

    // What stands plain, from before there were keys, is read and sealed with the rest of the case.
    sqlx::query("UPDATE casework.charge SET struck_reason = '少写了一位' WHERE seq = 1")
        .execute(test.db.pool())
        .await
        .unwrap();
    let mut ctx = test.ctx(Actor::system("reseal")).await;
    reseal(&mut ctx, "").await.unwrap();
    ctx.commit().await.unwrap();
    let (_, _, after) = stored().await;
    assert!(after.starts_with("sealed:"), "{after}");
    let kept = found(&test, agent(), &no).await.made.remove(0).struck.unwrap();
    assert_eq!(kept.reason, "少写了一位");

    // With the time of the case the names and the words go, and what was charged stays.
    sqlx::query(r#"UPDATE casework."case" SET state = 'closed', closed_at = now() WHERE no = $1"#)
        .bind(&no)
        .execute(test.db.pool())
        .await
        .unwrap();
    test.clock.advance(time::Duration::days(365 * 40));
    let mut ctx = test.ctx(Actor::system("retire")).await;
    assert_eq!(retire(&mut ctx).await.unwrap(), 1);
    ctx.commit().await.unwrap();
    assert_eq!(stored().await, (String::new(), String::new(), String::new()));
    let sum: i64 = sqlx::query_scalar("SELECT sum(amount)::bigint FROM casework.charge")
        .fetch_one(test.db.pool())
        .await
        .unwrap();
    assert_eq!(sum, 49_001);
}
