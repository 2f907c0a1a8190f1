//! Asking for the password again before what gives rights away, hands data out or deletes it (ASVS 7.5.1). The question is a
//! page of its own that carries the form with it and goes on with it: no script is needed, and nothing is typed twice.

use crate::{asking::Asking, auth, memberships, pages::error_page, settings_forms, state::AppState, token_forms};
use app::{
    AppError,
    context::RequestContext,
    sign_in::{AskedAgain, password_page},
};
use axum::{
    Extension, Form, Router,
    body::Body,
    extract::{FromRequest, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::post,
};
use domain::paths;
use store::{Conflict, StoreError};
use tower_sessions::Session;

/// The field of the question; it never reaches the form's own handler.
const FIELD: &str = "confirm_password";

/// What is asked for, in words, and the page it belongs to.
const QUESTIONS: &[(&str, &str, &str)] = &[
    ("/do/people/invite", "You are about to invite somebody.", paths::PEOPLE_SETTINGS),
    ("/do/people/role", "You are about to change somebody's role.", paths::PEOPLE_SETTINGS),
    ("/do/people/remove", "You are about to end a membership.", paths::PEOPLE_SETTINGS),
    ("/do/tokens/create", "You are about to make an API token.", paths::TOKENS),
    ("/do/shares/create", "You are about to share figures by link.", paths::SHARES),
    ("/do/workspace/delete", "You are about to delete the workspace.", paths::WORKSPACE_SETTINGS),
];

/// The forms that ask again.
pub fn forms(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/do/people/invite", post(memberships::invite))
        .route("/do/people/role", post(memberships::set_role))
        .route("/do/people/remove", post(memberships::remove))
        .route("/do/tokens/create", post(token_forms::create))
        .route("/do/shares/create", post(settings_forms::create_share))
        .route("/do/workspace/delete", post(crate::account::delete_workspace))
        .route_layer(from_fn_with_state(state.clone(), ask))
}

async fn ask(
    State(state): State<AppState>,
    Asking(client): Asking,
    Extension(request): Extension<RequestContext>,
    session: Session,
    incoming: Request,
    next: Next,
) -> Response {
    // Those who are not signed in are sent away by the handler.
    let Some(actor) = request.actor.clone().filter(|_| !request.recent) else { return next.run(incoming).await };
    let path = incoming.uri().path().to_owned();
    let email = match state.db.membership(actor.user, actor.workspace, actor.surface).await {
        Ok(Some(membership)) => membership.shell.email,
        Ok(None) => return error_page(&AppError::SignInNeeded, &state),
        Err(e) => return error_page(&e.into(), &state),
    };
    let (mut parts, body) = incoming.into_parts();
    let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let Ok(Form(mut fields)) = form else { return error_page(&AppError::unreadable(), &state) };
    let password = fields.iter().find(|f| f.0 == FIELD).map(|f| f.1.clone());
    fields.retain(|f| f.0 != FIELD);
    let (words, back) = QUESTIONS.iter().find(|q| q.0 == path).map_or(("", "/"), |q| (q.1, q.2));
    let question = |status: StatusCode, error: String| {
        let asked = AskedAgain { action: &path, words, back, fields: &fields, error, email: &email };
        (status, Html(password_page(&asked, &state.style))).into_response()
    };
    let Some(password) = password else { return question(StatusCode::FORBIDDEN, String::new()) };
    match state.db.verify_password(actor.user, &password, &client).await {
        Ok(_) => {}
        Err(StoreError::Conflict(Conflict::Throttled(wait))) => {
            return crate::security::when_to_try_again(&AppError::TooMany(wait), question(StatusCode::TOO_MANY_REQUESTS, wait.to_string()));
        }
        Err(StoreError::Conflict(c)) => return question(StatusCode::UNPROCESSABLE_ENTITY, c.to_string()),
        Err(e) => return error_page(&e.into(), &state),
    }
    if let Err(e) = auth::confirm(&session).await {
        return error_page(&e, &state);
    }
    let text = fields.iter().map(|(k, v)| format!("{}={}", paths::query_value(k), paths::query_value(v))).collect::<Vec<_>>().join("&");
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    parts.extensions.insert(RequestContext { recent: true, ..request });
    next.run(Request::from_parts(parts, Body::from(text))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_asks_says_what_for() {
        let source = include_str!("reauth.rs");
        assert_eq!(source.matches(", post(").count(), QUESTIONS.len() + 1, "this line names the routes once more");
    }
}
