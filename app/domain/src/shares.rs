//! Share links: a dashboard that people without an account see (DESIGN §8, SPEC §24).

use crate::{Permission, SliceCommand, Subject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a link can show: code, words. Nothing else ever leaves; names of people, companies and deals never do, unless
/// `top_deals` is chosen.
pub const PARTS: [(&str, &str); 5] = [
    ("figures", "Figures: deals, won, win rate, cycle"),
    ("pipeline", "Pipeline: deals and sums by stage"),
    ("forecast", "Forecast by month"),
    ("won_by_month", "Won by month"),
    ("top_deals", "The five largest open deals, with their titles and stages"),
];

/// A link as its makers see it; the token was shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Share {
    pub id: Uuid,
    pub title: String,
    pub shows: Vec<String>,
    pub by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub opened: i64,
    pub last_opened_at: Option<DateTime<Utc>>,
    /// Whether the creator is an active member with the permission to share. Without it the link answers 404.
    pub creator_can_share: bool,
}

impl Share {
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.creator_can_share && self.revoked_at.is_none() && self.expires_at.is_none_or(|e| e > now)
    }
}

/// What a link shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub title: String,
    pub workspace: String,
    /// Hue of the workspace, 0–359.
    pub hue: i16,
    /// The workspace's picture: media type and bytes.
    pub logo: Option<(String, Vec<u8>)>,
    pub shows: Vec<String>,
}

impl Shown {
    pub fn shows(&self, part: &str) -> bool {
        self.shows.iter().any(|s| s == part)
    }
}

/// How long a link works: code, words, days.
pub const TERMS: [(&str, &str, Option<i64>); 4] =
    [("7", "A week", Some(7)), ("30", "30 days", Some(30)), ("365", "A year", Some(365)), ("", "Until it is revoked", None)];

/// Commands on share links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ShareCommand {
    /// Creates a link that shows a dashboard without sign-in. The token itself is never stored.
    CreateShare {
        share: Uuid,
        title: String,
        shows: Vec<String>,
        expires_at: Option<DateTime<Utc>>,
        /// SHA-256 of the token, in hex.
        token_hash: String,
    },
    RevokeShare {
        share: Uuid,
    },
}

impl SliceCommand for ShareCommand {
    const NAMES: &'static [&'static str] = &["create_share", "revoke_share"];

    fn permission(&self) -> Permission {
        Permission::Share
    }

    fn subject(&self) -> Subject {
        match self {
            Self::CreateShare { share, .. } | Self::RevokeShare { share } => Subject::Share(*share),
        }
    }

    fn needs_confirmation(&self) -> bool {
        matches!(self, Self::CreateShare { .. })
    }
}
