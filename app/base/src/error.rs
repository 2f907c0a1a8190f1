//! The one error of the edge: a sentence for the person, a status for programs.

use domain::{FieldError, Wait};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// What to mend, field by field.
    #[error("{}", .0.first().map_or("Check the form.", |e| e.message.as_str()))]
    Invalid(Vec<FieldError>),
    #[error("This was not found. It may have been deleted, or the link is wrong.")]
    NotFound,
    #[error("Sign in to continue.")]
    SignInNeeded,
    #[error("Your role does not allow this. Ask an admin of the workspace.")]
    NotAllowed,
    /// A browser in which the password was not entered lately.
    #[error("Enter your password again to do this: open the page for it in the app.")]
    PasswordNeeded,
    /// Not with these credentials; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The state of things is against it; the sentence says why.
    #[error("{0}")]
    Conflict(String),
    /// Edit conflict: another member changed the same fields after the base version. `said` names the member and the new value,
    /// `fields` the keys.
    #[error("{said}")]
    Changed {
        said: String,
        version: i64,
        #[serde(default)]
        fields: Vec<String>,
    },
    /// The person took the change back while it waited. No server says so.
    #[serde(skip)]
    #[error("This change was discarded.")]
    Discarded,
    /// Tried too often.
    #[error(transparent)]
    TooMany(Wait),
    /// An edit came without the version it was made from.
    #[error("This change needs the version of the record it was made from.")]
    VersionNeeded,
    /// The network or the server is away: the same can be tried again.
    #[error("The server could not be reached.")]
    Unreachable,
    /// The server answers, but its database does not, takes nothing more on, or has no room; the sentence says which. Nothing
    /// was decided: the same can be tried again.
    #[error("{0}")]
    Unavailable(String),
    #[error("Something went wrong on our side (reference {0}).")]
    Bug(String),
}

impl AppError {
    /// HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::NotFound => 404,
            Self::SignInNeeded => 401,
            Self::NotAllowed | Self::PasswordNeeded | Self::Refused(_) => 403,
            Self::Conflict(_) | Self::Changed { .. } | Self::Discarded => 409,
            Self::VersionNeeded => 428,
            Self::TooMany(_) => 429,
            Self::Unreachable | Self::Unavailable(_) => 503,
            Self::Bug(_) => 500,
        }
    }

    /// Stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotFound => "not_found",
            Self::SignInNeeded => "sign_in_needed",
            Self::NotAllowed | Self::Refused(_) => "not_allowed",
            Self::PasswordNeeded => "password_needed",
            Self::Conflict(_) | Self::Changed { .. } | Self::Discarded => "conflict",
            Self::VersionNeeded => "version_needed",
            Self::TooMany(_) => "too_many",
            Self::Unreachable | Self::Unavailable(_) => "unavailable",
            Self::Bug(_) => "internal",
        }
    }

    /// The sentence for one field, if there is one.
    pub fn of_field(&self, field: &str) -> Option<String> {
        match self {
            Self::Invalid(errors) => errors.iter().find(|e| e.field == field).map(|e| e.message.clone()),
            _ => None,
        }
    }

    /// What was sent is none of what can be sent.
    pub fn unreadable() -> Self {
        Self::Invalid(vec![FieldError { field: String::new(), code: "unreadable".into(), message: "The request could not be read.".into() }])
    }

    /// Worth sending again as it is.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Unavailable(_) | Self::TooMany(_))
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(e: ServerFnErrorErr) -> Self {
        match e {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            // In the browser: an answer that is none of ours, such as a proxy's "bad gateway". The same can be tried again.
            ServerFnErrorErr::Deserialization(_) if cfg!(not(feature = "ssr")) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => Self::unreadable(),
            _ => Self::Unreachable,
        }
    }
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::AppError;
    use store::{Away, Conflict, StoreError};

    impl From<Away> for AppError {
        fn from(away: Away) -> Self {
            Self::Unavailable(away.sentence().to_owned())
        }
    }

    impl From<StoreError> for AppError {
        fn from(e: StoreError) -> Self {
            if let Some(away) = e.away() {
                tracing::warn!(error = %e, "the database is away");
                return away.into();
            }
            match e {
                StoreError::NotFound => Self::NotFound,
                StoreError::Denied(_) => Self::NotAllowed,
                StoreError::Ended => Self::SignInNeeded,
                StoreError::Forbidden(text) => Self::Refused(text),
                StoreError::Invalid(i) => Self::Invalid(i.0),
                StoreError::Conflict(Conflict::VersionNeeded) => Self::VersionNeeded,
                StoreError::Conflict(Conflict::Throttled(wait)) => Self::TooMany(wait),
                StoreError::Conflict(Conflict::CommandReused) => Self::Invalid(vec![domain::FieldError {
                    field: "id".into(),
                    code: "command_reused".into(),
                    message: Conflict::CommandReused.to_string(),
                }]),
                StoreError::Conflict(ref c @ Conflict::Changed { version, ref fields }) if !fields.is_empty() => {
                    Self::Changed { said: c.to_string(), version, fields: fields.iter().map(|f| f.field.clone()).collect() }
                }
                StoreError::Conflict(c) => Self::Conflict(c.to_string()),
                // Values that pass our checks and no column: what was sent is at fault, not the server.
                StoreError::Database(store::DatabaseError::Database(d)) if d.code().is_some_and(|c| c.starts_with("22")) => {
                    Self::Invalid(vec![domain::FieldError {
                        field: String::new(),
                        code: "value".into(),
                        message: "A value cannot be stored as it is.".into(),
                    }])
                }
                StoreError::Database(store::DatabaseError::Database(d)) if d.constraint().is_some_and(|c| c.ends_with("_pkey")) => {
                    Self::Conflict("There is something under this id already.".into())
                }
                StoreError::Database(e) => {
                    let reference = reference();
                    tracing::error!(%reference, error = %e, "a database error reached the edge");
                    Self::Bug(reference)
                }
            }
        }
    }

    /// A short id that a person can read out and an operator can find in the log.
    pub fn reference() -> String {
        let text = uuid::Uuid::now_v7().simple().to_string();
        text[text.len() - 8..].to_uppercase()
    }

    /// Sets the HTTP status of a server function's answer, which Leptos 0.8 otherwise makes 500.
    pub trait Answer<T> {
        fn answer(self) -> Result<T, AppError>;
    }

    impl<T, E: Into<AppError>> Answer<T> for Result<T, E> {
        fn answer(self) -> Result<T, AppError> {
            self.map_err(|e| {
                let e: AppError = e.into();
                if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()
                    && let Ok(status) = http::StatusCode::from_u16(e.status())
                {
                    response.set_status(status);
                }
                e
            })
        }
    }
}

#[cfg(feature = "ssr")]
pub use on_the_server::{Answer, reference};
