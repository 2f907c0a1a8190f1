//! Tags on records: written with the record, shared with it, found by name.

use crate::{StoreError, TenantTx, bypass};
use domain::{
    EntityKind,
    fields::{Assignment, FieldValue},
};
use uuid::Uuid;

/// Writes the tags of a record that has none; unknown ones are created (C-27). A tag created on a restricted record is visible to
/// its readers only, until the same name is put on a record that the workspace sees.
pub(crate) async fn insert(tx: &mut TenantTx, kind: EntityKind, id: Uuid, names: &[String]) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let workspace = tx.workspace();
    // Others' tags of the same name must be found, and a new one before anything carries it.
    let before = bypass::visibility(tx, true).await?;
    let text = format!("select visibility = 'workspace' from {} where workspace_id = $1 and id = $2", kind.plural());
    let openly: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(workspace).bind(id).fetch_one(tx.conn()).await?;
    sqlx::query(
        "insert into tags (workspace_id, id, name, shared) select $1, n.id, n.name, $4 from unnest($2::uuid[], $3::text[]) as n (id, name)
         on conflict (workspace_id, name_key) where deleted_at is null do nothing",
    )
    .bind(workspace)
    .bind(names.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
    .bind(names)
    .bind(openly)
    .execute(tx.conn())
    .await?;
    if openly {
        // As it is written here: how others wrote it for themselves stays theirs.
        sqlx::query(
            "update tags t set shared = true, name = n.name from unnest($2::text[]) as n (name)
             where t.workspace_id = $1 and not t.shared and t.deleted_at is null and t.name_key = lower(btrim(n.name))",
        )
        .bind(workspace)
        .bind(names)
        .execute(tx.conn())
        .await?;
    }
    sqlx::query(
        "insert into tagged_items (workspace_id, entity, record_id, tag_id, position)
         select $1, $2, $3, t.id, n.position from unnest($4::text[]) with ordinality as n (name, position)
         join tags t on t.workspace_id = $1 and t.name_key = lower(btrim(n.name)) and t.deleted_at is null on conflict do nothing",
    )
    .bind(workspace)
    .bind(kind.noun())
    .bind(id)
    .bind(names)
    .execute(tx.conn())
    .await?;
    bypass::visibility(tx, before).await?;
    Ok(())
}

/// A record that everybody sees by now shares its tags.
pub(crate) async fn share(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "update tags t set shared = true from tagged_items i where i.workspace_id = $1 and i.entity = $2 and i.record_id = $3
            and t.workspace_id = i.workspace_id and t.id = i.tag_id and not t.shared",
    )
    .bind(tx.workspace())
    .bind(kind.noun())
    .bind(id)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Frees a name that only others' private records carry, for a tag that somebody makes on purpose: a refusal would tell of
/// it. Answers the tag that had it, whose records [`adopt`] puts under the new one.
pub(crate) async fn free(tx: &mut TenantTx, name: &str, except: Uuid) -> Result<Option<Uuid>, StoreError> {
    let workspace = tx.workspace();
    let known: bool = sqlx::query_scalar(
        "select exists (select from tags where workspace_id = $1 and name_key = lower(btrim($2)) and deleted_at is null and id <> $3)",
    )
    .bind(workspace)
    .bind(name)
    .bind(except)
    .fetch_one(tx.conn())
    .await?;
    if known {
        return Ok(None);
    }
    let before = bypass::visibility(tx, true).await?;
    let hidden: Option<Uuid> = sqlx::query_scalar(
        "update tags set deleted_at = now(), version = version + 1 where workspace_id = $1 and name_key = lower(btrim($2)) and deleted_at is null
            and not shared and id <> $3 returning id",
    )
    .bind(workspace)
    .bind(name)
    .bind(except)
    .fetch_optional(tx.conn())
    .await?;
    bypass::visibility(tx, before).await?;
    Ok(hidden)
}

/// The same for a tag that is made or renamed by its fields.
pub(crate) async fn free_name(tx: &mut TenantTx, kind: EntityKind, set: &[Assignment]) -> Result<Option<Uuid>, StoreError> {
    let name = set.iter().find(|a| kind == EntityKind::Tag && a.spec.key == "name").map(|a| &a.value);
    match name {
        Some(FieldValue::Text(name)) => free(tx, name, Uuid::nil()).await,
        _ => Ok(None),
    }
}

/// Puts the records of a tag whose name was freed under the one that has it now.
pub(crate) async fn adopt(tx: &mut TenantTx, freed: Option<Uuid>, id: Uuid) -> Result<(), StoreError> {
    let Some(freed) = freed else { return Ok(()) };
    sqlx::query(
        "with gone as (delete from tagged_items where workspace_id = $1 and tag_id = $2 returning entity, record_id, position)
         insert into tagged_items (workspace_id, entity, record_id, tag_id, position) select $1, entity, record_id, $3, position from gone
         on conflict do nothing",
    )
    .bind(tx.workspace())
    .bind(freed)
    .bind(id)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Narrows a list to records that carry a tag; `alias.id` is the record.
pub(crate) fn push_filter(query: &mut sqlx::QueryBuilder<sqlx::Postgres>, tx: &TenantTx, kind: EntityKind, column: &str, tag: Option<&str>) {
    let Some(tag) = tag.map(str::trim).filter(|t| !t.is_empty()) else { return };
    query.push(format!(
        " and {column} in (select i.record_id from tagged_items i join tags t on t.workspace_id = i.workspace_id and t.id = i.tag_id and t.deleted_at is null
            where i.entity = '{}' and i.workspace_id = ",
        kind.noun()
    ));
    query.push_bind(tx.workspace()).push(" and t.name_key = ").push_bind(tag.to_lowercase()).push(")");
}
