//! What the registers begin with: the lists that packs carry in `seed/`, and invented rows of residents and companies
//! in every other dataset of the base registers. Numbers and names are made up like everything in the demonstration.

#[cfg(test)]
use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use time::{Date, Duration};
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_registry::{
    Catalog, Dataset, Element, ElementKind, Field, ORGANISATION_ID, Origin, PERSON_ID, copy_in,
    validate_held,
};

use super::companies;
use super::dice::{Dice, Purpose};
use super::residents::City;
use super::{SOURCE, seed};
use crate::wire::failed;

/// A list in the folder of its pack, as the program carries it.
macro_rules! carried {
    ($($pack:literal : $($name:literal),+;)+) => {
        [$($((
            concat!($pack, ":", $name),
            include_str!(concat!("../../../../../packs/", $pack, "/seed/", $name, ".tsv")),
        )),+),+]
    };
}

/// The lists, those that others refer to first.
const CARRIED: [(&str, &str); 33] = carried! {
    "one-person": "reported";
    "base-geo": "division", "road", "address", "place_name", "control_point", "map_product",
        "pipeline", "land_parcel";
    "base-macro": "indicator", "series", "release", "report_form";
    "base-credit": "list_basis", "permit", "penalty", "listed", "commitment";
    "policy": "document", "article", "amendment", "citation", "interpretation";
    "talent": "talent", "title", "qualification", "programme", "achievement";
    "region-coop": "partner", "licence_mapping", "code_mapping", "cross_item",
        "exchange_item";
};
/// Packs whose other datasets are filled with invented rows.
const INVENTED: [&str; 2] = ["base-population:", "base-legal:"];
/// Datasets that stay empty: nobody of the demonstration has died, and no firm is gone.
const EMPTY: [&str; 4] = [
    "base-population:death",
    "base-legal:cancellation",
    "base-legal:institution",
    "base-legal:social_organisation",
];
/// Fields that say that something is over; nothing is.
const OVER: [&str; 9] =
    ["cancelled", "cremated", "discharged", "ended", "left", "lost", "moved", "removed", "retired"];
/// The first resident of whom more is invented, past those who have accounts.
const FIRST: u64 = 60;
/// How many residents and companies.
const ROWS: u64 = 40;
/// Fields that hold the code of an organisation other than the one the row is about.
const STRANGERS: [&str; 3] = ["branch_code", "holder_code", "parent_code"];
/// From here on companies are in no register of the demonstration.
const STRANGER: u64 = 10_000_000;
/// The oldest day that is invented.
const OLDEST_DAYS: i64 = 3_650;

/// Fills the datasets that the city's generators do not.
pub(super) async fn fill(ctx: &mut Ctx, city: &City<'_>) -> Result<()> {
    let catalog = ctx.defs::<Catalog>().map_err(|error| failed(&error))?;
    let today = china_date(ctx.now);
    for (name, text) in CARRIED {
        // A pack that is left out of an installation has nothing to fill.
        let Some(dataset) = catalog.dataset(name) else { continue };
        let (columns, rows) = carried(&catalog, dataset, (text, city), today)
            .with_context(|| format!("the list of {name}"))?;
        write(ctx, dataset, &columns, rows).await?;
    }
    for dataset in catalog.datasets.values().filter(|dataset| is_invented(dataset)) {
        let rows: Result<Vec<_>> =
            (0..ROWS).map(|index| invented(&catalog, dataset, (city, index), today)).collect();
        let columns: Vec<&str> = dataset.fields.iter().map(|field| field.name.as_str()).collect();
        write(ctx, dataset, &columns, rows?).await?;
    }
    Ok(())
}

async fn write(
    ctx: &mut Ctx,
    dataset: &Dataset,
    columns: &[&str],
    rows: Vec<Vec<Option<String>>>,
) -> Result<()> {
    let origin = Origin { source: SOURCE.to_owned(), case: None, person: None };
    let loaded = copy_in(ctx, &dataset.id, columns, &mut rows.into_iter(), &origin).await;
    let loaded = loaded
        .map_err(|error| failed(&error))
        .with_context(|| format!("filling {}", dataset.id))?;
    tracing::info!(dataset = dataset.id, loaded, "filled");
    Ok(())
}

type Rows<'a> = (Vec<&'a str>, Vec<Vec<Option<String>>>);

/// The rows of a list, in the spelling that is kept.
fn carried<'a>(
    catalog: &Catalog,
    dataset: &Dataset,
    (text, city): (&'a str, &City<'_>),
    today: Date,
) -> Result<Rows<'a>> {
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let mut elements = Vec::with_capacity(columns.len());
    for column in &columns {
        let field = dataset.field(column).with_context(|| format!("no field {column}"))?;
        elements.push(catalog.element(&field.element).context("an element")?);
    }
    let mut rows = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let mut row = Vec::with_capacity(columns.len());
        for (cell, element) in line.split('\t').zip(&elements) {
            let cell = named(cell, city)?;
            row.push(
                kept(catalog, element, &cell, today)
                    .with_context(|| format!("line {number}: {cell} is no {}", element.id))?,
            );
        }
        if row.len() != columns.len() {
            bail!("line {number} has {} cells, not {}", row.len(), columns.len());
        }
        rows.push(row);
    }
    Ok((columns, rows))
}

/// `{company:2}`, `{company_name:2}`, `{person:1}` and `{market_code}` stand for whom the city has.
fn named(cell: &str, city: &City<'_>) -> Result<String> {
    let Some(inside) = cell.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return Ok(cell.to_owned());
    };
    let (word, index) = inside.split_once(':').unwrap_or((inside, "0"));
    let index = index.parse().with_context(|| format!("the number in {cell}"))?;
    Ok(match word {
        "company" => companies::company(city, index)?.code.as_str().to_owned(),
        "company_name" => companies::company(city, index)?.name,
        "person" => city.resident(index)?.number.as_str().to_owned(),
        "market_code" => seed::department_code("market-regulation")?,
        _ => bail!("{cell} stands for nobody"),
    })
}

/// The text of a checked value, nothing for an empty cell.
fn kept(catalog: &Catalog, element: &Element, raw: &str, today: Date) -> Result<Option<String>> {
    if raw.is_empty() {
        return Ok(None);
    }
    match validate_held(catalog, element, raw, today) {
        Ok(value) => Ok(Some(spelled(&value))),
        Err(text) => bail!("{}: {}", element.id, text.en),
    }
}

fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(spelled).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Datasets of the base registers that nobody else fills and that are about persons or organisations.
fn is_invented(dataset: &Dataset) -> bool {
    let filled = ["resident", "household", "organisation", "business_licence"];
    let name = dataset.id.split_once(':').map_or("", |(_, name)| name);
    INVENTED.iter().any(|pack| dataset.id.starts_with(pack))
        && !filled.contains(&name)
        && !EMPTY.contains(&dataset.id.as_str())
        && dataset.subject_field().is_some()
}

/// One row: each value is of the kind, in the list and in the range that its element says; days follow each other in
/// the order of the fields.
fn invented(
    catalog: &Catalog,
    dataset: &Dataset,
    (city, index): (&City<'_>, u64),
    today: Date,
) -> Result<Vec<Option<String>>> {
    let turn = dataset.id.bytes().fold(0, |sum: u64, byte| sum * 31 % 1_000_003 + u64::from(byte));
    let mut throw = Throw {
        catalog,
        city,
        dice: Dice::new(city.seed ^ turn, Purpose::Register, index),
        index,
        day: today - Duration::days(OLDEST_DAYS),
        today,
    };
    let mut row = Vec::with_capacity(dataset.fields.len());
    for field in &dataset.fields {
        let element = catalog.element(&field.element).context("an element")?;
        let over = OVER.iter().any(|word| field.name.starts_with(word));
        let wanted = field.required || (!over && !throw.dice.once_in(4));
        let cell = if wanted { throw.value(field, element)? } else { None };
        row.push(cell);
    }
    Ok(row)
}

/// What one row is thrown with.
struct Throw<'a> {
    catalog: &'a Catalog,
    city: &'a City<'a>,
    dice: Dice,
    index: u64,
    /// The last day that was given.
    day: Date,
    today: Date,
}

impl Throw<'_> {
    fn value(&mut self, field: &Field, element: &Element) -> Result<Option<String>> {
        let cell = match element.kind {
            ElementKind::Boolean => self.dice.once_in(2).to_string(),
            ElementKind::Date => self.next_day(field),
            ElementKind::Code | ElementKind::Codes => {
                let options = self.catalog.options(element, self.today);
                match self.dice.one(&options) {
                    Some(option) => option.code.clone(),
                    None => return Ok(None),
                }
            }
            ElementKind::Integer | ElementKind::Decimal | ElementKind::Money => {
                self.number(element)
            }
            ElementKind::File | ElementKind::Geometry => return Ok(None),
            ElementKind::Text | ElementKind::LongText | ElementKind::Address => {
                match self.text(field, element)? {
                    Some(text) => text,
                    None => return Ok(None),
                }
            }
        };
        kept(self.catalog, element, &cell, self.today)
    }

    /// A day after the one before. A day that a thing is good for lies ahead.
    fn next_day(&mut self, field: &Field) -> String {
        let ahead = field.name.ends_with("_to") || field.name.starts_with("due");
        let step = i64::try_from(30 + self.dice.below(200)).unwrap_or(30);
        self.day = self.day.saturating_add(Duration::days(step));
        if ahead {
            return self.day.max(self.today).saturating_add(Duration::days(step)).to_string();
        }
        self.day.to_string()
    }

    fn number(&mut self, element: &Element) -> String {
        let low = element.min.unwrap_or(0).max(0);
        let high = element.max.unwrap_or(1_000).min(low + 5_000);
        if element.unit.as_ref().is_some_and(|unit| unit.zh == "年") {
            return (self.today.year() - 1).to_string();
        }
        let span = u64::try_from(high - low).unwrap_or(0);
        (low + i64::try_from(self.dice.below(span + 1)).unwrap_or(0)).to_string()
    }

    fn text(&mut self, field: &Field, element: &Element) -> Result<Option<String>> {
        let other = FIRST + ROWS + self.index;
        let text = match element.check.as_deref() {
            _ if element.id == PERSON_ID => self.person(FIRST + self.index)?,
            _ if element.id == ORGANISATION_ID => self.company(self.index)?,
            Some("gb32100") if STRANGERS.contains(&field.name.as_str()) => {
                self.company(STRANGER + self.index)?
            }
            Some("gb32100") => self.company(self.index)?,
            Some("gb11643") => self.person(other)?,
            Some("gbt2260") => match self.city.counties.first() {
                Some(county) => county.code.clone(),
                None => return Ok(None),
            },
            Some("person-name") => self.city.resident(other)?.name,
            Some(_) => return Ok(None),
            None if field.name == "household_no" => {
                format!("3301{:09}", (FIRST + self.index) / super::residents::HOUSEHOLD_SIZE)
            }
            None if field.name.ends_with("_no") || field.name == "plate" => {
                format!("SL{:08}", self.index + 1)
            }
            None => format!("示例{}", field.title.zh),
        };
        let most = element.max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
        Ok(Some(text.chars().take(most).collect()))
    }

    fn person(&self, index: u64) -> Result<String> {
        Ok(self.city.resident(index)?.number.as_str().to_owned())
    }

    fn company(&self, index: u64) -> Result<String> {
        Ok(companies::company(self.city, index)?.code.as_str().to_owned())
    }
}

/// What a row of a list or an invented one says, by field, for the test that puts it.
#[cfg(test)]
pub(super) fn samples(
    catalog: &Catalog,
    city: &City<'_>,
    today: Date,
) -> Vec<(String, BTreeMap<String, Value>)> {
    let mut samples = Vec::new();
    let mut add = |id: &str, columns: &[&str], row: Vec<Option<String>>| {
        let cells = columns.iter().zip(row);
        let record = cells.filter_map(|(name, cell)| Some(((*name).to_owned(), cell?.into())));
        samples.push((id.to_owned(), record.collect()));
    };
    for (name, text) in CARRIED {
        let dataset = catalog.dataset(name).unwrap();
        let (columns, rows) = carried(catalog, dataset, (text, city), today).unwrap();
        let step = rows.len().div_ceil(20).max(1);
        for row in rows.into_iter().step_by(step) {
            add(name, &columns, row);
        }
    }
    for dataset in catalog.datasets.values().filter(|dataset| is_invented(dataset)) {
        let columns: Vec<&str> = dataset.fields.iter().map(|field| field.name.as_str()).collect();
        for index in [0, 1, ROWS - 1] {
            add(&dataset.id, &columns, invented(catalog, dataset, (city, index), today).unwrap());
        }
    }
    samples
}
