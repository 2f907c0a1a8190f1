//! Refuses query parameters that an operation does not document: a misspelt filter would otherwise return everything.

use super::{document, wrong};
use crate::security::refusal;
use app::context::RequestContext;
use axum::{
    extract::{MatchedPath, Query, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

/// Names by method and path of the OpenAPI document.
static DOCUMENTED: LazyLock<HashMap<(String, String), BTreeSet<String>>> = LazyLock::new(|| {
    let document = document();
    let mut documented = HashMap::new();
    for (path, operations) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let parameters = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query");
            let names = parameters.filter_map(|p| p["name"].as_str().map(str::to_owned)).collect();
            documented.insert((method.to_uppercase(), path.clone()), names);
        }
    }
    documented
});

/// Path of a request in the document: the kind replaces `{plural}`, an alias maps to its path under `/api/v1`.
fn documented_path(matched: &str, path: &str) -> String {
    let plural = path.split('/').nth(3).unwrap_or_default();
    let matched = matched.replace("{plural}", plural);
    match matched.strip_prefix("/api/").filter(|rest| !rest.starts_with("v1/")) {
        Some(rest) => format!("/api/v1/{rest}"),
        None => matched,
    }
}

/// The first query parameter that the operation does not document.
fn unknown(request: &Request) -> Option<String> {
    let matched = request.extensions().get::<MatchedPath>()?.as_str();
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let known = DOCUMENTED.get(&(method.to_string(), documented_path(matched, request.uri().path())))?;
    let Query(sent) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()).ok()?;
    sent.into_iter().map(|(name, _)| name).find(|name| !known.contains(name))
}

/// Middleware: refuses a signed-in request with an undocumented query parameter (422). The handler refuses anonymous requests.
pub async fn refuse(request: Request, next: Next) -> Response {
    let signed_in = request.extensions().get::<RequestContext>().is_some_and(|r| r.actor.is_some());
    match unknown(&request).filter(|_| signed_in) {
        Some(name) => {
            let shown: String = name.chars().take(40).collect();
            refusal(&wrong(&shown, "unknown", format!("“{shown}” is not a parameter of this request")))
        }
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_a_documented_path() {
        for (matched, path, documented) in [
            ("/api/v1/{plural}", "/api/v1/contacts", "/api/v1/contacts"),
            ("/api/v1/{plural}/{id}", "/api/v1/deals/1", "/api/v1/deals/{id}"),
            ("/api/v1/deals/{id}/move", "/api/v1/deals/1/move", "/api/v1/deals/{id}/move"),
            ("/api/analytics", "/api/analytics", "/api/v1/analytics"),
            ("/api/contacts/suggested", "/api/contacts/suggested", "/api/v1/contacts/suggested"),
        ] {
            assert_eq!(documented_path(matched, path), documented);
            assert!(DOCUMENTED.keys().any(|(_, path)| path == documented), "{documented}");
        }
    }
}
