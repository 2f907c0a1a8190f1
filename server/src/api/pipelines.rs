//! The order of a pipeline's stages, and taking one away; making and naming them is as with every record.

use super::{Answer, Caller, body, data, dispatch, id, openapi::Api};
use axum::{body::Bytes, extract::Path, http::HeaderMap};
use domain::{Outcome, PipelineCommand, PipelineId, StageId};
use schemars::JsonSchema;
use serde::Deserialize;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.post("/api/v1/pipelines/{id}/order", order, |d| d.takes::<Order>().gives::<Outcome>())
        .post("/api/v1/stages/{id}/replace", replace, |d| d.takes::<Replace>().gives::<Outcome>())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Every stage of the pipeline, first to last.
    stages: Vec<StageId>,
}

pub async fn order(caller: Caller, Path(pipeline): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let pipeline = PipelineId(id(&pipeline)?);
    let wanted: Order = body(&bytes)?;
    Ok(data(dispatch(&caller, &headers, &format!("order {pipeline}"), None, PipelineCommand::OrderStages { pipeline, stages: wanted.stages }).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// The stage that takes the deals.
    into: StageId,
}

pub async fn replace(caller: Caller, Path(stage): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let stage = StageId(id(&stage)?);
    let wanted: Replace = body(&bytes)?;
    Ok(data(dispatch(&caller, &headers, &format!("replace {stage}"), None, PipelineCommand::ReplaceStage { stage, into: wanted.into }).await?))
}
