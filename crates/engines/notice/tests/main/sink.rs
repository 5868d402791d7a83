//! A mail server and a gateway that speak their protocols and do what a test wants.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the mail server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Takes everything.
    Take,
    /// Answers the recipient with this.
    Recipient(&'static str),
    /// Answers the log-in with this.
    LogIn(&'static str),
    /// Says nothing at all.
    Nothing,
    /// Takes the line and closes it.
    Close,
}

/// How the line is encrypted.
#[derive(Clone)]
pub(crate) enum Tls {
    None,
    Whole(TlsAcceptor),
    Begin(TlsAcceptor),
}

/// A mail server.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    pub(crate) mails: Arc<Mutex<Vec<String>>>,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    pub(crate) async fn start(does: Does, tls: Tls) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sink = Self { address, mails: Arc::default(), lines: Arc::default() };
        let (mails, lines) = (Arc::clone(&sink.mails), Arc::clone(&sink.lines));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mails, lines, tls) = (Arc::clone(&mails), Arc::clone(&lines), tls.clone());
                tokio::spawn(async move {
                    let _done = serve(stream, does, tls, &mails, &lines).await;
                });
            }
        });
        sink
    }

    pub(crate) fn said(&self, what: &str) -> usize {
        self.lines.lock().unwrap().iter().filter(|line| line.starts_with(what)).count()
    }
}

async fn serve(
    stream: TcpStream,
    does: Does,
    tls: Tls,
    mails: &Mutex<Vec<String>>,
    lines: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    match tls {
        Tls::None => talk(stream, does, false, mails, lines).await.map(drop),
        Tls::Whole(acceptor) => {
            let stream = acceptor.accept(stream).await?;
            talk(stream, does, false, mails, lines).await.map(drop)
        }
        Tls::Begin(acceptor) => {
            let Some(stream) = talk(stream, does, true, mails, lines).await? else { return Ok(()) };
            let stream = acceptor.accept(stream).await?;
            after(BufReader::new(stream), does, mails, lines).await
        }
    }
}

/// Greets and talks; gives the line back when the client asks for TLS.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    does: Does,
    offers: bool,
    mails: &Mutex<Vec<String>>,
    lines: &Mutex<Vec<String>>,
) -> std::io::Result<Option<S>> {
    match does {
        Does::Nothing => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            return Ok(None);
        }
        Does::Close => return Ok(None),
        _ => {}
    }
    stream.write_all(b"220 sink ready\r\n").await?;
    let mut stream = BufReader::new(stream);
    if offers {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        lines.lock().unwrap().push(format!("plain {line}"));
        stream.get_mut().write_all(b"250-sink\r\n250-8BITMIME\r\n250 STARTTLS\r\n").await?;
        line.clear();
        stream.read_line(&mut line).await?;
        lines.lock().unwrap().push(format!("plain {line}"));
        stream.get_mut().write_all(b"220 go on\r\n").await?;
        return Ok(Some(stream.into_inner()));
    }
    after(stream, does, mails, lines).await?;
    Ok(None)
}

async fn after<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    does: Does,
    mails: &Mutex<Vec<String>>,
    lines: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        lines.lock().unwrap().push(line.trim_end().to_owned());
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let answer = match (word.as_str(), does) {
            ("EHLO", _) => "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            ("AUTH", Does::LogIn(said)) | ("RCPT", Does::Recipient(said)) => said,
            ("AUTH", _) => "235 known",
            ("MAIL" | "RCPT" | "RSET" | "NOOP", _) => "250 fine",
            ("DATA", _) => {
                stream.get_mut().write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                loop {
                    line.clear();
                    stream.read_line(&mut line).await?;
                    if line == ".\r\n" {
                        break;
                    }
                    mail.push_str(&line);
                }
                mails.lock().unwrap().push(mail);
                "250 taken"
            }
            ("QUIT", _) => "221 bye",
            _ => "500 what",
        };
        stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// A certificate for 127.0.0.1 that signs itself, and what serves with it.
pub(crate) fn acceptor(folder: &Path) -> TlsAcceptor {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]);
    command.args(["-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]);
    command.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem"]);
    let made = command.args(["-out", "cert.pem"]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let certificates = CertificateDer::pem_file_iter(folder.join("cert.pem")).unwrap();
    let certificates = certificates.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A gateway of text messages that answers each request alike and keeps what it was sent.
pub(crate) async fn gateway(answer: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let asked = Arc::clone(&asked);
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut piece = [0; 4_096];
                loop {
                    let read = stream.read(&mut piece).await.unwrap_or(0);
                    request.extend_from_slice(&piece[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let length = head.lines().find_map(|line| {
                            line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                        });
                        length.is_some_and(|length: usize| body.len() >= length)
                    });
                    if read == 0 || whole {
                        asked.lock().unwrap().push(text);
                        break;
                    }
                }
                let _sent = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (address, kept)
}
