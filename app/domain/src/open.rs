//! Values that a command leaves open: what they are is known when it is carried out.

use crate::EntityKind;
use serde_json::{Value, json};

/// The moment at which a command is carried out, as the value of a moment.
pub const NOW: &str = "now";

/// A reference by the name of what it refers to, for the store to find or make (SPEC C-03).
pub fn by_name(name: &str) -> Value {
    json!({"name": name})
}

/// The name in a value made by [`by_name`].
pub fn named(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("name")?.as_str().filter(|name| !name.trim().is_empty())
}

/// The code that the store puts in place of an empty choice (`empty_as` there). Such a field offers no empty choice: it would
/// read as "nothing" and mean something, as "everyone" where a record is private.
pub fn when_empty(kind: EntityKind, key: &str) -> Option<&'static str> {
    Some(match (kind, key) {
        (_, "visibility") => "workspace",
        (EntityKind::Interaction, "status") => "done",
        (EntityKind::Contact, "status") => "active",
        (EntityKind::Note, "type") => "general",
        (EntityKind::Task, "type") => "todo",
        (EntityKind::Task, "priority") => "medium",
        (EntityKind::Tag, "color") => "grey",
        (EntityKind::Pipeline, "kind") => "sales",
        (EntityKind::Stage, "outcome") => "open",
        (EntityKind::Note, "pinned") | (EntityKind::Interaction, "followUpRequired") | (EntityKind::Contact, "isPrimaryContact") => "no",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldKind;

    #[test]
    fn what_stands_for_an_empty_choice_is_one_of_its_choices() {
        let mut fields = 0;
        for kind in EntityKind::ALL {
            for spec in kind.fields() {
                let Some(code) = when_empty(kind, spec.key) else { continue };
                fields += 1;
                match spec.kind {
                    FieldKind::Choice(_) => assert!(spec.kind.words(code).is_some(), "{} {}", kind.noun(), spec.key),
                    FieldKind::Bool => assert_eq!(code, "no"),
                    other => panic!("{} {}: {other:?}", kind.noun(), spec.key),
                }
            }
        }
        // Six kinds are for everybody, or for fewer; and the ten others by name.
        assert_eq!(fields, EntityKind::ALL.into_iter().filter(|k| k.is_owned()).count() + 11);
    }
}
