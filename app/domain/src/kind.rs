//! The kinds of record: one line for each slice that has one.

use serde::{Deserialize, Serialize};

/// All kinds, each with the constant of its slice that describes it: `kinds!(then)` calls the macro `then` with the list. Only
/// names stand here, so that a slice may refer to other kinds without a circle of imports.
macro_rules! kinds {
    ($then:ident) => {
        $then! {
            Contact: contacts::KIND,
            Company: companies::KIND,
            Deal: deals::KIND,
            Product: products::KIND,
            Pipeline: pipelines::PIPELINE,
            Stage: pipelines::STAGE,
            Team: members::TEAM,
            Member: members::MEMBER,
            Interaction: interactions::KIND,
            Task: tasks::KIND,
            Note: notes::KIND,
            Tag: tags::KIND,
            View: views::KIND,
        }
    };
}
pub(crate) use kinds;

macro_rules! declare {
    ($($kind:ident: $slice:ident::$spec:ident,)*) => {
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
