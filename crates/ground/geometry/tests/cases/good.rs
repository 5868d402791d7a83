//! What is taken, and the spelling it gets.

use zhengtong_base::Lang;
use zhengtong_geometry::{Geometry, Shape};

fn kept(text: &str) -> String {
    Geometry::read(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}")).text()
}

#[test]
fn one_geometry_has_one_spelling() {
    let point = r#"{"type":"Point","coordinates":[120.155,30.274]}"#;
    let ways = [
        "120.155,30.274",
        " 120.1550000 , 30.27400 ",
        "120.155 30.274",
        "１２０．１５５，３０．２７４",
        "120.155、30.274",
        "POINT(120.155 30.274)",
        "point ( 120.155 30.274 )",
        "SRID=4490;POINT(120.15500001 30.274)",
        "srid=4326;Point(1.20155e2 30.274)",
        r#"{ "coordinates": [120.1550, 30.274], "type": "Point" }"#,
        r#"{"type":"Point","coordinates":[1.20155e2,30.27399999999],"bbox":[1,2,3,4]}"#,
        r#"{"type":"Point","coordinates":[120.155,30.274],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}}"#,
        r#"{"type":"Point","coordinates":[120.155,30.274],"crs":{"type":"name","properties":{"name":"EPSG:4490"}}}"#,
        point,
    ];
    for way in ways {
        assert_eq!(kept(way), point, "{way}");
    }
    let rows = [
        (
            "MULTIPOINT(120 30, 121 31)",
            r#"{"type":"MultiPoint","coordinates":[[120,30],[121,31]]}"#,
        ),
        (
            "MULTIPOINT((120 30), (121 31))",
            r#"{"type":"MultiPoint","coordinates":[[120,30],[121,31]]}"#,
        ),
        (
            "LINESTRING(120 30, 120 30, 121 31)",
            r#"{"type":"LineString","coordinates":[[120,30],[121,31]]}"#,
        ),
        (
            "MULTILINESTRING((120 30, 121 31), (120 31, 121 30))",
            r#"{"type":"MultiLineString","coordinates":[[[120,30],[121,31]],[[120,31],[121,30]]]}"#,
        ),
        // A ring against the rule is turned; a hole as well.
        (
            "POLYGON((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
            r#"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[1,2],[2,2],[2,1],[1,1]]]}"#,
        ),
        (
            "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
            r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}"#,
        ),
    ];
    for (text, spelling) in rows {
        assert_eq!(kept(text), spelling, "{text}");
    }
}

#[test]
fn rings_may_touch_at_single_places() {
    for text in [
        // A hole that touches the outer ring with a corner, and one with its side.
        "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (0 4, 2 3, 2 5, 0 4))",
        "POLYGON((0 0, 9 0, 9 9, 3 5, 0 9, 0 0), (2 5, 4 5, 3 3, 2 5))",
        // Two holes that touch each other.
        "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 3 1, 3 3, 1 1), (3 3, 5 3, 5 5, 3 3))",
        // Areas that meet at corners, and one inside the hole of another.
        "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 1, 0 0)), ((1 1, 2 1, 2 2, 1 2, 1 1)))",
        "MULTIPOLYGON(((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 8, 8 8, 8 1, 1 1)), ((2 2, 3 2, 3 3, 2 2)))",
        "MULTIPOLYGON(((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 8, 8 8, 8 1, 1 1)), ((1 4, 4 1, 8 4, 4 8, 1 4)))",
    ] {
        assert!(Geometry::read(text).is_ok(), "{text}: {:?}", Geometry::read(text));
    }
}

#[test]
fn words_say_what_lists_show() {
    let rows = [
        ("120.155,30.274", "点 120.155, 30.274", "Point 120.155, 30.274", Shape::Point, 1),
        ("MULTIPOINT(1 2, 3 4)", "2 个点", "2 points", Shape::Point, 2),
        ("LINESTRING(1 2, 3 4, 5 7)", "线 3 个点", "Line of 3 points", Shape::Line, 3),
        ("POLYGON((0 0, 1 0, 1 1, 0 0))", "面 3 个点", "Area of 3 points", Shape::Polygon, 3),
        (
            "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))",
            "2 个面 6 个点",
            "2 areas of 6 points",
            Shape::Polygon,
            6,
        ),
    ];
    for (text, zh, en, shape, points) in rows {
        let geometry = Geometry::read(text).unwrap();
        assert_eq!((geometry.shape(), geometry.points()), (shape, points), "{text}");
        let words = geometry.words();
        assert_eq!((words.get(Lang::Zh), words.get(Lang::En)), (zh, en));
        assert_eq!(geometry.clone().of_shape(Some(shape)).unwrap(), geometry);
        assert_eq!(geometry.clone().of_shape(None).unwrap(), geometry);
    }
}
