//! Parts of the document: schemas, parameters, answers.

use domain::EntityKind;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// The schema of a type, by reference where it has a name of its own.
pub fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().into()
}

pub fn answers(ok: &str, schema: Value) -> Value {
    let error = json!({"$ref": "#/components/responses/Error"});
    let content = json!({"application/json": {"schema": {"type": "object", "required": ["data"], "properties": {"data": schema}}}});
    let mut out = json!({"401": error, "403": error, "404": error, "409": error, "422": error, "428": error});
    out[ok] = if schema.is_null() { json!({"description": "Done"}) } else { json!({"description": "Done", "content": content}) };
    out
}

/// A page of a list.
pub fn listed(item: Value) -> Value {
    let page = json!({"type": "object", "required": ["next"], "properties": {
        "next": {"type": ["string", "null"], "description": "For `after`; null on the last page"}}});
    let mut out = answers("200", json!({}));
    out["200"]["content"]["application/json"]["schema"] =
        json!({"type": "object", "required": ["data", "page"], "properties": {"data": {"type": "array", "items": item}, "page": page}});
    out
}

pub fn parameter(place: &str, name: &str, about: &str) -> Value {
    json!({"in": place, "name": name, "required": place == "path", "description": about, "schema": {"type": "string"}})
}

/// The `Idempotency-Key` header.
pub fn idempotency_key() -> Value {
    parameter(
        "header",
        "Idempotency-Key",
        "Any text of the caller's own. For 30 days the same request under the same key is carried out once, also when it is sent several times at once. \
         A repeat is answered with what came of the first: the same ids, and a record as it is by then, with its version, also from the bin; \
         a record that is gone for good, or that the caller no longer sees, answers 404. The same key with another body is refused with 422 (`command_reused`).",
    )
}

/// Name of the schema of a kind.
pub fn name(kind: EntityKind) -> String {
    let noun = kind.noun();
    noun[..1].to_uppercase() + &noun[1..]
}

/// A record as it is sent.
pub fn sent(kind: EntityKind) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", name(kind))})
}

/// A record as it is answered.
pub fn record(kind: EntityKind) -> Value {
    json!({"$ref": format!("#/components/schemas/{}Record", name(kind))})
}

/// A record after a change, or less where it was transferred out of the caller's sight.
pub fn changed(kind: EntityKind) -> Value {
    if kind.is_owned() { json!({"oneOf": [record(kind), {"$ref": "#/components/schemas/GivenAway"}]}) } else { record(kind) }
}

pub fn text() -> Value {
    json!({"type": "string"})
}

pub fn optional_text() -> Value {
    json!({"type": ["string", "null"]})
}

pub fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

pub fn optional_instant() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}

pub fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

pub fn optional_id() -> Value {
    json!({"type": ["string", "null"], "format": "uuid"})
}

pub fn boolean() -> Value {
    json!({"type": "boolean"})
}
