//! Which value of several records counts.

use zhengtong_linkage::{Claim, EntityId, Event, RecordId, Survivor, survive};

fn claim(record: u128, rank: u32, said: i64, value: &'static str) -> Claim<&'static str> {
    Claim { record: RecordId(record), rank, said, value }
}

#[test]
fn the_source_that_answers_for_an_item_comes_first() {
    let claims = [
        claim(1, 2, 900, "中山路1号"),
        claim(2, 0, 100, "建设路2号"),
        claim(3, 0, 200, "建设路3号"),
    ];
    let Some(Survivor { claim, against }) = survive(&claims) else { panic!("nothing survived") };
    assert_eq!(claim.value, "建设路3号");
    assert_eq!(
        against.iter().map(|claim| claim.value).collect::<Vec<_>>(),
        ["建设路2号", "中山路1号"]
    );
}

#[test]
fn equal_values_are_no_conflict_and_nothing_gives_nothing() {
    let claims = [claim(2, 1, 5, "女"), claim(1, 1, 5, "女")];
    assert_eq!(survive(&claims).map(|s| (s.claim.record, s.against.len())), Some((RecordId(1), 0)));
    assert_eq!(survive::<&str>(&[]), None);
}

#[test]
fn events_are_json_and_come_back() {
    let record = RecordId(0x0192_f0f0_f0f0_7000_8000_0000_0000_0001);
    let event = Event::Split { from: EntityId(3), into: EntityId(9), records: vec![record] };
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(
        text,
        r#"{"event":"split","from":3,"into":9,"records":["0192f0f0f0f070008000000000000001"]}"#
    );
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
}
