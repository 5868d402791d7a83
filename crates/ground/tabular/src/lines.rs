//! Bytes into lines of text, whatever the encoding; a line that cannot be read says why.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use crate::model::{Encoding, Fault};

/// Lines of a piece of a file.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    line_end: u8,
    last: bool,
    /// Bytes that were given out.
    pub(crate) at: usize,
}

/// One line without its end.
pub(crate) struct Line<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8], encoding: Encoding, line_end: char, last: bool) -> Self {
        let line_end = u8::try_from(line_end).unwrap_or(b'\n');
        Self { bytes, encoding, line_end, last, at: 0 }
    }

    /// The next whole line; none when the rest is no whole line, or nothing is left.
    pub(crate) fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes.get(self.at..)?;
        if rest.is_empty() {
            return None;
        }
        let (line, length) = match self.end_of(rest) {
            Some((end, width)) => (rest.get(..end)?, end + width),
            None if self.last => (rest, rest.len()),
            None => return None,
        };
        self.at += length;
        Some(Line { bytes: self.without_return(line) })
    }

    /// Where the line ends, and how many bytes its end has.
    fn end_of(&self, rest: &[u8]) -> Option<(usize, usize)> {
        let wide = |high: usize| {
            let mut pairs = rest.chunks_exact(2);
            let found = pairs.position(|pair| {
                pair.get(1 - high) == Some(&self.line_end) && pair.get(high) == Some(&0)
            });
            found.map(|unit| (unit * 2, 2))
        };
        match self.encoding {
            Encoding::Utf16Le => wide(1),
            Encoding::Utf16Be => wide(0),
            // No letter of GB 18030 or UTF-8 holds this byte as a part.
            Encoding::Utf8 | Encoding::Gb18030 => {
                rest.iter().position(|byte| *byte == self.line_end).map(|end| (end, 1))
            }
        }
    }

    fn without_return<'b>(&self, line: &'b [u8]) -> &'b [u8] {
        let end: &[u8] = match self.encoding {
            Encoding::Utf16Le => &[b'\r', 0],
            Encoding::Utf16Be => &[0, b'\r'],
            Encoding::Utf8 | Encoding::Gb18030 => b"\r",
        };
        line.strip_suffix(end).unwrap_or(line)
    }
}

/// The text of a line.
pub(crate) fn decode(encoding: Encoding, bytes: &[u8], number: u64) -> Result<Cow<'_, str>, Fault> {
    let text = match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Encoding::Gb18030 if bytes.is_ascii() => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Encoding::Gb18030 if is_other_utf8(bytes) => None,
        Encoding::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        Encoding::Utf16Le => UTF_16LE.decode_without_bom_handling_and_without_replacement(bytes),
        Encoding::Utf16Be => UTF_16BE.decode_without_bom_handling_and_without_replacement(bytes),
    };
    let text = text.ok_or_else(|| mixed(encoding, bytes, number))?;
    if text.contains('\0') {
        return Err(Fault::new(
            number,
            &text,
            "含有空字符（NUL），多半是导出时出错，请重新导出这一行",
            "the row holds NUL bytes, mostly a fault of the export; export it again",
        ));
    }
    Ok(text)
}

/// Whether bytes in a file of GB 18030 are a line of UTF-8: pieces of three bytes and nothing else is no chance.
pub(crate) fn is_other_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let mut wide = text.chars().filter(|letter| !letter.is_ascii()).peekable();
        wide.peek().is_some()
            && wide.clone().nth(1).is_some()
            && wide.all(|letter| u32::from(letter) >= 0x800)
    })
}

fn mixed(encoding: Encoding, bytes: &[u8], number: u64) -> Fault {
    let other = match encoding {
        Encoding::Utf8 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
        Encoding::Gb18030 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Encoding::Utf16Le | Encoding::Utf16Be => None,
    };
    let name = encoding.name();
    match other {
        Some(text) => {
            let seems = if encoding == Encoding::Utf8 { "GB 18030" } else { "UTF-8" };
            Fault::new(
                number,
                &text,
                format!("文件是 {name} 编码，这一行却像是 {seems}，请统一编码后重新上传"),
                format!("the file is {name}, but this row seems to be {seems}; use one encoding"),
            )
        }
        None => Fault::new(
            number,
            &String::from_utf8_lossy(bytes),
            format!("有不属于 {name} 编码的字节，请检查这一行"),
            format!("the row holds bytes that are not {name}; check it"),
        ),
    }
}
