//! Invents residents of a city and how registers write them down, finds who is one, and prints one line of JSON:
//! how much was found, how much of it is right, how long the processor worked, and how long one more record waits.
//!
//! `persons [RECORDS]`

#![allow(clippy::print_stdout, reason = "its line is its result")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "people are invented by the code of tests"
)]

mod shared;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use shared::cpu_seconds;
use zhengtong_linkage::{Index, Pool, Settings, Verdict, link};

#[path = "../tests/cases/people.rs"]
mod people;

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let (mut records, truth) = people::records(count + 1_000, 42);
    let later = records.split_off(count);
    let plan = people::plan();
    let before = cpu_seconds()?;
    let mut pool = Pool::new(&plan)?;
    for record in &records {
        pool.add(&plan, record)?;
    }
    let linked = link(&plan, &pool, None, &Settings::default())?;
    let worked = cpu_seconds()? - before;
    let of = |id: zhengtong_linkage::RecordId| {
        usize::try_from(id.0 - 1).ok().and_then(|at| truth.get(at))
    };
    let sure: Vec<_> = linked.links.iter().filter(|link| link.verdict == Verdict::Same).collect();
    let right = sure.iter().filter(|link| of(link.left) == of(link.right)).count();
    let doubtful = linked.links.len() - sure.len();
    let mut counts: BTreeMap<usize, u32> = BTreeMap::new();
    for who in truth.iter().take(count) {
        *counts.entry(*who).or_default() += 1;
    }
    let all: f64 =
        counts.values().map(|count| f64::from(*count) * (f64::from(*count) - 1.0) / 2.0).sum();
    let (right, found) = (f64::from(u32::try_from(right)?), f64::from(u32::try_from(sure.len())?));
    let mut index = Index::new(plan, linked.model.clone(), pool)?;
    let mut waits = Vec::with_capacity(later.len());
    for record in &later {
        let from = Instant::now();
        index.add(record)?;
        waits.push(from.elapsed().as_secs_f64() * 1000.0);
    }
    waits.sort_by(f64::total_cmp);
    let middle = waits.get(waits.len() / 2).copied().unwrap_or_default();
    let longest = waits.last().copied().unwrap_or_default();
    println!(
        "{{\"records\":{count},\"pairs\":{found},\"precision\":{:.5},\"recall\":{:.5},\"doubtful\":{doubtful},\"candidates\":{},\"cpu_seconds\":{worked:.2},\"one_record_ms\":{middle:.3},\"one_record_ms_max\":{longest:.3}}}",
        right / found,
        right / all,
        linked.report.candidates,
    );
    println!("{:?}", linked.report.crowded);
    Ok(())
}
