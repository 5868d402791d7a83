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

fn files() -> Files {
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
    for (number, (rule, _)) in RULES.iter().enumerate() {
        writeln!(thing, "[[rule]]\nid = \"r{number}\"\nkind = \"feel\"\nexpr = '''{rule}'''")
            .unwrap();
    }
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

#[tokio::test]
async fn the_statement_and_the_program_judge_alike() {
    let (catalog, report) = read_files(files());
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA]).await;
    let db = db.with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog).await.unwrap();
    drop(conn);
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
