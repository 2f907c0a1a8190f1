//! `/api/v1/<plural>`: every kind of record by the same rules.

use super::{
    Answer, Caller, ListQuery, body, dispatch, dispatch_reading, id, if_match, new_id,
    openapi::{Api, parts},
    resource::Asked,
    resources, tagged,
};
use app::AppError;
use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{delete, get, patch, post, put},
};
use domain::{EntityKind, FieldMap, Permission, Record, RecordCommand};
use serde_json::json;
use uuid::Uuid;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.records("get", "/api/v1/{plural}", get(list), |d, kind| {
        let resource = resources::of(kind);
        resource.parameters.iter().fold(d.record(kind, "list"), |d, p| d.query(p)).pages(|generator| resource.row(kind, generator))
    })
    .records("post", "/api/v1/{plural}", post(create), |d, kind| {
        d.record(kind, "create").takes_schema(parts::sent(kind)).answers("201", parts::changed(kind))
    })
    .records("get", "/api/v1/{plural}/{id}", get(show), |d, kind| d.record(kind, "read").id().answers("200", parts::record(kind)))
    .records("patch", "/api/v1/{plural}/{id}", patch(edit), |d, kind| {
        d.record(kind, "edit").id().version().takes_schema(json!({"type": "object"})).answers("200", parts::changed(kind))
    })
    .records("put", "/api/v1/{plural}/{id}", put(edit), |d, kind| {
        d.record(kind, "put").id().version().takes_schema(json!({"type": "object"})).answers("200", parts::changed(kind))
    })
    .records("delete", "/api/v1/{plural}/{id}", delete(remove), |d, kind| d.record(kind, "delete").id().version())
    .records("post", "/api/v1/{plural}/{id}/restore", post(restore), |d, kind| d.record(kind, "restore").id().answers("200", parts::record(kind)))
}

fn kind_of(plural: &str) -> Result<EntityKind, AppError> {
    EntityKind::from_plural(plural).ok_or(AppError::NotFound)
}

async fn list(caller: Caller, Path(plural): Path<String>, Query(query): Query<ListQuery>) -> Answer {
    let kind = kind_of(&plural)?;
    let resource = resources::of(kind);
    let asked = Asked { kind, resource, query: &query, limit: query.limit()?, after: query.cursor()? };
    let mut tx = caller.db.begin(&caller.actor, Permission::ViewRecords).await?;
    (resource.list)(&mut tx, asked).await
}

async fn read(caller: &Caller, kind: EntityKind, id: Uuid) -> Result<Record, AppError> {
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(store::get_record(&mut tx, kind, id).await?)
}

async fn show(caller: Caller, Path((plural, record)): Path<(String, String)>) -> Answer {
    let kind = kind_of(&plural)?;
    let record = read(&caller, kind, id(&record)?).await?;
    Ok(tagged(StatusCode::OK, record.version, resources::of(kind).json(&record)))
}

async fn create(caller: Caller, Path(plural): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let kind = kind_of(&plural)?;
    let route = format!("create {plural}");
    let set = resources::of(kind).fields(kind, body(&bytes)?)?;
    let id = new_id(&caller.actor, &headers, &route);
    let done = dispatch_reading(&caller, &headers, &route, None, RecordCommand::Create { kind, id, set }).await?;
    Ok(resources::of(kind).answer(StatusCode::CREATED, &done))
}

async fn edit(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let mut set: FieldMap = body(&bytes)?;
    // The version may also come in the body, as the page sends it.
    let in_body = set.remove("version").and_then(|v| v.as_i64());
    let base = if_match(&headers)?.or(in_body);
    let set = resources::of(kind).fields(kind, set)?;
    let done = dispatch_reading(&caller, &headers, &format!("edit {id}"), base, RecordCommand::Edit { kind, id, set }).await?;
    Ok(resources::of(kind).answer(StatusCode::OK, &done))
}

async fn remove(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let base = if_match(&headers)?;
    dispatch(&caller, &headers, &format!("delete {id}"), base, RecordCommand::Delete { kind, id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn restore(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let done = dispatch_reading(&caller, &headers, &format!("restore {id}"), None, RecordCommand::Restore { kind, id }).await?;
    Ok(resources::of(kind).answer(StatusCode::OK, &done))
}
