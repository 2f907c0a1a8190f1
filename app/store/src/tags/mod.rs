//! Tags: which records carry them, merging two, and taking that back.

pub(crate) mod tagging;

use crate::{
    StoreError, TenantTx, bypass,
    door::apply::{Apply, Context},
    door::change::Change,
    event_rows::{self, RowChange},
    records::hook::Hooks,
    records::rows::Row,
};
use domain::{EntityKind, EventId, Invalid, Inverse, TagCommand, TagInternal, tags::TagRow};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Kinds whose records carry tags.
fn tagged() -> impl Iterator<Item = EntityKind> {
    EntityKind::ALL.into_iter().filter(|k| k.is_tagged())
}

/// All tags, by category and name, each with the number of its records that the actor sees.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<TagRow>, StoreError> {
    let counts: Vec<String> = tagged()
        .map(|k| {
            format!(
                "(select count(*) from tagged_items i join {} r on r.workspace_id = i.workspace_id and r.id = i.record_id and r.deleted_at is null
                  where i.workspace_id = t.workspace_id and i.tag_id = t.id and i.entity = '{}')",
                k.plural(),
                k.noun()
            )
        })
        .collect();
    let text = format!(
        "select t.id, t.version, t.name, t.category, t.color, {} from tags t where t.workspace_id = $1 and t.deleted_at is null
         order by lower(coalesce(t.category, '')), t.name_key",
        counts.join(" + ")
    );
    let rows: Vec<(Uuid, i64, String, Option<String>, String, i64)> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|(id, version, name, category, color, count)| TagRow { id, version, name, category, color, count }).collect())
}

/// Name and colour of a record's tags, in their order.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn of_record(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Vec<(String, String)>, StoreError> {
    Ok(sqlx::query_as(
        "select t.name, t.color from tagged_items i join tags t on t.workspace_id = i.workspace_id and t.id = i.tag_id and t.deleted_at is null
         where i.workspace_id = $1 and i.entity = $2 and i.record_id = $3 order by i.position, t.name",
    )
    .bind(tx.workspace())
    .bind(kind.noun())
    .bind(id)
    .fetch_all(tx.conn())
    .await?)
}

pub(crate) struct Tags;

impl Hooks for Tags {
    const DETACH: &'static [&'static str] = &["delete from tagged_items where workspace_id = $1 and tag_id = any($2)"];

    async fn restore(tx: &mut TenantTx, id: Uuid, row: &Row) -> Result<Row, StoreError> {
        tagging::free(tx, &domain::records::plain(row.get("name")), id).await?;
        Ok(Row::new())
    }
}

async fn locked(tx: &mut TenantTx, id: Uuid, deleted: bool) -> Result<(String, i64), StoreError> {
    let text = format!(
        "select name, version from tags where workspace_id = $1 and id = $2 and deleted_at is {} null for no key update",
        if deleted { "not" } else { "" }
    );
    sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_optional(tx.conn()).await?.ok_or(StoreError::NotFound)
}

fn merged(event: EventId, into: (Uuid, String, i64), from: &str, verb: &'static str, inverse: Inverse) -> Change {
    let mut changes = Map::new();
    changes.insert("from".into(), json!({"before": null, "after": from}));
    let (id, title, version) = into;
    Change::of(EntityKind::Tag, id, title, verb).version(version).changes(changes).undone_by(inverse).in_event(event)
}

pub(crate) async fn merge(tx: &mut TenantTx, from: Uuid, into: Uuid) -> Result<Change, StoreError> {
    if from == into {
        return Err(Invalid::one("into", "same", "A tag cannot be merged into itself").into());
    }
    let event = EventId::new();
    // The lower id first: two mergings the other way round must not wait for each other.
    for id in [from.min(into), from.max(into)] {
        locked(tx, id, false).await?;
    }
    let (old, _) = locked(tx, from, false).await?;
    let (name, version) = locked(tx, into, false).await?;
    let workspace = tx.workspace();
    let carriers: Vec<(String, Uuid)> = sqlx::query_as("select entity, record_id from tagged_items where workspace_id = $1 and tag_id = $2")
        .bind(workspace)
        .bind(from)
        .fetch_all(tx.conn())
        .await?;
    let before = names_of(tx, &carriers).await?;
    let new: Vec<(String, Uuid)> = sqlx::query_as(
        "insert into tagged_items (workspace_id, entity, record_id, tag_id, position)
         select workspace_id, entity, record_id, $3, position from tagged_items where workspace_id = $1 and tag_id = $2
         on conflict do nothing returning entity, record_id",
    )
    .bind(workspace)
    .bind(from)
    .bind(into)
    .fetch_all(tx.conn())
    .await?;
    let shared: bool =
        sqlx::query_scalar("select shared from tags where workspace_id = $1 and id = $2").bind(workspace).bind(from).fetch_one(tx.conn()).await?;
    sqlx::query("update tags set version = version + 1, updated_at = now(), shared = shared or $3 where workspace_id = $1 and id = $2")
        .bind(workspace)
        .bind(into)
        .bind(shared)
        .execute(tx.conn())
        .await?;
    let all = bypass::visibility(tx, true).await?;
    sqlx::query("update tags set deleted_at = now(), version = version + 1, updated_at = now() where workspace_id = $1 and id = $2")
        .bind(workspace)
        .bind(from)
        .execute(tx.conn())
        .await?;
    bypass::visibility(tx, all).await?;
    // A name that not everybody may know is in nobody's feed.
    let old = if shared { old } else { "…".to_owned() };
    let new: BTreeSet<_> = new.into_iter().collect();
    tell_records(tx, event, carriers, before, |record| !new.contains(record)).await?;
    Ok(merged(event, (into, name, version + 1), &old, "merged", TagInternal::SplitTags { from, into, event }.into()))
}

/// Names of the tags of each record, in their order: all of them, also those that the actor may not know.
async fn names_of(tx: &mut TenantTx, records: &[(String, Uuid)]) -> Result<BTreeMap<(String, Uuid), Vec<String>>, StoreError> {
    let all = bypass::visibility(tx, true).await?;
    let (kinds, ids): (Vec<String>, Vec<Uuid>) = records.iter().cloned().unzip();
    let rows: Vec<(String, Uuid, Vec<String>)> = sqlx::query_as(
        "select i.entity, i.record_id, array_agg(t.name order by i.position, t.name) from unnest($2::text[], $3::uuid[]) as r (entity, id)
         join tagged_items i on i.workspace_id = $1 and i.entity = r.entity and i.record_id = r.id
         join tags t on t.workspace_id = $1 and t.id = i.tag_id and t.deleted_at is null group by i.entity, i.record_id",
    )
    .bind(tx.workspace())
    .bind(kinds)
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    bypass::visibility(tx, all).await?;
    Ok(rows.into_iter().map(|(kind, id, names)| ((kind, id), names)).collect())
}

/// Key of a row's change that marks a record which carried both tags before they were merged: splitting leaves it both.
const HAD_BOTH: &str = "hadBoth";

/// Records whose tags are others now get a new version and a row of the event, so that an edit made from the tags they had
/// before conflicts instead of bringing those back. Private ones too: their tags changed whether the actor sees them or not.
async fn tell_records(
    tx: &mut TenantTx,
    event: EventId,
    records: Vec<(String, Uuid)>,
    before: BTreeMap<(String, Uuid), Vec<String>>,
    had_both: impl Fn(&(String, Uuid)) -> bool,
) -> Result<(), StoreError> {
    let after = names_of(tx, &records).await?;
    let seen_before = bypass::visibility(tx, true).await?;
    let mut rows = Vec::new();
    for kind in tagged() {
        let changed = |id: &Uuid| before.get(&(kind.noun().to_owned(), *id)) != after.get(&(kind.noun().to_owned(), *id));
        let ids: Vec<Uuid> = records.iter().filter(|(k, id)| k == kind.noun() && changed(id)).map(|(_, id)| *id).collect();
        if ids.is_empty() {
            continue;
        }
        let text = format!(
            "update {} set version = version + 1, updated_at = now() where workspace_id = $1 and id = any($2) returning id, version",
            kind.plural()
        );
        let touched: Vec<(Uuid, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).fetch_all(tx.conn()).await?;
        for (id, version) in touched {
            let record = (kind.noun().to_owned(), id);
            let side = |tags: &BTreeMap<(String, Uuid), Vec<String>>| tags.get(&record).cloned().unwrap_or_default();
            let mut change = json!({"before": side(&before), "after": side(&after)});
            if had_both(&record) {
                change[HAD_BOTH] = true.into();
            }
            let changes = [("tags".to_owned(), change)].into_iter().collect();
            rows.push(RowChange { kind, id, version, changes });
        }
    }
    bypass::visibility(tx, seen_before).await?;
    event_rows::write(tx, event, &rows).await
}

/// Takes a merging back: what got the tag by it loses it again, and the old tag is there again with all it had.
pub(crate) async fn split(tx: &mut TenantTx, from: Uuid, into: Uuid, merging: EventId) -> Result<Change, StoreError> {
    let (name, version) = locked(tx, into, false).await?;
    let (old, _) = locked(tx, from, true).await?;
    let workspace = tx.workspace();
    let event = EventId::new();
    let records: Vec<(String, Uuid)> = sqlx::query_as(
        "select entity, record_id from tagged_items where workspace_id = $1 and tag_id = $2
         union select entity, entity_id from event_rows where workspace_id = $1 and event_id = $3",
    )
    .bind(workspace)
    .bind(from)
    .bind(merging)
    .fetch_all(tx.conn())
    .await?;
    let before = names_of(tx, &records).await?;
    sqlx::query(
        "delete from tagged_items i using event_rows r where i.workspace_id = $1 and i.tag_id = $2
            and r.workspace_id = $1 and r.event_id = $3 and r.entity = i.entity and r.entity_id = i.record_id
            and r.changes -> 'tags' -> $4 is null",
    )
    .bind(workspace)
    .bind(into)
    .bind(merging)
    .bind(HAD_BOTH)
    .execute(tx.conn())
    .await?;
    tagging::free(tx, &old, from).await?;
    let taken: bool = sqlx::query_scalar(
        "select exists (select from tags t join tags o on o.workspace_id = t.workspace_id and o.id = $2 and t.name_key = o.name_key where t.workspace_id = $1 and t.deleted_at is null)",
    )
    .bind(workspace)
    .bind(from)
    .fetch_one(tx.conn())
    .await?;
    if taken {
        return Err(crate::Conflict::State(format!("There is another tag “{old}” by now.")).into());
    }
    sqlx::query("update tags set deleted_at = null, version = version + 1, updated_at = now() where workspace_id = $1 and id = $2")
        .bind(workspace)
        .bind(from)
        .execute(tx.conn())
        .await?;
    sqlx::query("update tags set version = version + 1 where workspace_id = $1 and id = $2").bind(workspace).bind(into).execute(tx.conn()).await?;
    tell_records(tx, event, records, before, |_| false).await?;
    Ok(merged(event, (into, name, version + 1), &old, "split", TagCommand::MergeTags { from, into }.into()))
}

impl Apply for TagCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::MergeTags { from, into } = self;
        merge(tx, *from, *into).await
    }
}

impl Apply for TagInternal {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::SplitTags { from, into, event } = self;
        split(tx, *from, *into, *event).await
    }
}
