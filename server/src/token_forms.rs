//! Plain forms of the page of API tokens.

use crate::{
    flash::{say, say_with_token},
    state::AppState,
};
use app::{AppError, context::RequestContext};
use axum::{Extension, Form, extract::State, response::Response};
use chrono::{Duration, Utc};
use domain::{Invalid, paths, tokens::TERMS};
use serde::Deserialize;
use store::{NewToken, StoreError};
use tower_sessions::Session;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct NewForm {
    name: String,
    /// Code of a term.
    term: String,
    /// `read`: it may look, and change nothing.
    #[serde(default)]
    access: String,
}

pub async fn create(
    State(state): State<AppState>,
    session: Session,
    Extension(request): Extension<RequestContext>,
    Form(form): Form<NewForm>,
) -> Response {
    let made = async {
        let actor = request.actor.ok_or(AppError::SignInNeeded)?;
        let term =
            TERMS.iter().find(|t| t.0 == form.term).ok_or_else(|| StoreError::from(Invalid::one("term", "choice", "Choose how long it works.")))?;
        let now = Utc::now();
        let new = NewToken { name: form.name, read_only: form.access == "read", expires_at: term.2.map(|days| now + Duration::days(days)) };
        Ok(state.db.make_token(&actor, &new, now).await?.1)
    };
    match made.await {
        Ok(token) => say_with_token(&session, paths::TOKENS, "Here is the token. It is shown this once.", token.0).await,
        Err(e) => say(&session, paths::TOKENS, Err(e)).await,
    }
}

#[derive(Deserialize)]
pub struct RevokeForm {
    token: Uuid,
}

pub async fn revoke(
    State(state): State<AppState>,
    session: Session,
    Extension(request): Extension<RequestContext>,
    Form(form): Form<RevokeForm>,
) -> Response {
    let done = async {
        state.db.revoke_token(&request.actor.ok_or(AppError::SignInNeeded)?, form.token).await?;
        Ok("The token is revoked.".to_owned())
    };
    say(&session, paths::TOKENS, done.await).await
}
