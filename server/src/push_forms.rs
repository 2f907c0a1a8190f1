//! Browsers that want to be told, and those that do not any more.

use crate::{flash::say, state::AppState};
use app::{AppError, context::RequestContext};
use axum::{
    Extension, Form, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Invalid, paths};
use serde::Deserialize;
use store::Subscription;
use tower_sessions::Session;
use uuid::Uuid;

/// What a browser's `PushSubscription` says of itself as JSON, and the language of the page.
#[derive(Deserialize)]
pub struct Subscribing {
    endpoint: String,
    keys: Keys,
    #[serde(default)]
    language: String,
    /// By itself, because there is a new session.
    #[serde(default)]
    again: bool,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

/// `POST /do/account/push`: the browser that asks is told from now on.
pub async fn add(State(state): State<AppState>, Extension(request): Extension<RequestContext>, Json(asked): Json<Subscribing>) -> Response {
    match register(&state, request, asked).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(e) => crate::security::refusal(&e),
    }
}

async fn register(state: &AppState, request: RequestContext, asked: Subscribing) -> Result<(), AppError> {
    // A token has no browser.
    let (Some(actor), Some(session)) = (&request.actor, request.session()) else { return Err(AppError::SignInNeeded) };
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default();
    let language = domain::Language::from_code(&asked.language).unwrap_or_default().code().to_owned();
    let subscription = Subscription { endpoint: asked.endpoint, p256dh: bytes(&asked.keys.p256dh), auth: bytes(&asked.keys.auth), language };
    if subscription.endpoint.len() > 2000 || !state.pusher.takes(&subscription) {
        return Err(AppError::Invalid(Invalid::one("endpoint", "endpoint", "This browser's push service cannot be used from here").0));
    }
    Ok(state.db.add_push_device(actor, session, &subscription, asked.again).await?)
}

#[derive(Deserialize)]
pub struct RemoveForm {
    id: Uuid,
}

/// `POST /do/account/push/remove`: one of the person's browsers is not told any more.
pub async fn remove(
    State(state): State<AppState>,
    session: Session,
    Extension(request): Extension<RequestContext>,
    Form(form): Form<RemoveForm>,
) -> Response {
    let done = match request.actor {
        Some(actor) => state.db.remove_push_device(&actor, form.id).await.map_err(AppError::from),
        None => Err(AppError::SignInNeeded),
    };
    say(&session, paths::NOTIFICATION_SETTINGS, done.map(|()| "This device is not told any more.".to_owned())).await
}
