//! What comes from outside and what goes there: the scanner before the files of strangers, and the one way out.

use std::time::Duration;

use anyhow::{Context as _, Result};
use zhengtong_blob::{Away, Blobs, Place, Scanner};
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_egress::Egress;

use crate::config::Config;
use crate::wire::failed;

/// The folder of files, with the scanner before it when there is one.
pub(crate) async fn blobs(config: &Config) -> Result<Blobs> {
    let opened = Blobs::open(config.data.folder.join("files")).await;
    let blobs = opened.map_err(|error| failed(&error))?;
    Ok(match scanner(config)? {
        Some(scanner) => blobs.with_scanner(scanner),
        None => blobs,
    })
}

fn scanner(config: &Config) -> Result<Option<Scanner>> {
    if config.upload.clamd.is_empty() {
        return Ok(None);
    }
    let place: Place =
        config.upload.clamd.parse().map_err(anyhow::Error::msg).context("upload.clamd")?;
    let away = if config.upload.scanner_away == "refuse" { Away::Refuse } else { Away::Hold };
    let limit = Duration::from_secs(config.upload.scan_seconds.max(1));
    Ok(Some(Scanner { place, away, limit }))
}

/// The way out, with the list of the configuration.
pub(crate) fn egress(config: &Config) -> Result<Egress> {
    let settings = zhengtong_egress::Settings {
        allow: config.egress.allow.clone(),
        private: config.egress.private.clone(),
        trace: Some(crate::trace::current),
        ..zhengtong_egress::Settings::default()
    };
    Egress::new(settings).map_err(|error| anyhow::Error::msg(error.to_string())).context("egress")
}

/// All work begins with this: the scanner is shown, every minute, what was taken while it was away.
pub(crate) fn scan(blobs: &Blobs) -> Work {
    if !blobs.has_scanner() {
        return Work::default();
    }
    let blobs = blobs.clone();
    Work::default()
        .on("blob.scan", move |_db, _job| {
            let blobs = blobs.clone();
            async move {
                let looked = blobs.look_at_held().await.map_err(|error| error.to_string())?;
                if looked.found > 0 {
                    tracing::error!(files = looked.found, "viruses found in held files");
                }
                if looked.waiting > 0 {
                    tracing::warn!(files = looked.waiting, "files wait for the scanner");
                }
                Ok(())
            }
        })
        .at(CronEntry { name: "blob.scan", pattern: "* * * * *", job: "blob.scan" })
}
