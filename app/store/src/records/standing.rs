//! Whether a member can own records.

use crate::{StoreError, TenantTx};
use domain::{EntityKind, MemberId};

/// Whether records can be assigned to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Active membership, locked against removal until the transaction ends.
    Active,
    /// Member without an account, from an import.
    Placeholder,
    Left,
}

/// Standing of a member; locks an active membership until the transaction ends.
pub(crate) async fn standing(tx: &mut TenantTx, member: MemberId) -> Result<Standing, StoreError> {
    let word: String = sqlx::query_scalar("select hold_owner($1)").bind(member).fetch_one(tx.conn()).await?;
    Ok(match word.as_str() {
        "active" => Standing::Active,
        "placeholder" => Standing::Placeholder,
        _ => Standing::Left,
    })
}

/// SQL condition for pickers: former members cannot be chosen.
pub(crate) fn chosen(kind: EntityKind) -> &'static str {
    if kind == EntityKind::Member { " and left_at is null" } else { "" }
}
