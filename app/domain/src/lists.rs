//! What narrows and sorts the lists of people and companies; all of it is in the address.

use crate::{CompanyId, EntityKind, MemberId};
use serde::{Deserialize, Serialize};

/// A record found by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    pub kind: EntityKind,
    pub id: uuid::Uuid,
    pub title: String,
    /// Company, industry, stage or day, as the kind has it.
    pub about: String,
}

/// Everything left out does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListFilter {
    /// Part of a name or of an address.
    pub q: String,
    pub company: Option<CompanyId>,
    pub owner: Option<MemberId>,
    /// Name of a tag.
    pub tag: Option<String>,
    /// Code of the field `status`, for kinds that have one.
    pub status: Option<String>,
    /// `due`: people with a follow-up that is due or overdue, their own or one of an interaction.
    pub follow_up: Option<String>,
    /// One of the codes below; anything else sorts by name.
    pub sort: String,
    /// Key of the field whose groups the rows stand in; they stand by name in each, and `sort` does not count.
    pub group: String,
    /// Codes of columns that are not shown, with commas between.
    pub hide: String,
}

/// The group a row stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowGroup {
    /// The value of the field, an id for a reference; empty: the rows without one.
    pub key: String,
    /// Name of the record that the key refers to; empty otherwise, and for one that the reader does not see.
    pub name: String,
    /// How many rows it has in all, on this page and others, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

/// Orders of the people list: by name, longest not contacted first, newest first, warmest first.
pub const PEOPLE_SORTS: [(&str, &str); 4] = [("", "A–Z"), ("attention", "Needs attention"), ("-created", "Newest"), ("-warmth", "Warmest")];
/// Orders of the company list.
pub const COMPANY_SORTS: [(&str, &str); 3] = [("", "A–Z"), ("-created", "Newest"), ("-employees", "Largest")];

/// Columns of the people list that can be left out: code and heading.
pub const PEOPLE_COLUMNS: [(&str, &str); 6] =
    [("company", "Company"), ("email", "E-mail"), ("phone", "Phone"), ("warmth", "Warmth"), ("contacted", "Last contact"), ("owner", "Owner")];
/// Those of the company list.
pub const COMPANY_COLUMNS: [(&str, &str); 5] =
    [("industry", "Industry"), ("location", "Location"), ("employees", "Employees"), ("people", "People"), ("deals", "Open deals")];

/// Those of the list of deals.
pub const DEAL_COLUMNS: [(&str, &str); 6] =
    [("stage", "Stage"), ("value", "Value"), ("company", "Company"), ("owner", "Owner"), ("opened", "Opened"), ("close", "Close date")];

/// Whether a column is shown; `hide` has the codes of those that are not, with commas between.
pub fn shows(hide: &str, column: &str) -> bool {
    !hide.split(',').any(|c| c == column)
}

/// What `hide` is when a column is shown, or hidden, that was not; codes that are no column go.
pub fn toggled(hide: &str, column: &str, columns: &[(&str, &str)]) -> String {
    let hidden = columns.iter().map(|c| c.0).filter(|c| shows(hide, c) == (*c == column));
    hidden.collect::<Vec<_>>().join(",")
}

/// Choices of the field `status` of a kind, as its list is narrowed by them.
pub fn statuses(kind: EntityKind) -> &'static [(&'static str, &'static str)] {
    match kind.field("status").map(|f| f.kind) {
        Some(crate::FieldKind::Choice(choices)) => choices,
        _ => &[],
    }
}

impl ListFilter {
    /// Whether a column is shown.
    pub fn shows(&self, column: &str) -> bool {
        shows(&self.hide, column)
    }

    /// Whether a filter besides the search is set.
    pub fn is_filtered(&self) -> bool {
        self.owner.is_some() || self.tag.is_some() || self.status.is_some() || self.follow_up.is_some()
    }

    /// Nothing narrows the list: empty, it has nothing at all.
    pub fn is_everything(&self) -> bool {
        self.q.trim().is_empty() && self.company.is_none() && !self.is_filtered()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_left_out_and_come_back() {
        assert!(shows("", "phone") && !shows("email,phone", "phone"));
        assert_eq!(toggled("email,phone", "phone", &PEOPLE_COLUMNS), "email");
        assert_eq!(toggled("phone,nonsense", "email", &PEOPLE_COLUMNS), "email,phone");
        assert_eq!(toggled("", "owner", &PEOPLE_COLUMNS), "owner");
    }
}
