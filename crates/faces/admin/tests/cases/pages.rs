//! Who can open what, and what the pages say.

use axum::http::StatusCode;
use zhengtong_base::Paging;
use zhengtong_ledger::Search;

use crate::world::City;

#[tokio::test]
async fn each_page_belongs_to_its_administrator() {
    let city = City::new().await;
    let roles = ["system-admin", "security-admin", "audit-admin", "window"];
    let (ok, no) = (StatusCode::OK, StatusCode::FORBIDDEN);
    let rows = [
        ("/admin", [ok, ok, ok, no]),
        ("/admin/people", [ok, ok, no, no]),
        ("/admin/people/new", [ok, no, no, no]),
        ("/admin/organisations", [ok, ok, ok, ok]),
        ("/admin/packs", [ok, no, no, no]),
        ("/admin/standards", [ok, ok, ok, no]),
        ("/admin/datasets", [ok, no, no, no]),
        ("/admin/jobs", [ok, no, no, no]),
        ("/admin/incidents", [ok, no, no, no]),
        ("/admin/record", [no, no, ok, no]),
    ];
    for (path, expected) in rows {
        for (role, expected) in roles.into_iter().zip(expected) {
            assert_eq!(city.get(role, path).await.status, expected, "{role} {path}");
        }
        let visitor = city.get("", path).await.status;
        assert_eq!(visitor, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn the_rail_leads_only_where_one_may_go() {
    let city = City::new().await;
    let audit = city.get("audit-admin", "/admin").await.page;
    assert!(audit.contains("/admin/record") && !audit.contains("/admin/jobs"));
    let system = city.get("system-admin", "/admin").await.page;
    assert!(system.contains("/admin/jobs") && !system.contains("/admin/record"));
    assert!(system.contains("三员分立"));
}

#[tokio::test]
async fn packs_and_standards_are_those_of_the_city() {
    let city = City::new().await;
    let packs = city.get("system-admin", "/admin/packs").await.page;
    assert!(packs.contains("house-rules") && packs.contains("base-population"));
    let standards = city.get("audit-admin", "/admin/standards").await.page;
    assert!(standards.contains("GB 11643") && standards.contains("有效"));
    let datasets = city.get("system-admin", "/admin/datasets").await.page;
    assert!(datasets.contains("base-legal:organisation"));
}

#[tokio::test]
async fn reading_the_record_stands_in_the_record() {
    let city = City::new().await;
    let first = city.get("audit-admin", "/admin/record?verb=party.seed").await;
    assert_eq!(first.status, StatusCode::OK);
    let second = city.get("audit-admin", "/admin/record?verb=ledger.").await.page;
    assert!(second.contains("ledger.search") && second.contains("party.seed"));
    let mut ctx = city.test.ctx(zhengtong_db::Actor::system("test")).await;
    let search = Search { verb: Some("ledger.search".to_owned()), ..Search::default() };
    let found = zhengtong_ledger::search(ctx.conn(), &search, Paging::new(1, 10)).await.unwrap();
    assert_eq!(found.total, 2);
    let entry = format!("/admin/record/{}", found.rows[0].id.0);
    let page = city.get("audit-admin", &entry).await.page;
    assert!(page.contains("等待封存"));
    assert_eq!(city.get("audit-admin", "/admin/record/999999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn failed_jobs_are_put_back_by_the_system_administrator_once() {
    use zhengtong_db::jobs::{NewJob, Work, run};
    let city = City::new().await;
    let payload = serde_json::json!({});
    let mut ctx = city.test.ctx(zhengtong_db::Actor::system("test")).await;
    let now = ctx.now;
    ctx.enqueue(NewJob::now("nobody.does", &payload, now)).await.unwrap();
    ctx.commit().await.unwrap();
    while zhengtong_db::jobs::waiting(&mut city.test.db.begin_raw().await.unwrap(), 1)
        .await
        .unwrap()
        .len()
        == 1
    {
        city.test.clock.advance(time::Duration::hours(2));
        run(&city.test.db, &Work::default(), 1).await.unwrap();
    }
    let page = city.get("system-admin", "/admin/jobs").await.page;
    assert!(page.contains("no handler for jobs of kind nobody.does"));
    let path = page.split("action=\"").find_map(|part| {
        let path = part.split('"').next()?;
        path.ends_with("/revive").then(|| path.to_owned())
    });
    let path = path.unwrap();
    assert_eq!(city.post("audit-admin", &path, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("system-admin", &path, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.post("system-admin", &path, &[]).await.status, StatusCode::CONFLICT);
}
