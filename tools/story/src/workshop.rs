//! What a story does beside the server: it edits a copy of the packs that the server reads, and runs the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The folder of packs that a story may change, the program it may run, and what that last said.
#[derive(Debug, Default)]
pub(crate) struct Workshop {
    folder: Option<PathBuf>,
    program: Option<PathBuf>,
    /// Files as they were before this scenario; none where there was no file.
    before: BTreeMap<PathBuf, Option<Vec<u8>>>,
    said: String,
    code: Option<i32>,
}

impl Workshop {
    /// A workshop over a folder of packs and a program; a story that needs one that is missing fails.
    pub(crate) fn new(folder: Option<PathBuf>, program: Option<PathBuf>) -> Self {
        Self { folder, program, ..Self::default() }
    }

    /// Puts every changed file back as it was. Returns whether there was one.
    pub(crate) fn restore(&mut self) -> Result<bool> {
        let before = std::mem::take(&mut self.before);
        let changed = !before.is_empty();
        for (path, bytes) in before {
            match bytes {
                Some(bytes) => std::fs::write(&path, bytes),
                None => std::fs::remove_file(&path),
            }
            .with_context(|| path.display().to_string())?;
            // Folders that the scenario made are empty now; others are not and stay.
            let mut folder = path.parent();
            while let Some(inner) = folder.filter(|inner| std::fs::remove_dir(inner).is_ok()) {
                folder = inner.parent();
            }
        }
        self.said.clear();
        self.code = None;
        Ok(changed)
    }

    /// Replaces words in a file of a pack.
    pub(crate) fn replace(&mut self, pack: &str, file: &str, old: &str, new: &str) -> Result<()> {
        let path = self.place(pack, file)?;
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(text.contains(old), "{pack}/{file} has no \"{old}\"");
        self.write(&path, text.replace(old, new).as_bytes())
    }

    /// Adds words at the end of a file of a pack; makes the file when it is not there.
    pub(crate) fn append(&mut self, pack: &str, file: &str, words: &str) -> Result<()> {
        let path = self.place(pack, file)?;
        let mut text = if path.exists() { std::fs::read_to_string(&path)? } else { String::new() };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(words);
        text.push('\n');
        self.write(&path, text.as_bytes())
    }

    /// Makes a new pack out of another one, under its own name.
    pub(crate) fn copy(&mut self, pack: &str, new: &str) -> Result<()> {
        let from = self.place(pack, "")?;
        let mut waiting = vec![from.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let inside = path.strip_prefix(&from)?.to_string_lossy().into_owned();
                // Its stories stay with the first pack.
                if inside.starts_with("story/") {
                    continue;
                }
                let mut bytes = std::fs::read(&path)?;
                if let Ok(text) = std::str::from_utf8(&bytes) {
                    bytes = text.replace(pack, new).into_bytes();
                }
                let path = self.place(new, &inside)?;
                self.write(&path, &bytes)?;
            }
        }
        Ok(())
    }

    /// Runs the program over the changed packs; `${before}` in its words is the folder as the product ships it.
    pub(crate) fn run(&mut self, words: &str, shipped: &Path) -> Result<()> {
        let program =
            self.program.as_ref().context("this story runs the program: give --program")?;
        let folder = self.folder.as_ref().context("this story needs --folder")?;
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        let words = words.replace("原来的包", &shown(shipped)).replace("现在的包", &shown(folder));
        let done = Command::new(program)
            .args(words.split_whitespace())
            .env("ZHENGTONG__PACKS__FOLDER", folder)
            .output()
            .with_context(|| program.display().to_string())?;
        self.said = String::from_utf8_lossy(&done.stdout).into_owned();
        self.said.push_str(&String::from_utf8_lossy(&done.stderr));
        self.code = done.status.code();
        Ok(())
    }

    /// Whether the program said these words.
    pub(crate) fn says(&self, words: &str) -> Result<()> {
        ensure!(
            self.said.contains(words),
            "the program did not say \"{words}\" but:\n{}",
            self.said
        );
        Ok(())
    }

    /// Whether the program ended with this code.
    pub(crate) fn ended(&self, code: &str) -> Result<()> {
        let Some(ended) = self.code else { bail!("nothing was run") };
        ensure!(ended.to_string() == code, "it ended with {ended} and said:\n{}", self.said);
        Ok(())
    }

    fn place(&self, pack: &str, file: &str) -> Result<PathBuf> {
        let folder = self.folder.as_ref().context("this story changes packs: give --folder")?;
        let inside = [pack, file].iter().all(|part| !part.contains("..") && !part.starts_with('/'));
        ensure!(inside, "{pack}/{file} is outside of the packs");
        Ok(folder.join(pack).join(file))
    }

    fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        if !self.before.contains_key(path) {
            let before = if path.exists() { Some(std::fs::read(path)?) } else { None };
            self.before.insert(path.to_owned(), before);
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, bytes).with_context(|| path.display().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_last_for_one_scenario() {
        let folder = std::env::temp_dir().join(format!("story-workshop-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a/form")).unwrap();
        std::fs::write(folder.join("a/pack.toml"), "id = \"a-pack\"\nx = 1\n").unwrap();
        std::fs::write(folder.join("a/form/f.toml"), "y").unwrap();
        let mut workshop = Workshop::new(Some(folder.clone()), Some("/bin/echo".into()));
        assert!(!workshop.restore().unwrap());
        workshop.replace("a", "pack.toml", "x = 1", "x = 2").unwrap();
        assert!(workshop.replace("a", "pack.toml", "x = 1", "x = 3").is_err());
        workshop.append("a", "new/n.toml", "z").unwrap();
        workshop.copy("a", "b").unwrap();
        assert!(workshop.append("a", "../out.toml", "z").is_err());
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(read("a/pack.toml"), "id = \"a-pack\"\nx = 2\n");
        assert_eq!(read("b/pack.toml").matches("id = \"b-p").count(), 1);
        workshop.run("pack diff 原来的包", Path::new("/shipped")).unwrap();
        workshop.says("pack diff /shipped").unwrap();
        workshop.ended("0").unwrap();
        assert!(workshop.ended("1").is_err() && workshop.says("nothing").is_err());
        assert!(workshop.restore().unwrap());
        assert_eq!(read("a/pack.toml"), "id = \"a-pack\"\nx = 1\n");
        assert!(!folder.join("b").exists() && !folder.join("a/new").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
