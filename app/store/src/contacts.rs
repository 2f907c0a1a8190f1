//! The people list, and the page of a contact.

use crate::{
    StoreError, TenantTx, deals,
    errors::page_mark,
    groups,
    records::hook::Hooks,
    records::page::{self, RecordPage},
    searched::Searched,
    sorting::{Order, Sorts},
    tags::tagging,
};
use chrono::{DateTime, Utc};
use domain::{CompanyId, ContactId, Cursor, EntityKind, Page, contacts::ContactRow, deals::RelatedDeals, lists::ListFilter};
use sqlx::{Postgres, QueryBuilder};

const SEARCHED: Searched = Searched {
    by: "name_key",
    about: "coalesce((select c.name from companies c where c.workspace_id = $1 and c.id = t.company_id and c.deleted_at is null), t.job_title)",
    also: " or id in (select e.contact_id from contact_emails e where e.workspace_id = $1 and strpos(e.value, $2) > 0)",
};

pub(crate) struct Contacts;

impl Hooks for Contacts {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);
}

/// Data of a contact's page.
#[derive(Debug)]
pub struct ContactPage {
    pub page: RecordPage,
    pub deals: RelatedDeals,
}

/// Reads a contact's page: the shared data and its deals.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn page(tx: &mut TenantTx, id: ContactId) -> Result<ContactPage, StoreError> {
    let page = page::read(tx, EntityKind::Contact, id.0).await?;
    let deals = deals::related(tx, None, Some(id)).await?;
    Ok(ContactPage { page, deals })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ContactId,
    version: i64,
    full_name: String,
    sort_key: String,
    group_key: Option<String>,
    group_name: Option<String>,
    job_title: Option<String>,
    company_id: Option<CompanyId>,
    company: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    owner: Option<String>,
    status: String,
    warmness_score: i32,
    last_contacted: Option<DateTime<Utc>>,
}

/// People somebody meant to get back to by today.
const FOLLOW_UP_DUE: &str = " and (next_follow_up <= (select (now() at time zone my_time_zone())::date) or id in (
    select i.contact_id from interactions i where i.workspace_id = (select current_workspace_id()) and i.follow_up_required
        and i.follow_up_date <= (select (now() at time zone my_time_zone())::date) and i.deleted_at is null and i.contact_id is not null))";

/// How many of them there are, as far as the actor sees them.
pub(crate) async fn follow_ups_due(tx: &mut TenantTx) -> Result<i64, StoreError> {
    // A union of two index scans: no index serves an OR over two tables, which scans all contacts.
    Ok(sqlx::query_scalar(
        "select count(*) from (
            select id from contacts where workspace_id = $1 and deleted_at is null and next_follow_up <= (select (now() at time zone my_time_zone())::date)
            union
            select c.id from interactions i join contacts c on c.workspace_id = i.workspace_id and c.id = i.contact_id and c.deleted_at is null
            where i.workspace_id = $1 and i.deleted_at is null and i.follow_up_required and i.follow_up_date <= (select (now() at time zone my_time_zone())::date)
         ) due",
    )
    .bind(tx.workspace())
    .fetch_one(tx.conn())
    .await?)
}

const SORTS: Sorts = &[
    ("", "name_key", "c.name_key", "text", "asc"),
    // A case, not coalesce, which Postgres holds for leaky: no condition on it reaches the index under a policy.
    (
        "attention",
        "case when last_contacted is null then '-infinity'::timestamptz else last_contacted end",
        "case when c.last_contacted is null then '-infinity'::timestamptz else c.last_contacted end",
        "timestamptz",
        "asc",
    ),
    ("-created", "created_at", "c.created_at", "timestamptz", "desc"),
    ("-warmth", "warmness_score", "c.warmness_score", "int", "desc"),
];

/// Writes the conditions of the filter, for the columns of `contacts`.
fn narrow(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &ListFilter) {
    let q = filter.q.trim().to_lowercase();
    if !q.is_empty() {
        query
            .push(" and (strpos(name_key, ")
            .push_bind(q.clone())
            .push(") > 0 or id in (select contact_id from contact_emails where workspace_id = ");
        query.push_bind(tx.workspace()).push(" and strpos(value, ").push_bind(q).push(") > 0))");
    }
    if let Some(company) = filter.company {
        query.push(" and company_id = ").push_bind(company);
    }
    if filter.follow_up.as_deref() == Some("due") {
        query.push(FOLLOW_UP_DUE);
    }
    if let Some(status) = &filter.status {
        query.push(" and status = ").push_bind(status.clone());
    }
    tagging::push_filter(query, tx, EntityKind::Contact, "id", filter.tag.as_deref());
    if let Some(owner) = filter.owner {
        query.push(" and owner_id = ").push_bind(owner);
    }
}

/// Contacts, by name unless the filter says otherwise, within groups by name too; at most `limit`.
///
/// # Errors
/// `Invalid`: `after` does not fit the sort order. `Database`.
pub async fn list(tx: &mut TenantTx, filter: &ListFilter, after: Option<&Cursor>, limit: i64) -> Result<Page<ContactRow>, StoreError> {
    let order = Order::of(EntityKind::Contact, SORTS, filter);
    let Order { by_c, direction, group, .. } = &order;
    // Cut to a page before joining: the joins then touch 51 rows, not the workspace.
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select c.id, c.version, c.full_name, ({by_c})::text as sort_key, {group}, c.job_title, c.company_id, co.name as company,
            e.value as email, p.value as phone, o.name as owner, c.status, c.warmness_score, c.last_contacted
         from (select * from contacts where workspace_id = ",
    ));
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    narrow(&mut query, tx, filter);
    order.push_page(&mut query, after, limit);
    query.push(format!(
        ") c
         left join companies co on co.workspace_id = c.workspace_id and co.id = c.company_id and co.deleted_at is null
         left join contact_emails e on e.workspace_id = c.workspace_id and e.contact_id = c.id and e.is_primary
         left join contact_phones p on p.workspace_id = c.workspace_id and p.contact_id = c.id and p.is_primary
         left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id
         order by {by_c} {direction}, c.id {direction}"
    ));
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.sort_key.clone(), id: r.id.0 });
    let items = page.items.into_iter().map(|r| ContactRow {
        id: r.id,
        version: r.version,
        full_name: r.full_name,
        job_title: r.job_title,
        company_id: r.company_id,
        company: r.company,
        email: r.email,
        phone: r.phone,
        owner: r.owner,
        status: r.status,
        warmness_score: r.warmness_score,
        last_contacted: r.last_contacted,
        group: groups::of_row(r.group_key, r.group_name),
    });
    let mut items: Vec<ContactRow> = items.collect();
    groups::count(tx, EntityKind::Contact, order.grouped, items.iter_mut().filter_map(|r| r.group.as_mut()), |query, tx| narrow(query, tx, filter))
        .await?;
    Ok(Page { items, next: page.next })
}
