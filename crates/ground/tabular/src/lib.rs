#![doc = include_str!("../README.md")]

mod csv;
mod detect;
mod infer;
mod json;
mod lines;
mod model;
mod parquet;
mod read;
mod sheet;
mod write;

pub use detect::detect;
pub use infer::{Guess, Inferred, infer};
pub use model::{
    Dialect, Encoding, Error, Fault, Format, Item, LIMITS, Layout, Position, Record, Result, Table,
    TabularLimits,
};
pub use parquet::write_parquet;
pub use read::{chunk, read_all, whole};
pub use write::{Cell, csv_line, guard, unguard, write_csv, write_json, write_xlsx};
