//! Pages outside the app: errors.

use crate::state::AppState;
use app::{AppError, sign_in::message_page};
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

/// An error as a page, with its status.
pub fn error_page(error: &AppError, state: &AppState) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = match error {
        AppError::NotFound => "Not found",
        AppError::NotAllowed => "Not allowed",
        _ => "That did not work",
    };
    (status, Html(message_page(title, &error.to_string(), &state.style))).into_response()
}
