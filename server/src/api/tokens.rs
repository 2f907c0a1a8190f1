//! API tokens over REST: listed and revoked. Made in a browser only, behind its password.

use super::{Answer, Caller, body, created, data, id};
use app::{AppError, context::RequestContext};
use axum::{Extension, body::Bytes, extract::Path};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Credential, NewToken};
use uuid::Uuid;

pub async fn list(caller: Caller) -> Answer {
    Ok(data(caller.db.tokens(&caller.actor).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "NewToken")]
pub struct Wanted {
    name: String,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenMade")]
pub struct Made {
    id: Uuid,
    /// Its text, answered this once.
    token: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TokenRevoked")]
pub struct Revoked {
    id: Uuid,
    revoked: bool,
}

/// A token makes no other: what it opens ends with it.
pub async fn create(caller: Caller, Extension(request): Extension<RequestContext>, bytes: Bytes) -> Answer {
    if matches!(request.credential, Some(Credential::Token(_))) {
        return Err(AppError::Refused("An API token cannot make another. Make it in the settings of the app.".into()).into());
    }
    request.recently_confirmed()?;
    let wanted: Wanted = body(&bytes)?;
    let new = NewToken { name: wanted.name, read_only: wanted.read_only, expires_at: wanted.expires_at };
    let (id, token) = caller.db.make_token(&caller.actor, &new, Utc::now()).await?;
    Ok(created(Made { id, token: token.0 }))
}

pub async fn revoke(caller: Caller, Path(token): Path<String>) -> Answer {
    let token = id(&token)?;
    caller.db.revoke_token(&caller.actor, token).await?;
    Ok(data(Revoked { id: token, revoked: true }))
}
