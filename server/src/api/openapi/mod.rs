//! `/api/openapi.json`: OpenAPI 3.1, made from the field tables that check the input, and from the types that are read and
//! answered (schemars). A test sends every operation and holds its answer against the document.

mod api;
mod doc;
mod fields;
pub mod parts;

pub use api::Api;
use doc::Schemas;
use domain::EntityKind;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The whole document: records of all kinds, and the operations of `api`.
pub fn document(api: &Api) -> Value {
    let settings = || SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut types = Schemas { answered: settings().for_serialize().into_generator(), sent: settings().for_deserialize().into_generator() };
    let (mut schemas, mut paths) = (Map::new(), Map::new());
    for kind in EntityKind::ALL {
        schemas.insert(parts::name(kind), fields::record(kind));
        schemas.insert(format!("{}Record", parts::name(kind)), fields::whole(kind));
    }
    api.document(&mut types, &mut paths);
    schemas.insert("GivenAway".into(), json!({
        "type": "object",
        "description": "Instead of the record where the change put it out of the caller's sight: a private record was made for, or given to, somebody else.",
        "required": ["id", "version", "visible"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}, "visible": {"const": false}},
    }));
    // What is read and answered alike is described by what is answered.
    for definitions in [types.sent.take_definitions(true), types.answered.take_definitions(true)] {
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
