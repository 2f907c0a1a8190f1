//! Reading events: the feed of a workspace and the timeline of a record.

use crate::{
    StoreError, TenantTx,
    door::overlap,
    rights,
    visibility::{self, EVENT_NARROWS, EVENT_SEEN},
};
use chrono::{DateTime, Utc};
use domain::{
    Command, Cursor, EntityKind, EventId, FieldKind, ImportCommand, Internal, Inverse, MemberId, Page, Permission, RecordCommand,
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
    member_id: Option<MemberId>,
    surface: String,
    recorded_at: DateTime<Utc>,
    occurred_at: DateTime<Utc>,
    changes: Value,
    undone: bool,
    inverse: Option<Value>,
    /// Whose import an event of an import is about.
    importer: Option<MemberId>,
    /// The reader is an admin who does not see the record, only that it was narrowed.
    hidden: bool,
}

impl Row {
    fn event(mut self, tx: &TenantTx) -> Option<Event> {
        let undoable = self.undoable(tx);
        let mut changes = self.changes.as_object_mut().map(std::mem::take).unwrap_or_default();
        if self.hidden {
            changes.retain(|key, _| key == "visibility");
            self.title.clear();
        }
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
            changes: changes.into_iter().map(|(k, v)| (k, (overlap::in_words(&v, "before"), overlap::in_words(&v, "after")))).collect(),
            undone: self.undone,
            undoable,
            hidden: self.hidden,
        })
    }

    /// Whether the reader's own rights suffice for taking it back: no button that is refused.
    fn undoable(&self, tx: &TenantTx) -> bool {
        let (me, role) = (Some(tx.actor.member), tx.actor.role);
        let inverse: Option<Inverse> = self.inverse.as_ref().and_then(|i| serde_json::from_value(i.clone()).ok());
        match &inverse {
            None => false,
            Some(Inverse::Command(Command::Imports(ImportCommand::UndoImport { .. })) | Inverse::Internal(Internal::Imports(_))) => {
                role.allows(Permission::Import) && (role.allows(Permission::TakeBack) || self.importer == me)
            }
            // It would narrow again what somebody else widened.
            Some(Inverse::Command(Command::Records(RecordCommand::Edit { set, .. })))
                if set.get("visibility").is_some_and(|v| v != "workspace") && self.member_id != me =>
            {
                role.allows(Permission::Oversee)
            }
            Some(Inverse::Command(command)) => role.allows(rights::needs(&tx.actor, command)),
            Some(Inverse::Internal(internal)) => role.allows(internal.permission()),
        }
    }
}

/// Admins hear of every narrowing; others of what they see.
fn visible(tx: &TenantTx) -> String {
    match tx.actor.role.allows(Permission::Oversee) {
        true => format!(" and ({} or {EVENT_NARROWS})", *EVENT_SEEN),
        false => format!(" and {}", *EVENT_SEEN),
    }
}

/// The feed tells an import once, by its newest batch, and nothing of the making of the workspace itself.
const TOLD: &str = " and e.surface <> 'setup' and (e.verb <> 'imported' or not exists (select from events n
    where n.workspace_id = e.workspace_id and n.entity_id = e.entity_id and n.verb = 'imported' and n.id > e.id))";

/// The columns of [`Row`].
fn columns(tx: &TenantTx) -> String {
    let hidden = if tx.actor.role.allows(Permission::Oversee) { format!("not {}", *EVENT_SEEN) } else { "false".into() };
    format!("select e.id, e.verb, e.entity, e.entity_id,
    case when e.verb = 'imported' then coalesce(i.created_count || ' ' || case when i.options ? 'sample' then 'records' when e.entity = 'company' then 'companies' else e.entity || 's' end || ' from ' || i.file_name, e.title) else e.title end as title,
    m.name as actor, e.member_id, e.surface, e.recorded_at, e.occurred_at, e.changes, e.undone_by is not null as undone,
    case when e.surface <> 'setup' and e.recorded_at > now() - interval '30 days' then {} end as inverse, import_maker(i.created_by, i.created_at) as importer, {hidden} as hidden ", inverse_of("i"))
}

/// Joins of the columns to the events `e`.
const JOINS: &str = " left join members m on m.workspace_id = e.workspace_id and m.id = e.member_id
    left join imports i on i.workspace_id = e.workspace_id and i.id = e.entity_id and e.verb in ('imported', 'import_undone', 'import_redone') ";

/// The inverse of an event `e`, joined with the import `i` it is about: of an import's batches, taking the import back.
pub(crate) fn inverse_of(import: &str) -> String {
    format!(
        "coalesce(e.inverse, case when e.verb = 'imported' and {import}.status in ('done', 'failed') then jsonb_build_object('do', 'undo_import', 'import', e.entity_id) end)"
    )
}

/// Names of private records in these rows are for those who see them.
async fn hide_names(tx: &mut TenantTx, rows: &mut [Row]) -> Result<(), StoreError> {
    let changes = rows.iter_mut().filter_map(|row| Some((EntityKind::from_noun(&row.entity)?, row.changes.as_object_mut()?)));
    visibility::hide_names(tx, changes.collect()).await
}

/// Most events examined for one page. A page with fewer visible events than its limit ends here, and its cursor continues
/// after the last examined event.
const LOOKED_AT: i64 = 6_400;

/// Writes `from events e where` with the conditions of the filter; `before` is an exclusive upper bound for ids.
fn push_wanted(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &FeedFilter, before: Option<Uuid>) {
    query.push("from events e where e.workspace_id = ").push_bind(tx.workspace());
    // Event ids are UUIDv7, so the primary key is in chronological order.
    if let Some(before) = before {
        query.push(" and e.id < ").push_bind(before);
    }
    if let Some(kind) = filter.kind {
        query.push(" and e.entity = ").push_bind(kind.noun());
    }
    let me = tx.actor.member;
    match filter.by {
        FeedBy::Everybody => {}
        FeedBy::Me => {
            query.push(" and e.member_id = ").push_bind(me);
        }
        // A member without a team sees only their own events here.
        FeedBy::Team => {
            query.push(" and (e.member_id = ").push_bind(me);
            query
                .push(" or e.member_id = any (coalesce(string_to_array(nullif(current_setting('app.team_members', true), ''), ','), '{}')::uuid[]))");
        }
    }
}

/// Events of the workspace that the actor sees, newest first. A page may be shorter than `limit` and still have a next one.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn feed(tx: &mut TenantTx, filter: &FeedFilter, after: Option<&Cursor>, limit: i64) -> Result<Page<Event>, StoreError> {
    let (mut rows, mut before): (Vec<Row>, _) = (Vec::new(), after.map(|a| a.id));
    let (mut window, mut looked_at) = (4 * (limit + 1), 0);
    let mut end = None;
    while (rows.len() as i64) <= limit {
        // The visibility filter applies to a limited subquery. In one WHERE clause with the limit, the planner costs the filter
        // for all events and builds hash tables of all records.
        let mut query = QueryBuilder::<Postgres>::new(columns(tx));
        query.push("from (select e.* ");
        push_wanted(&mut query, tx, filter, before);
        query.push(format!(" order by e.id desc limit {window}) e {JOINS} where true")).push(visible(tx)).push(TOLD);
        query.push(format!(" order by e.id desc limit {}", limit + 1));
        rows.extend(query.build_query_as::<Row>().fetch_all(tx.conn()).await?);
        looked_at += window;
        if (rows.len() as i64) > limit {
            break;
        }
        let mut query = QueryBuilder::<Postgres>::new("select e.id ");
        push_wanted(&mut query, tx, filter, before);
        query.push(format!(" order by e.id desc offset {} limit 1", window - 1));
        end = query.build_query_scalar().fetch_optional(tx.conn()).await?;
        if end.is_none() || looked_at >= LOOKED_AT {
            break;
        }
        (before, window) = (end, (window * 4).min(LOOKED_AT - looked_at));
    }
    let more = rows.len() as i64 > limit;
    hide_names(tx, &mut rows).await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: String::new(), id: r.id.0 });
    let next = if more { page.next } else { end.map(|id| Cursor { key: String::new(), id }.encode()) };
    Ok(Page { items: page.items.into_iter().filter_map(|row| row.event(tx)).collect(), next })
}

/// Events about one record, newest first, at most 100. The caller has checked that the actor sees the record.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn timeline(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Vec<Event>, StoreError> {
    // A materialized union of index scans collects the ids first. With ORDER BY id over an OR of several tables, the planner
    // scans the primary key of all events backwards.
    let mut about = String::from(
        "with about as materialized (
            select id from events where workspace_id = $1 and entity = $2 and entity_id = $3
            union select event_id from event_rows where workspace_id = $1 and entity = $2 and entity_id = $3",
    );
    // Interactions, tasks and notes about the record are part of its timeline.
    for story in ["interaction", "task", "note"].into_iter().filter_map(EntityKind::from_noun).filter(|_| kind.is_owned()) {
        let Some(link) = story.fields().iter().find(|f| f.kind == FieldKind::Ref(kind)) else { continue };
        about += &format!(
            " union select e.id from {} t join events e on e.workspace_id = $1 and e.entity = '{}' and e.entity_id = t.id
              where t.workspace_id = $1 and t.{} = $3",
            story.plural(),
            story.noun(),
            link.column
        );
    }
    let text = format!(
        // The subquery sorts the ids before the join, so the visibility filter stops after a hundred visible events.
        "{about}) {} from (select id from about order by id desc) a join events e on e.workspace_id = $1 and e.id = a.id {JOINS}
         where {} order by a.id desc limit 100",
        columns(tx),
        *EVENT_SEEN
    );
    let mut rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(kind.noun()).bind(id).fetch_all(tx.conn()).await?;
    hide_names(tx, &mut rows).await?;
    Ok(rows.into_iter().filter_map(|row| row.event(tx)).collect())
}
