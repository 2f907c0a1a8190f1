//! Who may do what beyond what a role says: what is one's own, and what is somebody else's.

use crate::{
    Actor, StoreError, TenantTx,
    keys::{TenantKey, Use},
};
use domain::{
    Command, EntityKind, MemberId, Permission,
    permissions::{OTHERS_AT_ONCE, OTHERS_WITHIN},
};
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// The permission that a command takes of this actor: what is one's own, such as the zone one lives in, needs no right over
/// others.
pub(crate) fn needs(actor: &Actor, command: &Command) -> Permission {
    match command {
        Command::Edit { kind: EntityKind::Member, id, set }
            if *id == actor.member.0 && set.keys().all(|k| domain::members::OWN_FIELDS.contains(&k.as_str())) =>
        {
            Permission::ViewRecords
        }
        command => command.permission(),
    }
}

/// Taking back what others brought takes a role that may; one's own goes with the right to import.
pub(crate) fn refuse_others(tx: &TenantTx, maker: MemberId) -> Result<(), StoreError> {
    match maker == tx.actor.member || tx.actor.role.allows(Permission::TakeBack) {
        true => Ok(()),
        false => Err(StoreError::Forbidden("Only the member who made this import, a manager or an admin can take it back.".into())),
    }
}

/// SQL for "a record `r` of others": its owner is not `$2`, or came to own it by their own hand, which is one step more.
fn of_others(kind: EntityKind) -> String {
    format!(
        "(r.owner_id is distinct from $2 or exists (select from events o where o.workspace_id = r.workspace_id and o.entity = '{}' and o.entity_id = r.id
            and o.verb <> 'created' and o.member_id = $2 and o.changes -> 'ownerId' ->> 'after' = $2::text))",
        kind.noun()
    )
}

/// A member deletes others' records one by one, not in bulk; whoever may take back what others did may.
pub(crate) async fn refuse_sweep(tx: &mut TenantTx, kind: EntityKind, row: &Map<String, Value>) -> Result<(), StoreError> {
    let me = tx.actor.member;
    if !kind.is_owned() || tx.actor.role.allows(Permission::TakeBack) {
        return Ok(());
    }
    let id: Option<Uuid> = row.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let text = format!("select exists (select from {} r where r.workspace_id = $1 and r.id = $3 and {})", kind.plural(), of_others(kind));
    let others: bool = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).bind(me).bind(id).fetch_one(tx.conn()).await?;
    if !others {
        return Ok(());
    }
    // Counted one after the other: many at once would each see room.
    let key = TenantKey::new(tx.workspace(), Use::Deletions, me.0);
    key.wait(tx.conn()).await?;
    let each: Vec<String> = EntityKind::ALL
        .into_iter()
        .filter(|k| k.is_owned())
        .map(|k| {
            format!(
                "(e.entity = '{}' and exists (select from {} r where r.workspace_id = e.workspace_id and r.id = e.entity_id and {}))",
                k.noun(),
                k.plural(),
                of_others(k)
            )
        })
        .collect();
    let text = format!(
        "select count(*) from events e where e.workspace_id = $1 and e.member_id = $2 and e.verb = 'deleted' and e.undone_by is null
            and e.recorded_at > now() - make_interval(mins => $3) and e.id > $4 and ({})",
        each.join(" or ")
    );
    // Ids are UUIDv7, so the primary key finds the last minutes.
    let since = chrono::Utc::now() - chrono::TimeDelta::minutes(OTHERS_WITHIN + 1);
    let oldest = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, since.timestamp().try_into().unwrap_or_default(), 0));
    let deleted: i64 = sqlx::query_scalar(AssertSqlSafe(text))
        .bind(tx.workspace())
        .bind(me)
        .bind(i32::try_from(OTHERS_WITHIN).unwrap_or(i32::MAX))
        .bind(oldest)
        .fetch_one(tx.conn())
        .await?;
    if deleted >= OTHERS_AT_ONCE {
        return Err(StoreError::Forbidden(format!(
            "You deleted {OTHERS_AT_ONCE} records of others within {OTHERS_WITHIN} minutes. Ask a manager or an admin to delete more, or wait a little."
        )));
    }
    Ok(())
}
