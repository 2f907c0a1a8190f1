//! `/metrics` in the format of Prometheus: requests by route, the database, the live stream, mail and jobs.

use crate::{
    asking::{Asking, missed},
    state::AppState,
};
use app::AppError;
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{sync::OnceLock, time::Instant};

const REQUESTS: &str = "rapport_http_requests_total";
const SECONDS: &str = "rapport_http_request_seconds";
const BACKED_UP: &str = "rapport_backup_last_success_timestamp_seconds";

/// The one recorder of the process.
fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
            let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &buckets).ok()?;
            let handle = builder.install_recorder().ok()?;
            metrics::describe_counter!(REQUESTS, "Requests by method, route and status");
            metrics::describe_histogram!(SECONDS, metrics::Unit::Seconds, "Time to the answer's head, by route");
            metrics::describe_gauge!("rapport_database_connections", "Connections to the database, by what they do");
            metrics::describe_gauge!("rapport_live_streams", "Browsers that listen for changes");
            metrics::describe_gauge!("rapport_waiting", "What waits to be done: changes to tell, jobs, mails");
            metrics::describe_gauge!(BACKED_UP, metrics::Unit::Seconds, "When the last backup on schedule was made, since 1970");
            metrics::describe_gauge!("rapport_backup_failing", "1 if the last backup on schedule failed, else 0");
            Some(handle)
        })
        .as_ref()
}

/// Counts every request under its route, never under its path: ids are nobody's business here.
pub async fn count(request: Request<Body>, next: Next) -> Response {
    recorder();
    // A method can be any word; only those we answer get a series of their own.
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "other".to_owned(), |m| m.as_str().to_owned());
    let started = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status).increment(1);
    metrics::histogram!(SECONDS, "route" => route).record(started.elapsed().as_secs_f64());
    response
}

/// Whether a request shows the token. Without one set up nobody may look: an address says nothing, since a proxy on this
/// machine asks from it for everybody, and need not say for whom.
fn may_look(state: &AppState, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    match (state.metrics_token.as_deref(), given) {
        // Compared as hashes, so that the time it takes tells nothing.
        (Some(token), Some(given)) => !token.is_empty() && crate::shares::hash_of(given) == crate::shares::hash_of(token),
        _ => false,
    }
}

pub async fn show(State(state): State<AppState>, Asking(client): Asking, headers: HeaderMap) -> Response {
    let Some(handle) = recorder().filter(|_| may_look(&state, &headers)) else {
        return match missed(&state, &client, AppError::NotFound).await {
            AppError::NotFound => StatusCode::NOT_FOUND.into_response(),
            e => crate::security::refusal(&e),
        };
    };
    match state.db.vitals().await {
        Ok(v) => {
            metrics::gauge!("rapport_database_connections", "state" => "busy").set(v.connections_busy as f64);
            metrics::gauge!("rapport_database_connections", "state" => "idle").set(v.connections_idle as f64);
            metrics::gauge!("rapport_live_streams").set(v.live_streams as f64);
            for (what, n) in [("changes", v.outbox_waiting), ("jobs", v.jobs_waiting), ("mails", v.mails_waiting), ("mails_unknown", v.mails_unknown)]
            {
                metrics::gauge!("rapport_waiting", "what" => what).set(n as f64);
            }
        }
        Err(e) => tracing::warn!(error = %e, "the figures of the database could not be read"),
    }
    match state.db.backup_state().await {
        Ok(backups) => {
            if let Some(at) = backups.made_at {
                metrics::gauge!(BACKED_UP).set(at.timestamp() as f64);
            }
            metrics::gauge!("rapport_backup_failing").set(if backups.failure.is_some() { 1.0 } else { 0.0 });
        }
        Err(e) => tracing::warn!(error = %e, "the state of the backups could not be read"),
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
}
