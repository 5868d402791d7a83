//! Files a story may upload: made here, so that no pack has to carry one.

use anyhow::{Context, Result, bail, ensure};

/// A file as a browser would send it.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Its name.
    pub(crate) name: String,
    /// The type the browser would claim.
    pub(crate) mime: &'static str,
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
}

/// A valid file for this name: the kind follows the ending. A name that begins with `假` is a
/// program under a false name, `空` an empty file, `大` one of eleven megabytes.
pub(crate) fn sample(name: &str) -> Result<Sample> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_lowercase();
    let (mime, bytes) = match ending.as_str() {
        "pdf" => ("application/pdf", pdf()),
        "png" => ("image/png", png()),
        "jpg" | "jpeg" => ("image/jpeg", JPEG.to_vec()),
        "txt" => ("text/plain", "样本文字\n".as_bytes().to_vec()),
        "exe" => ("application/octet-stream", PROGRAM.to_vec()),
        _ => bail!("no sample for `{name}`: its ending may be pdf, png, jpg, txt or exe"),
    };
    let bytes = match name.chars().next() {
        Some('假') => PROGRAM.to_vec(),
        Some('空') => Vec::new(),
        Some('大') => {
            let mut bytes = bytes;
            bytes.resize(11 * 1024 * 1024, b' ');
            bytes
        }
        _ => bytes,
    };
    Ok(Sample { name: name.to_owned(), mime, bytes })
}

/// A file that says these words, in an encoding by its name (UTF-8 when none is given).
pub(crate) fn written(name: &str, words: &str, encoding: &str) -> Result<Sample> {
    let encoding = if encoding.is_empty() { "utf-8" } else { encoding };
    let known = encoding_rs::Encoding::for_label(encoding.as_bytes());
    let known = known.with_context(|| format!("no encoding is called `{encoding}`"))?;
    let (bytes, used, lossy) = known.encode(words);
    ensure!(!lossy && used == known, "`{encoding}` cannot write all of these words");
    Ok(Sample { name: name.to_owned(), mime: "text/csv", bytes: bytes.into_owned() })
}

const PROGRAM: &[u8] = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00";

/// One grey pixel.
const JPEG: &[u8] = &[
    0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, b'J', b'F', b'I', b'F', 0x00, 0x01, 0x01, 0x00, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x00, 0xFF, 0xDB, 0x00, 0x43, 0x00, 0x03, 0x02, 0x02, 0x02, 0x02, 0x02, 0x03,
    0x02, 0x02, 0x02, 0x03, 0x03, 0x03, 0x03, 0x04, 0x06, 0x04, 0x04, 0x04, 0x04, 0x04, 0x08, 0x06,
    0x06, 0x05, 0x06, 0x09, 0x08, 0x0A, 0x0A, 0x09, 0x08, 0x09, 0x09, 0x0A, 0x0C, 0x0F, 0x0C, 0x0A,
    0x0B, 0x0E, 0x0B, 0x09, 0x09, 0x0D, 0x11, 0x0D, 0x0E, 0x0F, 0x10, 0x10, 0x11, 0x10, 0x0A, 0x0C,
    0x12, 0x13, 0x12, 0x10, 0x13, 0x0F, 0x10, 0x10, 0x10, 0xFF, 0xC9, 0x00, 0x0B, 0x08, 0x00, 0x01,
    0x00, 0x01, 0x01, 0x01, 0x11, 0x00, 0xFF, 0xCC, 0x00, 0x06, 0x00, 0x10, 0x10, 0x05, 0xFF, 0xDA,
    0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0xD2, 0xCF, 0x20, 0xFF, 0xD9,
];

/// A page with the word "sample", with a right table of cross references.
fn pdf() -> Vec<u8> {
    let stream = "BT /F1 24 Tf 72 700 Td (sample) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(format!("{:010} 00000 n \n", text.len()));
        let object = format!("{number} 0 obj\n{object}\nendobj\n");
        text.push_str(&object);
    }
    let (start, size, places) = (text.len(), objects.len() + 1, places.concat());
    let table = format!("xref\n0 {size}\n0000000000 65535 f \n{places}");
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    [text, table, end].concat().into_bytes()
}

/// One white pixel, with right check sums.
fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    // Width 1, height 1, 8 bits, grey.
    let head = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    // zlib: one stored block of a filter byte and a pixel, then its Adler-32.
    let data = [0x78, 0x01, 1, 2, 0, 0xFD, 0xFF, 0x00, 0xFF, 0x01, 0x01, 0x01, 0x00];
    for (kind, body) in [(b"IHDR", &head[..]), (b"IDAT", &data[..]), (b"IEND", &[][..])] {
        let part = [kind.as_slice(), body].concat();
        bytes.extend(u32::try_from(body.len()).unwrap_or_default().to_be_bytes());
        bytes.extend(&part);
        bytes.extend(crc32(&part).to_be_bytes());
    }
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_written_in_the_encoding_that_is_asked_for() {
        assert_eq!(written("a.csv", "湖", "").unwrap().bytes, "湖".as_bytes());
        assert_eq!(written("a.csv", "湖", "gb18030").unwrap().bytes, [0xBA, 0xFE]);
        // Beyond the two bytes of its forerunner.
        assert_eq!(written("a.csv", "𠮷", "gb18030").unwrap().bytes, [0x95, 0x34, 0xB2, 0x35]);
        assert!(written("a.csv", "湖", "windows-1252").is_err());
        assert!(written("a.csv", "湖", "nosuch").is_err());
    }

    #[test]
    fn samples_begin_as_their_kind_does() {
        for (name, head) in [
            ("样本.pdf", &b"%PDF"[..]),
            ("a.PNG", b"\x89PNG"),
            ("b.jpeg", b"\xFF\xD8\xFF"),
            ("假.pdf", b"MZ"),
        ] {
            assert!(sample(name).unwrap().bytes.starts_with(head), "{name}");
        }
        assert!(sample("空.pdf").unwrap().bytes.is_empty());
        assert_eq!(sample("大.pdf").unwrap().bytes.len(), 11 * 1024 * 1024);
        assert!(sample("x.ofd").is_err());
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
