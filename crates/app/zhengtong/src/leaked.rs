//! The operator's list of passwords that became known: a file of SHA-1 digests in order, one a line, as lists of leaked
//! passwords are published (`HEX` or `HEX:COUNT`). It is searched by halves where it lies, so its size costs nothing.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use sha1::{Digest as _, Sha1};
use zhengtong_party::KnownPasswords;

/// The longest line: a digest, a colon, a count.
const LINE_BYTES_MAX: usize = 80;
/// The digits of a digest.
const DIGITS: usize = 40;

/// Opens a list and looks at its beginning and its end.
pub(crate) fn open(path: &Path) -> Result<KnownPasswords> {
    let list = List::open(path).with_context(|| {
        format!("密码表 {0} 用不了 / the list of passwords {0} cannot be used", path.display())
    })?;
    Ok(KnownPasswords::new(move |password| {
        let digest = hex::encode_upper(Sha1::digest(password.as_bytes()));
        list.holds(&digest)
    }))
}

#[derive(Debug)]
struct List {
    file: File,
    bytes: u64,
}

impl List {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let list = Self { bytes: file.metadata()?.len(), file };
        let Some((_, first)) = list.line_from(0, false)? else { bail!("it is empty") };
        let near_end = list.bytes.saturating_sub(u64::try_from(LINE_BYTES_MAX)?);
        let last =
            list.line_from(near_end, near_end > 0)?.map_or_else(|| first.clone(), |(_, one)| one);
        if last < first {
            bail!("it is not in order of digests");
        }
        Ok(list)
    }

    fn holds(&self, digest: &str) -> io::Result<bool> {
        let (mut low, mut high) = (0, self.bytes);
        while low < high {
            let middle = low + (high - low) / 2;
            // The first line that begins at the middle or after it; lines begin at `low`.
            let found = if middle == low {
                self.line_from(low, false)?
            } else {
                self.line_from(middle - 1, true)?
            };
            match found {
                Some((start, line)) if start < high && line == digest => return Ok(true),
                Some((start, line)) if start < high && line.as_str() < digest => {
                    low = self.end_of(start)?;
                }
                Some(_) | None => high = middle,
            }
        }
        Ok(false)
    }

    /// The digest of the line that begins at `from`, or of the next one if `skip`, and where it begins.
    fn line_from(&self, from: u64, skip: bool) -> io::Result<Option<(u64, String)>> {
        let bytes = self.read(from)?;
        let begin = if skip {
            match bytes.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None => return Ok(None),
            }
        } else {
            0
        };
        let line = bytes.get(begin..).unwrap_or_default();
        if line.is_empty() {
            return Ok(None);
        }
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a line is no SHA-1 digest");
        let digest = line.get(..DIGITS).ok_or_else(wrong)?;
        let ends = line.get(DIGITS).is_none_or(|byte| b":\r\n".contains(byte));
        if !ends || !digest.iter().all(u8::is_ascii_hexdigit) {
            return Err(wrong());
        }
        let start = from + u64::try_from(begin).map_err(io::Error::other)?;
        Ok(Some((start, String::from_utf8_lossy(digest).to_ascii_uppercase())))
    }

    /// Where the line after the one that begins here begins.
    fn end_of(&self, start: u64) -> io::Result<u64> {
        let bytes = self.read(start)?;
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
        Ok(start + u64::try_from(end).map_err(io::Error::other)?)
    }

    /// Two lines' worth of bytes.
    fn read(&self, from: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; 2 * LINE_BYTES_MAX];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let at = from + u64::try_from(filled).map_err(io::Error::other)?;
            match self.file.read_at(rest, at)? {
                0 => break,
                count => filled += count,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(password: &str) -> String {
        hex::encode_upper(Sha1::digest(password.as_bytes()))
    }

    fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.txt");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn each_password_of_the_list_is_found_and_no_other() {
        for size in [1_usize, 2, 3, 7, 500] {
            for ending in ["\n", ":17\n", ":12345\r\n"] {
                let mut lines: Vec<String> =
                    (0..size).map(|number| digest(&format!("leaked {number}"))).collect();
                lines.sort();
                let (_folder, path) =
                    written(&lines.iter().flat_map(|line| [line, ending]).collect::<String>());
                let list = List::open(&path).unwrap();
                for number in 0..size {
                    let asked = digest(&format!("leaked {number}"));
                    assert!(list.holds(&asked).unwrap(), "{number} of {size}");
                }
                for number in 0..200 {
                    assert!(!list.holds(&digest(&format!("unknown {number}"))).unwrap());
                }
                assert!(!list.holds(&"0".repeat(40)).unwrap());
                assert!(!list.holds(&"F".repeat(40)).unwrap());
            }
        }
    }

    #[test]
    fn small_letters_and_a_last_line_without_an_end_are_read() {
        let mut lines = [digest("one"), digest("two")];
        lines.sort();
        let (_folder, path) = written(&lines.join("\n").to_lowercase());
        let list = List::open(&path).unwrap();
        assert!(list.holds(&digest("one")).unwrap() && list.holds(&digest("two")).unwrap());
        assert!(!list.holds(&digest("three")).unwrap());
    }

    #[test]
    fn a_file_that_is_no_list_is_refused_at_the_start() {
        let mut lines = [digest("one"), digest("two"), digest("three"), digest("four")];
        lines.sort();
        lines.reverse();
        for text in ["", "password\n", &lines.join("\n"), &"A".repeat(41)] {
            let (_folder, path) = written(text);
            assert!(open(&path).is_err(), "{text}");
        }
        assert!(open(Path::new("/nowhere/known.txt")).is_err());
    }
}
