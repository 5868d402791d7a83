//! How much a dataset is used by cases: papers and answers that came from it, results that were written to it, each case
//! once; and the index answers, however many cases there are.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use zhengtong_casework::{Opening, Part, USED_MAX, open, split, used};
use zhengtong_db::Actor;
use zhengtong_db::testing::TestDb;

use crate::world::*;

const ORGANISATION: &str = "base-legal:organisation";
const ITEM: &str = "food-business:new";

async fn counted(test: &TestDb, dataset: &str, items: &[&str]) -> BTreeMap<String, i64> {
    used(&mut test.ctx(Actor::visitor()).await, dataset, items).await.unwrap()
}

fn one(item: &str, cases: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([(item.to_owned(), cases)])
}

#[tokio::test]
async fn a_case_counts_once_for_what_it_took_and_for_what_it_wrote() {
    let test = city().await;
    let plain = reviewed(&test).await;
    assert!(counted(&test, ORGANISATION, &[ITEM]).await.is_empty(), "it took nothing from there");
    let mut taken = paper("营业执照");
    taken.source = ORGANISATION.to_owned();
    let with = Opening {
        materials: vec![paper("布局图"), taken.clone(), taken],
        reads: BTreeSet::from([ORGANISATION.to_owned(), "base-population:resident".to_owned()]),
        ..opening()
    };
    let mut ctx = test.ctx(agent()).await;
    let no = open(&mut ctx, with).await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(counted(&test, ORGANISATION, &[ITEM, "levy:declare"]).await, one(ITEM, 1));
    assert_eq!(counted(&test, "base-population:resident", &[ITEM]).await, one(ITEM, 1));
    assert!(counted(&test, ORGANISATION, &["levy:declare"]).await.is_empty());
    assert!(counted(&test, "applicant", &[ITEM]).await.is_empty());
    // A part that is taken out is a case with the same papers.
    let part = Part { title: "另一处经营场所".to_owned(), materials: vec![2] };
    decide(&test, window(), &no, "accept", "").await.unwrap();
    let mut ctx = test.ctx(window()).await;
    split(&mut ctx, &no, &[part], "两处场所分开办").await.unwrap();
    ctx.commit().await.unwrap();
    assert_eq!(counted(&test, ORGANISATION, &[ITEM]).await, one(ITEM, 2));
    // The licence is written to its register when it is granted.
    assert!(counted(&test, LICENCES, &[ITEM]).await.is_empty());
    decide(&test, head(), &plain, "grant", "").await.unwrap();
    assert_eq!(counted(&test, LICENCES, &[ITEM]).await, one(ITEM, 1));
}

#[tokio::test]
async fn cases_from_before_are_counted_by_the_papers_that_came_from_registers() {
    let test = city().await;
    let from = |source: &str| zhengtong_casework::NewMaterial {
        source: source.to_owned(),
        ..paper("许可证")
    };
    let with = Opening { materials: vec![from("applicant"), from(ORGANISATION)], ..opening() };
    let mut ctx = test.ctx(agent()).await;
    let no = open(&mut ctx, with).await.unwrap();
    let (_, backfill) =
        include_str!("../../migrations/0012_used.sql").split_once("CREATE INDEX").unwrap();
    let (_, backfill) = backfill.split_once(';').unwrap();
    // Items named a dataset of the own pack without its pack.
    for statement in [
        "DELETE FROM casework.used",
        "INSERT INTO casework.material (\"case\", seq, name_zh, name_en, source, at)
         SELECT \"case\", seq + 10, name_zh, name_en, 'food_licence', at FROM casework.material WHERE seq = 2",
        backfill,
    ] {
        let statement = zhengtong_db::sql::trusted(statement.to_owned());
        sqlx::query(statement).execute(ctx.conn()).await.unwrap();
    }
    let found: Vec<(String, String, String)> =
        sqlx::query_as("SELECT \"case\", dataset, item FROM casework.used ORDER BY dataset")
            .fetch_all(ctx.conn())
            .await
            .unwrap();
    let row = |dataset: &str| (no.clone(), dataset.to_owned(), ITEM.to_owned());
    assert_eq!(found, [row(ORGANISATION), row(LICENCES)]);
}

#[tokio::test]
async fn the_index_answers_up_to_a_bound() {
    let test = city_under(HOUSE).await;
    let no = opened(&test).await;
    let mut ctx = test.ctx(Actor::system("test")).await;
    let many = USED_MAX + 20;
    for statement in [
        format!(
            r#"INSERT INTO casework."case" SELECT (jsonb_populate_record(c, jsonb_build_object('no', 'MANY-' || n))).*
               FROM casework."case" c, generate_series(1, {many}) n WHERE c.no = '{no}'"#
        ),
        // Each took from five datasets, one of which is asked about.
        format!(
            "INSERT INTO casework.used
             SELECT 'MANY-' || n, CASE WHEN m = 0 THEN '{ORGANISATION}' ELSE 'a-pack:dataset' || m END, '{ITEM}', now()
             FROM generate_series(1, {many}) n, generate_series(0, 4) m"
        ),
        // Of other items there are more.
        "INSERT INTO casework.used SELECT \"case\", dataset || '-too', 'a-pack:item', at FROM casework.used".to_owned(),
        "ANALYZE casework.used".to_owned(),
    ] {
        sqlx::query(zhengtong_db::sql::trusted(statement)).execute(ctx.conn()).await.unwrap();
    }
    let found = used(&mut ctx, ORGANISATION, &[ITEM, "levy:declare"]).await.unwrap();
    assert_eq!(found, one(ITEM, USED_MAX + 1), "one more than the bound stands for more");
    let explain = format!("EXPLAIN {}", include_str!("../../sql/used.sql"));
    let rows = sqlx::query(zhengtong_db::sql::trusted(explain))
        .bind(ORGANISATION)
        .bind([ITEM].as_slice())
        .bind(ctx.now - time::Duration::days(365))
        .bind(USED_MAX + 1)
        .fetch_all(ctx.conn())
        .await
        .unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    let plan = plan.join("\n");
    assert!(plan.contains("used_dataset") && !plan.contains("Seq Scan"), "{plan}");
}
