//! Today and what a person settles about it (SPEC §4.3, A-04).

use super::{Answer, Caller, ListQuery, body, data, dispatch, openapi::Api, parameters::SUGGESTED, wrong};
use axum::{body::Bytes, extract::Query, http::HeaderMap, routing::get};
use chrono::{NaiveDate, Utc};
use domain::{
    EntityKind, Permission, TodayCommand,
    today::{Suggestion, Today, Weights},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/today", today, |d| d.gives::<Today>())
        .put("/api/v1/today/weights", set_weights, |d| d.takes::<Weights>().gives::<Weights>())
        .put("/api/v1/today/first-steps", first_steps, |d| d.takes::<FirstSteps>().gives::<FirstSteps>())
        .post("/api/v1/snoozes", snooze, |d| d.takes::<Snooze>().gives::<Snoozed>())
        .get("/api/v1/contacts/suggested", suggested, |d| d.query(SUGGESTED).gives::<Vec<Suggestion>>())
        .alias("/api/contacts/suggested", get(suggested))
}

pub async fn today(caller: Caller) -> Answer {
    let position = store::live_position(&caller.db);
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::today(&mut tx, Utc::now(), position).await?))
}

/// `GET /api/v1/contacts/suggested`: ten unless `limit` says otherwise.
pub async fn suggested(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let limit = if query.limit.is_some() { query.limit()? } else { 10 };
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    let now = Utc::now();
    let (_, day) = store::day_of(&mut tx, now).await?;
    Ok(data(store::suggestions(&mut tx, Weights::default(), now, day, limit).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    kind: String,
    id: Uuid,
    /// The day on which it comes back; null: at once.
    until: Option<NaiveDate>,
}

#[derive(Serialize, JsonSchema)]
pub struct Snoozed {
    kind: EntityKind,
    id: Uuid,
    until: Option<NaiveDate>,
}

pub async fn snooze(caller: Caller, headers: HeaderMap, bytes: Bytes) -> Answer {
    let wanted: Snooze = body(&bytes)?;
    let kind = EntityKind::from_noun(&wanted.kind).ok_or_else(|| wrong("kind", "choice", "kind must name a kind of record, such as task"))?;
    let command = TodayCommand::Snooze { kind, id: wanted.id, until: wanted.until };
    dispatch(&caller, &headers, &format!("snooze {}", wanted.id), None, command).await?;
    Ok(data(Snoozed { kind, id: wanted.id, until: wanted.until }))
}

pub async fn set_weights(caller: Caller, headers: HeaderMap, bytes: Bytes) -> Answer {
    let wanted: Weights = body(&bytes)?;
    dispatch(&caller, &headers, "weights", None, TodayCommand::SetWeights { warmth: wanted.warmth, time: wanted.time }).await?;
    Ok(data(wanted))
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstSteps {
    closed: bool,
}

pub async fn first_steps(caller: Caller, headers: HeaderMap, bytes: Bytes) -> Answer {
    let wanted: FirstSteps = body(&bytes)?;
    dispatch(&caller, &headers, "first steps", None, TodayCommand::CloseFirstSteps { closed: wanted.closed }).await?;
    Ok(data(wanted))
}
