//! Links the fourth set of FEBRL, 5,000 records with 5,000 more that are about the same persons, and prints one line
//! of JSON: how much was found, how much of it is right, and how long the processor worked.
//!
//! `febrl FOLDER`, with `dataset4a.csv` and `dataset4b.csv` in the folder.

#![allow(clippy::print_stdout, reason = "its line is its result")]

mod shared;

use std::error::Error;
use std::path::Path;

use shared::cpu_seconds;
use zhengtong_linkage::{
    Comparer, FieldPlan, Given, Part, Pass, Plan, Pool, Record, RecordId, Scope, Settings, Verdict,
    link,
};

/// Records that are about the same person have the same number in their names.
const PERSONS: f64 = 5000.0;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("febrl FOLDER")?;
    let plan = plan();
    let mut pool = Pool::new(&plan)?;
    for (source, file) in ["dataset4a.csv", "dataset4b.csv"].iter().enumerate() {
        let text = std::fs::read_to_string(Path::new(&folder).join(file))?;
        for line in text.lines().skip(1) {
            pool.add(&plan, &record(line, u16::try_from(source)?)?)?;
        }
    }
    let linked = link(&plan, &pool, None, &Settings::default())?;
    let sure: Vec<_> = linked.links.iter().filter(|link| link.verdict == Verdict::Same).collect();
    let right = sure.iter().filter(|link| link.left.0 / 2 == link.right.0 / 2).count();
    let (right, found) = (f64::from(u32::try_from(right)?), f64::from(u32::try_from(sure.len())?));
    println!(
        "{{\"who\":\"zhengtong\",\"pairs\":{found},\"precision\":{:.5},\"recall\":{:.5},\"candidates\":{},\"cpu_seconds\":{:.2}}}",
        right / found,
        right / PERSONS,
        linked.report.candidates,
        cpu_seconds()?,
    );
    Ok(())
}

fn plan() -> Plan {
    let field =
        |name: &str, comparer, rarity| FieldPlan { name: name.to_owned(), comparer, rarity };
    let (given, surname, street_no, address, suburb, postcode, birth, security) =
        (0, 1, 2, 3, 5, 6, 8, 9);
    Plan {
        fields: vec![
            field("given_name", Comparer::Latin, true),
            field("surname", Comparer::Latin, true),
            field("street_number", Comparer::Number, false),
            field("address_1", Comparer::Text, true),
            field("address_2", Comparer::Text, false),
            field("suburb", Comparer::Text, true),
            field("postcode", Comparer::Number, false),
            field("state", Comparer::Code, false),
            field("date_of_birth", Comparer::Day, false),
            field("soc_sec_id", Comparer::Number, false),
        ],
        passes: vec![
            Pass(vec![Part::Whole(security)]),
            Pass(vec![Part::Whole(birth)]),
            Pass(vec![Part::Whole(given), Part::Whole(surname)]),
            Pass(vec![Part::Whole(surname), Part::Whole(postcode)]),
            Pass(vec![Part::Whole(given), Part::Whole(postcode)]),
            Pass(vec![Part::Whole(address)]),
            Pass(vec![Part::Whole(suburb), Part::Whole(street_no)]),
            Pass(vec![Part::Start(security, 4)]),
            Pass(vec![Part::End(security, 4)]),
        ],
        block_max: 400,
        doubt: 0.5,
        sure: 0.9,
        scope: Scope::Across,
    }
}

/// A line such as `rec-1070-org, michaela, neumann, …`.
fn record(line: &str, source: u16) -> Result<Record, Box<dyn Error>> {
    let mut cells = line.split(',').map(str::trim);
    let name = cells.next().ok_or("an empty line")?;
    let number: u128 = name.split('-').nth(1).ok_or("no record name")?.parse()?;
    let values: Vec<Given> = cells.map(Given::from).collect();
    Ok(Record { id: RecordId(number * 2 + u128::from(source)), source, values })
}
