//! What generic code asks of a kind of record, declared once by the slice.

use crate::Permission;

/// One kind of record.
#[derive(Debug)]
pub struct KindSpec {
    /// Singular, lower case: the code in events and in JSON.
    pub noun: &'static str,
    /// Plural: the table, and the word in REST paths.
    pub plural: &'static str,
    /// Column (or generated column) that names a record to people.
    pub title: &'static str,
    /// Permission to create and edit its records.
    pub edit: Permission,
    /// Permission to delete and restore them.
    pub delete: Permission,
    /// Prefix of the addresses of its records; `None`: `/settings/{plural}`.
    pub records_at: Option<&'static str>,
    /// The page that lists its records.
    pub listed_at: &'static str,
    /// Name in the sprite.
    pub icon: &'static str,
    /// Its records tell of what was done or is to be done about records of other kinds, and appear on their pages.
    pub activity: bool,
    /// The purge of the bin leaves its records: the history of others names them.
    pub stays: bool,
    /// A member who becomes its owner, or is no longer, is notified.
    pub assigned: bool,
}

impl KindSpec {
    /// A record of daily work: edited and deleted with the permissions for records.
    pub const fn record(noun: &'static str, plural: &'static str) -> Self {
        Self {
            noun,
            plural,
            title: "title",
            edit: Permission::EditRecords,
            delete: Permission::DeleteRecords,
            records_at: None,
            listed_at: crate::paths::SETTINGS,
            icon: "person",
            activity: false,
            stays: false,
            assigned: false,
        }
    }

    /// A record of the workspace's setup, on a page below the settings.
    pub const fn setup(noun: &'static str, plural: &'static str, edit: Permission) -> Self {
        Self { title: "name", edit, delete: edit, ..Self::record(noun, plural) }
    }

    pub const fn title(mut self, column: &'static str) -> Self {
        self.title = column;
        self
    }

    pub const fn at(mut self, records: &'static str) -> Self {
        self.records_at = Some(records);
        self.listed_at = records;
        self
    }

    pub const fn listed_at(mut self, page: &'static str) -> Self {
        self.listed_at = page;
        self
    }

    pub const fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }

    pub const fn activity(mut self) -> Self {
        self.activity = true;
        self
    }

    pub const fn stays(mut self) -> Self {
        self.stays = true;
        self
    }

    pub const fn assigned(mut self) -> Self {
        self.assigned = true;
        self
    }
}
