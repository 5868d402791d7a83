//! The designer over HTTP: who may look, draw and approve, and what comes of it, without any script.

use axum::http::StatusCode;
use zhengtong_db::Actor;
use zhengtong_ledger::Search;

use crate::world::City;

const PLACE: &str = "/admin/process/food-business/licence";
const FILE: &str = include_str!("../../../../../packs/food-business/process/licence.bpmn");

fn changed() -> String {
    FILE.replacen("name=\"受理\"", "name=\"受理登记\"", 1)
}

/// The number that a page carries in a hidden field.
fn seen(page: &str) -> String {
    let tail = page.split("name=\"seen\" value=\"").nth(1).unwrap();
    tail.split('"').next().unwrap().to_owned()
}

/// A draft of the system administrator; its address.
async fn begun(city: &City) -> String {
    let begun = city.post("system-admin", &format!("{PLACE}/edit"), &[("from", "")]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.page);
    begun.location
}

async fn sent(city: &City, place: &str, xml: &str, act: &str) -> crate::world::Seen {
    let number = seen(&city.get("system-admin", place).await.page);
    // Browsers send every end of line as two characters.
    let xml = xml.replace('\n', "\r\n");
    let today = zhengtong_calendar::china_date(city.test.db.clock().now()).to_string();
    let fields = [
        ("xml", xml.as_str()),
        ("note", "受理改叫受理登记"),
        ("seen", number.as_str()),
        ("valid_from", today.as_str()),
        ("act", act),
    ];
    city.post("system-admin", place, &fields).await
}

#[tokio::test]
async fn the_designer_belongs_to_those_who_may_draw() {
    let city = City::new().await;
    let place = begun(&city).await;
    let roles = ["system-admin", "security-admin", "audit-admin", "window"];
    let (ok, no) = (StatusCode::OK, StatusCode::FORBIDDEN);
    for path in ["/admin/process", PLACE, place.as_str()] {
        for (role, expected) in roles.into_iter().zip([ok, ok, ok, no]) {
            assert_eq!(city.get(role, path).await.status, expected, "{role} {path}");
        }
        assert_eq!(city.get("", path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let audit = city.post("audit-admin", &format!("{PLACE}/edit"), &[("from", "")]).await;
    assert_eq!(audit.status, StatusCode::FORBIDDEN);
    for absent in ["/admin/process/food-business/nothing", "/admin/process/other/licence/edit/1"] {
        assert_eq!(
            city.get("system-admin", absent).await.status,
            StatusCode::NOT_FOUND,
            "{absent}"
        );
    }
    // Another's draft is looked at and not drawn.
    let page = city.get("security-admin", &place).await.page;
    assert!(!page.contains("name=\"xml\"") && page.contains("看设计"));
    // Scripts need the token of the page.
    let bare = city.post("system-admin", "/admin/process/check", &[("xml", FILE)]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_page_of_a_definition_says_all_in_tables_and_gives_the_file() {
    let city = City::new().await;
    let page = city.get("audit-admin", PLACE).await.page;
    for words in ["食品经营许可", "书面审查", "reviewer", "包里的文件", "在用", "<svg"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("从这一版起草"), "who may not draw is offered nothing");
    assert_eq!(city.get("audit-admin", &format!("{PLACE}/file")).await.page, FILE);
}

#[tokio::test]
async fn a_process_is_drawn_submitted_approved_by_another_and_in_force() {
    let city = City::new().await;
    let place = begun(&city).await;
    // What cannot run is saved as a draft, with what is wrong, and not submitted.
    let broken = changed().replacen(" zt:role=\"window\"", "", 1);
    assert_eq!(sent(&city, &place, &broken, "save").await.status, StatusCode::SEE_OTHER);
    let page = city.get("system-admin", &place).await.page;
    assert!(page.contains("缺少办理角色"), "{page}");
    let refused = sent(&city, &place, &broken, "submit").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page.contains("检查还有错误") && refused.page.contains("受理登记"));
    let no_bpmn = sent(&city, &place, "<html></html>", "save").await;
    assert_eq!(no_bpmn.status, StatusCode::UNPROCESSABLE_ENTITY);

    assert_eq!(sent(&city, &place, &changed(), "submit").await.status, StatusCode::SEE_OTHER);
    let decide = format!("{place}/decide");
    // The author is not asked to decide, and cannot.
    let own = city.get("system-admin", &place).await.page;
    assert!(!own.contains("name=\"verdict\"") && own.contains("收回来改"));
    let other = city.get("security-admin", &place).await.page;
    assert!(other.contains("受理登记") && other.contains("name=\"verdict\""));
    let number = seen(&other);
    let words = [("verdict", "同意，按期发布"), ("seen", number.as_str()), ("act", "publish")];
    assert_eq!(city.post("system-admin", &decide, &words).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("audit-admin", &decide, &words).await.status, StatusCode::FORBIDDEN);
    let mute = [("verdict", ""), ("seen", number.as_str()), ("act", "publish")];
    let mute = city.post("security-admin", &decide, &mute).await;
    assert_eq!(mute.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(city.post("security-admin", &decide, &words).await.status, StatusCode::SEE_OTHER);

    let published = city.test.db.defs::<zhengtong_process::Published>().unwrap();
    published.read(&city.test.db).await.unwrap();
    let page = city.get("audit-admin", PLACE).await.page;
    assert!(page.contains("受理登记") && page.contains("设计第 1 号"), "{page}");
    assert_eq!(city.get("audit-admin", &format!("{PLACE}/file")).await.page, changed());
    let again = city.post("security-admin", &decide, &words).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.page.contains("有了新的改动"));
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let search = Search { verb: Some("process.approve".to_owned()), ..Search::default() };
    let paging = zhengtong_base::Paging::new(1, 50);
    let mut acts = zhengtong_ledger::search(ctx.conn(), &search, paging).await.unwrap().rows;
    let [act] = acts.as_mut_slice() else { panic!("{acts:#?}") };
    ctx.unveil(&mut act.act).unwrap();
    assert_eq!(act.act.reason.as_deref(), Some("同意，按期发布"));
}

#[tokio::test]
async fn a_new_decision_is_drafted_approved_by_another_and_shown_as_a_table() {
    let city = City::new().await;
    let page = "/admin/process/new";
    for role in ["audit-admin", "window"] {
        assert_eq!(city.get(role, page).await.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert!(city.get("system-admin", page).await.page.contains("food-business"));
    let fields = |file| {
        [("pack", "food-business"), ("file", file), ("title", "面积分档"), ("language", "dmn")]
    };
    let refused = city.post("system-admin", page, &fields("Grade")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page.contains("用小写字母开头") && refused.page.contains("面积分档"));
    let begun = city.post("system-admin", page, &fields("grade")).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.page);
    let place = begun.location;
    assert!(place.starts_with("/admin/process/food-business/grade.dmn/edit/"), "{place}");
    let draft = city.get("system-admin", &place).await.page;
    assert!(draft.contains("data-tables") && draft.contains("写决策"), "{draft}");

    let xml = zhengtong_process::blank("food-business:grade.dmn", "面积分档");
    let broken = xml.replace("&gt;= 100", "&gt;= 100 (");
    let refused = sent(&city, &place, &broken, "submit").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.page.contains("决策模型这里不能运行"), "{}", refused.page);
    let changed = xml.replace("&gt;= 100", "&gt;= 250");
    assert_eq!(sent(&city, &place, &changed, "submit").await.status, StatusCode::SEE_OTHER);
    let other = city.get("security-admin", &place).await.page;
    assert!(other.contains("&gt;= 250") && other.contains("name=\"verdict\""), "{other}");
    let number = seen(&other);
    let words = [("verdict", "同意，按期发布"), ("seen", number.as_str()), ("act", "publish")];
    let decide = format!("{place}/decide");
    assert_eq!(city.post("system-admin", &decide, &words).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("security-admin", &decide, &words).await.status, StatusCode::SEE_OTHER);
    let published = city.test.db.defs::<zhengtong_process::Published>().unwrap();
    published.read(&city.test.db).await.unwrap();
    let definition = "/admin/process/food-business/grade.dmn";
    let page = city.get("audit-admin", definition).await.page;
    assert!(page.contains("&gt;= 250") && page.contains("在用"), "{page}");
    assert_eq!(city.get("audit-admin", &format!("{definition}/file")).await.page, changed);
    assert!(city.get("audit-admin", "/admin/process").await.page.contains("面积分档"));
}

#[tokio::test]
async fn a_decision_table_is_checked_and_tried_without_being_kept() {
    let city = City::new().await;
    let (path, roles) = ("/admin/process/table", ["audit-admin", "window"]);
    for role in roles {
        assert_eq!(city.get(role, path).await.status, StatusCode::FORBIDDEN, "{role}");
    }
    let page = city.get("system-admin", path).await.page;
    assert!(page.contains("decisionTable") && page.contains("没有发现问题"), "{page}");
    let xml = include_str!("../../src/process/sample.dmn");
    for (vars, found) in [
        ("{ \"area\": 20, \"times\": 1 }", "&quot;从轻&quot;</strong>"),
        ("{ \"area\": 20, \"times\": 3 }", "&quot;从重&quot;</strong>"),
        ("nonsense", "这不是 JSON"),
    ] {
        let page = city.post("system-admin", path, &[("xml", xml), ("vars", vars)]).await.page;
        assert!(page.contains(found), "{vars}: {page}");
    }
    let broken = xml.replace("&gt;= 3", "&gt;= 3 (");
    let page = city.post("system-admin", path, &[("xml", &broken), ("vars", "{}")]).await.page;
    assert!(!page.contains("没有发现问题"), "{page}");
    let wrong = city.post("system-admin", path, &[("xml", "<a"), ("vars", "{}")]).await;
    assert_eq!(wrong.status, StatusCode::OK);
    let file = city.post("system-admin", "/admin/process/table/file", &[("xml", xml)]).await;
    assert_eq!(file.page, xml);
}
