//! Parquet files, read row by row and written in one piece.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::record::Field;
use ::parquet::schema::types::Type;
use bytes::Bytes;
use time::{Date, Duration, UtcDateTime};

use crate::model::{Error, Fault, Item, LIMITS, Record, Result};
use crate::sheet::number_text;
use crate::write::Cell;

/// The bytes at both ends of such a file.
pub(crate) const MARK: &[u8] = b"PAR1";
/// The day that days are counted from.
const EPOCH: Date = UtcDateTime::UNIX_EPOCH.date();

/// Digits that a number with a point holds exactly.
const EXACT_DIGITS: usize = 15;

#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn broken(error: ParquetError) -> Error {
    Error::Broken(error.to_string())
}

/// Does what the reader of the format does. Bytes that lie can make it panic; that is a broken file like any other.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_panic| Err(Error::Broken("the file contradicts itself".to_owned())))
}

/// Opens a file, after it has said how much it holds.
fn open(bytes: &[u8]) -> Result<SerializedFileReader<Bytes>> {
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(broken)?;
    let about = reader.metadata();
    let mut left = LIMITS.unpacked_bytes;
    for group in about.row_groups() {
        let size = u64::try_from(group.total_byte_size()).unwrap_or(u64::MAX);
        left = left.checked_sub(size).ok_or(Error::Packed(LIMITS.unpacked_bytes))?;
    }
    let columns = about.file_metadata().schema().get_fields().len();
    if columns > LIMITS.columns {
        return Err(Error::Wide(columns));
    }
    let rows = u64::try_from(about.file_metadata().num_rows()).unwrap_or(u64::MAX);
    if rows.saturating_mul(u64::try_from(columns).unwrap_or(u64::MAX)) > LIMITS.cells {
        return Err(Error::Large(LIMITS.cells));
    }
    Ok(reader)
}

/// The names of the columns.
pub(crate) fn header(bytes: &[u8]) -> Result<Vec<String>> {
    guarded(|| {
        let reader = open(bytes)?;
        let about = reader.metadata().file_metadata();
        if about.num_rows() == 0 {
            return Err(Error::Empty);
        }
        let fields = about.schema().get_fields().iter();
        Ok(fields.map(|field| field.name().to_owned()).collect())
    })
}

/// Gives each row to `each` until it says `false`; the line of a row is its number.
pub(crate) fn rows(
    width: usize,
    bytes: &[u8],
    each: &mut dyn FnMut(Item<'_>) -> bool,
) -> Result<()> {
    guarded(|| {
        let reader = open(bytes)?;
        let mut record = Record::default();
        for (row, number) in reader.get_row_iter(None).map_err(broken)?.zip(1_u64..) {
            let row = row.map_err(broken)?;
            record.clear(number);
            for (_, field) in row.get_column_iter() {
                record.push(&text_of(field));
            }
            let go_on = if record.len() == width && record.bytes() <= LIMITS.record_bytes {
                each(Item::Row(&record))
            } else {
                let raw: Vec<&str> = record.iter().collect();
                each(Item::Fault(Fault::new(
                    number,
                    &raw.join("\t"),
                    format!("这一行超过 {} MB 或列数不对", LIMITS.record_bytes >> 20),
                    format!(
                        "the row has more than {} MB or other columns",
                        LIMITS.record_bytes >> 20
                    ),
                )))
            };
            if !go_on {
                break;
            }
        }
        Ok(())
    })
}

/// The text of a value.
fn text_of(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.replace('\0', ""),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).replace('\0', ""),
        Field::Date(days) => {
            let day = EPOCH.checked_add(Duration::days(i64::from(*days)));
            day.map_or_else(|| days.to_string(), |day| day.to_string())
        }
        Field::Double(number) => number_text(*number),
        Field::Float(number) => number.to_string(),
        Field::TimestampMillis(at) => moment(i128::from(*at) * 1_000_000),
        Field::TimestampMicros(at) => moment(i128::from(*at) * 1_000),
        other => other.to_string(),
    }
}

/// A moment in universal time, to the second.
fn moment(nanoseconds: i128) -> String {
    let Ok(at) = UtcDateTime::from_unix_timestamp_nanos(nanoseconds) else {
        return nanoseconds.to_string();
    };
    let (hour, minute, second) = at.time().as_hms();
    format!("{} {hour:02}:{minute:02}:{second:02}", at.date())
}

/// What a column is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Number,
    Flag,
    Text,
}

/// Whole numbers, numbers that a binary number holds exactly, yes or no; everything else is text.
fn kind_of<'a>(cells: impl Iterator<Item = &'a Cell>) -> Kind {
    let mut found: Option<Kind> = None;
    for cell in cells {
        let kind = match cell {
            Cell::Empty => continue,
            Cell::Flag(_) => Kind::Flag,
            Cell::Number(text) if text.parse::<i64>().is_ok() => Kind::Whole,
            Cell::Number(text) => {
                let digits = text.chars().filter(char::is_ascii_digit).count();
                let held = digits <= EXACT_DIGITS && text.parse::<f64>().is_ok_and(f64::is_finite);
                if held { Kind::Number } else { Kind::Text }
            }
            Cell::Text(_) | Cell::Json(_) => Kind::Text,
        };
        found = match (found, kind) {
            (None, kind) => Some(kind),
            (Some(before), kind) if before == kind => Some(kind),
            (Some(Kind::Whole | Kind::Number), Kind::Whole | Kind::Number) => Some(Kind::Number),
            _ => return Kind::Text,
        };
    }
    found.unwrap_or(Kind::Text)
}

fn plain(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) | Cell::Json(text) | Cell::Number(text) => Some(text.clone()),
        Cell::Flag(yes) => Some(yes.to_string()),
    }
}

/// A Parquet file of one group of rows, packed with Snappy. Every column may be empty.
pub fn write_parquet(header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>> {
    written(header, rows).map_err(broken)
}

fn written(header: &[String], rows: &[Vec<Cell>]) -> std::result::Result<Vec<u8>, ParquetError> {
    let column = |place: usize| rows.iter().map(move |row| row.get(place).unwrap_or(&Cell::Empty));
    let kinds: Vec<Kind> = (0..header.len()).map(|place| kind_of(column(place))).collect();
    let mut fields = Vec::with_capacity(header.len());
    for (name, kind) in header.iter().zip(&kinds) {
        let (physical, logical) = match kind {
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::BOOLEAN, None),
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        fields.push(Arc::new(field.build()?));
    }
    let schema = Arc::new(Type::group_type_builder("data").with_fields(fields).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (place, kind) in kinds.iter().enumerate() {
        let Some(mut writer) = group.next_column()? else { break };
        let cells = column(place);
        match kind {
            Kind::Whole => put::<Int64Type>(&mut writer, cells, |text| text.parse().ok())?,
            Kind::Number => put::<DoubleType>(&mut writer, cells, |text| text.parse().ok())?,
            Kind::Flag => put::<BoolType>(&mut writer, cells, |text| text.parse().ok())?,
            Kind::Text => {
                put::<ByteArrayType>(&mut writer, cells, |text| Some(ByteArray::from(text)))?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    file.into_inner()
}

fn put<'a, T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
    read: impl Fn(&str) -> Option<T::T>,
) -> std::result::Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        let value = plain(cell).and_then(|text| read(&text));
        levels.push(i16::from(value.is_some()));
        values.extend(value);
    }
    writer.typed::<T>().write_batch(&values, Some(&levels), None)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::read_all;

    fn texts(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
        let table = read_all(bytes, 10_000).unwrap();
        assert_eq!(table.faults, []);
        let rows = table.rows.iter().map(|row| row.iter().map(str::to_owned).collect());
        (table.layout.header.clone(), rows.collect())
    }

    fn number(text: &str) -> Cell {
        Cell::Number(text.to_owned())
    }

    fn word(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn what_is_written_is_read_back_the_same() {
        let header = ["名称", "n", "x", "yes", "long"].map(str::to_owned);
        let rows = vec![
            vec![
                word("=1+1"),
                number("7"),
                number("1.5"),
                Cell::Flag(true),
                number("12345678901234567890"),
            ],
            vec![word("甲\n乙"), Cell::Empty, number("2"), Cell::Empty, number("0.1")],
            vec![
                Cell::Empty,
                number("-9007199254740993"),
                Cell::Empty,
                Cell::Flag(false),
                Cell::Empty,
            ],
        ];
        let (names, read) = texts(&write_parquet(&header, &rows).unwrap());
        assert_eq!(names, header);
        let expected = [
            ["=1+1", "7", "1.5", "true", "12345678901234567890"],
            ["甲\n乙", "", "2", "", "0.1"],
            ["", "-9007199254740993", "", "false", ""],
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_column_keeps_its_type_where_all_its_values_have_it() {
        let cases = [
            (vec![number("1"), Cell::Empty, number("2")], Kind::Whole),
            (vec![number("1"), number("2.5")], Kind::Number),
            (vec![number("1"), number("0.1234567890123456")], Kind::Text),
            (vec![number("1"), word("x")], Kind::Text),
            (vec![Cell::Flag(true), Cell::Empty], Kind::Flag),
            (vec![Cell::Flag(true), number("1")], Kind::Text),
            (vec![Cell::Empty], Kind::Text),
        ];
        for (cells, kind) in cases {
            assert_eq!(kind_of(cells.iter()), kind, "{cells:?}");
        }
    }

    #[test]
    fn a_file_without_rows_or_without_its_end_is_refused() {
        let header = ["a".to_owned()];
        assert_eq!(read_all(&write_parquet(&header, &[]).unwrap(), 10), Err(Error::Empty));
        let whole = write_parquet(&header, &[vec![word("x")]]).unwrap();
        let cut = &whole[..whole.len() - 1];
        assert!(matches!(read_all(cut, 10), Err(Error::Broken(_))));
        assert!(matches!(read_all(b"PAR1", 10), Err(Error::Broken(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn bytes_that_lie_are_refused_and_nothing_else(place in 0_usize..400, bits in 1_u8..=255) {
            let header = ["a".to_owned(), "b".to_owned()];
            let rows: Vec<Vec<Cell>> =
                (0..20).map(|n| vec![word("甲乙"), number(&n.to_string())]).collect();
            let mut bytes = write_parquet(&header, &rows).unwrap();
            let place = place % bytes.len();
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= bits;
            }
            // Either it is read, or it is told to be broken; never anything else.
            if let Err(error) = read_all(&bytes, 10_000) {
                let told = matches!(
                    error,
                    Error::Broken(_) | Error::Empty | Error::Packed(_) | Error::Large(_) | Error::Wide(_) | Error::Header(_) | Error::Nul
                );
                prop_assert!(told, "{error}");
            }
        }
    }
}
