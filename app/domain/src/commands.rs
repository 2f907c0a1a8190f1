//! The single door for writes: every change of business data is a [`Command`] in an [`Envelope`](crate::Envelope). Each slice
//! declares its own commands; the lists below join them.

use crate::{Permission, Subject};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// Commands of one slice, tagged in JSON with `"do"`.
pub trait SliceCommand: Serialize {
    /// Values of `"do"`, in the order of the variants.
    const NAMES: &'static [&'static str];

    fn permission(&self) -> Permission;

    fn subject(&self) -> Subject;

    /// Whether the envelope must name the version that the sender has seen.
    fn needs_base_version(&self) -> bool {
        false
    }

    /// Whether the sender must have confirmed their password recently.
    fn needs_confirmation(&self) -> bool {
        false
    }
}

/// Commands of one slice that only the store issues: inverses, and steps of larger operations. No request deserialises into them,
/// because they restore past state or transfer ownership.
pub trait SliceInternal: Serialize {
    /// Values of `"do"`, in the order of the variants.
    const NAMES: &'static [&'static str];

    fn permission(&self) -> Permission;
}

/// All slices with commands: `slice_commands!(then)` calls the macro `then` with the list.
#[macro_export]
macro_rules! slice_commands {
    ($then:ident) => {
        $then! {
            Records: records::RecordCommand,
            Deals: deals::DealCommand,
            Leads: leads::LeadCommand,
            Pipelines: pipelines::PipelineCommand,
            Today: today::TodayCommand,
            Tags: tags::TagCommand,
            Notifications: notifications::NotificationCommand,
            Shares: shares::ShareCommand,
            Imports: imports::ImportCommand,
        }
    };
}

/// All slices with internal commands.
#[macro_export]
macro_rules! slice_internals {
    ($then:ident) => {
        $then! {
            Records: records::RecordInternal,
            Deals: deals::DealInternal,
            Leads: leads::LeadInternal,
            Pipelines: pipelines::PipelineInternal,
            Tags: tags::TagInternal,
            Members: members::MemberInternal,
            Imports: imports::ImportInternal,
        }
    };
}

/// Declares the enum that joins the slices' commands. In JSON a slice does not appear: `"do"` alone names a command.
macro_rules! join {
    ($(#[$doc:meta])* $all:ident: $slice_trait:ident { $($slice:ident: $module:ident::$command:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $all {
            $($slice(crate::$module::$command),)*
        }

        impl $all {
            /// Values of `"do"` of all commands.
            pub fn names() -> impl Iterator<Item = &'static str> {
                [$(<crate::$module::$command as $slice_trait>::NAMES),*].into_iter().flatten().copied()
            }

            pub fn permission(&self) -> Permission {
                match self {
                    $(Self::$slice(command) => command.permission(),)*
                }
            }
        }

        impl Serialize for $all {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$slice(command) => command.serialize(serializer),)*
                }
            }
        }

        impl<'de> Deserialize<'de> for $all {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = Value::deserialize(deserializer)?;
                let name = value.get("do").and_then(Value::as_str).unwrap_or_default();
                $(if <crate::$module::$command as $slice_trait>::NAMES.contains(&name) {
                    return serde_json::from_value(value).map(Self::$slice).map_err(D::Error::custom);
                })*
                let names: Vec<&str> = Self::names().collect();
                Err(D::Error::custom(format!("unknown command {name:?}, expected one of {}", names.join(", "))))
            }
        }

        $(impl From<crate::$module::$command> for $all {
            fn from(command: crate::$module::$command) -> Self {
                Self::$slice(command)
            }
        }

        impl From<crate::$module::$command> for Inverse {
            fn from(command: crate::$module::$command) -> Self {
                Self::$all(command.into())
            }
        })*
    };
}

macro_rules! join_commands {
    ($($list:tt)*) => {
        join! {
            /// A change that a member or a program asks for.
            Command: SliceCommand { $($list)* }
        }
    };
}
macro_rules! join_internals {
    ($($list:tt)*) => {
        join! {
            /// A change that only the store issues.
            Internal: SliceInternal { $($list)* }
        }
    };
}
slice_commands!(join_commands);
slice_internals!(join_internals);

macro_rules! delegate {
    ($($slice:ident: $module:ident::$command:ident,)*) => {
        impl Command {
            pub fn subject(&self) -> Subject {
                match self {
                    $(Self::$slice(command) => command.subject(),)*
                }
            }

            /// Whether the envelope must name the version that the sender has seen.
            pub fn needs_base_version(&self) -> bool {
                match self {
                    $(Self::$slice(command) => command.needs_base_version(),)*
                }
            }

            /// Whether the sender must have confirmed their password recently.
            pub fn needs_confirmation(&self) -> bool {
                match self {
                    $(Self::$slice(command) => command.needs_confirmation(),)*
                }
            }
        }
    };
}
slice_commands!(delegate);

/// The inverse of a change, stored with its event and carried out by undo alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Inverse {
    Internal(Internal),
    /// A command that members and programs may send as well.
    Command(Command),
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Envelope;
    use serde_json::json;

    const ID: &str = "01980000-0000-7000-8000-000000000001";

    /// The inverses as they stand in the events of every version so far.
    fn stored() -> Vec<(Value, bool)> {
        let place = json!({"at": "restore", "rank": "a0", "probability": 3, "probability_is_manual": true, "closed_at": "2026-02-03T00:00:00Z", "close_reason": "lost"});
        let open = json!({"at": "restore", "rank": "a0", "probability": 3, "probability_is_manual": false, "closed_at": null, "close_reason": null});
        vec![
            (json!({"do": "move_deal", "deal": ID, "stage": ID, "place": place, "reason": null}), true),
            (json!({"do": "move_deal", "deal": ID, "stage": ID, "place": open, "reason": null}), true),
            (json!({"do": "split_tags", "from": ID, "into": ID, "event": ID}), true),
            (json!({"do": "bring_back_stage", "stage": ID, "into": ID, "event": ID}), true),
            (json!({"do": "hand_over", "from": ID, "to": ID}), true),
            (json!({"do": "redo_import", "import": ID, "event": ID}), true),
            (json!({"do": "widen", "kind": "deal", "id": ID, "visibility": "workspace"}), true),
            (json!({"do": "edit", "kind": "deal", "id": ID, "set": {"title": null, "value": "1.50", "tags": ["a"]}}), false),
            (json!({"do": "delete", "kind": "contact", "id": ID}), false),
            (json!({"do": "restore", "kind": "contact", "id": ID}), false),
            (json!({"do": "order_stages", "pipeline": ID, "stages": [ID]}), false),
            (json!({"do": "replace_stage", "stage": ID, "into": ID}), false),
            (json!({"do": "snooze", "kind": "deal", "id": ID, "until": null}), false),
            (json!({"do": "set_weights", "warmth": 1, "time": 2}), false),
            (json!({"do": "merge_tags", "from": ID, "into": ID}), false),
            (json!({"do": "set_notification", "kind": "mention", "in_app": true, "by_mail": false, "by_push": true}), false),
            (json!({"do": "close_first_steps", "closed": true}), false),
            (json!({"do": "revoke_share", "share": ID}), false),
            (json!({"do": "undo_import", "import": ID}), false),
        ]
    }

    #[test]
    fn stored_inverses_are_read_and_written_as_they_always_were() {
        for (text, inner) in stored() {
            let read: Inverse = serde_json::from_value(text.clone()).unwrap();
            assert_eq!(matches!(read, Inverse::Internal(_)), inner, "{text}");
            assert_eq!(serde_json::to_value(&read).unwrap(), text);
        }
    }

    #[test]
    fn names_are_those_of_the_variants() {
        macro_rules! check {
            ($($slice:ident: $module:ident::$command:ident,)*) => {$(
                let refused = serde_json::from_value::<crate::$module::$command>(json!({"do": "?"})).unwrap_err().to_string();
                let (_, known) = refused.split_once("expected ").unwrap();
                let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
                assert_eq!(known, crate::$module::$command::NAMES, "{}", stringify!($command));
            )*};
        }
        slice_commands!(check);
        slice_internals!(check);
        let mut all: Vec<&str> = Command::names().collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count, "two slices read the same command");
    }

    #[test]
    fn no_request_can_be_read_as_what_only_the_store_says() {
        let envelope = |command: &Value, more: Value| {
            let mut whole = json!({"id": ID, "baseVersion": null, "command": command});
            whole.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
            serde_json::from_value::<Envelope>(whole)
        };
        for (text, inner) in stored() {
            assert_eq!(envelope(&text, json!({})).is_err(), inner, "{text}");
        }
        let plain = json!({"do": "delete", "kind": "contact", "id": ID});
        assert!(envelope(&plain, json!({"occurredAt": null})).is_ok(), "as browsers of earlier versions send it");
        for time in [json!("1999-01-01T00:00:00Z"), json!(0), json!("")] {
            assert!(envelope(&plain, json!({"occurredAt": time})).is_err(), "{time}");
        }
    }
}
