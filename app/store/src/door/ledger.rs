//! The ledger of commands, for what the door does not write in its one statement: what a command made besides its own record,
//! and requests that go past the door and yet are carried out once under their idempotency key.

use crate::{Conflict, StoreError, TenantTx, door::change::Change};
use domain::{CommandId, MemberId};
use serde_json::Value;

/// The event and the live message of what a command made besides its own record. The browser that sent it hears of it like
/// all others: it knows of its own record only.
pub(crate) async fn record_beside(tx: &mut TenantTx, command: CommandId, change: &Change) -> Result<(), StoreError> {
    let (workspace, member, surface) = (tx.workspace(), tx.actor.member, tx.actor.surface.code());
    sqlx::query(
        "with e as (
            insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, changes, inverse, occurred_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now())
        )
        insert into outbox (id, workspace_id, entity, entity_id, version, verb, visible_to, visible_team)
            values ($2, $1, $7, $8, $10, $6, $13, case when $14 then (select team_id from members where workspace_id = $1 and id = $13) end)",
    )
    .bind(workspace)
    .bind(change.event)
    .bind(command)
    .bind(member)
    .bind(surface)
    .bind(change.verb)
    .bind(change.kind.noun())
    .bind(change.id)
    .bind(&change.title)
    .bind(change.version)
    .bind(Value::Object(change.changes.clone()))
    .bind(change.inverse.as_ref().and_then(|c| serde_json::to_value(c).ok()))
    .bind(change.audience.member())
    .bind(change.audience.with_team())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes an idempotency key for something that goes past the door, in the transaction that does it. Answers what was done
/// under it before; nothing: it is the first time. Waits for somebody who is at it under the same key.
pub(crate) async fn claim(tx: &mut TenantTx, command: CommandId, body_hash: &[u8], outcome: Value) -> Result<Option<Value>, StoreError> {
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let first = sqlx::query(
        "insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, $4, $5) on conflict (workspace_id, id) do nothing",
    )
    .bind(workspace)
    .bind(command)
    .bind(member)
    .bind(body_hash)
    .bind(outcome)
    .execute(tx.conn())
    .await?;
    if first.rows_affected() == 1 {
        return Ok(None);
    }
    let (by, hash, outcome): (MemberId, Vec<u8>, Value) =
        sqlx::query_as("select member_id, body_hash, outcome from commands where workspace_id = $1 and id = $2")
            .bind(workspace)
            .bind(command)
            .fetch_one(tx.conn())
            .await?;
    if by != member || hash != body_hash {
        return Err(Conflict::CommandReused.into());
    }
    Ok(Some(outcome))
}
