//! What somebody is told, and how (SPEC §2.12 mentions, §2.11 reminders, PIP-05 stakeholders).

use crate::{EntityKind, Permission, SliceCommand, Subject};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Kinds of notification: code, what it is about.
pub const KINDS: &[(&str, &str)] = &[
    ("mention", "You are mentioned in a note"),
    ("assigned", "A record or task is assigned to you"),
    ("reassigned", "The owner of your record changes"),
    ("visibility", "The visibility of your record changes"),
    ("deal_moved", "Your deal changes stage"),
    ("reminder", "A task of yours reminds you"),
    (BACKUP_FAILED, "A backup of this server fails"),
];

/// Told to those who run a workspace, about the server they are on.
pub const BACKUP_FAILED: &str = "backup_failed";
/// Kinds that only those hear of who may manage members.
pub const OF_MANAGERS: &[&str] = &[BACKUP_FAILED];

/// Where a notification leads: to its record, or to the help on what it tells of.
pub fn link(kind: &str, entity: EntityKind, id: Uuid) -> String {
    match kind {
        BACKUP_FAILED => format!("{}/run-the-server", crate::paths::HELP),
        _ => crate::paths::record(entity, id),
    }
}

/// One notification, for its addressee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    pub id: Uuid,
    pub kind: String,
    pub entity: EntityKind,
    pub entity_id: Uuid,
    /// Name of the record when it happened.
    pub title: String,
    /// Who did it; none for Rapport itself.
    pub by: Option<String>,
    pub created_at: DateTime<Utc>,
    pub read: bool,
}

impl Notification {
    pub fn link(&self) -> String {
        link(&self.kind, self.entity, self.entity_id)
    }

    /// "Bea mentioned you in Call notes".
    pub fn sentence(&self) -> String {
        sentence(&self.kind, self.by.as_deref(), &self.title)
    }
}

pub fn sentence(kind: &str, by: Option<&str>, title: &str) -> String {
    let who = by.unwrap_or("Somebody");
    match kind {
        "mention" => format!("{who} mentioned you in “{title}”"),
        "assigned" => format!("{who} gave you {title}"),
        "reassigned" => format!("{who} changed the owner of {title}"),
        "visibility" => format!("{who} changed the visibility of {title}"),
        "deal_moved" => format!("{who} moved your deal {title}"),
        "reminder" => format!("Reminder: {title}"),
        BACKUP_FAILED => "A backup of this server failed; its log says why".to_owned(),
        _ => format!("{who}: {title}"),
    }
}

/// Whether a kind is told in the app, by mail and by push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationPreference {
    pub kind: String,
    pub in_app: bool,
    pub by_mail: bool,
    /// To the browsers that may show it although no page of Rapport is open.
    #[serde(default = "yes")]
    pub by_push: bool,
}

/// What was not said before there were pushes: whoever lets a browser be told wants to be told.
pub const fn yes() -> bool {
    true
}

/// A browser that is told although no page of Rapport is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    pub id: Uuid,
    /// Browser and system in words.
    pub name: String,
    pub since: DateTime<Utc>,
    /// The one that asks.
    pub is_this: bool,
}

/// Commands on the sender's notifications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum NotificationCommand {
    /// Marks notifications as read: these, or all when the list is empty.
    ReadNotifications { ids: Vec<Uuid> },
    /// Channels of one kind of notification.
    SetNotification {
        kind: String,
        in_app: bool,
        by_mail: bool,
        #[serde(default = "yes")]
        by_push: bool,
    },
}

impl SliceCommand for NotificationCommand {
    const NAMES: &'static [&'static str] = &["read_notifications", "set_notification"];

    fn permission(&self) -> Permission {
        Permission::ViewRecords
    }

    fn subject(&self) -> Subject {
        Subject::Settings
    }
}
