//! The description of one operation.

use super::{
    parts::{answers, idempotency_key, listed, of, parameter},
    records,
};
use crate::api::parameters::{PAGE, Parameters};
use domain::EntityKind;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// Schemas of bodies and of answers.
pub struct Schemas {
    pub sent: SchemaGenerator,
    pub answered: SchemaGenerator,
}

/// Builder of an operation's description. The default response is 204.
pub struct Doc<'a> {
    schemas: &'a mut Schemas,
    query: Vec<Value>,
    headers: Vec<Value>,
    body: Value,
    responses: Value,
    description: &'static str,
}

impl<'a> Doc<'a> {
    pub fn new(schemas: &'a mut Schemas) -> Self {
        Self { schemas, query: Vec::new(), headers: Vec::new(), body: Value::Null, responses: answers("204", Value::Null), description: "" }
    }

    pub fn query(mut self, parameters: Parameters) -> Self {
        self.query.extend(parameters.iter().map(|(name, about)| parameter("query", name, about)));
        self
    }

    pub fn header(mut self, name: &str, about: &str) -> Self {
        self.headers.push(parameter("header", name, about));
        self
    }

    pub fn describe(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// A JSON body.
    pub fn takes<B: JsonSchema>(mut self) -> Self {
        let schema = of::<B>(&mut self.schemas.sent);
        self.body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        self
    }

    /// A JSON body that may be left out.
    pub fn may_take<B: JsonSchema>(self) -> Self {
        let mut doc = self.takes::<B>();
        doc.body["required"] = json!(false);
        doc
    }

    /// A CSV file as the body.
    pub fn takes_file(mut self) -> Self {
        self.body = json!({"required": true, "description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}});
        self
    }

    pub fn gives<A: JsonSchema>(mut self) -> Self {
        self.responses = answers("200", of::<A>(&mut self.schemas.answered));
        self
    }

    /// Status 201.
    pub fn creates<A: JsonSchema>(mut self) -> Self {
        self.responses = answers("201", of::<A>(&mut self.schemas.answered));
        self
    }

    /// A page of a list, with the parameters of pagination.
    pub fn lists<A: JsonSchema>(mut self) -> Self {
        self.responses = listed(of::<A>(&mut self.schemas.answered));
        self.query(&PAGE)
    }

    /// The record after the change.
    pub fn changes(mut self, kind: EntityKind) -> Self {
        self.responses = answers("200", records::changed(kind));
        self
    }

    /// The operation as JSON. Writes take an idempotency key; tokens are created in a browser and take none.
    pub fn finish(self, method: &str, path: &str) -> Value {
        let words = path.trim_start_matches("/api/v1/").replace(['/', '{', '}'], "_");
        let mut parameters = self.query;
        if path.contains("{id}") {
            parameters.push(parameter("path", "id", "Id"));
        }
        if method != "get" && !path.starts_with("/api/v1/tokens") {
            parameters.push(idempotency_key());
        }
        parameters.extend(self.headers);
        let mut operation = json!({"operationId": format!("{method}_{words}"), "parameters": parameters, "responses": self.responses});
        if !self.body.is_null() {
            operation["requestBody"] = self.body;
        }
        if !self.description.is_empty() {
            operation["description"] = json!(self.description);
        }
        operation
    }
}
