//! Interactions: a contact's last contact follows from them.

use crate::{
    StoreError, TenantTx,
    listing::{Listing, Order},
    records::hook::Hooks,
    records::rows::Transition,
};
use domain::{
    EntityKind, EventId, Invalid,
    fields::{Assignment, FieldValue},
};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) const LISTING: Listing = Listing {
    kind: EntityKind::Interaction,
    order: Order::newest("t.occurred_at"),
    flagged_order: None,
    flag: ("t.status = 'done'", "t.status = 'planned'"),
    day: None,
};

pub(crate) struct Interactions;

impl Hooks for Interactions {
    const FOLLOWS_CREATION: bool = true;

    async fn derive(_tx: &mut TenantTx, new: bool, set: &mut Vec<Assignment>) -> Result<(), StoreError> {
        match set.iter().find(|a| !new && a.spec.key == "date" && a.value == FieldValue::Null) {
            Some(date) => Err(Invalid::one(date.spec.key, "required", format!("{} is needed", date.spec.label)).into()),
            None => Ok(()),
        }
    }

    /// INT-01: the date of the latest interaction that took place and is not in the future.
    async fn follow(tx: &mut TenantTx, _event: EventId, rows: &[Transition<'_>]) -> Result<(), StoreError> {
        let sides = rows.iter().flat_map(|r| [r.before, r.after]).flatten();
        let contacts: BTreeSet<Uuid> = sides.filter_map(|r| r.get("contact_id").and_then(Value::as_str)?.parse().ok()).collect();
        if contacts.is_empty() {
            return Ok(());
        }
        sqlx::query("select update_last_contacted($1)").bind(contacts.into_iter().collect::<Vec<_>>()).execute(tx.conn()).await?;
        Ok(())
    }
}
