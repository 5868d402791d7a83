//! Rules across fields: the statement says of every record what the program says of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use zhengtong_calendar::china_date;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Shelf};
use zhengtong_feel::{Expr, Scope, Value as FeelValue};
use zhengtong_registry::{Origin, SCHEMA, check_quality, put, sync};

use crate::{Files, read_files};

const DATASET: &str = "judged:thing";
const PACK: &str = r#"
id = "judged"
title = { zh = "规则", en = "Rules" }
summary = { zh = "规则用", en = "For rules" }
owner = "bureau"
version = "1.0.0"
"#;
const THING: &str = r#"
title = { zh = "物", en = "Thing" }
kind = "business"
authority = "bureau"
key = ["code"]
sharing = "unconditional"
open = true
update = "daily"
"#;
/// The fields with their types.
const FIELDS: [(&str, &str); 8] = [
    ("code", "text"),
    ("name", "text"),
    ("count", "integer"),
    ("worth", "money"),
    ("share", "decimal"),
    ("since", "date"),
    ("until", "date"),
    ("sound", "boolean"),
];
/// Rules, and whether a statement can say them.
const RULES: [(&str, bool); 24] = [
    ("until >= since", true),
    ("since <= today", true),
    ("until > since and until > today", true),
    ("count > 0", true),
    ("count >= -2.5", true),
    ("count = worth", true),
    ("count != share", true),
    ("share between 0 and 1", true),
    ("worth < count or share < 0.5", true),
    ("not(count > worth)", true),
    ("name = \"甲\"", true),
    ("name != \"it's\"", true),
    ("sound", true),
    ("sound = true", true),
    ("sound != false and name = \"甲\"", true),
    ("not(sound) or until >= since", true),
    ("since = until", true),
    ("since != until or (count > 1 and worth > 1)", true),
    // What has more in it, or compares what does not go together, is the program's.
    ("starts with(name, \"甲\")", false),
    ("count + 1 > worth", false),
    ("name < \"乙\"", false),
    ("count = name", false),
    ("since < count", false),
    ("if sound then count > 0 else true", false),
];

/// A dataset of these fields, with rules.
fn files(rules: &str) -> Files {
    let (mut elements, mut thing) = (String::new(), THING.to_owned());
    for (name, kind) in FIELDS {
        let max = if kind == "text" { "max = 20" } else { "" };
        let wrote = writeln!(
            elements,
            "[element.\"judged.{name}\"]\ntitle = {{ zh = \"{name}项\", en = \"{name} of it\" }}\ntype = \"{kind}\"\n{max}\nsensitivity = \"public\""
        );
        wrote.unwrap();
        writeln!(thing, "[field.{name}]\nelement = \"judged.{name}\"").unwrap();
    }
    thing.push_str(rules);
    let inside = BTreeMap::from([
        ("pack.toml".to_owned(), PACK.as_bytes().to_vec()),
        ("registry/elements.toml".to_owned(), elements.into_bytes()),
        ("registry/thing.toml".to_owned(), thing.into_bytes()),
    ]);
    BTreeMap::from([("judged".to_owned(), inside)])
}

/// Records with every mixture of values, near each other, and of absent ones.
fn records() -> Vec<BTreeMap<String, Value>> {
    let mut at: u64 = 20_261_123;
    let mut pick = |all: &[Value]| {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all[usize::try_from(at >> 33).unwrap() % all.len()].clone()
    };
    let none = Value::Null;
    let days = [none.clone(), json!("2019-12-31"), json!("2026-01-01"), json!("2999-01-01")];
    let mut records = Vec::new();
    for number in 0..160 {
        let values = [
            ("code", json!(format!("K{number:03}"))),
            ("name", pick(&[none.clone(), json!("甲"), json!("甲乙"), json!("it's")])),
            ("count", pick(&[none.clone(), json!(-3), json!(0), json!(1), json!(2)])),
            ("worth", pick(&[none.clone(), json!("0.99"), json!("1.00"), json!("2.00")])),
            ("share", pick(&[none.clone(), json!("-0.1"), json!("0.5"), json!("1"), json!("2")])),
            ("since", pick(&days)),
            ("until", pick(&days)),
            ("sound", pick(&[none.clone(), json!(true), json!(false)])),
        ];
        let there = values.into_iter().filter(|(_, value)| !value.is_null());
        records.push(there.map(|(name, value)| (name.to_owned(), value)).collect());
    }
    records
}

/// A record as the program sees it.
fn scope(record: &BTreeMap<String, Value>, today: time::Date) -> Scope {
    let mut scope = Scope::new();
    scope.set("today", FeelValue::from(today));
    for (name, kind) in FIELDS {
        let value = record.get(name).cloned().unwrap_or_default();
        let value = match (kind, value.as_str()) {
            ("date", Some(text)) => {
                Expr::parse(&format!("date(\"{text}\")")).unwrap().eval(&Scope::new()).unwrap()
            }
            ("money" | "decimal", Some(text)) => {
                Expr::parse(text).unwrap().eval(&Scope::new()).unwrap()
            }
            _ => FeelValue::from(&value),
        };
        scope.set(name, value);
    }
    scope
}

async fn city(rules: &str) -> TestDb {
    let (catalog, report) = read_files(files(rules));
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog).await.unwrap();
    drop(conn);
    db
}

#[tokio::test]
async fn the_statement_and_the_program_judge_alike() {
    let rule = |(number, (rule, _)): (usize, &(&str, bool))| {
        format!("[[rule]]\nid = \"r{number}\"\nkind = \"feel\"\nexpr = '''{rule}'''\n")
    };
    let db = city(&RULES.iter().enumerate().map(rule).collect::<String>()).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let records = records();
    for record in &records {
        put(&mut ctx, DATASET, record, &Origin::new("登记")).await.unwrap();
    }
    let today = china_date(ctx.now);
    let run = check_quality(&mut ctx, DATASET).await.unwrap();
    for (number, (rule, said)) in RULES.iter().enumerate() {
        let result = run.results.iter().find(|one| one.rule == format!("r{number}")).unwrap();
        let expr = Expr::parse(rule).unwrap();
        let broken = records.iter().filter(|record| {
            let value = expr.eval(&scope(record, today)).unwrap();
            !matches!(value, FeelValue::Bool(true) | FeelValue::Null)
        });
        assert_eq!(result.by == "sql", *said, "{rule}");
        assert_eq!(usize::try_from(result.broken).unwrap(), broken.count(), "{rule}");
    }
}

/// One rule of each kind that a file may declare.
const KINDS: &str = r#"
[[rule]]
id = "there"
kind = "required"
field = "worth"
[[rule]]
id = "once"
kind = "unique"
field = "name"
[[rule]]
id = "form"
kind = "pattern"
field = "name"
pattern = "^n[0-9]$"
[[rule]]
id = "bounds"
kind = "range"
field = "count"
min = 1
max = 4
[[rule]]
id = "fresh"
kind = "freshness"
days = 5
[[rule]]
id = "enough"
kind = "row_count"
min = 6
"#;

#[tokio::test]
async fn each_kind_of_rule_counts_what_breaks_it() {
    let db = city(KINDS).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    // Three have the same name, one a name of another form, two lie out of bounds, two have no worth.
    let rows = [
        ("n1", 0, None),
        ("n1", 1, None),
        ("n1", 4, Some("1")),
        ("n2", 5, Some("1")),
        ("x", 2, Some("2")),
    ];
    for (at, (name, count, worth)) in rows.into_iter().enumerate() {
        let mut record = BTreeMap::from([
            ("code".to_owned(), json!(format!("K{at}"))),
            ("name".to_owned(), json!(name)),
            ("count".to_owned(), json!(count)),
        ]);
        if let Some(worth) = worth {
            record.insert("worth".to_owned(), json!(worth));
        }
        put(&mut ctx, DATASET, &record, &Origin::new("登记")).await.unwrap();
    }
    let broken = |run: &zhengtong_registry::QualityRun| -> Vec<i64> {
        let of = |id: &str| run.results.iter().find(|one| one.rule == id).unwrap().broken;
        ["there", "once", "form", "bounds", "fresh", "enough"].map(of).to_vec()
    };
    let run = check_quality(&mut ctx, DATASET).await.unwrap();
    assert_eq!(broken(&run), [2, 3, 1, 2, 0, 1]);
    ctx.commit().await.unwrap();
    db.clock.advance(time::Duration::days(6));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let record =
        BTreeMap::from([("code".to_owned(), json!("K9")), ("name".to_owned(), json!("n9"))]);
    let run = check_quality(&mut ctx, DATASET).await.unwrap();
    assert_eq!(broken(&run)[4..], [1, 1], "nothing came for six days");
    put(&mut ctx, DATASET, &record, &Origin::new("登记")).await.unwrap();
    let run = check_quality(&mut ctx, DATASET).await.unwrap();
    assert_eq!(broken(&run), [3, 3, 1, 2, 0, 0]);
}
