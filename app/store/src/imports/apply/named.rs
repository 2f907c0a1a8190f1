//! Records that a batch creates by their names alone.

use crate::{
    StoreError, TenantTx,
    records::rows::{self, NewRow},
};
use domain::EntityKind;
use uuid::Uuid;

pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

pub(super) async fn insert_named(tx: &mut TenantTx, entity: EntityKind, named: &[(Uuid, String)]) -> Result<(), StoreError> {
    let new = |(id, name): &(Uuid, String)| {
        let mut row = NewRow { id: *id, ..NewRow::default() };
        row.set("name", name.as_str());
        row
    };
    rows::insert(tx, None, entity, &named.iter().map(new).collect::<Vec<_>>(), false).await.map(drop)
}
