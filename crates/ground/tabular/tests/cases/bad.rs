//! Broken files: each bad row is kept with its line and reason, and the good ones are read.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use flate2::{Compress, Compression, FlushCompress};
use zhengtong_base::Failure as _;
use zhengtong_tabular::{Cell, Error, LIMITS, chunk, detect, read_all, write_xlsx};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{read, rows};

/// The lines of the faults with a word of their reason, and the first fields of the good rows.
fn check(bytes: &[u8], faults: &[(u64, &str)], good: &[&str]) {
    let table = read(bytes);
    let found: Vec<(u64, bool)> = table
        .faults
        .iter()
        .zip(faults)
        .map(|(fault, (_, word))| (fault.line, fault.reason.en.contains(word)))
        .collect();
    let wanted: Vec<(u64, bool)> = faults.iter().map(|(line, _)| (*line, true)).collect();
    assert_eq!((found, table.faults.len()), (wanted, faults.len()), "{:#?}", table.faults);
    assert!(table.faults.iter().all(|fault| !fault.reason.zh.is_empty()));
    let first: Vec<String> = rows(&table).into_iter().map(|mut row| row.remove(0)).collect();
    assert_eq!(first, good);
}

#[test]
fn ragged_rows() {
    check(
        b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,,\n\n13,14,15",
        &[(3, "the row has 2 fields and the header 3"), (4, "4 fields")],
        &["1", "10", "13"],
    );
}

#[test]
fn nul_bytes() {
    check(b"a,b\n1,2\n3,\0\n5,6\n", &[(3, "NUL")], &["1", "5"]);
}

#[test]
fn broken_quotes() {
    check(b"a,b\n\"1\"x,2\n3,4\n", &[(2, "closing quote")], &["3"]);
    // An open quote swallows neither the rest of the file nor the row in which another quote comes.
    check(b"a,b\n\"1,2\n3,4\n\"5\",6\n7,8\n", &[(2, "not closed")], &["3", "5", "7"]);
    check(b"a,b\n1,2\n\"3,4", &[(3, "not closed")], &["1"]);
}

#[test]
fn an_open_quote_in_a_long_file_costs_one_row() {
    let mut file = String::from("a,b\n\"0,0\n");
    for row in 1..2_000 {
        writeln!(file, "{row},x").unwrap();
    }
    let table = read(file.as_bytes());
    assert_eq!((table.rows.len(), table.faults.len()), (1_999, 1));
    assert_eq!(table.faults[0].raw, "\"0,0");
}

#[test]
fn mixed_encodings() {
    let mut file = "姓名,地址\n张三,一号院\n".as_bytes().to_vec();
    let (gb, _, _) = encoding_rs::GB18030.encode("李四,二号院\n");
    file.extend_from_slice(&gb);
    file.extend_from_slice("王五,三号院\n".as_bytes());
    check(&file, &[(3, "seems to be GB 18030")], &["张三", "王五"]);
    assert_eq!(read(&file).faults[0].raw, "李四,二号院");

    let (mut file, _, _) = encoding_rs::GB18030.encode("姓名,地址\n张三,一号院\n赵六,四号院\n");
    file.to_mut().extend_from_slice("李四,二号院\n".as_bytes());
    check(&file, &[(4, "seems to be UTF-8")], &["张三", "赵六"]);
    check(b"a,b\n1,2\n3,\xff\xff\n", &[(3, "bytes that are not UTF-8")], &["1"]);
}

#[test]
fn lines_of_json() {
    check(
        b"{\"a\":1,\"b\":null}\n{\"a\":2\n[3]\n{\"a\":4,\"b\":\"x\"}\n",
        &[(2, "no whole JSON"), (3, "should be a JSON object")],
        &["1", "4"],
    );
}

#[test]
fn a_reason_that_names_a_field_holds_no_nul() {
    // The names of the first thousand objects make the header; one that comes later is a fault of its row.
    let many = "{\"a\":1}\n".repeat(2_000);
    let text = format!("{many}{{\"a\":1,\"b\\u0000c\":2}}\n");
    let table = read_all(text.as_bytes(), 10_000).unwrap();
    let [fault] = table.faults.as_slice() else { panic!("{:?}", table.faults) };
    assert!(fault.reason.zh.contains("“bc”") && fault.reason.en.contains("“bc”"), "{fault:?}");
    assert!(!fault.raw.contains('\0'));
}

#[test]
fn files_that_are_refused() {
    for (bytes, error) in [
        (&b""[..], Error::Empty),
        (b"\n \n\n", Error::Empty),
        (b"\xef\xbb\xbf", Error::Empty),
        (b"a,b,a\n1,2,3\n", Error::Header("a".to_owned())),
        (b"[]", Error::Empty),
        (b"[{\"a\\u0000\":1}]", Error::Nul),
        (b"{\"a\\u0000\":1}\n{\"b\":2}\n", Error::Nul),
    ] {
        assert_eq!(read_all(bytes, 10).unwrap_err(), error);
    }
    assert!(matches!(read_all(b"PK\x03\x04 nothing", 10), Err(Error::Broken(_))));
    assert!(matches!(read_all(b"[{\"a\":1}", 10), Err(Error::Broken(_))));
    assert_eq!(read_all(b"a\n1\n2\n3\n", 2).unwrap_err(), Error::Large(2));
    let wide = vec!["c"; 501].iter().zip(0..).map(|(c, n)| format!("{c}{n}")).collect::<Vec<_>>();
    assert_eq!(detect(wide.join(",").as_bytes(), true).unwrap_err(), Error::Wide(501));
}

#[test]
fn a_line_without_end_does_not_grow() {
    let layout = detect(b"a,b\n1,2\n", true).unwrap();
    let endless = vec![b'x'; 2 << 20];
    let mut faults = 0;
    let next = chunk(&layout, layout.start, &endless, false, &mut |_| {
        faults += 1;
        true
    });
    assert_eq!((faults, next.byte), (1, layout.start.byte + (2 << 20)));
}

/// The part of a workbook that holds its texts.
const TEXTS: &str = "xl/sharedStrings.xml";

/// Zeros, packed a thousand to one: one block of them over and over.
fn zeros(bytes: u64) -> Vec<u8> {
    let block = vec![0; 1 << 20];
    let mut packed = vec![0; 1 << 16];
    let mut packer = Compress::new(Compression::best(), false);
    packer.compress(&block, &mut packed, FlushCompress::Full).unwrap();
    packed.truncate(usize::try_from(packer.total_out()).unwrap());
    let mut all = packed.repeat(usize::try_from(bytes >> 20).unwrap());
    // The last block, empty.
    all.extend([0x03, 0x00]);
    all
}

/// A workbook whose texts unpack to so many bytes, while the archive says that they hold `said`.
fn workbook(bytes: u64, said: u32) -> Vec<u8> {
    let good = write_xlsx("a", &["a".to_owned()], &[vec![Cell::Text("1".to_owned())]]).unwrap();
    let mut from = ZipArchive::new(Cursor::new(good)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for place in 0..from.len() {
        let part = from.by_index_raw(place).unwrap();
        if part.name().unwrap() != TEXTS {
            to.raw_copy_file(part).unwrap();
        }
    }
    let packed = zeros(bytes);
    // As if it stood there unpacked; what its headers say is put right below.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    to.start_file(TEXTS, options).unwrap();
    to.write_all(&packed).unwrap();
    let mut file = to.finish().unwrap().into_inner();
    for (mark, method, size) in [(b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)] {
        let place = file.windows(4).rposition(|window| window == mark).unwrap();
        file[place + method] = 8;
        file[place + size..place + size + 4].copy_from_slice(&said.to_le_bytes());
    }
    file
}

#[test]
fn a_workbook_that_unpacks_to_more_than_may_be_held_is_refused() {
    let large = LIMITS.unpacked_bytes + (1 << 20);
    let file = workbook(large, u32::try_from(large).unwrap());
    assert!(file.len() < 4 << 20, "{}", file.len());
    let error = read_all(&file, 10).unwrap_err();
    assert_eq!(error, Error::Packed(LIMITS.unpacked_bytes));
    let text = error.text();
    assert!(text.zh.contains("512 MB") && text.en.contains("save it as CSV"), "{text:?}");
    // One that says less than it holds is no further unpacked than it says.
    let error = read_all(&workbook(large, 100), 10).unwrap_err();
    assert!(matches!(&error, Error::Broken(why) if why.contains("declared")), "{error:?}");
}
