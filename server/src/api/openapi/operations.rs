//! What is neither a record nor a list of records: parameters, bodies and answers of each operation.

use super::{answers, idempotency_key, listed, of, parameter, records};
use crate::api::{
    deals, notifications,
    parameters::{DEALS, NEW_IMPORT, PAGE, Parameters, REPORT},
    pipelines, shares, tags, today, tokens,
};
use domain::{
    EntityKind, Outcome,
    analytics::Analytics,
    dashboard::Dashboard,
    deals::{Board, StageChange},
    events::Event,
    forecast::Forecast,
    imports::{ImportOptions, ImportView},
    lists::SearchHit,
    notifications::{Notification, Wish},
    shares::Share,
    today::{Suggestion, Today, Weights},
    tokens::TokenLine,
};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schemas of bodies and of answers.
struct Schemas<'a> {
    sent: &'a mut SchemaGenerator,
    answered: &'a mut SchemaGenerator,
    paths: &'a mut Map<String, Value>,
}

impl Schemas<'_> {
    fn insert(&mut self, method: &str, path: &str, query: &[(&str, &str)], responses: Value) -> &mut Value {
        let words = path.trim_start_matches("/api/v1/").replace(['/', '{', '}'], "_");
        let mut parameters: Vec<Value> = query.iter().map(|(name, about)| parameter("query", name, about)).collect();
        if path.contains("{id}") {
            parameters.push(parameter("path", "id", "Id"));
        }
        if method != "get" && !path.starts_with("/api/v1/tokens") {
            parameters.push(idempotency_key());
        }
        let operation = self.paths.entry(path).or_insert_with(|| json!({}));
        operation[method] = json!({"operationId": format!("{method}_{words}"), "parameters": parameters, "responses": responses});
        &mut operation[method]
    }

    fn get<A: JsonSchema>(&mut self, path: &str, query: Parameters) {
        let answer = of::<A>(self.answered);
        self.insert("get", path, query, answers("200", answer));
    }

    /// A list with pages.
    fn list<A: JsonSchema>(&mut self, path: &str, query: &[(&str, &str)]) {
        let answer = of::<A>(self.answered);
        self.insert("get", path, &[query, &PAGE].concat(), listed(answer));
    }

    /// A request without a body.
    fn plain<A: JsonSchema>(&mut self, path: &str, status: &str) -> &mut Value {
        let answer = of::<A>(self.answered);
        self.insert("post", path, &[], answers(status, answer))
    }

    fn send<B: JsonSchema, A: JsonSchema>(&mut self, method: &str, path: &str, status: &str) -> &mut Value {
        let answer = of::<A>(self.answered);
        self.send_for::<B>(method, path, answers(status, answer))
    }

    fn send_for<B: JsonSchema>(&mut self, method: &str, path: &str, responses: Value) -> &mut Value {
        let body = of::<B>(self.sent);
        let operation = self.insert(method, path, &[], responses);
        operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": body}}});
        operation
    }
}

/// Adds the paths; the schemas of their types are left in the generators.
pub fn add(sent: &mut SchemaGenerator, answered: &mut SchemaGenerator, paths: &mut Map<String, Value>) {
    let mut all = Schemas { sent, answered, paths };
    reports(&mut all);
    daily(&mut all);
    selling(&mut all);
    importing(&mut all);
    sharing(&mut all);
}

fn reports(all: &mut Schemas) {
    all.get::<Analytics>("/api/v1/analytics", REPORT);
    all.get::<Dashboard>("/api/v1/dashboard", REPORT);
    all.get::<Vec<SearchHit>>("/api/v1/search", &[("q", "Text to look for"), ("limit", "Most of each kind, 1 to 200, default 20")]);
    all.list::<Event>("/api/v1/events", &[("kind", "Kind of record, such as deal"), ("by", "everybody, team or me")]);
    all.plain::<Outcome>("/api/v1/events/{id}/undo", "200");
}

fn daily(all: &mut Schemas) {
    all.get::<Today>("/api/v1/today", &[]);
    all.send::<Weights, Weights>("put", "/api/v1/today/weights", "200");
    all.send::<today::FirstSteps, today::FirstSteps>("put", "/api/v1/today/first-steps", "200");
    all.send::<today::Snooze, today::Snoozed>("post", "/api/v1/snoozes", "200");
    all.get::<Vec<Suggestion>>("/api/v1/contacts/suggested", &[("limit", "1 to 200, default 10")]);
    all.list::<Notification>("/api/v1/notifications", &[("status", "unread: only those")]);
    all.send::<notifications::Read, notifications::Unread>("post", "/api/v1/notifications/read", "200");
    all.get::<Vec<Wish>>("/api/v1/notifications/settings", &[]);
    all.send::<Wish, Wish>("put", "/api/v1/notifications/settings", "200");
}

fn selling(all: &mut Schemas) {
    all.get::<Board>("/api/v1/board", DEALS);
    all.get::<Forecast>("/api/v1/forecast", DEALS);
    let moved = all.send_for::<deals::Move>("post", "/api/v1/deals/{id}/move", answers("200", records::changed(EntityKind::Deal)));
    if let Some(parameters) = moved["parameters"].as_array_mut() {
        parameters.push(parameter("header", "If-Match", "The version the move was made from"));
    }
    all.get::<Vec<StageChange>>("/api/v1/deals/{id}/history", &[]);
    all.send::<pipelines::Order, Outcome>("post", "/api/v1/pipelines/{id}/order", "200");
    all.send::<pipelines::Replace, Outcome>("post", "/api/v1/stages/{id}/replace", "200");
    all.send::<tags::Merge, Outcome>("post", "/api/v1/tags/{id}/merge", "200");
}

fn importing(all: &mut Schemas) {
    all.get::<Vec<ImportView>>("/api/v1/imports", &[]);
    let create = all.plain::<ImportView>("/api/v1/imports", "201");
    create["requestBody"] = json!({"required": true, "description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}});
    if let Some(parameters) = create["parameters"].as_array_mut() {
        for (name, about) in NEW_IMPORT {
            parameters.push(parameter("query", name, about));
        }
    }
    all.get::<ImportView>("/api/v1/imports/{id}", &[]);
    let start = all.send::<Option<ImportOptions>, ImportView>("post", "/api/v1/imports/{id}/start", "200");
    start["requestBody"]["required"] = json!(false);
    all.plain::<ImportView>("/api/v1/imports/{id}/undo", "200");
    all.plain::<ImportView>("/api/v1/sample", "201");
}

fn sharing(all: &mut Schemas) {
    all.get::<Vec<Share>>("/api/v1/shares", &[]);
    all.send::<shares::NewShare, shares::Made>("post", "/api/v1/shares", "201");
    all.plain::<Outcome>("/api/v1/shares/{id}/revoke", "200");
    all.get::<Vec<TokenLine>>("/api/v1/tokens", &[]);
    let token = all.send::<tokens::Wanted, tokens::Made>("post", "/api/v1/tokens", "201");
    token["description"] =
        json!("In a browser that entered its password lately; a token makes no other. The text of the token is answered this once.");
    all.plain::<tokens::Revoked>("/api/v1/tokens/{id}/revoke", "200");
}
