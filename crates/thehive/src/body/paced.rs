//! A body that is handed on no faster than it is used.
//!
//! The reader of forms takes all that has come before it looks at any of it, and reads the headers of a part until they
//! end, however long that takes. Here it gets one piece at a time, and no more than [`UNUSED_BYTES_MAX`] without use.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::{BodyDataStream, Bytes};
use futures_util::Stream;

/// How many bytes may come in before something is made of them: the headers of a part, and the last piece that was read.
pub(crate) const UNUSED_BYTES_MAX: usize = 1024 * 1024;

/// How long a piece is at most, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// The body, a piece at a time.
pub(crate) struct Paced {
    body: BodyDataStream,
    /// What has come of a longer piece and was not handed on yet.
    rest: Bytes,
    unused: Unused,
    rests: bool,
}

/// How many bytes have come in of which nothing has been made.
#[derive(Clone, Default)]
pub(crate) struct Unused(Arc<AtomicUsize>);

impl Unused {
    /// Says that something was made of what came in.
    pub(crate) fn used(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Returns whether too much came in.
    pub(crate) fn is_too_much(&self) -> bool {
        self.0.load(Ordering::Relaxed) > UNUSED_BYTES_MAX
    }
}

impl Paced {
    pub(crate) fn new(body: BodyDataStream, unused: Unused) -> Self {
        Self { body, rest: Bytes::new(), unused, rests: false }
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                other => return other,
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        let piece = self.rest.split_to(length);
        self.unused.0.fetch_add(length, Ordering::Relaxed);
        self.rests = true;
        if self.unused.is_too_much() {
            return Poll::Ready(Some(Err(axum::Error::new("the headers of a part are too long"))));
        }
        Poll::Ready(Some(Ok(piece)))
    }
}
