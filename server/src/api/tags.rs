//! Merging tags (SPEC §2.13); making and naming them is as with every record.

use super::{Answer, Caller, body, data, dispatch, id, openapi::Api};
use axum::{body::Bytes, extract::Path, http::HeaderMap};
use domain::{Outcome, TagCommand};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

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
