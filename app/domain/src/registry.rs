//! Registry: maps each kind to the constants of its slice.

use crate::{
    FieldKind, FieldSpec, Permission,
    imports::ImportSpec,
    kind::{EntityKind, kinds},
    kind_spec::KindSpec,
};

macro_rules! import_of {
    ($slice:ident) => {
        None
    };
    ($slice:ident $import:ident) => {
        Some(&crate::$slice::$import)
    };
}

macro_rules! specs {
    ($($kind:ident: $slice:ident($spec:ident, $fields:ident $(, $import:ident)?),)*) => {
        impl EntityKind {
            pub const fn spec(self) -> &'static KindSpec {
                match self {
                    $(Self::$kind => &crate::$slice::$spec,)*
                }
            }

            /// Separate from the spec: every page needs nouns and paths, whereas labels and choices load lazily with the pages that
            /// use them.
            pub fn fields(self) -> &'static [FieldSpec] {
                match self {
                    $(Self::$kind => crate::$slice::$fields,)*
                }
            }

            /// How files with its records are read; `None`: no file has them.
            pub fn import(self) -> Option<&'static ImportSpec> {
                match self {
                    $(Self::$kind => import_of!($slice $($import)?),)*
                }
            }
        }
    };
}
kinds!(specs);

impl EntityKind {
    pub fn field(self, key: &str) -> Option<&'static FieldSpec> {
        self.fields().iter().find(|f| f.key == key)
    }

    /// The kind of record that an editor of the field offers to choose from.
    pub fn picked_for(self, key: &str) -> Option<Self> {
        self.field(key)?.kind.picked()
    }

    /// Singular, lower case: also the code in events and JSON.
    pub fn noun(self) -> &'static str {
        self.spec().noun
    }

    /// Plural: the table, and the word in REST paths.
    pub fn plural(self) -> &'static str {
        self.spec().plural
    }

    pub fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.noun() == noun)
    }

    pub fn from_plural(plural: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.plural() == plural)
    }

    /// Column (or generated column) with the title of a record.
    pub fn title_column(self) -> &'static str {
        self.spec().title
    }

    /// Whether records have an owner and a visibility, which the row-level security policy checks.
    pub fn is_owned(self) -> bool {
        self.field("visibility").is_some()
    }

    /// Whether records can be tagged.
    pub fn is_tagged(self) -> bool {
        self.fields().iter().any(|f| f.kind == FieldKind::Tags)
    }

    /// Whether its records are activities: interactions, tasks, notes.
    pub fn is_activity(self) -> bool {
        self.spec().activity
    }

    /// Whether activities are logged about its records.
    pub fn has_activities(self) -> bool {
        self.spec().is_subject() && Self::ALL.into_iter().any(|k| k.is_activity() && k.refers_to(self))
    }

    /// Whether a field of this kind refers to records of `other`.
    pub fn refers_to(self, other: Self) -> bool {
        self.fields().iter().any(|f| f.kind.target() == Some(other))
    }

    /// Topological order: referencing kinds before referenced ones. A cycle starts with the kind declared first.
    pub fn referrers_first() -> Vec<Self> {
        let mut left = Self::ALL.to_vec();
        let mut sorted = Vec::new();
        while !left.is_empty() {
            let free = left.iter().position(|k| !left.iter().any(|other| other != k && other.refers_to(*k)));
            sorted.push(left.remove(free.unwrap_or(0)));
        }
        sorted
    }

    pub fn edit_permission(self) -> Permission {
        self.spec().edit
    }

    pub fn delete_permission(self) -> Permission {
        self.spec().delete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::DefaultValue;

    #[test]
    fn defaults_are_values_of_their_fields() {
        let mut choices = 0;
        for kind in EntityKind::ALL {
            for spec in kind.fields() {
                let fits = match (spec.default, spec.kind) {
                    (DefaultValue::Null, _) | (DefaultValue::Text(""), FieldKind::Text(_)) => true,
                    (DefaultValue::Text(code), FieldKind::Choice(_)) => spec.kind.words(code).is_some(),
                    (DefaultValue::Int(n), FieldKind::Int { min, max }) => (min..=max).contains(&n),
                    (DefaultValue::No, FieldKind::Bool) | (DefaultValue::HomeCurrency, FieldKind::Currency) => true,
                    _ => false,
                };
                assert!(fits, "{} {}", kind.noun(), spec.key);
                choices += usize::from(spec.when_empty().is_some());
            }
        }
        // Visibility of the owned kinds, and others by name.
        assert!(choices > EntityKind::ALL.into_iter().filter(|k| k.is_owned()).count() + 10);
    }

    #[test]
    fn specs_name_fields_that_exist() {
        for kind in EntityKind::ALL {
            for key in kind.spec().title_fields {
                assert!(kind.field(key).is_some(), "{}: {key}", kind.noun());
            }
            if let Some(key) = kind.spec().within {
                assert!(kind.field(key).is_some_and(|f| f.kind.target().is_some()), "{}: {key}", kind.noun());
            }
        }
        let labelled = EntityKind::ALL.into_iter().filter(|k| k.is_activity() && k.spec().label.is_empty());
        // These are called by their type, which is required.
        assert!(labelled.into_iter().all(|k| k.field("type").is_some_and(|f| f.required)));
    }

    #[test]
    fn nouns_plurals_and_tables_are_unique() {
        for kind in EntityKind::ALL {
            assert_eq!(EntityKind::from_noun(kind.noun()), Some(kind));
            assert_eq!(EntityKind::from_plural(kind.plural()), Some(kind));
            assert_eq!(serde_json::to_value(kind).ok(), Some(serde_json::Value::from(kind.noun())), "the code on the wire is the noun");
        }
    }

    #[test]
    fn what_refers_to_others_comes_first() {
        let sorted = EntityKind::referrers_first();
        let at = |kind: EntityKind| sorted.iter().position(|k| *k == kind);
        for kind in EntityKind::ALL {
            for other in EntityKind::ALL.into_iter().filter(|o| *o != kind && kind.refers_to(*o) && !o.refers_to(kind)) {
                assert!(at(kind) < at(other), "{} refers to {}", kind.noun(), other.noun());
            }
        }
        assert_eq!(sorted.len(), EntityKind::ALL.len());
    }

    #[test]
    fn activities_are_about_people_companies_deals_and_no_setup() {
        let about: Vec<&str> = EntityKind::ALL.into_iter().filter(|k| k.has_activities()).map(EntityKind::noun).collect();
        assert_eq!(about, ["contact", "company", "deal"]);
    }
}
