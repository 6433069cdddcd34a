//! A body that is fed while it goes out, and that can break off.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::sync::mpsc::{self, Receiver, Sender};

/// Most bytes that are fed at once.
const PIECE: usize = 16 << 10;

/// The transfer breaks off here.
#[derive(Debug, thiserror::Error)]
#[error("the transfer breaks off as planned")]
pub(super) struct Broken;

/// What the connection takes.
#[derive(Debug)]
pub(super) struct Body {
    parts: Receiver<Result<Bytes, Broken>>,
    sized: Option<u64>,
    /// Whether the break is the next thing to come.
    breaks: bool,
}

/// What feeds it.
#[derive(Debug)]
pub(super) struct Feed(Sender<Result<Bytes, Broken>>);

/// A body, of this many bytes where that is to be told before it.
pub(super) fn planned(sized: Option<u64>) -> (Body, Feed) {
    let (sender, parts) = mpsc::channel(1);
    let body = Body {
        parts,
        sized,
        breaks: false,
    };
    (body, Feed(sender))
}

impl Feed {
    /// Sends bytes; an error where nobody takes them any more.
    pub(super) async fn bytes(&self, bytes: &[u8]) -> Result<(), Broken> {
        for piece in bytes.chunks(PIECE) {
            let sent = self.0.send(Ok(Bytes::copy_from_slice(piece))).await;
            sent.map_err(|_| Broken)?;
        }
        Ok(())
    }

    /// Breaks off.
    pub(super) async fn breaks(self) {
        // Where nobody takes it, it has broken off already.
        let _ = self.0.send(Err(Broken)).await;
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.breaks {
            return Poll::Ready(Some(Err(Broken)));
        }
        match self.parts.poll_recv(context) {
            Poll::Ready(Some(Err(Broken))) => {
                // The connection throws away what it has not written when it
                // breaks, and writes it when there is nothing more for now.
                self.breaks = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(part) => Poll::Ready(part.map(|part| part.map(Frame::data))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.sized
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
