//! What is recorded is read back as it was, in bounded pages; what cannot be recorded is refused.

use time::Duration;
use uuid::Uuid;
use zhengtong_base::{Act, Failure as _, Kind, Paging};
use zhengtong_ledger::{
    EntryId, Error, Search, append, by_subject, by_thing, find, last_checkpoint, search,
};

use super::support::{NOW, Record, bare, full};

#[tokio::test]
async fn an_act_is_read_back_as_it_was() {
    let mut record = Record::new().await;
    for act in [full(1), bare(2)] {
        let id = append(&mut record.conn, &act).await.unwrap();
        assert_eq!(find(&mut record.conn, id).await.unwrap().act, act);
    }
    let mut finer = full(3);
    finer.at += Duration::nanoseconds(999);
    let id = append(&mut record.conn, &finer).await.unwrap();
    assert_eq!(find(&mut record.conn, id).await.unwrap().act.at, full(3).at);
    record.seal().await;
    assert_eq!(record.verify().await.fault, None);
    let signed = last_checkpoint(&mut record.conn).await.unwrap().unwrap();
    assert_eq!(i128::from(signed.checkpoint.time_us), NOW.unix_timestamp_nanos() / 1_000);
}

#[tokio::test]
async fn who_used_my_data() {
    let mut record = Record::new().await;
    let me = Uuid::from_u128(6);
    let ids = record.append_many(9).await;
    let seen = by_subject(&mut record.conn, me, 2).await.unwrap();
    let seen: Vec<EntryId> = seen.iter().map(|entry| entry.id).collect();
    assert_eq!(seen, [ids[8], ids[6]]);
    assert_eq!(by_subject(&mut record.conn, me, 20).await.unwrap().len(), 5);
    assert_eq!(by_subject(&mut record.conn, Uuid::nil(), 2).await.unwrap(), []);
    let page = by_thing(&mut record.conn, "case", "330100-4", Paging::new(1, 5)).await.unwrap();
    assert_eq!((page.total, page.rows[0].id), (1, ids[4]));
}

#[tokio::test]
async fn a_search_narrows() {
    let mut record = Record::new().await;
    record.append_many(9).await;
    let mut check = async |wanted: Search, expected: i64| {
        let page = search(&mut record.conn, &wanted, Paging::new(1, 3)).await.unwrap();
        assert_eq!(page.total, expected, "{wanted:?}");
        assert_eq!(page.rows.len(), usize::try_from(expected.min(3)).unwrap());
    };
    let some = |number| Some(Uuid::from_u128(number));
    check(Search::default(), 9).await;
    check(Search { from: Some(NOW + Duration::seconds(7)), ..Search::default() }, 2).await;
    check(Search { to: Some(NOW + Duration::seconds(7)), ..Search::default() }, 7).await;
    check(Search { account: some(1), ..Search::default() }, 5).await;
    check(Search { person: some(1), ..Search::default() }, 0).await;
    check(Search { person: some(2), organisation: some(3), ..Search::default() }, 5).await;
    check(Search { subject: some(6), ..Search::default() }, 5).await;
    check(Search { verb: Some("casework.".to_owned()), ..Search::default() }, 9).await;
    check(Search { verb: Some("case%".to_owned()), ..Search::default() }, 0).await;
    check(Search { thing_kind: Some("case".to_owned()), ..Search::default() }, 9).await;
    check(Search { thing: Some("330100-4".to_owned()), ..Search::default() }, 1).await;
    check(Search { request: Some("r-5".to_owned()), ..Search::default() }, 1).await;
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused() {
    let mut record = Record::new().await;
    let mut check = async |change: fn(&mut Act), expected: &str| {
        let mut act = full(1);
        change(&mut act);
        let refused = append(&mut record.conn, &act).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Invalid);
        let Error::Invalid { field, .. } = refused else { panic!("{refused}") };
        assert_eq!(field, expected);
        assert_eq!(refused.fields().len(), 1);
    };
    check(|act| act.reason = Some("a\0b".to_owned()), "reason").await;
    check(|act| act.reason = Some("字".repeat(10_001)), "reason").await;
    check(|act| act.name = "x".repeat(501), "name").await;
    check(|act| act.verb = "x".repeat(101), "verb").await;
    check(|act| act.thing = "\0".to_owned(), "thing").await;
    check(|act| act.before = Some("张三".to_owned()), "before").await;
    check(|act| act.after = Some("AB".repeat(32)), "after").await;
    check(|act| act.at = time::macros::datetime!(1899-12-31 23:00 UTC), "at").await;
    check(|act| act.behalf.as_mut().unwrap().name = "\0".to_owned(), "behalf.name").await;
    let mut longest = full(1);
    longest.reason = Some("字".repeat(10_000));
    append(&mut record.conn, &longest).await.unwrap();
}

#[test]
fn a_database_that_is_away_is_said_so() {
    assert_eq!(Error::from(sqlx::Error::PoolTimedOut).kind(), Kind::Unavailable);
    assert_eq!(Error::from(sqlx::Error::RowNotFound).kind(), Kind::Internal);
}
