//! Whether a member may own records.

use crate::{StoreError, TenantTx};
use domain::{EntityKind, MemberId};

/// Whether records may be given to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Active membership, locked against removal until the transaction ends.
    Active,
    /// Member without an account, from an import.
    Placeholder,
    Left,
}

/// How a member stands; an active one is held.
pub(crate) async fn standing(tx: &mut TenantTx, member: MemberId) -> Result<Standing, StoreError> {
    let word: String = sqlx::query_scalar("select hold_owner($1)").bind(member).fetch_one(tx.conn()).await?;
    Ok(match word.as_str() {
        "active" => Standing::Active,
        "placeholder" => Standing::Placeholder,
        _ => Standing::Left,
    })
}

/// Condition for a choice among records of a kind: former members own nothing.
pub(crate) fn chosen(kind: EntityKind) -> &'static str {
    if kind == EntityKind::Member { " and left_at is null" } else { "" }
}
