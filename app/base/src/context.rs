//! What a request brings with it on the server: the database, who asks, and what the last form said.

use crate::AppError;
use domain::{FieldError, FieldMap, Permission};
use leptos::prelude::*;
use store::{Actor, Credential, Database, TenantTx};

/// Put into the request by the server before a page or server function runs.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub db: Database,
    pub actor: Option<Actor>,
    /// Live position read before any data of this request.
    pub position: i64,
    /// A form that came back with errors, shown once.
    pub flash: Option<Flash>,
    /// What the request was let in by; none: nobody is signed in.
    pub credential: Option<Credential>,
    /// The password was entered in this browser lately enough to count.
    pub recent: bool,
    /// A mail server is set up.
    pub mail: bool,
    /// This installation's public key for web push, as browsers want it.
    pub push_key: std::sync::Arc<str>,
}

impl RequestContext {
    /// Hash of the session that asks, to know it among others; none for a token.
    pub fn session(&self) -> Option<&[u8]> {
        match &self.credential {
            Some(Credential::Session(hash)) => Some(hash),
            _ => None,
        }
    }

    /// Before something goes out of the workspace, a browser asks for the password again (ASVS 7.5.1). A token has none: it
    /// was made behind one.
    pub fn recently_confirmed(&self) -> Result<(), AppError> {
        if self.recent || matches!(self.credential, Some(Credential::Token(_))) { Ok(()) } else { Err(AppError::PasswordNeeded) }
    }
}

/// A form as it was sent, and what was wrong with it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Flash {
    pub form: String,
    pub values: FieldMap,
    pub errors: Vec<FieldError>,
}

pub fn request() -> Result<RequestContext, AppError> {
    use_context::<http::request::Parts>()
        .and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
        .ok_or_else(|| AppError::Bug("NOCONTEXT".into()))
}

/// Whether the request renders a page, as opposed to a call of a server function.
pub fn is_page() -> bool {
    use_context::<http::request::Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/fn/"))
}

pub fn actor() -> Result<(Database, Actor), AppError> {
    let request = request()?;
    let actor = request.actor.ok_or(AppError::SignInNeeded)?;
    Ok((request.db, actor))
}

/// Opens the transaction of a read; the permission is checked on the way.
pub async fn tenant(permission: Permission) -> Result<TenantTx, AppError> {
    let (db, actor) = actor()?;
    Ok(db.begin(&actor, permission).await?)
}

/// [`tenant`] with generic plans, for lookups by key ([`Database::begin_generic`]).
pub async fn tenant_generic(permission: Permission) -> Result<TenantTx, AppError> {
    let (db, actor) = actor()?;
    Ok(db.begin_generic(&actor, permission).await?)
}

/// Refuses a request of a page that was opened as another member, or in another workspace, than the cookie now means.
pub fn same_person(actor: &store::Actor, member: uuid::Uuid, workspace: Option<uuid::Uuid>) -> Result<(), AppError> {
    let same = actor.member.0 == member && workspace.is_none_or(|w| w == actor.workspace.0);
    if same { Ok(()) } else { Err(AppError::SignInNeeded) }
}
