//! The REST resource of a kind.

use super::{
    Answer, RESOURCES, page_of,
    parameters::ONE_PAGE,
    resource::{Asked, Resource},
};
use domain::EntityKind;
use store::TenantTx;

/// Setup records: short lists of whole records, without pagination.
const SETUP: &Resource = &Resource::new(None, &[ONE_PAGE], |tx, asked| Box::pin(list(tx, asked)));

/// The resource of a kind.
pub fn of(kind: EntityKind) -> &'static Resource {
    RESOURCES.iter().find(|r| r.kind == Some(kind)).unwrap_or(SETUP)
}

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let records = asked.at_most(store::simple_list(tx, asked.kind).await?);
    Ok(page_of(records.iter().map(|r| asked.resource.json(r)).collect::<Vec<_>>(), None))
}
