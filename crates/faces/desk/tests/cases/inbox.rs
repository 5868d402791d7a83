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
    assert!(city.page("window-two", &one.location).await.contains("已领取 1 件"));
    let rest = city.post("window", "/desk/inbox", &both).await;
    let told = city.page("window", &rest.location).await;
    assert!(told.contains("已领取 1 件，另有 1 件"));
    // Undone, the one that was taken is free again; the colleague keeps theirs.
    let undo = told.split("action=\"").filter_map(|part| part.split('"').next());
    let undo = undo.map(str::to_owned).find(|path| path.contains("/undo/")).unwrap();
    let back = city.post("window", &undo, &[]).await;
    let told = city.page("window", &back.location).await;
    assert!(told.contains("已撤销，1 件回到原处"), "{told}");
    assert_eq!(ticks(&told).len(), 1);
    let unit = city.page("window", "/desk/inbox?filter=unit").await;
    assert!(unit.contains("示例window15"), "who has the other is seen: {unit}");
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
    let why = [("kind", "inspection"), ("reason", "送检")];
    city.hold("reviewer", &stopped, "suspend", &why).await;
    let page = city.page("reviewer", "/desk/inbox").await;
    assert!(page.contains("停钟") && page.contains("检验检测"), "{page}");
}

#[tokio::test]
async fn an_officer_keeps_filters_columns_and_sees_what_is_urged() {
    let city = City::new().await;
    let no = city.opened().await;
    let mut ctx = city.test.ctx(city.visit("agent", "/").actor).await;
    zhengtong_casework::urge(&mut ctx, &no).await.unwrap();
    ctx.commit().await.unwrap();
    let page = city.page("window", "/desk/inbox?filter=all&urged=1").await;
    assert!(page.contains(&no) && page.contains("催办 1 次") && page.contains("存为筛选"));
    let keep = [("filter", "all"), ("urged", "1"), ("name", "催过的"), ("first", "1")];
    let kept = city.post("window", "/desk/inbox/filters", &keep).await;
    assert_eq!(kept.location, "/desk/inbox?filter=all&urged=1");
    let first = city.page("window", "/desk/inbox").await;
    assert!(first.contains("★ 催过的") && first.contains(&no));
    let mine = city.page("window", "/desk/inbox/filters").await;
    assert!(mine.contains("归我和待领 · 申请人催过") && mine.contains("打开先看"));
    let nameless = city.post("window", "/desk/inbox/filters", &[("filter", "free")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.page().contains("给筛选起个名字"));
    let columns = [("column", "due"), ("column", "accepted"), ("column", "evil"), ("rows", "200")];
    city.post("window", "/desk/inbox/columns", &columns).await;
    let page = city.page("window", "/desk/inbox?filter=all").await;
    assert!(page.contains("data-name=\"受理\"") && !page.contains("data-name=\"申请人\""));
    assert!(city.page("window", "/desk/keys").await.contains("10 秒内能撤销"));
}

#[tokio::test]
async fn who_looks_at_a_case_stands_on_its_page() {
    let city = City::new().await;
    let no = city.opened().await;
    let case = format!("/desk/casework/{no}");
    assert!(!city.page("window", &case).await.contains("在看这件"));
    assert!(city.page("window-two", &case).await.contains("示例window11 在看这件"));
    let way = city.way("window-two", &no, "correct").await;
    city.page("window-two", &way).await;
    let line = city.page("window", &format!("{case}/presence")).await;
    assert!(line.contains("示例window15 正在写决定") && line.contains("data-poll"), "{line}");
    assert_eq!(city.get("agent", &format!("{case}/presence")).await.status, StatusCode::FORBIDDEN);
    let asked = city.post("window", &format!("{case}/related"), &[("why_related", "看")]).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = city.opened().await;
    let why = [("why_related", "核对是否重复申请")];
    let found = city.post("window", &format!("{case}/related"), &why).await.page();
    assert!(found.contains(&other) && found.contains("已记入存证"));
}

#[tokio::test]
async fn a_reason_is_kept_half_written_and_phrases_are_put_in_without_a_script() {
    let city = City::new().await;
    let no = city.opened().await;
    let way = city.way("window", &no, "correct").await;
    let words = format!("{way}/words");
    let quiet = city.post("window", &words, &[("reason", "还缺平面图"), ("quiet", "1")]).await;
    assert_eq!(quiet.status, StatusCode::NO_CONTENT);
    let page = city.page("window", &way).await;
    assert!(page.contains("还缺平面图") && page.contains("接着上次写的"), "{page}");
    assert!(city.page("window", &format!("/desk/casework/{no}")).await.contains("写了一半"));
    let with =
        city.post("window", &words, &[("reason", "还缺平面图"), ("insert", "0")]).await.page();
    assert!(with.contains("还缺平面图\n布局平面图："), "{with}");
    let own = [("reason", "请补交身份证"), ("do", "own")];
    assert!(city.post("window", &words, &own).await.page().contains("已存为常用语"));
    let seen =
        city.post("window", &words, &[("reason", "缺图一张"), ("do", "preview")]).await.page();
    assert!(seen.contains("还缺：缺图一张"), "the message as it will be: {seen}");
    assert!(city.page("window-two", &way).await.matches("缺图一张").count() == 0);
}

#[tokio::test]
async fn a_conflict_shows_both_and_overwrites_nothing() {
    let city = City::new().await;
    let no = city.opened().await;
    city.decide("window", &no, "accept", "").await;
    let way = city.way("reviewer", &no, "doubted").await;
    let page = city.page("reviewer", &way).await;
    let seen = crate::world::seen_version(&page);
    let (_, rest) = page.split_once("name=\"seen_event\" value=\"").unwrap();
    let event = rest.split('"').next().unwrap();
    let stop = [("kind", "inspection"), ("reason", "水样送检")];
    city.hold("head", &no, "suspend", &stop).await;
    // Whatever the course says of the stop, a page from before it is told what came after.
    let late = [("seen", seen.as_str()), ("seen_event", event), ("reason", "图纸对不上")];
    let again = city.post("reviewer", &way, &late).await;
    if again.status == StatusCode::CONFLICT {
        let page = again.page();
        assert!(page.contains("您打开以后的变化") && page.contains("水样送检"), "{page}");
        assert!(page.contains("您要办的") && page.contains("图纸对不上"));
    } else {
        panic!("{} {}", again.status, again.location);
    }
}
