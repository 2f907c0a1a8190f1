//! Tags over REST, and merging them (SPEC §2.13).

use super::{
    Answer, Caller, body, data, dispatch, id,
    openapi::{Api, parts},
    page_of,
    parameters::ONE_PAGE,
    resource::{Asked, Resource},
};
use axum::{body::Bytes, extract::Path, http::HeaderMap};
use domain::{EntityKind, Outcome, TagCommand, tags::TagRow};
use schemars::JsonSchema;
use serde::Deserialize;
use store::TenantTx;
use uuid::Uuid;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Tag), &[ONE_PAGE], |tx, asked| Box::pin(list(tx, asked))).rows(parts::of::<TagRow>);

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    Ok(page_of(asked.at_most(store::list_tags(tx).await?), None))
}

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.post("/api/v1/tags/{id}/merge", merge, |d| d.takes::<Merge>().gives::<Outcome>())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The tag that stays.
    into: Uuid,
}

pub async fn merge(caller: Caller, Path(from): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let from = id(&from)?;
    let wanted: Merge = body(&bytes)?;
    Ok(data(dispatch(&caller, &headers, &format!("merge {from}"), None, TagCommand::MergeTags { from, into: wanted.into }).await?))
}
