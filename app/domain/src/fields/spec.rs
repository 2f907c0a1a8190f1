//! What a field is: its names, what it holds, what an empty value of it is stored as.

use crate::EntityKind;

/// What a field holds, and so how it is checked, edited and stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldKind {
    /// One line of at most so many characters.
    Text(usize),
    /// Several lines.
    LongText(usize),
    /// An absolute http(s) address.
    Url,
    Email,
    Int {
        min: i64,
        max: i64,
    },
    /// Decimal in major units of the record's `currency`; stored as minor units.
    Money,
    Currency,
    /// A day, in the zone of the person.
    Date,
    /// A time of day, `HH:MM`, in the zone of the person.
    Time,
    /// A moment on the clock of the person, `YYYY-MM-DDTHH:MM`, in their zone.
    LocalTime,
    /// A moment (RFC 3339).
    Instant,
    /// A rule of repetition (RFC 5545 RRULE).
    Recurrence,
    /// An IANA zone, such as Europe/Berlin.
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
    /// Names of tags; unknown ones are made (C-27).
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

    /// The words for a code of this field's choices or suggestions; none for what somebody typed of their own.
    pub fn words(&self, code: &str) -> Option<&'static str> {
        match self {
            Self::Choice(all) | Self::Suggest(all) => all.iter().find(|c| c.0 == code).map(|c| c.1),
            _ => None,
        }
    }

    /// Typed as a number, so written as the language of the reader writes numbers.
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
    /// What people call it.
    pub label: &'static str,
    pub kind: FieldKind,
    pub required: bool,
    /// Shown in the short create form.
    pub quick: bool,
    /// May be set when the record is made, and only by a command of its own later (a deal's stage).
    pub create_only: bool,
    /// What an empty value is stored as.
    pub default: DefaultValue,
}

/// What an empty value of a field is stored as.
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
        Self { key, column, label, kind, required: false, quick: false, create_only: false, default: DefaultValue::Null }
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

    /// The code of a choice that the store puts in place of an empty one. Such a field offers no empty choice: it would read as
    /// "nothing" and mean something, as "everyone" where a record is private.
    pub fn when_empty(&self) -> Option<&'static str> {
        match (self.kind, self.default) {
            (FieldKind::Choice(_), DefaultValue::Text(code)) => Some(code),
            (FieldKind::Bool, DefaultValue::No) => Some("no"),
            _ => None,
        }
    }
}
