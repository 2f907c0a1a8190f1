//! REST under `/api/v1` (DESIGN §10): camelCase JSON, one envelope, keyset pages, `Idempotency-Key`, `If-Match`.
//! The same store functions, commands and permissions as the pages.

mod activities;
mod companies;
mod contacts;
mod deals;
mod imports;
mod interactions;
mod leads;
mod list_query;
mod notes;
mod notifications;
mod openapi;
mod parameters;
mod pipelines;
mod records;
mod reports;
mod resource;
mod resources;
mod shares;
mod tags;
mod tasks;
mod today;
mod tokens;
mod unknown_parameters;

use crate::{security::refusal, state::AppState};
use app::{AppError, context::RequestContext};
use axum::{
    Json, Router,
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{Command, CommandId, Envelope, FieldError, Outcome, Record};
pub use list_query::ListQuery;
use openapi::Api;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::{Actor, Database};
use uuid::Uuid;

/// Kinds that declare a resource.
const RESOURCES: &[resource::Resource] = &[
    contacts::RESOURCE,
    companies::RESOURCE,
    deals::RESOURCE,
    leads::RESOURCE,
    interactions::RESOURCE,
    tasks::RESOURCE,
    notes::RESOURCE,
    tags::RESOURCE,
];

/// All operations.
fn api(import_bytes: usize) -> Api {
    let api = records::operations(Api::default());
    let api = tokens::operations(shares::operations(imports::operations(api, import_bytes)));
    let api = pipelines::operations(tags::operations(leads::operations(deals::operations(api))));
    reports::operations(today::operations(notifications::operations(api)))
}

/// The OpenAPI document.
pub fn document() -> Value {
    openapi::document(&api(0))
}

/// Routes of all operations.
pub fn routes(import_bytes: usize) -> Router<AppState> {
    api(import_bytes).into_router().route("/api/openapi.json", get(async || Json(document()))).route_layer(from_fn(unknown_parameters::refuse))
}

/// The authenticated caller: by token, or by a session of the app.
pub struct Caller {
    pub db: Database,
    pub actor: Actor,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let request = parts.extensions.get::<RequestContext>().cloned();
        match request.and_then(|r| r.actor.map(|actor| Self { db: r.db, actor })) {
            Some(caller) => Ok(caller),
            None => Err(refusal(&AppError::SignInNeeded)),
        }
    }
}

/// An error on its way out.
pub struct Refused(pub AppError);

impl<E: Into<AppError>> From<E> for Refused {
    fn from(e: E) -> Self {
        Self(e.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        refusal(&self.0)
    }
}

pub type Answer = Result<Response, Refused>;

pub fn data(value: impl serde::Serialize) -> Response {
    Json(json!({"data": value})).into_response()
}

pub fn page_of(items: impl serde::Serialize, next: Option<String>) -> Response {
    Json(json!({"data": items, "page": {"next": next}})).into_response()
}

pub fn created(value: impl serde::Serialize) -> Response {
    (StatusCode::CREATED, Json(json!({"data": value}))).into_response()
}

fn wrong(field: &str, code: &str, message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: field.into(), code: code.into(), message: message.into() }])
}

/// Reads a JSON body; what is wrong is said with line and column.
pub fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("", "encoding", "The body is not UTF-8 text"))?;
    serde_json::from_str(text).map_err(|e| wrong("", "json", format!("The body cannot be read: {}", without_types(&e.to_string()))))
}

/// What the reader of JSON says, without the names of our types: "expected struct Move" is "expected an object".
fn without_types(text: &str) -> String {
    ["internally tagged enum ", "adjacently tagged enum ", "struct ", "enum ", "tuple "].into_iter().fold(text.to_owned(), |text, word| {
        match text.split_once(word) {
            Some((before, after)) => format!("{before}an object{}", after.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')),
            None => text,
        }
    })
}

/// An id of the path; anything that is none names nothing.
pub fn id(text: &str) -> Result<Uuid, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// The version the caller made its change from.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    match header(headers, "if-match") {
        None => Ok(None),
        Some(text) => text
            .trim_start_matches("W/")
            .trim_matches('"')
            .parse()
            .map(Some)
            .map_err(|_| wrong("If-Match", "version", "If-Match must hold the version of the record")),
    }
}

fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    headers.get("idempotency-key").map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
}

/// An idempotency key of any form becomes a command id that is the caller's own.
fn command_id(actor: &Actor, headers: &HeaderMap, route: &str) -> CommandId {
    match idempotency_key(headers) {
        None => CommandId::new(),
        Some(key) => CommandId(Uuid::new_v5(&actor.member.0, format!("{route}\n{key}").as_bytes())),
    }
}

/// Sends a command through the door.
pub async fn dispatch(
    caller: &Caller,
    headers: &HeaderMap,
    route: &str,
    base_version: Option<i64>,
    command: impl Into<Command>,
) -> Result<Outcome, AppError> {
    let envelope = Envelope { id: command_id(&caller.actor, headers, route), base_version, command: command.into() };
    Ok(caller.db.dispatch(&caller.actor, &envelope).await?)
}

/// Sends a command through the door and answers with the record as it left it; none: given away out of the caller's sight.
pub async fn dispatch_reading(
    caller: &Caller,
    headers: &HeaderMap,
    route: &str,
    base_version: Option<i64>,
    command: impl Into<Command>,
) -> Result<(Outcome, Option<Record>), AppError> {
    let envelope = Envelope { id: command_id(&caller.actor, headers, route), base_version, command: command.into() };
    Ok(caller.db.dispatch_reading(&caller.actor, &envelope).await?)
}

/// A new record's id: the same for the same idempotency key, so that a repeated request has the same body.
pub fn new_id(actor: &Actor, headers: &HeaderMap, route: &str) -> Uuid {
    match idempotency_key(headers) {
        None => Uuid::now_v7(),
        Some(key) => Uuid::new_v5(&actor.workspace.0, format!("{}\n{route}\n{key}", actor.member).as_bytes()),
    }
}

/// The record's JSON with a version tag.
pub fn tagged(status: StatusCode, version: i64, value: Value) -> Response {
    (status, [("etag", format!("\"{version}\""))], Json(json!({"data": value}))).into_response()
}
