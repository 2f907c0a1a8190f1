//! What only deals have: the board, moves, the history of stages.

use super::{Answer, Caller, ListQuery, body, data, dispatch_reading, id, if_match, openapi::Api, parameters::DEALS, records};
use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
};
use domain::{
    DealCommand, DealId, EntityKind, Permission, StageId,
    deals::{Board, Place, StageChange},
    forecast::Forecast,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/board", board, |d| d.query(DEALS).gives::<Board>())
        .get("/api/v1/forecast", forecast, |d| d.query(DEALS).gives::<Forecast>())
        .post("/api/v1/deals/{id}/move", move_deal, |d| {
            d.takes::<Move>().changes(EntityKind::Deal).header("If-Match", "The version the move was made from")
        })
        .get("/api/v1/deals/{id}/history", history, |d| d.gives::<Vec<StageChange>>())
}

pub async fn board(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let position = store::live_position(&caller.db);
    let filter = records::deal_filter(&query)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::board(&mut tx, &filter, chrono::Utc::now(), position, store::COLUMN_CARDS).await?))
}

/// What is expected by month, over the same filters as the board.
pub async fn forecast(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let filter = records::deal_filter(&query)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::forecast(&mut tx, &filter, chrono::Utc::now()).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Move {
    stage_id: StageId,
    /// The card to stand above; left out: the top of the stage.
    before: Option<DealId>,
    reason: Option<String>,
}

pub async fn move_deal(caller: Caller, Path(deal): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let deal = DealId(id(&deal)?);
    let wanted: Move = body(&bytes)?;
    let place = wanted.before.map_or(Place::Top, |deal| Place::Before { deal });
    let command = DealCommand::MoveDeal { deal, stage: wanted.stage_id, place, reason: wanted.reason };
    let done = dispatch_reading(&caller, &headers, &format!("move {deal}"), if_match(&headers)?, command).await?;
    Ok(records::answer(StatusCode::OK, &done))
}

pub async fn history(caller: Caller, Path(deal): Path<String>) -> Answer {
    let deal = id(&deal)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    // Also says whether the caller may see the deal at all.
    store::get_record(&mut tx, EntityKind::Deal, deal).await?;
    Ok(data(store::stage_history(&mut tx, deal.into()).await?))
}
