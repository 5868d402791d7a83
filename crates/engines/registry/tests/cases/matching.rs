//! One person, one record: what is sure is joined, what is doubtful waits for a person, and what a person decided stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sqlx::Row as _;
use uuid::Uuid;
use zhengtong_base::code::CitizenNumber;
use zhengtong_base::{Failure as _, Kind, Paging};
use zhengtong_db::testing::{PERMIT_ALL, TestDb};
use zhengtong_db::{Actor, ActorKind, Ctx, Shelf};
use zhengtong_registry::{
    Catalog, NewDecision, Origin, PairState, SCHEMA, copy_in, decide_pair, entity, match_states,
    match_up, pair, pairs, put, sync, take_out,
};

use crate::{Files, read_files, shipped};

const GROUP: &str = "one-person:person";
const RESIDENT: &str = "base-population:resident";
const REPORTED: &str = "one-person:reported";
const NAMES: &str =
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国志文辉玲红玉梅春燕波云飞鹏";
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗";

fn files() -> Files {
    let mut files = shipped();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packs/one-person");
    let inside = files.entry("one-person".to_owned()).or_default();
    for name in
        ["pack.toml", "registry/elements.toml", "registry/reported.toml", "registry/matching.toml"]
    {
        inside.insert(name.to_owned(), fs::read(root.join(name)).unwrap());
    }
    files
}

fn catalog() -> Catalog {
    catalog_of(files())
}

fn catalog_of(files: Files) -> Catalog {
    let (catalog, report) = read_files(files);
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    catalog
}

struct Person {
    name: String,
    id: String,
    born: String,
    sex: &'static str,
    address: String,
    phone: String,
}

fn person(number: usize) -> Person {
    let (surnames, given): (Vec<char>, Vec<char>) =
        (SURNAMES.chars().collect(), NAMES.chars().collect());
    let at = |step: usize| given[(number * step + number / 7) % given.len()];
    let born = time::Date::from_ordinal_date(
        1940 + i32::try_from(number % 59).unwrap(),
        1 + u16::try_from(number * 37 % 365).unwrap(),
    );
    let born = born.unwrap();
    let running = u16::try_from(number * 13 % 1000).unwrap();
    Person {
        name: format!("{}{}{}", surnames[number * 7 % surnames.len()], at(3), at(11)),
        id: CitizenNumber::compose("990101", born, running).unwrap().as_str().to_owned(),
        born: born.to_string(),
        sex: if running % 2 == 1 { "1" } else { "2" },
        address: format!(
            "示例市一区{}{}路{}号{}室",
            at(5),
            at(2),
            number % 90 + 1,
            number % 30 + 101
        ),
        phone: format!("138{:08}", number * 7919 % 100_000_000),
    }
}

/// How the source writes the same person down.
fn reported(number: usize) -> Vec<Option<String>> {
    let person = person(number);
    let (mut name, mut id, mut born) =
        (person.name.clone(), person.id.clone(), person.born.clone());
    let (mut phone, mut address) = (person.phone, person.address);
    match number % 9 {
        0 => id = format!("{}{}", &person.id[..6], &person.id[8..17]),
        1 => name = name.replace('国', "國").replace('丽', "莉").replace('华', "骅"),
        2 => phone = format!("139{:08}", number * 104_729 % 100_000_000),
        3 => id = String::new(),
        4 => born = born.replace('-', "/"),
        5 => address = format!("{}（暂住）", address.replace("示例市一区", "一区")),
        6 => id.replace_range(9..10, "0"),
        _ => {}
    }
    let some = |text: String| (!text.is_empty()).then_some(text);
    vec![
        some("社保".to_owned()),
        some(format!("S{number}")),
        some(name),
        some(id),
        some(person.sex.to_owned()),
        some(born),
        some(address),
        some(phone),
    ]
}

async fn database() -> TestDb {
    database_of(catalog()).await
}

async fn database_of(catalog: Catalog) -> TestDb {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, Shelf::default().with(catalog.clone()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog).await.unwrap();
    drop(conn);
    let mut ctx = db.ctx(Actor::system("test")).await;
    let columns = ["id_number", "name", "sex", "birth_date", "household_address", "phone"];
    let mut residents = (0..400).map(person).map(|p| {
        vec![
            Some(p.id),
            Some(p.name),
            Some(p.sex.to_owned()),
            Some(p.born),
            Some(p.address),
            Some(p.phone),
        ]
    });
    copy_in(&mut ctx, RESIDENT, &columns, &mut residents, &Origin::new("公安")).await.unwrap();
    let columns =
        ["source", "number", "name", "id_number", "sex", "birth_date", "address", "phone"];
    let mut rows = (0..180).map(reported);
    copy_in(&mut ctx, REPORTED, &columns, &mut rows, &Origin::new("社保")).await.unwrap();
    ctx.commit().await.unwrap();
    db
}

fn steward() -> Actor {
    let mut actor = Actor::system("");
    actor.kind = ActorKind::Staff;
    actor.account = Some(Uuid::from_u128(5));
    actor.roles = vec!["steward".to_owned()];
    actor
}

async fn entities(ctx: &mut Ctx) -> BTreeMap<i64, BTreeSet<Uuid>> {
    let rows = sqlx::query("SELECT entity, record FROM registry.entity_member")
        .fetch_all(ctx.conn())
        .await
        .unwrap();
    let mut all: BTreeMap<i64, BTreeSet<Uuid>> = BTreeMap::new();
    for row in rows {
        all.entry(row.get("entity")).or_default().insert(row.get("record"));
    }
    all
}

/// A report with another number of the source.
fn report(number: &str, person: &Person) -> BTreeMap<String, Value> {
    let pairs = [
        ("source", json!("医保")),
        ("number", json!(number)),
        ("name", json!(person.name)),
        ("id_number", json!(person.id)),
        ("sex", json!(person.sex)),
        ("birth_date", json!(person.born)),
        ("address", json!(person.address)),
        ("phone", json!(person.phone)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn records_of_one_person_become_one_and_stay_so() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    let first = match_up(&mut ctx, GROUP).await.unwrap();
    assert!(first.learned && first.records == 580, "{first:?}");
    assert!(first.joined >= 175, "{first:?}");
    let all = entities(&mut ctx).await;
    assert!(all.values().all(|records| records.len() <= 2), "nobody is joined with a stranger");
    let again = match_up(&mut ctx, GROUP).await.unwrap();
    assert_eq!((again.records, again.learned), (0, false), "nothing is new");

    // One more report of a person who has two records: the entity keeps its name.
    put(&mut ctx, REPORTED, &report("Y1", &person(7)), &Origin::new("医保")).await.unwrap();
    let next = match_up(&mut ctx, GROUP).await.unwrap();
    assert_eq!((next.records, next.learned), (1, false));
    let after = entities(&mut ctx).await;
    let grown: Vec<_> = after.iter().filter(|(_, records)| records.len() == 3).collect();
    let (name, records) = grown.first().copied().unwrap();
    assert!(all[name].is_subset(records));
    for (name, records) in &all {
        assert!(records.is_subset(&after[name]), "no other name moved");
    }
    let view = entity(&mut ctx, GROUP, *name).await.unwrap();
    assert_eq!(view.members.len(), 3);
    let items: BTreeMap<_, _> =
        view.items.iter().map(|item| (item.title.en.as_str(), item)).collect();
    assert_eq!(items["Name"].from.as_ref().unwrap().zh, "常住人口登记");
    assert_eq!(items["Telephone"].from.as_ref().unwrap().zh, "部门报送人员信息");
    assert!(items["Name"].value.as_ref().unwrap().zh.contains('*'), "masked");
}

#[tokio::test]
async fn what_a_person_decided_stays() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    match_up(&mut ctx, GROUP).await.unwrap();
    put(&mut ctx, REPORTED, &report("Y1", &person(7)), &Origin::new("医保")).await.unwrap();
    match_up(&mut ctx, GROUP).await.unwrap();
    let (name, records) = entities(&mut ctx).await.into_iter().find(|(_, r)| r.len() == 3).unwrap();
    let record = *records.iter().next_back().unwrap();
    ctx.actor = steward();

    let nothing = take_out(&mut ctx, GROUP, record, "  ").await.unwrap_err();
    assert_eq!(nothing.kind(), Kind::Invalid);
    take_out(&mut ctx, GROUP, record, "本人到窗口说明，不是同一人").await.unwrap();
    let after = entities(&mut ctx).await;
    assert_eq!(after[&name].len(), 2, "the larger part keeps the name");
    let alone = after.iter().find(|(_, records)| records.contains(&record)).unwrap();
    assert_eq!(alone.1.len(), 1);
    let lone = take_out(&mut ctx, GROUP, record, "再拆").await.unwrap_err();
    assert_eq!(lone.kind(), Kind::Conflict);

    // The record comes again, just as sure: it is not joined.
    ctx.commit().await.unwrap();
    db.clock.advance(time::Duration::minutes(10));
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    let mut changed = report("Y1", &person(7));
    changed.insert("phone".to_owned(), json!(person(7).phone));
    changed.insert("former_names".to_owned(), json!("李小妹"));
    put(&mut ctx, REPORTED, &changed, &Origin::new("医保")).await.unwrap();
    assert_eq!(match_up(&mut ctx, GROUP).await.unwrap().records, 1);
    assert_eq!(entities(&mut ctx).await[&name].len(), 2);

    // A person may say the opposite later; both are on record.
    ctx.actor = steward();
    let other = *after[&name].iter().next().unwrap();
    let same = NewDecision { same: true, reason: "核对了原件".to_owned() };
    for other in &after[&name] {
        decide_pair(&mut ctx, GROUP, (record, *other), &same).await.unwrap();
    }
    assert_eq!(entities(&mut ctx).await[&name].len(), 3);
    let view = pair(&mut ctx, GROUP, record, other).await.unwrap();
    assert_eq!((view.row.state, view.row.reason.as_deref()), (PairState::Same, Some("核对了原件")));
    assert_eq!(view.left.entity, view.right.entity);
    let search =
        zhengtong_ledger::Search { verb: Some("registry.decide".to_owned()), ..Default::default() };
    let acts = zhengtong_ledger::search(ctx.conn(), &search, Paging::new(1, 20)).await.unwrap();
    assert_eq!(acts.rows.len(), 3);
    let decided = pairs(&mut ctx, GROUP, true, Paging::new(1, 20)).await.unwrap();
    assert_eq!(decided.total, 2);
}

#[tokio::test]
async fn the_doubtful_wait_for_a_person() {
    // A city that wants to be very sure.
    let mut strict = files();
    let bytes = strict.get_mut("one-person").unwrap().get_mut("registry/matching.toml").unwrap();
    *bytes =
        String::from_utf8(bytes.clone()).unwrap().replace("sure = 0.99", "sure = 0.9999999").into();
    let db = database_of(catalog_of(strict)).await;
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    match_up(&mut ctx, GROUP).await.unwrap();
    // The same name and the same day, without number, telephone or address: perhaps.
    let mut report = report("Y2", &person(20));
    for field in ["id_number", "phone", "address", "sex"] {
        report.remove(field);
    }
    put(&mut ctx, REPORTED, &report, &Origin::new("医保")).await.unwrap();
    match_up(&mut ctx, GROUP).await.unwrap();
    let waiting = pairs(&mut ctx, GROUP, false, Paging::new(1, 20)).await.unwrap();
    let row = waiting.rows.first().unwrap_or_else(|| panic!("nobody waits")).clone();
    assert_eq!(row.state, PairState::Doubtful);
    let view = pair(&mut ctx, GROUP, row.left, row.right).await.unwrap();
    assert_ne!(view.left.entity, view.right.entity, "nothing doubtful is joined");
    assert_eq!(
        view.fields.iter().find(|field| field.title.en == "Name").unwrap().level,
        Some("same")
    );
    assert_eq!(view.fields.iter().find(|field| field.title.en == "Telephone").unwrap().level, None);
    let different = NewDecision { same: false, reason: "不同的人".to_owned() };
    decide_pair(&mut ctx, GROUP, (row.left, row.right), &different).await.unwrap();
    let states = match_states(&mut ctx).await.unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!(waiting.total - 1, states[0].doubtful);
    let unknown =
        decide_pair(&mut ctx, GROUP, (row.left, Uuid::nil()), &different).await.unwrap_err();
    assert_eq!(unknown.kind(), Kind::NotFound);
}

#[tokio::test]
async fn too_few_records_are_said_and_nothing_is_matched() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with(PERMIT_ALL, Shelf::default().with(catalog()));
    let mut conn = db.db.pool().acquire().await.unwrap();
    sync(&mut conn, &catalog()).await.unwrap();
    drop(conn);
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    put(&mut ctx, REPORTED, &report("Y1", &person(1)), &Origin::new("医保")).await.unwrap();
    assert_eq!(match_up(&mut ctx, GROUP).await.unwrap().records, 0);
    let states = match_states(&mut ctx).await.unwrap();
    assert!(states[0].error.as_ref().unwrap().en.contains("too few"), "{states:?}");
    assert_eq!(states[0].learned, None);
}

#[tokio::test]
async fn no_name_stands_plain() {
    let db = database().await;
    let mut ctx = db.ctx(Actor::system("registry.match")).await;
    match_up(&mut ctx, GROUP).await.unwrap();
    for (table, columns) in [
        ("match_group", "id || encode(model, 'escape')"),
        ("match_key", "encode(key, 'escape')"),
        ("match_pair", "coalesce(reason, '')"),
    ] {
        let statement =
            zhengtong_db::sql::trusted(format!("SELECT {columns} AS words FROM registry.{table}"));
        for row in sqlx::query(statement).fetch_all(ctx.conn()).await.unwrap() {
            let words: String = row.get("words");
            assert!(!words.contains("王") && !words.contains("9901011"), "{table}: {words}");
        }
    }
}

#[tokio::test]
async fn nobody_without_leave_sees_or_decides() {
    let db = TestDb::new(&[zhengtong_db::SCHEMA, zhengtong_ledger::SCHEMA, SCHEMA])
        .await
        .with("", Shelf::default().with(catalog()));
    let mut ctx = db.ctx(steward()).await;
    assert_eq!(match_states(&mut ctx).await.unwrap_err().kind(), Kind::Denied);
    let refused = pairs(&mut ctx, GROUP, false, Paging::new(1, 20)).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
    let refused = take_out(&mut ctx, GROUP, Uuid::nil(), "x").await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
}

#[test]
fn a_group_that_cannot_work_is_found() {
    let broken = |from: &str, to: &str| -> Vec<String> {
        let mut files = files();
        let bytes = files.get_mut("one-person").unwrap().get_mut("registry/matching.toml").unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        *bytes = text.replacen(from, to, 1).into_bytes();
        let (catalog, report) = read_files(files);
        assert!(catalog.groups.is_empty());
        report.findings.into_iter().map(|finding| finding.text.en).collect()
    };
    let check = |from, to, expected: &str| {
        let found = broken(from, to);
        assert!(found.iter().any(|text| text.contains(expected)), "{found:?}");
    };
    check("\"birth_date:sound\"", "\"birth_date:loud\"", "is no part of a key");
    check(
        "dataset = \"reported\"",
        "dataset = \"reportted\"",
        "there is no dataset one-person:reportted",
    );
    check(
        "phone = \"phone\" }\nformer = { name = \"former_name\" }",
        "phone = \"fone\" }",
        "has no field fone",
    );
    check("sure = 0.99", "sure = 0.4", "doubt");
    check(
        "authority = [\"reported\", \"base-population:resident\"]",
        "authority = [\"household\"]",
        "is no member of the group",
    );
}
