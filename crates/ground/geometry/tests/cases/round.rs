//! WKT and GeoJSON of one geometry are read as the same, and its spelling stays what it is.

use proptest::prelude::*;
use zhengtong_geometry::Geometry;

fn place() -> impl Strategy<Value = (i64, i64)> {
    (730_000_000_i64..=1_360_000_000, 30_000_000_i64..=540_000_000)
}

fn number(value: i64) -> String {
    format!("{}.{:07}", value / 10_000_000, value % 10_000_000)
}

fn listed(places: &[(i64, i64)]) -> String {
    let all: Vec<String> =
        places.iter().map(|(lon, lat)| format!("{} {}", number(*lon), number(*lat))).collect();
    all.join(", ")
}

/// A ring around a place: corners by growing angle, so that it does not cross itself.
fn ring() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let corners = prop::collection::vec(1_000_i64..90_000_000, 8);
    (place(), corners).prop_map(|((lon, lat), far)| {
        let ways = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)];
        let corner = |(far, (x, y)): (&i64, (i64, i64))| {
            ((lon + x * far).clamp(0, 1_800_000_000), (lat + y * far / 10).clamp(0, 900_000_000))
        };
        let mut all: Vec<(i64, i64)> = far.iter().zip(ways).map(corner).collect();
        all.extend(all.first().copied());
        all
    })
}

fn texts() -> impl Strategy<Value = String> {
    let path = || prop::collection::vec(place(), 2..12);
    prop_oneof![
        place().prop_map(|one| format!("POINT({})", listed(&[one]))),
        path().prop_map(|all| format!("MULTIPOINT({})", listed(&all))),
        path().prop_map(|all| format!("LINESTRING({})", listed(&all))),
        (path(), path()).prop_map(|(a, b)| format!(
            "MULTILINESTRING(({}), ({}))",
            listed(&a),
            listed(&b)
        )),
        ring().prop_map(|all| format!("POLYGON(({}))", listed(&all))),
    ]
}

proptest! {
    #[test]
    fn a_geometry_comes_back_as_it_went_out(text in texts()) {
        // Corners that fall together at an edge may cross; what is taken must come back.
        if let Ok(read) = Geometry::read(&text) {
            let spelling = read.text();
            prop_assert_eq!(&Geometry::read(&spelling).unwrap(), &read);
            prop_assert_eq!(&Geometry::read(&read.wkt()).unwrap(), &read);
            prop_assert_eq!(&Geometry::kept(&spelling).unwrap(), &read);
            prop_assert_eq!(Geometry::read(&spelling).unwrap().text(), spelling);
        } else {
            prop_assert!(text.starts_with("POLYGON"), "{}", text);
        }
    }

    #[test]
    fn nothing_that_comes_in_stops_the_program(text in "[A-Z{}\\[\\]()\", 0-9.eE;=-]{0,60}") {
        match Geometry::read(&text) {
            Ok(read) => prop_assert_eq!(Geometry::read(&read.text()).unwrap(), read),
            Err(fault) => prop_assert!(!fault.text().zh.is_empty() && !fault.text().en.is_empty()),
        }
    }
}
