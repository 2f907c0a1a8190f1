//! The HTTP server: our own accept loop, because `axum::serve` has no clock for slow clients and no limit per address.
//!
//! Every wait on a client ends: for the head of the first request, between requests, for the whole body, for the answer to be
//! read. Connections are limited per peer address, so one client cannot take the places of all others.

mod connection;
mod limits;
mod pace;

pub use limits::Limits;

use axum::Router;
use connection::Connections;
use limits::Places;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// Time for requests under way when we stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop` is ready, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let places = Places::new(&limits);
    let connections = Arc::new(Connections::new(router, limits));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(pair) => pair,
                Err(e) => {
                    tracing::warn!(error = %e, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Accepted and closed, never left in the listen queue: that queue is shared by all clients.
        let Some(place) = places.take(address.ip()) else { continue };
        let _ = stream.set_nodelay(true);
        let (connections, stopped) = (connections.clone(), stopped.clone());
        #[expect(clippy::disallowed_methods, reason = "one connection; it ends with it")]
        tokio::spawn(async move {
            connections.serve(stream, address, stopped).await;
            drop(place);
        });
    }
    drop((listener, stopped));
    let _ = stopping.send(true);
    let _ = tokio::time::timeout(DRAIN, stopping.closed()).await;
}
