//! Records in two times: what held on a day, as was known at a moment, is what a plain list of everything that was ever
//! said gives; late rows leave the record of today, and nothing that comes later changes an answer.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy as _, any, prop};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use time::macros::{date, datetime};
use time::{Date, Duration, OffsetDateTime};
use zhengtong_base::{Failure as _, Kind};
use zhengtong_calendar::china_date;
use zhengtong_db::clock::Clock as _;
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, Ctx, Shelf};
use zhengtong_registry::{
    AsOf, Catalog, Compare, LoadMode, Origin, Purpose, SCHEMA, TableQuery, Term, Told, as_of,
    history, lookup, named_record, put, record_history, record_on, rows, strike_out, sync,
};

use crate::loads::{City, city_of, code};
use crate::{read_files, shipped};

pub(crate) const SEAT: &str = "base-legal:seat";
const PERMIT: &str = "base-population:residence_permit";
pub(crate) const RESIDENT: &str = "base-population:resident";

/// Where an organisation sits, from a day on: a public field, a sealed one, and a last day.
const DECLARED: &str = r#"
title = { zh = "住所登记", en = "Seats" }
kind = "business"
authority = "market-regulation"
key = ["credit_code"]
valid_from = "moved_on"
valid_to = "to"
sharing = "unconditional"
update = "daily"
[field.credit_code]
element = "org.credit_code"
[field.address]
element = "org.registered_address"
required = true
[field.head]
element = "person.name"
[field.phone]
element = "contact.mobile"
[field.moved_on]
element = "org.approved_on"
required = true
[field.to]
element = "org.term_to"
"#;

fn declared() -> Catalog {
    let mut files = shipped();
    let inside = files.get_mut("base-legal").unwrap();
    inside.insert("registry/seat.toml".to_owned(), DECLARED.as_bytes().to_vec());
    let (catalog, report) = read_files(files);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    catalog
}

pub(crate) async fn database() -> TestDb {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, Shelf::default().with(declared()));
    sync(&mut db.db.pool().acquire().await.unwrap(), &declared()).await.unwrap();
    db
}

pub(crate) fn now(db: &TestDb) -> OffsetDateTime {
    db.clock.now()
}

pub(crate) fn seat(number: u32, address: &str, from: &str) -> BTreeMap<String, Value> {
    BTreeMap::from([
        ("credit_code".to_owned(), json!(code(number))),
        ("address".to_owned(), json!(address)),
        ("head".to_owned(), json!("示例甲")),
        ("moved_on".to_owned(), json!(from)),
    ])
}

pub(crate) async fn say(
    ctx: &mut Ctx,
    record: &BTreeMap<String, Value>,
) -> zhengtong_registry::Put {
    put(ctx, SEAT, record, &Origin::new("市场监管局")).await.unwrap()
}

/// The address that held, and was known; both the verb for one record and the question to the table say it.
pub(crate) async fn address(
    ctx: &mut Ctx,
    number: u32,
    valid_on: Date,
    known_at: OffsetDateTime,
) -> Option<String> {
    let (key, asked) = (code(number), AsOf { valid_on, known_at });
    let key = [("credit_code", key.as_str())];
    let found = as_of(ctx, SEAT, &key, asked, &Purpose::new("核对")).await.unwrap();
    if let Some(found) = &found {
        assert_eq!(found.values["head"], json!("示例甲"));
    }
    let address = |values: &BTreeMap<String, Value>| values["address"].as_str().unwrap().to_owned();
    let one = found.map(|found| address(&found.values));
    let term = Term {
        field: "credit_code".to_owned(),
        compare: Compare::Equal,
        values: vec![code(number)],
    };
    let query =
        TableQuery { terms: vec![term], rows: 10, as_of: Some(asked), ..TableQuery::default() };
    let page = rows(ctx, SEAT, &query).await.unwrap();
    let all: Vec<String> = page.rows.iter().map(|row| address(&row.values)).collect();
    assert_eq!(all, one.clone().into_iter().collect::<Vec<_>>(), "{valid_on} {known_at}");
    one
}

#[tokio::test]
async fn a_move_is_known_when_it_is_reported_and_holds_from_its_day() {
    let db = database().await;
    db.clock.advance(datetime!(2026-01-05 09:00 +8) - now(&db));
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert!(say(&mut ctx, &seat(1, "某路1号", "2024-01-01")).await.created);
    ctx.commit().await.unwrap();
    // The move of 1 March is reported on 10 March.
    db.clock.advance(datetime!(2026-03-10 09:00 +8) - now(&db));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let moved = say(&mut ctx, &seat(1, "某路2号", "2026-03-01")).await;
    assert!(!moved.created && !moved.late);
    ctx.commit().await.unwrap();
    let mut ctx = db.ctx(Actor::system("test")).await;
    let known = |day: u8| datetime!(2026-03-01 12:00 +8) + Duration::days(i64::from(day) - 1);
    let rows = [
        (date!(2026 - 03 - 05), known(6), Some("某路1号")),
        (date!(2026 - 03 - 05), known(11), Some("某路2号")),
        (date!(2026 - 02 - 28), known(11), Some("某路1号")),
        (date!(2023 - 12 - 31), known(11), None),
        (date!(2026 - 03 - 05), datetime!(2026-01-05 08:59 +8), None),
    ];
    for (on, at, expected) in rows {
        assert_eq!(address(&mut ctx, 1, on, at).await.as_deref(), expected, "{on} {at}");
    }

    // What holds from a day of last year comes late: it fills history and leaves the record of today.
    db.clock.advance(Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    let late = say(&mut ctx, &seat(1, "某路9号", "2025-06-01")).await;
    assert!(late.late && !late.created);
    // The same again is known already.
    assert!(say(&mut ctx, &seat(1, "某路9号", "2025-06-01")).await.late);
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    say(&mut ctx, &seat(1, "某路19号", "2025-06-01")).await;
    ctx.commit().await.unwrap();
    let mut ctx = db.ctx(Actor::system("test")).await;
    let (key, later) = (code(1), known(20));
    let key = [("credit_code", key.as_str())];
    let today = lookup(&mut ctx, SEAT, &key, &Purpose::new("x")).await.unwrap().unwrap();
    assert_eq!(today.values["address"], json!("某路2号"));
    let summer = date!(2025 - 07 - 01);
    assert_eq!(address(&mut ctx, 1, summer, known(10)).await.as_deref(), Some("某路1号"));
    assert_eq!(address(&mut ctx, 1, summer, known(11)).await.as_deref(), Some("某路9号"));
    assert_eq!(address(&mut ctx, 1, summer, later).await.as_deref(), Some("某路19号"));
    assert_eq!(
        address(&mut ctx, 1, date!(2025 - 05 - 31), later).await.as_deref(),
        Some("某路1号")
    );

    let past = history(&mut ctx, SEAT, &key, &Purpose::new("x")).await.unwrap();
    let shown: Vec<(&str, bool)> = past
        .iter()
        .map(|past| (past.values["address"].as_str().unwrap(), past.until.is_some()))
        .collect();
    assert_eq!(shown, [("某路19号", false), ("某路9号", true), ("某路1号", true)]);
    let record = named_record(&mut ctx, SEAT, &key).await.unwrap().unwrap();
    let all = record_history(&mut ctx, SEAT, record).await.unwrap();
    let told: Vec<_> = all
        .versions
        .iter()
        .map(|one| (one.number, one.current, one.late, one.corrected.is_some(), one.valid_to))
        .collect();
    let expected = [
        (2, true, false, false, None),
        (4, false, true, false, Some(date!(2026 - 02 - 28))),
        (3, false, true, true, None),
        (1, false, false, false, Some(date!(2025 - 05 - 31))),
    ];
    assert_eq!(told, expected);
    assert_eq!(all.versions[0].changed, ["address", "moved_on"]);
    assert!(all.versions.iter().all(|one| one.cells["head"].zh == "示**"));
}

#[tokio::test]
async fn what_is_over_does_not_hold_and_sealed_fields_are_no_condition() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let mut short = seat(1, "某路1号", "2024-01-01");
    short.insert("to".to_owned(), json!("2024-12-31"));
    short.insert("phone".to_owned(), json!("13812345678"));
    say(&mut ctx, &short).await;
    let later = datetime!(2090-01-01 00:00 UTC);
    assert!(address(&mut ctx, 1, date!(2024 - 12 - 31), later).await.is_some());
    assert!(address(&mut ctx, 1, date!(2025 - 01 - 01), later).await.is_none());
    let asked = AsOf { valid_on: date!(2024 - 06 - 01), known_at: later };
    let term = Term {
        field: "phone".to_owned(),
        compare: Compare::Equal,
        values: vec!["13812345678".to_owned()],
    };
    let today = TableQuery { terms: vec![term], rows: 10, ..TableQuery::default() };
    assert_eq!(rows(&mut ctx, SEAT, &today).await.unwrap().rows.len(), 1);
    let query = TableQuery { as_of: Some(asked), ..today };
    let error = rows(&mut ctx, SEAT, &query).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (Kind::Invalid, "phone"));
    // From which day a permit holds is personal: one record may be asked, the table not.
    let query = TableQuery { rows: 10, as_of: Some(asked), ..TableQuery::default() };
    let error = rows(&mut ctx, PERMIT, &query).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()[0].field.as_str()), (Kind::Invalid, "valid_on"));
    let permit = BTreeMap::from(
        [
            ("id_number", "11010519491231002X"),
            ("permit_no", "330100000001"),
            ("issued_on", "2024-01-01"),
            ("status", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), json!(value))),
    );
    let made = put(&mut ctx, PERMIT, &permit, &Origin::new("公安")).await.unwrap();
    let found = record_on(&mut ctx, PERMIT, made.id, Some(asked)).await.unwrap();
    assert_eq!(found.row.valid_from, None);
    assert!(!found.cells["issued_on"].zh.contains("2024-01-01"), "{:?}", found.cells);
    let before = AsOf { valid_on: date!(2023 - 12 - 31), ..asked };
    let error = record_on(&mut ctx, PERMIT, made.id, Some(before)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn without_a_declared_day_a_version_holds_from_its_recording() {
    let db = database().await;
    let resident = |name: &str| {
        BTreeMap::from(
            [
                ("id_number", "11010519491231002X"),
                ("name", name),
                ("sex", "2"),
                ("birth_date", "1949-12-31"),
            ]
            .map(|(name, value)| (name.to_owned(), json!(value))),
        )
    };
    let first = now(&db);
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident("示例甲"), &Origin::new("公安")).await.unwrap();
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(10));
    let second = now(&db);
    let mut ctx = db.ctx(Actor::system("test")).await;
    put(&mut ctx, RESIDENT, &resident("示例乙"), &Origin::new("公安")).await.unwrap();
    // The same again leaves since when it is known.
    db.clock.advance(Duration::days(10));
    put(&mut ctx, RESIDENT, &resident("示例乙"), &Origin::new("公安")).await.unwrap();
    let key = [("id_number", "11010519491231002X")];
    let mut name = async |valid_on: Date, known_at: OffsetDateTime| {
        let asked = AsOf { valid_on, known_at };
        let found = as_of(&mut ctx, RESIDENT, &key, asked, &Purpose::new("x")).await.unwrap();
        found.map(|found| found.values["name"].as_str().unwrap().to_owned())
    };
    let (before, after) = (china_date(first), china_date(second));
    assert_eq!(name(before, second).await.as_deref(), Some("示例甲"));
    assert_eq!(name(after, second).await.as_deref(), Some("示例乙"));
    assert_eq!(name(after, second - Duration::MICROSECOND).await.as_deref(), Some("示例甲"));
    assert_eq!(name(before.previous_day().unwrap(), second).await, None);
    assert_eq!(name(after, first - Duration::MICROSECOND).await, None);
}

fn file(rows: &[(u32, &str, &str)]) -> Vec<u8> {
    let mut text = "credit_code,address,head,moved_on\n".to_owned();
    let line = |(number, address, from): &(u32, &str, &str)| {
        format!("{},{address},示例甲,{from}\n", code(*number))
    };
    text.extend(rows.iter().map(line));
    text.into_bytes()
}

pub(crate) async fn counts(city: &City, rows: &[(u32, &str, &str)], mode: LoadMode) -> [i64; 6] {
    city.db.clock.advance(Duration::days(1));
    let load = city.load(SEAT, &file(rows), mode).await;
    let counts = load.counts();
    [counts.created, counts.changed, counts.late, counts.same, counts.ended, counts.faulty]
}

#[tokio::test]
async fn late_rows_of_a_file_fill_history_once() {
    let city = city_of(database().await).await;
    let first = [(1, "甲路1号", "2026-01-01"), (2, "乙路1号", "2026-01-01")];
    assert_eq!(counts(&city, &first, LoadMode::Upsert).await, [2, 0, 0, 0, 0, 0]);
    let known = now(&city.db);
    // One late row, one that changes, one that is the same.
    let mixed =
        [(1, "甲路0号", "2025-01-01"), (2, "乙路2号", "2026-02-01"), (3, "丙路1号", "2026-01-01")];
    assert_eq!(counts(&city, &mixed, LoadMode::Upsert).await, [1, 1, 1, 0, 0, 0]);
    assert_eq!(counts(&city, &mixed, LoadMode::Upsert).await, [0, 0, 0, 3, 0, 0]);
    // A correction of a late row, as a part of a full file: the record of the late row has not ended.
    let full = [(1, "甲路00号", "2025-01-01"), (2, "乙路2号", "2026-02-01")];
    assert_eq!(counts(&city, &full, LoadMode::Full).await, [0, 0, 1, 1, 1, 0]);
    let ended = now(&city.db);
    assert_eq!(counts(&city, &full, LoadMode::Full).await, [0, 0, 0, 2, 0, 0]);

    let mut ctx = city.ctx().await;
    let late: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM registry.past WHERE content::text LIKE '%示例甲%'",
    )
    .fetch_one(ctx.conn())
    .await
    .unwrap();
    assert_eq!(late, 0, "names stand sealed in late rows, too");
    let (old, spring) = (date!(2025 - 07 - 01), date!(2026 - 03 - 01));
    assert_eq!(address(&mut ctx, 1, old, known).await, None);
    assert_eq!(address(&mut ctx, 1, old, ended).await.as_deref(), Some("甲路00号"));
    let between = ended - Duration::hours(1);
    assert_eq!(address(&mut ctx, 1, old, between).await.as_deref(), Some("甲路0号"));
    assert_eq!(address(&mut ctx, 1, spring, ended).await.as_deref(), Some("甲路1号"));
    assert_eq!(address(&mut ctx, 2, spring, known).await.as_deref(), Some("乙路1号"));
    assert_eq!(address(&mut ctx, 2, spring, ended).await.as_deref(), Some("乙路2号"));

    // What ended holds up to that day, is found by its key, and goes on under its identifier.
    let last = china_date(ended);
    assert_eq!(address(&mut ctx, 3, last, ended).await, None);
    assert_eq!(address(&mut ctx, 3, last, between).await.as_deref(), Some("丙路1号"));
    let day = last.previous_day().unwrap();
    assert_eq!(address(&mut ctx, 3, day, ended).await.as_deref(), Some("丙路1号"));
    let key = code(3);
    let key = [("credit_code", key.as_str())];
    let record = named_record(&mut ctx, SEAT, &key).await.unwrap().unwrap();
    drop(ctx);
    let again = [(3, "丙路2号", "2026-01-01")];
    assert_eq!(counts(&city, &again, LoadMode::Upsert).await, [1, 0, 0, 0, 0, 0]);
    let mut ctx = city.ctx().await;
    assert_eq!(named_record(&mut ctx, SEAT, &key).await.unwrap(), Some(record));
    let back = now(&city.db);
    assert_eq!(address(&mut ctx, 3, day, back).await.as_deref(), Some("丙路2号"));
    assert_eq!(address(&mut ctx, 3, last, back).await.as_deref(), Some("丙路2号"));
    assert_eq!(address(&mut ctx, 3, last, ended).await, None);
    let all = record_history(&mut ctx, SEAT, record).await.unwrap();
    let told: Vec<_> = all.versions.iter().map(|one| (one.current, one.ended)).collect();
    assert_eq!(told, [(false, true), (true, false), (false, false)]);
}

#[tokio::test]
async fn pages_of_the_past_miss_and_repeat_nothing() {
    let city = city_of(database().await).await;
    let all: Vec<(u32, String)> = (1..=25).map(|n| (n, format!("某路{}号", n % 4))).collect();
    let row = |from: &'static str, end: &'static str| -> Vec<(u32, String, &'static str)> {
        all.iter().map(|(n, place)| (*n, format!("{place}{end}"), from)).collect()
    };
    for (from, end) in [("2025-01-01", ""), ("2026-01-01", "新")] {
        let rows = row(from, end);
        let rows: Vec<(u32, &str, &str)> =
            rows.iter().map(|(n, place, from)| (*n, place.as_str(), *from)).collect();
        counts(&city, &rows, LoadMode::Upsert).await;
    }
    // Half of them move again.
    let moved: Vec<(u32, &str, &str)> = (1..=12).map(|n| (n, "别处", "2026-02-01")).collect();
    assert_eq!(counts(&city, &moved, LoadMode::Upsert).await[1], 12);
    let mut ctx = city.ctx().await;
    let asked = |on: Date| AsOf { valid_on: on, known_at: now(&city.db) };
    for (on, end, many) in [
        (date!(2025 - 06 - 01), "号", 25),
        (date!(2026 - 01 - 15), "号新", 25),
        (date!(2026 - 03 - 01), "", 25),
        (date!(2024 - 01 - 01), "", 0),
    ] {
        for sort in [None, Some(("address".to_owned(), true)), Some(("moved_on".to_owned(), false))]
        {
            let mut query =
                TableQuery { sort, rows: 7, as_of: Some(asked(on)), ..TableQuery::default() };
            let (mut seen, mut pages) = (BTreeSet::new(), 0);
            loop {
                let page = rows(&mut ctx, SEAT, &query).await.unwrap();
                for row in &page.rows {
                    let place = row.values["address"].as_str().unwrap();
                    assert!(place.ends_with(end), "{place} on {on}");
                    assert!(row.valid_from.unwrap() <= on);
                    assert!(seen.insert(row.id), "twice on {on}");
                }
                pages += 1;
                let Some(next) = page.next else { break };
                query.after = Some(next);
            }
            assert_eq!((seen.len(), pages), (many, if many == 0 { 1 } else { 4 }), "{on}");
        }
    }
    let term = Term {
        field: "address".to_owned(),
        compare: Compare::Contains,
        values: vec!["别处".to_owned()],
    };
    let query = TableQuery {
        terms: vec![term],
        rows: 100,
        as_of: Some(asked(date!(2026 - 03 - 01))),
        ..TableQuery::default()
    };
    assert_eq!(rows(&mut ctx, SEAT, &query).await.unwrap().rows.len(), 12);
}

/// One thing that was said of a record: from which day it holds and until when, where, and how long after the one before;
/// or that what was said for the day is struck out.
#[derive(Clone, Debug)]
struct Said {
    strikes: bool,
    record: u32,
    from: u8,
    days: Option<u8>,
    place: u8,
    later: u8,
}

/// Everything that was said, with the moment of it, and the one at which it was struck out.
#[derive(Default)]
struct Plain(Vec<(Said, OffsetDateTime, Option<OffsetDateTime>)>);

const FIRST: Date = date!(2025 - 01 - 01);

impl Said {
    fn day(&self) -> Date {
        FIRST + Duration::days(i64::from(self.from))
    }

    fn last(&self) -> Option<Date> {
        Some(self.day() + Duration::days(i64::from(self.days?)))
    }
}

impl Plain {
    /// Of what was said by then, was not struck out by then and begins by that day, what begins last; of several, what was
    /// said last.
    fn holds(&self, record: u32, on: Date, at: OffsetDateTime) -> Option<String> {
        let known = self.0.iter().enumerate();
        let (_, (said, ..)) = known
            .filter(|(_, (said, since, struck))| {
                let stands = *since <= at && struck.is_none_or(|struck| struck > at);
                stands && said.record == record && said.day() <= on
            })
            .max_by_key(|(place, (said, ..))| (said.day(), *place))?;
        said.last().is_none_or(|last| on <= last).then(|| format!("某路{}号", said.place))
    }

    /// The places of what counts of a record.
    fn counts(&self, record: u32) -> Vec<usize> {
        let all = self.0.iter().enumerate();
        let counts = all.filter(|(_, (said, _, struck))| said.record == record && struck.is_none());
        counts.map(|(place, _)| place).collect()
    }

    /// What counts for a day.
    fn of_the_day(&self, record: u32, day: Date) -> Option<usize> {
        self.counts(record).into_iter().rev().find(|place| self.0[*place].0.day() == day)
    }

    /// Says something. What says the same again is known already.
    fn say(&mut self, said: &Said, at: OffsetDateTime) {
        let before = self.of_the_day(said.record, said.day()).map(|place| &self.0[place].0);
        let same = |before: &Said| (before.days, before.place) == (said.days, said.place);
        if !before.is_some_and(same) {
            self.0.push((said.clone(), at, None));
        }
    }

    /// Strikes out what counts for a day, unless nothing else counts; says whether that was done.
    fn strike(&mut self, said: &Said, at: OffsetDateTime) -> bool {
        let Some(place) = self.of_the_day(said.record, said.day()) else { return false };
        // What was said for a day before may count again.
        let alone = self.counts(said.record).len() == 1;
        if !alone {
            self.0[place].2 = Some(at);
        }
        !alone
    }
}

/// Strikes out the version that counts for a day; says whether that was done.
async fn struck(ctx: &mut Ctx, number: u32, said: &Said) -> bool {
    let key = code(number);
    let key = [("credit_code", key.as_str())];
    let Some(record) = named_record(ctx, SEAT, &key).await.unwrap() else { return false };
    let all = record_history(ctx, SEAT, record).await.unwrap();
    let counts = |one: &&zhengtong_registry::Version| {
        one.valid_from == Some(said.day()) && one.struck.is_none() && one.corrected.is_none()
    };
    let Some(version) = all.versions.iter().find(counts) else { return false };
    let told = Told { valid_from: said.day(), since: version.since };
    match strike_out(ctx, SEAT, record, told, "日期登记错了").await {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), Kind::Conflict, "{error}");
            false
        }
    }
}

#[test]
fn whatever_was_said_and_struck_out_the_answer_is_that_of_a_plain_list() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let said = (0..4_u8, 1..=2_u32, 0..6_u8, prop::option::of(0..4_u8), 0..3_u8, 0..3_u8).prop_map(
        |(what, record, from, days, place, later)| {
            let strikes = what == 0;
            Said { strikes, record, from, days, place, later }
        },
    );
    let sequences = (prop::collection::vec(said, 1..14), any::<bool>());
    let db = runtime.block_on(database());
    let number = Cell::new(10);
    let (played, done) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: 32, ..Config::default() });
    let play = |(sequence, at_once): (Vec<Said>, bool)| {
        // Each sequence has records of its own.
        let base = number.replace(number.get() + 2);
        played.set(played.get() + 1);
        runtime.block_on(async {
            let mut plain = Plain::default();
            let began = now(&db);
            let mut moments = Vec::new();
            for one in &sequence {
                // Some are said in the same moment.
                let minutes = if at_once { 0 } else { i64::from(one.later) };
                db.clock.advance(Duration::minutes(minutes));
                let mut ctx = db.ctx(Actor::system("test")).await;
                moments.push(ctx.now);
                if one.strikes {
                    let expected = plain.strike(one, ctx.now);
                    assert_eq!(
                        struck(&mut ctx, base + one.record, one).await,
                        expected,
                        "{sequence:?}"
                    );
                    done.set(done.get() + usize::from(expected));
                } else {
                    let mut record = seat(
                        base + one.record,
                        &format!("某路{}号", one.place),
                        &one.day().to_string(),
                    );
                    let last = one.last().map_or(Value::Null, |last| json!(last.to_string()));
                    record.insert("to".to_owned(), last);
                    say(&mut ctx, &record).await;
                    plain.say(one, ctx.now);
                }
                ctx.commit().await.unwrap();
            }
            let ended = now(&db);
            db.clock.advance(Duration::minutes(1));
            let mut ctx = db.ctx(Actor::system("test")).await;
            moments.extend([began - Duration::SECOND, ended]);
            moments.dedup();
            for record in 1..=2 {
                for after in -1..8 {
                    let on = FIRST + Duration::days(after);
                    for at in &moments {
                        let found = address(&mut ctx, base + record, on, *at).await;
                        let expected = plain.holds(record, on, *at);
                        assert_eq!(found, expected, "{on} {at} {sequence:?}");
                    }
                }
            }
        });
        Ok(())
    };
    runner.run(&sequences, play).unwrap();
    assert!(played.get() >= 32 && done.get() > 0, "{} {}", played.get(), done.get());
    let _entered = runtime.enter();
    drop(db);
}
