//! One connection after its handshake: HTTP/1.1 or HTTP/2, with its time limits.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::{Request, body::Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, sync::Notify};
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use super::{Peer, Shared};

/// Largest head of a request, in octets.
const MOST_HEAD: usize = 16 * 1024;
/// Requests that an HTTP/2 connection may have under way.
const MOST_STREAMS: u32 = 32;

/// Requests under way on a connection, and a bell that rings whenever one begins or ends.
#[derive(Default)]
struct Activity {
    under_way: AtomicUsize,
    bell: Notify,
}

struct UnderWay(Arc<Activity>);

impl UnderWay {
    fn begin(activity: &Arc<Activity>) -> Self {
        activity.under_way.fetch_add(1, Ordering::Relaxed);
        activity.bell.notify_one();
        Self(Arc::clone(activity))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
        self.0.bell.notify_one();
    }
}

/// Serves requests until the peer leaves, idles for too long, or the server ends.
pub(super) async fn serve(shared: &Shared, stream: TlsStream<TcpStream>, peer: Peer) {
    let activity = Arc::new(Activity::default());
    let service = hyper::service::service_fn({
        let activity = Arc::clone(&activity);
        let router = shared.router.clone();
        move |mut request: Request<Incoming>| {
            let under_way = UnderWay::begin(&activity);
            request.extensions_mut().insert(peer.clone());
            let answer = router.clone().oneshot(request);
            async move {
                let answer = answer.await;
                drop(under_way);
                answer
            }
        }
    });
    let builder = builder(shared);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // Until the first request, the limit for its head holds; afterwards the longer one.
    let mut patience = shared.limits.head;
    loop {
        let idle = async {
            if activity.under_way.load(Ordering::Relaxed) > 0 {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(patience).await;
        };
        tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.bell.notified() => patience = shared.limits.idle,
            () = idle => break,
            () = shared.stop.cancelled() => break,
        }
    }
    // Requests under way are finished, new ones refused.
    connection.as_mut().graceful_shutdown();
    let mercy = if shared.stop.is_cancelled() || activity.under_way.load(Ordering::Relaxed) > 0 {
        shared.limits.drain
    } else {
        Duration::from_secs(2)
    };
    let _ = tokio::time::timeout(mercy, connection).await;
}

fn builder(shared: &Shared) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.idle)
        .max_buf_size(MOST_HEAD)
        .max_headers(64);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEAD as u32)
        .max_frame_size(16 * 1024)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_send_buf_size(64 * 1024)
        // Guards against floods of streams that are opened and reset at once.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .keep_alive_interval(shared.limits.idle / 3)
        .keep_alive_timeout(shared.limits.head);
    builder
}
