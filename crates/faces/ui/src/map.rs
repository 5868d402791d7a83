//! A simple map: points, lines and areas on an empty ground, drawn by the server, with what it shows in words. It asks no other
//! machine for anything, and tells where things lie among each other, not where a border runs.

use std::fmt::Write as _;

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_geometry::{Bounds, Geometry, Position, Shape};

use crate::words::Words;

/// Width of the sheet; its height follows from what it shows.
const WIDTH: f64 = 400.0;
/// The lowest and the highest sheet.
const HEIGHT: (f64, f64) = (140.0, 320.0);
/// Room around what is shown.
const MARGIN: f64 = 18.0;
/// Half the size of a point.
const POINT: f64 = 5.0;
/// Degrees that are shown at least, about a hundred metres.
const LEAST: f64 = 0.001;

/// A thing on the map.
#[derive(Clone, Debug)]
pub struct Mapped<'a> {
    /// What people call it.
    pub name: Words<'a>,
    /// Where it lies.
    pub geometry: &'a Geometry,
}

/// How a range lies on the sheet.
struct Sheet {
    west: f64,
    north: f64,
    /// How long a degree of longitude and one of latitude are.
    scale: (f64, f64),
    /// What is left at the left and above.
    rest: (f64, f64),
    height: f64,
}

/// Draws the things with a title; nothing when there are none.
pub fn map(lang: Lang, title: &str, all: &[Mapped<'_>]) -> Markup {
    let ranges = all.iter().filter_map(|one| one.geometry.bounds());
    let Some(range) = ranges.reduce(Bounds::with) else { return html! {} };
    let sheet = Sheet::of(range);
    let said = said(lang, range, all.len());
    html! {
        figure.map {
            svg viewBox={ "0 0 " (WIDTH) " " (sheet.height) } role="img" aria-label=(title) {
                title { (title) }
                desc { (said) }
                rect.map-ground x="0" y="0" width=(WIDTH) height=(sheet.height) {}
                // Areas lie below lines, and lines below points.
                @for shape in [Shape::Polygon, Shape::Line, Shape::Point] {
                    @for one in all.iter().filter(|one| one.geometry.shape() == shape) { (drawn(&sheet, one)) }
                }
            }
            figcaption.meta { (said) (lang.pick("示意图，不作划界依据。", " A sketch; no border follows from it.")) }
        }
    }
}

fn said(lang: Lang, range: Bounds, count: usize) -> String {
    let (low, high) = (range.low(), range.high());
    let (west, south) = (low.longitude(), low.latitude());
    let (east, north) = (high.longitude(), high.latitude());
    match lang {
        Lang::Zh => format!("{count} 处，经度 {west} 到 {east}，纬度 {south} 到 {north}。"),
        Lang::En => format!(
            "{count} places, longitude {west} to {east}, latitude {south} to {north}, CGCS2000."
        ),
    }
}

fn drawn(sheet: &Sheet, one: &Mapped<'_>) -> Markup {
    let name = html! { @if !one.name.is_empty() { title { (one.name) } } };
    match one.geometry.shape() {
        Shape::Point => html! {
            @for place in one.geometry.paths().flatten() {
                @let (x, y) = sheet.at(*place);
                circle.map-point cx=(tenth(x)) cy=(tenth(y)) r=(POINT) { (name) }
            }
        },
        Shape::Line => html! { path.map-line d=(sheet.path(one.geometry, "")) { (name) } },
        Shape::Polygon => html! { path.map-area d=(sheet.path(one.geometry, "z")) { (name) } },
    }
}

impl Sheet {
    fn of(range: Bounds) -> Self {
        let ((west, south), (east, north)) = (range.low().degrees(), range.high().degrees());
        let narrow = f64::midpoint(south, north).to_radians().cos().max(0.01);
        let wide = ((east - west) * narrow).max(LEAST);
        let high = (north - south).max(LEAST);
        let (least, most) = HEIGHT;
        let inner = WIDTH - MARGIN * 2.0;
        let height = (inner * high / wide + MARGIN * 2.0).clamp(least, most);
        let degree = (inner / wide).min((height - MARGIN * 2.0) / high);
        let rest = (
            (WIDTH - (east - west) * narrow * degree) / 2.0,
            (height - (north - south) * degree) / 2.0,
        );
        Self { west, north, scale: (degree * narrow, degree), rest, height: height.round() }
    }

    fn at(&self, place: Position) -> (f64, f64) {
        let (lon, lat) = place.degrees();
        let x = self.rest.0 + (lon - self.west) * self.scale.0;
        let y = self.rest.1 + (self.north - lat) * self.scale.1;
        (x, y)
    }

    fn path(&self, geometry: &Geometry, end: &str) -> String {
        let mut out = String::new();
        for path in geometry.paths() {
            for (index, place) in path.iter().enumerate() {
                let (x, y) = self.at(*place);
                let verb = if index == 0 { 'M' } else { 'L' };
                // Writing to a string cannot fail.
                let _unused = write!(out, "{verb}{x:.1} {y:.1}");
            }
            out.push_str(end);
        }
        out
    }
}

fn tenth(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(texts: &[(&'static str, &str)]) -> String {
        let all: Vec<Geometry> =
            texts.iter().map(|(_, text)| Geometry::read(text).unwrap()).collect();
        let mapped = texts.iter().zip(&all);
        let mapped: Vec<Mapped<'_>> =
            mapped.map(|((name, _), geometry)| Mapped { name: (*name).into(), geometry }).collect();
        map(Lang::Zh, "前几行的位置", &mapped).into_string()
    }

    #[test]
    fn a_map_shows_what_lies_where_and_says_it() {
        insta::assert_snapshot!(drawn(&[
            ("示例桥", "120.15,30.25"),
            ("示例路", "LINESTRING(120.1 30.2, 120.2 30.25)"),
            ("示例区", "POLYGON((120.1 30.2, 120.2 30.2, 120.2 30.3, 120.1 30.2))"),
        ]));
    }

    #[test]
    fn one_place_alone_stands_in_the_middle() {
        let html = drawn(&[("", "120.15,30.25")]);
        assert!(html.contains(r#"cx="200.0""#) && !html.contains("NaN"), "{html}");
        assert_eq!(drawn(&[]), "");
    }

    #[test]
    fn north_is_above_and_east_is_right() {
        let sheet =
            Sheet::of(Geometry::read("MULTIPOINT(120 30, 121 31)").unwrap().bounds().unwrap());
        let at = |text: &str| {
            let geometry = Geometry::read(text).unwrap();
            sheet.at(*geometry.paths().flatten().next().unwrap())
        };
        let ((west, south), (east, north)) = (at("120,30"), at("121,31"));
        assert!(west < east && north < south, "{west} {east} {north} {south}");
        assert!(west >= 0.0 && east <= WIDTH && north >= 0.0 && south <= sheet.height);
    }
}
