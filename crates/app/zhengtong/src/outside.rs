//! What comes from outside and what goes there: the scanner before the files of strangers, and the one way out.

use std::time::Duration;

use anyhow::{Context as _, Result};
use zhengtong_blob::{Away, Blobs, Place, Scanner};
use zhengtong_db::jobs::{CronEntry, Work};
use zhengtong_egress::Egress;
use zhengtong_notice::{Carriers, SIMULATOR};

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

/// The scanner of the configuration; none where none is named.
pub(crate) fn scanner(config: &Config) -> Result<Option<Scanner>> {
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
    opened(settings(config))
}

/// The way to the systems of departments: each call once, larger answers, more of them at once.
pub(crate) fn gateway(config: &Config) -> Result<Egress> {
    let limits = zhengtong_exchange::LIMITS;
    opened(zhengtong_egress::Settings {
        attempt: limits.answer,
        whole: limits.answer,
        answer_bytes: limits.body_bytes,
        attempts: 1,
        at_once: limits.calls,
        ..settings(config)
    })
}

/// The way to where files for datasets come from: answers as large as a file may be, and time for them.
pub(crate) fn feeds(config: &Config) -> Result<zhengtong_registry::Feeds> {
    let time = Duration::from_secs(90);
    let egress = opened(zhengtong_egress::Settings {
        attempt: time,
        whole: time,
        answer_bytes: zhengtong_registry::FEED_BYTES_MAX,
        attempts: 1,
        ..settings(config)
    })?;
    Ok(zhengtong_registry::Feeds::new(config.feed.clone(), egress))
}

/// What holds for every way out: the lists of the configuration, and the trace.
fn settings(config: &Config) -> zhengtong_egress::Settings {
    zhengtong_egress::Settings {
        allow: config.egress.allow.clone(),
        private: config.egress.private.clone(),
        networks: config.egress.networks.clone(),
        trace: Some(crate::trace::current),
        ..zhengtong_egress::Settings::default()
    }
}

fn opened(settings: zhengtong_egress::Settings) -> Result<Egress> {
    Egress::new(settings).map_err(|error| anyhow::Error::msg(error.to_string())).context("egress")
}

/// What carries messages outside: mail and texts of the configuration.
pub(crate) fn carriers(config: &Config, egress: Egress) -> Result<Carriers> {
    let mail = (!config.mail.url.is_empty()).then(|| zhengtong_notice::Mail {
        url: config.mail.url.clone(),
        user: config.mail.user.clone(),
        password: config.mail.password.clone(),
        from: config.mail.from.clone(),
    });
    if let Some(mail) = mail.as_ref().filter(|mail| mail.url != SIMULATOR) {
        egress
            .check_line(&mail.url)
            .map_err(|error| anyhow::Error::msg(error.to_string()))
            .context("mail.url")?;
    }
    let sms = match config.sms.url.as_str() {
        "" => None,
        _ => Some(sms(&config.sms).context("[sms]")?),
    };
    let city = config.city.name.clone();
    Ok(Carriers::new(mail, sms, egress, &config.public_url(), city))
}

fn sms(config: &crate::config::Sms) -> Result<zhengtong_notice::Sms> {
    let key = match config.key.as_str() {
        "" if config.url == SIMULATOR => [0; 32],
        text => {
            let bytes = hex::decode(text.trim()).context("sms.key")?;
            <[u8; 32]>::try_from(bytes)
                .map_err(|_length| anyhow::Error::msg("sms.key has 64 hexadecimal digits"))?
        }
    };
    let body = match config.body.as_str() {
        "" => zhengtong_notice::usual_body(),
        text => serde_json::from_str(text).context("sms.body is no JSON")?,
    };
    let taken = match config.taken.as_str() {
        "" => None,
        text => {
            let (place, value) = text.split_once('=').context("sms.taken looks like /code=0")?;
            Some((place.to_owned(), value.to_owned()))
        }
    };
    let (url, sign) = (config.url.clone(), config.sign.clone());
    Ok(zhengtong_notice::Sms { url, key, sign, body, taken })
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
