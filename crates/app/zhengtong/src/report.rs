//! Reporting up: items and ratings of other suites brought to the suite that reports, and its files laid down.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use time::Date;
use zhengtong_crypto::SigningKey;
use zhengtong_db::Db;
use zhengtong_db::jobs::{Job, Work};
use zhengtong_reporting::{ItemFacts, ItemPaper, Items, Order, Package, RatingFacts, Wanted};
use zhengtong_service::Listed;

use crate::ops::Facts;
use crate::wire::failed;

/// The folder of runs below the data folder.
const FOLDER: &str = "report-up";

/// Items as they are reported, with the special procedures of their kind of case.
pub(crate) fn items(
    catalog: &zhengtong_service::Catalog,
    cases: &zhengtong_casework::Catalog,
) -> Items {
    let facts = |listed: &Arc<Listed>| {
        let item = &listed.item;
        let kind = cases.get(&listed.case());
        let procedures = kind.iter().flat_map(|kind| kind.stops.values());
        let may = |object| item.object.contains(&object);
        Arc::new(ItemFacts {
            id: listed.id.clone(),
            name: item.name.zh.clone(),
            code: item.code.clone(),
            version: item.version.clone(),
            valid_from: item.valid_from.clone(),
            kind: item.kind.clone(),
            natural: may(zhengtong_service::Object::Natural),
            legal: may(zhengtong_service::Object::Legal),
            applicants: item.applicants.zh.clone(),
            department: item.department.clone(),
            basis: item.basis.iter().map(|law| law.zh.clone()).collect(),
            statutory: (listed.statutory.days, listed.statutory.unit),
            promised: (listed.promised.days, listed.promised.unit),
            fee: item.fee.zh.clone(),
            visits: item.visits,
            steps: item.step.iter().map(|step| step.name.zh.clone()).collect(),
            procedures: procedures.map(|stop| stop.title.zh.clone()).collect(),
            papers: item.material.iter().map(paper).collect(),
            punishment: punishment(&item.punishment),
            questions: item
                .faq
                .iter()
                .map(|faq| (faq.question.zh.clone(), faq.answer.zh.clone()))
                .collect(),
            place: format!("{}（{}）", item.window.place.zh, item.window.address.zh),
            hours: item.window.hours.zh.clone(),
            phone: item.window.phone.clone(),
            link: format!("/hall/{}", listed.slug),
        })
    };
    Items(catalog.iter().map(facts).collect())
}

/// What is punished, of which kind and how much, as the national table takes it: one text.
fn punishment(all: &[zhengtong_service::Punishment]) -> String {
    let one = |(place, one): (usize, &zhengtong_service::Punishment)| {
        format!("{place}.行为：{}；种类：{}；幅度：{}", one.act.zh, one.kind.zh, one.measure.zh)
    };
    (1..).zip(all).map(one).collect::<Vec<_>>().join("\n")
}

fn paper(rule: &zhengtong_service::MaterialRule) -> ItemPaper {
    ItemPaper {
        name: rule.name.zh.clone(),
        brought: rule.source == "applicant",
        deferrable: rule.deferrable,
        always: rule.needed_if.is_none(),
        note: rule.note.zh.clone(),
    }
}

/// What a run asks for, and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) reason: &'a str,
    pub(crate) by: &'a str,
    pub(crate) site: &'a str,
    /// The folder in which a folder of the batch is made.
    pub(crate) folder: &'a Path,
}

/// Makes a run and lays its files down; only then it counts as sent. The run, and where it lies.
pub(crate) async fn up(db: &Db, key: &SigningKey, asked: &Asked<'_>) -> Result<(Package, PathBuf)> {
    let mut ctx = db.begin_system("reporting.up").await.map_err(|error| failed(&error))?;
    let ratings = zhengtong_rating::reported(&mut ctx, asked.from, asked.to)
        .await
        .map_err(|error| failed(&error))?;
    let wording = zhengtong_rating::wording(&ctx);
    let ratings = ratings.into_iter().map(|one| RatingFacts {
        channel: one.channel.title().zh,
        level_title: wording
            .as_ref()
            .map_or_else(|| one.level.to_string(), |wording| wording.level(one.level).zh),
        case: one.case,
        contact: one.contact,
        level: one.level,
        day: one.day,
        nth: one.nth,
        region: one.region,
    });
    let order = Order {
        from: asked.from,
        to: asked.to,
        reason: asked.reason.to_owned(),
        ratings: ratings.collect(),
        site: asked.site.to_owned(),
    };
    let package = zhengtong_reporting::up(&mut ctx, &order, asked.by, key)
        .await
        .map_err(|error| failed(&error))?;
    let folder = asked.folder.join(&package.run.batch);
    lay_down(&folder, &package).await?;
    ctx.commit().await.map_err(|error| failed(&error))?;
    Ok((package, folder))
}

/// For the eyes of the exchange only.
async fn lay_down(folder: &Path, package: &Package) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let name = || format!("{0} 写不了 / {0} cannot be written", folder.display());
    tokio::fs::create_dir_all(folder).await.with_context(name)?;
    let mode = std::fs::Permissions::from_mode(0o700);
    tokio::fs::set_permissions(folder, mode).await.with_context(name)?;
    for (file, bytes) in &package.files {
        tokio::fs::write(folder.join(file), bytes).await.with_context(name)?;
    }
    Ok(())
}

/// The job that makes a run which an administrator ordered.
pub(crate) fn attach(work: Work, key: Arc<SigningKey>) -> Work {
    work.on(zhengtong_reporting::JOB, move |db, job| {
        let key = Arc::clone(&key);
        async move { run(&db, &job, &key).await }
    })
}

async fn run(db: &Db, job: &Job, key: &SigningKey) -> Result<(), String> {
    let wanted: Wanted =
        serde_json::from_value(job.payload.clone()).map_err(|error| error.to_string())?;
    let facts = db.defs::<Facts>().map_err(|error| error.to_string())?;
    let city = db.defs::<zhengtong_signon::Settings>().map_err(|error| error.to_string())?;
    let folder = facts.folder.join(FOLDER);
    let asked = Asked {
        from: wanted.from,
        to: wanted.to,
        reason: &wanted.reason,
        by: &wanted.by,
        site: &city.issuer,
        folder: &folder,
    };
    up(db, key, &asked).await.map(drop).map_err(|error| format!("{error:#}"))
}
