//! Bytes that move too slowly: bodies that drip in, answers that are not read.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// How long an answer must flow freely until its earlier stalls no longer count.
const FLOWING: Duration = Duration::from_secs(5);

/// A transfer that must reach an average rate, after some time of grace. The clock spans the whole transfer, so that a byte now
/// and then does not start it anew.
struct Pace {
    grace: Duration,
    rate: u64,
    since: Instant,
    bytes: u64,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    fn new(grace: Duration, rate: u64) -> Self {
        Self { grace, rate, since: Instant::now(), bytes: 0, sleep: None }
    }

    fn begin(&mut self) {
        self.since = Instant::now();
        self.bytes = 0;
    }

    fn deadline(&self) -> Instant {
        self.since + self.grace + Duration::from_millis(self.bytes.saturating_mul(1000) / self.rate.max(1))
    }

    /// Called while nothing moves: ready when that has lasted too long, else the task is woken then.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline();
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(cx)
    }
}

/// A request's body with a deadline for the whole of it.
pub(super) struct Paced {
    body: Incoming,
    pace: Pace,
    late: Arc<AtomicBool>,
}

impl Paced {
    /// `late` is set when the body missed its deadline.
    pub(super) fn new(body: Incoming, grace: Duration, rate: u64, late: Arc<AtomicBool>) -> Self {
        Self { body, pace: Pace::new(grace, rate), late }
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        crate::allocator::read_body(self.pace.bytes);
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.pace.bytes += frame.data_ref().map_or(0, |d| d.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(e))) => Poll::Ready(Some(Err(e.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => self.pace.poll_late(cx).map(|()| {
                self.late.store(true, Ordering::Relaxed);
                Some(Err("the body took too long".into()))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream whose other end must read what is written to it.
pub(super) struct Reluctant<T> {
    inner: T,
    pace: Pace,
    /// When a write last had to wait; `None` while answers flow.
    waited: Option<Instant>,
    waiting: bool,
}

impl<T> Reluctant<T> {
    pub(super) fn new(inner: T, grace: Duration, rate: u64) -> Self {
        Self { inner, pace: Pace::new(grace, rate), waited: None, waiting: false }
    }

    fn wrote(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(n)) => {
                self.pace.bytes += n as u64;
                // A write that had waited itself proves nothing: a reader that drips makes one possible now and then.
                if !self.waiting && self.waited.is_some_and(|at| at.elapsed() > FLOWING) {
                    self.waited = None;
                }
                self.waiting = false;
                Poll::Ready(Ok(n))
            }
            Poll::Pending => {
                if self.waited.is_none() {
                    self.pace.begin();
                }
                let late = self.pace.poll_late(cx);
                self.waited = Some(Instant::now());
                self.waiting = true;
                late.map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            failed => failed,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Reluctant<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Reluctant<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.wrote(written, cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.wrote(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
