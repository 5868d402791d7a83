//! The files of authorities and of what they took back: read at the start, and again whenever one of them changes. A
//! file that cannot be read leaves what was in force; a list that grows too old is refused where it is used.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tokio::sync::watch;
use zhengtong_signon::{Authorities, Trust};

use crate::config::Config;
use crate::watched;

/// What the files say; none when the configuration names none.
pub(crate) fn read(config: &Config) -> Result<Option<Authorities>> {
    let signon = &config.signon;
    if signon.certificate_authorities.is_empty() {
        return Ok(None);
    }
    let authorities = files(&signon.certificate_authorities)?;
    let revoked = files(&signon.certificate_revoked)?;
    let read = Authorities::read(&authorities, &revoked).map_err(anyhow::Error::msg);
    read.context("signon.certificate_authorities, signon.certificate_revoked").map(Some)
}

fn files(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>> {
    let read = |path: &PathBuf| {
        std::fs::read(path).with_context(|| {
            format!("证书文件 {0} 读不了 / the file {0} cannot be read", path.display())
        })
    };
    paths.iter().map(read).collect()
}

/// Keeps the authorities true until `stopped`.
pub(crate) async fn follow(config: Config, trust: Option<Trust>, stopped: watch::Receiver<bool>) {
    let Some(trust) = trust else { return };
    let signon = &config.signon;
    let files = [&signon.certificate_authorities[..], &signon.certificate_revoked[..]].concat();
    let again = || match read(&config) {
        Ok(Some(authorities)) => {
            tracing::info!(?authorities, "certificates: files read again");
            trust.set(authorities);
            true
        }
        Ok(None) => false,
        Err(error) => {
            tracing::error!(%error, "certificates: files kept as they were");
            false
        }
    };
    watched::follow(files, again, stopped).await;
}
