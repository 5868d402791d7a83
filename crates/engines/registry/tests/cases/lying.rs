//! Where records lie: what is kept, what is refused, what is found by a range and near a place, and the index that does it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sqlx::PgConnection;
use zhengtong_base::{Failure as _, Lang, Paging, Text};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_geometry::{Bounds, Geometry, Near};
use zhengtong_registry::{
    Area, Catalog, Error, LoadMode, Origin, Purpose, SCHEMA, TableQuery, TotalsQuery,
    check_quality, copy_in, display, load_faults, lookup, put, ready_for_geometry, rows, search,
    sync, totals, validate,
};

use crate::loads::city_of;
use crate::{Files, catalog, read_files, shipped};

const STOP: &str = "trial:stop";
const PACK: &str = "id = \"trial\"\ntitle = { zh = \"试验\", en = \"Trial\" }\nsummary = { zh = \"试验\", en = \"A trial\" }\nowner = \"data\"\nversion = \"1.0.0\"\nrows = [\"base-geo\"]\n";
const ELEMENTS: &str = r#"
[element."stop.no"]
title = { zh = "站号", en = "Number" }
type = "text"
max = 20
sensitivity = "public"
[element."stop.place"]
title = { zh = "站点位置", en = "Place of the stop" }
type = "geometry"
sensitivity = "public"
[element."stop.home"]
title = { zh = "住处", en = "Home" }
type = "geometry"
shape = "point"
sensitivity = "sensitive"
"#;
const DATASET: &str = r#"
title = { zh = "站点", en = "Stops" }
kind = "business"
authority = "data"
key = ["no"]
sharing = "unconditional"
open = true
update = "realtime"
[field.no]
element = "stop.no"
[field.place]
element = "stop.place"
"#;

/// The shipped packs and one more, whose element of a place is as given.
fn files(place: &str, dataset: &str) -> Files {
    let mut files = shipped();
    let inside = files.entry("trial".to_owned()).or_default();
    inside.insert("pack.toml".to_owned(), PACK.as_bytes().to_vec());
    let elements = ELEMENTS.replacen("type = \"geometry\"", place, 1);
    inside.insert("registry/elements.toml".to_owned(), elements.into_bytes());
    inside.insert("registry/stop.toml".to_owned(), dataset.as_bytes().to_vec());
    files
}

fn trial() -> Catalog {
    let (catalog, report) = read_files(files("type = \"geometry\"", DATASET));
    assert!(report.usable(), "{:#?}", report.findings);
    catalog
}

async fn database(catalog: Catalog) -> TestDb {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    sync(&mut db.db.pool().acquire().await.unwrap(), &catalog).await.unwrap();
    db
}

fn stop(no: &str, place: &Value) -> BTreeMap<String, Value> {
    BTreeMap::from([("no".to_owned(), json!(no)), ("place".to_owned(), place.clone())])
}

async fn put_all(ctx: &mut Ctx, all: &[(&str, &str)]) {
    for (no, place) in all {
        put(ctx, STOP, &stop(no, &json!(place)), &Origin::new("test")).await.unwrap();
    }
}

async fn found(ctx: &mut Ctx, area: Area) -> BTreeSet<String> {
    let query = TableQuery { area: Some(area), rows: 100, ..TableQuery::default() };
    let page = rows(ctx, STOP, &query).await.unwrap();
    page.rows.iter().map(|row| row.values["no"].as_str().unwrap().to_owned()).collect()
}

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

fn invalid(error: &Error) -> Text {
    match error {
        Error::Invalid(fields) => fields[0].text.clone(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_place_is_kept_in_one_spelling_and_comes_back() {
    let db = database(trial()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let object = json!({ "type": "Point", "coordinates": [120.1550, 30.274_000_000_01] });
    put(&mut ctx, STOP, &stop("A", &object), &Origin::new("test")).await.unwrap();
    let key = [("no", "A")];
    let read = lookup(&mut ctx, STOP, &key, &Purpose::new("test")).await.unwrap().unwrap();
    let spelling = json!(r#"{"type":"Point","coordinates":[120.155,30.274]}"#);
    assert_eq!(read.values["place"], spelling);
    // The same place in another way changes nothing.
    put_all(&mut ctx, &[("A", "POINT(120.155 30.274)")]).await;
    let read = lookup(&mut ctx, STOP, &key, &Purpose::new("test")).await.unwrap().unwrap();
    assert_eq!(read.values["place"], spelling);

    // Programs get the object, lists the words, with the geometry beside.
    let page = rows(&mut ctx, STOP, &TableQuery { rows: 10, ..TableQuery::default() }).await;
    assert_eq!(
        page.unwrap().rows[0].values["place"],
        json!({ "type": "Point", "coordinates": [120.155, 30.274] })
    );
    let listed = search(&mut ctx, STOP, &[], Paging::new(1, 10)).await.unwrap();
    assert_eq!(listed.rows[0].cells["place"].get(Lang::Zh), "点 120.155, 30.274");
    assert_eq!(listed.rows[0].geometry.as_deref(), spelling.as_str());

    for (place, words) in [
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "自己相交"),
        ("30.274,120.155", "先写经度"),
        ("POINT EMPTY", "没有坐标"),
    ] {
        let put = put(&mut ctx, STOP, &stop("B", &json!(place)), &Origin::new("test")).await;
        let text = invalid(&put.unwrap_err());
        assert!(text.zh.contains(words), "{place}: {}", text.zh);
    }
}

#[tokio::test]
async fn what_lies_in_a_range_and_near_a_place_is_found_and_not_what_misses_it() {
    let db = database(trial()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put_all(
        &mut ctx,
        &[
            ("inside", "120.15,30.25"),
            ("edge", "120.2,30.3"),
            ("miss", "120.2000001,30.3"),
            ("through", "LINESTRING(120.05 30.25, 120.25 30.26)"),
            // Its range meets the box, the line itself does not.
            ("around", "LINESTRING(120.05 30.25, 120.05 30.35, 120.25 30.35)"),
            ("holds", "POLYGON((120 30, 121 30, 121 31, 120 31, 120 30))"),
            ("hole", "POLYGON((119 29, 122 29, 122 32, 119 32, 119 29), (120 30, 121 30, 121 31, 120 31, 120 30))"),
        ],
    )
    .await;
    let bounds = Bounds::read("120.1,30.2,120.2,30.3").unwrap();
    assert_eq!(
        found(&mut ctx, Area::Box(bounds)).await,
        set(&["inside", "edge", "through", "holds"])
    );
    // 0.001 degrees of longitude are 96.2 m there.
    put_all(&mut ctx, &[("east", "120.151,30.25")]).await;
    let near = |metres: &str| Area::Near(Near::read("120.15,30.25", metres).unwrap());
    assert_eq!(found(&mut ctx, near("95")).await, set(&["inside", "holds"]));
    assert_eq!(found(&mut ctx, near("98")).await, set(&["inside", "east", "holds"]));

    // A dataset without a geometry, an order by one, totals by one.
    let area = Some(Area::Box(bounds));
    let query = TableQuery { area, rows: 1, ..TableQuery::default() };
    let error = rows(&mut ctx, "base-legal:organisation", &query).await.unwrap_err();
    assert!(invalid(&error).en.contains("holds no geometry"), "{}", error.text().en);
    let sort = Some(("place".to_owned(), false));
    let query = TableQuery { sort, rows: 1, ..TableQuery::default() };
    assert!(invalid(&rows(&mut ctx, STOP, &query).await.unwrap_err()).en.contains("bbox"));
    let query = TotalsQuery { by: vec!["place".to_owned()], ..TotalsQuery::default() };
    assert!(invalid(&totals(&mut ctx, STOP, &query).await.unwrap_err()).en.contains("bbox"));
}

#[tokio::test]
async fn files_bring_places_and_every_bad_one_is_kept_with_its_reason() {
    let city = city_of(database(trial()).await).await;
    let csv = "no,place\n\
        A,\"120.1,30.2\"\n\
        B,\"LINESTRING(120.1 30.2, 120.2 30.3)\"\n\
        C,\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[120.1,30.2]}\"\n\
        D,\"30.2,120.1\"\n\
        E,\"POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))\"\n\
        F,SRID=3857;POINT(1 2)\n\
        G,\n";
    let load = city.load(STOP, csv.as_bytes(), LoadMode::Upsert).await;
    assert_eq!((load.counts().created, load.counts().faulty), (4, 3));
    let mut ctx = city.ctx().await;
    let faults = load_faults(&mut ctx, load.number, 0, 100).await.unwrap();
    let told: Vec<(i64, Option<&str>, bool)> = faults
        .iter()
        .zip(["先写经度", "自己相交", "SRID=3857 不收"])
        .map(|(fault, words)| (fault.line, fault.field.as_deref(), fault.reason.zh.contains(words)))
        .collect();
    let place = Some("place");
    assert_eq!(told, [(5, place, true), (6, place, true), (7, place, true)]);
    drop(ctx);

    // The same places in other words change nothing; JSON brings objects.
    let again = "no,place\nA,POINT(120.100 30.20)\nC,\"120.1,30.2\"\n";
    let load = city.load(STOP, again.as_bytes(), LoadMode::Upsert).await;
    assert_eq!((load.counts().changed, load.counts().same), (0, 2));
    let json = r#"[{"no":"A","place":{"type":"Point","coordinates":[120.1,30.2]}},{"no":"H","place":{"type":"Point","coordinates":[121,31]}}]"#;
    let load = city.load(STOP, json.as_bytes(), LoadMode::Upsert).await;
    let counts = load.counts();
    assert_eq!((counts.created, counts.same, counts.faulty), (1, 1, 0));
    let mut ctx = city.ctx().await;
    let bounds = Bounds::read("120,30,121,31").unwrap();
    assert_eq!(found(&mut ctx, Area::Box(bounds)).await, set(&["A", "B", "C", "H"]));
}

/// How the database finds what it is asked for.
async fn plan(conn: &mut PgConnection) -> String {
    let lines: Vec<String> = sqlx::query_scalar(
        "EXPLAIN SELECT _id FROM registry.\"trial:stop\" AS row_
         WHERE row_.\"place#shape\" OPERATOR(public.&&) CAST('SRID=4490;POLYGON((120 30, 120.01 30, 120.01 30.01, 120 30.01, 120 30))' AS public.geometry)",
    )
    .fetch_all(conn)
    .await
    .unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn a_large_table_is_asked_by_its_index() {
    let db = database(trial()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let mut made = (0..20_000_u32).map(|at| {
        let place = format!("{}.{:05},{}.{:05}", 100 + at % 20, at % 99_999, 25 + at % 10, at);
        let place = Geometry::read(&place).unwrap().text();
        vec![Some(format!("S{at}")), Some(place)]
    });
    copy_in(&mut ctx, STOP, &["no", "place"], &mut made, &Origin::new("test")).await.unwrap();
    ctx.commit().await.unwrap();
    let mut conn = db.db.pool().acquire().await.unwrap();
    sqlx::query("ANALYZE registry.\"trial:stop\"").execute(&mut *conn).await.unwrap();
    let plan = plan(&mut conn).await;
    assert!(plan.contains("trial:stop#shape"), "{plan}");
    // A second start finds everything as it is.
    let again = sync(&mut conn, &trial()).await.unwrap();
    assert_eq!(again, zhengtong_registry::SyncReport::default());
}

#[tokio::test]
async fn the_nightly_look_finds_a_broken_geometry() {
    let db = database(trial()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put_all(&mut ctx, &[("good", "POLYGON((0 0, 1 0, 1 1, 0 0))")]).await;
    // As a program beside the platform would write it.
    let bow = r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#;
    let mut made = std::iter::once(vec![Some("bad".to_owned()), Some(bow.to_owned())]);
    copy_in(&mut ctx, STOP, &["no", "place"], &mut made, &Origin::new("test")).await.unwrap();
    let run = check_quality(&mut ctx, STOP).await.unwrap();
    let broken: Vec<(String, i64)> =
        run.results.into_iter().map(|one| (one.rule, one.broken)).collect();
    assert!(broken.contains(&("place.geometry".to_owned(), 1)), "{broken:?}");
}

#[tokio::test]
async fn our_verdict_is_that_of_postgis() {
    let db = database(trial()).await;
    let mut conn = db.db.pool().acquire().await.unwrap();
    // Rings of corners on a small grid: some are sound, most cross or touch themselves.
    let mut seed: u64 = 7;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut ring = |corners: u64| {
        let mut all: Vec<String> =
            (0..corners).map(|_| format!("{} {}", next(6), next(6))).collect();
        all.push(all[0].clone());
        format!("({})", all.join(", "))
    };
    let (mut sound, mut broken) = (0, 0);
    for round in 0..600 {
        let corners = 3 + round % 4;
        let text = match round % 3 {
            0 => format!("POLYGON({})", ring(corners)),
            1 => format!("POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), {}, {})", ring(3), ring(corners)),
            _ => format!("MULTIPOLYGON(({}), ({}))", ring(3), ring(corners)),
        };
        let theirs: bool =
            sqlx::query_scalar("SELECT public.ST_IsValid(CAST($1 AS public.geometry))")
                .bind(&text)
                .fetch_one(&mut *conn)
                .await
                .unwrap();
        let ours = Geometry::read(&text);
        assert_eq!(ours.is_ok(), theirs, "{text}: {ours:?}");
        if theirs { sound += 1 } else { broken += 1 }
    }
    assert!(sound > 50 && broken > 50, "{sound} {broken}");
}

#[tokio::test]
async fn a_sealed_place_is_kept_and_read_and_not_found_by_where_it_lies() {
    let sealed = DATASET.replace("stop.place", "stop.home").replace("open = true", "open = false");
    let (catalog, report) = read_files(files("type = \"geometry\"", &sealed));
    assert!(report.usable(), "{:#?}", report.findings);
    let db = database(catalog).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    put_all(&mut ctx, &[("A", "120.155,30.274")]).await;
    let read = lookup(&mut ctx, STOP, &[("no", "A")], &Purpose::new("test")).await.unwrap();
    let spelling = json!(r#"{"type":"Point","coordinates":[120.155,30.274]}"#);
    assert_eq!(read.unwrap().values["place"], spelling);
    let listed = search(&mut ctx, STOP, &[], Paging::new(1, 10)).await.unwrap();
    assert_eq!(listed.rows[0].cells["place"].get(Lang::Zh), "***");
    assert_eq!(listed.rows[0].geometry, None);
    let area = Some(Area::Near(Near::read("120.155,30.274", "10").unwrap()));
    let query = TableQuery { area, rows: 1, ..TableQuery::default() };
    assert!(rows(&mut ctx, STOP, &query).await.is_err());
}

#[test]
fn declarations_of_geometries_are_checked() {
    let said = |place: &str, dataset: &str| {
        let (_, report) = read_files(files(place, dataset));
        let all: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        all.join("\n")
    };
    let geometry = "type = \"geometry\"";
    let key = DATASET.replace("key = [\"no\"]", "key = [\"place\"]");
    let two = format!("{DATASET}[field.other]\nelement = \"stop.place\"\n");
    let index = format!("{DATASET}index = true\n");
    let rows = [
        (geometry, DATASET.to_owned(), ""),
        ("type = \"geometry\"\nshape = \"line\"", DATASET.to_owned(), ""),
        ("type = \"text\"\nshape = \"line\"", DATASET.to_owned(), "geometry 类型才写 shape"),
        ("type = \"geometry\"\nmax = 5", DATASET.to_owned(), "没有 min 和 max"),
        ("type = \"geometry\"\ncheck = \"mobile\"", DATASET.to_owned(), "不能带 check"),
        (geometry, key, "不能作主键"),
        (geometry, two, "最多一个几何字段"),
        (geometry, index, "不能写 index"),
    ];
    for (place, dataset, words) in rows {
        let said = said(place, &dataset);
        let as_wanted = if words.is_empty() { said.is_empty() } else { said.contains(words) };
        assert!(as_wanted, "{place}: {said}");
    }
}

#[test]
fn a_shape_is_asked_for() {
    let (catalog, _) = read_files(files("type = \"geometry\"\nshape = \"line\"", DATASET));
    let element = catalog.element("stop.place").unwrap();
    let today = time::macros::date!(2026 - 11 - 23);
    let refused = validate(&catalog, element, "120,30", today).unwrap_err();
    assert_eq!(refused.zh, "这里要登记线，给的是点");
    let kept = validate(&catalog, element, "LINESTRING(120 30, 121 31)", today).unwrap();
    assert_eq!(display(&catalog, element, &kept, Lang::En, today), "Line of 2 points");
    assert_eq!(validate(&catalog, element, "  ", today).unwrap_err().zh, "请填写站点位置");
    let nul = validate(&catalog, element, "POINT(1\0 2)", today).unwrap_err();
    assert!(!nul.zh.contains('\0') && nul.zh.contains("不是数字"), "{}", nul.zh);
}

#[tokio::test]
async fn postgis_is_made_where_a_dataset_needs_it_and_refused_in_words_where_it_cannot_be() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let mut conn = db.db.pool().acquire().await.unwrap();
    for statement in ["DROP EXTENSION IF EXISTS postgis", "CREATE SCHEMA elsewhere"] {
        sqlx::query(statement).execute(&mut *conn).await.unwrap();
    }
    sync(&mut conn, &catalog()).await.unwrap();
    assert_eq!(home(&mut conn).await, None);

    // A role that may make tables and no extensions, as that under which the platform works.
    let role = format!("lesser_{}", std::process::id());
    for statement in [
        format!("CREATE ROLE {role}"),
        format!("GRANT ALL ON SCHEMA registry TO {role}"),
        format!("SET ROLE {role}"),
    ] {
        sqlx::query(zhengtong_db::sql::trusted(statement)).execute(&mut *conn).await.unwrap();
    }
    let refused = ready_for_geometry(&mut conn, &trial()).await.unwrap_err();
    assert!(matches!(refused, Error::NoPostgis(_)), "{refused}");
    assert!(refused.text().zh.contains("CREATE EXTENSION postgis SCHEMA public"));
    for statement in [
        "RESET ROLE".to_owned(),
        format!("REVOKE ALL ON SCHEMA registry FROM {role}"),
        format!("DROP ROLE {role}"),
        "CREATE EXTENSION postgis SCHEMA elsewhere".to_owned(),
    ] {
        sqlx::query(zhengtong_db::sql::trusted(statement)).execute(&mut *conn).await.unwrap();
    }
    let refused = sync(&mut conn, &trial()).await.unwrap_err();
    assert!(refused.text().en.contains("schema elsewhere"), "{refused}");

    sqlx::query("DROP EXTENSION postgis").execute(&mut *conn).await.unwrap();
    sync(&mut conn, &trial()).await.unwrap();
    assert_eq!(home(&mut conn).await.as_deref(), Some("public"));
}

/// Where PostGIS stands.
async fn home(conn: &mut PgConnection) -> Option<String> {
    let statement =
        "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'postgis'";
    sqlx::query_scalar(statement).fetch_optional(conn).await.unwrap()
}
