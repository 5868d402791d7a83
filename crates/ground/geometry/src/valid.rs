//! Whether areas are as they must be, in whole numbers, as ISO 19125 says: rings that do not cross themselves or each other,
//! holes inside, an inside that hangs together, areas that share points at most.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::Bounds;
use crate::fault::{AreaFault, Result};
use crate::position::Position;

/// One side of a ring.
struct Side {
    from: Position,
    to: Position,
    part: usize,
    ring: usize,
    /// Its place in the ring, and how many sides the ring has.
    at: usize,
    of: usize,
}

/// Where rings touch.
#[derive(Default)]
struct Touches {
    /// Within one area: the rings that meet at each place.
    rings: BTreeMap<usize, BTreeMap<Position, BTreeSet<usize>>>,
    /// Between areas: the places on each side, named by area, ring and its place in the ring.
    sides: BTreeMap<(usize, usize, usize), BTreeSet<Position>>,
}

/// Refuses areas that are not as they must be. Rings are closed and have no place twice in a row.
pub(crate) fn check(parts: &[Vec<Vec<Position>>]) -> Result<()> {
    let mut sides = sides(parts);
    sides.sort_by_key(Side::west);
    let mut touches = Touches::default();
    let mut open: Vec<&Side> = Vec::new();
    for side in &sides {
        open.retain(|other| other.east() >= side.west());
        for other in &open {
            meet(side, other, &mut touches)?;
        }
        open.push(side);
    }
    let none = BTreeMap::new();
    for (at, rings) in parts.iter().enumerate() {
        let meeting = touches.rings.get(&at).unwrap_or(&none);
        hangs_together(rings.len(), meeting)?;
        holes(rings, meeting)?;
    }
    apart(parts, &touches)
}

/// Whether a ring goes against the clock.
pub(crate) fn goes_left(ring: &[Position]) -> bool {
    let pairs = ring.iter().zip(ring.iter().skip(1));
    let twice: i128 = pairs
        .map(|(a, b)| i128::from(a.lon) * i128::from(b.lat) - i128::from(b.lon) * i128::from(a.lat))
        .sum();
    twice > 0
}

impl Side {
    fn west(&self) -> i64 {
        self.from.lon.min(self.to.lon)
    }

    fn east(&self) -> i64 {
        self.from.lon.max(self.to.lon)
    }

    fn is_beside(&self, other: &Self) -> bool {
        let low = |side: &Self| side.from.lat.min(side.to.lat);
        let high = |side: &Self| side.from.lat.max(side.to.lat);
        self.west() > other.east()
            || other.west() > self.east()
            || low(self) > high(other)
            || low(other) > high(self)
    }

    fn follows(&self, other: &Self) -> bool {
        (other.at + 1) % other.of == self.at
    }
}

fn sides(parts: &[Vec<Vec<Position>>]) -> Vec<Side> {
    let mut sides = Vec::new();
    for (part, rings) in parts.iter().enumerate() {
        for (ring, places) in rings.iter().enumerate() {
            let of = places.len().saturating_sub(1);
            let pairs = places.iter().zip(places.iter().skip(1)).enumerate();
            sides.extend(pairs.map(|(at, (from, to))| Side {
                from: *from,
                to: *to,
                part,
                ring,
                at,
                of,
            }));
        }
    }
    sides
}

/// On which side of the way from `a` to `b` a place lies: above 0 on the left, below on the right, 0 on its line.
fn turn(a: Position, b: Position, c: Position) -> i128 {
    let (ux, uy) = (i128::from(b.lon - a.lon), i128::from(b.lat - a.lat));
    let (vx, vy) = (i128::from(c.lon - a.lon), i128::from(c.lat - a.lat));
    (ux * vy - uy * vx).signum()
}

/// Whether a place that is on the line of a side is on the side itself.
fn is_between(place: Position, side: &Side) -> bool {
    let within = |one: i64, a: i64, b: i64| (a.min(b)..=a.max(b)).contains(&one);
    within(place.lon, side.from.lon, side.to.lon) && within(place.lat, side.from.lat, side.to.lat)
}

/// Looks where two sides meet: refuses what must not be, and keeps where rings touch.
fn meet(one: &Side, other: &Side, touches: &mut Touches) -> Result<()> {
    if one.is_beside(other) {
        return Ok(());
    }
    let same = (one.part, one.ring) == (other.part, other.ring);
    let wrong = |place: Position| {
        if same { AreaFault::Crossing(place) } else { AreaFault::Rings(place) }
    };
    let (a, b) = (turn(one.from, one.to, other.from), turn(one.from, one.to, other.to));
    let (c, d) = (turn(other.from, other.to, one.from), turn(other.from, other.to, one.to));
    if a * b < 0 && c * d < 0 {
        return Err(wrong(one.from).into());
    }
    // What is left are ends of one that lie on the other.
    let mut shared = BTreeSet::new();
    let ends = [(a, other.from, one), (b, other.to, one), (c, one.from, other), (d, one.to, other)];
    for (turned, place, side) in ends {
        if turned == 0 && is_between(place, side) {
            shared.insert(place);
        }
    }
    let Some(first) = shared.first().copied() else { return Ok(()) };
    if shared.len() > 1 {
        return Err(wrong(first).into());
    }
    if same {
        let joined = (one.follows(other) && first == one.from)
            || (other.follows(one) && first == other.from);
        return if joined { Ok(()) } else { Err(wrong(first).into()) };
    }
    if one.part == other.part {
        let meeting = touches.rings.entry(one.part).or_default().entry(first).or_default();
        meeting.extend([one.ring, other.ring]);
    } else {
        for side in [one, other] {
            touches.sides.entry((side.part, side.ring, side.at)).or_default().insert(first);
        }
    }
    Ok(())
}

/// Rings that touch in a circle cut the inside into pieces: no two that meet hang together already.
fn hangs_together(rings: usize, meeting: &BTreeMap<Position, BTreeSet<usize>>) -> Result<()> {
    let mut groups: Vec<usize> = (0..rings).collect();
    for (place, met) in meeting {
        let joined: BTreeSet<usize> =
            met.iter().filter_map(|ring| groups.get(*ring).copied()).collect();
        if joined.len() < met.len() {
            return Err(AreaFault::Cut(*place).into());
        }
        let first = joined.first().copied().unwrap_or(0);
        for group in groups.iter_mut().filter(|group| joined.contains(&**group)) {
            *group = first;
        }
    }
    Ok(())
}

/// Holes lie inside their area and not in each other. Rings of one area do not cross and touch at single places, so that one
/// place beside those tells of the whole ring.
fn holes(rings: &[Vec<Position>], meeting: &BTreeMap<Position, BTreeSet<usize>>) -> Result<()> {
    let touched: BTreeSet<(i64, i64)> = meeting.keys().map(|place| twice(*place)).collect();
    let Some(outer) = rings.first() else { return Ok(()) };
    for (at, ring) in rings.iter().enumerate().skip(1) {
        let pairs = ring.iter().zip(ring.iter().skip(1));
        let mut places = pairs.flat_map(|(a, b)| [twice(*a), middle(*a, *b)]);
        let free = places.find(|place| !touched.contains(place)).ok_or(AreaFault::Hole)?;
        let mut others = rings.iter().enumerate().skip(1).filter(|(other, _)| *other != at);
        if !is_inside(free, outer) || others.any(|(_, other)| is_inside(free, other)) {
            return Err(AreaFault::Hole.into());
        }
    }
    Ok(())
}

/// Areas of one geometry share single places at most: no piece of a side of one runs inside another. Between the places
/// where a side meets the other area, its middle tells of the whole piece.
fn apart(parts: &[Vec<Vec<Position>>], touches: &Touches) -> Result<()> {
    let around = |part: &Vec<Vec<Position>>| Bounds::around(part.iter().flatten().copied());
    let ranges: Vec<Option<Bounds>> = parts.iter().map(around).collect();
    for (at, (part, range)) in parts.iter().zip(&ranges).enumerate() {
        for (other, (area, reach)) in parts.iter().zip(&ranges).enumerate() {
            let (Some(range), Some(reach)) = (range, reach) else { continue };
            if at == other || !range.meets(*reach) {
                continue;
            }
            let inside = |place: &(i64, i64)| {
                let mut rings = area.iter().map(|ring| is_inside(*place, ring));
                rings.next() == Some(true) && !rings.any(|hole| hole)
            };
            for (number, ring) in part.iter().enumerate() {
                if pieces((at, number), ring, touches).iter().any(inside) {
                    return Err(AreaFault::Overlap.into());
                }
            }
        }
    }
    Ok(())
}

/// Places that tell of a ring: the middle of each piece between the places where it touches other areas, or the middle of
/// one side where it touches none.
fn pieces((part, ring): (usize, usize), path: &[Position], touches: &Touches) -> Vec<(i64, i64)> {
    let mut places = Vec::new();
    let mut alone = None;
    for (at, (from, to)) in path.iter().zip(path.iter().skip(1)).enumerate() {
        alone = alone.or(Some(middle(*from, *to)));
        let Some(met) = touches.sides.get(&(part, ring, at)) else { continue };
        let mut stops: Vec<Position> = met.iter().copied().chain([*from, *to]).collect();
        // In the order of longitude and then latitude they lie along the side.
        stops.sort_unstable();
        stops.dedup();
        places.extend(stops.iter().zip(stops.iter().skip(1)).map(|(a, b)| middle(*a, *b)));
    }
    if places.is_empty() { alone.into_iter().collect() } else { places }
}

/// A place in halves of the unit, so that the middle of a side is one as well.
fn twice(place: Position) -> (i64, i64) {
    (place.lon * 2, place.lat * 2)
}

/// The middle between two places, in halves.
fn middle(a: Position, b: Position) -> (i64, i64) {
    (a.lon + b.lon, a.lat + b.lat)
}

/// Whether a place, in halves, lies inside a ring. It is never asked of a place on the ring.
fn is_inside((x, y): (i64, i64), ring: &[Position]) -> bool {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
        let ((ax, ay), (bx, by)) = (twice(*a), twice(*b));
        if (ay > y) == (by > y) {
            continue;
        }
        let left =
            i128::from(bx - ax) * i128::from(y - ay) - i128::from(x - ax) * i128::from(by - ay);
        if (left > 0) == (by > ay) {
            inside = !inside;
        }
    }
    inside
}
