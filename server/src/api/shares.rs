//! Share links over REST: made, listed, revoked. The address is told once, or again to the same request under its
//! idempotency key.

use super::{Answer, Caller, body, created, data, dispatch, id, idempotency_key, new_id, openapi::Api};
use crate::shares::{hash_of, new_token};
use app::context::RequestContext;
use axum::{Extension, body::Bytes, extract::Path, http::HeaderMap};
use chrono::{DateTime, Utc};
use domain::{Outcome, Permission, ShareCommand, shares::Share};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/shares", list, |d| d.gives::<Vec<Share>>()).post("/api/v1/shares", create, |d| d.takes::<NewShare>().creates::<Made>()).post(
        "/api/v1/shares/{id}/revoke",
        revoke,
        |d| d.gives::<Outcome>(),
    )
}

pub async fn list(caller: Caller) -> Answer {
    let mut tx = caller.db.begin(&caller.actor, Permission::Share).await?;
    Ok(data(store::list_shares(&mut tx).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewShare {
    title: String,
    shows: Vec<String>,
    #[serde(default)]
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ShareMade")]
pub struct Made {
    id: Uuid,
    /// Where it opens, below the address of the server.
    path: String,
}

pub async fn create(caller: Caller, Extension(request): Extension<RequestContext>, headers: HeaderMap, bytes: Bytes) -> Answer {
    request.recently_confirmed()?;
    let wanted: NewShare = body(&bytes)?;
    let share = new_id(&caller.actor, &headers, "share");
    let token = match idempotency_key(&headers) {
        Some(key) => caller.db.share_token(&caller.actor, &key).await?,
        None => new_token(),
    };
    let command =
        ShareCommand::CreateShare { share, title: wanted.title, shows: wanted.shows, expires_at: wanted.expires_at, token_hash: hash_of(&token) };
    dispatch(&caller, &headers, "share", None, command).await?;
    Ok(created(Made { id: share, path: format!("/s/{token}") }))
}

pub async fn revoke(caller: Caller, Path(share): Path<String>, headers: HeaderMap) -> Answer {
    let share = id(&share)?;
    Ok(data(dispatch(&caller, &headers, &format!("revoke {share}"), None, ShareCommand::RevokeShare { share }).await?))
}
