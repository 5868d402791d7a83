//! Tables of datasets: made, widened, never dropped or retyped; and loaded by the ten thousand.

use std::time::Instant;

use sqlx::Row as _;
use zhengtong_base::Failure as _;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_registry::{Catalog, Error, Origin, Purpose, SCHEMA, copy_in, count, lookup, sync};

use crate::{catalog, read_files, shipped};

pub(crate) async fn database() -> TestDb {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, Shelf::default().with(catalog()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog()).await.unwrap();
    db
}

/// The shipped packs with one text replaced.
fn changed(pack: &str, path: &str, from: &str, to: &str) -> Catalog {
    let mut files = shipped();
    let bytes = files.get_mut(pack).unwrap().get_mut(path).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from));
    *bytes = text.replacen(from, to, 1).into_bytes();
    let (catalog, report) = read_files(files);
    assert!(report.usable(), "{:#?}", report.findings);
    catalog
}

#[tokio::test]
async fn every_statement_is_valid() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut conn = db.db.pool().acquire().await.unwrap();
    for (index, (name, text)) in SCHEMA.statements.iter().enumerate() {
        let statement = zhengtong_db::sql::trusted(format!("PREPARE s{index} AS {text}"));
        sqlx::raw_sql(statement)
            .execute(&mut *conn)
            .await
            .unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

/// The indexes of a dataset that fields ask for.
async fn indexes(conn: &mut sqlx::PgConnection, dataset: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT split_part(indexname, '#by.', 2) FROM pg_indexes
         WHERE schemaname = 'registry' AND tablename = $1 AND indexname LIKE '%#by.%' ORDER BY 1",
    )
    .bind(dataset)
    .fetch_all(conn)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_field_that_is_asked_for_often_has_an_index() {
    let (path, id) = ("registry/organisation.toml", "base-legal:organisation");
    let (plain, asked) = ("element = \"org.status\"\n", "element = \"org.status\"\nindex = true\n");
    let more = changed("base-legal", path, plain, asked);
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog()).await.unwrap();
    assert_eq!(indexes(&mut conn, id).await, ["industry", "region"]);
    // Asked for later, of a table that is there.
    sync(&mut conn, &more).await.unwrap();
    sync(&mut conn, &more).await.unwrap();
    assert_eq!(indexes(&mut conn, id).await, ["industry", "region", "status"]);
}

#[tokio::test]
async fn tables_are_made_once_and_widened() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut conn = db.db.pool().acquire().await.unwrap();
    let first = sync(&mut conn, &catalog()).await.unwrap();
    assert_eq!(first.tables.len(), catalog().datasets.len());
    let second = sync(&mut conn, &catalog()).await.unwrap();
    assert_eq!(second, zhengtong_registry::SyncReport::default());

    let path = "registry/household.toml";
    let more = "[field.members]\nelement = \"household.members\"\n\n[field.relation]\nelement = \"household.relation\"\n";
    let wider = changed(
        "base-population",
        path,
        "[field.members]\nelement = \"household.members\"\n",
        more,
    );
    let third = sync(&mut conn, &wider).await.unwrap();
    assert_eq!(third.columns, [("base-population:household".to_owned(), "relation".to_owned())]);
    assert!(third.tables.is_empty());
    // Back to the narrower declaration: the column stays.
    assert_eq!(sync(&mut conn, &catalog()).await.unwrap().columns, []);

    let retyped = changed(
        "house-rules",
        "registry/elements.toml",
        "[element.\"household.members\"]\ntitle = { zh = \"家庭人口数\", en = \"Members of the household\" }\ntype = \"integer\"",
        "[element.\"household.members\"]\ntitle = { zh = \"家庭人口数\", en = \"Members of the household\" }\ntype = \"decimal\"",
    );
    let error = sync(&mut conn, &retyped).await.unwrap_err();
    assert!(matches!(error, Error::TypeChanged { .. }), "{error}");
    assert!(error.text().zh.contains("household 的 members 在库里是 bigint，声明里是 numeric"));

    let rekeyed = changed(
        "base-population",
        "registry/household_member.toml",
        "key = [\"id_number\"]",
        "key = [\"id_number\", \"household_no\"]",
    );
    let error = sync(&mut conn, &rekeyed).await.unwrap_err();
    assert!(matches!(error, Error::KeyChanged { .. }), "{error}");
}

#[tokio::test]
async fn nodes_may_start_at_once() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut one = db.db.pool().acquire().await.unwrap();
    let mut two = db.db.pool().acquire().await.unwrap();
    let catalog = catalog();
    let (one, two) = tokio::join!(sync(&mut one, &catalog), sync(&mut two, &catalog));
    assert_eq!(one.unwrap().tables.len() + two.unwrap().tables.len(), catalog.datasets.len());
}

#[tokio::test]
async fn many_rows_are_loaded_fast() {
    const ROWS: u64 = 40_000;
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("demo")).await;
    let columns = [
        "credit_code",
        "name",
        "kind",
        "legal_representative",
        "address",
        "established_on",
        "status",
        "registered_capital",
        "scope",
    ];
    let mut rows = (0..ROWS).map(|n| {
        let text = |text: &str| Some(text.to_owned());
        vec![
            Some(format!("{n:018}")),
            Some(format!("示例\t{n}\\号\n\u{20bb7}")),
            text("10"),
            text("示例"),
            text("某路1号"),
            text("2020-01-02"),
            text("1"),
            (n % 2 == 0).then(|| "120.50".to_owned()),
            text("餐饮服务"),
        ]
    });
    let started = Instant::now();
    let origin = Origin::new("演示数据");
    let dataset = "base-legal:organisation";
    let loaded = copy_in(&mut ctx, dataset, &columns, &mut rows, &origin).await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!("{ROWS} rows in {seconds:.2} s");
    assert_eq!(loaded, ROWS);
    let counted = count(&mut ctx).await.unwrap();
    let counted = counted.iter().find(|counted| counted.dataset == dataset).unwrap();
    assert_eq!((counted.rows, counted.updated), (40_000, Some(ctx.now)));
    let row: String = sqlx::query("SELECT name FROM registry.\"base-legal:organisation\" WHERE credit_code = '000000000000000007'")
        .fetch_one(ctx.conn()).await.unwrap().get(0);
    assert_eq!(row, "示例\t7\\号\n\u{20bb7}");
    ctx.commit().await.unwrap();

    let mut ctx = db.ctx(Actor::system("demo")).await;
    let mut ragged = std::iter::once(vec![None]);
    let error = copy_in(&mut ctx, dataset, &columns, &mut ragged, &origin).await.unwrap_err();
    assert!(matches!(error, Error::Ragged { row: 1, found: 1, expected: 9 }));
}

#[tokio::test]
async fn several_codes_are_loaded_and_read() {
    let shop = "title = { zh = \"店\", en = \"Shops\" }\nkind = \"business\"\nauthority = \"market-regulation\"\nkey = [\"no\"]\nsharing = \"none\"\nupdate = \"daily\"\n[field.no]\nelement = \"licence.number\"\n[field.items]\nelement = \"food.items\"\n";
    let mut files = shipped();
    files.get_mut("base-legal").unwrap().insert("registry/shop.toml".into(), shop.into());
    let (catalog, report) = read_files(files);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    sync(&mut db.db.pool().acquire().await.unwrap(), &catalog).await.unwrap();
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog));
    let mut ctx = db.ctx(Actor::system("demo")).await;
    let mut rows = std::iter::once(vec![Some("a".to_owned()), Some("21,22".to_owned())]);
    copy_in(&mut ctx, "base-legal:shop", &["no", "items"], &mut rows, &Origin::new("x"))
        .await
        .unwrap();
    let purpose = Purpose::new("核对");
    let found = lookup(&mut ctx, "base-legal:shop", &[("no", "a")], &purpose).await.unwrap();
    assert_eq!(found.unwrap().values["items"], serde_json::json!(["21", "22"]));
    let paging = zhengtong_base::Paging::new(1, 10);
    for (code, hits) in [("22", 1), ("23", 0)] {
        let page =
            zhengtong_registry::search(&mut ctx, "base-legal:shop", &[("items", code)], paging)
                .await
                .unwrap();
        assert_eq!(page.total, hits, "{code}");
    }
}
