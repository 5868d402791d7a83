//! Sends the log to a collector on another machine as well: RFC 5424, framed by length (RFC 6587, RFC 5425), over TLS or,
//! where the operator names the host as private, over a plain line. It never holds up who writes: while the collector is
//! away a bounded number of lines waits, what comes beyond is counted, and the count is told when it is back.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context as _, Result};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use zhengtong_db::clock::{Clock as _, SystemClock};
use zhengtong_egress::{Egress, Line};

/// Lines that wait while the collector is away.
const WAITING_MAX: usize = 10_000;
/// The longest line that is sent; the rest of a longer one is cut off.
const LINE_BYTES_MAX: usize = 32 * 1024;
/// How long to wait before the collector is tried again, the first time and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// How long the last lines may take when the program ends.
const LAST: Duration = Duration::from_secs(3);
/// `local0`, for programs that are no part of the system.
const FACILITY: u8 = 16;

/// The way to the collector, once there is one.
static SENDER: OnceLock<mpsc::Sender<Message>> = OnceLock::new();

#[derive(Debug)]
enum Message {
    Line { level: Level, at: OffsetDateTime, text: Vec<u8> },
    Flush(oneshot::Sender<()>),
}

/// Writes each line to standard error, and to the collector where there is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tee(Option<Collector>);

#[derive(Clone, Debug)]
struct Collector {
    sender: mpsc::Sender<Message>,
    lost: Arc<AtomicU64>,
}

/// Starts sending to a collector such as `tls://logs.example.cn:6514`. Needs a runtime.
pub(crate) fn start(egress: Egress, url: &str) -> Tee {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let lost = Arc::new(AtomicU64::new(0));
    tokio::spawn(carry(egress, url.to_owned(), receiver, Arc::clone(&lost)));
    SENDER.get_or_init(|| sender.clone());
    Tee(Some(Collector { sender, lost }))
}

/// Sends what waits, as far as it can be sent soon.
pub(crate) async fn flush() {
    let Some(sender) = SENDER.get() else { return };
    let (done, told) = oneshot::channel();
    let all = async {
        if sender.send(Message::Flush(done)).await.is_ok() {
            drop(told.await);
        }
    };
    if tokio::time::timeout(LAST, all).await.is_err() {
        tracing::debug!("the collector was not reached at the end");
    }
}

/// One line on its way.
pub(crate) struct Writer<'a> {
    collector: Option<&'a Collector>,
    level: Level,
}

impl<'a> MakeWriter<'a> for Tee {
    type Writer = Writer<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Writer { collector: self.0.as_ref(), level: Level::INFO }
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> Self::Writer {
        Writer { collector: self.0.as_ref(), level: *meta.level() }
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(collector) = self.collector {
            let text = bytes.trim_ascii_end();
            let text = text.get(..LINE_BYTES_MAX).unwrap_or(text).to_vec();
            let line = Message::Line { level: self.level, at: SystemClock.now(), text };
            if collector.sender.try_send(line).is_err() {
                collector.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        io::stderr().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Sends until nobody is left who writes.
async fn carry(
    egress: Egress,
    url: String,
    mut lines: mpsc::Receiver<Message>,
    lost: Arc<AtomicU64>,
) {
    let mut line: Option<Box<dyn Line>> = None;
    let (mut held, mut wait) = (None, AGAIN.0);
    loop {
        let Some(mut open) = line.take() else {
            match egress.line(&url).await {
                Ok(opened) => {
                    wait = AGAIN.0;
                    line = Some(opened);
                }
                Err(error) => {
                    if wait == AGAIN.0 {
                        tracing::warn!(%error, url, "the collector of logs is away; lines wait");
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(AGAIN.1);
                }
            }
            continue;
        };
        let gone = lost.swap(0, Ordering::Relaxed);
        let next = if gone > 0 {
            let text = format!("{gone} lines were lost while the collector was away").into_bytes();
            Some(Message::Line { level: Level::WARN, at: SystemClock.now(), text })
        } else if let Some(held) = held.take() {
            Some(held)
        } else {
            let mut byte = [0];
            tokio::select! {
                next = lines.recv() => next,
                // A collector says nothing; an end of its side is told here.
                read = open.read(&mut byte) => match read {
                    Ok(0) | Err(_) => continue,
                    Ok(_) => { line = Some(open); continue }
                },
            }
        };
        match next {
            None => return,
            Some(Message::Flush(done)) => {
                drop(open.flush().await);
                if done.send(()).is_err() {
                    tracing::debug!("nobody waits for the last lines");
                }
                line = Some(open);
            }
            Some(Message::Line { level, at, text }) => {
                let sent = async {
                    open.write_all(&frame(level, at, &text)).await?;
                    open.flush().await
                };
                match sent.await {
                    Ok(()) => line = Some(open),
                    Err(_broken) if gone > 0 => drop(lost.fetch_add(gone, Ordering::Relaxed)),
                    Err(_broken) => held = Some(Message::Line { level, at, text }),
                }
            }
        }
    }
}

/// A line as collectors read it, with its length before it.
fn frame(level: Level, at: OffsetDateTime, text: &[u8]) -> Vec<u8> {
    static HOST: OnceLock<String> = OnceLock::new();
    let host = HOST.get_or_init(|| host().unwrap_or_else(|_unknown| "-".to_owned()));
    let severity = match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    };
    let at = at.format(&Rfc3339).unwrap_or_else(|_unwritable| "-".to_owned());
    let head =
        format!("<{}>1 {at} {host} zhengtong {} - - ", FACILITY * 8 + severity, std::process::id());
    let mut framed = format!("{} ", head.len() + text.len()).into_bytes();
    framed.extend_from_slice(head.as_bytes());
    framed.extend_from_slice(text);
    framed
}

fn host() -> Result<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").context("the host name")?;
    let plain: String = name.trim().chars().filter(char::is_ascii_graphic).take(255).collect();
    Ok(if plain.is_empty() { "-".to_owned() } else { plain })
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// The next line that a collector gets.
    async fn heard(line: &mut TcpStream) -> String {
        let mut length = String::new();
        loop {
            let byte = line.read_u8().await.unwrap();
            if byte == b' ' {
                break;
            }
            length.push(char::from(byte));
        }
        let mut text = vec![0; length.parse().unwrap()];
        line.read_exact(&mut text).await.unwrap();
        String::from_utf8(text).unwrap()
    }

    fn way(address: &str) -> Egress {
        let private = vec![address.to_owned()];
        Egress::new(zhengtong_egress::Settings { private, ..Default::default() }).unwrap()
    }

    fn write(tee: &Tee, text: &str) {
        let mut writer = tee.make_writer();
        writer.write_all(text.as_bytes()).unwrap();
    }

    #[tokio::test]
    async fn each_line_of_the_log_reaches_a_collector_elsewhere() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let tee = start(way(&address), &format!("tcp://{address}"));
        let (mut line, _) = listener.accept().await.unwrap();
        write(&tee, "{\"message\":\"办件\"}\n");
        let said = heard(&mut line).await;
        let mut words = said.split(' ');
        assert_eq!(words.next(), Some("<134>1"), "local0, informational: {said}");
        assert!(OffsetDateTime::parse(words.next().unwrap(), &Rfc3339).is_ok(), "{said}");
        assert!(said.ends_with(" - - {\"message\":\"办件\"}"), "one line, whole: {said}");
        // The line breaks, and what is written meanwhile comes when it is back.
        drop(line);
        for number in 0..5 {
            write(&tee, &format!("after {number}"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (mut line, _) = listener.accept().await.unwrap();
        let said = heard(&mut line).await;
        assert!(said.contains("after "), "{said}");
    }

    #[tokio::test]
    async fn a_collector_that_is_away_holds_nobody_up_and_the_loss_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let tee = start(way(&address), &format!("tcp://{address}"));
        let began = tokio::time::Instant::now();
        for number in 0..WAITING_MAX + 500 {
            let collector = tee.0.as_ref().unwrap();
            let text = number.to_string().into_bytes();
            let line = Message::Line { level: Level::INFO, at: SystemClock.now(), text };
            if collector.sender.try_send(line).is_err() {
                collector.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let listener = TcpListener::bind(&address).await.unwrap();
        let (mut line, _) = listener.accept().await.unwrap();
        let first = heard(&mut line).await;
        assert!(first.starts_with("<132>1 ") && first.contains(" lines were lost"), "{first}");
        assert!(heard(&mut line).await.ends_with(" - - 0"), "and then all that waited, in order");
        assert!(heard(&mut line).await.ends_with(" - - 1"));
    }
}
