//! Plain forms of the settings: what one is told, merging tags, share links. Each goes through the command door.

use crate::{
    flash::{say, say_with_link},
    shares::{hash_of, new_token},
    state::AppState,
};
use app::{AppError, context::RequestContext};
use axum::{Extension, Form, extract::State, response::Response};
use chrono::{Duration, Utc};
use domain::{
    Command, Envelope, NotificationCommand, ShareCommand, TagCommand, paths,
    shares::{PARTS, TERMS},
};
use serde::Deserialize;
use std::collections::HashMap;
use tower_sessions::Session;
use uuid::Uuid;

async fn send(request: &RequestContext, command: impl Into<Command>) -> Result<(), AppError> {
    let actor = request.actor.clone().ok_or(AppError::SignInNeeded)?;
    request.db.dispatch(&actor, &Envelope::new(command, None)).await?;
    Ok(())
}

#[derive(Deserialize)]
pub struct WishForm {
    kind: String,
    #[serde(default)]
    in_app: String,
    #[serde(default)]
    by_mail: String,
    #[serde(default)]
    by_push: String,
}

pub async fn set_wish(session: Session, Extension(request): Extension<RequestContext>, Form(form): Form<WishForm>) -> Response {
    let command = NotificationCommand::SetNotification {
        kind: form.kind,
        in_app: form.in_app == "on",
        by_mail: form.by_mail == "on",
        by_push: form.by_push == "on",
    };
    let done = send(&request, command).await.map(|()| "Noted.".to_owned());
    say(&session, paths::NOTIFICATION_SETTINGS, done).await
}

#[derive(Deserialize)]
pub struct MergeForm {
    from: Uuid,
    into: Uuid,
}

pub async fn merge_tags(session: Session, Extension(request): Extension<RequestContext>, Form(form): Form<MergeForm>) -> Response {
    let command = TagCommand::MergeTags { from: form.from, into: form.into };
    let done = send(&request, command).await.map(|()| "The tags are merged. The feed can take it back.".to_owned());
    say(&session, paths::TAGS, done).await
}

pub async fn create_share(
    State(state): State<AppState>,
    session: Session,
    Extension(request): Extension<RequestContext>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let shows = PARTS.iter().filter(|p| form.get(p.0).is_some_and(|v| v == "on")).map(|p| p.0.to_owned()).collect();
    let term = TERMS.iter().find(|t| form.get("term").is_some_and(|v| v == t.0)).unwrap_or(&TERMS[1]);
    let token = new_token();
    let command = ShareCommand::CreateShare {
        share: Uuid::now_v7(),
        title: form.get("title").cloned().unwrap_or_default(),
        shows,
        expires_at: term.2.map(|days| Utc::now() + Duration::days(days)),
        token_hash: hash_of(&token),
    };
    let done = send(&request, command).await;
    let link = format!("{}/s/{token}", state.base_url);
    match done {
        Ok(()) => say_with_link(&session, paths::SHARES, "Here is the link. It is shown this once.", link).await,
        Err(e) => say(&session, paths::SHARES, Err(e)).await,
    }
}

#[derive(Deserialize)]
pub struct RevokeForm {
    share: Uuid,
}

pub async fn revoke_share(session: Session, Extension(request): Extension<RequestContext>, Form(form): Form<RevokeForm>) -> Response {
    let done = send(&request, ShareCommand::RevokeShare { share: form.share }).await.map(|()| "The link is revoked.".to_owned());
    say(&session, paths::SHARES, done).await
}
