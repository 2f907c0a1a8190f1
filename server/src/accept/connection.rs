//! One connection: its protocol, its clocks, and who is at the other end.

use super::{
    limits::Limits,
    pace::{Paced, Reluctant},
};
use axum::{Router, body::Body, extract::ConnectInfo};
use http::{Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, sync::watch, time::Instant};
use tower::{ServiceExt, service_fn};

/// Time for a connection to end by itself after it was asked to.
const FAREWELL: Duration = Duration::from_secs(5);

/// What all connections share.
pub(super) struct Connections {
    router: Router,
    limits: Limits,
    direct: Builder<TokioExecutor>,
    /// For trusted proxies, which keep connections open between requests of many people.
    proxied: Builder<TokioExecutor>,
}

impl Connections {
    pub(super) fn new(router: Router, limits: Limits) -> Self {
        let builder = |between: Duration| {
            let mut http = Builder::new(TokioExecutor::new());
            http.http1().timer(TokioTimer::new()).header_read_timeout(between).max_buf_size(64 * 1024);
            http.http2().timer(TokioTimer::new()).keep_alive_interval(Some(Duration::from_secs(30))).max_concurrent_streams(100);
            http
        };
        Self { router, direct: builder(limits.head), proxied: builder(limits.idle), limits }
    }

    /// Serves `stream` until either side ends it, its clocks run out, or `stopping` says so.
    pub(super) async fn serve(&self, stream: TcpStream, peer: SocketAddr, mut stopping: watch::Receiver<bool>) {
        let activity = Arc::new(Activity::default());
        let service = {
            let (router, activity) = (self.router.clone(), activity.clone());
            let (grace, rate) = (self.limits.grace, self.limits.rate);
            service_fn(move |request: Request<Incoming>| answer(router.clone(), activity.clone(), request, peer, grace, rate))
        };
        let http = if self.limits.trusted.contains(peer.ip()) { &self.proxied } else { &self.direct };
        let io = TokioIo::new(Reluctant::new(stream, self.limits.grace, self.limits.rate));
        let mut connection = std::pin::pin!(http.serve_connection(io, TowerToHyperService::new(service)));
        tokio::select! {
            // Errors here are the other side's: it went away, or spoke no HTTP.
            _ = connection.as_mut() => return,
            kept = activity.overstays(&self.limits) => if let Overstay::Silent = kept { return },
            _ = stopping.wait_for(|s| *s) => {}
        }
        connection.as_mut().graceful_shutdown();
        if *stopping.borrow() {
            let _ = connection.await;
        } else {
            let _ = tokio::time::timeout(FAREWELL, connection).await;
        }
    }
}

/// Passes a request on with its body paced, and says so when the body was too slow.
async fn answer(
    router: Router,
    activity: Arc<Activity>,
    request: Request<Incoming>,
    peer: SocketAddr,
    grace: Duration,
    rate: u64,
) -> Result<Response<Body>, std::convert::Infallible> {
    let under_way = activity.begin(request.version());
    let late = Arc::default();
    let mut request = request.map(|body| Body::new(Paced::new(body, grace, rate, Arc::clone(&late))));
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    if late.load(std::sync::atomic::Ordering::Relaxed) {
        let sentence = "The request took too long to arrive.";
        let mut response = Response::new(Body::from(sentence));
        *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
        return Ok(response);
    }
    Ok(match under_way {
        // Counted until its last byte is handed over: a stream is no idle connection.
        Some(under_way) => response.map(|body| Body::new(Counted { body, _under_way: under_way })),
        None => response,
    })
}

/// Requests of one connection.
#[derive(Default)]
struct Activity(Mutex<Requests>);

#[derive(Default)]
struct Requests {
    begun: bool,
    /// Requests under way, counted on HTTP/2 alone: on HTTP/1 hyper has a clock between requests.
    under_way: usize,
    /// Since when an HTTP/2 connection has had none.
    idle: Option<Instant>,
}

enum Overstay {
    /// No request came at all.
    Silent,
    /// None came for a while.
    Idle,
}

impl Activity {
    fn begin(self: &Arc<Self>, version: Version) -> Option<UnderWay> {
        let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.begun = true;
        if version != Version::HTTP_2 {
            return None;
        }
        requests.under_way += 1;
        requests.idle = None;
        Some(UnderWay(self.clone()))
    }

    /// Resolves when the connection has been without a request for longer than it may.
    async fn overstays(&self, limits: &Limits) -> Overstay {
        tokio::time::sleep(limits.head).await;
        loop {
            let (begun, idle) = {
                let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                (requests.begun, requests.idle)
            };
            if !begun {
                return Overstay::Silent;
            }
            match idle.map(|since| since + limits.idle) {
                Some(end) if end <= Instant::now() => return Overstay::Idle,
                Some(end) => tokio::time::sleep_until(end).await,
                None => tokio::time::sleep(limits.idle).await,
            }
        }
    }
}

struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut requests = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        requests.under_way -= 1;
        if requests.under_way == 0 {
            requests.idle = Some(Instant::now());
        }
    }
}

struct Counted {
    body: Body,
    _under_way: UnderWay,
}

impl http_body::Body for Counted {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}
