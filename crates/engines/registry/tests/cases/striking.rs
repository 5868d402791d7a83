//! Versions that were told with a wrong day are struck out: from then on it is as if they had never been told, and what was
//! known before stays as it was.

use serde_json::json;
use time::macros::{date, datetime};
use time::{Date, Duration};
use uuid::Uuid;
use zhengtong_base::{Act, Failure as _, Kind, Paging};
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx};
use zhengtong_ledger::Search;
use zhengtong_registry::{
    AsOf, Error, LoadMode, Origin, Purpose, RecordHistory, Told, as_of, history, lookup,
    named_record, put, record_history, strike_out,
};

use crate::loads::{city_of, code};
use crate::times::{RESIDENT, SEAT, address, counts, database, now, say, seat};

const WRONG: Date = date!(2026 - 06 - 01);
const RIGHT: Date = date!(2026 - 02 - 01);
const WHY: &str = "迁入日期录成了六月";

async fn told(db: &TestDb, place: &str, from: &str) {
    let mut ctx = db.ctx(Actor::system("test")).await;
    say(&mut ctx, &seat(1, place, from)).await;
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(1));
}

async fn all(ctx: &mut Ctx) -> RecordHistory {
    let key = code(1);
    let record = named_record(ctx, SEAT, &[("credit_code", key.as_str())]).await.unwrap();
    record_history(ctx, SEAT, record.unwrap()).await.unwrap()
}

/// The version that counts for a day.
async fn version(ctx: &mut Ctx, day: Date) -> (Uuid, Told) {
    let all = all(ctx).await;
    let counts = |one: &&zhengtong_registry::Version| {
        one.valid_from == Some(day) && one.struck.is_none() && one.corrected.is_none()
    };
    let since = all.versions.iter().find(counts).unwrap().since;
    (all.record, Told { valid_from: day, since })
}

async fn struck(db: &TestDb, day: Date) {
    let mut ctx = db.ctx(Actor::system("test")).await;
    let (record, told) = version(&mut ctx, day).await;
    strike_out(&mut ctx, SEAT, record, told, WHY).await.unwrap();
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(1));
}

/// What the record of acts says of it.
async fn acts(ctx: &mut Ctx) -> Vec<Act> {
    let search = Search { verb: Some("registry.strike".to_owned()), ..Search::default() };
    let found = zhengtong_ledger::search(ctx.conn(), &search, Paging::new(1, 100)).await.unwrap();
    let mut acts: Vec<Act> = found.rows.into_iter().map(|entry| entry.act).collect();
    for act in &mut acts {
        ctx.unveil(act).unwrap();
    }
    acts
}

/// Three versions: the first, one with a wrong day, and the same with the right day.
async fn mistaken() -> TestDb {
    let db = database().await;
    db.clock.advance(datetime!(2026-07-01 09:00 +8) - now(&db));
    told(&db, "某路1号", "2024-01-01").await;
    told(&db, "某路2号", "2026-06-01").await;
    told(&db, "某路2号", "2026-02-01").await;
    db
}

#[tokio::test]
async fn the_version_before_holds_on_and_what_was_known_stays() {
    let db = mistaken().await;
    let before = now(&db) - Duration::HOUR;
    struck(&db, WRONG).await;
    let after = now(&db);
    let mut ctx = db.ctx(Actor::system("test")).await;
    let key = code(1);
    let key = [("credit_code", key.as_str())];
    let today = lookup(&mut ctx, SEAT, &key, &Purpose::new("x")).await.unwrap().unwrap();
    assert_eq!(today.values["moved_on"], json!("2026-02-01"));
    let on = date!(2026 - 08 - 01);
    let from = async |ctx: &mut Ctx, known_at| {
        let asked = AsOf { valid_on: on, known_at };
        let found = as_of(ctx, SEAT, &key, asked, &Purpose::new("x")).await.unwrap();
        found.unwrap().values["moved_on"].clone()
    };
    assert_eq!(from(&mut ctx, before).await, json!("2026-06-01"), "as was known then");
    assert_eq!(from(&mut ctx, after).await, json!("2026-02-01"));
    // What was told again is one version, known since it was told first, and no longer a late one.
    let shown = all(&mut ctx).await;
    let shown: Vec<_> = shown
        .versions
        .iter()
        .map(|one| (one.number, one.current, one.late, one.struck.is_some(), one.valid_to))
        .collect();
    let expected = [
        (2, false, false, true, None),
        (3, true, false, false, None),
        (1, false, false, false, Some(date!(2026 - 01 - 31))),
    ];
    assert_eq!(shown, expected);
    let past = history(&mut ctx, SEAT, &key, &Purpose::new("x")).await.unwrap();
    let past: Vec<Option<&str>> = past.iter().map(|past| past.why_struck.as_deref()).collect();
    assert_eq!(past, [Some(WHY), None]);
    let acts = acts(&mut ctx).await;
    assert_eq!(acts.len(), 1);
    assert_eq!(acts[0].reason.as_deref(), Some(format!("2026-06-01 起的一版：{WHY}").as_str()));
    let (gone, again) = (&acts[0].before, &acts[0].after);
    assert!(gone.is_some() && again.is_some() && gone != again && acts[0].subject.is_none());
    drop(ctx);

    // One that came late is struck out where it stands.
    told(&db, "某路9号", "2025-01-01").await;
    let known = now(&db) - Duration::HOUR;
    let summer = date!(2025 - 07 - 01);
    struck(&db, date!(2025 - 01 - 01)).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert_eq!(address(&mut ctx, 1, summer, known).await.as_deref(), Some("某路9号"));
    assert_eq!(address(&mut ctx, 1, summer, now(&db)).await.as_deref(), Some("某路1号"));
    drop(ctx);
    // It may be told again, as if it had never been.
    told(&db, "某路9号", "2025-01-01").await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert_eq!(address(&mut ctx, 1, summer, now(&db)).await.as_deref(), Some("某路9号"));
}

#[tokio::test]
async fn a_correction_that_is_struck_out_gives_way_to_what_it_corrected() {
    let db = mistaken().await;
    told(&db, "某路3号", "2026-06-01").await;
    struck(&db, WRONG).await;
    let on = date!(2026 - 08 - 01);
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert_eq!(address(&mut ctx, 1, on, now(&db)).await.as_deref(), Some("某路2号"));
    let shown = all(&mut ctx).await;
    let current = shown.versions.iter().find(|one| one.current).unwrap();
    assert_eq!((current.number, current.valid_from), (2, Some(WRONG)));
    assert!(current.corrected.is_none());
    drop(ctx);
    struck(&db, WRONG).await;
    struck(&db, RIGHT).await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert_eq!(address(&mut ctx, 1, on, now(&db)).await.as_deref(), Some("某路1号"));
    assert_eq!(all(&mut ctx).await.versions.len(), 4);
}

#[tokio::test]
async fn what_cannot_be_struck_out_is_refused_in_words() {
    let db = mistaken().await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    let (record, wrong) = version(&mut ctx, WRONG).await;
    for reason in ["", "  ", &"长".repeat(501)] {
        let error = strike_out(&mut ctx, SEAT, record, wrong, reason).await.unwrap_err();
        assert_eq!((error.kind(), error.fields()[0].field.as_str()), (Kind::Invalid, "reason"));
    }
    let said = async |ctx: &mut Ctx, told: Told| {
        let error = strike_out(ctx, SEAT, record, told, WHY).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict, "{error}");
        error.text().zh
    };
    let elsewhere = Told { valid_from: date!(2026 - 06 - 02), ..wrong };
    assert!(said(&mut ctx, elsewhere).await.contains("没有这一版"));
    let never = Told { since: wrong.since - Duration::SECOND, ..wrong };
    assert!(said(&mut ctx, never).await.contains("没有这一版"));
    strike_out(&mut ctx, SEAT, record, wrong, WHY).await.unwrap();
    ctx.commit().await.unwrap();
    db.clock.advance(Duration::days(1));
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert!(said(&mut ctx, wrong).await.contains("已经划去"));
    drop(ctx);
    // One that was corrected does not count anyway.
    let mut ctx = db.ctx(Actor::system("test")).await;
    let (_, right) = version(&mut ctx, RIGHT).await;
    drop(ctx);
    told(&db, "某路5号", "2026-02-01").await;
    let mut ctx = db.ctx(Actor::system("test")).await;
    assert!(said(&mut ctx, right).await.contains("本来就不算数"));
    drop(ctx);
    struck(&db, RIGHT).await;
    struck(&db, RIGHT).await;
    // The only one that is left.
    let mut ctx = db.ctx(Actor::system("test")).await;
    let (_, first) = version(&mut ctx, date!(2024 - 01 - 01)).await;
    let words = said(&mut ctx, first).await;
    assert!(words.contains("只有这一版") && words.contains("再登记一次"), "{words}");
    // Nothing of the refused was done.
    assert_eq!(acts(&mut ctx).await.len(), 3);
    // Without a declared day no day can be wrong.
    let resident = [
        ("id_number", "11010519491231002X"),
        ("name", "示例甲"),
        ("sex", "2"),
        ("birth_date", "1949-12-31"),
    ];
    let resident = resident.map(|(name, value)| (name.to_owned(), json!(value))).into();
    let made = put(&mut ctx, RESIDENT, &resident, &Origin::new("公安")).await.unwrap();
    let error = strike_out(&mut ctx, RESIDENT, made.id, first, WHY).await.unwrap_err();
    assert!(error.text().zh.contains("没有写明从哪天起有效"), "{error}");
    let error = strike_out(&mut ctx, SEAT, made.id, first, WHY).await.unwrap_err();
    assert!(matches!(error, Error::NoRecord(_)));
}

#[tokio::test]
async fn a_record_that_came_back_by_mistake_has_ended_again() {
    let city = city_of(database().await).await;
    let both = [(1, "甲路1号", "2026-01-01"), (2, "乙路1号", "2026-01-01")];
    assert_eq!(counts(&city, &both, LoadMode::Upsert).await[0], 2);
    assert_eq!(counts(&city, &both[1..], LoadMode::Full).await[4], 1);
    let ended = now(&city.db);
    let back = [(1, "甲路2号", "2026-02-01")];
    assert_eq!(counts(&city, &back, LoadMode::Upsert).await[0], 1);
    city.db.clock.advance(Duration::days(1));
    let known = now(&city.db) - Duration::HOUR;
    struck(&city.db, date!(2026 - 02 - 01)).await;
    let mut ctx = city.ctx().await;
    let on = zhengtong_calendar::china_date(ended) + Duration::days(1);
    assert_eq!(address(&mut ctx, 1, on, known).await.as_deref(), Some("甲路2号"));
    assert_eq!(address(&mut ctx, 1, on, now(&city.db)).await, None);
    let day = date!(2026 - 01 - 15);
    assert_eq!(address(&mut ctx, 1, day, now(&city.db)).await.as_deref(), Some("甲路1号"));
    let key = code(1);
    let key = [("credit_code", key.as_str())];
    assert!(lookup(&mut ctx, SEAT, &key, &Purpose::new("x")).await.unwrap().is_none());
    assert!(all(&mut ctx).await.versions.iter().all(|one| !one.current));
    drop(ctx);
    // A file brings it back under its identifier.
    assert_eq!(counts(&city, &back, LoadMode::Upsert).await[0], 1);
    let mut ctx = city.ctx().await;
    assert_eq!(address(&mut ctx, 1, on, now(&city.db)).await.as_deref(), Some("甲路2号"));
}
