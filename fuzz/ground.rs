//! The parsers of the ground crates: they need no runtime, so long runs over them build in a minute.

use zhengtong_bpmn::Model;
use zhengtong_feel::{Expr, Scope, parse_unary};

pub(crate) fn feel(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let Ok(expression) = Expr::parse(source) else { return };
    assert!(expression.names().len() <= source.len());
    let scope = Scope::new().with("a", "text");
    drop(expression.eval(&scope));
}

pub(crate) fn unary(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    if let Ok(tests) = parse_unary(source) {
        drop(tests.matches(&zhengtong_feel::Value::Null, &Scope::new()));
    }
}

pub(crate) fn dmn(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    if let Ok(model) = zhengtong_feel::dmn::Model::read(source, &[]) {
        for decision in model.decisions() {
            drop(model.decide(decision, &Scope::new()));
        }
    }
}

/// What was read and written is read again.
pub(crate) fn bpmn(bytes: &[u8]) {
    if let Ok(document) = zhengtong_bpmn::Document::read(bytes) {
        let written = document.write();
        let again = zhengtong_bpmn::Document::read(written.as_bytes());
        assert!(again.is_ok(), "what was written cannot be read: {:?}", again.err());
    }
    let Some(source) = text(bytes) else { return };
    if let Ok(model) = Model::parse(source) {
        assert!(zhengtong_bpmn::check(&model).len() < 100_000);
    }
}

pub(crate) fn policy(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let source = zhengtong_access::Source { name: "probe.cedar", text: source };
    drop(zhengtong_access::Policies::parse(&[source]));
}

/// Every kind of number that the country knows. What is masked shows less than what was given.
pub(crate) fn code(bytes: &[u8]) {
    use zhengtong_base::code;
    let today = time::macros::date!(2026 - 11 - 21);
    let Some(given) = text(bytes) else { return };
    for name in code::validator_names() {
        if let Some(check) = code::validator(name) {
            drop(check(given, today));
        }
        if let Some(spell) = code::canonical(name)
            && let Ok(once) = spell(given, today)
        {
            assert_eq!(
                spell(&once, today).ok().as_ref(),
                Some(&once),
                "{name}: spelled twice differs"
            );
        }
        drop(code::mask(name, given));
    }
}

pub(crate) fn date(bytes: &[u8]) {
    let Some(given) = text(bytes) else { return };
    if let Ok(day) = zhengtong_base::code::parse_date(given) {
        assert_eq!(zhengtong_base::code::parse_date(&day.to_string()).ok(), Some(day));
    }
}

/// What is signed and sealed: a checkpoint is written as it was read, and nothing opens that was not sealed.
pub(crate) fn seal(bytes: &[u8]) {
    use zhengtong_crypto::{
        Digest, FileEnd, KeyId, Sealer, Signature, SignedCheckpoint, VerifyingKey,
    };
    let sealer = Sealer::new("probe", 1, &[7; 32]);
    assert!(sealer.open("row", bytes).is_err());
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    drop(FileEnd::parse(bytes, length));
    let Some(given) = text(bytes) else { return };
    if let Ok(signed) = given.parse::<SignedCheckpoint>() {
        assert_eq!(signed.to_string(), given);
    }
    if let Ok(digest) = given.parse::<Digest>() {
        assert_eq!(digest.to_string().parse::<Digest>().ok(), Some(digest));
    }
    let _key = given.parse::<VerifyingKey>();
    let _id = given.parse::<KeyId>();
    let _signature = given.parse::<Signature>();
    drop(zhengtong_crypto::from_hex(given));
}

/// Tables of days off, and opening hours.
pub(crate) fn days(bytes: &[u8]) {
    let Some(given) = text(bytes) else { return };
    if let Ok(days) = zhengtong_calendar::read_days(given) {
        assert!(days.len() <= given.lines().count());
        drop(zhengtong_calendar::Calendar::from_days(days));
    }
    drop(zhengtong_calendar::Period::parse(given));
    let _kept = zhengtong_base::Retention::parse(given);
}

pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A table in any of the formats: what is read and written again holds the same.
pub(crate) fn table(bytes: &[u8]) {
    use zhengtong_tabular::{Cell, read_all, write_csv};
    let Ok(read) = read_all(bytes, 500) else { return };
    let today = time::macros::date!(2026 - 11 - 21);
    let columns = read.layout.header.len();
    assert_eq!(zhengtong_tabular::infer(&read.rows, columns, today).len(), columns);
    let row = |record: &zhengtong_tabular::Record| {
        record.iter().map(|field| Cell::Text(field.to_owned())).collect()
    };
    let rows: Vec<Vec<Cell>> = read.rows.iter().map(row).collect();
    let written = write_csv(&read.layout.header, &rows, true);
    if columns > 1 && !rows.is_empty() {
        let again = read_all(&written, 500);
        assert!(again.is_ok(), "what was written cannot be read: {:?}", again.err());
    }
}

/// The kept spelling stays what it is, and every way to write it leads back to it.
pub(crate) fn geometry(bytes: &[u8]) {
    use zhengtong_geometry::{Bounds, Geometry, Near};
    let Some(given) = text(bytes) else { return };
    drop(Bounds::read(given));
    drop(Near::read(given, "100"));
    let Ok(read) = Geometry::read(given) else { return };
    let kept = read.text();
    assert_eq!(Geometry::kept(&kept).map(|again| again.text()).as_deref(), Ok(kept.as_str()));
    assert_eq!(Geometry::read(&read.wkt()).map(|again| again.text()).as_deref(), Ok(kept.as_str()));
    assert!(!read.words().zh.is_empty() && read.points() > 0);
}
