//! Questions of programs to rows: every condition against the same rows, pages that miss and repeat nothing, totals that
//! agree with a count by hand, and nobody sees by them what is not theirs to see.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::prop;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_registry::{
    Compare, Origin, TABLE_ROWS_MAX, TableQuery, Term, TotalsQuery, UPDATED, put, rows, table,
    tables, totals,
};

use crate::catalog;
use crate::loads::code;
use crate::tables::database;

const ORGANISATION: &str = "base-legal:organisation";
const COUNT: u32 = 30;
const NUMBER: &str = "11010519491231002X";
/// A field that is personal.
const PERSONAL: &str = "legal_representative_id";

/// Organisation `number`: every third has no capital, every second is of kind 20, days come in groups of five.
fn organisation(number: u32) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::from([
        ("credit_code".to_owned(), json!(code(number))),
        (
            "name".to_owned(),
            json!(format!("示例{}{number}号", if number < 10 { "餐饮" } else { "商贸" })),
        ),
        ("kind".to_owned(), json!(if number.is_multiple_of(2) { "20" } else { "10" })),
        ("legal_representative".to_owned(), json!("示例甲")),
        ("legal_representative_id".to_owned(), json!(NUMBER)),
        ("address".to_owned(), json!(format!("某路{number}号"))),
        ("established_on".to_owned(), json!(format!("2020-01-{:02}", number / 5 + 1))),
        ("status".to_owned(), json!("1")),
    ]);
    if !number.is_multiple_of(3) {
        values.insert("registered_capital".to_owned(), json!(f64::from(number) + 0.5));
    }
    values
}

async fn filled() -> TestDb {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    for number in 0..COUNT {
        put(&mut ctx, ORGANISATION, &organisation(number), &Origin::new("登记")).await.unwrap();
    }
    ctx.commit().await.unwrap();
    db
}

fn term(field: &str, compare: Compare, values: &[&str]) -> Term {
    Term {
        field: field.to_owned(),
        compare,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    }
}

/// The names of the rows that meet a condition.
async fn found(ctx: &mut Ctx, terms: Vec<Term>) -> zhengtong_registry::Result<usize> {
    let query = TableQuery { terms, rows: 100, ..TableQuery::default() };
    rows(ctx, ORGANISATION, &query).await.map(|page| page.rows.len())
}

#[tokio::test]
async fn every_condition_finds_its_rows() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let whole = code(7);
    let cases: [(Term, usize); 18] = [
        (term("kind", Compare::Equal, &["10"]), 15),
        (term("kind", Compare::Other, &["10"]), 15),
        (term("kind", Compare::Any, &["10", "20"]), 30),
        (term("name", Compare::Contains, &["餐饮"]), 10),
        (term("name", Compare::Equal, &["示例餐饮7号"]), 1),
        (term("name", Compare::Other, &["示例餐饮7号"]), 29),
        (term("credit_code", Compare::Equal, &[&whole]), 1),
        (term(PERSONAL, Compare::Equal, &["11010519491231002x"]), 30),
        (term("registered_capital", Compare::Absent, &[]), 10),
        (term("registered_capital", Compare::Present, &[]), 20),
        (term("registered_capital", Compare::More, &["20.5"]), 6),
        (term("registered_capital", Compare::AtLeast, &["20.5"]), 7),
        (term("registered_capital", Compare::Less, &["4.5"]), 2),
        (term("registered_capital", Compare::AtMost, &["4.5"]), 3),
        (term("established_on", Compare::AtLeast, &["2020-01-05"]), 10),
        (term("established_on", Compare::Less, &["2020-1-2"]), 5),
        (term("established_on", Compare::Any, &["2020-01-01", "2020-01-06"]), 10),
        (term("name", Compare::Contains, &["' OR 1=1 --"]), 0),
    ];
    for (term, expected) in cases {
        let shown = format!("{term:?}");
        assert_eq!(found(&mut ctx, vec![term]).await.unwrap(), expected, "{shown}");
    }
    let both = vec![
        term("kind", Compare::Equal, &["20"]),
        term("registered_capital", Compare::Present, &[]),
    ];
    assert_eq!(found(&mut ctx, both).await.unwrap(), 10);
}

#[tokio::test]
async fn wrong_questions_are_refused_with_their_field() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let wrong: [(Term, &str); 9] = [
        (term("nothing", Compare::Equal, &["1"]), "nothing"),
        (term("kind", Compare::Equal, &["没有"]), "kind"),
        (term("kind", Compare::More, &["10"]), "kind"),
        (term("name", Compare::Contains, &[""]), "name"),
        (term("kind", Compare::Contains, &["1"]), "kind"),
        (term("established_on", Compare::AtLeast, &["昨天"]), "established_on"),
        (term("registered_capital", Compare::Less, &["1e5000"]), "registered_capital"),
        (term(PERSONAL, Compare::Other, &[NUMBER]), PERSONAL),
        (term(PERSONAL, Compare::Absent, &[]), PERSONAL),
    ];
    let refused = |error: zhengtong_registry::Error| -> String {
        assert_eq!(error.kind(), Kind::Invalid, "{error}");
        error.fields().first().map_or_else(String::new, |fault| fault.field.clone())
    };
    for (term, field) in wrong {
        let shown = format!("{term:?}");
        let error = found(&mut ctx, vec![term]).await.unwrap_err();
        assert_eq!(refused(error), field, "{shown}");
    }
    let many = vec![term("kind", Compare::Equal, &["10"]); 21];
    assert_eq!(refused(found(&mut ctx, many).await.unwrap_err()), "filter");
    for sort in [PERSONAL, "nothing", "_id"] {
        let query =
            TableQuery { sort: Some((sort.to_owned(), false)), rows: 1, ..TableQuery::default() };
        assert_eq!(refused(rows(&mut ctx, ORGANISATION, &query).await.unwrap_err()), sort);
    }
    let page = TableQuery { rows: 5, ..TableQuery::default() };
    let next = rows(&mut ctx, ORGANISATION, &page).await.unwrap().next.unwrap();
    let other = Some(("name".to_owned(), false));
    for (after, sort) in [(next.as_str(), other), ("7b7d", None), ("没有", None)] {
        let query = TableQuery { sort, after: Some(after.to_owned()), ..page.clone() };
        assert_eq!(refused(rows(&mut ctx, ORGANISATION, &query).await.unwrap_err()), "after");
    }
    let of = |of: &str| TotalsQuery { of: Some(of.to_owned()), ..TotalsQuery::default() };
    assert_eq!(refused(totals(&mut ctx, ORGANISATION, &of("name")).await.unwrap_err()), "name");
    let by = |by: &[&str]| TotalsQuery {
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        ..TotalsQuery::default()
    };
    let error = totals(&mut ctx, ORGANISATION, &by(&[PERSONAL])).await.unwrap_err();
    assert_eq!(refused(error), PERSONAL);
    let four = by(&["kind", "status", "name", "region"]);
    assert_eq!(refused(totals(&mut ctx, ORGANISATION, &four).await.unwrap_err()), "by");
}

/// All rows in the order of a field, page by page.
async fn walked(
    ctx: &mut Ctx,
    sort: Option<(&str, bool)>,
    size: u32,
) -> Vec<BTreeMap<String, Value>> {
    let mut query = TableQuery {
        sort: sort.map(|(name, down)| (name.to_owned(), down)),
        rows: size,
        ..TableQuery::default()
    };
    let mut all = Vec::new();
    for _ in 0..=COUNT {
        let page = rows(ctx, ORGANISATION, &query).await.unwrap();
        assert!(page.rows.len() <= usize::try_from(size).unwrap());
        all.extend(page.rows.into_iter().map(|row| row.values));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
    panic!("the pages have no end");
}

#[tokio::test]
async fn pages_miss_nothing_and_repeat_nothing() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let sorts = [
        None,
        Some(("name", false)),
        Some(("name", true)),
        Some(("established_on", false)),
        Some(("established_on", true)),
        Some(("registered_capital", false)),
        Some(("registered_capital", true)),
        Some(("credit_code", false)),
        Some(("credit_code", true)),
        Some((UPDATED, false)),
        Some((UPDATED, true)),
    ];
    for sort in sorts {
        for size in [1, 4, 7, 30] {
            let all = walked(&mut ctx, sort, size).await;
            let codes: BTreeSet<&str> =
                all.iter().map(|row| row["credit_code"].as_str().unwrap()).collect();
            assert_eq!((all.len(), codes.len()), (30, 30), "{sort:?} {size}");
            let Some((name, down)) = sort.filter(|sort| sort.0 == "registered_capital") else {
                continue;
            };
            let held: Vec<f64> = all
                .iter()
                .filter_map(|row| row.get(name))
                .map(|value| value.as_f64().unwrap())
                .collect();
            assert!(
                held.is_sorted_by(|one, two| if down { one >= two } else { one <= two }),
                "{held:?}"
            );
            // Rows without a value come last, whichever way.
            assert!(all.iter().skip(held.len()).all(|row| !row.contains_key(name)));
        }
    }
}

#[tokio::test]
async fn only_what_was_asked_leaves_and_persons_are_masked() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let query = TableQuery {
        fields: vec!["name".to_owned(), PERSONAL.to_owned()],
        rows: TABLE_ROWS_MAX + 1,
        ..TableQuery::default()
    };
    let page = rows(&mut ctx, ORGANISATION, &query).await.unwrap();
    for row in &page.rows {
        assert_eq!(row.values.len(), 2);
        let shown = row.values[PERSONAL].as_str().unwrap();
        assert!(shown.contains('*') && !shown.contains("19491231"), "{shown}");
    }
    let names: Vec<&str> = page.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["name", PERSONAL]);
}

#[tokio::test]
async fn totals_agree_with_the_rows() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let query = TotalsQuery {
        by: vec!["kind".to_owned()],
        of: Some("registered_capital".to_owned()),
        ..TotalsQuery::default()
    };
    let found = totals(&mut ctx, ORGANISATION, &query).await.unwrap();
    assert!(!found.cut);
    let all = walked(&mut ctx, None, 100).await;
    for group in &found.groups {
        let kind = group.keys[0].as_deref().unwrap();
        let of_kind: Vec<_> = all.iter().filter(|row| row["kind"] == json!(kind)).collect();
        let sum: f64 = of_kind
            .iter()
            .filter_map(|row| row.get("registered_capital"))
            .map(|value| value.as_f64().unwrap())
            .sum();
        assert_eq!(group.count, i64::try_from(of_kind.len()).unwrap());
        assert!((group.sum.as_deref().unwrap().parse::<f64>().unwrap() - sum).abs() < 1e-9);
    }
    assert_eq!(found.groups.len(), 2);
    let one = totals(&mut ctx, ORGANISATION, &TotalsQuery::default()).await.unwrap().groups;
    assert_eq!((one.len(), one[0].count, one[0].sum.clone()), (1, 30, None));
    assert!(one[0].keys.is_empty());
}

#[tokio::test]
async fn what_is_not_open_is_absent_and_looks_are_on_record() {
    let policy = "permit(principal, action == Action::\"registry.read\", resource) when {
        resource has open && resource.open && resource has personal && !resource.personal };";
    let db = filled().await.with(policy, Shelf::default().with(catalog()));
    let mut ctx = db.ctx(Actor::system("")).await;
    let seen: Vec<String> = tables(&ctx).unwrap().into_iter().map(|table| table.id).collect();
    assert!(!seen.is_empty() && !seen.contains(&ORGANISATION.to_owned()), "{seen:?}");
    let query = TableQuery { rows: 1, ..TableQuery::default() };
    let errors = [
        rows(&mut ctx, ORGANISATION, &query).await.unwrap_err(),
        totals(&mut ctx, ORGANISATION, &TotalsQuery::default()).await.unwrap_err(),
        table(&ctx, ORGANISATION).unwrap_err(),
        rows(&mut ctx, "base-legal:nothing", &query).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
    }
    for open in &seen {
        rows(&mut ctx, open, &query).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_open_but_about_persons_is_for_stewards_and_on_record() {
    let db = filled().await;
    let mut ctx = db.ctx(Actor::system("steward")).await;
    let query = TableQuery {
        terms: vec![term("kind", Compare::Equal, &["10"])],
        rows: 1,
        ..TableQuery::default()
    };
    rows(&mut ctx, ORGANISATION, &query).await.unwrap();
    totals(&mut ctx, ORGANISATION, &TotalsQuery::default()).await.unwrap();
    let seek =
        zhengtong_ledger::Search { verb: Some("registry.search".to_owned()), ..Default::default() };
    let found = zhengtong_ledger::search(ctx.conn(), &seek, Paging::new(1, 10)).await.unwrap();
    assert_eq!(found.total, 2);
    ctx.commit().await.unwrap();
    // Whoever may read one record, with a reason, does not get the list.
    let policy = "permit(principal, action == Action::\"registry.read\", resource);";
    let db = db.with(policy, Shelf::default().with(catalog()));
    let mut ctx = db.ctx(Actor::system("window")).await;
    let error = rows(&mut ctx, ORGANISATION, &query).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
}

/// Whatever stands in a question, it is answered or refused in words; no statement breaks.
#[test]
fn no_question_breaks_a_statement() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let db = runtime.block_on(filled());
    let compares = prop::sample::select(vec![
        Compare::Equal,
        Compare::Other,
        Compare::Less,
        Compare::AtMost,
        Compare::More,
        Compare::AtLeast,
        Compare::Contains,
        Compare::Any,
        Compare::Absent,
        Compare::Present,
    ]);
    let questions = (
        "name|kind|established_on|registered_capital|registry|phone|\\PC{0,8}",
        compares,
        "\\PC{0,20}|[0-9.-]{0,8}|['\"\\\\{},;]{0,6}",
        prop::option::of("[0-9a-f]{0,40}"),
    );
    let asked = |(field, compare, value, after): (String, Compare, String, Option<String>)| {
        let query = TableQuery {
            terms: vec![term(&field, compare, &[&value, "甲"])],
            sort: Some((field, false)),
            rows: 3,
            after,
            ..TableQuery::default()
        };
        runtime.block_on(async {
            let mut ctx = db.ctx(Actor::system("steward")).await;
            if let Err(error) = rows(&mut ctx, ORGANISATION, &query).await {
                assert_eq!(error.kind(), Kind::Invalid, "{error}: {query:?}");
            }
        });
        Ok(())
    };
    let mut runner = TestRunner::new(Config::with_cases(200));
    runner.run(&questions, asked).unwrap();
    let _entered = runtime.enter();
    drop(db);
}
