//! Pages outside the app: errors.

use crate::{security::refusal, state::AppState};
use app::{
    AppError,
    sign_in::{message_page, retry_page},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use std::time::Duration;
use store::Away;

/// Seconds after which an answer of 503 is worth asking for again.
const RETRY_AFTER: u32 = 3;

/// Paths served without authentication, whose statements run on the pool directly and have no deadline of their own.
const ANONYMOUS: [&str; 10] = ["/s/", "/join/", "/sign-up", "/sign-in", "/forgot", "/reset/", "/confirm/", "/metrics", "/workspace/logo", "/brand/"];
/// Deadline of such a GET or HEAD request, after which the response is 503.
const READ_DEADLINE: Duration = Duration::from_secs(4);
/// Deadline of all other methods: sign-in and sign-up also queue for password hashing.
const WRITE_DEADLINE: Duration = Duration::from_secs(10);

/// An error as a page, with its status.
pub fn error_page(error: &AppError, state: &AppState) -> Response {
    if error.is_temporary() {
        // [`when_away`] makes the page of it, which knows what was asked for.
        return refusal(error);
    }
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = match error {
        AppError::NotFound => "Not found",
        AppError::NotAllowed | AppError::Refused(_) => "Not allowed",
        AppError::TooMany(_) => "Too many attempts",
        _ => "That did not work",
    };
    let page = (status, Html(message_page(title, &error.to_string(), &state.style))).into_response();
    crate::security::when_to_try_again(error, page)
}

/// Whether a person looks at the answer, and not a program.
pub fn is_for_people(path: &str) -> bool {
    let machine = ["/api/", "/fn/", "/pkg/", "/public/", "/live", "/healthz", "/readyz", "/metrics"];
    !machine.iter().any(|m| path.starts_with(m))
}

/// What every answer "not now" carries: when to ask again, and for a person a page that does so by itself.
pub async fn when_away(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (for_people, by_itself) = (is_for_people(request.uri().path()), matches!(*request.method(), Method::GET | Method::HEAD));
    let anonymous = ANONYMOUS.iter().any(|path| request.uri().path().starts_with(path));
    let deadline = if by_itself { READ_DEADLINE } else { WRITE_DEADLINE };
    let mut response = match anonymous {
        true => tokio::time::timeout(deadline, next.run(request)).await.unwrap_or_else(|_| refusal(&Away::Unreachable.into())),
        false => next.run(request).await,
    };
    // The layer of sessions answers an empty 500 when it could not write a session down.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && !response.headers().contains_key(header::CONTENT_TYPE) {
        response = refusal(&Away::Unreachable.into());
    }
    if response.status() != StatusCode::SERVICE_UNAVAILABLE {
        return response;
    }
    if for_people && let Some(error) = response.extensions_mut().remove::<AppError>() {
        let page = retry_page(&error.to_string(), by_itself, &state.style);
        response = (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response();
        if by_itself {
            response.headers_mut().insert(header::REFRESH, HeaderValue::from(RETRY_AFTER));
        }
    }
    response.headers_mut().entry(header::RETRY_AFTER).or_insert(HeaderValue::from(RETRY_AFTER));
    response
}
