//! Figures, the feed, and taking things back.

use super::{
    Answer, Caller, ListQuery, command_id, data, id,
    openapi::Api,
    page_of,
    parameters::{EVENTS, REPORT, SEARCH},
    wrong,
};
use app::AppError;
use axum::{
    extract::{Path, Query},
    http::HeaderMap,
    routing::get,
};
use domain::{
    EntityKind, EventId, Outcome, Permission,
    analytics::{Analytics, AnalyticsFilter},
    dashboard::Dashboard,
    events::{Event, FeedBy, FeedFilter},
    lists::SearchHit,
};

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/analytics", analytics, |d| d.query(REPORT).gives::<Analytics>())
        .alias("/api/analytics", get(analytics))
        .get("/api/v1/dashboard", dashboard, |d| d.query(REPORT).gives::<Dashboard>())
        .get("/api/v1/search", search, |d| d.query(SEARCH).gives::<Vec<SearchHit>>())
        .get("/api/v1/events", events, |d| d.query(EVENTS).lists::<Event>())
        .post("/api/v1/events/{id}/undo", undo, |d| d.gives::<Outcome>())
}

/// Which deals a report is about: `from`, `to`, `owner`.
pub fn filter(query: &ListQuery) -> Result<AnalyticsFilter, AppError> {
    let filter = AnalyticsFilter {
        from: query.day("from", &query.from)?,
        to: query.day("to", &query.to)?,
        owner: ListQuery::reference("owner", &query.owner)?,
    };
    match filter.from.zip(filter.to) {
        Some((from, to)) if to < from => Err(wrong("to", "range", "to must not be before from")),
        _ => Ok(filter),
    }
}

pub async fn analytics(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let filter = filter(&query)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewAnalytics).await?;
    Ok(data(store::analytics(&mut tx, &filter).await?))
}

/// `GET /api/v1/dashboard` (SPEC DSH-01, DSH-03).
pub async fn dashboard(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let filter = filter(&query)?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewAnalytics).await?;
    Ok(data(store::dashboard(&mut tx, &filter, chrono::Utc::now()).await?))
}

/// `GET /api/v1/search?q=`: records of every kind by name, at most `limit` of each.
pub async fn search(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let mut tx = caller.db.begin(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::search(&mut tx, query.q.as_deref().unwrap_or_default(), query.limit()?).await?))
}

pub async fn events(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let kind = match query.kind.as_deref().filter(|k| !k.is_empty()) {
        None => None,
        Some(noun) => Some(EntityKind::from_noun(noun).ok_or_else(|| wrong("kind", "choice", "kind must name a kind of record, such as deal"))?),
    };
    let by = match query.by.as_deref().filter(|b| !b.is_empty()) {
        None => FeedBy::Everybody,
        Some(code) => FeedBy::from_code(code).ok_or_else(|| wrong("by", "choice", "by must be everybody, me or team"))?,
    };
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    let page = store::feed(&mut tx, &FeedFilter { kind, by }, query.cursor()?.as_ref(), query.limit()?).await?;
    Ok(page_of(page.items, page.next))
}

pub async fn undo(caller: Caller, Path(event): Path<String>, headers: HeaderMap) -> Answer {
    let event = EventId(id(&event)?);
    let command = command_id(&caller.actor, &headers, &format!("undo {event}"));
    Ok(data(caller.db.undo(&caller.actor, command, event).await?))
}
