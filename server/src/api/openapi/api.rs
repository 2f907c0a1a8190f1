//! Operations of the REST interface: path, handler and description in one place.

use super::doc::{Doc, Schemas};
use crate::state::AppState;
use axum::{
    Router,
    handler::Handler,
    routing::{MethodRouter, get, post, put},
};
use domain::EntityKind;
use serde_json::{Map, Value, json};

/// Describes an operation.
type Describe = for<'a> fn(Doc<'a>) -> Doc<'a>;

/// Describes an operation of the records of a kind.
type DescribeKind = for<'a> fn(Doc<'a>, EntityKind) -> Doc<'a>;

/// Routes with their documentation.
#[derive(Default)]
pub struct Api {
    router: Router<AppState>,
    operations: Vec<(&'static str, &'static str, Describe)>,
    /// Operations of every kind of record, with `{plural}` in the path.
    records: Vec<(&'static str, &'static str, DescribeKind)>,
}

impl Api {
    pub fn get<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H, describe: Describe) -> Self {
        self.add("get", path, get(handler), describe)
    }

    pub fn post<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H, describe: Describe) -> Self {
        self.add("post", path, post(handler), describe)
    }

    pub fn put<H: Handler<T, AppState>, T: 'static>(self, path: &'static str, handler: H, describe: Describe) -> Self {
        self.add("put", path, put(handler), describe)
    }

    /// Adds an operation whose route has middleware of its own.
    pub fn add(mut self, method: &'static str, path: &'static str, route: MethodRouter<AppState>, describe: Describe) -> Self {
        self.router = self.router.route(path, route);
        self.operations.push((method, path, describe));
        self
    }

    /// Adds an operation of every kind of record: `{plural}` in the path names the kind.
    pub fn records(mut self, method: &'static str, path: &'static str, route: MethodRouter<AppState>, describe: DescribeKind) -> Self {
        self.router = self.router.route(path, route);
        self.records.push((method, path, describe));
        self
    }

    /// Adds a path of a source document as an alias of an operation documented under `/api/v1`.
    pub fn alias(mut self, path: &'static str, route: MethodRouter<AppState>) -> Self {
        self.router = self.router.route(path, route);
        self
    }

    pub fn into_router(self) -> Router<AppState> {
        self.router
    }

    /// Adds the operations to the paths of the document.
    pub fn document(&self, schemas: &mut Schemas, paths: &mut Map<String, Value>) {
        for kind in EntityKind::ALL {
            for (method, path, describe) in &self.records {
                let path = path.replace("{plural}", kind.plural());
                let operation = describe(Doc::new(schemas), kind).finish(method, &path);
                paths.entry(path).or_insert_with(|| json!({}))[*method] = operation;
            }
        }
        for (method, path, describe) in &self.operations {
            let operation = describe(Doc::new(schemas)).finish(method, path);
            paths.entry(*path).or_insert_with(|| json!({}))[*method] = operation;
        }
    }
}
