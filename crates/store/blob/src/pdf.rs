//! What a PDF would do when it is opened: scripts and programs are refused, in plain objects and in packed ones.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::kind::Refusal;

/// Most bytes of one packed part that are looked at.
const PART_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Most bytes of all packed parts that are looked at.
const PARTS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Names that make a file do something: scripts, starting a program, players with programs inside.
const ACTIVE: [&[u8]; 5] = [b"JavaScript", b"JS", b"Launch", b"RichMedia", b"XFA"];

/// Refuses a PDF that holds scripts or starts programs.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let mut rest = bytes;
    let mut unpacked = 0;
    loop {
        let (plain, after) = split(rest, b"stream");
        if is_active(plain) {
            return Err(Refusal::Inside("scripts"));
        }
        let Some(after) = after else { return Ok(()) };
        let (data, after) = split(after, b"endstream");
        if is_packed_objects(plain) {
            let part = unpack(data, PARTS_BYTES_MAX.saturating_sub(unpacked))?;
            unpacked += u64::try_from(part.len()).unwrap_or(u64::MAX);
            if is_active(&part) {
                return Err(Refusal::Inside("scripts"));
            }
        }
        match after {
            Some(after) => rest = after,
            None => return Ok(()),
        }
    }
}

/// What stands before a word and what after it.
fn split<'b>(bytes: &'b [u8], word: &[u8]) -> (&'b [u8], Option<&'b [u8]>) {
    match bytes.windows(word.len()).position(|window| window == word) {
        Some(at) => {
            let (before, after) = bytes.split_at(at);
            (before, after.get(word.len()..))
        }
        None => (bytes, None),
    }
}

/// Whether the dictionary just before a stream says that objects are packed in it.
fn is_packed_objects(plain: &[u8]) -> bool {
    let begin = plain.len().saturating_sub(1_024);
    let near = plain.get(begin..).unwrap_or_default();
    // The last dictionary, so that an earlier object says nothing of this one.
    let last = near.windows(3).rposition(|window| window == b"obj").unwrap_or(0);
    names(near.get(last..).unwrap_or_default()).any(|name| name == b"ObjStm")
}

fn unpack(data: &[u8], left: u64) -> Result<Vec<u8>, Refusal> {
    let begin = data.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(data.len());
    let mut part = Vec::new();
    let limit = PART_BYTES_MAX.min(left);
    let reader = ZlibDecoder::new(data.get(begin..).unwrap_or_default());
    // What is broken after some bytes is judged by those that came.
    let _came = reader.take(limit + 1).read_to_end(&mut part);
    if u64::try_from(part.len()).unwrap_or(u64::MAX) > limit {
        return Err(Refusal::Bomb("a PDF that unpacks to too much"));
    }
    Ok(part)
}

fn is_active(plain: &[u8]) -> bool {
    names(plain).any(|name| ACTIVE.contains(&name.as_slice()))
}

/// All names, as they are meant: `/J#53` is `JS`.
fn names(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    bytes.split(|byte| *byte == b'/').skip(1).map(|rest| {
        let end = rest.iter().position(|byte| is_delimiter(*byte)).unwrap_or(rest.len());
        decoded(rest.get(..end.min(64)).unwrap_or_default())
    })
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(byte, 0 | b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'%')
}

fn decoded(name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = name;
    while let Some((first, after)) = rest.split_first() {
        let escaped =
            after.split_at_checked(2).filter(|_| *first == b'#').and_then(|(hex, after)| {
                let code = u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
                Some((code, after))
            });
        let (byte, next) = escaped.unwrap_or((*first, after));
        plain.push(byte);
        rest = next;
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let data = encoder.finish().unwrap();
        let head = format!("5 0 obj <</Type /ObjStm /Filter /FlateDecode /Length {}>>", data.len());
        [head.as_bytes(), b" stream\r\n", &data, b"\nendstream endobj"].concat()
    }

    #[test]
    fn scripts_are_found_plain_escaped_and_packed() {
        let rows: [(&[u8], bool); 8] = [
            (b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj", false),
            (b"1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>>>> endobj", true),
            (b"1 0 obj <</S/J#61vaScript/J#53(x)>> endobj", true),
            (b"1 0 obj <</S /Launch /F (cmd.exe)>> endobj", true),
            (b"1 0 obj <</Title (about /JSON and /JSX)>> endobj", false),
            (&packed("7 0 <</S /JavaScript /JS (x)>>"), true),
            (&packed("7 0 <</Type /Page /Annots []>>"), false),
            // Bytes of a picture mean nothing, whatever they spell.
            (
                b"3 0 obj <</Subtype /Image>> stream\n\x00/JS \x01/Launch \x02 endstream endobj",
                false,
            ),
        ];
        for (bytes, active) in rows {
            assert_eq!(check(bytes).is_err(), active, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_packed_part_that_never_ends_is_a_bomb() {
        let bomb = packed(&"x".repeat(20 * 1024 * 1024));
        assert!(bomb.len() < 100_000);
        assert!(matches!(check(&bomb), Err(Refusal::Bomb(_))));
    }
}
