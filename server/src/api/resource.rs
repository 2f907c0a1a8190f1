//! Declaration of a kind's REST resource, beyond what follows from its fields: aliases, computed properties, the list.

use super::{Answer, ListQuery, openapi::parts, parameters::Parameters, tagged};
use app::AppError;
use axum::{http::StatusCode, response::Response};
use domain::{Cursor, EntityKind, FieldMap, Outcome, Record};
use futures::future::BoxFuture;
use records::names_of_companies;
use schemars::SchemaGenerator;
use serde_json::{Value, json};
use store::TenantTx;

/// A request for a list.
pub struct Asked<'a> {
    pub kind: EntityKind,
    pub resource: &'static Resource,
    pub query: &'a ListQuery,
    pub limit: i64,
    pub after: Option<Cursor>,
}

impl Asked<'_> {
    /// Applies an explicit `limit` to a list without pagination.
    pub fn at_most<T>(&self, mut rows: Vec<T>) -> Vec<T> {
        if self.query.limit.is_some() {
            rows.truncate(self.limit.unsigned_abs() as usize);
        }
        rows
    }
}

type List = for<'a> fn(&'a mut TenantTx, Asked<'a>) -> BoxFuture<'a, Answer>;

/// A property of an answered record that is no field.
pub struct Property {
    pub key: &'static str,
    pub schema: fn() -> Value,
    /// `None`: read with the record, from a column without a field.
    value: Option<fn(&Record) -> Value>,
}

impl Property {
    pub const fn column(key: &'static str, schema: fn() -> Value) -> Self {
        Self { key, schema, value: None }
    }

    pub const fn computed(key: &'static str, schema: fn() -> Value, value: fn(&Record) -> Value) -> Self {
        Self { key, schema, value: Some(value) }
    }
}

pub struct Resource {
    /// `None`: the default of kinds that declare no resource.
    pub kind: Option<EntityKind>,
    aliases: &'static [(&'static str, &'static str)],
    accept: fn(&mut FieldMap) -> Result<(), AppError>,
    pub properties: &'static [Property],
    pub parameters: &'static [Parameters],
    pub list: List,
    row: Option<fn(&mut SchemaGenerator) -> Value>,
}

impl Resource {
    /// A resource whose list answers whole records.
    pub const fn new(kind: Option<EntityKind>, parameters: &'static [Parameters], list: List) -> Self {
        Self { kind, aliases: &[], accept: |_| Ok(()), properties: &[], parameters, list, row: None }
    }

    /// Other names of fields that requests may use, each with the field's own (SPEC C-01, C-02, C-03, C-05).
    pub const fn aliases(self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        Self { aliases, ..self }
    }

    /// Rewrites what aliases cannot express.
    pub const fn accept(self, accept: fn(&mut FieldMap) -> Result<(), AppError>) -> Self {
        Self { accept, ..self }
    }

    pub const fn properties(self, properties: &'static [Property]) -> Self {
        Self { properties, ..self }
    }

    /// Rows of the list hold less than the whole record.
    pub const fn rows(self, schema: fn(&mut SchemaGenerator) -> Value) -> Self {
        Self { row: Some(schema), ..self }
    }

    /// The fields of a request by their own names.
    pub fn fields(&self, kind: EntityKind, mut set: FieldMap) -> Result<FieldMap, AppError> {
        for (alias, key) in self.aliases {
            if let Some(value) = set.remove(*alias) {
                set.entry(*key).or_insert(value);
            }
        }
        (self.accept)(&mut set)?;
        Ok(names_of_companies(kind, set))
    }

    /// Schema of a row of the list.
    pub fn row(&self, kind: EntityKind, generator: &mut SchemaGenerator) -> Value {
        self.row.map_or_else(|| parts::record(kind), |schema| schema(generator))
    }

    /// A record as REST shows it: its fields, flat.
    pub fn json(&self, record: &Record) -> Value {
        let mut out = record.fields.clone();
        out.insert("id".into(), json!(record.id));
        out.insert("version".into(), json!(record.version));
        out.insert("createdAt".into(), json!(record.created_at));
        out.insert("updatedAt".into(), json!(record.updated_at));
        out.insert("imported".into(), Value::Object(record.imported.clone()));
        for property in self.properties {
            if let Some(value) = property.value {
                out.insert(property.key.into(), value(record));
            }
        }
        Value::Object(out)
    }

    /// The answer to a command: the record after it, or only that it exists where the caller no longer sees it.
    pub fn answer(&self, status: StatusCode, (outcome, record): &(Outcome, Option<Record>)) -> Response {
        match record {
            Some(record) => tagged(status, record.version, self.json(record)),
            None => tagged(status, outcome.version, json!({"id": outcome.id, "version": outcome.version, "visible": false})),
        }
    }
}
