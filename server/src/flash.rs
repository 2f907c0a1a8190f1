//! Messages that the next page shows.

use crate::{pages::error_page, security::refusal, state::AppState};
use app::{AppError, context::Flash};
use axum::response::{IntoResponse, Redirect, Response};
use domain::FieldError;
use tower_sessions::Session;

/// The session's key of the message.
const FLASH: &str = "flash";

/// Takes the message out of the session.
pub(crate) async fn take_flash(session: &Session) -> Option<Flash> {
    session.remove::<Flash>(FLASH).await.ok().flatten()
}

/// Keeps a form that came back wrong, for its next showing.
pub async fn keep_flash(session: &Session, flash: Flash) {
    let _ = session.insert(FLASH, flash).await;
}

/// Back to a page with a sentence about what was done, or why not. A fragment of `back` names the card that shows it.
pub(crate) async fn say(session: &Session, back: &str, result: Result<String, AppError>) -> Response {
    // Nothing was decided, and the session cannot hold the sentence either.
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

/// The same for a form that asks for the password: whoever tried too often is told when to go on, by status and header too.
pub(crate) async fn say_or_wait(state: &AppState, session: &Session, back: &str, result: Result<String, AppError>) -> Response {
    match result {
        Err(e @ AppError::TooMany(_)) => error_page(&e, state),
        other => say(session, back, other).await,
    }
}

/// The same with a link to hand on, shown this once.
pub(crate) async fn say_with_link(session: &Session, back: &str, said: &str, link: String) -> Response {
    say_with(session, back, said, "link", link).await
}

/// The same with a new API token, shown this once.
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
