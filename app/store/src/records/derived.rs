//! Derived data: everything that follows from a change of a record and is never written by hand. Undo recomputes it like every other
//! change.

use crate::{
    StoreError, TenantTx,
    records::hooks,
    records::rows::{self, NewRow, Transition, Written},
    records::visibility_cascade,
};
use domain::{EntityKind, EventId};

/// Updates what depends on records of a kind after a change of one row, or of a batch.
pub(crate) async fn follow(tx: &mut TenantTx, event: EventId, kind: EntityKind, rows: &[Transition<'_>]) -> Result<(), StoreError> {
    for row in rows {
        if let (Some(before), Some(after)) = (row.before, row.after) {
            visibility_cascade::follow(tx, event, kind, before, after).await?;
        }
    }
    hooks::follow(tx, kind, event, rows).await
}

/// Inserts records of the server's own making with everything that follows from them.
pub(crate) async fn insert(tx: &mut TenantTx, event: EventId, kind: EntityKind, new: &[NewRow]) -> Result<(), StoreError> {
    let written = rows::insert(tx, None, kind, new, hooks::follows_creation(kind)).await?;
    let created: Vec<Transition> = written.iter().map(|w| Transition { before: None, after: Some(&w.row) }).collect();
    follow(tx, event, kind, &created).await
}

/// Inserts a record under the id that a client chose, with everything that follows from it; `None`: the id is in use.
pub(crate) async fn insert_chosen(tx: &mut TenantTx, event: EventId, kind: EntityKind, new: NewRow) -> Result<Option<Written>, StoreError> {
    let Some(written) = rows::insert_chosen(tx, event, kind, new).await? else { return Ok(None) };
    follow(tx, event, kind, &[Transition { before: None, after: Some(&written.row) }]).await?;
    Ok(Some(written))
}
