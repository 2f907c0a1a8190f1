//! Inviting, joining, roles, leaving, passwords and sessions: plain forms, each answered with a page that says what became
//! of it.

use crate::{
    asking::{Asking, count, missed, remembered},
    auth::{Identity, identity, start_session},
    config::Signup,
    flash::{say, say_or_wait, say_with_link},
    pages::error_page,
    state::AppState,
    weak_password::weak_password,
};
use app::{
    AppError,
    context::RequestContext,
    sign_in::{Asks, FormState, join_page, message_page},
};
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use domain::{FieldError, MemberId, Role, WorkspaceId, addresses::Address, paths};
use serde::Deserialize;
use store::{Budget, Client, SignInError, StoreError};
use tower_sessions::Session;
use uuid::Uuid;

fn to_sign_in() -> Response {
    Redirect::to(paths::SIGN_IN).into_response()
}

/// A member chosen in a form; an empty choice is nobody.
fn chosen(text: &str) -> Result<Option<MemberId>, AppError> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| AppError::NotFound) }
}

fn role_of(code: &str) -> Result<Role, AppError> {
    Role::from_code(code)
        .ok_or_else(|| AppError::Invalid(vec![FieldError { field: "role".into(), code: "choice".into(), message: "Choose a role.".into() }]))
}

#[derive(Deserialize)]
pub struct InviteForm {
    role: String,
    #[serde(default)]
    member: String,
}

pub async fn invite(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<InviteForm>,
) -> Response {
    let Some(actor) = request.actor else { return to_sign_in() };
    let made = async {
        let token = state.db.invite(&actor, role_of(&form.role)?, chosen(&form.member)?).await?;
        Ok(format!("{}/join/{token}", state.base_url))
    };
    match made.await {
        Ok(link) => {
            let said = "Send this link to the person. It works once, for seven days, and is shown only now.";
            say_with_link(&session, paths::PEOPLE_SETTINGS, said, link).await
        }
        Err(e) => say(&session, paths::PEOPLE_SETTINGS, Err(e)).await,
    }
}

#[derive(Deserialize)]
pub struct RevokeForm {
    id: Uuid,
}

pub async fn revoke(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<RevokeForm>,
) -> Response {
    let Some(actor) = request.actor else { return to_sign_in() };
    let done = state.db.revoke_invitation(&actor, form.id).await.map(|()| "The invitation is revoked.".into());
    say(&session, paths::PEOPLE_SETTINGS, done.map_err(Into::into)).await
}

#[derive(Deserialize)]
pub struct RoleForm {
    member: MemberId,
    role: String,
}

pub async fn set_role(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<RoleForm>,
) -> Response {
    let Some(actor) = request.actor else { return to_sign_in() };
    let done = async {
        let role = role_of(&form.role)?;
        state.db.set_role(&actor, form.member, role).await?;
        Ok(format!("The role is {} now.", role.words()))
    };
    say(&session, paths::PEOPLE_SETTINGS, done.await).await
}

#[derive(Deserialize)]
pub struct RemoveForm {
    member: MemberId,
    #[serde(default)]
    heir: String,
}

pub async fn remove(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<RemoveForm>,
) -> Response {
    let Some(actor) = request.actor else { return to_sign_in() };
    let leaving = form.member == actor.member;
    let done = async {
        state.db.remove_member(&actor, form.member, chosen(&form.heir)?).await?;
        Ok::<_, AppError>("The member is removed; what they had was handed over.".to_owned())
    };
    match done.await {
        Ok(_) if leaving => {
            let _ = session.flush().await;
            Html(message_page("You left", "You are no longer a member of this workspace.", &state.style)).into_response()
        }
        other => say(&session, paths::PEOPLE_SETTINGS, other).await,
    }
}

#[derive(Deserialize)]
pub struct SwitchForm {
    workspace: WorkspaceId,
}

/// Another workspace of the same account; a foreign one is not there.
pub async fn switch(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<SwitchForm>,
) -> Response {
    let now = match identity(&session).await {
        Ok(Some(now)) if request.actor.is_some() => now,
        Ok(_) => return to_sign_in(),
        Err(e) => return error_page(&e, &state),
    };
    match state.db.actor(now.user, form.workspace, domain::Surface::Web).await {
        Ok(Some(_)) => match start_session(&session, Identity { workspace: form.workspace, ..now }).await {
            Ok(()) => Redirect::to("/").into_response(),
            Err(e) => error_page(&e, &state),
        },
        Ok(None) => error_page(&AppError::NotFound, &state),
        Err(e) => error_page(&e.into(), &state),
    }
}

#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    /// Ticked: API tokens end as well.
    #[serde(default)]
    tokens: String,
}

pub async fn change_password(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    Asking(client): Asking,
    session: Session,
    Form(form): Form<PasswordForm>,
) -> Response {
    let (now, actor) = match (identity(&session).await, request.actor) {
        (Ok(Some(now)), Some(actor)) => (now, actor),
        (Err(e), _) => return error_page(&e, &state),
        _ => return to_sign_in(),
    };
    let tokens = form.tokens == "on";
    let done = async {
        if let Some(why) = weak_password(&form.new, "") {
            return Err(AppError::Conflict(why.into()));
        }
        state.db.change_password(actor.user, &form.old, &form.new, &client, tokens).await?;
        // All sessions ended; this browser goes on under a new one.
        start_session(&session, Identity::fresh(now.user, now.workspace, now.device)).await?;
        Ok(match tokens {
            true => "The password is changed. Every other browser is signed out, and your API tokens have ended.",
            false => "The password is changed. Every other browser is signed out.",
        }
        .to_owned())
    };
    let done = done.await;
    let changed = done.is_ok();
    let said = say_or_wait(&state, &session, paths::PROFILE_PASSWORD, done).await;
    if changed { remembered(&state, &client, actor.user, said).await } else { said }
}

#[derive(Deserialize)]
pub struct EndForm {
    key: String,
}

pub async fn end_session(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Form(form): Form<EndForm>,
) -> Response {
    let Some(actor) = request.actor else { return to_sign_in() };
    let done = state.db.end_session(actor.user, &form.key).await.map(|()| "That browser is signed out.".into());
    say(&session, paths::PROFILE, done.map_err(Into::into)).await
}

const GONE: &str = "This invitation was used, revoked or has expired. Ask for a new one.";

async fn no_invitation(state: &AppState, client: &Client) -> Response {
    match missed(state, client, AppError::NotFound).await {
        AppError::NotFound => (StatusCode::NOT_FOUND, Html(message_page("No invitation", GONE, &state.style))).into_response(),
        e => error_page(&e, state),
    }
}

/// What the page asks for of somebody who is not signed in.
fn asks(state: &AppState, request: &RequestContext) -> Asks {
    match (&request.actor, state.mail) {
        (Some(_), _) => Asks::Nothing,
        (None, true) => Asks::Address,
        (None, false) => Asks::Account,
    }
}

pub async fn show_join(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    Asking(client): Asking,
    Path(token): Path<String>,
) -> Response {
    match state.db.invitation(&token).await {
        Ok(Some(to)) => Html(join_page(&to, &token, asks(&state, &request), &FormState::default(), &state.style)).into_response(),
        Ok(None) => no_invitation(&state, &client).await,
        Err(e) => error_page(&e.into(), &state),
    }
}

#[derive(Default, Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

pub async fn join(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    headers: HeaderMap,
    Asking(client): Asking,
    Path(token): Path<String>,
    Form(form): Form<JoinForm>,
) -> Response {
    let to = match state.db.invitation(&token).await {
        Ok(Some(to)) => to,
        Ok(None) => return no_invitation(&state, &client).await,
        Err(e) => return error_page(&e.into(), &state),
    };
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let device = domain::memberships::device(agent);
    let again = |field: &str, error: String| {
        let page = FormState { email: form.email.clone(), workspace: form.name.clone(), field: field.into(), error, ..Default::default() };
        (StatusCode::UNPROCESSABLE_ENTITY, Html(join_page(&to, &token, asks(&state, &request), &page, &state.style))).into_response()
    };
    // Nobody who is signed in enters a password here.
    let confirmed = match &request.actor {
        Some(_) => match identity(&session).await {
            Ok(now) => now.and_then(|i| i.confirmed),
            Err(e) => return error_page(&e, &state),
        },
        None => Some(chrono::Utc::now()),
    };
    let joined = match &request.actor {
        Some(actor) => state.db.accept_invitation(&token, actor.user).await.map(|workspace| (actor.user, workspace)),
        None => {
            if state.signup == Signup::Closed {
                return again("", "New accounts are not made on this server. Sign in with the one you have.".into());
            }
            let address = match Address::new(&form.email) {
                Ok(address) => address,
                Err(e) => return again("email", e.to_string()),
            };
            if state.mail {
                return crate::sign_up::asked(&state, &client, &address, Some(&token)).await;
            }
            let (name, email) = (form.name.trim(), address.text);
            if !domain::members::is_valid(name, Some(&email)) {
                return again("email", "Enter your name and an e-mail address such as ana@example.com.".into());
            }
            if let Some(why) = weak_password(&form.password, &email) {
                return again("password", why.into());
            }
            if let Err(e) = count(&state, Budget::Join, &client).await {
                return error_page(&e, &state);
            }
            // Whoever has an account joins with its password, also when it opens no workspace (any more).
            match state.db.has_account(&email).await {
                Ok(true) => match state.db.check_password(&email, &form.password, &client).await {
                    Ok(user) => state.db.accept_invitation(&token, user).await.map(|workspace| (user, workspace)),
                    Err(SignInError::Store(e)) => Err(e),
                    Err(SignInError::Throttled(wait)) => return error_page(&AppError::TooMany(wait), &state),
                    Err(e) => return again("password", format!("This address has an account. {e}")),
                },
                Ok(false) => state.db.sign_up_invited(&email, name, &form.password, &token).await.map(|a| (a.user, a.workspace)),
                Err(e) => Err(e),
            }
        }
    };
    match joined {
        Ok((user, workspace)) => match start_session(&session, Identity { user, workspace, device, confirmed }).await {
            Ok(()) if request.actor.is_some() => Redirect::to("/").into_response(),
            Ok(()) => remembered(&state, &client, user, Redirect::to("/").into_response()).await,
            Err(e) => error_page(&e, &state),
        },
        Err(StoreError::Invalid(e)) => again(e.0.first().map_or("", |f| f.field.as_str()), e.to_string()),
        Err(StoreError::Conflict(c)) => again("", c.to_string()),
        Err(e) => error_page(&e.into(), &state),
    }
}
