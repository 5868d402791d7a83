//! Lines to clients: each has a time for its head, a time for taking our answer, and all together a number.
//!
//! A client that is slow, half dead or idle costs a line and nothing else, and not for long.

use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use crate::tls::Tls;

/// What is said to whom no line is left.
const NO_LINE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 5\r\n\r\nbusy\n";

/// What is said to whom speaks plainly where lines are encrypted.
const NOT_PLAIN: &[u8] = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 84\r\n\r\n\
    本站只收加密连接，网址以 https:// 开头 / only https:// is spoken here\n"
    .as_bytes();
/// The first byte of a handshake (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// Limits of lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines {
    /// How long the head of a request may take, and how long a line may stand idle between two.
    pub(crate) head: Duration,
    /// How long a client may take nothing of what we send.
    pub(crate) stall: Duration,
    /// Lines at the same time.
    pub(crate) most: usize,
}

/// Serves until it is told to stop, then lets what is in flight finish.
pub(crate) async fn serve(
    listener: TcpListener,
    site: Router,
    lines: Lines,
    tls: Option<Tls>,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(lines.most));
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No descriptor is free, or the client has gone already.
                    tracing::warn!(%error, "a line could not be taken");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop(&mut stopped) => break,
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tokio::spawn(turn_away(stream));
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a line that is gone");
        }
        let (site, watcher) = (site.clone(), graceful.watcher());
        let line = Line { stream, stall: lines.stall, waiting: None };
        match &tls {
            None => {
                let watched = watcher.watch(connection(line, peer, site, lines));
                tokio::spawn(hold(watched, place));
            }
            Some(tls) => {
                let acceptor = tls.acceptor();
                tokio::spawn(async move {
                    if let Some(line) = shaken(line, acceptor, lines).await {
                        hold(watcher.watch(connection(line, peer, site, lines)), place).await;
                    }
                });
            }
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Keeps the place until the line has ended.
async fn hold(line: impl Future<Output = hyper::Result<()>>, place: OwnedSemaphorePermit) {
    if let Err(error) = line.await {
        tracing::debug!(%error, "a line broke");
    }
    drop(place);
}

/// The line after the handshake, for which there is as much time as for the head of a request; none when it failed.
async fn shaken(line: Line, acceptor: TlsAcceptor, lines: Lines) -> Option<TlsStream<Line>> {
    let shake = async {
        let mut first = [0];
        if line.stream.peek(&mut first).await? == 1 && first != [HANDSHAKE] {
            let mut line = line;
            line.write_all(NOT_PLAIN).await?;
            line.shutdown().await?;
            return Err(io::Error::other("no handshake"));
        }
        acceptor.accept(line).await
    };
    match tokio::time::timeout(lines.head, shake).await {
        Ok(Ok(line)) => Some(line),
        Ok(Err(error)) => {
            tracing::debug!(%error, "no handshake");
            None
        }
        Err(_late) => None,
    }
}

fn connection<L: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    line: L,
    peer: SocketAddr,
    site: Router,
    lines: Lines,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        site.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(lines.head)
        .serve_connection(TokioIo::new(line), service)
}

/// Says that there is no room, to whoever reads it at once.
async fn turn_away(mut stream: TcpStream) {
    let said = tokio::time::timeout(Duration::from_secs(1), stream.write_all(NO_LINE)).await;
    if !matches!(said, Ok(Ok(()))) {
        tracing::debug!("somebody was turned away without a word");
    }
}

/// A line that breaks when the client takes nothing for too long.
#[derive(Debug)]
struct Line {
    stream: TcpStream,
    stall: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Line {
    /// Whatever moves ends the waiting; whatever does not begins it or goes on with it.
    fn patient<T>(
        &mut self,
        moved: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.waiting = None;
            return moved;
        }
        let stall = self.stall;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(stall)));
        match waiting.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patient(moved, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let moved = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.patient(moved, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Waits for the signal to stop; what it is read from is let go of before anything else is waited for.
pub(crate) async fn stop(stopped: &mut watch::Receiver<bool>) {
    if stopped.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("nobody is left to say stop");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::AsyncReadExt as _;
    use tokio::time::{Instant, timeout};

    use super::*;

    const QUICK: Lines =
        Lines { head: Duration::from_millis(700), stall: Duration::from_millis(700), most: 3_000 };
    const MIB: usize = 1024 * 1024;

    struct Server {
        address: SocketAddr,
        stop: watch::Sender<bool>,
        task: tokio::task::JoinHandle<()>,
    }

    async fn start(lines: Lines) -> Server {
        let slow = async || {
            sleep(Duration::from_millis(400)).await;
            "done"
        };
        let site = Router::new()
            .route("/", get(async || "hello"))
            .route("/large", get(async || vec![b'x'; 64 * MIB]))
            .route("/slow", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        Server { address, stop, task: tokio::spawn(serve(listener, site, lines, None, stopped)) }
    }

    async fn open(server: &Server, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Everything until the other end closes; none when it does not within ten seconds.
    async fn rest(stream: &mut TcpStream) -> Option<String> {
        let mut bytes = Vec::new();
        let ended = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
        ended.ok().map(|_| String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn asked(server: &Server, path: &str) -> String {
        let text = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        rest(&mut open(server, &text).await).await.unwrap()
    }

    #[tokio::test]
    async fn a_head_that_drips_is_cut_off() {
        let server = start(QUICK).await;
        let began = Instant::now();
        let mut stream = open(&server, "GET / HTTP/1.1\r\nhost: x\r\n").await;
        let dripped = async {
            loop {
                sleep(Duration::from_millis(100)).await;
                if stream.write_all(b"x-a: b\r\n").await.is_err() {
                    return;
                }
                let mut byte = [0];
                if let Ok(Ok(0) | Err(_)) =
                    timeout(Duration::from_millis(1), stream.read(&mut byte)).await
                {
                    return;
                }
            }
        };
        assert!(timeout(Duration::from_secs(10), dripped).await.is_ok(), "still open");
        assert!(began.elapsed() >= Duration::from_millis(600));
    }

    #[tokio::test]
    async fn a_line_that_stands_idle_is_closed() {
        let server = start(QUICK).await;
        let mut stream = open(&server, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let said = rest(&mut stream).await.expect("still open");
        assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("hello"), "{said}");
    }

    #[tokio::test]
    async fn a_client_that_never_reads_is_cut_off() {
        let lines = Lines { most: 1, ..QUICK };
        let server = start(lines).await;
        let stream = open(&server, "GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(asked(&server, "/").await.starts_with("HTTP/1.1 503"), "the only line is taken");
        let freed = async {
            while !asked(&server, "/").await.starts_with("HTTP/1.1 200") {
                sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(timeout(Duration::from_secs(10), freed).await.is_ok(), "the line is still taken");
        drop(stream);
    }

    #[tokio::test]
    async fn two_thousand_idle_lines_do_not_slow_the_others() {
        let server = start(Lines { head: Duration::from_mins(1), ..QUICK }).await;
        let slowest = async |server: &Server| {
            let mut slowest = Duration::ZERO;
            for _ in 0..50 {
                let began = Instant::now();
                assert!(asked(server, "/").await.starts_with("HTTP/1.1 200"));
                slowest = slowest.max(began.elapsed());
            }
            slowest
        };
        let before = slowest(&server).await;
        let mut idle = Vec::new();
        for _ in 0..2_000 {
            idle.push(open(&server, "GET / HTTP/1.1\r\nhost: x\r\n\r\n").await);
        }
        let beside = slowest(&server).await;
        // A machine that tests other things at the same time hiccups; idle lines must not add to it.
        let allowed = (before * 2).max(Duration::from_millis(250));
        assert!(beside < allowed, "{before:?} alone, {beside:?} beside 2 000 idle lines");
        drop(idle);
    }

    #[tokio::test]
    async fn who_finds_no_line_is_told() {
        let server = start(Lines { most: 2, head: Duration::from_mins(1), ..QUICK }).await;
        let held = [open(&server, "GET").await, open(&server, "GET").await];
        let said = loop {
            let said = asked(&server, "/").await;
            if !said.starts_with("HTTP/1.1 200") {
                break said;
            }
        };
        assert!(said.starts_with("HTTP/1.1 503") && said.contains("retry-after: 10"), "{said}");
        drop(held);
    }

    #[tokio::test]
    async fn what_is_in_flight_finishes_and_nothing_new_begins() {
        let server = start(QUICK).await;
        let mut flying = open(&server, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
        sleep(Duration::from_millis(150)).await;
        server.stop.send(true).unwrap();
        let said = rest(&mut flying).await.unwrap();
        assert!(said.ends_with("done"), "{said}");
        assert!(timeout(Duration::from_secs(5), server.task).await.is_ok());
        assert!(TcpStream::connect(server.address).await.is_err());
    }
}
