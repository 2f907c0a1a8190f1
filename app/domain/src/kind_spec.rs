//! Metadata of a kind of record for generic code, declared by its slice.

use crate::Permission;

/// One kind of record.
#[derive(Debug)]
pub struct KindSpec {
    /// Singular, lower case: the code in events and in JSON.
    pub noun: &'static str,
    /// Plural: the table, and the word in REST paths.
    pub plural: &'static str,
    /// Column (or generated column) with the title of a record.
    pub title: &'static str,
    /// Permission to create and edit its records.
    pub edit: Permission,
    /// Permission to delete and restore them.
    pub delete: Permission,
    /// Path prefix of record pages; `None`: `/settings/{plural}`.
    pub records_at: Option<&'static str>,
    /// Whether a record has a page of its own.
    pub page: bool,
    /// Path of the list page.
    pub listed_at: &'static str,
    /// Icon name in the sprite.
    pub icon: &'static str,
    /// Activities (interactions, tasks, notes) refer to other records and appear on their pages.
    pub activity: bool,
    /// Exempt from the purge of the bin: the history of other records names them.
    pub stays: bool,
    /// Fields that members set of the record whose id is their own, whatever their role.
    pub own_fields: &'static [&'static str],
    /// The new and the previous owner are notified of an assignment.
    pub assigned: bool,
}

impl KindSpec {
    /// A record of daily work, with the permissions to edit and delete records.
    pub const fn record(noun: &'static str, plural: &'static str) -> Self {
        Self {
            noun,
            plural,
            title: "title",
            edit: Permission::EditRecords,
            delete: Permission::DeleteRecords,
            records_at: None,
            page: true,
            listed_at: crate::paths::SETTINGS,
            icon: "person",
            activity: false,
            stays: false,
            own_fields: &[],
            assigned: false,
        }
    }

    /// A record of the workspace's configuration, on a page below the settings.
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

    pub const fn without_page(mut self) -> Self {
        self.page = false;
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

    pub const fn own_fields(mut self, keys: &'static [&'static str]) -> Self {
        self.own_fields = keys;
        self
    }

    pub const fn assigned(mut self) -> Self {
        self.assigned = true;
        self
    }
}
