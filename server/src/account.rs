//! One's own account by mail and for good: a forgotten password, another address, leaving; and the workspace's own settings.

use crate::{
    asking::{Asking, count, evenly, missed, remembered},
    flash::{say, say_or_wait},
    pictures,
    state::AppState,
    weak_password::weak_password,
};
use app::{
    AppError,
    context::RequestContext,
    sign_in::{FormState, confirm_page, forgot_page, message_page, reset_page},
};
use axum::{
    Extension, Form,
    extract::{Multipart, Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use chrono::Utc;
use domain::{addresses::Address, paths};
use serde::Deserialize;
use store::{Actor, Budget, Client, StoreError};
use tower_sessions::Session;

const WORKSPACE: &str = paths::WORKSPACE_SETTINGS;

async fn no_link(state: &AppState, client: &Client) -> Response {
    let says = missed(state, client, AppError::NotFound).await;
    if says != AppError::NotFound {
        return crate::pages::error_page(&says, state);
    }
    let page = message_page("This link does not work", "It was used already, is older than two hours, or was never one.", &state.style);
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn signed_in(request: RequestContext) -> Result<Actor, AppError> {
    request.actor.ok_or(AppError::SignInNeeded)
}

pub async fn show_forgot(State(state): State<AppState>) -> Response {
    Html(forgot_page(state.mail, &FormState::default(), &state.style)).into_response()
}

#[derive(Deserialize)]
pub struct ForgotForm {
    email: String,
}

/// The same answer, after the same time, whether there is such an account or not.
pub async fn forgot(State(state): State<AppState>, Asking(client): Asking, Form(form): Form<ForgotForm>) -> Response {
    if !state.mail {
        return show_forgot(State(state)).await;
    }
    let done = evenly(async {
        count(&state, Budget::Mails, &client).await?;
        Ok::<_, AppError>(state.db.forgot_password(&form.email, Utc::now()).await?)
    });
    if let Err(e) = done.await {
        return crate::pages::error_page(&e, &state);
    }
    let text = "If there is an account for this address, a mail with a link is on its way. The link works for two hours.";
    Html(message_page("Look into your mail", text, &state.style)).into_response()
}

pub async fn show_reset(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>) -> Response {
    match state.db.reset_of_link(&token, Utc::now()).await {
        Ok(email) => Html(reset_page(&token, &FormState { email, ..Default::default() }, &state.style)).into_response(),
        Err(StoreError::NotFound) => no_link(&state, &client).await,
        Err(e) => crate::pages::error_page(&e.into(), &state),
    }
}

#[derive(Deserialize)]
pub struct ResetForm {
    password: String,
    /// Ticked: API tokens end as well.
    #[serde(default)]
    tokens: String,
}

pub async fn reset(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>, Form(form): Form<ResetForm>) -> Response {
    if let Some(why) = weak_password(&form.password, "") {
        let page = FormState { error: why.to_string(), field: "password".into(), ..Default::default() };
        return (StatusCode::UNPROCESSABLE_ENTITY, Html(reset_page(&token, &page, &state.style))).into_response();
    }
    let tokens = form.tokens == "on";
    match state.db.reset_by_link(&token, &form.password, tokens, Utc::now()).await {
        Ok(user) => {
            let text = match tokens {
                true => "All browsers are signed out, and all API tokens have ended. Sign in with the new password.",
                false => "All browsers are signed out. Sign in with the new password.",
            };
            let page = message_page("The password is set", text, &state.style);
            // They hold the mailbox: guesses of others at the new password do not keep them waiting.
            remembered(&state, &client, user, Html(page).into_response()).await
        }
        Err(StoreError::NotFound) => no_link(&state, &client).await,
        Err(e) => crate::pages::error_page(&e.into(), &state),
    }
}

/// A page with a button: mail programs follow links by themselves, and must not confirm anything.
pub async fn show_confirm(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>) -> Response {
    match state.db.email_of_link(&token, Utc::now()).await {
        Ok(email) => Html(confirm_page(&token, &email, &state.style)).into_response(),
        Err(StoreError::NotFound) => no_link(&state, &client).await,
        Err(e) => crate::pages::error_page(&e.into(), &state),
    }
}

pub async fn confirm(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>) -> Response {
    match state.db.confirm_email(&token, Utc::now()).await {
        Ok(email) => Html(message_page("The address is confirmed", &format!("From now on you sign in as {email}."), &state.style)).into_response(),
        Err(StoreError::NotFound) => no_link(&state, &client).await,
        Err(e) => crate::pages::error_page(&e.into(), &state),
    }
}

#[derive(Deserialize)]
pub struct EmailForm {
    email: String,
    password: String,
}

pub async fn change_email(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    Asking(client): Asking,
    session: Session,
    Form(form): Form<EmailForm>,
) -> Response {
    let done = async {
        let actor = signed_in(request)?;
        if !state.mail {
            return Err(AppError::NotFound);
        }
        let new = Address::new(&form.email).map_err(StoreError::from)?;
        state.db.ask_for_email(actor.user, &form.password, &client, &new, Utc::now()).await?;
        Ok(format!("A link went to {}. The address changes when you follow it.", new.text))
    };
    say_or_wait(&state, &session, paths::PROFILE_EMAIL, done.await).await
}

#[derive(Deserialize)]
pub struct PasswordForm {
    password: String,
}

pub async fn delete_account(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    Asking(client): Asking,
    session: Session,
    Form(form): Form<PasswordForm>,
) -> Response {
    let done = async {
        let actor = signed_in(request)?;
        let after = state.db.end_account(actor.user, &form.password, &client, Utc::now()).await?;
        Ok(format!("Your account will be deleted on {}. Until then you can take it back here.", after.format("%Y-%m-%d")))
    };
    say_or_wait(&state, &session, paths::PROFILE_DELETION, done.await).await
}

pub async fn keep_account(State(state): State<AppState>, Extension(request): Extension<RequestContext>, session: Session) -> Response {
    let done = async {
        state.db.keep_account(signed_in(request)?.user).await?;
        Ok("Your account stays.".to_owned())
    };
    say(&session, paths::PROFILE, done.await).await
}

#[derive(Deserialize)]
pub struct WorkspaceForm {
    name: String,
    #[serde(rename = "timeZone")]
    time_zone: String,
    hue: i16,
}

pub async fn set_workspace(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<WorkspaceForm>,
) -> Response {
    let done = async {
        state.db.set_workspace(&signed_in(request)?, &form.name, form.time_zone.trim(), form.hue).await?;
        Ok("Saved.".to_owned())
    };
    say(&session, WORKSPACE, done.await).await
}

#[derive(Deserialize)]
pub struct Version {
    #[serde(default)]
    v: String,
}

/// The workspace's picture, for those who are in it.
pub async fn logo(State(state): State<AppState>, Extension(request): Extension<RequestContext>, Query(asked): Query<Version>) -> Response {
    let Ok(actor) = signed_in(request) else { return StatusCode::NOT_FOUND.into_response() };
    match state.db.logo(actor.workspace).await {
        Ok(Some((kind, bytes, hash))) => {
            // The address carries the picture's hash; an old page may ask for another's after a switch of workspaces.
            let keep = if asked.v == hash { "private, max-age=31536000, immutable" } else { "no-store" };
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep.to_owned())], bytes).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(e) => crate::pages::error_page(&e.into(), &state),
    }
}

pub async fn set_logo(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    mut form: Multipart,
) -> Response {
    let done = async {
        let actor = signed_in(request)?;
        let unread = |_| AppError::unreadable();
        let (mut picture, mut remove) = (None, false);
        while let Some(field) = form.next_field().await.map_err(unread)? {
            match field.name() {
                Some("logo") => picture = Some(field.bytes().await.map_err(unread)?),
                Some("remove") => remove = true,
                _ => {}
            }
        }
        let picture = picture.filter(|p| !p.is_empty());
        if picture.is_none() && !remove {
            return Err(AppError::Conflict("Choose a picture.".into()));
        }
        let picture = match picture {
            Some(bytes) if bytes.len() <= store::LOGO_BYTES => Some(pictures::checked(bytes).await?),
            too_large => too_large,
        };
        state.db.set_logo(&actor, picture.as_deref()).await?;
        Ok(if picture.is_some() { "Saved." } else { "The picture is gone." }.to_owned())
    };
    say(&session, WORKSPACE, done.await).await
}

#[derive(Deserialize)]
pub struct NameForm {
    name: String,
}

pub async fn delete_workspace(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<NameForm>,
) -> Response {
    let done = async {
        let after = state.db.end_workspace(&signed_in(request)?, &form.name, Utc::now()).await?;
        Ok(format!("The workspace will be deleted on {}. Until then an owner can take it back here.", after.format("%Y-%m-%d")))
    };
    say(&session, WORKSPACE, done.await).await
}

pub async fn keep_workspace(State(state): State<AppState>, Extension(request): Extension<RequestContext>, session: Session) -> Response {
    let done = async {
        state.db.keep_workspace(&signed_in(request)?).await?;
        Ok("The workspace stays.".to_owned())
    };
    say(&session, WORKSPACE, done.await).await
}
