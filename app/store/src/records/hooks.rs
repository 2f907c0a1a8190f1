//! Registry of the slices that add to the generic writing of records.

use crate::{
    StoreError, TenantTx,
    companies::Companies,
    contacts::Contacts,
    deals::moves::Deals,
    interactions::Interactions,
    leads::Leads,
    members::Members,
    notes::Notes,
    pipelines::{Pipelines, stages::Stages},
    records::hook::Hooks,
    records::rows::{NewRow, Row, Transition},
    searched::Searched,
    tags::Tags,
    tasks::Tasks,
};
use domain::{EntityKind, EventId, fields::Assignment};
use uuid::Uuid;

/// Calls a hook of the kind's slice; kinds without hooks get the default.
macro_rules! hooks {
    ($($kind:ident: $slice:ident,)*) => {
        /// A kind without hooks.
        struct Plain;

        impl Hooks for Plain {}

        /// How records of the kind are found by search; `None`: they are not.
        pub(crate) fn searched(kind: EntityKind) -> Option<&'static Searched> {
            match kind {
                $(EntityKind::$kind => $slice::SEARCHED,)*
                _ => Plain::SEARCHED,
            }
        }

        pub(crate) fn needed(kind: EntityKind) -> Option<(&'static str, &'static str)> {
            match kind {
                $(EntityKind::$kind => $slice::NEEDED,)*
                _ => Plain::NEEDED,
            }
        }

        pub(crate) fn detach(kind: EntityKind) -> &'static [&'static str] {
            match kind {
                $(EntityKind::$kind => $slice::DETACH,)*
                _ => Plain::DETACH,
            }
        }

        pub(crate) fn follows_creation(kind: EntityKind) -> bool {
            match kind {
                $(EntityKind::$kind => $slice::FOLLOWS_CREATION,)*
                _ => Plain::FOLLOWS_CREATION,
            }
        }

        pub(crate) async fn derive(tx: &mut TenantTx, kind: EntityKind, new: bool, set: &mut Vec<Assignment>) -> Result<(), StoreError> {
            match kind {
                $(EntityKind::$kind => $slice::derive(tx, new, set).await,)*
                _ => Plain::derive(tx, new, set).await,
            }
        }

        pub(crate) async fn start(tx: &mut TenantTx, kind: EntityKind, set: &[Assignment], row: &mut NewRow) -> Result<(), StoreError> {
            match kind {
                $(EntityKind::$kind => $slice::start(tx, set, row).await,)*
                _ => Plain::start(tx, set, row).await,
            }
        }

        pub(crate) fn edit(kind: EntityKind, set: &[Assignment], columns: &mut Row) {
            match kind {
                $(EntityKind::$kind => $slice::edit(set, columns),)*
                _ => Plain::edit(set, columns),
            }
        }

        pub(crate) fn verb(kind: EntityKind, before: &Row, after: &Row) -> Option<&'static str> {
            match kind {
                $(EntityKind::$kind => $slice::verb(before, after),)*
                _ => Plain::verb(before, after),
            }
        }

        pub(crate) async fn restore(tx: &mut TenantTx, kind: EntityKind, id: Uuid, row: &Row) -> Result<Row, StoreError> {
            match kind {
                $(EntityKind::$kind => $slice::restore(tx, id, row).await,)*
                _ => Plain::restore(tx, id, row).await,
            }
        }

        pub(crate) async fn follow(tx: &mut TenantTx, kind: EntityKind, event: EventId, rows: &[Transition<'_>]) -> Result<(), StoreError> {
            match kind {
                $(EntityKind::$kind => $slice::follow(tx, event, rows).await,)*
                _ => Plain::follow(tx, event, rows).await,
            }
        }
    };
}

hooks! {
    Contact: Contacts,
    Company: Companies,
    Deal: Deals,
    Lead: Leads,
    Pipeline: Pipelines,
    Stage: Stages,
    Member: Members,
    Interaction: Interactions,
    Task: Tasks,
    Note: Notes,
    Tag: Tags,
}
