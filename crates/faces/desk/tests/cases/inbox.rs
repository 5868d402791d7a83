//! Who comes in, what the inbox shows, taking and giving back.

use axum::http::StatusCode;

use crate::world::City;

/// The identifiers of tasks that can be ticked.
fn ticks(page: &str) -> Vec<String> {
    page.split("name=\"todo\" value=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_start_leads_each_to_their_own_place() {
    let city = City::new().await;
    let rows = [("window", "/desk/inbox"), ("system-admin", "/admin")];
    for (who, place) in rows {
        assert_eq!(city.get(who, "/desk").await.location, place);
    }
    assert_eq!(city.get("agent", "/desk").await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.get("nobody", "/desk/inbox").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(city.get("system-admin", "/desk/inbox").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tasks_are_taken_together_and_a_colleague_who_is_late_is_told() {
    let city = City::new().await;
    let (first, second) = (city.opened().await, city.opened().await);
    let page = city.page("window", "/desk/inbox").await;
    assert!(page.contains(&first) && page.contains(&second) && page.contains("待领"));
    let ticked = ticks(&page);
    assert_eq!(ticked.len(), 2);
    let both: Vec<(&str, &str)> = ticked.iter().map(|todo| ("todo", todo.as_str())).collect();
    let one = city.post("window-two", "/desk/inbox", &both[..1]).await;
    assert!(one.location.ends_with("taken=1&missed=0"), "{}", one.location);
    let rest = city.post("window", "/desk/inbox", &both).await;
    assert!(rest.location.ends_with("taken=1&missed=1"), "{}", rest.location);
    let told = city.page("window", &rest.location).await;
    assert!(told.contains("已领取 1 件，另有 1 件"));
    assert!(ticks(&told).is_empty(), "nothing is free any more");
    let none = city.post("window", "/desk/inbox", &[("act", "claim")]).await;
    assert!(city.page("window", &none.location).await.contains("请先勾选"));
}

#[tokio::test]
async fn other_roles_do_not_see_the_task_in_their_inbox() {
    let city = City::new().await;
    let no = city.opened().await;
    let page = city.page("reviewer", "/desk/inbox").await;
    assert!(!page.contains(&no) && page.contains("都办完了"));
    let empty = city.page("window", "/desk/inbox?filter=over").await;
    assert!(empty.contains("这个筛选下没有办件"));
}

#[tokio::test]
async fn a_task_is_taken_and_given_back_on_the_page_of_the_case() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    let act = |page: &str, word: &str| {
        let actions = page.split("action=\"").filter_map(|part| part.split('"').next());
        actions.map(str::to_owned).find(|path| path.contains(word)).unwrap_or_default()
    };
    let claim = act(&city.page("window", &case).await, "/claim/");
    assert_eq!(city.post("window", &claim, &[]).await.location, case);
    let other = city.post("window-two", &claim, &[]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.page().contains("已经领走了这件"));
    assert!(city.page("window-two", &case).await.contains("这一步正由"));
    let release = act(&city.page("window", &case).await, "/release/");
    assert_eq!(city.post("window", &release, &[]).await.location, case);
    assert!(city.page("window-two", "/desk/inbox").await.contains("待领"));
}

#[tokio::test]
async fn a_number_is_found_as_it_is_written_down() {
    let city = City::new().await;
    let no = city.opened().await;
    let spaced = no.to_lowercase().replace('-', "-%20");
    let found = city.get("window", &format!("/desk/find?q={spaced}")).await;
    assert_eq!(found.location, format!("/desk/casework/{no}"));
    assert_eq!(city.get("window", "/desk/find?q=").await.location, "/desk/inbox");
    let absent = city.get("window", "/desk/casework/SPJY-1999-000001").await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn messages_and_posts_have_their_pages() {
    let city = City::new().await;
    assert!(city.page("window", "/desk/messages").await.contains("没有消息"));
    let back = city.post("window", "/desk/messages/read", &[]).await;
    assert_eq!(back.location, "/desk/messages");
}

#[tokio::test]
async fn the_inbox_shows_what_waits_for_papers_and_what_stands_still() {
    let city = City::new().await;
    let (waiting, stopped) = (city.opened().await, city.opened().await);
    city.decide("window", &waiting, "correct", "缺图").await;
    let page = city.page("window", "/desk/inbox?filter=correcting").await;
    assert!(page.contains(&waiting) && page.contains("等申请人补材料") && !page.contains(&stopped));
    assert!(ticks(&page).is_empty());
    city.decide("window", &stopped, "accept", "").await;
    let suspend = format!("/desk/casework/{stopped}/suspend");
    city.post("reviewer", &suspend, &[("kind", "inspection"), ("reason", "送检")]).await;
    let page = city.page("reviewer", "/desk/inbox").await;
    assert!(page.contains("停钟") && page.contains("检验检测"), "{page}");
}
