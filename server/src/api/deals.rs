//! Deals over REST, with the board, moves and the history of stages.

use super::{
    Answer, Caller, ListQuery, body, data, dispatch_reading, id, if_match,
    openapi::{Api, parts},
    page_of,
    parameters::{DEALS, PAGE, SORT},
    resource::{Asked, Property, Resource},
    wrong,
};
use app::AppError;
use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
};
use domain::{
    DealCommand, DealId, EntityKind, Permission, StageId,
    deals::{Board, DealCard, DealFilter, Place, StageChange},
    forecast::Forecast,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::TenantTx;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Deal), &[DEALS, &[SORT], &PAGE], |tx, asked| Box::pin(list(tx, asked)))
    .aliases(&[("name", "title"), ("probabilityPercent", "probability"), ("expectedClose", "expectedCloseDate"), ("company", "companyId")])
    .properties(&[
        Property::computed("company", parts::optional_text, |r| json!(r.label("companyId"))),
        Property::computed("stage", parts::optional_text, |r| json!(r.label("stageId"))),
        Property::computed("owner", parts::optional_text, |r| json!(r.label("ownerId"))),
        Property::column("status", || json!({"enum": ["open", "won", "lost"]})),
        Property::column("openedAt", parts::instant),
        Property::column("closedAt", parts::optional_instant),
        Property::column("pipelineId", parts::id),
    ])
    .rows(parts::of::<DealCard>);

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let sort = asked.query.sort.as_deref().unwrap_or("-opened");
    let page = store::list_deals(tx, &filter(asked.query)?, sort, asked.after.as_ref(), asked.limit).await?;
    Ok(page_of(page.items, page.next))
}

fn filter(query: &ListQuery) -> Result<DealFilter, AppError> {
    if query.status.as_deref().is_some_and(|s| !matches!(s, "open" | "won" | "lost")) {
        return Err(wrong("status", "choice", "status must be open, won or lost"));
    }
    Ok(DealFilter {
        q: query.q.clone(),
        pipeline: ListQuery::reference("pipeline", &query.pipeline)?,
        stage: ListQuery::reference("stage", &query.stage)?,
        reached: ListQuery::reference("reached", &query.reached)?,
        owner: ListQuery::reference("owner", &query.owner)?,
        company: ListQuery::reference("company", &query.company)?,
        status: query.status.clone(),
        next_step: match query.next_step.as_deref() {
            None | Some("") => None,
            Some("none") => Some("none".into()),
            Some(_) => return Err(wrong("nextStep", "choice", "nextStep must be none, or left out")),
        },
        tag: query.tag.clone().filter(|t| !t.is_empty()),
        closed_from: query.day("closedFrom", &query.closed_from)?,
        closed_to: query.day("closedTo", &query.closed_to)?,
        opened_from: query.day("openedFrom", &query.opened_from)?,
        opened_to: query.day("openedTo", &query.opened_to)?,
        expected_from: query.day("expectedFrom", &query.expected_from)?,
        expected_to: query.day("expectedTo", &query.expected_to)?,
    })
}

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
    let filter = filter(&query)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::board(&mut tx, &filter, chrono::Utc::now(), position, store::COLUMN_CARDS).await?))
}

/// What is expected by month, over the same filters as the board.
pub async fn forecast(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let filter = filter(&query)?;
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
    Ok(RESOURCE.answer(StatusCode::OK, &done))
}

pub async fn history(caller: Caller, Path(deal): Path<String>) -> Answer {
    let deal = id(&deal)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    // Also says whether the caller may see the deal at all.
    store::get_record(&mut tx, EntityKind::Deal, deal).await?;
    Ok(data(store::stage_history(&mut tx, deal.into()).await?))
}
