//! A file that is read piece by piece: pieces are opened where waiting for the disk holds nobody up, a few ahead.

use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

use crate::sealed::Opened;

/// Bytes of one piece.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait to be taken.
const AHEAD: usize = 2;

/// The plain bytes of a file.
#[derive(Debug)]
pub struct Reader {
    pieces: mpsc::Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    at: usize,
}

impl Reader {
    /// Reads on from where the file stands, at most `limit` bytes.
    pub(crate) fn new(opened: Opened, limit: u64) -> Self {
        let (sender, pieces) = mpsc::channel(AHEAD);
        // It ends by itself: with the file, or when nobody takes the pieces any more.
        drop(tokio::task::spawn_blocking(move || {
            let mut from = opened.take(limit);
            loop {
                let mut piece = vec![0; PIECE_BYTES];
                let read = from.read(&mut piece).map(|count| {
                    piece.truncate(count);
                    piece
                });
                let over = read.as_ref().map_or(true, Vec::is_empty);
                if sender.blocking_send(read).is_err() || over {
                    break;
                }
            }
        }));
        Self { pieces, piece: Vec::new(), at: 0 }
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.at == self.piece.len() {
            match ready!(self.pieces.poll_recv(context)) {
                Some(Ok(piece)) => {
                    self.piece = piece;
                    self.at = 0;
                }
                Some(Err(error)) => return Poll::Ready(Err(error)),
                None => return Poll::Ready(Ok(())),
            }
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let count = rest.len().min(into.remaining());
        into.put_slice(rest.get(..count).unwrap_or_default());
        self.at += count;
        Poll::Ready(Ok(()))
    }
}
