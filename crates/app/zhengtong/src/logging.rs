//! What the program says of itself: the log, whose detail can change while it runs, and spans for a collector.

use std::sync::OnceLock;

use anyhow::{Context as _, Error, Result};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::config::Config;
use crate::syslog::{self, Tee};
use crate::trace::{self, Spans};

/// The way to change the detail of the log, and what the configuration says it is.
static LEVEL: OnceLock<(reload::Handle<EnvFilter, Registry>, String)> = OnceLock::new();

/// Starts the log, and the sending of spans if a collector is named.
pub(crate) fn start(config: &Config) -> Result<()> {
    let filter = EnvFilter::try_new(&config.log.level).context("log.level")?;
    let (filter, handle) = reload::Layer::new(filter);
    let tee = match config.log.collector.as_str() {
        "" => Tee::default(),
        url => {
            let egress = crate::outside::egress(config)?;
            egress.check_line(url).map_err(|error| Error::msg(error.to_string())).context(
                "log.collector 写成 tls://主机:6514，主机写进 egress.allow；内网不加密的写 tcp:// 和 egress.private / log.collector is tls://host:6514 with the host in egress.allow, or tcp:// with it in egress.private",
            )?;
            syslog::start(egress, url)
        }
    };
    let lines = fmt::layer().with_writer(tee);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if config.log.format == "json" {
        Box::new(lines.json().flatten_event(true).with_filter(filter))
    } else {
        Box::new(lines.compact().with_filter(filter))
    };
    let spans = if config.trace.endpoint.is_empty() {
        None
    } else {
        let spans = trace::start(&config.trace.endpoint, &config.trace.service)?;
        Some(spans.with_filter(Spans::filter()))
    };
    let started = tracing_subscriber::registry().with(lines).with(spans).try_init();
    LEVEL.get_or_init(|| (handle, config.log.level.clone()));
    started.map_err(|error| Error::msg(error.to_string()))
}

/// Changes the detail of the log; without one, to what the configuration says.
pub(crate) fn set_level(level: Option<&str>) {
    let Some((handle, configured)) = LEVEL.get() else { return };
    let wanted = level.unwrap_or(configured);
    let changed =
        EnvFilter::try_new(wanted).map_err(|error| error.to_string()).and_then(|filter| {
            let same = handle.with_current(|now| now.to_string() == filter.to_string());
            if same.unwrap_or(false) {
                return Ok(false);
            }
            handle.reload(filter).map(|()| true).map_err(|error| error.to_string())
        });
    match changed {
        Ok(true) => tracing::warn!(level = wanted, "the detail of the log was changed"),
        Ok(false) => {}
        Err(error) => tracing::error!(error, level = wanted, "the detail of the log stays"),
    }
}
