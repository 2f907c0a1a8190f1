//! How files with records of a kind are read; each slice declares its own ([`EntityKind::import`]).

use super::{MappedRow, target};
use crate::EntityKind;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// By what a row is recognised as a record that exists, where it has no id of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The e-mail address, else name and company.
    EmailOrName,
    /// The e-mail address in the column `email`, else the same row of the same file.
    Email,
    Name,
    /// The name, without regard to case, spaces and punctuation.
    LooseName,
    /// The same row, whatever it says.
    Row,
}

/// Header words of a target, in squashed form ([`super::squash`]), most specific first.
pub type HeaderWords = &'static [(&'static str, &'static [&'static str])];

/// Import of one kind.
#[derive(Debug)]
pub struct ImportSpec {
    /// Plural, as the wizard offers it.
    pub label: &'static str,
    /// Targets that are no field, with their labels.
    pub special: &'static [(&'static str, &'static str)],
    pub identity: Identity,
    /// Header words of which one must occur for the kind to be recognised; empty: none must.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) only_with: &'static [&'static str],
    // Only the server reads files. In the browser these would be part of the first wasm file.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) words: HeaderWords,
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) complete: fn(&mut MappedRow),
}

impl ImportSpec {
    pub const fn new(label: &'static str, identity: Identity) -> Self {
        Self {
            label,
            special: &[],
            identity,
            #[cfg(not(target_arch = "wasm32"))]
            only_with: &[],
            #[cfg(not(target_arch = "wasm32"))]
            words: &[],
            #[cfg(not(target_arch = "wasm32"))]
            complete: |_| {},
        }
    }

    pub const fn special(self, targets: &'static [(&'static str, &'static str)]) -> Self {
        Self { special: targets, ..self }
    }

    /// Header synonyms of each target, most specific first.
    #[cfg_attr(target_arch = "wasm32", expect(unused_variables, reason = "only the server reads files"))]
    pub const fn headers(self, words: HeaderWords) -> Self {
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            words,
            ..self
        }
    }

    /// Recognised only by one of these header words, for a kind whose other columns are those of another kind.
    #[cfg_attr(target_arch = "wasm32", expect(unused_variables, reason = "only the server reads files"))]
    pub const fn only_with(self, words: &'static [&'static str]) -> Self {
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            only_with: words,
            ..self
        }
    }

    /// Fills in a required field that the row lacks.
    #[cfg_attr(target_arch = "wasm32", expect(unused_variables, reason = "only the server reads files"))]
    pub const fn complete(self, fill: fn(&mut MappedRow)) -> Self {
        Self {
            #[cfg(not(target_arch = "wasm32"))]
            complete: fill,
            ..self
        }
    }
}

/// What a file holds, one record a row: a kind that declares an import. Its code is the kind's plural.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImportKind(EntityKind);

impl ImportKind {
    /// In the order of the kinds.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        EntityKind::ALL.into_iter().filter(|k| k.import().is_some()).map(Self)
    }

    pub fn of(kind: EntityKind) -> Option<Self> {
        kind.import().map(|_| Self(kind))
    }

    pub fn entity(self) -> EntityKind {
        self.0
    }

    pub fn spec(self) -> &'static ImportSpec {
        const NONE: &ImportSpec = &ImportSpec::new("", Identity::Row);
        self.0.import().unwrap_or(NONE)
    }

    pub fn code(self) -> &'static str {
        self.0.plural()
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|k| k.code() == code)
    }

    pub fn label(self) -> &'static str {
        self.spec().label
    }

    /// Whether rows name records of other files: those files come first.
    pub fn names_others(self) -> bool {
        self.spec().special.iter().any(|s| s.0 == target::PRODUCT)
    }
}

/// The first kind, which most files hold.
impl Default for ImportKind {
    fn default() -> Self {
        Self(EntityKind::ALL[0])
    }
}

impl Serialize for ImportKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for ImportKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| D::Error::custom(format!("no import of “{code}”")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ImportKind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImportKind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": Self::all().map(Self::code).collect::<Vec<_>>()})
    }
}
