//! A TCP proxy that does to a line what bad networks do: delay, jitter, cutting off, half-closing, closing slowly,
//! and sending every form twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use zhengtong_walk::dice::Dice;
use zhengtong_walk::now;

/// What a proxy does, each as one in so many; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manners {
    /// The longest delay of a piece, in milliseconds; each is drawn anew.
    pub(crate) delay_ms: u64,
    /// A line is cut off after the request went out and before its answer comes back.
    pub(crate) cut: u64,
    /// The line to the server is half-closed after the request.
    pub(crate) half_close: u64,
    /// The line is held open for a while after the server has closed it.
    pub(crate) slow_close: u64,
    /// A form is sent a second time, on a line of its own, at the same moment or a moment later.
    pub(crate) double: u64,
}

/// What a proxy did.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) requests: AtomicU64,
    pub(crate) cut: AtomicU64,
    pub(crate) doubled: AtomicU64,
}

/// A running proxy; it ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// Where clients connect to.
    pub(crate) address: String,
    /// What it did.
    pub(crate) deeds: Arc<Deeds>,
    /// Every form it saw, to be sent again later.
    pub(crate) forms: Arc<Mutex<Vec<Vec<u8>>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Stands before a server.
    pub(crate) async fn before(server: &str, manners: Manners, dice: Dice) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let deeds = Arc::new(Deeds::default());
        let forms = Arc::new(Mutex::new(Vec::new()));
        let line = Line {
            server: server.to_owned(),
            manners,
            deeds: Arc::clone(&deeds),
            forms: Arc::clone(&forms),
        };
        let task = tokio::spawn(accept(listener, line, dice));
        Ok(Self { address, deeds, forms, task })
    }
}

#[derive(Clone, Debug)]
struct Line {
    server: String,
    manners: Manners,
    deeds: Arc<Deeds>,
    forms: Arc<Mutex<Vec<Vec<u8>>>>,
}

async fn accept(listener: TcpListener, line: Line, dice: Dice) {
    let mut number = 0;
    while let Ok((client, _)) = listener.accept().await {
        number += 1;
        let (line, dice) = (line.clone(), dice.part(number));
        tokio::spawn(async move { drop(carry(client, &line, dice).await) });
    }
}

/// Carries one line: whole requests there, whatever comes back.
async fn carry(mut client: TcpStream, line: &Line, mut dice: Dice) -> Result<()> {
    let manners = line.manners;
    let mut server = TcpStream::connect(&line.server).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = request(&mut client, &mut buffer).await? {
        line.deeds.requests.fetch_add(1, Ordering::Relaxed);
        now::wait(Duration::from_millis(dice.below(manners.delay_ms + 1))).await;
        if request.starts_with(b"POST ") && comes(&mut dice, manners.double) {
            line.deeds.doubled.fetch_add(1, Ordering::Relaxed);
            line.forms.lock().await.push(request.clone());
            let (address, again) = (line.server.clone(), request.clone());
            let later = Duration::from_millis(dice.below(30));
            tokio::spawn(async move {
                now::wait(later).await;
                drop(send(&address, &again).await);
            });
        }
        server.write_all(&request).await?;
        if comes(&mut dice, manners.cut) {
            line.deeds.cut.fetch_add(1, Ordering::Relaxed);
            // Sometimes the server has not read it yet, sometimes it is done already.
            now::wait(Duration::from_millis(dice.below(60))).await;
            return Ok(());
        }
        let half = comes(&mut dice, manners.half_close);
        if half {
            server.shutdown().await?;
        }
        let ended = answer(&mut server, &mut client, manners.delay_ms, &mut dice).await?;
        if ended || half {
            if comes(&mut dice, manners.slow_close) {
                now::wait(Duration::from_millis(500)).await;
            }
            return Ok(());
        }
    }
    Ok(())
}

fn comes(dice: &mut Dice, chances: u64) -> bool {
    chances > 0 && dice.once_in(chances)
}

/// One whole request from a client; none when it has closed.
pub(crate) async fn request(
    client: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> Result<Option<Vec<u8>>> {
    loop {
        if let Some(whole) = whole(buffer) {
            let rest = buffer.split_off(whole);
            return Ok(Some(std::mem::replace(buffer, rest)));
        }
        if client.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// How many bytes a message with a length has, once all are there.
fn whole(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let length = value(buffer.get(..head)?, "content-length").and_then(|value| value.parse().ok());
    let end = head + length.unwrap_or(0_usize);
    (buffer.len() >= end).then_some(end)
}

fn value(head: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// Passes one answer on; gives whether the line has ended.
pub(crate) async fn answer(
    server: &mut TcpStream,
    client: &mut TcpStream,
    delay_ms: u64,
    dice: &mut Dice,
) -> Result<bool> {
    let mut seen = Vec::new();
    loop {
        let from = seen.len();
        if server.read_buf(&mut seen).await? == 0 {
            client.shutdown().await?;
            return Ok(true);
        }
        if delay_ms > 0 && dice.once_in(4) {
            now::wait(Duration::from_millis(dice.below(delay_ms))).await;
        }
        client.write_all(seen.get(from..).unwrap_or_default()).await?;
        let Some(head) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let chunked =
            value(seen.get(..head + 4).unwrap_or_default(), "transfer-encoding").is_some();
        let ended = if chunked { seen.ends_with(b"0\r\n\r\n") } else { whole(&seen).is_some() };
        if ended {
            return Ok(false);
        }
    }
}

/// Sends bytes on a line of their own and reads what comes back for a moment.
pub(crate) async fn send(address: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(bytes).await?;
    let mut back = Vec::new();
    let reading = async {
        while whole(&back).is_none() && line.read_buf(&mut back).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    tokio::time::timeout(Duration::from_secs(10), reading).await??;
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_with_its_body() {
        let post = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET";
        assert_eq!(whole(post), Some(post.len() - 3));
        assert_eq!(whole(&post[..post.len() - 4]), None);
        assert_eq!(whole(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
    }

    #[tokio::test]
    async fn a_doubled_form_arrives_twice_and_a_page_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let posts = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&posts);
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let mut buffer = Vec::new();
                    while let Ok(Some(request)) = request(&mut line, &mut buffer).await {
                        seen.fetch_add(u64::from(request.starts_with(b"POST")), Ordering::SeqCst);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                        line.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        let manners = Manners { double: 1, ..Manners::default() };
        let proxy = Proxy::before(&server, manners, Dice::new(1)).await.unwrap();
        let post = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\na";
        assert!(send(&proxy.address, post).await.unwrap().ends_with(b"ok"));
        let get = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        assert!(send(&proxy.address, get).await.unwrap().ends_with(b"ok"));
        for _ in 0..100 {
            if posts.load(Ordering::SeqCst) == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(posts.load(Ordering::SeqCst), 2);
        assert_eq!(proxy.deeds.doubled.load(Ordering::SeqCst), 1);
    }
}
