//! Registering people, their accounts and one-time links.

use axum::http::StatusCode;

use crate::world::{City, id, with};

const NEW: [(&str, &str); 7] = [
    ("name", "示例丁"),
    ("id_kind", "passport"),
    ("id_number", "E00000099"),
    ("phone", ""),
    ("region", ""),
    ("login", "newcomer"),
    ("kind", "staff"),
];

fn link_of(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("http://127.0.0.1:8080/invite/")?;
    rest.split('<').next()
}

#[tokio::test]
async fn a_new_person_gets_an_account_and_a_link_that_is_shown_once() {
    let city = City::new().await;
    let made = city.post("system-admin", "/admin/people/new", &NEW).await;
    assert_eq!(made.status, StatusCode::OK);
    let token = link_of(&made.page).unwrap().to_owned();
    assert_eq!(token.len(), 43);
    let found = city.get("system-admin", "/admin/people?q=newcomer").await.page;
    assert!(found.contains("示例丁") && found.contains("还没设密码"));
    assert!(!found.contains(&token));
    assert!(!found.contains("E00000099"), "the number is masked");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_typed_is_lost() {
    let city = City::new().await;
    let rows = [
        (("id_number", "!"), "id_number"),
        (("login", "a b"), "login"),
        (("name", ""), "name"),
        (("phone", "12"), "phone"),
        (("login", "window"), "login"),
    ];
    for (changed, field) in rows {
        let fields = with(&NEW, &[changed]);
        let seen = city.post("system-admin", "/admin/people/new", &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{changed:?}");
        assert!(seen.page.contains(&format!("href=\"#{field}\"")), "{changed:?}");
        assert!(seen.page.contains("value=\"E00000099\"") || changed.0 == "id_number");
    }
    let nobody = city.get("system-admin", "/admin/people?q=newcomer").await.page;
    assert!(nobody.contains("没有找到"), "neither the person nor the account was kept");
}

#[tokio::test]
async fn only_the_system_administrator_registers() {
    let city = City::new().await;
    for role in ["security-admin", "audit-admin", "window"] {
        let seen = city.post(role, "/admin/people/new", &NEW).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{role}");
    }
}

#[tokio::test]
async fn accounts_are_disabled_and_enabled_with_a_reason() {
    let city = City::new().await;
    let person = format!("/admin/people/{}", id(11));
    let account = format!("{person}/account/{}", id(2011));
    let reason = format!("why-{}", id(2011));
    let page = city.get("system-admin", &person).await.page;
    assert!(page.contains("停用账号") && page.contains("找回账号"));
    assert!(!page.contains("重发一次性链接"), "an account in use is given back by a recovery");
    let no_reason =
        city.post("system-admin", &format!("{account}/disable"), &[(reason.as_str(), "")]).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(no_reason.page.contains("请写明理由"));
    let why = [(reason.as_str(), "调离岗位，2026-03 通知")];
    let done = city.post("system-admin", &format!("{account}/disable"), &why).await;
    assert_eq!((done.status, done.location.as_str()), (StatusCode::SEE_OTHER, person.as_str()));
    assert!(city.get("system-admin", &person).await.page.contains("已停用"));
    city.post("system-admin", &format!("{account}/enable"), &why).await;
    assert!(city.get("system-admin", &person).await.page.contains("在用"));
}

#[tokio::test]
async fn the_last_system_administrator_stays() {
    let city = City::new().await;
    let account = format!("/admin/people/{}/account/{}", id(21), id(2021));
    let reason = format!("why-{}", id(2021));
    let why = [(reason.as_str(), "不再需要这个账号")];
    let seen = city.post("security-admin", &format!("{account}/disable"), &why).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.page.contains("最后一位系统管理员") && seen.page.contains("不再需要这个账号"));
}

#[tokio::test]
async fn an_account_in_use_is_recovered_and_gets_no_link_just_so() {
    let city = City::new().await;
    let person = format!("/admin/people/{}", id(11));
    let account = format!("{person}/account/{}", id(2011));
    let invite = format!("{account}/invite");
    assert_eq!(city.post("security-admin", &invite, &[]).await.status, StatusCode::FORBIDDEN);
    let refused = city.post("system-admin", &invite, &[("login", "window")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page.contains("找回账号") && link_of(&refused.page).is_none());
    let begin = format!("/desk/recoveries?account={}", id(2011));
    assert!(city.get("system-admin", &person).await.page.contains(&begin));
    assert!(!city.get("security-admin", &person).await.page.contains(&begin), "security confirms");
    let factor = city.post("security-admin", &format!("{account}/factor"), &[]).await;
    assert_eq!(factor.status, StatusCode::NOT_FOUND, "nobody takes a second factor away alone");
}
