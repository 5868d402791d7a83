//! What columns seem to hold.

use time::macros::date;
use zhengtong_tabular::{Guess, Record, infer};

fn check(values: &[&str], expected: &Guess) {
    let rows: Vec<Record> = values.iter().map(|value| Record::of(1, [*value])).collect();
    let found = infer(&rows, 1, date!(2026 - 11 - 22));
    assert_eq!(found[0].guess, *expected, "{values:?}");
}

#[test]
fn kinds() {
    check(&["1", "-2", ""], &Guess::Integer);
    check(&["1.5", "2", "1,200.00"], &Guess::Decimal);
    check(&["是", "否", "是"], &Guess::Boolean);
    check(&["2026年3月1日", "2026/3/2", "20260303"], &Guess::Date);
    check(&["007", "008"], &Guess::Text);
    check(&["", " "], &Guess::Empty);
    check(&["11010519491231002X", "440524188001010014"], &Guess::Checked("gb11643"));
    check(&["11010519491231002X", "110105194912310021"], &Guess::Text);
    check(&["91350100M000100Y43"; 2], &Guess::Checked("gb32100"));
    let codes: Vec<&str> = ["男", "女"].iter().cycle().take(40).copied().collect();
    check(&codes, &Guess::Code);
    check(&["一段话", "另一段话"], &Guess::Text);
}

#[test]
fn counts() {
    let rows: Vec<Record> = ["a", "", "甲乙丙", "a"].iter().map(|v| Record::of(1, [*v])).collect();
    let found = infer(&rows, 2, date!(2026 - 11 - 22));
    assert_eq!((found[0].empty, found[0].distinct, found[0].chars_max), (1, 2, 3));
    assert_eq!((found[1].empty, found[1].distinct), (4, 0));
}
