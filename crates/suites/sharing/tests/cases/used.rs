//! Using a grant: exactly what was given, and never more.

use serde_json::json;
use zhengtong_base::Kind;
use zhengtong_db::{Actor, ActorKind};
use zhengtong_sharing::{
    VERBS, Way, consumers, end, grant, grants_of, records, uses_of_me, verify,
};

use crate::world::*;

const KEY: [(&str, &str); 1] = [("id_number", NUMBER)];

#[tokio::test]
async fn a_grant_gives_its_fields_its_masks_and_no_more() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name", "phone"], &["phone"])).await;
    let shared = act!(test, reviewer(), records, &no, &KEY, &[]).unwrap().unwrap();
    let given: Vec<(&str, bool)> =
        shared.values.iter().map(|value| (value.field.as_str(), value.masked)).collect();
    assert_eq!(given, [("name", false), ("phone", true)]);
    assert_eq!(shared.values[0].value, json!("示例甲"));
    assert!(shared.values[1].words.zh.contains('*'), "{}", shared.values[1].words.zh);
    assert!(!shared.values[1].value.to_string().contains("13800000000"));
    assert_eq!(shared.left, 2);
    // Beyond the fields, another unit, the way that was not granted, a person, and the data of a stranger's unit.
    assert_eq!(kind(act!(test, reviewer(), records, &no, &KEY, &["sex"])), Kind::Denied);
    assert_eq!(kind(act!(test, stranger(), records, &no, &KEY, &[])), Kind::NotFound);
    assert_eq!(kind(act!(test, authority(), records, &no, &KEY, &[])), Kind::NotFound);
    assert_eq!(kind(act!(test, citizen(1), records, &no, &KEY, &[])), Kind::NotFound);
    assert_eq!(kind(act!(test, reviewer(), verify, &no, &KEY, ("name", "示例甲"))), Kind::Denied);
    // Whatever was refused was no use.
    assert_eq!(act!(test, asker(), grant, &no).unwrap().total, 1);
}

#[tokio::test]
async fn a_system_of_the_unit_uses_its_grant_with_a_token_for_it() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    let system = |unit: u128, scope: &str| Actor {
        kind: ActorKind::Device,
        name: "market-cases".to_owned(),
        organisation: Some(id(unit)),
        roles: vec![format!("scope:{scope}")],
        ..Actor::visitor()
    };
    let shared = act!(test, system(MARKET, "sharing.use"), records, &no, &KEY, &[]);
    assert_eq!(shared.unwrap().unwrap().values[0].value, json!("示例甲"));
    for other in [system(MARKET, "registry.load"), system(MARKET + 1, "sharing.use")] {
        assert_eq!(kind(act!(test, other, records, &no, &KEY, &[])), Kind::NotFound);
    }
    // It counts as a use of the unit like any other.
    assert_eq!(act!(test, asker(), grant, &no).unwrap().total, 1);
}

#[tokio::test]
async fn both_units_and_the_authority_see_who_uses_a_dataset_today() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    act!(test, reviewer(), records, &no, &KEY, &[]).unwrap().unwrap();
    for who in [asker(), provider(), authority()] {
        let found = act!(test, who, grants_of, RESIDENT).unwrap();
        let found: Vec<(&str, i64)> =
            found.iter().map(|(grant, uses)| (grant.no.as_str(), *uses)).collect();
        assert_eq!(found, [(no.as_str(), 1)]);
    }
    assert!(act!(test, stranger(), grants_of, RESIDENT).unwrap().is_empty());
    assert!(act!(test, provider(), grants_of, "base-population:birth").unwrap().is_empty());
    assert_eq!(kind(act!(test, citizen(1), grants_of, RESIDENT)), Kind::Denied);
    // Everybody sees which unit it is, and nothing else.
    let others = granted(&test, wanted(&test), terms(&test, &["sex"], &[])).await;
    for who in [Actor::visitor(), citizen(1), stranger()] {
        assert_eq!(act!(test, who, consumers, RESIDENT).unwrap(), [(id(MARKET), 2)]);
    }
    assert!(act!(test, Actor::visitor(), consumers, "base-population:birth").unwrap().is_empty());
    act!(test, provider(), end, &others, "用途与申请不符").unwrap();
    // What was ended is used by nobody.
    act!(test, provider(), end, &no, "用途与申请不符").unwrap();
    assert!(act!(test, provider(), grants_of, RESIDENT).unwrap().is_empty());
    assert!(act!(test, Actor::visitor(), consumers, RESIDENT).unwrap().is_empty());
}

#[tokio::test]
async fn a_verification_says_yes_or_no_and_shows_nothing() {
    let test = city().await;
    let mut new = wanted(&test);
    new.way = Way::Verify;
    let no = granted(&test, new, terms(&test, &["name"], &[])).await;
    let ask = |name: &'static str| ("name", name);
    assert!(act!(test, reviewer(), verify, &no, &KEY, ask("示例甲")).unwrap());
    assert!(!act!(test, reviewer(), verify, &no, &KEY, ask("示例乙")).unwrap());
    assert_eq!(kind(act!(test, reviewer(), verify, &no, &KEY, ("sex", "2"))), Kind::Denied);
    assert_eq!(kind(act!(test, reviewer(), records, &no, &KEY, &[])), Kind::Denied);
}

#[tokio::test]
async fn the_quota_of_a_day_ends_and_the_next_day_begins_anew() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    for left in [2, 1, 0] {
        let shared = act!(test, reviewer(), records, &no, &KEY, &[]).unwrap().unwrap();
        assert_eq!(shared.left, left);
    }
    assert_eq!(kind(act!(test, reviewer(), records, &no, &KEY, &[])), Kind::TooMany);
    days(&test, 1);
    assert!(act!(test, reviewer(), records, &no, &KEY, &[]).is_ok());
}

#[tokio::test]
async fn many_at_once_do_not_get_beyond_the_quota() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    let one = async || act!(test, reviewer(), records, &no, &KEY, &[]).is_ok();
    let (three, two) = tokio::join!(async { tokio::join!(one(), one(), one()) }, async {
        tokio::join!(one(), one())
    });
    let all = [three.0, three.1, three.2, two.0, two.1];
    assert_eq!(all.into_iter().filter(|done| *done).count(), 3);
    assert_eq!(act!(test, asker(), grant, &no).unwrap().total, 3);
}

#[tokio::test]
async fn after_its_last_day_or_its_end_nothing_is_given() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    // Ended while it is being used: the end waits for the use, and the use after it is refused.
    let mut using = test.ctx(reviewer()).await;
    records(&mut using, &no, &KEY, &[]).await.unwrap();
    let ending = async { act!(test, provider(), end, &no, "用途与申请不符") };
    let going_on = async {
        tokio::task::yield_now().await;
        using.commit().await.unwrap();
    };
    let (ended, ()) = tokio::join!(ending, going_on);
    ended.unwrap();
    assert_eq!(kind(act!(test, reviewer(), records, &no, &KEY, &[])), Kind::Denied);
    assert_eq!(kind(act!(test, provider(), end, &no, "再收回一次")), Kind::Conflict);

    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    assert_eq!(kind(act!(test, stranger(), end, &no, "与我无关的单位")), Kind::NotFound);
    days(&test, 30);
    assert!(act!(test, reviewer(), records, &no, &KEY, &[]).is_ok());
    days(&test, 1);
    assert_eq!(kind(act!(test, reviewer(), records, &no, &KEY, &[])), Kind::Denied);
}

#[tokio::test]
async fn a_record_is_named_by_its_whole_key_and_nothing_looks_across() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    for key in [("name", "示例甲"), ("certificate_no", "1"), ("plate", "示A00001")] {
        assert_eq!(kind(act!(test, reviewer(), records, &no, &[key], &[])), Kind::Invalid);
    }
    assert_eq!(kind(act!(test, reviewer(), records, &no, &[], &[])), Kind::Invalid);
    // No verb finds records: each use names one grant, and a grant one dataset.
    let searching =
        VERBS.iter().filter(|(verb, _)| verb.contains("search") || verb.contains("find"));
    assert_eq!(searching.count(), 0);
    let absent = act!(test, reviewer(), records, &no, &[("id_number", "11010119900307721X")], &[]);
    assert!(matches!(absent, Ok(None)) || kind(absent) == Kind::Invalid);
}

#[tokio::test]
async fn a_statement_in_a_key_a_field_or_a_value_is_text() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    let mut yes_or_no = wanted(&test);
    yes_or_no.way = Way::Verify;
    let verified = granted(&test, yes_or_no, terms(&test, &["name"], &[])).await;
    let foreign = format!("{OTHER}' OR id_number <> '");
    for text in [
        "' OR '1'='1",
        "x'; DROP SCHEMA sharing CASCADE; --",
        "id_number\" = id_number OR \"name",
        "$1",
        "%",
        "\u{0}",
        &foreign,
    ] {
        let key = [("id_number", text)];
        assert_eq!(wrong(act!(test, reviewer(), records, &no, &key, &[])), ["id_number"], "{text}");
        let key = [(text, NUMBER)];
        assert_eq!(kind(act!(test, reviewer(), records, &no, &key, &[])), Kind::Invalid, "{text}");
        let fields = ["name", text];
        let beyond = act!(test, reviewer(), records, &no, &KEY, &fields);
        assert_eq!(kind(beyond), Kind::Denied, "{text}");
        let beyond = act!(test, reviewer(), verify, &verified, &KEY, (text, "示例甲"));
        assert_eq!(kind(beyond), Kind::Denied, "{text}");
    }
    for value in ["' OR '1'='1", "示例甲' --", "%", "示例_"] {
        assert!(!act!(test, reviewer(), verify, &verified, &KEY, ("name", value)).unwrap());
        days(&test, 1);
    }
    for no in ["' OR '1'='1", "%", ""] {
        assert_eq!(kind(act!(test, reviewer(), records, no, &KEY, &[])), Kind::NotFound, "{no}");
    }
    assert!(act!(test, reviewer(), records, &no, &KEY, &[]).unwrap().is_some());
    assert_eq!(act!(test, asker(), grant, &no).unwrap().total, 1, "what was refused was no use");
}

#[tokio::test]
async fn the_person_reads_who_used_it_when_and_what_for() {
    let test = city().await;
    let no = granted(&test, wanted(&test), terms(&test, &["name"], &[])).await;
    act!(test, reviewer(), records, &no, &KEY, &[]).unwrap();
    let mine = act!(test, citizen(1), uses_of_me, 1).unwrap();
    assert_eq!(mine.total, 1);
    assert_eq!(mine.rows[0].unit, id(MARKET));
    assert_eq!(mine.rows[0].purpose, "核对食品从业人员身份");
    assert_eq!(mine.rows[0].fields[0].zh, "姓名");
    assert_eq!(act!(test, citizen(2), uses_of_me, 1).unwrap().total, 0);
}
