//! What can be wrong with a geometry, in words that say what to do.

use zhengtong_base::Text;

use crate::model::Shape;
use crate::position::Position;
use crate::read::POINTS_MAX;

/// The result of this crate.
pub type Result<T> = std::result::Result<T, Fault>;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is none of the ways in which a geometry is written.
    Unreadable,
    /// There is nothing in it.
    Empty,
    /// It is of a type that is not kept.
    Type(String),
    /// It is of another system of coordinates.
    Datum(String),
    /// A position is not as it must be.
    Place(PlaceFault),
    /// It has more positions than are kept.
    Many,
    /// A line does not get anywhere.
    Line,
    /// The rings of an area are not as they must be.
    Area(AreaFault),
    /// It has another shape than is kept here.
    Shape {
        /// What is kept.
        wanted: Shape,
        /// What it is.
        found: Shape,
    },
}

/// What is wrong with a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceFault {
    /// Something stands where a number should.
    Number(String),
    /// It has not two numbers.
    Pair,
    /// It has a height.
    Height,
    /// Longitude and latitude stand the other way round.
    Swapped(Position),
    /// The numbers are metres on a map, not degrees.
    Projected,
    /// It is not on the earth.
    Range(Position),
}

/// What is wrong with the rings of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaFault {
    /// A ring does not end where it began.
    Open,
    /// A ring has fewer than three different positions.
    Small,
    /// A ring crosses or touches itself.
    Crossing(Position),
    /// Two rings cross, or share a piece of their line.
    Rings(Position),
    /// A hole is not inside its area, or is inside another hole.
    Hole,
    /// Rings touch so that the area falls apart.
    Cut(Position),
    /// Two areas of one geometry overlap.
    Overlap,
}

/// How much of what came in is said again.
const SHOWN_MAX: usize = 40;

/// What came in, as far as it can be said: short, and without signs that cannot be seen.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(SHOWN_MAX).collect()
}

impl From<PlaceFault> for Fault {
    fn from(fault: PlaceFault) -> Self {
        Self::Place(fault)
    }
}

impl From<AreaFault> for Fault {
    fn from(fault: AreaFault) -> Self {
        Self::Area(fault)
    }
}

impl Fault {
    /// What is wrong, and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::Unreadable => Text::new(
                "位置读不出来。请写“经度,纬度”，或者 GeoJSON、WKT，例如 120.155,30.274 或 POINT(120.155 30.274)",
                "the place cannot be read; write longitude,latitude, or GeoJSON or WKT, such as 120.155,30.274 or POINT(120.155 30.274)",
            ),
            Self::Empty => Text::new(
                "里面没有坐标，请补上，或者整项留空",
                "it holds no coordinates; give them, or leave the field empty",
            ),
            Self::Type(name) => Text::new(
                format!("不收 {name}，只收点、线、面以及它们的多个（Multi）"),
                format!(
                    "{name} is not taken; only points, lines and areas, one or several (Multi)"
                ),
            ),
            Self::Datum(name) => Text::new(
                format!(
                    "坐标系 {name} 不收。请先转换成2000国家大地坐标系（EPSG:4490）；也收 EPSG:4326"
                ),
                format!(
                    "coordinates of {name} are not taken; convert them to CGCS2000 (EPSG:4490) first; EPSG:4326 is taken too"
                ),
            ),
            Self::Place(fault) => fault.text(),
            Self::Many => Text::new(
                format!("超过 {POINTS_MAX} 个点，请简化后再登记"),
                format!("it has more than {POINTS_MAX} points; simplify it first"),
            ),
            Self::Line => {
                Text::new("一条线至少要有两个不同的点", "a line has two different points at least")
            }
            Self::Area(fault) => fault.text(),
            Self::Shape { wanted, found } => {
                let (wanted, found) = (wanted.title(), found.title());
                Text::new(
                    format!("这里要登记{}，给的是{}", wanted.zh, found.zh),
                    format!("{} is kept here, and this is {}", wanted.en, found.en),
                )
            }
        }
    }
}

impl PlaceFault {
    fn text(&self) -> Text {
        match self {
            Self::Number(text) => Text::new(
                format!("坐标“{text}”不是数字，请改成 120.155 这样的十进制度"),
                format!(
                    "the coordinate “{text}” is no number; write decimal degrees such as 120.155"
                ),
            ),
            Self::Pair => Text::new(
                "每个位置要有两个数：经度、纬度",
                "a position has two numbers: longitude and latitude",
            ),
            Self::Height => Text::new(
                "每个位置只写经度、纬度两个数，不要高程",
                "a position has longitude and latitude only; leave out the height",
            ),
            Self::Swapped(place) => Text::new(
                format!("{place} 像是纬度写在了前面。请先写经度，再写纬度"),
                format!(
                    "{place} seems to give the latitude first; write the longitude, then the latitude"
                ),
            ),
            Self::Projected => Text::new(
                "坐标像是投影平面的米数。请先换算成经纬度（十进制度）",
                "the coordinates seem to be metres on a map; convert them to longitude and latitude in decimal degrees",
            ),
            Self::Range(place) => Text::new(
                format!("{place} 超出范围：经度 -180 到 180，纬度 -90 到 90"),
                format!("{place} is out of range: longitude -180 to 180, latitude -90 to 90"),
            ),
        }
    }
}

impl AreaFault {
    fn text(self) -> Text {
        match self {
            Self::Open => Text::new(
                "面的边界没有闭合：最后一个点要与第一个点相同",
                "the boundary of the area is not closed: the last point is the first again",
            ),
            Self::Small => Text::new(
                "面的边界至少要有三个不同的点",
                "the boundary of an area has three different points at least",
            ),
            Self::Crossing(place) => Text::new(
                format!("面的边界在 {place} 附近自己相交，请改好"),
                format!("the boundary of the area crosses itself near {place}; put it right"),
            ),
            Self::Rings(place) => Text::new(
                format!("两条边界在 {place} 附近相交或重合，请改好"),
                format!("two boundaries cross or run together near {place}; put it right"),
            ),
            Self::Hole => Text::new(
                "有一个洞不在面的里面，或者在另一个洞里，请改好",
                "a hole is not inside the area, or is inside another hole; put it right",
            ),
            Self::Cut(place) => Text::new(
                format!("边界在 {place} 附近相接，把面分成了几块，请分开写成多个面"),
                format!(
                    "boundaries meet near {place} and cut the area apart; write it as several areas"
                ),
            ),
            Self::Overlap => Text::new(
                "多个面互相重叠，请合并或改好",
                "areas of one geometry overlap; join them or put them right",
            ),
        }
    }
}
