//! The pages of operation: who may open and do what, and that what they do is done.

use std::time::Duration;

use axum::http::StatusCode;
use zhengtong_base::Paging;
use zhengtong_db::Actor;
use zhengtong_db::jobs::{NewJob, Work, dead, run};
use zhengtong_ledger::Search;
use zhengtong_setting::{ANSWER_DAYS, Live, NOTICE};

use crate::world::City;

async fn acts(city: &City, verb: &str) -> Vec<zhengtong_ledger::Entry> {
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let search = Search { verb: Some(verb.to_owned()), ..Search::default() };
    let found = zhengtong_ledger::search(ctx.conn(), &search, Paging::new(1, 50)).await;
    let mut rows = found.unwrap().rows;
    for entry in &mut rows {
        ctx.unveil(&mut entry.act).unwrap();
    }
    rows
}

#[tokio::test]
async fn each_page_of_operation_belongs_to_its_administrator() {
    let city = City::new().await;
    let roles = ["system-admin", "security-admin", "audit-admin", "window"];
    let (ok, no) = (StatusCode::OK, StatusCode::FORBIDDEN);
    let rows = [
        ("/admin/health", [ok, no, ok, no]),
        ("/admin/backups", [ok, no, ok, no]),
        ("/admin/settings", [ok, ok, ok, no]),
        ("/admin/settings/answer.keep_days", [ok, ok, ok, no]),
    ];
    for (path, expected) in rows {
        for (role, expected) in roles.into_iter().zip(expected) {
            assert_eq!(city.get(role, path).await.status, expected, "{role} {path}");
        }
        assert_eq!(city.get("", path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let absent = city.get("system-admin", "/admin/settings/no.such").await.status;
    assert_eq!(absent, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn health_shows_what_was_found_just_now_and_how_to_mend_it() {
    let city = City::new().await;
    let page = city.get("system-admin", "/admin/health").await.page;
    assert!(page.contains("测试检查") && page.contains("测试怎么修"), "{page}");
    assert!(page.contains("1 项要处理"));
}

#[tokio::test]
async fn a_setting_is_changed_with_a_reason_and_taken_back() {
    let city = City::new().await;
    let path = "/admin/settings/answer.keep_days";
    let none = city.post("system-admin", path, &[("value", "30"), ("seen", "0")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.page.contains("写明为什么改") && none.page.contains("value=\"30\""));
    let fields = [("value", "30"), ("seen", "0"), ("reason", "窗口要求保留一个月")];
    assert_eq!(city.post("audit-admin", path, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("system-admin", path, &fields).await.status, StatusCode::SEE_OTHER);
    let late = city
        .post("system-admin", path, &[("value", "31"), ("seen", "0"), ("reason", "没有看到上一次")])
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.page.contains("别人已经改过"));
    let live = city.test.db.defs::<Live>().unwrap();
    live.read(&city.test.db).await.unwrap();
    assert_eq!(live.number(ANSWER_DAYS), 30);
    let shown = city.get("security-admin", path).await.page;
    assert!(
        shown.contains("窗口要求保留一个月") && !shown.contains("/revert/"),
        "looks, cannot change"
    );
    let shown = city.get("system-admin", path).await.page;
    let back = shown.split("action=\"").find_map(|part| {
        let path = part.split('"').next()?;
        path.contains("/revert/").then(|| path.to_owned())
    });
    let back = back.unwrap();
    let done = city.post("system-admin", &back, &[("reason", "还是七天够了")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    live.read(&city.test.db).await.unwrap();
    assert_eq!(live.number(ANSWER_DAYS), 7);
    let changes = acts(&city, "setting.change").await;
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|entry| entry.act.thing == ANSWER_DAYS));
    let list = city.get("system-admin", "/admin/settings").await.page;
    assert!(list.contains("server.listen") && list.contains("/etc/zhengtong.toml"), "{list}");
}

#[tokio::test]
async fn the_notice_of_the_site_stands_on_every_page_at_once() {
    let city = City::new().await;
    let path = format!("/admin/settings/{NOTICE}");
    let fields = [
        ("value", "今晚十点停机维护"),
        ("english", "Maintenance at ten tonight"),
        ("seen", "0"),
        ("reason", "机房停电检修"),
    ];
    assert_eq!(city.post("system-admin", &path, &fields).await.status, StatusCode::SEE_OTHER);
    city.test.db.defs::<Live>().unwrap().read(&city.test.db).await.unwrap();
    assert!(city.get("audit-admin", "/admin").await.page.contains("今晚十点停机维护"));
}

/// A job that nobody does, out of all attempts.
async fn dead_job(city: &City) -> uuid::Uuid {
    let payload = serde_json::json!({ "n": 1 });
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let now = ctx.now;
    ctx.enqueue(NewJob::now("nobody.does", &payload, now)).await.unwrap();
    ctx.commit().await.unwrap();
    for _ in 0..40 {
        city.test.clock.advance(time::Duration::hours(2));
        run(&city.test.db, &Work::default(), 1).await.unwrap();
        let mut tx = city.test.db.begin_raw().await.unwrap();
        if let Some(job) = dead(&mut tx, 1).await.unwrap().first() {
            return job.id;
        }
    }
    panic!("the job did not die");
}

#[tokio::test]
async fn a_dead_job_is_given_up_with_a_reason_that_stays() {
    let city = City::new().await;
    let id = dead_job(&city).await;
    let list = city.get("system-admin", "/admin/jobs?kind=nobody.does").await.page;
    let path = format!("/admin/jobs/{id}/drop");
    assert!(list.contains(&path));
    let other = city.get("system-admin", "/admin/jobs?kind=another.kind").await.page;
    assert!(!other.contains(&path));
    assert_eq!(city.get("audit-admin", &path).await.status, StatusCode::FORBIDDEN);
    assert!(city.get("system-admin", &path).await.page.contains("nobody.does"));
    let none = city.post("system-admin", &path, &[("reason", "x")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "收件人已经注销")];
    assert_eq!(city.post("audit-admin", &path, &reason).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("system-admin", &path, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.post("system-admin", &path, &reason).await.status, StatusCode::CONFLICT);
    assert_eq!(city.get("system-admin", &path).await.status, StatusCode::NOT_FOUND);
    let dropped = acts(&city, "admin.drop").await;
    assert_eq!(dropped.len(), 1);
    assert_eq!(dropped[0].act.reason.as_deref(), Some("收件人已经注销"));
    assert!(dropped[0].act.before.is_some(), "what it was about is there as a digest");
}

#[tokio::test]
async fn the_record_is_searched_by_time_and_actor_and_goes_on_without_end() {
    let city = City::new().await;
    for _ in 0..60 {
        assert_eq!(
            city.get("audit-admin", "/admin/record?verb=none.").await.status,
            StatusCode::OK
        );
    }
    let first = city.get("audit-admin", "/admin/record?verb=ledger.search").await.page;
    let below = first.split("before=").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/admin/record?verb=ledger.search&before={below}");
    let older = city.get("audit-admin", &path).await.page;
    let newest = |page: &str| {
        page.split("/admin/record/")
            .filter_map(|part| part.split('"').next()?.parse::<i64>().ok())
            .max()
    };
    assert!(newest(&older).unwrap() < below.parse::<i64>().unwrap());
    // The clock of the test stands on 2 March 2026.
    let today =
        city.get("audit-admin", "/admin/record?from=2026-03-02&to=2026-03-02&verb=ledger.").await;
    assert!(today.page.contains("ledger.search"));
    let before = city.get("audit-admin", "/admin/record?to=2026-03-01&verb=ledger.").await;
    assert!(before.page.contains("没有符合的记录"));
    let wrong = city.get("audit-admin", "/admin/record?from=yesterday").await.page;
    assert!(wrong.contains("2026-11-22 08:30") && wrong.contains("没有符合的记录"), "{wrong}");
    let account = crate::world::id(2023);
    let own = city.get("audit-admin", &format!("/admin/record?account={account}")).await.page;
    assert!(own.contains("ledger.search") && !own.contains("party.seed"));
}

#[tokio::test]
async fn an_export_is_recorded_and_says_who_took_it() {
    let city = City::new().await;
    let fields = [("verb", "party."), ("reason", "配合年度审计")];
    assert_eq!(
        city.post("system-admin", "/admin/record/export", &fields).await.status,
        StatusCode::FORBIDDEN
    );
    let none = city.post("audit-admin", "/admin/record/export", &[("verb", "party.")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(acts(&city, "ledger.export").await.is_empty());
    let file = city.post("audit-admin", "/admin/record/export", &fields).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(file.page.starts_with("\u{feff}\"number\",\"time\""), "{}", file.page);
    assert!(file.page.contains("party.seed") && !file.page.contains("\"ledger.export\""));
    let mark = file.page.trim_end().lines().next_back().unwrap();
    assert!(
        mark.contains("测audit-admin")
            && mark.contains("配合年度审计")
            && mark.contains("test-0001")
    );
    let export = acts(&city, "ledger.export").await;
    assert_eq!(export[0].act.reason.as_deref(), Some("配合年度审计 (verb=party.)"));
}

#[tokio::test]
async fn backups_say_what_is_missing_and_a_drill_is_asked_for_once() {
    let city = City::new().await;
    let page = city.get("audit-admin", "/admin/backups").await.page;
    assert!(page.contains("还没有备份过") && page.contains("第 0 级"), "{page}");
    assert!(!page.contains("/admin/backups/drill"), "nobody looks and drills");
    let path = "/admin/backups/drill";
    assert_eq!(city.post("audit-admin", path, &[]).await.status, StatusCode::FORBIDDEN);
    for _ in 0..2 {
        assert_eq!(city.post("system-admin", path, &[]).await.status, StatusCode::SEE_OTHER);
    }
    let mut tx = city.test.db.begin_raw().await.unwrap();
    let jobs = zhengtong_db::jobs::waiting_of(&mut tx, "backup.drill", 10).await.unwrap();
    assert_eq!(jobs.len(), 1);
}

#[tokio::test]
async fn the_first_page_says_what_is_to_be_done_before_the_city_opens() {
    let city = City::new().await;
    let page = city.get("system-admin", "/admin").await.page;
    assert!(page.contains("开通前要做的") && page.contains("证明过能恢复"), "{page}");
    assert!(!city.get("security-admin", "/admin").await.page.contains("开通前要做的"));
}

#[tokio::test]
async fn a_look_that_takes_long_does_not_hold_a_connection() {
    let city = City::new().await;
    let page =
        tokio::time::timeout(Duration::from_secs(20), city.get("system-admin", "/admin/health"));
    assert_eq!(page.await.unwrap().status, StatusCode::OK);
    assert_eq!(zhengtong_db::figures::pool(&city.test.db).waiting, 0);
}

/// An instance whose first service has failed too often; gives its incident.
async fn stalled(city: &City) -> uuid::Uuid {
    let mut ctx = city.test.ctx(Actor::system("test")).await;
    let vars = serde_json::Map::new();
    let (instance, news) =
        zhengtong_process::start(&mut ctx, "food-business:licence", "test/1", vars).await.unwrap();
    let task = news.iter().find_map(|one| match one {
        zhengtong_process::News::Service { task, .. } => Some(task.clone()),
        _ => None,
    });
    for _ in 0..5 {
        let task = task.as_deref().unwrap();
        zhengtong_process::fail(&mut ctx, instance, task, "收件系统没有应答").await.unwrap();
    }
    let open = zhengtong_process::incidents(&mut ctx).await.unwrap();
    ctx.commit().await.unwrap();
    open.into_iter().find(|one| one.instance == instance).unwrap().id
}

#[tokio::test]
async fn what_stands_still_is_tried_again_or_skipped_with_a_reason() {
    let city = City::new().await;
    let id = stalled(&city).await;
    let list = city.get("system-admin", "/admin/incidents").await.page;
    assert!(list.contains("收件系统没有应答"));
    let (again, skip) =
        (format!("/admin/incidents/{id}/retry"), format!("/admin/incidents/{id}/skip"));
    assert!(list.contains(&again) && list.contains(&skip));
    for role in ["security-admin", "audit-admin"] {
        assert_eq!(city.get(role, "/admin/incidents").await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.get(role, &skip).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.post(role, &again, &[]).await.status, StatusCode::FORBIDDEN);
        let reason = [("reason", "不必再登记")];
        assert_eq!(city.post(role, &skip, &reason).await.status, StatusCode::FORBIDDEN);
    }
    assert!(city.get("system-admin", &skip).await.page.contains("按已完成处理"));
    let short = city.post("system-admin", &skip, &[("reason", "x")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "已在纸质台账上登记")];
    assert_eq!(city.post("system-admin", &skip, &reason).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.post("system-admin", &skip, &reason).await.status, StatusCode::NOT_FOUND);
    let list = city.get("system-admin", "/admin/incidents").await.page;
    assert!(list.contains("没有停住的流程"));
    let skipped = acts(&city, "process.skip").await;
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0].act.reason.as_deref(), Some("已在纸质台账上登记"));
    let other = stalled(&city).await;
    let again = format!("/admin/incidents/{other}/retry");
    assert_eq!(city.post("system-admin", &again, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(acts(&city, "process.retry").await.len(), 1);
}
