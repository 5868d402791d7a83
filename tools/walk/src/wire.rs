//! A small HTTP/1.1 client: kept lines, one deadline, and a word on what is known when no answer came.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bytes of an answer that are read.
const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Lines that are kept for the next request.
const IDLE_MAX: usize = 256;

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path with its query.
    pub path: String,
    /// Header lines beside host and length.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked from its pieces.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The request never reached the server.
    Unsent(String),
    /// The server may or may not have done it.
    Unknown(String),
}

impl std::fmt::Display for Lost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unsent(why) => write!(formatter, "not sent: {why}"),
            Self::Unknown(why) => write!(formatter, "no answer: {why}"),
        }
    }
}

impl std::error::Error for Lost {}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

impl Request {
    /// The bytes on the line.
    pub fn bytes(&self, host: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {host}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        if self.method != "GET" && self.method != "HEAD" {
            head.push_str("content-length: ");
            head.push_str(&self.body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// The way to one address.
#[derive(Clone, Debug)]
pub struct Wire {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Where to connect.
    address: String,
    /// What the server is called.
    host: String,
    wait: Duration,
    idle: Mutex<Vec<TcpStream>>,
}

impl Wire {
    /// A way to `address` (host and port) whose answers are waited for so long.
    pub fn new(address: &str, wait: Duration) -> Self {
        Self::through(address, address, wait)
    }

    /// A way through something that stands before the server and is not seen by it.
    pub fn through(address: &str, host: &str, wait: Duration) -> Self {
        let inner = Inner {
            address: address.to_owned(),
            host: host.to_owned(),
            wait,
            idle: Mutex::new(Vec::new()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The name of the server, as requests carry it.
    pub fn host(&self) -> &str {
        &self.inner.host
    }

    /// Where it connects to.
    pub fn address(&self) -> &str {
        &self.inner.address
    }

    /// Sends a request and waits for its answer.
    pub async fn send(&self, request: &Request) -> Result<Reply, Lost> {
        let limit = self.inner.wait;
        match tokio::time::timeout(limit, self.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_late) => Err(Lost::Unknown(format!("no answer in {} ms", limit.as_millis()))),
        }
    }

    async fn exchange(&self, request: &Request) -> Result<Reply, Lost> {
        let bytes = request.bytes(&self.inner.host);
        if let Some(line) = self.kept() {
            match on(line, request.method, &bytes).await {
                // Reading twice does no harm, and a kept line may have been closed meanwhile.
                Err(Lost::Unknown(_)) if request.method == "GET" => {}
                outcome => return self.keep(outcome),
            }
        }
        let line = TcpStream::connect(&self.inner.address)
            .await
            .map_err(|error| Lost::Unsent(error.to_string()))?;
        line.set_nodelay(true).map_err(|error| Lost::Unsent(error.to_string()))?;
        let outcome = on(line, request.method, &bytes).await;
        self.keep(outcome)
    }

    /// A line that is still open.
    fn kept(&self) -> Option<TcpStream> {
        loop {
            let line = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let nothing_yet = line
                .try_read(&mut [0; 1])
                .is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            if nothing_yet {
                return Some(line);
            }
        }
    }

    fn keep(&self, outcome: Result<(Reply, Option<TcpStream>), Lost>) -> Result<Reply, Lost> {
        let (reply, line) = outcome?;
        if let Some(line) = line {
            let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_MAX {
                idle.push(line);
            }
        }
        Ok(reply)
    }
}

/// One exchange on one line; gives the line back when it can be used again.
async fn on(
    mut line: TcpStream,
    method: &str,
    bytes: &[u8],
) -> Result<(Reply, Option<TcpStream>), Lost> {
    let unknown = |error: std::io::Error| Lost::Unknown(error.to_string());
    // A server may refuse before it has read everything: its answer is worth reading all the same.
    let written = line.write_all(bytes).await;
    let mut buffer = Vec::with_capacity(16 * 1024);
    let head_end = loop {
        if let Some(end) = find(&buffer, b"\r\n\r\n") {
            break end;
        }
        if line.read_buf(&mut buffer).await.map_err(unknown)? == 0 {
            let why = written.err().map_or_else(|| "closed".to_owned(), |error| error.to_string());
            return Err(Lost::Unknown(why));
        }
    };
    let mut reply = head(buffer.get(..head_end).unwrap_or_default())
        .ok_or_else(|| Lost::Unknown("the answer is no HTTP".to_owned()))?;
    let mut rest = buffer.split_off((head_end + 4).min(buffer.len()));
    let bare = method == "HEAD" || reply.status == 204 || reply.status == 304;
    let length = reply.header("content-length").and_then(|value| value.parse::<usize>().ok());
    let chunked = reply.header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
    let closes = reply.header("connection").is_some_and(|value| value.contains("close"));
    let mut whole = true;
    if !bare {
        loop {
            if chunked {
                if let Some(body) = unchunk(&rest) {
                    rest = body;
                    break;
                }
            } else if length.is_some_and(|length| rest.len() >= length) {
                break;
            }
            if rest.len() > REPLY_BYTES_MAX {
                return Err(Lost::Unknown("the answer is too long".to_owned()));
            }
            if line.read_buf(&mut rest).await.map_err(unknown)? == 0 {
                if chunked || length.is_some() {
                    return Err(Lost::Unknown("the answer was cut off".to_owned()));
                }
                whole = false;
                break;
            }
        }
    }
    reply.body = rest;
    Ok((reply, (whole && !closes && written.is_ok()).then_some(line)))
}

fn head(bytes: &[u8]) -> Option<Reply> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Reply { status, headers, body: Vec::new() })
}

/// The body of a chunked answer, once it is whole.
fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(bytes, b"\r\n")?;
        let size = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        bytes = bytes.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(bytes.get(..size)?);
        bytes = bytes.get(size + 2..)?;
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together_only_when_all_are_there() {
        let whole = b"4\r\nWiki\r\n5;x=1\r\npedia\r\n0\r\n\r\n";
        assert_eq!(unchunk(whole).unwrap(), b"Wikipedia");
        for cut in 0..whole.len() - 4 {
            assert_eq!(unchunk(&whole[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn a_head_is_read() {
        let reply = head(b"HTTP/1.1 303 See Other\r\nLocation: /my\r\nX-A:b").unwrap();
        assert_eq!((reply.status, reply.header("location")), (303, Some("/my")));
        assert!(head(b"no").is_none());
    }
}
