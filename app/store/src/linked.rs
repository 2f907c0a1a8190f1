//! Lists of what hangs on other records: interactions and notes, newest first, and tasks, most pressing first.

use crate::{StoreError, TenantTx, errors::page_mark, record_reads};
use chrono::NaiveDate;
use domain::{CompanyId, ContactId, Cursor, DealId, EntityKind, MemberId, Page, Record};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// What narrows a list; everything left out does not.
#[derive(Clone, Debug, Default)]
pub struct Linked {
    pub contact: Option<ContactId>,
    pub company: Option<CompanyId>,
    pub deal: Option<DealId>,
    pub owner: Option<MemberId>,
    /// Tasks: done or still to do. Interactions: done or planned. Notes: pinned or not.
    pub done: Option<bool>,
    /// Tasks: due on this day.
    pub due: Option<NaiveDate>,
}

/// Interactions, tasks or notes as whole records.
pub async fn list(tx: &mut TenantTx, kind: EntityKind, filter: &Linked, after: Option<&Cursor>, limit: i64) -> Result<Page<Record>, StoreError> {
    let (key, cast, order, compare) = match (kind, filter.done) {
        (EntityKind::Note, _) => ("created_at", "timestamptz", "desc", "<"),
        (EntityKind::Interaction, _) => ("occurred_at", "timestamptz", "desc", "<"),
        (_, Some(true)) => ("completed_at", "timestamptz", "desc", "<"),
        _ => ("coalesce(due_date, '9999-12-31')", "date", "asc", ">"),
    };
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select id, ({key})::text as sort_key from {} where deleted_at is null and workspace_id = ",
        kind.plural()
    ));
    query.push_bind(tx.workspace());
    for (column, id) in [
        ("contact_id", filter.contact.map(|c| c.0)),
        ("company_id", filter.company.map(|c| c.0)),
        ("deal_id", filter.deal.map(|d| d.0)),
        ("owner_id", filter.owner.map(|m| m.0)),
    ] {
        if let Some(id) = id {
            query.push(format!(" and {column} = ")).push_bind(id);
        }
    }
    if let (EntityKind::Task, Some(due)) = (kind, filter.due) {
        query.push(" and due_date = ").push_bind(due);
    }
    match (kind, filter.done) {
        (EntityKind::Note, Some(pinned)) => {
            query.push(if pinned { " and pinned" } else { " and not pinned" });
        }
        (EntityKind::Note, None) => {}
        (EntityKind::Interaction, Some(done)) => {
            query.push(" and status = ").push_bind(if done { "done" } else { "planned" });
        }
        (_, Some(true)) => {
            query.push(" and completed_at is not null");
        }
        (_, Some(false)) => {
            query.push(" and completed_at is null");
        }
        _ => {}
    }
    if let Some(after) = after {
        query.push(format!(" and ({key}, id) {compare} (")).push_bind(after.key.clone());
        query.push(format!("::text::{cast}, ")).push_bind(after.id).push(")");
    }
    query.push(format!(" order by {key} {order}, id {order} limit {}", limit + 1));
    let rows: Vec<(Uuid, String)> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.1.clone(), id: r.0 });
    let ids: Vec<Uuid> = page.items.iter().map(|r| r.0).collect();
    Ok(Page { items: record_reads::get_many(tx, kind, &ids).await?, next: page.next })
}

/// How many open tasks are due on each of the days from `from` to `to`, for everybody or for one.
pub async fn task_days(tx: &mut TenantTx, owner: Option<MemberId>, from: NaiveDate, to: NaiveDate) -> Result<Vec<(NaiveDate, i64)>, StoreError> {
    Ok(sqlx::query_as(
        "select due_date, count(*) from tasks where workspace_id = $1 and deleted_at is null and completed_at is null and due_date between $2 and $3
            and ($4::uuid is null or owner_id = $4) group by due_date order by due_date",
    )
    .bind(tx.workspace())
    .bind(from)
    .bind(to)
    .bind(owner)
    .fetch_all(tx.conn())
    .await?)
}
