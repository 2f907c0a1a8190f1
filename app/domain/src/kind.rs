//! The kinds of record: one line for each slice that has one.

use serde::{Deserialize, Serialize};

/// All kinds, each with its slice and the constants there that describe it, its fields and its import if it has one: `kinds!(then)` calls the macro `then`
/// with the list. It holds names only, so that a slice may refer to other kinds without a circle of imports.
macro_rules! kinds {
    ($then:ident) => {
        $then! {
            Contact: contacts(KIND, FIELDS, IMPORT),
            Company: companies(KIND, FIELDS, IMPORT),
            Deal: deals(KIND, FIELDS, IMPORT),
            Lead: leads(KIND, FIELDS, IMPORT),
            Product: products(KIND, FIELDS, IMPORT),
            Pipeline: pipelines(PIPELINE, PIPELINE_FIELDS),
            Stage: pipelines(STAGE, STAGE_FIELDS),
            Team: members(TEAM, TEAM_FIELDS),
            Member: members(MEMBER, MEMBER_FIELDS, IMPORT),
            Interaction: interactions(KIND, FIELDS),
            Task: tasks(KIND, FIELDS),
            Note: notes(KIND, FIELDS),
            Tag: tags(KIND, FIELDS),
            View: views(KIND, FIELDS),
        }
    };
}
pub(crate) use kinds;

macro_rules! declare {
    ($($kind:ident: $slice:ident($spec:ident, $fields:ident $(, $import:ident)?),)*) => {
        /// The kinds of record that commands create, edit and delete by their fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum EntityKind {
            $($kind,)*
        }

        impl EntityKind {
            pub const ALL: [Self; [$(Self::$kind,)*].len()] = [$(Self::$kind,)*];
        }
    };
}
kinds!(declare);
