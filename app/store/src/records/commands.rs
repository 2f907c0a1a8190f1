//! Commands on records of every kind.

use crate::{
    StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::Change,
    records::settle::settle,
    records::{create, delete, edit, restore},
};
use domain::RecordCommand;

impl Apply for RecordCommand {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::Create { kind, id, set } => {
                let set = settle(tx, *kind, *id, set, &mut context.also).await?;
                create(tx, *kind, *id, &set).await
            }
            Self::Edit { kind, id, set } => {
                let set = settle(tx, *kind, *id, set, &mut context.also).await?;
                edit(tx, *kind, *id, &set, context.base).await
            }
            Self::Delete { kind, id } => delete(tx, *kind, *id, context.base).await,
            Self::Restore { kind, id } => restore(tx, *kind, *id).await,
        }
    }
}
