//! Making an account. Where mail is set up the address is proved first: it gets a link, and the rest is asked for behind it.
//! Whether there is an account already is told to the mailbox alone.

use crate::{
    asking::{Asking, count, evenly, missed, remembered},
    auth::{Identity, device, start_session},
    config::Signup,
    pages::error_page,
    state::AppState,
    weak_password::weak_password,
};
use app::{
    AppError,
    context::RequestContext,
    sign_in::{FormState, finish_page, message_page, sign_up_page},
};
use axum::{
    Extension, Form,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
};
use chrono::Utc;
use domain::{addresses::Address, pipelines::template};
use serde::Deserialize;
use store::{Account, Budget, Client, StoreError};
use tower_sessions::Session;

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

pub async fn show_sign_up(State(state): State<AppState>, Extension(request): Extension<RequestContext>) -> Response {
    if request.actor.is_some() {
        return Redirect::to("/").into_response();
    }
    if state.signup != Signup::Open {
        return by_invitation(&state);
    }
    Html(sign_up_page(state.mail, &FormState::default(), &state.style)).into_response()
}

fn by_invitation(state: &AppState) -> Response {
    let text = "Accounts on this server are made by invitation. Ask an admin of the workspace for a link.";
    (StatusCode::FORBIDDEN, Html(message_page("By invitation", text, &state.style))).into_response()
}

#[derive(Default, Deserialize)]
pub struct SignUpForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    workspace: String,
    /// Key of the template to start with; left out: sales.
    #[serde(default)]
    template: String,
    /// Zone of the browser, where there are scripts.
    #[serde(default)]
    time_zone: String,
    /// One's name, for those who join a workspace of others.
    #[serde(default)]
    name: String,
    /// Token of the invitation that they join by.
    #[serde(default)]
    join: String,
}

/// What is wrong with a form, and where.
struct Refused {
    status: StatusCode,
    field: String,
    error: AppError,
}

impl Refused {
    fn field(field: &str, error: &str) -> Self {
        Self { status: WRONG, field: field.into(), error: AppError::Conflict(error.into()) }
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, field: String::new(), error }
    }
}

impl From<StoreError> for Refused {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Invalid(invalid) => {
                let (field, message) = invalid.0.into_iter().next().map(|f| (f.field, f.message)).unwrap_or_default();
                Self { status: WRONG, field, error: AppError::Conflict(message) }
            }
            other => AppError::from(other).into(),
        }
    }
}

/// A form that came back, with what is wrong with it.
fn again(form: &SignUpForm, refused: &Refused) -> FormState {
    let workspace = if form.join.is_empty() { form.workspace.clone() } else { form.name.clone() };
    FormState { email: form.email.clone(), workspace, field: refused.field.clone(), error: refused.error.to_string(), ..Default::default() }
}

fn answer(refused: &Refused, page: String) -> Response {
    crate::security::when_to_try_again(&refused.error, (refused.status, Html(page)).into_response())
}

pub async fn sign_up(
    State(state): State<AppState>,
    Asking(client): Asking,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<SignUpForm>,
) -> Response {
    if state.signup != Signup::Open {
        return by_invitation(&state);
    }
    let done = match Address::new(&form.email) {
        Err(_) if form.email.trim().is_empty() => Err(Refused::field("email", "Enter an e-mail address such as ana@example.com.")),
        Err(e) => Err(StoreError::from(e).into()),
        Ok(address) if state.mail => return asked(&state, &client, &address, None).await,
        Ok(address) => make(&state, &client, &headers, &form, &address.text).await,
    };
    match done {
        Ok(account) => enter(&state, &client, &session, &headers, account).await,
        Err(refused) => answer(&refused, sign_up_page(state.mail, &again(&form, &refused), &state.style)),
    }
}

/// Sends the next step to an address. The answer is the same whatever is known of it.
pub async fn asked(state: &AppState, client: &Client, address: &Address, invitation: Option<&str>) -> Response {
    let budget = if invitation.is_some() { Budget::Join } else { Budget::Mails };
    let done = evenly(async {
        count(state, budget, client).await?;
        Ok::<_, AppError>(state.db.ask_to_sign_up(client, address, invitation, Utc::now()).await?)
    });
    match done.await {
        Ok(()) => {
            let text = "A mail with the next step is on its way to this address. Its link works for two hours. If nothing comes, look among the junk, or ask again in an hour.";
            Html(message_page("Look into your mail", text, &state.style)).into_response()
        }
        Err(e) => error_page(&e, state),
    }
}

async fn make(state: &AppState, client: &Client, headers: &HeaderMap, form: &SignUpForm, email: &str) -> Result<Account, Refused> {
    if let Some(why) = weak_password(&form.password, email) {
        return Err(Refused::field("password", why));
    }
    let name = email.split('@').next().unwrap_or(email).to_owned();
    let workspace = form.workspace.trim();
    if workspace.chars().count() > 120 || workspace.contains('\0') {
        return Err(Refused::field("workspace", "The name takes at most 120 characters."));
    }
    let words = app::i18n::catalogue(app::i18n::asked(headers));
    let own = |english: &'static str| words.and_then(|w| w.get(english)).unwrap_or(english);
    let workspace = if workspace.is_empty() { own("{name}'s workspace").replace("{name}", &name) } else { workspace.to_owned() };
    let wanted = if form.template.is_empty() { "sales" } else { form.template.as_str() };
    let start = template(wanted).ok_or_else(|| Refused::field("", "Choose what you want to keep track of."))?;
    count(state, Budget::SignUp, client).await?;
    let account = state.db.sign_up_in(email, &name, &form.password, &workspace, start, &own).await?;
    state.db.begins_in(account.workspace, &form.time_zone).await?;
    Ok(account)
}

async fn enter(state: &AppState, client: &Client, session: &Session, headers: &HeaderMap, account: Account) -> Response {
    match start_session(session, Identity::fresh(account.user, account.workspace, device(headers))).await {
        Ok(()) => remembered(state, client, account.user, Redirect::to("/").into_response()).await,
        Err(e) => error_page(&e, state),
    }
}

#[derive(Default, Deserialize)]
pub struct FinishQuery {
    #[serde(default)]
    join: String,
}

fn invitation(join: &str) -> Option<&str> {
    Some(join).filter(|j| !j.is_empty())
}

async fn no_link(state: &AppState, client: &Client) -> Response {
    match missed(state, client, AppError::NotFound).await {
        AppError::NotFound => {
            let text = "It was used already, is older than two hours, or was never one.";
            (StatusCode::NOT_FOUND, Html(message_page("This link does not work", text, &state.style))).into_response()
        }
        e => error_page(&e, state),
    }
}

/// The form behind the link of a mail.
pub async fn show_finish(
    State(state): State<AppState>,
    Asking(client): Asking,
    Path(token): Path<String>,
    Query(query): Query<FinishQuery>,
) -> Response {
    match state.db.sign_up_of_link(&token, invitation(&query.join), Utc::now()).await {
        Ok(wanted) => {
            let page = FormState { email: wanted.email, ..Default::default() };
            Html(finish_page(&token, &query.join, &page, &state.style)).into_response()
        }
        Err(StoreError::NotFound) => no_link(&state, &client).await,
        Err(e) => error_page(&e.into(), &state),
    }
}

/// Makes the account whose address the link proves.
pub async fn finish(
    State(state): State<AppState>,
    Asking(client): Asking,
    Path(token): Path<String>,
    session: Session,
    headers: HeaderMap,
    Form(mut form): Form<SignUpForm>,
) -> Response {
    match state.signup {
        Signup::Open => {}
        Signup::Invite if !form.join.is_empty() => {}
        _ => return by_invitation(&state),
    }
    form.email = match state.db.sign_up_of_link(&token, invitation(&form.join), Utc::now()).await {
        Ok(wanted) => wanted.email,
        Err(StoreError::NotFound) => return no_link(&state, &client).await,
        Err(e) => return error_page(&e.into(), &state),
    };
    let done = match invitation(&form.join) {
        Some(join) => join_by(&state, &client, &form, join).await,
        None => make(&state, &client, &headers, &form, &form.email).await,
    };
    match done {
        Ok(account) => {
            if let Err(e) = state.db.end_sign_ups(&form.email).await {
                tracing::warn!(error = %e, "a link that was used could not be removed; it expires by itself");
            }
            enter(&state, &client, &session, &headers, account).await
        }
        // The address is no field of this form: what is wrong with it is said above it.
        Err(mut refused) => {
            if refused.field == "email" {
                refused.field.clear();
            }
            answer(&refused, finish_page(&token, &form.join, &again(&form, &refused), &state.style))
        }
    }
}

async fn join_by(state: &AppState, client: &Client, form: &SignUpForm, join: &str) -> Result<Account, Refused> {
    let name = form.name.trim();
    if !domain::members::is_valid(name, None) {
        return Err(Refused::field("name", "Enter your name."));
    }
    if let Some(why) = weak_password(&form.password, &form.email) {
        return Err(Refused::field("password", why));
    }
    count(state, Budget::Join, client).await?;
    Ok(state.db.sign_up_invited(&form.email, name, &form.password, join).await?)
}
