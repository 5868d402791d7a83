//! Every case of the demonstration goes up: all rows are sound, a second run has nothing to send, feedback is tied to its
//! case and its row goes again.

use zhengtong_crypto::{Digest, SigningKey};
use zhengtong_db::Actor;

use super::tests::{args, demo};
use super::*;
use crate::report::{Asked, up};

fn reporter() -> SigningKey {
    SigningKey::from_seed([7; 32])
}

#[tokio::test]
async fn every_case_of_the_city_is_sound_and_sent_once() {
    let demo = demo().await;
    let db = &demo.test.db;
    fill(db, demo.folder.path(), &args()).await.unwrap();
    let today = zhengtong_calendar::china_date(db.clock().now());
    let from = today.checked_sub(Duration::days(300)).unwrap();
    let out = demo.folder.path().join("up");
    let asked = Asked {
        from,
        to: today,
        reason: "a test of the whole city",
        by: "test",
        site: "https://www.example.gov.cn",
        folder: &out,
    };
    let (package, folder) = up(db, &reporter(), &asked).await.unwrap();
    assert!(package.faults.is_empty(), "{:#?}", package.faults);
    for table in [
        "up_task_general_basic",
        "up_pro_accept",
        "up_pro_process",
        "up_pro_material",
        "up_pro_special_procedure",
        "up_pro_result",
        "evaluation",
    ] {
        let sent = package.run.tables.iter().find(|one| one.table == table).map(|one| one.sent);
        assert!(sent > Some(0), "{table} is empty");
    }
    let mut ctx = db.begin(Actor::system("test"), "test").await.unwrap();
    let all = (time::OffsetDateTime::UNIX_EPOCH, ctx.now + Duration::days(1));
    let numbers = zhengtong_casework::changed(&mut ctx, all, "", 1_000).await.unwrap();
    drop(ctx);
    assert!(numbers.len() >= 40, "{}", numbers.len());
    let papers = fs::read_to_string(folder.join("up_pro_material.csv")).unwrap();
    for no in &numbers {
        assert!(papers.contains(&format!("\"{no}\"")), "{no} was not reported");
    }
    let manifest = fs::read(folder.join(zhengtong_reporting::MANIFEST)).unwrap();
    assert_eq!(Digest::of(&manifest).to_string(), package.run.manifest);
    let text = String::from_utf8(manifest).unwrap();
    let accept = fs::read(folder.join("up_pro_accept.csv")).unwrap();
    assert!(text.contains(&Digest::of(&accept).to_string()));
    assert!(text.contains("code_lists_not_confirmed"));

    let (again, _) = up(db, &reporter(), &asked).await.unwrap();
    assert_eq!(again.run.tables.iter().map(|table| table.sent).sum::<usize>(), 0);

    let csv = String::from_utf8(accept).unwrap();
    let head: Vec<&str> =
        csv.trim_start_matches('\u{feff}').lines().next().unwrap().split(',').collect();
    let at = |name: &str| head.iter().position(|cell| cell.trim_matches('"') == name).unwrap();
    let row: Vec<&str> = csv.lines().nth(1).unwrap().split("\",\"").collect();
    let guid = row[at("row_guid")].trim_matches('"');
    let no = row[at("project_no")].trim_matches('"').to_owned();
    let feedback = format!(
        "row_guid,err_type,table_sql_name,table_row_guid,remark\nf1,数据异常,up_pro_accept,{guid},证件号码与人口库不符\n"
    );
    let mut ctx = db.begin(Actor::system("feedback"), "test").await.unwrap();
    assert_eq!(zhengtong_reporting::feedback(&mut ctx, &feedback).await.unwrap(), 1);
    assert_eq!(zhengtong_reporting::feedback(&mut ctx, &feedback).await.unwrap(), 0);
    let told = zhengtong_reporting::feedbacks(&mut ctx).await.unwrap();
    assert_eq!((told[0].subject.as_deref(), told[0].mended), (Some(no.as_str()), false));
    ctx.commit().await.unwrap();
    demo.test.clock.advance(Duration::seconds(1));
    let (third, _) = up(db, &reporter(), &asked).await.unwrap();
    assert_eq!(third.run.tables.iter().map(|table| table.sent).sum::<usize>(), 1);
    let mut ctx = db.begin(Actor::system("feedback"), "test").await.unwrap();
    assert!(zhengtong_reporting::feedbacks(&mut ctx).await.unwrap()[0].mended);
}
