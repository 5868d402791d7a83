//! What a form sends: names and values, and files, within limits.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use futures_util::StreamExt as _;
use zhengtong_base::{Kind, Limits};

use crate::fault::Fault;

/// Bytes of a body that are read only to be thrown away; whoever sends more is cut off.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// The first value of a field, or nothing.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether a field was sent with this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(field, sent)| field == name && sent == value)
    }

    /// The fields that belong to the form itself, without those of the frame.
    pub fn inputs(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| name != "csrf").cloned().collect()
    }

    /// What a person typed and may be shown again: everything but passwords.
    pub fn typed(&self) -> Vec<(String, String)> {
        let mut typed = self.inputs();
        typed.retain(|(name, _)| !matches!(name.as_str(), "password" | "old" | "new"));
        typed
    }
}

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The field.
    pub field: String,
    /// The name the sender gave it.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Fields and files of a form that carries files.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The fields.
    pub fields: Fields,
    /// The files that were chosen.
    pub files: Vec<Upload>,
}

impl Uploads {
    /// The files of fields that are named `start` and a number, each with its number; places that were left empty are
    /// left out.
    pub fn numbered<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (i32, &'a Upload)> {
        let number = move |file: &Upload| file.field.strip_prefix(start)?.parse().ok();
        let files = self.files.iter().filter(|file| !file.bytes.is_empty());
        files.filter_map(move |file| Some((number(file)?, file)))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        Ok(Uploads::from_request(request, state).await?.fields)
    }
}

impl<S: Send + Sync> FromRequest<S> for Uploads {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            return multipart(request, state).await;
        }
        if !kind.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Fault::new(
                Kind::Unsupported,
                "这里只收表单",
                "only forms are accepted here",
            ));
        }
        let bytes = whole(request.into_body(), Limits::default().form_bytes).await?;
        Ok(Self { fields: Fields(urlencoded(&bytes)?), files: Vec::new() })
    }
}

/// Reads a body to its end. What is over the limit is thrown away and not kept, but it is read: a client that is
/// still sending would otherwise lose the line before it sees the answer.
async fn whole(body: Body, limit: usize) -> Result<Vec<u8>, Fault> {
    let mut stream = body.into_data_stream();
    let (mut bytes, mut seen) = (Vec::new(), 0_usize);
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_cut_off| broken())?;
        seen = seen.saturating_add(piece.len());
        if seen > DISCARDED_BYTES_MAX {
            break;
        }
        if seen <= limit {
            bytes.extend_from_slice(&piece);
        }
    }
    if seen > limit { Err(too_large()) } else { Ok(bytes) }
}

fn too_large() -> Fault {
    Fault::new(
        Kind::TooLarge,
        "内容太大了。文字请缩短，文件请压缩或分开上传。您之前保存的都在",
        "too large; shorten the text or send files one by one; what was saved before is kept",
    )
}

fn broken() -> Fault {
    Fault::new(
        Kind::Invalid,
        "表单没有完整送到，请退回上一页再提交一次，不会重复提交",
        "the form did not arrive whole; go back and send it again, nothing is sent twice",
    )
}

fn urlencoded(bytes: &[u8]) -> Result<Vec<(String, String)>, Fault> {
    bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(parts.next().unwrap_or_default())?;
            let value = decode(parts.next().unwrap_or_default())?;
            Ok((name, value))
        })
        .collect()
}

fn decode(part: &[u8]) -> Result<String, Fault> {
    let spaced: Vec<u8> =
        part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8()
        .map(|text| typed(&text))
        .map_err(|_not_utf8| broken())
}

/// Line ends as one sign. A NUL, which nobody can type and no database keeps, becomes the sign for what is unreadable.
fn typed(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\0', "\u{fffd}")
}

async fn multipart<S: Send + Sync>(request: Request, state: &S) -> Result<Uploads, Fault> {
    let limits = Limits::default();
    let mut parts = Multipart::from_request(request, state).await.map_err(|_broken| broken())?;
    let mut uploads = Uploads::default();
    let mut text_bytes = 0;
    while let Some(part) = parts.next_field().await.map_err(|_broken| broken())? {
        let field = part.name().unwrap_or_default().to_owned();
        let named = part.file_name().is_some_and(|name| !name.is_empty());
        let name = part.file_name().map(file_name);
        // A body beyond the limit of the whole request ends here with an error of the reader.
        let bytes = part.bytes().await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { broken() }
        })?;
        match name {
            // No file was chosen; a file that is empty has a name, and is refused in words later.
            Some(_) if bytes.is_empty() && !named => {}
            Some(_) if bytes.len() as u64 > limits.file_bytes => return Err(too_large()),
            Some(name) => uploads.files.push(Upload { field, name, bytes }),
            None => {
                text_bytes += bytes.len();
                if text_bytes > limits.form_bytes {
                    return Err(too_large());
                }
                let text = String::from_utf8(bytes.to_vec()).map_err(|_not_utf8| broken())?;
                uploads.fields.0.push((typed(&field), typed(&text)));
            }
        }
        if uploads.files.len() > limits.files {
            return Err(too_large());
        }
    }
    Ok(uploads)
}

/// Most characters of a name, and of its ending.
const NAME_CHARS_MAX: usize = 120;
const ENDING_CHARS_MAX: usize = 10;

/// The last part of a path, without signs that cannot be seen or that turn the reading round, and without
/// dots or spaces at its ends; at most 120 characters, of which the ending stays.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let seen: String = last.chars().filter(|letter| is_seen(*letter)).collect();
    let seen = seen.trim_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if seen.is_empty() {
        return "file".to_owned();
    }
    if seen.chars().count() <= NAME_CHARS_MAX {
        return seen.to_owned();
    }
    let (stem, ending) = match seen.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= ENDING_CHARS_MAX => (stem, ending),
        _ => (seen, ""),
    };
    let room = NAME_CHARS_MAX.saturating_sub(ending.chars().count() + 1);
    let short: String = stem.chars().take(room).collect();
    let short = short.trim_end_matches(|letter: char| letter == '.' || letter.is_whitespace());
    if ending.is_empty() { short.to_owned() } else { format!("{short}.{ending}") }
}

/// Neither a control sign nor one of those that join, hide or turn others.
fn is_seen(letter: char) -> bool {
    let hides = matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    );
    !letter.is_control() && !hides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_broken_ones_refused() {
        let fields = urlencoded("a=%E9%A3%9F+%E5%93%81&b=&a=2".as_bytes()).unwrap();
        assert_eq!(fields[0], ("a".to_owned(), "食 品".to_owned()));
        assert_eq!(fields[1], ("b".to_owned(), String::new()));
        assert!(urlencoded(b"a=%FF%FE").is_err());
        assert_eq!(urlencoded(b"a=%00").unwrap()[0].1, "\u{fffd}");
    }

    #[test]
    fn a_name_is_only_a_name() {
        let rows = [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\y.pdf", "y.pdf"),
            ("", "file"),
            ("...", "file"),
            (" .pdf ", "pdf"),
            ("plan\u{202e}fdp.exe", "planfdp.exe"),
            ("a\u{200b}b\r\n.pdf", "ab.pdf"),
            ("食品 平面图.pdf", "食品 平面图.pdf"),
        ];
        for (given, expected) in rows {
            assert_eq!(file_name(given), expected);
        }
        let long = file_name(&format!("{}.pdf", "图".repeat(300)));
        assert_eq!(
            (long.chars().count(), long.rsplit_once('.').map(|cut| cut.1)),
            (120, Some("pdf"))
        );
    }
}
