//! What kind of file some bytes really are. Names and declared types are only compared with that.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use zhengtong_base::Text;

use crate::{archive, pdf};

/// The kinds of file that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Portable Document Format.
    Pdf,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A text document of Office Open XML, without macros.
    Docx,
    /// A workbook of Office Open XML, without macros.
    Xlsx,
    /// The national document format of GB/T 33190.
    Ofd,
}

/// Why a file is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// None of the accepted kinds.
    #[error("not a kind of file that is accepted")]
    Unknown,
    /// It begins like an accepted kind and is broken.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// It would become too large when unpacked or shown.
    #[error("the file would become too large when opened: {0}")]
    Bomb(&'static str),
    /// It holds what must not be inside.
    #[error("the file holds {0}")]
    Inside(&'static str),
    /// Its name or declared type says another kind.
    #[error("the file is {found:?}, its name or type says otherwise")]
    Mismatch {
        /// What it really is.
        found: FileKind,
    },
    /// A kind that is not asked for here.
    #[error("the file is {found:?}, which is not asked for here")]
    NotWanted {
        /// What it really is.
        found: FileKind,
    },
    /// A scanner found something in it.
    #[error("the file holds {0}")]
    Virus(String),
    /// The bytes could not be read.
    #[error("the file could not be read")]
    Read(#[from] io::Error),
}

/// Most bytes of a PDF that is looked into.
const PDF_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most pixels of an image.
const PIXELS_MAX: u64 = 100_000_000;

/// Most segments of a JPEG before its size is known.
const SEGMENTS_MAX: usize = 1_000;

/// The kind of some bytes; none when they are not accepted.
pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
    inspect(&mut Cursor::new(bytes)).ok()
}

/// The kind of a file, or why it is not accepted. The whole structure that matters is looked at, not only
/// the first bytes.
pub fn inspect(reader: &mut (impl Read + Seek)) -> Result<FileKind, Refusal> {
    let size = reader.seek(SeekFrom::End(0))?;
    if size == 0 {
        return Err(Refusal::Empty);
    }
    let head = read_at(reader, 0, 16)?;
    match head.as_slice() {
        [b'%', b'P', b'D', b'F', b'-', b'1' | b'2', b'.', ..] => inspect_pdf(reader, size),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => inspect_png(reader, size),
        [0xff, 0xd8, 0xff, ..] => inspect_jpeg(reader),
        [b'P', b'K', 0x03, 0x04, ..] => archive::inspect(reader, size),
        _ => Err(Refusal::Unknown),
    }
}

/// The kind of a file that was sent under a name and perhaps a declared type, of those that are wanted.
pub fn check(
    reader: &mut (impl Read + Seek),
    name: &str,
    mime: Option<&str>,
    wanted: &[FileKind],
) -> Result<FileKind, Refusal> {
    let found = inspect(reader)?;
    if !found.has_name(name) || !mime.is_none_or(|mime| found.has_mime(mime)) {
        return Err(Refusal::Mismatch { found });
    }
    if wanted.contains(&found) { Ok(found) } else { Err(Refusal::NotWanted { found }) }
}

impl FileKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Pdf, Self::Png, Self::Jpeg, Self::Docx, Self::Xlsx, Self::Ofd];

    /// The media type, to be sent with the file.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ofd => "application/ofd",
        }
    }

    /// The usual ending of a name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Ofd => "ofd",
        }
    }

    /// Whether a name ends as the kind may end.
    pub fn has_name(self, name: &str) -> bool {
        let Some((_, ending)) = name.rsplit_once('.') else { return false };
        ending.eq_ignore_ascii_case(self.extension())
            || (self == Self::Jpeg && ending.eq_ignore_ascii_case("jpeg"))
    }

    /// Whether a declared type fits the kind. Types that say nothing fit every kind: a browser that does
    /// not know OFD sends one of them.
    pub fn has_mime(self, mime: &str) -> bool {
        let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(mime.as_str(), "" | "application/octet-stream")
            || mime == self.mime()
            || match self {
                Self::Jpeg => matches!(mime.as_str(), "image/jpg" | "image/pjpeg"),
                Self::Ofd => matches!(mime.as_str(), "application/x-ofd" | "application/zip"),
                _ => false,
            }
    }
}

impl Refusal {
    /// What a person reads.
    pub fn text(&self) -> Text {
        match self {
            Self::Empty => Text::new("文件是空的，请重新选择", "the file is empty; choose another"),
            Self::Unknown | Self::NotWanted { .. } => Text::new(
                "不接受这种文件，请换成 PDF、OFD、图片（PNG、JPG）、Word（docx）或 Excel（xlsx）",
                "this kind of file is not accepted; use PDF, OFD, a picture (PNG, JPG), Word (docx) or Excel (xlsx)",
            ),
            Self::Damaged(_) | Self::Read(_) => Text::new(
                "文件已损坏或没有传完，请重新导出后再上传",
                "the file is damaged or incomplete; export it again and upload it",
            ),
            Self::Bomb(_) => Text::new(
                "文件打开后会过大，请缩小图片或拆分后再上传",
                "the file becomes too large when opened; make it smaller or split it",
            ),
            Self::Inside(_) => Text::new(
                "文件里有不能接受的内容（宏、脚本、加密或嵌套的压缩包），请另存为普通文件、或打印成 PDF 后再上传",
                "the file holds macros, scripts, encryption or packed files; save it as a plain file or print it to PDF and upload that",
            ),
            Self::Virus(_) => Text::new(
                "文件里查出病毒，没有收下。请先在自己的电脑上查毒，再换一份上传",
                "a virus was found in the file and it was not taken; clean your computer first, then upload another",
            ),
            Self::Mismatch { .. } => Text::new(
                "文件名和文件内容不一致，请用原来的文件名上传",
                "the name does not fit the content of the file; upload it under its true name",
            ),
        }
    }
}

/// At most `count` bytes from a position.
pub(crate) fn read_at(
    reader: &mut (impl Read + Seek),
    position: u64,
    count: u64,
) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn inspect_pdf(reader: &mut (impl Read + Seek), size: u64) -> Result<FileKind, Refusal> {
    let tail = read_at(reader, size.saturating_sub(1_024), 1_024)?;
    if !tail.windows(5).any(|window| window == b"%%EOF") {
        return Err(Refusal::Damaged("a PDF without its end"));
    }
    if size > PDF_BYTES_MAX {
        return Err(Refusal::Bomb("a PDF of more than 64 MB"));
    }
    pdf::check(&read_at(reader, 0, size)?)?;
    Ok(FileKind::Pdf)
}

fn inspect_png(reader: &mut (impl Read + Seek), size: u64) -> Result<FileKind, Refusal> {
    let header = read_at(reader, 8, 16)?;
    let [0, 0, 0, 13, b'I', b'H', b'D', b'R', sides @ ..] = header.as_slice() else {
        return Err(Refusal::Damaged("a PNG without its header"));
    };
    let [w1, w2, w3, w4, h1, h2, h3, h4] = *sides else {
        return Err(Refusal::Damaged("a PNG without its size"));
    };
    check_pixels(u32::from_be_bytes([w1, w2, w3, w4]), u32::from_be_bytes([h1, h2, h3, h4]))?;
    let tail = read_at(reader, size.saturating_sub(12), 12)?;
    if tail == *b"\0\0\0\0IEND\xae\x42\x60\x82" {
        Ok(FileKind::Png)
    } else {
        Err(Refusal::Damaged("a PNG without its end"))
    }
}

/// Walks the segments up to the one that tells the size of the image.
fn inspect_jpeg(reader: &mut (impl Read + Seek)) -> Result<FileKind, Refusal> {
    let mut position = 2;
    for _ in 0..SEGMENTS_MAX {
        let segment = read_at(reader, position, 9)?;
        match segment.as_slice() {
            // A fill byte.
            [0xff, 0xff, ..] => position += 1,
            // A frame: all of C0 to CF but the tables C4 and CC and the reserved C8.
            [
                0xff,
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf,
                _,
                _,
                _,
                h1,
                h2,
                w1,
                w2,
            ] => {
                check_pixels(
                    u16::from_be_bytes([*w1, *w2]).into(),
                    u16::from_be_bytes([*h1, *h2]).into(),
                )?;
                return Ok(FileKind::Jpeg);
            }
            // The image data or the end, before any size was told.
            [0xff, 0xd8..=0xda, ..] => break,
            [0xff, _, high, low, ..] => {
                let length = u16::from_be_bytes([*high, *low]);
                if length < 2 {
                    break;
                }
                position += 2 + u64::from(length);
            }
            _ => break,
        }
    }
    Err(Refusal::Damaged("a JPEG without its size"))
}

fn check_pixels(width: u32, height: u32) -> Result<(), Refusal> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Refusal::Damaged("an image without pixels")),
        pixels if pixels > PIXELS_MAX => Err(Refusal::Bomb("more than 100 million pixels")),
        _ => Ok(()),
    }
}
