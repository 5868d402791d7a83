//! The demonstration: fills an empty data folder with an invented city, whole and repeatable. Codes of regions are
//! real; everybody and everything else is made up and says so.

mod application;
mod cases;
mod cast;
mod catalog;
mod companies;
mod dice;
mod exchange;
mod ratings;
mod regions;
mod registers;
mod residents;
mod schedule;
mod seed;
mod systems;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::Duration;
use uuid::Uuid;
use zhengtong_base::Text;
use zhengtong_base::code::CodeError;
use zhengtong_db::{Ctx, Db};
use zhengtong_registry::{Origin, copy_in};

pub(crate) use self::exchange::{Simulator, join};
use self::regions::{County, Regions};
use self::residents::{City, Named, RESIDENTS_MAX, RESIDENTS_MIN};
use crate::wire::failed;

/// Companies that apply for licences; the first of all is left to whoever tries the demonstration.
const COMPANIES_WITH_CASES: u64 = 45;
/// The city was there before its first case.
const AGE_DAYS: i64 = 60;
/// Where the accounts are written, beside the data.
const ACCOUNTS: &str = "demo-accounts.json";
/// Where the city says what it is.
const CITY_FILE: &str = "demo-city.json";
/// Rows between two looks of the progress bar.
const LOOK_ROWS: u64 = 1_000;
const SOURCE: &str = "演示数据";

/// How large the city is, and from what.
#[derive(Clone, Debug)]
pub(crate) struct Args {
    /// How many residents; there are never fewer than a few hundred, the people with accounts among them.
    pub(crate) residents: u32,
    /// The same seed gives the same city.
    pub(crate) seed: u64,
    /// The folder with reference data; without it a few regions are built in.
    pub(crate) reference: Option<PathBuf>,
}

/// A city that is there.
#[derive(Debug)]
pub(crate) struct Filled {
    /// Who can log in.
    pub(crate) accounts: Vec<DemoAccount>,
}

/// An account that everybody may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DemoAccount {
    /// The word of its role, such as `clerk`.
    pub(crate) role: String,
    /// What people call the role.
    pub(crate) title: Text,
    /// The login.
    pub(crate) account: String,
    /// The password.
    pub(crate) password: String,
    /// The secret of the second factor in base 32; staff have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) totp_secret: Option<String>,
    /// The name of the person.
    pub(crate) name: String,
    /// The organisation they work for or act for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
}

/// Who is there, as the parts of the generator share it.
#[derive(Debug)]
struct Town {
    seed: u64,
    total: u64,
    cast: [Named; cast::SIZE],
    counties: Vec<County>,
}

/// What was founded, kept beside the data so that a later start goes on with the same city.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Founded {
    /// The seed.
    seed: u64,
    /// The companies that apply for licences, each with somebody who acts for it.
    applicants: Vec<Applicant>,
}

/// A company that applies for a licence.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Applicant {
    organisation: Uuid,
    credit_code: String,
    name: String,
    address: String,
    person: Uuid,
    person_name: String,
    account: Uuid,
}

/// Fills the database once. A city that is there stays as it is, and its accounts are read from the folder.
pub(crate) async fn fill(db: &Db, folder: &Path, args: &Args) -> Result<Filled> {
    let there = is_filled(db).await?;
    let founded =
        if there { read(&folder.join(CITY_FILE))? } else { found(db, folder, args).await? };
    let path = folder.join(ACCOUNTS);
    let accounts = if there && path.exists() {
        read(&path)?
    } else {
        let accounts = cast::accounts(founded.seed);
        write(&path, &accounts)?;
        accounts
    };
    cases::play(db, &founded).await?;
    ratings::play(db, &founded).await?;
    Ok(Filled { accounts })
}

/// Everything but cases, in one transaction: a city is there wholly or not at all.
async fn found(db: &Db, folder: &Path, args: &Args) -> Result<Founded> {
    if args.residents > RESIDENTS_MAX {
        bail!("常住人口最多 {RESIDENTS_MAX} / at most {RESIDENTS_MAX} residents");
    }
    let reference = args.reference.clone();
    let read = tokio::task::spawn_blocking(move || Regions::read(reference.as_deref()));
    let regions = read.await.context("reading the regions")??;
    notice(&regions);
    let town = Town {
        seed: args.seed,
        total: u64::from(args.residents.max(RESIDENTS_MIN)),
        cast: cast::residents(),
        counties: regions.counties(),
    };
    let accounts = cast::accounts(args.seed);
    let (seed, applicants) = seed::seed(&town.city(), regions, &accounts)?;
    let founded = Founded { seed: args.seed, applicants };
    // Before the commit: the file is looked at only when the city is there.
    write(&folder.join(CITY_FILE), &founded)?;
    let mut ctx = db.begin_system("demo").await.map_err(|error| failed(&error))?;
    ctx.now -= Duration::days(AGE_DAYS);
    zhengtong_party::seed(&mut ctx, &seed).await.map_err(|error| failed(&error))?;
    population(&mut ctx, &town).await?;
    economy(&mut ctx, &town).await?;
    registers::fill(&mut ctx, &town.city()).await?;
    systems::register(&mut ctx).await?;
    catalog::fill(&mut ctx, town.seed).await?;
    zhengtong_portal::gather(&mut ctx).await.map_err(|error| failed(&error))?;
    // The review desk has its pairs at once and not only when the job's next time comes.
    zhengtong_registry::match_soon(&mut ctx).await.map_err(|error| failed(&error))?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    zhengtong_portal::make_versions(db).await.map_err(|error| failed(&error))?;
    Ok(founded)
}

impl Town {
    fn city(&self) -> City<'_> {
        City { seed: self.seed, counties: &self.counties, cast: &self.cast, total: self.total }
    }

    fn companies(&self) -> u64 {
        (self.total / 10).max(u64::from(companies::COMPANIES_MIN))
    }
}

async fn population(ctx: &mut Ctx, town: &Town) -> Result<()> {
    let city = town.city();
    load(ctx, "base-population:resident", &residents::COLUMNS, town.total, |index| {
        city.resident(index).map(residents::Resident::row)
    })
    .await?;
    let households = city.households();
    load(ctx, "base-population:household", &residents::HOUSEHOLD_COLUMNS, households, |index| {
        city.household(index)
    })
    .await
}

async fn economy(ctx: &mut Ctx, town: &Town) -> Result<()> {
    let city = town.city();
    let count = town.companies();
    load(ctx, "base-legal:organisation", &companies::COLUMNS, count, |index| {
        companies::company(&city, index).map(companies::Company::row)
    })
    .await?;
    load(ctx, "base-legal:business_licence", &companies::LICENCE_COLUMNS, count, |index| {
        companies::company(&city, index).map(companies::Company::licence)
    })
    .await
}

/// Copies rows into a dataset as they are made, so that a large city takes no more memory than a small one.
async fn load(
    ctx: &mut Ctx,
    dataset: &str,
    columns: &[&str],
    count: u64,
    row: impl Fn(u64) -> Result<Vec<Option<String>>, CodeError> + Send + Sync,
) -> Result<()> {
    let bar = progress(dataset, count);
    let mut fault = None;
    let mut rows = (0..count).map_while(|index| {
        if index % LOOK_ROWS == 0 {
            bar.set_position(index);
        }
        row(index).map_err(|error| fault = Some(error)).ok()
    });
    let origin = Origin { source: SOURCE.to_owned(), case: None, person: None };
    let loaded = copy_in(ctx, dataset, columns, &mut rows, &origin).await;
    let loaded = loaded.map_err(|error| failed(&error))?;
    bar.finish_and_clear();
    if let Some(fault) = fault {
        return Err(failed(&fault).context(format!("making row {loaded} of {dataset}")));
    }
    tracing::info!(dataset, loaded, "filled");
    Ok(())
}

/// A bar on a terminal, nothing anywhere else.
fn progress(what: &str, count: u64) -> ProgressBar {
    let bar = ProgressBar::new(count).with_message(what.to_owned());
    match ProgressStyle::with_template("{msg:28} {bar:32} {human_pos}/{human_len} {per_sec}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn notice(regions: &Regions) {
    if regions.built_in {
        tracing::warn!(
            "没有行政区划参考数据，演示城市只有内置的区县，没有街道和村社；运行 scripts/setup --demo 可取得 / \
             no reference data of divisions: only the built-in districts are there, without streets and villages; \
             scripts/setup --demo fetches it"
        );
    }
    if regions.bounded == 0 {
        tracing::warn!(
            "没有边界参考数据，地图上不画区界；运行 scripts/setup --demo 可取得 / \
             no reference data of boundaries: maps show none; scripts/setup --demo fetches it"
        );
    }
}

async fn is_filled(db: &Db) -> Result<bool> {
    let mut ctx = db.begin_system("demo").await.map_err(|error| failed(&error))?;
    let tree = zhengtong_party::tree(&mut ctx, None).await.map_err(|error| failed(&error))?;
    Ok(!tree.below.is_empty())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| {
        format!(
            "{0} 不在，这个数据目录不是演示城市；换一个：--data 目录 / {0} is missing: this data folder is not a \
             demonstration; choose another with --data",
            path.display()
        )
    })?;
    serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
}

/// Writes a file whole, for its owner's eyes only.
fn write(path: &Path, content: &impl Serialize) -> Result<()> {
    let draft = path.with_extension("new");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if draft.exists() {
        fs::remove_file(&draft)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(&serde_json::to_vec_pretty(content)?)?;
    file.sync_all()?;
    fs::rename(&draft, path).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod plain;
#[cfg(test)]
mod reported;
#[cfg(test)]
mod tests;
