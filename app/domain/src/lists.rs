//! What narrows and sorts the lists of people and companies; all of it is in the address.

use crate::{CompanyId, EntityKind, MemberId};
use serde::{Deserialize, Serialize};

/// A record found by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `due`: people with a follow-up that is due or overdue, their own or one of an interaction.
    pub follow_up: Option<String>,
    /// One of the codes below; anything else sorts by name.
    pub sort: String,
    /// Codes of columns that are not shown, with commas between.
    pub hide: String,
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

impl ListFilter {
    /// Whether a column is shown.
    pub fn shows(&self, column: &str) -> bool {
        !self.hide.split(',').any(|c| c == column)
    }

    /// What `hide` is when a column is shown, or hidden, that was not; codes that are no column go.
    pub fn toggled(&self, column: &str, columns: &[(&str, &str)]) -> String {
        let hidden = columns.iter().map(|c| c.0).filter(|c| self.shows(c) == (*c == column));
        hidden.collect::<Vec<_>>().join(",")
    }

    /// Nothing narrows the list: empty, it has nothing at all.
    pub fn is_everything(&self) -> bool {
        self.q.trim().is_empty() && self.company.is_none() && self.owner.is_none() && self.tag.is_none() && self.follow_up.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_left_out_and_come_back() {
        let filter = |hide: &str| ListFilter { hide: hide.into(), ..Default::default() };
        assert!(filter("").shows("phone") && !filter("email,phone").shows("phone"));
        assert_eq!(filter("email,phone").toggled("phone", &PEOPLE_COLUMNS), "email");
        assert_eq!(filter("phone,nonsense").toggled("email", &PEOPLE_COLUMNS), "email,phone");
        assert_eq!(filter("").toggled("owner", &PEOPLE_COLUMNS), "owner");
    }
}
