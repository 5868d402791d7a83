//! Issuing: numbers, keys, refusals, and that a paper is not changed.

use serde_json::json;
use time::macros::date;
use zhengtong_base::{Failure as _, Kind};
use zhengtong_db::Actor;
use zhengtong_db::testing::PERMIT_ALL;
use zhengtong_document::{NewDocument, issue};

use crate::kit::{City, POLICY, citizen};

#[tokio::test]
async fn a_licence_has_number_term_identifier_and_code() {
    let city = City::new(POLICY).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let first = issue(&mut ctx, city.licence()).await.unwrap();
    let second = issue(&mut ctx, city.licence()).await.unwrap();
    ctx.commit().await.unwrap();
    assert!(first.number.starts_with("JY2330106000001"), "{}", first.number);
    assert!(second.number.starts_with("JY2330106000002"), "{}", second.number);
    assert_eq!(first.number.len(), 16);
    assert_eq!(
        (first.valid_from, first.valid_to),
        (date!(2026 - 03 - 02), Some(date!(2031 - 03 - 01)))
    );
    let identifier = first.identifier.unwrap();
    let parsed = zhengtong_base::code::LicenceNumber::parse(&identifier).unwrap();
    assert_eq!(parsed.parts().issuer, "11330105002500287C");
    assert_eq!(parsed.parts().serial, first.number);
    assert_eq!((first.code.len(), first.code == second.code), (26, false));
    assert_eq!(city.verbs().await, ["document.issue", "document.issue"]);
}

#[tokio::test]
async fn one_asking_gives_one_paper() {
    let city = City::new(PERMIT_ALL).await;
    let mut first = city.test.ctx(Actor::system("casework")).await;
    first.key = Some("k-1".to_owned());
    let one = issue(&mut first, city.licence()).await.unwrap();
    first.commit().await.unwrap();

    let mut again = city.test.ctx(Actor::system("casework")).await;
    again.key = Some("k-1".to_owned());
    assert_eq!(issue(&mut again, city.licence()).await.unwrap(), one);
    let other = NewDocument { data: json!({"kind": 3}), ..city.licence() };
    let refused = issue(&mut again, other).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);

    // The name of the asking holds across requests, and two at the same time give one as well.
    let named = NewDocument { once: Some("case 1, decision".to_owned()), ..city.licence() };
    let ask = || async {
        let mut ctx = city.test.ctx(Actor::system("casework")).await;
        let document = issue(&mut ctx, named.clone()).await.unwrap();
        ctx.commit().await.unwrap();
        document
    };
    let (left, right) = tokio::join!(ask(), ask());
    assert_eq!(left, right);
    assert_ne!(left.id, one.id);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_issued() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let base = || city.licence();
    let rows = [
        (NewDocument { template: "food:poster".into(), ..base() }, Kind::NotFound, ""),
        (NewDocument { holder_name: " ".into(), ..base() }, Kind::Invalid, "holder_name"),
        (NewDocument { holder_name: "长".repeat(201), ..base() }, Kind::Invalid, "holder_name"),
        (NewDocument { data: json!([1]), ..base() }, Kind::Invalid, "data"),
        (NewDocument { data: json!({"kind": 1, "x": "a\0b"}), ..base() }, Kind::Invalid, "data"),
        (NewDocument { data: json!({"x": "长".repeat(100_000)}), ..base() }, Kind::Invalid, "data"),
        (NewDocument { region: None, ..base() }, Kind::Invalid, "region"),
        (NewDocument { data: json!({}), ..base() }, Kind::Invalid, "kind"),
        (NewDocument { issuer_code: Some("1133".into()), ..base() }, Kind::Invalid, "issuer_code"),
        (
            NewDocument {
                valid_to: Some(date!(2026 - 03 - 01)),
                valid_from: Some(date!(2026 - 03 - 02)),
                ..base()
            },
            Kind::Invalid,
            "valid_to",
        ),
    ];
    for (new, kind, field) in rows {
        let error = issue(&mut ctx, new).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.fields().first().map_or("", |first| first.field.as_str()), field);
        assert!(!error.text().zh.is_empty());
    }
    ctx.commit().await.unwrap();
    assert!(city.verbs().await.is_empty());
}

#[tokio::test]
async fn nobody_issues_without_a_policy() {
    let city = City::new(POLICY).await;
    for (actor, kind) in
        [(citizen(city.holder), Kind::Denied), (Actor::visitor(), Kind::Unauthenticated)]
    {
        let mut ctx = city.test.ctx(actor).await;
        assert_eq!(issue(&mut ctx, city.licence()).await.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn a_paper_once_issued_is_not_changed() {
    let city = City::new(PERMIT_ALL).await;
    let mut ctx = city.test.ctx(Actor::system("casework")).await;
    let document = issue(&mut ctx, city.licence()).await.unwrap();
    ctx.commit().await.unwrap();
    for statement in [
        "UPDATE document.document SET holder_name = '别人' WHERE id = $1",
        "UPDATE document.document SET valid_to = '2099-01-01' WHERE id = $1",
        "DELETE FROM document.document WHERE id = $1",
    ] {
        let done = sqlx::query(statement).bind(document.id).execute(city.test.db.pool()).await;
        assert!(done.is_err(), "{statement}");
    }
}
