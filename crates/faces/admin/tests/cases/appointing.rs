//! Units, posts and who holds them.

use axum::http::StatusCode;

use crate::world::{City, OFFICE, id};

fn office() -> String {
    format!("/admin/organisations/{}", id(OFFICE))
}

/// The first address of a kind after the name of the new post.
fn address(page: &str, mark: &str, part: &str) -> String {
    let (_, after) = page.split_once("复审岗").unwrap();
    let addresses = after.split(mark).filter_map(|rest| rest.split('"').next());
    addresses.map(str::to_owned).find(|path| path.contains(part)).unwrap_or_default()
}

#[tokio::test]
async fn a_post_is_made_given_and_ended_by_the_security_administrator() {
    let city = City::new().await;
    let new = [
        ("title", "复审岗"),
        ("title_en", "Second review"),
        ("roles", "reviewer"),
        ("roles", "inspector"),
    ];
    let path = format!("{}/posts", office());
    assert_eq!(city.post("system-admin", &path, &new).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("security-admin", &path, &new).await.location, office());
    let page = city.get("security-admin", &office()).await.page;
    assert!(page.contains("复审岗") && page.contains("空缺"));
    let hold = address(&page, "href=\"", "/hold");
    let found = city.get("security-admin", &format!("{hold}?q=window")).await.page;
    assert!(found.contains("测window"));
    let person = id(11).to_string();
    let nobody = city.post("security-admin", &hold, &[("q", "window"), ("starts", "x")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.page.contains("请写开始日期") && nobody.page.contains("value=\"x\""));
    let fields =
        [("q", "window"), ("person", person.as_str()), ("starts", "2026-03-02"), ("ends", "")];
    assert_eq!(city.post("security-admin", &hold, &fields).await.status, StatusCode::SEE_OTHER);
    let page = city.get("security-admin", &office()).await.page;
    let end = address(&page, "href=\"", "/end/");
    let asked = city.get("security-admin", &end).await.page;
    assert!(asked.contains("今天结束任职") && asked.contains("权限马上失效"));
    assert_eq!(city.get("system-admin", &end).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("system-admin", &end, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("security-admin", &end, &[]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_of_the_three_administrators_do_not_meet() {
    let city = City::new().await;
    let both = [
        ("title", "兼任"),
        ("title_en", "Both"),
        ("roles", "system-admin"),
        ("roles", "audit-admin"),
    ];
    let seen = city.post("security-admin", &format!("{}/posts", office()), &both).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.page.contains("三员分立") && seen.page.contains("value=\"兼任\""));
    let hold = format!("{}/posts/{}/hold", office(), id(1021));
    let person = id(23).to_string();
    let fields = [("q", "audit-admin"), ("person", person.as_str()), ("starts", "2026-03-02")];
    let seen = city.post("security-admin", &hold, &fields).await;
    assert!(seen.page.contains("三员分立"), "{}", seen.status);
}

#[tokio::test]
async fn units_are_entered_by_the_system_administrator() {
    let city = City::new().await;
    let new = [
        ("name", "示例街道办事处"),
        ("name_en", "Sample subdistrict office"),
        ("kind", "office"),
        ("short", "sample-street"),
    ];
    let made = city.post("system-admin", "/admin/organisations", &new).await;
    assert!(made.location.starts_with("/admin/organisations/"), "{}", made.status);
    assert!(city.get("audit-admin", &made.location).await.page.contains("sample-street"));
    let wrong = [("name", "示例"), ("name_en", "Sample"), ("kind", "office"), ("short", "大写 X")];
    let seen = city.post("system-admin", "/admin/organisations", &wrong).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.page.contains("value=\"大写 X\"") && seen.page.contains("小写字母"));
    let refused = city.post("security-admin", "/admin/organisations", &new).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let city = City::new().await;
    for path in [
        format!("/admin/organisations/{}", id(999)),
        format!("/admin/people/{}", id(999)),
        format!("{}/posts/{}/hold", office(), id(999)),
        "/admin/organisations?region=999999".to_owned(),
    ] {
        assert_eq!(city.get("security-admin", &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
