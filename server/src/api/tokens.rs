//! API tokens over REST: listed and revoked. Made in a browser only, behind its password.

use super::{Answer, Caller, body, created, data, id, openapi::Api};
use app::{AppError, context::RequestContext};
use axum::{Extension, body::Bytes, extract::Path};
use chrono::{DateTime, Utc};
use domain::tokens::TokenLine;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Credential, NewToken};
use uuid::Uuid;

/// A property of new tokens, for their documentation.
const ONCE: &str = "In a browser that entered its password lately; a token makes no other. The text of the token is answered this once.";

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/tokens", list, |d| d.gives::<Vec<TokenLine>>())
        .post("/api/v1/tokens", create, |d| d.takes::<Wanted>().creates::<Made>().describe(ONCE))
        .post("/api/v1/tokens/{id}/revoke", revoke, |d| d.gives::<Revoked>())
}

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
