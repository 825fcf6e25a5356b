//! What a connection is about at this moment, and until when it may stay so.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::Instant,
};

use super::{Limits, frames::Frames};

/// What a connection does. It waits for a head, serves requests, or idles between them.
pub(super) struct Activity {
    state: Mutex<State>,
    /// Rings whenever the answer of [`Activity::deadline`] may have changed.
    pub(super) bell: Notify,
}

struct State {
    under_way: usize,
    /// Since when a head, or some other part of one, has been arriving that is not whole yet.
    arriving_since: Option<Instant>,
    /// Since when nothing has been under way.
    quiet_since: Instant,
    /// Whether there was a request.
    served: bool,
}

/// A request under way; dropped, it is answered.
pub(super) struct UnderWay(Arc<Activity>);

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                under_way: 0,
                arriving_since: None,
                quiet_since: Instant::now(),
                served: false,
            }),
            bell: Notify::new(),
        })
    }

    /// A head has arrived whole, and with it a request.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.served = true;
        state.arriving_since = None;
        drop(state);
        self.bell.notify_one();
        UnderWay(Arc::clone(self))
    }

    pub(super) fn is_serving(&self) -> bool {
        self.state().under_way > 0
    }

    /// When the connection has been waited for long enough; never while it serves.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let state = self.state();
        if state.under_way > 0 {
            return None;
        }
        let patience: Duration = if state.served {
            limits.idle
        } else {
            limits.head
        };
        let idle = state.quiet_since + patience;
        let head = state.arriving_since.map(|since| since + limits.head);
        Some(head.map_or(idle, |head| head.min(idle)))
    }

    /// Octets were read; `whole` says whether they ended what they belong to.
    fn heard(&self, whole: bool) {
        let mut state = self.state();
        if whole == state.arriving_since.is_none() {
            return;
        }
        state.arriving_since = (!whole).then(Instant::now);
        drop(state);
        self.bell.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.quiet_since = Instant::now();
        drop(state);
        self.0.bell.notify_one();
    }
}

/// How the octets of a connection are told apart.
pub(super) enum Framing {
    /// HTTP/1: what arrives while nothing is under way belongs to the next head, which is whole
    /// when its request begins. What came along with the request before it counts as idling.
    Http1,
    /// HTTP/2: a frame, or a head of several, is whole or not; others may be under way meanwhile.
    Http2(Frames),
}

/// A connection whose octets are heard as they are read.
pub(super) struct Heard<S> {
    stream: S,
    framing: Framing,
    activity: Arc<Activity>,
}

impl<S> Heard<S> {
    pub(super) fn new(stream: S, framing: Framing, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            framing,
            activity,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let Some(new) = buffer.filled().get(before..).filter(|new| !new.is_empty()) else {
            return read;
        };
        let Self {
            framing, activity, ..
        } = &mut *self;
        match framing {
            Framing::Http1 if activity.is_serving() => {}
            Framing::Http1 => activity.heard(false),
            Framing::Http2(frames) => activity.heard(frames.follow(new)),
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, octets)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
