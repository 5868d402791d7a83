//! The register of clients: what is refused, who may, and that a secret is shown once.

use zhengtong_base::Failure as _;
use zhengtong_db::Actor;
use zhengtong_signon::*;

use crate::world::{City, ask, exchange, new_client, word};

/// What is changed about a client that would be fine.
type Change = fn(&mut NewClient);

#[tokio::test]
async fn what_could_harm_is_not_registered() {
    let city = City::new().await;
    let rows: [(&str, Change); 13] = [
        ("id", |new| "OA".clone_into(&mut new.id)),
        ("id", |new| "a b".clone_into(&mut new.id)),
        ("id", |new| "oa-system".clone_into(&mut new.id)),
        ("name_en", |new| new.name.en.clear()),
        ("organisation", |new| "nowhere".clone_into(&mut new.organisation)),
        ("redirect_uris", |new| new.redirect_uris.clear()),
        ("redirect_uris", |new| new.redirect_uris.push("http://oa.example/".to_owned())),
        ("redirect_uris", |new| new.redirect_uris.push("https://*.example/".to_owned())),
        ("redirect_uris", |new| new.redirect_uris.push("https://oa.example/#x".to_owned())),
        ("redirect_uris", |new| new.redirect_uris = vec!["https://oa.example/".to_owned(); 11]),
        ("post_logout_uris", |new| new.post_logout_uris.push("javascript:alert(1)".to_owned())),
        ("backchannel_uri", |new| new.backchannel_uri = Some("http://10.0.0.1/".to_owned())),
        ("kinds", |new| (new.citizens, new.staff) = (false, false)),
    ];
    for (field, change) in rows {
        let mut new = new_client("new-system");
        change(&mut new);
        let mut ctx = city.test.ctx(Actor::system("test")).await;
        let error = register(&mut ctx, &new).await.unwrap_err();
        let fields: Vec<String> = error.fields().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, [field], "{new:?}");
    }
}

#[tokio::test]
async fn a_new_secret_ends_the_old_one() {
    let mut city = City::new().await;
    let security = city.enter("security").await;
    let mut ctx = city.test.ctx(security).await;
    let renewed = renew_secret(&mut ctx, "oa-system").await.unwrap().secret.unwrap();
    ctx.commit().await.unwrap();
    let citizen = city.enter("citizen").await;
    let code = city.code(&citizen, &ask(&[])).await;
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "invalid_client");
    city.secrets.insert("oa-system".to_owned(), renewed);
    assert_eq!(word(&city.token("oa-system", &exchange(&code, &[])).await), "done");
}

#[tokio::test]
async fn the_register_is_the_security_administrators() {
    let city = City::new().await;
    for (login, may) in [("citizen", false), ("reviewer", false), ("security", true)] {
        let actor = city.enter(login).await;
        let mut ctx = city.test.ctx(actor).await;
        assert_eq!(clients(&mut ctx).await.is_ok(), may, "{login}");
        assert_eq!(register(&mut ctx, &new_client("new-system")).await.is_ok(), may, "{login}");
        assert_eq!(change(&mut ctx, &new_client("oa-system")).await.is_ok(), may, "{login}");
        assert_eq!(renew_secret(&mut ctx, "oa-system").await.is_ok(), may, "{login}");
        assert_eq!(disable(&mut ctx, "oa-system").await.is_ok(), may, "{login}");
        assert_eq!(enable(&mut ctx, "oa-system").await.is_ok(), may, "{login}");
    }
    let mut ctx = city.visitor().await;
    assert!(clients(&mut ctx).await.is_err());
    assert!(client(&mut ctx, "oa-system").await.is_err());
    assert!(agreed(&mut ctx).await.is_err());
}
