//! Ranges that are asked for, and those around a place.

use zhengtong_geometry::{Bounds, Geometry, METRES_MAX, Near};

#[test]
fn a_range_has_four_numbers_in_order() {
    let read = Bounds::read("120.1, 30.2,120.2,30.3").unwrap();
    assert_eq!(read.wkt(), "POLYGON((120.1 30.2, 120.2 30.2, 120.2 30.3, 120.1 30.3, 120.1 30.2))");
    let rows = [
        ("", "four numbers"),
        ("120.1,30.2,120.2", "four numbers"),
        ("120.1,30.2,120.2,30.3,5", "four numbers"),
        ("120.1;30.2;120.2;30.3", "four numbers"),
        ("a,30.2,120.2,30.3", "is no number"),
        (",,,", "is no number"),
        ("120.2,30.2,120.1,30.3", "from west to east"),
        ("120.1,30.3,120.2,30.2", "from south to north"),
        ("120.1,30.2,120.1,30.3", "from west to east"),
        ("30.2,120.1,30.3,120.2", "write the longitude"),
        ("200,30,210,31", "out of range"),
    ];
    for (text, word) in rows {
        let said = Bounds::read(text).unwrap_err();
        assert!(said.en.contains(word) && !said.zh.is_empty(), "{text}: {}", said.en);
    }
}

#[test]
fn what_is_near_has_a_place_and_a_distance() {
    let near = Near::read("120.155,30.274", "500").unwrap();
    assert_eq!((near.wkt().as_str(), near.metres()), ("POINT(120.155 30.274)", 500));
    let bounds = near.bounds();
    // 500 m are 0.0045 degrees to the north and 0.0052 to the east there; the range holds them.
    for (place, held) in
        [("120.1601,30.274", true), ("120.155,30.2785", true), ("120.162,30.274", false)]
    {
        let there = Geometry::read(place).unwrap().bounds().unwrap();
        assert_eq!(there.with(bounds) == bounds, held, "{place}");
    }
    let rows = [
        ("120.155", "500", "near"),
        ("120.155,30.274,1", "500", "near"),
        ("30.274,120.155", "500", "near"),
        ("x,y", "500", "near"),
        ("120.155,30.274", "", "within"),
        ("120.155,30.274", "0", "within"),
        ("120.155,30.274", "-5", "within"),
        ("120.155,30.274", "1.5", "within"),
        ("120.155,30.274", "100001", "within"),
    ];
    for (place, metres, field) in rows {
        let (named, text) = Near::read(place, metres).unwrap_err();
        assert!(named == field && !text.en.is_empty(), "{place} {metres}: {named} {}", text.en);
    }
    // At the pole and at the edge of numbers the range stays on the earth.
    let pole = Near::read("180,90", &METRES_MAX.to_string()).unwrap().bounds();
    assert_eq!((pole.high().longitude(), pole.high().latitude()), ("180".into(), "90".into()));
}
