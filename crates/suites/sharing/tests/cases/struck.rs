//! A version that is struck out is told to the units that used the record.

use serde_json::json;
use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Kind, Paging};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;
use zhengtong_ledger::Search;
use zhengtong_party::{AccountKind, Seed, SeedAccount, seed};
use zhengtong_registry::{Origin, Told, put, record_history};
use zhengtong_sharing::{records, strike_out};

use crate::world::*;

const PERMIT: &str = "base-population:residence_permit";
const KEY: [(&str, &str); 1] = [("id_number", NUMBER)];
const WHY: &str = "签发日期录错";

fn keeper() -> Actor {
    Actor { unit: Some("public-security".to_owned()), ..officer(21, POLICE, "steward") }
}

/// A permit that was told twice, the second time with a wrong day, in a city whose officers read messages.
async fn permitted(test: &TestDb) -> Uuid {
    let accounts = [11, 21, 41].map(|number| SeedAccount {
        id: id(2000 + number),
        login: format!("officer{number}"),
        kind: AccountKind::Staff,
        person: id(number),
        password: "a-long-password-of-tests".to_owned(),
        totp_secret: Some("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".to_owned()),
    });
    let accounts = Seed { accounts: accounts.into(), ..Seed::default() };
    act!(test, Actor::system("seed"), seed, &accounts).unwrap();
    let mut made = None;
    for issued in ["2024-01-01", "2025-06-01"] {
        let permit = values(&[
            ("id_number", json!(NUMBER)),
            ("permit_no", json!("330100000001")),
            ("issued_on", json!(issued)),
            ("status", json!("1")),
        ]);
        let mut ctx = test.ctx(Actor::system("seed")).await;
        made = Some(put(&mut ctx, PERMIT, &permit, &Origin::new("公安局")).await.unwrap().id);
        ctx.commit().await.unwrap();
        days(test, 1);
    }
    made.unwrap()
}

#[tokio::test]
async fn units_that_used_the_record_are_told_and_nobody_else() {
    let test = city().await;
    let record = permitted(&test).await;
    let mut new = wanted(&test);
    (new.dataset, new.fields) = (PERMIT.to_owned(), vec!["permit_no".to_owned()]);
    let grant = granted(&test, new, terms(&test, &["permit_no"], &[])).await;
    act!(test, reviewer(), records, &grant, &KEY, &[]).unwrap().unwrap();
    let mut ctx = test.ctx(keeper()).await;
    let all = record_history(&mut ctx, PERMIT, record).await.unwrap();
    drop(ctx);
    // The day is personal: the history does not show it, and whoever strikes the version out knows it.
    assert!(all.may_strike && all.versions.iter().all(|one| one.valid_from.is_none()));
    let since = all.versions.iter().find(|one| one.current).unwrap().since;
    let told = Told { valid_from: time::macros::date!(2025 - 06 - 01), since };
    assert_eq!(kind(act!(test, provider(), strike_out, PERMIT, record, told, WHY)), Kind::Denied);
    assert_eq!(kind(act!(test, reviewer(), strike_out, PERMIT, record, told, WHY)), Kind::NotFound);
    assert_eq!(kind(act!(test, keeper(), strike_out, PERMIT, record, told, "")), Kind::Invalid);
    assert_eq!(act!(test, keeper(), strike_out, PERMIT, record, told, WHY).unwrap(), 1);

    let news: Vec<serde_json::Value> =
        sqlx::query_scalar("SELECT payload FROM db.outbox WHERE topic = 'sharing.struck'")
            .fetch_all(test.db.pool())
            .await
            .unwrap();
    assert_eq!(news.len(), 1);
    assert_eq!((&news[0]["unit"], &news[0]["record"]), (&json!(id(MARKET)), &json!(record)));
    let inbox = async |who: Actor| {
        let mut ctx = test.ctx(who).await;
        let page = zhengtong_notice::inbox(&mut ctx, Paging::new(1, 20)).await;
        let told = page.unwrap().rows.into_iter();
        told.filter(|message| message.template == "sharing:used-struck")
            .map(|one| one.title.zh)
            .collect::<Vec<_>>()
    };
    assert_eq!(inbox(asker()).await, ["用过的数据有一版被划去（居住证登记）"]);
    assert!(inbox(stranger()).await.is_empty() && inbox(provider()).await.is_empty());
    let mut ctx = test.ctx(Actor::system("test")).await;
    let search = Search { verb: Some("registry.strike".to_owned()), ..Search::default() };
    let found = zhengtong_ledger::search(ctx.conn(), &search, Paging::new(1, 20)).await.unwrap();
    let mut acts = found.rows;
    assert_eq!(acts.len(), 1);
    ctx.unveil(&mut acts[0].act).unwrap();
    assert_eq!(acts[0].act.reason.as_deref(), Some(WHY), "the day is personal and not in it");
    drop(ctx);
    // Long after the use nobody is told.
    let permit = values(&[("id_number", json!(NUMBER)), ("issued_on", json!("2025-07-01"))]);
    days(&test, 400);
    let mut ctx = test.ctx(Actor::system("seed")).await;
    put(&mut ctx, PERMIT, &permit, &Origin::new("公安局")).await.unwrap();
    let since = ctx.now;
    ctx.commit().await.unwrap();
    test.clock.advance(Duration::minutes(1));
    let told = Told { valid_from: time::macros::date!(2025 - 07 - 01), since };
    assert_eq!(act!(test, keeper(), strike_out, PERMIT, record, told, WHY).unwrap(), 0);
}
