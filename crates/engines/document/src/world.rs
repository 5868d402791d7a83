//! What a template may see: its pack's own files, the shared layout, the QR code, the fonts. Nothing else.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use typst::diag::{FileError, FileResult, PackageError, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Str, Value};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook, FontFamily, FontList, TextElem};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World, WorldExt as _};

use crate::error::{Error, Fault, Result};
use crate::fonts::Found;
use crate::part::{Files, ending};

/// The shared layout, as templates import it.
const LAYOUT: (&str, &str) = ("zhengtong.typ", include_str!("layout.typ"));
/// The QR code, as templates show it.
const QR: &str = "qr.svg";

/// The layout's source is read once for all papers.
static LAYOUT_SOURCE: LazyLock<Option<Source>> =
    LazyLock::new(|| Some(Source::new(file_id(LAYOUT.0)?, LAYOUT.1.to_owned())));

/// The world of one paper.
pub(crate) struct PaperWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Found,
    pack: &'a str,
    main: FileId,
    files: Arc<Files>,
    qr: Option<Bytes>,
}

impl<'a> PaperWorld<'a> {
    /// The world of a template of a pack, with its data as JSON text.
    pub(crate) fn new(
        fonts: &'a Found,
        (pack, path): (&'a str, &str),
        files: Arc<Files>,
        data: String,
        qr: Option<String>,
    ) -> Result<Self> {
        let mut inputs = Dict::new();
        inputs.insert(Str::from("data"), Value::Str(Str::from(data)));
        let mut library = Library::builder().with_inputs(inputs).build();
        let families = ["Noto Serif CJK SC", "Noto Serif SC", "Noto Sans CJK SC", "Noto Sans SC"];
        let families = families.into_iter().map(FontFamily::new).collect();
        library.styles.set(TextElem::font, FontList(families));
        let main = file_id(path).ok_or_else(|| Error::NoTemplate(format!("{pack}/{path}")))?;
        let qr = qr.map(Bytes::from_string);
        Ok(Self { library: LazyHash::new(library), fonts, pack, main, files, qr })
    }

    /// Faults with their places, as the author of the template sees them.
    pub(crate) fn faults(&self, diagnostics: &[SourceDiagnostic]) -> Vec<Fault> {
        diagnostics.iter().map(|diagnostic| self.fault(diagnostic)).collect()
    }

    fn fault(&self, diagnostic: &SourceDiagnostic) -> Fault {
        // A fault inside the shared layout is shown where the template called it.
        let calls = diagnostic.trace.iter().map(|call| DiagSpan::from(call.span));
        let own = |span: &DiagSpan| span.id().is_some_and(|id| path_of(id) != LAYOUT.0);
        let span = std::iter::once(diagnostic.span).chain(calls).find(own);
        let span = span.unwrap_or(diagnostic.span);
        let place = span.id().zip(self.range(span)).and_then(|(id, range)| {
            let (line, column) = self.source(id).ok()?.lines().byte_to_line_column(range.start)?;
            Some((path_of(id).to_owned(), line + 1, column + 1))
        });
        let (path, line, column) =
            place.unwrap_or_else(|| (path_of(span.id().unwrap_or(self.main)).to_owned(), 0, 0));
        let mut message = diagnostic.message.to_string();
        for hint in &diagnostic.hints {
            message.push_str("; ");
            message.push_str(&hint.v);
        }
        Fault { file: format!("{}/{path}", self.pack), line, column, message }
    }

    fn bytes(&self, id: FileId) -> FileResult<Bytes> {
        if let VirtualRoot::Package(package) = id.root() {
            return Err(FileError::Package(PackageError::NotFound(package.clone())));
        }
        let path = path_of(id);
        if path == LAYOUT.0 {
            return Ok(Bytes::from_string(LAYOUT.1));
        }
        if let (QR, Some(qr)) = (path, &self.qr) {
            return Ok(qr.clone());
        }
        self.files.get(path).cloned().ok_or_else(|| FileError::NotFound(PathBuf::from(path)))
    }
}

impl World for PaperWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if let Some(layout) = LAYOUT_SOURCE.as_ref().filter(|layout| layout.id() == id) {
            return Ok(layout.clone());
        }
        let bytes = self.bytes(id)?;
        if ending(path_of(id)) != "typ" {
            return Err(FileError::NotSource);
        }
        let text = std::str::from_utf8(&bytes).map_err(FileError::from)?;
        Ok(Source::new(id, text.to_owned()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.bytes(id)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// A paper knows no clock: its days are part of its data.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// What is wrong with the writing of a template, before it is given any data: byte offset and message.
pub(crate) fn syntax_faults(text: &str) -> Vec<(usize, String)> {
    let source = Source::detached(text);
    let (errors, _) = source.root().errors_and_warnings();
    errors
        .into_iter()
        .map(|error| {
            let range = match error.span.get() {
                typst::syntax::DiagSpanKind::Number { num, sub_range, .. } => {
                    source.range(num, sub_range)
                }
                typst::syntax::DiagSpanKind::Range { range, .. } => Some(range),
                typst::syntax::DiagSpanKind::Detached => None,
            };
            (range.map_or(0, |range| range.start), error.message.to_string())
        })
        .collect()
}

fn file_id(path: &str) -> Option<FileId> {
    let path = VirtualPath::new(path).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn path_of(id: FileId) -> &'static str {
    id.get().vpath().get_without_slash()
}
