//! From the ways in which people and programs write a geometry to the one in which it is kept.

use serde_json::{Map, Value};
use zhengtong_base::code::half_width;

use crate::fault::{AreaFault, Fault, PlaceFault, Result, shown};
use crate::model::{Geometry, Shape};
use crate::position::Position;
use crate::valid;

/// Places of one geometry at most.
pub const POINTS_MAX: usize = 10_000;
/// Characters of one geometry at most, as it comes in.
pub const CHARS_MAX: usize = 600_000;
/// Systems of coordinates that are taken: CGCS2000, and WGS 84, which is the same within centimetres.
const DATUMS: [&str; 2] = ["4490", "4326"];
/// The names of geometries, with what they are and whether they are several.
const NAMES: [(&str, Shape, bool); 6] = [
    ("Point", Shape::Point, false),
    ("MultiPoint", Shape::Point, true),
    ("LineString", Shape::Line, false),
    ("MultiLineString", Shape::Line, true),
    ("Polygon", Shape::Polygon, false),
    ("MultiPolygon", Shape::Polygon, true),
];

impl Geometry {
    /// Reads GeoJSON, WKT or `longitude,latitude`, puts it into its one spelling and checks it.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.len() > CHARS_MAX {
            return Err(Fault::Many);
        }
        if text.starts_with('{') {
            return Self::of_json(text)?.checked();
        }
        let text = text.chars().map(half_width).collect::<String>();
        match text.chars().next() {
            None => Err(Fault::Empty),
            Some(first) if first.is_ascii_alphabetic() => of_wkt(&text)?.checked(),
            Some(_) => of_pair(&text),
        }
    }

    /// Reads what [`Geometry::text`] wrote, without checking it again.
    pub fn kept(text: &str) -> Result<Self> {
        Self::of_json(text)
    }

    fn of_json(text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => of_object(&object),
            _ => Err(Fault::Unreadable),
        }
    }

    /// Puts a geometry that was read into its one spelling, and checks it.
    fn checked(mut self) -> Result<Self> {
        if self.parts.is_empty() || self.paths().any(<[Position]>::is_empty) {
            return Err(Fault::Empty);
        }
        for path in self.parts.iter_mut().flatten() {
            path.dedup();
        }
        if self.points() > POINTS_MAX {
            return Err(Fault::Many);
        }
        match self.shape {
            Shape::Line if self.paths().any(|path| path.len() < 2) => return Err(Fault::Line),
            Shape::Point | Shape::Line => {}
            Shape::Polygon => {
                for ring in self.parts.iter().flatten() {
                    if ring.first() != ring.last() || ring.len() < 2 {
                        return Err(AreaFault::Open.into());
                    }
                    if ring.len() < 4 {
                        return Err(AreaFault::Small.into());
                    }
                }
                valid::check(&self.parts)?;
                for part in &mut self.parts {
                    for (at, ring) in part.iter_mut().enumerate() {
                        if valid::goes_left(ring) != (at == 0) {
                            ring.reverse();
                        }
                    }
                }
            }
        }
        Ok(self)
    }
}

fn of_object(object: &Map<String, Value>) -> Result<Geometry> {
    let name = object.get("type").and_then(Value::as_str).ok_or(Fault::Unreadable)?;
    let Some((_, shape, several)) = NAMES.into_iter().find(|known| known.0 == name) else {
        return Err(Fault::Type(shown(name)));
    };
    if let Some(crs) = object.get("crs") {
        let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or_default();
        let number = name.rsplit(':').next().unwrap_or_default();
        if !crs.is_null() && !DATUMS.contains(&number) && number != "CRS84" {
            return Err(Fault::Datum(shown(name)));
        }
    }
    let all = object.get("coordinates").ok_or(Fault::Empty)?;
    let parts = match (shape, several) {
        (Shape::Point, false) if all.as_array().is_some_and(Vec::is_empty) => Vec::new(),
        (Shape::Point, false) => vec![vec![vec![place_of(all)?]]],
        (Shape::Point, true) => each(all, |one| Ok(vec![vec![place_of(one)?]]))?,
        (Shape::Line, false) => vec![vec![path_of(all)?]],
        (Shape::Line, true) => each(all, |one| Ok(vec![path_of(one)?]))?,
        (Shape::Polygon, false) => vec![each(all, path_of)?],
        (Shape::Polygon, true) => each(all, |one| each(one, path_of))?,
    };
    whole(shape, several, parts)
}

fn each<T>(value: &Value, read: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    value.as_array().ok_or(Fault::Unreadable)?.iter().map(read).collect()
}

fn path_of(value: &Value) -> Result<Vec<Position>> {
    each(value, place_of)
}

fn place_of(value: &Value) -> Result<Position> {
    let numbers = value.as_array().ok_or(PlaceFault::Pair)?;
    let number = |value: &Value| match value {
        Value::Number(number) => Ok(number.to_string()),
        other => Err(PlaceFault::Number(shown(&other.to_string()))),
    };
    match &numbers[..] {
        [lon, lat] => Position::read(&number(lon)?, &number(lat)?),
        [_, _, ..] => Err(PlaceFault::Height.into()),
        _ => Err(PlaceFault::Pair.into()),
    }
}

/// A geometry of parts of which none is empty.
fn whole(shape: Shape, several: bool, parts: Vec<Vec<Vec<Position>>>) -> Result<Geometry> {
    let empty = parts.is_empty() || parts.iter().any(Vec::is_empty);
    if empty { Err(Fault::Empty) } else { Ok(Geometry { shape, several, parts }) }
}

/// Two numbers with a comma or spaces between.
fn of_pair(text: &str) -> Result<Geometry> {
    let parts: Vec<&str> =
        text.split([',', ' ', '、', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [lon, lat] => {
            let place = Position::read(lon, lat)?;
            Ok(Geometry { shape: Shape::Point, several: false, parts: vec![vec![vec![place]]] })
        }
        [_, _, _] => Err(PlaceFault::Height.into()),
        _ => Err(Fault::Unreadable),
    }
}

fn of_wkt(text: &str) -> Result<Geometry> {
    let upper = text.to_ascii_uppercase();
    let rest = match upper.strip_prefix("SRID=") {
        None => upper.as_str(),
        Some(rest) => {
            let (number, rest) = rest.split_once(';').ok_or(Fault::Unreadable)?;
            if !DATUMS.contains(&number.trim()) {
                return Err(Fault::Datum(format!("SRID={}", shown(number))));
            }
            rest
        }
    };
    let mut wkt = Wkt { rest: rest.trim_start() };
    let name = wkt.word();
    let known = NAMES.into_iter().find(|known| known.0.eq_ignore_ascii_case(name));
    let Some((_, shape, several)) = known else {
        // `POINTZ` and the like, and geometries with curves.
        let flat = name.trim_end_matches(['Z', 'M']);
        let high = NAMES.iter().any(|known| known.0.eq_ignore_ascii_case(flat));
        return Err(match (wkt.rest.trim_start().starts_with('('), high) {
            (false, _) => Fault::Unreadable,
            (true, true) => PlaceFault::Height.into(),
            (true, false) => Fault::Type(shown(name)),
        });
    };
    match wkt.word() {
        "" => {}
        "EMPTY" => return Err(Fault::Empty),
        "Z" | "M" | "ZM" => return Err(PlaceFault::Height.into()),
        _ => return Err(Fault::Unreadable),
    }
    let parts = match (shape, several) {
        (Shape::Point | Shape::Line, false) => vec![vec![wkt.path()?]],
        (Shape::Point, true) => wkt.listed(|wkt| Ok(vec![wkt.lone()?]))?,
        (Shape::Line, true) => wkt.listed(|wkt| Ok(vec![wkt.path()?]))?,
        (Shape::Polygon, false) => vec![wkt.listed(Wkt::path)?],
        (Shape::Polygon, true) => wkt.listed(|wkt| wkt.listed(Wkt::path))?,
    };
    let lone = shape != Shape::Point || parts.iter().flatten().all(|path| path.len() == 1);
    if !wkt.rest.trim().is_empty() || !lone {
        return Err(Fault::Unreadable);
    }
    whole(shape, several, parts)
}

/// What is left of a text of WKT.
struct Wkt<'a> {
    rest: &'a str,
}

impl<'a> Wkt<'a> {
    /// The next word; empty when something else stands there.
    fn word(&mut self) -> &'a str {
        self.up_to(|letter| !letter.is_ascii_alphabetic())
    }

    fn up_to(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest.trim_start();
        let at = text.find(end).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        self.rest = rest;
        word
    }

    fn takes(&mut self, mark: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Things in brackets with commas between.
    fn listed<T>(&mut self, read: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        if !self.takes('(') {
            return Err(Fault::Unreadable);
        }
        let mut all = vec![read(self)?];
        while self.takes(',') {
            all.push(read(self)?);
        }
        if self.takes(')') { Ok(all) } else { Err(Fault::Unreadable) }
    }

    fn path(&mut self) -> Result<Vec<Position>> {
        self.listed(Self::place)
    }

    /// A position of several, in brackets or without.
    fn lone(&mut self) -> Result<Vec<Position>> {
        if self.rest.trim_start().starts_with('(') { self.path() } else { Ok(vec![self.place()?]) }
    }

    fn place(&mut self) -> Result<Position> {
        let number = |wkt: &mut Self| {
            wkt.up_to(|letter| letter.is_whitespace() || matches!(letter, '(' | ')' | ','))
        };
        let (lon, lat) = (number(self), number(self));
        if lon.is_empty() || lat.is_empty() {
            return Err(PlaceFault::Pair.into());
        }
        let place = Position::read(lon, lat)?;
        if number(self).is_empty() { Ok(place) } else { Err(PlaceFault::Height.into()) }
    }
}
