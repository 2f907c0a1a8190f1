//! Layers around everything: where requests may come from, what answers carry, what is logged.

use crate::state::AppState;
use app::AppError;
use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::time::Instant;

/// An answer of the REST interface that says no. The request id is a header, so that equal refusals are equal bytes.
pub fn refusal(error: &AppError) -> Response {
    let fields = match error {
        AppError::Invalid(fields) => json!(fields),
        _ => json!([]),
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({"error": {"code": error.code(), "message": error.to_string(), "fields": fields}});
    let mut response = when_to_try_again(error, (status, Json(body)).into_response());
    if error.is_temporary() {
        response.extensions_mut().insert(error.clone());
    }
    response
}

/// The answer with the seconds after which the next attempt counts, if there were too many (RFC 9110 §10.2.3).
pub fn when_to_try_again(error: &AppError, mut response: Response) -> Response {
    if let AppError::TooMany(wait) = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.0));
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// Whether a request carries a session. The other cookies (language, known browser) open nothing.
fn has_session(headers: &HeaderMap) -> bool {
    let pairs = headers.get_all(header::COOKIE).into_iter().flat_map(|v| v.as_bytes().split(|b| *b == b';'));
    pairs.filter_map(|pair| pair.trim_ascii().split(|b| *b == b'=').next()).any(|name| name == b"rapport" || name == b"__Host-rapport")
}

/// Unsafe methods must come from our own pages (Fetch Metadata, else an exact Origin) or carry a token instead of a
/// cookie. Covers REST, forms and server functions alike.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let headers = request.headers();
    let by_token = headers.contains_key(header::AUTHORIZATION) && !headers.contains_key(header::COOKIE);
    let ours = match (text(headers, "sec-fetch-site"), text(headers, "origin")) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => {
            let host = text(headers, "host").unwrap_or_default();
            origin == &*state.base_url || origin == format!("http://{host}") || origin == format!("https://{host}")
        }
        // No browser: nothing that could be made to send somebody else's cookie.
        (None, None) => !has_session(headers),
    };
    if safe || by_token || ours {
        return next.run(request).await;
    }
    let error = json!({"error": {"code": "cross_origin", "message": "This request came from another site and was not carried out.", "fields": []}});
    (StatusCode::FORBIDDEN, Json(error)).into_response()
}

/// Headers every answer carries. Pages bring their own policy, with a nonce.
pub async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let html = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.to_str().is_ok_and(|t| t.starts_with("text/html")));
    let map = response.headers_mut();
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"),
    ];
    for (name, value) in fixed {
        map.insert(name, HeaderValue::from_static(value));
    }
    if state.secure {
        map.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
    }
    if !map.contains_key(header::CACHE_CONTROL) {
        map.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !map.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = if html {
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        } else {
            "default-src 'none'; frame-ancestors 'none'; sandbox"
        };
        map.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    response
}

/// One line per request with its id; no query, no names, no addresses.
pub async fn log(mut request: Request, next: Next) -> Response {
    let id = uuid::Uuid::now_v7().simple().to_string();
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert("x-request-id", value);
    }
    let (method, path) = (request.method().clone(), route_of(&request));
    let started = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let ms = started.elapsed().as_millis() as u64;
    if status >= 500 {
        tracing::error!(%id, %method, path, status, ms, "request failed");
    } else {
        tracing::debug!(%id, %method, path, status, ms, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// The path without ids: what is looked at is nobody's business in a log.
fn route_of(request: &Request<Body>) -> String {
    request
        .uri()
        .path()
        .split('/')
        .map(|part| if uuid::Uuid::parse_str(part).is_ok() || part.len() > 32 { ":id" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// A panic in a handler is our bug: told as such, with a reference, and the server goes on.
pub fn on_panic(cause: Box<dyn std::any::Any + Send>) -> Response {
    let reference = app::reference();
    let what = cause.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| cause.downcast_ref::<String>().cloned());
    tracing::error!(%reference, cause = what.unwrap_or_default(), "a handler panicked");
    refusal(&AppError::Bug(reference))
}

/// Leptos answers 500 for a server function whose arguments cannot be read, which is the sender's fault: the status is the
/// one of the error told.
pub async fn own_status(request: Request, next: Next) -> Response {
    let is_call = request.uri().path().starts_with("/fn/");
    let answer = next.run(request).await;
    if !is_call || answer.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<AppError>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}
