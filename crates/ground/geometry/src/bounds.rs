//! Ranges of longitude and latitude: the one a geometry lies in, and those that are asked for.

use zhengtong_base::Text;

use crate::position::{Position, decimal};

/// How far around a place is looked at most, in metres.
pub const METRES_MAX: u32 = 100_000;
/// Metres of one degree of latitude, at the least: a range made with it is never too small.
const METRES_A_DEGREE: f64 = 110_500.0;

/// A range: from west to east and from south to north.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub(crate) low: Position,
    pub(crate) high: Position,
}

/// A place, and how far around it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    place: Position,
    metres: u32,
}

impl Bounds {
    /// Reads `west,south,east,north`.
    pub fn read(text: &str) -> Result<Self, Text> {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let [west, south, east, north] = parts[..] else {
            return Err(Text::new(
                "范围框写四个数：西,南,东,北，例如 120.1,30.2,120.2,30.3",
                "a bounding box has four numbers: west,south,east,north, such as 120.1,30.2,120.2,30.3",
            ));
        };
        let low = Position::read(west, south).map_err(|fault| fault.text())?;
        let high = Position::read(east, north).map_err(|fault| fault.text())?;
        if low.lon < high.lon && low.lat < high.lat {
            return Ok(Self { low, high });
        }
        Err(Text::new(
            "范围框要从西到东、从南到北：西小于东，南小于北",
            "a bounding box goes from west to east and from south to north",
        ))
    }

    /// The range around some places; none when there are none.
    pub fn around(places: impl IntoIterator<Item = Position>) -> Option<Self> {
        let one = |place: Position| Self { low: place, high: place };
        places.into_iter().map(one).reduce(Self::with)
    }

    /// The range that holds both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let low =
            Position { lon: self.low.lon.min(other.low.lon), lat: self.low.lat.min(other.low.lat) };
        let high = Position {
            lon: self.high.lon.max(other.high.lon),
            lat: self.high.lat.max(other.high.lat),
        };
        Self { low, high }
    }

    /// Whether the two have a place in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        let apart = self.low.lon > other.high.lon
            || other.low.lon > self.high.lon
            || self.low.lat > other.high.lat
            || other.low.lat > self.high.lat;
        !apart
    }

    /// The corner in the south west.
    pub fn low(self) -> Position {
        self.low
    }

    /// The corner in the north east.
    pub fn high(self) -> Position {
        self.high
    }

    /// The range as an area of WKT.
    pub fn wkt(self) -> String {
        let (west, east) = (decimal(self.low.lon), decimal(self.high.lon));
        let (south, north) = (decimal(self.low.lat), decimal(self.high.lat));
        format!(
            "POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"
        )
    }
}

impl Near {
    /// Reads `longitude,latitude` and how many metres around it.
    pub fn read(place: &str, metres: &str) -> Result<Self, (&'static str, Text)> {
        let parts: Vec<&str> = place.split(',').map(str::trim).collect();
        let [lon, lat] = parts[..] else {
            let text = Text::new(
                "位置写两个数：经度,纬度，例如 120.155,30.274",
                "a place has two numbers: longitude,latitude, such as 120.155,30.274",
            );
            return Err(("near", text));
        };
        let place = Position::read(lon, lat).map_err(|fault| ("near", fault.text()))?;
        let count = metres.parse().ok().filter(|metres| (1..=METRES_MAX).contains(metres));
        let metres = count.ok_or_else(|| {
            let text = Text::new(
                format!("距离是 1 到 {METRES_MAX} 的整数，单位米"),
                format!("the distance is a whole number of metres from 1 to {METRES_MAX}"),
            );
            ("within", text)
        })?;
        Ok(Self { place, metres })
    }

    /// How many metres.
    pub fn metres(self) -> u32 {
        self.metres
    }

    /// The place as WKT.
    pub fn wkt(self) -> String {
        format!("POINT({} {})", decimal(self.place.lon), decimal(self.place.lat))
    }

    /// A range that holds everything that is so near, and some more. It ends at the date line.
    pub fn bounds(self) -> Bounds {
        let metres = f64::from(self.metres);
        let (lon, lat) = (self.place.lon, self.place.lat);
        let up = metres / METRES_A_DEGREE;
        let edge = self.place.degrees().1.abs() + up;
        // Around a pole every longitude is near.
        let across = if edge < 89.0 { up / edge.to_radians().cos() } else { 360.0 };
        let place = |lon: i64, lat: i64| Position {
            lon: lon.clamp(-1_800_000_000, 1_800_000_000),
            lat: lat.clamp(-900_000_000, 900_000_000),
        };
        let (up, across) = (parts_of(up), parts_of(across));
        Bounds { low: place(lon - across, lat - up), high: place(lon + across, lat + up) }
    }
}

/// Degrees as ten-millionths, rounded up.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a range around a place has 360 degrees at most"
)]
fn parts_of(degrees: f64) -> i64 {
    (degrees * 1e7).ceil() as i64
}
