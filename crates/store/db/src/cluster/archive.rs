//! Restoring to any moment: WAL is handed to pgBackRest as it fills, and pgBackRest puts a cluster back.

use std::fs;
use std::path::{Path, PathBuf};

use super::{
    Cluster, ClusterError, Durability, Options, Result, command, copy, io_error, paths_of,
};

/// How pgBackRest 2 says that no full copy is old enough (its `BackupSetInvalidError`).
const NO_COPY: &str = "ERROR: [075]";

/// Where pgBackRest keeps what it archives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The name of this city there.
    pub stanza: String,
    /// Its configuration file, as an absolute path: its commands run in other folders.
    pub config: PathBuf,
}

impl Archive {
    /// What the master is started with.
    pub(super) fn settings(&self) -> Vec<String> {
        let config = self.config.display();
        vec![
            "archive_mode=on".to_owned(),
            "archive_timeout=60".to_owned(),
            format!(
                "archive_command=pgbackrest --config={config} --stanza={} archive-push %p",
                self.stanza
            ),
        ]
    }

    /// Writes a configuration for a repository folder that only the user of PostgreSQL reads.
    pub fn configure(&self, folder: &Path, repository: &Path) -> Result<()> {
        let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
        super::own(&paths, repository)?;
        let logs = repository.join("log");
        super::own(&paths, &logs)?;
        let text = format!(
            "[global]\nrepo1-path={}\nrepo1-retention-full=2\nlog-path={}\nlog-level-console=warn\n\
             lock-path={}\nstart-fast=y\ncompress-type=lz4\n\n[{}]\npg1-path={}\npg1-socket-path={}\n\
             pg1-user={}\npg1-database=zhengtong\n",
            repository.display(),
            logs.display(),
            logs.display(),
            self.stanza,
            paths.data.display(),
            paths.socket.display(),
            super::NAME,
        );
        fs::write(&self.config, text)
            .map_err(|source| io_error("write the configuration of pgBackRest", source))?;
        copy::hand_over(&self.config, 0o600)
    }

    /// Makes the stanza if it is new, and takes a full backup of the running cluster.
    pub async fn back_up(&self, cluster: &copy::Attached) -> Result<()> {
        self.run(&cluster.paths.folder, &["stanza-create"]).await?;
        self.run(&cluster.paths.folder, &["--type=full", "backup"]).await
    }

    /// Checks every byte that is archived.
    pub async fn verify(&self, folder: &Path) -> Result<()> {
        self.run(folder, &["verify"]).await
    }

    /// Puts the cluster of a folder back as it was at a moment, such as `2026-11-22 02:30:00+00`.
    /// The folder `postgres` there must be empty. The cluster runs to that moment when it is next started.
    ///
    /// The archive keeps the ends of its full copies in whole seconds, so a moment within the second in which the first
    /// one ended counts as before it: [`ClusterError::TooEarly`].
    pub async fn restore(&self, folder: &Path, moment: &str) -> Result<()> {
        let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
        super::own(&paths, &paths.data)?;
        let path = format!("--pg1-path={}", paths.data.display());
        let target = format!("--target={moment}");
        let action = "--target-action=promote";
        let words = [&path, "--type=time", &target, action, "--archive-mode=off", "restore"];
        match self.run(folder, &words).await {
            Err(ClusterError::Tool { output, .. }) if output.contains(NO_COPY) => {
                Err(ClusterError::TooEarly { moment: moment.to_owned() })
            }
            done => done,
        }
    }

    async fn run(&self, folder: &Path, words: &[&str]) -> Result<()> {
        let (paths, _) = paths_of(folder, Options::new(Durability::Full))?;
        let mut tool = command(&paths, "pgbackrest".as_ref());
        tool.arg(format!("--config={}", self.config.display()))
            .arg(format!("--stanza={}", self.stanza))
            .args(words);
        let output = tokio::process::Command::from(tool)
            .output()
            .await
            .map_err(|source| io_error("run pgbackrest; install it first", source))?;
        if output.status.success() {
            return Ok(());
        }
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        Err(ClusterError::Tool { tool: "pgbackrest", output: said })
    }
}

impl Cluster {
    /// The running cluster, for copies of it.
    pub fn attached(&self) -> copy::Attached {
        copy::Attached { paths: self.paths.clone() }
    }
}
