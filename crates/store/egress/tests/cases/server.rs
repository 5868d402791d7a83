//! A server that says what a test wants, and counts how often it was asked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use zhengtong_egress::Settings;

/// What it does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// Answers with these bytes.
    Say(&'static str),
    /// Answers with these to the first so many, then with the others.
    First(usize, &'static str, &'static str),
    /// Says nothing.
    Nothing,
    /// Sends without end.
    Flood,
    /// Closes the line.
    Close,
}

pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
pub(crate) const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut head = [0; 4_096];
                    let _read = stream.read(&mut head).await;
                    let said = match does {
                        Does::Say(said) => said,
                        Does::First(many, first, _) if number < many => first,
                        Does::First(_, _, then) => then,
                        Does::Nothing => {
                            tokio::time::sleep(Duration::from_mins(1)).await;
                            ""
                        }
                        Does::Flood => {
                            let head = b"HTTP/1.1 200 OK\r\n\r\n";
                            let _sent = stream.write_all(head).await;
                            while stream.write_all(&[b'x'; 8_192]).await.is_ok() {}
                            ""
                        }
                        Does::Close => "",
                    };
                    let _sent = stream.write_all(said.as_bytes()).await;
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Settings that let a test call this machine, quickly.
pub(crate) fn settings(private: &[String]) -> Settings {
    Settings {
        private: private.to_vec(),
        connect: Duration::from_secs(2),
        attempt: Duration::from_secs(3),
        whole: Duration::from_secs(10),
        rest: Duration::from_millis(500),
        ..Settings::default()
    }
}
