//! Files that others renew while the server runs: looked at now and then, read again when one of them has changed.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

/// How often the files are looked at, in seconds.
const LOOK_SECONDS: u64 = 5;

/// Calls `read` after any of the files has changed, until `stopped`; and again at the next look while it says that it has not
/// done with the change.
pub(crate) async fn follow(
    files: Vec<PathBuf>,
    mut read: impl FnMut() -> bool,
    mut stopped: watch::Receiver<bool>,
) {
    let mut seen = changed(&files);
    while !*stopped.borrow() {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => {}
            gone = stopped.changed() => if gone.is_err() { return },
        }
        let now = changed(&files);
        if now != seen && read() {
            seen = now;
        }
    }
}

/// When each of the files was changed.
fn changed(files: &[PathBuf]) -> Vec<Option<SystemTime>> {
    let at = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
    files.iter().map(|path| at(path)).collect()
}
