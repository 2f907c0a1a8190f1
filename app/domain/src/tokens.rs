//! API tokens as pages and programs show them; the text of a token is never among it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest name of a token, in characters.
pub const NAME_LENGTH: usize = 80;

/// How long a token works: code, words, days.
pub const TERMS: [(&str, &str, Option<i64>); 4] =
    [("30", "30 days", Some(30)), ("90", "90 days", Some(90)), ("365", "A year", Some(365)), ("", "Until it is revoked", None)];

/// The term that a form proposes.
pub const TERM: &str = "90";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenLine {
    /// Names the token in a request to revoke it; opens nothing.
    pub id: Uuid,
    pub name: String,
    /// The last four characters of its text.
    pub last4: String,
    /// Refused for everything but reading.
    pub read_only: bool,
    /// Name of the member whose rights it has.
    pub by: Option<String>,
    pub is_mine: bool,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TokenLine {
    /// Whether it opens anything at `now`.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}
