//! The same table in every shape a city sends it.

use std::fmt::Write as _;

use zhengtong_tabular::{Encoding, Format, Item, Position, Record, chunk, detect};

use crate::{read, rows};

const PLAIN: &str = "姓名,年龄,说明\n张三,30,\"甲,乙\"\n李四,,\"一行\n两行\"\n";

fn wanted() -> Vec<Vec<&'static str>> {
    vec![vec!["张三", "30", "甲,乙"], vec!["李四", "", "一行\n两行"]]
}

fn wide(text: &str, little: bool) -> Vec<u8> {
    let mark = if little { vec![0xff, 0xfe] } else { vec![0xfe, 0xff] };
    let pair = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    mark.into_iter().chain(text.encode_utf16().flat_map(pair)).collect()
}

#[test]
fn encodings_and_line_ends() {
    let (gb, _, _) = encoding_rs::GB18030.encode(PLAIN);
    let crlf = PLAIN.replace('\n', "\r\n");
    let shapes = [
        (PLAIN.as_bytes().to_vec(), Encoding::Utf8),
        (format!("\u{feff}{PLAIN}").into_bytes(), Encoding::Utf8),
        (gb.into_owned(), Encoding::Gb18030),
        (wide(PLAIN, true), Encoding::Utf16Le),
        (wide(PLAIN, false), Encoding::Utf16Be),
        (wide(&crlf, true), Encoding::Utf16Le),
        (crlf.into_bytes(), Encoding::Utf8),
        (PLAIN.trim_end().as_bytes().to_vec(), Encoding::Utf8),
    ];
    for (bytes, encoding) in shapes {
        let table = read(&bytes);
        let Format::Csv(dialect) = table.layout.format else { panic!("{:?}", table.layout) };
        assert_eq!(dialect.encoding, encoding);
        assert_eq!(table.layout.header, ["姓名", "年龄", "说明"]);
        assert_eq!(rows(&table), wanted(), "{encoding:?}");
        assert!(table.faults.is_empty());
    }
}

#[test]
fn old_line_ends() {
    let table = read(b"a,b\r1,2\r3,4\r");
    assert_eq!(rows(&table), [["1", "2"], ["3", "4"]]);
}

#[test]
fn delimiters_and_quotes() {
    for (text, delimiter) in [
        ("a;b\n1,5;2\n3;4,7\n", ';'),
        ("a\tb\n1,5\t2\n", '\t'),
        ("a|b\n1|2\n", '|'),
        ("甲，乙\n1，2\n", '，'),
        ("a\n1\n", ','),
    ] {
        let layout = detect(text.as_bytes(), true).unwrap();
        let Format::Csv(dialect) = layout.format else { panic!("{layout:?}") };
        assert_eq!(dialect.delimiter, delimiter, "{text}");
    }
    let table = read(b"'a','b'\n'1,5','it''s'\n");
    assert_eq!(rows(&table), [["1,5", "it's"]]);
    let table = read(b"a,b\n\"say \"\"x\"\"\",5\" pipe\n");
    assert_eq!(rows(&table), [["say \"x\"", "5\" pipe"]]);
}

#[test]
fn json_in_two_shapes() {
    let array = r#"[{"甲":"x","乙":1.50},{"甲":null,"丙":["a","b"]}]"#;
    let table = read(array.as_bytes());
    assert_eq!(table.layout.format, Format::Json);
    assert_eq!(table.layout.header.len(), 3);
    let cell = |row: usize, name: &str| {
        let place = table.layout.header.iter().position(|head| head == name).unwrap();
        table.rows[row].get(place).unwrap().to_owned()
    };
    assert_eq!(
        (cell(0, "甲"), cell(0, "乙"), cell(1, "丙")),
        ("x".into(), "1.5".into(), "a,b".into())
    );
    let table = read(b"{\"a\":1}\n\n{\"a\":2,\"b\":true}\n");
    assert_eq!(table.layout.format, Format::JsonLines);
    assert_eq!(rows(&table), [["1", ""], ["2", "true"]]);
}

#[test]
fn pieces_of_any_size_give_the_same_rows() {
    let mut text = String::from("a,b\n");
    for row in 0..300 {
        writeln!(text, "{row},\"x{row}\n行 \"\"{row}\"\"\"").unwrap();
        if row % 7 == 0 {
            text.push_str("只有一列\n");
        }
    }
    for bytes in [text.clone().into_bytes(), wide(&text, true)] {
        let layout = detect(&bytes, true).unwrap();
        let read = |size: usize| {
            let (mut rows, mut faults): (Vec<Record>, Vec<u64>) = (Vec::new(), Vec::new());
            let mut at = layout.start;
            let mut size_now = size;
            while at.byte < bytes.len() as u64 {
                let from = usize::try_from(at.byte).unwrap();
                let to = (from + size_now).min(bytes.len());
                let next = chunk(&layout, at, &bytes[from..to], to == bytes.len(), &mut |item| {
                    match item {
                        Item::Row(record) => rows.push(record.clone()),
                        Item::Fault(fault) => faults.push(fault.line),
                    }
                    true
                });
                size_now = if next == at { size_now * 2 } else { size };
                at = next;
            }
            (rows, faults, at)
        };
        let whole = read(1 << 20);
        assert_eq!((whole.0.len(), whole.1.len()), (300, 43));
        assert_eq!(whole.2, Position { byte: bytes.len() as u64, line: 644 });
        for size in [64, 257, 1_000] {
            assert_eq!(read(size), whole, "{size}");
        }
    }
}
