//! The list of leads, and the page of a lead.

pub(crate) mod conversion;

use crate::{
    Conflict, StoreError, TenantTx,
    errors::page_mark,
    groups,
    records::hook::Hooks,
    records::page::{self, RecordPage},
    records::rows::Transition,
    searched::Searched,
    sorting::{Order, Sorts},
    tags::tagging,
};
use chrono::NaiveDate;
use domain::{
    Cursor, EntityKind, EventId, Page,
    leads::{Converted, Convertible, LeadId, LeadRow},
    lists::ListFilter,
};
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};

const SEARCHED: Searched =
    Searched { by: "name_key", about: "coalesce(t.company_name, t.email)", also: " or strpos(lower(company_name), $2) > 0 or strpos(email, $2) > 0" };

pub(crate) struct Leads;

impl Hooks for Leads {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);

    /// A converted lead keeps its status until the conversion is undone.
    async fn follow(_tx: &mut TenantTx, _event: EventId, rows: &[Transition<'_>]) -> Result<(), StoreError> {
        let set = |row: &crate::records::rows::Row, key: &str| row.get(key).is_some_and(|v| !v.is_null());
        let reopened = rows.iter().filter(|t| t.before.is_some()).filter_map(|t| t.after);
        for row in reopened {
            if set(row, "converted_at") && row.get("status").and_then(Value::as_str) != Some("converted") {
                return Err(Conflict::State("This lead is converted. Undo the conversion to change its status.".into()).into());
            }
        }
        Ok(())
    }
}

/// Data of a lead's page.
#[derive(Debug)]
pub struct LeadPage {
    pub page: RecordPage,
    pub converted: Converted,
    /// Empty for a converted lead.
    pub convertible: Convertible,
}

/// Reads a lead's page: the shared data, what the lead was converted to, else what it can be converted to.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn page(tx: &mut TenantTx, id: LeadId) -> Result<LeadPage, StoreError> {
    let page = page::read(tx, EntityKind::Lead, id.0).await?;
    let converted = conversion::read(tx, id).await?;
    let convertible = if converted.at.is_some() { Convertible::default() } else { conversion::options(tx, id).await? };
    Ok(LeadPage { page, converted, convertible })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: LeadId,
    version: i64,
    full_name: String,
    sort_key: String,
    group_key: Option<String>,
    group_name: Option<String>,
    company_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    status: String,
    quality: Option<String>,
    source: Option<String>,
    follow_up_date: Option<NaiveDate>,
    owner: Option<String>,
}

const SORTS: Sorts = &[
    ("", "name_key", "c.name_key", "text", "asc"),
    // A case, not coalesce, which Postgres holds for leaky: no condition on it reaches the index under a policy.
    (
        "followUp",
        "case when follow_up_date is null then 'infinity'::date else follow_up_date end",
        "case when c.follow_up_date is null then 'infinity'::date else c.follow_up_date end",
        "date",
        "asc",
    ),
    ("-created", "created_at", "c.created_at", "timestamptz", "desc"),
];

/// Writes the conditions of the filter, for the columns of `leads`.
fn narrow(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &ListFilter) {
    let q = filter.q.trim().to_lowercase();
    if !q.is_empty() {
        query.push(" and (strpos(name_key, ").push_bind(q.clone()).push(") > 0 or strpos(lower(company_name), ");
        query.push_bind(q.clone()).push(") > 0 or strpos(email, ").push_bind(q).push(") > 0)");
    }
    if let Some(status) = &filter.status {
        query.push(" and status = ").push_bind(status.clone());
    }
    if filter.follow_up.as_deref() == Some("due") {
        query
            .push(" and follow_up_date <= (select (now() at time zone my_time_zone())::date) and status not in ('converted', 'lost', 'unqualified')");
    }
    tagging::push_filter(query, tx, EntityKind::Lead, "id", filter.tag.as_deref());
    if let Some(owner) = filter.owner {
        query.push(" and owner_id = ").push_bind(owner);
    }
}

/// Leads, by name unless the filter says otherwise; at most `limit`.
///
/// # Errors
/// `Invalid`: `after` does not fit the sort order. `Database`.
pub async fn list(tx: &mut TenantTx, filter: &ListFilter, after: Option<&Cursor>, limit: i64) -> Result<Page<LeadRow>, StoreError> {
    let order = Order::of(EntityKind::Lead, SORTS, filter);
    let Order { by_c, direction, group, .. } = &order;
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select c.id, c.version, c.full_name, ({by_c})::text as sort_key, {group}, c.company_name, c.email, c.phone, c.status, c.quality, c.source,
            c.follow_up_date, o.name as owner
         from (select * from leads where workspace_id = ",
    ));
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    narrow(&mut query, tx, filter);
    order.push_page(&mut query, after, limit);
    query.push(format!(
        ") c left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id order by {by_c} {direction}, c.id {direction}"
    ));
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.sort_key.clone(), id: r.id.0 });
    let items = page.items.into_iter().map(|r| LeadRow {
        id: r.id,
        version: r.version,
        full_name: r.full_name,
        company_name: r.company_name,
        email: r.email,
        phone: r.phone,
        status: r.status,
        quality: r.quality,
        source: r.source,
        follow_up_date: r.follow_up_date,
        owner: r.owner,
        group: groups::of_row(r.group_key, r.group_name),
    });
    let mut items: Vec<LeadRow> = items.collect();
    groups::count(tx, EntityKind::Lead, order.grouped, items.iter_mut().filter_map(|r| r.group.as_mut()), |query, tx| narrow(query, tx, filter))
        .await?;
    Ok(Page { items, next: page.next })
}
