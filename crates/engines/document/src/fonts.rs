//! Fonts of the machine: found once, read when first used, shared by all papers.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

/// How deep folders of fonts may be nested.
const DEPTH_MAX: usize = 8;
/// Most files of fonts.
const FILES_MAX: usize = 2_000;

/// The fonts below some folders. Copies share what was read.
#[derive(Clone)]
pub(crate) struct Fonts {
    folders: Arc<[PathBuf]>,
    found: Arc<OnceLock<Found>>,
}

/// What was found.
pub(crate) struct Found {
    book: LazyHash<FontBook>,
    faces: Vec<Face>,
}

struct Face {
    file: Arc<FontFile>,
    index: u32,
    font: OnceLock<Option<Font>>,
}

struct FontFile {
    path: PathBuf,
    bytes: OnceLock<Option<Bytes>>,
}

impl Fonts {
    /// The fonts below these folders; nothing is read yet.
    pub(crate) fn below(folders: Vec<PathBuf>) -> Self {
        Self { folders: folders.into(), found: Arc::default() }
    }

    /// What there is. The first call reads every file of fonts, which takes a moment: not on an async thread.
    pub(crate) fn found(&self) -> &Found {
        self.found.get_or_init(|| Found::below(&self.folders))
    }

    /// The folders, for messages.
    pub(crate) fn folders(&self) -> String {
        let shown: Vec<_> =
            self.folders.iter().map(|folder| folder.display().to_string()).collect();
        shown.join(", ")
    }
}

impl fmt::Debug for Fonts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fonts({})", self.folders())
    }
}

impl Found {
    fn below(folders: &[PathBuf]) -> Self {
        let mut paths = Vec::new();
        for folder in folders {
            walk(folder, 0, &mut paths);
        }
        paths.sort();
        paths.dedup();
        let (mut book, mut faces) = (FontBook::new(), Vec::new());
        for path in paths {
            let Ok(bytes) = fs::read(&path) else { continue };
            let file = Arc::new(FontFile { path, bytes: OnceLock::new() });
            for (index, info) in (0..).zip(FontInfo::iter(&bytes)) {
                book.push(info);
                faces.push(Face { file: Arc::clone(&file), index, font: OnceLock::new() });
            }
        }
        tracing::info!(faces = faces.len(), "fonts for papers were found");
        Self { book: LazyHash::new(book), faces }
    }

    /// What the fonts are called and cover.
    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.faces.is_empty()
    }

    /// A font by its place in the book.
    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        face.font.get_or_init(|| Font::new(face.file.bytes()?, face.index)).clone()
    }
}

impl FontFile {
    fn bytes(&self) -> Option<Bytes> {
        self.bytes.get_or_init(|| fs::read(&self.path).ok().map(Bytes::new)).clone()
    }
}

fn walk(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
    if depth > DEPTH_MAX {
        return;
    }
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        if path.is_dir() && !path.is_symlink() {
            walk(&path, depth + 1, paths);
        } else if matches!(ending.as_deref(), Some("ttf" | "otf" | "ttc" | "otc"))
            && paths.len() < FILES_MAX
        {
            paths.push(path);
        }
    }
}
