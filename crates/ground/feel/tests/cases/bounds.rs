//! Bounds at their edges, and sources nobody would write: always an answer or an error, never a hang, never a fall.

use std::fmt::Write;

use proptest::prelude::*;
use zhengtong_feel::{Expr, LIMITS, Scope, Value, parse_unary};

fn error_of(source: &str, scope: &Scope) -> String {
    match Expr::parse(source).and_then(|expr| expr.eval(scope)) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.message,
    }
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn source_length() {
    let fits = format!("1{}", " ".repeat(LIMITS.source - 1));
    assert!(Expr::parse(&fits).is_ok());
    assert!(error_of(&format!("{fits} "), &Scope::new()).contains("too long"));
}

/// The deepest source must be safe on a thread with far less stack than any server gives, in a build without optimisation.
#[test]
fn depth_at_the_edge() {
    std::thread::Builder::new().stack_size(768 * 1024).spawn(depths).unwrap().join().unwrap();
}

fn depths() {
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{a:", "1", "}"),
        ("abs(", "1", ")"),
        ("if ", "true", " then 1 else 2"),
        ("not ", "true", ""),
        ("-", "1", ""),
        ("for x in ", "1", " return x"),
        ("some x in [true] satisfies ", "x", ""),
        ("1 in (", "1", ")"),
        ("1 in [", "1", "]"),
        ("1+2*3**-(", "1", ")"),
        ("a or b and c = 1 + 2 * (", "1", ")"),
    ] {
        assert!(Expr::parse(&nested(open, inner, close, 10)).is_ok(), "{open}");
        for times in [20, 30, 40, 50, 60, 63] {
            // Whatever is still accepted must also evaluate on a small stack.
            if let Ok(expr) = Expr::parse(&nested(open, inner, close, times)) {
                expr.eval(&Scope::new()).unwrap();
            }
        }
        let message = error_of(&nested(open, inner, close, 65), &Scope::new());
        assert!(message.contains("too deep"), "{open}: {message}");
    }
    assert!(error_of(&format!("a{}", ".b".repeat(1_000)), &Scope::new()).contains("too deep"));
    assert!(error_of(&format!("a{}", "[1]".repeat(1_000)), &Scope::new()).contains("too deep"));
    assert!(Expr::parse(&format!("1{}", "+1".repeat(1_900))).is_ok(), "a long sum is not deep");
    assert!(Expr::parse(&format!("a{}", " or a".repeat(700))).is_ok());
}

#[test]
fn work_and_size() {
    let scope = Scope::new()
        .with("big", "字".repeat(1_000_000))
        .with("middle", "m".repeat(60_000))
        .with("long", Value::from((0..=LIMITS.list).map(Value::from).collect::<Vec<_>>()));
    for (source, wanted) in [
        ("for x in 1..10001 return x", "too long a list"),
        ("for x in 1..999999999999 return x", "too long a list"),
        ("for x in 1..200, y in 1..200 return 1", "too long a list"),
        ("some x in 1..9999, y in 1..9999 satisfies false", "too much work"),
        ("long", "too long a list"),
        ("concatenate(long, long)", "too long a list"),
        ("middle + middle", "too long"),
        ("for x in 1..10000 return upper case(big)", "too much work"),
        ("for x in 1..10000 return big = big", "too much work"),
        ("matches(big, \"a\")", "too long a text"),
        (
            "count(distinct values(for x in 1..10000 return [x, [x, [x, [x, [x, [x]]]]]]))",
            "too much work",
        ),
        ("replace(\"aaaaaaaaaaaaaaaa\", \"a\", middle)", "too long"),
    ] {
        let message = error_of(source, &scope);
        assert!(message.contains(wanted), "{source}: {message}");
    }
    assert_eq!(error_of("count(for x in 1..10000 return x)", &scope), "no error");
    let pattern = format!("matches(\"a\", \"{}\")", "a".repeat(LIMITS.pattern + 1));
    assert!(error_of(&pattern, &scope).contains("too long a pattern"));
}

#[test]
fn doubling_does_not_explode() {
    for (first, step) in
        [("[1, 2]", "[{0}, {0}]"), ("\"ab\"", "{0} + {0}"), ("[1]", "concatenate({0}, {0})")]
    {
        let mut source = format!("{{v0: {first}");
        for index in 1..60 {
            let previous = format!("v{}", index - 1);
            let next = step.replace("{0}", &previous);
            write!(source, ", v{index}: {next}").unwrap();
        }
        source.push('}');
        for wrapped in [source.clone(), format!("string({source})"), format!("{source} = {source}")]
        {
            let message = error_of(&wrapped, &Scope::new());
            assert!(
                message.starts_with("too ") || message.contains("too long"),
                "{wrapped}: {message}"
            );
        }
    }
}

#[test]
fn errors_show_places() {
    let error = Expr::parse("a +\n  超期 超期").unwrap_err();
    assert_eq!((error.line, error.column), (2, 6));
}

/// Pieces that make sources which are nearly right.
const PIECES: &[&str] = &[
    "a",
    "b.c",
    "1",
    "2.5",
    "\"x\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "..",
    "+",
    "-",
    "*",
    "/",
    "**",
    "<",
    "<=",
    "=",
    "!=",
    "and",
    "or",
    "not",
    "not(",
    "if",
    "then",
    "else",
    "for",
    "x",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "between",
    "null",
    "true",
    "count(",
    "substring(",
    "?",
    "string length(",
    "@\"P1D\"",
    "date(\"2026-01-01\")",
    "instance of",
    "number",
    "企业",
    "item",
    ".",
    "list",
    "is defined(",
    "date and time(",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_parses_or_is_refused(source in any::<String>()) {
        let _refused = Expr::parse(&source).is_err();
        let _also = parse_unary(&source).is_err();
    }

    #[test]
    fn any_pieces_parse_or_are_refused(
        picks in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
    ) {
        let source = picks.join(" ");
        let scope = Scope::new().with("a", 3).with("list", vec![1.into(), 2.into()]);
        if let Ok(expr) = Expr::parse(&source) {
            let _names = (expr.names(), expr.filter_names(), expr.paths());
            let first = expr.eval(&scope);
            prop_assert_eq!(&first, &expr.eval(&scope));
            if let Ok(value) = first {
                let _json = value.to_json();
            }
        }
        if let Ok(cell) = parse_unary(&source) {
            let _passes = cell.matches(&Value::from(1), &scope);
        }
    }

    #[test]
    fn whole_numbers_add_up(left in -1_000_000_i64..1_000_000, right in -1_000_000_i64..1_000_000) {
        let value = Expr::parse(&format!("{left} + {right}")).unwrap().eval(&Scope::new()).unwrap();
        prop_assert_eq!(value, Value::from(left + right));
    }
}
