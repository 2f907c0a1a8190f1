//! `/api/openapi.json`: OpenAPI 3.1, made from the field tables that check the input, and from the types that are read and
//! answered (schemars). A test sends every operation and holds its answer against the document.

mod fields;
mod operations;
mod records;

use axum::{Json, response::IntoResponse};
use domain::EntityKind;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The schema of a type, by reference where it has a name of its own.
fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}

fn answers(ok: &str, schema: Value) -> Value {
    let error = json!({"$ref": "#/components/responses/Error"});
    let content = json!({"application/json": {"schema": {"type": "object", "required": ["data"], "properties": {"data": schema}}}});
    let mut out = json!({"401": error, "403": error, "404": error, "409": error, "422": error, "428": error});
    out[ok] = if schema.is_null() { json!({"description": "Done"}) } else { json!({"description": "Done", "content": content}) };
    out
}

/// A page of a list.
fn listed(item: Value) -> Value {
    let page = json!({"type": "object", "required": ["next"], "properties": {
        "next": {"type": ["string", "null"], "description": "For `after`; null on the last page"}}});
    let mut out = answers("200", json!({}));
    out["200"]["content"]["application/json"]["schema"] =
        json!({"type": "object", "required": ["data", "page"], "properties": {"data": {"type": "array", "items": item}, "page": page}});
    out
}

fn parameter(place: &str, name: &str, about: &str) -> Value {
    json!({"in": place, "name": name, "required": place == "path", "description": about, "schema": {"type": "string"}})
}

/// What a key does, word for word as it is.
fn idempotency_key() -> Value {
    parameter(
        "header",
        "Idempotency-Key",
        "Any text of the caller's own. For 30 days the same request under the same key is carried out once, also when it is sent several times at once. \
         A repeat is answered with what came of the first: the same ids, and a record as it is by then, with its version, also from the bin; \
         a record that is gone for good, or that the caller no longer sees, answers 404. The same key with another body is refused with 422 (`command_reused`).",
    )
}

/// The whole document.
pub fn openapi() -> Value {
    let settings = || SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let (mut answered, mut sent) = (settings().for_serialize().into_generator(), settings().for_deserialize().into_generator());
    let (mut schemas, mut paths) = (Map::new(), Map::new());
    for kind in EntityKind::ALL {
        records::add(kind, &mut answered, &mut schemas, &mut paths);
    }
    operations::add(&mut sent, &mut answered, &mut paths);
    schemas.insert("GivenAway".into(), json!({
        "type": "object",
        "description": "Instead of the record where the change put it out of the caller's sight: a private record was made for, or given to, somebody else.",
        "required": ["id", "version", "visible"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}, "visible": {"const": false}},
    }));
    // What is read and answered alike is described by what is answered.
    for definitions in [sent.take_definitions(true), answered.take_definitions(true)] {
        schemas.extend(definitions);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Rapport", "version": env!("CARGO_PKG_VERSION"), "description": "Money is a decimal string with its currency; figures under /analytics are numbers in major units, rates 0–100."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "rap_…"}},
            "responses": {"Error": {"description": "What is wrong, as a sentence", "content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "object", "properties": {
                "code": {"type": "string"}, "message": {"type": "string"}, "fields": {"type": "array", "items": {"type": "object", "properties": {"field": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}}}}}}}}}},
        },
    })
}

pub async fn document() -> impl IntoResponse {
    Json(openapi())
}
