//! `/help`: plain pages, for everybody, signed in or not.

use crate::state::AppState;
use app::help::{help_article, help_home};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

pub async fn home(State(state): State<AppState>, Query(search): Query<Search>) -> Response {
    let q: String = search.q.chars().filter(|c| !c.is_control()).take(200).collect();
    Html(help_home(q.trim(), &state.style)).into_response()
}

pub async fn article(State(state): State<AppState>, Path(slug): Path<String>) -> Response {
    match help_article(&slug, &state.style) {
        Some(page) => Html(page).into_response(),
        None => (StatusCode::NOT_FOUND, Html(help_home(&slug.replace('-', " "), &state.style))).into_response(),
    }
}
