//! Implementation of a slice's commands, beside the slice's rules; the door joins them.

use crate::{StoreError, TenantTx, door::change::Change};
use domain::{Command, Internal};

/// Input and output of a command besides the transaction.
#[derive(Default)]
pub(crate) struct Context {
    /// Version of the record that the sender has seen.
    pub base: Option<i64>,
    /// Changes that the command makes besides its own: companies created by name, records of a conversion.
    pub also: Vec<Change>,
}

/// A slice's commands, or its internal ones.
pub(crate) trait Apply {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError>;
}

macro_rules! join {
    ($all:ident { $($slice:ident: $module:ident::$command:ident,)* }) => {
        impl Apply for $all {
            async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
                match self {
                    $(Self::$slice(command) => command.apply(tx, context).await,)*
                }
            }
        }
    };
}
macro_rules! commands {
    ($($list:tt)*) => {
        join! { Command { $($list)* } }
    };
}
macro_rules! internals {
    ($($list:tt)*) => {
        join! { Internal { $($list)* } }
    };
}
domain::slice_commands!(commands);
domain::slice_internals!(internals);
