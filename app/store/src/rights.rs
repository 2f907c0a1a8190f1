//! Rights beyond the role: a member's own records and settings, and records of others.

use crate::{
    Actor, StoreError, TenantTx,
    keys::{TenantKey, Use},
    visibility,
};
use domain::{
    Command, EntityKind, ImportId, MemberId, Permission, RecordCommand,
    imports::ImportKind,
    permissions::{OTHERS_AT_ONCE, OTHERS_WITHIN},
};
use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// The permission that a command requires of this actor: members set some fields of their own record, such as the time zone,
/// whatever their role.
pub(crate) fn needs(actor: &Actor, command: &Command) -> Permission {
    match command {
        Command::Records(RecordCommand::Edit { kind, id, set })
            if *id == actor.member.0 && set.keys().all(|k| kind.spec().own_fields.contains(&k.as_str())) =>
        {
            Permission::ViewRecords
        }
        command => command.permission(),
    }
}

/// Taking back what others brought takes a role that may; one's own goes with the right to import. `maker` is `import_maker`
/// (migration 0023): what a predecessor in the same place of the workspace brought is another's.
pub(crate) fn refuse_others(tx: &TenantTx, maker: MemberId) -> Result<(), StoreError> {
    match maker == tx.actor.member || tx.actor.role.allows(Permission::TakeBack) {
        true => Ok(()),
        false => Err(StoreError::Forbidden("Only the member who made this import, a manager or an admin can take it back.".into())),
    }
}

/// Importing is no way around the right to make records: products and members are for those who manage them.
pub(crate) async fn refuse_making(tx: &mut TenantTx, import: ImportId) -> Result<(), StoreError> {
    let kind: Option<String> = sqlx::query_scalar("select kind from imports where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(import)
        .fetch_optional(tx.conn())
        .await?;
    let needed = kind.and_then(|k| ImportKind::from_code(&k)).map(|k| k.entity().edit_permission());
    match needed.filter(|p| !tx.actor.role.allows(*p)) {
        Some(needed) => Err(StoreError::Denied(needed)),
        None => Ok(()),
    }
}

/// Whether a record counts as another member's: its owner is not the actor, or the actor is not its rightful owner
/// (`visibility::rightful_owner`).
async fn is_others(tx: &mut TenantTx, kind: EntityKind, id: Uuid, owner: Option<MemberId>) -> Result<bool, StoreError> {
    let me = tx.actor.member;
    Ok(owner != Some(me) || visibility::rightful_owner(tx, kind, id, me).await? != Some(me))
}

/// A member deletes others' records one by one, not in bulk; whoever may take back what others did may.
pub(crate) async fn refuse_sweep(tx: &mut TenantTx, kind: EntityKind, row: &Map<String, Value>) -> Result<(), StoreError> {
    let me = tx.actor.member;
    if !kind.is_owned() || tx.actor.role.allows(Permission::TakeBack) {
        return Ok(());
    }
    let of = |key: &str| row.get(key).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    let (Some(id), owner) = (of("id"), of("owner_id").map(MemberId)) else { return Ok(()) };
    if !is_others(tx, kind, id, owner).await? {
        return Ok(());
    }
    // Counted one after the other: many at once would each see room.
    let key = TenantKey::new(tx.workspace(), Use::Deletions, me.0);
    key.wait(tx.conn()).await?;
    let owners: Vec<String> = EntityKind::ALL
        .into_iter()
        .filter(|k| k.is_owned())
        .map(|k| format!("select '{}' as entity, id, owner_id from {} where workspace_id = $1", k.noun(), k.plural()))
        .collect();
    let text = format!(
        "select e.entity, e.entity_id, r.owner_id from events e left join lateral (
            select o.owner_id from ({}) o where o.entity = e.entity and o.id = e.entity_id) r on true
         where e.workspace_id = $1 and e.member_id = $2 and e.verb = 'deleted' and e.undone_by is null
            and e.recorded_at > now() - make_interval(mins => $3) and e.id > $4
         order by e.id desc limit 500",
        owners.join(" union all ")
    );
    // Ids are UUIDv7, so the primary key finds the last minutes.
    let since = chrono::Utc::now() - chrono::TimeDelta::minutes(OTHERS_WITHIN + 1);
    let oldest = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, since.timestamp().try_into().unwrap_or_default(), 0));
    let lately: Vec<(String, Uuid, Option<MemberId>)> = sqlx::query_as(AssertSqlSafe(text))
        .bind(tx.workspace())
        .bind(me)
        .bind(i32::try_from(OTHERS_WITHIN).unwrap_or(i32::MAX))
        .bind(oldest)
        .fetch_all(tx.conn())
        .await?;
    let mut deleted = 0;
    for (noun, id, owner) in lately {
        let Some(kind) = EntityKind::from_noun(&noun).filter(|k| k.is_owned()) else { continue };
        deleted += i64::from(is_others(tx, kind, id, owner).await?);
        if deleted >= OTHERS_AT_ONCE {
            return Err(StoreError::Forbidden(format!(
                "You deleted {OTHERS_AT_ONCE} records of others within {OTHERS_WITHIN} minutes. Ask a manager or an admin to delete more, or wait a little."
            )));
        }
    }
    Ok(())
}
