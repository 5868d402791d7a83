//! The server: listens, works, reads packs again, stops in order.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::sync::watch;
use zhengtong_http::{App, Gate, Pace, Settings};
use zhengtong_setting::{LOG_LEVEL, Live};

use crate::config::Config;
use crate::door;
use crate::identity;
use crate::keys;
use crate::listen::{self, Lines};
use crate::logging;
use crate::notify::Manager;
use crate::router::router;
use crate::tls::{self, Tls};
use crate::trace;
use crate::wire::{self, Wired};

/// How often the record is sealed and packs are looked at, in milliseconds.
const TICK_MS: u64 = 1_000;

/// Binds the address first: a port in use is said before anything is started.
pub(crate) async fn listen(config: &Config) -> Result<TcpListener> {
    TcpListener::bind(&config.server.listen).await.with_context(|| {
        format!(
            "{0} 用不了，多半是被别的程序占着。换一个：--listen 127.0.0.1:8081 / {0} is not free; choose another with --listen",
            config.server.listen
        )
    })
}

/// Serves until a signal to stop, then lets requests in flight finish. `filled` tells whether a demonstration is
/// whole; none outside of one.
pub(crate) async fn serve(
    config: &Config,
    wired: Wired,
    listener: TcpListener,
    filled: Option<watch::Receiver<bool>>,
) -> Result<()> {
    let tls = Tls::of(&config.server)?;
    let app = app(config, &wired, filled.is_some());
    let (stop, stopped) = watch::channel(false);
    let jobs = tokio::spawn(zhengtong_db::jobs::work(
        wired.db.clone(),
        crate::backup::attach(wire::work(&wired), config, &wired),
        stopped.clone(),
    ));
    let wired = Arc::new(wired);
    let manager = Manager::of_process();
    let tick =
        tokio::spawn(tick(config.clone(), Arc::clone(&wired), manager.clone(), stopped.clone()));
    let gate = Arc::new(Gate::new(config.limits.clone()).map_err(anyhow::Error::msg)?);
    let (door, configured) = (Arc::clone(&gate), config.limits.clone());
    let (identity, of_file) = (wired.identity.clone(), config.identity);
    let apply = move |live: &Live| {
        identity::apply(&identity, &of_file, live);
        logging::set_level(live.line(LOG_LEVEL).as_deref());
        door::apply(&door, &configured, live);
    };
    let follow =
        zhengtong_setting::follow(wired.db.clone(), wired.live.clone(), apply, stopped.clone());
    let follow = tokio::spawn(follow);
    let published = tokio::spawn(zhengtong_process::follow(
        wired.db.clone(),
        wired.published.clone(),
        stopped.clone(),
    ));
    let reload =
        tokio::spawn(reload(config.clone(), Arc::clone(&wired), manager.clone(), stopped.clone()));
    let site = router(app, filled, pace(config), gate);
    let trust = wired.trust.clone();
    let certificates =
        tokio::spawn(crate::certificates::follow(config.clone(), trust, stopped.clone()));
    let renew = tokio::spawn(tls::follow(config.server.clone(), tls.clone(), stopped.clone()));
    let server = tokio::spawn(listen::serve(listener, site, lines(config), tls, stopped.clone()));
    manager.ready(&config.server.listen);
    signal().await?;
    manager.stopping();
    tracing::info!("stopping: requests in flight may finish");
    if stop.send(true).is_err() {
        tracing::debug!("everything had stopped already");
    }
    let drain = Duration::from_secs(config.server.drain_seconds);
    if tokio::time::timeout(drain, server).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    for task in [jobs, tick, follow, published, reload, certificates, renew] {
        if tokio::time::timeout(Duration::from_secs(10), task).await.is_err() {
            tracing::warn!("a worker did not stop in time");
        }
    }
    wire::seal(&wired.db, &wired.key).await.map_err(anyhow::Error::msg)?;
    trace::flush().await;
    crate::syslog::flush().await;
    wired.db.close().await;
    if let Ok(wired) = Arc::try_unwrap(wired)
        && let Some(cluster) = wired.cluster
    {
        cluster.stop().await;
    }
    Ok(())
}

fn pace(config: &Config) -> Pace {
    Pace {
        answer: Duration::from_secs(config.server.request_seconds),
        pause: Duration::from_secs(config.server.stall_seconds),
        bytes_per_second: config.server.body_bytes_per_second,
    }
}

fn lines(config: &Config) -> Lines {
    Lines {
        head: Duration::from_secs(config.server.head_seconds),
        stall: Duration::from_secs(config.server.stall_seconds),
        most: config.server.lines_max.min(tokio::sync::Semaphore::MAX_PERMITS),
    }
}

fn app(config: &Config, wired: &Wired, demo: bool) -> App {
    // Shared by all nodes and kept, so that an open form can be sent to any of them, also after a restart.
    let secret = wired.form_secret;
    App {
        db: wired.db.clone(),
        blobs: Arc::new(wired.blobs.clone()),
        settings: Arc::new(Settings {
            city: config.city.name.clone(),
            legal: config.city.legal.clone(),
            public_url: config.public_url(),
            demo,
        }),
        secret: Arc::new(secret),
    }
}

/// Every second: seals the record, takes over keys that another node changed, and reads packs again when a file changed.
async fn tick(
    config: Config,
    wired: Arc<Wired>,
    manager: Manager,
    mut stopped: watch::Receiver<bool>,
) {
    let mut seen = newest(&config.packs.folder);
    let (mut keys_seen, mut installed) = (0, wired.live.packs());
    while !*stopped.borrow() {
        if let Err(error) = wire::seal(&wired.db, &wired.key).await {
            tracing::warn!(error, "the record waits to be sealed");
        }
        if wired.db.ping().await.is_ok() {
            manager.alive();
        }
        match keys::refresh(&wired, keys_seen).await {
            Ok(seen) => keys_seen = seen,
            Err(error) => tracing::warn!(%error, "the keys wait to be read again"),
        }
        let now = newest(&config.packs.folder);
        if now != seen {
            seen = now;
            wire::reload(&config, &wired).await;
        }
        // Packs that were put in were checked before: what fails here is tried again.
        let put_in = wired.live.packs();
        if put_in != installed && wire::reload(&config, &wired).await {
            installed = put_in;
        }
        let sleep = tokio::time::sleep(Duration::from_millis(TICK_MS));
        tokio::select! {
            () = sleep => {}
            changed = stopped.changed() => if changed.is_err() { return },
        }
    }
}

/// When the newest file of the folder of packs was changed, and how many there are; nothing without a folder.
fn newest(folder: &Path) -> Option<(SystemTime, usize)> {
    let mut newest: Option<SystemTime> = None;
    let mut count = 0;
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if let Ok(time) = entry.metadata().and_then(|file| file.modified()) {
                count += 1;
                newest = newest.max(Some(time));
            }
        }
    }
    newest.map(|newest| (newest, count))
}

/// Reads the packs again when the service manager asks for it.
async fn reload(
    config: Config,
    wired: Arc<Wired>,
    manager: Manager,
    mut stopped: watch::Receiver<bool>,
) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = match signal(SignalKind::hangup()) {
        Ok(asked) => asked,
        Err(error) => return tracing::warn!(%error, "packs are not read again on SIGHUP"),
    };
    loop {
        tokio::select! {
            _ = asked.recv() => {
                manager.reloading();
                wire::reload(&config, &wired).await;
                manager.ready(&config.server.listen);
            }
            () = listen::stop(&mut stopped) => return,
        }
    }
}

/// Waits for the signal to stop.
pub(crate) async fn signal() -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
