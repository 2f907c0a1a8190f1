//! Typed ids. All are UUIDv7 made by whoever creates the thing, so an offline draft already has its final id.

use crate::EntityKind;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $((#[$field:meta]))?),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name($(#[$field])? pub Uuid);

        impl $name {
            /// A fresh id, ordered by time.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A tenant: the people and records of one team, or of one person.
    WorkspaceId,
    /// Somebody who signs in.
    UserId,
    /// A person's place in a workspace; a placeholder until somebody joins as them.
    MemberId,
    TeamId,
    ContactId,
    CompanyId,
    DealId,
    PipelineId,
    StageId,
    ProductId,
    /// One sending of a command; also its idempotency key. Read from outside, it may not be one of those that the server makes
    /// from names (UUID version 5), for batches of an import and for idempotency keys of the API.
    CommandId(#[serde(deserialize_with = "unreserved")]),
    EventId,
    ImportId,
}

/// Typed id of a record; the type determines the kind. Slices implement it.
pub trait RecordId: Copy + Into<Uuid> {
    const KIND: EntityKind;
}

/// A browser that sent a reserved id could take the place of a command that is still to come.
fn unreserved<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Uuid, D::Error> {
    let id = Uuid::deserialize(from)?;
    match id.get_version_num() {
        5 => Err(serde::de::Error::custom("ids of commands are UUIDs of version 4 or 7")),
        _ => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_the_server_makes_are_not_read_from_outside() {
        let text = |id: Uuid| format!("\"{id}\"");
        assert!(serde_json::from_str::<CommandId>(&text(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"x"))).is_err());
        assert!(serde_json::from_str::<CommandId>(&text(Uuid::now_v7())).is_ok());
        assert!(serde_json::from_str::<EventId>(&text(Uuid::new_v5(&Uuid::NAMESPACE_URL, b"x"))).is_ok());
    }
}
