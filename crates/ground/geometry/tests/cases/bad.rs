//! What is refused, each with words that say why.

use zhengtong_geometry::{Fault, Geometry, POINTS_MAX, Shape};

fn words(text: &str) -> (String, String) {
    let fault = match Geometry::read(text) {
        Err(fault) => fault,
        Ok(taken) => panic!("{text} was taken as {}", taken.text()),
    };
    let text = fault.text();
    (text.zh, text.en)
}

#[test]
fn what_is_no_geometry_is_refused_in_words() {
    let rows = [
        ("", "没有坐标", "no coordinates"),
        ("西湖边", "读不出来", "cannot be read"),
        ("hello", "读不出来", "cannot be read"),
        ("120.155", "读不出来", "cannot be read"),
        ("{", "读不出来", "cannot be read"),
        ("{}", "读不出来", "cannot be read"),
        ("POINT(120 30", "读不出来", "cannot be read"),
        ("POINT(120 30) x", "读不出来", "cannot be read"),
        ("POINT((120 30))", "两个数", "two numbers"),
        ("POINT(120 30, 121 31)", "读不出来", "cannot be read"),
        ("SRID=4490 POINT(120 30)", "读不出来", "cannot be read"),
        (r#"{"type":"Point"}"#, "没有坐标", "no coordinates"),
        (r#"{"type":"Point","coordinates":[]}"#, "没有坐标", "no coordinates"),
        (r#"{"type":"Point","coordinates":[120]}"#, "两个数", "two numbers"),
        (r#"{"type":"Point","coordinates":"120,30"}"#, "两个数", "two numbers"),
        (r#"{"type":"Point","coordinates":["120","30"]}"#, "不是数字", "is no number"),
        (r#"{"type":"Point","coordinates":[null,30]}"#, "不是数字", "is no number"),
        (r#"{"type":"Point","coordinates":[120,30,5]}"#, "不要高程", "leave out the height"),
        (r#"{"type":"LineString","coordinates":[]}"#, "没有坐标", "no coordinates"),
        (r#"{"type":"Polygon","coordinates":[]}"#, "没有坐标", "no coordinates"),
        (r#"{"type":"Polygon","coordinates":[[]]}"#, "没有坐标", "no coordinates"),
        (r#"{"type":"MultiPolygon","coordinates":[[]]}"#, "没有坐标", "no coordinates"),
        ("POINT EMPTY", "没有坐标", "no coordinates"),
        ("POLYGON EMPTY", "没有坐标", "no coordinates"),
        ("POINT Z (1 2 3)", "不要高程", "leave out the height"),
        ("POINTZ(1 2 3)", "不要高程", "leave out the height"),
        ("LINESTRING(1 2 3, 4 5 6)", "不要高程", "leave out the height"),
        ("120,30,5", "不要高程", "leave out the height"),
        ("POINT(NaN NaN)", "不是数字", "is no number"),
        ("POINT(120 inf)", "不是数字", "is no number"),
        ("POINT(120°9' 30)", "不是数字", "is no number"),
        ("GEOMETRYCOLLECTION(POINT(1 2))", "不收 GEOMETRYCOLLECTION", "is not taken"),
        ("CIRCULARSTRING(0 0, 1 1, 2 0)", "不收 CIRCULARSTRING", "is not taken"),
        (r#"{"type":"Feature","geometry":null}"#, "不收 Feature", "is not taken"),
        ("SRID=4528;POINT(120 30)", "SRID=4528 不收", "convert them to CGCS2000"),
        (
            r#"{"type":"Point","coordinates":[120,30],"crs":{"type":"name","properties":{"name":"EPSG:3857"}}}"#,
            "EPSG:3857 不收",
            "convert them to CGCS2000",
        ),
    ];
    for (text, zh, en) in rows {
        let (said_zh, said_en) = words(text);
        assert!(said_zh.contains(zh) && said_en.contains(en), "{text}: {said_zh} / {said_en}");
    }
}

#[test]
fn what_cannot_lie_there_is_refused_in_words() {
    let rows = [
        ("30.274,120.155", "先写经度", "write the longitude, then the latitude"),
        ("POINT(39.5 75.9)", "先写经度", "write the longitude, then the latitude"),
        ("LINESTRING(120 30, 30 120)", "先写经度", "write the longitude, then the latitude"),
        ("181,30", "超出范围", "out of range"),
        ("120,-90.0000001", "超出范围", "out of range"),
        ("40520000.5,3351000.2", "米数", "metres on a map"),
        ("LINESTRING(120 30)", "两个不同的点", "two different points"),
        ("LINESTRING(120 30, 120.00000001 30)", "两个不同的点", "two different points"),
        ("POLYGON((0 0, 1 0, 1 1))", "没有闭合", "not closed"),
        ("POLYGON((0 0, 0 0))", "没有闭合", "not closed"),
        ("POLYGON((0 0, 1 0, 0 0))", "三个不同的点", "three different points"),
        // A bow, a ring that touches itself, a spike, a ring that runs back.
        ("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))", "自己相交", "crosses itself near"),
        ("POLYGON((0 0, 4 0, 2 2, 4 4, 0 4, 2 2, 0 0))", "自己相交", "crosses itself near"),
        ("POLYGON((0 0, 4 0, 6 0, 4 0, 4 4, 0 0))", "自己相交", "crosses itself near"),
        ("POLYGON((0 0, 2 0, 1 0, 0 0))", "自己相交", "crosses itself near"),
        // Rings that cross, share a side; a hole outside, a hole in a hole.
        (
            "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (2 2, 6 2, 6 3, 2 3, 2 2))",
            "相交或重合",
            "cross or run together",
        ),
        (
            "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (0 1, 2 1, 2 2, 0 2, 0 1))",
            "相交或重合",
            "cross or run together",
        ),
        ("POLYGON((0 0, 4 0, 4 4, 0 0), (7 7, 8 7, 8 8, 7 7))", "洞", "hole"),
        (
            "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 6 1, 6 6, 1 6, 1 1), (2 2, 3 2, 3 3, 2 2))",
            "洞",
            "hole",
        ),
        // A hole that cuts the area in two, and three that do so together.
        ("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (0 2, 2 1, 4 2, 2 3, 0 2))", "几块", "cut the area"),
        (
            "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (2 2, 4 2, 3 3, 2 2), (3 3, 5 5, 1 5, 3 3), (2 2, 1 5, 1 3, 2 2))",
            "几块",
            "cut the area",
        ),
        ("MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4, 0 0)), ((1 1, 2 1, 2 2, 1 1)))", "重叠", "overlap"),
        (
            "MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4, 0 0)), ((2 0, 4 2, 2 4, 0 2, 2 0)))",
            "重叠",
            "overlap",
        ),
        (
            "MULTIPOLYGON(((0 0, 4 0, 4 4, 0 4, 0 0)), ((0 0, 4 0, 4 4, 0 4, 0 0)))",
            "相交或重合",
            "cross or run together",
        ),
    ];
    for (text, zh, en) in rows {
        let (said_zh, said_en) = words(text);
        assert!(said_zh.contains(zh) && said_en.contains(en), "{text}: {said_zh} / {said_en}");
    }
}

#[test]
fn a_geometry_has_a_largest_size() {
    let line = |points: usize| {
        let places: Vec<String> = (0..points).map(|at| format!("120.{at:05} 30")).collect();
        format!("LINESTRING({})", places.join(","))
    };
    assert_eq!(Geometry::read(&line(POINTS_MAX)).unwrap().points(), POINTS_MAX);
    assert_eq!(Geometry::read(&line(POINTS_MAX + 1)), Err(Fault::Many));
    assert_eq!(Geometry::read(&"9".repeat(1_000_000)), Err(Fault::Many));
    assert!(words(&line(POINTS_MAX + 1)).0.contains("10000"));
}

#[test]
fn another_shape_is_refused() {
    let point = Geometry::read("1,2").unwrap();
    let fault = point.of_shape(Some(Shape::Line)).unwrap_err();
    assert_eq!(fault.text().zh, "这里要登记线，给的是点");
    assert_eq!(fault.text().en, "a line is kept here, and this is a point");
}
