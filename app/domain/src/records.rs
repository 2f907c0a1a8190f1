//! What all records have in common: a kind, an id, a version, fields.

use crate::{FieldMap, FieldSpec, Permission, companies, contacts, deals, interactions, members, notes, pipelines, products, tags, tasks, views};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The kinds of record that commands create, edit and delete by their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Contact,
    Company,
    Deal,
    Product,
    Pipeline,
    Stage,
    Team,
    Member,
    Interaction,
    Task,
    Note,
    Tag,
    View,
}

impl EntityKind {
    pub const ALL: [Self; 13] = [
        Self::Contact,
        Self::Company,
        Self::Deal,
        Self::Product,
        Self::Pipeline,
        Self::Stage,
        Self::Team,
        Self::Member,
        Self::Interaction,
        Self::Task,
        Self::Note,
        Self::Tag,
        Self::View,
    ];

    pub fn fields(self) -> &'static [FieldSpec] {
        match self {
            Self::Contact => contacts::FIELDS,
            Self::Company => companies::FIELDS,
            Self::Deal => deals::FIELDS,
            Self::Product => products::FIELDS,
            Self::Pipeline => pipelines::PIPELINE_FIELDS,
            Self::Stage => pipelines::STAGE_FIELDS,
            Self::Team => members::TEAM_FIELDS,
            Self::Member => members::MEMBER_FIELDS,
            Self::Interaction => interactions::FIELDS,
            Self::Task => tasks::FIELDS,
            Self::Note => notes::FIELDS,
            Self::Tag => tags::FIELDS,
            Self::View => views::FIELDS,
        }
    }

    pub fn field(self, key: &str) -> Option<&'static FieldSpec> {
        self.fields().iter().find(|f| f.key == key)
    }

    /// Singular, lower case: also the code in events and JSON.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Company => "company",
            Self::Deal => "deal",
            Self::Product => "product",
            Self::Pipeline => "pipeline",
            Self::Stage => "stage",
            Self::Team => "team",
            Self::Member => "member",
            Self::Interaction => "interaction",
            Self::Task => "task",
            Self::Note => "note",
            Self::Tag => "tag",
            Self::View => "view",
        }
    }

    /// Plural: the table, and the word in REST paths.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Company => "companies",
            Self::Deal => "deals",
            Self::Product => "products",
            Self::Pipeline => "pipelines",
            Self::Stage => "stages",
            Self::Team => "teams",
            Self::Member => "members",
            Self::Interaction => "interactions",
            Self::Task => "tasks",
            Self::Note => "notes",
            Self::Tag => "tags",
            Self::View => "views",
        }
    }

    pub fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.noun() == noun)
    }

    pub fn from_plural(plural: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.plural() == plural)
    }

    /// Column (or generated column) that names a record to people.
    pub fn title_column(self) -> &'static str {
        match self {
            Self::Contact => "full_name",
            Self::Deal | Self::Interaction | Self::Task | Self::Note => "title",
            _ => "name",
        }
    }

    /// Whether records of this kind have an owner and a visibility, and so a policy that asks for both.
    pub fn is_owned(self) -> bool {
        self.field("visibility").is_some()
    }

    pub fn edit_permission(self) -> Permission {
        match self {
            Self::Contact | Self::Company | Self::Deal | Self::Interaction | Self::Task | Self::Note | Self::View => Permission::EditRecords,
            Self::Product | Self::Pipeline | Self::Stage | Self::Tag => Permission::EditSetup,
            Self::Team | Self::Member => Permission::ManageMembers,
        }
    }

    pub fn delete_permission(self) -> Permission {
        match self {
            Self::Contact | Self::Company | Self::Deal | Self::Interaction | Self::Task | Self::Note => Permission::DeleteRecords,
            other => other.edit_permission(),
        }
    }
}

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
