//! Addresses, numbers, people and tags of a record: read as JSON, replaced as a whole.

use crate::{StoreError, TenantTx, tags::tagging};
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
    match spec.kind {
        FieldKind::Emails | FieldKind::Phones => {
            let text = format!("select value, kind, is_primary from {} where workspace_id = $1 and contact_id = $2 order by position", table(spec));
            let rows: Vec<(String, String, bool)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_all(tx.conn()).await?;
            let channels: Vec<Channel> = rows.into_iter().map(|(value, kind, primary)| Channel { value, kind, primary }).collect();
            Ok(json!(channels))
        }
        FieldKind::Contacts => {
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
        FieldKind::Tags => {
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
fn home(spec: &FieldSpec) -> Option<(&'static str, &'static str)> {
    match spec.kind {
        FieldKind::Emails | FieldKind::Phones => Some((table(spec), "contact_id")),
        FieldKind::Contacts => Some(("deal_contacts", "deal_id")),
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
    if let Some((table, column)) = home(set.spec) {
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

/// Inserts values of records that have none yet, with one statement per field for all records; tags per record, since their
/// visibility follows the record's.
pub(crate) async fn insert_all(tx: &mut TenantTx, kind: EntityKind, values: Vec<(Uuid, &Assignment)>) -> Result<(), StoreError> {
    for spec in kind.fields().iter().filter(|s| s.column.is_empty()) {
        let of_field = values.iter().filter(|(_, a)| a.spec.key == spec.key);
        match home(spec) {
            Some((table, column)) if spec.kind == FieldKind::Contacts => {
                let each = of_field.filter_map(|(id, a)| if let FieldValue::Ids(ids) = &a.value { Some((*id, ids)) } else { None });
                insert_people(tx, table, column, each).await?;
            }
            Some((table, column)) => {
                let each = of_field.filter_map(|(id, a)| if let FieldValue::Channels(channels) = &a.value { Some((*id, channels)) } else { None });
                insert_channels(tx, table, column, each).await?;
            }
            None => {
                for (id, a) in of_field {
                    if let FieldValue::List(names) = &a.value {
                        tagging::insert(tx, kind, *id, names).await?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// [`insert_all`] for one value.
pub(crate) async fn insert(tx: &mut TenantTx, kind: EntityKind, id: Uuid, set: &Assignment) -> Result<(), StoreError> {
    insert_all(tx, kind, vec![(id, set)]).await
}

async fn insert_channels<'a>(
    tx: &mut TenantTx,
    table: &str,
    column: &str,
    each: impl Iterator<Item = (Uuid, &'a Vec<Channel>)>,
) -> Result<(), StoreError> {
    let (mut ids, mut positions, mut values, mut kinds, mut primaries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, channels) in each {
        for (n, channel) in (0..).zip(channels) {
            ids.push(id);
            positions.push(n);
            values.push(channel.value.as_str());
            kinds.push(channel.kind.as_str());
            primaries.push(channel.primary);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!(
        "insert into {table} (workspace_id, {column}, position, value, kind, is_primary)
         select $1, * from unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::bool[])"
    );
    let query = sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).bind::<Vec<i32>>(positions).bind(values).bind(kinds).bind(primaries);
    query.execute(tx.conn()).await?;
    Ok(())
}

async fn insert_people<'a>(
    tx: &mut TenantTx,
    table: &str,
    column: &str,
    each: impl Iterator<Item = (Uuid, &'a Vec<Uuid>)>,
) -> Result<(), StoreError> {
    let (mut ids, mut positions, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for (id, contacts) in each {
        for (n, contact) in (0..).zip(contacts) {
            ids.push(id);
            positions.push(n);
            people.push(*contact);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let text =
        format!("insert into {table} (workspace_id, {column}, position, contact_id) select $1, * from unnest($2::uuid[], $3::int[], $4::uuid[])");
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).bind::<Vec<i32>>(positions).bind(people).execute(tx.conn()).await?;
    Ok(())
}
