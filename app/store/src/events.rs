//! Reading events: the feed of a workspace and the timeline of a record.

use crate::{StoreError, TenantTx, door};
use chrono::{DateTime, Utc};
use domain::{
    Cursor, EntityKind, EventId, FieldKind, Page,
    events::{Event, FeedBy, FeedFilter},
};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: EventId,
    verb: String,
    entity: String,
    entity_id: Uuid,
    title: String,
    actor: Option<String>,
    surface: String,
    recorded_at: DateTime<Utc>,
    occurred_at: DateTime<Utc>,
    changes: Value,
    undone: bool,
    undoable: bool,
}

impl Row {
    fn event(self) -> Option<Event> {
        let changes = self.changes.as_object().cloned().unwrap_or_default();
        Some(Event {
            id: self.id,
            kind: EntityKind::from_noun(&self.entity)?,
            verb: self.verb,
            entity_id: self.entity_id,
            title: self.title,
            actor: self.actor,
            surface: self.surface,
            recorded_at: self.recorded_at,
            occurred_at: self.occurred_at,
            changes: changes.into_iter().map(|(k, v)| (k, (door::in_words(&v, "before"), door::in_words(&v, "after")))).collect(),
            undone: self.undone,
            undoable: self.undoable,
        })
    }
}

/// Ids on both sides of a change, if its field refers to records that may be private.
fn private_ids(kind: Option<EntityKind>, key: &str, change: &Value) -> Vec<Uuid> {
    let target = match kind.and_then(|k| k.field(key)).map(|f| f.kind) {
        Some(FieldKind::Ref(target)) => target,
        Some(FieldKind::Contacts) => EntityKind::Contact,
        _ => return Vec::new(),
    };
    if !matches!(target, EntityKind::Contact | EntityKind::Company | EntityKind::Deal | EntityKind::Task) {
        return Vec::new();
    }
    let values = ["before", "after"].into_iter().filter_map(|side| change.get(side));
    values.flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()])).filter_map(|v| v.as_str()?.parse().ok()).collect()
}

/// A change of a shared record may name a private one: its name is for those who see it.
async fn hide_names(tx: &mut TenantTx, rows: &mut [Row]) -> Result<(), StoreError> {
    let ids = |row: &Row| -> Vec<(String, Vec<Uuid>)> {
        let kind = EntityKind::from_noun(&row.entity);
        let changes = row.changes.as_object().into_iter().flatten();
        changes.map(|(key, change)| (key.clone(), private_ids(kind, key, change))).filter(|(_, ids)| !ids.is_empty()).collect()
    };
    let wanted: Vec<Uuid> = rows.iter().flat_map(&ids).flat_map(|(_, ids)| ids).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let seen: Vec<Uuid> = sqlx::query_scalar(
        "select id from contacts where workspace_id = $1 and id = any($2) union all select id from companies where workspace_id = $1 and id = any($2)
         union all select id from deals where workspace_id = $1 and id = any($2) union all select id from tasks where workspace_id = $1 and id = any($2)",
    )
    .bind(tx.workspace())
    .bind(&wanted)
    .fetch_all(tx.conn())
    .await?;
    for row in rows {
        for (key, ids) in ids(row) {
            if ids.iter().any(|id| !seen.contains(id)) {
                row.changes[&key] = serde_json::json!({"beforeWords": "…", "afterWords": "…"});
            }
        }
    }
    Ok(())
}

/// Events about private records are for those who see the record: the join through the record's own policy decides.
pub(crate) const VISIBLE: &str =
    " and (e.entity not in ('contact', 'company', 'deal', 'interaction', 'task', 'note') or e.verb in ('imported', 'import_undone')
    or (e.entity = 'contact' and exists (select from contacts r where r.workspace_id = e.workspace_id and r.id = e.entity_id))
    or (e.entity = 'company' and exists (select from companies r where r.workspace_id = e.workspace_id and r.id = e.entity_id))
    or (e.entity = 'deal' and exists (select from deals r where r.workspace_id = e.workspace_id and r.id = e.entity_id))
    or (e.entity = 'interaction' and exists (select from interactions r where r.workspace_id = e.workspace_id and r.id = e.entity_id))
    or (e.entity = 'note' and exists (select from notes r where r.workspace_id = e.workspace_id and r.id = e.entity_id))
    or (e.entity = 'task' and exists (select from tasks r where r.workspace_id = e.workspace_id and r.id = e.entity_id)))
    and (e.verb not in ('snoozed', 'weighted', 'wished', 'tidied') or e.member_id = (select current_member_id()))";

/// The feed tells an import once, by its newest batch, and nothing of the making of the workspace itself.
const TOLD: &str = " and e.surface <> 'setup' and (e.verb <> 'imported' or not exists (select from events n
    where n.workspace_id = e.workspace_id and n.entity_id = e.entity_id and n.verb = 'imported' and n.id > e.id))";

const SELECT: &str = "select e.id, e.verb, e.entity, e.entity_id,
    case when e.verb = 'imported' then coalesce((select i.created_count || ' ' || case e.entity when 'company' then 'companies' else e.entity || 's' end || ' from ' || i.file_name
        from imports i where i.workspace_id = e.workspace_id and i.id = e.entity_id), e.title) else e.title end as title, m.name as actor, e.surface, e.recorded_at, e.occurred_at, e.changes,
    e.undone_by is not null as undone, e.inverse is not null and e.surface <> 'setup' and e.recorded_at > now() - interval '30 days' as undoable
    from events e left join members m on m.workspace_id = e.workspace_id and m.id = e.member_id where e.workspace_id = ";

/// What happened in the workspace, newest first.
pub async fn feed(tx: &mut TenantTx, filter: &FeedFilter, after: Option<&Cursor>, limit: i64) -> Result<Page<Event>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(tx.workspace()).push(VISIBLE).push(TOLD);
    // Ids are UUIDv7: their order is the order of happening, and the primary key is the index.
    if let Some(after) = after {
        query.push(" and e.id < ").push_bind(after.id);
    }
    if let Some(kind) = filter.kind {
        query.push(" and e.entity = ").push_bind(kind.noun());
    }
    match filter.by {
        FeedBy::Everybody => {}
        FeedBy::Me => {
            let me = tx.actor.member;
            query.push(" and e.member_id = ").push_bind(me);
        }
        // Whoever has no team is their own.
        FeedBy::Team => {
            let me = tx.actor.member;
            query.push(" and (e.member_id = ").push_bind(me);
            query
                .push(" or e.member_id = any (coalesce(string_to_array(nullif(current_setting('app.team_members', true), ''), ','), '{}')::uuid[]))");
        }
    }
    query.push(" order by e.id desc limit ").push_bind(limit + 1);
    let mut rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await?;
    hide_names(tx, &mut rows).await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: String::new(), id: r.id.0 });
    Ok(Page { items: page.items.into_iter().filter_map(Row::event).collect(), next: page.next })
}

/// What happened to one record, newest first. The caller has shown that the actor sees the record.
pub async fn timeline(tx: &mut TenantTx, id: Uuid) -> Result<Vec<Event>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT);
    query.push_bind(tx.workspace()).push(VISIBLE).push(" and (e.entity_id = ").push_bind(id);
    query.push(" or e.id in (select event_id from event_rows where workspace_id = ").push_bind(tx.workspace());
    query.push(" and entity_id = ").push_bind(id).push(")");
    // What was done and is to be done about the record belongs to its story.
    for (table, entity) in [("interactions", "interaction"), ("tasks", "task"), ("notes", "note")] {
        query.push(format!(" or (e.entity = '{entity}' and e.entity_id in (select id from {table} where workspace_id = ")).push_bind(tx.workspace());
        query.push(" and (contact_id = ").push_bind(id).push(" or company_id = ").push_bind(id).push(" or deal_id = ").push_bind(id).push(")))");
    }
    query.push(") order by e.id desc limit 100");
    let mut rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await?;
    hide_names(tx, &mut rows).await?;
    Ok(rows.into_iter().filter_map(Row::event).collect())
}
