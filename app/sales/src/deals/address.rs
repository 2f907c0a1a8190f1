//! Query parameters of `/deals`.

use domain::{deals::DealFilter, paths};
use leptos_router::params::ParamsMap;

/// Sort of the list by pipeline and stage, which draws the board.
pub const BY_STAGE: &str = "stage";

/// Query parameters that filter.
pub(super) const FILTERS: [&str; 15] = [
    "q",
    "pipeline",
    "stage",
    "reached",
    "owner",
    "company",
    "status",
    "tag",
    "nextStep",
    "closedFrom",
    "closedTo",
    "openedFrom",
    "openedTo",
    "expectedFrom",
    "expectedTo",
];

/// Query parameters of the presentation: sort order, grouping, hidden columns.
pub(super) const SHOWN: [&str; 3] = ["sort", "group", "hide"];

pub(super) fn filter_of(query: &ParamsMap) -> DealFilter {
    let text = |key: &str| query.get(key).filter(|v| !v.is_empty());
    DealFilter {
        q: text("q"),
        pipeline: text("pipeline").and_then(|v| v.parse().ok()),
        stage: text("stage").and_then(|v| v.parse().ok()),
        reached: text("reached").and_then(|v| v.parse().ok()),
        owner: text("owner").and_then(|v| v.parse().ok()),
        company: text("company").and_then(|v| v.parse().ok()),
        status: text("status"),
        next_step: text("nextStep"),
        tag: text("tag"),
        closed_from: text("closedFrom").and_then(|v| v.parse().ok()),
        closed_to: text("closedTo").and_then(|v| v.parse().ok()),
        opened_from: text("openedFrom").and_then(|v| v.parse().ok()),
        opened_to: text("openedTo").and_then(|v| v.parse().ok()),
        expected_from: text("expectedFrom").and_then(|v| v.parse().ok()),
        expected_to: text("expectedTo").and_then(|v| v.parse().ok()),
    }
}

/// URL of this page with `changed` parameters; an empty value removes one. Changing a filter resets pagination.
pub(super) fn address(query: &ParamsMap, changed: &[(&str, &str)]) -> String {
    let value = |key: &str| match changed.iter().find(|c| c.0 == key) {
        Some((_, value)) => (*value).to_owned(),
        None if key == "after" => String::new(),
        None => query.get(key).unwrap_or_default(),
    };
    let values: Vec<(&str, String)> = ["as"].into_iter().chain(FILTERS).chain(SHOWN).chain(["after"]).map(|k| (k, value(k))).collect();
    let parameters: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    paths::with_query(paths::DEALS, &parameters)
}
