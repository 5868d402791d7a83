//! From a template and its data to a PDF, on a thread of its own and within limits.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use typst::foundations::{Datetime, Smart};
use typst::layout::{Frame, FrameItem};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};
use zhengtong_base::Text;
use zhengtong_pack::{Finding, Report, Severity};

use crate::error::{Error, Result};
use crate::fonts::Fonts;
use crate::part::{Catalog, Definition};
use crate::world::PaperWorld;

/// How long one paper may take, in seconds.
pub const RENDER_SECONDS_MAX: u64 = 30;
/// Most pages of one paper.
pub const PAGES_MAX: usize = 50;
/// Papers that are made at the same time.
const RENDERS_MAX: usize = 2;
/// After so many papers without use, what was kept of a layout is let go.
const KEPT_LAYOUTS: usize = 8;

/// What the wiring gives: where the public reaches this city, and where fonts are.
#[derive(Clone, Debug)]
pub struct Settings {
    public_url: String,
    fonts: Fonts,
    turns: Arc<Semaphore>,
}

/// One paper to be made.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The data that the template sees, an object; the module `input` makes the usual one.
    pub data: Value,
    /// What the QR code holds; without it there is no QR code.
    pub qr: Option<String>,
    /// A stable name of the paper, hashed into the PDF.
    pub ident: String,
    /// The moment of issue, written into the PDF.
    pub at: OffsetDateTime,
}

impl Settings {
    /// The public address, such as `https://www.example.gov.cn`, and the folders below which fonts are found.
    pub fn new(public_url: &str, font_folders: Vec<PathBuf>) -> Self {
        Self {
            public_url: public_url.trim_end_matches('/').to_owned(),
            fonts: Fonts::below(font_folders),
            turns: Arc::new(Semaphore::new(RENDERS_MAX)),
        }
    }

    /// Where anyone verifies a paper.
    pub fn verify_url(&self, code: &str) -> String {
        format!("{}/verify/{code}", self.public_url)
    }
}

/// Makes a paper. It is stopped when it takes longer than [`RENDER_SECONDS_MAX`].
pub async fn render(settings: &Settings, definition: &Definition, paper: Paper) -> Result<Vec<u8>> {
    let limit = Duration::from_secs(RENDER_SECONDS_MAX);
    let slow = Error::TooSlow(RENDER_SECONDS_MAX);
    let turn = Arc::clone(&settings.turns).acquire_owned();
    let Ok(turn) = tokio::time::timeout(limit, turn).await else { return Err(slow) };
    let turn = turn.map_err(|closed| Error::Stopped(closed.to_string()))?;
    let (fonts, definition) = (settings.fonts.clone(), definition.clone());
    let work = tokio::task::spawn_blocking(move || {
        let made = compile(&fonts, &definition, &paper);
        // A paper that goes on past its time keeps its turn, so that such papers cannot fill the machine.
        drop(turn);
        made
    });
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done.unwrap_or_else(|stopped| Err(Error::Stopped(stopped.to_string()))),
        Err(_) => Err(slow),
    }
}

/// Makes every paper of the catalog once from its sample and reports what is wrong, with its place.
/// For the check of packs; it takes its time.
pub fn check(catalog: &Catalog, settings: &Settings, at: OffsetDateTime, report: &mut Report) {
    if let (true, Some(first)) = (settings.fonts.found().is_empty(), catalog.iter().next()) {
        report.push(Finding {
            severity: Severity::Warning,
            file: format!("{}/{}", first.pack, first.path()),
            line: 0,
            column: 0,
            text: Text::new(
                "没有试做文书：这台机器上没有字体。先运行 scripts/setup",
                "no paper was made for trial: this machine has no fonts; run scripts/setup first",
            ),
            suggestion: None,
        });
        return;
    }
    for definition in catalog.iter() {
        let paper = crate::input::sample(settings, definition, &Value::Null, at);
        match compile(&settings.fonts, definition, &paper) {
            Ok(_) => {}
            Err(Error::Template(faults)) => {
                for fault in faults {
                    report.push(Finding {
                        severity: Severity::Error,
                        file: fault.file,
                        line: fault.line,
                        column: fault.column,
                        text: Text::new(
                            format!("模板用样例数据做不出来：{}", fault.message),
                            fault.message,
                        ),
                        suggestion: None,
                    });
                }
            }
            Err(error) => report.push(Finding {
                severity: Severity::Error,
                file: format!("{}/{}", definition.pack, definition.path()),
                line: 0,
                column: 0,
                text: zhengtong_base::Failure::text(&error),
                suggestion: None,
            }),
        }
    }
}

fn compile(fonts: &Fonts, definition: &Definition, paper: &Paper) -> Result<Vec<u8>> {
    let found = fonts.found();
    if found.is_empty() {
        return Err(Error::NoFonts(fonts.folders()));
    }
    let made = compile_with(found, definition, paper);
    comemo::evict(KEPT_LAYOUTS);
    made
}

fn compile_with(
    found: &crate::fonts::Found,
    definition: &Definition,
    paper: &Paper,
) -> Result<Vec<u8>> {
    let qr = paper.qr.as_deref().map(qr_svg).transpose()?;
    let (data, path) = (paper.data.to_string(), definition.path());
    let place = (definition.pack.as_str(), path.as_str());
    let world = PaperWorld::new(found, place, Arc::clone(&definition.files), data, qr)?;
    let compiled = typst::compile(&world);
    for warning in world.faults(&compiled.warnings) {
        tracing::debug!(%warning, "a template was made with a warning");
    }
    let document = compiled.output.map_err(|errors| Error::Template(world.faults(&errors)))?;
    let options = options(&paper.ident, paper.at)?;
    // Named before the pages are looked at, because it says of what type the document is.
    let finish = || typst_pdf::pdf(&document, &options);
    if document.pages().len() > PAGES_MAX {
        return Err(Error::TooLong(document.pages().len()));
    }
    let mut missing = BTreeSet::new();
    for page in document.pages() {
        missing_glyphs(&page.frame, &mut missing);
    }
    if !missing.is_empty() {
        return Err(Error::Glyphs(missing.into_iter().collect()));
    }
    finish().map_err(|errors| Error::Template(world.faults(&errors)))
}

fn options(ident: &str, at: OffsetDateTime) -> Result<PdfOptions> {
    let standards = PdfStandards::new(&[PdfStandard::A_2u])
        .map_err(|error| Error::Stopped(error.message().to_string()))?;
    let (day, clock) = (at.date(), at.time());
    let moment = Datetime::from_ymd_hms(
        day.year(),
        day.month().into(),
        day.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
    );
    Ok(PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("Zhengtong".to_owned())),
        timestamp: moment.map(Timestamp::new_utc),
        standards,
        ..PdfOptions::default()
    })
}

/// Characters for which a box would be printed.
fn missing_glyphs(frame: &Frame, missing: &mut BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => missing_glyphs(&group.frame, missing),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    let letters = text.text.get(glyph.range()).unwrap_or_default();
                    missing.extend(letters.chars().filter(|letter| !letter.is_whitespace()));
                }
            }
            _ => {}
        }
    }
}

/// The QR code that stands on a paper, as a picture for a page: an `svg` element without script, style or size.
pub fn qr(settings: &Settings, code: &str) -> Result<String> {
    let made = QrCode::with_error_correction_level(settings.verify_url(code), EcLevel::M)
        .map_err(|error| Error::Stopped(format!("the QR code could not be made: {error}")))?;
    let width = made.width();
    let mut path = String::new();
    for (place, module) in made.to_colors().into_iter().enumerate() {
        if module == qrcode::Color::Dark {
            write!(path, "M{} {}h1v1h-1z", place % width, place / width).unwrap_or_default();
        }
    }
    // A quiet zone of four modules, white in every theme, or cameras do not find the code.
    let side = width + 8;
    Ok(format!(
        "<svg viewBox=\"-4 -4 {side} {side}\" shape-rendering=\"crispEdges\" focusable=\"false\" \
         aria-hidden=\"true\"><path d=\"M-4 -4h{side}v{side}h-{side}z\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

pub(crate) fn qr_svg(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Error::Stopped(format!("the QR code could not be made: {error}")))?;
    Ok(code.render::<svg::Color<'_>>().module_dimensions(4, 4).build())
}
