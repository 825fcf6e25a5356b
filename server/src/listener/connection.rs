//! One connection after its handshake: HTTP/1.1 or HTTP/2, with its time limits.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt;

use super::{
    Limits, Peer, Shared,
    activity::{Activity, Framing, Heard},
    frames::Frames,
};

/// Largest head of a request, in octets.
const MOST_HEAD: usize = 16 * 1024;
/// Requests that an HTTP/2 connection may have under way.
const MOST_STREAMS: u32 = 32;
/// What a connection that was waited for in vain gets to read why.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves requests until the peer leaves, idles for too long, or the server ends.
pub(super) async fn serve(shared: &Shared, stream: TlsStream<TcpStream>, peer: Peer) {
    let activity = Activity::new();
    let service = hyper::service::service_fn({
        let activity = Arc::clone(&activity);
        let router = shared.router.clone();
        move |mut request: Request<Incoming>| {
            let under_way = activity.begin();
            request.extensions_mut().insert(peer.clone());
            let answer = router.clone().oneshot(request);
            async move {
                let answer = answer.await;
                drop(under_way);
                answer
            }
        }
    });
    // Only what was agreed on in the handshake is spoken.
    let (builder, framing) = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => (http2(&shared.limits), Framing::Http2(Frames::new())),
        _ => (http1(), Framing::Http1),
    };
    let stream = Heard::new(stream, framing, Arc::clone(&activity));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        let deadline = activity.deadline(&shared.limits);
        let waited_in_vain = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.bell.notified() => {}
            () = waited_in_vain => break,
            () = shared.stop.cancelled() => break,
        }
    }
    // Requests under way are finished, new ones refused.
    connection.as_mut().graceful_shutdown();
    let mercy = if shared.stop.is_cancelled() || activity.is_serving() {
        shared.limits.drain
    } else {
        FAREWELL
    };
    let _ = tokio::time::timeout(mercy, connection).await;
}

fn http1() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        // The library's own limit would run while a connection idles: see `Activity`.
        .header_read_timeout(None)
        .max_buf_size(MOST_HEAD)
        .max_headers(64);
    builder
}

fn http2(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new()).http2_only();
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
        .keep_alive_interval(limits.idle / 3)
        .keep_alive_timeout(limits.head);
    builder
}
