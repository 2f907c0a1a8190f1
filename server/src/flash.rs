//! Flash messages: stored in the session, shown by the next page.

use crate::{pages::error_page, security::refusal, state::AppState};
use app::{AppError, context::Flash};
use axum::response::{IntoResponse, Redirect, Response};
use domain::FieldError;
use tower_sessions::Session;

/// Session key.
const FLASH: &str = "flash";

/// Takes the flash message from the session.
pub(crate) async fn take_flash(session: &Session) -> Option<Flash> {
    session.remove::<Flash>(FLASH).await.ok().flatten()
}

/// Stores a flash message, such as an invalid form with its errors.
pub async fn keep_flash(session: &Session, flash: Flash) {
    let _ = session.insert(FLASH, flash).await;
}

/// Redirects to `back` with a success or error message. A fragment of `back` names the card that shows it.
pub(crate) async fn say(session: &Session, back: &str, result: Result<String, AppError>) -> Response {
    // The database is unavailable, so the session cannot store the message either.
    if let Err(e) = &result
        && e.is_temporary()
    {
        return refusal(e);
    }
    let mut flash = Flash { form: "said".into(), ..Default::default() };
    if let Some((_, card)) = back.split_once('#') {
        flash.values.insert("card".into(), card.into());
    }
    match result {
        Ok(said) => {
            flash.values.insert("said".into(), said.into());
        }
        Err(e) => flash.errors.push(FieldError { field: String::new(), code: e.code().into(), message: e.to_string() }),
    }
    keep_flash(session, flash).await;
    Redirect::to(back).into_response()
}

/// As [`say`], for forms that ask for a password: a throttled request gets status 429 with `Retry-After`.
pub(crate) async fn say_or_wait(state: &AppState, session: &Session, back: &str, result: Result<String, AppError>) -> Response {
    match result {
        Err(e @ AppError::TooMany(_)) => error_page(&e, state),
        other => say(session, back, other).await,
    }
}

/// As [`say`], with a link that is shown once.
pub(crate) async fn say_with_link(session: &Session, back: &str, said: &str, link: String) -> Response {
    say_with(session, back, said, "link", link).await
}

/// As [`say`], with a new API token that is shown once.
pub(crate) async fn say_with_token(session: &Session, back: &str, said: &str, token: String) -> Response {
    say_with(session, back, said, "token", token).await
}

async fn say_with(session: &Session, back: &str, said: &str, key: &str, text: String) -> Response {
    let mut flash = Flash { form: "said".into(), ..Default::default() };
    flash.values.insert("said".into(), said.into());
    flash.values.insert(key.into(), text.into());
    keep_flash(session, flash).await;
    Redirect::to(back).into_response()
}
