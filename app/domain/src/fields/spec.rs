//! The specification of a field: names, type, default.

use crate::EntityKind;

/// Type of a field: decides validation, editor and column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldKind {
    /// One line; maximum length in characters.
    Text(usize),
    /// Several lines; maximum length in characters.
    LongText(usize),
    /// An absolute http(s) address.
    Url,
    Email,
    /// One phone number, with its leading `+` or without (SPEC §2.4).
    Phone,
    Int {
        min: i64,
        max: i64,
    },
    /// Decimal in major units of the record's `currency`; stored as minor units.
    Money,
    Currency,
    /// A date, in the person's time zone.
    Date,
    /// A time of day, `HH:MM`, in the person's time zone.
    Time,
    /// A local date and time, `YYYY-MM-DDTHH:MM`, in the person's time zone.
    LocalTime,
    /// An instant (RFC 3339).
    Instant,
    /// A recurrence rule (RFC 5545 RRULE).
    Recurrence,
    /// An IANA time zone, such as Europe/Berlin.
    TimeZone,
    Bool,
    /// One of these codes.
    Choice(&'static [(&'static str, &'static str)]),
    /// Any of these codes.
    Several(&'static [(&'static str, &'static str)]),
    /// Free text with suggestions.
    Suggest(&'static [(&'static str, &'static str)]),
    /// The id of another record.
    Ref(EntityKind),
    /// Ids of contacts, the first being the main one.
    Contacts,
    /// Short texts.
    List,
    /// Names of tags; unknown ones are created (C-27).
    Tags,
    /// `[{address, kind, primary}]` (SPEC §2.3, §2.4).
    Emails,
    Phones,
}

impl FieldKind {
    /// The kind of record that a value refers to.
    pub fn target(&self) -> Option<EntityKind> {
        match self {
            Self::Ref(target) => Some(*target),
            Self::Contacts => Some(EntityKind::Contact),
            _ => None,
        }
    }

    /// The kind of record that an editor offers to choose from: that of references, and tags.
    pub fn picked(&self) -> Option<EntityKind> {
        if *self == Self::Tags { Some(EntityKind::Tag) } else { self.target() }
    }

    /// Whether forms take the name of the record referred to.
    pub fn is_typed_by_name(&self) -> bool {
        matches!(self, Self::Ref(target) if target.spec().typed_by_name)
    }

    /// Label of a code among the choices or suggestions; `None` for free text.
    pub fn words(&self, code: &str) -> Option<&'static str> {
        match self {
            Self::Choice(all) | Self::Suggest(all) => all.iter().find(|c| c.0 == code).map(|c| c.1),
            _ => None,
        }
    }

    /// Whether the input is numeric, formatted in the reader's locale.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Money | Self::Int { .. })
    }
}

/// One field of one kind of record.
#[derive(Debug, PartialEq)]
pub struct FieldSpec {
    /// JSON and form name, camelCase.
    pub key: &'static str,
    /// Column, snake_case; empty for fields kept in child tables.
    pub column: &'static str,
    /// Label in forms and tables.
    pub label: &'static str,
    pub kind: FieldKind,
    pub required: bool,
    /// Shown in the short create form.
    pub quick: bool,
    /// Set on creation; changed later only by a command of its own (a deal's stage).
    pub create_only: bool,
    /// Stored in place of an empty value.
    pub default: DefaultValue,
    /// What becomes of the record when the record that it refers to is deleted.
    pub on_delete: OnDelete,
}

/// Referential action of a reference field (SPEC C-40).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The reference is cleared when the target is purged.
    Clear,
    /// The record is purged with the target, whatever its visibility.
    Cascade,
    /// The target cannot be deleted.
    Restrict,
}

/// The stored value of an empty field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    Null,
    Text(&'static str),
    Int(i64),
    No,
    /// The workspace's currency.
    HomeCurrency,
}

impl FieldSpec {
    pub const fn new(key: &'static str, column: &'static str, label: &'static str, kind: FieldKind) -> Self {
        Self { key, column, label, kind, required: false, quick: false, create_only: false, default: DefaultValue::Null, on_delete: OnDelete::Clear }
    }

    pub const fn required(mut self) -> Self {
        self.required = true;
        self.quick = true;
        self
    }

    pub const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }

    pub const fn create_only(mut self) -> Self {
        self.create_only = true;
        self
    }

    pub const fn default(mut self, value: DefaultValue) -> Self {
        self.default = value;
        self
    }

    pub const fn on_delete(mut self, action: OnDelete) -> Self {
        self.on_delete = action;
        self
    }

    /// Code stored in place of an empty choice. Such a field offers no empty option: "none" would be misleading, for example
    /// where the default visibility is "everyone".
    pub fn when_empty(&self) -> Option<&'static str> {
        match (self.kind, self.default) {
            (FieldKind::Choice(_), DefaultValue::Text(code)) => Some(code),
            (FieldKind::Bool, DefaultValue::No) => Some("no"),
            _ => None,
        }
    }
}
