//! Query parameters of lists.

use super::wrong;
use app::AppError;
use chrono::NaiveDate;
use domain::{
    Cursor, EntityKind,
    lists::{self, ListFilter},
    page,
};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    pub q: Option<String>,
    pub limit: Option<String>,
    pub after: Option<String>,
    pub sort: Option<String>,
    pub status: Option<String>,
    pub stage: Option<String>,
    pub owner: Option<String>,
    pub company: Option<String>,
    pub pipeline: Option<String>,
    pub kind: Option<String>,
    pub by: Option<String>,
    pub contact: Option<String>,
    pub deal: Option<String>,
    pub tag: Option<String>,
    pub reached: Option<String>,
    pub due: Option<String>,
    pub next_step: Option<String>,
    pub follow_up: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub closed_from: Option<String>,
    pub closed_to: Option<String>,
    pub opened_from: Option<String>,
    pub opened_to: Option<String>,
    pub expected_from: Option<String>,
    pub expected_to: Option<String>,
}

impl ListQuery {
    /// Default 20, at most 200 (SPEC C-16).
    pub fn limit(&self) -> Result<i64, AppError> {
        match self.limit.as_deref() {
            None => Ok(20),
            Some(text) => match text.parse::<i64>() {
                Ok(n) if (1..=page::MAX_LIMIT).contains(&n) => Ok(n),
                _ => Err(wrong("limit", "range", format!("limit must be from 1 to {}", page::MAX_LIMIT))),
            },
        }
    }

    pub fn cursor(&self) -> Result<Option<Cursor>, AppError> {
        match self.after.as_deref().filter(|a| !a.is_empty()) {
            None => Ok(None),
            Some(text) => Cursor::decode(text).map(Some).ok_or_else(|| wrong("after", "cursor", "This page mark cannot be read")),
        }
    }

    /// A filter that names a day.
    pub fn day(&self, field: &str, value: &Option<String>) -> Result<Option<NaiveDate>, AppError> {
        match value.as_deref().filter(|v| !v.is_empty()) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| wrong(field, "date", format!("{field} must be a date such as 2026-11-30"))),
        }
    }

    /// A filter that names a record.
    pub fn reference<T: From<Uuid>>(field: &str, value: &Option<String>) -> Result<Option<T>, AppError> {
        match value.as_deref().filter(|v| !v.is_empty()) {
            None => Ok(None),
            Some(text) => {
                text.parse::<Uuid>().map(|u| Some(u.into())).map_err(|_| wrong(field, "reference", format!("{field} must be the id of a record")))
            }
        }
    }
}

/// The filter of the list of a kind.
pub fn list_filter(kind: EntityKind, query: &ListQuery, sorts: &[(&str, &str)]) -> Result<ListFilter, AppError> {
    let sort = query.sort.clone().unwrap_or_default();
    if !matches!(sort.as_str(), "" | "name") && !sorts.iter().any(|s| s.0 == sort) {
        let known: Vec<&str> = sorts.iter().map(|s| if s.0.is_empty() { "name" } else { s.0 }).collect();
        return Err(wrong("sort", "choice", format!("sort must be one of {}", known.join(", "))));
    }
    Ok(ListFilter {
        q: query.q.clone().unwrap_or_default(),
        company: ListQuery::reference("company", &query.company)?,
        owner: ListQuery::reference("owner", &query.owner)?,
        tag: query.tag.clone().filter(|t| !t.is_empty()),
        status: match query.status.as_deref().filter(|s| !s.is_empty()) {
            None => None,
            Some(code) if lists::statuses(kind).iter().any(|c| c.0 == code) => Some(code.to_owned()),
            Some(_) => {
                let known: Vec<&str> = lists::statuses(kind).iter().map(|c| c.0).collect();
                return Err(wrong("status", "choice", format!("status must be one of {}", known.join(", "))));
            }
        },
        follow_up: match query.follow_up.as_deref() {
            None | Some("") => None,
            Some("due") => Some("due".into()),
            Some(_) => return Err(wrong("followUp", "choice", "followUp must be due, or left out")),
        },
        sort,
        group: String::new(),
        hide: String::new(),
    })
}
