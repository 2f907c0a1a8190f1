//! Lists of what hangs on other records: interactions and notes, newest first, and tasks, most pressing first.

use crate::{
    StoreError, TenantTx,
    errors::page_mark,
    interactions,
    listing::{Listing, Order},
    notes,
    records::reads,
    tasks,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CompanyId, ContactId, Cursor, DealId, EntityKind, FieldKind, MemberId, Page, Record, WorkspaceId};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder, types::Json};
use std::collections::BTreeMap;
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

/// One branch of the UNION ALL: kind, filter, cursor and limit.
struct Part<'a> {
    listing: &'static Listing,
    filter: &'a Linked,
    /// The record referred to, whatever its kind.
    about: Option<(EntityKind, Uuid)>,
    after: Option<&'a Cursor>,
    limit: i64,
}

/// Branch number, columns of a whole record, sort key, row number within the branch.
#[derive(sqlx::FromRow)]
struct Row(i32, Uuid, i64, String, Value, DateTime<Utc>, DateTime<Utc>, Value, Value, Json<BTreeMap<Uuid, String>>, String, i64);

impl Row {
    fn record(self, kind: EntityKind) -> Record {
        reads::record(kind, (self.1, self.2, self.3, self.4, self.5, self.6, self.7, self.8, self.9))
    }
}

impl Part<'_> {
    fn push_conditions(&self, query: &mut QueryBuilder<Postgres>) {
        let Self { listing, filter, about, .. } = self;
        for (column, id) in [
            ("contact_id", filter.contact.map(|c| c.0)),
            ("company_id", filter.company.map(|c| c.0)),
            ("deal_id", filter.deal.map(|d| d.0)),
            ("owner_id", filter.owner.map(|m| m.0)),
        ] {
            if let Some(id) = id {
                query.push(format!(" and t.{column} = ")).push_bind(id);
            }
        }
        if let Some((target, id)) = *about
            && let Some(link) = listing.kind.fields().iter().find(|f| f.kind == FieldKind::Ref(target))
        {
            query.push(format!(" and t.{} = ", link.column)).push_bind(id);
        }
        if let (Some(column), Some(day)) = (listing.day, filter.due) {
            query.push(format!(" and t.{column} = ")).push_bind(day);
        }
        if let Some(flagged) = filter.done {
            query.push(format!(" and {}", if flagged { listing.flag.0 } else { listing.flag.1 }));
        }
    }

    /// Writes the SELECT of branch `number`: the subquery selects the page, the outer query reads its records whole.
    fn push(&self, query: &mut QueryBuilder<Postgres>, number: usize, workspace: WorkspaceId) {
        let Order { key, cast, descending } = self.listing.order(self.filter.done);
        let (order, compare) = if descending { ("desc", "<") } else { ("asc", ">") };
        let kind = self.listing.kind;
        let (table, columns) = (kind.plural(), reads::columns(kind));
        query.push(format!(
            "select {number}, {columns}, p.sort_key, p.position from (
                select t.id, ({key})::text as sort_key, row_number() over (order by {key} {order}, t.id {order}) as position
                from {table} t where t.deleted_at is null and t.workspace_id = "
        ));
        query.push_bind(workspace);
        self.push_conditions(query);
        if let Some(after) = self.after {
            query.push(format!(" and ({key}, t.id) {compare} (")).push_bind(after.key.clone());
            query.push(format!("::text::{cast}, ")).push_bind(after.id).push(")");
        }
        query.push(format!(" order by {key} {order}, t.id {order} limit {}) p join {table} t on t.workspace_id = ", self.limit));
        query.push_bind(workspace).push(" and t.id = p.id");
    }
}

/// Reads all branches with one statement. Rows are sorted by branch and row number.
async fn read(tx: &mut TenantTx, parts: &[Part<'_>]) -> Result<Vec<Row>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("");
    for (number, part) in parts.iter().enumerate() {
        query.push(if number == 0 { "" } else { " union all " });
        part.push(&mut query, number, tx.workspace());
    }
    let mut rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    rows.sort_by_key(|r| (r.0, r.11));
    Ok(rows)
}

/// Lists of the kinds of activity.
const LISTINGS: [&Listing; 3] = [&interactions::LISTING, &tasks::LISTING, &notes::LISTING];

/// Activities of a kind as whole records, at most `limit`: tasks by due date, others newest first.
///
/// # Errors
/// `NotFound`: `kind` is no activity. `Invalid`: `after` does not fit the sort order. `Database`.
pub async fn list(tx: &mut TenantTx, kind: EntityKind, filter: &Linked, after: Option<&Cursor>, limit: i64) -> Result<Page<Record>, StoreError> {
    let listing = LISTINGS.into_iter().find(|l| l.kind == kind).ok_or(StoreError::NotFound)?;
    let rows = read(tx, &[Part { listing, filter, about: None, after, limit: limit + 1 }]).await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.10.clone(), id: r.1 });
    Ok(Page { items: page.items.into_iter().map(|r| r.record(kind)).collect(), next: page.next })
}

/// The interactions, open tasks and notes of one record.
#[derive(Debug, Default)]
pub struct LinkedRecords {
    /// Newest first, at most 50.
    pub interactions: Vec<Record>,
    /// Earliest due date first, at most 20.
    pub tasks: Vec<Record>,
    /// Pinned ones first, then newest first; at most 50 of each.
    pub notes: Vec<Record>,
}

/// Reads the linked records of a record page with one statement.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn around(tx: &mut TenantTx, about: EntityKind, id: Uuid) -> Result<LinkedRecords, StoreError> {
    let [interactions, tasks, notes] = LISTINGS;
    let wanted = [(interactions, None, 50), (tasks, Some(false), 20), (notes, Some(true), 50), (notes, Some(false), 50)];
    let filters = wanted.map(|(_, done, _)| Linked { done, ..Linked::default() });
    let parts: Vec<Part<'_>> = wanted
        .iter()
        .zip(&filters)
        .map(|((listing, _, limit), filter)| Part { listing, filter, about: Some((about, id)), after: None, limit: *limit })
        .collect();
    let mut found = LinkedRecords::default();
    for row in read(tx, &parts).await? {
        let number = row.0 as usize;
        let Some(part) = parts.get(number) else { continue };
        let record = row.record(part.listing.kind);
        match number {
            0 => found.interactions.push(record),
            1 => found.tasks.push(record),
            _ => found.notes.push(record),
        }
    }
    Ok(found)
}

/// Number of open tasks due on each day from `from` to `to`, of all members or of `owner`. Days without tasks are left out.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
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
