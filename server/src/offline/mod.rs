//! What makes the program start without a network: the service worker with the list of its files, and the one page that
//! it falls back to. Both are the same for everybody and hold nothing of anybody.

use crate::{assets, state::AppState};
use app::offline_page;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::Language;
use sha2::{Digest, Sha256};

/// The longest line that quick capture takes.
const LINE: usize = 300;
/// Files beside the build that the program cannot start without.
const BESIDE: [&str; 4] = ["kept.js", "start-offline.js", "icons.svg", "icon.svg"];

/// The script of the service worker. Its text changes with the program, which is how a browser notices a new version.
pub async fn worker(State(state): State<AppState>) -> Response {
    let mut files: Vec<String> = assets::names().into_iter().map(|n| format!("/pkg/{n}")).collect();
    files.sort();
    let build = build(&files, &state);
    files.extend(BESIDE.map(|name| format!("/public/{name}")));
    files.extend([Language::German, Language::Spanish].into_iter().flat_map(app::i18n::word_files));
    files.push("/offline".into());
    let list = serde_json::to_string(&files).unwrap_or_default();
    let text = include_str!("sw.js").replace("__BUILD__", &build).replace("__FILES__", &list);
    // A worker fetches under the policy of its own script.
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'";
    let headers = [(header::CONTENT_TYPE, "text/javascript"), (header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, text).into_response()
}

/// Names of the build's files carry its hash; the files with fixed names count by what they say.
fn build(files: &[String], state: &AppState) -> String {
    let mut sum = Sha256::new();
    for name in files {
        sum.update(name);
    }
    for name in BESIDE {
        sum.update(assets::read_public(name).unwrap_or_default());
    }
    sum.update(app::i18n::words_version());
    sum.update(offline_page(&state.style, &state.leptos.output_name, Language::English));
    sum.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[derive(serde::Deserialize)]
pub struct SharedIn {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    url: String,
}

/// Something was shared to the installed program: it becomes the line of quick capture, for the person to finish.
pub async fn share_in(Query(shared): Query<SharedIn>) -> Redirect {
    let mut parts: Vec<&str> = [&shared.title, &shared.text, &shared.url].into_iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect();
    parts.dedup();
    let line: String = parts.join(" ").split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LINE).collect();
    Redirect::to(&domain::paths::with_query(domain::paths::TODAY, &[("add", &line)]))
}

/// `/offline`: starts the program in a browser that has been here before.
pub async fn page(State(state): State<AppState>, asked: HeaderMap) -> Response {
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                  manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-cache")];
    (StatusCode::OK, headers, Html(offline_page(&state.style, &state.leptos.output_name, app::i18n::asked(&asked)))).into_response()
}
