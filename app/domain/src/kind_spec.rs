//! Metadata of a kind of record for generic code, declared by its slice.

use crate::Permission;

/// How a record is created from its name alone, while a reference to it is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByName {
    /// Not at all: it needs more than a name.
    Never,
    /// By a command of its own, before it is chosen.
    AtOnce,
    /// Together with the record that names it.
    WithReferrer,
}

/// One kind of record.
#[derive(Debug)]
pub struct KindSpec {
    /// Singular, lower case: the code in events and in JSON.
    pub noun: &'static str,
    /// Plural: the table, and the word in REST paths.
    pub plural: &'static str,
    /// Column (or generated column) with the title of a record.
    pub title: &'static str,
    /// Keys of the fields that the title consists of; empty: the server composes it.
    pub title_fields: &'static [&'static str],
    /// Singular as a button or a list shows it; empty where none does.
    pub label: &'static str,
    /// A number of records as a sentence about an import shows it (`{n} people`); `None`: no import makes them.
    pub counted: Option<&'static str>,
    /// Phrase of the event of its creation.
    pub created: &'static str,
    /// Columns that only commands of its own write, with their keys in REST: part of every read.
    pub read_only: &'static [(&'static str, &'static str)],
    /// Phrases of events with verbs of its own: verb and phrase.
    pub phrases: &'static [(&'static str, &'static str)],
    /// Place and label of its filter in the feed.
    pub feed: Option<(u8, &'static str)>,
    /// Permission to create and edit its records.
    pub edit: Permission,
    /// Permission to delete and restore them.
    pub delete: Permission,
    /// Path prefix of record pages; `None`: `/settings/{plural}`.
    pub records_at: Option<&'static str>,
    /// Path of the list page.
    pub listed_at: &'static str,
    /// Icon name in the sprite.
    pub icon: &'static str,
    /// Activities (interactions, tasks, notes) refer to other records and appear on their pages.
    pub activity: bool,
    /// Record pages list its open records apart from the timeline.
    pub own_list: bool,
    /// Exempt from the purge of the bin: the history of other records names them.
    pub stays: bool,
    /// Fields that members set of the record whose id is their own, whatever their role.
    pub own_fields: &'static [&'static str],
    /// The new and the previous owner are notified of an assignment.
    pub assigned: bool,
    /// Its records are people to get in touch with.
    pub person: bool,
    /// Whether each record has a page that events link to.
    pub has_page: bool,
    /// Whether a picker offers to create a record from the typed name.
    pub by_name: ByName,
    /// Forms take a reference to it as a name, and the store finds or creates the record.
    pub typed_by_name: bool,
    /// Names in imported files are matched by similarity.
    pub named_loosely: bool,
    /// Key of the reference to the record that contains it; choices are ordered by position within that record.
    pub within: Option<&'static str>,
}

impl KindSpec {
    /// A record of daily work, with the permissions to edit and delete records.
    pub const fn record(noun: &'static str, plural: &'static str) -> Self {
        Self {
            noun,
            plural,
            title: "title",
            title_fields: &["title"],
            label: "",
            counted: None,
            created: "added {noun} {title}",
            read_only: &[],
            phrases: &[],
            feed: None,
            edit: Permission::EditRecords,
            delete: Permission::DeleteRecords,
            records_at: None,
            listed_at: crate::paths::SETTINGS,
            icon: "person",
            activity: false,
            own_list: false,
            stays: false,
            own_fields: &[],
            assigned: false,
            person: false,
            has_page: true,
            by_name: ByName::Never,
            typed_by_name: false,
            named_loosely: false,
            within: None,
        }
    }

    /// Whether daily work is about its records, in contrast to activities and configuration.
    pub const fn is_subject(&self) -> bool {
        self.records_at.is_some() && !self.activity
    }

    /// A record of the workspace's configuration, on a page below the settings.
    pub const fn setup(noun: &'static str, plural: &'static str, edit: Permission) -> Self {
        Self { title: "name", title_fields: &["name"], edit, delete: edit, ..Self::record(noun, plural) }
    }

    pub const fn title(mut self, column: &'static str) -> Self {
        self.title = column;
        self
    }

    pub const fn title_fields(mut self, keys: &'static [&'static str]) -> Self {
        self.title_fields = keys;
        self
    }

    pub const fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    pub const fn counted(mut self, words: &'static str) -> Self {
        self.counted = Some(words);
        self
    }

    pub const fn created(mut self, phrase: &'static str) -> Self {
        self.created = phrase;
        self
    }

    pub const fn read_only(mut self, columns: &'static [(&'static str, &'static str)]) -> Self {
        self.read_only = columns;
        self
    }

    pub const fn phrases(mut self, phrases: &'static [(&'static str, &'static str)]) -> Self {
        self.phrases = phrases;
        self
    }

    pub const fn feed(mut self, place: u8, label: &'static str) -> Self {
        self.feed = Some((place, label));
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

    pub const fn own_list(mut self) -> Self {
        self.own_list = true;
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

    pub const fn person(mut self) -> Self {
        self.person = true;
        self
    }

    pub const fn without_page(mut self) -> Self {
        self.has_page = false;
        self
    }

    pub const fn by_name(mut self, how: ByName) -> Self {
        self.by_name = how;
        self
    }

    pub const fn named_loosely(mut self) -> Self {
        self.named_loosely = true;
        self
    }

    pub const fn typed_by_name(mut self) -> Self {
        self.typed_by_name = true;
        self
    }

    pub const fn within(mut self, key: &'static str) -> Self {
        self.within = Some(key);
        self
    }
}
