//! What all records have in common: a kind, an id, a version, fields.

use crate::{
    EntityKind, FieldMap, Permission, Subject,
    commands::{SliceCommand, SliceInternal},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A whole record as it travels to pages and through REST.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub kind: EntityKind,
    pub id: Uuid,
    /// Rises by one with every change; send it back as `base_version` (REST: `If-Match`).
    pub version: i64,
    pub title: String,
    pub fields: FieldMap,
    /// Names of the records that reference fields point at.
    pub labels: BTreeMap<Uuid, String>,
    /// Columns of an import that have no field here.
    pub imported: FieldMap,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Record {
    /// A field as plain text for an input or a table cell; empty when unset.
    pub fn text(&self, key: &str) -> String {
        plain(self.fields.get(key))
    }

    /// The title by the values of its fields, which a local change may have set since the title was read.
    pub fn current_title(&self) -> String {
        match self.kind.spec().title_fields {
            [] => self.title.clone(),
            keys => keys.iter().map(|key| self.text(key)).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
        }
    }

    /// The title after a field is set, where it consists of several fields.
    pub fn title_after(&self, key: &str, new: &serde_json::Value) -> Option<String> {
        let keys = self.kind.spec().title_fields;
        (keys.len() > 1 && keys.contains(&key)).then(|| {
            let mut after = self.clone();
            after.fields.insert(key.into(), new.clone());
            after.current_title()
        })
    }

    /// The record that a reference field refers to, with its name.
    pub fn reference(&self, key: &str) -> Option<(Uuid, String)> {
        let id = self.fields.get(key)?.as_str()?.parse().ok()?;
        Some((id, self.labels.get(&id)?.clone()))
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        let id = self.fields.get(key)?.as_str()?.parse().ok()?;
        self.labels.get(&id).map(String::as_str)
    }
}

/// Plain text of a JSON field value.
pub fn plain(value: Option<&serde_json::Value>) -> String {
    match value {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(s)) => s.clone(),
        Some(serde_json::Value::Array(a)) => {
            a.iter().map(|v| v.get("value").map_or_else(|| plain(Some(v)), |inner| plain(Some(inner)))).collect::<Vec<_>>().join(", ")
        }
        Some(serde_json::Value::Bool(b)) => if *b { "yes" } else { "no" }.into(),
        Some(other) => other.to_string(),
    }
}

/// Commands on records of every kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordCommand {
    /// Creates a record under an id chosen by the caller.
    Create {
        kind: EntityKind,
        id: Uuid,
        set: FieldMap,
    },
    /// Sets fields; the others do not change. `null` empties a field.
    Edit {
        kind: EntityKind,
        id: Uuid,
        set: FieldMap,
    },
    /// Moves a record to the bin, from where it can be restored for 30 days.
    Delete {
        kind: EntityKind,
        id: Uuid,
    },
    Restore {
        kind: EntityKind,
        id: Uuid,
    },
}

impl SliceCommand for RecordCommand {
    const NAMES: &'static [&'static str] = &["create", "edit", "delete", "restore"];

    fn permission(&self) -> Permission {
        match self {
            Self::Create { kind, .. } | Self::Edit { kind, .. } => kind.edit_permission(),
            Self::Delete { kind, .. } | Self::Restore { kind, .. } => kind.delete_permission(),
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Create { kind, id, .. } | Self::Edit { kind, id, .. } | Self::Delete { kind, id } | Self::Restore { kind, id } => {
                Subject::Record(*kind, *id)
            }
        }
    }

    /// A field edit without a base version would overwrite changes that the sender has not seen.
    fn needs_base_version(&self) -> bool {
        matches!(self, Self::Edit { .. })
    }
}

/// Internal commands on records of every kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum RecordInternal {
    /// Restores a record's visibility after it was narrowed, for an admin who can no longer see the record.
    Widen { kind: EntityKind, id: Uuid, visibility: String },
}

impl SliceInternal for RecordInternal {
    const NAMES: &'static [&'static str] = &["widen"];

    fn permission(&self) -> Permission {
        Permission::Oversee
    }
}
