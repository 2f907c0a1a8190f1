//! What every handler can reach.

use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use std::sync::Arc;
use store::Database;

#[derive(Clone)]
pub struct AppState {
    pub db: Database,
    /// What runs beside the requests, for /healthz.
    pub beside: crate::supervisor::Supervisor,
    pub leptos: LeptosOptions,
    /// Path of the hashed style sheet.
    pub style: Arc<str>,
    pub secure: bool,
    pub base_url: Arc<str>,
    pub import_bytes: usize,
    pub signup: crate::config::Signup,
    /// A mail server is set up.
    pub mail: bool,
    /// How long an entered password counts.
    pub password_counts: chrono::Duration,
    /// Tells browsers that have no page open.
    pub pusher: crate::push::Pusher,
    /// Its public key, as browsers want it.
    pub push_key: Arc<str>,
    /// Proxies whose word about the client's address is believed.
    pub trusted: crate::trusted::Trusted,
    /// What /metrics asks for; without one it is not there.
    pub metrics_token: Option<Arc<str>>,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
