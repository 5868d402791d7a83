//! Sources and the values they must give.

use zhengtong_feel::{Expr, Scope};

fn scope() -> Scope {
    let data = serde_json::json!({
        "a": 1, "b": 2, "half": 0.5, "name": "示例餐饮有限公司", "empty": "", "nothing": null,
        "yes": true, "no": false,
        "clock": {"promised": {"overdue": true, "days": 5}, "statutory": {"overdue": false}},
        "申请人": {"姓名": "张三", "年龄": 36},
        "org.credit_code": "91330106MA2CEXAMPLE",
        "list": [3, 1, 2], "nums": [1, 1, 2, null], "texts": ["b", "a", "b"],
        "rows": [
            {"item": "x", "kind": "冷食", "price": 10, "area": 20},
            {"kind": "热食", "price": 30},
            {"kind": "冷食", "price": 50}
        ],
        "filed": "2026-03-01"
    });
    let mut scope = Scope::from_json(data.as_object().unwrap());
    scope.set("day", Expr::parse("date(\"2026-01-31\")").unwrap().eval(&scope).unwrap());
    scope
}

fn check_all(rows: &[(&str, &str)]) {
    let scope = scope();
    let mut wrong = Vec::new();
    for (source, expected) in rows {
        let found = match Expr::parse(source) {
            Err(error) => format!("parse error {error}"),
            Ok(expr) => match expr.eval(&scope) {
                Err(error) => format!("error {error}"),
                // A text shows quoted, so that "1" and 1 differ.
                Ok(value) => {
                    let shown = zhengtong_feel::Value::from(vec![value]).to_string();
                    shown[1..shown.len() - 1].to_owned()
                }
            },
        };
        if found != *expected {
            wrong.push(format!("{source}\n   expected {expected}\n   found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn literals_and_arithmetic() {
    check_all(&[
        ("1", "1"),
        ("-1.50", "-1.5"),
        (".5", "0.5"),
        ("1.5e3", "1500"),
        ("true", "true"),
        ("null", "null"),
        ("\"甲\\\"乙\"", "\"甲\\\"乙\""),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("2 ** 3", "8"),
        ("2 ** -2", "0.25"),
        ("-2 ** 2", "4"),
        ("2 ** 0.5", "1.4142135623730950488016887244"),
        ("2 ** 3 ** 2", "64"),
        ("10 ** 40", "null"),
        ("1 ** 1000", "1"),
        ("1 / 4", "0.25"),
        ("1 / 0", "null"),
        ("0.1 + 0.2", "0.3"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("1 - -1", "2"),
        ("--1", "1"),
        ("a + b * half", "2"),
        ("\"a\" + \"b\"", "\"ab\""),
        ("\"a\" + 1", "null"),
        ("1 + null", "null"),
        ("missing + 1", "null"),
        ("-\"a\"", "null"),
        ("1 // 一\n + /* 二 */ 2", "3"),
        ("79228162514264337593543950335 + 1", "null"),
        ("[1, 2, [3]]", "[1, 2, [3]]"),
        ("[]", "[]"),
        ("{}", "{}"),
        ("{a: 1, \"b c\": a + 1}", "{a: 1, b c: 2}"),
        ("{甲: 1}.甲", "1"),
    ]);
}

#[test]
fn logic_is_three_valued() {
    check_all(&[
        ("true and true", "true"),
        ("true and false", "false"),
        ("true and null", "null"),
        ("false and null", "false"),
        ("null and false", "false"),
        ("true or null", "true"),
        ("null or true", "true"),
        ("false or null", "null"),
        ("false or false", "false"),
        ("1 and true", "null"),
        ("1 and false", "false"),
        ("not(true)", "false"),
        ("not(null)", "null"),
        ("not(1)", "null"),
        ("not yes", "false"),
        ("not yes = no", "true"),
        ("not(yes) = no", "true"),
        ("not not yes", "true"),
        ("yes and not no", "true"),
        ("clock.promised.overdue and not clock.statutory.overdue", "true"),
        ("no or yes and no", "false"),
        ("if yes then 1 else 2", "1"),
        ("if null then 1 else 2", "2"),
        ("if 1 then 1 else 2", "2"),
        ("if no then 1 else if yes then 3 else 4", "3"),
        ("1 + if yes then 1 else 2", "2"),
        ("all([true, null, false])", "false"),
        ("all([true, null])", "null"),
        ("all([])", "true"),
        ("all(true, true)", "true"),
        ("any([false, null, true])", "true"),
        ("any([false, null])", "null"),
        ("any([])", "false"),
    ]);
}

#[test]
fn comparison_and_membership() {
    check_all(&[
        ("1 = 1.0", "true"),
        ("1 != 2", "true"),
        ("1 = \"1\"", "null"),
        ("1 != \"1\"", "null"),
        ("null = null", "true"),
        ("1 = null", "false"),
        ("nothing != null", "false"),
        ("missing = null", "true"),
        ("1 < 2", "true"),
        ("1 < null", "null"),
        ("\"a\" < \"b\"", "true"),
        ("\"a\" < 1", "null"),
        ("true < false", "null"),
        ("[1, 2] = [1, 2]", "true"),
        ("[1, 2] = [2, 1]", "false"),
        ("{a: 1} = {a: 1}", "true"),
        ("{a: 1} = {b: 1}", "false"),
        ("2 between 1 and 3", "true"),
        ("4 between 1 and 3", "false"),
        ("null between 1 and 3", "null"),
        ("2 between 1 and 3 and no", "false"),
        ("a + 1 between b and 3", "true"),
        ("2 in [1..3]", "true"),
        ("3 in [1..3)", "false"),
        ("1 in (1..3]", "false"),
        ("1 in ]1..3[", "false"),
        ("2 in ]1..3[", "true"),
        ("2 in (1..3)", "true"),
        ("null in [1..3]", "null"),
        ("2 in [1, 2]", "true"),
        ("2 in (1, 2)", "true"),
        ("4 in (1, [3..5])", "true"),
        ("4 in [1, [3..5]]", "true"),
        ("4 in (< 2, > 3)", "true"),
        ("4 in < 5", "true"),
        ("4 in (5)", "false"),
        ("3 in list", "true"),
        ("5 in list", "false"),
        ("4 in (1) + 3", "true"),
        ("2 in [1, 2][item > 1]", "true"),
        ("null in (1, null)", "true"),
        ("[1] in [[1], 2]", "true"),
        ("[3, 1, 2] in list", "true"),
        ("\"热食\" in rows.kind", "true"),
        ("a in [a..b] and b in [b..b]", "true"),
        ("not(2 in [1..3])", "false"),
        ("1 instance of number", "true"),
        ("\"a\" instance of string and true", "true"),
        ("day instance of date and yes", "true"),
        ("day instance of date and time", "false"),
        ("@\"P1D\" instance of days and time duration", "true"),
        ("null instance of Any", "false"),
    ]);
}

#[test]
fn paths_filters_and_loops() {
    check_all(&[
        ("clock.promised.days", "5"),
        ("clock.missing.days", "null"),
        ("a.b", "null"),
        ("申请人.姓名", "\"张三\""),
        ("申请人.年龄 >= 18", "true"),
        ("org.credit_code", "\"91330106MA2CEXAMPLE\""),
        ("rows.price", "[10, 30, 50]"),
        ("rows[1].kind", "\"冷食\""),
        ("rows[-1].price", "50"),
        ("rows[4]", "null"),
        ("rows[0]", "null"),
        ("list[b]", "1"),
        ("[][1]", "null"),
        ("[][item > 1]", "[]"),
        ("rows[kind = \"冷食\"].price", "[10, 50]"),
        ("rows[price > 20 and kind != \"冷食\"].price", "[30]"),
        ("list[item > 1]", "[3, 2]"),
        ("list[item > 1][1]", "3"),
        ("a[1]", "1"),
        ("a[item = 2]", "[]"),
        ("nothing[1]", "null"),
        ("count(rows[area = null])", "2"),
        ("for x in list return x * 2", "[6, 2, 4]"),
        ("for x in list, y in [10, 20] return x + y", "[13, 23, 11, 21, 12, 22]"),
        ("for x in [[1, 2], [3]], y in x return y", "[1, 2, 3]"),
        ("for i in 1..3 return i", "[1, 2, 3]"),
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in a..b + 1 return i * i", "[1, 4, 9]"),
        ("for x in null return x", "null"),
        ("some x in null satisfies x", "null"),
        ("for x in 5 return x", "[5]"),
        ("for r in rows return r.price + a", "[11, 31, 51]"),
        ("some x in list satisfies x > 2", "true"),
        ("some x in list satisfies x > 9", "false"),
        ("some x in nums satisfies x > 9", "null"),
        ("every x in list satisfies x > 0", "true"),
        ("every x in list satisfies x > 1", "false"),
        ("every x in [] satisfies false", "true"),
        ("some x in [] satisfies true", "false"),
        ("some x in list, y in list satisfies x + y = 6", "true"),
        ("{a: 5, c: a + b}.c", "7"),
        ("[{x: 1}, {x: 2}][x = 2].x", "[2]"),
        ("is defined(a)", "true"),
        ("is defined(missing)", "false"),
        ("is defined(nothing)", "true"),
        ("is defined(clock.promised)", "true"),
        ("is defined(clock.gone.deep)", "false"),
        ("is defined(value: a)", "true"),
    ]);
}

#[test]
fn text_functions() {
    check_all(&[
        ("string length(name)", "8"),
        ("string length(\"𠀋a\")", "2"),
        ("string length(1)", "null"),
        ("substring(name, 3, 2)", "\"餐饮\""),
        ("substring(name, 3)", "\"餐饮有限公司\""),
        ("substring(name, -2)", "\"公司\""),
        ("substring(name, 0)", "null"),
        ("substring(name, 100)", "\"\""),
        ("substring(name, -100)", "null"),
        ("substring(string: \"abc\", start position: 2)", "\"bc\""),
        ("substring(start position: 2, length: 1, string: \"abc\")", "\"b\""),
        ("substring before(\"a-b-c\", \"-\")", "\"a\""),
        ("substring after(\"a-b-c\", \"-\")", "\"b-c\""),
        ("upper case(\"aé\")", "\"AÉ\""),
        ("lower case(\"AB\")", "\"ab\""),
        ("trim(\" a \")", "\"a\""),
        ("contains(name, \"餐饮\")", "true"),
        ("contains(name, null)", "null"),
        ("starts with(name, \"示例\")", "true"),
        ("ends with(name, \"公司\")", "true"),
        ("matches(\"A-12\", \"^[A-Z]-\\\\d+$\")", "true"),
        ("matches(\"a-12\", \"^[A-Z]\", \"i\")", "true"),
        ("matches(\"a\", \"(\")", "null"),
        ("replace(\"a1b2\", \"[0-9]\", \"#\")", "\"a#b#\""),
        ("split(\"甲、乙、丙\", \"、\")", "[\"甲\", \"乙\", \"丙\"]"),
        ("split(\"a\", \"\")", "null"),
        ("string join([\"a\", null, \"b\"], \"-\")", "\"a-b\""),
        ("string join([\"a\", \"b\"])", "\"ab\""),
        ("string join([1])", "null"),
        ("string(1.50)", "\"1.5\""),
        ("string(null)", "null"),
        ("string([1, \"a\"])", "\"[1, \\\"a\\\"]\""),
        ("string(day)", "\"2026-01-31\""),
    ]);
}

#[test]
fn number_functions() {
    check_all(&[
        ("abs(-3)", "3"),
        ("abs(@\"-P3D\")", "P3D"),
        ("floor(-1.5)", "-2"),
        ("floor(1.59, 1)", "1.5"),
        ("ceiling(1.2)", "2"),
        ("round(2.5)", "3"),
        ("round(-2.5)", "-3"),
        ("round(1.005, 2)", "1.01"),
        ("round(1250, -2)", "1300"),
        ("decimal(2.5, 0)", "2"),
        ("modulo(7, 3)", "1"),
        ("modulo(-7, 3)", "2"),
        ("modulo(7, -3)", "-2"),
        ("modulo(7, 0)", "null"),
        ("even(4) and odd(-3)", "true"),
        ("number(\"12.50\")", "12.5"),
        ("number(\"1,250.5\", \",\")", "1250.5"),
        ("number(\"1 250,5\", \" \", \",\")", "1250.5"),
        ("number(\"abc\")", "null"),
        ("number(\"1e5\")", "null"),
        ("number(\"-3\")", "-3"),
        ("sum(list)", "6"),
        ("sum(1, 2, 3)", "6"),
        ("sum([])", "null"),
        ("sum(nums)", "null"),
        ("product([2, 3])", "6"),
        ("mean(list)", "2"),
        ("median([3, 1, 2, 10])", "2.5"),
        ("min(list)", "1"),
        ("max(1, 5, 3)", "5"),
        ("max([\"a\", \"c\"])", "\"c\""),
        ("max([1, \"c\"])", "null"),
        ("min([])", "null"),
        ("max(@\"2026-01-01\", day)", "2026-01-31"),
    ]);
}

#[test]
fn list_functions() {
    check_all(&[
        ("count(list)", "3"),
        ("count(null)", "null"),
        ("list contains(list, 2)", "true"),
        ("list contains(nums, null)", "true"),
        ("index of(texts, \"b\")", "[1, 3]"),
        ("append(list, 4, 5)", "[3, 1, 2, 4, 5]"),
        ("concatenate(list, [9])", "[3, 1, 2, 9]"),
        ("union(list, [1, 9])", "[3, 1, 2, 9]"),
        ("distinct values(texts)", "[\"b\", \"a\"]"),
        ("distinct values([1, 1.0, \"1\", null, null])", "[1, \"1\", null]"),
        ("flatten([1, [2, [3]]])", "[1, 2, 3]"),
        ("reverse(list)", "[2, 1, 3]"),
        ("sublist(list, 2)", "[1, 2]"),
        ("sublist(list, -2, 1)", "[1]"),
        ("remove(list, 1)", "[1, 2]"),
        ("get value(clock.promised, \"days\")", "5"),
        ("get value({a: 1}, \"b\")", "null"),
        ("get entries({a: 1})", "[{key: \"a\", value: 1}]"),
        ("get entries({a: 1, b: 2}).key", "[\"a\", \"b\"]"),
    ]);
}

#[test]
fn dates_and_durations() {
    check_all(&[
        ("date(\"2026-01-31\")", "2026-01-31"),
        ("date(2026, 2, 29)", "null"),
        ("date(year: 2026, month: 1, day: 1)", "2026-01-01"),
        ("date(\"bad\")", "null"),
        ("@\"2026-01-31\" = day", "true"),
        ("@\"2026-01-31T08:00:00+08:00\" = @\"2026-01-31T00:00:00Z\"", "true"),
        ("@\"2026-01-31T08:00:00\" = @\"2026-01-31T00:00:00Z\"", "null"),
        ("date and time(\"2026-01-31T08:30\").hour", "8"),
        ("date and time(day)", "2026-01-31T00:00:00Z"),
        ("day.year * 100 + day.month", "202601"),
        ("day.weekday", "6"),
        ("day + @\"P1M\"", "2026-02-28"),
        ("day + @\"P20D\"", "2026-02-20"),
        ("duration(\"P1Y\") + day", "2027-01-31"),
        ("day - @\"P1D\"", "2026-01-30"),
        ("date(filed) - day", "P29D"),
        ("(date(filed) - day).days", "29"),
        ("date(filed) > day", "true"),
        ("day < @\"2026-02-01\"", "true"),
        ("day in [@\"2026-01-01\"..@\"2026-12-31\"]", "true"),
        ("@\"P1D\" < @\"PT25H\"", "true"),
        ("@\"P1D\" < @\"P1M\"", "null"),
        ("@\"P1D\" * 2", "P2D"),
        ("@\"P1Y\" / 2", "P6M"),
        ("@\"P4D\" / @\"P1D\"", "4"),
        ("-@\"P1D\"", "-P1D"),
        ("years between(@\"1990-03-02\", filed)", "35"),
        ("months between(day, filed)", "1"),
        ("days between(day, filed)", "29"),
        ("years and months duration(@\"1990-03-01\", filed).years", "36"),
        ("day + 1", "null"),
        ("@\"9999-12-31\" + @\"P1D\"", "10000-01-01"),
        ("@\"999999999-12-31\" + @\"P1D\"", "null"),
    ]);
}

#[test]
fn functions_ranges_and_long_names() {
    check_all(&[
        ("(function(x: number) x * 2)(4)", "8"),
        ("(function(x: number) x * 2)(\"4\")", "null"),
        ("{double: function(x) x * 2, y: double(21)}.y", "42"),
        ("{f: function(n) if n < 2 then 1 else n * f(n - 1), y: f(5)}.y", "null"),
        ("sort(list, function(x, y) x > y)", "[3, 2, 1]"),
        ("sort(list)", "[1, 2, 3]"),
        ("list replace(list, function(item, new) item > 2, 0)", "[0, 1, 2]"),
        ("{monthly income: 12, yearly income: monthly income * 12}.yearly income", "144"),
        ("for the row in list return the row + 1", "[4, 2, 3]"),
        ("[1..3]", "[1..3]"),
        ("[1..3] = [1..3]", "true"),
        ("[1..3).end included", "false"),
        ("(< 5)", "<5"),
        ("3 in [[1..2], [3..4]]", "true"),
        ("includes([1..5], 3)", "true"),
        ("meets([1..5], [5..8])", "true"),
        ("for x in [1..3] return x", "[1, 2, 3]"),
        ("for x in 1..4 return if x < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3]"),
        ("[1, 2] instance of list<number>", "true"),
        ("[1, \"a\"] instance of list<number>", "false"),
        ("{a: 1} instance of context<a: number>", "true"),
        ("abs instance of function<number> -> number", "true"),
        ("today()", "null"),
        ("day of week(day)", "\"Saturday\""),
        ("@\"2026-01-31T10:00:00@Asia/Shanghai\" = @\"2026-01-31T02:00:00Z\"", "true"),
        ("@\"10:00:00\" + @\"PT90M\"", "11:30:00"),
        ("context put({a: {b: 1}}, [\"a\", \"b\"], 2)", "{a: {b: 2}}"),
        ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
        ("stddev([2, 4, 7, 5])", "2.081665999466132735282297707"),
        ("mode([6, 3, 9, 6, 6])", "[6]"),
        ("split(\"a1b22c\", \"[0-9]+\")", "[\"a\", \"b\", \"c\"]"),
    ]);
}

/// What calls itself without end stops with a word, on a small stack too.
#[test]
fn endless_calls_stop() {
    let source = "{f: function(g, x) g(g, x + 1), y: f(f, 1)}.y";
    let run = || Expr::parse(source).unwrap().eval(&Scope::new()).unwrap_err().message;
    let small = std::thread::Builder::new().stack_size(1536 * 1024);
    let message = small.spawn(run).unwrap().join().unwrap();
    assert!(message.contains("calls itself too often"), "{message}");
}

#[test]
fn refusals_say_what_to_do() {
    for (source, wanted) in [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("1 2", "unexpected number 2"),
        ("(1", "add ')'"),
        ("[1", "add ']'"),
        ("{a 1}", "':' must follow"),
        ("{a: 1", "add '}'"),
        ("{a: 1, a: 2}", "given twice"),
        ("a < b < c", "do not chain"),
        ("todays()", "unknown function 'todays'"),
        ("string lenght(a)", "unknown function 'string lenght'"),
        ("count()", "needs its arguments: list"),
        ("count(1, 2)", "too many arguments"),
        ("substring(text: 1)", "it takes string, start position, length"),
        ("substring(string: \"a\", 1)", "all are"),
        ("if a then b", "'if' needs 'else'"),
        ("for x on y return x", "'in' must follow"),
        ("for x in y", "'for' needs 'return'"),
        ("some x in y", "need 'satisfies'"),
        ("a in [1..", "ends too early"),
        ("a in [1..3", "not closed"),
        ("a between 1 or 2", "two ends"),
        ("[1..3", "not closed"),
        ("(1, 2)", "only stand after 'in'"),
        ("(!= 1)", "makes no range"),
        ("function(1) x", "a name must come here"),
        ("a instance of list<number", "add '>'"),
        ("a.", "a name must follow"),
        ("then", "unexpected 'then'"),
        ("@\"nonsense\"", "not a date"),
        ("? > 1", "only in unary tests"),
        ("a instance of thing", "unknown type 'thing'"),
        ("a instance date", "write 'instance of'"),
        ("a（1）", "write '('"),
    ] {
        let error = Expr::parse(source).expect_err(source);
        assert!(error.message.contains(wanted), "{source}: {}", error.message);
        let first = error.message.chars().next().unwrap();
        assert!(!first.is_uppercase() && !error.message.ends_with('.'), "{}", error.message);
    }
}
