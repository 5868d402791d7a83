#![doc = include_str!("../README.md")]

mod bounds;
mod fault;
mod model;
mod position;
mod read;
mod valid;

pub use bounds::{Bounds, METRES_MAX, Near};
pub use fault::{AreaFault, Fault, PlaceFault, Result};
pub use model::{Geometry, Shape};
pub use position::Position;
pub use read::{CHARS_MAX, POINTS_MAX};
