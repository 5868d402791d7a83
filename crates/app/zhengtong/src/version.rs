//! Which program last used a data folder: an older one is refused before it starts anything.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::engines;

/// The file in the data folder.
const FILE: &str = "version.json";

/// The version of this program.
pub(crate) const OURS: &str = env!("CARGO_PKG_VERSION");

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    /// The version of the program.
    pub(crate) program: String,
    /// The last step of each schema.
    pub(crate) schemas: BTreeMap<String, i64>,
}

impl Stamp {
    fn ours() -> Self {
        let last = |schema: &zhengtong_base::Schema| {
            schema.migrations.iter().map(|step| step.version).max().unwrap_or(0)
        };
        Self {
            program: OURS.to_owned(),
            schemas: engines::SCHEMAS
                .iter()
                .map(|schema| (schema.name.to_owned(), last(schema)))
                .collect(),
        }
    }

    /// What a folder says; none for a new one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .with_context(|| format!("{} 读不懂 / cannot be read", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{}", path.display())),
        }
    }

    /// Schemas that this program knows less of.
    fn ahead(&self) -> Vec<String> {
        let ours = Self::ours().schemas;
        self.schemas
            .iter()
            .filter(|(schema, version)| ours.get(*schema).copied().unwrap_or(0) < **version)
            .map(|(schema, version)| format!("{schema} {version}"))
            .collect()
    }
}

/// Refuses a folder that a newer program has used.
pub(crate) fn admit(folder: &Path) -> Result<()> {
    let Some(stamp) = Stamp::read(folder)? else { return Ok(()) };
    let ahead = stamp.ahead();
    if ahead.is_empty() && !newer(&stamp.program, OURS) {
        return Ok(());
    }
    let why = if ahead.is_empty() { stamp.program.clone() } else { ahead.join("，") };
    bail!(
        "数据目录 {0} 已由 {1} 版使用（{why}），本程序是 {OURS}，不能退回，以免弄坏数据。请装回 {1}；一定要退回，请用升级前的备份恢复到空目录：zhengtong restore\nthe data folder {0} was used by version {1} ({why}), this is {OURS}: going back could damage it. Install {1} again, or restore the backup from before the upgrade into an empty folder: zhengtong restore",
        folder.display(),
        stamp.program
    )
}

/// Writes down that this program uses the folder; called when its tables are up to date.
pub(crate) fn stamp(folder: &Path) -> Result<()> {
    let ours = Stamp::ours();
    if Stamp::read(folder)?.as_ref() == Some(&ours) {
        return Ok(());
    }
    let partial = folder.join(format!("{FILE}.partial"));
    let mut file = std::fs::File::create(&partial).context("version.json")?;
    file.write_all(&serde_json::to_vec_pretty(&ours)?)?;
    file.sync_all()?;
    std::fs::rename(&partial, folder.join(FILE)).context("version.json")
}

/// Whether a version is later: numbers are compared one after the other.
fn newer(a: &str, b: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        text.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
    };
    numbers(a) > numbers(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_newer_program_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        admit(folder.path()).unwrap();
        stamp(folder.path()).unwrap();
        admit(folder.path()).unwrap();
        let mut later = Stamp::ours();
        later.schemas.insert("casework".to_owned(), 9_999);
        let write = |stamp: &Stamp| {
            let text = serde_json::to_vec(stamp).unwrap();
            std::fs::write(folder.path().join(FILE), text).unwrap();
        };
        write(&later);
        let said = admit(folder.path()).unwrap_err().to_string();
        assert!(said.contains("casework 9999") && said.contains("zhengtong restore"), "{said}");
        write(&Stamp { program: "999.0.0".to_owned(), ..Stamp::ours() });
        assert!(admit(folder.path()).unwrap_err().to_string().contains("999.0.0"));
        write(&Stamp { program: "0.0.1".to_owned(), ..Stamp::ours() });
        admit(folder.path()).unwrap();
    }

    #[test]
    fn versions_are_numbers() {
        for (a, b, later) in [
            ("0.10.0", "0.9.9", true),
            ("1.0.0", "1.0.0", false),
            ("1.0.0-rc1", "1.0.0", false),
            ("0.9", "0.9.1", false),
        ] {
            assert_eq!(newer(a, b), later, "{a} {b}");
        }
    }
}
