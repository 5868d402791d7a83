//! Mail over SMTP: the line is that of the one way out, the words and the protocol are those of lettre.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use uuid::Uuid;
use zhengtong_egress::{Egress, Error, Line};

use crate::carrier::{Mail, Outcome};

/// How we name ourselves to the server.
const HELLO: &str = "zhengtong.invalid";
/// Bytes of one reply before the line is encrypted.
const REPLY_BYTES_MAX: usize = 8_192;

/// One mail.
pub(crate) struct Letter<'a> {
    pub(crate) id: Uuid,
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) at: OffsetDateTime,
}

/// Sends a mail. What the server says of the recipient is told by its number alone: its words may hold the address.
pub(crate) async fn send(egress: &Egress, mail: &Mail, letter: &Letter<'_>) -> Outcome {
    let message = match written(mail, letter) {
        Ok(message) => message,
        Err(why) => return Outcome::Never(why),
    };
    let sent = egress.converse(&mail.url, |line| async {
        let wire = if mail.url.starts_with("starttls://") {
            begin_tls(egress, &mail.url, line).await?
        } else {
            Wire::new(line, Vec::new())
        };
        talk(wire, mail, &message).await
    });
    match sent.await {
        Ok(outcome) => outcome,
        Err(Error::Refused(_) | Error::Settings(_)) => {
            Outcome::Never("the mail server is not on the list of egress.allow".to_owned())
        }
        Err(error) => Outcome::Later(error.to_string()),
    }
}

fn written(mail: &Mail, letter: &Letter<'_>) -> Result<Message, String> {
    let from = mail.from.parse().map_err(|_unreadable| "mail.from is no address".to_owned())?;
    let to: Address =
        letter.to.parse().map_err(|_unreadable| "the address cannot be used".to_owned())?;
    Message::builder()
        .from(from)
        .to(lettre::message::Mailbox::new(None, to))
        .subject(letter.subject)
        .message_id(Some(format!("<{}@{HELLO}>", letter.id)))
        .date(std::time::SystemTime::from(letter.at))
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.to_owned())
        .map_err(|error| error.to_string())
}

/// Hello, the name and password, the mail, good-bye. The inner outcome is what the server said; an error is one of the line.
async fn talk(wire: Wire, mail: &Mail, message: &Message) -> Result<Outcome, Error> {
    let hello = ClientId::Domain(HELLO.to_owned());
    let mut connection =
        match AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello).await {
            Ok(connection) => connection,
            Err(error) => return said("hello", &error, Outcome::Later),
        };
    if !mail.user.is_empty() {
        let who = Credentials::new(mail.user.clone(), mail.password.clone());
        let ways = [Mechanism::Plain, Mechanism::Login];
        if let Err(error) = connection.auth(&ways, &who).await {
            // A wrong password is ours to mend: nothing is lost by it.
            return said("log-in", &error, Outcome::Later);
        }
    }
    let outcome = match connection.send(message.envelope(), &message.formatted()).await {
        Ok(_) => Ok(Outcome::Sent),
        Err(error) if error.is_permanent() => said("mail", &error, Outcome::Never),
        Err(error) => said("mail", &error, Outcome::Later),
    };
    if let Err(error) = connection.quit().await {
        tracing::debug!(%error, "a mail server did not say good-bye");
    }
    outcome
}

/// What the server said, by its number; without one the line broke.
fn said(
    at: &str,
    error: &lettre::transport::smtp::Error,
    outcome: impl FnOnce(String) -> Outcome,
) -> Result<Outcome, Error> {
    match error.status() {
        Some(code) => Ok(outcome(format!("the mail server answered {code} ({at})"))),
        None if error.is_client() => {
            Ok(outcome(format!("the mail server cannot be talked to ({at})")))
        }
        None => Err(Error::Line(Box::new(io::Error::other(format!("SMTP, {at}"))))),
    }
}

/// Asks for TLS before anything else is said. Without it nothing is sent: who stands between could take it away.
async fn begin_tls(egress: &Egress, url: &str, mut line: Box<dyn Line>) -> Result<Wire, Error> {
    let plain = |what: &str| Error::Line(Box::new(io::Error::other(format!("STARTTLS: {what}"))));
    let broken = |error: io::Error| Error::Line(Box::new(error));
    let (code, _) = reply(&mut line).await.map_err(broken)?;
    if code != 220 {
        return Err(plain("no greeting"));
    }
    line.write_all(format!("EHLO {HELLO}\r\n").as_bytes()).await.map_err(broken)?;
    let (code, offers) = reply(&mut line).await.map_err(broken)?;
    if code != 250 || !offers.to_ascii_uppercase().contains("STARTTLS") {
        return Err(plain("not offered"));
    }
    line.write_all(b"STARTTLS\r\n").await.map_err(broken)?;
    if reply(&mut line).await.map_err(broken)?.0 != 220 {
        return Err(plain("refused"));
    }
    let line = egress.secure(url, line).await?;
    // A server greets once only; the client waits for a greeting.
    Ok(Wire::new(line, b"220 secured\r\n".to_vec()))
}

/// One reply of the server, of one line or several. Nothing after it is read: that would be said before TLS.
async fn reply(line: &mut Box<dyn Line>) -> io::Result<(u16, String)> {
    let mut text = String::new();
    let mut row = Vec::new();
    loop {
        let byte = line.read_u8().await?;
        row.push(byte);
        if text.len() + row.len() > REPLY_BYTES_MAX {
            return Err(io::Error::other("the reply is too long"));
        }
        if byte != b'\n' {
            continue;
        }
        let read = String::from_utf8_lossy(&row).into_owned();
        let last = read.as_bytes().get(3) != Some(&b'-');
        text.push_str(&read);
        row.clear();
        if last {
            let code = read.get(..3).and_then(|code| code.parse().ok());
            let code = code.ok_or_else(|| io::Error::other("no reply of SMTP"))?;
            return Ok((code, text));
        }
    }
}

/// A line of the way out as lettre takes it.
struct Wire {
    line: Mutex<Box<dyn Line>>,
    first: io::Cursor<Vec<u8>>,
}

impl Wire {
    fn new(line: Box<dyn Line>, first: Vec<u8>) -> Self {
        Self { line: Mutex::new(line), first: io::Cursor::new(first) }
    }

    fn line(&mut self) -> Pin<&mut Box<dyn Line>> {
        Pin::new(self.line.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let mut first = [0; 64];
        let room = buffer.remaining().min(first.len());
        let read = match first.get_mut(..room) {
            Some(room) => io::Read::read(&mut wire.first, room)?,
            None => 0,
        };
        if let Some(bytes) = first.get(..read).filter(|bytes| !bytes.is_empty()) {
            buffer.put_slice(bytes);
            return Poll::Ready(Ok(()));
        }
        wire.line().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().line().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().line().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().line().poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::Error::other("behind the way out"))
    }
}
