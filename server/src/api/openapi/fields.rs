//! Fields of records as JSON Schema, from the tables that check the input.

use domain::{EntityKind, FieldKind, FieldSpec};
use serde_json::{Map, Value, json};

pub fn schema(spec: &FieldSpec) -> Value {
    let mut out = match spec.kind {
        FieldKind::Text(max) | FieldKind::LongText(max) => json!({"type": ["string", "null"], "maxLength": max}),
        FieldKind::Suggest(options) => json!({"type": ["string", "null"], "maxLength": 120, "examples": options}),
        FieldKind::Url => json!({"type": ["string", "null"], "format": "uri"}),
        FieldKind::Email => json!({"type": ["string", "null"], "format": "email"}),
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

/// What is answered besides the fields: identity, times, and names behind references.
fn beside(key: &str) -> Value {
    match key {
        "id" | "pipelineId" => json!({"type": "string", "format": "uuid"}),
        "contactId" => json!({"type": ["string", "null"], "format": "uuid", "description": "The main person"}),
        "version" => json!({"type": "integer", "description": "For If-Match"}),
        "createdAt" | "updatedAt" | "openedAt" | "stageSince" => json!({"type": "string", "format": "date-time"}),
        "closedAt" | "lastContacted" => json!({"type": ["string", "null"], "format": "date-time"}),
        "fullName" | "rank" => json!({"type": "string"}),
        "contacts" | "openDeals" | "count" => json!({"type": "integer", "description": "How many the caller may see"}),
        "valueMinor" => json!({"type": ["integer", "null"], "description": "In minor units of `currency`"}),
        "completed" => json!({"type": "boolean"}),
        "imported" => json!({"type": "object", "description": "Columns of an import that no field holds, by their headers"}),
        "status" => json!({"enum": ["open", "won", "lost"]}),
        // The name of what is referred to, or the primary one of several.
        _ => json!({"type": ["string", "null"]}),
    }
}

/// Keys of a whole record besides its fields.
fn keys_beside(kind: EntityKind) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = match kind {
        EntityKind::Contact => &["fullName", "email", "phone", "company", "lastContacted"],
        EntityKind::Deal => &["company", "stage", "owner", "status", "openedAt", "closedAt", "pipelineId"],
        EntityKind::Task => &["completed"],
        _ => &[],
    };
    ["id", "version", "createdAt", "updatedAt", "imported"].into_iter().chain(own.iter().copied())
}

/// A record as it is answered.
pub fn whole(kind: EntityKind) -> Value {
    let fields = kind.fields().iter().map(|spec| (spec.key, schema(spec)));
    let properties: Map<String, Value> = keys_beside(kind).map(|key| (key, beside(key))).chain(fields).map(|(k, v)| (k.to_owned(), v)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}
