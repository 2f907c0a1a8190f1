//! What every kind of record answers under its plural, by the same rules.

use super::{
    fields,
    parts::{answers, idempotency_key, listed, of, parameter},
};
use crate::api::parameters::of_list;
use domain::{EntityKind, companies::CompanyRow, contacts::ContactRow, deals::DealCard, tags::TagRow};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

/// A row of a list, where that is less than the whole record.
fn row(kind: EntityKind, generator: &mut SchemaGenerator) -> Option<Value> {
    Some(match kind {
        EntityKind::Contact => of::<ContactRow>(generator),
        EntityKind::Company => of::<CompanyRow>(generator),
        EntityKind::Deal => of::<DealCard>(generator),
        EntityKind::Tag => of::<TagRow>(generator),
        _ => return None,
    })
}

pub fn name(kind: EntityKind) -> String {
    let noun = kind.noun();
    noun[..1].to_uppercase() + &noun[1..]
}

/// A reference to what a kind's records are sent as (nothing after the name) or answered as (`Record`).
pub fn to(kind: EntityKind, schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{}{schema}", name(kind))})
}

/// A record as a change answers it: less where it was given away out of the caller's own sight.
pub fn changed(kind: EntityKind) -> Value {
    if kind.is_owned() { json!({"oneOf": [to(kind, "Record"), {"$ref": "#/components/schemas/GivenAway"}]}) } else { to(kind, "Record") }
}

/// Adds the schemas and the paths of a kind.
pub fn add(kind: EntityKind, generator: &mut SchemaGenerator, schemas: &mut Map<String, Value>, paths: &mut Map<String, Value>) {
    schemas.insert(name(kind), fields::record(kind));
    schemas.insert(format!("{}Record", name(kind)), fields::whole(kind));
    let reference = to(kind, "Record");
    let rows = row(kind, generator).unwrap_or_else(|| reference.clone());
    let body = json!({"required": true, "content": {"application/json": {"schema": to(kind, "")}}});
    let partial = json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}});
    let list: Vec<Value> = of_list(kind).into_iter().map(|(name, about)| parameter("query", name, about)).collect();
    let key = idempotency_key();
    let version = parameter("header", "If-Match", "The version the change was made from");
    let at = parameter("path", "id", "Id of the record");
    let title = name(kind);
    let tag = kind.plural();
    let done = changed(kind);
    let edit = json!({"tags": [tag], "operationId": format!("edit{title}"), "parameters": [at, version, key], "requestBody": partial, "responses": answers("200", done.clone())});
    let mut put = edit.clone();
    put["operationId"] = json!(format!("put{title}"));
    paths.insert(
        format!("/api/v1/{tag}"),
        json!({
            "get": {"tags": [tag], "operationId": format!("list{title}"), "parameters": list, "responses": listed(rows)},
            "post": {"tags": [tag], "operationId": format!("create{title}"), "parameters": [key], "requestBody": body, "responses": answers("201", done)},
        }),
    );
    paths.insert(
        format!("/api/v1/{tag}/{{id}}"),
        json!({
            "get": {"tags": [tag], "operationId": format!("read{title}"), "parameters": [at], "responses": answers("200", reference.clone())},
            "patch": edit,
            "put": put,
            "delete": {"tags": [tag], "operationId": format!("delete{title}"), "parameters": [at, version, key], "responses": answers("204", Value::Null)},
        }),
    );
    paths.insert(
        format!("/api/v1/{tag}/{{id}}/restore"),
        json!({"post": {"tags": [tag], "operationId": format!("restore{title}"), "parameters": [at, key], "responses": answers("200", reference)}}),
    );
}
