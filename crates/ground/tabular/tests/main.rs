//! Tests of tables: what comes in every shape, what is broken, and that what is written is read back.

#![cfg(test)]

#[path = "cases/bad.rs"]
mod bad;
#[path = "cases/guess.rs"]
mod guess;
#[path = "cases/round.rs"]
mod round;
#[path = "cases/shapes.rs"]
mod shapes;

use zhengtong_tabular::{Table, read_all};

fn read(bytes: &[u8]) -> Table {
    read_all(bytes, 10_000).unwrap()
}

fn rows(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().map(|row| row.iter().map(str::to_owned).collect()).collect()
}
