//! The virus scanner: ClamAV's daemon, asked with INSTREAM over its socket.

use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

/// Bytes that are sent at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// The test file of all scanners, of which a part is kept reversed so that this program is not taken for it.
const TEST_FILE_REVERSED: &[u8] =
    b"*H+H$!ELIF-TSET-SURIVITNA-DRADNATS-RACIE$}7)CC7)^P(45XZP\\4[PA@%P!O5X";

/// Where the scanner is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A socket of this machine.
    Socket(PathBuf),
    /// A host and a port.
    Port(String),
}

/// What is done with files while the scanner is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// They are taken and shut away until they were looked at.
    Hold,
    /// None are taken.
    Refuse,
}

/// The scanner.
#[derive(Clone, Debug)]
pub struct Scanner {
    /// Where it is.
    pub place: Place,
    /// What is done while it is away.
    pub away: Away,
    /// How long a look may take.
    pub limit: Duration,
}

/// What a scanner says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found, of this name.
    Found(String),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Ok(Self::Socket(PathBuf::from(text)));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Self::Port(text.to_owned()))
            }
            _ => Err(format!(
                "{text} is neither a socket such as /run/clamav/clamd.ctl nor host:port"
            )),
        }
    }
}

impl Scanner {
    /// Shows the scanner everything that comes. An error means that it could not look, never that a file is clean.
    pub async fn look(&self, bytes: impl AsyncRead + Unpin) -> io::Result<Verdict> {
        tokio::time::timeout(self.limit, self.ask(bytes))
            .await
            .unwrap_or_else(|_late| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether it answers at all.
    pub async fn ping(&self) -> io::Result<()> {
        let answered = async {
            match &self.place {
                Place::Socket(path) => pong(UnixStream::connect(path).await?).await,
                Place::Port(host) => pong(TcpStream::connect(host).await?).await,
            }
        };
        let late = |_late| Err(io::ErrorKind::TimedOut.into());
        tokio::time::timeout(self.limit, answered).await.unwrap_or_else(late)
    }

    async fn ask(&self, bytes: impl AsyncRead + Unpin) -> io::Result<Verdict> {
        match &self.place {
            Place::Socket(path) => stream(UnixStream::connect(path).await?, bytes).await,
            Place::Port(host) => stream(TcpStream::connect(host).await?, bytes).await,
        }
    }
}

async fn pong(mut line: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    line.write_all(b"zPING\0").await?;
    line.flush().await?;
    let mut answer = Vec::new();
    line.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    if answer.starts_with(b"PONG") { Ok(()) } else { Err(io::Error::other("no scanner")) }
}

/// Four bytes of length and the bytes, again and again; a length of nought is the end.
async fn stream(
    mut line: impl AsyncRead + AsyncWrite + Unpin,
    mut bytes: impl AsyncRead + Unpin,
) -> io::Result<Verdict> {
    line.write_all(b"zINSTREAM\0").await?;
    let mut chunk = vec![0_u8; CHUNK_BYTES];
    loop {
        let count = bytes.read(&mut chunk).await?;
        let length = u32::try_from(count).map_err(io::Error::other)?;
        line.write_all(&length.to_be_bytes()).await?;
        line.write_all(chunk.get(..count).unwrap_or_default()).await?;
        if count == 0 {
            break;
        }
    }
    line.flush().await?;
    let mut answer = Vec::new();
    line.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    parse(&answer)
}

/// Reads the answer: `stream: OK`, `stream: NAME FOUND`; whatever else it says is no answer.
pub fn parse(answer: &[u8]) -> io::Result<Verdict> {
    let text = String::from_utf8_lossy(answer);
    let text = text.trim_end_matches(['\0', '\n', '\r']);
    let said = text.strip_prefix("stream: ").unwrap_or_default();
    if said == "OK" {
        return Ok(Verdict::Clean);
    }
    match said.strip_suffix(" FOUND") {
        Some(name) if !name.is_empty() => {
            let plain = name.chars().filter(|sign| !sign.is_control()).take(120).collect();
            Ok(Verdict::Found(plain))
        }
        _ => {
            Err(io::Error::other(format!("the scanner says {:?}", text.get(..80).unwrap_or(text))))
        }
    }
}

/// Whether the bytes hold the file by which scanners are tested: refused even without a scanner.
pub fn is_test_file(bytes: &[u8]) -> bool {
    let wanted: Vec<u8> = TEST_FILE_REVERSED.iter().rev().copied().collect();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_counts_as_clean() {
        assert_eq!(parse(b"stream: OK\0").unwrap(), Verdict::Clean);
        let found = Verdict::Found("Win.Test.EICAR_HDB-1".to_owned());
        assert_eq!(parse(b"stream: Win.Test.EICAR_HDB-1 FOUND\0").unwrap(), found);
        let unclear: [&[u8]; 8] = [
            b"",
            b"OK",
            b"stream: ",
            b"stream: ok",
            b"stream: OK FOUND?",
            b"stream:  FOUND",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"\xff\xfe",
        ];
        for answer in unclear {
            assert!(parse(answer).is_err(), "{}", String::from_utf8_lossy(answer));
        }
    }

    #[test]
    fn places_are_sockets_or_ports() {
        assert_eq!("/run/x.ctl".parse(), Ok(Place::Socket(PathBuf::from("/run/x.ctl"))));
        assert_eq!("127.0.0.1:3310".parse(), Ok(Place::Port("127.0.0.1:3310".to_owned())));
        for wrong in ["", "clamd", ":3310", "host:", "host:x"] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
