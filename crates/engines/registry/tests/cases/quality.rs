//! Quality: what breaks a rule is counted and kept, whoever has to look, SQL or the program.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;
use zhengtong_calendar::china_date;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_registry::{
    Catalog, Origin, Purpose, SCHEMA, check_quality, lookup, put, quality, quality_fault,
    quality_faults, quality_of, sync,
};

use crate::loads::code;
use crate::tables::database;
use crate::{read_files, shipped};

const ORGANISATION: &str = "base-legal:organisation";
const CODE: &str = "91350100M000100Y43";

#[tokio::test]
async fn what_breaks_a_rule_is_counted_and_kept() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let record = [
        ("credit_code", json!(CODE)),
        ("name", json!("示例餐饮有限公司")),
        ("kind", json!("10")),
        ("legal_representative", json!("示例甲")),
        ("address", json!("某路2号")),
        ("established_on", json!("2020-01-02")),
        ("status", json!("1")),
    ];
    let record = record.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    put(&mut ctx, ORGANISATION, &record, &Origin::new("登记")).await.unwrap();
    let good = check_quality(&mut ctx, ORGANISATION).await.unwrap();
    assert_eq!((good.records, good.results.iter().map(|one| one.broken).sum::<i64>()), (1, 0));
    assert!(good.completeness > 0.999 && good.consistency > 0.999);
    // What no verb lets in, as an old system might have left it.
    sqlx::query(
        "UPDATE registry.\"base-legal:organisation\"
         SET kind = '77', status = NULL, established_on = '2999-01-01', credit_code = '91350100M000100Y44'",
    )
    .execute(ctx.conn())
    .await
    .unwrap();
    db.clock.advance(time::Duration::minutes(1));
    ctx.commit().await.unwrap();
    let mut ctx = db.ctx(Actor::system("test")).await;
    let bad = check_quality(&mut ctx, ORGANISATION).await.unwrap();
    let mut broken: Vec<(&str, i64, &str)> = bad
        .results
        .iter()
        .filter(|one| one.broken > 0)
        .map(|one| (one.rule.as_str(), one.broken, one.by.as_str()))
        .collect();
    broken.sort_unstable();
    assert_eq!(
        broken,
        [
            ("credit_code.check", 1, "program"),
            ("established_on.rule", 1, "sql"),
            ("kind.code", 1, "sql"),
            ("status.required", 1, "sql"),
        ]
    );
    assert!(bad.completeness < 0.999 && bad.consistency < 0.999);
    for (rule, _, _) in &broken {
        let rows = quality_faults(&mut ctx, ORGANISATION, rule, Uuid::nil()).await.unwrap();
        assert_eq!(rows.len(), 1, "{rule}");
    }
    assert_eq!(quality_of(&mut ctx, ORGANISATION).await.unwrap().len(), 2);
    assert_eq!(quality(&mut ctx).await.unwrap()[0].id, bad.id);
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM registry.quality_fault")
        .fetch_one(ctx.conn())
        .await
        .unwrap();
    assert_eq!(kept, 4);
}

const BRANCH: &str = "base-legal:branch";
const RULE: &str = "
[[rule]]
id = \"parent-lasts\"
kind = \"in_force\"
field = \"parent\"
last_day = \"term_to\"
days = 30
";

/// The shipped packs with this rule in the file of branches, and what is said of it.
fn with_rule(rule: &str) -> (Catalog, Vec<String>) {
    let mut files = shipped();
    let file = files.get_mut("base-legal").unwrap().get_mut("registry/branch.toml").unwrap();
    file.extend(rule.bytes());
    let (catalog, report) = read_files(files);
    (catalog, report.findings.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn what_refers_to_something_that_ends_is_named_in_time() {
    let (catalog, findings) = with_rule(RULE);
    assert_eq!(findings, Vec::<String>::new());
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog).await.unwrap();
    drop(conn);
    let mut ctx = db.ctx(Actor::system("test")).await;
    let today = china_date(ctx.now);
    // The day before, today, the last day that is looked at, the day after it, and no end at all.
    let ends = [Some(-1), Some(0), Some(29), Some(30), None];
    for (number, ends) in (1..).zip(ends) {
        let mut record = BTreeMap::from([
            ("credit_code".to_owned(), json!(code(number))),
            ("name".to_owned(), json!("示例商贸有限公司")),
            ("kind".to_owned(), json!("10")),
            ("legal_representative".to_owned(), json!("示例甲")),
            ("address".to_owned(), json!("某路2号")),
            ("established_on".to_owned(), json!("2020-01-02")),
            ("status".to_owned(), json!("1")),
        ]);
        if let Some(days) = ends {
            let day = today + time::Duration::days(days);
            record.insert("term_to".to_owned(), json!(day.to_string()));
        }
        put(&mut ctx, "base-legal:organisation", &record, &Origin::new("登记")).await.unwrap();
        let branch = BTreeMap::from([
            ("branch_code".to_owned(), json!(code(100 + number))),
            ("parent".to_owned(), json!(code(number))),
            ("name".to_owned(), json!(format!("分店{number}"))),
            ("status".to_owned(), json!("1")),
        ]);
        put(&mut ctx, BRANCH, &branch, &Origin::new("登记")).await.unwrap();
    }
    let run = check_quality(&mut ctx, BRANCH).await.unwrap();
    let result = run.results.iter().find(|one| one.rule == "parent-lasts").unwrap();
    assert_eq!((result.broken, result.by.as_str()), (3, "sql"));
    let rows = quality_faults(&mut ctx, BRANCH, "parent-lasts", Uuid::nil()).await.unwrap();
    let mut names: Vec<&str> = rows.iter().map(|row| row.cells["name"].zh.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["分店1", "分店2", "分店3"]);
    // Each of them is given whole to whoever sends it back; a record that is right is not.
    for row in &rows {
        let found = quality_fault(&mut ctx, BRANCH, "parent-lasts", row.id).await.unwrap();
        let (rule, record) = found.unwrap();
        assert_eq!((rule.field.as_deref(), record.id), (Some("parent"), row.id));
        for other in ["name.required", "no-rule"] {
            assert!(quality_fault(&mut ctx, BRANCH, other, row.id).await.unwrap().is_none());
        }
    }
    let key = code(105);
    let key = [("branch_code", key.as_str())];
    let right = lookup(&mut ctx, BRANCH, &key, &Purpose::new("test")).await.unwrap().unwrap();
    let found = quality_fault(&mut ctx, BRANCH, "parent-lasts", right.id).await.unwrap();
    assert!(found.is_none());
}

#[test]
fn a_rule_in_force_names_what_it_can_look_at() {
    for (from, to, said) in [
        ("last_day = \"term_to\"\n", "", "规则 parent-lasts 要写 field, last_day"),
        (
            "\"term_to\"",
            "\"address\"",
            "规则 parent-lasts 的 last_day 要写 base-legal:organisation",
        ),
        (
            "\"term_to\"",
            "\"trem_to\"",
            "规则 parent-lasts 的 last_day 要写 base-legal:organisation",
        ),
        ("\"parent\"", "\"name\"", "规则 parent-lasts 的字段 name 没有写 references"),
        ("\"parent\"", "\"parnt\"", "是不是 parent？"),
    ] {
        let (_, findings) = with_rule(&RULE.replace(from, to));
        assert!(findings.iter().any(|one| one.contains(said)), "{said}: {findings:#?}");
    }
}
