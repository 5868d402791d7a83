//! Quality: what breaks a rule is counted and kept, whoever has to look, SQL or the program.

use serde_json::json;
use uuid::Uuid;
use zhengtong_db::Actor;
use zhengtong_registry::{Origin, check_quality, put, quality, quality_faults, quality_of};

use crate::tables::database;

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
            ("established_on.rule", 1, "program"),
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
