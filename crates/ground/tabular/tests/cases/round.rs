//! What is written is read back the same, and a spreadsheet runs nothing of it.

use proptest::prelude::*;
use zhengtong_tabular::{Cell, csv_line, guard, unguard, write_csv, write_json, write_xlsx};

use crate::{read, rows};

/// Any text that can stand in a file: no NUL, no lone carriage return, and no line feed after one.
fn text() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        Just("中文"),
        Just("\""),
        Just(","),
        Just("\n"),
        Just("="),
        Just("＝"),
        Just("'"),
        Just("@x"),
        Just("-1"),
        Just(" "),
        Just("a"),
        Just("；"),
        Just("\t"),
        Just("𠮷"),
    ];
    proptest::collection::vec(letters, 0..8).prop_map(|parts| parts.concat())
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    proptest::collection::vec(proptest::collection::vec(text(), 3), 1..12)
}

fn cells(rows: &[Vec<String>]) -> Vec<Vec<Cell>> {
    rows.iter().map(|row| row.iter().cloned().map(Cell::Text).collect()).collect()
}

fn header() -> Vec<String> {
    ["编号", "b,c", "说明"].map(str::to_owned).to_vec()
}

proptest! {
    #[test]
    fn csv(rows_in in table(), mark in any::<bool>()) {
        let bytes = write_csv(&header(), &cells(&rows_in), mark);
        let table = read(&bytes);
        prop_assert_eq!(&table.layout.header, &header());
        let back: Vec<Vec<String>> = rows(&table)
            .into_iter()
            .map(|row| row.iter().map(|field| unguard(field).to_owned()).collect())
            .collect();
        prop_assert_eq!(back, rows_in);
        prop_assert!(table.faults.is_empty());
    }

    #[test]
    fn json(rows_in in table()) {
        let table = read(&write_json(&header(), &cells(&rows_in)));
        let place = |name: &String| table.layout.header.iter().position(|head| head == name);
        let order: Vec<Option<usize>> = header().iter().map(place).collect();
        let back: Vec<Vec<String>> = table.rows.iter().map(|row| {
            order.iter().map(|at| row.get(at.unwrap()).unwrap().to_owned()).collect()
        }).collect();
        prop_assert_eq!(back, rows_in);
    }

    #[test]
    fn guarded_texts_come_back(text in text()) {
        let guarded = guard(&text);
        prop_assert_eq!(unguard(&guarded), text.as_str());
        prop_assert!(!guarded.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']));
    }
}

#[test]
fn xlsx() {
    let rows_in = vec![
        vec![Cell::Text("=1+1".into()), Cell::Number("12.5".into()), Cell::Flag(true)],
        vec![Cell::Text("中文\n二行".into()), Cell::Empty, Cell::Flag(false)],
        vec![Cell::Text("007".into()), Cell::Number("1234567890123456789".into()), Cell::Empty],
        vec![Cell::Empty, Cell::Number("0.1".into()), Cell::Empty],
    ];
    let bytes = write_xlsx("名单[1]", &header(), &rows_in).unwrap();
    let table = read(&bytes);
    assert_eq!(table.layout.header, header());
    assert_eq!(
        rows(&table),
        [
            ["=1+1", "12.5", "true"],
            ["中文\n二行", "", "false"],
            ["007", "1234567890123456789", ""],
            ["", "0.1", ""],
        ]
    );
    assert_eq!(table.rows[0].line, 2);
}

#[test]
fn a_formula_is_shown_and_not_run() {
    for (text, written) in [
        ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"\r\n"),
        ("+1", "\"'+1\"\r\n"),
        ("＝1+1", "\"'＝1+1\"\r\n"),
        ("＠SUM(1)", "\"'＠SUM(1)\"\r\n"),
        ("\n=1", "\"'\n=1\"\r\n"),
        ("a=1", "a=1\r\n"),
        ("-", "\"'-\"\r\n"),
    ] {
        assert_eq!(csv_line(&[Cell::Text(text.to_owned())]), written);
    }
    assert_eq!(csv_line(&[Cell::Number("-5".to_owned()), Cell::Empty]), "-5,\r\n");
}
