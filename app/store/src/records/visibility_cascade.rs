//! Cascade of a record's visibility to the activities about it.

use crate::{StoreError, TenantTx, bypass, records::rows::Row, tags::tagging};
use domain::{
    EntityKind, EventId, FieldKind, FieldSpec, Permission,
    fields::{Assignment, FieldValue},
};
use serde_json::Value;
use sqlx::QueryBuilder;
use uuid::Uuid;

/// Activities about a restricted record are as restricted as the record. When the record is widened, they follow only where their
/// visibility was inherited (`visibility_inherited`); a visibility that their owner chose does not change.
pub(crate) async fn follow(tx: &mut TenantTx, event: EventId, kind: EntityKind, before: &Row, after: &Row) -> Result<(), StoreError> {
    let about: Vec<(EntityKind, &str)> = activities_about(kind).collect();
    if about.is_empty() || before.get("visibility") == after.get("visibility") {
        return Ok(());
    }
    let id = |column: &str| after.get(column).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    let (Some(record), Some(visibility)) = (id("id"), after.get("visibility").and_then(Value::as_str)) else { return Ok(()) };
    if visibility == "workspace" {
        tagging::share(tx, kind, record).await?;
    }
    // Private rows of other members are included: their text is about this record.
    let all = bypass::visibility(tx, true).await?;
    for (activity, column) in about {
        sqlx::query(sqlx::AssertSqlSafe(cascade(activity, column)))
            .bind(tx.workspace())
            .bind(record)
            .bind(visibility)
            .bind(event)
            .bind(tx.actor.member)
            .bind(tx.actor.role.allows(Permission::Oversee))
            .bind(id("owner_id"))
            .execute(tx.conn())
            .await?;
    }
    bypass::visibility(tx, all).await?;
    Ok(())
}

/// Kinds of activity that refer to records of `kind`, with the column.
fn activities_about(kind: EntityKind) -> impl Iterator<Item = (EntityKind, &'static str)> {
    let owned = kind.is_owned();
    EntityKind::ALL
        .into_iter()
        .filter(move |k| owned && k.is_activity())
        .flat_map(move |k| k.fields().iter().filter(move |f| f.kind == FieldKind::Ref(kind)).map(move |f| (k, f.column)))
}

/// Fields of an activity that refer to records with a visibility.
fn subjects(activity: EntityKind) -> impl Iterator<Item = (&'static FieldSpec, EntityKind)> {
    activity.fields().iter().filter_map(|f| match f.kind {
        FieldKind::Ref(target) if target.is_owned() => Some((f, target)),
        _ => None,
    })
}

/// Rows of `activity` that refer by `column` to a record follow its new visibility `$3`: narrower with the record, wider where they
/// inherited, and never wider than any other record they are about. A row that another member owns and a third linked to the
/// record does not change: linking and then narrowing would get around `refuse_narrowing`. Admins (`$6`) may narrow all.
fn cascade(activity: EntityKind, column: &str) -> String {
    let width = |column: &str| format!("case {column} when 'private' then 0 when 'team' then 1 else 2 end");
    let linked: Vec<String> = subjects(activity)
        .map(|(field, target)| {
            let (table, column) = (target.plural(), field.column);
            format!("select {} as w from {table} r where r.workspace_id = $1 and r.id = t.{column}", width("r.visibility"))
        })
        .collect();
    let field = activity.fields().iter().find(|f| f.column == column).map_or("", |f| f.key);
    let (table, noun) = (activity.plural(), activity.noun());
    let (row, new) = (width("t.visibility"), width("$3::text"));
    format!(
        "with was as (
            select t.id, t.visibility, t.owner_id, least({new}, (select min(l.w) from ({linked}) l)) as w,
                case when {row} > {new} then t.visibility = 'workspace' or t.visibility_inherited else true end as inherited
            from {table} t where t.workspace_id = $1 and t.{column} = $2
            and ({row} > {new} and ($6 or t.owner_id = $5 or not exists (
                    select from events e where e.workspace_id = $1 and e.entity = '{noun}' and e.entity_id = t.id and e.verb <> 'created'
                    and e.changes -> '{field}' ->> 'after' = $2::text and e.member_id is distinct from t.owner_id
                    and not coalesce(manages(e.member_id), false)))
                or {row} < {new} and t.visibility_inherited)
            for no key update of t
         ), changed as (
            update {table} t set visibility = (array['private', 'team', 'workspace'])[was.w + 1], visibility_inherited = was.inherited and was.w < 2,
                -- Without an owner nobody would see it.
                owner_id = case when was.w < 2 then coalesce(t.owner_id, $7) else t.owner_id end, version = version + 1
            from was where t.workspace_id = $1 and t.id = was.id and t.visibility <> (array['private', 'team', 'workspace'])[was.w + 1]
            returning t.id, t.version, was.visibility as before, t.visibility as after, was.owner_id as owner_before, t.owner_id as owner_after
         )
         insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes)
         select $1, $4, '{noun}', id, version, jsonb_build_object('visibility', jsonb_build_object('before', before, 'after', after))
            || case when owner_before is null and owner_after is not null then jsonb_build_object('ownerId', jsonb_build_object('before', null, 'after', owner_after)) else '{{}}' end
         from changed",
        linked = linked.join(" union all "),
    )
}

/// The narrowest visibility of the records that a new activity is about; `None`: all are visible to the workspace.
pub(crate) async fn inherited(tx: &mut TenantTx, kind: EntityKind, set: &[Assignment]) -> Result<Option<String>, StoreError> {
    if !kind.is_activity() {
        return Ok(None);
    }
    let mut query = QueryBuilder::new("with ");
    let mut names = Vec::new();
    for (field, target) in subjects(kind) {
        let Some(FieldValue::Id(id)) = set.iter().find(|a| a.spec.key == field.key).map(|a| &a.value) else { continue };
        let name = format!("r{}", names.len());
        query
            .push(if names.is_empty() { "" } else { ", " })
            .push(format!("{name} as (select visibility from {} where workspace_id = ", target.plural()));
        // Row locks in a fixed order serialise logging and narrowing: either the cascade sees the new row, or this read sees the
        // new visibility.
        query.push_bind(tx.workspace()).push(" and id = ").push_bind(*id).push(" for no key update)");
        names.push(format!("table {name}"));
    }
    if names.is_empty() {
        return Ok(None);
    }
    query.push(format!(" select visibility from ({}) v where visibility <> 'workspace' order by visibility limit 1", names.join(" union all ")));
    Ok(query.build_query_scalar().fetch_optional(tx.conn()).await?)
}
