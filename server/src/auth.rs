//! Signing in, up and out; and who is behind a request.

use crate::{
    asking::{Asking, client_of, count, remembered},
    flash::take_flash,
    recent::is_recent,
    state::AppState,
};
use app::{
    AppError, ImportReading, SessionInfo,
    context::RequestContext,
    sign_in::{FormState, sign_in_page},
};
use axum::{
    Extension, Form,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::{DateTime, SubsecRound, Utc};
use domain::{Surface, UserId, WorkspaceId, paths};
use serde::{Deserialize, Serialize};
use store::{Away, Budget, Credential, Membership, SignInError};
use tower_sessions::Session;

const IDENTITY: &str = "identity";

/// What a session says about its owner; the store keeps both in columns of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identity {
    pub user: UserId,
    pub workspace: WorkspaceId,
    /// Browser and system in words, for the list of sessions.
    #[serde(default)]
    pub device: String,
    /// When the password was last entered in this browser.
    #[serde(default)]
    pub confirmed: Option<DateTime<Utc>>,
}

impl Identity {
    /// Of somebody who has just entered their password.
    pub fn fresh(user: UserId, workspace: WorkspaceId, device: String) -> Self {
        Self { user, workspace, device, confirmed: Some(Utc::now()) }
    }
}

/// The session goes on, and its person has just entered their password.
pub async fn confirm(session: &Session) -> Result<(), AppError> {
    let Some(identity) = identity(session).await? else { return Err(AppError::SignInNeeded) };
    let trouble = |e| AppError::from(store::session_away(&e).unwrap_or(Away::Unreachable));
    session.insert(IDENTITY, Identity { confirmed: Some(Utc::now()), ..identity }).await.map_err(trouble)?;
    session.save().await.map_err(trouble)
}

/// Who the session belongs to, if anybody is signed in. A database that is away is an error, never "signed out".
pub async fn identity(session: &Session) -> Result<Option<Identity>, AppError> {
    match session.get::<Identity>(IDENTITY).await {
        Ok(identity) => Ok(identity),
        // One that cannot be understood is none; one that cannot be read may be one.
        Err(e) => store::session_away(&e).map_or(Ok(None), |away| Err(away.into())),
    }
}

pub(crate) fn device(headers: &HeaderMap) -> String {
    domain::memberships::device(headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default())
}

/// Finds out who asks (token or session) and puts it into the request for pages, server functions and REST.
pub async fn who(State(state): State<AppState>, session: Session, mut request: Request, next: Next) -> Response {
    // Read before any data of this request: a page that shows it misses nothing that comes after.
    let position = store::live_position(&state.db);
    let token = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).map(str::to_owned);
    let path = request.uri().path().to_owned();
    let mut recent = false;
    let mut credential = None;
    let found = match token {
        Some(token) => match store::in_time(state.db.actor_by_token(&token)).await {
            Ok(Some(opened)) => {
                if let Err(e) = may_token(&opened, &path, request.method()) {
                    return crate::security::refusal(&e);
                }
                credential = Some(Credential::Token(opened.hash));
                Ok(Some(opened.membership))
            }
            Ok(None) => {
                let client = client_of(&state, request.headers(), request.extensions());
                // The interface says that it is wrong itself, for each of its parts in its own form.
                match count(&state, Budget::Token, &client).await {
                    Ok(()) => Ok(None),
                    Err(e) => return failed(&path, &e, &state),
                }
            }
            Err(e) => Err(e),
        },
        None => match identity(&session).await {
            Ok(Some(id)) => {
                recent = is_recent(id.confirmed, state.password_counts, Utc::now());
                credential = session.id().map(|id| Credential::Session(store::session_hash(&id)));
                store::in_time(state.db.membership(id.user, id.workspace, Surface::Web)).await
            }
            Ok(None) => Ok(None),
            Err(e) => return failed(&path, &e, &state),
        },
    };
    let membership = match found {
        Ok(membership) => membership,
        Err(e) => return failed(&path, &e.into(), &state),
    };
    let page = wants_page(&request);
    if membership.is_none() && page && !is_public(&path) {
        let next = request.uri().path_and_query().map_or("/", |p| p.as_str());
        return Redirect::to(&paths::with_query(paths::SIGN_IN, &[("next", next)])).into_response();
    }
    let mut flash = None;
    if page && let Some(membership) = &membership {
        let language = app::i18n::asked(request.headers()).code();
        if membership.shell.language != language
            && let Err(e) = state.db.reads_in(membership.actor.user, language).await
        {
            return failed(&path, &e.into(), &state);
        }
        request.extensions_mut().insert(session_info(membership, position));
        if path.starts_with("/new/") || path.starts_with("/edit/") || path.starts_with("/settings/") || path == paths::IMPORT {
            flash = take_flash(&session).await;
        }
    }
    let actor = membership.map(|m| m.actor.held_by(credential.clone()));
    request.extensions_mut().insert(ImportReading {
        describe: crate::imports::describe_later,
        dry_run: crate::imports::dry_run_later,
        preview: crate::imports::preview_later,
    });
    let whose = actor.as_ref().filter(|_| path.starts_with("/fn/")).map(|a| app::Whose { workspace: a.workspace, member: a.member });
    request.extensions_mut().insert(RequestContext {
        db: state.db.clone(),
        actor,
        position,
        flash,
        credential,
        recent,
        mail: state.mail,
        push_key: state.push_key.clone(),
    });
    let mut response = next.run(request).await;
    // A browser keeps answers under whom they were given to.
    if let Some(whose) = whose.and_then(|w| HeaderValue::from_str(&w.to_string()).ok()) {
        response.headers_mut().insert("x-rapport-whose", whose);
    }
    response
}

/// What the shell of a page shows of the workspace and the person.
fn session_info(membership: &Membership, position: i64) -> SessionInfo {
    // Whole milliseconds, the precision that the browser reads: server and browser render the same times.
    let (actor, shell, now) = (&membership.actor, &membership.shell, Utc::now().trunc_subsecs(3));
    SessionInfo {
        workspace: shell.workspace.clone(),
        workspace_id: actor.workspace,
        user: shell.user.clone(),
        email: shell.email.clone(),
        member: actor.member,
        role: actor.role,
        currency: actor.currency,
        hue: shell.hue,
        template: shell.template.clone(),
        logo: shell.logo.clone(),
        now,
        offsets: membership.offsets(now),
        position,
    }
}

/// The forms of the pages are for browsers; a token that only reads changes nothing.
fn may_token(opened: &store::Opened, path: &str, method: &http::Method) -> Result<(), AppError> {
    if path.starts_with("/do/") {
        return Err(AppError::Refused("An API token cannot do this. Do it in the app, signed in.".into()));
    }
    if opened.read_only && !method.is_safe() {
        return Err(AppError::Refused("This API token may only read.".into()));
    }
    Ok(())
}

fn failed(path: &str, error: &AppError, state: &AppState) -> Response {
    if path.starts_with("/fn") && error.is_temporary() {
        // In the form in which server functions tell their errors, which is what the browser's queue reads.
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        return (status, axum::Json(error)).into_response();
    }
    if path.starts_with("/api") || path.starts_with("/fn") { crate::security::refusal(error) } else { crate::pages::error_page(error, state) }
}

fn wants_page(request: &Request) -> bool {
    request.method() == http::Method::GET && crate::pages::is_for_people(request.uri().path())
}

fn is_public(path: &str) -> bool {
    matches!(path, paths::SIGN_IN | paths::SIGN_UP | paths::FORGOT)
        || ["/join/", "/sign-up/", "/reset/", "/confirm/"].iter().any(|p| path.starts_with(p))
}

#[derive(Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

pub async fn show_sign_in(State(state): State<AppState>, Extension(request): Extension<RequestContext>, Query(query): Query<NextQuery>) -> Response {
    let next = paths::local(&query.next).to_owned();
    if request.actor.is_some() {
        return Redirect::to(&next).into_response();
    }
    Html(sign_in_page(&FormState { next, ..Default::default() }, &state.style)).into_response()
}

#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

fn status_of(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Starts a session under a new id, so that an id set before signing in is worth nothing.
pub async fn start_session(session: &Session, identity: Identity) -> Result<(), AppError> {
    let trouble = |e| AppError::from(store::session_away(&e).unwrap_or(Away::Unreachable));
    session.cycle_id().await.map_err(trouble)?;
    session.insert(IDENTITY, identity).await.map_err(trouble)?;
    // Written down now, so that a full disk is said here; the layer that does it after the answer only knows 500.
    session.save().await.map_err(trouble)
}

pub async fn sign_in(
    State(state): State<AppState>,
    Asking(client): Asking,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let next = paths::local(&form.next).to_owned();
    let again = |status: StatusCode, error: String| {
        let page = FormState { email: form.email.clone(), next: next.clone(), error, ..Default::default() };
        (status, Html(sign_in_page(&page, &state.style))).into_response()
    };
    // Argon2 takes any length; nobody types more than this.
    if form.password.len() > 1000 || form.email.len() > 320 {
        return again(StatusCode::UNPROCESSABLE_ENTITY, SignInError::Refused.to_string());
    }
    match state.db.sign_in(&form.email, &form.password, &client).await {
        Ok(account) => match start_session(&session, Identity::fresh(account.user, account.workspace, device(&headers))).await {
            Ok(()) => remembered(&state, &client, account.user, Redirect::to(&next).into_response()).await,
            Err(e) => again(StatusCode::SERVICE_UNAVAILABLE, e.to_string()),
        },
        Err(SignInError::Throttled(wait)) => {
            crate::security::when_to_try_again(&AppError::TooMany(wait), again(StatusCode::TOO_MANY_REQUESTS, wait.to_string()))
        }
        Err(SignInError::Store(e)) => {
            let e: AppError = e.into();
            again(status_of(&e), e.to_string())
        }
        Err(e) => again(StatusCode::UNPROCESSABLE_ENTITY, e.to_string()),
    }
}

/// Only when the session is gone here is the browser sent away: one that was merely not reached would live on.
pub async fn sign_out(State(state): State<AppState>, session: Session) -> Response {
    if let Err(e) = session.flush().await {
        return crate::pages::error_page(&store::session_away(&e).unwrap_or(Away::Unreachable).into(), &state);
    }
    ([("clear-site-data", "\"cache\", \"storage\"")], Redirect::to(paths::SIGN_IN)).into_response()
}
