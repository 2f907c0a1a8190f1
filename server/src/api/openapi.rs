//! `/api/openapi.json`: OpenAPI 3.1, made from the same field tables that check the input.

use axum::{Json, response::IntoResponse};
use domain::{EntityKind, FieldKind, FieldSpec};
use serde_json::{Map, Value, json};

/// Paths of the interface and their methods. A test holds them against what the router answers.
pub const PATHS: &[(&str, &[&str])] = &[
    ("/api/v1/analytics", &["get"]),
    ("/api/v1/search", &["get"]),
    ("/api/v1/events", &["get"]),
    ("/api/v1/today", &["get"]),
    ("/api/v1/today/weights", &["put"]),
    ("/api/v1/today/first-steps", &["put"]),
    ("/api/v1/snoozes", &["post"]),
    ("/api/v1/sample", &["post"]),
    ("/api/v1/notifications", &["get"]),
    ("/api/v1/notifications/read", &["post"]),
    ("/api/v1/notifications/settings", &["get", "put"]),
    ("/api/v1/tags/{id}/merge", &["post"]),
    ("/api/v1/pipelines/{id}/order", &["post"]),
    ("/api/v1/stages/{id}/replace", &["post"]),
    ("/api/v1/shares", &["get", "post"]),
    ("/api/v1/shares/{id}/revoke", &["post"]),
    ("/api/v1/tokens", &["get", "post"]),
    ("/api/v1/tokens/{id}/revoke", &["post"]),
    ("/api/v1/dashboard", &["get"]),
    ("/api/v1/contacts/suggested", &["get"]),
    ("/api/v1/events/{id}/undo", &["post"]),
    ("/api/v1/board", &["get"]),
    ("/api/v1/forecast", &["get"]),
    ("/api/v1/deals/{id}/move", &["post"]),
    ("/api/v1/deals/{id}/history", &["get"]),
    ("/api/v1/imports", &["get", "post"]),
    ("/api/v1/imports/{id}", &["get"]),
    ("/api/v1/imports/{id}/start", &["post"]),
    ("/api/v1/imports/{id}/undo", &["post"]),
];

fn schema(spec: &FieldSpec) -> Value {
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
        FieldKind::Tags => json!({"type": ["array", "null"], "items": {"type": "string", "maxLength": 60}, "maxItems": domain::tags::MOST}),
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
fn record(kind: EntityKind) -> Value {
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

/// Keys of a row of the list, where that is less than the whole record.
fn keys_of_row(kind: EntityKind) -> Option<&'static [&'static str]> {
    match kind {
        EntityKind::Contact => Some(&[
            "id",
            "version",
            "fullName",
            "jobTitle",
            "companyId",
            "company",
            "email",
            "phone",
            "owner",
            "status",
            "warmnessScore",
            "lastContacted",
        ]),
        EntityKind::Company => Some(&["id", "version", "name", "industry", "location", "employeeCount", "contacts", "openDeals", "owner"]),
        EntityKind::Deal => Some(&[
            "id",
            "version",
            "title",
            "valueMinor",
            "currency",
            "pipelineId",
            "stageId",
            "rank",
            "probability",
            "companyId",
            "company",
            "contactId",
            "contact",
            "ownerId",
            "owner",
            "stageSince",
            "openedAt",
            "closedAt",
            "nextAction",
            "nextActionDate",
            "expectedCloseDate",
        ]),
        EntityKind::Tag => Some(&["id", "version", "name", "category", "color", "count"]),
        _ => None,
    }
}

/// A record as it is answered.
fn whole(kind: EntityKind) -> Value {
    let fields = kind.fields().iter().map(|spec| (spec.key, schema(spec)));
    let properties: Map<String, Value> = keys_beside(kind).map(|key| (key, beside(key))).chain(fields).map(|(k, v)| (k.to_owned(), v)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// A row of a list as it is answered.
fn row(kind: EntityKind, keys: &[&str]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), kind.field(key).map_or_else(|| beside(key), schema))).collect();
    json!({"type": "object", "required": keys, "properties": properties})
}

fn name(kind: EntityKind) -> String {
    let noun = kind.noun();
    noun[..1].to_uppercase() + &noun[1..]
}

fn answers(ok: &str, schema: Value) -> Value {
    let error = json!({"$ref": "#/components/responses/Error"});
    let content =
        if schema.is_null() { json!({}) } else { json!({"application/json": {"schema": {"type": "object", "properties": {"data": schema}}}}) };
    let mut out = json!({"401": error, "403": error, "404": error, "409": error, "422": error, "428": error});
    if let Some(map) = out.as_object_mut() {
        map.insert(ok.into(), if schema.is_null() { json!({"description": "Done"}) } else { json!({"description": "Done", "content": content}) });
    }
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

fn of_kind(kind: EntityKind, paths: &mut Map<String, Value>) {
    let to = |schema: &str| json!({"$ref": format!("#/components/schemas/{}{schema}", name(kind))});
    let reference = to("Record");
    let rows = if keys_of_row(kind).is_some() { to("Row") } else { to("Record") };
    let body = json!({"required": true, "content": {"application/json": {"schema": to("")}}});
    let partial = json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}});
    let list = [
        ("q", "Text to look for"),
        ("limit", "1 to 200, default 20"),
        ("after", "page.next of the page before"),
        ("owner", "Id of the owner"),
        ("tag", "Name of a tag"),
        ("sort", "Order of the list; a leading minus turns it round"),
    ]
    .map(|(n, a)| parameter("query", n, a));
    let key = idempotency_key();
    let version = parameter("header", "If-Match", "The version the change was made from");
    let at = parameter("path", "id", "Id of the record");
    let title = name(kind);
    let tag = kind.plural();
    // What was given away out of the caller's own sight.
    let done = if kind.is_owned() { json!({"oneOf": [reference, {"$ref": "#/components/schemas/GivenAway"}]}) } else { reference.clone() };
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

/// An API token as it is asked for.
fn new_token() -> Value {
    json!({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string", "maxLength": domain::tokens::NAME_LENGTH},
        "readOnly": {"type": "boolean", "default": false},
        "expiresAt": {"type": ["string", "null"], "format": "date-time", "description": "Without one it works until it is revoked"},
    }})
}

/// The whole document.
pub fn openapi() -> Value {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    for kind in EntityKind::ALL {
        schemas.insert(name(kind), record(kind));
        schemas.insert(format!("{}Record", name(kind)), whole(kind));
        if let Some(keys) = keys_of_row(kind) {
            schemas.insert(format!("{}Row", name(kind)), row(kind, keys));
        }
        of_kind(kind, &mut paths);
    }
    schemas.insert("GivenAway".into(), json!({
        "type": "object",
        "description": "Instead of the record where the change put it out of the caller's sight: a private record was made for, or given to, somebody else.",
        "required": ["id", "version", "visible"],
        "properties": {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}, "visible": {"const": false}},
    }));
    for (path, methods) in PATHS {
        let mut operations = Map::new();
        for method in *methods {
            let words = path.trim_start_matches("/api/v1/").replace(['/', '{', '}'], "_");
            let mut operation = json!({"operationId": format!("{method}_{words}"), "responses": answers(if *method == "post" && matches!(*path, "/api/v1/imports" | "/api/v1/sample" | "/api/v1/tokens") { "201" } else { "200" }, json!({}))});
            if path.ends_with("/start") {
                let options = json!({"type": ["object", "null"], "properties": {
                    "known": {"enum": ["fill", "skip", "create"], "default": "fill", "description": "What happens to rows of records that are there already"},
                    "products": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Product names of the file, each with the name it is taken as; its own name: a new product"},
                }});
                operation["requestBody"] = json!({"required": false, "content": {"application/json": {"schema": options}}});
            }
            if *path == "/api/v1/tokens" && *method == "post" {
                operation["description"] =
                    json!("In a browser that entered its password lately; a token makes no other. The text of the token is answered this once.");
                operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": new_token()}}});
            }
            let mut parameters = Vec::new();
            if path.contains("{id}") {
                parameters.push(parameter("path", "id", "Id"));
            }
            if *method != "get" && !path.starts_with("/api/v1/tokens") {
                parameters.push(idempotency_key());
            }
            if !parameters.is_empty() {
                operation["parameters"] = json!(parameters);
            }
            operations.insert((*method).into(), operation);
        }
        paths.insert((*path).into(), Value::Object(operations));
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
