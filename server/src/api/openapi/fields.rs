//! Fields of records as JSON Schema, from the tables that check the input.

use super::parts;
use crate::api::resources;
use domain::{EntityKind, FieldKind, FieldSpec};
use serde_json::{Map, Value, json};

pub fn schema(spec: &FieldSpec) -> Value {
    let mut out = match spec.kind {
        FieldKind::Text(max) | FieldKind::LongText(max) => json!({"type": ["string", "null"], "maxLength": max}),
        FieldKind::Suggest(options) => json!({"type": ["string", "null"], "maxLength": 120, "examples": options}),
        FieldKind::Url => json!({"type": ["string", "null"], "format": "uri"}),
        FieldKind::Email => json!({"type": ["string", "null"], "format": "email"}),
        FieldKind::Phone => json!({"type": ["string", "null"], "examples": ["+49301234567"]}),
        FieldKind::Int { min, max } => json!({"type": ["integer", "null"], "minimum": min, "maximum": max}),
        FieldKind::Money => json!({"type": ["string", "null"], "description": "Decimal in major units of `currency`", "examples": ["1200.50"]}),
        FieldKind::Currency => json!({"type": ["string", "null"], "pattern": "^[A-Z]{3}$"}),
        FieldKind::Date => json!({"type": ["string", "null"], "format": "date"}),
        FieldKind::Time => json!({"type": ["string", "null"], "pattern": "^[0-2][0-9]:[0-5][0-9]$"}),
        FieldKind::LocalTime => {
            json!({"type": ["string", "null"], "pattern": "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d$", "description": "In the zone of the owner"})
        }
        FieldKind::Instant => json!({"type": ["string", "null"], "format": "date-time"}),
        FieldKind::Recurrence => {
            json!({"type": ["string", "null"], "description": "RRULE of RFC 5545", "examples": domain::tasks::RECURRENCES.iter().map(|r| r.0).collect::<Vec<_>>()})
        }
        FieldKind::TimeZone => json!({"type": ["string", "null"], "description": "IANA zone", "examples": ["Europe/Berlin"]}),
        FieldKind::Bool => json!({"type": ["boolean", "null"]}),
        FieldKind::Choice(choices) => {
            let codes: Vec<Value> = choices.iter().map(|c| json!(c.0)).chain([Value::Null]).collect();
            json!({"enum": codes})
        }
        FieldKind::Several(choices) => {
            let codes: Vec<&str> = choices.iter().map(|c| c.0).collect();
            json!({"type": ["array", "null"], "items": {"enum": codes}, "uniqueItems": true})
        }
        FieldKind::Ref(_) => json!({"type": ["string", "null"], "format": "uuid"}),
        FieldKind::Contacts => json!({"type": "array", "items": {"type": "string", "format": "uuid"}}),
        FieldKind::Tags => json!({"type": ["array", "null"], "items": {"type": "string", "maxLength": 60}, "maxItems": domain::fields::MOST_TAGS}),
        FieldKind::List => json!({"type": ["array", "null"], "items": {"type": "string"}}),
        FieldKind::Emails | FieldKind::Phones => json!({"type": "array", "items": {"type": "object", "required": ["value"], "properties": {
            "value": {"type": "string"}, "kind": {"type": "string"}, "primary": {"type": "boolean"}}}}),
    };
    if let Some(map) = out.as_object_mut() {
        map.insert("title".into(), json!(spec.label));
    }
    out
}

/// A record as it is sent.
pub fn record(kind: EntityKind) -> Value {
    let mut properties = Map::new();
    for spec in kind.fields() {
        properties.insert(spec.key.into(), schema(spec));
    }
    let required: Vec<&str> = kind.fields().iter().filter(|f| f.required).map(|f| f.key).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// Properties of every answered record besides its fields: identity, times, unmapped columns of an import.
fn identity() -> [(&'static str, Value); 5] {
    let imported = json!({"type": "object", "description": "Columns of an import that no field holds, by their headers"});
    [
        ("id", parts::id()),
        ("version", json!({"type": "integer", "description": "For If-Match"})),
        ("createdAt", parts::instant()),
        ("updatedAt", parts::instant()),
        ("imported", imported),
    ]
}

/// A record as it is answered.
pub fn whole(kind: EntityKind) -> Value {
    let own = resources::of(kind).properties.iter().map(|p| (p.key, (p.schema)()));
    let fields = kind.fields().iter().map(|spec| (spec.key, schema(spec)));
    let properties: Map<String, Value> = identity().into_iter().chain(own).chain(fields).map(|(k, v)| (k.to_owned(), v)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}
