//! Cells of decision tables.

use zhengtong_feel::{Scope, Value, parse_unary};

#[test]
fn cells() {
    let scope = Scope::new().with("limit", 10).with("cities", vec!["杭州".into(), "白银".into()]);
    for (cell, passes, fails) in [
        ("-", vec!["1", "null", "\"a\""], vec![]),
        ("< 5", vec!["4"], vec!["5", "null", "\"a\""]),
        ("5", vec!["5", "5.0"], vec!["4", "\"5\"", "null"]),
        ("[1..3]", vec!["1", "3"], vec!["0", "4"]),
        ("]1..3[", vec!["2"], vec!["1", "3"]),
        ("(1..limit]", vec!["10"], vec!["1", "11"]),
        ("\"a\", \"b\"", vec!["\"a\"", "\"b\""], vec!["\"c\"", "null"]),
        ("< 1, > 3, 2", vec!["0", "4", "2"], vec!["1", "3"]),
        ("not(1, 2)", vec!["3"], vec!["1", "2"]),
        ("not(< 5)", vec!["5"], vec!["4", "null"]),
        ("null", vec!["null"], vec!["1"]),
        ("true", vec!["true"], vec!["false", "null"]),
        ("cities", vec!["\"杭州\""], vec!["\"北京\""]),
        ("[\"x\", \"y\"]", vec!["\"x\""], vec!["\"z\""]),
        ("? > limit and ? < 20", vec!["15"], vec!["10", "25"]),
        ("starts with(?, \"杭\")", vec!["\"杭州\""], vec!["\"白银\"", "1"]),
        ("> limit * 2", vec!["21"], vec!["20"]),
        (">= @\"2026-01-01\"", vec!["@\"2026-02-01\""], vec!["@\"2025-02-01\""]),
        ("-1", vec!["-1"], vec!["1"]),
        ("(limit + 1)", vec!["11"], vec!["10"]),
        ("(limit + 1) * 2", vec!["22"], vec!["11"]),
    ] {
        let tests = parse_unary(cell).unwrap();
        for (inputs, expected) in [(passes, true), (fails, false)] {
            for input in inputs {
                let value = zhengtong_feel::Expr::parse(input).unwrap().eval(&scope).unwrap();
                assert_eq!(tests.matches(&value, &scope).unwrap(), expected, "{input} in {cell}");
            }
        }
    }
}

#[test]
fn parts_of_cells() {
    let cell = parse_unary("[low..高], other").unwrap();
    assert_eq!(cell.names().into_iter().collect::<Vec<_>>(), ["low", "other", "高"]);
    assert!(!cell.is_any() && parse_unary(" - ").unwrap().is_any());
    assert_eq!(cell.source(), "[low..高], other");
    assert!(cell.matches(&Value::Null, &Scope::new()).unwrap(), "other is null too");
    for broken in ["", "<", "[1..2", "1,", "not(1", "1 2"] {
        assert!(parse_unary(broken).is_err(), "{broken}");
    }
}
