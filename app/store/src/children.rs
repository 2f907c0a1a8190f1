//! Addresses, numbers, people and tags of a record: read as JSON, replaced as a whole.

use crate::{StoreError, TenantTx, tags};
use domain::{
    EntityKind, FieldKind, FieldSpec,
    fields::{Assignment, Channel, FieldValue},
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub(crate) fn table(spec: &FieldSpec) -> &'static str {
    if spec.kind == FieldKind::Emails { "contact_emails" } else { "contact_phones" }
}

pub(crate) async fn read(tx: &mut TenantTx, kind: EntityKind, id: Uuid, spec: &FieldSpec) -> Result<Value, StoreError> {
    match (kind, spec.kind) {
        (EntityKind::Contact, FieldKind::Emails | FieldKind::Phones) => {
            let text = format!("select value, kind, is_primary from {} where workspace_id = $1 and contact_id = $2 order by position", table(spec));
            let rows: Vec<(String, String, bool)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_all(tx.conn()).await?;
            let channels: Vec<Channel> = rows.into_iter().map(|(value, kind, primary)| Channel { value, kind, primary }).collect();
            Ok(json!(channels))
        }
        (EntityKind::Deal, FieldKind::Contacts) => {
            let ids: Vec<Uuid> =
                // Those that the reader sees, as a read of the deal lists them.
                sqlx::query_scalar(
                    "select c.contact_id from deal_contacts c join contacts r on r.workspace_id = c.workspace_id and r.id = c.contact_id
                     where c.workspace_id = $1 and c.deal_id = $2 order by c.position",
                )
                    .bind(tx.workspace())
                    .bind(id)
                    .fetch_all(tx.conn())
                    .await?;
            Ok(json!(ids))
        }
        (_, FieldKind::Tags) => {
            let names: Vec<String> = sqlx::query_scalar(
                "select t.name from tagged_items i join tags t on t.workspace_id = i.workspace_id and t.id = i.tag_id and t.deleted_at is null
                 where i.workspace_id = $1 and i.entity = $2 and i.record_id = $3 order by i.position, t.name",
            )
            .bind(tx.workspace())
            .bind(kind.noun())
            .bind(id)
            .fetch_all(tx.conn())
            .await?;
            Ok(json!(names))
        }
        _ => Ok(Value::Null),
    }
}

/// The table of a field that is kept beside its record, with the column that names the record.
fn home(kind: EntityKind, spec: &FieldSpec) -> Option<(&'static str, &'static str)> {
    match (kind, spec.kind) {
        (EntityKind::Contact, FieldKind::Emails | FieldKind::Phones) => Some((table(spec), "contact_id")),
        (EntityKind::Deal, FieldKind::Contacts) => Some(("deal_contacts", "deal_id")),
        _ => None,
    }
}

pub(crate) async fn replace(tx: &mut TenantTx, kind: EntityKind, id: Uuid, set: &Assignment) -> Result<(), StoreError> {
    if set.spec.kind == FieldKind::Tags {
        sqlx::query(
            "delete from tagged_items i using tags t where i.workspace_id = $1 and i.entity = $2 and i.record_id = $3
                and t.workspace_id = i.workspace_id and t.id = i.tag_id and t.deleted_at is null",
        )
        .bind(tx.workspace())
        .bind(kind.noun())
        .bind(id)
        .execute(tx.conn())
        .await?;
    }
    if set.spec.kind == FieldKind::Contacts {
        let ids: &[Uuid] = if let FieldValue::Ids(ids) = &set.value { ids } else { &[] };
        return replace_people(tx, id, ids).await;
    }
    if let Some((table, column)) = home(kind, set.spec) {
        let text = format!("delete from {table} where workspace_id = $1 and {column} = $2");
        sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).execute(tx.conn()).await?;
    }
    insert(tx, kind, id, set).await
}

/// Replaces the contacts of a deal that the actor can see; hidden contacts stay, after the visible ones.
async fn replace_people(tx: &mut TenantTx, deal: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
    let hidden: Vec<Uuid> = sqlx::query_scalar(
        "with gone as (
            delete from deal_contacts c where c.workspace_id = $1 and c.deal_id = $2
            returning c.contact_id, c.position, exists (select from contacts r where r.workspace_id = $1 and r.id = c.contact_id) as seen
         ) select contact_id from gone where not seen and contact_id <> all($3) order by position",
    )
    .bind(tx.workspace())
    .bind(deal)
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    let all = [ids, &hidden].concat();
    sqlx::query("insert into deal_contacts (workspace_id, deal_id, position, contact_id) select $1, $2, * from unnest($3::int[], $4::uuid[])")
        .bind(tx.workspace())
        .bind(deal)
        .bind((0..all.len() as i32).collect::<Vec<_>>())
        .bind(all)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// For a record that has none yet.
pub(crate) async fn insert(tx: &mut TenantTx, kind: EntityKind, id: Uuid, set: &Assignment) -> Result<(), StoreError> {
    if let (FieldKind::Tags, FieldValue::List(names)) = (set.spec.kind, &set.value) {
        return tags::insert(tx, kind, id, names).await;
    }
    match (home(kind, set.spec), &set.value) {
        (Some((table, column)), FieldValue::Channels(channels)) if !channels.is_empty() => {
            let insert = format!(
                "insert into {table} (workspace_id, {column}, position, value, kind, is_primary)
                 select $1, $2, * from unnest($3::int[], $4::text[], $5::text[], $6::bool[])"
            );
            sqlx::query(AssertSqlSafe(insert))
                .bind(tx.workspace())
                .bind(id)
                .bind((0..channels.len() as i32).collect::<Vec<_>>())
                .bind(channels.iter().map(|c| c.value.clone()).collect::<Vec<_>>())
                .bind(channels.iter().map(|c| c.kind.clone()).collect::<Vec<_>>())
                .bind(channels.iter().map(|c| c.primary).collect::<Vec<_>>())
                .execute(tx.conn())
                .await?;
        }
        (Some((table, column)), FieldValue::Ids(ids)) if !ids.is_empty() => {
            let insert =
                format!("insert into {table} (workspace_id, {column}, position, contact_id) select $1, $2, * from unnest($3::int[], $4::uuid[])");
            sqlx::query(AssertSqlSafe(insert))
                .bind(tx.workspace())
                .bind(id)
                .bind((0..ids.len() as i32).collect::<Vec<_>>())
                .bind(ids)
                .execute(tx.conn())
                .await?;
        }
        _ => {}
    }
    Ok(())
}
