//! Files and keys as tar streams, in and out. What comes in stays in its folder: a path that leaves it, a
//! link, and a file that does not fit its digest are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use tar::{Archive, Builder, EntryType, Header};
use zhengtong_crypto::{Digest, FileCheck};
use zhengtong_db::cluster::hand_over;

/// Files beside the database that belong to this folder only.
const OWN: [&str; 5] =
    ["lock", "cluster.json", "promote.request", "postgres.log", "backup.passphrase"];
/// Most bytes of one small file beside the database.
const KEY_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The files by digest, below the data folder.
const FILES: &str = "files/objects";

/// How many files went out, and which no longer fit their digest.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    /// All files of the city.
    pub(crate) files: u64,
    /// Those that went out now.
    pub(crate) own: u64,
    pub(crate) damaged: Vec<String>,
    /// Each file and the base that holds it; `-` for those that went out.
    pub(crate) index: String,
}

/// Reads and checks at once.
struct Checking<R> {
    reader: R,
    check: FileCheck,
}

impl<R: Read> Read for Checking<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(into)?;
        self.check.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Writes the files by digest that no earlier backup holds. None is ever changed, so whatever the database named at its
/// instant is here or there.
pub(crate) fn files_out(
    data: &Path,
    held: &BTreeMap<String, usize>,
    out: impl Write,
) -> io::Result<Copied> {
    let mut tar = Builder::new(out);
    let mut copied = Copied::default();
    for first in entries(&data.join(FILES))? {
        for second in entries(&first)? {
            for path in entries(&second)? {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                let Ok(digest) = name.parse::<Digest>() else { continue };
                copied.files += 1;
                if let Some(base) = held.get(name) {
                    copied.index.extend([name, " ", &base.to_string(), "\n"]);
                    continue;
                }
                let check = one_out(&mut tar, data, &path)?;
                copied.own += 1;
                copied.index.extend([name, " -\n"]);
                if !check.fits(digest) {
                    copied.damaged.push(digest.to_string());
                }
            }
        }
    }
    tar.into_inner()?.flush()?;
    Ok(copied)
}

fn one_out<W: Write>(tar: &mut Builder<W>, data: &Path, path: &Path) -> io::Result<FileCheck> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let name = path.strip_prefix(data).map_err(io::Error::other)?;
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    let mut reader = Checking { reader: file.take(size), check: FileCheck::default() };
    tar.append_data(&mut header, name, &mut reader)?;
    Ok(reader.check)
}

/// Writes the small files beside the database: keys and settings. Returns their names.
pub(crate) fn keys_out(data: &Path, out: impl Write) -> io::Result<Vec<String>> {
    let mut tar = Builder::new(out);
    let mut names = Vec::new();
    for path in entries(data)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let metadata = fs::symlink_metadata(&path)?;
        let own = OWN.contains(&name) || name.contains(".partial") || name.is_empty();
        if own || !metadata.is_file() || metadata.len() > KEY_BYTES_MAX {
            continue;
        }
        one_out(&mut tar, data, &path)?;
        names.push(name.to_owned());
    }
    tar.into_inner()?.flush()?;
    Ok(names)
}

/// Unpacks the database for the user of PostgreSQL.
pub(crate) fn database_in(from: impl Read, folder: &Path) -> io::Result<()> {
    let mut archive = Archive::new(BufReader::with_capacity(1 << 20, from));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = folder.join(inside(&entry.path()?)?);
        match entry.header().entry_type() {
            EntryType::Directory => {
                fs::create_dir_all(&path)?;
                hand_over(&path, 0o700).map_err(io::Error::other)?;
            }
            EntryType::Regular => {
                let mut file = File::create(&path)?;
                io::copy(&mut entry, &mut file)?;
                hand_over(&path, 0o600).map_err(io::Error::other)?;
            }
            _ => return Err(io::Error::other("a tablespace or link in the database")),
        }
    }
    // What follows the end of the archive must be read too, or its seal would not be looked at.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

/// Unpacks files by digest, of some only those that are wanted; each must fit its name, but for those that were known
/// to be damaged.
pub(crate) fn files_in(
    from: impl Read,
    data: &Path,
    damaged: &[String],
    wanted: Option<&BTreeSet<String>>,
) -> io::Result<u64> {
    let mut files = 0;
    let takes = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        wanted.is_none_or(|wanted| wanted.contains(name))
    };
    unpack(from, data, takes, |path, check| {
        files += 1;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let sound = name.parse().is_ok_and(|name| check.fits(name))
            || damaged.iter().any(|known| known == name);
        if sound { Ok(()) } else { Err(io::Error::other(format!("the file {name} is altered"))) }
    })?;
    Ok(files)
}

/// Unpacks keys and settings.
pub(crate) fn keys_in(from: impl Read, data: &Path) -> io::Result<()> {
    unpack(from, data, |_| true, |_, _| Ok(()))
}

fn unpack(
    from: impl Read,
    data: &Path,
    takes: impl Fn(&Path) -> bool,
    mut look: impl FnMut(&Path, FileCheck) -> io::Result<()>,
) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut archive = Archive::new(BufReader::with_capacity(1 << 20, from));
    for entry in archive.entries()? {
        let entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(io::Error::other("something else than a file"));
        }
        let path = data.join(inside(&entry.path()?)?);
        if !takes(&path) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut reader = Checking { reader: entry, check: FileCheck::default() };
        io::copy(&mut reader, &mut file)?;
        look(&path, reader.check)?;
    }
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

/// The path, if it stays where it is put.
fn inside(path: &Path) -> io::Result<PathBuf> {
    let plain =
        path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if plain { Ok(path.to_owned()) } else { Err(io::Error::other("a path that leaves the folder")) }
}

/// The paths in a folder, in order; none when it is not there.
pub(crate) fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = found.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}
