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
}

/// Orders of the people list: by name, longest not contacted first, newest first, warmest first.
pub const PEOPLE_SORTS: [(&str, &str); 4] = [("", "A–Z"), ("attention", "Needs attention"), ("-created", "Newest"), ("-warmth", "Warmest")];
/// Orders of the company list.
pub const COMPANY_SORTS: [(&str, &str); 3] = [("", "A–Z"), ("-created", "Newest"), ("-employees", "Largest")];

impl ListFilter {
    /// Nothing narrows the list: empty, it has nothing at all.
    pub fn is_everything(&self) -> bool {
        self.q.trim().is_empty() && self.company.is_none() && self.owner.is_none() && self.tag.is_none() && self.follow_up.is_none()
    }
}
