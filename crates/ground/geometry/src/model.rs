//! The six geometries, and their one spelling.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;

use crate::bounds::Bounds;
use crate::fault::{Fault, Result};
use crate::position::{Position, decimal};

/// What kind of geometry is kept, one or several of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Areas.
    Polygon,
}

/// A geometry on the ground, of longitudes and latitudes in CGCS2000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub(crate) shape: Shape,
    /// Whether it is written as several, even if it is one.
    pub(crate) several: bool,
    /// Points: one path of one position each. Lines: one path each. Areas: the rings of each, the outer one first.
    pub(crate) parts: Vec<Vec<Vec<Position>>>,
}

impl Shape {
    /// The word of packs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Line => "line",
            Self::Polygon => "polygon",
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Self::Point => Text::new("点", "a point"),
            Self::Line => Text::new("线", "a line"),
            Self::Polygon => Text::new("面", "an area"),
        }
    }
}

impl Geometry {
    /// What kind it is.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Refuses another shape than is kept.
    pub fn of_shape(self, wanted: Option<Shape>) -> Result<Self> {
        match wanted.filter(|wanted| *wanted != self.shape) {
            Some(wanted) => Err(Fault::Shape { wanted, found: self.shape }),
            None => Ok(self),
        }
    }

    /// The places it goes through: for areas ring by ring, for points one path for each.
    pub fn paths(&self) -> impl Iterator<Item = &[Position]> {
        self.parts.iter().flatten().map(Vec::as_slice)
    }

    /// How many different places it names; the end of a ring is its beginning.
    pub fn points(&self) -> usize {
        let again = usize::from(self.shape == Shape::Polygon);
        self.paths().map(|path| path.len().saturating_sub(again)).sum()
    }

    /// The range in which it lies.
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.paths().flatten().copied())
    }

    /// The one spelling: GeoJSON text.
    pub fn text(&self) -> String {
        let mut text = format!("{{\"type\":\"{}\",\"coordinates\":", self.name());
        self.write(&mut text, &Marks { open: "[", close: "]", next: ",", pair: ("[", ",", "]") });
        text.push('}');
        text
    }

    /// The same as WKT.
    pub fn wkt(&self) -> String {
        let mut text = self.name().to_uppercase();
        let marks = Marks { open: "(", close: ")", next: ", ", pair: ("", " ", "") };
        if self.shape == Shape::Point && !self.several {
            text.push('(');
            self.write(&mut text, &marks);
            text.push(')');
        } else {
            self.write(&mut text, &marks);
        }
        text
    }

    /// What lists show: a point by its place, the others by how many points they have.
    pub fn words(&self) -> Text {
        let (parts, points) = (self.parts.len(), self.points());
        let single = parts == 1;
        match (self.shape, self.paths().next().and_then(<[Position]>::first)) {
            (Shape::Point, Some(place)) if single => {
                Text::new(format!("点 {place}"), format!("Point {place}"))
            }
            (Shape::Point, _) => Text::new(format!("{points} 个点"), format!("{points} points")),
            (Shape::Line, _) if single => {
                Text::new(format!("线 {points} 个点"), format!("Line of {points} points"))
            }
            (Shape::Line, _) => Text::new(
                format!("{parts} 条线 {points} 个点"),
                format!("{parts} lines of {points} points"),
            ),
            (Shape::Polygon, _) if single => {
                Text::new(format!("面 {points} 个点"), format!("Area of {points} points"))
            }
            (Shape::Polygon, _) => Text::new(
                format!("{parts} 个面 {points} 个点"),
                format!("{parts} areas of {points} points"),
            ),
        }
    }

    fn name(&self) -> &'static str {
        match (self.shape, self.several) {
            (Shape::Point, false) => "Point",
            (Shape::Point, true) => "MultiPoint",
            (Shape::Line, false) => "LineString",
            (Shape::Line, true) => "MultiLineString",
            (Shape::Polygon, false) => "Polygon",
            (Shape::Polygon, true) => "MultiPolygon",
        }
    }

    fn write(&self, text: &mut String, marks: &Marks) {
        marks.listed(text, &self.parts, self.several, |text, part| match self.shape {
            Shape::Point => {
                let first = part.iter().flatten().take(1);
                marks.listed(text, first, false, |text, place| marks.place(text, *place));
            }
            Shape::Line => {
                marks.listed(text, part.iter().take(1), false, |text, path| marks.path(text, path));
            }
            Shape::Polygon => marks.listed(text, part, true, |text, ring| marks.path(text, ring)),
        });
    }
}

/// What stands between positions.
struct Marks {
    open: &'static str,
    close: &'static str,
    next: &'static str,
    pair: (&'static str, &'static str, &'static str),
}

impl Marks {
    fn listed<T>(
        &self,
        text: &mut String,
        all: impl IntoIterator<Item = T>,
        marked: bool,
        write: impl Fn(&mut String, T),
    ) {
        text.push_str(if marked { self.open } else { "" });
        for (at, one) in all.into_iter().enumerate() {
            text.push_str(if at > 0 { self.next } else { "" });
            write(text, one);
        }
        text.push_str(if marked { self.close } else { "" });
    }

    fn path(&self, text: &mut String, path: &[Position]) {
        self.listed(text, path, true, |text, place| self.place(text, *place));
    }

    fn place(&self, text: &mut String, place: Position) {
        let (open, between, close) = self.pair;
        let (lon, lat) = (decimal(place.lon), decimal(place.lat));
        text.extend([open, &lon, between, &lat, close]);
    }
}
