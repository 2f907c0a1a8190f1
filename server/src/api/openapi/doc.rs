//! The description of one operation.

use super::parts::{answers, changed, idempotency_key, listed, name, of, parameter};
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
    parameters: Vec<Value>,
    headers: Vec<Value>,
    body: Value,
    responses: Value,
    description: &'static str,
    /// `operationId` and tag of an operation of records.
    record: Option<(String, &'static str)>,
}

impl<'a> Doc<'a> {
    pub fn new(schemas: &'a mut Schemas) -> Self {
        Self {
            schemas,
            parameters: Vec::new(),
            headers: Vec::new(),
            body: Value::Null,
            responses: answers("204", Value::Null),
            description: "",
            record: None,
        }
    }

    pub fn query(mut self, parameters: Parameters) -> Self {
        self.parameters.extend(parameters.iter().map(|(name, about)| parameter("query", name, about)));
        self
    }

    /// An operation of the records of a kind.
    pub fn record(mut self, kind: EntityKind, verb: &str) -> Self {
        self.record = Some((format!("{verb}{}", name(kind)), kind.plural()));
        self
    }

    /// The id of the record in the path.
    pub fn id(mut self) -> Self {
        self.parameters.push(parameter("path", "id", "Id of the record"));
        self
    }

    /// The version of the record.
    pub fn version(mut self) -> Self {
        self.parameters.push(parameter("header", "If-Match", "The version the change was made from"));
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
    pub fn takes<B: JsonSchema>(self) -> Self {
        let schema = of::<B>(&mut self.schemas.sent);
        self.takes_schema(schema)
    }

    pub fn takes_schema(mut self, schema: Value) -> Self {
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

    pub fn answers(mut self, status: &str, schema: Value) -> Self {
        self.responses = answers(status, schema);
        self
    }

    pub fn gives<A: JsonSchema>(self) -> Self {
        let schema = of::<A>(&mut self.schemas.answered);
        self.answers("200", schema)
    }

    /// Status 201.
    pub fn creates<A: JsonSchema>(self) -> Self {
        let schema = of::<A>(&mut self.schemas.answered);
        self.answers("201", schema)
    }

    /// A page of a list, with the parameters of pagination.
    pub fn lists<A: JsonSchema>(self) -> Self {
        self.pages(of::<A>).query(&PAGE)
    }

    /// A page of a list of rows.
    pub fn pages(mut self, row: impl FnOnce(&mut SchemaGenerator) -> Value) -> Self {
        self.responses = listed(row(&mut self.schemas.answered));
        self
    }

    /// The record after the change.
    pub fn changes(self, kind: EntityKind) -> Self {
        self.answers("200", changed(kind))
    }

    /// The operation as JSON. Writes take an idempotency key; tokens are created in a browser and take none.
    pub fn finish(self, method: &str, path: &str) -> Value {
        let words = path.trim_start_matches("/api/v1/").replace(['/', '{', '}'], "_");
        let (operation, tag) = self.record.unwrap_or_else(|| (format!("{method}_{words}"), ""));
        let mut parameters = self.parameters;
        if path.contains("{id}") && tag.is_empty() {
            parameters.push(parameter("path", "id", "Id"));
        }
        if method != "get" && !path.starts_with("/api/v1/tokens") {
            parameters.push(idempotency_key());
        }
        parameters.extend(self.headers);
        let mut operation = json!({"operationId": operation, "parameters": parameters, "responses": self.responses});
        if !tag.is_empty() {
            operation["tags"] = json!([tag]);
        }
        if !self.body.is_null() {
            operation["requestBody"] = self.body;
        }
        if !self.description.is_empty() {
            operation["description"] = json!(self.description);
        }
        operation
    }
}
